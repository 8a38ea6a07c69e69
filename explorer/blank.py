"""Building a network without filling it: on `meta`, and without the work of initialising weights nobody will read."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

FACTORIES = frozenset(
    {
        *(torch.empty, torch.zeros, torch.ones, torch.full, torch.tensor, torch.as_tensor, torch.rand, torch.randn),
        *(torch.arange, torch.linspace, torch.logspace, torch.eye, torch.randint, torch.randperm, torch.empty_strided),
        *(torch.tril_indices, torch.triu_indices, torch.hann_window, torch.scalar_tensor, torch.from_numpy),
    }
) - {torch.from_numpy}
FILLS = frozenset({Tensor.uniform_, Tensor.normal_, Tensor.erfinv_, Tensor.trunc_, Tensor.exponential_})


class Blank(TorchFunctionMode):
    """Within it, on its own thread only, new tensors land on `device` and weight initialisation does nothing."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device = device

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", "") == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        if func in FILLS and args[0].is_floating_point():
            return args[0]
        if func in FACTORIES and kwargs.get("device") is None:
            kwargs["device"] = self.device
        return func(*args, **kwargs)


def blank(make: Callable[[], nn.Module]) -> nn.Module:
    """The network on `meta`. One whose constructor calculates with tensors is built in memory first."""
    try:
        with Blank("meta"):
            return make()
    except ValueError:  # refused for a reason of its own
        raise
    except Exception:
        with Blank("cpu"):
            return make().to("meta")
