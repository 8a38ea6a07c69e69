"""Every sum comes to the number that it explains, and the numbers to what papers and torchvision publish."""

import re
from functools import lru_cache
from math import prod

import pytest
import torch
import torchvision
from torch import nn

from explorer.analysis.complexity import count_weighted_layers, network_depth
from explorer.analysis.op_costs import bottleneck_saving, macs_sum, params_sum, small_filters_saving, weight_bytes
from explorer.analysis.receptive_field import receptive_fields
from explorer.analysis.stage_costs import by_stage
from explorer.graph.graph import Graph
from explorer.tracing.tracer import trace

NETS = (
    *("vgg16", "googlenet", "resnet50", "resnext50_32x4d", "mobilenet_v2", "mobilenet_v3_small"),
    *("shufflenet_v2_x1_0", "vit_b_16", "swin_t"),
)


@lru_cache
def graph_of(name: str) -> Graph:
    options = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
    with torch.device("meta"):
        return trace(torchvision.models.get_model(name, weights=None, **options), (3, 224, 224))


@pytest.mark.parametrize("name", [*NETS, "convnext_tiny", "densenet121"])
def test_every_sum_comes_to_the_number_that_it_explains(name):
    graph = graph_of(name)
    for node in graph.nodes:
        for made, counted in ((params_sum(node), node.params), (macs_sum(node, graph), node.macs)):
            text, _, total = made.text.partition(" = ")
            assert made.value == counted
            if total:
                assert int(total.split(" (")[0].replace(",", "")) == counted
                assert evaluated(text) == counted, made.text


def evaluated(text: str) -> int:
    """A sum as it is written, worked out."""
    words = text.replace(",", "").replace(" positions", "").replace("×", "*").replace("/", "//")
    assert set(words) <= set("0123456789 +*/()")
    return eval(words)


def texts(layer: nn.Module, *shape: int) -> tuple[str, str]:
    graph = trace(nn.Sequential(layer), shape)
    return params_sum(graph.nodes[1]).text, macs_sum(graph.nodes[1], graph).text


def test_sums_are_written_as_one_would_by_hand():
    assert texts(nn.Conv2d(3, 64, 3, padding=1), 3, 224, 224) == (
        "3 × 3 × 3 × 64 + 64 = 1,792",
        "224 × 224 positions × 3 × 3 × 3 × 64 = 86,704,128",
    )
    grouped = nn.Conv2d(256, 256, 3, padding=1, groups=32, bias=False)
    assert texts(grouped, 256, 14, 14)[0] == "3 × 3 × (256 / 32) × 256 = 18,432"
    assert texts(nn.BatchNorm2d(64), 64, 8, 8) == (
        "2 × 64 = 128 (scale and shift)",
        "norms count no multiply-adds by the convention",
    )
    assert texts(nn.Linear(2048, 1000), 2048) == ("2,048 × 1,000 + 1,000 = 2,049,000", "2,048 × 1,000 = 2,048,000")
    assert texts(nn.MaxPool2d(2), 3, 8, 8)[1] == "pooling has no multiply-adds by the convention"


def test_a_transposed_convolution_works_at_the_positions_of_its_input():
    params, macs = texts(nn.ConvTranspose2d(16, 8, 2, 2, bias=False), 16, 7, 7)
    assert params == "2 × 2 × 16 × 8 = 512"
    assert macs == "7 × 7 positions × 2 × 2 × 16 × 8 = 25,088"


def test_weights_used_twice_are_counted_once_and_it_is_said():
    layer = nn.Linear(4, 4)
    graph = trace(nn.Sequential(layer, nn.ReLU(), layer), (4,))
    assert [params_sum(node).value for node in graph.nodes] == [0, 20, 0, 0]
    assert "used first" in params_sum(graph.nodes[3]).text


@pytest.mark.parametrize("name", ["resnet50", "vgg16", "mobilenet_v2", "efficientnet_b0", "vit_b_16"])
def test_weights_take_what_the_published_file_takes(name):
    weights = torchvision.models.get_model_weights(name)["IMAGENET1K_V1"]
    megabytes = weight_bytes(graph_of(name)) / 2**20
    assert megabytes == pytest.approx(weights.meta["_file_size"], rel=0.02)  # the file holds batch norms' averages, too
    assert weight_bytes(graph_of(name), 1) * 4 == weight_bytes(graph_of(name))


# The figure in each name is the paper's own count of layers.
NAMED = {
    "vgg16": 16,
    "vgg19": 19,
    "resnet18": 18,
    "resnet50": 50,
    "resnet152": 152,
    "densenet121": 121,
    "googlenet": 22,
}


@pytest.mark.parametrize(("name", "layers"), NAMED.items())
def test_depth_is_the_one_that_the_paper_names(name, layers):
    assert network_depth(graph_of(name)) == layers


def test_resnet_50_holds_four_projections_besides_its_fifty_layers():
    assert count_weighted_layers(graph_of("resnet50")) == 54
    assert count_weighted_layers(graph_of("vgg16")) == 16


@pytest.mark.parametrize("name", NETS)
def test_stages_share_out_all_costs(name):
    graph = graph_of(name)
    stages = by_stage(graph).values()
    assert 5 <= len(stages) <= 45
    assert sum(stage.params for stage in stages) == graph.params
    assert sum(stage.macs for stage in stages) == graph.macs
    written = sum(prod(node.shape) for node in graph.nodes[1:] if not node.shares)
    assert sum(stage.activations for stage in stages) == written


def test_a_bottleneck_saves_sixteenfold_in_one_layer_and_less_in_its_block():
    graph = graph_of("resnet50")
    saving = bottleneck_saving([node for node in graph.nodes if "layer1.1" in node.path])
    assert saving is not None
    pixels, narrow, wide = 56 * 56, 64, 256
    block = pixels * (wide * narrow + 9 * narrow * narrow + narrow * wide)
    assert saving.layer == (wide / narrow) ** 2 == 16
    assert saving.one == pytest.approx(9 * wide * wide * pixels / block)  # 8.5
    assert saving.two == pytest.approx(2 * saving.one)
    assert "(256 / 64)² = 16 times" in saving.sums[1]
    assert f"{block:,}" in saving.sums[3]


def test_groups_save_on_top_and_a_basic_block_is_no_bottleneck():
    grouped = bottleneck_saving([n for n in graph_of("resnext50_32x4d").nodes if "layer1.1" in n.path])
    assert grouped is not None and grouped.layer == (256 / 128) ** 2 * 32
    assert bottleneck_saving([n for n in graph_of("resnet18").nodes if "layer1.1" in n.path]) is None


def test_small_filters_save_what_the_vgg_paper_says() -> None:
    """Simonyan & Zisserman 2014, section 2.3: three 3×3 layers have 27 C² weights, one 7×7 has 49 C², 81 % more."""
    graph = graph_of("vgg16")
    last = [node for node in graph.nodes if "features" in node.path][-8:]  # three convolutions of 512 channels
    saving = small_filters_saving(last, graph)
    assert saving
    assert (saving.seen, saving.stacked, saving.single) == (7, 27 * 512**2, 49 * 512**2)
    assert round(saving.single / saving.stacked - 1, 2) == 0.81
    for words in saving.sums[1:3]:
        text, _, total = words.split(": ", 1)[1].partition(" = ")
        assert evaluated(text) == int(re.match(r"[\d,]+", total)[0].rstrip(",").replace(",", ""))  # pyright: ignore


@pytest.mark.parametrize(("stage", "count", "read", "made"), [(0, 2, 3, 64), (1, 2, 64, 128), (2, 3, 128, 256)])
def test_a_stage_of_vgg_is_all_of_its_filters_though_the_first_makes_more_channels(
    stage: int, count: int, read: int, made: int
) -> None:
    graph = graph_of("vgg16")
    found = [node for node in graph.nodes if node.kind == "convolution"]
    begin = (0, 2, 4)[stage]
    saving = small_filters_saving(found[begin : begin + count], graph)
    stacked = 9 * read * made + (count - 1) * 9 * made**2
    single = (2 * count + 1) ** 2 * read * made
    assert saving and (saving.seen, saving.stacked, saving.single) == (2 * count + 1, stacked, single)
    assert ("save nothing" in saving.sums[3]) == (single < stacked)
    for words in saving.sums[1:3]:
        text, _, total = words.split(": ", 1)[1].partition(" = ")
        assert evaluated(text) == int(re.match(r"[\d,]+", total)[0].rstrip(",").replace(",", ""))  # pyright: ignore


def test_two_in_a_basic_block_see_five_by_five_and_a_bottleneck_has_no_two() -> None:
    graph = graph_of("resnet18")
    saving = small_filters_saving([node for node in graph.nodes if "layer1.0" in node.path], graph)
    assert saving and saving.seen == 5 and saving.single * 18 == saving.stacked * 25
    bottleneck = graph_of("resnet50")
    assert small_filters_saving([n for n in bottleneck.nodes if "layer1.1" in n.path], bottleneck) is None
    mobile = graph_of("mobilenet_v2")
    assert small_filters_saving(mobile.nodes, mobile) is None  # depthwise: no dense 3×3 in a row


def test_what_they_see_is_what_receptive_fields_say() -> None:
    net = nn.Sequential(*(nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()) for _ in range(4)))
    graph = trace(net, (4, 32, 32))
    saving = small_filters_saving(graph.nodes, graph)
    field = receptive_fields(graph)[graph.nodes[-1].name]
    assert saving and saving.seen == field.size[0] == 9
