"""Tensors without numbers as they are handed about: which are given, which are weights, what `vmap` hides of them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from explorer.graph.graph import Shape
from explorer.models.meta_init import unregistered_tensors

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

    def makers(self, latest: str, tensor: Tensor) -> Iterator[str]:
        """The nodes that wrote what the tensor holds, of which no more is known than the `latest` in its memory."""
        yield from self.since(0, tensor)
        if all(str(name) != latest for name, _ in self.writes.get(memory_of(tensor), ())):
            yield latest


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


def move_to_meta(tree: Any, moved: dict[int, tuple[Tensor, Tensor]]) -> Any:
    """Tensors that a forward makes on the CPU go where the network is; `moved`: those that went, by id, and what stands
    for each from then on, so that what is written into one is found in it again."""
    if isinstance(tree, Tensor):
        if not tree.is_meta and id(tree) not in moved:
            moved[id(tree)] = tree, tree.to("meta")
        return tree if tree.is_meta else moved[id(tree)][1]
    if isinstance(tree, dict):
        return {key: move_to_meta(value, moved) for key, value in tree.items()}
    return type(tree)(move_to_meta(each, moved) for each in tree) if type(tree) in (tuple, list) else tree


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


UNREGISTERED = "not registered: `parameters()` misses them, so an optimiser will too"
MADE_INSIDE = "made inside forward(): an optimiser that was made before will miss them"
SEARCHES = 32  # through all attributes, at most: each looks at every module


class Weights:
    """Names by the ids of the tensors."""

    def __init__(self, modules: list[tuple[str, nn.Module]], twins: dict[int, Tensor]) -> None:
        self.modules = modules
        self.names = dict(parameter_names(modules))
        self.twins = twins  # the weight here that stands for one of the module handed in, which a closure may read
        self.made: dict[int, Tensor] = {}  # what was made of nothing during the run, by its memory
        self.strange: dict[int, tuple[Tensor, str]] = {}  # read though nobody registered it, with a sentence
        self.numbers, self.searches = count(1), 0
        self.attributes: dict[int, str] = {}

    def known(self, tensor: Tensor) -> Tensor | None:
        """The weight that a tensor no module holds is, from now on by a name; None for what is not learned."""
        if (twin := self.twins.get(id(tensor))) is not None:
            return twin
        if not (tensor.requires_grad and tensor.is_leaf):
            return None
        why = MADE_INSIDE if memory_of(tensor) in self.made else UNREGISTERED
        self.names[id(tensor)] = ""  # a constructor reads a weight before anybody keeps it
        self.strange[id(tensor)] = tensor, why
        return tensor

    def unread(self, counted: set[int]) -> tuple[tuple[str, int], ...]:
        """The parameters that the pass did not reach, with their sizes; `counted` are the ids of those it did."""
        parameters = {id(p): p for _, module in self.modules for p in module._parameters.values() if p is not None}
        unread = ((name, parameters.get(key)) for key, name in self.names.items() if key not in counted)
        return tuple(
            (name, parameter.numel()) for name, parameter in unread if not (parameter is None or is_lazy(parameter))
        )

    def attribute_name(self, tensor: Tensor) -> str:
        """Where a module keeps it without having registered it; a number where none does, as in a closure."""
        if id(tensor) not in self.attributes and self.searches < SEARCHES:
            self.searches += 1
            late = self.modules[0][1].named_parameters()  # those of modules hung in during the run are among them
            found = (*unregistered_tensors(self.modules), *late)
            self.attributes = {id(tensor): name for name, tensor in found}
        return self.attributes.get(id(tensor)) or f"unnamed {next(self.numbers)}"

    def note(self, keys: Iterable[int]) -> str:
        """A sentence on those among these weights that nobody registered; empty where all are."""
        found: dict[str, int] = {}
        for key in keys:
            if key in self.strange:
                tensor, why = self.strange[key]
                self.names[key] = self.names[key] or self.attribute_name(tensor)
                found[why] = found.get(why, 0) + tensor.numel()
        return "; ".join(f"{size:,} parameters {why}" for why, size in found.items())


def parameter_names(modules: list[tuple[str, nn.Module]]) -> Iterator[tuple[int, str]]:
    """Each parameter's id and its full name; of a shared one, the first."""
    seen: set[int] = set()
    for path, module in modules:
        for name, parameter in module._parameters.items():
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                yield id(parameter), f"{path}.{name}" if path else name
