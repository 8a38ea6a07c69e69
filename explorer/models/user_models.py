"""Networks of the user's own: made by code that the user names, or handed over as a graph."""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from torch import nn

from explorer.graph.graph import Graph, Shape


@dataclass(frozen=True)
class Own:
    shape: Shape  # of one input, without the batch
    make: Callable[[], Any] | None = None
    python: str = ""  # the lines that make it
    graph: Graph | None = None  # in place of `make`, where the module lives in another program


OWN: dict[str, Own] = {}  # filled once, when the app starts


def named_model(name: str, shape: Shape) -> Own:
    """What `package.module:factory` names: a function or a class to call without arguments, or a module as it is.

    Raises `ValueError` with a sentence where there is no such thing.
    """
    module, colon, path = name.partition(":")
    if not (module and colon and path):
        raise ValueError(f"--model {name} lacks a part: give it as package.module:factory.")
    thing = attribute(imported(module), path, name)
    first = path.partition(".")[0]
    if isinstance(thing, nn.Module):
        return Own(shape, lambda: thing, f"from {module} import {first}\n\nmodel = {path}\n")
    if not callable(thing):
        raise ValueError(f"{name} is of type {type(thing).__name__}: name a function that returns a torch.nn.Module.")
    if wanted := required(thing):
        raise ValueError(f"{name} needs arguments ({', '.join(wanted)}): name a function that takes none.")
    return Own(shape, thing, f"from {module} import {first}\n\nmodel = {path}()\n")


def imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:  # their code may raise anything
        if isinstance(error, ModuleNotFoundError) and error.name and f"{module}.".startswith(f"{error.name}."):
            raise ValueError(
                f"There is no module “{error.name}”: start the app in the folder it lies in, "
                "and give --model as package.module:factory."
            ) from error
        raise ValueError(f"{module} cannot be imported: {error_line(error)}") from error


def attribute(module: Any, path: str, name: str) -> Any:
    try:
        return attrgetter(path)(module)
    except AttributeError as error:
        raise ValueError(f"{name} does not exist: {module.__name__} has no “{path}”.") from error


def required(make: Callable[..., Any]) -> list[str]:
    """The arguments that it cannot be called without."""
    try:
        parameters = inspect.signature(make).parameters.values()
    except ValueError:  # written in C, without a signature
        return []
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in parameters if p.default is p.empty and p.kind not in optional]


def build_own(name: str) -> nn.Module:
    """A module made anew, unless the user named one that exists already."""
    make = OWN[name].make
    if make is None:
        raise ValueError(f"{name} lives in the program that showed it: only its graph is here.")
    try:
        model = make()
    except (Exception, SystemExit) as error:  # not as a ValueError, for what fails on `meta` is tried again in memory
        raise RuntimeError(f"it raised {error_line(error)}") from error
    if not isinstance(model, nn.Module):
        raise ValueError(f"{name} returned {type(model).__name__}: it must return a torch.nn.Module.")
    return model


def error_line(error: BaseException) -> str:
    """The first line of an error, as a sentence's end."""
    said = (str(error).strip().splitlines() or [""])[0].rstrip(".")
    return f"{type(error).__name__}: {said}." if said else f"{type(error).__name__}."
