"""torchvision's networks for more than one label an image: what each takes, how it is built, what is printed of it."""

from functools import lru_cache
from typing import Any, Literal

from torch import nn

from explorer.models.constructor_options import Option
from explorer.models.facts import Fact
from explorer.models.inputs import Argument, Inputs
from model_defs.architecture import Span

Task = Literal["segmentation", "detection", "optical flow", "video", "quantised"]
Settings = dict[str, Any]
FOLDERS: dict[str, Task] = {
    "segmentation": "segmentation",
    "detection": "detection",
    "optical_flow": "optical flow",
    "video": "video",
    "quantization": "quantised",
}
# Of each task: the sides of what goes in, those that torchvision's own counts of MACs were made with, and the classes
# that its weights tell apart, which flow has none of.
SIDES: dict[Task, tuple[int, ...]] = {
    "segmentation": (520, 520),
    "detection": (800, 800),
    "optical flow": (512, 512),
    "video": (16, 224, 224),
    "quantised": (224, 224),
}
CLASSES: dict[Task, int] = {"segmentation": 21, "detection": 91, "video": 400, "quantised": 1000}
OTHER_SIDES = {
    "mc3_18": (16, 112, 112),
    "r3d_18": (16, 112, 112),
    "r2plus1d_18": (16, 112, 112),
    "quantized_inception_v3": (299, 299),
}
OTHER_CLASSES = {"keypointrcnn_resnet50_fpn": 2}
# The torchvision weights of these were trained with norms that stand still: their numbers are no parameters.
FROZEN = ("fasterrcnn_", "fcos_", "keypointrcnn_", "maskrcnn_", "retinanet_")
FROZEN_NOTE = "its norms stand still: their numbers are not counted"
SLOW = ("quantized_googlenet", "quantized_inception_v3")  # seconds of truncated normals, unless told not to
AUXILIARY = Option("aux_loss", True, choices=(False, True))
IMAGE_WORDS, VIDEO_WORDS = ("image_height", "image_width"), ("frames", "image_height", "image_width")
METRICS = {"acc@1": "top-1", "acc@5": "top-5", "miou": "mean IoU", "box_map": "box mAP"}


@lru_cache(maxsize=1)
def task_names() -> tuple[str, ...]:
    """Those of one task beside each other."""
    import torchvision.models

    classifiers = set(torchvision.models.list_models(module=torchvision.models))
    others = [name for name in torchvision.models.list_models() if name not in classifiers]
    return tuple(sorted(others, key=lambda name: (tuple(SIDES).index(task_of(name)), name)))


@lru_cache(maxsize=128)
def task_of(name: str) -> Task:
    import torchvision.models

    return FOLDERS[torchvision.models.get_model_builder(name).__module__.split(".")[2]]


def task_label(name: str) -> str:
    return f"{name} · {task_of(name)}"


def sides_words(name: str) -> tuple[str, ...]:
    return VIDEO_WORDS if task_of(name) == "video" else IMAGE_WORDS


def task_options(name: str) -> tuple[Option, ...]:
    """How many classes, where there are any, and the sides of what goes in."""
    task = task_of(name)
    usual = OTHER_SIDES.get(name, SIDES[task])
    sides = tuple(Option(word, side, span=Span(1, 2048)) for word, side in zip(sides_words(name), usual, strict=True))
    if task not in CLASSES:
        return sides
    classes = Option("num_classes", OTHER_CLASSES.get(name, CLASSES[task]), span=Span(1, 1000))
    return classes, *([AUXILIARY] if has_auxiliary(name) else []), *sides


def has_auxiliary(name: str) -> bool:
    """Whether there is a second, shallower output to learn by."""
    return task_of(name) == "segmentation" and not name.startswith("lraspp")


def task_inputs(name: str, settings: Settings) -> Inputs:
    """A batch of one; detectors take a list of images, optical flow two."""
    values = {option.name: option.default for option in task_options(name)} | settings
    shape = (3, *(values[word] for word in sides_words(name)))
    match task_of(name):
        case "optical flow":
            return Argument("image1", shape), Argument("image2", shape)
        case "detection":
            return (Argument("images.0", shape, whole=True),)
        case _:
            return (Argument("", shape),)


def builder_arguments(name: str, settings: Settings) -> Settings:
    """What torchvision's builder is called with."""
    given: Settings = {"weights": None}
    if task_of(name) in ("segmentation", "detection"):
        given["weights_backbone"] = None
    if name in SLOW:
        given["init_weights"] = False
    if has_auxiliary(name):
        given["aux_loss"] = settings.get("aux_loss", AUXILIARY.default)
    return given | {word: value for word, value in settings.items() if word == "num_classes"}


def build_task(name: str, settings: Settings) -> nn.Module:
    import torchvision.models

    return torchvision.models.get_model(name, **builder_arguments(name, settings))


@lru_cache(maxsize=128)
def task_figures(name: str) -> tuple[Fact, ...]:
    """From the metadata of its weights, which ships with torchvision; accuracies with the data they hold on."""
    import torchvision.models

    figures: dict[tuple[str, float], Fact] = {}
    for weights in torchvision.models.get_model_weights(name):
        meta, source = weights.meta, f"torchvision, {weights.name}"
        frozen = FROZEN_NOTE if name.startswith(FROZEN) and not name.endswith("_v2") else ""
        known = [("parameters", meta["num_params"], frozen), ("MACs", round(meta["_ops"] * 1e9), "")]
        for data, metrics in meta["_metrics"].items():
            known += [(METRICS[metric], value, data) for metric, value in metrics.items() if metric in METRICS]
        for quantity, value, note in known:
            figures.setdefault((quantity, value), Fact(quantity, value, "published", source, note))
    return tuple(figures.values())
