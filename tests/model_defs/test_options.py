"""Every knob of every family works, or says why not; and does what its name says."""

import math
import random
import re
from typing import Any

import pytest
import torch
from torch import nn
from torchvision import models

from explorer.models.constructor_options import Option, options_of
from model_defs import CATALOG
from testing.networks import ShapeRun, build, count, network, shallow, shapes


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
        with ShapeRun(), torch.no_grad():
            out = network(torch.empty(2, *network.input_shape, device="meta"))
        assert out.shape == (2, knobs["num_classes"])


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
