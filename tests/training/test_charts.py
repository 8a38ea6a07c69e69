"""The charts of runs: where plotly puts a note, and what one network that goes astray does to the others."""

from dataclasses import replace
from itertools import pairwise
from math import log, log10

import numpy as np
import pytest

from explorer.models.spec import Spec
from explorer.training.plan import Plan
from explorer.training.recipe import PRESETS
from explorer.training.results.charts import CurvesLook, PublishedMark, bar_ticks, curves_chart, cut_off, norms_chart
from explorer.training.results.curve_names import LINE, spread
from explorer.training.results.grouping import Group, Seen
from explorer.training.results.score import ScoreKind
from explorer.training.runs.curves import Curve, Norms
from explorer.training.runs.store import Run

STEP = np.arange(1, 101)


def seen(loss: float, title: str = "net") -> Seen:
    """A hundred steps at that loss, all pictures wrong."""
    plan = Plan(Spec("model_defs", "CIFAR ResNet"), "shapes10", replace(PRESETS["quick"], subset=640))
    run = Run("0000000a", "2026-01-01T00:00:00", "0000000b", "degradation", title, plan.json(), steps=100)
    group = Group(title, plan, "#000", False, (run,))
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


def test_a_curve_that_leaves_the_chart_is_said_to_with_its_loss():
    (told,) = cut_off([seen(3.4), seen(3.6e9, "dropout *0.5*")], CurvesLook(), 10)
    assert told.startswith("dropout \\*0.5\\* leaves the chart, whose loss axis ends at 3.45: ")
    assert told.endswith("its training loss went up to 3.6 · 10⁹ and has not come back.")
    loss = np.where(STEP < 10, 40.0, 1.25)
    back = seen(2.0)
    back = replace(back, curves=(replace(back.curves[0], loss=loss),))
    (told,) = cut_off([back], CurvesLook(smooth=False), 10)
    assert told.endswith("its training loss went up to 40.00 and is at 1.25 now.")
    for look in (CurvesLook("error"), CurvesLook(logarithmic=True)):
        assert cut_off([seen(3.6e9)], look, 10) == ()  # all of it is on the chart


def test_a_published_error_is_named_on_the_chart():
    marks = [PublishedMark("<b>net</b>", value, "a paper", False, "#d55e00") for value in (0.07, 0.09, 0.08)]
    drawn = [trace for trace in curves_chart([seen(2.0)], CurvesLook(), 10, marks).data if trace.text]
    assert {trace.name for trace in drawn} == {"&lt;b&gt;net&lt;/b&gt;, published"}
    assert [trace.text for trace in drawn] == [("",), ("published",), ("",)]  # once: they lie close together


def test_epochs_are_steps_shared_by_the_steps_of_one():
    figure = curves_chart([seen(2.0)], CurvesLook(epochs=True, smooth=False), 10)
    assert figure.data[0].x.tolist() == (STEP / 5).tolist()  # 640 pictures, 128 a step
    assert figure.layout.xaxis.range == (0, 20) and figure.layout.xaxis.title.text == "epoch"
    norms = norms_chart([seen(2.0)], epochs=True)
    assert norms.data[0].x.tolist() == (STEP / 5).tolist() and norms.layout.xaxis.range == (0, 20)


def test_accuracy_is_what_the_error_leaves_and_a_loss_stays_a_loss():
    figure = curves_chart([seen(2.0)], CurvesLook("error", smooth=False, score=ScoreKind("accuracy")), 10, [MARK])
    assert [note.text for note in figure.layout.annotations[:2]] == ["Training accuracy", "Test accuracy"]
    assert figure.data[0].y.max() == 0 and figure.data[1].y.tolist() == [0]  # all wrong
    assert figure.data[2].y == pytest.approx((0.93,))
    assert [note.text for note in figure.layout.annotations[2:4]] == ["guessing: 10%"] * 2
    loss = curves_chart([seen(2.0)], CurvesLook("loss", smooth=False, score=ScoreKind("accuracy")), 10)
    assert loss.data[0].y.tolist() == [2.0] * 100 and loss.layout.annotations[0].text == "Training loss"


MARK = PublishedMark("net", 0.07, "a paper", False, "#d55e00")


@pytest.mark.parametrize("logarithmic", [False, True])
def test_every_curve_is_named_at_its_end_and_no_name_lies_on_another(logarithmic: bool):
    titles = ["<b>one</b>", "two", "three"]
    look = CurvesLook(logarithmic=logarithmic)
    figure = curves_chart([seen(2.0, title) for title in titles], look, 10)
    notes = [note for note in figure.layout.annotations if "■" in note.text]
    assert len(notes) == 6 and "&lt;b&gt;one" in notes[0].text
    left = [note for note in notes if note.xref == "x"]
    assert {note.x for note in left} == {100} and {note.y for note in left} == {log10(2.0) if logarithmic else 2.0}
    assert all(abs(one.yshift - other.yshift) >= LINE for one, other in pairwise(left))


def test_between_the_charts_there_is_room_for_the_longest_name():
    def room(*titles: str) -> float:
        figure = curves_chart([seen(2.0, title) for title in titles], CurvesLook(), 10)
        return figure.layout.xaxis2.domain[0] - figure.layout.xaxis.domain[1]

    assert room("plain-8", "ResNet-56") == room("ResNet-56") > room("plain-8") > 0.19
    assert room("one name of several lines and many words") <= room("14-letters-are") < 0.3


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (-2.5, 0.3, ["10<sup>-2</sup>", "10<sup>-1</sup>", "10<sup>0</sup>"]),
        (-1.2, -0.3, ["0.1", "0.2", "0.5"]),
        (-4.8, -4.1, ["2 · 10⁻⁵", "5 · 10⁻⁵"]),
        (0.05, 0.25, ["1.1", "1.4", "1.8"]),
    ],
)
def test_a_bar_of_colours_has_two_numbers_at_least(low: float, high: float, told: list[str]):
    ticks, texts = bar_ticks(low, high)
    assert texts == told and len(ticks) == len(told) and low <= min(ticks) <= max(ticks) <= high


def test_between_powers_of_ten_a_tick_says_its_power():
    shown = (
        norms_chart([seen(2.0)]).layout.yaxis,
        curves_chart([seen(2.0)], CurvesLook(logarithmic=True), 10).layout.yaxis,
    )
    assert [axis.minorloglabels for axis in shown] == ["complete"] * 2


def test_names_are_pushed_apart_both_ways_and_not_below_the_axis():
    assert spread([50.0, 50.0], [16, 16]) == [42.0, 58.0]
    assert spread([0.0, 100.0], [16, 16]) == [0.0, 100.0]
    assert spread([4.0, 4.0, 4.0], [16, 16, 16]) == [0.0, 16.0, 32.0]
    assert spread([], []) == []
