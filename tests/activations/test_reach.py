"""What is measured lies in what is computed, over the zoo; heat and changed pixels by hand; the strongest pictures."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.activations.activations import activations
from explorer.activations.charts import filter_tiles, picture_chart
from explorer.activations.feature_maps import feature_maps
from explorer.activations.gradients import (
    PixelHeat,
    change_pixel,
    gradient_run,
    middle_half,
    outputs_after_change,
    pixel_heat,
)
from explorer.activations.networks import LiveNetwork, Look, live_network, spec_of_plan
from explorer.activations.top_pictures import batch_size, layer_stop, node_outputs, top_pictures
from explorer.analysis.input_windows import input_windows
from explorer.analysis.pixel_windows import PixelFrame
from explorer.models.spec import Spec, build, inputs_of
from explorer.tracing.tracer import graph_of
from explorer.training.dataloader import chance
from model_defs import CATALOG
from tests.activations.test_activations import INTAKE, PLAN, noise, trained

pytestmark = pytest.mark.usefixtures("one_thread")

SPEC = spec_of_plan(PLAN, INTAKE)
FEW, BLOCKS = (("num_classes", 10),), (("blocks", (1, 1, 1, 1)),)
OPTIONS = {  # what makes them small
    "LeNet": (("pool", "max"), ("image_size", 28)),
    "AlexNet": (("width", 0.25), ("image_size", 96), *FEW),
    "VGG": (("width", 8), ("hidden", 128), ("image_size", 32), *FEW),
    "GoogLeNet": (("width", 0.25), ("image_size", 64), *FEW),
    "ResNet": (("width", 8), ("image_size", 68), ("shortcut", "padding"), *BLOCKS, *FEW),
    "CIFAR ResNet": (("depth", 14), ("width", 4), ("image_size", 28)),
    "Pre-activation ResNet": (("width", 8), ("image_size", 64), *BLOCKS, *FEW),
    "ResNeXt": (("cardinality", 4), ("image_size", 64), *BLOCKS, *FEW),
    "SE-ResNet": (("group_width", 8), ("image_size", 64), *BLOCKS, *FEW),
    "MobileNetV2": (("width", 0.25), ("image_size", 64), *FEW),
    "ShuffleNetV2": (("channels", (24, 48, 96)), ("units", (2, 2, 2)), ("image_size", 64), *FEW),
    "EfficientNet": (("width", 0.5), ("se_ratio", 0.0), ("image_size", 68), *FEW),
    "MobileNetV3": (("width", 0.25), ("image_size", 64), *FEW),
    "ViT": (("patch", 8), ("depth", 2), ("width", 64), ("heads", 4), ("image_size", 32), *FEW),
    "Exercise nets": (("width", 16), ("residual", True), ("squeeze_excite", True)),
}
TORCHVISIONS = ("resnet18", "shufflenet_v2_x0_5", "googlenet", "squeezenet1_0", "mnasnet0_5", "convnext_tiny")
ZOO = [Spec("model_defs", name, OPTIONS.get(name, ())) for name in CATALOG]
ZOO += [Spec("torchvision", name, (("image_size", 64),)) for name in TORCHVISIONS]
CONVOLUTION = ("convolution", "pool")


def built(spec: Spec) -> nn.Module:
    """With the same weights every time."""
    with chance(0, "weights", 0, torch.device("cpu")):
        return build(spec).eval()


def seeds(output: Tensor) -> Iterator[tuple[tuple[int, int], Tensor]]:
    """All channels of one place at once, each times a number of chance: a corner, and somewhere within."""
    high, wide = output.shape[-2:]
    for row, column in ((0, 0), (high - 1, wide // 2), (high // 2, wide // 3)):
        seed = torch.zeros_like(output)
        seed[..., row, column] = noise(*output.shape[:-2])
        yield (row, column), seed


@pytest.mark.parametrize("spec", ZOO, ids=lambda spec: spec.name)
def test_every_pixel_with_a_gradient_lies_in_the_frame_and_most_frames_are_full(spec: Spec) -> None:
    model = built(spec)
    run = gradient_run(model, noise(*inputs_of(spec, model)[0].shape))
    windows, full = input_windows(run.seen.graph), list[bool]()
    for node in run.seen.graph.nodes:
        if node.kind not in CONVOLUTION or len(node.shape) != 3:
            continue
        for cell, seed in seeds(run.seen.outputs[node.name]):
            heat = PixelHeat(run.gradients(node.name, seed, ["0"])[0].abs().sum(0).numpy())
            frame = windows[node.name].frame(node.shape, (0, *cell))
            top, bottom, left, right = heat.bounds() or frame
            assert frame.top <= top and bottom <= frame.bottom, (node.name, node.op, frame, heat.bounds())
            assert frame.left <= left and right <= frame.right, (node.name, node.op, frame, heat.bounds())
            full.append(heat.bounds() == frame)
    assert full and np.mean(full) > 0.6


@pytest.mark.parametrize("spec", ZOO, ids=lambda spec: spec.name)
def test_a_changed_pixel_changes_no_number_that_it_cannot_reach(spec: Spec) -> None:
    model = built(spec)
    image = noise(*inputs_of(spec, model)[0].shape)
    changed, pixel = image.clone(), (image.shape[1] // 3, image.shape[2] // 2)
    changed[:, *pixel] += 3
    before, after = activations(model, image), activations(model, changed)
    windows, some = input_windows(before.graph), 0
    for node in before.graph.nodes:
        gap = (after.outputs[node.name].float() - before.outputs[node.name].float()).abs()
        reached = torch.from_numpy(windows[node.name].reached(node.shape, pixel).copy())
        # What a fast convolution makes of a patch may be rounded by what else is in the patch.
        assert float((gap * ~reached).max()) <= 1e-5 * float(before.outputs[node.name].abs().max()), (
            node.name,
            node.op,
        )
        some += not bool(reached.all())
    assert some > 0


def test_the_heat_of_one_filter_is_its_weights() -> None:
    conv = nn.Conv2d(2, 1, 3, padding=1)
    weights = torch.arange(18.0).reshape(2, 3, 3) - 8
    conv.weight.data = weights[None]
    run = gradient_run(nn.Sequential(conv), noise(2, 5, 5))
    heat = pixel_heat(run, "1", (0, 0, 2))
    assert heat.pixels[:2, 1:4].tolist() == weights.abs().sum(0)[1:].tolist() and heat.bounds() == (0, 2, 1, 4)
    assert heat.touched == 6


def test_shares_of_the_heat_by_hand() -> None:
    pixels = np.ones((8, 8), np.float32)
    pixels[3, 3] = 36
    heat = PixelHeat(pixels)  # 99 in all
    assert middle_half(PixelFrame(0, 8, 0, 8)) == (2, 6, 2, 6)
    assert heat.share_within(PixelFrame(2, 6, 2, 6)) == pytest.approx(51 / 99)
    assert heat.pixels_of_half() == 15  # 36 + 14 is more than 49.5, 36 + 13 is not
    nothing = PixelHeat(np.zeros((2, 2), np.float32))
    assert (nothing.touched, nothing.pixels_of_half(), nothing.bounds()) == (0, 0, None)
    assert nothing.share_within(PixelFrame(0, 1, 0, 1)) == 0


def opened() -> LiveNetwork:
    return live_network("a run", SPEC, build(SPEC).state_dict(), INTAKE)


def pictures(count: int) -> Tensor:
    return (noise(count, 3, 16, 16).abs() * 90).clamp(0, 255).to(torch.uint8)


def test_a_pixel_becomes_black_or_white_and_what_differs_is_measured() -> None:
    image = torch.full((3, 4, 4), 200, dtype=torch.uint8)
    image[:, 1, 2] = 20
    white, black = change_pixel(image, 1, 2), change_pixel(image, 0, 0)
    assert (white[1], white[0][:, 1, 2].tolist()) == ("white", [255] * 3) and image[0, 1, 2] == 20
    assert (black[1], black[0][:, 0, 0].tolist()) == ("black", [0] * 3)


def test_what_differs_after_the_change_is_what_the_network_computes_of_the_changed_picture() -> None:
    live, picture = opened(), pictures(1)[0]
    look = Look(live, picture, "noise", activations(live.model, INTAKE.numbers(picture)))
    change, _ = outputs_after_change(look, "1", (3, 5))
    rows, columns = change.sum(0).nonzero(as_tuple=True)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 4, 4, 6)  # 3 × 3 around it
    after = activations(live.model, INTAKE.numbers(change_pixel(picture, 3, 5)[0])).outputs["1"]
    assert torch.allclose(change, (after - look.seen.outputs["1"]).abs())


def strongest(maps: list[np.ndarray]) -> list[int]:
    return sorted(range(len(maps)), key=lambda at: -maps[at].max())[:9]


@pytest.mark.parametrize("op", ["Conv2d", "add", "flatten", "Linear"])
def test_the_strongest_pictures_are_those_of_one_by_one(op: str) -> None:
    model, images, graph = trained(), pictures(90), graph_of(SPEC)
    live = live_network("a run", SPEC, model.state_dict(), INTAKE)
    node = [node for node in graph.nodes if node.op.lower() == op.lower()][-1]
    outputs = [activations(live.model, INTAKE.numbers(each)).outputs[node.name] for each in images]
    maps = [feature_maps(each).maps[3] for each in outputs]
    found = top_pictures(live, (node, input_windows(graph)[node.name]), 3, images.__getitem__, 90)
    assert [top.number for top in found] == strongest(maps)
    assert [top.value for top in found] == pytest.approx([maps[at].max() for at in strongest(maps)], rel=1e-4)
    assert all(maps[top.number][top.cell] == maps[top.number].max() for top in found)
    sizes = [(top.frame.bottom - top.frame.top, top.frame.right - top.frame.left) for top in found]
    assert [tuple(top.crop.shape[1:]) for top in found] == sizes


@pytest.mark.parametrize(
    ("name", "expected"), [("ShuffleNetV2", {False, None}), ("SE-ResNet", {True, False}), ("ViT", {True, False, None})]
)
def test_several_pictures_at_once_give_at_every_node_what_each_gives_alone(name: str, expected: set[Any]) -> None:
    """`expected`: whether the run is stopped before or after a layer, or at no layer."""
    spec = Spec("model_defs", name, OPTIONS[name])
    model = built(spec)
    graph, images = graph_of(spec), noise(3, *inputs_of(spec, model)[0].shape)
    alone = [activations(model, image).outputs for image in images]
    ways = set[bool | None]()
    for node in graph.operations[::2]:
        stop = layer_stop(model, graph, node)
        ways.add(stop.before if stop else None)
        try:
            together = node_outputs(model, graph, node, images)
        except ValueError as error:
            assert "another way" in str(error)
            continue
        if node.shape[:2] == graph.nodes[-1].shape[:2] or len(node.shape) == 3:  # whose batch stands in front
            apart = torch.stack([each[node.name] for each in alone])
            assert torch.allclose(together, apart, rtol=1e-3, atol=1e-4), (node.name, node.op)
    assert ways == expected


def test_a_batch_runs_no_further_than_to_its_node_and_leaves_the_network_as_it_was() -> None:
    live, reached, graph = opened(), list[str](), graph_of(SPEC)
    live.model.head.forward = lambda x: reached.append("head")  # type: ignore[method-assign]
    outputs = node_outputs(live.model, graph, graph.nodes[1], INTAKE.numbers(pictures(5)))
    assert outputs.shape == (5, 4, 16, 16) and reached == [] and not outputs.requires_grad
    assert all("forward" not in vars(each) for name, each in live.model.named_modules() if name != "head")
    assert not live.model.training


def test_batches_of_what_takes_much_are_small() -> None:
    spec = Spec("torchvision", "resnet50")
    with torch.device("meta"):
        small, large = build(SPEC, "meta"), build(spec, "meta")
    assert batch_size(small, graph_of(SPEC), graph_of(SPEC).nodes[-1]) == 64
    assert batch_size(large, graph_of(spec), graph_of(spec).nodes[-1]) == 20  # 64 × 112 × 112 × 4 bytes, four at a time


def test_filters_are_tiles_of_one_scale_and_the_chosen_one_has_a_frame() -> None:
    weights = torch.zeros(2, 3, 1, 1)
    weights[1] = torch.tensor([2.0, -2.0, 0.0])[:, None, None]
    levels = np.asarray(filter_tiles(weights, 1))
    middle = levels.shape[0] // 2
    tiles = {tuple(levels[middle, at].tolist()) for at in range(levels.shape[1])}
    assert {(128, 128, 128, 255), (255, 0, 128, 255), (213, 94, 0, 255), (0, 0, 0, 0)} == tiles


def test_a_click_in_the_picture_chooses_a_pixel_also_in_a_large_one() -> None:
    small = picture_chart(pictures(1)[0], PixelFrame(0, 3, 0, 3), (1, 2), 100)
    assert small.data[1].customdata[3][5] == "3,5"
    large = picture_chart(torch.zeros(1, 224, 224, dtype=torch.uint8), PixelFrame(0, 3, 0, 3), None, 100)
    assert large.data[1].customdata[0][1] == "2,6" and large.data[1].x[1] == 6
