"""TorchLens, which runs a network on real numbers, sees the same operations in the same order, and the same fields."""

from collections.abc import Iterator
from typing import Any

import pytest

from explorer.subprocess_client import SubprocessClient
from testing.waiting import PATIENCE

FEW = ("torchvision/squeezenet1_1", "torchvision/resnet18", "timm/test_resnet")
TORCHVISION = (
    *("shufflenet_v2_x0_5", "alexnet", "googlenet", "mobilenet_v2", "mobilenet_v3_small", "mnasnet0_5", "densenet121"),
    *("vgg11_bn", "regnet_x_400mf", "regnet_y_400mf", "resnext50_32x4d", "resnet50", "mobilenet_v3_large"),
)
TIMM = (
    *("test_byobnet", "repvgg_a0", "dla46_c", "skresnet18", "hrnet_w18_small", "mobilenetv1_100", "resnet10t"),
    *("rexnet_100", "lcnet_050", "tinynet_e", "vovnet39a", "xception41", "cs3darknet_s", "darknet17"),
)
MORE = (*(f"torchvision/{name}" for name in TORCHVISION), *(f"timm/{name}" for name in TIMM))
SIDE = 64


@pytest.fixture(scope="module")
def workers() -> Iterator[dict[str, SubprocessClient]]:
    """A process for each: where TorchLens has been imported, PyTorch's functions are no longer its own."""
    clients = {who: SubprocessClient("testing.torchlens", {"OMP_NUM_THREADS": "1"}) for who in ("ours", "torchlens")}
    yield clients
    for client in clients.values():
        client.end()


@pytest.mark.parametrize("name", [*FEW, *(pytest.param(name, marks=pytest.mark.slow) for name in MORE)])
def test_the_same_operations_in_the_same_order_with_the_same_fields(
    workers: dict[str, SubprocessClient], name: str
) -> None:
    found: dict[str, list[Any]] = {
        who: client.request((who, name.split("/"), SIDE), PATIENCE)["operations"] for who, client in workers.items()
    }
    ours, theirs = found["ours"], found["torchlens"]
    assert [each[:3] for each in ours] == [each[:3] for each in theirs]
    exact = {place: field for place, (*_, field) in enumerate(theirs) if field}
    assert exact and {place: ours[place][3] for place in exact} == exact
