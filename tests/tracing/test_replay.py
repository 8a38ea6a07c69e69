"""A replay reads what the graph says and nothing else, so a graph with a wrong edge fails it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.graph.graph import Graph
from explorer.tracing.tracer import trace
from testing.call_recorder import record_calls
from testing.calls import Calls
from testing.replay import ReplayError, replay


def branches(self: Any, x: Tensor) -> Tensor:
    one, two = self.one(x), self.two(x)
    return torch.cat([one - two, one * 2], 1)


BRANCHES = Calls(branches, one=nn.Conv2d(3, 4, 3), two=nn.Conv2d(3, 4, 3)).eval()


def off(model: nn.Module, *shape: int, graph: Callable[[Graph], Graph] = lambda graph: graph) -> float:
    """By how much the outputs of the network and of the graph, or of what is made of it, differ at most."""
    model.eval()
    recording = record_calls(model, shape)
    assert recording.graph == trace(model, shape)
    x = torch.randn(1, *shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        outs = replay(recording, graph(recording.graph), x)
        theirs: Any = model(x)
    theirs = theirs if isinstance(theirs, tuple) else (theirs,)
    return max((a - b).abs().max().item() for a, b in zip(outs, theirs, strict=True))


def with_inputs(graph: Graph, name: str, inputs: tuple[str, ...]) -> Graph:
    return replace(graph, nodes=tuple(replace(n, inputs=inputs) if n.name == name else n for n in graph.nodes))


def test_the_right_graph_gives_the_networks_own_output() -> None:
    assert off(BRANCHES, 3, 8, 8) == 0


def test_an_edge_that_is_missing_breaks_the_replay() -> None:
    for name in ("1", "3", "5"):
        with pytest.raises(ReplayError, match=f"{name} .*more than the graph says"):
            off(
                BRANCHES,
                3,
                8,
                8,
                graph=lambda graph, name=name: with_inputs(graph, name, graph.by_name[name].inputs[:-1]),
            )


def test_edges_that_are_swapped_give_another_output() -> None:
    assert off(BRANCHES, 3, 8, 8, graph=lambda graph: with_inputs(graph, "3", ("2", "1"))) > 0.1
    assert off(BRANCHES, 3, 8, 8, graph=lambda graph: with_inputs(graph, "4", ("2",))) > 0.1


def test_a_weight_that_is_missing_breaks_the_replay() -> None:
    def without_bias(graph: Graph) -> Graph:
        nodes = [replace(node, weights=node.weights[:1]) for node in graph.nodes]
        return replace(graph, nodes=tuple(nodes))

    with pytest.raises(ReplayError, match=r"1 \(Conv2d\): it reads one.bias, which the graph lacks"):
        off(BRANCHES, 3, 8, 8, graph=without_bias)


def parts_scaled_in_place(self: Any, x: Tensor) -> Tensor:
    y = self.conv(x)
    y[..., 0] *= 2
    y[..., 1] *= y[..., 0]
    return y.mean(1)


def test_a_part_that_is_written_into_itself_is_found_by_way_of_the_whole() -> None:
    assert off(Calls(parts_scaled_in_place, conv=nn.Conv2d(3, 4, 3)).eval(), 3, 8, 8) == 0


def views_and_writes(self: Any, x: Tensor) -> Tensor:
    left, right = x.chunk(2, 2)
    left += self.shift
    y = torch.zeros_like(x)
    y[:, :, : left.shape[2]] = left
    y[:, :, left.shape[2] :] = F.relu(right)
    values, _ = y.view(1, 3, -1).max(-1)
    return y.flip(-1).mul_(values[..., None, None]).relu_()


def standardised(self: Any, x: Tensor) -> Tensor:
    weight = self.conv.weight
    grid = torch.arange(x.shape[-1], device=x.device) / self.steps
    weight = (weight - weight.mean()) / weight.std() * self.gain
    return F.conv2d(x + grid + torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1), weight)


PLAIN = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Identity(), nn.Dropout())
NETWORKS = {
    "closed forms": PLAIN,
    "views and writes": Calls(views_and_writes, shift=nn.Parameter(torch.ones(1))),
    "weights worked out": Calls(standardised, conv=nn.Conv2d(3, 4, 3), gain=nn.Parameter(torch.ones(1)), steps=8),
    "weights nobody registered": Calls(lambda self, x: self.layers[0](x), layers=[nn.Conv2d(3, 4, 3)]),
    "several outputs": Calls(lambda self, x: x.chunk(3, 1)),
    "a layer called twice": Calls(lambda self, x: self.conv(self.conv(x)), conv=nn.Conv2d(3, 3, 3)),
    "recurrent": nn.Sequential(nn.Flatten(2), Calls(lambda self, x: self.lstm(x)[0], lstm=nn.LSTM(64, 5))),
    "attention": nn.Sequential(nn.Flatten(2), nn.TransformerEncoderLayer(64, 4, 16, batch_first=True)),
    "a buffer": Calls(lambda self, x: x[:, self.at], at=torch.tensor([2, 0])),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_all_kinds_of_calls_are_kept(name: str) -> None:
    assert off(NETWORKS[name], 3, 8, 8) <= 1e-6


def written_in_halves(self: Any, x: Tensor) -> Tensor:
    y = x + 1
    above, below = y.chunk(2, 2)
    above.mul_(2)
    return y * below.repeat(1, 1, 2, 1)


def written_through_a_view(self: Any, x: Tensor) -> Tensor:
    y = x + 1
    before = y.view(-1)
    y.relu_()
    return before * 2


def written_into_a_constant(self: Any, x: Tensor) -> Tensor:
    y = torch.zeros(x.shape, device=x.device)
    y.narrow(1, 0, 1).copy_(x[:, 1:2])
    y[:, 1].copy_(x[:, 2])
    return y * 2


@pytest.mark.parametrize(
    ("forward", "inputs"),
    [
        (written_in_halves, [(), ("0",), ("1",), ("2",), ("2",), ("1", "3", "4")]),
        (written_through_a_view, [(), ("0",), ("1",), ("1",), ("2", "3")]),
        (written_into_a_constant, [(), ("0",), ("1",), ("2",), ("0",), ("3", "4"), ("2", "5")]),
    ],
)
def test_what_is_written_by_way_of_a_view_is_read_by_an_edge(forward: Any, inputs: list[tuple[str, ...]]) -> None:
    model = Calls(forward)
    assert off(model, 3, 8, 8) == 0
    assert [node.inputs for node in trace(model, (3, 8, 8)).nodes] == inputs


def test_hooks_and_what_only_they_read() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    model[0].register_forward_hook(lambda *call: call[-1] * 2)
    model[1].register_forward_hook(lambda module, args, out: out.abs().mean() and None)
    assert off(model, 3, 8, 8) == 0


def test_what_no_function_mode_sees_is_refused() -> None:
    def hidden(self: Any, x: Tensor) -> Tensor:
        with torch._C.DisableTorchFunction():
            return x * 2

    with pytest.raises(ReplayError, match="no function mode sees"):
        off(Calls(hidden), 3, 8, 8)
