"""Shapes-10: ten shapes drawn by code over cluttered grounds, the same to the last bit on every machine.

All arithmetic is in whole numbers, and every number drawn comes from the raw stream of a bit generator, the one part
of numpy's randomness that is promised never to change (NEP 19). Lengths are in 1/32 of a pixel.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.datasets.dataset import Dataset, Split
from explorer.datasets.outlines import BITS, COSINES, SHAPES, SINES, Ints, Shape, bar

Levels = NDArray[np.int16]  # of light, with room to go below 0 and above 255 for a while
SIDE, PIXEL = 32, 32
CLUTTER, PATCHES = 3, 5  # bars in the way; patches of colour along a side of the ground
CENTRES = (np.arange(SIDE, dtype=np.int32) * 2 + 1 - SIDE) * (PIXEL // 2)


@dataclass(frozen=True, eq=False)
class Dice:
    """Whole numbers from one stream of bits."""

    bits: np.random.PCG64

    def roll(self, low: int, high: int, *shape: int) -> Ints:
        """Numbers from `low` to `high`, both included, all equally likely to one part in millions."""
        raw = self.bits.random_raw(shape) >> np.uint64(32)
        return ((raw * np.uint64(high - low + 1)) >> np.uint64(32)).astype(np.int32) + np.int32(low)

    def colours(self, low: int, high: int, count: int) -> Levels:
        return self.roll(low, high, count, 3, 1, 1).astype(np.int16)

    def bytes(self, count: int) -> NDArray[np.int8]:
        return self.bits.random_raw(-(-count // 8)).astype("<u8", copy=False).view(np.int8)[:count]


def shapes10(train: int = 10_000, test: int = 2_000) -> Dataset:
    """As many pictures of each class in either part, in mixed order; about a second on one core."""
    dice = Dice(np.random.PCG64(2015))
    count, first = (train + test) // len(SHAPES), train // len(SHAPES)
    parts = [draw(shape, count, dice) for shape in SHAPES]
    return told(mixed([part[:first] for part in parts], dice), mixed([part[first:] for part in parts], dice))


def told(train: Split, test: Split) -> Dataset:
    """What was drawn, with what is said of it."""
    return Dataset(
        key="shapes10",
        name="Shapes-10",
        origin="drawn by this program: ten shapes in any colour, size and turn, over cluttered grounds",
        classes=tuple(shape.__name__.replace("_", " ") for shape in SHAPES),
        train=train,
        test=test,
    )


def mixed(parts: list[NDArray[np.uint8]], dice: Dice) -> Split:
    labels = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    order = np.argsort(dice.bits.random_raw(len(labels)), kind="stable")
    return Split(torch.from_numpy(np.concatenate(parts)[order]), torch.from_numpy(labels[order].astype(np.int64)))


def draw(shape: Shape, count: int, dice: Dice) -> NDArray[np.uint8]:
    """(count, 3, 32, 32): a soft ground, bars that are in the way, the shape itself, and noise over everything."""
    base = dice.colours(70, 185, count)
    images = ground(base, dice)
    for _ in range(CLUTTER):
        colour = dice.colours(0, 255, count)
        u, v = seen(dice.roll(-16 * PIXEL, 16 * PIXEL, 2, count, 1, 1), dice)
        paint(images, bar(u, v, dice.roll(3 * PIXEL, 7 * PIXEL, count, 1, 1)), colour)
    away = dice.colours(0, 1, count) * 2 - 1  # lighter or darker than the ground, in each channel by itself
    colour = np.clip(base + away * dice.colours(60, 130, count), 0, 255)
    u, v = seen(dice.roll(-3 * PIXEL, 3 * PIXEL, 2, count, 1, 1), dice)
    paint(images, shape(u, v, dice.roll(9 * PIXEL, 14 * PIXEL, count, 1, 1)), colour)
    noise = dice.bytes(images.size).reshape(images.shape) >> 3
    return np.clip(images + noise, 0, 255).astype(np.uint8)


def ground(base: Levels, dice: Dice) -> Levels:
    """Patches of colour around `base`, running softly into each other."""
    patches = base + dice.roll(-50, 50, len(base), 3, PATCHES, PATCHES).astype(np.int16)
    step = SIDE // (PATCHES - 1)
    part = np.arange(step, dtype=np.int16)
    rows = patches[:, :, :-1, None] * (step - part)[:, None] + patches[:, :, 1:, None] * part[:, None]
    rows = (rows // step).reshape(len(base), 3, SIDE, PATCHES)
    columns = rows[..., :-1, None] * (step - part) + rows[..., 1:, None] * part
    return (columns // step).reshape(len(base), 3, SIDE, SIDE)


def seen(centre: Ints, dice: Dice) -> tuple[Ints, Ints]:
    """Every pixel (count, 32, 32) from such a centre (2, count, 1, 1) and by axes turned at random."""
    angle = dice.roll(0, 359, centre.shape[1], 1, 1)
    x, y, c, s = CENTRES[None, :] - centre[0], CENTRES[:, None] - centre[1], COSINES[angle], SINES[angle]
    return (c * x + s * y) >> BITS, (c * y - s * x) >> BITS


def paint(images: Levels, depth: Ints, colour: Levels) -> None:
    """Lays a colour on the pictures, by the share of each pixel that the shape covers (in 64ths)."""
    cover = (np.clip(depth + PIXEL // 2, 0, PIXEL) * 2).astype(np.int16)[:, None]
    images += (colour - images) * cover >> 6
