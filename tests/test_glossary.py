"""Every operation and block on show has an honest explanation."""

import re

import pytest
import torch
import torchvision

from explorer.block_texts import BLOCKS
from explorer.glossary import Entry, explain
from explorer.graph import Block
from explorer.layer_texts import KIND_LAYERS, LAYERS
from explorer.terms import TERMS
from explorer.tracing import trace
from model_defs import CATALOG


def sentence(thing: object, **attributes: object) -> str:
    entry = explain(thing, tuple(attributes.items()))  # pyright: ignore
    assert entry is not None
    return entry.sentence


def test_a_convolution_is_explained_by_what_its_settings_make_it():
    kernel = (3, 3)
    plain = sentence("Conv2d", in_channels=8, kernel_size=kernel, groups=1)
    depthwise = sentence("conv2d", in_channels=8, kernel_size=kernel, groups=8)
    grouped = sentence("Conv2d", in_channels=8, kernel_size=kernel, groups=2)
    pointwise = sentence("Conv2d", in_channels=8, kernel_size=(1, 1), groups=1)
    dilated = sentence("Conv2d", in_channels=8, kernel_size=kernel, groups=1, dilation=(2, 2))
    transposed = sentence("ConvTranspose2d", in_channels=8, kernel_size=kernel, groups=1, transposed=True)
    assert len({plain, depthwise, grouped, pointwise, dilated, transposed}) == 6
    assert "each channel on its own" in depthwise


def test_a_layer_and_its_function_are_the_same_thing():
    for layer, function in {"BatchNorm2d": "batch_norm", "MaxPool2d": "max_pool2d", "ReLU": "relu_"}.items():
        assert explain(layer) == explain(function)


def test_one_name_in_two_files_is_two_blocks():
    mobile = explain(Block("", "InvertedResidual", "torchvision.models.mobilenetv2.InvertedResidual"))
    shuffle = explain(Block("", "InvertedResidual", "torchvision.models.shufflenetv2.InvertedResidual"))
    assert mobile != shuffle
    assert explain(Block("", "Mystery", "somewhere.Mystery")) is None


@pytest.mark.parametrize(
    "name", ["resnet50", "mobilenet_v3_small", "vit_b_16", "swin_t", "densenet121", "convnext_tiny"]
)
def test_every_operation_of_well_known_networks_has_an_entry(name):
    with torch.device("meta"):
        graph = trace(torchvision.models.get_model(name, weights=None), (3, 224, 224))
    fallback = {node.op for node in graph.nodes if str(explain(node)).find("PyTorch's operation") >= 0}
    assert fallback <= {"new_zeros", "setitem", "ne", "eq", "masked_fill"}  # swin's mask


def test_every_block_of_ours_has_an_entry():
    known = {"stage", "Sequential"}
    for architecture in CATALOG.values():
        with torch.device("meta"):
            model = architecture.build()
        for module in list(model.modules())[1:]:
            kind = type(module)
            if kind.__module__.startswith("model_defs") and kind.__name__ not in known:
                assert explain(Block("", kind.__name__, f"{kind.__module__}.{kind.__qualname__}")), kind


def test_entries_are_sentences_with_a_source():
    entries = [Entry(*found) for found in (*LAYERS.values(), *BLOCKS.values())]
    for entry in entries:
        assert re.match(r"[A-Zx].{20,300}\.$", entry.sentence), entry.sentence
        assert entry.source.url.startswith("https://")
    assert set(KIND_LAYERS.values()) <= LAYERS.keys()
    assert all(text.endswith(".") for text in TERMS.values())


def test_nobody_blames_vanishing_gradients_for_degradation():
    texts = [found[0] for found in (*LAYERS.values(), *BLOCKS.values())]
    assert not any("vanish" in text for text in texts)
    assert "unlikely" in TERMS["degradation"]
