"""An operation's output as pictures: channels by strength, figures on them, a thumbnail of the strongest."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import isqrt

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from explorer.training.image_preview import address

Numbers = NDArray[np.float32]

# Red above 0, blue below it, white at it: ColorBrewer's RdBu, turned round, which colour-blind eyes can tell apart.
COLOURS = ("#053061", "#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7", "#fddbc7", "#f4a582", "#d6604d", "#b2182b")
COLOURS = (*COLOURS, "#67001f")
GREY = (120, 120, 120)  # where there is no number, or an infinite one
LEVELS = 255  # of the colours; the last index of a palette is for what is grey
BARS, HIGH = 64, 44  # of a vector's thumbnail: how many at most, and pixels
THUMBNAIL = 56  # pixels a side at most


class ChannelsLast(Tensor):
    """An output (H, W, C), or tokens with the picture's side between (T, 1, C)."""


class Slices(Tensor):
    """An output whose last two sides are not known to be rows and columns: windows, heads, shares of attention."""


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """What can be looked at of one output."""

    maps: Numbers  # (channels, H, W); of a vector (D, 1, 1)
    form: str  # "maps", "tokens", "vector", or "slices" of what has other sides than a picture's

    @property
    def vector(self) -> bool:
        return self.form == "vector"

    @property
    def part(self) -> str:
        """What one of them is called."""
        return {"vector": "number", "slices": "slice"}.get(self.form, "channel")

    def strengths(self) -> Numbers:
        """(channels,): the root of the mean square of each."""
        finite = np.nan_to_num(self.maps, posinf=0, neginf=0).astype(np.float64)
        return np.sqrt(np.square(finite).mean(axis=(1, 2))).astype(np.float32)

    def by_strength(self) -> NDArray[np.int64]:
        """Numbers of channels, the strongest first."""
        return np.argsort(-self.strengths(), kind="stable")

    def largest(self) -> float:
        """The largest absolute value, of those that are finite: both ends of the colours; 1 where all is 0."""
        finite = np.abs(self.maps[np.isfinite(self.maps)])
        return float(finite.max(initial=0)) or 1.0


@dataclass(frozen=True)
class Figures:
    """On all numbers of an output."""

    least: float
    most: float
    mean: float
    zeros: float  # the share of numbers that are exactly 0
    dead: int  # channels that are 0 everywhere on this picture
    strange: int  # numbers that are none, or infinite


def feature_maps(output: Tensor) -> FeatureMaps:
    """Of (C, H, W), or (H, W, C) where that is known; tokens (N, D) as D maps on their grid, a class token left out; a
    vector (D), or maps of one number each; all else by its last two sides."""
    numbers = output.detach().float().numpy()
    if isinstance(output, ChannelsLast):
        numbers = numbers[:, 0] if side_of(output) else numbers.transpose(2, 0, 1)
    if numbers.ndim <= 1 or (numbers.ndim == 3 and numbers.shape[1:] == (1, 1)):
        return FeatureMaps(numbers.reshape(-1, 1, 1), "vector")
    if isinstance(output, Slices):
        return FeatureMaps(numbers.reshape(-1, *numbers.shape[-2:]), "slices")
    if side := token_side(numbers.shape):
        return FeatureMaps(numbers[-side * side :].T.reshape(-1, side, side), "tokens")
    return FeatureMaps(numbers.reshape(-1, *numbers.shape[-2:]), "maps")


def token_side(shape: Sequence[int]) -> int:
    """Of the grid that tokens (N, D) lie on, whether a class token stands before them or not; 0 for all else."""
    side = isqrt(shape[0]) if len(shape) == 2 else 0
    return side if side > 1 and shape[0] - side * side in (0, 1) else 0


def index_of(output: Tensor, channel: int, row: int, column: int) -> tuple[int, ...]:
    """Where the number stands in the output that `feature_maps` shows at that row and column of that channel."""
    if output.ndim == 1:
        return (channel,)
    if side := side_of(output):
        place = output.shape[0] - side * side + row * side + column
        return (place, 0, channel) if output.ndim == 3 else (place, channel)
    if isinstance(output, ChannelsLast):
        return row, column, channel
    above = torch.unravel_index(torch.tensor(channel), output.shape[:-2])
    return (*(int(each) for each in above), row, column)


def cell_of(output: Tensor, index: tuple[int, ...]) -> tuple[int, int, int]:
    """The other way round: channel, row and column; row -1 for a class token, which no map shows."""
    if output.ndim == 1:
        return index[0], 0, 0
    if side := side_of(output):
        place = index[0] - (output.shape[0] - side * side)
        return index[-1], place // side if place >= 0 else -1, place % side
    if isinstance(output, ChannelsLast):
        return index[2], index[0], index[1]
    channel = 0
    for at, length in zip(index[:-2], output.shape[:-2], strict=True):
        channel = channel * length + at
    return channel, index[-2], index[-1]


def side_of(output: Tensor) -> int:
    """Of the grid of tokens, as `feature_maps` lays them out."""
    if isinstance(output, ChannelsLast):
        return token_side(output.shape[::2]) if output.shape[1] == 1 else 0
    return 0 if isinstance(output, Slices) else token_side(output.shape)


def figures(output: Tensor) -> Figures:
    numbers = output.detach().float().numpy()
    finite = numbers[np.isfinite(numbers)]
    shown = finite if len(finite) else np.zeros(1, np.float32)
    maps = feature_maps(output).maps
    dead = int((maps == 0).all(axis=(1, 2)).sum()) if numbers.ndim > 1 else 0
    least, most, mean = float(shown.min()), float(shown.max()), float(shown.mean(dtype=np.float64))
    return Figures(least, most, mean, float((numbers == 0).mean()), dead, numbers.size - len(finite))


def thumbnail(output: Tensor) -> str:
    """Its strongest channel, of a vector its numbers as bars, as a `data:` address; nothing where there are none."""
    if not output.numel():
        return ""
    shown = feature_maps(output)
    if shown.vector:
        return address(bars(shown.maps.ravel()))
    strongest = shown.maps[shown.by_strength()[0]]
    return address(coloured(strongest))


def coloured(numbers: Numbers) -> Image.Image:
    """(H, W), 0 in the middle of the colours."""
    strange = ~np.isfinite(numbers)
    finite = np.where(strange, 0, numbers).astype(np.float32)
    height, width = numbers.shape
    if max(height, width) > THUMBNAIL:
        shrink = THUMBNAIL / max(height, width)
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        finite = np.asarray(Image.fromarray(finite).resize(size, Image.Resampling.BOX))
        strange = np.asarray(Image.fromarray(strange).convert("F").resize(size, Image.Resampling.BOX)) > 0
    middle = (LEVELS - 1) / 2
    levels = np.rint(finite / (np.abs(finite).max() or 1.0) * middle + middle).astype(np.uint8)
    return indexed(np.where(strange, np.uint8(LEVELS), levels))


def bars(numbers: Numbers) -> Image.Image:
    """(D,): where there are more than fit, the largest of those that fall together."""
    finite = np.nan_to_num(numbers, posinf=0, neginf=0)
    tops = np.array([part[np.abs(part).argmax()] for part in np.array_split(finite, min(BARS, len(finite)))])
    low, high = min(0.0, float(tops.min())), max(0.0, float(tops.max()))
    rows = high - np.arange(HIGH)[:, None] / (HIGH - 1) * ((high - low) or 1.0)
    inside = (tops != 0) & (((rows <= tops) & (rows >= 0)) | ((rows >= tops) & (rows <= 0)))
    levels = np.where(inside, np.where(tops >= 0, 230, 25)[None], LEVELS // 2).astype(np.uint8)
    return indexed(levels.repeat(max(1, BARS // len(tops)), axis=1))


def indexed(levels: NDArray[np.uint8]) -> Image.Image:
    picture = Image.fromarray(levels, "P")
    picture.putpalette(palette().tobytes())
    return picture


@cache
def palette() -> NDArray[np.uint8]:
    """(256, 3)"""
    stops = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in COLOURS], np.float32)
    places = np.linspace(0, len(stops) - 1, LEVELS)
    levels = np.stack([np.interp(places, range(len(stops)), stops[:, each]) for each in range(3)], 1)
    return np.vstack([levels.round(), GREY]).astype(np.uint8)
