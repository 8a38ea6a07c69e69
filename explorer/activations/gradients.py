"""One picture through a network, and the way back: the gradient of any number, and what it shows to depend on what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

from explorer.activations.activations import ActivationRecorder, Activations, activations, record_run
from explorer.activations.feature_maps import Numbers
from explorer.activations.networks import Look
from explorer.analysis.pixel_windows import PixelFrame
from explorer.tracing.op_attributes import Shape
from explorer.tracing.recorder import Notes

DARK = 128  # a pixel below is set to white, one from here on to black: both are a change
NO_WAY = "no gradient comes back through this network: {}"


class GradientRecorder(ActivationRecorder):
    """Remembers of each output where its gradient will pass, before something is written over it in place."""

    def __init__(self, model: nn.Module, numbers: dict[str, Tensor]) -> None:
        super().__init__(model, numbers)
        self.edges: dict[str, GradientEdge] = {}

    def note(self, op: str, outs: list[Tensor], notes: Notes) -> None:
        super().note(op, outs, notes)
        if outs[0].requires_grad:
            self.edges[self.nodes[-1].name] = get_gradient_edge(outs[0])


@dataclass(frozen=True, eq=False)
class GradientRun:
    """Of one picture. It holds on to all that the way back needs."""

    seen: Activations
    edges: dict[str, GradientEdge]
    shapes: dict[str, Shape]  # of the same outputs, with the batch, which need not stand in front

    def gradients(self, node: str, seed: Tensor, at: Sequence[str]) -> list[Tensor]:
        """Of the sum of `seed` × the output of `node`, with respect to the outputs of the nodes `at`: each of its
        node's shape; 0 where nothing of it comes by.

        Raises `ValueError` with a sentence where the network has no way back.
        """
        found = [torch.zeros_like(self.seen.outputs[name], dtype=torch.float32) for name in at]
        there = [place for place, name in enumerate(at) if name in self.edges]
        if node not in self.edges or not there:
            return found
        ends = [self.edges[at[place]] for place in there]
        try:
            shaped = seed.reshape(self.shapes[node])
            given = torch.autograd.grad([self.edges[node]], ends, [shaped], retain_graph=True, allow_unused=True)
        except RuntimeError as error:
            raise ValueError(NO_WAY.format(str(error).split("\n")[0][:120])) from None
        for place, each in zip(there, given, strict=True):
            if each is not None:
                found[place] = each.detach().reshape(found[place].shape).as_subclass(type(found[place]))
        return found

    def one_number(self, node: str, index: tuple[int, ...], at: Sequence[str]) -> list[Tensor]:
        """Of the number at `index` of the node's output."""
        seed = torch.zeros_like(self.seen.outputs[node], dtype=torch.float32)
        seed[index] = 1
        return self.gradients(node, seed, at)


def gradient_run(model: nn.Module, image: Tensor) -> GradientRun:
    """`image`: (C, H, W) of numbers as the network takes them. The parameters' own gradients stay as they are.

    Raises `ValueError` with a sentence where the network stops, or would need too much memory.
    """
    with torch.enable_grad():
        given = (
            image.detach().clone().requires_grad_().clone()
        )  # which may be written over, as one that is asked may not
    recorder, seen, names = record_run(GradientRecorder, model, given, gradients=True)
    edges = {names[name]: edge for name, edge in recorder.edges.items() if name in names}
    return GradientRun(seen, edges, {names[name]: shape for name, shape in recorder.shapes.items() if name in names})


# What one number depends on, measured: the gradient at each pixel, and what follows a changed pixel


@dataclass(frozen=True, eq=False)
class PixelHeat:
    """The absolute gradient of one number at each pixel, all colours added up."""

    pixels: Numbers  # (H, W)

    @property
    def touched(self) -> int:
        """Pixels whose gradient is not 0."""
        return int(np.count_nonzero(self.pixels))

    def share_within(self, frame: PixelFrame) -> float:
        """Of all the heat; 0 where there is none."""
        top, bottom, left, right = frame
        total = float(self.pixels.sum(dtype=np.float64))
        return float(self.pixels[top:bottom, left:right].sum(dtype=np.float64)) / total if total else 0.0

    def pixels_of_half(self) -> int:
        """How many pixels, the strongest first, hold half of the heat."""
        sums = np.sort(self.pixels, axis=None)[::-1].cumsum(dtype=np.float64)
        return int(np.searchsorted(sums, sums[-1] / 2)) + 1 if sums[-1] else 0

    def bounds(self) -> PixelFrame | None:
        """Around every pixel whose gradient is not 0."""
        rows, columns = np.nonzero(self.pixels)
        if not len(rows):
            return None
        return PixelFrame(int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1)


def pixel_heat(run: GradientRun, node: str, index: tuple[int, ...]) -> PixelHeat:
    """Of the number at `index` of the node's output. Raises `ValueError` where the network has no way back."""
    (found,) = run.one_number(node, index, [run.seen.graph.inputs[0].name])
    return PixelHeat(found.abs().sum(0).numpy())


def middle_half(frame: PixelFrame) -> PixelFrame:
    """Half its rows and half its columns, around its middle: a quarter of its pixels, or as near as whole ones come."""
    top, bottom, left, right = frame
    down, across = (bottom - top) // 4, (right - left) // 4
    return PixelFrame(top + down, bottom - down, left + across, right - across)


def change_pixel(image: Tensor, row: int, column: int) -> tuple[Tensor, str]:
    """A picture (C, H, W) of bytes with that pixel black, or white where it was dark; and which of the two."""
    changed = image.clone()
    colour = "white" if float(image[:, row, column].float().mean()) < DARK else "black"
    changed[:, row, column] = 255 if colour == "white" else 0
    return changed, colour


def outputs_after_change(look: Look, node: str, pixel: tuple[int, int]) -> tuple[Tensor, str]:
    """By how much each number of the node's output differs once that pixel is changed, and the colour it was set to.

    Raises `ValueError` with a sentence where the network stops, or would need too much memory.
    """
    intake = look.live.intake
    changed, colour = change_pixel(intake.fitted(look.picture), *pixel)
    after = activations(look.live.model, intake.numbers(changed)).outputs[node]
    return (after.float() - look.seen.outputs[node].float()).abs(), colour
