"""Recipes to start from, each with its source."""

from dataclasses import dataclass, replace

from explorer.training.recipe import Recipe


@dataclass(frozen=True)
class Preset:
    name: str
    source: str
    recipe: Recipe


def exercise(number: int, recipe: Recipe, note: str) -> Preset:
    return Preset(f"Exercise {number}", f"The lesson’s exercise {number}: {note}", recipe)


HE = Recipe(
    rate=0.1,
    momentum=0.9,
    weight_decay=1e-4,
    schedule="steps",
    milestones=(32_000, 48_000),
    batch=128,
    steps=64_000,
    augment="crop+flip",
    evaluate_every=400,
)
QUICK = Recipe(rate=0.1, ramp=40, weight_decay=1e-4, batch=128, steps=150, size=16, test_subset=1000, evaluate_every=50)
TWENTY = Recipe(rate=0.1, schedule="cosine", epochs=20, batch=128, augment="crop+flip", evaluate_every=400)
MNIST = Recipe(rate=0.05, schedule="cosine", epochs=3, batch=128, evaluate_every=200)
ADAM = Recipe(optimiser="adam", rate=0.001, weight_decay=0.0, epochs=25, batch=128, augment="flip", evaluate_every=400)
LEFT_OPEN = "the lesson leaves optimiser, rate and batch open; these are He et al.’s, falling along a cosine"

PRESETS: dict[str, Preset] = {
    "quick": Preset(
        "Quick",
        "He et al. 2015, Sec. 4.2, cut down to a minute: their optimiser at networks of half the width, pictures of 16 "
        "pixels, 150 steps and no augmentation, which is enough to tell the training losses apart. The rate rises over "
        "the first 40 steps: without that ResNet-56 was no better than plain-56 in one seed of three",
        QUICK,
    ),
    "he": Preset("He et al. 2015", "He et al. 2015, Sec. 4.2: about 164 epochs of CIFAR-10", HE),
    "he110": Preset(
        "He et al. 2015, 110 layers",
        "He et al. 2015, Sec. 4.2: rate 0.01 until the training error is below 80 %, then as the others",
        replace(HE, warm_up=0.01),
    ),
    "exercise1": exercise(1, TWENTY, f"20 epochs, alike for both; {LEFT_OPEN}"),
    "exercise2": exercise(2, MNIST, "the lesson asks for a network on MNIST and does not say how to train it"),
    "exercise3": exercise(3, TWENTY, f"20 epochs; {LEFT_OPEN}"),
    "exercise5": exercise(5, ADAM, "25 epochs, Adam at 0.001"),
}
