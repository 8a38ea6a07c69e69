"""An operation is of the kind that PyTorch's own name for it says, not of one whose word its name happens to hold."""

import inspect
import json

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.glossary import explain_layer
from explorer.graph.graph import Graph, SerializedGraph, from_json, to_json
from explorer.graph.module_tree import nest
from explorer.graph.op_kinds import op_kind, torch_base
from explorer.tracing.tracer import trace

# The files that PyTorch itself sorts its layers into.
FILES = {
    "conv": "convolution",
    "batchnorm": "norm",
    "instancenorm": "norm",
    "normalization": "norm",
    "pooling": "pool",
    "upsampling": "pool",
    "padding": "reshape",
    "flatten": "reshape",
    "fold": "reshape",
    "channelshuffle": "reshape",
    "pixelshuffle": "reshape",
    "dropout": "dropout",
    "activation": "activation",
    "linear": "linear",
    "rnn": "linear",
    "sparse": "linear",
    "loss": "other",
    "distance": "other",
    "container": "other",
}
OTHERWISE = {"MultiheadAttention": "attention", "Identity": "reshape"}
LAYERS = [
    cls
    for name, cls in vars(nn).items()
    if inspect.isclass(cls) and cls.__module__.startswith("torch.nn.modules.") and cls.__name__ == name
]


@pytest.mark.parametrize("cls", LAYERS, ids=lambda cls: cls.__name__)
def test_a_layer_is_of_the_kind_that_pytorch_files_it_under(cls: type[nn.Module]) -> None:
    name = cls.__name__
    if name.startswith("Lazy") or name.endswith("Base"):  # they turn into another before they run; nobody calls them
        return
    kind = FILES.get(cls.__module__.rpartition(".")[2])
    assert kind is None or op_kind(name) == OTHERWISE.get(name, kind)


def test_a_function_is_of_the_kind_of_its_layer() -> None:
    pairs = ((nn.PixelUnshuffle, F.pixel_unshuffle), (nn.Conv2d, F.conv2d), (nn.Softsign, F.softsign))
    for layer, function in (*pairs, (nn.MaxPool2d, torch.max_pool2d), (nn.LayerNorm, F.layer_norm)):
        assert op_kind(layer.__name__) == op_kind(function.__name__) != "other"


def test_two_names_of_one_function_are_of_one_kind() -> None:
    for name, other in (("transpose", "swapaxes"), ("cat", "concat"), ("mul", "multiply"), ("sub", "subtract")):
        assert op_kind(name) == op_kind(other) != "other"


class Scattered(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        index = torch.zeros_like(x, dtype=torch.long)
        x = x.scatter(1, index, x)
        return x.scatter_add(1, index, x)


class ConvertImageDtype(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.to(torch.float16)


class NormFreeConv(nn.Conv2d):
    """With a function that stands in no table."""

    def forward(self, input: Tensor) -> Tensor:
        return torch.exp(input)


def kinds(graph: Graph) -> list[str]:
    return [item.kind for item in nest(graph)[1:-1]]


def test_scattering_puts_nothing_side_by_side() -> None:
    graph = trace(Scattered(), (4, 8, 8))
    assert [(node.op, node.kind) for node in graph.nodes[1:]] == [
        ("zeros_like", "other"),
        ("scatter", "other"),
        ("scatter_add", "other"),
    ]
    assert kinds(graph) == ["other"] * 3


def test_a_module_is_no_convolution_for_the_start_of_its_name() -> None:
    assert kinds(trace(nn.Sequential(ConvertImageDtype()), (3, 8, 8))) == ["other"]
    assert "PyTorch's operation" in getattr(explain_layer("ConvertImageDtype"), "sentence", "")


def test_a_class_derived_from_one_of_pytorchs_is_of_its_kind() -> None:
    assert torch_base(NormFreeConv) == "Conv2d" and torch_base(Scattered) == ""
    assert kinds(trace(nn.Sequential(NormFreeConv(3, 3, 1)), (3, 8, 8))) == ["convolution"]


def test_a_graph_written_before_kinds_were_kept_still_opens() -> None:
    graph = trace(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), (3, 8, 8))
    told = json.loads(to_json(SerializedGraph("net", graph)))
    for node in told["graph"]["nodes"]:
        del node["kind"]
    for block in told["graph"]["blocks"]:
        del block["base"]
    again = from_json(json.dumps(told)).graph
    assert again.nodes == graph.nodes and [block.path for block in again.blocks] == ["", "0", "1"]
