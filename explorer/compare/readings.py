"""The ways a network is counted, and which of them gives a printed figure."""

from collections.abc import Callable
from dataclasses import dataclass
from math import floor, log10

from explorer.compare.counts import Count
from explorer.compare.entries import Entry
from explorer.compare.facts import QUANTITIES, Fact
from explorer.words import listed

Counts = Callable[[Entry], Count | None]
CLOSE = 0.02  # papers round hard: ResNet-50's 3.858 G is printed as 3.8
KNOBS = {"stride_in": "the stride in the {} convolution", "shortcut": "{} shortcuts"}


@dataclass(frozen=True)
class Reading:
    """One way to count a network, and what it comes to."""

    words: str
    value: float
    usual: bool = True  # by our convention; else it explains a figure only where it gives it to the last digit


def parameter_readings(kin: tuple[Entry, ...], counts: Counts) -> list[Reading]:
    found: dict[int, Reading] = {}
    several = differ(kin, counts)
    for entry in kin:
        if (known := counts(entry)) is None or known.problem:
            continue
        found.setdefault(known.parameters, Reading(how(entry, known, several), known.parameters))
        if known.left_out:
            words = f"with the {known.left_out:,} of parts that only training uses"
            found.setdefault(known.parameters + known.left_out, Reading(words, known.parameters + known.left_out))
    return list(found.values())


def mac_readings(kin: tuple[Entry, ...], counts: Counts) -> list[Reading]:
    """As each of its kin builds it; and as some counters say it, with norms."""
    found: dict[int, Reading] = {}
    several = differ(kin, counts)
    for entry in kin:
        if (known := counts(entry)) is None or known.problem:
            continue
        words = how(entry, known, several)
        found.setdefault(known.macs, Reading(words, known.macs))
        if known.normed:
            norms = f"{words}, and two more for each of the {known.normed / 1e6:.1f} M numbers that norms put out,"
            found.setdefault(known.macs_with_norms, Reading(norms, known.macs_with_norms, usual=False))
    return list(found.values())


def differ(kin: tuple[Entry, ...], counts: Counts) -> frozenset[str]:
    """In which respects the networks of the kin are not built alike."""
    sides = {known.side for entry in kin if (known := counts(entry)) and not known.problem}
    knobs = {name for entry in kin if entry.place for name, _ in entry.place.changes}
    return frozenset(({"side"} if len(sides) > 1 else set()) | (knobs & KNOBS.keys()))


def how(entry: Entry, count: Count, respects: frozenset[str]) -> str:
    """How this entry's network is built, in those respects."""
    changes = dict(entry.place.changes) if entry.place else {}
    usual = {"stride_in": "3x3", "shortcut": "projection"}
    said = [
        KNOBS[name].format(str(changes.get(name, usual[name])).replace("x", "×")) for name in KNOBS if name in respects
    ]
    said += [f"an image of {count.side} pixels"] if "side" in respects else []
    return f"with {listed(said)}" if said else "as built here"


def explained(fact: Fact, readings: list[Reading]) -> str:
    """Which way of counting gives the printed value; where none does, that is said."""
    exact = next((reading for reading in readings if rounds_to(reading.value, fact.value)), None)
    if exact:
        return f"{exact.words} it counts to {spelled(exact, fact)}"
    nearest = min((each for each in readings if each.usual), key=lambda each: abs(each.value - fact.value))
    off = nearest.value / fact.value - 1
    if abs(off) <= CLOSE:
        return f"{nearest.words} it counts to {spelled(nearest, fact)}"
    more = f"{100 * abs(off):.0f} % {'more' if off > 0 else 'less'}"
    reason = fact.note or "no convention known here explains it"
    return f"{nearest.words} it counts to {spelled(nearest, fact)}, {more}: {reason}"


def spelled(reading: Reading, fact: Fact) -> str:
    if fact.quantity == "parameters":
        return f"{reading.value:,.0f}"
    return f"{reading.value / 1e9:.3f} G" if reading.value >= 1e8 else QUANTITIES["MACs"].spell(reading.value)


def rounds_to(value: float, shown: float) -> bool:
    return abs(value - shown) <= step(shown) / 2 * 1.0001


def step(value: float) -> float:
    """The unit of the last digit printed, of two at least: 0.1e9 for 3.8e9, 1e6 for 26e6."""
    digits = max(2, len(f"{value:.10e}".partition("e")[0].rstrip("0").replace(".", "")))
    return 10.0 ** (floor(log10(value)) + 1 - digits)
