"""Which parts of a picture the score of a class hangs on: four methods, each a map of its own.

Grad-CAM: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks", ICCV 2017. Gradient: Simonyan, Vedaldi &
Zisserman, "Deep Inside Convolutional Networks", ICLR workshop 2014. Integrated gradients: Sundararajan, Taly & Yan,
"Axiomatic Attribution for Deep Networks", ICML 2017. Occlusion: Zeiler & Fergus, "Visualizing and Understanding
Convolutional Networks", ECCV 2014.

Grey stands for what is not there: the mean colour of the training pictures, 0 as a network takes it.
"""

from dataclasses import dataclass
from math import isqrt

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.activations.feature_maps import Numbers, feature_maps
from explorer.activations.gradients import GradientRun
from explorer.formatting import spell_figures

STEPS = 50  # of the path of integrated gradients
BATCH = 32  # pictures at once
PATCH = 4  # of the picture's side: a grey patch is so many times smaller
FEWEST, MOST = 9, 25  # places of the patch along a side
BUDGET = 100e9  # multiply-adds for all of its places, where that leaves the fewest
NO_ANSWER = "the network's answer is no list of scores, one for each class"


@dataclass(frozen=True, eq=False)
class ClassMap:
    """How strongly a class hangs on each place."""

    values: Numbers  # (h, w), of the picture or coarser; what is below 0 speaks against the class
    blank: str = ""  # why it is 0 everywhere, in a sentence, where it is


def grad_cam(run: GradientRun, node: str, end: str, label: int) -> ClassMap:
    """Of the maps that `node` gave, each times the mean of its gradient, what adds up to more than 0.

    `end`: the node whose outputs are the classes' scores. Tokens are taken on their grid, without the class token.
    Raises `ValueError` with a sentence where the node's output is no maps.
    """
    shown = feature_maps(run.seen.outputs[node])
    if shown.vector:
        raise ValueError("Grad-CAM needs maps, and this box gives a list of numbers: choose one before it.")
    slopes = feature_maps(run.one_number(end, score_index(run, end, label), [node])[0]).maps
    weights = slopes.mean(axis=(1, 2))
    summed = np.tensordot(weights, shown.maps, 1)
    values = np.maximum(summed, 0)
    return ClassMap(values, "" if values.any() else blank_words(slopes, summed))


def score_index(run: GradientRun, end: str, label: int) -> tuple[int, ...]:
    shape = run.seen.outputs[end].shape
    if len(shape) != 1 or label >= shape[0]:
        raise ValueError(f"There is no “why”: {NO_ANSWER}.")
    return (label,)


def blank_words(slopes: Numbers, summed: Numbers) -> str:
    if not slopes.any():
        return "Blank: no gradient of this class comes by here, so small changes here change nothing of its score."
    if not slopes.mean(axis=(1, 2)).any():
        return "Blank: the gradients of every channel average to 0."
    least, most = spell_figures(float(summed.min())), spell_figures(float(summed.max()))
    return f"Blank: the weighted maps add up to 0 or less everywhere, {least} to {most}."


def gradient_map(run: GradientRun, end: str, label: int) -> ClassMap:
    """(H, W): how much the class's score changes with a small change of a pixel; of its colours the largest."""
    slopes = run.one_number(end, score_index(run, end, label), [run.seen.graph.inputs[0].name])[0]
    values = slopes.abs().amax(0).numpy()
    return ClassMap(values, "" if values.any() else "Blank: no gradient of this class comes to the picture.")


def scores(model: nn.Module, batch: Tensor) -> Tensor:
    """(N, classes). Raises `ValueError` with a sentence where the network gives something else."""
    found = model(batch)
    if not isinstance(found, Tensor) or found.ndim != 2 or len(found) != len(batch):
        raise ValueError(f"This cannot be asked here: {NO_ANSWER}.")
    return found


def integrated_gradients(model: nn.Module, image: Tensor, label: int) -> ClassMap:
    """(H, W): the picture × the mean gradient on the way to it from grey, summed over the colours.

    By Gauss and Legendre's rule for the mean. All of it adds up to what the score gains from grey to the picture.
    """
    places, weights = np.polynomial.legendre.leggauss(STEPS)
    found = torch.zeros_like(image)
    for first in range(0, STEPS, BATCH):
        share = torch.tensor((places[first : first + BATCH] + 1) / 2, dtype=image.dtype)
        weight = torch.tensor(weights[first : first + BATCH] / 2, dtype=image.dtype)
        with torch.enable_grad():
            way = (share[:, None, None, None] * image).requires_grad_()
            (slopes,) = torch.autograd.grad(scores(model, way.clone())[:, label].sum(), way)
        found += (weight[:, None, None, None] * slopes).sum(0)
    values = (found * image).sum(0).numpy()
    blank = "" if values.any() else "Blank: nothing between grey and the picture changes its score."
    return ClassMap(values, blank)


@dataclass(frozen=True)
class Patches:
    """Where a grey patch was put: `size` pixels a side, its corner at every `step`th pixel from 0 on."""

    size: int
    step: int
    side: int  # of the picture

    @property
    def across(self) -> int:
        return (self.side - self.size) // self.step + 1

    def corners(self) -> list[tuple[int, int]]:
        corners = range(0, self.across * self.step, self.step)
        return [(top, left) for top in corners for left in corners]

    def masks(self) -> Tensor:
        """(places, H, W): what each of them covers, by `corners`."""
        masks = torch.zeros(self.across**2, self.side, self.side, dtype=torch.bool)
        for mask, (top, left) in zip(masks, self.corners(), strict=True):
            mask[top : top + self.size, left : left + self.size] = True
        return masks

    def on_pixels(self, falls: Numbers) -> Numbers:
        """(H, W): at each pixel the mean of all patches that covered it; 0 where none did. `falls`: by `corners`."""
        summed, times = np.zeros((2, self.side, self.side), np.float32)
        for (top, left), fall in zip(self.corners(), falls, strict=True):
            summed[top : top + self.size, left : left + self.size] += fall
            times[top : top + self.size, left : left + self.size] += 1
        return (summed / np.maximum(times, 1)).astype(np.float32)


def patches_for(side: int, macs: int) -> Patches:
    """At every pixel, where the network is small enough for that."""
    size = max(1, side // PATCH)
    most = min(MOST, max(FEWEST, isqrt(int(BUDGET / max(1, macs)))))
    return Patches(size, max(1, -(-(side - size) // (most - 1))), side)


def occlusion(model: nn.Module, image: Tensor, label: int, patches: Patches) -> Numbers:
    """(places,): the fall of the class's share by each of the `patches`: every one is measured."""
    whole = share_of(model, image[None], label)[0]
    return whole - covered_shares(model, image, label, patches.masks())


def covered_shares(model: nn.Module, image: Tensor, label: int, masks: Tensor) -> Numbers:
    """(N,): the share of the class where the pixels of each of the `masks` (N, H, W) are grey."""
    parts = (image.masked_fill(part[:, None], 0) for part in masks.split(BATCH))
    return np.concatenate([share_of(model, batch, label) for batch in parts])


def share_of(model: nn.Module, batch: Tensor, label: int) -> Numbers:
    """(N,) 0 … 1: the probability that the network gives the class."""
    with torch.no_grad():
        return scores(model, batch).float().softmax(1)[:, label].numpy()


def enlarged(values: Numbers, side: int) -> Numbers:
    """(side, side), between the places of a coarser map as a straight line."""
    if values.shape == (side, side):
        return values
    given = torch.from_numpy(np.ascontiguousarray(values))[None, None]
    return functional.interpolate(given, size=(side, side), mode="bilinear", align_corners=False)[0, 0].numpy()
