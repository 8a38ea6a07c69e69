"""What a network costs as counted from its graph: a handful of numbers, cheap to keep for hundreds of networks."""

from dataclasses import dataclass
from math import prod

from explorer.compare.facts import COUNTED, Fact
from explorer.graph import Graph
from explorer.stages import by_stage


@dataclass(frozen=True)
class Count:
    """Of one image. All are 0 where the network could not be built, and `problem` says why."""

    parameters: int = 0
    left_out: int = 0  # parameters that no image passes in evaluation, such as auxiliary heads
    macs: int = 0
    activations: int = 0  # numbers written to memory of their own: what works in place writes none
    normed: int = 0  # numbers that norms put out
    side: int = 0  # pixels of the image
    problem: str = ""

    @property
    def macs_with_norms(self) -> int:
        """As counters say it that take a norm for a multiplication and an addition on every number."""
        return self.macs + 2 * self.normed


def count(graph: Graph) -> Count:
    """Raises `ValueError` with the reason for a network that does not run to its end."""
    if graph.broken:
        raise ValueError(graph.broken)
    norms = (prod(node.shape) for node in graph.nodes if node.kind == "norm")
    return Count(
        *(graph.params, sum(number for _, number in graph.left_out), graph.macs),
        sum(stage.activations for stage in by_stage(graph)),
        *(sum(norms), graph.nodes[0].shape[-1]),
    )


def facts_of(count: Count) -> tuple[Fact, ...]:
    if count.problem:
        return ()
    out = f"without {count.left_out:,} in parts that only training uses" if count.left_out else ""
    at = f"one image of {count.side} pixels"
    return (
        Fact("parameters", count.parameters, "computed", COUNTED, out),
        Fact("MACs", count.macs, "computed", COUNTED, f"{at}; bias and norms count none, attention does"),
        Fact("activations", count.activations, "computed", COUNTED, f"{at}; every number put where none was before"),
    )
