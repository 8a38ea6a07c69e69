"""A network laid out in one column, not yet painted, and where on it each resolution begins."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from explorer.cards import Card, cards
from explorer.compare.units import blocks_of, level
from explorer.dot import digraph
from explorer.graph import Graph
from explorer.layout import graphviz
from explorer.outline import Outline
from explorer.placing import Placed, placed
from explorer.scene import Box, Frame, Scene, visible
from explorer.views import View

END = 99  # the level of the output


@dataclass(frozen=True)
class Laid:
    """A network laid out in one column, not yet painted."""

    outline: Outline
    scene: Scene
    cards: dict[str, Card]
    placed: Placed

    @cached_property
    def holder(self) -> dict[str, str]:
        return holder(self.scene, self.outline)

    @cached_property
    def starts(self) -> dict[int, float]:
        """Where each resolution begins: the upper edge of its first box, or of the frame that begins with it."""
        boxes = self.scene.boxes
        # What lies above something finer is no beginning: a gate works on vectors amid the maps.
        levels = list(accumulate((self.level(box) for box in reversed(boxes)), min))[::-1]
        found: dict[int, float] = {}
        for box, here in zip(boxes, levels, strict=True):
            found.setdefault(here, self.top(box))
        return found

    def level(self, box: Box) -> int:
        """Of an opened block's layers, the block's: where its output lies."""
        if box.item.kind in ("input", "output"):
            return 0 if box.item.kind == "input" else END
        whole = next((frame.item for frame in self.around(box) if frame.item.op in self.named), box.item)
        graph = self.outline.graph
        if whole.op in self.named:  # a block halves the map somewhere inside
            return level(graph.by_name[whole.nodes[-1]].shape, graph)
        return settled_level(whole.nodes, graph)

    def around(self, box: Box) -> tuple[Frame, ...]:
        """The frames it lies in, outermost first."""
        found: list[Frame] = []
        frame = self.frames.get(box.frame)
        while frame:
            found.append(frame)
            frame = self.frames.get(frame.frame)
        return tuple(reversed(found))

    @cached_property
    def frames(self) -> dict[str, Frame]:
        return {frame.item.id: frame for frame in self.scene.frames}

    @cached_property
    def named(self) -> frozenset[str]:
        return blocks_of(self.outline)

    def top(self, box: Box) -> float:
        """Of the frames around a box that begin with it, the outermost's upper edge."""
        tops = [self.placed.boxes[box.item.id][1] - self.cards[box.item.id].height / 2]
        inner = box.item.id
        for frame in reversed(self.around(box)):
            if frame.item.children[0].id != inner:
                break
            tops.append(self.placed.frames[frame.item.id][0][1])
            inner = frame.item.id
        return min(tops)


def holder(scene: Scene, outline: Outline) -> dict[str, str]:
    """The box that each node is drawn in, or drawn as a copy of; empty for those that do nothing."""
    twin: dict[str, str] = {}
    for frame in scene.frames:
        for later in frame.item.copies[1:]:
            twin.update(zip(later, frame.item.nodes, strict=True))
    box_of = {name: box.item.id for box in scene.boxes for name in box.item.all_nodes}

    def stand_in(name: str) -> str:
        while name in twin:
            name = twin[name]
        return box_of.get(name, "")

    return {node.name: stand_in(node.name) for node in outline.graph.nodes}


def settled_level(names: tuple[str, ...], graph: Graph) -> int:
    """Where layers do their work, by their MACs; where there is none, the finest they reach."""
    work: dict[int, int] = {}
    for name in names:
        node = graph.by_name[name]
        here = level(node.shape, graph)
        work[here] = work.get(here, 0) + node.macs
    return max(work, key=lambda here: (work[here], -here))


def laid(outline: Outline, view: View) -> Laid:
    """Raises `ValueError` where there is too much to draw."""
    scene = visible(outline, replace(view, direction="TB"))
    sizes = cards(scene, outline.graph, "TB")
    return Laid(outline, scene, sizes, placed(graphviz().render(digraph(scene, sizes, "TB").source), scene))
