"""What speaks for a class in one picture: a question about a network, and what was worked out for an answer."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from torch import Tensor

from explorer.activations.attribution import (
    STEPS,
    ClassMap,
    grad_cam,
    gradient_map,
    integrated_gradients,
    occlusion,
    patches_for,
)
from explorer.activations.feature_maps import LEVELS, Numbers, feature_maps, palette
from explorer.activations.gradients import gradient_run
from explorer.activations.networks import LiveNetwork, Look
from explorer.activations.witnesses import area, chance_curve, deletion_curve
from explorer.analysis.model_summary import study

METHODS = {
    "grad-cam": "Grad-CAM",
    "gradient": "Gradient",
    "integrated": "Integrated gradients",
    "occlusion": "Occlusion",
}
CHANCE = "chance"
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
        falls = np.concatenate(list(occlusion(model, image, label, patches)))
        said = f"{len(falls)} places of a grey patch of {patches.size} × {patches.size}, {patches.step} px apart"
        blank = "" if falls.any() else "Blank: no place of the patch changed the share of the class at all."
        return ClassMap(patches.on_pixels(falls), True, blank), said
    run = gradient_run(model, image)
    if question.method == "gradient":
        return gradient_map(run, end, label), "the largest of a pixel’s colours"
    found = grad_cam(run, question.node, end, label)
    return found, f"{found.values.shape[0]} × {found.values.shape[1]} places"


def box_with_maps(look: Look) -> str:
    """The last operation that gives maps, or tokens on a grid."""
    maps = (name for name, output in reversed(list(look.seen.outputs.items())) if not feature_maps(output).vector)
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
