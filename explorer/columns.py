"""A tall picture cut into columns that stand side by side, like a newspaper's: screens are wider than they are high."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from explorer.cards import Card
from explorer.placing import EDGE, Ends, Placed, Rect
from explorer.turning import PAD, Move, moved

SCREEN = 640, 430  # the viewer's room on a small laptop
GUTTER = 44
DEEPEST = 3  # frames nested deeper are never cut
MOST = 9  # columns
ROOM = 30  # above and below the columns, for the line that leads from one to the next

Span = tuple[float, float]  # top, bottom


@dataclass(frozen=True)
class Pieces:
    """What may be parted: spans of the picture, one below the other, joined by a single edge each."""

    spans: tuple[Span, ...]
    joints: tuple[tuple[float, Ends], ...]  # between each two spans: where to cut, and the edge that is cut
    sides: tuple[tuple[float, float], ...]  # the left and right end of each span
    depth: int  # frames nested less deep than this may be cut


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


def in_columns(placed: Placed, parents: dict[str, str], cards: dict[str, Card]) -> Placed:
    """The same picture in as many columns as make it largest; `parents` gives each frame the one around it."""
    if placed.height <= SCREEN[1]:
        return placed
    plans = [best(found) for depth in range(DEEPEST) if (found := pieces(placed, parents, cards, depth)).joints]
    if not plans:
        return placed
    largest = max(plan.scale for plan in plans)
    plan = next(plan for plan in plans if plan.scale >= 0.85 * largest)  # a frame in one piece is worth some size
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


def pieces(placed: Placed, parents: dict[str, str], cards: dict[str, Card], depth: int) -> Pieces:
    whole = list(wholes(placed, parents, cards, depth))
    spans = merged((rect[1], rect[3]) for rect in whole)
    gaps = [(above[1] + below[0]) / 2 for above, below in pairwise(spans)]
    cut: defaultdict[int, list[Ends]] = defaultdict(list)
    for ends, route in placed.edges.items():
        for gap in range(bisect_left(gaps, route.points[0][1]), bisect_right(gaps, route.tip[1])):
            cut[gap].append(ends)
    single = [gap for gap in range(len(gaps)) if len(cut[gap]) == 1 and cut[gap] != cut.get(gap - 1)]
    bounds = list(pairwise((0, *(gap + 1 for gap in single), len(spans))))
    joined = tuple((spans[first][0], spans[last - 1][1]) for first, last in bounds)
    return Pieces(joined, tuple((gaps[gap], cut[gap][0]) for gap in single), tuple(sides(joined, placed, whole)), depth)


def sides(spans: tuple[Span, ...], placed: Placed, whole: list[Rect]) -> Iterator[tuple[float, float]]:
    """How far each span reaches to the left and right, lines included."""
    tops = [top for top, _ in spans]
    found = [(placed.width, 0.0)] * len(spans)
    lines = [(x, y, x, y) for route in placed.edges.values() for x, y in route.points]
    for left, top, right, _ in (*whole, *lines):
        at = max(0, bisect_right(tops, top) - 1)
        found[at] = min(found[at][0], left), max(found[at][1], right)
    yield from found


def wholes(placed: Placed, parents: dict[str, str], cards: dict[str, Card], depth: int) -> Iterator[Rect]:
    """What no cut may pass: boxes, frames, and of a frame that may be cut its head and foot."""
    boxes = [
        (x - (w := cards[id].width / 2), y - (h := cards[id].height / 2), x + w + 8, y + h + 4)
        for id, (x, y) in placed.boxes.items()
    ]
    yield from boxes
    for id, (frame,) in placed.frames.items():
        if level(id, parents) >= depth:
            yield frame
            continue
        left, top, right, bottom = frame
        held = [box for box in boxes if left <= box[0] and box[2] <= right + 8 and top <= box[1] and box[3] <= bottom]
        yield left, top, right, min((box[1] for box in held), default=bottom)
        yield left, max((box[3] for box in held), default=top), right, bottom
        yield from ((left, box[1], right, box[3]) for box in held)


def level(id: str, parents: dict[str, str]) -> int:
    return 1 + level(parents[id], parents) if parents[id] else 0


def merged(spans: Iterator[Span]) -> list[Span]:
    found: list[Span] = []
    for top, bottom in sorted(spans):
        if found and top <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], bottom)
        else:
            found.append((top, bottom))
    return found


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
