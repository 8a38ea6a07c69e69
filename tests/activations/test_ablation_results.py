"""The sentences and charts of blocks taken out follow from the figures; what ships is of the shipped weights."""

import json
from dataclasses import asdict

import pytest

from explorer.activations.ablation import AblationUnit
from explorer.activations.ablation_results import ablation_words, dots_chart, seed_spans, seen_ablation, sweep_chart
from explorer.paths import ASSETS
from explorer.training.runs.pretrained_weights import shipped_head, ships
from explorer.training.runs.recorded_runs import collection

UNITS = [
    asdict(AblationUnit("a", "the shortcut", group="8×4×4")),
    asdict(AblationUnit("b", "", "another shape")),
    asdict(AblationUnit("c", "the shortcut", group="8×4×4")),
]
SWEEP = [
    {"units": UNITS, "whole": 3},
    {"unit": "", "wrong": 20, "count": 100},
    {"unit": "a", "wrong": 23, "count": 100},
    {"unit": "c", "wrong": 70, "count": 100},
]


def test_a_sweep_is_said_in_figures() -> None:
    seen = seen_ablation(SWEEP)
    assert seen.share == 1 and seen.count == 100 and not seen.plain
    (words,) = ablation_words({"Net": seen}, "one", 0.9)
    assert "20.0% wrong with all its blocks, without one of them 23.0% to 70.0%" in words
    assert "1 of 2 cost less than 5 points; c costs most, +50.0 points" in words


def test_seeds_are_a_line_from_the_least_to_the_most_at_each_bar() -> None:
    one, two, half = (
        seen_ablation([SWEEP[0], *({"unit": unit, "wrong": wrong, "count": 100} for unit, wrong in told.items())])
        for told in ({"": 20, "a": 23, "c": 70}, {"": 18, "a": 30, "c": 60}, {"": 22, "a": 20})
    )
    assert seed_spans(one, []) == {}
    assert seed_spans(one, [two, half]) == {"": (0.18, 0.22), "a": (0.2, 0.3)}  # of c one is still under way
    spans = {"Net": seed_spans(one, [two, half])}
    bars = sweep_chart({"Net": one}, {"Net": "#000000"}, (), spans).data[0]
    assert bars.error_y.array == pytest.approx((0.07, 0)) and bars.error_y.arrayminus == pytest.approx((0.03, 0))


def test_a_network_that_guesses_has_nothing_to_lose() -> None:
    assert "nothing to lose" in ablation_words({"Net": seen_ablation(SWEEP)}, "one", 0.2)[0]
    assert "nothing to lose" not in ablation_words({"Net": seen_ablation(SWEEP)}, "one", 0.9)[0]


def test_the_last_count_of_a_bar_holds() -> None:
    seen = seen_ablation([*SWEEP, {"unit": "a", "wrong": 60, "count": 200}])
    assert seen.errors["a"] == 0.3 and seen.count == 200


def test_what_cannot_be_taken_out_is_a_bar_without_a_click() -> None:
    figure = sweep_chart({"Net": seen_ablation(SWEEP)}, {"Net": "#000000"}, ("c",))
    bars = {trace.name: trace for trace in figure.data}
    assert list(bars["Net"].customdata) == ["a", "c"] and list(bars["Net"].marker.line.width) == [0, 3]
    grey = bars["Net: cannot be taken out"]
    assert grey.customdata is None and "another shape" in grey.hovertext[0]


def test_draws_are_said_as_means() -> None:
    told = [(0, 0, 20), (0, 1, 24), (0, 2, 60), (1, 0, 20), (1, 1, 40), (1, 2, 80)]
    pieces = [{"draw": draw, "k": k, "wrong": wrong, "count": 100} for draw, k, wrong in told]
    seen = seen_ablation([{"units": UNITS, "whole": 6}, *pieces])
    (words,) = ablation_words({"Net": seen}, "random", 0.9)
    assert "20.0% wrong with all blocks; ten points are lost without 1 of 2" in words and "70.0%" in words
    assert {trace.mode for trace in dots_chart({"Net": seen}, {"Net": "#000000"}, "random").data} == {
        "markers",
        "lines",
    }
    pieces = [
        {"draw": 0, "moved": moved, "wrong": wrong, "count": 100} for moved, wrong in ((0, 20), (0.1, 30), (0.6, 90))
    ]
    (words,) = ablation_words({"Net": seen_ablation([{"units": UNITS, "whole": 3}, *pieces])}, "order", 0.9)
    assert "20.0% wrong as trained" in words and "30.0% to 30.0%" in words and "60% turned round 90.0%" in words


@pytest.mark.parametrize("run", [run for run in collection().runs() if ships(run)], ids=lambda run: run.title)
def test_what_ships_begins_with_the_error_that_the_run_recorded(run) -> None:
    recorded = json.loads((ASSETS / "ablation.json").read_text(encoding="utf-8"))[run.id]
    seen = seen_ablation(recorded["one"])
    recorded_error = float(shipped_head(run)["test_error"])  # of a quick run on the same 1,000 pictures, else on all
    assert seen.errors[""] == pytest.approx(recorded_error, abs=1e-6 if run.step == 150 else 0.04)
    assert seen.share == 1 and seen.count == 1000
    assert seen.plain == ("ResNet" not in run.title)
    for task in ("random", "order"):
        assert seen_ablation(recorded[task]).share == 1
