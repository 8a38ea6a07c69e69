"""Transfer: features that were learnt elsewhere, under a new last layer, on few pictures."""

from dataclasses import replace

from explorer.models.spec import Spec
from explorer.training.experiments.experiment import Contestant, Experiment, cifar
from explorer.training.recipe import PRESETS

IMAGENET = "torchvision:resnet18/IMAGENET1K_V1"
IMAGENET_SIZE = 64  # pixels: enough for the features, and a tenth of the time that 224 take
QUICK = PRESETS["quick"]
FEW = replace(QUICK, rate=0.05, ramp=0, batch=64, steps=100, size=IMAGENET_SIZE, subset=500, evaluate_every=20)
# To start from, where there is nothing yet: trained on all pictures.
BACKBONE = cifar("ResNet-20", "backbone ResNet-20")
BACKBONE_RECIPES = {
    "quick": replace(QUICK, steps=400, schedule="cosine", evaluate_every=100),
    "full": PRESETS["exercise1"],
}


def contenders(spec: Spec, start: str) -> tuple[Contestant, ...]:
    """The same network three times."""
    return (
        Contestant("frozen backbone, new head", spec, start=start, frozen=True),
        Contestant("fine-tuned backbone, new head", spec, start=start),
        Contestant("from scratch", spec),
    )


TRANSFER = Experiment(
    "transfer",
    "Transfer: a new head on features learnt elsewhere",
    "Which will have the lowest test error after so few pictures?",
    "How soon each test error falls. The frozen backbone learns nothing but its last layer, so a step is cheaper; how "
    "far that carries depends on what its features were learnt on.",
    (
        "Which training loss falls lowest, and is that network also the best on the test pictures?",
        "Only one layer of the frozen network has a gradient. What can that layer still change?",
        "With ten times as many pictures: which of the three gains most?",
    ),
    "cifar10",
    contenders(Spec("torchvision", "resnet18"), IMAGENET),
    FEW,
    replace(FEW, steps=1000, subset=5000, evaluate_every=100),
)
