"""Why fewer MACs are not always faster, in sentences that follow from what was measured."""

from collections.abc import Iterable, Sequence
from math import log

from explorer.compare.roofline import Point, attainable, ridge
from explorer.compare.timing import BUSY, Roof, Speed
from explorer.words import short

REFERENCES = ("resnet50", "ResNet-50")
SAID = 3  # networks that get a sentence
ODD = 1.35  # how far time and MACs must part to be worth one
WITHOUT_MACS = ("norms", "activations", "pooling", "between the layers")


def verdicts(points: Sequence[Point], roof: Roof | None) -> list[str]:
    """The first says what is true of all, the others take the networks that behave least like their MACs."""
    if len(points) < 2:
        return []
    reference = next((p for name in REFERENCES for p in points if p.title == name), max(points, key=lambda p: p.macs))
    others = sorted((p for p in points if p is not reference), key=lambda p: -abs(log(surprise(p, reference))))
    odd = [p for p in others if not 1 / ODD < surprise(p, reference) < ODD]
    return [*order(points), *(compared(p, reference, roof) for p in odd[:SAID])]


def surprise(point: Point, reference: Point) -> float:
    """How many times as long it takes as its MACs would have it."""
    return (point.seconds / reference.seconds) / (point.macs / reference.macs)


def order(points: Sequence[Point]) -> list[str]:
    """The pair that is most at odds: fewer MACs and yet slower."""
    pairs = [
        (slow.seconds / fast.seconds * fast.macs / slow.macs, slow, fast)
        for slow in points
        for fast in points
        if slow.macs < fast.macs and slow.timing.low > fast.timing.high
    ]
    if not pairs:
        return []
    _, slow, fast = max(pairs, key=lambda pair: pair[0])
    return [
        f"**{slow.title}** needs {short(slow.speed.macs)} MACs for an image, **{fast.title}** "
        f"{short(fast.speed.macs)}: the one with fewer takes {times(slow.seconds / fast.seconds)} as long."
    ]


def compared(point: Point, reference: Point, roof: Roof | None) -> str:
    """One network beside the one that everybody knows."""
    slower = surprise(point, reference) > 1
    macs, seconds = point.macs / reference.macs, point.seconds / reference.seconds
    said = f"**{point.title}** needs {times(macs)} the MACs of {reference.title} and {times(seconds)} its time"
    if roof:
        pair = (share(each.rate / roof.rate) for each in (point, reference))
        said += f": it reaches {next(pair)} of what this machine can do, {reference.title} reaches {next(pair)}"
    return f"{said}. {slow_because(point, roof) if slower else fast_because(point)}".strip()


def slow_because(point: Point, roof: Roof | None) -> str:
    """The kinds of layer that take more of the time than they have of the MACs; then memory."""
    work, spent = dict(point.speed.work), dict(point.speed.shares)
    time = "the time" if point.timing.batch == 1 else "the time for one image"
    costly = sorted(spent, key=lambda kind: work.get(kind, 0.0) - spent[kind])
    found = [kind for kind in costly if kind not in WITHOUT_MACS and spent[kind] - work.get(kind, 0.0) > 0.08][:2]
    said = [
        f"its {kind} are {share(work.get(kind, 0.0))} of the MACs and {share(spent[kind])} of {time}" for kind in found
    ]
    idle = sum(spent.get(kind, 0.0) for kind in WITHOUT_MACS)
    if idle > 0.15:
        said.append(f"what has no MACs at all (norms, activations, pooling, additions) is {share(idle)} of {time}")
    if roof and point.intensity < ridge(roof):
        said.append(
            f"each byte it moves brings {point.intensity:.1f} MACs, and memory could keep up with no more than "
            f"{short(attainable(roof, point.intensity))} MACs a second"
        )
    return f"{'; '.join(said)[:1].upper()}{'; '.join(said)[1:]}." if said else ""


def fast_because(point: Point) -> str:
    work = dict(point.speed.work)
    kind = max(work, key=lambda kind: work[kind], default="")
    return f"{share(work[kind])} of its MACs are in {kind}, which keep the processor busy." if kind else ""


def share(part: float) -> str:
    return f"{part:.0%}".replace("%", " %") if part >= 0.0095 else "less than 1 %"


def times(ratio: float) -> str:
    return f"{ratio:.2f}×" if ratio < 0.995 else f"{ratio:.1f}×"


def disturbed(speeds: Iterable[Speed]) -> str:
    """A warning where others used the machine meanwhile; empty where it was left alone."""
    busy = [(max(timing.busy for timing in speed.timings), speed.title) for speed in speeds if speed.timings]
    found = [(cores, title) for cores, title in busy if cores > BUSY]
    if not found:
        return ""
    worst = max(found)
    many = f"{len(found)} networks were" if len(found) > 1 else f"{worst[1]} was"
    return (
        f"Another program was busy while {many} measured (up to {worst[0]:.1f} cores): "
        "those figures are slower than they would be on a quiet machine."
    )
