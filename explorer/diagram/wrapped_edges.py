"""Moves the parts of a picture into columns, and leads each cut edge from the foot of one to the head of the next."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from explorer.diagram.dot import EDGE, Ends, Placed, Point, Rect, Route

BEND = 12  # the radius of a corner
CLEAR = 12  # between a line that turns round and what it passes on top


@dataclass(frozen=True)
class Pads:
    """Room around what a piece of a cut frame holds, and at a column's foot. A frame's title stands where it begins."""

    top: float
    bottom: float
    left: float
    right: float
    below: float  # for the shape beside the line that leads on


DOWN = Pads(top=26, bottom=11, left=11, right=11, below=22)
ACROSS = Pads(top=11, bottom=11, left=27, right=11, below=46)  # seen turned: its left is what is above on the screen


@dataclass(frozen=True)
class Move:
    """A column: what it takes from the tall picture, and how far that is moved."""

    taken: Rect
    right: float
    down: float
    cuts: tuple[int, int]  # how many frames it begins inside, and ends inside
    cut: tuple[float, tuple[Ends, ...]] | None  # where it ends, and the edges that lead on to the next column
    lane: float  # where those go up

    def point(self, point: Point) -> Point:
        return round(point[0] + self.right, 1), round(point[1] + self.down, 1)

    def rect(self, rect: Rect) -> Rect:
        return *self.point(rect[:2]), *self.point(rect[2:])


def move_columns(placed: Placed, depths: dict[str, int], moves: list[Move], pads: Pads) -> Placed:
    """`depths`: the frames that may end up in pieces, and how deep each is nested."""
    boxes = {id: at(moves, centre[1]).point(centre) for id, centre in placed.boxes.items()}
    frames = {
        id: tuple(frame_parts(frame, moves, depths[id], pads)) if id in depths else (at(moves, frame[1]).rect(frame),)
        for id, (frame,) in placed.frames.items()
    }
    edges = {ends: shifted(route, at(moves, route.points[0][1])) for ends, route in placed.edges.items()}
    rects = [rect for pieces in frames.values() for rect in pieces]
    for here, after in pairwise(moves):
        if here.cut:
            height, cut = here.cut
            turn = (foot(here, rects, pads), here.lane, head_room(after, rects))
            edges |= {ends: led_on(placed.edges[ends], height, (here, after), turn) for ends in cut}
    width, height = moves[-1].taken[2] + moves[-1].right, max(foot(move, rects, pads) for move in moves)
    return Placed(round(width + EDGE, 1), round(height + EDGE, 1), boxes, frames, edges)


def at(moves: list[Move], y: float) -> Move:
    """The column that a height of the tall picture lies in."""
    return moves[bisect_right([move.cut[0] for move in moves if move.cut], y)]


def shifted(route: Route, move: Move) -> Route:
    return Route(tuple(move.point(point) for point in route.points), move.point(route.tip))


def frame_parts(frame: Rect, moves: list[Move], level: int, pads: Pads) -> Iterator[Rect]:
    """The pieces of a frame, one in each column that it reaches into; those around others stand out further."""
    left, top, right, bottom = frame
    for move in moves:
        start, low, end, high = move.taken
        if top < high and bottom > low:
            upper = top if top >= low else low - (move.cuts[0] - level) * pads.top
            lower = bottom if bottom <= high else high + (move.cuts[1] - level) * pads.bottom
            sides = max(left, start + level * pads.left), min(right, end - level * pads.right)
            yield move.rect((sides[0], upper, sides[1], lower))


def inside_rect(move: Move, rect: Rect) -> bool:
    return rect[0] < move.taken[2] + move.right and rect[2] > move.taken[0] + move.right


def head_room(move: Move, rects: list[Rect]) -> float:
    """Above all that stands in the column."""
    return min(move.taken[1] + move.down, *(rect[1] for rect in rects if inside_rect(move, rect)), math.inf) - CLEAR


def foot(move: Move, rects: list[Rect], pads: Pads) -> float:
    """Below all that stands in the column: where its line turns."""
    lowest = max((rect[3] for rect in rects if inside_rect(move, rect)), default=0.0)
    return max(lowest, move.taken[3] + move.down) + (pads.below if move.cut else 0)


def led_on(route: Route, height: float, columns: tuple[Move, Move], turn: tuple[float, float, float]) -> Route:
    """An edge cut at a height: from the one column into the other."""
    here, after = columns
    start, _ = split(route, height)
    _, goal = split(route, max(height, turn[2] - after.down))  # what begins above the turn would stick out of it
    middle = corners(here.point(start[-1]), after.point(goal[0]), turn)
    return Route((*map(here.point, start), *middle, *map(after.point, goal[1:])), after.point(route.tip))


def split(route: Route, y: float) -> tuple[list[Point], list[Point]]:
    """The Bézier chain in two, where it first comes down to y."""
    ends = [point[1] for point in route.points[3::3]]
    start = 3 * min(bisect_left(ends, y), len(ends) - 1)
    a, b, c, d = route.points[start : start + 4]
    low, high = 0.0, 1.0
    for _ in range(16):
        t = (low + high) / 2
        low, high = (t, high) if bezier(a, b, c, d, t)[-1][1] < y else (low, t)
    ab, abc, abcd = bezier(a, b, c, d, low)
    dc, dcb, _ = bezier(d, c, b, a, 1 - low)
    return [*route.points[: start + 1], ab, abc, abcd], [abcd, dcb, dc, *route.points[start + 3 :]]


def bezier(a: Point, b: Point, c: Point, d: Point, t: float) -> tuple[Point, Point, Point]:
    """The controls and the end of the curve's first part."""
    ab, bc, cd = between(a, b, t), between(b, c, t), between(c, d, t)
    abc, bcd = between(ab, bc, t), between(bc, cd, t)
    return ab, abc, between(abc, bcd, t)


def between(a: Point, b: Point, t: float) -> Point:
    return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t


def corners(start: Point, goal: Point, turn: tuple[float, float, float]) -> Iterator[Point]:
    """From a start down, over to the lane, up, over and down to the goal: the points after the start."""
    low, lane, high = turn
    stops = [start, (start[0], low), (lane, low), (lane, high), (goal[0], high), goal]
    here = start
    for corner, after in pairwise(stops[1:]):
        before, beyond = short_of(corner, here), short_of(corner, after)
        yield from (here, before, before, corner, corner, beyond)
        here = beyond
    yield from (here, goal, goal)


def short_of(corner: Point, point: Point) -> Point:
    """One radius before the corner, coming from a point straight beside or above it."""
    dx, dy = point[0] - corner[0], point[1] - corner[1]
    far = abs(dx) + abs(dy)
    return between(corner, point, min(0.5, BEND / far)) if far else corner
