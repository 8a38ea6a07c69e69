"""Four networks of equal MACs, made from one small one: deeper, wider, on larger pictures, or a little of each."""

from dataclasses import replace

from explorer.models.spec import Spec
from explorer.training.experiments.experiment import Contestant, Experiment
from explorer.training.recipe import PRESETS


def small(title: str, depth: int, width: int, pixels: int, chosen: bool = True) -> Contestant:
    spec = Spec("model_defs", "CIFAR ResNet", (("depth", depth), ("width", width)))
    return Contestant(title, spec, chosen, size=pixels)


# Each as near to four times the base's MACs as whole blocks, channels and pixels come; a test counts them.
BASE = small("base: 14 layers, 8 channels, 16 px", 14, 8, 16, chosen=False)
WAYS = {
    "depth": small("depth only: 50 layers", 50, 8, 16),
    "width": small("width only: 16 channels", 14, 16, 16),
    "resolution": small("resolution only: 32 px", 14, 8, 32),
    "compound": small("compound: 26 layers, 9 channels, 20 px", 26, 9, 20),
}

SCALING = Experiment(
    "scaling",
    "Scaling: the same work spent on depth, width, resolution, or all three",
    "All four cost the same, to 6 %. Which one will have the lowest test error?",
    "Where the four test errors end, and how far apart two seeds of one network are: at this size the differences are "
    "small, and no paper promises an order.",
    (
        "Which of the four has the most parameters, and does it help?",
        "What does a larger picture show that a smaller one does not? Would that be so on every dataset?",
        "EfficientNet’s exponents were searched for on ImageNet. Why might they not be best here?",
    ),
    "cifar10",
    (*WAYS.values(), BASE),
    replace(PRESETS["quick"], size=16),
    replace(PRESETS["exercise1"], size=16),
)
