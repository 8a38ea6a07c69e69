"""The four methods against Captum and TorchCAM, which we did not write; and what a blank map says of itself."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients, LayerGradCam, Occlusion, Saliency
from torch import Tensor, nn
from torchcam.methods import GradCAM

from explorer.activations.attribution import (
    STEPS,
    Patches,
    grad_cam,
    gradient_map,
    integrated_gradients,
    occlusion,
    patches_for,
    share_of,
)
from explorer.activations.feature_maps import Numbers
from explorer.activations.gradients import GradientRun, gradient_run
from explorer.models.spec import Spec, build, inputs_of
from tests.activations.test_activations import ZOO, noise

pytestmark = pytest.mark.usefixtures("one_thread")

MORE = {
    "SqueezeNet": Spec("torchvision", "squeezenet1_1", (("image_size", 64),)),
    "mobilenet_v3_small": Spec("torchvision", "mobilenet_v3_small", (("image_size", 64),)),
}
NETWORKS = ZOO | MORE
LABEL = 3


@cache
def network(name: str) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return build(NETWORKS[name]).eval()


def pictures(name: str, count: int) -> Iterator[Tensor]:
    shape = inputs_of(NETWORKS[name], network(name))[0].shape
    yield from (noise(*shape, seed=seed) for seed in range(count))


def end_of(run: GradientRun) -> str:
    return run.seen.graph.nodes[-1].name


def last_maps(run: GradientRun, model: nn.Module) -> tuple[str, str]:
    """The last convolution with maps: its node, and its path."""
    paths = {path for path, each in model.named_modules() if isinstance(each, nn.Conv2d)}
    nodes = [node for node in run.seen.graph.nodes if node.path and node.path[-1] in paths]
    node = [each for each in nodes if min(each.shape[1:]) > 1][-1]
    return node.name, node.path[-1]


def without_writing_over(model: nn.Module) -> nn.Module:
    """Captum and TorchCAM keep an output that an in-place layer then writes over: for them there is none."""
    other = deepcopy(model)
    for each in other.modules():
        if hasattr(each, "inplace"):
            each.inplace = False  # type: ignore[assignment]
    return other


def assert_close(found: Numbers, expected: Tensor) -> None:
    given = expected.detach().numpy()
    assert found.shape == given.shape
    assert np.abs(found - given).max() <= 1e-5 * np.abs(given).max()


COUNTS = [1, pytest.param(20, marks=pytest.mark.slow)]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_captums(name: str, count: int) -> None:
    model = network(name)
    for picture in pictures(name, count):
        run, x = gradient_run(model, picture), picture[None].clone().requires_grad_()
        expected = Saliency(model).attribute(x, target=LABEL)[0].amax(0)
        assert_close(gradient_map(run, end_of(run), LABEL).values, expected)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", NETWORKS)
def test_grad_cam_is_captums_and_torchcams(name: str, count: int) -> None:
    model, other = network(name), without_writing_over(network(name))
    for picture in pictures(name, count):
        run = gradient_run(model, picture)
        node, path = last_maps(run, model)
        found = grad_cam(run, node, end_of(run), LABEL).values
        layer = dict(other.named_modules())[path]
        expected = LayerGradCam(other, layer).attribute(picture[None], target=LABEL, relu_attributions=True)
        assert isinstance(expected, Tensor)
        assert_close(found, expected[0, 0])
        with GradCAM(other, path) as camera:
            assert_close(found, camera(LABEL, other(picture[None]), normalized=False)[0][0])


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", NETWORKS)
def test_integrated_gradients_are_captums(name: str, count: int) -> None:
    model = network(name)
    for picture in pictures(name, count):
        found = integrated_gradients(model, picture, LABEL).values
        expected = IntegratedGradients(model).attribute(picture[None], target=LABEL, n_steps=STEPS)[0].sum(0)
        assert_close(found, expected.float())


@pytest.mark.parametrize("name", ["ResNet-20", "ViT", "shufflenet"])
def test_occlusion_is_captums(name: str) -> None:
    model = network(name)
    (picture,) = pictures(name, 1)
    patches = Patches(8, picture.shape[-1] // 8, picture.shape[-1])
    falls = occlusion(model, picture, LABEL, patches)
    window, steps = (picture.shape[0], 8, 8), (picture.shape[0], patches.step, patches.step)
    shares = Occlusion(lambda batch: model(batch).softmax(1))
    expected = shares.attribute(picture[None], window, steps, target=LABEL)[0, 0]
    assert np.abs(patches.on_pixels(falls) - expected.numpy()).max() <= 1e-5


def test_each_place_of_the_patch_is_measured() -> None:
    model = network("ResNet-20")
    (picture,) = pictures("ResNet-20", 1)
    patches = patches_for(32, 41_000_000)
    assert (patches.size, patches.step, patches.across) == (8, 1, 25)
    falls = occlusion(model, picture, LABEL, patches)
    covered = picture.clone()
    covered[:, 5:13, 20:28] = 0
    whole, left = share_of(model, torch.stack([picture, covered]), LABEL)
    assert falls[patches.corners().index((5, 20))] == pytest.approx(whole - left, abs=1e-6)


@pytest.mark.parametrize(("side", "macs"), [(224, 4_089_000_000), (224, 300_000_000), (28, 400_000), (1, 1)])
def test_the_places_lie_within_the_picture_and_reach_its_end(side: int, macs: int) -> None:
    patches = patches_for(side, macs)
    end = patches.corners()[-1][0] + patches.size
    assert side - patches.step < end <= side and patches.across <= 25


# What a blank map says


def blank(model: nn.Module, place: int = 1) -> str:
    run = gradient_run(model.eval(), noise(1, 4, 4).abs())
    return grad_cam(run, run.seen.graph.nodes[place].name, end_of(run), 0).blank


def head(*layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), *layers, nn.Flatten(), nn.Linear(16, 2, bias=False))


def test_a_blank_map_says_why() -> None:
    dead, against = head(nn.ReLU()), head()
    for model, weight in ((dead, -1.0), (against, 1.0)):
        nn.init.constant_(model[0].weight, weight)  # type: ignore[arg-type]
        nn.init.constant_(model[-1].weight, -1)  # type: ignore[arg-type]
    assert "no gradient of this class comes by here" in blank(dead)
    assert "add up to 0 or less everywhere" in blank(against)
    nn.init.constant_(against[-1].weight, 1)  # type: ignore[arg-type]
    assert not blank(against)


def test_a_list_of_numbers_has_no_grad_cam_and_an_answer_that_is_no_list_no_reason() -> None:
    run = gradient_run(network("ResNet-20"), noise(3, 32, 32))
    with pytest.raises(ValueError, match="choose one before it"):
        grad_cam(run, end_of(run), end_of(run), 0)
    maps = gradient_run(nn.Conv2d(1, 2, 1), noise(1, 4, 4))
    with pytest.raises(ValueError, match="no list of scores"):
        gradient_map(maps, end_of(maps), 0)
    with pytest.raises(ValueError, match="no list of scores"):
        integrated_gradients(nn.Conv2d(1, 2, 1), noise(1, 4, 4), 0)
