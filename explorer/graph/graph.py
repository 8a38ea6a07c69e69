"""What a network does to one image: operations, and the tensors between them.

One MAC is one multiply-add; FLOPs are twice that. Biases, norms, activations and pooling count none; attention's two
matrix products count. This is what torchvision's `_ops` metadata and torch's own flop counter (halved) say.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any, TypeVar

from explorer.formatting import dimensions
from explorer.graph.op_kinds import op_kind

Shape = tuple[int, ...]
Made = TypeVar("Made")

CONTAINER_CLASSES = ("Sequential", "ModuleList")  # classes that are no more than what stands in them, in turn


def made(cls: type[Made], /, **values: Any) -> Made:
    """`cls(**values)` of a frozen dataclass here; its own `__init__` takes 1.6 times as long, 3 % of a trace more."""
    new = object.__new__(cls)
    vars(new).update(values)
    return new


@dataclass(frozen=True)
class Node:
    """One operation: a PyTorch layer called, or a function called outside of one."""

    name: str  # its number in execution order, "0" being the input
    op: str  # "Input", "Conv2d", "add", "cat", ...
    kind: str  # what it is drawn and explained as: a key of `op_kinds.KINDS`, or "other"
    path: tuple[str, ...]  # the modules it ran inside, outermost first: ("stage1", "stage1.0", "stage1.0.conv1")
    calls: tuple[int, ...]  # which call each of those modules was in: tells two calls of one module apart
    inputs: tuple[str, ...]  # names of the nodes whose output it reads
    shape: Shape  # of its output, for one image, without the batch
    params: int  # numbers learned here and counted nowhere before
    macs: int  # multiply-adds for one image
    itemsize: int = 4  # bytes of one output number
    shares: bool = False  # the output lies in an input's memory: a view, or the input overwritten
    weights: tuple[tuple[str, Shape], ...] = ()  # the parameters it reads, with their full names
    attributes: tuple[tuple[str, Any], ...] = ()  # kernel_size, stride, padding, dilation, groups, ... where they apply

    def attribute(self, name: str, default: Any = None) -> Any:
        return dict(self.attributes).get(name, default)

    @property
    def depthwise(self) -> bool:
        """Whether each channel is filtered by itself."""
        groups = self.attribute("groups", 1)
        return groups > 1 and groups == self.attribute("in_channels")


@dataclass(frozen=True)
class Block:
    """A module as written: where it hangs, and the class whose source code it is."""

    path: str
    kind: str  # the class's name, "Bottleneck"
    qualname: str  # where the class is defined, "model_defs.resnet.Bottleneck"
    base: str = ""  # the layer of PyTorch's that the class is derived from, "Conv2d", if there is one


@dataclass(frozen=True)
class Graph:
    nodes: tuple[Node, ...]  # in execution order; first what goes in, one for each tensor
    blocks: tuple[Block, ...] = ()  # every module, outermost first; the first, with path "", is the network
    left_out: tuple[tuple[str, int], ...] = ()  # parameters that no operation read, as (full name, count)
    broken: str = ""  # where the network stopped, as a sentence; empty when it ran to its end
    said: str = ""  # what PyTorch said then, where the sentence puts it in other words
    notes: tuple[tuple[str, str], ...] = ()  # what to know of an operation's weights, as (its name, a sentence)
    uncounted: tuple[tuple[str, str], ...] = ()  # operations with MACs that `macs` lacks, as (its name, why)
    outputs: tuple[
        tuple[str, str], ...
    ] = ()  # what comes out, as (its title, a node), where it is more than one tensor

    @cached_property
    def inputs(self) -> tuple[Node, ...]:
        return tuple(takewhile(lambda node: node.kind == "input", self.nodes))

    @cached_property
    def operations(self) -> tuple[Node, ...]:
        return self.nodes[len(self.inputs) :]

    @cached_property
    def params(self) -> int:
        return sum(node.params for node in self.nodes)

    @cached_property
    def macs(self) -> int:
        return sum(node.macs for node in self.nodes)

    def input_words(self, one: str = "") -> str:
        """3×224×224; of several inputs each with its name; `one` stands before the only one."""
        if len(self.inputs) == 1 and not self.inputs[0].attributes:
            return one + dimensions(self.inputs[0].shape)
        told = ((node.attribute("argument"), dimensions(node.shape), node.attribute("dtype")) for node in self.inputs)
        return ", ".join(f"{name} {shape}{'' if dtype == 'float32' else f' {dtype}'}" for name, shape, dtype in told)

    def lacks(self, names: Collection[str] | None = None) -> bool:
        """Whether some MACs of these operations, or of any, are not counted."""
        return bool(self.uncounted) and (names is None or not dict(self.uncounted).keys().isdisjoint(names))

    def remarks(self, names: Collection[str] | None = None) -> tuple[str, ...]:
        """What to know of these operations, or of all, each sentence once: their weights, and what was not counted."""
        said = (words for name, words in (*self.notes, *self.uncounted) if names is None or name in names)
        return tuple(dict.fromkeys(said))

    @cached_property
    def by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    @cached_property
    def block_at(self) -> dict[str, Block]:
        return {block.path: block for block in self.blocks}


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
