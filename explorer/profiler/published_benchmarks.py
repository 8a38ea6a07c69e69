"""What others measured on other machines, to be compared with what was measured on this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from explorer.glossary import read_glossary
from explorer.models.facts import Fact
from explorer.models.published_figures import torchvision_figures
from explorer.models.published_numbers import numbers_shown
from explorer.models.spec import Spec
from explorer.profiler.measurements import Speed

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


BENCHES = tuple(Bench(title, **told) for title, told in read_glossary("benchmarks").items())
REFERENCE = "resnet50"


@dataclass(frozen=True)
class PublishedSpeed:
    """Of one network: its MACs and its time for an image, as parts of ResNet-50's."""

    title: str
    macs: float
    here_one: float | None  # one image at a time
    here_best: float | None  # with the batch that gives most images a second
    there: tuple[float, ...]  # on each of the benches
    note: str = ""


def published_lines(speeds: Mapping[Spec, Speed]) -> tuple[PublishedSpeed, ...]:
    """Every network of the benches, beside what was measured of it here."""
    return tuple(published_line(name, speeds) for name in sorted(published_rates(), key=lambda name: -macs()[name]))


def published_line(name: str, speeds: Mapping[Spec, Speed]) -> PublishedSpeed:
    here, reference = (speeds.get(Spec("torchvision", each)) for each in (name, REFERENCE))
    one = best = None
    if here and reference:
        first, other = here.at(1), reference.at(1)
        one = first.median / other.median if first and other else None
        best = reference.best.rate / here.best.rate
    rates, references = published_rates()[name], published_rates()[REFERENCE]
    there = tuple(references[bench.file].value / rates[bench.file].value for bench in BENCHES)
    return PublishedSpeed(name, macs()[name] / macs()[REFERENCE], one, best, there, rates[BENCHES[0].file].note)


@lru_cache(maxsize=1)
def published_rates() -> dict[str, dict[str, Fact]]:
    """Images a second by torchvision's name and the bench's file: timm builds the same networks."""
    found: dict[str, dict[str, Fact]] = {}
    for number in numbers_shown("speed"):
        found.setdefault(number.architecture, {})[number.where] = number.figure
    return found


@lru_cache(maxsize=1)
def macs() -> dict[str, float]:
    """As torchvision prints them for the first set of weights, by its names."""
    figures = {name: torchvision_figures(name) for name in published_rates()}
    return {name: next(each.value for each in found if each.quantity == "MACs") for name, found in figures.items()}
