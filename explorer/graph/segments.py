"""What two networks are compared by: the blocks they are built of, and the layers that stand alone."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import log2, prod

from explorer.graph.graph import Graph, Node, Shape
from explorer.graph.module_tree import Item, does_nothing
from explorer.graph.outline import Outline

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
    here, whole = shape_positions(shape), shape_positions(graph.nodes[0].shape)
    return VECTOR if here <= 1 else round(log2(max(1, whole / here)) / 2)


def shape_positions(shape: Shape) -> int:
    """Of a map (C, H, W), or of tokens (T, D); a vector has one."""
    return prod(shape[1:]) if len(shape) > 2 else shape[0] if len(shape) == 2 else 1


def projections(graph: Graph) -> frozenset[str]:
    """The nodes of 1×1 convolutions, with their norms, that run beside other layers and end in an addition."""
    readers = Counter(name for node in graph.nodes for name in node.inputs)
    found: set[str] = set()
    for node in graph.nodes:
        if node.kind == "addition":
            for name in node.inputs:
                path = list(short_path(graph, name))
                if any(graph.by_name[each].macs for each in path):
                    source = graph.by_name[path[-1]].inputs[0]
                    found.update(path if readers[source] > 1 else ())
    return frozenset(found)


def short_path(graph: Graph, name: str) -> Iterator[str]:
    """From an addition's input back through a norm, at most, to a 1×1 convolution."""
    node = graph.by_name[name]
    if node.kind == "norm" and node.inputs:
        yield name
        node = graph.by_name[node.inputs[0]]
    if node.kind == "convolution" and set(node.attribute("kernel_size", ())) == {1}:
        yield node.name
