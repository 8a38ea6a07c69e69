"""A network that stops is explained in plain words; what PyTorch said of its insides stands apart."""

from collections.abc import Callable

import pytest
import torch
import torchvision
from torch import Tensor, nn

from explorer.graph.graph import SerializedGraph, from_json, to_json
from explorer.tracing.tracer import trace

INSIDES = ("meta", "Meta", "aten", "fake", "kernel was", "reduction dim", "register", "Traceback", "torch.Size")


class Net(nn.Module):
    def __init__(self, forward: Callable[[Tensor], object]) -> None:
        super().__init__()
        self.conv, self.then = nn.Conv2d(3, 4, 3), forward

    def forward(self, x: Tensor) -> object:
        return self.then(self.conv(x))


DEPENDS = {
    "if": lambda x: x if x.mean() > 0 else -x,
    "nonzero": lambda x: x.nonzero(),
    "where": lambda x: torch.where(x > 0),
    "mask": lambda x: x[x > 0],
    "item": lambda x: x * x.max().item(),
    "int": lambda x: range(int(x.sum())),
}
UNKNOWN = {"unique": lambda x: x.unique()}
OUTSIDE = {
    "numpy": lambda x: torch.from_numpy(x.numpy()),
    "list": lambda x: x.tolist(),
    "cpu": lambda x: x.cpu() + 1,
}


@pytest.mark.parametrize("name", [*DEPENDS, *UNKNOWN, *OUTSIDE])
def test_what_asks_for_numbers_is_told_so_and_pytorchs_words_stand_apart(name: str) -> None:
    graph = trace(Net((DEPENDS | UNKNOWN | OUTSIDE)[name]), (3, 8, 8))
    meant = {**dict.fromkeys(DEPENDS, "depends on the numbers"), **dict.fromkeys(OUTSIDE, "wants the numbers")}
    assert meant.get(name, "known only once it runs") in graph.broken and graph.broken.endswith(".")
    assert not any(word in graph.broken for word in INSIDES), graph.broken
    assert any(word in graph.said for word in INSIDES), graph.said
    assert [node.op for node in graph.nodes[:2]] == ["Input", "Conv2d"]  # what ran before is drawn


def test_boxes_that_are_thinned_out_depend_on_numbers_too() -> None:
    nms = Net(lambda x: torchvision.ops.nms(x[0, 0, :4, :4], x[0, 0, 0, :4], 0.5))
    assert "numbers" in trace(nms, (3, 8, 8)).broken


SHAPES: dict[str, tuple[nn.Module, tuple[int, ...], str]] = {
    "linear": (nn.Sequential(nn.Flatten(), nn.Linear(400, 10)), (4, 6, 6), "takes 400 numbers and was given 144"),
    "channels": (nn.Conv2d(3, 4, 3), (4, 8, 8), "another number of channels"),
    "small": (nn.Conv2d(3, 4, 3), (3, 2, 2), "smaller than the filter"),
    "pool": (nn.MaxPool2d(9), (3, 6, 6), "smaller than the filter"),
    "norm": (nn.BatchNorm2d(4), (3, 8, 8), "made for 4 channels and was given 3"),
    "picture": (nn.Conv2d(3, 4, 3), (3,), "channels, height and width"),
    "words": (nn.Embedding(5, 3), (4,), "whole numbers"),
    "add": (Net(lambda x: x + x[:, :, :3]), (3, 8, 8), "different sides"),
    "cat": (Net(lambda x: torch.cat([x, x[:, :, :3]], 1)), (3, 8, 8), "Only dimension 1 may differ"),
    "view": (Net(lambda x: x.view(1, 7)), (3, 8, 8), "given 144 numbers"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_that_do_not_fit_are_named_with_what_to_do(name: str) -> None:
    model, shape, words = SHAPES[name]
    graph = trace(model, shape)
    assert words in graph.broken and graph.said
    assert not any(word in graph.broken for word in INSIDES), graph.broken


def test_somebodys_own_words_stay_as_they_are() -> None:
    def fail(x: Tensor) -> Tensor:
        raise RuntimeError("Give me a square image\nand some more")

    graph = trace(Net(fail), (3, 8, 8))
    assert graph.broken.endswith(": Give me a square image") and graph.said == ""


def test_both_travel_with_the_graph() -> None:
    graph = trace(Net(DEPENDS["if"]), (3, 8, 8))
    assert from_json(to_json(SerializedGraph("net", graph))).graph == graph
