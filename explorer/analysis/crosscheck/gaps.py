"""Where a counter counts otherwise than we do: the gaps in single layers, added up by their reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from explorer.graph.graph import Block, Graph, Node, Shape


@dataclass(frozen=True)
class Gap:
    """In one layer or one parameter."""

    reason: str  # gaps of one reason are added up
    where: str  # the layer's path, or the parameter's name
    count: int  # what the tool counts beyond ours; below zero: what it leaves out


@dataclass(frozen=True)
class Term:
    """All gaps of one reason."""

    reason: str
    gaps: tuple[Gap, ...]

    @cached_property
    def count(self) -> int:
        return sum(gap.count for gap in self.gaps)


def terms(gaps: Iterable[Gap]) -> tuple[Term, ...]:
    """The largest first."""
    found: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        if gap.count:
            found[gap.reason].append(gap)
    added = (Term(reason, tuple(each)) for reason, each in found.items())
    return tuple(sorted(added, key=lambda term: -abs(term.count)))


class Modules:
    """What the graph says of the modules as they were written: who holds which parameter, who was called."""

    def __init__(self, graph: Graph, outputs: Mapping[str, Shape] | None = None) -> None:
        """`outputs`: what each layer wrote last, batch included, where a run with hooks has told."""
        self.graph, self.outputs = graph, outputs or {}
        self.parents = {block.path.rpartition(".")[0] for block in graph.blocks if block.path}

    def block(self, node: Node) -> Block:
        """The innermost module the operation ran in."""
        return self.graph.block_at[node.path[-1] if node.path else ""]

    def leaf(self, path: str) -> bool:
        return path not in self.parents

    @cached_property
    def parameters(self) -> dict[str, Shape]:
        """Those that were read, by their full names."""
        return dict(weight for node in self.graph.nodes for weight in node.weights)

    @cached_property
    def own(self) -> dict[str, dict[str, Shape]]:
        """By the module that holds them: their names there, and their shapes."""
        found: dict[str, dict[str, Shape]] = defaultdict(dict)
        for name, shape in self.parameters.items():
            owner, _, local = name.rpartition(".")
            found[owner][local] = shape
        return found

    @cached_property
    def aside(self) -> tuple[Block, ...]:
        """Layers that ran, but not on the image: on a table of positions, say. We count them where that is used."""
        inside = {path for node in self.graph.nodes for path in node.path}
        return tuple(self.graph.block_at[path] for path in self.outputs if path and path not in inside)


def unread(modules: Modules) -> list[Gap]:
    """Parameters that no operation reads: we leave them out; torch and torchinfo, which ask the modules, do not."""
    reason = "parameters of parts that do not run when the network is used, so we leave them out"
    return [Gap(reason, name, count) for name, count in modules.graph.left_out]
