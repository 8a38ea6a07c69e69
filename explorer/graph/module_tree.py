"""A graph's operations, nested in the modules they ran in."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby
from math import prod

from explorer.graph.graph import Graph, Node, Shape
from explorer.graph.op_kinds import op_kind


@dataclass(frozen=True)
class Item:
    """A module call, or one function call: a box when closed, a frame around its children when opened."""

    id: str  # "stage1.0.conv1", "stage1.0.conv1#2" when called again, "stage1.0/add" for a function, "input", "output"
    title: str  # the last part of its path, or the function's name
    op: str  # the class or function
    kind: str  # a key of `op_kinds.KINDS`, or "block", "output", "other"
    nodes: tuple[str, ...]  # of the first copy
    children: tuple["Item", ...] = ()
    copies: tuple[tuple[str, ...], ...] = ()  # the nodes of every copy, when equal neighbours were folded into this
    last: str = ""  # the title of the last copy
    params: int = 0  # over all copies, like the two below
    macs: int = 0
    memory: int = 0  # bytes of the outputs it makes

    @property
    def times(self) -> int:
        return max(1, len(self.copies))

    @property
    def all_nodes(self) -> tuple[str, ...]:
        return tuple(name for copy in self.copies for name in copy) or self.nodes


def nest(graph: Graph) -> tuple[Item, ...]:
    """The network's items as written, from "input" to "output", without what does nothing."""
    end = ("stops here", "Error") if graph.broken else ("output", "Output")
    return *Nest(graph).items(graph.nodes, "", 0), Item("output", *end, "output", ())


def does_nothing(node: Node) -> bool:
    """An identity, or a dropout that drops nothing: the picture leaves these out."""
    idle = node.op == "Identity" or (("p", 0) in node.attributes and node.kind == "dropout")
    return idle and len(node.inputs) == 1


def effective(graph: Graph, name: str) -> str:
    """The node whose output this one's really is."""
    while does_nothing(node := graph.by_name[name]):
        name = node.inputs[0]
    return name


def memory(node: Node) -> int:
    return 0 if node.shares else prod(node.shape) * node.itemsize


class Nest:
    """Walks the nodes in execution order; a module call is a run of neighbours that ran inside it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.calls = Counter[str](("input", "output"))  # the ids of those boxes are taken

    def items(self, nodes: tuple[Node, ...], parent: str, depth: int) -> tuple[Item, ...]:
        runs = (tuple(run) for _, run in groupby(nodes, lambda node: call(node, depth)))
        return tuple(self.item(run, parent, depth) for run in runs if not all(map(does_nothing, run)))

    def item(self, run: tuple[Node, ...], parent: str, depth: int) -> Item:
        first = run[0]
        if first is self.graph.nodes[0]:
            return total_item(Item("input", "input", first.op, "input", (first.name,)), run)
        if len(first.path) <= depth:
            id = self.numbered(f"{parent}/{first.op}", "-")
            return total_item(Item(id, first.op, first.op, first.kind, (first.name,)), run)
        return self.module(run, depth)

    def module(self, run: tuple[Node, ...], depth: int) -> Item:
        path = run[0].path[depth]
        id, title, op = self.numbered(path, "#"), path.rpartition(".")[2], self.op(path, run[0])
        names = tuple(node.name for node in run)
        if len(run) == 1 and len(run[0].path) == depth + 1:
            return total_item(Item(id, title, op, self.kind(path, run[0]), names), run)
        return total_item(Item(id, title, op, "block", names, self.items(run, id, depth + 1)), run)

    def op(self, path: str, node: Node) -> str:
        block = self.graph.block_at.get(path)
        return block.kind if block else node.op

    def kind(self, path: str, node: Node) -> str:
        """Of a module that runs one operation: the operation's, else that of the layer it is derived from."""
        block = self.graph.block_at.get(path)
        return op_kind(block.base) if node.kind == "other" and block else node.kind

    def numbered(self, name: str, mark: str) -> str:
        self.calls[name] += 1
        return name if self.calls[name] == 1 else f"{name}{mark}{self.calls[name]}"


def call(node: Node, depth: int) -> tuple[str, int]:
    """Which module call at this depth the node ran in; a function outside of any is a call of its own."""
    return (node.path[depth], node.calls[depth]) if len(node.path) > depth else ("", int(node.name))


def total_item(item: Item, run: tuple[Node, ...]) -> Item:
    return replace(
        item,
        params=sum(node.params for node in run),
        macs=sum(node.macs for node in run),
        memory=sum(map(memory, run)),
    )


def item_shape(item: Item, graph: Graph) -> Shape:
    """Of what the item hands on; empty for the output box."""
    names = item.all_nodes
    return graph.by_name[names[-1]].shape if names else ()
