"""Why fewer MACs are not always faster, in sentences that follow from what was measured; and what others measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log

from explorer.formatting import short_number
from explorer.glossary import read_glossary
from explorer.models.facts import Fact
from explorer.models.published_figures import torchvision_figures
from explorer.models.published_numbers import numbers_shown
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec
from explorer.profiler.measurements import BUSY, Roof, Speed
from explorer.profiler.roofline import RooflinePoint, attainable, ridge, share_reached

REFERENCES = (Spec("torchvision", "resnet50"), ModelSelection().spec)  # both ResNet-50
SAID = 3  # networks that get a sentence
ODD = 1.35  # how far time and MACs must part to be worth one
WITHOUT_MACS = ("norms", "activations", "pooling", "between the layers")
Escape = Callable[[str], str]


def speed_findings(points: Sequence[RooflinePoint], roof: Roof | None, escape: Escape) -> list[str]:
    """The first says what is true of all, the others take the networks that behave least like their MACs. Nothing
    follows from what was measured while other programs were busy.

    As Markdown; `escape` makes titles safe in it.
    """
    points = [replace(p, speed=replace(p.speed, title=escape(p.title))) for p in points if p.speed.busy <= BUSY]
    if len(points) < 2:
        return []
    known = {point.speed.spec: point for point in points}
    reference = next((known[spec] for spec in REFERENCES if spec in known), max(points, key=lambda p: p.macs))
    others = sorted((p for p in points if p is not reference), key=lambda p: -abs(log(surprise(p, reference))))
    odd = [p for p in others if not 1 / ODD < surprise(p, reference) < ODD]
    return [*order_sentences(points), *(compare_with_reference(p, reference, roof) for p in odd[:SAID])]


def surprise(point: RooflinePoint, reference: RooflinePoint) -> float:
    """How many times as long it takes as its MACs would have it."""
    return (point.seconds / reference.seconds) / (point.macs / reference.macs)


def order_sentences(points: Sequence[RooflinePoint]) -> list[str]:
    """The pair that is most at odds: fewer MACs and yet slower."""
    pairs = [(p, q) for p in points for q in points if p.macs < q.macs and p.timing.low > q.timing.high]
    if not pairs:
        return []
    slow, fast = max(pairs, key=lambda pair: surprise(*pair))
    return [
        f"**{slow.title}** needs {short_number(slow.speed.macs)} MACs for an image, **{fast.title}** "
        f"{short_number(fast.speed.macs)}: the one with fewer takes {times_words(slow.seconds / fast.seconds)} as long."
    ]


def compare_with_reference(point: RooflinePoint, reference: RooflinePoint, roof: Roof | None) -> str:
    """One network beside the one that everybody knows."""
    slower = surprise(point, reference) > 1
    macs, time = times_words(point.macs / reference.macs), times_words(point.seconds / reference.seconds)
    said = f"**{point.title}** needs {macs} the MACs of {reference.title} and {time} its time"
    mine, theirs = (share_reached(each, roof) if roof else None for each in (point, reference))
    if mine is not None and theirs is not None:
        said += f": it reaches {share_words(mine)} of what this machine can do"
        said += f", {reference.title} reaches {share_words(theirs)}"
    return f"{said}. {slow_because(point, roof) if slower else fast_because(point)}".strip()


def slow_because(point: RooflinePoint, roof: Roof | None) -> str:
    """The kinds of layer that take more of the time than they have of the MACs; then memory."""
    work, spent = dict(point.speed.work), dict(point.speed.shares)
    time = "the time" if point.timing.batch == 1 else "the time for one image"
    costly = sorted(spent, key=lambda kind: work.get(kind, 0.0) - spent[kind])
    found = [kind for kind in costly if kind not in WITHOUT_MACS and spent[kind] - work.get(kind, 0.0) > 0.08][:2]
    reasons = [
        f"its {kind} are {share_words(work.get(kind, 0.0))} of the MACs and {share_words(spent[kind])} of {time}"
        for kind in found
    ]
    idle = sum(spent.get(kind, 0.0) for kind in WITHOUT_MACS)
    if idle > 0.15:
        share = share_words(idle)
        reasons.append(f"what has no MACs at all (norms, activations, pooling, additions) is {share} of {time}")
    if roof and point.intensity < ridge(roof) and point.rate <= attainable(roof, point.intensity):
        reasons.append(
            f"each byte it moves brings {point.intensity:.1f} MACs, and memory could keep up with no more than "
            f"{short_number(attainable(roof, point.intensity))} MACs a second"
        )
    because = "; ".join(reasons)
    return f"{because[:1].upper()}{because[1:]}." if because else ""


def fast_because(point: RooflinePoint) -> str:
    work = dict(point.speed.work)
    kind = max(work, key=lambda kind: work[kind], default="")
    return f"{share_words(work[kind])} of its MACs are in {kind}, which keep the processor busy." if kind else ""


def share_words(part: float) -> str:
    return f"{part:.0%}".replace("%", " %") if part >= 0.0095 else "less than 1 %"


def times_words(ratio: float) -> str:
    return f"{ratio:.1f}×" if ratio >= 0.995 else f"{ratio:.2f}×" if ratio >= 0.01 else "less than 0.01×"


def disturbed(speeds: Sequence[Speed], escape: Escape) -> str:
    """One warning for all, where others used the machine meanwhile; empty where it was left alone."""
    found = [speed for speed in speeds if speed.busy > BUSY]
    if not found:
        return ""
    which = f"{len(found)} of these {len(speeds)}" if len(found) < len(speeds) else f"these {len(found)}"
    measured = f"{escape(found[0].title)} was" if len(found) == 1 else f"{which} networks were"
    figures = "its figures compare" if len(found) == 1 else "the figures with a ⚠ compare"
    return (
        f"The machine was busy with something else (up to {max(speed.busy for speed in found):.1f} cores) while "
        f"{measured} measured: {figures} nothing; measure again when the machine is quiet."
    )


def not_drawn(speeds: Sequence[Speed], batch: int, escape: Escape) -> str:
    """Who is not on the charts, and why; empty where all are."""
    said = [f"{escape(speed.title)} ({escape(why)})" for speed in speeds if (why := missing_batch(speed, batch))]
    return f"**Not on these charts** ({len(said)}): {'; '.join(said)}." if said else ""


def missing_batch(speed: Speed, batch: int) -> str:
    """Why it has no point for that batch; empty where it has one."""
    if speed.uncounted:
        return "what some of its operations multiply is not known, so its time has no MACs to be set against"
    if not speed.macs:
        return "it has no MACs, so there is nothing to set its time against"
    told = (note.partition(": ")[2] or note for note in speed.notes if note.startswith(f"batch {batch} "))
    return "" if speed.at(batch) else next(told, f"not measured with {batch} images at once")


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
    here_best: float | None  # with the batch that gives most images a second; None too where that is one image
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
        alone = here.best.batch == reference.best.batch == 1
        best = None if alone else reference.best.rate / here.best.rate
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
