"""The way back through a recorded network, against torch's own gradient of the same network."""

import pytest
import torch
from torch import Tensor, nn

from explorer.activations.gradients import gradient_run
from tests.activations.test_activations import ZOO, noise, seen_of

pytestmark = pytest.mark.usefixtures("one_thread")


def plain_gradient(model: nn.Module, image: Tensor, number: int) -> Tensor:
    x = image[None].clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x)[0, number], x)
    return gradient[0]


@pytest.mark.parametrize("name", ZOO)
def test_the_gradient_at_the_picture_is_that_of_torch_and_what_was_computed_is_the_same(name: str) -> None:
    model, image, seen = seen_of(name)
    run = gradient_run(model, image)
    assert all(torch.equal(run.seen.outputs[at], output) for at, output in seen.outputs.items())
    (found,) = run.one_number(run.seen.graph.nodes[-1].name, (3,), ["0"])
    assert torch.equal(found, plain_gradient(model, image, 3)) and found.any()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_at_an_output_that_is_written_over_it_is_that_of_the_numbers_before() -> None:
    model = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.ReLU(inplace=True))
    nn.init.constant_(model[0].weight, 1)  # type: ignore[arg-type]
    run = gradient_run(model, torch.tensor([[[3.0, -2.0]]]))
    conv, relu = (node.name for node in run.seen.graph.nodes if node.kind != "input")
    at_conv, at_relu = run.gradients(relu, torch.tensor([[[5.0, 7.0]]]), [conv, relu])
    assert at_conv.tolist() == [[[5.0, 0.0]]] and at_relu.tolist() == [[[5.0, 7.0]]]


def test_what_the_number_does_not_depend_on_has_none() -> None:
    run = gradient_run(nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 1)), noise(1, 4, 4))
    first, second = (node.name for node in run.seen.graph.nodes if node.kind != "input")
    assert not run.one_number(first, (0, 0, 0), [second])[0].any()


class Whole(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.round().long().flatten(1)


def test_a_network_without_a_way_back_has_none() -> None:
    run = gradient_run(Whole(), noise(1, 2, 2))
    assert not run.one_number(run.seen.graph.nodes[-1].name, (0,), ["0"])[0].any()


class Turned(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return (x.transpose(0, 1) * 2).transpose(0, 1)


def test_an_output_whose_batch_does_not_stand_in_front_has_a_way_back_too() -> None:
    run = gradient_run(Turned(), noise(2, 3, 1))
    (times,) = (node for node in run.seen.graph.nodes if node.op == "mul")
    assert times.shape == (2, 1, 3, 1)
    assert run.one_number(times.name, (1, 0, 2, 0), ["0"])[0].flatten().tolist() == [0, 0, 0, 0, 0, 2]
