"""What was added, taken out and changed: layers that came or went together are one change, with its costs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from explorer.analysis.stage_costs import Costs
from explorer.diagram.node_labels import node_settings, stride, window
from explorer.diff.alignment import Match
from explorer.diff.layer_diff import Differing, Pair, Status
from explorer.formatting import dimensions, join_words
from explorer.graph.graph import Graph, Node

MOST = 32  # rows, before those that differ in their numbers alone become one
FOLLOWING = "norms, activations, pools, additions: sized by what they are given"
WITHOUT_CHOICE = ("norm", "activation", "addition", "multiplication", "dropout", "pool", "reshape")

NAMES = {"addition": "addition", "multiplication": "multiplication", "concatenation": "concatenation"}
# An attribute as one says it. Padding follows from the kernel, and what is not here says nothing by itself.
SAID = {
    "kernel_size": "kernel",
    "stride": "stride",
    "dilation": "dilation",
    "groups": "groups",
    "in_channels": "channels read",
    "out_channels": "filters",
    "in_features": "numbers read",
    "out_features": "outputs",
    "bias": "bias",
    "num_heads": "heads",
    "output_size": "output size",
    "p": "p",
}
WIDTHS = ("groups", "in_channels", "out_channels")


def companions(match: Match, pairs: list[Pair], found: Differing) -> list[Pair]:
    """Those of `pairs` that belong with the first."""
    first = pairs[0]
    if first.status not in ("added", "removed"):
        return [first]
    alone = first.node
    aside = found.projections[first.status == "added"]
    unit = match.after if first.status == "added" else match.before
    same = [pair for pair in pairs if pair.status == first.status]
    if alone.name in aside:
        return [pair for pair in same if pair.node.name in aside]
    path = module_inside(alone, unit.id if unit else "")
    if not path or not unit:
        return [first]
    members = [node for node in unit.nodes if path in node.path]
    together = [pair for pair in same if path in pair.node.path]
    return together if len(together) == len(members) else [first]


def module_inside(node: Node, unit: str) -> str:
    """The outermost module within the unit that the node ran in; empty for the unit's own operations."""
    paths = iter(node.path)
    return next(paths, "") if any(path == unit.split("#")[0] for path in paths) else ""


def module_name(pairs: list[Pair], found: Differing) -> tuple[str, str]:
    added = pairs[0].status == "added"
    graph = found.second if added else found.first
    node = pairs[0].node
    if node.name in found.projections[added]:
        names = [describe_layer(pair.node, graph) for pair in pairs]
        return f"projection: {join_words(names)}", "projection"
    shared = [path for path in node.path if all(path in pair.node.path for pair in pairs)]
    block = graph.block_at.get(shared[-1])
    name = block.kind if block and block.kind != "Sequential" else " · ".join(noun(pair.node) for pair in pairs)
    return name, name


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


def list_changes(found: Differing) -> tuple[Change, ...]:
    """In execution order. Their costs sum up to the difference of the networks'."""
    rows = merge_changes(each(found))
    return rows if len(rows) <= MOST else merge_changes(replace(row, what=row.kind) for row in rows)


def merge_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """What happens several times in one part is said once."""
    rows: dict[tuple[str, ...], Change] = {}
    for change in changes:
        key = (change.status, change.what, change.where)
        rows[key] = join_changes(rows[key], change) if key in rows else change
    return tuple(rows.values())


def each(found: Differing) -> Iterator[Change]:
    for index, group in groupby(found.pairs, lambda pair: pair.match):
        match, pairs = found.matches[index], [pair for pair in group if pair.status != "same"]
        if pairs and (match.before is None or match.after is None):
            yield whole_change(match, pairs, found)
        else:
            yield from inner_changes(match, pairs, found)


def whole_change(match: Match, pairs: list[Pair], found: Differing) -> Change:
    """A unit that has no counterpart."""
    unit = match.before or match.after
    assert unit
    if unit.block:
        return matched_change(match, pairs, f"{unit.op} block", f"{unit.op} block")
    return pair_change(match, pairs[0], found)


def inner_changes(match: Match, pairs: list[Pair], found: Differing) -> Iterator[Change]:
    """A module that came or went as a whole is one change, and so is a projection with its norm."""
    left = list(pairs)
    while left:
        together = companions(match, left, found)
        if len(together) > 1:
            name = module_name(together, found)
            yield matched_change(match, together, *name)
        else:
            yield pair_change(match, left[0], found)
        left = [pair for pair in left if pair not in together]


def pair_change(match: Match, pair: Pair, found: Differing) -> Change:
    if pair.before and pair.after:
        if pair.status == "moved":
            return matched_change(match, [pair], f"{noun(pair.after)}, to another place", noun(pair.after))
        if follows(pair.before, pair.after):
            return replace(matched_change(match, [pair], FOLLOWING, FOLLOWING), follows=True)
        return matched_change(match, [pair], *changed(pair.before, pair.after))
    node, graph = pair.node, found.second if pair.after else found.first
    if node.macs and node.name in found.projections[pair.after is not None]:
        return matched_change(match, [pair], f"projection: {describe_layer(node, graph)}", "projection")
    return matched_change(match, [pair], describe_layer(node, graph), noun(node))


def follows(before: Node, after: Node) -> bool:
    """Whether a layer differs by nothing that somebody set, only by what it is given."""
    told = dict(own_aspects(before, after)) or before.shares != after.shares
    return not told and after.kind in WITHOUT_CHOICE


def matched_change(match: Match, pairs: list[Pair], what: str, kind: str) -> Change:
    return Change(
        *(pairs[0].status, what, kind, change_place(match)),
        tuple(pair.before.name for pair in pairs if pair.before),
        tuple(pair.after.name for pair in pairs if pair.after),
        sum((pair.costs for pair in pairs), Costs()),
    )


def change_place(match: Match) -> str:
    parts = (unit.part.strip("/") for unit in (match.before, match.after) if unit)
    return " · ".join(dict.fromkeys(parts))


def join_changes(one: Change, other: Change) -> Change:
    return replace(
        one,
        before=one.before + other.before,
        after=one.after + other.after,
        costs=one.costs + other.costs,
        times=one.times + other.times,
    )


def noun(node: Node) -> str:
    """Without its numbers, to be counted with its like: "3×3 convolution", "ReLU", "addition"."""
    kind = node.kind
    if kind == "convolution":
        apart = "depthwise " if node.depthwise else "grouped " if node.attribute("groups", 1) > 1 else ""
        return f"{apart}{window(node.attribute('kernel_size'))} convolution".strip()
    if kind == "linear" and node.params:
        return "linear layer"
    return NAMES.get(kind, node.op)


def describe_layer(node: Node, graph: Graph) -> str:
    """With its numbers: "3×3 convolution, 64 → 128, /2"."""
    kind = node.kind
    if kind == "convolution":
        read, made = node.attribute("in_channels"), node.attribute("out_channels")
        groups = node.attribute("groups", 1)
        many = f"{groups} groups" if groups > 1 and not node.depthwise else ""
        return ", ".join(filter(None, (noun(node), f"{read} → {made}", stride(node), many)))
    return " ".join(filter(None, (noun(node), node_settings(kind, node, graph) if kind != "norm" else "")))


def aspects(before: Node, after: Node) -> dict[str, tuple[str, str]]:
    """What differs between a layer and what became of it, each with its old and its new value."""
    found = dict(own_aspects(before, after))
    if not found:
        found = dict(shape_aspects(before, after))
    if before.shares != after.shares:
        was, now = ("in place" if node.shares else "in memory of its own" for node in (before, after))
        found["result"] = was, now
    return found or {"settings": ("as before", "others")}


def own_aspects(before: Node, after: Node) -> Iterator[tuple[str, tuple[str, str]]]:
    """By what it was told; not what follows from what it is given."""
    if before.op != after.op:
        yield "kind", (before.op, after.op)
    was, now = dict(before.attributes), dict(after.attributes)
    both_depthwise = before.depthwise and after.depthwise  # as many groups, as many filters
    for name, said in SAID.items():
        if name in was and name in now and was[name] != now[name] and not (both_depthwise and name in WIDTHS):
            yield said, (spell_value(was[name]), spell_value(now[name]))
    if both_depthwise and was["groups"] != now["groups"]:
        yield "channels", (spell_value(was["groups"]), spell_value(now["groups"]))


def shape_aspects(before: Node, after: Node) -> Iterator[tuple[str, tuple[str, str]]]:
    """Of what has nothing of its own to set: a norm, an activation, an addition."""
    if before.shape[:1] != after.shape[:1]:
        yield "channels", (spell_value(before.shape[:1]), spell_value(after.shape[:1]))
    if before.shape[1:] != after.shape[1:]:
        yield "map", (dimensions(before.shape[1:]) or "none", dimensions(after.shape[1:]) or "none")


def spell_value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return "×".join(map(str, dict.fromkeys(value))) if len(set(value)) == 1 and len(value) == 1 else window(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def changed(before: Node, after: Node) -> tuple[str, str]:
    """With its numbers, "3×3 convolution: groups 1 → 32", and without, "3×3 convolution: groups"."""
    told = aspects(before, after)
    name = told.pop("kind", None)
    title = f"{name[0]} → {name[1]}" if name else pair_title(before, after)
    rest = ", ".join(f"{aspect} {was} → {now}" for aspect, (was, now) in told.items())
    return (f"{title}: {rest}", f"{title}: {', '.join(told)}") if rest else (title, title)


def pair_title(before: Node, after: Node) -> str:
    """What both are; where the kernel or the groups differ, that is said beside."""
    if after.kind != "convolution":
        return noun(after)
    same = before.attribute("kernel_size") == after.attribute("kernel_size")
    apart = "depthwise " if after.depthwise else ""
    return f"{apart}{window(after.attribute('kernel_size'))} convolution" if same else f"{apart}convolution"
