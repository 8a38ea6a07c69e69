"""Pictures in one column each, moved down so that what begins in all of them begins at equal heights."""

from collections.abc import Callable

from explorer.cards import Card
from explorer.placing import Placed, Rect, Route

ABOVE = 6  # room above a row that moves down with it
Move = tuple[tuple[float, float], ...]  # from this height on, so much further down


def lowered(starts: list[dict[int, float]]) -> list[Move]:
    """For each network, how far its rows move down so that equal levels begin at equal heights."""
    shared = sorted(set.intersection(*(set(each) for each in starts))) if starts else []
    moves: list[list[tuple[float, float]]] = [[] for _ in starts]
    down = [0.0] * len(starts)
    for here in shared:
        goal = max(each[here] + shift for each, shift in zip(starts, down, strict=True))
        for index, each in enumerate(starts):
            down[index] = goal - each[here]
            moves[index].append((each[here] - ABOVE, down[index]))
    return [tuple(move) for move in moves]


def stretched(placed: Placed, cards: dict[str, Card], move: Move) -> Placed:
    def down(y: float) -> float:
        return y + next((shift for start, shift in reversed(move) if y >= start), 0)

    def box(id: str, x: float, y: float) -> tuple[float, float]:
        top = y - cards[id].height / 2
        return x, round(y + down(top) - top, 1)

    def piece(rect: Rect) -> Rect:
        left, top, right, bottom = rect
        return left, down(top), right, down(bottom)

    return Placed(
        *(placed.width, down(placed.height)),
        {id: box(id, x, y) for id, (x, y) in placed.boxes.items()},
        {id: tuple(map(piece, pieces)) for id, pieces in placed.frames.items()},
        {ends: lengthened(route, down) for ends, route in placed.edges.items()},
    )


def lengthened(route: Route, down: Callable[[float], float]) -> Route:
    """The end goes where the arrow's tip goes, so that the arrow keeps its size."""
    x, y = route.tip
    further = down(y) - y
    *points, bend, end = route.points
    moved = [(x, round(down(y), 1)) for x, y in points]
    moved += [(x, round(y + further, 1)) for x, y in (bend, end)]
    return Route(tuple(moved), (x, round(y + further, 1)))
