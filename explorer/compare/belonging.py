"""Which layers came or went together: a module as a whole, or a projection with its norm."""

from explorer.compare.alignment import Match
from explorer.compare.differing import Differing, Pair
from explorer.compare.naming import described, noun
from explorer.graph import Node
from explorer.words import listed


def companions(match: Match, pairs: list[Pair], found: Differing) -> list[Pair]:
    """Those of `pairs` that belong with the first."""
    first = pairs[0]
    if first.status not in ("added", "removed"):
        return [first]
    alone = first.after or first.before
    assert alone
    aside = found.projections[first.status == "added"]
    unit = match.after if first.status == "added" else match.before
    same = [pair for pair in pairs if pair.status == first.status]
    if alone.name in aside:
        return [pair for pair in same if node_of(pair).name in aside]
    path = module_inside(alone, unit.id if unit else "")
    if not path or not unit:
        return [first]
    members = [node for node in unit.nodes if path in node.path]
    together = [pair for pair in same if path in node_of(pair).path]
    return together if len(together) == len(members) else [first]


def node_of(pair: Pair) -> Node:
    node = pair.after or pair.before
    assert node
    return node


def module_inside(node: Node, unit: str) -> str:
    """The outermost module within the unit that the node ran in; empty for the unit's own operations."""
    paths = iter(node.path)
    return next(paths, "") if any(path == unit.split("#")[0] for path in paths) else ""


def module_name(pairs: list[Pair], found: Differing) -> tuple[str, str]:
    added = pairs[0].status == "added"
    graph = found.second if added else found.first
    node = node_of(pairs[0])
    if node.name in found.projections[added]:
        names = [described(node_of(pair), graph) for pair in pairs]
        return f"projection: {listed(names)}", "projection"
    shared = [path for path in node.path if all(path in node_of(pair).path for pair in pairs)]
    block = graph.block_at.get(shared[-1])
    name = block.kind if block and block.kind != "Sequential" else " · ".join(noun(node_of(pair)) for pair in pairs)
    return name, name
