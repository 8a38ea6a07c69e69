"""A scene as a Graphviz digraph, with the size of every box settled beforehand, and where Graphviz puts things."""

import json
from collections import defaultdict
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

import graphviz

from explorer.colors import COLOURS, GREY, tint
from explorer.diagram.node_labels import DETAIL, TITLE, Card, frame_title, title_width
from explorer.diagram.scene import Scene

FONT = "Helvetica,Arial,sans-serif"
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


def digraph(scene: Scene, cards: dict[str, Card], direction: str) -> graphviz.Digraph:
    """Nodes are named after their place among the boxes, "n0", and clusters after theirs among the frames."""
    down = direction == "TB"
    gaps = {"nodesep": "0.28", "ranksep": f"{(22 if down else 58) / 72:.3f}"}  # room for a shape between two boxes
    graph = graphviz.Digraph("network")
    graph.attr(rankdir=direction, fontname=FONT, fontsize=f"{DETAIL}", **gaps)
    graph.attr("node", shape="box", style="rounded,filled", fixedsize="true", fontname=FONT, fontsize=f"{DETAIL}")
    graph.attr("edge", arrowsize="0.6", color=GREY)
    names = {box.item.id: f"n{index}" for index, box in enumerate(scene.boxes)}
    trunk = longest_path(scene)
    add_boxes(graph, scene, cards, set(trunk), 2 if down else 1)
    on_trunk = set(pairwise(trunk))
    for edge in scene.edges:
        weight = "16" if edge.ends in on_trunk else "1" if edge.jumps else "4"
        tail = {} if down or cards[edge.source].symbol else {"tailport": "e"}
        head = {} if cards[edge.target].symbol else {"headport": "n" if down else "w"}
        graph.edge(names[edge.source], names[edge.target], weight=weight, **tail, **head)
    return graph


def add_boxes(graph: graphviz.Digraph, scene: Scene, cards: dict[str, Card], trunk: set[str], room: int) -> None:
    """Each frame is a cluster, filled from the innermost out; its title has `room` times its own, to dodge a line."""
    inside: dict[str, graphviz.Digraph] = {"": graph}
    for index, frame in enumerate(scene.frames):
        title = frame_title(frame.item)
        cluster = graphviz.Digraph(f"cluster{index}")
        cluster.attr(label=dot_table(title, room * title_width(title) + 24, 16), labeljust="l", margin="11")
        cluster.attr(style="rounded,filled", color="#c3c9d2", fillcolor="#00000008")
        inside[frame.item.id] = cluster
    for index, box in enumerate(scene.boxes):
        card, kind = cards[box.item.id], box.item.kind
        inside[box.frame].node(
            f"n{index}",
            label=graphviz.escape(card_words(card)),
            width=f"{card.width / 72:.4f}",
            height=f"{card.height / 72:.4f}",
            color=COLOURS[kind],
            fillcolor=tint(COLOURS[kind]),
            **({"shape": "circle", "fontsize": f"{TITLE}"} if card.symbol else {}),
            **({"group": "trunk"} if box.item.id in trunk else {}),
        )
    for frame in reversed(scene.frames):
        inside[frame.frame].subgraph(inside[frame.item.id])


def card_words(card: Card) -> str:
    return ("  " if card.beside else "\n").join((f"{card.title} {card.badge}".strip(), *card.details))


def dot_table(text: str, width: float, height: float) -> str:
    """A label that takes the same room whatever fonts there are."""
    size = f'WIDTH="{width:.0f}" HEIGHT="{height:.0f}"'
    return f'<<TABLE BORDER="0" CELLPADDING="0" FIXEDSIZE="TRUE" {size}><TR><TD>{escape(text)}</TD></TR></TABLE>>'


def longest_path(scene: Scene) -> list[str]:
    """The boxes of the trunk, which is drawn straight; of branches equally long it takes the one in the middle."""
    sources: defaultdict[str, list[str]] = defaultdict(list)
    for edge in scene.edges:
        sources[edge.target].append(edge.source)
    length: dict[str, int] = {}
    best: dict[str, str] = {}
    for box in scene.boxes:
        id = box.item.id
        if sources[id]:
            longest = max(length[source] for source in sources[id])
            ties = [source for source in sources[id] if length[source] == longest]
            best[id] = ties[(len(ties) - 1) // 2]
        length[id] = length[best[id]] + 1 if id in best else 0
    path = [scene.boxes[-1].item.id]
    while path[-1] in best:
        path.append(best[path[-1]])
    return path[::-1]


def read_placement(answer: bytes, scene: Scene) -> Placed:
    """Where Graphviz put things, turned the right way up: from its answer to `digraph(scene, ...)`, as "json0"."""
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
