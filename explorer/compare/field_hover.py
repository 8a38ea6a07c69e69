"""All that is known of an entry, as the few lines that a pointer over its point brings up."""

from itertools import groupby

from explorer.compare.entries import Entry
from explorer.compare.facts import QUANTITIES, Fact
from explorer.compare.plotly_text import escaped

KINDS = {"published": "published", "computed": "computed here", "measured": "measured here"}
ORDER = tuple(QUANTITIES)
WIDTH = 62  # letters to a line


def hover(entry: Entry) -> str:
    """Plotly's HTML. Facts from one source stand together behind it."""
    at = f"{entry.side} pixels" if entry.side else "image size not said"
    head = f"<b>{escaped(entry.title)}</b><br>{escaped(entry.family)}, {entry.year or 'yours'} · {at}"
    return "<br>".join((head, *(line for group in grouped(entry.facts) for line in lines(group))))


def grouped(facts: tuple[Fact, ...]) -> list[tuple[Fact, ...]]:
    kinds = tuple(KINDS)
    ordered = sorted(facts, key=lambda fact: (kinds.index(fact.kind), fact.source, ORDER.index(fact.quantity)))
    return [tuple(group) for _, group in groupby(ordered, key=lambda fact: (fact.kind, fact.source))]


def lines(group: tuple[Fact, ...]) -> list[str]:
    first = group[0]
    source = "" if first.kind == "computed" else f" ({escaped(shortened(first.source))})"
    said = [f"{fact.quantity} {QUANTITIES[fact.quantity].spell(fact.value)}" for fact in group]
    return [f"<i>{KINDS[first.kind]}{source}:</i>", *wrapped(said)]


def wrapped(said: list[str]) -> list[str]:
    found = [""]
    for word in said:
        if len(found[-1]) + len(word) > WIDTH and found[-1]:
            found.append("")
        found[-1] += f"{' · ' if found[-1] else '  '}{word}"
    return found


def shortened(source: str) -> str:
    return source if len(source) <= WIDTH else f"{source[: WIDTH - 1]}…"
