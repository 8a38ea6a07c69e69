"""Where words outside the boxes stand, titles in their frames and shapes beside the edges, out of each other's way."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise, product
from math import hypot

from explorer.diagram.dot import Ends, Placed, Point, Rect, Route
from explorer.diagram.node_labels import SHAPE, Card, box_heading, frame_title, title_width, width
from explorer.diagram.scene import Edge, Frame, Scene
from explorer.formatting import dimensions

GAP = 7  # between a line and its text

CELL = 96  # things are looked up by the squares of this size that they reach into
STACK = 4  # how far each card of a ×N box peeps out behind the one before

Owner = Ends | str  # of an edge, its ends; "" for a border; else a thing that no text may touch

BERNSTEIN = [((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3) for t in (step / 8 for step in range(9))]


@dataclass(frozen=True)
class Words:
    lines: tuple[tuple[float, float, str], ...]  # each a text with the left end of its baseline
    rooms: tuple[Rect, ...]  # what each takes up


@dataclass(frozen=True)
class Lettering:
    titles: dict[str, list[Words]]  # of frames, by id: one for each piece that has room
    shapes: dict[Ends, Words]  # of what flows, where it is new and there is room


def lettering(scene: Scene, cards: dict[str, Card], placed: Placed, direction: str) -> Lettering:
    taken = obstacles(scene, cards, placed)
    titles = {frame.item.id: entitled(frame, placed.frames[frame.item.id], taken) for frame in scene.frames}
    shapes: dict[Ends, Words] = {}
    beside = right_or_left if direction == "TB" else above_and_below
    for ends, text in new_shapes(scene.edges).items():
        if words := first_clear(beside(placed.edges[ends], text), taken, ends):
            shapes[ends] = words
            for room in words.rooms:
                taken.add(room, "shape")
    return Lettering(titles, shapes)


def title_places(frame: Rect, title: str) -> Iterator[Words]:
    """The upper left corner, further to the right, the lower left corner."""
    left, top, right, bottom = frame
    room = title_width(title)
    steps = range(14, max(15, min(400, int(right - left - room - 7))), 12)
    for x, y in (*((left + step, top + 19) for step in steps), (left + 14, bottom - 9)):
        yield Words(((x, y, title),), ((x - 3, y - 12, x + room + 3, y + 4),))


def new_shapes(edges: tuple[Edge, ...]) -> dict[Ends, str]:
    """Written on one edge out of each box that changes the shape; the input says its own."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        known[edge.target].add(shape_text(edge))
        if edge.source.partition("#")[0] == "input":
            known[edge.source].add(shape_text(edge))
    texts: dict[Ends, str] = {}
    for edge in sorted(edges, key=lambda edge: edge.jumps):
        if (text := shape_text(edge)) not in known[edge.source]:
            known[edge.source].add(text)
            texts[edge.source, edge.target] = text
    return texts


def shape_text(edge: Edge) -> str:
    return " + ".join(map(dimensions, edge.shapes))


def right_or_left(route: Route, text: str) -> Iterator[Words]:
    """Places on either side of a line that runs down."""
    room = width(text, SHAPE)
    (start, _), low = route.points[0], max(y for _, y in route.points)
    turn = [(start, low - 12)] if low > route.tip[1] else []  # at a column's foot
    for x, y in (*turn, *stations(route, (18, 26, 36))):
        for lower in (0, 11):
            for left in (x + GAP, x - GAP - room):
                yield Words(((left, y + lower + 4, text),), ((left, y + lower - 7, left + room, y + lower + 7),))


def above_and_below(route: Route, text: str) -> Iterator[Words]:
    """Places on a line that runs to the right: the channels above it, the map's size below, to be short."""
    sizes = text.split("×")
    upper, lower = ("×".join(sizes[:-2]), "×".join(sizes[-2:])) if len(sizes) > 2 and "+" not in text else (text, "")
    over, under = width(upper, SHAPE) / 2, width(lower, SHAPE) / 2
    for x, y in stations(route, (26, 34)):
        lines = ((x - over, y - 6, upper), (x - under, y + 15, lower))
        rooms = ((x - over, y - 17, x + over, y - 3), (x - under, y + 3, x + under, y + 17))
        yield Words(lines, rooms) if lower else Words(lines[:1], rooms[:1])


def stations(route: Route, distances: tuple[float, ...]) -> Iterator[Point]:
    """Points on the line: so far after its start, so far before its end, and the middle."""
    for before, after in ((route.points[0], route.points[1]), (route.tip, route.points[-2])):
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = hypot(dx, dy) or 1
        for distance in distances:
            yield before[0] + dx * distance / length, before[1] + dy * distance / length
    yield route.points[len(route.points) // 6 * 3]


@dataclass
class Obstacles:
    cells: defaultdict[tuple[int, int], list[tuple[Rect, Owner]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, rect: Rect, owner: Owner) -> None:
        for cell in grid_cells(rect):
            self.cells[cell].append((rect, owner))

    def touched(self, room: Rect, ends: Ends | None, lines: bool) -> bool:
        """Whether a box, a text, the edge itself or, with `lines`, a border or another edge is in the way."""
        return any(
            rects_overlap(room, rect)
            for cell in grid_cells(room)
            for rect, owner in self.cells.get(cell, ())
            if lines or owner == ends or (owner and isinstance(owner, str))
        )


def entitled(frame: Frame, pieces: tuple[Rect, ...], taken: Obstacles) -> list[Words]:
    """The title in a frame's first piece; where columns cut the frame, in each further piece what it goes on with."""
    name = box_heading(frame.item)
    first, *later = pieces
    found = [title_place(first, frame_title(frame.item), taken)]
    tries = [[title_place(piece, title, taken) for piece in later] for title in (f"{name}, continued", f"… {name}")]
    found += next((tried for tried in tries if all(is_clear(words, taken) for words in tried)), tries[-1])
    for words in found:
        taken.add(words.rooms[0], "title")
    return found


def title_place(piece: Rect, title: str, taken: Obstacles) -> Words:
    return first_clear(title_places(piece, title), taken, None) or next(title_places(piece, title))


def is_clear(words: Words, taken: Obstacles) -> bool:
    return not any(taken.touched(room, None, lines=True) for room in words.rooms)


def first_clear(choices: Iterator[Words], taken: Obstacles, ends: Ends | None) -> Words | None:
    """The first that touches nothing, else the first that touches borders and other edges only."""
    second_best = None
    for words in choices:
        if any(taken.touched(room, ends, lines=False) for room in words.rooms):
            continue
        if not any(taken.touched(room, ends, lines=True) for room in words.rooms):
            return words
        second_best = second_best or words
    return second_best


def grid_cells(rect: Rect) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = (int(side // CELL) for side in rect)
    return product(range(left, right + 1), range(top, bottom + 1))


def obstacles(scene: Scene, cards: dict[str, Card], placed: Placed) -> Obstacles:
    found = Obstacles()
    for id, (x, y) in placed.boxes.items():
        card = cards[id]
        half, stack = (card.width / 2, card.height / 2), 2 * STACK if card.badge else 0
        found.add((x - half[0], y - half[1], x + half[0] + stack, y + half[1] + stack), "box")
    for left, top, right, bottom in chain.from_iterable(placed.frames.values()):
        found.add((left, top, right, top), "")
        found.add((left, bottom, right, bottom), "")
    for ends, route in placed.edges.items():
        for start in range(0, len(route.points) - 1, 3):
            for rect in curve_bounds(*route.points[start : start + 4]):
                found.add(rect, ends)
    return found


def curve_bounds(a: Point, b: Point, c: Point, d: Point) -> Iterator[Rect]:
    """A Bézier curve's bounds, in eight parts unless it runs straight up, down or across."""
    xs, ys = (a[0], b[0], c[0], d[0]), (a[1], b[1], c[1], d[1])
    if min(max(xs) - min(xs), max(ys) - min(ys)) < 4:
        yield min(xs), min(ys), max(xs), max(ys)
        return
    for (x0, y0), (x1, y1) in pairwise(zip(sampled(*xs), sampled(*ys), strict=True)):
        yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def sampled(a: float, b: float, c: float, d: float) -> Iterator[float]:
    return (a * p + b * q + c * r + d * s for p, q, r, s in BERNSTEIN)


def rects_overlap(one: Rect, other: Rect) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
