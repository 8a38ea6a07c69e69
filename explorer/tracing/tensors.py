"""Tensors without numbers as they are handed about: which are given, where they lie, what `vmap` hides of them."""

import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from explorer.graph.graph import Shape

functorch: Any = vars(torch._C)["_functorch"]  # what `torch.vmap` and its like are made of
is_wrapped = functorch.is_functorch_wrapped_tensor


def mapped() -> bool:
    """Within `vmap` or its like, where tensors have more sides than they show."""
    return functorch.peek_interpreter_stack() is not None


def bare(tensor: Tensor) -> Tensor:
    """Out of the wrappers in which `vmap` and its like hand tensors on."""
    while is_wrapped(tensor):
        tensor = functorch.get_unwrapped(tensor)
    return tensor


def hidden_sides(tensor: Tensor) -> tuple[int, ...]:
    """Over which `vmap` maps, innermost first: its function sees none of them."""
    sides: tuple[int, ...] = ()
    while is_wrapped(tensor):
        inner = functorch.get_unwrapped(tensor)
        if functorch.is_batchedtensor(tensor):
            sides = *sides, inner.shape[functorch.maybe_get_bdim(tensor)]
        tensor = inner
    return sides


def memory_of(tensor: Tensor) -> int:
    """Equal for tensors that share memory, on `meta` too, where no memory has an address."""
    return (bare(tensor) if is_wrapped(tensor) else tensor).untyped_storage()._cdata


IN_PLACE = re.compile(r"\w*[^_]_|__setitem__|__i(add|sub|mul|div|truediv|floordiv|mod|pow|and|or|xor|lshift|rshift)__")


class Overwrites:
    """What was written into memory by way of one tensor while others lie in the same memory, which see it too."""

    def __init__(self) -> None:
        self.viewed: set[int] = set()  # memory in which several tensors lie
        self.writes: dict[int, list[tuple[int, Tensor]]] = {}  # the numbers of the nodes that wrote, by the memory

    def note(self, node: int, out: Tensor, known: bool, writes: bool) -> None:
        """`known`: the tensor itself was there before, not only its memory."""
        memory = memory_of(out)
        if not known:
            self.viewed.add(memory)
        if writes and memory in self.viewed:
            self.writes.setdefault(memory, []).append((node, out))

    def since(self, node: int, tensor: Tensor) -> Iterator[str]:
        """The nodes after this one that wrote into what the tensor holds."""
        for name, written in self.writes.get(memory_of(tensor), ()):
            if name > node and overlap(bare(tensor), bare(written)):
                yield str(name)


def overwrites_its_input(func: Any, kwargs: dict[str, Any]) -> bool:
    return named_in_place(func) or (bool(kwargs) and (bool(kwargs.get("inplace")) or "out" in kwargs))


@lru_cache(maxsize=4096)
def named_in_place(func: Any) -> bool:
    """As PyTorch names such functions: `add_`, `__iadd__`, `__setitem__`."""
    name = getattr(func, "__name__", "").partition(".")[0]  # of "relu_.default", an operator's overload, too
    return bool(IN_PLACE.fullmatch(name))


def overlap(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors of one memory have a number in common."""
    reaches = [sum((n - 1) * step for n, step in zip(each.shape, each.stride(), strict=True)) for each in (one, other)]
    starts = [each.storage_offset() for each in (one, other)]
    end = min(start + reach for start, reach in zip(starts, reaches, strict=True)) + 1
    if end <= max(starts):
        return False
    marks = torch.zeros(max(map(sum, zip(starts, reaches, strict=True))) + 1, dtype=torch.bool, device="cpu")
    marks.as_strided(one.shape, one.stride(), starts[0]).fill_(True)
    return bool(marks.as_strided(other.shape, other.stride(), starts[1]).any())


def image_shape(out: Tensor) -> Shape:
    """Without the batch of one, where it stands in front; windows folded into the batch stay, and what `vmap` hides."""
    shape = (*hidden_sides(out), *out.shape) if is_wrapped(out) else tuple(out.shape)
    return shape[1:] if shape[:1] == (1,) else shape


def move_to_meta(tree: Any) -> Any:
    """Constants that a forward makes on the CPU go where the network is."""
    if isinstance(tree, Tensor):
        return tree if tree.is_meta else tree.to("meta")
    if isinstance(tree, dict):
        return {key: move_to_meta(value) for key, value in tree.items()}
    return type(tree)(map(move_to_meta, tree)) if type(tree) in (tuple, list) else tree


def named_tensors(name: str, tree: Any) -> Iterator[tuple[str, Tensor]]:
    """All tensors in what a network gave back, by where they stand: "out", "0.boxes"."""
    if isinstance(tree, Tensor):
        yield name, tree
        return
    if isinstance(tree, dict):
        parts = tree.items()
    elif isinstance(tree, tuple | list):
        parts = zip(getattr(tree, "_fields", range(len(tree))), tree, strict=True)
    else:
        parts = vars(tree).items() if is_dataclass(tree) else ()
    for key, each in parts:
        yield from named_tensors(f"{name}.{key}" if name else str(key), each)


def collect(tree: tuple[Any, ...] | list[Any], into: list[Tensor]) -> None:
    """All tensors in nested tuples, lists and dicts, in order."""
    for leaf in tree:
        if isinstance(leaf, Tensor):
            into.append(leaf)
        elif isinstance(leaf, tuple | list):
            collect(leaf, into)
        elif isinstance(leaf, dict):
            collect(tuple(leaf.values()), into)


def tensors_of(tree: Any) -> list[Tensor]:
    found: list[Tensor] = []
    collect((tree,), found)
    return found
