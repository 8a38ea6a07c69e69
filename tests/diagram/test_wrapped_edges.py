"""Where the lines of a picture run: straight, in columns or rows, past every box."""

import re
from itertools import pairwise

from explorer.diagram.render import Diagram
from testing.drawings import Box, cards, every_network, every_picture, groups, overlap, parts, pictured


def centres(picture: Diagram) -> list[int]:
    """Of the columns, from left to right, where boxes stand in a straight line."""
    return sorted({round((box[0] + box[2]) / 2) for box in cards(picture).values()})


def test_the_trunk_runs_straight_in_a_few_columns() -> None:
    found = centres(pictured("resnet18", "TB", False))
    assert 2 <= len(found) <= 4 and all(b - a > 150 for a, b in pairwise(found))


@every_network
@every_picture
def test_a_picture_in_columns_fits_the_screen_better_than_one_column_would(name: str, opened: bool) -> None:
    picture = pictured(name, "TB", opened)
    boxes = cards(picture)
    scale = min(1, 640 / picture.width, 450 / picture.height)
    one_column = sum(bottom - top + 18 for _, top, _, bottom in boxes.values())  # one above the other, close together
    wide = max(right - left for left, _, right, _ in boxes.values())
    assert scale > min(1, 640 / wide, 450 / one_column)


@every_network
@every_picture
def test_every_line_starts_at_its_source_and_ends_at_its_target(name: str, opened: bool) -> None:
    picture = pictured(name, "TB", opened)
    boxes = cards(picture)
    for edge in groups(picture, "edge"):
        line, head = (parts(edge, part)[0].get("d", "") for part in ("line", "head"))
        start, tip = (numbers(line)[:2], numbers(head)[2:4])
        assert touches(start, boxes[edge.get("data-from", "")])
        assert touches(tip, boxes[edge.get("data-to", "")])


@every_network
@every_picture
def test_a_line_from_column_to_column_passes_no_box(name: str, opened: bool) -> None:
    picture = pictured(name, "TB", opened)
    boxes = cards(picture)
    for edge in groups(picture, "edge"):
        points = [*batched_pairs(numbers(parts(edge, "line")[0].get("d", "")))]
        if min(y for _, y in points) < points[0][1] - 40:  # it goes up: from one column's foot to the next one's head
            others = [box for id, box in boxes.items() if id not in (edge.get("data-from"), edge.get("data-to"))]
            corners = points[::3]
            for (x0, y0), (x1, y1) in pairwise(corners):
                line = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
                straight = abs(x1 - x0) < 1 or abs(y1 - y0) < 1  # what is bent Graphviz has led around the boxes
                assert not straight or not any(overlap(line, box) for box in others)


def test_from_row_to_row_no_end_sticks_out_of_the_line() -> None:
    picture = pictured("vgg16", "LR", True)
    turned = 0
    for edge in groups(picture, "edge"):
        ends = [*batched_pairs(numbers(parts(edge, "line")[0].get("d", "")))][::3]
        left = min(x for x, _ in ends)
        if left < ends[0][0] - 40:  # it goes back: from one row's end to the next one's beginning
            turned += 1
            assert sum(x - left < 1 for x, _ in ends) > 1  # where it is leftmost it runs straight down
    assert turned


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def batched_pairs(values: list[float]) -> list[tuple[float, float]]:
    return list(zip(values[::2], values[1::2], strict=True))


def touches(point: list[float], box: Box) -> bool:
    left, top, right, bottom = box
    return left - 3 <= point[0] <= right + 11 and top - 3 <= point[1] <= bottom + 11  # ×N boxes have cards behind


def steps(picture: Diagram) -> list[tuple[float, float]]:
    """How far each box stands to the right of one that it reads, and how far below, middle to middle."""
    boxes = cards(picture)
    ends = [(edge.get("data-from", ""), edge.get("data-to", "")) for edge in groups(picture, "edge")]
    pairs = [(boxes[source], boxes[target]) for source, target in ends]
    return [((b[0] + b[2] - a[0] - a[2]) / 2, (b[1] + b[3] - a[1] - a[3]) / 2) for a, b in pairs]


@every_network
def test_left_to_right_runs_in_rows_and_top_to_bottom_in_columns(name: str) -> None:
    for right, down in steps(pictured(name, "LR", False)):
        assert right > 0 or down > 60  # on in its row, or in a later one
    for right, down in steps(pictured(name, "TB", False)):
        assert down > 0 or right > 100


@every_network
@every_picture
def test_rows_fit_the_screen_better_than_one_line_would(name: str, opened: bool) -> None:
    picture = pictured(name, "LR", opened)
    boxes = cards(picture).values()
    one_line = sum(right - left + 18 for left, _, right, _ in boxes)
    assert min(1, 640 / picture.width, 450 / picture.height) > min(1, 640 / one_line)
