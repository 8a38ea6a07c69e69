"""Where the name of each point is written, so that names lie neither on each other nor on points."""

from collections.abc import Sequence

LETTER, LINE, GAP = 0.0155, 0.052, 0.022  # of the picture's width and height: a letter, a line, from a point's middle
SIDES = (
    "middle right",
    "middle left",
    "top center",
    "bottom center",
    "top right",
    "bottom left",
    "top left",
    "bottom right",
)
SWEEPS = 4
Box = tuple[float, float, float, float]


def places(names: Sequence[str], points: Sequence[tuple[float, float]]) -> list[str]:
    """As plotly calls them; `points` in 0 … 1 each way. Each takes its best side, again and again until all rest."""
    marks = [(x - GAP * 0.7, y - GAP, x + GAP * 0.7, y + GAP) for x, y in points]
    choices = [{side: box_of(name, point, side) for side in SIDES} for name, point in zip(names, points, strict=True)]
    found = [SIDES[0]] * len(names)
    for _ in range(SWEEPS):
        for index, boxes in enumerate(choices):
            others = [choices[number][side] for number, side in enumerate(found) if number != index]
            others += [mark for number, mark in enumerate(marks) if number != index for _ in range(2)]
            found[index] = min(SIDES, key=lambda side: cost(boxes[side], others, side))
    return found


def cost(box: Box, others: Sequence[Box], side: str) -> float:
    """What it covers and what is cut off; of equals the side that comes first."""
    return sum(overlap(box, other) for other in others) + outside(box) + 1e-5 * SIDES.index(side)


def box_of(name: str, point: tuple[float, float], side: str) -> Box:
    """Left, bottom, right, top."""
    (x, y), width = point, LETTER * len(name)
    left = x + GAP if "right" in side else x - GAP - width if "left" in side else x - width / 2
    bottom = y - LINE / 2 if "middle" in side else y + GAP if "top" in side else y - GAP - LINE
    return left, bottom, left + width, bottom + LINE


def overlap(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0


def outside(box: Box) -> float:
    """Cut off by the edge of the picture: worse than lying on another name."""
    return 0.2 * (max(0.0, -box[0]) + max(0.0, -box[1]) + max(0.0, box[2] - 1) + max(0.0, box[3] - 1))
