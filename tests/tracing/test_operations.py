"""Each closed form says what torch's meta kernel says: shapes, types, layout, and whose memory it is."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from explorer.tracing.operations import LAYERS, SHORTCUTS

TIMES = 150  # random arguments for each
Call = tuple[tuple[Any, ...], dict[str, Any]]
Chance = random.Random


def tensor(chance: Chance, *shape: int, dtype: torch.dtype | None = None) -> Tensor:
    """Now and then laid out in memory in another way."""
    x = torch.empty(shape, device="meta", dtype=dtype or chance.choice((torch.float32, torch.float16)))
    if len(shape) > 1 and chance.random() < 0.2:
        first, second = chance.sample(range(len(shape)), 2)
        return x.transpose(first, second)
    return x


def image(chance: Chance) -> Tensor:
    return tensor(chance, chance.randint(1, 3), 4 * chance.randint(1, 6), chance.randint(1, 20), chance.randint(1, 20))


def sides(chance: Chance, least: int, most: int) -> int | tuple[int, int]:
    return chance.choice((chance.randint(least, most), (chance.randint(least, most), chance.randint(least, most))))


def convolution(chance: Chance) -> Call:
    x, groups = image(chance), chance.choice((1, 1, 2, 4))
    inputs = x.shape[1] // groups if x.shape[1] % groups == 0 and chance.random() < 0.95 else x.shape[1] + 1
    weight = tensor(chance, 4 * chance.randint(1, 5), inputs, chance.randint(1, 5), chance.randint(1, 5), dtype=x.dtype)
    bias = torch.empty(weight.shape[0], device="meta", dtype=x.dtype) if chance.random() < 0.5 else None
    padding = chance.choice((sides(chance, 0, 3), sides(chance, 0, 3), "valid"))
    return (x, weight, bias, sides(chance, 1, 3), padding, sides(chance, 1, 2), groups), {}


def batch_norm(chance: Chance) -> Call:
    x = image(chance)
    mean, var, weight, bias = (torch.empty(x.shape[1], device="meta", dtype=x.dtype) for _ in range(4))
    return (x, mean, var), {"weight": weight, "bias": bias, "training": chance.random() < 0.1}


def layer_norm(chance: Chance) -> Call:
    x = image(chance)
    shape = tuple(x.shape[chance.randint(1, 3) :])
    return (x, shape), {"weight": torch.empty(shape, device="meta", dtype=x.dtype)}


def linear(chance: Chance) -> Call:
    x = tensor(chance, *(chance.randint(1, 9) for _ in range(chance.randint(1, 4))))
    weight = tensor(chance, chance.randint(1, 12), x.shape[-1], dtype=x.dtype)
    return (x, weight), {"bias": torch.empty(weight.shape[0], device="meta", dtype=x.dtype)}


def attention(chance: Chance) -> Call:
    front = [chance.randint(1, 3) for _ in range(chance.randint(1, 2))]
    length, source, width, values = (chance.randint(1, 9) for _ in range(4))
    values = width if chance.random() < 0.5 else values
    dtype = chance.choice((torch.float32, torch.float16))
    shapes = ((length, width), (source, width), (source, values))
    return tuple(torch.empty(*front, *shape, device="meta", dtype=dtype) for shape in shapes), {}


def attention_layer(chance: Chance) -> Call:
    """Of `nn.MultiheadAttention`; now and then something is asked for that it does otherwise."""
    heads, head = chance.randint(1, 4), chance.randint(1, 5)
    width, length, batch = heads * head, chance.randint(1, 9), chance.randint(1, 3)
    numbers = {"device": "meta", "dtype": chance.choice((torch.float32, torch.float16))}
    x = torch.empty(length, batch, width, **numbers)
    other = torch.empty_like(x) if chance.random() < 0.1 else x
    weights = torch.empty(3 * width, width, **numbers), torch.empty(3 * width, **numbers)
    more = None if chance.random() < 0.9 else torch.empty(1, 1, width, **numbers)
    outer = torch.empty(width, width, **numbers), torch.empty(width, **numbers)
    mask = torch.empty(length, length, **numbers) if chance.random() < 0.1 else None
    asked = {"training": False, "need_weights": chance.random() < 0.2, "attn_mask": mask}
    return (x, other, x, width, heads, *weights, more, more, chance.random() < 0.1, 0.0, *outer), asked


def alone(chance: Chance) -> Call:
    return (image(chance),), {}


def perhaps_in_place(chance: Chance) -> Call:
    return (image(chance),), {"inplace": chance.random() < 0.5}


def two(chance: Chance) -> Call:
    """Of one shape, or such that one is stretched, or such that they do not go together."""
    x = image(chance)
    shape = [side if chance.random() < 0.7 else 1 for side in x.shape]
    other = chance.choice((tuple(x.shape), tuple(shape), tuple(shape[1:]), (1, shape[1] + 1, 1, 1)))
    return (x, tensor(chance, *other, dtype=chance.choice((x.dtype, x.dtype, torch.float64)))), {}


def average(chance: Chance) -> Call:
    return (image(chance), chance.choice((1, (1, 1), 2, (3, 1)))), {}


def pooling(chance: Chance) -> Call:
    names = {
        "stride": chance.choice((None, sides(chance, 1, 3))),
        "padding": sides(chance, 0, 2),
        "dilation": sides(chance, 1, 2),
        "ceil_mode": chance.random() < 0.5,
    }
    return (image(chance), sides(chance, 1, 5)), names


ARGUMENTS: dict[Any, Callable[[Chance], Call]] = {
    torch.conv2d: convolution,
    F.batch_norm: batch_norm,
    F.layer_norm: layer_norm,
    F.linear: linear,
    F.scaled_dot_product_attention: attention,
    F.multi_head_attention_forward: attention_layer,
    F.adaptive_avg_pool2d: average,
    **dict.fromkeys((F.max_pool2d, torch.max_pool2d), pooling),
    **dict.fromkeys((F.relu, F.relu6, F.silu, F.hardswish, F.hardsigmoid), perhaps_in_place),
    **dict.fromkeys((F.gelu, torch.relu, torch.sigmoid, torch.tanh), alone),
}


def calls(seed: int, arguments: Callable[[Chance], Call]) -> Iterator[Call]:
    chance = Chance(seed)
    return (arguments(chance) for _ in range(TIMES))


def known(x: Tensor) -> tuple[Any, ...]:
    """The step along a side of one means nothing."""
    steps = [step for side, step in zip(x.shape, x.stride(), strict=True) if side > 1]
    return x.shape, x.dtype, x.device, steps


def counted(work: Callable[[], Any]) -> tuple[Any, int]:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        out = work()
    return out, counter.get_total_flops() // 2


def check(form: Callable[[], Any], kernel: Callable[[], Any], given: Tensor) -> bool:
    """Whether it answered; what it answered must be the kernel's answer."""
    outcome = form()
    if outcome is None:
        return False
    out, macs = counted(kernel)
    outs = [each if isinstance(each, tuple) else (each,) for each in (outcome.out, out)]
    for ours, torchs in zip(*outs, strict=True):
        assert known(ours) == known(torchs) if isinstance(torchs, Tensor) else ours is torchs is None
    assert outcome.macs == macs
    assert (outcome.out is given) == (out is given) == (not outcome.fresh)
    return True


@pytest.mark.parametrize("func", SHORTCUTS, ids=lambda func: func.__qualname__)
def test_a_function_answers_as_its_meta_kernel(func: Any) -> None:
    answered = 0
    for args, kwargs in calls(0, ARGUMENTS.get(func, two)):
        answered += check(lambda: SHORTCUTS[func](*args, **kwargs), lambda: func(*args, **kwargs), args[0])  # noqa: B023
    assert answered > TIMES // 5


def layer(kind: type, chance: Chance, x: Tensor) -> nn.Module:
    channels = x.shape[1]
    if kind is nn.Conv2d:
        window: dict[str, Any] = {
            "stride": sides(chance, 1, 3),
            "padding": sides(chance, 0, 3),
            "dilation": sides(chance, 1, 2),
        }
        groups, mode = (
            chance.choice([count for count in (1, 2, 4) if channels % count == 0]),
            chance.choice(("zeros", "zeros", "circular")),
        )
        return nn.Conv2d(channels, 8, chance.randint(1, 4), groups=groups, padding_mode=mode, **window)
    if kind is nn.BatchNorm2d:
        return nn.BatchNorm2d(channels, track_running_stats=chance.random() < 0.8)
    if kind is nn.Linear:
        return nn.Linear(x.shape[-1], chance.randint(1, 9), bias=chance.random() < 0.5)
    return kind(inplace=True) if chance.random() < 0.5 else kind()


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_a_layer_answers_as_its_forward_on_meta(kind: type) -> None:
    chance, answered = Chance(0), 0
    for _ in range(TIMES):
        x = image(chance).float()
        with torch.device("meta"):
            module = layer(kind, chance, x).eval()
        answered += check(lambda: LAYERS[kind](module, x), lambda: module(x), x)  # noqa: B023
    assert answered > TIMES // 5
