"""A tall picture cut into columns that stand side by side, like a newspaper's, and a long one into rows."""

from dataclasses import dataclass, replace
from itertools import product

from explorer.cards import Card
from explorer.parting import Pieces, Span, level, pieces, wholes
from explorer.placing import EDGE, Ends, Placed, turned
from explorer.scene import Scene
from explorer.turning import ACROSS, DOWN, Move, Pads, moved

GUTTER = 34
HEAD = 14  # above the columns, for the line that leads from one to the next
DEEPEST = 3  # frames nested deeper are never cut
MOST = 9  # columns


@dataclass(frozen=True)
class Sheet:
    """What the columns stand on: the viewer's room on a small laptop."""

    width: float
    height: float
    pads: Pads


SHEETS = {"TB": Sheet(640, 450, DOWN), "LR": Sheet(450, 640, ACROSS)}  # the second seen turned: rows as columns


@dataclass(frozen=True)
class Plan:
    pieces: Pieces
    starts: tuple[int, ...]  # the first span of each column
    sheet: Sheet

    @property
    def columns(self) -> list[tuple[int, int]]:
        """The first span of each and its last."""
        ends = (*(start - 1 for start in self.starts[1:]), len(self.pieces.spans) - 1)
        return list(zip(self.starts, ends, strict=True))

    def sides(self, first: int, last: int) -> tuple[float, float]:
        inside = self.pieces.sides[first : last + 1]
        return min(left for left, _ in inside), max(right for _, right in inside)

    @property
    def size(self) -> tuple[float, float]:
        columns = self.columns
        widths = [right - left for left, right in (self.sides(*column) for column in columns)]
        height = max(self.height(*column) for column in columns)
        turn = (HEAD + self.sheet.pads.below) * (len(columns) > 1)
        return sum(widths) + GUTTER * (len(columns) - 1) + 2 * EDGE, height + turn + 2 * EDGE

    def height(self, first: int, last: int) -> float:
        begins, ends = self.cuts(first, last)
        pads, spans = self.sheet.pads, self.pieces.spans
        return spans[last][1] - spans[first][0] + begins * pads.top + ends * pads.bottom

    def cuts(self, first: int, last: int) -> tuple[int, int]:
        """How many frames a column begins inside, and ends inside."""
        around = (0, *self.pieces.around, 0)
        return around[first], around[last + 1]

    @property
    def scale(self) -> float:
        """How large it can be shown; a column more must be worth it, above all one that would stay nearly empty."""
        (width, height), (top, bottom) = self.size, (self.pieces.spans[index] for index in (self.starts[-1], -1))
        stub = 0.85 if len(self.starts) > 1 and bottom[1] - top[0] < height / 6 else 1
        return min(1, self.sheet.width / width, self.sheet.height / height) * 0.97 ** len(self.starts) * stub


def in_rows(placed: Placed, scene: Scene, cards: dict[str, Card]) -> Placed:
    """The same picture, which runs from left to right, in as many rows as make it largest."""
    cards = {id: replace(card, width=card.height, height=card.width) for id, card in cards.items()}
    return turned(in_columns(turned(placed), scene, cards, SHEETS["LR"]))


def in_columns(placed: Placed, scene: Scene, cards: dict[str, Card], sheet: Sheet = SHEETS["TB"]) -> Placed:
    """The same picture in as many columns as make it largest."""
    if placed.height <= sheet.height:
        return placed
    parents = {frame.item.id: frame.frame for frame in scene.frames}
    skips = frozenset(edge.ends for edge in scene.edges if edge.skip)
    kinds = product(range(DEEPEST), (skips, frozenset[Ends]()))  # a skip path is cut where nothing else helps
    found = (
        pieces(placed, list(wholes(placed, parents, cards, (depth, sheet.pads))), depth, kept) for depth, kept in kinds
    )
    plans = [best(each, sheet) for each in found if each.joints]
    if not plans:
        return placed
    largest = max(plan.scale for plan in plans)
    # A frame in one piece is worth some size, a block in one piece is worth more.
    plan = next(plan for plan in plans if plan.scale >= (0.85 - 0.15 * plan.pieces.depth) * largest)
    depths = {id: deep for id in placed.frames if (deep := level(id, parents)) < plan.pieces.depth}
    return moved(placed, depths, moves(plan), sheet.pads) if len(plan.starts) > 1 else placed


def best(found: Pieces, sheet: Sheet) -> Plan:
    counts = range(1, min(MOST, len(found.spans)) + 1)
    return max((Plan(found, levelled(found.spans, columns), sheet) for columns in counts), key=lambda p: p.scale)


def levelled(spans: tuple[Span, ...], columns: int) -> tuple[int, ...]:
    """The first span of each column, so that the highest is as low as can be."""
    low, high = max(bottom - top for top, bottom in spans), spans[-1][1] - spans[0][0]
    while high - low > 4:
        middle = (low + high) / 2
        low, high = (low, middle) if len(filled(spans, middle)) <= columns else (middle, high)
    return filled(spans, high + 0.1)


def filled(spans: tuple[Span, ...], height: float) -> tuple[int, ...]:
    starts = [0]
    for index, (_, bottom) in enumerate(spans):
        if bottom - spans[starts[-1]][0] > height:
            starts.append(index)
    return tuple(starts)


def moves(plan: Plan) -> list[Move]:
    """Where each column goes: its top level with the others', one gutter between neighbours."""
    found: list[Move] = []
    x, pads = float(EDGE), plan.sheet.pads
    for first, last in plan.columns:
        left, right = plan.sides(first, last)
        top, bottom = plan.pieces.spans[first][0], plan.pieces.spans[last][1]
        cuts = plan.cuts(first, last)
        down = EDGE + HEAD + cuts[0] * pads.top - top
        cut = plan.pieces.joints[last] if last < len(plan.pieces.joints) else None
        found.append(Move((left, top, right, bottom), x - left, down, cuts, cut, x + right - left + GUTTER / 2))
        x += right - left + GUTTER
    return found
