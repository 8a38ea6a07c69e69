"""Equal neighbours, folded to ×N."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from explorer.graph.graph import Graph, Node
from explorer.graph.module_tree import Item

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
