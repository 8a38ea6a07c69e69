"""What is taken home builds the network that was on the page."""

from math import prod

import onnx
import pytest
import torch

from explorer.models import onnx_export
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec, build
from model_defs import CATALOG

LAST = [
    ModelSelection("model_defs", name, architecture.presets[-1].name).spec for name, architecture in CATALOG.items()
]
OTHERS = [
    Spec("torchvision", "googlenet", (("num_classes", 7),)),
    Spec("torchvision", "vit_b_16", (("image_size", 160),)),
    Spec("timm", "resnet18", (("image_size", 96), ("num_classes", 5))),
]


@pytest.mark.filterwarnings("ignore:The default weight initialization")
@pytest.mark.parametrize("spec", LAST + OTHERS, ids=lambda spec: spec.name)
def test_the_lines_of_python_build_this_very_network(spec: Spec):
    scope = {}
    with torch.device("meta"):
        exec(onnx_export.python_lines(spec), scope)
    ours = build(spec, "meta").state_dict()
    assert {name: value.shape for name, value in scope["model"].state_dict().items()} == {
        name: value.shape for name, value in ours.items()
    }


def test_the_onnx_file_holds_each_layer_and_each_weight():
    model = onnx.load_from_string(onnx_export.onnx(ModelSelection(name="LeNet", preset="LeNet-5")))
    onnx.checker.check_model(model)
    assert sum(prod(weights.dims) for weights in model.graph.initializer) == 61_706  # LeCun et al. 1998
    operators = [node.op_type for node in model.graph.node]
    assert operators == ["Conv", "Tanh", "AveragePool"] * 2 + ["Flatten"] + ["Gemm", "Tanh"] * 2 + ["Gemm"]


def test_what_cannot_be_exported_is_said_in_one_line():
    with pytest.raises(ValueError, match=r"could not export vgg16 to ONNX: .*too small") as error:
        onnx_export.onnx(ModelSelection("torchvision", "vgg16", "", (("image_size", 16),)))
    assert "\n" not in str(error.value)
