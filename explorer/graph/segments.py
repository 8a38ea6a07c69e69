"""What two networks are compared by: the blocks they are built of, and the layers that stand alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log2, prod

from explorer.graph.graph import Graph, Node, Shape
from explorer.graph.module_tree import Item, does_nothing
from explorer.graph.outline import Outline
from explorer.graph.side_paths import side_paths

VECTOR = 20  # the level of what is no map any more: above every number of halvings


@dataclass(frozen=True)
class Unit:
    id: str  # of the item in the outline as written
    op: str  # the block's class, or the layer's
    part: str  # what it lies in, "stage1"; its own id at the top
    nodes: tuple[Node, ...]  # in execution order, without those that do nothing
    block: bool
    level: int  # how many times the image has been halved in what it hands on


def units(outline: Outline, named: frozenset[str], whole: bool = True) -> tuple[Unit, ...]:
    """In execution order. `named` are the classes that count as blocks; if not `whole`, their layers stand alone."""
    graph = outline.graph

    def split(items: tuple[Item, ...], part: str, inside: bool = False) -> Iterator[Unit]:
        """`inside` a block all lies in the part that the block lies in."""
        for item in items:
            # A class of blocks is none where nearly all of the network lies in this one.
            block = inside or (item.op in named and len(item.nodes) <= len(graph.nodes) / 2)
            if item.children and not (block and whole):
                yield from split(item.children, part if block else item.id, block)
                continue
            nodes = tuple(node for name in item.nodes if not does_nothing(node := graph.by_name[name]))
            if nodes and item.kind != "input":  # the output holds none
                level = halving_level(nodes[-1].shape, graph)
                yield Unit(item.id, item.op, part or item.id, nodes, bool(item.children), level)

    return tuple(split(outline.written, ""))


def halving_level(shape: Shape, graph: Graph) -> int:
    """Of a map, or of tokens that came from one: how many times the image was halved to get there."""
    here, whole = shape_positions(shape), max(shape_positions(node.shape) for node in graph.inputs)
    return VECTOR if here <= 1 else round(log2(max(1, whole / here)) / 2)


def shape_positions(shape: Shape) -> int:
    """Of a map (C, H, W), or of tokens (T, D); a vector has one."""
    return prod(shape[1:]) if len(shape) > 2 else shape[0] if len(shape) == 2 else 1


def projections(graph: Graph) -> frozenset[str]:
    """What stands on the shortcuts with weights: 1×1 convolutions, with their norms."""
    shortcuts = (path.inside for path in side_paths(graph) if path.role == "shortcut")
    weighted = (inside for inside in shortcuts if any(graph.by_name[name].macs for name in inside))
    return frozenset(name for inside in weighted for name in inside)
