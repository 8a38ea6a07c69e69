"""Several networks drawn to stand side by side: one column each, to one scale, equal resolutions at equal heights."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from explorer.diagram.dot import digraph
from explorer.diagram.graphviz_output import Placed, Rect, Route, read_placement
from explorer.diagram.graphviz_process import graphviz
from explorer.diagram.label_placement import lettering
from explorer.diagram.node_labels import Card, node_cards, node_hover
from explorer.diagram.render import BoxInfo, info
from explorer.diagram.scene import Box, Frame, Scene, visible
from explorer.diagram.svg import paint_svg
from explorer.graph.expansion import View
from explorer.graph.graph import Graph
from explorer.graph.outline import Outline
from explorer.graph.segments import block_classes, halving_level

END = 99  # the level of the output

ABOVE = 6  # room above a row that moves down with it
Move = tuple[tuple[float, float], ...]  # from this height on, so much further down


@dataclass(frozen=True)
class Pane:
    svg: str
    boxes: dict[str, BoxInfo]  # and frames
    holder: Mapping[str, str]  # the box of each node
    frames: dict[str, tuple[str, ...]]  # the nodes in each
    width: float
    height: float


@dataclass(frozen=True)
class Laid:
    """A network laid out in one column, not yet painted."""

    outline: Outline
    scene: Scene
    cards: dict[str, Card]
    placed: Placed

    @cached_property
    def holder(self) -> dict[str, str]:
        return node_boxes(self.scene, self.outline)

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
            return halving_level(graph.by_name[whole.nodes[-1]].shape, graph)
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
        return block_classes(self.outline)

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


def abreast(networks: Iterable[Laid]) -> tuple[Pane, ...]:
    """The pictures, each moved down where another needs the room."""
    networks = tuple(networks)
    moves = lowered([network.starts for network in networks])
    drawn = [painted(network, move) for network, move in zip(networks, moves, strict=True)]
    tallest = max((pane.height for pane in drawn), default=0)
    return tuple(replace(pane, height=tallest) for pane in drawn)


def painted(network: Laid, move: Move) -> Pane:
    where = stretched(network.placed, network.cards, move)
    words = lettering(network.scene, network.cards, where, "TB")
    svg = paint_svg(network.scene, network.cards, words, where)
    graph = network.outline.graph
    copies = {"": 1}
    for frame in network.scene.frames:
        copies[frame.item.id] = copies[frame.frame] * frame.item.times
    around = (Box(frame.item, frame.frame, copies[frame.frame]) for frame in network.scene.frames)
    boxes = {box.item.id: info(box, node_hover(box, graph, {}), {}) for box in (*network.scene.boxes, *around)}
    frames = {frame.item.id: frame.item.all_nodes for frame in network.scene.frames}
    return Pane(svg, boxes, network.holder, frames, where.width, where.height)


def node_boxes(scene: Scene, outline: Outline) -> dict[str, str]:
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
        here = halving_level(node.shape, graph)
        work[here] = work.get(here, 0) + node.macs
    return max(work, key=lambda here: (work[here], -here))


def laid(outline: Outline, view: View) -> Laid:
    """Raises `ValueError` where there is too much to draw."""
    scene = visible(outline, replace(view, direction="TB"))
    sizes = node_cards(scene, outline.graph, "TB")
    return Laid(outline, scene, sizes, read_placement(graphviz().render(digraph(scene, sizes, "TB").source), scene))


def lowered(starts: list[dict[int, float]]) -> list[Move]:
    """For each network, how far its rows move down so that equal levels begin at equal heights."""
    shared = sorted(set.intersection(*(set(each) for each in starts))) if starts else []
    moves: list[list[tuple[float, float]]] = [[] for _ in starts]
    down = [0.0] * len(starts)
    for here in shared:
        goal = max(each[here] + shift for each, shift in zip(starts, down, strict=True))
        for index, each in enumerate(starts):
            down[index] = goal - each[here]
            moves[index].append((each[here] - ABOVE, down[index]))
    return [tuple(move) for move in moves]


def stretched(placed: Placed, cards: dict[str, Card], move: Move) -> Placed:
    def down(y: float) -> float:
        return y + next((shift for start, shift in reversed(move) if y >= start), 0)

    def box(id: str, x: float, y: float) -> tuple[float, float]:
        top = y - cards[id].height / 2
        return x, round(y + down(top) - top, 1)

    def piece(rect: Rect) -> Rect:
        left, top, right, bottom = rect
        return left, down(top), right, down(bottom)

    return Placed(
        *(placed.width, down(placed.height)),
        {id: box(id, x, y) for id, (x, y) in placed.boxes.items()},
        {id: tuple(map(piece, pieces)) for id, pieces in placed.frames.items()},
        {ends: lengthened(route, down) for ends, route in placed.edges.items()},
    )


def lengthened(route: Route, down: Callable[[float], float]) -> Route:
    """The end goes where the arrow's tip goes, so that the arrow keeps its size."""
    x, y = route.tip
    further = down(y) - y
    *points, bend, end = route.points
    moved = [(x, round(down(y), 1)) for x, y in points]
    moved += [(x, round(y + further, 1)) for x, y in (bend, end)]
    return Route(tuple(moved), (x, round(y + further, 1)))
