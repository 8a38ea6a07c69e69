"""Shortcuts and gates, held against what torchvision's and the lesson's modules say of themselves."""

from collections import Counter

import pytest
import torch
import torchvision
from torch import Tensor, nn

from explorer.analysis.model_summary import study
from explorer.diagram.scene import visible
from explorer.graph.expansion import View, open_everything
from explorer.graph.outline import outline
from explorer.graph.side_paths import side_paths
from explorer.models.selection import ModelSelection
from explorer.tracing.tracer import trace
from model_defs import CATALOG


def built(name: str) -> nn.Module:
    with torch.device("meta"):
        options = {"init_weights": False} if name == "googlenet" else {}
        return torchvision.models.get_model(name, weights=None, **options).eval()


def roles(model: nn.Module, size: int = 224) -> Counter[str]:
    return Counter(path.role for path in side_paths(trace(model, (3, size, size))))


@pytest.mark.parametrize("name", ["mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0"])
def test_inverted_residuals_have_the_shortcuts_and_gates_that_their_modules_say(name: str) -> None:
    model = built(name)
    shortcuts = sum(getattr(module, "use_res_connect", False) for module in model.modules())
    gates = sum(type(module).__name__ == "SqueezeExcitation" for module in model.modules())
    assert roles(model) == Counter(shortcut=shortcuts, gate=gates)


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_a_residual_network_has_one_for_each_block_and_a_projection_where_the_module_has_one(name: str) -> None:
    model = built(name)
    blocks = [module for module in model.modules() if hasattr(module, "downsample")]
    graph = trace(model, (3, 224, 224))
    found = side_paths(graph)
    assert len(found) == len(blocks) and {path.role for path in found} == {"shortcut"}
    projected = [path.inside for path in found if path.inside]
    assert len(projected) == sum(block.downsample is not None for block in blocks)
    ops = {tuple(graph.by_name[name].op for name in inside) for inside in projected}
    assert ops == {("Conv2d", "BatchNorm2d")}


def test_what_is_concatenated_is_no_shortcut() -> None:
    assert not roles(built("densenet121")) and not roles(built("googlenet")) and not roles(built("vgg11"))


def test_a_transformer_has_two_a_block_and_its_position_embedding_is_none() -> None:
    assert roles(built("vit_b_16")) == {"shortcut": 2 * 12}


@pytest.mark.parametrize("family", sorted(CATALOG))
def test_in_the_lessons_networks_every_addition_of_two_ways_has_one(family: str) -> None:
    graph = study(ModelSelection("model_defs", family, CATALOG[family].presets[0].name).spec).graph
    sums = [node for node in graph.nodes if node.kind == "addition" and len(set(node.inputs)) > 1]
    assert Counter(path.role for path in side_paths(graph))["shortcut"] == len(sums)


class Swish(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x) + x.mean()


def test_a_mean_that_is_added_is_a_way_of_its_own_and_a_sigmoid_of_the_map_is_a_gate() -> None:
    found = side_paths(trace(nn.Sequential(nn.Conv2d(3, 4, 1), Swish()), (3, 8, 8)))
    assert [path.role for path in found].count("gate") == 1


class Gated(nn.Module):
    """A block whose trunk is gated, beside a projection."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk, self.gate = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 1)
        self.projection = nn.Conv2d(3, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.trunk(x)
        return y * torch.sigmoid(self.gate(y.mean((2, 3), keepdim=True))) + self.projection(x)


def test_in_the_picture_both_are_marked_from_end_to_end_and_nothing_else_is() -> None:
    found = outline(trace(Gated(), (3, 8, 8)))
    scene = visible(found, open_everything(found, View()))
    assert {edge.ends for edge in scene.edges if edge.role == "shortcut"} == {
        ("input", "projection"),
        ("projection", "/add"),
    }
    assert {edge.ends for edge in scene.edges if edge.role == "gate"} == {
        ("trunk", "/mean"),
        ("/mean", "gate"),
        ("gate", "/sigmoid"),
        ("/sigmoid", "/mul"),
    }


def test_a_closed_block_hides_its_shortcut() -> None:
    found = outline(trace(built("resnet18"), (3, 224, 224)))
    assert not any(edge.role for edge in visible(found, View()).edges)
