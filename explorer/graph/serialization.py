"""A traced network to hand to another process: its name, its graph and the source code of its classes, as JSON."""

import json
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from explorer.graph.graph import Block, Graph, Node
from explorer.graph.op_kinds import op_kind


@dataclass(frozen=True)
class SerializedGraph:
    name: str
    graph: Graph
    code: tuple[tuple[str, str], ...] = ()  # a class's qualified name, its source


def to_json(parcel: SerializedGraph) -> str:
    return json.dumps(parcel, default=plain_fields)


def plain_fields(thing: Any) -> Any:
    """Fields only, not what a value has worked out and keeps; a setting that JSON has no word for, as it prints."""
    if is_dataclass(thing):
        return {field.name: getattr(thing, field.name) for field in fields(thing)}
    return str(thing)


def from_json(text: str) -> SerializedGraph:
    """Raises `ValueError` where the text is not one of `to_json`'s."""
    try:
        read = hashable_tree(json.loads(text))
        graph = read["graph"]
        nodes = tuple(Node(**{"kind": op_kind(node["op"])} | node) for node in graph["nodes"])  # old ones name none
        blocks = tuple(Block(**block) for block in graph["blocks"])
        rest = {field.name: graph[field.name] for field in fields(Graph)[2:] if field.name in graph}
        return SerializedGraph(read["name"], Graph(nodes, blocks, **rest), read["code"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("This is no graph that explorer.show wrote.") from error


def hashable_tree(tree: Any) -> Any:
    """JSON knows lists only where ours are tuples."""
    if isinstance(tree, dict):
        return {key: hashable_tree(value) for key, value in tree.items()}
    return tuple(map(hashable_tree, tree)) if isinstance(tree, list) else tree
