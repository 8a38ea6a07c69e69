"""Several networks drawn to stand side by side: one column each, to one scale, equal resolutions at equal heights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from explorer.compare.laid import Laid
from explorer.compare.lowering import Move, lowered, stretched
from explorer.diagram import BoxInfo, info
from explorer.labels import hover
from explorer.lettering import lettering
from explorer.scene import Box
from explorer.svg import paint


@dataclass(frozen=True)
class Pane:
    svg: str
    boxes: dict[str, BoxInfo]  # and frames
    holder: Mapping[str, str]  # the box of each node
    frames: dict[str, tuple[str, ...]]  # the nodes in each
    width: float
    height: float


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
    svg = paint(network.scene, network.cards, words, where)
    graph = network.outline.graph
    copies = {"": 1}
    for frame in network.scene.frames:
        copies[frame.item.id] = copies[frame.frame] * frame.item.times
    around = (Box(frame.item, frame.frame, copies[frame.frame]) for frame in network.scene.frames)
    boxes = {box.item.id: info(box, hover(box, graph, {}), {}) for box in (*network.scene.boxes, *around)}
    frames = {frame.item.id: frame.item.all_nodes for frame in network.scene.frames}
    return Pane(svg, boxes, network.holder, frames, where.width, where.height)
