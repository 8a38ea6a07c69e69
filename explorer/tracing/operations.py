"""What a call does to shapes, and what it costs: by closed forms for what a CNN calls most, else by torch.

torch's own meta kernels answer the same, but slowly: without the closed forms the median trace of torchvision's 80
builders takes 201 ms of a core instead of 20, that of our 80 presets 172 instead of 14; EfficientNet-B7 and ViT-B/16
come to 1.3 and 1.8 times a bare build and run on `meta` instead of 0.4 and 0.9 (torch 2.15, a busy machine).

Where a closed form is not sure it leaves the answer to the meta kernel: it also leaves tensors that are not contiguous,
whose outputs torch lays out in its own way. What is left is counted by the formulas of `torch.utils.flop_counter`; its
own counter hooks every module of the process, so it is not used here.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from explorer.tracing.formulas import attention_products, operator_macs, pooled
from explorer.tracing.op_attributes import SETTINGS, Settings, Shape, conv_settings, linear_arguments, pair, settings_of
from explorer.tracing.tensors import mapped

aten: Any = torch.ops.aten


class CallOutcome(NamedTuple):
    """What a call gave back, and what it cost."""

    out: Any
    macs: int = 0
    settings: Settings = ()
    fresh: bool = False  # the output surely has memory of its own
    uncounted: str = ""  # why `macs` is not all


def run(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], shortcuts: bool = True) -> CallOutcome:
    """Call `func` on meta tensors; on real ones without `shortcuts`, which give shapes alone. Whatever it raises on
    shapes that do not fit is torch's own error."""
    if shortcuts and (shortcut := SHORTCUTS.get(func)) and not mapped() and (outcome := shortcut(*args, **kwargs)):
        return outcome
    if func in FREE:
        return CallOutcome(func(*args, **kwargs), 0, settings_of(func, args, kwargs))
    with Products() as products:
        out = func(*args, **kwargs)
    settings = settings_of(func, args, kwargs) if products.flops or func in TOLD else ()
    return CallOutcome(out, products.flops // 2, settings or products.settings, uncounted="; ".join(products.uncounted))


class Products(TorchDispatchMode):
    """Adds up the FLOPs of the matrix products and convolutions that one call comes down to."""

    def __init__(self) -> None:
        super().__init__()
        self.flops = 0
        self.uncounted: dict[str, None] = {}  # sentences
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
            return self.without_formula(func, args, kwargs) if out is NotImplemented else out
        out = func(*args, **kwargs)
        self.flops += formula(*args, **kwargs, out_val=out)
        if func._overloadpacket in PRODUCTS:
            a, b = [arg for arg in args if isinstance(arg, Tensor)][-2:]
            self.shapes.append((a.shape[0] if a.ndim == 3 else 1, a.shape[-2], a.shape[-1], b.shape[-1]))
        elif func._overloadpacket is ATTENTION:
            self.shapes += attention_products(args[0].shape, *args[2].shape[-2:])
        return out

    def without_formula(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        out = func(*args, **kwargs)
        macs, why = operator_macs(func._overloadpacket._qualified_op_name, out, args)
        self.flops += 2 * macs
        if why:
            self.uncounted[why] = None
        return out


PRODUCTS = {aten.mm, aten.addmm, aten.bmm, aten.baddbmm}
ATTENTION = aten._scaled_dot_product_flash_attention_for_cpu
TOLD = SETTINGS.keys() | {F.batch_norm}  # what is told of without a product in it

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


def empty(like: Tensor, shape: Sequence[int]) -> Tensor:
    """What `like.new_empty(shape)` gives, in a fifth of the time on `meta`."""
    return torch.empty(shape, dtype=like.dtype, device=like.device)


def conv2d(
    x: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> CallOutcome | None:
    """(N, C, H, W) → (N, out_channels, H', W'); None where torch should decide."""
    if x.ndim != 4 or isinstance(padding, str) or not x.is_contiguous():
        return None
    window = pair(stride), pair(padding), pair(dilation)
    shape, settings = convolved(tuple(x.shape), tuple(weight.shape), *window, (groups, bias is not None))
    return CallOutcome(empty(x, shape), prod(shape) * prod(weight.shape[1:]), settings, True) if shape else None


@lru_cache(maxsize=4096)
def convolved(
    x: Shape, weight: Shape, stride: Shape, padding: Shape, dilation: Shape, groups_and_bias: tuple[int, bool]
) -> tuple[Shape, Settings]:
    """The shape of the output, empty where it does not fit, and the settings; networks repeat the same few."""
    groups, bias = groups_and_bias
    if x[1] != weight[1] * groups or weight[0] % groups:
        return (), ()
    sides = zip(x[2:], weight[2:], stride, padding, dilation, strict=True)
    height, width = ((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in sides)
    if height < 1 or width < 1:
        return (), ()
    return (x[0], weight[0], height, width), conv_settings(weight, bias, stride, padding, dilation, groups)


def batch_norm(x: Tensor, mean: Tensor, var: Tensor, *args: Any, **kwargs: Any) -> CallOutcome | None:
    training = kwargs.get("training", args[2] if len(args) > 2 else False)
    if training or mean is None or x.ndim < 2 or x.shape[1] != mean.shape[0] or not x.is_contiguous():
        return None
    return CallOutcome(empty(x, x.shape), 0, (("num_features", mean.shape[0]),), True)


def layer_norm(x: Tensor, normalized_shape: Any, *args: Any, **kwargs: Any) -> CallOutcome | None:
    shape = tuple(normalized_shape)
    if tuple(x.shape[-len(shape) :]) != shape or not x.is_contiguous():
        return None
    return CallOutcome(empty(x, x.shape), 0, (("normalized_shape", shape),), True)


def activation(x: Tensor, *args: Any, inplace: bool = False, **kwargs: Any) -> CallOutcome | None:
    """Any function of each number by itself."""
    if inplace or True in args:
        return CallOutcome(x)
    return CallOutcome(empty(x, x.shape), fresh=True) if x.is_contiguous() else None


def pointwise(x: Any, y: Any, **kwargs: Any) -> CallOutcome | None:
    """A sum or product of two tensors of one type, broadcast."""
    if not isinstance(x, Tensor) or not isinstance(y, Tensor) or x.dtype != y.dtype or kwargs:
        return None
    if not (x.is_contiguous() and y.is_contiguous()):
        return None
    if x.shape == y.shape:  # as most are; to work out what fits takes torch ten times as long
        return CallOutcome(empty(x, x.shape), fresh=True)
    try:
        return CallOutcome(empty(x, torch.broadcast_shapes(x.shape, y.shape)), fresh=True)
    except RuntimeError:
        return None


def pointwise_in_place(x: Any, y: Any, **kwargs: Any) -> CallOutcome | None:
    outcome = pointwise(x, y, **kwargs)
    return CallOutcome(x) if outcome and outcome.out.shape == x.shape else None


def global_average(x: Tensor, output_size: Any) -> CallOutcome | None:
    """(N, C, H, W) → (N, C, 1, 1)."""
    if output_size not in (1, (1, 1), [1, 1]) or x.ndim != 4 or not x.is_contiguous():
        return None
    return CallOutcome(empty(x, (*x.shape[:2], 1, 1)), 0, (("output_size", output_size),), True)


def max_pool2d(x: Tensor, *args: Any, **kwargs: Any) -> CallOutcome | None:
    """The meta kernel imports SymPy, for a third of a second of the first picture."""
    shape = pooled(tuple(x.shape), *args, **kwargs) if x.ndim == 4 and x.is_contiguous() else ()
    return CallOutcome(empty(x, shape), 0, settings_of(F.max_pool2d, (x, *args), kwargs), True) if shape else None


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> CallOutcome | None:
    """(..., in_features) → (..., out_features)."""
    if weight.ndim != 2 or not x.ndim or x.shape[-1] != weight.shape[1]:
        return None
    out = empty(x, (*x.shape[:-1], weight.shape[0]))
    return CallOutcome(out, out.numel() * weight.shape[1], linear_arguments(x, weight, bias), True)


def attention(q: Tensor, k: Tensor, v: Tensor, *args: Any, **kwargs: Any) -> CallOutcome | None:
    """(..., L, E), (..., S, E), (..., S, V) → (..., L, V): one product for the scores, one for the mixing."""
    if not q.ndim == k.ndim == v.ndim >= 3 or q.shape[:-2] != k.shape[:-2] or k.shape[:-1] != v.shape[:-1]:
        return None
    products = attention_products(q.shape, *v.shape[-2:])
    out = torch.empty_like(q) if q.shape == v.shape else q.new_empty((*q.shape[:-1], v.shape[-1]))  # laid out like q
    return CallOutcome(out, sum(map(prod, products)), (("products", products),), True)


def self_attention(
    query: Tensor, key: Tensor, value: Tensor, width: int, heads: int, weight: Any, *others: Any, **asked: Any
) -> CallOutcome | None:
    """(L, N, E) → (L, N, E) of `nn.MultiheadAttention`, where nothing is masked and no scores are asked for."""
    _, bias_k, bias_v, zeros, _, outer, _, *more = others
    unusual = [bias_k, bias_v, *map(asked.get, ("key_padding_mask", "attn_mask", "is_causal", "q_proj_weight"))]
    masked = any(each is not None and each is not False for each in unusual)
    if more or zeros or masked or asked.get("need_weights", True):
        return None
    if not query is key is value or query.ndim != 3 or query.shape[2] != width or width % heads:
        return None
    if weight is None or (weight.shape, outer.shape) != ((3 * width, width), (width, width)):
        return None
    (length, batch, _), head = query.shape, width // heads
    between, rows = attention_products((batch * heads, length, head), length, head), length * batch
    products = (1, rows, width, 3 * width), *between, (1, rows, width, width)
    out = empty(query, query.shape)
    return CallOutcome((out, None), sum(map(prod, products)), (("products", products),), True)


SHORTCUTS: dict[Any, Callable[..., CallOutcome | None]] = {
    torch.conv2d: conv2d,
    F.batch_norm: batch_norm,
    F.layer_norm: layer_norm,
    F.linear: linear,
    F.scaled_dot_product_attention: attention,
    F.multi_head_attention_forward: self_attention,
    **dict.fromkeys((F.relu, F.relu6, F.silu, F.hardswish, F.hardsigmoid, F.gelu), activation),
    **dict.fromkeys((torch.relu, torch.sigmoid, torch.tanh), activation),
    **dict.fromkeys((Tensor.__iadd__, Tensor.add_, Tensor.__imul__, Tensor.mul_), pointwise_in_place),
    F.adaptive_avg_pool2d: global_average,
    **dict.fromkeys((F.max_pool2d, torch.max_pool2d), max_pool2d),
    **dict.fromkeys((torch.add, torch.mul, Tensor.add, Tensor.mul, Tensor.__add__, Tensor.__mul__), pointwise),
}


def conv2d_layer(layer: Any, x: Tensor) -> CallOutcome | None:
    plain = layer.padding_mode == "zeros" and layer._parameters.get("weight") is not None
    window = (layer.stride, layer.padding, layer.dilation, layer.groups)
    return conv2d(x, layer.weight, layer.bias, *window) if plain else None


def batch_norm_layer(layer: Any, x: Tensor) -> CallOutcome | None:
    return batch_norm(x, layer.running_mean, layer.running_var) if x.ndim == 4 else None


def linear_layer(layer: Any, x: Tensor) -> CallOutcome | None:
    return linear(x, layer.weight, layer.bias) if layer._parameters.get("weight") is not None else None


def activation_layer(layer: Any, x: Tensor) -> CallOutcome | None:
    return activation(x, inplace=layer.inplace)


LayerRule = Callable[[Any, Tensor], CallOutcome | None]

# Exactly these classes, whose forward is known; a subclass may do anything. A weight that is no parameter is made by
# somebody, and how is to be seen.
LAYERS: dict[type, LayerRule] = {
    nn.Conv2d: conv2d_layer,
    nn.BatchNorm2d: batch_norm_layer,
    nn.Linear: linear_layer,
    **dict.fromkeys((nn.ReLU, nn.ReLU6, nn.SiLU, nn.Hardswish, nn.Hardsigmoid), activation_layer),
}
