"""B0 to B7: what was counted, what the paper prints, what torchvision's weights reach, and what a doubling buys."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from math import ceil, log2
from typing import NamedTuple

from explorer.analysis.model_summary import GraphCounts
from explorer.models.published_figures import torchvision_figures
from explorer.models.published_numbers import PublishedNumber, numbers_shown, parse_number, preset_numbers
from explorer.models.sources import torchvision_size
from explorer.models.spec import Spec
from explorer.scaling.base_models import BASES, SIDE, factors_of, shipped_specs
from explorer.scaling.charts import Bought, Lane
from explorer.scaling.compound_law import PAPER
from model_defs.efficientnet import B0
from model_defs.mobilenet_v2 import round_channels

V1, V5 = "arXiv 1905.11946 v1", "arXiv 1905.11946 v5"

VERSIONS = {V1: "Tan & Le, arXiv 1905.11946, v1", V5: "Tan & Le, arXiv 1905.11946, v5"}
ABBREVIATED = {"B0": "EfficientNet-B0"}  # where the table abbreviates
FINE = tuple(step / 50 for step in range(351))  # φ
FACTOR = re.compile(r"(depth|width|resolution) ×([\d.]+)")


class Rung(NamedTuple):
    """One of B0 to B7 in Table 2."""

    params: float  # millions
    macs: float  # billions
    v1: float  # top-1 in percent
    v5: float
    note: str  # on the MACs, where those counted are others


@dataclass(frozen=True)
class FamilyStep:
    index: int  # k of Bk
    counts: GraphCounts
    printed: Rung
    weights: float  # top-1 of torchvision's weights, percent
    weights_macs: float  # as torchvision states them, at the size it evaluates on
    weights_side: int  # that size, in pixels

    @property
    def name(self) -> str:
        return f"B{self.index}"


def family_steps(found: Mapping[Spec, GraphCounts]) -> tuple[FamilyStep, ...]:
    """The rungs whose networks are counted."""
    return tuple(family_step(index, found[spec]) for index, spec in shipped_specs().items() if spec in found)


def family_step(index: int, counted: GraphCounts) -> FamilyStep:
    name = f"efficientnet_b{index}"
    top1, macs = (next(f.value for f in torchvision_figures(name) if f.quantity == each) for each in ("top-1", "MACs"))
    return FamilyStep(index, counted, RUNGS[index], top1, macs, torchvision_size(name))


def per_doubling(before: FamilyStep, after: FamilyStep) -> float:
    """Points of published top-1 (v5) gained for each doubling of the computed MACs."""
    return (after.printed.v5 - before.printed.v5) / log2(after.counts.macs / before.counts.macs)


def rounding_steps() -> tuple[Lane, ...]:
    """Rounding seen as steps: what the law asks of B0 at each φ, what a network of whole blocks and eights gives it.

    Depth as blocks in all, width as the mean over the stages, resolution as pixels of the image; as multiples of B0's.
    """
    blocks, channels = [stage.layers for stage in B0], BASES["EfficientNet-B0"].sizes
    depth, width, side = zip(*map(PAPER.factors, FINE), strict=True)
    whole = tuple(sum(ceil(round(count * factor, 6)) for count in blocks) / sum(blocks) for factor in depth)
    eights = tuple(sum(round_channels(size * factor) / size for size in channels) / len(channels) for factor in width)
    pixels = tuple(round(SIDE * factor) / SIDE for factor in side)
    deep, wide, sharp = zip(*map(factors_of, shipped_specs().values()), strict=True)
    return (
        Lane("depth", FINE, depth, whole, deep),
        Lane("width", FINE, width, eights, wide),
        Lane("resolution", FINE, side, pixels, sharp),
    )


def scaled_networks() -> dict[str, tuple[Bought, ...]]:
    """By base: itself, then with one dimension scaled or all three. Table 7 is for B0, Table 3 for the others."""
    found: dict[str, list[Bought]] = {}
    for title, numbers in groupby(numbers_shown("scaling"), lambda number: number.title):
        base, _, scaling = title.partition(", ")
        if title:
            found.setdefault(ABBREVIATED.get(base, base), []).append(scaled_network(base, scaling, tuple(numbers)))
    return {base: tuple(rows) for base, rows in found.items()}


def scaled_network(base: str, scaling: str, numbers: tuple[PublishedNumber, ...]) -> Bought:
    values = {number.figure.quantity: number.figure.value for number in numbers}
    factors = {name: parse_number(word) for name, word in FACTOR.findall(scaling)}
    way, _, rest = scaling.partition(" ")
    way = way.removesuffix(":")
    if way == "compound" and rest:
        scaling = ", ".join(f"{name[0]} {factor:g}" for name, factor in factors.items())
    depth, width, resolution = (factors.get(name, 1) for name in ("depth", "width", "resolution"))
    label, source = base if way == "baseline" else scaling, f"{numbers[0].where}, {V1}"
    return Bought(way, label, values["top-1"], values.get("MACs"), source, (depth, width, resolution))


def rung(size: PublishedNumber) -> Rung:
    printed = {(each.paper, each.figure.quantity): each.figure for each in preset_numbers(size.family, size.preset)}
    macs, v1, v5 = (printed[VERSIONS[who], what] for who, what in ((V1, "MACs"), (V1, "top-1"), (V5, "top-1")))
    return Rung(size.figure.value / 1e6, macs.value / 1e9, v1.value, v5.value, macs.note)


SCALED = scaled_networks()
# Table 2: parameters and FLOPS are the same in both versions, the accuracies were measured anew.
RUNGS = tuple(rung(number) for number in numbers_shown("scaling") if number.where == "Table 2")
