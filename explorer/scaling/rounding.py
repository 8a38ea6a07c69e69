"""Rounding seen as steps: what the law asks of B0 at each φ, and what a network of whole blocks and eights gives it."""

from math import ceil
from typing import NamedTuple

from explorer.scaling.base_models import BASES, SIDE
from explorer.scaling.compound_law import PAPER
from model_defs.efficientnet import B0
from model_defs.mobilenet_v2 import round_channels

FINE = tuple(step / 50 for step in range(351))  # φ


class Rounded(NamedTuple):
    """One dimension over `FINE`, as multiples of B0's."""

    name: str
    asked: tuple[float, ...]
    given: tuple[float, ...]


def rounding_steps() -> tuple[Rounded, ...]:
    """Depth as blocks in all, width as the mean over the stages, resolution as pixels of the image."""
    blocks, channels = [stage.layers for stage in B0], BASES["EfficientNet-B0"].sizes
    depth, width, side = ([base**phi for phi in FINE] for base in (PAPER.alpha, PAPER.beta, PAPER.gamma))
    whole = [sum(ceil(round(count * factor, 6)) for count in blocks) / sum(blocks) for factor in depth]
    eights = [sum(round_channels(size * factor) / size for size in channels) / len(channels) for factor in width]
    pixels = [round(SIDE * factor) / SIDE for factor in side]
    return (
        Rounded("depth", tuple(depth), tuple(whole)),
        Rounded("width", tuple(width), tuple(eights)),
        Rounded("resolution", tuple(side), tuple(pixels)),
    )
