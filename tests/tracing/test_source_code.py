"""The lines of a program that make a part of a network: found, and nothing else than what the file says."""

import inspect

import pytest
import torchvision
from torch import nn

from explorer.analysis.model_summary import study
from explorer.models.selection import ModelSelection
from explorer.tracing.source_code import class_excerpts, making_excerpts
from explorer.ui.explore.details import source_excerpts
from model_defs import resnet, vgg


def excerpts(family: str, id: str, source: str = "model_defs") -> dict[str, str]:
    found, _ = source_excerpts(id, study(ModelSelection(source, family).spec))
    return {each.title: each.code for each in found}


def test_of_the_network_its_forward_comes_first() -> None:
    found = excerpts("VGG", "")
    assert next(iter(found)) == "VGG.forward" and found["VGG.forward"].startswith("def forward(self, x: Tensor)")
    assert found["VGG"] == inspect.getsource(vgg.VGG)


@pytest.mark.parametrize("id", ["stages", "stages.1", "stages.1.0"])
def test_of_a_stage_that_is_a_sequential_the_lines_that_build_it(id: str) -> None:
    found = excerpts("VGG", id)
    assert found["VGG.stages"].splitlines()[-1] == "self.stages = nn.Sequential(*stages)"
    assert "stages.append(stage(channels, out_channels, count, norm))" in found["VGG.stages"]
    assert found["stage"] == inspect.getsource(vgg.stage)
    assert "hidden" not in found["VGG.stages"]


def test_of_a_layer_the_one_line_and_its_place_in_the_file() -> None:
    [made] = making_excerpts("model_defs.resnet.BasicBlock", "conv2")
    assert made.code == "self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)\n"
    name, _, line = made.where.partition(", line ")
    assert name == "resnet.py"
    assert inspect.getsource(resnet).splitlines()[int(line) - 1].strip() == made.code.strip()


def test_of_a_function_called_in_a_block_the_block() -> None:
    assert "y + self.shortcut(x)" in excerpts("ResNet", "stage1.0/add")["Bottleneck.forward"]


def test_torchvisions_own_methods_and_modules_added_by_name_are_found() -> None:
    made = making_excerpts("torchvision.models.resnet.ResNet", "layer1")
    assert made[0].code == "self.layer1 = self._make_layer(block, 64, layers[0])\n"
    assert made[1].title == "_make_layer"
    [features] = making_excerpts("torchvision.models.densenet.DenseNet", "features")
    assert 'self.features.add_module("denseblock%d" % (i + 1), block)' in features.code


def test_what_cannot_be_found_is_empty_and_no_error() -> None:
    assert making_excerpts("nowhere.Net", "conv") == () == class_excerpts("nowhere.Net")
    assert making_excerpts("model_defs.vgg.VGG", "nothing") == ()


def every_box() -> list[tuple[str, str, str]]:
    names = [("model_defs", "GoogLeNet"), ("model_defs", "ShuffleNetV2"), ("torchvision", "convnext_tiny")]
    return [
        (source, name, block.path)
        for source, name in names
        for block in study(ModelSelection(source, name).spec).graph.blocks
    ]


def test_every_part_of_a_network_has_lines_that_name_it() -> None:
    for source, name, path in every_box():
        found = excerpts(name, path, source)
        assert found, (name, path)
        assert all(nn.Sequential.__doc__ not in code for code in found.values() if nn.Sequential.__doc__)
    assert torchvision.__version__
