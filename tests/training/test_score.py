"""Where accuracy stands on the axes, the words and numbers around the charts say accuracy as well."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.models.spec import Spec
from explorer.training.results.findings import Result, run_findings
from explorer.training.results.score import ERROR, ScoreKind
from explorer.training.runs.recorded_runs import collection

ACCURACY = ScoreKind("accuracy")


def test_an_accuracy_is_what_an_error_leaves() -> None:
    assert (ERROR.percent(0.187), ACCURACY.percent(0.187)) == ("18.7%", "81.3%")
    assert ERROR.percent(None) == ACCURACY.percent(float("nan")) == "–"
    assert (ERROR.change(2.0), ACCURACY.change(2.0)) == ("2.0 points lower", "2.0 points higher")
    assert (ERROR.change(-2.0), ACCURACY.change(-2.0)) == ("2.0 points higher", "2.0 points lower")
    assert ACCURACY.change(0.0) == "no difference"
    assert ACCURACY.share(np.array([0.0, 0.25])).tolist() == [1.0, 0.75]


def test_the_best_comes_first_in_both() -> None:
    one = Result("one", Spec("model_defs", "VGG", ()), 10, 1.0, 0.4, 100, 100)
    both = [one, replace(one, name="other", test_error=0.3)]
    assert "Test error: other 30.0%, one 40.0%." in run_findings(both, 10)
    assert "Test accuracy: other 70.0%, one 60.0%." in run_findings(both, 10, ACCURACY)


@pytest.mark.parametrize(("length", "key"), [("full", "degradation"), ("full", "exercise3")])
def test_the_page_says_accuracy_where_accuracy_is_chosen(
    length: str, key: str, open_page: Callable[..., AppTest]
) -> None:
    runs = ",".join(run.id for run in collection().of(key, length))
    app = open_page("train", experiment=key, length=length, runs=runs, score="accuracy", axis="epochs")
    assert not app.exception
    said = " ".join(each.value for each in (*app.markdown, *app.caption))
    assert "test accuracy" in said[said.index("<table") :]
    assert ("13.25% (86.75%)" in said) == (key == "degradation")  # a published error, named plainly as what it is
    ours = said.replace("published test error (and accuracy)", "").lower()
    assert "test error" not in ours and "error here" not in ours
