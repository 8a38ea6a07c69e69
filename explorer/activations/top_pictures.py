"""Of many pictures, those that a channel answers to most strongly, and where."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import nlargest
from math import prod

import numpy as np
import torch
from torch import Tensor, nn

from explorer.activations.breakdown import index_of
from explorer.activations.feature_maps import feature_maps
from explorer.activations.networks import LiveNetwork
from explorer.analysis.model_summary import study
from explorer.analysis.pixel_windows import InputWindows, PixelFrame
from explorer.graph.graph import Node, Shape
from explorer.models.inputs import arguments_of
from explorer.models.meta_init import modules_of
from explorer.tracing.recorder import Notes, Recorder
from explorer.tracing.tracer import lock_of, run_recorded

ROOM, LARGEST_BATCH = 256 * 2**20, 128  # bytes of all that one batch computes, and pictures


class NodeReached(BaseException):
    """Ends the run where all that was wanted is there; no `Exception`, so that nobody takes it for a failure."""


class NodeRecorder(Recorder):
    """Runs a batch of pictures as far as one operation."""

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


def node_outputs(model: nn.Module, images: Tensor, node: str, shape: Shape) -> Tensor:
    """(N, *shape): what the node makes of (N, C, H, W) of numbers. Only networks without hooks, whose operations would
    shift the names. Raises `ValueError` with a sentence where the network stops before."""
    inputs = arguments_of(tuple(images.shape[1:]))
    recorder = NodeRecorder(model, {inputs[0].name: images}, node)
    with lock_of(model):
        try:
            broken = run_recorded(recorder, model, inputs).broken
        except NodeReached:
            broken = ""
    if recorder.output.numel() != len(images) * prod(shape):
        raise ValueError(broken or "The network goes another way when it is shown several pictures at once.")
    return recorder.output.reshape(len(images), *shape)


def top_pictures(
    live: LiveNetwork, box: tuple[Node, InputWindows], channel: int, images: Callable[[int], Tensor], count: int
) -> list[TopPicture]:
    """Nine of `count` pictures or fewer, the strongest first. `images`: (C, S, S) of bytes, by its number."""
    node, windows = box
    batch, best = batch_size(live, node), list[tuple[float, int, int]]()
    for start in range(0, count, batch):
        fitted = torch.stack([live.intake.fitted(images(at)) for at in range(start, min(start + batch, count))])
        outputs = node_outputs(live.model, live.intake.numbers(fitted), node.name, node.shape)
        strongest = [strongest_place(output, channel) for output in outputs]
        best = nlargest(9, [*best, *((value, start + at, place) for at, (value, place) in enumerate(strongest))])
    found = []
    for value, number, place in best:
        wide = feature_maps(torch.zeros(node.shape)).maps.shape[-1]
        cell = divmod(place, wide)
        frame = windows.frame(node.shape, index_of(torch.empty(node.shape), channel, *cell))
        found.append(TopPicture(number, live.intake.fitted(images(number)), value, cell, frame))
    return found


def batch_size(live: LiveNetwork, node: Node) -> int:
    """By what one picture takes up to that node, nothing of which goes before the batch is through."""
    nodes = study(live.spec).graph.nodes
    size = sum(prod(each.shape) * each.itemsize for each in nodes[: int(node.name) + 1])
    return max(1, min(LARGEST_BATCH, ROOM // max(size, 1)))


def strongest_place(output: Tensor, channel: int) -> tuple[float, int]:
    """The largest number of the channel, and where it stands, row by row."""
    numbers = np.nan_to_num(feature_maps(output).maps[channel].ravel(), nan=-np.inf)
    place = int(numbers.argmax())
    return float(numbers[place]), place
