"""What `forward` takes, and what it gives back: several tensors, by name, in lists, of other types and ranks."""

from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn

from explorer.diagram.scene import visible
from explorer.graph.expansion import View
from explorer.graph.graph import Graph, SerializedGraph, from_json, to_json
from explorer.graph.outline import outline
from explorer.models.inputs import Argument, arguments_of, called_with, parse_argument, parse_arguments, spell_argument
from explorer.tracing.tracer import trace


class Reader(nn.Module):
    """Looks at an image, reads some words, of which a mask hides a few."""

    def __init__(self) -> None:
        super().__init__()
        self.see, self.read, self.head = nn.Conv2d(3, 8, 3), nn.Embedding(100, 8), nn.Linear(8, 4)

    def forward(self, image: Tensor, tokens: Tensor, mask: Tensor | None = None) -> dict[str, Any]:
        seen, read = self.see(image).mean((2, 3)), self.read(tokens)
        if mask is not None:
            read = read * mask[..., None]
        both = seen + read.mean(1)
        return {"logits": self.head(both), "parts": (seen, both)}


WORDS = torch.zeros(1, 16, dtype=torch.int64)
PARAMETERS, MACS = 8 * 27 + 8 + 100 * 8 + 8 * 4 + 4, 14 * 14 * 8 * 27 + 8 * 4


def input_titles(graph: Graph) -> list[str]:
    return [item.title for item in outline(graph).folded if item.kind == "input"]


@pytest.mark.parametrize(
    "given",
    [
        ((3, 16, 16), WORDS),
        {"tokens": WORDS, "image": (3, 16, 16)},
        {"image": torch.zeros(1, 3, 16, 16), "tokens": WORDS},
        parse_arguments(["image=3,16,16", "tokens=16:int64"]),
    ],
)
def test_several_inputs_in_turn_or_by_name(given: Any) -> None:
    graph = trace(Reader(), given)
    assert graph.broken == "" and (graph.params, graph.macs) == (PARAMETERS, MACS)
    assert sorted(input_titles(graph)) == ["image", "tokens"]
    assert {node.attribute("argument"): (node.shape, node.attribute("dtype")) for node in graph.inputs} == {
        "image": ((3, 16, 16), "float32"),
        "tokens": ((16,), "int64"),
    }
    assert from_json(to_json(SerializedGraph("reader", graph))).graph == graph


def test_what_comes_out_is_drawn_by_its_name_also_where_the_network_reads_it_itself() -> None:
    graph = trace(Reader(), ((3, 16, 16), WORDS, torch.ones(1, 16)))
    assert [title for title, _ in graph.outputs] == ["logits", "parts.0", "parts.1"]
    scene = visible(outline(graph), View())
    ways = {edge.target: edge.source for edge in scene.edges if edge.target.startswith("output")}
    assert ways == {"output": "head", "output#2": "/mean", "output#3": "/add"}
    assert [edge.target for edge in scene.edges if edge.source == "input#3"] == ["/getitem"]  # the mask is read


class Pair(nn.Module):
    """A list of images, each by itself, and a nest of other things."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, images: list[Tensor], extra: dict[str, Tensor]) -> list[Tensor]:
        return [self.conv(image[None]) * extra["scale"] for image in images]


def test_lists_and_dicts_of_tensors() -> None:
    given = ([torch.zeros(3, 8, 8), torch.zeros(3, 6, 6)], {"scale": torch.ones(1)})
    graph = trace(Pair(), given)
    assert graph.broken == "" and graph.macs == (36 + 16) * 4 * 27 and graph.params == 112
    assert input_titles(graph) == ["images.0", "images.1", "extra.scale"]
    spelled = [spell_argument(each) for each in arguments_of({"images": given[0], "extra": given[1]})]
    assert spelled == ["images.0=[3,8,8]", "images.1=[3,6,6]", "extra.scale=[1]"]
    again = trace(Pair(), parse_arguments(spelled))
    assert (again.macs, again.params, input_titles(again)) == (graph.macs, graph.params, input_titles(graph))


@pytest.mark.parametrize(
    ("model", "given", "macs"),
    [
        (nn.Conv1d(2, 4, 3), (2, 10), 8 * 4 * 6),
        (nn.Conv3d(3, 4, 3), (3, 5, 6, 6), 3 * 4 * 4 * 4 * 81),
        (nn.Linear(5, 7), torch.zeros(5), 35),
        (nn.Conv2d(3, 4, 1), torch.zeros(2, 3, 4, 4), 2 * 16 * 12),
        (nn.Conv2d(3, 4, 1).half(), torch.zeros(1, 3, 4, 4, dtype=torch.float16), 16 * 12),
        (nn.Conv2d(3, 4, 1).double(), parse_arguments(["3,4,4:float64"]), 16 * 12),
    ],
)
def test_other_ranks_types_and_batches(model: nn.Module, given: Any, macs: int) -> None:
    graph = trace(model, given)
    assert graph.broken == "" and graph.macs == macs


def test_raft_two_images_and_twelve_flows() -> None:
    model = torchvision.models.optical_flow.raft_small(weights=None)
    graph = trace(model, {"image1": (3, 128, 128), "image2": (3, 128, 128)})
    weights = torchvision.models.optical_flow.Raft_Small_Weights.DEFAULT
    assert graph.broken == "" and graph.params == weights.meta["num_params"] == 990_162
    assert len(graph.outputs) == 12 and input_titles(graph) == ["image1", "image2"]
    assert [item.id for item in outline(graph).folded if item.kind == "output"] == ["output"]  # too many for boxes


def test_a_segmentation_and_a_video_count_as_torchvision_says() -> None:
    video = torchvision.models.video
    graph = trace(video.r3d_18(weights=None), (3, 16, 112, 112))
    meta = video.R3D_18_Weights.DEFAULT.meta
    assert (graph.params, round(graph.macs / 1e9, 3)) == (meta["num_params"], meta["_ops"])
    segmentation = torchvision.models.segmentation
    model = segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None)
    graph = trace(model, (3, 520, 520))
    meta = segmentation.LRASPP_MobileNet_V3_Large_Weights.DEFAULT.meta
    assert (graph.params, round(graph.macs / 1e9, 3)) == (meta["num_params"], meta["_ops"])
    assert graph.outputs == (("out", graph.nodes[-1].name),)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((3, 16, 16), ("its forward() takes image and tokens and, if wanted, mask", "tokens is missing")),
        ({"imge": (3, 16, 16), "tokens": (16,)}, ("if wanted, mask", "image is missing", "imge is none of them")),
        ({"image": (3, 16, 16), "tokens": (16,)}, ("read (Embedding)", "whole numbers", "tokens=16:int64")),
        (
            {"image": (4, 16, 16), "tokens": WORDS},
            ("its filters are for another number of channels", "the input “image”"),
        ),
    ],
)
def test_what_it_cannot_take_is_named_with_what_it_takes(given: Any, words: tuple[str, ...]) -> None:
    broken = trace(Reader(), given).broken
    assert [word for word in words if word not in broken] == [], broken


def test_an_argument_as_it_is_written() -> None:
    for text, argument in {
        "3,224,224": Argument("", (3, 224, 224)),
        "tokens=16:int64": Argument("tokens", (16,), "int64"),
        "mask=[16,16]:bool": Argument("mask", (16, 16), "bool", True),
        "images.0=[3,8,8]": Argument("images.0", (3, 8, 8), "float32", True),
        "t=[]": Argument("t", (), "float32", True),
    }.items():
        assert parse_argument(text) == argument and spell_argument(argument) == text
    assert parse_argument("tokens=16:int64").tensor("cpu").shape == (1, 16)
    args, kwargs = called_with(parse_arguments(["images.0=[3,8,8]", "images.1=[3,6,6]", "n=[]:int64"]), "cpu")
    assert args == () and [tuple(each.shape) for each in kwargs["images"]] == [(3, 8, 8), (3, 6, 6)]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["3,x"], "is no shape"),
        (["a=3,[4"], "is no shape"),
        ([""], "is no shape"),
        (["3,,4"], "is no shape"),
        (["3,0"], "holds nothing"),
        (["9999999,9999999"], "holds too much"),
        (["t=3:int65"], "has no type “int65”"),
        (["1a.=3"], "no name that an argument can have"),
        (["a=3", "a=4"], "two are called a"),
        (["a=3", "4"], "one has no name"),
    ],
)
def test_a_mistake_in_an_argument_is_a_sentence(texts: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_arguments(texts)
    for nonsense in (5, "3,224,224", None, (), {}):
        with pytest.raises(ValueError, match="give"):
            arguments_of(nonsense)
