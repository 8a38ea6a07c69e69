"""Receptive fields against the published ones, against gradients and by hand."""

import pytest
import torch
import torchvision
from torch import nn
from torchvision.ops import SqueezeExcitation

from explorer.analysis.receptive_field import ReceptiveField, receptive_fields
from explorer.graph.graph import Graph
from explorer.tracing.tracer import trace
from model_defs.resnet import ResNet


def traced(name: str, side: int = 224) -> Graph:
    options = {"init_weights": False, "aux_logits": False} if name == "inception_v3" else {}
    with torch.device("meta"):
        return trace(torchvision.models.get_model(name, weights=None, **options), (3, side, side))


def last_map(graph: Graph) -> ReceptiveField:
    """The field of the last output that still has height and width."""
    return receptive_fields(graph)[
        [node for node in graph.nodes if len(node.shape) == 3 and min(node.shape[1:]) > 1][-1].name
    ]


# Araujo, Norris & Sim, Distill 2019, table of modern networks
@pytest.mark.parametrize(
    ("name", "side", "size"), [("alexnet", 224, 195), ("vgg16", 224, 212), ("inception_v3", 299, 1311)]
)
def test_fields_are_the_published_ones(name, side, size):
    assert last_map(traced(name, side)) == ReceptiveField((size, size), (32, 32))


# The table's ResNets stride at the end of a stage, which gives the same field as v1's stride in the first 1×1.
@pytest.mark.parametrize(("blocks", "size"), [((3, 4, 6, 3), 483), ((3, 4, 23, 3), 1027), ((3, 8, 36, 3), 1507)])
def test_resnets_of_the_paper_have_the_published_fields(blocks, size):
    with torch.device("meta"):
        graph = trace(ResNet(blocks=blocks, stride_in="1x1"), (3, 224, 224))
    assert last_map(graph).size == (size, size)


def test_a_stride_in_the_3x3_convolution_sees_less():
    stem = 7 + 2 * 2  # 7×7 with stride 2, then a 3×3 pool on every second pixel
    stage1 = 3 * 2 * 4  # three 3×3 at a jump of 4
    stage2 = 2 * 4 + 3 * 2 * 8  # the first still strides at the jump of before
    stage3 = 2 * 8 + 5 * 2 * 16
    stage4 = 2 * 16 + 2 * 2 * 32
    size = stem + stage1 + stage2 + stage3 + stage4
    assert size == 427
    assert last_map(traced("resnet50")).size == (size, size)


def test_fields_are_what_gradients_reach():
    net = nn.Sequential(
        nn.Conv2d(1, 2, (3, 5), padding=2),
        nn.AvgPool2d(2),
        nn.Conv2d(2, 2, 3, dilation=2, padding=2),
        nn.Conv2d(2, 2, 3, stride=2),
        nn.AvgPool2d(3, 1),
        nn.Conv2d(2, 1, 1),
    )
    for parameter in net.parameters():
        nn.init.constant_(parameter, 0.1)
    image = torch.ones(1, 1, 96, 96, requires_grad=True)
    out = net(image)
    out[0, 0, out.shape[2] // 2, out.shape[3] // 2].backward()
    assert image.grad is not None
    rows, columns = (int(image.grad[0, 0].any(dim=axis).sum()) for axis in (1, 0))
    graph = trace(net, (1, 96, 96))
    assert receptive_fields(graph)[graph.nodes[-1].name] == ReceptiveField((rows, columns), (4, 4))


def test_an_addition_sees_as_far_as_its_widest_input():
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 5, padding=2)

        def forward(self, x):
            return x + self.conv(x)

    graph = trace(nn.Sequential(Residual(), Residual()), (1, 32, 32))
    assert last_map(graph) == ReceptiveField((9, 9), (1, 1))


def test_a_squeeze_and_excitation_gate_sees_the_whole_image():
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), SqueezeExcitation(8, 2), nn.Conv2d(8, 8, 3, padding=1))
    graph = trace(net, (3, 32, 32))
    fields = receptive_fields(graph)
    assert fields["1"] == ReceptiveField((3, 3), (1, 1))
    assert last_map(graph) == ReceptiveField((5, 5), (1, 1), "global pooling")


def test_a_linear_layer_sees_everything_only_where_the_map_was_flattened():
    flat = trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(8 * 900, 10)), (3, 32, 32))
    assert [field.whole for field in receptive_fields(flat).values()] == ["", "", "", "a linear layer"]
    assert not last_map(traced("convnext_tiny")).whole  # its linear layers work at each pixel


def test_attention_sees_the_whole_image_and_windows_only_a_part():
    assert receptive_fields(traced("vit_b_16"))["9"].whole == "attention"
    swin = traced("swin_t")
    fields = receptive_fields(swin)
    products = [node.name for node in swin.nodes if node.op == "matmul"]
    assert fields[products[0]] == ReceptiveField((4 + 6 * 4, 4 + 6 * 4), (4, 4))  # 7×7 windows of 4×4 patches
    assert fields[products[-1]].whole == "attention"  # in the last stage one window covers the whole map
    assert fields[products[-1]].jump == (32, 32)
