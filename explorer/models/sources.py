"""Where networks come from: ours, torchvision's, timm's, and the user's own."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from torch import nn

from explorer.graph.graph import Graph, Shape
from explorer.models.constructor_options import Option, options_of
from explorer.models.user_models import OWN, build_own
from model_defs import CATALOG
from model_defs.architecture import Span

Settings = dict[str, Any]


@dataclass(frozen=True)
class ModelSource:
    title: str
    present: Callable[[], bool]  # at once, without importing a library
    names: Callable[[], tuple[str, ...]]
    options: Callable[[str], tuple[Option, ...]]
    build: Callable[[str, Settings], nn.Module]
    input_shape: Callable[[str, Settings, nn.Module], Shape]
    graph: Callable[[str], Graph | None] = lambda name: None  # where the module itself lives in another program


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


SOURCES: dict[str, ModelSource] = {
    "model_defs": ModelSource(
        title="Lesson",
        present=lambda: True,
        names=lambda: tuple(CATALOG),
        options=own_options,
        build=lambda name, settings: CATALOG[name].build(**settings),
        input_shape=lambda name, settings, model: model.input_shape,  # pyright: ignore
    ),
    "torchvision": ModelSource(
        title="torchvision",
        present=lambda: True,
        names=torchvision_names,
        options=lambda name: image_options(torchvision_size(name)),
        build=build_torchvision,
        input_shape=lambda name, settings, model: image(settings, torchvision_size(name)),
    ),
    "timm": ModelSource(
        title="timm",
        present=lambda: find_spec("timm") is not None,
        names=timm_names,
        options=lambda name: image_options(timm_shape(name)[-1]),
        build=build_timm,
        input_shape=lambda name, settings, model: image(settings, 0) if "image_size" in settings else timm_shape(name),
    ),
    "own": ModelSource(
        title="Your own",
        present=lambda: bool(OWN),
        names=lambda: tuple(OWN),
        options=lambda name: (),
        build=lambda name, settings: build_own(name),
        input_shape=lambda name, settings, model: OWN[name].shape,
        graph=lambda name: OWN[name].graph,
    ),
}
