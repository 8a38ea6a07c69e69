"""What others measured on other machines, to be compared with what was measured on this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from explorer.compare.entries import torchvision_entries
from explorer.compare.timing import Speed
from explorer.published_numbers import Figure, numbers_shown
from explorer.specs import Spec

TIMM = "timm, results/{}.csv at commit 7479d45 of github.com/huggingface/pytorch-image-models (undated)"


@dataclass(frozen=True)
class Bench:
    """One table of images a second."""

    title: str
    file: str  # of timm's results
    how: str  # as the file's name and columns say

    @property
    def source(self) -> str:
        return f"{self.title}: {TIMM.format(self.file)}: {self.how}"


BENCHES = (
    Bench(
        "RTX 4090",
        "benchmark-infer-amp-nhwc-pt240-cu124-rtx4090",
        "PyTorch 2.4.0, CUDA 12.4, mixed precision, channels last, 512 images at once",
    ),
    Bench(
        "Core i9-10940X",
        "benchmark-infer-fp32-nchw-pt240-cpu-i9_10940x-dynamo",
        "PyTorch 2.4.0, compiled, fp32, one image at a time",
    ),
)
REFERENCE = "resnet50"


@dataclass(frozen=True)
class Line:
    """Of one network: its MACs and its time for an image, as parts of ResNet-50's."""

    title: str
    macs: float
    here_one: float | None  # one image at a time
    here_best: float | None  # with the batch that gives most images a second
    there: tuple[float, ...]  # on each of the benches
    note: str = ""


def lines(speeds: Mapping[Spec, Speed]) -> tuple[Line, ...]:
    """Every network of the benches, beside what was measured of it here."""
    return tuple(line(name, speeds) for name in sorted(published_rates(), key=lambda name: -macs()[name]))


def line(name: str, speeds: Mapping[Spec, Speed]) -> Line:
    one, best = here(*(speeds.get(Spec("torchvision", each)) for each in (name, REFERENCE)))
    rates, references = published_rates()[name], published_rates()[REFERENCE]
    there = tuple(references[bench.file].value / rates[bench.file].value for bench in BENCHES)
    return Line(name, macs()[name] / macs()[REFERENCE], one, best, there, rates[BENCHES[0].file].note)


@lru_cache(maxsize=1)
def published_rates() -> dict[str, dict[str, Figure]]:
    """Images a second by torchvision's name and the bench's file: timm builds the same networks."""
    found: dict[str, dict[str, Figure]] = {}
    for number in numbers_shown("speed"):
        found.setdefault(number.architecture, {})[number.where] = number.figure
    return found


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
