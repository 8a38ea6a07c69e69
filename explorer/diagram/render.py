"""From an outline and what is open in it to a diagram: DOT, laid out by Graphviz, painted as SVG."""

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.diagram.dot import digraph
from explorer.diagram.graphviz_output import read_placement
from explorer.diagram.graphviz_process import graphviz
from explorer.diagram.label_placement import lettering
from explorer.diagram.node_labels import box_heading, node_cards, node_hover
from explorer.diagram.scene import Box, visible
from explorer.diagram.svg import light_style, paint_svg
from explorer.diagram.wrapping import in_columns, in_rows
from explorer.graph.expansion import View
from explorer.graph.outline import Outline, walk


@dataclass(frozen=True)
class BoxInfo:
    title: str
    op: str
    kind: str
    foldable: bool
    lines: tuple[str, ...]  # what it says when pointed at
    params: int  # over all the copies it stands for, like the two below
    macs: int
    memory: int  # bytes of its outputs for one image
    field: int  # receptive field of its last output, pixels a side; 0 where unknown
    words: str  # what it is found by: its own name and those of what lies in it


@dataclass(frozen=True)
class Diagram:
    svg: str
    boxes: dict[str, BoxInfo]
    dot: str
    width: float
    height: float


def draw_diagram(outline: Outline, view: View, fields: Mapping[str, int] | None = None) -> Diagram:
    """The picture. `fields` gives nodes their receptive field in pixels.

    Raises `ValueError` where there is too much to draw.
    """
    graph = outline.graph
    scene = visible(outline, view)
    sizes = node_cards(scene, graph, view.direction)
    dot = digraph(scene, sizes, view.direction).source
    parted = in_columns if view.direction == "TB" else in_rows
    where = parted(read_placement(graphviz().render(dot), scene), scene, sizes)
    words = lettering(scene, sizes, where, view.direction)
    seen = fields or {}
    boxes = {box.item.id: info(box, node_hover(box, graph, seen), seen) for box in scene.boxes}
    return Diagram(paint_svg(scene, sizes, words, where), boxes, dot, where.width, where.height)


def info(box: Box, lines: tuple[str, ...], fields: Mapping[str, int]) -> BoxInfo:
    item = box.item
    field = fields.get(item.all_nodes[-1], 0) if item.nodes else 0
    words = " ".join(dict.fromkeys(word for inner in walk(item.children) for word in (inner.title, inner.op)))
    return BoxInfo(
        *(box_heading(item), item.op, item.kind, bool(item.children), lines),
        *(box.params, box.macs, box.memory, field, words),
    )


def standalone_svg(picture: Diagram) -> str:
    """With its colours in it, for a file or a slide."""
    opening, rest = picture.svg.split(">", 1)
    return f"{opening}><style>{light_style()}</style>{rest}"


@dataclass(frozen=True)
class BlockPicture:
    svg: str
    boxes: int
    width: float
    height: float


def block_picture(outline: Outline, view: View) -> BlockPicture:
    """Raises `ValueError` where there is too much to draw."""
    scene = visible(outline, view)
    sizes = node_cards(scene, outline.graph, view.direction)
    where = read_placement(graphviz().render(digraph(scene, sizes, view.direction).source), scene)
    words = lettering(scene, sizes, where, view.direction)
    return BlockPicture(paint_svg(scene, sizes, words, where), len(scene.boxes), where.width, where.height)
