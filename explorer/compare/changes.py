"""A list of differences: what belongs together as one, what happens again in other blocks said once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from explorer.compare.alignment import Match
from explorer.compare.belonging import companions, module_name, node_of
from explorer.compare.differing import Costs, Differing, Pair, Status
from explorer.compare.naming import changed, described, noun, own_aspects
from explorer.graph import Node


@dataclass(frozen=True)
class Change:
    """One thing that was added, taken out, changed or moved, in one or several places."""

    status: Status
    what: str  # "3×3 convolution: groups 1 → 32"
    kind: str  # without its numbers: "3×3 convolution: groups", "SqueezeExcitation"
    where: str  # the part of the network
    before: tuple[str, ...]  # nodes of the first network
    after: tuple[str, ...]
    costs: Costs
    times: int = 1
    follows: bool = False  # it has nothing of its own to set: what it is given has changed


MOST = 32  # rows, before those that differ in their numbers alone become one
FOLLOWING = "norms, activations, pools, additions: sized by what they are given"
WITHOUT_CHOICE = ("norm", "activation", "addition", "multiplication", "dropout", "pool", "reshape")


def changes(found: Differing) -> tuple[Change, ...]:
    """In execution order. Their costs sum up to the difference of the networks'."""
    rows = merged(each(found))
    return rows if len(rows) <= MOST else merged(replace(row, what=row.kind) for row in rows)


def merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """What happens several times in one part is said once."""
    rows: dict[tuple[str, ...], Change] = {}
    for change in changes:
        key = (change.status, change.what, change.where)
        rows[key] = joined(rows[key], change) if key in rows else change
    return tuple(rows.values())


def each(found: Differing) -> Iterator[Change]:
    for index, group in groupby(found.pairs, lambda pair: pair.match):
        match, pairs = found.matches[index], [pair for pair in group if pair.status != "same"]
        if pairs and (match.before is None or match.after is None):
            yield whole(match, pairs, found)
        else:
            yield from inside(match, pairs, found)


def whole(match: Match, pairs: list[Pair], found: Differing) -> Change:
    """A unit that has no counterpart."""
    unit = match.before or match.after
    assert unit
    if unit.block:
        return change(match, pairs, f"{unit.op} block", f"{unit.op} block")
    return single(match, pairs[0], found)


def inside(match: Match, pairs: list[Pair], found: Differing) -> Iterator[Change]:
    """A module that came or went as a whole is one change, and so is a projection with its norm."""
    left = list(pairs)
    while left:
        together = companions(match, left, found)
        if len(together) > 1:
            name = module_name(together, found)
            yield change(match, together, *name)
        else:
            yield single(match, left[0], found)
        left = [pair for pair in left if pair not in together]


def single(match: Match, pair: Pair, found: Differing) -> Change:
    if pair.before and pair.after:
        if pair.status == "moved":
            return change(match, [pair], f"{noun(pair.after)}, to another place", noun(pair.after))
        if follows(pair.before, pair.after):
            return replace(change(match, [pair], FOLLOWING, FOLLOWING), follows=True)
        return change(match, [pair], *changed(pair.before, pair.after))
    node, graph = node_of(pair), found.second if pair.after else found.first
    if node.macs and node.name in found.projections[pair.after is not None]:
        return change(match, [pair], f"projection: {described(node, graph)}", "projection")
    return change(match, [pair], described(node, graph), noun(node))


def follows(before: Node, after: Node) -> bool:
    """Whether a layer differs by nothing that somebody set, only by what it is given."""
    told = dict(own_aspects(before, after)) or before.shares != after.shares
    return not told and after.kind in WITHOUT_CHOICE


def change(match: Match, pairs: list[Pair], what: str, kind: str) -> Change:
    return Change(
        *(pairs[0].status, what, kind, where(match)),
        tuple(pair.before.name for pair in pairs if pair.before),
        tuple(pair.after.name for pair in pairs if pair.after),
        sum((pair.costs for pair in pairs), Costs()),
    )


def where(match: Match) -> str:
    parts = (unit.part.strip("/") for unit in (match.before, match.after) if unit)
    return " · ".join(dict.fromkeys(parts))


def joined(one: Change, other: Change) -> Change:
    return replace(
        one,
        before=one.before + other.before,
        after=one.after + other.after,
        costs=one.costs + other.costs,
        times=one.times + other.times,
    )
