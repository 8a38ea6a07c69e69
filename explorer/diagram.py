"""Outline + what is open → Picture: DOT, laid out by Graphviz, painted as SVG."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from explorer.cards import cards
from explorer.columns import in_columns, in_rows
from explorer.dot import digraph
from explorer.labels import heading, hover
from explorer.layout import graphviz
from explorer.lettering import lettering
from explorer.nesting import Item
from explorer.outline import Outline, walk
from explorer.placing import placed
from explorer.scene import Box, visible
from explorer.svg import paint, style
from explorer.views import View


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
class Picture:
    svg: str
    boxes: dict[str, BoxInfo]
    dot: str
    width: float
    height: float


def draw(outline: Outline, view: View, fields: Mapping[str, int] | None = None) -> Picture:
    """The picture. `fields` gives nodes their receptive field in pixels.

    Raises `ValueError` where there is too much to draw.
    """
    graph = outline.graph
    scene = visible(outline, view)
    sizes = cards(scene, graph, view.direction)
    dot = digraph(scene, sizes, view.direction).source
    parted = in_columns if view.direction == "TB" else in_rows
    where = parted(placed(graphviz().render(dot), scene), scene, sizes)
    words = lettering(scene, sizes, where, view.direction)
    seen = fields or {}
    boxes = {box.item.id: info(box, hover(box, graph, seen), seen) for box in scene.boxes}
    return Picture(paint(scene, sizes, words, where), boxes, dot, where.width, where.height)


def info(box: Box, lines: tuple[str, ...], fields: Mapping[str, int]) -> BoxInfo:
    item = box.item
    field = fields.get(item.all_nodes[-1], 0) if item.nodes else 0
    words = " ".join(dict.fromkeys(word for inner in walk(item.children) for word in (inner.title, inner.op)))
    return BoxInfo(
        *(heading(item), item.op, item.kind, bool(item.children), lines),
        *(box.params, box.macs, box.memory, field, words),
    )


def standalone_svg(picture: Picture) -> str:
    """With its colours in it, for a file or a slide."""
    opening, rest = picture.svg.split(">", 1)
    return f"{opening}><style>{style()}</style>{rest}"


def text_alternative(outline: Outline) -> str:
    """The network as a nested list, for those who do not see the picture."""
    return "\n".join(listed(outline.folded, 0))


def listed(items: tuple[Item, ...], depth: int) -> Iterator[str]:
    for item in items:
        times = f", {item.times} times" if item.times > 1 else ""
        params = f", {item.params:,} parameters" if item.params else ""
        name = item.title if item.op.lower() == item.title.lower() else f"{item.title}: {item.op}"
        yield f"{'  ' * depth}- {name}{times}{params}"
        yield from listed(item.children, depth + 1)
