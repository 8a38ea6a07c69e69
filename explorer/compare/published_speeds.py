"""What others measured on other machines, to be compared with what was measured on this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from explorer.compare.entries import torchvision_entries
from explorer.compare.timing import Speed


@dataclass(frozen=True)
class Bench:
    """One table of images a second."""

    title: str
    source: str
    rates: tuple[tuple[str, float], ...]  # by torchvision's name of the network


BENCHES = (
    Bench(
        "RTX 4090",
        "timm's benchmark results: RTX 4090, mixed precision, channels last, large batches",
        (
            ("resnet50", 5088),
            ("resnext50_32x4d", 4220),
            ("vgg16", 2905),
            ("efficientnet_b0", 9832),
            ("efficientnet_b3", 2332),
        ),
    ),
    Bench(
        "Core i9-10940X",
        "timm's benchmark results: Core i9-10940X, fp32, one image, compiled",
        (("resnet50", 67), ("efficientnet_b0", 100), ("mobilenet_v2", 188), ("vgg16", 8.5)),
    ),
)
REFERENCE = "resnet50"
OTHERWISE = {"efficientnet_b3": "there on images of 320 pixels, here of 300"}


@dataclass(frozen=True)
class Line:
    """Of one network: its MACs and its time for an image, as parts of ResNet-50's."""

    title: str
    macs: float
    here_one: float | None  # one image at a time
    here_best: float | None  # with the batch that gives most images a second
    there: tuple[float | None, ...]  # on each of the benches
    note: str = ""


def lines(speeds: Mapping[str, Speed]) -> tuple[Line, ...]:
    """Every network of the benches, beside what was measured of it here; `speeds` by torchvision's names."""
    names = dict.fromkeys(name for bench in BENCHES for name, _ in bench.rates)
    return tuple(line(name, speeds) for name in sorted(names, key=lambda name: -macs()[name]))


def line(name: str, speeds: Mapping[str, Speed]) -> Line:
    there = [dict(bench.rates) for bench in BENCHES]
    one, best = here(speeds.get(name), speeds.get(REFERENCE))
    return Line(
        name,
        macs()[name] / macs()[REFERENCE],
        one,
        best,
        tuple(rates[REFERENCE] / rates[name] if name in rates else None for rates in there),
        OTHERWISE.get(name, ""),
    )


def here(speed: Speed | None, reference: Speed | None) -> tuple[float | None, float | None]:
    """With one image, and with the best batch of each."""
    if speed is None or reference is None:
        return None, None
    one, other = speed.at(1), reference.at(1)
    return one.median / other.median if one and other else None, reference.best.rate / speed.best.rate


@lru_cache(maxsize=1)
def macs() -> dict[str, float]:
    """As torchvision prints them, by its names."""
    return {entry.architecture: entry.value("MACs") or 0.0 for entry in reversed(torchvision_entries())}
