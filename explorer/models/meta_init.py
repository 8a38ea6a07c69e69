"""Networks without numbers: built on `meta`, without the work of initialising weights nobody will read, or copied."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode

FACTORIES = frozenset(
    {
        *(torch.empty, torch.zeros, torch.ones, torch.full, torch.tensor, torch.as_tensor, torch.rand, torch.randn),
        *(torch.arange, torch.linspace, torch.logspace, torch.eye, torch.randint, torch.randperm, torch.empty_strided),
        *(torch.tril_indices, torch.triu_indices, torch.hann_window, torch.scalar_tensor),
    }
)
INITIALISERS = frozenset(thing for thing in vars(nn.init).values() if callable(thing))
FILLS = frozenset({Tensor.uniform_, Tensor.normal_, Tensor.erfinv_, Tensor.trunc_, Tensor.exponential_})
BOUNDS = frozenset({Tensor.clamp_})  # the last step of a truncated normal, by Python code of torch's on `meta`
FILLED = frozenset({torch.zeros, torch.ones})  # made by Python code of torch's on `meta`, where they hold nothing

SPECIAL = FACTORIES | INITIALISERS | FILLS | BOUNDS


class Blank(TorchFunctionMode):
    """Within it, on its own thread only, new tensors land on `device` and weight initialisation does nothing."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device = device

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func not in SPECIAL:  # one question for the thousands of calls that are nothing special
            return func(*args, **kwargs) if kwargs else func(*args)
        kwargs = kwargs or {}
        if func in INITIALISERS:
            return args[0] if args else kwargs["tensor"]
        if func in FILLS and args[0].is_floating_point():
            return args[0]
        if func in BOUNDS and args[0].is_meta and args[0].is_floating_point():
            return args[0]
        if func in FACTORIES and kwargs.get("device") is None:
            kwargs["device"] = self.device
            if func in FILLED and self.device == "meta":
                return torch.empty(*args, **kwargs)
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


def on_meta(model: nn.Module) -> nn.Module:
    """The module itself if it holds no numbers, else a twin of it that does not."""
    held = held_by(model)
    if any(map(is_lazy, held)):
        raise ValueError("A lazy layer has no weights before its first run: run the network once, then come back.")
    if all(tensor.is_meta for tensor in held):
        return model
    twins: dict[int, Any] = {}
    for tensor in (*held, *attributes_of(model)):
        twin = tensor.detach().to("meta")
        twins[id(tensor)] = nn.Parameter(twin, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else twin
    twin_model = copy.deepcopy(model, twins)
    for module in twin_model.modules():
        without_strangers(module._forward_hooks)
        without_strangers(module._forward_pre_hooks)
    return twin_model


def without_strangers(hooks: dict[int, Any]) -> None:
    """torch's own hooks make weights (weight norm, spectral norm); the user's would note tensors without numbers."""
    for key, hook in list(hooks.items()):
        if not (getattr(hook, "__module__", "") or "").startswith("torch."):
            del hooks[key]


def modules_of(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """What `named_modules` gives, in a fifth of the time."""
    found: dict[nn.Module, str] = {}

    def visit(path: str, module: nn.Module) -> None:
        if module not in found:
            found[module] = path
            for name, child in module._modules.items():
                if child is not None:
                    visit(f"{path}.{name}" if path else name, child)

    visit("", model)
    return [(path, module) for module, path in found.items()]


def held_by(model: nn.Module) -> list[Tensor]:
    inside = ((*module._parameters.values(), *module._buffers.values()) for _, module in modules_of(model))
    return [tensor for tensors in inside for tensor in tensors if tensor is not None]


def attributes_of(model: nn.Module) -> Iterator[Tensor]:
    """Tensors kept as plain attributes; one that is computed from weights would refuse to be copied."""
    for module in model.modules():
        yield from (thing for thing in vars(module).values() if isinstance(thing, Tensor))
