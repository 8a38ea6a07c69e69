"""A tall picture cut into columns that stand side by side, like a newspaper's: screens are wider than they are high."""

from dataclasses import dataclass
from itertools import product

from explorer.cards import Card
from explorer.parting import Pieces, Span, pieces, wholes
from explorer.placing import EDGE, Ends, Placed
from explorer.scene import Scene
from explorer.turning import PAD, Move, moved

SCREEN = 640, 430  # the viewer's room on a small laptop
GUTTER = 44
DEEPEST = 3  # frames nested deeper are never cut
MOST = 9  # columns
ROOM = 30  # above and below the columns, for the line that leads from one to the next


@dataclass(frozen=True)
class Plan:
    pieces: Pieces
    starts: tuple[int, ...]  # the first span of each column

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
        spans, columns = self.pieces.spans, self.columns
        widths = [right - left for left, right in (self.sides(*column) for column in columns)]
        height = max(spans[last][1] - spans[first][0] for first, last in columns)
        return sum(widths) + GUTTER * (len(columns) - 1), height + 2 * ROOM * (len(columns) > 1)

    @property
    def scale(self) -> float:
        """How large it can be shown; a column more must be worth it, above all one that would stay nearly empty."""
        (width, height), (top, bottom) = self.size, (self.pieces.spans[index] for index in (self.starts[-1], -1))
        stub = len(self.starts) > 1 and bottom[1] - top[0] < height / 6
        return min(1, SCREEN[0] / width, SCREEN[1] / height) * 0.97 ** len(self.starts) * (0.85 if stub else 1)


def in_columns(placed: Placed, scene: Scene, cards: dict[str, Card]) -> Placed:
    """The same picture in as many columns as make it largest."""
    if placed.height <= SCREEN[1]:
        return placed
    parents = {frame.item.id: frame.frame for frame in scene.frames}
    skips = frozenset(edge.ends for edge in scene.edges if edge.skip)
    kinds = product(range(DEEPEST), (skips, frozenset[Ends]()))  # a skip path is cut where nothing else helps
    found = (pieces(placed, list(wholes(placed, parents, cards, depth)), depth, kept) for depth, kept in kinds)
    plans = [best(each) for each in found if each.joints]
    if not plans:
        return placed
    largest = max(plan.scale for plan in plans)
    # A frame in one piece is worth some size, a block in one piece is worth more.
    plan = next(plan for plan in plans if plan.scale >= (0.85 - 0.15 * plan.pieces.depth) * largest)
    return moved(placed, parents, moves(plan)) if len(plan.starts) > 1 else placed


def best(found: Pieces) -> Plan:
    most = min(MOST, len(found.spans))
    return max((Plan(found, levelled(found.spans, columns)) for columns in range(1, most + 1)), key=lambda p: p.scale)


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
    """Where each column goes: its tops level with the others', one gutter between neighbours."""
    found: list[Move] = []
    x, ceiling = float(EDGE), EDGE + ROOM + PAD * plan.pieces.depth
    for first, last in plan.columns:
        left, right = plan.sides(first, last)
        top, bottom = plan.pieces.spans[first][0], plan.pieces.spans[last][1]
        cut = plan.pieces.joints[last] if last < len(plan.pieces.joints) else None
        found.append(Move((left, top, right, bottom), x - left, ceiling - top, cut, x + right - left + GUTTER / 2))
        x += right - left + GUTTER
    return found
