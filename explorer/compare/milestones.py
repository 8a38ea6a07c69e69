"""The networks that changed how networks are made, oldest first: the lesson's list, and what came between."""

from dataclasses import dataclass

from explorer.catalogue import published
from explorer.compare.block_picture import BlockPicture, block_picture
from explorer.compare.facts import COUNTED, Fact
from explorer.diagram import text_alternative
from explorer.outline import Outline, outline, walk
from explorer.places import ModelSelection
from explorer.published_numbers import Figure
from explorer.specs import build
from explorer.studies import study
from explorer.tracing import trace
from explorer.views import View
from model_defs import CATALOG
from model_defs.architecture import Architecture


@dataclass(frozen=True)
class Milestone:
    place: ModelSelection
    block: str  # the module that shows the idea, as the network calls it
    shows: str  # what one sees in it
    closed: tuple[str, ...] = ()  # parts of the block that stay shut in the picture
    stand_in: str = ""  # the preset whose published accuracy is shown where this form has none

    @property
    def key(self) -> str:
        return self.place.name

    @property
    def architecture(self) -> Architecture:
        return CATALOG[self.place.name]


def milestone(name: str, preset: str, block: str, shows: str, *closed: str, stand_in: str = "") -> Milestone:
    return Milestone(ModelSelection("model_defs", name, preset), block, shows, closed, stand_in)


MILESTONES = (
    milestone("LeNet", "LeNet-5", "stage1", "its first stage: a small filter slid over the image, then a mean of four"),
    milestone("AlexNet", "AlexNet", "stage1", "its first stage: a wide window, and a ReLU where LeNet has a tanh"),
    milestone("VGG", "VGG-16", "stages.2", "its third stage: small windows only, one after the other"),
    milestone(
        *("GoogLeNet", "GoogLeNet", "stage3.0", "its first Inception block: four ways to look, side by side"),
        stand_in="GoogLeNet, 3×3 windows only",
    ),
    milestone("ResNet", "ResNet-50", "stage1.1", "a bottleneck: what came in is added to what the layers made of it"),
    milestone("ResNeXt", "ResNeXt-50 32×4d", "stage1.1", "its block: the 3×3 convolution split into 32 groups"),
    milestone("SE-ResNet", "SE-ResNet-50", "stage1.1.se", "the gate in each block: what the whole map holds weighs it"),
    milestone("MobileNetV2", "MobileNetV2", "stages.1.1", "an inverted residual: wide inside, thin between the blocks"),
    milestone(
        *("ShuffleNetV2", "ShuffleNetV2 ×1.0", "stage2.1", "its unit: half of the channels pass untouched"), "shuffle"
    ),
    milestone(
        *("EfficientNet", "EfficientNet-B0", "stages.1.1", "an MBConv: MobileNetV2’s block with SE-Net’s gate"),
        *("expand", "depthwise", "project"),
    ),
    milestone(
        *("ViT", "ViT-B/16", "encoder.0", "an encoder block: attention, then two linear layers, each added"),
        "attention",
    ),
)


@dataclass(frozen=True)
class Drawn:
    """What only the built network tells."""

    parameters: Fact
    macs: Fact
    picture: BlockPicture
    words: str  # the picture as a list


def drawn(each: Milestone) -> Drawn:
    """Raises `ValueError` with a reason where the network cannot be built or its block not drawn."""
    graph = study(each.place.spec).graph
    side = graph.nodes[0].shape[-1]
    inside = block_outline(each)
    view = View(frozenset(item.id for item in walk(inside.written) if item.children and item.id not in each.closed))
    return Drawn(
        Fact("parameters", graph.params, "computed", COUNTED),
        Fact("MACs", graph.macs, "computed", COUNTED, f"on {side}×{side} pixels"),
        block_picture(inside, view),
        text_alternative(inside),
    )


def block_outline(each: Milestone) -> Outline:
    """Of the live module in the network, run on the shape that it is given there."""
    graph = study(each.place.spec).graph
    first = next(node for node in graph.nodes if each.block in node.path)
    module = build(each.place.spec, "meta").get_submodule(each.block)
    return outline(trace(module, graph.by_name[first.inputs[0]].shape))


def accuracies(each: Milestone, quantity: str) -> tuple[Fact, ...]:
    """As first published, then the most that it reached since, by other recipes or with more pictures to learn from."""
    found = figures(each.place.preset, each, quantity)
    note = ""
    if not found and each.stand_in:
        found, note = figures(each.stand_in, each, quantity), each.stand_in
    if not found:
        return ()
    alike = [figure for figure in found if "pixels" not in figure.note]  # on images as large
    best = max(alike or found, key=lambda figure: figure.value)
    kept = found[:1] if best.value - found[0].value < 0.5 else [found[0], best]
    return tuple(
        Fact(quantity, figure.value, "published", figure.source, ", ".join(filter(None, (note, figure.note))))
        for figure in kept
    )


def figures(preset: str, each: Milestone, quantity: str) -> list[Figure]:
    return [figure for figure in published("model_defs", each.place.name, preset) if figure.quantity == quantity]
