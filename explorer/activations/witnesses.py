"""Whether a map of what a class hangs on is worth anything: by covering what it names, and by other weights.

Deletion: Petsiuk, Das & Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models", BMVC 2018. Other
weights: Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from explorer.activations.attribution import BATCH, enlarged, share_of
from explorer.activations.feature_maps import Numbers
from explorer.graph.graph import Graph

COVERED = 32  # steps from nothing to all of the picture
ORDERS = 5  # by chance
DEPTHS = {"the last layer": 0.0, "the upper half": 0.5, "all layers": 1.0}


def deletion_curve(model: nn.Module, image: Tensor, label: int, importance: Numbers) -> Numbers:
    """(COVERED + 1,): the share of the class when so much of the picture is grey, the most important pixels first.

    `importance`: (h, w), larger where it is to be covered earlier.
    """
    side = image.shape[-1]
    return covered_shares(model, image, label, np.argsort(-enlarged(importance, side), axis=None, kind="stable"))


def chance_curve(model: nn.Module, image: Tensor, label: int) -> Numbers:
    """(COVERED + 1,): by orders that know nothing of the picture, their mean."""
    orders = [np.random.default_rng(seed).permutation(image[0].numel()) for seed in range(ORDERS)]
    return np.mean([covered_shares(model, image, label, order) for order in orders], axis=0)


def covered_shares(model: nn.Module, image: Tensor, label: int, order: np.ndarray) -> Numbers:
    pixels, shares = torch.from_numpy(order), []
    counts = [round(len(order) * step / COVERED) for step in range(COVERED + 1)]
    for first in range(0, len(counts), BATCH):
        batch = image.repeat(len(counts[first : first + BATCH]), 1, 1, 1)
        for covered, count in zip(batch.flatten(2), counts[first:], strict=False):
            covered[:, pixels[:count]] = 0
        shares.append(share_of(model, batch, label))
    return np.concatenate(shares)


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
    first, second = ranks(one.ravel()), ranks(other.ravel())
    if not first.std() or not second.std():
        return None
    return float(np.corrcoef(first, second)[0, 1])


def ranks(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """From 1 on; equal ones share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[places]
