"""Networks without numbers: built on `meta`, without the work of initialising weights nobody will read, or copied."""

import copy
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode

from explorer.models.inputs import Inputs, called_with
from explorer.models.torchscript import scripted_twin

FACTORIES = frozenset(
    {
        *(torch.empty, torch.zeros, torch.ones, torch.full, torch.tensor, torch.as_tensor, torch.rand, torch.randn),
        *(torch.arange, torch.linspace, torch.logspace, torch.eye, torch.randint, torch.randperm, torch.empty_strided),
        *(torch.tril_indices, torch.triu_indices, torch.hann_window, torch.scalar_tensor),
    }
)
INITIALISERS = frozenset(thing for thing in vars(nn.init).values() if callable(thing))
DRAWS = frozenset({Tensor.uniform_, Tensor.normal_, Tensor.exponential_})
FILLS = DRAWS | {Tensor.erfinv_, Tensor.trunc_}
BOUNDS = frozenset({Tensor.clamp_})  # the last step of a truncated normal, by Python code of torch's on `meta`
FILLED = frozenset({torch.zeros, torch.ones})  # made by Python code of torch's on `meta`, where they hold nothing

KEEPERS = (Tensor, nn.Module, list, tuple, dict)
TORCHS = frozenset(vars(nn.Module()))  # a module's own attributes, as registered weights and hooks
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
            return args[0] if args[0].is_meta or func not in DRAWS else draw_once(func, args, kwargs)
        if func in BOUNDS and args[0].is_meta and args[0].is_floating_point():
            return args[0]
        if func in FACTORIES and kwargs.get("device") is None:
            kwargs["device"] = self.device
            if func in FILLED and self.device == "meta":
                return torch.empty(*args, **kwargs)
        return func(*args, **kwargs)


def draw_once(func: Any, args: Any, kwargs: Any) -> Tensor:
    """One number for all: torch's truncated normal draws again and again, until no number lies outside its bounds."""
    return args[0].fill_(func(args[0].new_empty(()), *args[1:], **kwargs))


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


def on_meta(model: nn.Module, modules: list[tuple[str, nn.Module]]) -> nn.Module:
    """The module itself if it holds no numbers, else a twin of it that does not. `modules`: all in it."""
    held = held_by(modules)
    scripts = [module for _, module in modules if isinstance(module, torch.jit.ScriptModule)]
    if held and not scripts and all(tensor.is_meta and not is_lazy(tensor) for tensor in held):
        return model
    held += (tensor for _, tensor in unregistered_tensors(modules))
    twins: dict[int, Any] = {id(tensor): meta_twin(tensor) for tensor in held}
    return copy.deepcopy(model, twins | {id(script): scripted_twin(script, twins) for script in scripts})


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


def held_by(modules: list[tuple[str, nn.Module]]) -> list[Tensor]:
    inside = ((*module._parameters.values(), *module._buffers.values()) for _, module in modules)
    return [tensor for tensors in inside for tensor in tensors if tensor is not None]


def materialise_lazy(model: nn.Module, modules: list[tuple[str, nn.Module]], inputs: Inputs) -> None:
    """A dry pass, at which lazy layers find out what they are given. Where it breaks, the next run says why."""
    if any(map(is_lazy, held_by(modules))):
        call = called_with(inputs, "meta")
        with Blank("meta"), torch.no_grad(), suppress(Exception):
            model.eval()(*call.args, **call.kwargs)


def meta_twin(tensor: Any) -> Tensor:
    if is_lazy(tensor):
        make: Any = type(tensor)
        return make(requires_grad=tensor.requires_grad, device="meta")
    twin = tensor.detach().to("meta")
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(twin, tensor.requires_grad)
    return twin.requires_grad_(tensor.requires_grad and tensor.is_leaf)


def unregistered_tensors(modules: list[tuple[str, nn.Module]]) -> Iterator[tuple[str, Tensor]]:
    """Tensors in plain attributes and in lists and dicts there, with their names; one that is computed from weights
    would refuse to be copied."""
    for path, module in modules:
        for name, thing in vars(module).items():
            if isinstance(thing, KEEPERS) and name not in TORCHS:
                yield from tensors_inside(f"{path}.{name}" if path else name, thing, 3)


def tensors_inside(name: str, thing: Any, levels: int) -> Iterator[tuple[str, Tensor]]:
    if isinstance(thing, Tensor):
        yield name, thing
    elif isinstance(thing, nn.Module):
        inside = (
            ((f"{name}.{own}", tensor) for own, tensor in named())
            for named in (thing.named_parameters, thing.named_buffers)
        )
        yield from chain.from_iterable(inside)
    elif isinstance(thing, list | tuple | dict) and levels:
        for key, each in thing.items() if isinstance(thing, dict) else enumerate(thing):
            yield from tensors_inside(f"{name}[{key}]", each, levels - 1)
