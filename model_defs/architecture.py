"""What every file in this folder provides: one `Architecture`, with its presets.

What is published of a preset stands in assets/papers.csv, one line a figure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import nn


class Span(NamedTuple):
    """The values a number knob offers: low, low + step, ..., high."""

    low: float
    high: float
    step: float = 1


@dataclass(frozen=True)
class Preset:
    """A network of the paper's, as settings of the constructor's knobs."""

    name: str
    options: tuple[tuple[str, Any], ...] = ()
    torchvision: str = ""  # the builder of the same network there, if there is one


@dataclass(frozen=True)
class Architecture:
    """A family the explorer can show. The signature of `build` is its form; the first preset is its face.

    `build` takes keyword arguments only. Its type hints say what is offered: `Literal` a choice, `bool` a toggle,
    `Annotated[int, Span(...)]` or `Annotated[float, Span(...)]` a slider, `Annotated[tuple[int, int], Span(...)]`
    one number each. It takes `num_classes`, `in_channels` and `image_size` (pixels a side), raises `ValueError`
    with a reason for settings that cannot work, and sets `input_shape = (C, H, W)` on the network it returns.
    """

    name: str
    year: int
    idea: str
    paper: str
    url: str
    build: Callable[..., nn.Module]
    presets: tuple[Preset, ...]


def knobs(**settings: Any) -> tuple[tuple[str, Any], ...]:
    """Constructor arguments as a hashable value."""
    return tuple(settings.items())
