"""From an outline and what is open in it to a diagram: DOT, laid out by Graphviz, painted as SVG."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from math import log

from explorer.analysis.receptive_field import ReceptiveField
from explorer.colors import COLOURS, GREEN, GREY, INK, VERMILLION, is_bright, tint, viridis
from explorer.diagram.dot import Placed, Point, Rect, Route, digraph, read_placement
from explorer.diagram.graphviz_process import graphviz
from explorer.diagram.label_placement import STACK, Lettering, Words, lettering
from explorer.diagram.node_labels import MAP, MARGIN, Card, box_heading, node_cards, node_hover
from explorer.diagram.scene import Box, Edge, Frame, Scene, visible
from explorer.diagram.wrapping import in_columns, in_rows
from explorer.formatting import short_number
from explorer.graph.expansion import View
from explorer.graph.graph import Graph
from explorer.graph.outline import Outline, walk


def paint_svg(scene: Scene, cards: dict[str, Card], words: Lettering, placed: Placed) -> str:
    size = f'viewBox="0 0 {placed.width:g} {placed.height:g}" width="{placed.width:g}" height="{placed.height:g}"'
    frames, edges = placed.frames, placed.edges
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} class="diagram">',
            *(paint_frame(frame, frames[frame.item.id], words.titles[frame.item.id]) for frame in scene.frames),
            *(paint_edge(edge, edges[ends], words.shapes.get(ends)) for edge in scene.edges if (ends := edge.ends)),
            *(paint_box(box, cards[box.item.id], placed.boxes[box.item.id]) for box in scene.boxes),
            "</svg>",
        )
    )


def paint_frame(frame: Frame, pieces: tuple[Rect, ...], titles: list[Words]) -> str:
    names = "group repeated" if frame.item.times > 1 else "group"
    words = "".join(text("frame-title", *line) for title in titles for line in title.lines)
    borders = "".join(rect("frame", left, top, right - left, bottom - top, 12) for left, top, right, bottom in pieces)
    return f'<g class="{names}" data-id="{escape(frame.item.id)}">{borders}{words}</g>'


def paint_edge(edge: Edge, route: Route, shape: Words | None) -> str:
    points = [f"{x:g},{y:g}" for x, y in route.points]
    ends = f'data-from="{escape(edge.source)}" data-to="{escape(edge.target)}"'
    lines = "".join(f'<tspan x="{x:.5g}" y="{y:.5g}">{words}</tspan>' for x, y, words in shape.lines) if shape else ""
    label = f'<text class="shape">{lines}</text>' if lines else ""
    return (
        f'<g class="edge{f" {edge.role}" if edge.role else ""}" {ends}>'
        f'<path class="line" d="M{points[0]}C{" ".join(points[1:])}"/>'
        f'<path class="head" d="{arrow_head(route.points[-1], route.tip)}"/>'
        f"{label}</g>"
    )


def arrow_head(base: Point, tip: Point) -> str:
    """A triangle from the end of the line to the box."""
    dx, dy = tip[0] - base[0], tip[1] - base[1]
    left, right = (base[0] - dy / 2, base[1] + dx / 2), (base[0] + dy / 2, base[1] - dx / 2)
    return "M" + "L".join(f"{x:.5g},{y:.5g}" for x, y in (left, tip, right)) + "Z"


def paint_box(box: Box, card: Card, centre: Point) -> str:
    left, top = centre[0] - card.width / 2, centre[1] - card.height / 2
    names = ["box", f"kind-{box.item.kind}", *(["foldable"] if box.item.children else [])]
    names += ["repeated"] if card.badge else []
    parts = "".join(symbol(card, centre, left, top) if card.symbol else card_svg(card, left, top))
    return f'<g class="{" ".join(names)}" data-id="{escape(box.item.id)}">{parts}</g>'


def symbol(card: Card, centre: Point, left: float, top: float) -> Iterator[str]:
    yield rect("card", left, top, card.width, card.height, card.width / 2)
    yield text("title symbol", centre[0], centre[1] + 6, card.title)


def card_svg(card: Card, left: float, top: float) -> Iterator[str]:
    if card.badge:
        for step in (2 * STACK, STACK):
            yield rect("card behind", left + step, top + step, card.width, card.height, 8)
    yield rect("card", left, top, card.width, card.height, 8)
    yield rect("band", left + 7, top + 8, 5, card.height - 16, 2.5)
    yield text("title", left + MARGIN, top + 19, card.title)
    for line, detail in enumerate(card.details):
        if card.beside:
            yield text("detail", left + card.room - 14, top + 18.5, detail, 'text-anchor="end"')
        else:
            last = card.amounts and line == len(card.details) - 1
            yield text("detail amounts" if last else "detail", left + MARGIN, top + 35.5 + 16 * line, detail)
    yield from ticks(card, left, top)
    if card.badge:
        yield text("badge", left + card.room - 12, top + 19, card.badge, 'text-anchor="end"')
    if card.map:
        yield rect("map", left + card.room, top + (card.height - MAP) / 2, MAP, MAP, 3)


def ticks(card: Card, left: float, top: float) -> Iterator[str]:
    """What is inside a closed block, layer by layer, in the colours of their kinds."""
    pitch = min(10.0, (card.room - MARGIN - 30) / max(1, len(card.layers)))
    for place, kind in enumerate(card.layers):
        yield rect(f"tick kind-{kind}", left + MARGIN + place * pitch, top + card.height - 14.5, pitch * 0.74, 7.5, 1.5)


def rect(name: str, x: float, y: float, width: float, height: float, radius: float) -> str:
    return f'<rect class="{name}" x="{x:.6g}" y="{y:.6g}" width="{width:.6g}" height="{height:g}" rx="{radius:g}"/>'


def text(name: str, x: float, y: float, words: str, more: str = "") -> str:
    return f'<text class="{name}" x="{x:g}" y="{y:g}" {more}>{escape(words)}</text>'


def light_style() -> str:
    """Light colours, for a picture that leaves the page."""
    kinds = "".join(
        f".kind-{kind} .card{{fill:{tint(colour)};stroke:{tint(colour, 0.75)}}}.kind-{kind} .band{{fill:{colour}}}"
        f".tick.kind-{kind}{{fill:{colour}}}"
        for kind, colour in COLOURS.items()
    )
    return f"{STYLE}{kinds}.kind-block .card{{fill:#fff}}"


STYLE = f"""
.diagram{{background:#fff;font-family:"Source Sans 3","Source Sans Pro",Helvetica,Arial,sans-serif}}
.frame{{fill:{INK};fill-opacity:.03;stroke:#c3c9d2}}
.frame-title{{font-size:12px;font-weight:600;fill:{GREY}}}
.line{{fill:none;stroke:{GREY};stroke-width:1.6}}
.head{{fill:{GREY}}}
.shortcut .line{{stroke-width:2.2;stroke:{VERMILLION}}}
.shortcut .head{{fill:{VERMILLION}}}
.gate .line{{stroke-width:2.2;stroke:{GREEN};stroke-dasharray:7 4}}
.gate .head{{fill:{GREEN}}}
.shape{{font-size:11.5px;fill:{GREY};stroke:#fff;stroke-width:4;stroke-opacity:.75;paint-order:stroke}}
.card{{stroke-width:1.2}}
.map{{fill:{INK};fill-opacity:.06}}
.title{{font-size:14px;font-weight:600;fill:{INK}}}
.symbol{{font-size:19px;text-anchor:middle}}
.detail{{font-size:12px;fill:#4b5563}}
.badge{{font-size:13px;font-weight:700;fill:{INK}}}
"""


SHADED = f"""
.box .card{{fill:var(--shade,#fff);stroke:var(--shade,#9ca3af)}}
.box text{{fill:var(--ink,{INK})}}
.box :is(.band,.tick){{display:none}}
"""


@dataclass(frozen=True)
class BoxAmount:
    """What boxes can be coloured by."""

    title: str
    unit: str = ""
    logarithmic: bool = True


AMOUNTS = {  # by what a box calls it
    "params": BoxAmount("parameters"),
    "macs": BoxAmount("multiply-adds"),
    "memory": BoxAmount("memory of the outputs inside", "B"),
    "field": BoxAmount("receptive field", "px", logarithmic=False),
}


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


def standalone_svg(picture: Diagram, amount: str = "", figures: bool = True) -> str:
    """With its colours in it, for a file or a slide: of the boxes' kinds, or of one of the `AMOUNTS` that they hold;
    with the figures on them, or without."""
    svg, style = picture.svg, light_style() + ("" if figures else ".amounts{visibility:hidden}")
    if amount in AMOUNTS:
        style += SHADED
        for id, rgb in shades(picture, amount).items():
            name = f'data-id="{escape(id)}"'
            ink = INK if is_bright(rgb) else "#fff"
            svg = svg.replace(name, f'{name} style="--shade:rgb{rgb};--ink:{ink}"', 1)
    opening, rest = svg.split(">", 1)
    return f"{opening}><style>{style}</style>{rest}"


def shades(picture: Diagram, amount: str) -> dict[str, tuple[int, int, int]]:
    """Of each box that holds some of it, as the page colours it."""
    held = {id: getattr(box, amount) for id, box in picture.boxes.items() if getattr(box, amount) > 0}
    scale = log if AMOUNTS[amount].logarithmic else float
    low, high = (scale(end(held.values(), default=1)) for end in (min, max))
    return {id: viridis((scale(each) - low) / (high - low) if high > low else 1.0) for id, each in held.items()}


def told_by_shades(picture: Diagram, amount: str) -> str:
    """What the colours of such a picture say, in words; nothing where they are those of kinds."""
    held = [each for box in picture.boxes.values() if (each := getattr(box, amount, 0)) and amount in AMOUNTS]
    if not held:
        return ""
    told = AMOUNTS[amount]
    ends = [f"{end(held)} px" if told.unit == "px" else f"{short_number(end(held))}{told.unit}" for end in (min, max)]
    return f"{told.title} from {ends[0]} (dark) to {ends[1]} (bright){', log scale' if told.logarithmic else ''}"
