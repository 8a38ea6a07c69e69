"""What a machine could do with a network at most, and what it does."""

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.profiler.measurements import Roof, Speed, Timing


@dataclass(frozen=True)
class RooflinePoint:
    """A network as it ran with one batch."""

    speed: Speed
    timing: Timing

    @property
    def title(self) -> str:
        return self.speed.title

    @property
    def seconds(self) -> float:
        return self.timing.median

    @property
    def macs(self) -> int:
        """Of the whole batch."""
        return self.speed.macs * self.timing.batch

    @property
    def rate(self) -> float:
        """MACs a second."""
        return self.macs / self.seconds

    @property
    def intensity(self) -> float:
        return self.speed.intensity(self.timing.batch)


def roofline_points(speeds: Iterable[Speed], batch: int) -> tuple[RooflinePoint, ...]:
    """Those that were measured with that batch; one without a MAC has no place on logarithmic axes, nor has one of
    whose MACs not all are known."""
    known = (speed for speed in speeds if speed.macs and not speed.uncounted)
    return tuple(RooflinePoint(speed, timing) for speed in known if (timing := speed.at(batch)))


def ridge(roof: Roof) -> float:
    """MACs a byte: with fewer, memory cannot keep up with the processor."""
    return roof.rate / roof.bandwidth


def attainable(roof: Roof, intensity: float) -> float:
    """MACs a second, by the roofline model (Williams, Waterman, Patterson 2009)."""
    return min(roof.rate, roof.bandwidth * intensity)


def share_reached(point: RooflinePoint, roof: Roof) -> float | None:
    """Of what the machine can do at most; None where it would be more than all: then that was measured too low."""
    share = point.rate / roof.rate
    return share if share <= 1 else None
