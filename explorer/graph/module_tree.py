"""A graph's operations, nested in the modules they ran in."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from math import prod

from explorer.graph.graph import Graph, Node, Shape
from explorer.graph.op_kinds import op_kind

MOST_OUTPUTS = 8  # boxes: of more tensors that come out, one stands for all
MOST_PARTS = 64  # of a module: of more, functions that stand together are one box, which opens
FEWEST_TOGETHER = 4
MOST_IN_A_ROW = 400  # parts of a module, of whatever kind: of more, so many that follow each other are one box
TOGETHER = 50


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
    return *Nest(graph).items(graph.nodes, "", 0), *output_items(graph)


def output_items(graph: Graph) -> tuple[Item, ...]:
    """One for each tensor that comes out, if they are few; where the network broke, the place."""
    if graph.broken:
        return (Item("output", "stops here", "Error", "output", ()),)
    ids = output_ids(graph)
    titles = [title for title, _ in graph.outputs] if len(ids) > 1 else ["output"]
    return tuple(Item(id, title, "Output", "output", ()) for id, title in zip(ids, titles, strict=True))


def output_ids(graph: Graph) -> tuple[str, ...]:
    several = range(2, len(graph.outputs) + 1) if len(graph.outputs) <= MOST_OUTPUTS and not graph.broken else ()
    return "output", *(f"output#{number}" for number in several)


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
        items = tuple(self.item(run, parent, depth) for run in runs if not all(map(does_nothing, run)))
        items = items if len(items) <= MOST_PARTS else tuple(self.grouped(items, parent, depth))
        return items if len(items) <= MOST_IN_A_ROW else tuple(self.cut(items, parent))

    def grouped(self, items: tuple[Item, ...], parent: str, depth: int) -> Iterator[Item]:
        """A `forward` that calls hundreds of functions, as an unrolled loop does, in a picture that one can read."""
        for grouped, run in groupby(items, lambda item: self.is_plain_function(item, depth)):
            functions = tuple(run)
            if not grouped or len(functions) < FEWEST_TOGETHER:
                yield from functions
                continue
            yield self.together(functions, f"{parent}/operations", f"{len(functions)} operations")

    def cut(self, items: tuple[Item, ...], parent: str) -> Iterator[Item]:
        inputs = sum(item.kind == "input" for item in items)
        yield from items[:inputs]
        for start in range(inputs, len(items), TOGETHER):
            some = items[start : start + TOGETHER]
            yield self.together(some, f"{parent}/parts", f"{len(some)} parts")

    def together(self, items: tuple[Item, ...], id: str, what: str) -> Item:
        names = tuple(name for item in items for name in item.nodes)
        found = Item(self.numbered(id, "-"), id.rpartition("/")[2], what, "block", names, items)
        return total_item(found, tuple(self.graph.by_name[name] for name in names))

    def is_plain_function(self, item: Item, depth: int) -> bool:
        """Called in this very `forward`, without weights."""
        return item.kind != "input" and not item.params and len(self.graph.by_name[item.nodes[0]].path) <= depth

    def item(self, run: tuple[Node, ...], parent: str, depth: int) -> Item:
        first = run[0]
        if first.kind == "input":
            id = "input" if first is self.graph.nodes[0] else self.numbered("input", "#")
            return total_item(Item(id, first.attribute("argument", "input"), first.op, "input", (first.name,)), run)
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
