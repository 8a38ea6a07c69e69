"""What a visitor answered: read in whatever way one writes a number, and judged by what was computed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np

from explorer.formatting import join_words, rough
from explorer.lessons.lesson import Answer, LessonQuestion
from explorer.lessons.lesson_parser import COMPUTED
from explorer.lessons.quantities import ALIKE, CONDITION, ComputedQuantity, Subject, computed, find_run, holds, timed_on
from explorer.training.runs.curves import SeedBand, evaluated, measured

LONGEST = 2000  # letters of an answer that are kept
POINTS = 5  # of a curve that is drawn by hand
POWERS = {
    **dict.fromkeys(("k", "thousand", "tsd", "tausend"), 1e3),
    **dict.fromkeys(("m", "mio", "mn", "million", "millions", "millionen"), 1e6),
    **dict.fromkeys(("g", "b", "bn", "mrd", "billion", "billions", "milliard", "milliarden"), 1e9),
    **dict.fromkeys(("t", "trillion", "trillions"), 1e12),
    "kb": 1e3,
    "mb": 1e6,
    "gb": 1e9,
    "kib": 2.0**10,
    "mib": 2.0**20,
    "gib": 2.0**30,
    "%": 0.01,
    "percent": 0.01,
}
WRITTEN = re.compile(
    r"(?P<sign>[-−+]?)\s*(?P<digits>\d[\d.,'’_ \u00a0\u202f]*)(?:e(?P<e>[-+−]?\d{1,3}))?"
    r"(?:\s*[x×*·]\s*10\s*\^\s*(?P<ten>[-+−]?\d{1,3}))?\s*(?P<unit>[a-zµ%]*)(?P<rest>[^\d]*)"
)
SUPERSCRIPTS = {ord(mark): digit for mark, digit in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)}
FRACTION = re.compile(r"(\d{1,9}) ?/ ?([1-9]\d{0,8})", re.ASCII)
POINTED = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII)
FEW = 200  # things that one counts: how far one is off is told in things
ROUNDED = 1.5  # times the right number: nearer than that it is told in per cent


@dataclass(frozen=True)
class AnswerVerdict:
    """One answer to one question: what was said, and what was computed."""

    said: str
    right: bool | None  # None: it is not judged
    sentence: str  # in plain words
    points: tuple[float, ...] = ()  # of a curve


@dataclass(frozen=True)
class Prediction:
    """What a visitor answered to a question, and saw afterwards. What it is worth is computed when it is shown."""

    said: Any  # as `judge` takes it
    seen: str = ""


@dataclass
class VisitorRecord:
    """What a visitor has made of the lessons in this tab of the browser."""

    given: dict[tuple[str, int], Prediction] = field(default_factory=dict)  # by lesson and step
    reached: dict[str, int] = field(default_factory=dict)  # of each lesson the last step that was gone to
    done: set[str] = field(default_factory=set)  # lessons


def read_written(text: str) -> float | None:
    """1,5 M; 1e6; 1.5 million; 25,557,032; 2 × 10⁶; 12 %. None where that is no number."""
    words = trimmed(re.sub(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: "10^" + found[1].translate(SUPERSCRIPTS), text[:80]))
    words = f"1 × {words}" if words.startswith("10^") else words
    found = WRITTEN.fullmatch(words)
    digits = plain_digits(found["digits"].strip()) if found else None
    if not found or digits is None:
        return None
    power = int((found["e"] or found["ten"] or "0").replace("−", "-"))
    value = float(digits) * POWERS.get(found["unit"], 1.0) * (10.0**power if abs(power) < 100 else float("inf"))
    return (-value if found["sign"] in ("-", "−") else value) if isfinite(value) and value < 1e30 else None


def trimmed(written: str) -> str:
    """Without what stands around a number, and with what may be left out before a point: ≈ .5 M! is 0.5 m."""
    return re.sub(r"^([-−+]?)(?=[.,]\d)", r"\g<1>0", written.strip().lstrip("~≈ ").rstrip(".,!? ")).lower()


def plain_digits(written: str) -> str | None:
    """Digits with at most one point. A comma or point before exactly three digits parts thousands where there are
    several, and a comma does where there is one, as on our pages: 1,500 is 1500 and 1,5 is 1.5."""
    digits = re.sub(r"(?<=\d)[ '’_\u00a0\u202f](?=\d)", "", written)
    commas, points = digits.count(","), digits.count(".")
    if commas and points:
        last = max(digits.rfind(","), digits.rfind("."))
        if digits.count(digits[last]) > 1:
            return None
        digits = re.sub("[.,]", "", digits[:last]) + "." + digits[last + 1 :]
    elif commas > 1 or points > 1:
        if not re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits):
            return None
        digits = re.sub("[.,]", "", digits)
    elif commas and re.fullmatch(r"[1-9]\d{0,2},\d{3}", digits):
        digits = digits.replace(",", "")
    digits = digits.replace(",", ".")
    return digits if re.fullmatch(r"\d{1,40}(\.\d*)?", digits, re.ASCII) else None


def judge(question: LessonQuestion, said: object, subject: Subject) -> AnswerVerdict:
    """Raises `ValueError` with a sentence for what is no answer; and where the right one cannot be computed."""
    if not may_answer(question, said):
        raise ValueError(REFUSED[question.kind])
    verdict = JUDGES[question.kind](question, said, subject)
    where = timed_on((question.asked, *(answer.computed for answer in question.answers)), subject)
    return replace(verdict, sentence=f"{verdict.sentence} Measured {where}.") if where else verdict


def may_answer(question: LessonQuestion, said: object) -> bool:
    """Whether it can be an answer to the question, whatever the right one is."""
    return FITTING[question.kind](said, len(question.answers))


def is_number(said: str) -> bool:
    return read_written(said) is not None


def is_order(said: Any, many: int) -> bool:
    places = isinstance(said, list | tuple) and all(type(each) is int for each in said)
    return places and sorted(said) == list(range(many))


def is_curve(said: Any, _: int) -> bool:
    many = len(said) if isinstance(said, list | tuple) else 0
    return many == POINTS and all(isinstance(each, int | float) and abs(each) < 1e9 for each in said)


REFUSED = {
    "number": "That is no number: write one such as 1500, 1.5 k, 1,5 M, 2e6 or 3 million.",
    "choice": "Choose one of the answers first.",
    "order": "Put all of them in order first, the largest first.",
    "curve": f"Draw all {POINTS} points first.",
    "words": "Write a word or two first.",
}
FITTING: dict[str, Callable[[Any, int], bool]] = {
    "number": lambda said, _: isinstance(said, str) and bool(FRACTION.fullmatch(said.strip()) or is_number(said)),
    "choice": lambda said, many: type(said) is int and 0 <= said < many,
    "order": is_order,
    "curve": is_curve,
    "words": lambda said, _: isinstance(said, str) and bool(said.strip()),
}


def judge_number(question: LessonQuestion, said: str, subject: Subject) -> AnswerVerdict:
    right = computed(question.asked, subject)
    value = meant(said, right)
    assert value is not None
    known = with_unit(right, question.unit)
    if abs(value - right.value) <= question.within * abs(right.value):
        exact = abs(value - right.value) <= 1e-9 * abs(right.value)
        return AnswerVerdict(said[:80], True, f"Exactly: {known}." if exact else f"Right, near enough: it is {known}.")
    return AnswerVerdict(said[:80], False, f"{how_far(value, right.value)}: it is {known}.")


def meant(text: str, right: ComputedQuantity) -> float | None:
    """Of what can be read in two ways the likelier one: 20 is 20 % of a share, 147.456 thousands of a large number."""
    if fraction := FRACTION.fullmatch(text := trimmed(text)):
        return float(fraction[1]) / float(fraction[2])
    value = read_written(text)
    if value is None:
        return None
    if right.kind.startswith("share") and value > 1:
        return value / 100
    if right.kind in ("percent", "points") and "%" in text:
        return value * 100
    if abs(right.value) >= 1000 and POINTED.fullmatch(text):
        return min((value, value * 1000), key=lambda each: abs(each - right.value))
    return value


def with_unit(right: ComputedQuantity, unit: str) -> str:
    return f"{right.words} {unit}".rstrip()


def how_far(value: float, right: float) -> str:
    """10 × too large; 12 % too small."""
    if not right:
        return "Not so"
    factor = value / right
    if factor <= 0:
        return "Too small"
    way, times = ("too large", factor) if factor > 1 else ("too small", 1 / factor)
    if float(right).is_integer() and float(value).is_integer() and abs(right) < FEW > abs(value):
        return f"{abs(value - right):g} {'too many' if value > right else 'too few'}"
    if times < ROUNDED:
        share = 100 * abs(factor - 1)
        return f"{share:.0f} % {way}" if share >= 1 else f"A little {way}"
    return f"{rough(times)} × {way}" if times < 1e6 else f"More than a million times {way}"


def judge_choice(question: LessonQuestion, said: int, subject: Subject) -> AnswerVerdict:
    right = [bool(answer.computed) and holds(answer.computed, subject) for answer in question.answers]
    texts = [plain_text(answer, subject) for answer in question.answers]
    true = [place for place, holding in enumerate(right) if holding]
    grounds = "; ".join(dict.fromkeys(ground(question.answers[place].computed, subject) for place in true))
    if right[said]:
        return AnswerVerdict(texts[said], True, f"Right: {grounds}.")
    told = f"Not so. Right is “{join_words(texts[place] for place in true)}”: {grounds}." if true else "Not so."
    return AnswerVerdict(texts[said], False, told)


SIGNS = {">": "more than", "<": "less than", "=": "about as much as"}


def ground(condition: str, subject: Subject) -> str:
    """The figures of a condition; a plain number in the unit of what it is held against."""
    found = CONDITION.fullmatch(" ".join(condition.split()))
    assert found
    one, other = (computed(each, subject) for each in (found[1], found[3]))
    one, other = (replace(each, kind=each.kind or both.kind) for each, both in ((one, other), (other, one)))
    if found[2] == "=" and one.words == other.words:
        return f"it is {one.words}"
    return f"{one.words}, {SIGNS[found[2]]} {other.words}"


def plain_text(answer: Answer, subject: Subject) -> str:
    """Without marks, its quantities computed."""
    words = unescape(re.sub(r"<[^>]*>", "", answer.text.html)).strip()
    return COMPUTED.sub(lambda found: computed(found[1], subject).words, words)


def judge_order(question: LessonQuestion, said: list[int], subject: Subject) -> AnswerVerdict:
    costs = [computed(answer.computed, subject) for answer in question.answers]
    texts = [plain_text(answer, subject) for answer in question.answers]
    order = [costs[place].value for place in said]
    right = all(later <= before + ALIKE * abs(before) for before, later in pairwise(order))
    ranked = sorted(range(len(costs)), key=lambda place: -costs[place].value)
    listed = ", ".join(f"{texts[place]} ({costs[place].words})" for place in ranked)
    return AnswerVerdict(
        " > ".join(texts[place] for place in said),
        right,
        f"{'Right' if right else 'Not so'}. The largest first: {listed}.",
    )


def judge_curve(question: LessonQuestion, said: list[float], subject: Subject) -> AnswerVerdict:
    band = asked_curve(question, subject)
    steps, truth = sampled(band)
    high = highest(band)
    guess = [min(max(float(each), 0.0), high) for each in said]
    apart = [abs(one - other) for one, other in zip(guess, truth, strict=True)]
    spell = (lambda value: f"{value:.0%}") if is_share(question) else (lambda value: f"{value:.2f}")
    far = f"{100 * sum(apart) / POINTS:.0f} points" if is_share(question) else f"{sum(apart) / POINTS:.2f}"
    nearest, farthest = (steps[apart.index(pick(apart))] for pick in (min, max))
    sentence = f"On average what you drew lies {far} from the run, which goes from {spell(truth[0])} to "
    sentence += f"{spell(truth[-1])}: nearest at step {nearest:,}, farthest at step {farthest:,}."
    return AnswerVerdict(" → ".join(map(spell, guess)), None, sentence, tuple(guess))


def is_share(question: LessonQuestion) -> bool:
    return question.asked.startswith("test error")


def asked_curve(question: LessonQuestion, subject: Subject) -> SeedBand:
    """The run that the question is about, its seeds together. Raises `ValueError` with a sentence."""
    what, _, title = question.asked.partition(" of ")
    if what not in ("training loss", "test error"):
        raise ValueError(f"“{question.asked[:40]}” is no curve: write training loss of … or test error of ….")
    seen = find_run(title, subject)
    band = evaluated(seen.curves) if what == "test error" else measured(seen.curves, "loss", smooth=True)
    if len(band.x) < 2:
        raise ValueError(f"the run of {title} has no such curve.")
    return band


def sampled(band: SeedBand) -> tuple[list[int], list[float]]:
    """Equally far apart from its first step to its last: the steps, and where the run stood."""
    steps = np.linspace(band.x[0], band.x[-1], POINTS)
    return [round(float(step)) for step in steps], [float(value) for value in np.interp(steps, band.x, band.y)]


def highest(band: SeedBand) -> float:
    """How far up the chart goes: a round number above all of the run."""
    most = 1.15 * float(np.nanmax(band.y))
    power = 10.0 ** np.floor(np.log10(most)) if most > 0 else 1.0
    return float(next(power * part for part in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if power * part >= most))


def judge_words(question: LessonQuestion, said: str, subject: Subject) -> AnswerVerdict:
    return AnswerVerdict(said.strip()[:LONGEST], None, "")


JUDGES: dict[str, Callable[[LessonQuestion, Any, Subject], AnswerVerdict]] = {
    "number": judge_number,
    "choice": judge_choice,
    "order": judge_order,
    "curve": judge_curve,
    "words": judge_words,
}
