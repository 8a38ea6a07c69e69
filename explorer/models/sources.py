"""Where networks come from: ours, torchvision's, timm's, and the user's own."""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from operator import attrgetter
from typing import Any

from torch import nn

from explorer.graph.graph import Graph, Shape
from explorer.models.constructor_options import Option, options_of
from explorer.models.inputs import Argument, Inputs
from explorer.models.torchvision_tasks import build_task, task_inputs, task_label, task_names, task_options
from model_defs import CATALOG
from model_defs.architecture import Span

Settings = dict[str, Any]
LONGEST_SIDE = 4096
CLASSIFIERS = ("model_defs", "torchvision", "timm")  # the sources of what takes one image and tells its class


@dataclass(frozen=True)
class ModelSource:
    title: str
    present: Callable[[], bool]  # at once, without importing a library
    names: Callable[[], tuple[str, ...]]
    options: Callable[[str], tuple[Option, ...]]
    build: Callable[[str, Settings], nn.Module]
    inputs: Callable[[str, Settings, nn.Module], Shape | Inputs]
    graph: Callable[[str], Graph | None] = lambda name: None  # where the module itself lives in another program
    label: Callable[[str], str] = str  # what a name is called in a list


@lru_cache(maxsize=64)
def own_options(name: str) -> tuple[Option, ...]:
    return options_of(CATALOG[name].build)


def image_options(size: int) -> tuple[Option, ...]:
    """What every network of a library can be asked for."""
    return (
        Option("num_classes", 1000, span=Span(1, 1000)),
        Option("image_size", size, span=Span(1, 1024)),
    )


def image(settings: Settings, size: int) -> Shape:
    side = settings.get("image_size", size)
    return 3, side, side


@lru_cache(maxsize=1)
def torchvision_names() -> tuple[str, ...]:
    import torchvision.models  # a second and a half, for those who ask: the workers train other networks

    return tuple(torchvision.models.list_models(module=torchvision.models))


@lru_cache(maxsize=128)
def torchvision_size(name: str) -> int:
    """The crop its first weights were evaluated at."""
    import torchvision.models

    return crop_of(next(iter(torchvision.models.get_model_weights(name))))


def crop_of(weights: Any) -> int:
    return weights.transforms.keywords["crop_size"]


def build_torchvision(name: str, settings: Settings) -> nn.Module:
    import torchvision.models

    builder = torchvision.models.get_model_builder(name)
    given: Settings = {"weights": None, "num_classes": settings.get("num_classes", 1000)}
    if name in ("googlenet", "inception_v3"):
        given["init_weights"] = False  # seconds of truncated normals otherwise
    if name.startswith("vit_"):
        given["image_size"] = settings.get("image_size", torchvision_size(name))
        patch = int(name.split("_")[2])
        if given["image_size"] % patch:
            raise ValueError(f"{name} cuts the image into patches of {patch} pixels: choose a multiple of {patch}.")
    return builder(**given)


@lru_cache(maxsize=1)
def timm_names() -> tuple[str, ...]:
    if find_spec("timm") is None:
        return ()
    import timm

    return tuple(timm.list_models())


@lru_cache(maxsize=4096)
def timm_shape(name: str) -> Shape:
    import timm.models

    config = timm.models.get_pretrained_cfg(name)
    return tuple(config.input_size) if config else (3, 224, 224)


def build_timm(name: str, settings: Settings) -> nn.Module:
    import timm

    return timm.create_model(name, pretrained=False, num_classes=settings.get("num_classes", 1000))


@dataclass(frozen=True)
class Own:
    """A network of the user's own: made by code that the user names, or handed over as a graph."""

    inputs: Inputs
    make: Callable[[], Any] | None = None
    python: str = ""  # the lines that make it
    graph: Graph | None = None  # in place of `make`, where the module lives in another program


def sides_option(argument: Argument) -> Option:
    """An own network can be given other sides; what goes in otherwise stays as it was named."""
    return Option(argument.title, argument.shape, span=Span(1, LONGEST_SIDE), length=len(argument.shape))


def resized(argument: Argument, settings: Settings) -> Argument:
    return replace(argument, shape=settings.get(argument.title, argument.shape))


OWN: dict[str, Own] = {}  # filled once, when the app starts


def named_model(name: str, inputs: Inputs) -> Own:
    """What `package.module:factory` names: a function or a class to call without arguments, or a module as it is.

    Raises `ValueError` with a sentence where there is no such thing.
    """
    module, colon, path = name.partition(":")
    if not (module and colon and path):
        raise ValueError(f"--model {name} lacks a part: give it as package.module:factory.")
    thing = attribute(imported(module), path, name)
    first = path.partition(".")[0]
    if isinstance(thing, nn.Module):
        return Own(inputs, lambda: thing, f"from {module} import {first}\n\nmodel = {path}\n")
    if not callable(thing):
        raise ValueError(f"{name} is of type {type(thing).__name__}: name a function that returns a torch.nn.Module.")
    if wanted := required(thing):
        raise ValueError(f"{name} needs arguments ({', '.join(wanted)}): name a function that takes none.")
    return Own(inputs, thing, f"from {module} import {first}\n\nmodel = {path}()\n")


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


SOURCES: dict[str, ModelSource] = {
    "model_defs": ModelSource(
        title="Lesson",
        present=lambda: True,
        names=lambda: tuple(CATALOG),
        options=own_options,
        build=lambda name, settings: CATALOG[name].build(**settings),
        inputs=lambda name, settings, model: model.input_shape,  # pyright: ignore
        label=lambda name: f"{name} · {CATALOG[name].year}",
    ),
    "torchvision": ModelSource(
        title="torchvision",
        present=lambda: True,
        names=torchvision_names,
        options=lambda name: image_options(torchvision_size(name)),
        build=build_torchvision,
        inputs=lambda name, settings, model: image(settings, torchvision_size(name)),
    ),
    "timm": ModelSource(
        title="timm",
        present=lambda: find_spec("timm") is not None,
        names=timm_names,
        options=lambda name: image_options(timm_shape(name)[-1]),
        build=build_timm,
        inputs=lambda name, settings, model: image(settings, 0) if "image_size" in settings else timm_shape(name),
    ),
    "tasks": ModelSource(
        title="Other tasks",
        present=lambda: True,
        names=task_names,
        options=task_options,
        build=build_task,
        inputs=lambda name, settings, model: task_inputs(name, settings),
        label=task_label,
    ),
    "own": ModelSource(
        title="Your own",
        present=lambda: bool(OWN),
        names=lambda: tuple(OWN),
        options=lambda name: () if OWN[name].graph else tuple(map(sides_option, OWN[name].inputs)),
        build=lambda name, settings: build_own(name),
        inputs=lambda name, settings, model: tuple(resized(each, settings) for each in OWN[name].inputs),
        graph=lambda name: OWN[name].graph,
    ),
}
