"""Graph → Outline: modules nested as written, with equal neighbours folded to ×N."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from explorer.graph.graph import Graph, Node
from explorer.graph.module_tree import Item, effective, nest, output_ids
from explorer.graph.side_paths import SidePath, side_paths

Link = tuple[str, str | int]  # ("outside", a node) or ("before", which node of the copy before)


def fold(items: tuple[Item, ...], graph: Graph) -> tuple[Item, ...]:
    """The same items, where every chain of equal neighbours, at every level, is one item with its copies."""
    return Fold(graph).level(items, 0)


@dataclass(frozen=True)
class CopyForm:
    """What must be equal for two items to be copies, and what each reads from outside, in order."""

    item: Item
    rows: tuple[object, ...]
    reads: tuple[str, ...]


class Fold:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.readers: dict[str, set[str]] = {node.name: set() for node in graph.nodes}
        for node in graph.nodes:
            for name in node.inputs:
                self.readers[name].add(node.name)

    def level(self, items: tuple[Item, ...], depth: int) -> tuple[Item, ...]:
        runs = self.runs([self.form(item, depth) for item in items])
        return tuple(self.merged([form.item for form in run], depth) for run in runs)

    def merged(self, run: list[Item], depth: int) -> Item:
        first = replace(run[0], children=self.level(run[0].children, depth + 1))
        if len(run) == 1:
            return first
        return replace(
            first,
            copies=tuple(item.nodes for item in run),
            last=run[-1].title,
            params=sum(item.params for item in run),
            macs=sum(item.macs for item in run),
            memory=sum(item.memory for item in run),
        )

    def runs(self, forms: list[CopyForm]) -> Iterator[list[CopyForm]]:
        run: list[CopyForm] = []
        for form in forms:
            if run and not self.continues(run, form):
                yield run
                run = []
            run.append(form)
        if run:
            yield run

    def continues(self, run: list[CopyForm], form: CopyForm) -> bool:
        """Whether an item repeats the one before: the same inside, fed the same way, and nobody else reads that one."""
        before = run[-1]
        if before.rows != form.rows or not before.item.nodes:
            return False
        now = copy_links(before, form)
        if not any(where == "before" for where, _ in now) or not self.only_read_by(before.item, form.item):
            return False
        return copy_links(run[-2], before) == now if len(run) > 1 else matches(now, before.reads)

    def only_read_by(self, item: Item, reader: Item) -> bool:
        allowed = {*item.nodes, *reader.nodes}
        return all(self.readers[name] <= allowed for name in item.nodes)

    def form(self, item: Item, depth: int) -> CopyForm:
        place = {name: index for index, name in enumerate(item.nodes)}
        nodes = [self.graph.by_name[name] for name in item.nodes]
        rows = tuple((self.inside(node, depth), tuple(place.get(name, -1) for name in node.inputs)) for node in nodes)
        reads = tuple(name for node in nodes for name in node.inputs if name not in place)
        return CopyForm(item, (item.op, rows), reads)

    def inside(self, node: Node, depth: int) -> tuple[object, ...]:
        classes = tuple(block.kind for path in node.path[depth:] if (block := self.graph.block_at.get(path)))
        weights = tuple(shape for _, shape in node.weights)
        return node.op, len(node.path), classes, node.shape, node.params, node.macs, weights, node.attributes


def copy_links(before: CopyForm, form: CopyForm) -> tuple[Link, ...]:
    place = {name: index for index, name in enumerate(before.item.nodes)}
    return tuple(("before", place[name]) if name in place else ("outside", name) for name in form.reads)


def matches(links: tuple[Link, ...], reads: tuple[str, ...]) -> bool:
    """Whether the first copy reads one outer node wherever the second reads one node of the first."""
    pairs = set(zip(links, reads, strict=True))
    same_outside = all(name == link[1] for link, name in pairs if link[0] == "outside")
    return same_outside and len({link for link, _ in pairs}) == len(pairs)


@dataclass(frozen=True)
class Outline:
    graph: Graph
    written: tuple[Item, ...]  # every copy by itself
    folded: tuple[Item, ...]  # equal neighbours as one item, with the id of the first

    def items(self, repeats: bool) -> tuple[Item, ...]:
        return self.folded if repeats else self.written

    def find(self, id: str, repeats: bool = True) -> Item | None:
        """The item with this id; with `repeats`, the one that stands for all its copies, if it does."""
        return (self._folded.get(id) if repeats else None) or self._written.get(id)

    def parents(self, id: str) -> tuple[Item, ...]:
        """What the item lies in, outermost first."""
        found = self._parent.get(id)
        return (*self.parents(found.id), found) if found else ()

    def items_of_node(self, name: str) -> tuple[Item, ...]:
        """The items, as written, that hold this node: outermost first, its own last."""
        item = self._holder.get(name)
        return (*self.parents(item.id), item) if item else ()

    @cached_property
    def _written(self) -> dict[str, Item]:
        return {item.id: item for item in walk(self.written)}

    @cached_property
    def _folded(self) -> dict[str, Item]:
        return {item.id: item for item in walk(self.folded)}

    @cached_property
    def _parent(self) -> dict[str, Item]:
        return {child.id: item for item in walk(self.written) for child in item.children}

    @cached_property
    def _holder(self) -> dict[str, Item]:
        return {name: item for item in walk(self.written) for name in item.nodes}  # children come after their parent

    @cached_property
    def ends(self) -> tuple[str, ...]:
        """The nodes whose output leaves the network; where it did not say so, those nobody reads, unless they are a
        dropped piece of a split."""
        if self.graph.outputs:
            return tuple(dict.fromkeys(name for _, name in self.graph.outputs))
        read = {name for node in self.graph.nodes for name in node.inputs}
        last = self.graph.nodes[-1]
        unread = (node for node in self.graph.operations[:-1] if node.name not in read and node.kind != "reshape")
        return *(node.name for node in unread), last.name

    @cached_property
    def exits(self) -> tuple[tuple[str, str], ...]:
        """Each node whose output leaves the network, with the box that it leads to."""
        boxes = output_ids(self.graph)
        if len(boxes) == 1:
            return tuple((name, boxes[0]) for name in self.ends)
        return tuple((name, box) for (_, name), box in zip(self.graph.outputs, boxes, strict=True))

    @cached_property
    def reads(self) -> dict[str, tuple[str, ...]]:
        """What each node reads, past the nodes that do nothing; a concatenation that starts like an earlier one reads
        that one instead, so that a dense block of n layers has of the order of n edges, not n²."""
        chains = dict(running_concatenations(self.graph))
        return {
            node.name: tuple(dict.fromkeys(effective(self.graph, name) for name in chains.get(node.name, node.inputs)))
            for node in self.graph.nodes
        }

    @cached_property
    def side_paths(self) -> tuple[SidePath, ...]:
        return side_paths(self.graph)


def outline(graph: Graph) -> Outline:
    written = nest(graph)
    return Outline(graph, written, fold(written, graph))


def walk(items: tuple[Item, ...]) -> Iterator[Item]:
    """All of them, each before its children."""
    for item in items:
        yield item
        yield from walk(item.children)


def running_concatenations(graph: Graph) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Concatenations that start with all the inputs of an earlier one: what they read when they read that one."""
    seen: dict[tuple[str, ...], str] = {}
    for node in graph.nodes:
        if node.kind != "concatenation":
            continue
        manner = (node.op, repr(node.attribute("dim")))
        starts = (length for length in range(len(node.inputs) - 1, 0, -1) if (*manner, *node.inputs[:length]) in seen)
        if node.op != "stack" and (length := next(starts, 0)):
            yield node.name, (seen[*manner, *node.inputs[:length]], *node.inputs[length:])
        seen.setdefault((*manner, *node.inputs), node.name)


def text_alternative(outline: Outline) -> str:
    """The network as a nested list, for those who do not see the picture."""
    return "\n".join(list_items(outline.folded, 0))


def list_items(items: tuple[Item, ...], depth: int) -> Iterator[str]:
    for item in items:
        times = f", {item.times} times" if item.times > 1 else ""
        params = f", {item.params:,} parameters" if item.params else ""
        name = item.title if item.op.lower() == item.title.lower() else f"{item.title}: {item.op}"
        yield f"{'  ' * depth}- {name}{times}{params}"
        yield from list_items(item.children, depth + 1)
