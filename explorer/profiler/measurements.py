"""What is measured of a network on this machine: kept in the data folder, one line of JSON each, the newest last."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from explorer.hardware import count_cores, processor_name
from explorer.models.names import told_apart
from explorer.models.spec import Spec
from explorer.paths import data_folder

BATCHES = (1, 8, 32)
ITEMSIZES = {"fp32": 4, "fp16": 2, "bf16": 2}  # bytes
BUSY = 0.2  # cores: when others use more while we measure, the figure says so

NAME = "speed.jsonl"
BINARY = getattr(os, "O_BINARY", 0)  # on Windows: else a line grows on its way


@dataclass(frozen=True)
class Setup:
    """How networks are run. Figures of different set-ups do not stand on one axis."""

    device: str = "cpu"  # cpu, cuda, mps
    precision: str = "fp32"  # fp32, fp16, bf16
    threads: int = 1  # of the CPU

    def __str__(self) -> str:
        threads = f", {self.threads} thread{'s' if self.threads > 1 else ''}" if self.device == "cpu" else ""
        return f"{self.device.upper()}{threads}, {self.precision}"


@dataclass(frozen=True)
class Timing:
    """Forward passes of one batch, in seconds for the whole batch."""

    batch: int
    median: float
    low: float  # a quarter of the timings was less
    high: float  # a quarter took more
    runs: int  # timings, each of one pass or, where passes are short, the mean of several
    memory: int  # bytes at the fullest moment, beyond what the process held before the network was made
    busy: float = 0.0  # cores that other programs used meanwhile

    @property
    def rate(self) -> float:
        """Images a second."""
        return self.batch / self.median


@dataclass(frozen=True)
class Speed:
    """One network as it was measured once."""

    spec: Spec
    title: str
    setup: Setup
    machine: str  # the processor or the graphics card
    torch: str
    made: str  # UTC, ISO 8601
    macs: int
    params: int
    touched: int  # numbers written and read by all operations for one image, without the weights
    timings: tuple[Timing, ...]
    work: tuple[tuple[str, float], ...] = ()  # of the MACs, by the kind of layer
    shares: tuple[tuple[str, float], ...] = ()  # of the time for one image, by the kind of layer; empty: not measured
    notes: tuple[str, ...] = ()  # what was left out, and why
    uncounted: int = 0  # operations with MACs that `macs` lacks

    def at(self, batch: int) -> Timing | None:
        return next((timing for timing in self.timings if timing.batch == batch), None)

    def intensity(self, batch: int) -> float:
        """MACs for each byte moved: every weight is read once for a batch, every map as often as somebody needs it."""
        return batch * self.macs / (ITEMSIZES[self.setup.precision] * (batch * self.touched + self.params))

    @property
    def source(self) -> str:
        """Where, how and when, for whoever reads the figure."""
        return f"{self.machine} ({self.setup}; {self.made[:10]})"

    @property
    def busy(self) -> float:
        """Cores that other programs used at the worst of it."""
        return max(timing.busy for timing in self.timings)

    @property
    def best(self) -> Timing:
        """With the batch that gives most images a second."""
        return max(self.timings, key=lambda timing: timing.rate)


@dataclass(frozen=True)
class Roof:
    """What the machine can do at most, measured by the same process: MACs a second, bytes a second."""

    setup: Setup
    machine: str
    torch: str
    made: str
    matmul: float  # one large matrix product
    convolution: float  # one large 3×3 convolution
    bandwidth: float  # a long copy: bytes read and written

    @property
    def rate(self) -> float:
        return max(self.matmul, self.convolution)


class MeasurementTrouble(ValueError):
    """The file cannot be read or written now; the sentence says why and what to do."""


BySetup = dict[Setup, dict[Spec, Speed]]


class Measurements:
    """Safe to use from any thread, and by several servers at once: a line is written in one piece or not at all."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / NAME
        self.guard = Lock()
        self.stamp: tuple[int, int] = (0, 0)
        self.known: tuple[Speed | Roof, ...] = ()
        self.sorted: BySetup = {}

    def add(self, thing: Speed | Roof) -> None:
        line = json.dumps(as_record(thing)) + "\n"
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | BINARY, 0o644)
            try:
                begun = os.fstat(handle).st_size
                if os.write(handle, line.encode()) < len(line.encode()):  # the disk took only a part of it
                    os.ftruncate(handle, begun)
                    raise MeasurementTrouble(f"The disk with {self.file} is full: free some space, then measure again.")
            finally:
                os.close(handle)
        except OSError as error:
            raise MeasurementTrouble(f"{self.file} cannot be written: {error.strerror}. {REMEDY}") from error

    def all(self) -> tuple[Speed | Roof, ...]:
        """In the order they were made; read again only when the file has changed. Raises `MeasurementTrouble`."""
        try:
            found = os.stat(self.file)
            with self.guard:
                if self.stamp != (stamp := (found.st_mtime_ns, found.st_size)):
                    lines = self.file.read_text(encoding="utf-8", errors="replace").splitlines()
                    self.known, self.stamp = tuple(filter(None, map(parsed, lines))), stamp
                    self.sorted = by_setup(self.known)
                return self.known
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise MeasurementTrouble(f"{self.file} cannot be read: {error.strerror}. {REMEDY}") from error

    def latest(self) -> BySetup:
        """The last measurement on this machine, by set-up and network; networks of one set-up differ in title."""
        return self.sorted if self.all() else {}


def by_setup(things: Iterable[Speed | Roof]) -> BySetup:
    grouped: BySetup = {}
    for speed in things:
        if isinstance(speed, Speed) and measured_here(speed):
            grouped.setdefault(speed.setup, {})[speed.spec] = speed
    return {setup: titled(speeds) for setup, speeds in grouped.items()}


REMEDY = "See to its permissions, or set EXPLORER_DATA to another folder."


def as_record(thing: Speed | Roof) -> dict[str, Any]:
    """For JSON."""
    return {"what": type(thing).__name__} | asdict(thing)


def from_record(record: Mapping[str, Any]) -> Speed | Roof:
    """Raises `LookupError`, `TypeError` or `ValueError` for what is no record of ours."""
    values = dict(record)
    kind, values["setup"] = values.pop("what"), Setup(**values["setup"])
    if kind == "Roof":
        return Roof(**values)
    spec = values["spec"]
    values["spec"] = Spec(spec["source"], spec["name"], tuple((name, plain_option(v)) for name, v in spec["options"]))
    values["timings"] = tuple(Timing(**timing) for timing in values["timings"])
    if not values["timings"]:
        raise ValueError("nothing was timed")
    for name in ("work", "shares"):
        values[name] = tuple((str(kind), float(share)) for kind, share in values[name])
    values["notes"] = tuple(values["notes"])
    return Speed(**values)


def plain_option(value: Any) -> Any:
    """An option's value as a spec holds it: JSON knows no tuples."""
    return tuple(map(plain_option, value)) if isinstance(value, list) else value


def parsed(line: str) -> Speed | Roof | None:
    """None for a line that was cut off, or that another version wrote."""
    try:
        return from_record(json.loads(line))
    except (ValueError, LookupError, TypeError):
        return None


_held: dict[Path, Measurements] = {}


def measurements() -> Measurements:
    """Those of the data folder as it is set now."""
    folder = data_folder()
    return _held.setdefault(folder, Measurements(folder))


def titled(speeds: dict[Spec, Speed]) -> dict[Spec, Speed]:
    titles = told_apart({spec: speed.title for spec, speed in speeds.items()})
    return {spec: replace(speed, title=titles[spec]) for spec, speed in speeds.items()}


def measured_here(thing: Speed | Roof) -> bool:
    """A graphics card is not asked for its name: that would wake it in the server. It is the last one seen."""
    return thing.setup.device != "cpu" or thing.machine == processor_name()


def first_setup() -> Setup:
    """In which networks are measured until somebody chooses another: the processor with all its cores."""
    return Setup(threads=count_cores())


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
