"""Several networks drawn to stand side by side: one column each, to one scale, equal resolutions at equal heights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from explorer.diagram.dot import Placed, Rect, Route
from explorer.diagram.node_labels import Card
from explorer.diagram.render import BoxInfo, Layout, info, paint
from explorer.diagram.scene import Box, Frame
from explorer.graph.expansion import named_blocks
from explorer.graph.graph import Graph
from explorer.graph.segments import halving_level

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


def level_starts(laid: Layout) -> dict[int, float]:
    """Where each resolution begins: the upper edge of its first box, or of the frame that begins with it."""
    named, frames = named_blocks(laid.outline), {frame.item.id: frame for frame in laid.scene.frames}
    around = [enclosing_frames(box.frame, frames) for box in laid.scene.boxes]
    boxes = list(zip(laid.scene.boxes, around, strict=True))
    levels = [box_level(box, holders, named, laid.outline.graph) for box, holders in boxes]
    # What lies above something finer is no beginning: a gate works on vectors amid the maps.
    settled = list(accumulate(reversed(levels), min))[::-1]
    found: dict[int, float] = {}
    for (box, holders), here in zip(boxes, settled, strict=True):
        found.setdefault(here, top_edge(box, holders, laid))
    return found


def enclosing_frames(id: str, frames: Mapping[str, Frame]) -> tuple[Frame, ...]:
    """The frame with this id and those around it, outermost first."""
    frame = frames.get(id)
    return (*enclosing_frames(frame.frame, frames), frame) if frame else ()


def box_level(box: Box, around: tuple[Frame, ...], named: frozenset[str], graph: Graph) -> int:
    """Of an opened block's layers, the block's: where its output lies."""
    if box.item.kind in ("input", "output"):
        return 0 if box.item.kind == "input" else END
    whole = next((frame.item for frame in around if frame.item.op in named), box.item)
    if whole.op in named:  # a block halves the map somewhere inside
        return halving_level(graph.by_name[whole.nodes[-1]].shape, graph)
    return settled_level(whole.nodes, graph)


def top_edge(box: Box, around: tuple[Frame, ...], laid: Layout) -> float:
    """Of the frames around a box that begin with it, the outermost's upper edge."""
    top = laid.placed.boxes[box.item.id][1] - laid.cards[box.item.id].height / 2
    inner = box.item.id
    for frame in reversed(around):
        if frame.item.children[0].id != inner:
            break
        top = min(top, laid.placed.frames[frame.item.id][0][1])
        inner = frame.item.id
    return top


def abreast(networks: Sequence[Layout]) -> tuple[Pane, ...]:
    """The pictures of networks laid out from top to bottom, each moved down where another needs the room."""
    moves = lowered([level_starts(network) for network in networks])
    drawn = [painted(network, move) for network, move in zip(networks, moves, strict=True)]
    tallest = max((pane.height for pane in drawn), default=0)
    return tuple(replace(pane, height=tallest) for pane in drawn)


def painted(network: Layout, move: Move) -> Pane:
    where = stretched(network.placed, network.cards, move)
    scene = network.scene
    copies = {"": 1}
    for frame in scene.frames:
        copies[frame.item.id] = copies[frame.frame] * frame.item.times
    around = (Box(frame.item, frame.frame, copies[frame.frame]) for frame in scene.frames)
    boxes = {box.item.id: info(box, network.outline.graph, {}) for box in (*scene.boxes, *around)}
    frames = {frame.item.id: frame.item.all_nodes for frame in scene.frames}
    return Pane(paint(replace(network, placed=where)), boxes, scene.holder, frames, where.width, where.height)


def settled_level(names: tuple[str, ...], graph: Graph) -> int:
    """Where layers do their work, by their MACs; where there is none, the finest they reach."""
    work: dict[int, int] = {}
    for name in names:
        node = graph.by_name[name]
        here = halving_level(node.shape, graph)
        work[here] = work.get(here, 0) + node.macs
    return max(work, key=lambda here: (work[here], -here))


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
