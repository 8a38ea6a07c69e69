"""A block taken out is the shortcut alone: bit for bit what a network computes whose last norm, or conv, gives 0."""

import copy

import pytest
import torch
from torch import Tensor, nn

from explorer.activations.ablation import (
    AblatedNetwork,
    groups_of,
    measure_ablation,
    share_moved,
    shuffled,
    swap_counts,
)
from explorer.activations.gradient_flow import flow_spec
from explorer.models.spec import Spec, build
from explorer.training.dataloader import chance

pytestmark = pytest.mark.usefixtures("one_thread")
CPU = torch.device("cpu")
BLOCKS = [
    (flow_spec(14, True, False), "norm2"),
    (flow_spec(14, True, True), "conv2"),
    (Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("shortcut", "gate"), ("width", 8))), "norm2"),
    (Spec("model_defs", "ResNet", (("blocks", (1, 1, 2, 1)), ("width", 8), ("num_classes", 10))), "norm3"),
    (Spec("torchvision", "resnet18", ()), "bn2"),
]


def network(spec: Spec) -> nn.Module:
    """With statistics and norms as a training leaves them, so that nothing is 0 or 1 by chance."""
    with chance(1, "weights", 0, CPU):
        model = build(spec).eval()
    dice = torch.Generator().manual_seed(2)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight.data, module.bias.data, module.running_mean, module.running_var):
                assert tensor is not None
                tensor.copy_(torch.rand(len(tensor), generator=dice) + 0.2)
    return model


def noise(count: int, side: int = 16) -> Tensor:
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(4))


@pytest.mark.parametrize(("spec", "last"), BLOCKS, ids=lambda each: getattr(each, "name", each))
@torch.no_grad()
def test_taking_out_is_zeroing_the_last_layer_bit_for_bit(spec: Spec, last: str) -> None:
    model, images = network(spec), noise(2, 32)
    ablated = AblatedNetwork(model, images)
    assert all(unit.removable for unit in ablated.units)
    for unit in ablated.units:
        zeroed = copy.deepcopy(model)
        layer = zeroed.get_submodule(f"{unit.name}.{last}")
        for parameter in layer.parameters():
            parameter.zero_()
        for begin in ("", unit.name):
            if begin:
                ablated.logits(images, frozenset())  # from which it goes on
            assert torch.equal(ablated.logits(images, frozenset((unit.name,)), begin), zeroed(images)), unit.name


@torch.no_grad()
def test_what_remains_is_the_shortcut_and_the_relu_after_the_sum() -> None:
    model, images = network(flow_spec(14, True, False)), noise(2)
    block = model.get_submodule("stage2.0")
    alone = block.act2(block.shortcut(model.stage1(model.stem(images))))  # type: ignore[operator, union-attr]
    expected = model.head(model.stage3(model.stage2[1](alone)))  # type: ignore[operator, index]
    assert torch.equal(AblatedNetwork(model, images).logits(images, frozenset(("stage2.0",))), expected)


@torch.no_grad()
def test_the_network_itself_stays_as_it_is() -> None:
    model, images = network(flow_spec(14, True, False)), noise(3)
    before, state = model(images), copy.deepcopy(model.state_dict())
    ablated = AblatedNetwork(model, images)
    ablated.logits(images, frozenset(("stage1.0", "stage3.1")))
    ablated.reordered(images, {"stage1.0": "stage1.1", "stage1.1": "stage1.0"})
    assert torch.equal(model(images), before) and torch.equal(ablated.logits(images, frozenset()), before)
    assert all(torch.equal(state[name], each) for name, each in model.state_dict().items())
    assert [name for name, each in model.named_modules() if type(each).__name__ == "Switch"] == []


@torch.no_grad()
def test_blocks_in_another_order_are_those_with_their_weights_exchanged() -> None:
    model, images = network(flow_spec(14, True, False)), noise(2)
    other = copy.deepcopy(model)
    first, second = (model.get_submodule(f"stage1.{each}").state_dict() for each in (0, 1))
    other.get_submodule("stage1.0").load_state_dict(second)
    other.get_submodule("stage1.1").load_state_dict(first)
    found = AblatedNetwork(model, images).reordered(images, {"stage1.0": "stage1.1", "stage1.1": "stage1.0"})
    assert torch.equal(found, other(images))


@torch.no_grad()
def test_of_a_plain_network_what_enters_passes_on_where_the_shape_stays() -> None:
    model, images = network(flow_spec(14, False, False)), noise(2)
    ablated = AblatedNetwork(model, images)
    assert [unit.name for unit in ablated.units if not unit.removable] == ["stage2.0", "stage3.0"]
    assert "another shape" in ablated.units[2].reason
    expected = model.head(model.stage3(model.stage2(model.stage1[0](model.stem(images)))))  # type: ignore[operator, index]
    assert torch.equal(ablated.logits(images, frozenset(("stage1.1",))), expected)


def test_of_a_network_without_blocks_layers_are_left_out() -> None:
    model = network(Spec("model_defs", "VGG", (("num_classes", 10), ("image_size", 32))))
    ablated = AblatedNetwork(model, noise(1, 32))
    assert not ablated.blocks and not ablated.chained
    for unit in ablated.units:
        layer = model.get_submodule(unit.name)
        if isinstance(layer, nn.Conv2d):
            assert unit.removable == (layer.in_channels == layer.out_channels), unit.name


def test_a_sweep_of_few_pictures_is_part_of_one_of_many_and_agrees_with_each_by_itself() -> None:
    model, images, labels = network(flow_spec(14, True, True)), noise(130), torch.arange(130) % 10
    pieces = list(measure_ablation(model, (images, labels), "one"))
    assert len(pieces) == pieces[0]["whole"] + 1
    assert [piece["count"] for piece in pieces if piece.get("unit") == ""] == [100, 130]
    last = {piece["unit"]: piece["wrong"] for piece in pieces if "unit" in piece}
    with torch.no_grad():
        ablated = AblatedNetwork(model, images[:1])
        for name, wrong in last.items():
            found = ablated.logits(images, frozenset((name,) if name else ()))
            assert wrong == int((found.argmax(1) != labels).sum()), name
    (told,) = [piece for piece in measure_ablation(model, (images, labels), "out", frozenset(("stage1.1",))) if
               piece.get("count") == 130]  # fmt: skip
    assert told["wrong"] == last["stage1.1"]


@pytest.mark.parametrize("task", ["random", "order"])
def test_draws_begin_with_the_network_as_it_is_and_are_as_many_as_was_said(task: str) -> None:
    model, images, labels = network(flow_spec(14, True, False)), noise(20), torch.arange(20) % 10
    first, *pieces = measure_ablation(model, (images, labels), task)
    assert len(pieces) == first["whole"]
    begun = {piece["wrong"] for piece in pieces if piece.get("k") == 0 or piece.get("swaps") == 0}
    assert len(begun) == 1
    assert pieces == list(measure_ablation(model, (images, labels), task))[1:]


def test_orders_are_counted_by_hand() -> None:
    pairs = [("a", "b"), ("a", "c"), ("b", "c")]
    assert share_moved(pairs, {"a": "a", "b": "b", "c": "c"}) == 0
    assert share_moved(pairs, {"a": "c", "b": "b", "c": "a"}) == 1
    assert share_moved(pairs, {"a": "b", "b": "a", "c": "c"}) == pytest.approx(1 / 3)
    assert swap_counts(0) == [] and swap_counts(6) == [0, 1, 2, 4, 12]
    assert sorted(shuffled(list("abcd"), 1)) == list("abcd")
    ablated = AblatedNetwork(network(flow_spec(14, True, False)), noise(1))
    assert groups_of(ablated.units) == [["stage1.0", "stage1.1"]]  # of the other stages one keeps its shape
