"""The ready-made experiments, the lesson's exercises and one's own; what a visitor has chosen of them, and its link."""

import re
from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

from explorer.models.spec import Spec
from explorer.training.experiments.experiment import (
    Contestant,
    Experiment,
    Length,
    cifar,
    exercise_contestant,
    experiment,
    preset,
)
from explorer.training.plan import START
from explorer.training.recipe import PRESETS
from explorer.url_params import Known, Param, Params, WrongWord, choice_param, text_param

QUICK = PRESETS["quick"]
# Of the transfer: features that were learnt elsewhere, under a new last layer, on few pictures.
IMAGENET = "torchvision:resnet18/IMAGENET1K_V1"
IMAGENET_SIZE = 64  # pixels: enough for the features, and a tenth of the time that 224 take
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


def small(title: str, depth: int, width: int, pixels: int, chosen: bool = True) -> Contestant:
    spec = Spec("model_defs", "CIFAR ResNet", (("depth", depth), ("width", width)))
    return Contestant(title, spec, chosen, size=pixels)


# On depth and on shortcuts, after He et al. 2015 and 2016.
NARROW = (("width", 8),)
# In 150 steps on CIFAR-10, seeds 0 to 2, ResNet-56 ends so much above ResNet-20 in training loss: from the usual 1 by
# 0.04, 0.18 and 0.16; from 0.5 by -0.02, -0.02 and 0.01; from 0.3 by -0.03, 0.00 and -0.04; from 0.2 by -0.06, -0.04
# and -0.10. From Goyal et al.'s 0 too it ends below, but both learn less, and on Shapes-10 next to nothing.
GAMMA = 0.3
HE = QUICK, PRESETS["he"]
DEPTH = PRESETS["quick depth"], PRESETS["he"]
USUAL = tuple(cifar(name, f"{name}, γ = 1", chosen=False, **dict(NARROW)) for name in ("ResNet-20", "ResNet-56"))
DEGRADATION = experiment(
    "degradation",
    (cifar("plain-20"), cifar("plain-56"), cifar("ResNet-20"), cifar("ResNet-56")),
    DEPTH,
    small=NARROW,
    gamma=GAMMA,
    small_too=USUAL,
)
LADDER = experiment(
    "ladder",
    (
        *(cifar(f"plain-{depth}", chosen=depth in (20, 32, 44, 56)) for depth in (20, 32, 44, 56, 110)),
        *(cifar(f"ResNet-{depth}", chosen=depth in (20, 32, 44, 56)) for depth in (20, 32, 44, 56, 110)),
    ),
    DEPTH,
    small=NARROW,
    gamma=GAMMA,
)
PRE_ACTIVATION = experiment(
    "preactivation",
    (
        cifar("ResNet-56"),
        cifar("ResNet-56", "Pre-act ResNet-56", pre_activation=True),
        cifar("ResNet-110", chosen=False),
        cifar("ResNet-110", "Pre-act ResNet-110", chosen=False, pre_activation=True),
    ),
    HE,
    small=NARROW,
)
SURGERY = experiment(
    "surgery",
    (
        cifar("ResNet-56", "identity"),
        cifar("ResNet-56", "both paths × 0.5", shortcut="x0.5"),
        cifar("ResNet-56", "1×1 convolutions", shortcut="1x1"),
        cifar("ResNet-56", "gated", shortcut="gate"),
        cifar("ResNet-56", "dropout 0.5", shortcut="dropout"),
        cifar("plain-56", "none (plain)"),
    ),
    HE,
    small=NARROW,
)

# The exercises of the lesson that are trained. Small networks see the pictures as they are.
MINUTE = replace(QUICK, size=None, steps=200, evaluate_every=50)
PLAIN_CNN = {"blocks": (2, 2, 4), "width": 16, "in_channels": 1, "image_size": 28}
EXERCISE_1 = experiment(
    "exercise1",
    (
        exercise_contestant("Plain 6-layer CNN"),
        exercise_contestant("6-block ResNet", "6 blocks, no shortcuts", shortcut="none"),  # tells depth from shortcuts
        exercise_contestant("6-block ResNet"),
    ),
    (MINUTE, PRESETS["exercise1"]),
)
EXERCISE_2 = experiment(
    "exercise2",
    (
        exercise_contestant("4-block ResNet (1×28×28)", "4-block ResNet"),
        exercise_contestant("Plain 6-layer CNN", "plain CNN, 9 layers", **PLAIN_CNN),
    ),
    (MINUTE, PRESETS["exercise2"]),
    dataset="mnist",
)
EXERCISE_3 = experiment(
    "exercise3",
    (exercise_contestant("CIFAR10Net"), exercise_contestant("CIFAR10Net + SE")),
    (MINUTE, PRESETS["exercise3"]),
)
EXERCISE_5 = experiment(
    "exercise5",
    (
        preset("LeNet", "LeNet-style for CIFAR-10", "LeNet-style"),
        preset("VGG", "VGG-style for CIFAR-10", "VGG-style"),
        exercise_contestant("4-block ResNet (1×28×28)", "ResNet-style", in_channels=3, image_size=32),
    ),
    (replace(MINUTE, optimiser="adam", rate=0.001, weight_decay=0.0), PRESETS["exercise5"]),
)

# Each as near to four times the base's MACs as whole blocks, channels and pixels come; a test counts them.
BASE = small("base: 14 layers, 8 channels, 16 px", 14, 8, 16, chosen=False)
WAYS = {
    "depth": small("depth only: 50 layers", 50, 8, 16),
    "width": small("width only: 16 channels", 14, 16, 16),
    "resolution": small("resolution only: 32 px", 14, 8, 32),
    "compound": small("compound: 26 layers, 9 channels, 20 px", 26, 9, 20),
}
SCALING = experiment(
    "scaling", (*WAYS.values(), BASE), (replace(QUICK, size=16), replace(PRESETS["exercise1"], size=16))
)
TRANSFER = experiment(
    "transfer",
    contenders(Spec("torchvision", "resnet18"), IMAGENET),
    (FEW, replace(FEW, steps=1000, subset=5000, evaluate_every=100)),
)
OWN = experiment("own", (), (MINUTE, PRESETS["exercise1"]))

EXPERIMENTS: dict[str, Experiment] = {  # in the order of the menu
    each.key: each
    for each in (
        *(DEGRADATION, EXERCISE_1, EXERCISE_2, EXERCISE_3, EXERCISE_5),
        *(LADDER, PRE_ACTIVATION, SURGERY, SCALING, TRANSFER, OWN),
    )
}


MOST_RUNS = 40
RUN = re.compile(r"[0-9a-f]{8}")
NOTHING = "nothing"  # to start from
THERE_IS_NO = "There is no {name} “{word:.40}”: showing {usual}. There are {all}."


def decode_runs(word: str, usual: tuple[str, ...], known: Known) -> tuple[str, ...]:
    runs = tuple(filter(None, word.split(",")))
    right = tuple(run for run in runs if RUN.fullmatch(run))[:MOST_RUNS]
    if len(right) < len(runs):
        raise WrongWord(right, "Some of the runs in this link have no proper name, or are too many: they are left out.")
    return right


def decode_start(word: str, usual: None, known: Known) -> str:
    if word != NOTHING and not START.fullmatch(word):
        raise ValueError(f"Nothing starts from “{word[:40]}”: choose another start.")
    return word


def decode_replay(word: str, usual: None, known: Known) -> bool | None:
    if word not in REPLAYS:
        raise ValueError(f"A replay is 0, at its beginning, or 1, playing; this link says “{word[:40]}”.")
    return REPLAYS[word]


REPLAYS = {"": None, "0": False, "1": True}
REPLAY = Param("replay", decode_replay, {replay: word for word, replay in REPLAYS.items()}.__getitem__)
START_OF_TRANSFER = Params(
    lambda known: [Param("start", decode_start)] if known["key"] == "transfer" else [],
    lambda words, known: words["start"],
    lambda start: {"start": start},
)


@dataclass(frozen=True)
class ExperimentSelection:
    """The experiment that is set up, and the runs that are shown."""

    key: Annotated[str, choice_param("experiment", EXPERIMENTS, THERE_IS_NO)] = "degradation"
    length: Annotated[Length, choice_param("length", get_args(Length), THERE_IS_NO)] = "quick"
    # A key of the shelf; empty: the one the experiment is meant for, or what is at hand.
    dataset: Annotated[str, text_param("data")] = ""
    runs: Annotated[tuple[str, ...], Param("runs", decode_runs)] = ()
    # Of the transfer: as in a plan, or NOTHING; empty: the first that is at hand.
    start: Annotated[str, START_OF_TRANSFER] = ""
    replay: Annotated[bool | None, REPLAY] = None  # of these runs: it plays, or waits at its beginning; None: their end
    axis: Literal["steps", "epochs"] = "steps"
    score: Literal["error", "accuracy"] = "error"

    @property
    def experiment(self) -> Experiment:
        return EXPERIMENTS[self.key]
