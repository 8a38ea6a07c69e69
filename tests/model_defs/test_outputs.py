"""With the same weights the same outputs as torchvision's, and every part takes part."""

from typing import Any

import pytest
import torch

from model_defs import CATALOG
from model_defs.architecture import Architecture, Preset
from testing.networks import (
    LENGTHS,
    PRESETS,
    TWINS,
    build,
    each,
    every_family,
    image,
    randomise,
    shallow,
    torchvision_twin,
)


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
