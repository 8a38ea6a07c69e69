"""The settings of a call, by the names that PyTorch's layers give them."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

Shape = tuple[int, ...]
Settings = tuple[tuple[str, Any], ...]

POOL = ("kernel_size", "stride", "padding", "dilation")
SETTINGS: dict[Any, tuple[str, ...]] = {  # what the positional arguments after the input are called
    F.max_pool2d: POOL,
    torch.max_pool2d: POOL,
    F.avg_pool2d: POOL[:3],
    F.adaptive_avg_pool2d: ("output_size",),
    F.adaptive_max_pool2d: ("output_size",),
    F.dropout: ("p",),
    F.group_norm: ("num_groups",),
    F.layer_norm: ("normalized_shape",),
    F.softmax: ("dim",),
    torch.cat: ("dim",),
    torch.flatten: ("start_dim", "end_dim"),
    Tensor.mean: ("dim",),
    torch.mean: ("dim",),
}
CONVOLUTIONS = (torch.conv1d, torch.conv3d, torch.conv2d)
TRANSPOSED = (torch.conv_transpose1d, torch.conv_transpose2d, torch.conv_transpose3d)


def settings_of(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Settings:
    """The arguments that a reader would ask for, by the names PyTorch's layers use."""
    if func in CONVOLUTIONS:
        return convolution_arguments(*args, **kwargs)
    if func in TRANSPOSED:
        return transposed_arguments(*args, **kwargs)
    if func is F.linear:
        return linear_arguments(*args, **kwargs)
    if func is F.batch_norm:
        return (("num_features", args[0].shape[1]),)
    if getattr(func, "_qualified_op_name", "") == "torchvision::deform_conv2d":
        return deformable_arguments(*args)
    names = SETTINGS.get(func, ())
    given = dict(zip(names, args[1:], strict=False)) | {name: kwargs[name] for name in names if name in kwargs}
    if "kernel_size" in given:
        given["stride"] = given.get("stride") or given["kernel_size"]
        given = {name: pair(value) for name, value in given.items()}
    return tuple((name, tuple(value) if isinstance(value, list | tuple) else value) for name, value in given.items())


def linear_arguments(x: Tensor, weight: Tensor, bias: Any = None) -> Settings:
    return ("in_features", weight.shape[1]), ("out_features", weight.shape[0]), ("bias", bias is not None)


def convolution_arguments(
    x: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Settings:
    dilations = pair(dilation, weight.ndim - 2)
    if isinstance(padding, str):  # "same" pads half the reach of the filter, "valid" nothing
        reach = zip(weight.shape[2:], dilations, strict=True)
        padding = tuple((k - 1) * d // 2 if padding == "same" else 0 for k, d in reach)
    return conv_settings(tuple(weight.shape), bias is not None, stride, padding, dilation, groups)


def transposed_arguments(
    x: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
    groups: int = 1, dilation: Any = 1,
) -> Settings:  # fmt: skip
    settings = dict(conv_settings(tuple(weight.shape), bias is not None, stride, padding, dilation, groups))
    settings |= {"in_channels": weight.shape[0], "out_channels": weight.shape[1] * groups, "transposed": True}
    return tuple(settings.items())


def deformable_arguments(x: Tensor, weight: Tensor, *rest: Any) -> Settings:
    """After an offset, a mask and a bias come stride, padding and dilation as two numbers each, then the groups."""
    numbers = rest[3:]
    return conv_settings(tuple(weight.shape), True, numbers[:2], numbers[2:4], numbers[4:6], numbers[6])


def conv_settings(weight: Shape, bias: bool, stride: Any, padding: Any, dilation: Any, groups: int) -> Settings:
    dims = len(weight) - 2
    return (
        ("in_channels", weight[1] * groups),
        ("out_channels", weight[0]),
        ("kernel_size", tuple(weight[2:])),
        ("stride", pair(stride, dims)),
        ("padding", pair(padding, dims)),
        ("dilation", pair(dilation, dims)),
        ("groups", groups),
        ("bias", bias),
    )


def pair(value: Any, dims: int = 2) -> tuple[int, ...]:
    """One number for all sides, or one for each."""
    return tuple(value) * (dims if len(value) == 1 else 1) if isinstance(value, tuple | list) else (value,) * dims


def function_name(func: Any) -> str:
    """The name of a torch function, of an operator ("add") or of a property ("T")."""
    name = getattr(func, "__name__", type(func).__name__)
    if name == "__get__":
        name = getattr(func.__self__, "__name__", name)
    return name.partition(".")[0].strip("_")  # of "relu_.default", an operator's overload, too
