"""A tall picture cut into columns that stand side by side, like a newspaper's, and a long one into rows."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, product

from explorer.diagram.dot import EDGE, Ends, Placed, Rect, transpose_placement
from explorer.diagram.node_labels import Card
from explorer.diagram.scene import Scene
from explorer.diagram.wrapped_edges import ACROSS, DOWN, Move, Pads, move_columns

GUTTER = 34
HEAD = 14  # above the columns, for the line that leads from one to the next
DEEPEST = 3  # frames nested deeper are never cut
MOST = 9  # columns

Span = tuple[float, float]  # top, bottom


@dataclass(frozen=True)
class Sheet:
    """What the columns stand on: the viewer's room on a small laptop."""

    width: float
    height: float
    pads: Pads


SHEETS = {"TB": Sheet(640, 450, DOWN), "LR": Sheet(450, 640, ACROSS)}  # the second seen turned: rows as columns


def in_rows(placed: Placed, scene: Scene, cards: dict[str, Card]) -> Placed:
    """The same picture, which runs from left to right, in as many rows as make it largest."""
    cards = {id: replace(card, width=card.height, height=card.width) for id, card in cards.items()}
    return transpose_placement(in_columns(transpose_placement(placed), scene, cards, SHEETS["LR"]))


def in_columns(placed: Placed, scene: Scene, cards: dict[str, Card], sheet: Sheet = SHEETS["TB"]) -> Placed:
    """The same picture in as many columns as make it largest."""
    if placed.height <= sheet.height:
        return placed
    parents = {frame.item.id: frame.frame for frame in scene.frames}
    jumps = frozenset(edge.ends for edge in scene.edges if edge.jumps)
    kinds = product(
        range(DEEPEST), (jumps, frozenset[Ends]())
    )  # what jumps over others is cut where nothing else helps
    found = (
        cut_pieces(placed, list(wholes(placed, parents, cards, (depth, sheet.pads))), depth, kept)
        for depth, kept in kinds
    )
    plans = [best_columns(each, sheet) for each in found if each.joints]
    if not plans:
        return placed
    largest = max(plan.scale for plan in plans)
    # A frame in one piece is worth some size, a block in one piece is worth more.
    plan = next(plan for plan in plans if plan.scale >= (0.85 - 0.15 * plan.pieces.depth) * largest)
    depths = {id: deep for id in placed.frames if (deep := nesting_level(id, parents)) < plan.pieces.depth}
    return move_columns(placed, depths, moves(plan), sheet.pads) if len(plan.starts) > 1 else placed


def levelled(spans: tuple[Span, ...], columns: int) -> tuple[int, ...]:
    """The first span of each column, so that the highest is as low as can be."""
    low, high = max(bottom - top for top, bottom in spans), spans[-1][1] - spans[0][0]
    while high - low > 4:
        middle = (low + high) / 2
        low, high = (low, middle) if len(fill_columns(spans, middle)) <= columns else (middle, high)
    return fill_columns(spans, high + 0.1)


def fill_columns(spans: tuple[Span, ...], height: float) -> tuple[int, ...]:
    starts = [0]
    for index, (_, bottom) in enumerate(spans):
        if bottom - spans[starts[-1]][0] > height:
            starts.append(index)
    return tuple(starts)


@dataclass(frozen=True)
class Pieces:
    """What may be parted: spans of the picture, one below the other, where one output leads on."""

    spans: tuple[Span, ...]
    joints: tuple[tuple[float, tuple[Ends, ...]], ...]  # between each two: where to cut, and the edges that are cut
    sides: tuple[tuple[float, float], ...]  # the left and right end of each span
    around: tuple[int, ...]  # how many frames each joint cuts
    depth: int  # frames nested less deep than this may be cut


@dataclass(frozen=True)
class ColumnPlan:
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


def best_columns(found: Pieces, sheet: Sheet) -> ColumnPlan:
    counts = range(1, min(MOST, len(found.spans)) + 1)
    return max((ColumnPlan(found, levelled(found.spans, columns), sheet) for columns in counts), key=lambda p: p.scale)


def moves(plan: ColumnPlan) -> list[Move]:
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


def cut_pieces(placed: Placed, whole: list[Rect], depth: int, kept: frozenset[Ends]) -> Pieces:
    """`whole` lists what stays in one piece, `kept` the edges that do."""
    spans = merge_spans((rect[1], rect[3]) for rect in whole)
    gaps = [(above[1] + below[0]) / 2 for above, below in pairwise(spans)]
    cut: defaultdict[int, list[Ends]] = defaultdict(list)
    for ends, route in placed.edges.items():
        for gap in range(bisect_left(gaps, route.points[0][1]), bisect_right(gaps, route.tip[1])):
            cut[gap].append(ends)
    clean = list(clean_cuts([cut[gap] for gap in range(len(gaps))], kept))
    bounds = list(pairwise((0, *(gap + 1 for gap in clean), len(spans))))
    joined = tuple((spans[first][0], spans[last - 1][1]) for first, last in bounds)
    joints = tuple((gaps[gap], tuple(cut[gap])) for gap in clean)
    around = tuple(sum(top < y < bottom for ((_, top, _, bottom),) in placed.frames.values()) for y, _ in joints)
    return Pieces(joined, joints, tuple(span_sides(joined, placed, whole)), around, depth)


def clean_cuts(cuts: list[list[Ends]], kept: frozenset[Ends]) -> Iterator[int]:
    """Which gaps are crossed by one box's output only; no edge is cut twice."""
    before: set[Ends] = set()
    for gap, edges in enumerate(cuts):
        if len({source for source, _ in edges}) == 1 and not (before | kept) & {*edges}:
            before = {*edges}
            yield gap


def span_sides(spans: tuple[Span, ...], placed: Placed, whole: list[Rect]) -> Iterator[tuple[float, float]]:
    """How far each span reaches to the left and right, lines included."""
    tops = [top for top, _ in spans]
    found = [(placed.width, 0.0)] * len(spans)
    lines = [(x - 8, y, x + 8, y) for route in placed.edges.values() for x, y in route.points]
    for left, top, right, _ in (*whole, *lines):
        at = max(0, bisect_right(tops, top) - 1)
        found[at] = min(found[at][0], left), max(found[at][1], right)
    yield from found


def nesting_level(id: str, parents: dict[str, str]) -> int:
    """How many frames deep it lies."""
    return 1 + nesting_level(parents[id], parents) if parents[id] else 0


def wholes(placed: Placed, parents: dict[str, str], cards: dict[str, Card], cuts: tuple[int, Pads]) -> Iterator[Rect]:
    """What no cut may pass. `cuts`: how deep a frame must be nested to be kept in one piece; and the room of pieces."""
    depth, pads = cuts
    boxes = [
        (x - (w := cards[id].width / 2), y - (h := cards[id].height / 2), x + w + 8, y + h + 4)
        for id, (x, y) in placed.boxes.items()
    ]
    kept = [frame for id, (frame,) in placed.frames.items() if nesting_level(id, parents) >= depth]
    yield from (*boxes, *kept)
    room = pads.left * depth, pads.right * depth
    for id, (frame,) in placed.frames.items():
        if nesting_level(id, parents) < depth:
            yield from open_frame(frame, (*boxes, *kept), room)


def open_frame(frame: Rect, others: tuple[Rect, ...], room: tuple[float, float]) -> Iterator[Rect]:
    """A frame that may be cut: its head, its foot, and what it holds, with room for its sides."""
    left, top, right, bottom = frame
    near = [each for each in others if top <= each[1] and each[3] <= bottom]
    held = [each for each in near if left <= each[0] and each[2] <= right + 8]
    first, last = min(held, key=lambda each: each[1], default=frame), max(held, key=lambda each: each[3], default=frame)
    start = max(left, first[0] - room[0])
    yield start, top, min(right, start + 200), first[1]
    yield last[0], last[3], last[2], bottom
    for start, upper, end, lower in held:
        yield max(left, start - room[0]), upper, min(right, end + room[1]), lower


def merge_spans(spans: Iterator[Span]) -> list[Span]:
    found: list[Span] = []
    for top, bottom in sorted(spans):
        if found and top <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], bottom)
        else:
            found.append((top, bottom))
    return found
