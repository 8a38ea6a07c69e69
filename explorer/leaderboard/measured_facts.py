"""What has been measured on this machine so far, as facts."""

from dataclasses import replace

from explorer.hardware import processor_name
from explorer.leaderboard.entries import Entry
from explorer.models.facts import Fact
from explorer.models.names import told_apart
from explorer.models.spec import Spec
from explorer.profiler.measurements import BUSY, MeasurementTrouble, Roof, Setup, Speed, Timing, measurements

BySetup = dict[Setup, dict[Spec, Speed]]


def facts_for(entry: Entry) -> tuple[Fact, ...]:
    """Latency, throughput and memory, all of one set-up; none where nothing was measured. Cheap."""
    try:
        found = latest()
    except MeasurementTrouble:
        return ()
    setup = usual_setup(found)
    speed = found[setup].get(entry.place.spec) if setup and entry.place else None
    return measured_facts(speed) if speed else ()


def measured_facts(speed: Speed) -> tuple[Fact, ...]:
    source = f"measured on this machine on {speed.made[:10]}: {speed.machine}, {speed.setup}"
    best, one = speed.best, speed.at(1)
    found = [Fact("throughput", best.rate, "measured", source, timing_note(best))]
    if one:
        found.append(Fact("latency", one.median, "measured", source, timing_note(one)))
    if one and one.memory:  # a peak no higher than before is no figure
        found.append(Fact("memory", one.memory, "measured", source, "one image; weights included"))
    return tuple(found)


def timing_note(timing: Timing) -> str:
    images = f"{timing.batch} image{'s' if timing.batch > 1 else ''} at once, {timing.runs} timing"
    busy = "; another program was busy meanwhile" if timing.busy > BUSY else ""
    return f"{images}{'s' if timing.runs > 1 else ''}{busy}"


class Latest:
    """By set-up and network, the last measurement on this machine; sorted anew only when there is a new one.

    Networks of one set-up differ in title.
    """

    def __init__(self) -> None:
        self.sorted: tuple[tuple[Speed | Roof, ...], BySetup] = ((), {})

    def __call__(self) -> BySetup:
        """Raises `MeasurementTrouble`."""
        things = measurements().all()
        known, found = self.sorted
        if things is not known:
            grouped: BySetup = {}
            for speed in things:
                if isinstance(speed, Speed) and measured_here(speed):
                    grouped.setdefault(speed.setup, {})[speed.spec] = speed
            found = {setup: titled(speeds) for setup, speeds in grouped.items()}
            self.sorted = things, found
        return found


latest = Latest()


def titled(speeds: dict[Spec, Speed]) -> dict[Spec, Speed]:
    titles = told_apart({spec: speed.title for spec, speed in speeds.items()})
    return {spec: replace(speed, title=titles[spec]) for spec, speed in speeds.items()}


def measured_here(thing: Speed | Roof) -> bool:
    """A graphics card is not asked for its name: that would wake it in the server. It is the last one seen."""
    return thing.setup.device != "cpu" or thing.machine == processor_name()


def usual_setup(found: BySetup) -> Setup | None:
    """The set-up with most networks, of equals the one used last: figures of different ones make no axis."""
    return max(found, key=lambda each: (len(found[each]), max(s.made for s in found[each].values())), default=None)


def roof_of(setup: Setup) -> Roof | None:
    """The highest of each rate that this machine ever reached in that set-up. Raises `MeasurementTrouble`."""
    known = (each for each in measurements().all() if isinstance(each, Roof))
    roofs = [each for each in known if each.setup == setup and measured_here(each)]
    if not roofs:
        return None
    return replace(
        roofs[-1],
        matmul=max(roof.matmul for roof in roofs),
        convolution=max(roof.convolution for roof in roofs),
        bandwidth=max(roof.bandwidth for roof in roofs),
    )
