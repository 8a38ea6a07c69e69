"""A block drawn in one piece: it is small, and a story told from top to bottom should not be cut into columns."""

from dataclasses import dataclass

from explorer.cards import cards
from explorer.dot import digraph
from explorer.layout import graphviz
from explorer.lettering import lettering
from explorer.outline import Outline
from explorer.placing import placed
from explorer.scene import visible
from explorer.svg import paint
from explorer.views import View


@dataclass(frozen=True)
class BlockPicture:
    svg: str
    boxes: int
    width: float
    height: float


def block_picture(outline: Outline, view: View) -> BlockPicture:
    """Raises `ValueError` where there is too much to draw."""
    scene = visible(outline, view)
    sizes = cards(scene, outline.graph, view.direction)
    where = placed(graphviz().render(digraph(scene, sizes, view.direction).source), scene)
    words = lettering(scene, sizes, where, view.direction)
    return BlockPicture(paint(scene, sizes, words, where), len(scene.boxes), where.width, where.height)
