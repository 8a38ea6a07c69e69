"""A scene as a Graphviz digraph, with the size of every box settled beforehand."""

from collections import defaultdict
from html import escape
from itertools import pairwise

import graphviz

from explorer.colors import COLOURS, GREY, tint
from explorer.diagram.node_labels import DETAIL, TITLE, Card, frame_title, title_width
from explorer.diagram.scene import Scene

FONT = "Helvetica,Arial,sans-serif"


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
        weight = "16" if edge.ends in on_trunk else "1" if edge.skip else "4"
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
