"""B0 to B7: what was counted, what the paper prints, what torchvision's weights reach, and what a doubling buys."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

from explorer.catalogue import torchvision_figures
from explorer.scaling.counting import Counted
from explorer.scaling.printed import RUNGS, Rung
from explorer.scaling.range import shipped_specs
from explorer.sources import torchvision_size
from explorer.specs import Spec


@dataclass(frozen=True)
class Step:
    index: int  # k of Bk
    params: int  # computed
    macs: int  # computed
    activations: int  # computed, bytes
    resolution: int
    printed: Rung
    weights: float  # top-1 of torchvision's weights, percent
    weights_macs: float  # as torchvision states them, at the size it evaluates on
    weights_side: int  # that size, in pixels

    @property
    def name(self) -> str:
        return f"B{self.index}"


def ladder(found: Mapping[Spec, Counted]) -> tuple[Step, ...]:
    """The rungs whose networks are counted."""
    return tuple(step(index, found[spec]) for index, spec in shipped_specs().items() if spec in found)


def step(index: int, counted: Counted) -> Step:
    name = f"efficientnet_b{index}"
    top1, macs = (next(f.value for f in torchvision_figures(name) if f.quantity == each) for each in ("top-1", "MACs"))
    return Step(
        *(index, counted.params, counted.macs, counted.activations, counted.resolution, RUNGS[index]),
        *(top1, macs, torchvision_size(name)),
    )


def per_doubling(before: Step, after: Step) -> float:
    """Points of published top-1 (v5) gained for each doubling of the computed MACs."""
    return (after.printed.v5 - before.printed.v5) / log2(after.macs / before.macs)
