"""Experiments on depth and on shortcuts, after He et al. 2015 and 2016."""

from explorer.training.experiments.experiment import Experiment, cifar
from explorer.training.recipe import PRESETS

QUICK, HE = PRESETS["quick"], PRESETS["he"]
GRADIENTS = (
    ("The lesson", "Without shortcuts the gradient vanishes on its way to the first layers, so they do not learn."),
    (
        "He et al. 2015, Sec. 4.1",
        "That is unlikely to be the reason: batch normalisation keeps signals and gradients healthy, and training "
        "longer does not cure it.",
    ),
)

DEGRADATION = Experiment(
    "degradation",
    "Degradation: does a deeper plain network do worse?",
    "Which network will fit its own training pictures best?",
    "The loss on the training pictures. If the deeper plain network ends higher than the shallow one on pictures that "
    "it is trained on, it cannot be overfitting: it is harder to train.",
    (
        "The 56-layer plain network could copy the 20-layer one and let the other layers pass everything on. Why does "
        "training not find that?",
        "Both 56-layer networks have exactly the same parameters. What does the shortcut change?",
        "Do the gradients of the plain network vanish? Look at the strip before you answer.",
    ),
    "cifar10",
    (cifar("plain-20"), cifar("plain-56"), cifar("ResNet-20"), cifar("ResNet-56")),
    QUICK,
    HE,
    narrow=8,
    views=GRADIENTS,
)

LADDER = Experiment(
    "ladder",
    "The depth ladder: 20, 32, 44, 56, 110 layers",
    "At which depth does a plain network stop getting better?",
    "The order of the curves: with shortcuts deeper is better, without them it is the other way round.",
    ("At which depth do the plain networks turn?", "Is 110 layers worth it, for what it costs?"),
    "cifar10",
    (
        *(cifar(f"plain-{depth}", chosen=depth in (20, 32, 44, 56)) for depth in (20, 32, 44, 56, 110)),
        *(cifar(f"ResNet-{depth}", chosen=depth in (20, 32, 44, 56)) for depth in (20, 32, 44, 56, 110)),
    ),
    QUICK,
    HE,
    narrow=8,
    views=GRADIENTS,
)

PRE_ACTIVATION = Experiment(
    "preactivation",
    "Pre-activation: norm and ReLU before the convolution",
    "Will moving the ReLU off the main path help a deep network?",
    "How the loss begins: with nothing on the main path but additions, deep networks start to learn at once.",
    ("What stands on the path from the last block to the first in each network?",),
    "cifar10",
    (
        cifar("ResNet-56"),
        cifar("ResNet-56", "Pre-act ResNet-56", pre_activation=True),
        cifar("ResNet-110", chosen=False),
        cifar("ResNet-110", "Pre-act ResNet-110", chosen=False, pre_activation=True),
    ),
    QUICK,
    HE,
    narrow=8,
)

SURGERY = Experiment(
    "surgery",
    "Shortcut surgery: what may stand on the shortcut?",
    "Which changes to the shortcut will hurt, and which will help?",
    "Everything that multiplies the shortcut makes training harder, also where it adds parameters.",
    (
        "A 1×1 convolution could learn to be the identity. Why is it worse than the identity?",
        "Halving each of fifty shortcuts: what is left of the first block's input?",
    ),
    "cifar10",
    (
        cifar("ResNet-56", "identity"),
        cifar("ResNet-56", "both paths × 0.5", shortcut="x0.5"),
        cifar("ResNet-56", "1×1 convolutions", shortcut="1x1"),
        cifar("ResNet-56", "gated", shortcut="gate"),
        cifar("ResNet-56", "dropout 0.5", shortcut="dropout"),
        cifar("plain-56", "none (plain)"),
    ),
    QUICK,
    HE,
    narrow=8,
)
