"""The ready-made experiments: on depth and shortcuts, the lesson's exercises, scaling, transfer, and one's own."""

from dataclasses import replace

from explorer.models.spec import Spec
from explorer.training.experiments.experiment import Contestant, Experiment, cifar, exercise_contestant, preset
from explorer.training.recipe import PRESETS

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
    PRESETS["he"],
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
    PRESETS["he"],
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
    PRESETS["he"],
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
    PRESETS["he"],
    narrow=8,
)

# The exercises of the lesson that are trained. Small networks see the pictures as they are.
MINUTE = replace(QUICK, size=None, steps=200, evaluate_every=50)
EXERCISE_1 = Experiment(
    "exercise1",
    "Exercise 1: why skip connections work",
    "Which one will have the lower test error?",
    "How early each loss begins to fall, and the gradient at the first layer of each.",
    (
        "Where do the two training losses part, and do they meet again?",
        "At six layers the plain network still trains. What would you expect at fifty-six?",
        "In your own words: what does `out += identity` give the gradient?",
    ),
    "cifar10",
    (exercise_contestant("Plain 6-layer CNN"), exercise_contestant("6-block ResNet")),
    MINUTE,
    PRESETS["exercise1"],
)

EXERCISE_2 = Experiment(
    "exercise2",
    "Exercise 2: a network of four basic blocks on MNIST",
    "Will four residual blocks beat a plain CNN of about the same depth and size?",
    "How little there is to gain when the task is easy and the network shallow.",
    (
        "The plain network has nine layers with weights, the residual one ten and two more in its shortcuts. Where do "
        "they stand?",
        "On which task would the difference be larger?",
    ),
    "mnist",
    (
        exercise_contestant("4-block ResNet (1×28×28)", "4-block ResNet"),
        exercise_contestant(
            "Plain 6-layer CNN", "plain CNN, 9 layers", blocks=(2, 2, 4), width=16, in_channels=1, image_size=28
        ),
    ),
    MINUTE,
    PRESETS["exercise2"],
)

EXERCISE_3 = Experiment(
    "exercise3",
    "Exercise 3: squeeze-and-excitation on and off",
    "What will the SE block gain in test error, in percentage points?",
    "The difference in test error at the end, beside the difference between two seeds of the same network.",
    (
        "Is the difference larger than that between two seeds? Run again with another seed before you say so.",
        "How does the block decide which channels to amplify?",
    ),
    "cifar10",
    (exercise_contestant("CIFAR10Net"), exercise_contestant("CIFAR10Net + SE")),
    MINUTE,
    PRESETS["exercise3"],
)

EXERCISE_5 = Experiment(
    "exercise5",
    "Exercise 5: twenty years of architectures on one chart",
    "In which order will they finish?",
    "How fast each loss falls at first, and which test error stops falling while the training error goes on.",
    ("Which network overfits first, and how do you see it?", "How many parameters does each spend on what it learns?"),
    "cifar10",
    (
        preset("LeNet", "LeNet-style for CIFAR-10", "LeNet-style"),
        preset("VGG", "VGG-style for CIFAR-10", "VGG-style"),
        exercise_contestant("4-block ResNet (1×28×28)", "ResNet-style", in_channels=3, image_size=32),
    ),
    replace(MINUTE, optimiser="adam", rate=0.001, weight_decay=0.0),
    PRESETS["exercise5"],
)

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
    replace(QUICK, size=16),
    replace(PRESETS["exercise1"], size=16),
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

OWN = Experiment(
    "own",
    "Your own: any networks side by side",
    "Which one will win?",
    "What you expect, before you press the button.",
    (),
    "cifar10",
    (),
    MINUTE,
    PRESETS["exercise1"],
)

EXPERIMENTS: dict[str, Experiment] = {  # in the order of the menu
    each.key: each
    for each in (
        *(DEGRADATION, EXERCISE_1, EXERCISE_2, EXERCISE_3, EXERCISE_5),
        *(LADDER, PRE_ACTIVATION, SURGERY, SCALING, TRANSFER, OWN),
    )
}
