"""`python -m benchmarks`: one table of ratios; fails if one is not what it should be."""

import gc
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from benchmarks.loss_slices import timed_rows
from benchmarks.networks import BUILDERS, Network, ours, torchvisions
from benchmarks.peers import COUNTERS, picture_table_and_count
from benchmarks.timing import Comparison, compare
from explorer.subprocess_client import SubprocessClient


@dataclass(frozen=True)
class Row:
    """One line of the table. `at_most`: ours over theirs; `at_least`: theirs over ours."""

    network: str
    beside: str
    times: Comparison
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float:
        return 1 / self.times.ratio if self.at_most else self.times.ratio

    @property
    def holds(self) -> bool:
        return self.ratio <= self.at_most if self.at_most else self.ratio >= (self.at_least or 0)

    def __str__(self) -> str:
        asked = f"≤ {self.at_most}× as long" if self.at_most else f"≥ {self.at_least}× as fast"
        ms = f"{median(self.times.ours) * 1e3:.0f} | {median(self.times.theirs) * 1e3:.0f}"
        return (
            f"| {self.network} | {self.beside} | {ms} | {self.ratio:.2f} | {asked} | {'yes' if self.holds else 'NO'} |"
        )


def rows() -> Iterator[Row]:
    """First what patches nothing, then what patches the process."""
    for builder in BUILDERS:
        own = ours(builder)
        yield Row(own.name, "bare build and run on meta", compare(own.read, own.bare, 15), at_most=1.0)
    for builder in BUILDERS:
        theirs = torchvisions(builder)
        yield Row(f"`{builder}`", "bare build and run on meta", compare(theirs.read, theirs.bare, 15), at_most=1.3)
    for builder in BUILDERS:
        yield together(torchvisions(builder))
    for builder in ("resnet152", "efficientnet_b7"):
        yield fastest(torchvisions(builder))


def together(network: Network) -> Row:
    times = compare(network.read, partial(picture_table_and_count, network), 7)
    return Row(f"`{network.name}`", "torchview + torchinfo + thop, on meta", times, at_least=4)


def fastest(network: Network) -> Row:
    """Beside the counter that comes closest to ours."""
    times = {name: compare(network.read, partial(count, network), 7) for name, count in COUNTERS.items()}
    name = min(times, key=lambda name: times[name].ratio)
    return Row(
        f"`{network.name}`", f"{name}, the fastest of {', '.join(times)} as people call them", times[name], at_least=10
    )


def beside_torchlens(names: Sequence[str]) -> Iterator[str]:
    """What it takes to see every operation: ours from shapes, TorchLens' from real numbers, all of which it keeps."""
    clients = {who: SubprocessClient("testing.torchlens", {"OMP_NUM_THREADS": "1"}) for who in ("ours", "torchlens")}
    for name in names:
        found = [client.request((who, ("torchvision", name), 224), 600) for who, client in clients.items()]
        figures = " | ".join(f"{each['seconds'] * 1e3:,.0f} | {each['megabytes']:,.0f}" for each in found)
        yield f"| `{name}` | {figures} |"
    for client in clients.values():
        client.end()


if __name__ == "__main__":
    print("Build and trace, milliseconds (medians; the ratio is the median over pairs).\n")
    print("| Network | Beside | Ours | Theirs | Ratio | Should be | Holds |")
    print("|---|---|--:|--:|--:|---|---|")
    gc.collect()
    gc.freeze()  # as the app does: neither side pays for looking through PyTorch's own objects
    held = []
    for row in rows():
        print(row, flush=True)
        held.append(row.holds)
    print("\nTo see every operation of a built network at 224 px, a process each: milliseconds, and megabytes more.\n")
    print("| Network | Ours, ms | Ours, MB | TorchLens, ms | TorchLens, MB |")
    print("|---|--:|--:|--:|--:|")
    for line in beside_torchlens(("resnet18", "resnet50", "mobilenet_v3_small", "densenet121")):
        print(line, flush=True)
    print("\nThe loss around the weights, on 200 pictures, one thread, as in a worker.\n")
    print("| Network | A point, ms | 41 along a line, s | All 461 of a map and its line, s |")
    print("|---|--:|--:|--:|")
    for line in timed_rows():
        print(line, flush=True)
    sys.exit(not all(held))
