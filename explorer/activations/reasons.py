"""What speaks for a class in one picture: a question about a network, what was worked out for an answer, and whether
that is worth anything.

By covering what it names: Petsiuk, Das & Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models",
BMVC 2018. By other weights: Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from explorer.activations.attribution import (
    STEPS,
    ClassMap,
    covered_shares,
    enlarged,
    grad_cam,
    gradient_map,
    integrated_gradients,
    occlusion,
    patches_for,
)
from explorer.activations.feature_maps import LEVELS, Numbers, feature_maps, palette
from explorer.activations.gradients import gradient_run
from explorer.activations.networks import LiveNetwork, Look
from explorer.analysis.model_summary import study
from explorer.graph.graph import Graph

METHODS = {
    "grad-cam": "Grad-CAM",
    "gradient": "Gradient",
    "integrated": "Integrated gradients",
    "occlusion": "Occlusion",
}
CHANCE = "chance"
COVERED = 32  # steps from nothing to all of the picture
ORDERS = 5  # by chance
DEPTHS = {"the last layer": 0.0, "the upper half": 0.5, "all layers": 1.0}
GREY = 0.35  # of the picture under a map: the rest is white


@dataclass(frozen=True)
class Question:
    """What a class hangs on, by one of the METHODS; or how its share falls by CHANCE. As a key it is what it asks."""

    method: str
    network: Hashable  # which, with which weights
    picture: str  # a digest of it
    label: int
    live: LiveNetwork = field(compare=False, repr=False)
    image: Tensor = field(compare=False, repr=False)  # (C, H, W) of numbers as the network takes them
    node: str = ""  # whose maps Grad-CAM takes
    curve: bool = True  # whether what it names is covered, too


class Reason(NamedTuple):
    """`shown` is None where nothing was asked but chance; `curve` where nothing was covered."""

    shown: ClassMap | None
    curve: Numbers | None
    note: str = ""  # what was done, in figures

    @property
    def area(self) -> float | None:
        return None if self.curve is None else area(self.curve)


def find_reason(question: Question) -> Reason:
    """Takes seconds. Raises `ValueError` with a sentence."""
    model, image, label = question.live.model, question.image, question.label
    if question.method == CHANCE:
        return Reason(None, chance_curve(model, image, label))
    shown, note = class_map(question)
    curve = deletion_curve(model, image, label, shown.values) if question.curve and not shown.blank else None
    return Reason(shown, curve, note)


def class_map(question: Question) -> tuple[ClassMap, str]:
    known, label = study(question.live.spec), question.label
    model, image, end = question.live.model, question.image, known.outline.ends[0]
    if question.method == "integrated":
        return integrated_gradients(model, image, label), f"{STEPS} steps from grey to the picture"
    if question.method == "occlusion":
        patches = patches_for(image.shape[-1], known.graph.macs)
        falls = occlusion(model, image, label, patches)
        said = f"{len(falls)} places of a grey patch of {patches.size} × {patches.size}, {patches.step} px apart"
        blank = "" if falls.any() else "Blank: no place of the patch changed the share of the class at all."
        return ClassMap(patches.on_pixels(falls), blank), said
    run = gradient_run(model, image)
    if question.method == "gradient":
        return gradient_map(run, end, label), "the largest of a pixel’s colours"
    found = grad_cam(run, question.node, end, label)
    return found, f"{found.values.shape[0]} × {found.values.shape[1]} places"


def box_with_maps(look: Look) -> str:
    """The last operation that gives maps, or tokens on a grid."""
    last_first = reversed(list(look.seen.outputs.items()))
    maps = (name for name, output in last_first if feature_maps(output).form in ("maps", "tokens"))
    return next(maps, look.known.graph.nodes[0].name)


def laid_over(picture: Tensor, values: Numbers) -> Tensor:
    """(3, S, S) of bytes: the picture (C, S, S) in pale grey, and over it what speaks for the class in red, against it
    in blue, by a scale of the map's own."""
    side = picture.shape[-1]
    rows, columns = (np.arange(side) * length // side for length in values.shape)
    strength = values[rows][:, columns] / (np.abs(values).max() or 1.0)
    middle = (LEVELS - 1) / 2
    colours = palette()[np.rint(strength * middle + middle).astype(np.uint8)]
    grey = (picture.float().mean(0).numpy() * GREY + 255 * (1 - GREY))[..., None]
    share = np.abs(strength)[..., None]
    return Tensor(colours * share + grey * (1 - share)).round().byte().permute(2, 0, 1)


# Whether a map is worth anything: by covering what it names, and by other weights


def deletion_curve(model: nn.Module, image: Tensor, label: int, importance: Numbers) -> Numbers:
    """(COVERED + 1,): the share of the class when so much of the picture is grey, the most important pixels first.

    `importance`: (h, w), larger where it is to be covered earlier.
    """
    side = image.shape[-1]
    order = np.argsort(-enlarged(importance, side), axis=None, kind="stable")
    return covered_shares(model, image, label, masks_in_order(order, side))


def chance_curve(model: nn.Module, image: Tensor, label: int) -> Numbers:
    """(COVERED + 1,): by orders that know nothing of the picture, their mean."""
    orders = [np.random.default_rng(seed).permutation(image[0].numel()) for seed in range(ORDERS)]
    masks = (masks_in_order(order, image.shape[-1]) for order in orders)
    return np.mean([covered_shares(model, image, label, each) for each in masks], axis=0)


def masks_in_order(order: np.ndarray, side: int) -> Tensor:
    """(COVERED + 1, side, side): none of the pixels, then ever more of them in their `order`, then all."""
    places = torch.empty(len(order), dtype=torch.int64)
    places[torch.from_numpy(order)] = torch.arange(len(order))
    counts = torch.tensor([round(len(order) * step / COVERED) for step in range(COVERED + 1)])
    return (places < counts[:, None]).reshape(-1, side, side)


def area(curve: Numbers) -> float:
    """0 … 1: under the curve, by trapezes; the smaller, the earlier the share falls."""
    return float(np.trapezoid(curve) / (len(curve) - 1))


def mixed_state(
    graph: Graph, trained: Mapping[str, Tensor], initial: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    """The trained weights, but in the last layer, or in that share of the layers from the end, those as initialised;
    a norm's statistics go with its weights."""
    layers = list(dict.fromkeys(name.rpartition(".")[0] for node in graph.nodes for name, _ in node.weights))
    count = max(1, round(len(layers) * share))
    other = set(layers[len(layers) - count :])
    return {name: (initial if name.rpartition(".")[0] in other else trained)[name] for name in trained}


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Spearman's, of two maps of one size; None where one of them is the same everywhere."""
    return linear_correlation(ranks(one.ravel()), ranks(other.ravel()))


def linear_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Pearson's, of two maps of one size; None where one of them is the same everywhere, or has what is no number."""
    first, second = (each.ravel().astype(np.float64) for each in (one, other))
    if not (np.isfinite(first).all() and np.isfinite(second).all() and np.ptp(first) and np.ptp(second)):
        return None
    return float(np.corrcoef(first, second)[0, 1])


def ranks(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """From 1 on; equal ones share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[places]
