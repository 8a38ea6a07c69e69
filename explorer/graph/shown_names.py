"""The names that a network brings along, such that every picture, page and link can hold them."""

from dataclasses import replace
from itertools import chain, count

from explorer.formatting import printable
from explorer.graph.graph import Block, Graph, Node

MOST, MOST_SAID = 60, 2000  # letters
TAKEN = str.maketrans({mark: f"\\x{ord(mark):02x}" for mark in "#/,"})  # they part the ids of boxes, and those in links


def with_shown_names(graph: Graph) -> Graph:
    """The same, with names cut short and what cannot be shown in them spelled out; different names stay different."""
    names: dict[str, str] = {}
    strange: list[str] = []
    for part in dict.fromkeys(".".join(names_in(graph)).split(".")):
        if len(part) <= MOST and part.isprintable() and part.translate(TAKEN) == part:
            names[part] = part
        else:
            strange.append(part)
    taken = set(names)
    for part in strange:
        names[part] = distinct(printable(part[:MOST]).translate(TAKEN)[:MOST], taken)
        taken.add(names[part])
    notes, uncounted = (tuple((at, shown_text(said)) for at, said in each) for each in (graph.notes, graph.uncounted))
    outputs = tuple((shown_text(title), at) for title, at in graph.outputs)
    said = {"broken": shown_text(graph.broken), "said": shown_text(graph.said)}
    graph = replace(graph, **said, notes=notes, uncounted=uncounted, outputs=outputs)
    return Renamed(names).graph(graph) if strange else graph


def names_in(graph: Graph) -> dict[str, None]:
    """All of them, each once, in an order that is the same each time."""
    names = dict.fromkeys([block.path for block in graph.blocks])
    names |= dict.fromkeys([block.kind for block in graph.blocks])
    names |= dict.fromkeys([block.qualname for block in graph.blocks])
    names |= dict.fromkeys([node.op for node in graph.nodes])
    names |= dict.fromkeys([name for node in graph.nodes for name, _ in node.weights])
    return names | dict.fromkeys([name for name, _ in graph.left_out])


def distinct(name: str, taken: set[str]) -> str:
    numbered = (f"{name}~{number}" for number in count(2))
    return next(each for each in chain((name,), numbered) if each not in taken)


def shown_text(words: str) -> str:
    return "\n".join(map(printable, words[:MOST_SAID].splitlines()))


class Renamed:
    """Puts each part of a dotted name as it is to be shown."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def name(self, dotted: str) -> str:
        return ".".join(self.names[part] for part in dotted.split("."))

    def graph(self, graph: Graph) -> Graph:
        nodes, blocks = tuple(map(self.node, graph.nodes)), tuple(map(self.block, graph.blocks))
        left_out = tuple((self.name(name), count) for name, count in graph.left_out)
        return replace(graph, nodes=nodes, blocks=blocks, left_out=left_out)

    def node(self, node: Node) -> Node:
        weights = tuple((self.name(name), shape) for name, shape in node.weights)
        return replace(node, op=self.name(node.op), path=tuple(map(self.name, node.path)), weights=weights)

    def block(self, block: Block) -> Block:
        path, kind, qualname = map(self.name, (block.path, block.kind, block.qualname))
        return replace(block, path=path, kind=kind, qualname=qualname)
