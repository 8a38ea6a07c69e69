"""What is in the way of a text: boxes, lines, borders and other texts."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise, product

from explorer.cards import Card
from explorer.placing import Ends, Placed, Point, Rect
from explorer.scene import Scene

CELL = 96  # things are looked up by the squares of this size that they reach into
STACK = 4  # how far each card of a ×N box peeps out behind the one before

Owner = Ends | str  # of an edge, its ends; "" for a border; else a thing that no text may touch


@dataclass
class Obstacles:
    cells: defaultdict[tuple[int, int], list[tuple[Rect, Owner]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, rect: Rect, owner: Owner) -> None:
        for cell in cells(rect):
            self.cells[cell].append((rect, owner))

    def touched(self, room: Rect, ends: Ends | None, lines: bool) -> bool:
        """Whether a box, a text, the edge itself or, with `lines`, a border or another edge is in the way."""
        return any(
            overlap(room, rect)
            for cell in cells(room)
            for rect, owner in self.cells.get(cell, ())
            if lines or owner == ends or (owner and isinstance(owner, str))
        )


def cells(rect: Rect) -> Iterator[tuple[int, int]]:
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
            for rect in pieces(*route.points[start : start + 4]):
                found.add(rect, ends)
    return found


def pieces(a: Point, b: Point, c: Point, d: Point) -> Iterator[Rect]:
    """A Bézier curve's bounds, in eight parts unless it runs straight up, down or across."""
    xs, ys = (a[0], b[0], c[0], d[0]), (a[1], b[1], c[1], d[1])
    if min(max(xs) - min(xs), max(ys) - min(ys)) < 4:
        yield min(xs), min(ys), max(xs), max(ys)
        return
    for (x0, y0), (x1, y1) in pairwise(zip(sampled(*xs), sampled(*ys), strict=True)):
        yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def sampled(a: float, b: float, c: float, d: float) -> Iterator[float]:
    return (a * p + b * q + c * r + d * s for p, q, r, s in BERNSTEIN)


BERNSTEIN = [((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3) for t in (step / 8 for step in range(9))]


def overlap(one: Rect, other: Rect) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
