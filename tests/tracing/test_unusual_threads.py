"""Unusual networks traced by eight threads at once, each module shared by all of them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explorer.graph.graph import Graph
from explorer.tracing.tracer import trace
from tests.tracing.test_unusual_networks import (
    PLAIN,
    Branches,
    Calls,
    four_at_once,
    in_turn,
    make_head,
    product,
    stacked,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:FutureWarning")  # TorchScript, which people still have


def kinds() -> dict[str, nn.Module]:
    """One of each; on the CPU each trace copies it, on `meta` all lay their detours over one."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 8, 3) for _ in range(4)]
    weights, buffers = torch.func.stack_module_state(layers)
    weight, hooked = nn.Parameter(torch.randn(4, 3, 3, 3)), nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
    hooked[0].register_forward_hook(lambda *call: call[-1] * 2)
    return {
        "list": Calls(in_turn, layers=[nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 3, 3)]),
        "closure": Calls(lambda self, x: F.conv2d(x, weight)),
        "inside": Calls(make_head, conv=nn.Conv2d(3, 4, 3), head=None),
        "vmap": Calls(four_at_once, weights=weights, buffers_of=buffers, base=[layers[0]]),
        "stacked": Calls(stacked, layers=nn.ModuleList(nn.Conv2d(3, 8, 3, bias=False) for _ in range(4))),
        "operator": Calls(
            lambda self, x: product(self.conv(x), self.w), conv=nn.Conv2d(3, 4, 3), w=nn.Parameter(torch.ones(6, 5))
        ),
        "script": torch.jit.script(PLAIN),
        "loops": torch.jit.script(Branches()),
        "lazy": nn.Sequential(nn.LazyConv2d(8, 3), nn.Flatten(), nn.LazyLinear(10)),
        "hooked": hooked,
    }


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_eight_threads_give_the_graphs_that_one_gives(device: str) -> None:
    with torch.device(device):
        models = {name: model for name, model in kinds().items() if device == "cpu" or name not in ("script", "loops")}
    alone = {name: trace(model, (3, 8, 8)) for name, model in models.items()}
    assert all(graph.broken == "" and len(graph.nodes) > 1 for graph in alone.values())
    names = list(models)
    before = {name: held(model) for name, model in models.items()}

    def all_of_them(first: int) -> dict[str, Graph]:
        return {name: trace(models[name], (3, 8, 8)) for name in (*names[first:], *names[:first])}

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(all_of_them, [*range(8), *range(8)]):
            assert found == alone
    assert {name: held(model) for name, model in models.items()} == before


def held(model: nn.Module) -> Any:
    """All that a module is, by identity: what a trace may not touch."""
    return [
        (
            path,
            module.training,
            [*map(id, module.parameters()), *map(id, module.buffers())],
            list(vars(module)),
            list(module._forward_hooks),
        )
        for path, module in model.named_modules()
    ]
