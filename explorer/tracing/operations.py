"""What one torch function does on shapes alone: its output, its multiply-adds and the settings worth showing.

`torch.utils.flop_counter` holds the formulas; its own counter hooks every module of the process, so it is not used
here.
"""

from math import prod
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from explorer.tracing.op_attributes import SETTINGS, Settings, settings_of
from explorer.tracing.shape_rules import SHORTCUTS, CallOutcome

aten: Any = torch.ops.aten


def run(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> CallOutcome:
    """Call `func` on meta tensors. Whatever it raises on shapes that do not fit is torch's own error."""
    if (shortcut := SHORTCUTS.get(func)) and (outcome := shortcut(*args, **kwargs)):
        return outcome
    if func in FREE:
        return CallOutcome(func(*args, **kwargs), 0, settings_of(func, args, kwargs))
    with Products() as products:
        out = func(*args, **kwargs)
    settings = settings_of(func, args, kwargs) if products.flops or func in SETTINGS else ()
    return CallOutcome(out, products.flops // 2, (*settings, *products.settings))


class Products(TorchDispatchMode):
    """Adds up the FLOPs of the matrix products and convolutions that one call comes down to."""

    def __init__(self) -> None:
        super().__init__()
        self.flops = 0
        self.shapes: list[tuple[int, int, int, int]] = []  # (b, m, k, n): b products of m×k by k×n

    @property
    def settings(self) -> Settings:
        known = sum(prod(shape) for shape in self.shapes) * 2 == self.flops > 0
        return (("products", tuple(self.shapes)),) if known else ()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        formula = flop_registry.get(func._overloadpacket)
        if formula is None:
            with self:
                out = func.decompose(*args, **kwargs)
            return func(*args, **kwargs) if out is NotImplemented else out
        out = func(*args, **kwargs)
        self.flops += formula(*args, **kwargs, out_val=out)
        if func._overloadpacket in PRODUCTS:
            a, b = [arg for arg in args if isinstance(arg, Tensor)][-2:]
            self.shapes.append((a.shape[0] if a.ndim == 3 else 1, a.shape[-2], a.shape[-1], b.shape[-1]))
        return out


PRODUCTS = {aten.mm, aten.addmm, aten.bmm, aten.baddbmm}

# Questions about a tensor, whose answer is no tensor: nothing to note.
METADATA: frozenset[Any] = frozenset(
    {
        *(Tensor.size, Tensor.dim, Tensor.numel, Tensor.untyped_storage, Tensor.is_floating_point, Tensor.stride),
        *(Tensor.is_contiguous, Tensor.__len__, Tensor.element_size),
        *(getattr(Tensor, name).__get__ for name in ("shape", "ndim", "device", "dtype", "itemsize", "is_cuda")),
        *(getattr(Tensor, name).__get__ for name in ("requires_grad", "is_meta", "is_nested", "layout", "is_sparse")),
    }
)

# No products inside: these need not be watched. Leaving one out here costs time, never truth.
FREE: frozenset[Any] = frozenset(
    {
        *(F.relu, F.relu6, F.silu, F.gelu, F.hardswish, F.hardsigmoid, F.hardtanh, F.dropout, F.adaptive_avg_pool2d),
        *(torch.relu, torch.relu_, torch.sigmoid, torch.tanh, torch.flatten, torch.cat, torch.stack, torch.add),
        *(F.max_pool2d, F.avg_pool2d, F.pad, F.softmax, torch.max_pool2d, torch.chunk, torch.mul, torch.mean),
        *(torch.permute, torch.transpose, torch.reshape, torch.split, torch.roll, torch.unbind, F.leaky_relu),
        *(Tensor.__add__, Tensor.__iadd__, Tensor.__radd__, Tensor.__mul__, Tensor.__rmul__, Tensor.__getitem__),
        *(Tensor.add, Tensor.add_, Tensor.mul, Tensor.mul_, Tensor.view, Tensor.reshape, Tensor.flatten, Tensor.mean),
        *(Tensor.permute, Tensor.transpose, Tensor.contiguous, Tensor.expand, Tensor.chunk, Tensor.relu_),
        *(Tensor.unflatten, Tensor.unbind, Tensor.split, Tensor.clone, Tensor.squeeze, Tensor.unsqueeze),
    }
)
