"""Every network in `model_defs` is as large as its paper says: by published counts, torchvision or hand arithmetic."""

import pytest

from explorer.models.published_numbers import preset_figures
from model_defs import CATALOG
from model_defs.architecture import Architecture, Preset
from testing.networks import PRESETS, TWINS, build, count, each, torch_macs, torchvision_twin


def pre_activation(stem: int, width: int, blocks: tuple[int, ...], bottleneck: bool, padded: bool = False) -> int:
    """Parameters up to the last norm: each convolution brings the norm before it, and a projection has none."""
    total, reached, expansion = stem, width, 4 if bottleneck else 1
    for index, number in enumerate(blocks):
        inner = width * 2**index
        for _ in range(number):
            out = inner * expansion
            if not padded and reached != out:
                total += reached * out
            if bottleneck:
                total += 2 * reached + reached * inner + 2 * inner + 9 * inner**2 + 2 * inner + inner * out
            else:
                total += 2 * reached + 9 * reached * inner + 2 * inner + 9 * inner**2
            reached = out
    return total + 2 * reached


def imagenet(*blocks: int, bottleneck: bool = True) -> int:
    body = pre_activation(3 * 49 * 64, 64, blocks, bottleneck)
    return body + (2048 if bottleneck else 512) * 1000 + 1000


def cifar(blocks: int) -> int:
    return pre_activation(3 * 9 * 16, 16, (blocks,) * 3, bottleneck=True) + 256 * 10 + 10


def plain_block(in_channels: int, channels: int) -> int:
    return in_channels * channels * 9 + 2 * channels


def basic_block(in_channels: int, channels: int) -> int:
    projection = 0 if in_channels == channels else in_channels * channels + 2 * channels
    return plain_block(in_channels, channels) + plain_block(channels, channels) + projection


LENET = (25 + 1) * 6 + (25 * 6 + 1) * 16 + (400 + 1) * 120 + (120 + 1) * 84 + (84 + 1) * 10
INCEPTION_5X5 = [(16, 32), (32, 96), (16, 48), (24, 64), (24, 64), (32, 64), (32, 128), (32, 128), (48, 128)]
BASIC6 = sum(basic_block(*each) for each in [(32, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128)])
BASIC4 = sum(basic_block(*each) for each in [(16, 16), (16, 32), (32, 64), (64, 64)])
CIFAR10NET = plain_block(3, 32) + plain_block(32, 64) + plain_block(64, 128) + (2048 + 1) * 256 + (256 + 1) * 10
STEPS = [(16, 16)] * 18 + [(16, 32)] + [(32, 32)] * 17 + [(32, 64)] + [(64, 64)] * 17  # ResNet-110, block by block

COUNTS = {
    "LeNet-5": LENET,
    "LeNet-style for CIFAR-10": LENET + 2 * 25 * 6,
    "AlexNet, two towers": 60_965_224,
    "VGG-style for CIFAR-10": sum(i * o * 9 + o for i, o in [(3, 32), (32, 64), (64, 128), (128, 128)])
    + (128 * 4 * 4 + 1) * 256
    + (256 + 1) * 256
    + (256 + 1) * 10,
    "GoogLeNet": 6_624_904 + sum((25 - 9) * narrow * wide for narrow, wide in INCEPTION_5X5),
    **{f"{kind}-20": 269_722 for kind in ("ResNet", "plain")},  # the next six: akamaster/pytorch_resnet_cifar10
    **{f"{kind}-32": 464_154 for kind in ("ResNet", "plain")},
    **{f"{kind}-44": 658_586 for kind in ("ResNet", "plain")},
    **{f"{kind}-56": 853_018 for kind in ("ResNet", "plain")},
    **{f"{kind}-110": 1_727_962 for kind in ("ResNet", "plain")},
    "ResNet-1202": 19_421_274,
    "ResNet-110, both paths × 0.5": 1_727_962,
    "ResNet-110, dropout on shortcuts": 1_727_962,
    "ResNet-110, gated": 1_727_962 + sum((i + 1) * o for i, o in STEPS),
    "ResNet-110, 1×1 shortcuts": 1_727_962 + sum((i + 2) * o for i, o in STEPS),
    "Pre-act ResNet-18": imagenet(2, 2, 2, 2, bottleneck=False),
    "Pre-act ResNet-34": imagenet(3, 4, 6, 3, bottleneck=False),
    "Pre-act ResNet-50": imagenet(3, 4, 6, 3),
    "Pre-act ResNet-101": imagenet(3, 4, 23, 3),
    "Pre-act ResNet-152": imagenet(3, 8, 36, 3),
    "Pre-act ResNet-200": imagenet(3, 24, 36, 3),
    "Pre-act ResNet-110, CIFAR": 1_727_962,  # the norms move, and their sizes add up to the same
    "Pre-act ResNet-164, CIFAR": 1_703_258,
    "Pre-act ResNet-1001, CIFAR": cifar(111),
    "SE-ResNet-18": 11_778_592,  # these six: timm's legacy_seresnet18 … and legacy_seresnext50_32x4d
    "SE-ResNet-34": 21_958_868,
    "SE-ResNet-50": 28_088_024,
    "SE-ResNet-101": 49_326_872,
    "SE-ResNet-152": 66_821_848,
    "SE-ResNeXt-50 32×4d": 27_559_896,
    "MobileNetV2 ×0.5": 1_968_680,  # torchvision: mobilenet_v2(width_mult=0.5), and 1.4
    "MobileNetV2 ×1.4": 6_108_776,
    "B0 scaled by φ = 1": 9_109_994,  # recounted from the paper's rule; φ = 1 gives exactly B2
    "B0 scaled by φ = 2": 12_255_408,
    "Plain 6-layer CNN": sum(
        plain_block(*each) for each in [(3, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128)]
    )
    + (128 + 1) * 10,
    "6-block ResNet": plain_block(3, 32) + BASIC6 + (128 + 1) * 10,
    "4-block ResNet (1×28×28)": plain_block(1, 16) + BASIC4 + (64 + 1) * 10,
    "CIFAR10Net": CIFAR10NET,
    "CIFAR10Net + SE": CIFAR10NET + (64 + 1) * 4 + (4 + 1) * 64,
}


def test_hand_arithmetic_agrees_with_published_counts():
    assert (LENET, cifar(18), imagenet(3, 4, 6, 3)) == (61_706, 1_703_258, 25_549_352)  # the last: timm's resnetv2_50


@each([(architecture, preset) for architecture, preset in PRESETS if not preset.torchvision])
def test_parameters_are_as_many_as_the_paper_says(architecture: Architecture, preset: Preset):
    assert count(build(architecture, preset)) == COUNTS[preset.name]


@each(list(TWINS.values()))
def test_every_tensor_has_the_shape_of_torchvisions(architecture: Architecture, preset: Preset):
    ours, theirs = build(architecture, preset).state_dict(), torchvision_twin(preset.torchvision).state_dict()
    assert [value.shape for value in ours.values()] == [value.shape for value in theirs.values()]


@each(PRESETS)
def test_published_figures_have_a_source_and_are_plausible(architecture: Architecture, preset: Preset):
    for figure in preset_figures(architecture.name, preset.name):
        assert figure.source
        assert figure.quantity in ("parameters", "MACs", "top-1", "top-5", "CIFAR-10 error")
        assert figure.value > 1e4 if figure.quantity in ("parameters", "MACs") else 0 < figure.value < 100


def says(architecture: Architecture, preset: Preset, quantity: str) -> list[float]:
    """What is published of this quantity and meant to be ours: a note says how the paper's network differs."""
    figures = preset_figures(architecture.name, preset.name)
    return [figure.value for figure in figures if figure.quantity == quantity and not figure.note]


@each([(architecture, preset) for architecture, preset in PRESETS if says(architecture, preset, "parameters")])
def test_published_parameters_are_ours_unless_a_note_says_why_not(architecture: Architecture, preset: Preset):
    ours = COUNTS.get(preset.name) or count(build(architecture, preset))
    for published in says(architecture, preset, "parameters"):
        rounded = published % 1000 == 0
        assert ours == pytest.approx(published, rel=0.01 if rounded else 0)


def with_macs(family: Architecture) -> list[tuple[Architecture, Preset]]:
    """Four presets of a family at most: they are run, and the larger ones are the same code."""
    return [(family, preset) for preset in family.presets if says(family, preset, "MACs")][:4]


@each([pair for family in CATALOG.values() for pair in with_macs(family)])
def test_published_macs_are_ours_unless_a_note_says_why_not(architecture: Architecture, preset: Preset):
    network = build(architecture, preset)
    ours = torch_macs(network, network.input_shape)
    for published in says(architecture, preset, "MACs"):  # rounded hard: ResNet-34 prints 3.6 G for 3.66
        assert ours == pytest.approx(published, rel=0.03)


@pytest.mark.parametrize(("name", "below"), [("EfficientNet-B4", 0.044), ("EfficientNet-B5", 0.036)])
def test_the_macs_that_are_not_ours_have_a_note_that_is_true(name: str, below: float):
    (preset,) = (each for each in CATALOG["EfficientNet"].presets if each.name == name)
    (figure,) = (each for each in preset_figures("EfficientNet", name) if each.quantity == "MACs")
    network = build(CATALOG["EfficientNet"], preset)
    ours = torch_macs(network, network.input_shape)
    assert 1 - figure.value / ours == pytest.approx(below, abs=0.001) and figure.note.startswith("some 4 % below")
    sides = {"EfficientNet-B4": [368], "EfficientNet-B5": [448, 449]}[name]  # between these B5's maps become larger
    counted = [round(torch_macs(network, (3, side, side)) / 1e9, 1) for side in sides]
    assert counted == ([4.2] if name == "EfficientNet-B4" else [9.4, 10.2])
