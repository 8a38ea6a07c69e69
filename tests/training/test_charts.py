"""The charts of runs: where plotly puts a note, and what one network that goes astray does to the others."""

from math import log, log10

import numpy as np
import pytest

from explorer.models.spec import Spec
from explorer.training.plan import Plan
from explorer.training.recipe import PRESETS
from explorer.training.results.charts import CurvesLook, PublishedMark, curves_chart
from explorer.training.results.grouping import Group, Seen
from explorer.training.runs.curves import Curve, Norms
from explorer.training.runs.store import Run

STEP = np.arange(1, 101)


def seen(loss: float) -> Seen:
    """A hundred steps at that loss, all pictures wrong."""
    run = Run("0000000a", "2026-01-01T00:00:00", "0000000b", "degradation", "net", "", steps=100)
    group = Group("net", Plan(Spec("model_defs", "CIFAR ResNet"), "shapes10", PRESETS["quick"]), "#000", False, (run,))
    curve = Curve(1, STEP, np.full(100, loss), np.ones(100), STEP[-1:], np.ones(1))
    return Seen(group, (curve,), Norms(1, STEP, np.ones((100, 2), dtype="<f4")))


def guessing(quantity: str, logarithmic: bool) -> dict[str, object]:
    figure = curves_chart([seen(2.0)], CurvesLook(quantity, logarithmic=logarithmic), 10)
    return next(note.to_plotly_json() for note in figure.layout.annotations if note.text.startswith("guessing"))


def test_the_note_at_a_line_stands_at_the_line_on_a_logarithmic_axis_too():
    # Plotly's reference of layout.annotations.y: on a logarithmic axis, the logarithm of the value.
    assert guessing("loss", logarithmic=False)["y"] == pytest.approx(log(10))
    assert guessing("loss", logarithmic=True)["y"] == pytest.approx(log10(log(10)))
    assert guessing("error", logarithmic=True)["y"] == pytest.approx(log10(0.9))


def test_a_loss_is_a_number_and_an_error_a_share():
    assert guessing("loss", False)["text"] == "guessing: 2.303"
    assert guessing("error", False)["text"] == "guessing: 90%"


def test_one_network_that_goes_astray_does_not_press_the_others_flat():
    look = CurvesLook("loss")
    assert curves_chart([seen(2.0)], look, 10).layout.yaxis.range is None
    assert curves_chart([seen(2.0), seen(42.0)], look, 10).layout.yaxis.range == pytest.approx((0, 1.5 * log(10)))


def test_a_published_error_is_named_on_the_chart():
    marks = [PublishedMark("<b>net</b>", value, "a paper", False) for value in (0.07, 0.09, 0.08)]
    drawn = [trace for trace in curves_chart([seen(2.0)], CurvesLook(), 10, marks).data if trace.text]
    assert {trace.name for trace in drawn} == {"&lt;b&gt;net&lt;/b&gt;, published"}
    assert [trace.text for trace in drawn] == [("",), ("published",), ("",)]  # once: they lie close together
