"""What a network does to one image: operations, and the tensors between them.

One MAC is one multiply-add; FLOPs are twice that. Biases, norms, activations and pooling count none; attention's two
matrix products count. This is what torchvision's `_ops` metadata and torch's own flop counter (halved) say.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

Shape = tuple[int, ...]

CONTAINER_CLASSES = ("Sequential", "ModuleList")  # classes that are no more than what stands in them, in turn


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
    nodes: tuple[Node, ...]  # in execution order; the first is the input
    blocks: tuple[Block, ...] = ()  # every module, outermost first; the first, with path "", is the network
    left_out: tuple[tuple[str, int], ...] = ()  # parameters that no operation read, as (full name, count)
    broken: str = ""  # where the network stopped, as a sentence; empty when it ran to its end
    said: str = ""  # what PyTorch said then, where the sentence puts it in other words

    @cached_property
    def params(self) -> int:
        return sum(node.params for node in self.nodes)

    @cached_property
    def macs(self) -> int:
        return sum(node.macs for node in self.nodes)

    @cached_property
    def by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    @cached_property
    def block_at(self) -> dict[str, Block]:
        return {block.path: block for block in self.blocks}
