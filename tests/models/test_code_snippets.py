"""The lines that load a network, freeze it and replace its head: they run as they are pasted."""

import re
from typing import Any

import pytest
import torch
import torchvision.models
from torch import nn

from explorer.leaderboard.entries import torchvision_entries
from explorer.models.code_snippets import heads, lesson_lines, torchvision_lines
from explorer.models.meta_init import Blank, blank
from explorer.models.selection import ModelSelection
from explorer.models.sources import torchvision_names
from explorer.models.spec import Spec


def run(lines: str) -> dict[str, Any]:
    """The lines as they stand, but for the weights, on `meta`."""
    lines = re.sub(r"\(weights=weights\)", "(weights=None)", lines)
    names: dict[str, Any] = {}

    def make() -> nn.Module:
        names.clear()
        exec(lines, names)
        return names["model"]

    names["model"] = blank(make)
    return names


def check(builder: str) -> None:
    weights = next(iter(torchvision.models.get_model_weights(builder)))
    names = run(torchvision_lines(builder, weights.name))
    model = names["model"]
    side = getattr(
        model, "image_size", weights.transforms.keywords["crop_size"]
    )  # without weights a ViT is built for 224
    assert names["weights"] is weights and callable(names["preprocess"])
    heirs = {head.path for head in heads(Spec("torchvision", builder))}
    learning = {name.rpartition(".")[0] for name, weight in model.named_parameters() if weight.requires_grad}
    assert learning and learning <= heirs
    with torch.no_grad():
        assert model(torch.empty(2, 3, side, side, device="meta")).shape == (2, 10)


# One of each family, the smallest; the others take a minute.
SPREAD = (
    *("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet", "inception_v3"),
    *("maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_x_400mf", "resnet18", "resnext50_32x4d"),
    *("shufflenet_v2_x0_5", "squeezenet1_1", "swin_t", "vgg11_bn", "vit_b_32", "wide_resnet50_2"),
)


@pytest.mark.filterwarnings("ignore:The default weight initialization")
@pytest.mark.parametrize("builder", SPREAD)
def test_the_lines_give_ten_classes_and_only_the_head_learns(builder: str) -> None:
    check(builder)


@pytest.mark.slow
@pytest.mark.parametrize("builder", [name for name in torchvision_names() if name not in SPREAD])
def test_the_lines_work_for_every_builder(builder: str) -> None:
    check(builder)


def test_every_set_of_weights_on_the_list_has_lines() -> None:
    for each in torchvision_entries()[::9]:
        _, builder, weights = each.key.split("/")
        assert f"{weights}\n" in torchvision_lines(builder, weights)


@pytest.mark.parametrize("builder", ["googlenet", "inception_v3", "squeezenet1_0"])
def test_the_lines_run_as_they_stand_where_the_weights_are_on_the_disk(
    builder: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = next(iter(torchvision.models.get_model_weights(builder)))
    extra = {} if builder == "squeezenet1_0" else {"aux_logits": True, "init_weights": False}
    with Blank("cpu"):  # which spares the random numbers
        model = torchvision.models.get_model_builder(builder)(weights=None, **extra)
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    torch.save(model.half().state_dict(), folder / weights.url.rpartition("/")[2])
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    names: dict[str, Any] = {}
    exec(torchvision_lines(builder, weights.name), names)
    learning = {name.rpartition(".")[0] for name, weight in names["model"].named_parameters() if weight.requires_grad}
    assert learning == {head.path for head in heads(Spec("torchvision", builder)) if not head.path.startswith("aux")}


def test_a_network_of_the_lesson_is_built_by_its_lines() -> None:
    names = run(lesson_lines(ModelSelection("model_defs", "LeNet", "LeNet-5")))
    assert names["model"](torch.empty(2, 1, 32, 32, device="meta")).shape == (2, 10)
    assert "models.vgg16(" in lesson_lines(ModelSelection("model_defs", "VGG", "VGG-16"))
