"""What a network's `forward` takes: tensors by where they stand, with their shapes and types, but without numbers."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from explorer.formatting import join_words
from explorer.graph.graph import Shape

DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8", "bool", "complex64")
LARGEST = 2**40  # numbers in one tensor: far more than any machine holds, far less than what overflows
PLACED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
MANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
WRITTEN = re.compile(r"(?:(?P<name>[^=\[\]:]*)=)?(?P<open>\[?)(?P<sides>[\d,]*)(?P<close>\]?)(?::(?P<dtype>\w+))?")


@dataclass(frozen=True)
class Argument:
    """One tensor. Its name says where it stands: "image1" is a keyword, "0" a place among those without one, "images.0"
    and "batch.mask" lie in a list and in a dict; the only argument needs none."""

    name: str
    shape: Shape
    dtype: str = "float32"
    whole: bool = False  # the shape is all of it; else a batch of one stands in front

    @property
    def sides(self) -> Shape:
        return self.shape if self.whole else (1, *self.shape)

    @property
    def title(self) -> str:
        return self.name or "input"

    def tensor(self, device: str = "meta") -> Tensor:
        """Of zeros, but on `meta`, where it holds nothing."""
        make = torch.empty if device == "meta" else torch.zeros
        return make(self.sides, dtype=getattr(torch, self.dtype), device=device)


Inputs = tuple[Argument, ...]


def takes_picture(shape: Shape) -> bool:
    """Whether it is that of one picture, (C, H, W), in colour or grey; a batch of one may stand in front."""
    return len(shape) >= 3 and shape[-3] in (1, 3) and all(side == 1 for side in shape[:-3])


class Call(NamedTuple):
    """What `forward` is called with, in turn and by name."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def arguments_of(given: Any) -> Inputs:
    """From a shape without the batch, such as (3, 224, 224); from a tensor; or from a nest of these: a tuple holds what
    `forward` takes in turn, a dict what it takes by name, a list is one thing it takes.

    Raises `ValueError` for what is none of them.
    """
    if isinstance(given, tuple) and given and all(isinstance(each, Argument) for each in given):
        return given
    if is_shape(given) or isinstance(given, Tensor):
        return tuple(leaves("", given))
    if isinstance(given, Mapping):
        found = tuple(argument for name, each in given.items() for argument in leaves(str(name), each))
    else:
        parts = given if isinstance(given, tuple) else (given,)
        found = tuple(argument for place, each in enumerate(parts) for argument in leaves(str(place), each))
    if not found:
        raise ValueError(
            "A network is traced on tensors: give a shape such as (3, 224, 224), tensors, or a nest of them."
        )
    return found


def is_shape(thing: Any) -> bool:
    return isinstance(thing, tuple) and bool(thing) and all(isinstance(side, int) for side in thing)


def leaves(name: str, thing: Any) -> Iterator[Argument]:
    if isinstance(thing, Tensor):
        yield Argument(name, tuple(thing.shape), str(thing.dtype).removeprefix("torch."), True)
    elif is_shape(thing):
        yield Argument(name, tuple(thing))
    elif isinstance(thing, Mapping):
        for key, each in thing.items():
            yield from leaves(f"{name}.{key}", each)
    elif isinstance(thing, list | tuple):
        for place, each in enumerate(thing):
            yield from leaves(f"{name}.{place}", each)
    else:
        raise ValueError(
            f"{name or 'The input'} is of type {type(thing).__name__}: give shapes such as (3, 224, 224), or tensors."
        )


def arranged(inputs: Inputs, leaf: Callable[[Argument], Any]) -> Call:
    """The tensors, which `leaf` makes, each where it belongs."""
    nest: dict[str, Any] = {}
    for argument in inputs:
        *above, last = (argument.name or "0").split(".")
        inner = nest
        for part in above:
            inner = inner.setdefault(part, {})
        inner[last] = leaf(argument)
    nest = {name: as_list(each) for name, each in nest.items()}
    named = {name: each for name, each in nest.items() if not name.isdigit()}
    return Call(tuple(each for name, each in nest.items() if name.isdigit()), named)


def called_with(inputs: Inputs, device: str) -> Call:
    return arranged(inputs, lambda argument: argument.tensor(device))


def placed(model: nn.Module, call: Call) -> Call:
    """The same without names. Raises `ValueError` where `forward` takes some by name only."""
    signature = signature_of(model)
    bound = signature.bind(*call.args, **call.kwargs) if signature else None
    if bound is None or bound.kwargs:
        raise ValueError("what it takes by name cannot be handed over in turn")
    return Call(bound.args, {})


def as_list(thing: Any) -> Any:
    """A dict whose keys are places is a list."""
    if not isinstance(thing, dict):
        return thing
    inside = {name: as_list(each) for name, each in thing.items()}
    return list(inside.values()) if all(name.isdigit() for name in inside) else inside


def parse_argument(text: str) -> Argument:
    """From "3,224,224", "tokens=16:int64", or "mask=[16,16]:bool", where no batch is put in front.

    Raises `ValueError` with a sentence.
    """
    found = WRITTEN.fullmatch(text.replace(" ", ""))
    sides = found["sides"].split(",") if found and found["sides"] else []
    if not found or not (sides or found["open"]) or not all(sides) or len(found["open"]) != len(found["close"]):
        raise ValueError(
            f"--input {text} is no shape: give whole numbers, as in 3,224,224, with a name where there are several "
            "arguments, as in image1=3,128,128, and a type where they are no floats, as in tokens=16:int64."
        )
    shape, dtype, name = tuple(map(int, sides)), found["dtype"] or "float32", found["name"] or ""
    if dtype not in DTYPES:
        raise ValueError(f"--input {text} has no type “{dtype[:20]}”: choose {', '.join(DTYPES)}.")
    if name and not all(part.isidentifier() or part.isdigit() for part in name.split(".")):
        raise ValueError(f"--input {text} has no name that an argument can have: write it as in image1=3,128,128.")
    check_size(name, shape)
    return Argument(name, shape, dtype, bool(found["open"]))


def check_size(name: str, shape: Shape) -> None:
    size = 1
    for side in shape:
        size *= side
    if not 0 < size <= LARGEST:
        sides = "×".join(map(str, shape))
        raise ValueError(
            f"--input {name or 'of'} {sides} holds {'nothing' if not size else 'too much'}: give other sides."
        )


def parse_arguments(texts: Iterable[str]) -> Inputs:
    """Raises `ValueError` with a sentence, also where two have one name."""
    inputs = tuple(map(parse_argument, texts))
    names = [argument.name for argument in inputs]
    if (
        len(inputs) > 1
        and (twice := next((name for name in names if not name or names.count(name) > 1), None)) is not None
    ):
        why = f"two are called {twice}" if twice else "one has no name"
        raise ValueError(f"Of several --input {why}: write each as in image1=3,128,128.")
    return inputs


def spell_argument(argument: Argument) -> str:
    """As one writes it after --input."""
    sides = ",".join(map(str, argument.shape))
    name = f"{argument.name}=" if argument.name else ""
    return (
        name
        + (f"[{sides}]" if argument.whole else sides)
        + (f":{argument.dtype}" if argument.dtype != "float32" else "")
    )


def signature_of(model: nn.Module) -> inspect.Signature | None:
    """Of its `forward`; None where nobody can say."""
    try:
        return inspect.signature(model.forward)
    except (ValueError, TypeError):
        return None


def argument_titles(model: nn.Module, inputs: Inputs) -> dict[str, str]:
    """What each input is called by its name: a place by what `forward` calls it."""
    signature = signature_of(model)
    called = [each.name for each in signature.parameters.values() if each.kind in PLACED] if signature else []
    titles = {}
    for argument in inputs:
        place, dot, rest = argument.name.partition(".")
        known = place.isdigit() and int(place) < len(called)
        titles[argument.name] = f"{called[int(place)] if known else place}{dot}{rest}" or "input"
    return titles


def check_call(model: nn.Module, call: Call) -> None:
    """Raises `ValueError` with a sentence where `forward` does not take what it is given."""
    if signature := signature_of(model):
        try:
            signature.bind(*call.args, **call.kwargs)
        except TypeError as error:
            raise ValueError(mismatch(signature, call)) from error


def mismatch(signature: inspect.Signature, call: Call) -> str:
    """What `forward` takes, and what of it is missing or too much."""
    parameters = [each for each in signature.parameters.values() if each.kind not in MANY]
    named = [each.name for each in parameters]
    needed = [each.name for each in parameters if each.default is each.empty]
    wanted = [name for name in named if name not in needed]
    takes = (join_words(needed) or "nothing") + (f" and, if wanted, {join_words(wanted)}" if wanted else "")
    given = {*named[: len(call.args)], *call.kwargs}
    faults = [f"{name} is missing" for name in needed if name not in given]
    faults += [f"{name} is none of them" for name in call.kwargs if name not in named]
    faults = faults or [f"{len(call.args) + len(call.kwargs)} were given"]
    example = " ".join(f"--input {name}=3,128,128" for name in needed)
    return f"its forward() takes {takes}, and {join_words(faults)}: give each by its name, as in {example}"
