"""A number of a network, what it counts, and who says so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from explorer.formatting import binary, short_number

Kind = Literal["published", "computed", "measured"]
DISTURBED = "another program was busy meanwhile"  # in the note of what was measured then
COUNTED = "counted from the network"  # the source of what is computed


@dataclass(frozen=True)
class Fact:
    """Accuracies and errors in percent, counts as they are, sizes in bytes, times in seconds, images a second."""

    quantity: str  # a key of `QUANTITIES`, or what papers alone print: "CIFAR-10 error"
    value: float
    kind: Kind
    source: str  # the paper's table, torchvision's weights, "counted from the network", the machine
    note: str = ""  # the convention, where it is another than ours; the version of the paper


def disturbed(fact: Fact | None) -> bool:
    """Whether it was measured while other programs were busy: on a quiet machine it is faster."""
    return fact is not None and DISTURBED in fact.note


@dataclass(frozen=True)
class Quantity:
    """What can be an axis, a column, or a wish."""

    title: str
    better: Literal["high", "low"]
    spell: Callable[[float], str]  # with its unit
    unit: str = ""  # of the axis
    log: bool = True  # how the axis is shown before anybody says otherwise


def percent(value: float) -> str:
    return f"{value:.2f} %"


def milliseconds(value: float) -> str:
    return f"{value:.3g} s" if value >= 0.9995 else f"{value * 1e3:.3g} ms"


def rate(value: float) -> str:
    return f"{value:.3g} images/s" if value < 1000 else f"{value:,.0f} images/s"


QUANTITIES: dict[str, Quantity] = {
    "top-1": Quantity("Top-1 accuracy", "high", percent, "%", log=False),
    "top-5": Quantity("Top-5 accuracy", "high", percent, "%", log=False),
    "MACs": Quantity("MACs", "low", short_number, "multiply-adds for one image"),
    "parameters": Quantity("Parameters", "low", short_number),
    "activations": Quantity("Activations", "low", short_number, "numbers written for one image"),
    "file size": Quantity("File size", "low", binary, "bytes"),
    "latency": Quantity("Latency, one image", "low", milliseconds, "seconds"),
    "throughput": Quantity("Throughput", "high", rate, "images a second"),
    "memory": Quantity("Peak memory while running", "low", binary, "bytes"),
}
