"""Where Graphviz put things: its JSON, turned the right way up."""

import json
from dataclasses import dataclass
from typing import Any

from explorer.diagram.scene import Scene

Point = tuple[float, float]
Rect = tuple[float, float, float, float]  # left, top, right, bottom
Ends = tuple[str, str]
EDGE = 6  # room around the picture


@dataclass(frozen=True)
class Route:
    points: tuple[Point, ...]  # of a chain of cubic Bézier curves: 1 + 3 n
    tip: Point


@dataclass(frozen=True)
class Placed:
    width: float
    height: float
    boxes: dict[str, Point]  # their middles
    frames: dict[str, tuple[Rect, ...]]  # in several pieces where a picture in columns cuts them
    edges: dict[Ends, Route]


def read_placement(answer: bytes, scene: Scene) -> Placed:
    """Reads the answer to `dot.digraph(scene, ...)` in Graphviz's format "json0"."""
    found = json.loads(answer)
    _, _, right, top = parse_numbers(found["bb"])
    objects: list[dict[str, Any]] = found.get("objects", [])
    ids = {f"n{index}": box.item.id for index, box in enumerate(scene.boxes)}
    frame_ids = {f"cluster{index}": frame.item.id for index, frame in enumerate(scene.frames)}

    def upright(pair: str) -> Point:
        x, y = parse_numbers(pair)
        return round(x + EDGE, 1), round(top - y + EDGE, 1)

    def route(edge: dict[str, Any]) -> Route:
        ends, *points = edge["pos"].split(" ")
        return Route(tuple(map(upright, points)), upright(ends.removeprefix("e,")))

    def bounds(box: str) -> Rect:
        corners = box.split(",")
        (x0, y1), (x1, y0) = upright(",".join(corners[:2])), upright(",".join(corners[2:]))
        return x0, y0, x1, y1

    def end(edge: dict[str, Any], which: str) -> str:
        return ids[objects[edge[which]]["name"]]

    return Placed(
        round(right + 2 * EDGE, 1),
        round(top + 2 * EDGE, 1),
        {ids[each["name"]]: upright(each["pos"]) for each in objects if each["name"] in ids},
        {frame_ids[each["name"]]: (bounds(each["bb"]),) for each in objects if each["name"] in frame_ids},
        {(end(edge, "tail"), end(edge, "head")): route(edge) for edge in found.get("edges", [])},
    )


def transpose_placement(placed: Placed) -> Placed:
    """The picture with across and down exchanged."""
    return Placed(
        *(placed.height, placed.width),
        {id: (y, x) for id, (x, y) in placed.boxes.items()},
        {id: tuple((y0, x0, y1, x1) for x0, y0, x1, y1 in pieces) for id, pieces in placed.frames.items()},
        {
            ends: Route(tuple((y, x) for x, y in route.points), (route.tip[1], route.tip[0]))
            for ends, route in placed.edges.items()
        },
    )


def parse_numbers(text: str) -> tuple[float, ...]:
    return tuple(map(float, text.split(",")))
