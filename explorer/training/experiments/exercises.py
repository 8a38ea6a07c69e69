"""The exercises of the lesson that are trained, and any networks side by side."""

from dataclasses import replace

from explorer.training.experiments.experiment import Experiment, exercise_contestant, preset
from explorer.training.recipe import PRESETS

# Small networks see the pictures as they are.
MINUTE = replace(PRESETS["quick"], size=None, steps=200, evaluate_every=50)
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
