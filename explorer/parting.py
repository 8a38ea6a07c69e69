"""Where a tall picture can be cut in two: between boxes, where no more than one output leads on."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from explorer.cards import Card
from explorer.placing import Ends, Placed, Rect
from explorer.turning import Pads

Span = tuple[float, float]  # top, bottom


@dataclass(frozen=True)
class Pieces:
    """What may be parted: spans of the picture, one below the other, where one output leads on."""

    spans: tuple[Span, ...]
    joints: tuple[tuple[float, tuple[Ends, ...]], ...]  # between each two: where to cut, and the edges that are cut
    sides: tuple[tuple[float, float], ...]  # the left and right end of each span
    around: tuple[int, ...]  # how many frames each joint cuts
    depth: int  # frames nested less deep than this may be cut


def pieces(placed: Placed, whole: list[Rect], depth: int, kept: frozenset[Ends]) -> Pieces:
    """`whole` lists what stays in one piece, `kept` the edges that do."""
    spans = merged((rect[1], rect[3]) for rect in whole)
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
    return Pieces(joined, joints, tuple(sides(joined, placed, whole)), around, depth)


def clean_cuts(cuts: list[list[Ends]], kept: frozenset[Ends]) -> Iterator[int]:
    """Which gaps are crossed by one box's output only; no edge is cut twice."""
    before: set[Ends] = set()
    for gap, edges in enumerate(cuts):
        if len({source for source, _ in edges}) == 1 and not (before | kept) & {*edges}:
            before = {*edges}
            yield gap


def sides(spans: tuple[Span, ...], placed: Placed, whole: list[Rect]) -> Iterator[tuple[float, float]]:
    """How far each span reaches to the left and right, lines included."""
    tops = [top for top, _ in spans]
    found = [(placed.width, 0.0)] * len(spans)
    lines = [(x - 8, y, x + 8, y) for route in placed.edges.values() for x, y in route.points]
    for left, top, right, _ in (*whole, *lines):
        at = max(0, bisect_right(tops, top) - 1)
        found[at] = min(found[at][0], left), max(found[at][1], right)
    yield from found


def level(id: str, parents: dict[str, str]) -> int:
    """How many frames deep it lies."""
    return 1 + level(parents[id], parents) if parents[id] else 0


def wholes(placed: Placed, parents: dict[str, str], cards: dict[str, Card], cuts: tuple[int, Pads]) -> Iterator[Rect]:
    """What no cut may pass. `cuts`: how deep a frame must be nested to be kept in one piece; and the room of pieces."""
    depth, pads = cuts
    boxes = [
        (x - (w := cards[id].width / 2), y - (h := cards[id].height / 2), x + w + 8, y + h + 4)
        for id, (x, y) in placed.boxes.items()
    ]
    kept = [frame for id, (frame,) in placed.frames.items() if level(id, parents) >= depth]
    yield from (*boxes, *kept)
    room = pads.left * depth, pads.right * depth
    for id, (frame,) in placed.frames.items():
        if level(id, parents) < depth:
            yield from opened(frame, (*boxes, *kept), room)


def opened(frame: Rect, others: tuple[Rect, ...], room: tuple[float, float]) -> Iterator[Rect]:
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


def merged(spans: Iterator[Span]) -> list[Span]:
    found: list[Span] = []
    for top, bottom in sorted(spans):
        if found and top <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], bottom)
        else:
            found.append((top, bottom))
    return found
