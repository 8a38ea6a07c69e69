"""What comes back through a block, against torch's autograd on the block alone and on the whole network."""

from math import inf, nan
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.activations.charts import Line, depth_chart
from explorer.activations.gradient_flow import (
    DEPTHS,
    BlockGradient,
    GradientFlow,
    angle_between,
    block_drawing,
    block_words,
    course_words,
    flow_spec,
    measure_flow,
    without_norms,
)
from explorer.models.spec import build
from explorer.training.dataloader import chance

pytestmark = pytest.mark.usefixtures("one_thread")
CPU = torch.device("cpu")


def network(depth: int, shortcut: bool, pre_activation: bool) -> nn.Module:
    with chance(3, "weights", 0, CPU):
        return build(flow_spec(depth, shortcut, pre_activation))


def pictures() -> tuple[Tensor, Tensor]:
    dice = torch.Generator().manual_seed(5)
    return torch.randn(6, 3, 16, 16, generator=dice), torch.arange(6)


class Oracle:
    """A network run block by block, so that autograd is asked for one block at a time."""

    def __init__(self, model: nn.Module) -> None:
        model.train()
        numbers, labels = pictures()
        self.given: dict[str, Tensor] = {}
        self.made: dict[str, Tensor] = {}
        modules: dict[str, Any] = dict(model.named_modules())
        self.blocks = {name: each for name, each in modules.items() if type(each).__name__ == "Block"}
        x = model.get_submodule("stem")(numbers)
        for name, block in self.blocks.items():
            self.given[name] = x.detach().requires_grad_()
            x = self.made[name] = block(self.given[name])
            x = x.detach()
        last = x.requires_grad_()
        self.loss = F.cross_entropy(model.get_submodule("head")(last), labels)
        (self.last,) = torch.autograd.grad(self.loss, last)

    def gradients(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Of each block dL/dH and dL/dx."""
        found, out = {}, self.last
        for name in reversed(self.blocks):
            (into,) = torch.autograd.grad(self.made[name], self.given[name], out, retain_graph=True)
            found[name], out = (out, into), into
        return found

    def branch(self, name: str, out: Tensor) -> tuple[Tensor, Tensor]:
        """What comes back through F alone, and what of dL/dH reaches it."""
        block: Any = self.blocks[name]
        x = self.given[name].detach().requires_grad_()
        if block.wiring.pre_activation:
            made = block.conv2(block.act2(block.norm2(block.conv1(block.act1(block.norm1(x))))))
        else:
            made = block.norm2(block.conv2(block.act1(block.norm1(block.conv1(x)))))
            out = out * (made + block.shortcut(x) > 0)
        return torch.autograd.grad(made, x, out)[0], out


def relative(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / other.norm())


def test_in_pre_activation_blocks_the_gradient_is_that_of_the_output_and_what_comes_through_f() -> None:
    oracle = Oracle(network(32, True, True))
    for name, (out, into) in oracle.gradients().items():
        through, _ = oracle.branch(name, out)
        if isinstance(oracle.blocks[name].shortcut, nn.Identity):
            assert relative(out + through, into) <= 1e-5, name


def test_in_original_blocks_the_relu_after_the_sum_masks_both() -> None:
    oracle = Oracle(network(32, True, False))
    for name, (out, into) in oracle.gradients().items():
        through, masked = oracle.branch(name, out)
        if isinstance(oracle.blocks[name].shortcut, nn.Identity):
            assert relative(masked + through, into) <= 1e-5, name
            assert relative(out + through, into) > 1e-3, name  # the lesson's form does not hold here


@pytest.mark.parametrize("pre_activation", [False, True])
def test_what_is_measured_is_what_autograd_gives_block_by_block(pre_activation: bool) -> None:
    oracle = Oracle(network(20, True, pre_activation))
    flow = measure_flow(network(20, True, pre_activation), *pictures())
    known = oracle.gradients()
    assert [each.name for each in flow.blocks] == list(oracle.blocks)
    assert flow.loss == pytest.approx(oracle.loss.item(), rel=1e-5)
    for each in flow.blocks:
        out, into = known[each.name]
        through, masked = oracle.branch(each.name, out)
        over = into - through
        told = each.out, each.past, each.branch, each.into, each.shortcut, each.angle
        norms = [float(x.norm()) for x in (out, masked, through, into, over)]
        assert told == pytest.approx((*norms, angle_between(over, through)), rel=1e-3), each.name
        assert each.masked != pre_activation
        assert each.form == ("projected" if each.name in ("stage2.0", "stage3.0") else "identity")
        if each.form == "identity":
            assert each.shortcut == pytest.approx(each.past, rel=1e-6)


def test_a_plain_network_has_one_way_and_tells_its_blocks_from_the_loss_on() -> None:
    heard: list[BlockGradient] = []
    entered: list[int] = []
    flow = measure_flow(network(14, False, False), *pictures(), heard.append, entered.append)
    assert tuple(reversed(heard)) == flow.blocks and entered == [2, 4, 6, 8, 10, 12]
    assert all(each.form == "none" and each.shortcut == 0 and each.angle is None for each in flow.blocks)
    assert all(each.branch == each.into for each in flow.blocks)
    assert len(flow.weights) == 14


def test_the_gradient_of_the_weights_is_that_of_a_usual_run() -> None:
    model, other = network(8, True, False), network(8, True, False)
    flow = measure_flow(model, *pictures())
    numbers, labels = pictures()
    F.cross_entropy(other.train()(numbers), labels).backward()
    for name, value in flow.weights:
        weight = other.get_submodule(name).weight
        assert isinstance(weight, Tensor) and weight.grad is not None
        assert value == pytest.approx(float(weight.grad.norm()), rel=1e-4)


def test_without_norms_a_deep_residual_network_overflows_and_says_where() -> None:
    model = without_norms(network(20, True, False))
    assert not any(isinstance(each, nn.BatchNorm2d) for each in model.modules())
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.mul_(1e10 if name.endswith("conv2.weight") else 1)
    flow = measure_flow(model, *pictures())
    assert flow.overflow is not None and 4 <= flow.overflow <= 18
    assert "inf or NaN" in course_words("Residual", [(each.layer, each.into) for each in flow.blocks])


def course(*norms: float) -> str:
    return course_words("It", list(enumerate(norms, 2)))


def test_the_sentence_follows_from_the_figures() -> None:
    assert "500 times as strong" in course(50, 3, 0.1) and "grows" in course(50, 3, 0.1)
    assert "1,000 times weaker" in course(1e-4, 1e-3, 0.1) and "fades" in course(1e-4, 1e-3, 0.1)
    assert "2 times" in course(0.2, 0.3, 0.1)
    assert "exactly 0** from layer 3 on" in course(0, 0, 0.1)
    assert "inf or NaN** from layer 2 on" in course(nan, 2, 1)
    assert "from the loss on" in course(inf, inf, inf)


def test_every_stop_of_the_slider_is_a_network_of_whole_blocks() -> None:
    assert DEPTHS[0] == 8 and DEPTHS[-1] == 1202 and all(depth % 6 == 2 for depth in DEPTHS)


def test_charts_mark_what_a_log_axis_has_no_place_for() -> None:
    points = [(2, 0.0, "a"), (4, nan, "b"), (6, 1.0, "c"), (8, inf, "d")]
    figure = depth_chart([Line("plain", "#000000", points)], 8, 4)
    told = {trace.name: list(trace.customdata) for trace in figure.data}
    assert told == {"plain": ["c"], "plain: 0": ["a"], "plain: inf or NaN": ["b", "d"]}
    assert all(0 < value < inf for trace in figure.data for value in trace.y)


def test_a_block_is_drawn_whatever_its_numbers() -> None:
    flow: GradientFlow = measure_flow(network(8, True, False), *pictures())
    for block in (*flow.blocks, BlockGradient("a", 2, "none", True, nan, nan, 0, inf, None, nan)):
        words = [each.text for each in block_drawing(block).layout.annotations]
        assert any("dL/dx" in each for each in words)
    assert "of 3 blocks more comes back over the shortcut" in block_words(flow.blocks)
    assert block_words(measure_flow(network(8, False, True), *pictures()).blocks) == ""
