"""One number of an output, spelled out, adds up to what the network computed: for every kind of operation there is."""

from collections import Counter

import pytest
import torch
from torch import nn

from explorer.activations.activations import Activations, activations
from explorer.activations.breakdown import LISTED, Breakdown, break_down
from explorer.activations.feature_maps import cell_of, feature_maps, index_of
from explorer.models.spec import Spec, build
from model_defs import CATALOG

NETWORKS = {name: (3, 64, 64) for name in ("GoogLeNet", "SE-ResNet", "MobileNetV2", "ShuffleNetV2", "EfficientNet")}
NETWORKS |= {"LeNet": (1, 32, 32), "CIFAR ResNet": (3, 16, 16), "ViT": (3, 32, 32)}
SPELLED = {"Conv2d", "Linear", "BatchNorm2d", "LayerNorm", "MaxPool2d", "AdaptiveAvgPool2d", "ReLU", "SiLU", "Sigmoid"}
SPELLED |= {"GELU", "Tanh", "AvgPool2d", "add", "mul", "cat", "Flatten"}


def run(model: nn.Module, *shape: int) -> Activations:
    torch.manual_seed(0)
    return activations(nn.Sequential(model.eval()), torch.randn(shape))


def last(layer: nn.Module, seen: Activations, *index: int) -> Breakdown:
    found = break_down(nn.Sequential(layer), seen, seen.graph.nodes[-1], index)
    assert found
    return found


def test_the_sum_is_the_stored_number_for_every_kind_of_operation() -> None:
    spelled = Counter[str]()
    dice = torch.Generator().manual_seed(0)
    for name, shape in NETWORKS.items():
        options = dict(CATALOG[name].presets[0].options) | ({"image_size": 32, "depth": 2} if name == "ViT" else {})
        model = build(Spec("model_defs", name, tuple(sorted(options.items()))))
        seen = run(model, *shape)
        one_of_each = {(node.op, node.attribute("kernel_size"), node.depthwise): node for node in seen.graph.operations}
        for node in one_of_each.values():
            index = tuple(int(torch.randint(side, (1,), generator=dice)) for side in seen.outputs[node.name].shape)
            found = break_down(nn.Sequential(model), seen, node, index)
            if found:
                assert found.stored == float(seen.outputs[node.name][index])
                assert found.result == pytest.approx(found.stored, rel=1e-5, abs=2e-6), (name, node)
                spelled[node.op] += 1
    assert set(spelled) >= SPELLED


def test_a_convolution_by_hand() -> None:
    layer = nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2)
    seen = run(layer, 2, 5, 5)
    found = last(layer, seen, 3, 1, 2)  # the second group reads channel 1; row 1 reads rows 1 to 3, column 2 3 and 4
    x, kernel = seen.outputs["0"][1, 1:4, 3:5], layer.weight[3, 0, :, :2]
    assert found.window == (1, 4, 3, 5) and len(found.terms) == 6 and found.more == 0
    assert {term.index for term in found.terms} == {(1, row, column) for row in (1, 2, 3) for column in (3, 4)}
    assert sum(term.product for term in found.terms) == pytest.approx(float((x * kernel).sum().detach()), rel=1e-5)
    assert found.constant == pytest.approx(float(layer.bias[3].detach()))  # type: ignore[index]


def test_of_many_terms_the_largest_are_listed_and_the_others_added_up() -> None:
    layer = nn.Linear(500, 3)
    seen = run(layer, 500)
    found = last(layer, seen, 2)
    products = (layer.weight[2] * seen.outputs["0"]).detach().double()
    largest = products[products.abs().argsort(descending=True)[:LISTED]]
    assert [term.product for term in found.terms] == pytest.approx(largest.tolist())
    assert found.more == 500 - LISTED and found.others == pytest.approx(float(products.sum() - largest.sum()))


@pytest.mark.parametrize(
    ("layer", "shape", "index", "window"),
    [
        (nn.MaxPool2d(3, 2, 1), (2, 6, 6), (1, 0, 2), (0, 2, 3, 6)),
        (nn.AvgPool2d(2), (2, 6, 6), (0, 2, 1), (4, 6, 2, 4)),
        (nn.AdaptiveAvgPool2d(2), (2, 5, 5), (0, 1, 0), (2, 5, 0, 3)),
        (nn.Conv2d(2, 2, 3, dilation=2), (2, 7, 7), (0, 1, 1), (1, 6, 1, 6)),
    ],
    ids=["largest, at the edge", "mean", "adaptive", "dilated"],
)
def test_the_window_is_what_the_layer_reads(layer: nn.Module, shape, index, window) -> None:
    found = last(layer, run(layer, *shape), *index)
    assert found.window == window and found.result == pytest.approx(found.stored, rel=1e-5, abs=1e-6)


def test_a_batch_norm_scales_and_shifts() -> None:
    layer = nn.BatchNorm2d(3)
    layer.running_mean, layer.running_var = torch.tensor([1.0, 2, 3]), torch.tensor([4.0, 9, 16])
    found = last(layer, run(layer, 3, 2, 2), 1, 0, 1)
    scale = 1 / (9 + layer.eps) ** 0.5
    assert found.terms[0].factor == pytest.approx(scale) and found.constant == pytest.approx(-2 * scale)


class Functions(nn.Module):
    def forward(self, x):
        gate = x.mean((2, 3), keepdim=True)
        return torch.cat([x + gate, x - x * 2, x * gate], 1).softmax(1)


def test_functions_are_spelled_out_by_what_they_read_and_others_say_nothing() -> None:
    model = Functions()
    seen = run(model, 2, 3, 3)
    known = {node.op: node for node in seen.graph.nodes}
    added = break_down(model, seen, known["add"], (1, 2, 0))
    assert added and [term.index for term in added.terms] == [(1, 2, 0), (1, 0, 0)] and added.how == "sum"
    less = break_down(model, seen, known["sub"], (0, 0, 0))
    assert less and less.terms[1].factor == -1 and less.result == pytest.approx(less.stored)
    gated = break_down(model, seen, [node for node in seen.graph.nodes if node.op == "mul"][-1], (1, 1, 1))
    assert gated and gated.how == "product" and gated.result == pytest.approx(gated.stored)
    joined = break_down(model, seen, known["cat"], (4, 2, 1))
    assert joined and joined.terms[0].index == (0, 2, 1) and joined.result == joined.stored
    assert break_down(model, seen, known["softmax"], (0, 0, 0)) is None


@pytest.mark.parametrize("shape", [(4,), (3, 5, 6), (17, 8), (16, 8), (5, 7), (2, 3, 4, 4)])
def test_a_place_on_a_map_and_in_the_output_are_told_from_each_other(shape: tuple[int, ...]) -> None:
    output = torch.arange(float(torch.Size(shape).numel())).reshape(shape)
    maps = feature_maps(output).maps
    for channel in range(len(maps)):
        for row, column in ((0, 0), (maps.shape[1] - 1, maps.shape[2] - 1)):
            index = index_of(output, channel, row, column)
            assert output[index] == maps[channel, row, column] and cell_of(output, index) == (channel, row, column)


def test_a_class_token_is_on_no_map() -> None:
    assert cell_of(torch.zeros(17, 8), (0, 3)) == (3, -1, 3)
