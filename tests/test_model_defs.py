"""Every network in `model_defs` is the one its paper describes, and every knob on it works."""

import inspect
import math
import pkgutil
import random
import re
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

import model_defs
from explorer.options import Option, options_of
from model_defs import CATALOG
from model_defs.architecture import Architecture, Preset

PRESETS = [(architecture, preset) for architecture in CATALOG.values() for preset in architecture.presets]
TWINS = {preset.torchvision: (architecture, preset) for architecture, preset in PRESETS if preset.torchvision}
LENGTHS = ("blocks", "units", "convs", "depth")  # knobs that say how many blocks, not of what kind

every_family = pytest.mark.parametrize("name", CATALOG)


def each(presets: list[tuple[Architecture, Preset]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("architecture", "preset"), presets, ids=[preset.name for _, preset in presets])


def build(architecture: Architecture, preset: Preset | None = None, device: str = "meta", **knobs: Any) -> Any:
    with torch.device(device):
        return architecture.build(**(dict(preset.options) if preset else {}) | knobs)


def shallow(family: str) -> dict[str, Any]:
    """Settings for the fewest blocks that still make every stage: the same code, soon run."""
    options = [option for option in options_of(CATALOG[family].build) if option.name in LENGTHS]
    least = [option.span.low or 1 if option.span else min(option.choices) for option in options]
    return {o.name: (value,) * o.length if o.length else value for o, value in zip(options, least, strict=True)}


def network(family: str, preset: str, **knobs: Any) -> Any:
    """A preset by name, on `meta` and in eval mode."""
    (found,) = (each for each in CATALOG[family].presets if each.name == preset)
    return build(CATALOG[family], found, **knobs).eval()


def torchvision_twin(builder: str, **options: Any) -> nn.Module:
    """torchvision's network on `meta`; GoogLeNet without the heads that only training uses."""
    if builder == "googlenet":
        options |= {"aux_logits": False, "init_weights": False}
    with torch.device("meta"):
        return models.get_model(builder, weights=None, **options).eval()


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def randomise(network: nn.Module) -> nn.Module:
    """The network off `meta`, with weights and norm statistics of which each one matters to the output."""
    network.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    for name, value in network.state_dict().items():
        if not value.is_floating_point():
            value.zero_()
        elif name.endswith("running_var") or (value.dim() == 1 and name.endswith("weight")):
            value.uniform_(0.5, 1.5, generator=generator)
        elif value.dim() < 2:
            value.uniform_(-0.2, 0.2, generator=generator)
        else:
            reach = math.sqrt(3 / value[0].numel())
            value.uniform_(-reach, reach, generator=generator)
    return network


def image(network: Any, batch: int = 1) -> Tensor:
    return torch.randn(batch, *network.input_shape, generator=torch.Generator().manual_seed(1))


def shapes(network: Any, *paths: str) -> list[tuple[int, ...]]:
    """What the named modules put out for one image, without the batch."""
    seen: dict[str, tuple[int, ...]] = {}
    for path in paths:
        network.get_submodule(path).register_forward_hook(
            lambda _, __, output, path=path: seen.update({path: tuple(output.shape[1:])})
        )
    network(torch.empty(1, *network.input_shape, device="meta"))
    return [seen[path] for path in paths]


# The catalogue


def test_every_file_is_in_the_catalog():
    files = {module.name for module in pkgutil.iter_modules(model_defs.__path__)} - {"architecture"}
    assert files == {architecture.build.__module__.split(".")[-1] for architecture in CATALOG.values()}


def test_families_stand_oldest_first_and_the_exercises_last():
    *families, last = CATALOG.values()
    assert last.name == "Exercise nets"
    assert [family.year for family in families] == sorted(family.year for family in families)


def test_no_two_presets_share_a_name():
    names = [preset.name for _, preset in PRESETS]
    assert len(names) == len(set(names))


@every_family
def test_the_first_preset_is_what_the_knobs_show_at_first(name: str):
    defaults = {option.name: option.default for option in options_of(CATALOG[name].build)}
    assert defaults | dict(CATALOG[name].presets[0].options) == defaults


@each(PRESETS)
def test_presets_are_settings_that_the_form_offers(architecture: Architecture, preset: Preset):
    options = {option.name: option for option in options_of(architecture.build)}
    assert {"num_classes", "in_channels", "image_size"} <= options.keys()
    for name, value in preset.options:
        assert options[name].parse(options[name].spell(value)) == value


@every_family
def test_every_class_says_what_it_is_for(name: str):
    module = inspect.getmodule(CATALOG[name].build)
    assert module
    classes = [each for _, each in inspect.getmembers(module, inspect.isclass) if each.__module__ == module.__name__]
    assert classes
    assert [each.__name__ for each in classes if issubclass(each, nn.Module) and not each.__doc__] == []


# Sizes: published, torchvision's, or added up by hand from the paper's tables


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
    for figure in preset.figures:
        assert figure.source
        assert figure.quantity in ("parameters", "MACs", "top-1", "top-5", "CIFAR-10 error")
        assert figure.value > 1e4 if figure.quantity in ("parameters", "MACs") else 0 < figure.value < 100


def says(preset: Preset, quantity: str) -> list[float]:
    """What is published of this quantity and meant to be ours: a note says how the paper's network differs."""
    return [figure.value for figure in preset.figures if figure.quantity == quantity and not figure.note]


@each([(architecture, preset) for architecture, preset in PRESETS if says(preset, "parameters")])
def test_published_parameters_are_ours_unless_a_note_says_why_not(architecture: Architecture, preset: Preset):
    ours = COUNTS.get(preset.name) or count(build(architecture, preset))
    for published in says(preset, "parameters"):
        rounded = published % 1000 == 0
        assert ours == pytest.approx(published, rel=0.01 if rounded else 0)


def with_macs(family: Architecture) -> list[tuple[Architecture, Preset]]:
    """Four presets of a family at most, for torch's counter is slow."""
    return [(family, preset) for preset in family.presets if says(preset, "MACs")][:4]


@each([pair for family in CATALOG.values() for pair in with_macs(family)])
def test_published_macs_are_ours_unless_a_note_says_why_not(architecture: Architecture, preset: Preset):
    network = build(architecture, preset).eval()
    with FlopCounterMode(display=False) as counter:
        network(torch.empty(1, *network.input_shape, device="meta"))
    for published in says(preset, "MACs"):  # rounded hard: ResNet-34 prints 3.6 G for 3.66
        assert counter.get_total_flops() / 2 == pytest.approx(published, rel=0.03)


# Outputs


@pytest.mark.parametrize(
    ("builder", "size"),
    [
        ("alexnet", 96),
        ("vgg16", 224),  # torchvision's head is made for this size alone
        ("vgg16_bn", 224),
        ("googlenet", 64),
        ("resnet18", 64),
        ("resnet50", 64),
        ("resnet152", 64),
        ("resnext50_32x4d", 64),
        ("mobilenet_v2", 64),
        ("mobilenet_v3_large", 64),
        ("shufflenet_v2_x1_0", 64),
        ("efficientnet_b0", 64),
        ("efficientnet_b7", 64),
        ("vit_b_16", 64),
    ],
)
@torch.inference_mode()
def test_same_weights_give_torchvisions_output(builder: str, size: int):
    theirs = randomise(torchvision_twin(builder, **({"image_size": size} if builder == "vit_b_16" else {})))
    architecture, preset = TWINS[builder]
    ours = build(architecture, preset, image_size=size).eval()
    values = zip(ours.state_dict(), theirs.state_dict().values(), strict=True)
    ours.load_state_dict(dict(values), assign=True)
    x = image(ours)
    expected = theirs(x)
    assert (ours(x) - expected).abs().max() <= 1e-4 * expected.abs().max()


# Every part takes part


def kinds() -> list[tuple[Architecture, Preset]]:
    """One preset of each kind: of those that differ in length alone, the first."""
    found = {}
    for architecture, preset in PRESETS:
        kind = tuple((name, value) for name, value in preset.options if name not in LENGTHS)
        found.setdefault((architecture.name, kind), (architecture, preset))
    return list(found.values())


@each(kinds())
def test_every_layer_runs_once_and_every_parameter_gets_a_gradient(architecture: Architecture, preset: Preset):
    network = build(architecture, preset, **shallow(architecture.name)).train()
    calls = {name: 0 for name, module in network.named_modules() if not list(module.children())}
    for name in calls:
        network.get_submodule(name).register_forward_hook(lambda *_, name=name: calls.update({name: calls[name] + 1}))
    network(torch.empty(2, *network.input_shape, device="meta")).sum().backward()
    assert {name: number for name, number in calls.items() if number != 1} == {}
    assert [name for name, parameter in network.named_parameters() if parameter.grad is None] == []


@every_family
def test_no_gradient_is_nought_throughout(name: str):
    network: Any = build(CATALOG[name], **shallow(name), num_classes=5, image_size=64)
    randomise(network).eval()  # in training, dropout and skipped blocks may hold gradients back
    network(image(network, batch=2)).square().sum().backward()
    assert [name for name, parameter in network.named_parameters() if not parameter.grad.any()] == []


# Every knob


def offered(option: Option, usual: Any) -> list[Any]:
    """All choices; of a span both ends and a value between; of several numbers each in turn."""
    if option.span is None:
        return [choice for choice in option.choices if choice != 1202]  # that depth is built where it is counted
    low, high, step = option.span
    between = low + step * random.Random(option.name).randrange(1, max(2, round((high - low) / step)))
    low, between, high = map(int if option.whole else float, (low, between, high))
    if not option.length:
        return [low, between, high]
    last = option.length - 1
    in_turn = [(*usual[:place], between, *usual[place + 1 :]) for place in range(option.length)]
    return [(low,) * option.length, *in_turn, (*usual[:last], high)]


KNOBS = [(name, option) for name, family in CATALOG.items() for option in options_of(family.build)]


@pytest.mark.parametrize(("name", "option"), KNOBS, ids=[f"{name}-{option.name}" for name, option in KNOBS])
def test_every_offered_value_works_or_is_refused_with_a_reason(name: str, option: Option):
    usual = {each.name: each.default for each in options_of(CATALOG[name].build)} | shallow(name)
    for value in offered(option, usual[option.name]):
        knobs = usual | {option.name: value}
        try:
            network = build(CATALOG[name], **knobs).eval()
        except ValueError as refusal:
            assert re.fullmatch(r"[A-Z0-9].* .*\.", str(refusal))
            continue
        channels, height, width = network.input_shape
        assert (channels, height) == (knobs["in_channels"], width)
        assert height == knobs["image_size"] or knobs["phi"] > 0  # EfficientNet's φ scales the image too
        assert network(torch.empty(2, *network.input_shape, device="meta")).shape == (2, knobs["num_classes"])


@pytest.mark.parametrize(
    ("family", "least"),
    [
        ("LeNet", 16),  # 16 → 12 → 6 → 2 → 1
        ("AlexNet", models.AlexNet_Weights.DEFAULT.meta["min_size"][0]),
        ("VGG", models.VGG16_Weights.DEFAULT.meta["min_size"][0]),
        ("GoogLeNet", models.GoogLeNet_Weights.DEFAULT.meta["min_size"][0]),
        ("CIFAR ResNet", 1),
        ("Exercise nets", 8),
    ],
)
def test_an_image_too_small_is_refused_with_the_least_size_that_works(family: str, least: int):
    network = build(CATALOG[family], image_size=least).eval()
    network(torch.empty(1, *network.input_shape, device="meta"))
    if least > 1:
        with pytest.raises(ValueError, match=f"least side is {least}"):
            build(CATALOG[family], image_size=least - 1)


# What the knobs do


def test_lenet_blurs_28_to_14_and_10_to_5():
    assert shapes(network("LeNet", "LeNet-5"), "stage1", "stage2") == [(6, 14, 14), (16, 5, 5)]


def test_alexnets_stages_are_27_13_and_6_pixels_wide():
    sides = shapes(network("AlexNet", "AlexNet"), "stage1", "stage2", "stage3")
    assert sides == [(64, 27, 27), (192, 13, 13), (256, 6, 6)]


def test_alexnets_second_tower_does_not_see_the_first():
    conv = network("AlexNet", "AlexNet, two towers").stage2[0]
    assert conv.weight.shape == (256, 48, 5, 5)  # each filter reads 48 of the 96 channels


def test_vggs_stages_halve_the_map_and_double_the_channels_up_to_512():
    stages = shapes(network("VGG", "VGG-16"), *(f"stages.{index}" for index in range(5)))
    assert stages == [(64, 112, 112), (128, 56, 56), (256, 28, 28), (512, 14, 14), (512, 7, 7)]


def test_vgg_leaves_out_a_stage_without_convolutions():
    small = network("VGG", "VGG-style for CIFAR-10")
    assert shapes(small, "stages") == [(128, 4, 4)]
    assert sum(isinstance(module, nn.Conv2d) for module in small.modules()) == 4
    with pytest.raises(ValueError, match="at least one"):
        build(CATALOG["VGG"], convs=(0, 0, 0, 0, 0))


def test_googlenets_stages_are_those_of_table_1():
    stages = shapes(network("GoogLeNet", "GoogLeNet"), "stem", "stage3", "stage4", "stage5")
    assert stages == [(192, 28, 28), (480, 14, 14), (832, 7, 7), (1024, 7, 7)]


def test_resnets_stages_halve_the_map_and_double_the_channels():
    stages = shapes(network("ResNet", "ResNet-50"), "stem", "stage1", "stage2", "stage3", "stage4")
    assert stages == [(64, 56, 56), (256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7)]


@pytest.mark.parametrize("knobs", [{}, {"pre_activation": True}, {"shortcut": "none"}, {"shortcut": "gate"}])
def test_cifar_resnets_stages_are_32_16_and_8_pixels_wide(knobs: dict[str, Any]):
    stages = shapes(network("CIFAR ResNet", "ResNet-20", **knobs), "stage1", "stage2", "stage3")
    assert stages == [(16, 32, 32), (32, 16, 16), (64, 8, 8)]


@pytest.mark.parametrize("depth", [8, 20, 56])
def test_option_b_adds_2752_parameters_at_any_depth(depth: int):
    a, b = (build(CATALOG["CIFAR ResNet"], depth=depth, option=option) for option in "AB")
    assert count(b) - count(a) == 2752


def test_cifar_resnet_has_as_many_weighted_layers_as_its_name_says():
    layers = [m for m in network("CIFAR ResNet", "ResNet-56").modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == 56
    with pytest.raises(ValueError, match="6n"):
        build(CATALOG["CIFAR ResNet"], depth=21)


@pytest.mark.parametrize(("shortcut", "share"), [("identity", 1), ("x0.5", 0.5), ("gate", 1 - 1 / (1 + math.exp(6)))])
@torch.inference_mode()
def test_the_shortcut_carries_this_share_of_the_input(shortcut: str, share: float):
    block = build(CATALOG["CIFAR ResNet"], device="cpu", depth=8, shortcut=shortcut).eval().stage1[0]
    for silent in (block.norm2, block.gate.conv) if block.gate else (block.norm2,):
        silent.weight.zero_()  # what the block computes is 0, and the gate stands where it starts
    x = torch.rand(1, 16, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(block(x), share * x)


def test_squeeze_and_excitation_stands_behind_the_second_convolution():
    stage = network("Exercise nets", "CIFAR10Net + SE").stage2
    assert [type(module).__name__ for module in stage] == ["ConvBlock", "SqueezeExcitation", "MaxPool2d"]


def test_exercise_nets_shrink_the_image_as_far_as_they_say():
    plain = network("Exercise nets", "Plain 6-layer CNN")
    residual = network("Exercise nets", "4-block ResNet (1×28×28)")
    assert shapes(plain, "stage1", "stage2", "stage3") == [(32, 16, 16), (64, 8, 8), (128, 4, 4)]
    assert shapes(residual, "stage1", "stage2", "stage3") == [(16, 28, 28), (32, 14, 14), (64, 7, 7)]
