"""From an outline and what is open in it to a diagram: DOT, laid out by Graphviz, painted as SVG."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from explorer.analysis.receptive_field import ReceptiveField
from explorer.diagram.dot import Placed, digraph, read_placement
from explorer.diagram.graphviz_process import graphviz
from explorer.diagram.label_placement import lettering
from explorer.diagram.node_labels import Card, box_heading, node_cards, node_hover
from explorer.diagram.scene import Box, Scene, visible
from explorer.diagram.svg import light_style, paint_svg
from explorer.diagram.wrapping import in_columns, in_rows
from explorer.graph.expansion import View
from explorer.graph.graph import Graph
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


@dataclass(frozen=True)
class Layout:
    """A network laid out, not yet painted."""

    outline: Outline
    direction: str
    scene: Scene
    cards: dict[str, Card]
    dot: str
    placed: Placed


def lay_out(outline: Outline, view: View, maps: bool = False) -> Layout:
    """In one piece. Raises `ValueError` where there is too much to draw."""
    scene = visible(outline, view)
    cards = node_cards(scene, outline.graph, view.direction, maps)
    dot = digraph(scene, cards, view.direction).source
    return Layout(outline, view.direction, scene, cards, dot, read_placement(graphviz().render(dot), scene))


def paint(laid: Layout) -> str:
    words = lettering(laid.scene, laid.cards, laid.placed, laid.direction)
    return paint_svg(laid.scene, laid.cards, words, laid.placed)


def draw_diagram(
    outline: Outline,
    view: View,
    fields: Mapping[str, ReceptiveField] | None = None,
    wrapped: bool = True,
    maps: bool = False,
) -> Diagram:
    """The picture, in columns or rows if `wrapped`. `fields` gives nodes their receptive field; with `maps` each box
    keeps a place for what it computed.

    Raises `ValueError` where there is too much to draw.
    """
    laid = lay_out(outline, view, maps)
    parted = in_columns if view.direction == "TB" else in_rows
    where = parted(laid.placed, laid.scene, laid.cards) if wrapped else laid.placed
    boxes = {box.item.id: info(box, outline.graph, fields or {}) for box in laid.scene.boxes}
    return Diagram(paint(replace(laid, placed=where)), boxes, laid.dot, where.width, where.height)


def info(box: Box, graph: Graph, fields: Mapping[str, ReceptiveField]) -> BoxInfo:
    item = box.item
    field = fields.get(item.all_nodes[-1]) if item.nodes else None
    words = " ".join(dict.fromkeys(word for inner in walk(item.children) for word in (inner.title, inner.op)))
    return BoxInfo(
        *(box_heading(item), item.op, item.kind, bool(item.children), node_hover(box, graph, fields)),
        *(box.params, box.macs, box.memory, round(field.size[0]) if field else 0, words),
    )


def standalone_svg(picture: Diagram) -> str:
    """With its colours in it, for a file or a slide."""
    opening, rest = picture.svg.split(">", 1)
    return f"{opening}><style>{light_style()}</style>{rest}"
