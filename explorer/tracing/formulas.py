"""What pooling and attention come down to; the multiply-adds of operators that torch's own counter has no formula for,
and which have some though nobody knows how many."""

import re
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from torch import Tensor

from explorer.tracing.op_attributes import Shape, pair


def per_output(weight: int) -> Callable[..., int]:
    """Every number put out costs one multiply-add per weight of its filter; `weight` is where that argument stands."""
    return lambda out, *args: out.numel() * prod(args[weight].shape[1:])


def matrix_vector(out: Tensor, matrix: Tensor, *args: Any) -> int:
    return matrix.numel()


def trilinear(out: Tensor, left: Tensor, weight: Tensor, right: Tensor, *args: Any) -> int:
    """(N, K) and (M, K, L) and (N, L) → (N, M), as `nn.Bilinear` asks for it: first over L, then over K. Elsewhere each
    term is a product of three, of which one is a multiply-add."""
    return out.numel() * weight.shape[-2] * (weight.shape[-1] + 1)


def attention_products(queries: Sequence[int], source: int, values: int) -> tuple[tuple[int, int, int, int], ...]:
    """(b, m, k, n), b products of m×k by k×n: for the scores of `queries` (..., L, E), and for the mixing."""
    *front, length, width = queries
    heads = prod(front)
    return (heads, length, width, source), (heads, length, source, values)


def pooled(
    x: Shape,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Shape:
    """(N, C, H, W) → (N, C, H', W'); empty where torch should decide."""
    sides = zip(x[2:], *map(pair, (kernel_size, stride or kernel_size, padding, dilation)), strict=True)
    shape = *x[:2], *(windows(n, window, ceil_mode) for n, *window in sides)
    return () if return_indices or min(shape) < 1 else shape


def windows(n: int, window: Sequence[int], up: bool) -> int:
    """How many windows fit on n numbers, in the order of `torch.nn.MaxPool2d`'s formula; 0 where torch refuses."""
    kernel, step, padding, dilation = window
    if kernel < 1 or step < 1 or dilation < 1 or not 0 <= padding <= kernel // 2:
        return 0
    room = n + 2 * padding - dilation * (kernel - 1) - 1
    found = (room + (step - 1 if up else 0)) // step + 1
    return found - 1 if up and (found - 1) * step >= n + padding else found  # none begins in the far padding


FORMULAS: dict[str, Callable[..., int]] = {
    "aten::mv": matrix_vector,
    "aten::addmv": lambda out, given, matrix, *args: matrix.numel(),
    "aten::dot": matrix_vector,
    "aten::vdot": matrix_vector,
    "aten::_trilinear": trilinear,
    "torchvision::deform_conv2d": per_output(1),
}
# PyTorch's operators that multiply matrices inside; norms and cross products of vectors do not.
HEAVY = re.compile(
    r"aten::_?(linalg_(?!vector_norm|cross|diagonal|check_errors)|fft_|cdist|cholesky|lu_|triangular_solve|ormqr|geqrf|lstsq|"
    r"cudnn_rnn|miopen|mkldnn_|transformer_encoder|native_multi_head|int_mm|grouped_mm|scaled_grouped|weight_int|"
    r"sparse_|addmm_activation|slow_conv|conv_depthwise|scaled_dot_product|flex|segment_matmul)"
)
WITHOUT_PRODUCTS = ("aten", "prim", "prims", "torchvision")  # but for those above


def operator_macs(operator: str, out: Any, args: tuple[Any, ...]) -> tuple[int, str]:
    """The multiply-adds of one call of an operator, as "aten::mv"; where they are not known, why not."""
    if formula := FORMULAS.get(operator):
        return formula(out, *args), ""
    if HEAVY.match(operator):
        return 0, f"no formula for the multiply-adds of {operator.partition('::')[2]} is known"
    if operator.partition("::")[0] not in WITHOUT_PRODUCTS:
        return 0, f"{operator} is an operator of another library: what it multiplies is not seen"
    return 0, ""
