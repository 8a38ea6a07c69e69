"""The boxes, frames and edges that one sees in a view of an outline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from explorer.graph.expansion import View, check_view
from explorer.graph.graph import Node, Shape
from explorer.graph.module_tree import Item, does_nothing, effective
from explorer.graph.outline import Outline
from explorer.graph.side_paths import Reach


@dataclass(frozen=True)
class Box:
    item: Item
    frame: str  # the id of the frame it lies in, or ""
    copies: int = 1  # of the frames around it: the box stands for that many
    takes: int = 0  # earlier outputs a running concatenation in it takes in

    @property
    def params(self) -> int:
        return self.item.params * self.copies

    @property
    def macs(self) -> int:
        return self.item.macs * self.copies

    @property
    def memory(self) -> int:
        return self.item.memory * self.copies


@dataclass(frozen=True)
class Frame:
    item: Item
    frame: str


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    shapes: tuple[Shape, ...]  # of the tensors that flow
    jumps: bool = False  # a longer way leads from source to target too
    role: str = ""  # "shortcut" or "gate", where all that flows here is on such a path

    @property
    def ends(self) -> tuple[str, str]:
        return self.source, self.target


@dataclass(frozen=True)
class Scene:
    boxes: tuple[Box, ...]  # in execution order
    frames: tuple[Frame, ...]  # outermost first
    edges: tuple[Edge, ...]
    holder: Mapping[str, str]  # the box each node is drawn in, or drawn as a copy of; "" for those that do nothing


def visible(outline: Outline, view: View) -> Scene:
    """What there is to draw. Raises `ValueError` when that is more than `MOST_BOXES`."""
    check_view(outline, view)
    stage = NodePlaces(outline, view)
    stage.place(outline.items(view.repeats), "", 1)
    edges = tuple(mark_jumps(stage.edges(), [box.item.id for box in stage.boxes], stage.roles()))
    takes = stage.takes()
    boxes = (replace(box, takes=takes.get(box.item.id, 0)) if takes else box for box in stage.boxes)
    return Scene(tuple(boxes), tuple(stage.frames), edges, stage.holder)


@dataclass
class NodePlaces:
    """Where each node stands: in which box, or in the place of an earlier copy."""

    outline: Outline
    view: View
    boxes: list[Box] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    box_of: dict[str, str] = field(default_factory=dict)
    twin: dict[str, str] = field(default_factory=dict)  # a node of a later copy → the same in the first

    def place(self, items: tuple[Item, ...], frame: str, copies: int) -> None:
        for item in items:
            if item.children and item.id in self.view.opened:
                self.frames.append(Frame(item, frame))
                for later in item.copies[1:]:
                    self.twin.update(zip(later, item.nodes, strict=True))
                self.place(item.children, item.id, copies * item.times)
            else:
                self.boxes.append(Box(item, frame, copies))
                self.box_of.update(dict.fromkeys(item.all_nodes, item.id))

    def edges(self) -> dict[tuple[str, str], list[Shape]]:
        """Edges inside a closed box and between copies vanish."""
        found: dict[tuple[str, str], list[Shape]] = {}
        by_name, reads = self.outline.graph.by_name, self.outline.reads
        for node in self.shown():
            here, sources = self.holder[node.name], [self.holder[name] for name in reads[node.name]]
            together = len(sources) > 1 and len(set(sources)) == 1
            joined = together and node.kind == "concatenation"  # one edge brings all of it
            for name, source in zip(reads[node.name], sources, strict=True):
                if source != here:
                    found.setdefault((source, here), []).append(node.shape if joined else by_name[name].shape)
        for end, box in self.outline.exits:
            name = effective(self.outline.graph, end)
            found.setdefault((self.holder[name], box), []).append(by_name[name].shape)
        return found

    def roles(self) -> dict[tuple[str, str], str]:
        """Of the edges that show nothing but a shortcut, or nothing but a gate."""
        role = {ends: path.role for path in self.outline.side_paths for ends in path.edges}
        found: dict[tuple[str, str], set[str]] = {}
        for node in self.shown():
            for name in self.outline.reads[node.name]:
                ends = self.holder[name], self.holder[node.name]
                found.setdefault(ends, set()).add(role.get((name, node.name), ""))
        return {ends: next(iter(all)) for ends, all in found.items() if len(all) == 1}

    def shown(self) -> Iterator[Node]:
        nodes = self.outline.graph.nodes
        return (node for node in nodes if node.name not in self.twin and not does_nothing(node))

    @cached_property
    def holder(self) -> dict[str, str]:
        def stand_in(name: str) -> str:
            while name in self.twin:
                name = self.twin[name]
            return self.box_of.get(name, "")

        return {node.name: stand_in(node.name) for node in self.outline.graph.nodes}

    def takes(self) -> dict[str, int]:
        """How many earlier outputs come into a box by way of the concatenation before."""
        reads = self.outline.reads
        return {
            self.holder[node.name]: len(node.inputs)
            for node in self.shown()
            if len(reads[node.name]) < len(node.inputs) and node.kind == "concatenation"
            if self.holder[reads[node.name][0]] != self.holder[node.name]
        }


def mark_jumps(
    edges: dict[tuple[str, str], list[Shape]], order: list[str], roles: Mapping[tuple[str, str], str]
) -> Iterator[Edge]:
    """The edges, those that jump over others marked; `order` lists the boxes, each after what it reads."""
    sources: dict[str, list[str]] = {}
    for source, target in edges:
        sources.setdefault(target, []).append(source)
    reach = Reach(order, sources)
    for (source, target), shapes in edges.items():
        jumps = any(reach.leads_to(source, other) for other in sources[target])
        yield Edge(source, target, tuple(dict.fromkeys(shapes)), jumps, roles.get((source, target), ""))
