"""Answers are read as people write them, and judged by what is computed; hostile ones are sentences."""

import numpy as np
import pytest

from explorer.lessons.answers import POWERS, how_far, judge, meant, read_written
from explorer.lessons.lesson import Answer, LessonQuestion, Passage
from explorer.lessons.quantities import ComputedQuantity, Subject
from explorer.models.selection import ModelSelection
from explorer.training.runs.recorded_runs import collection
from tests.node import run_module

SUBJECT = Subject({"": ModelSelection("model_defs", "ResNet", "ResNet-50").spec})
RUNS = Subject(runs=collection().of("degradation", "quick"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,5 M", 1.5e6), ("1e6", 1e6), ("1.5 million", 1.5e6), ("25,557,032", 25557032), ("25.557.032", 25557032),
        ("25 557 032", 25557032), ("1'000'000", 1e6), ("1,500", 1500), ("1.500", 1.5), ("0,125", 0.125),
        ("2 × 10⁶", 2e6),
        ("2*10^6", 2e6), ("10⁶", 1e6), ("12 %", 0.12), ("-3", -3), ("−3", -3), ("4.09G", 4.09e9), ("1,234.5", 1234.5),
        ("1.234,5", 1234.5), ("10 MiB", 10 * 2**20), ("427 px", 427), ("3 million parameters", 3e6), ("1e-3", 1e-3),
        ("3.38.", 3.38), (".5", 0.5), ("-,5", -0.5), ("~16k", 16e3), ("≈ 1,500!", 1500), ("147.456.", 147.456),
    ],
)  # fmt: skip
def test_a_number_is_understood(text, value):
    assert read_written(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "nan",
        "inf",
        "1e999",
        "9" * 200,
        "1,2,3.4.5",
        "٣",
        "½",
        "--1",
        "0x10",
        "1; 2",
        "1.2.3",
        "1,2,345",
        "\x00",
    ],
)
def test_what_is_no_number_is_none(text):
    assert read_written(text) is None


def test_a_lesson_taken_along_as_a_file_reads_numbers_alike():
    texts = (
        "1,5 M|1e6|1.5 million|25,557,032|25.557.032|2 × 10⁶|10⁻³|12 %|-3|−3|4.09G|1.234,5|10 MiB|427 px|abc||1,2,3.4.5"
    )
    texts = [
        *texts.split("|"),
        "3 million parameters",
        "1e999",
        "--1",
        "0x10",
        "1 000",
        "1'000'000",
        "½",
        "3/4",
        "147.456",
        "147.456.",
        "≈ .5!",
        "1.2.3",
    ]
    rights = [ComputedQuantity(0.2, "share"), ComputedQuantity(76.1, "percent"), ComputedQuantity(147_456, "params")]
    asked = [(text, right) for text in texts for right in rights]
    told = run_module(
        *("lesson_file.js", "meantNumber"),
        "given.asked.map(([text, right, kind]) => meantNumber(text, given.powers, right, kind))",
        {"powers": POWERS, "asked": [(text, right.value, right.kind) for text, right in asked]},
    )
    assert told == [
        pytest.approx(value) if (value := meant(text, right)) is not None else None for text, right in asked
    ]
    assert sum(value is not None for value in told) > 50


@pytest.mark.parametrize(
    ("value", "right", "words"),
    [
        (10_000, 1000, "10 × too large"),
        (100, 1000, "10 × too small"),
        (1120, 1000, "12 % too large"),
        (151_700, 151_738, "A little too small"),
        (12, 14, "2 too few"),
        (4, 3, "1 too many"),
        (1_500_000, 3, "500,000 × too large"),
        (1e9, 500, "More than a million times too large"),
        (-1, 100, "Too small"),
        (1, 0, "Not so"),
    ],
)
def test_how_far_off(value, right, words):
    assert how_far(value, right) == words


def number(asked: str = "params of stage1.1", **how) -> LessonQuestion:
    return LessonQuestion("number", Passage(), 1, asked, **how)


def test_a_number_is_judged_by_the_live_network():
    assert judge(number(), "70,400", SUBJECT).sentence == "Exactly: 70,400."
    near = judge(number(within=0.1, unit="parameters"), "72 k", SUBJECT)
    assert near.right and near.sentence == "Right, near enough: it is 70,400 parameters."
    far = judge(number(), "704 k", SUBJECT)
    assert far.right is False and far.sentence == "10 × too large: it is 70,400."
    assert judge(number("test error of plain-56", within=0.9), "70", RUNS).right


@pytest.mark.parametrize(
    ("text", "kind", "right", "value"),
    [
        ("4,73 %", "points", 4.73, 4.73),
        ("76.1 %", "percent", 76.13, 76.1),
        ("20", "share", 0.2, 0.2),
        ("147.456", "", 147_456, 147_456),
        ("3.375", "ratio", 3.375, 3.375),
        ("27/8", "ratio", 3.375, 3.375),
        ("1 / 8", "ratio", 0.125, 0.125),
    ],
)
def test_what_can_be_read_in_two_ways_is_read_in_the_likelier(text, kind, right, value):
    assert meant(text, ComputedQuantity(right, kind)) == pytest.approx(value)


def test_a_plain_number_is_told_in_the_unit_of_the_other():
    question = listed("choice", ("many", "test error of plain-56 > 0.005"))
    assert judge(question, 0, RUNS).sentence.endswith("%, more than 0.5 %.")


def listed(kind: str, *answers: tuple[str, str]) -> LessonQuestion:
    return LessonQuestion(kind, Passage(), 1, answers=tuple(Answer(Passage(text), rule, 1) for text, rule in answers))


def test_a_choice_is_right_where_its_condition_holds_and_says_by_which_figures():
    one, other = "params of stage1.1.conv1", "params of stage1.1.conv2"
    question = listed(
        "choice", ("the <em>first</em>", f"{one} > {other}"), ("the second", f"{other} > {one}"), ("neither", "")
    )
    assert judge(question, 1, SUBJECT).right
    wrong = judge(question, 0, SUBJECT)
    assert (wrong.said, wrong.right) == ("the first", False)
    told = "Right is “the second”: 36,864, more than 16,384."
    assert wrong.sentence == f"Not so. {told}"
    assert judge(listed("choice", ("few", f"{one} < 20000")), 0, SUBJECT).sentence == "Right: 16,384, less than 20,000."
    assert judge(question, 2, SUBJECT).right is False


def test_an_order_is_that_of_the_costs():
    question = listed("order", ("one", "params of stage1"), ("four", "params of stage4"), ("two", "params of stage2"))
    assert judge(question, [1, 2, 0], SUBJECT).right
    wrong = judge(question, [0, 1, 2], SUBJECT)
    assert wrong.right is False and wrong.sentence.startswith("Not so. The largest first: four")


def test_a_curve_is_held_against_the_run_and_not_judged():
    question = LessonQuestion("curve", Passage(), 1, "training loss of plain-56")
    verdict = judge(question, [2.0] * 5, RUNS)
    assert verdict.right is None and verdict.points == (2.0,) * 5
    assert verdict.sentence.startswith("On average what you drew lies 0.")


@pytest.mark.parametrize(
    "said",
    [None, "", "x" * 10**6, [], [1], ["a"] * 5, [float("nan")] * 5, -1, 99, True, {}, [[]], b"x", 1e400, [0, 0, 0]],
)
@pytest.mark.parametrize("kind", ["number", "choice", "order", "curve", "words"])
def test_hostile_answers_are_sentences(kind, said):
    asked = {"number": "params", "curve": "training loss of plain-56"}.get(kind, "")
    rules = (("a", "params > 1"), ("b", "params"), ("c", "macs"))
    question = LessonQuestion(kind, Passage(), 1, asked, answers=listed(kind, *rules).answers)
    if kind == "choice":
        question = listed(kind, ("a", "params > 1"), ("b", "params < 1"))
    if kind == "order":
        question = listed(kind, *rules[1:])
    try:
        verdict = judge(question, said, Subject(SUBJECT.networks, RUNS.runs))
    except ValueError as error:
        assert str(error)
    else:
        assert len(verdict.said) <= 2000 and np.isfinite(verdict.points).all()
