"""Where figures of one network differ: for each quantity who says what, and why, found from the counts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import floor, log10

from explorer.analysis.model_summary import GraphCounts
from explorer.formatting import join_words
from explorer.leaderboard.entries import Entry
from explorer.models.facts import QUANTITIES, Fact

Claims = list[tuple[Fact, tuple[Entry, ...]]]  # each value once, with those who print it

Counts = Callable[[Entry], GraphCounts | None]
CLOSE = 0.02  # papers round hard: ResNet-50's 3.858 G is printed as 3.8
KNOBS = {"stride_in": "the stride in the {} convolution", "shortcut": "{} shortcuts"}


@dataclass(frozen=True)
class Conflict:
    quantity: str
    reason: str  # a sentence
    lines: tuple[str, ...]  # who says what, each with its reason where there is one of its own


def conflicts(entry: Entry, field: Iterable[Entry], counts: Counts) -> tuple[Conflict, ...]:
    """For the entry beside all others of its architecture; nothing where all agree to the printed digits."""
    others = [each for each in field if each.architecture == entry.architecture and each.key != entry.key]
    kin = (entry, *others)
    found = (
        *(counted_conflict(kin, each, count_readings(kin, each, counts)) for each in ("MACs", "parameters")),
        *(judge_figures(kin, quantity) for quantity in ("top-1", "top-5")),
    )
    return tuple(conflict for conflict in found if conflict)


def printed_words(kin: tuple[Entry, ...], quantity: str) -> Claims:
    found: dict[float, list[tuple[Fact, Entry]]] = {}
    for entry in kin:
        for fact in entry.facts:
            if fact.quantity == quantity and fact.kind == "published":
                found.setdefault(fact.value, []).append((fact, entry))
    return [(several[0][0], tuple(entry for _, entry in several)) for several in found.values()]


def conflict_heading(fact: Fact, entries: tuple[Entry, ...]) -> str:
    same = (each for entry in entries for each in entry.facts if figure_key(each) == figure_key(fact))
    sources = dict.fromkeys(map(source_words, same))
    return f"**{QUANTITIES[fact.quantity].spell(fact.value)}** {'; '.join(sources)}"


def figure_key(fact: Fact) -> tuple[str, float, str]:
    return fact.quantity, fact.value, fact.kind


def source_words(fact: Fact) -> str:
    name = fact.source.partition(" (read")[0]
    return name.replace("_Weights.IMAGENET1K", "").replace("_", " ") if name.startswith("torchvision") else name


def judge_figures(kin: tuple[Entry, ...], quantity: str) -> Conflict | None:
    """The network is one; its weights, and the ways to judge them, are many."""
    claims = printed_words(kin, quantity)
    values = [fact.value for fact, _ in claims]
    if len(claims) < 2 or max(values) - min(values) < 0.005:
        return None
    lines = tuple(conflict_heading(fact, entries) + (f": {fact.note}" if fact.note else "") for fact, entries in claims)
    reason = f"One network, several figures: they differ in {join_words(differing_conditions(claims))}."
    return Conflict(quantity, f"{reason}{whose(claims)}", lines)


def differing_conditions(claims: Claims) -> list[str]:
    """What is not the same for all, as far as their sources say."""
    everyone = [entry for _, entries in claims for entry in entries]
    found = ["the trained weights"]
    if len({"10 crops" in fact.note for fact, _ in claims}) > 1:
        found.append("whether ten crops of a picture are averaged or one is judged")
    if len({entry.side for entry in everyone if entry.side}) > 1:
        found.append("the size of the picture")
    if len({entry.recipe for entry in everyone if "arXiv" in entry.recipe}) > 1:
        found.append("the version of the paper on arXiv")
    return found


def whose(claims: Claims) -> str:
    """Where the lesson, which names no source, may have its figure from."""
    lesson = next((fact for fact, entries in claims if any(entry.origin == "lesson" for entry in entries)), None)
    if lesson is None:
        return ""
    others = (fact for _, entries in claims for entry in entries if entry.origin != "lesson" for fact in entry.facts)
    close = [f for f in others if f.quantity == lesson.quantity and f.kind == "published" and near(f, lesson)]
    if not close:
        return f" The lesson's {lesson.value:g} % is none of the others, rounded."
    nearest = min(close, key=lambda fact: abs(fact.value - lesson.value))
    return f" The lesson's {lesson.value:g} % is that of {source_words(nearest)}."


def near(one: Fact, other: Fact) -> bool:
    """The same to a tenth of a percent, as the lesson prints it."""
    return abs(one.value - other.value) <= 0.0501


@dataclass(frozen=True)
class Reading:
    """One way to count a network, and what it comes to."""

    words: str
    value: float
    usual: bool = True  # by our convention; else it explains a figure only where it gives it to the last digit


def counted_conflict(kin: tuple[Entry, ...], quantity: str, readings: list[Reading]) -> Conflict | None:
    """What can be counted has one right answer for each convention."""
    claims = printed_words(kin, quantity)
    own = next((reading for reading in readings if reading.usual), None)
    if not claims or own is None or all(rounds_to(own.value, fact.value) for fact, _ in claims):
        return None
    ways = "One network, more than one way to build or count it." if len(claims) > 1 else ""
    lines = tuple(f"{conflict_heading(fact, entries)}: {explained(fact, readings)}" for fact, entries in claims)
    return Conflict(quantity, ways or "The printed figure is not what runs here.", lines)


def count_readings(kin: tuple[Entry, ...], quantity: str, counts: Counts) -> list[Reading]:
    """As each of its kin builds it; parameters with what only training uses, MACs with norms, as some count them."""
    found: dict[int, Reading] = {}
    several = differ(kin, counts)
    for entry in kin:
        if (known := counts(entry)) is None or known.problem:
            continue
        words = how(entry, known, several)
        more = f"with the {known.left_out:,} of parts that only training uses"
        own, other, usual = known.params, known.params + known.left_out, True
        if quantity == "MACs":
            more = f"{words}, and two more for each of the {known.normed / 1e6:.1f} M numbers that norms put out,"
            own, other, usual = known.macs, known.macs + 2 * known.normed, False
        found.setdefault(own, Reading(words, own))
        found.setdefault(other, Reading(more, other, usual))
    return list(found.values())


def differ(kin: tuple[Entry, ...], counts: Counts) -> frozenset[str]:
    """In which respects the networks of the kin are not built alike."""
    sides = {known.side for entry in kin if (known := counts(entry)) and not known.problem}
    knobs = {name for entry in kin if entry.place for name, _ in entry.place.changes}
    return frozenset(({"side"} if len(sides) > 1 else set()) | (knobs & KNOBS.keys()))


def how(entry: Entry, count: GraphCounts, respects: frozenset[str]) -> str:
    """How this entry's network is built, in those respects."""
    built = {"stride_in": "3x3", "shortcut": "projection"} | dict(entry.place.changes if entry.place else ())
    said = [KNOBS[name].format(str(built[name]).replace("x", "×")) for name in KNOBS if name in respects]
    said += [f"an image of {count.side} pixels"] if "side" in respects else []
    return f"with {join_words(said)}" if said else "as built here"


def explained(fact: Fact, readings: list[Reading]) -> str:
    """Which way of counting gives the printed value; where none does, that is said."""
    exact = next((reading for reading in readings if rounds_to(reading.value, fact.value)), None)
    if exact:
        return f"{exact.words} it counts to {spell_reading(exact, fact)}"
    nearest = min((each for each in readings if each.usual), key=lambda each: abs(each.value - fact.value))
    off = nearest.value / fact.value - 1
    if abs(off) <= CLOSE:
        return f"{nearest.words} it counts to {spell_reading(nearest, fact)}"
    more = f"{100 * abs(off):.0f} % {'more' if off > 0 else 'less'}"
    reason = fact.note or "no convention known here explains it"
    return f"{nearest.words} it counts to {spell_reading(nearest, fact)}, {more}: {reason}"


def spell_reading(reading: Reading, fact: Fact) -> str:
    if fact.quantity == "parameters":
        return f"{reading.value:,.0f}"
    return f"{reading.value / 1e9:.3f} G" if reading.value >= 1e8 else QUANTITIES["MACs"].spell(reading.value)


def rounds_to(value: float, shown: float) -> bool:
    return abs(value - shown) <= digit_unit(shown) / 2 * 1.0001


def digit_unit(value: float) -> float:
    """The unit of the last digit printed, of two at least: 0.1e9 for 3.8e9, 1e6 for 26e6."""
    digits = max(2, len(f"{value:.10e}".partition("e")[0].rstrip("0").replace(".", "")))
    return 10.0 ** (floor(log10(value)) + 1 - digits)
