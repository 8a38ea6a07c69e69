"""torchvision's networks for other tasks, held against the metadata that ships with their weights."""

import pytest
import torch
import torchvision.models
from torch import nn
from torchvision.models import get_model_weights, list_models

from explorer.models.onnx_export import python_lines
from explorer.models.selection import decode_selection, opening
from explorer.models.spec import Spec, build
from explorer.models.torchvision_tasks import FROZEN_NOTE, task_figures, task_label, task_names
from explorer.tracing.tracer import graph_of
from explorer.url_params import encode_query

ASK_FOR_NUMBERS = ("fasterrcnn", "fcos", "keypointrcnn", "maskrcnn", "retinanet", "ssd")  # to choose among boxes
WITH_HEADS_BEHIND = ("fasterrcnn_resnet", "keypointrcnn", "maskrcnn")  # of which the MACs come after that


def norms_of(name: str) -> int:
    model = build(Spec("tasks", name), "meta")
    backbone = model.get_submodule("backbone")
    norms = [module for module in backbone.modules() if isinstance(module, nn.BatchNorm2d)]
    return sum(parameter.numel() for norm in norms for parameter in norm.parameters())


def test_every_network_of_torchvision_is_on_offer() -> None:
    classifiers = set(list_models(module=torchvision.models))
    assert classifiers | set(task_names()) == set(list_models()) and not classifiers & set(task_names())


@pytest.mark.parametrize("name", task_names())
def test_counts_are_those_that_torchvision_prints(name: str) -> None:
    graph, meta = graph_of(Spec("tasks", name)), next(iter(get_model_weights(name))).meta
    frozen = next(fact for fact in task_figures(name) if fact.quantity == "parameters").note == FROZEN_NOTE
    counted = graph.params if name == "quantized_googlenet" else graph.params + sum(size for _, size in graph.left_out)
    assert counted == meta["num_params"] + (norms_of(name) if frozen else 0)
    if name.startswith(ASK_FOR_NUMBERS):
        assert "depends on the numbers in the image" in graph.broken
    else:
        assert graph.broken == ""
    if name.startswith(WITH_HEADS_BEHIND):
        assert 0 < graph.macs / 1e9 < meta["_ops"]
    else:
        assert round(graph.macs / 1e9, 3) == pytest.approx(meta["_ops"], abs=0.0011)


@pytest.mark.parametrize(
    ("name", "knobs", "outputs"),
    [
        ("fcn_resnet50", {"num_classes": "5", "image_height": "64", "image_width": "96"}, [(5, 64, 96)] * 2),
        ("fcn_resnet50", {"aux_loss": "no", "image_height": "64", "image_width": "96"}, [(21, 64, 96)]),
        ("r3d_18", {"frames": "8", "num_classes": "7"}, [(7,)]),
        ("raft_small", {"image_height": "128", "image_width": "256"}, [(2, 128, 256)] * 12),
    ],
)
def test_what_is_turned_is_kept_in_the_link_and_drawn(
    name: str, knobs: dict[str, str], outputs: list[tuple[int, ...]]
) -> None:
    place, problems = decode_selection({"source": "tasks", "model": name} | knobs)
    assert problems == () and encode_query(place).items() >= knobs.items()
    graph = graph_of(place.spec)
    assert [graph.by_name[end].shape for _, end in graph.outputs or [("", graph.nodes[-1].name)]] == outputs
    assert [node.shape for node in graph.inputs][1:] == ([(3, 128, 256)] if name == "raft_small" else [])


def test_the_lines_build_the_network_that_is_drawn() -> None:
    spec = Spec("tasks", "lraspp_mobilenet_v3_large", (("num_classes", 3),))
    space: dict[str, nn.Module] = {}
    exec(python_lines(spec), space)
    ours = build(spec, "meta").state_dict()
    assert {name: tensor.shape for name, tensor in space["model"].state_dict().items()} == {
        name: tensor.shape for name, tensor in ours.items()
    }
    with torch.no_grad():
        assert space["model"].eval()(torch.zeros(1, 3, 32, 32))["out"].shape == (1, 3, 32, 32)


def test_a_list_says_for_what_each_is() -> None:
    assert task_label("raft_small") == "raft_small · optical flow"
    assert opening("tasks").name == task_names()[0]
