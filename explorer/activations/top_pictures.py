"""Of many pictures, those that a channel answers to most strongly, and where."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import nlargest
from itertools import count
from math import prod
from threading import get_ident
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from explorer.activations.activations import activations
from explorer.activations.breakdown import layer_of
from explorer.activations.feature_maps import feature_maps, index_of
from explorer.activations.networks import LiveNetwork
from explorer.analysis.model_summary import study
from explorer.analysis.pixel_windows import InputWindows, PixelFrame
from explorer.graph.graph import Graph, Node
from explorer.models.inputs import arguments_of
from explorer.models.meta_init import modules_of
from explorer.tracing.recorder import Notes, Recorder
from explorer.tracing.tensors import tensors_of
from explorer.tracing.tracer import lock_of, run_recorded

ROOM, LARGEST_BATCH = 256 * 2**20, 64  # bytes that a batch may take, and pictures
AT_ONCE = 4  # outputs that are there at the same time, of the largest size
SINGLE = ("addition", "multiplication", "concatenation", "activation", "pool")  # kinds that have one output
OTHER_WAY = "The network goes another way when it is shown several pictures at once."


class NodeReached(BaseException):
    """Ends the run where all that was wanted is there; no `Exception`, so that nobody takes it for a failure."""


class LayerStop(NamedTuple):
    """A call of a layer at which an operation's output is at hand."""

    path: str
    call: int  # from 1
    before: bool  # it is what goes in, not what comes out


class NodeRecorder(Recorder):
    """Runs a batch of pictures as far as one operation. It holds on to all that was computed, and is slow."""

    def __init__(self, model: nn.Module, numbers: dict[str, Tensor], node: str) -> None:
        super().__init__(modules_of(model), {}, numbers)
        self.node, self.output = node, torch.empty(0)

    def note(self, op: str, outs: list[Tensor], notes: Notes) -> None:
        super().note(op, outs, notes)
        if self.nodes[-1].name == self.node:
            self.output = outs[0].detach()
            raise NodeReached


@dataclass(frozen=True, eq=False)
class TopPicture:
    number: int  # of all that were shown
    image: Tensor  # (C, H, W) of bytes, as the network gets it
    value: float  # the largest number of the channel,
    cell: tuple[int, int]  # and its row and column
    frame: PixelFrame  # what that number can depend on

    @property
    def crop(self) -> Tensor:
        """(C, height, width): the part of the picture inside the frame."""
        top, bottom, left, right = self.frame
        return self.image[:, top:bottom, left:right]


def layer_stop(model: nn.Module, graph: Graph, node: Node) -> LayerStop | None:
    """Where the node is a layer, or a layer reads it and nothing else; else None. Of what has several outputs, as
    `chunk` has, it is not known which of them the layer reads."""
    if layer_of(model, node):
        return LayerStop(node.path[-1], node.calls[-1], False)
    if node.kind not in SINGLE:
        return None
    readers = (other for other in graph.operations if other.inputs == (node.name,) and layer_of(model, other))
    reader = next(readers, None)
    return LayerStop(reader.path[-1], reader.calls[-1], True) if reader else None


def node_outputs(model: nn.Module, graph: Graph, node: Node, images: Tensor) -> Tensor:
    """(N, *shape of the node): what it makes of (N, C, H, W) of numbers. Only of networks without hooks, whose
    operations would shift the names. Raises `ValueError` with a sentence where the network stops before."""
    stop = layer_stop(model, graph, node)
    with lock_of(model), torch.no_grad():
        output = run_to_layer(model, stop, images) if stop else run_to_node(model, node.name, images)
    if output.numel() != len(images) * prod(node.shape):
        raise ValueError(OTHER_WAY)
    return output.reshape(len(images), *node.shape)


def run_to_layer(model: nn.Module, stop: LayerStop, images: Tensor) -> Tensor:
    """With the channels last in memory, which takes a third less time, unless the network wants them as they were."""
    try:
        return run_stopped(model, stop, images.contiguous(memory_format=torch.channels_last))
    except RuntimeError:
        return run_stopped(model, stop, images)


def run_stopped(model: nn.Module, stop: LayerStop, images: Tensor) -> Tensor:
    """The layer's own `forward` takes a detour meanwhile, for this thread alone."""
    layer, thread, found = model.get_submodule(stop.path), get_ident(), list[Tensor]()
    forward, own, calls = layer.forward, vars(layer).get("forward"), count(1)

    def detour(*args: Any, **kwargs: Any) -> Any:
        if get_ident() != thread or next(calls) < stop.call:
            return forward(*args, **kwargs)
        found.extend(tensors_of((args, kwargs) if stop.before else forward(*args, **kwargs)))
        raise NodeReached

    vars(layer)["forward"] = detour
    try:
        model(images)
    except NodeReached:
        return found[0]
    finally:
        vars(layer).pop("forward")
        if own:
            vars(layer)["forward"] = own
    raise ValueError(OTHER_WAY)


def run_to_node(model: nn.Module, node: str, images: Tensor) -> Tensor:
    inputs = arguments_of(tuple(images.shape[1:]))
    recorder = NodeRecorder(model, {inputs[0].name: images}, node)
    try:
        broken = run_recorded(recorder, model, inputs).broken
    except NodeReached:
        return recorder.output
    raise ValueError(broken or OTHER_WAY)


def top_pictures(
    live: LiveNetwork, box: tuple[Node, InputWindows], channel: int, images: Callable[[int], Tensor], many: int
) -> list[TopPicture]:
    """Nine of `many` pictures, or fewer, the strongest first. `images`: (C, S, S) of bytes, by its number.

    Raises `ValueError` with a sentence where the network stops.
    """
    node, windows = box
    graph, best = study(live.spec).graph, list[tuple[float, int, int]]()
    batch, like = batch_size(live.model, graph, node), output_like(live, node, images(0))
    for start in range(0, many, batch):
        fitted = torch.stack([live.intake.fitted(images(at)) for at in range(start, min(start + batch, many))])
        outputs = node_outputs(live.model, graph, node, live.intake.numbers(fitted))
        strongest = (strongest_place(output.as_subclass(type(like)), channel) for output in outputs)
        best = nlargest(9, [*best, *((value, start + at, place) for at, (value, place) in enumerate(strongest))])
    wide = feature_maps(like).maps.shape[-1]
    found = []
    for value, number, place in best:
        cell = divmod(place, wide)
        frame = windows.frame(node.shape, index_of(like, channel, *cell))
        found.append(TopPicture(number, live.intake.fitted(images(number)), value, cell, frame))
    return found


def output_like(live: LiveNetwork, node: Node, image: Tensor) -> Tensor:
    """What it makes of that picture, whose class says which of its sides holds the channels."""
    return activations(live.model, live.intake.numbers(live.intake.fitted(image))).outputs[node.name]


def batch_size(model: nn.Module, graph: Graph, node: Node) -> int:
    """By what one picture takes up to that node: some outputs at a time, or all where the recorder has to run."""
    sizes = [prod(each.shape) * each.itemsize for each in graph.nodes[: int(node.name) + 1]]
    size = AT_ONCE * max(sizes) if layer_stop(model, graph, node) else sum(sizes)
    return max(1, min(LARGEST_BATCH, ROOM // max(size, 1)))


def strongest_place(output: Tensor, channel: int) -> tuple[float, int]:
    """The largest number of the channel, and where it stands, row by row."""
    numbers = np.nan_to_num(feature_maps(output).maps[channel].ravel(), nan=-np.inf)
    place = int(numbers.argmax())
    return float(numbers[place]), place
