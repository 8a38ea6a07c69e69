"""Where figures of one network differ: for each quantity who says what, and why, found from the counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.compare.entries import Entry
from explorer.compare.facts import QUANTITIES, Fact
from explorer.compare.readings import Counts, Reading, explained, mac_readings, parameter_readings, rounds_to
from explorer.words import listed

Told = list[tuple[Fact, tuple[Entry, ...]]]  # each value once, with those who print it


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
        counted(kin, "MACs", mac_readings(kin, counts)),
        counted(kin, "parameters", parameter_readings(kin, counts)),
        *(judged(kin, quantity) for quantity in ("top-1", "top-5")),
    )
    return tuple(conflict for conflict in found if conflict)


def printed(kin: tuple[Entry, ...], quantity: str) -> Told:
    found: dict[float, list[tuple[Fact, Entry]]] = {}
    for entry in kin:
        for fact in entry.facts:
            if fact.quantity == quantity and fact.kind == "published":
                found.setdefault(fact.value, []).append((fact, entry))
    return [(several[0][0], tuple(entry for _, entry in several)) for several in found.values()]


def counted(kin: tuple[Entry, ...], quantity: str, readings: list[Reading]) -> Conflict | None:
    """What can be counted has one right answer for each convention."""
    told = printed(kin, quantity)
    own = next((reading for reading in readings if reading.usual), None)
    if not told or own is None or all(rounds_to(own.value, fact.value) for fact, _ in told):
        return None
    ways = "One network, more than one way to build or count it." if len(told) > 1 else ""
    lines = tuple(f"{head(fact, entries)}: {explained(fact, readings)}" for fact, entries in told)
    return Conflict(quantity, ways or "The printed figure is not what runs here.", lines)


def head(fact: Fact, entries: tuple[Entry, ...]) -> str:
    sources = dict.fromkeys(source(each) for entry in entries for each in entry.facts if same(each, fact))
    return f"**{QUANTITIES[fact.quantity].spell(fact.value)}** {'; '.join(sources)}"


def same(one: Fact, other: Fact) -> bool:
    return (one.quantity, one.value, one.kind) == (other.quantity, other.value, other.kind)


def source(fact: Fact) -> str:
    name = fact.source.partition(" (read")[0]
    return name.replace("_Weights.IMAGENET1K", "").replace("_", " ") if name.startswith("torchvision") else name


def judged(kin: tuple[Entry, ...], quantity: str) -> Conflict | None:
    """The network is one; its weights, and the ways to judge them, are many."""
    told = printed(kin, quantity)
    values = [fact.value for fact, _ in told]
    if len(told) < 2 or max(values) - min(values) < 0.005:
        return None
    lines = tuple(head(fact, entries) + (f": {fact.note}" if fact.note else "") for fact, entries in told)
    reason = f"One network, several figures: they differ in {listed(differences(told))}."
    return Conflict(quantity, f"{reason}{whose(told)}", lines)


def differences(told: Told) -> list[str]:
    """What is not the same for all, as far as their sources say."""
    everyone = [entry for _, entries in told for entry in entries]
    found = ["the trained weights"]
    if len({"10 crops" in fact.note for fact, _ in told}) > 1:
        found.append("whether ten crops of a picture are averaged or one is judged")
    if len({entry.side for entry in everyone if entry.side}) > 1:
        found.append("the size of the picture")
    if len({entry.recipe for entry in everyone if "arXiv" in entry.recipe}) > 1:
        found.append("the version of the paper on arXiv")
    return found


def whose(told: Told) -> str:
    """Where the lesson, which names no source, may have its figure from."""
    lesson = next((fact for fact, entries in told if any(entry.origin == "lesson" for entry in entries)), None)
    if lesson is None:
        return ""
    others = (fact for _, entries in told for entry in entries if entry.origin != "lesson" for fact in entry.facts)
    close = [f for f in others if f.quantity == lesson.quantity and f.kind == "published" and near(f, lesson)]
    if not close:
        return f" The lesson's {lesson.value:g} % is none of the others, rounded."
    return (
        f" The lesson's {lesson.value:g} % is that of {source(min(close, key=lambda f: abs(f.value - lesson.value)))}."
    )


def near(one: Fact, other: Fact) -> bool:
    """The same to a tenth of a percent, as the lesson prints it."""
    return abs(one.value - other.value) <= 0.0501
