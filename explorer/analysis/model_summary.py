"""One network and all that is worked out from it, each thing once: its counts, its fields, its table of layers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

from explorer.analysis.activation_memory import inference_peak, training_kept
from explorer.analysis.complexity import count_weighted_layers, network_depth
from explorer.analysis.receptive_field import ReceptiveField, receptive_fields
from explorer.analysis.stage_costs import total_costs
from explorer.formatting import csv_text, dimensions
from explorer.graph.expansion import View, default_view
from explorer.graph.graph import Graph, Node, Shape
from explorer.graph.module_tree import memory
from explorer.graph.outline import Outline, outline, text_alternative
from explorer.graph.segments import shape_positions
from explorer.models.facts import COUNTED, Fact
from explorer.models.spec import Spec
from explorer.tracing.tracer import graph_of

COLUMNS = ("layer", "operation", "output", "parameters", "MACs", "activations", "field")


@dataclass(frozen=True)
class ModelSummary:
    spec: Spec
    graph: Graph

    @cached_property
    def outline(self) -> Outline:
        return outline(self.graph)

    @cached_property
    def fields(self) -> Mapping[str, ReceptiveField]:
        return receptive_fields(self.graph)

    @cached_property
    def field(self) -> ReceptiveField:
        """The widest before the image is brought together in one place."""
        return max(self.fields.values(), key=lambda field: field.size)

    @cached_property
    def sees_all(self) -> bool:
        """Whether a map, not only the vector after it, depends on the whole image: by attention, or by gates."""
        return any(self.fields[node.name].whole and shape_positions(node.shape) > 1 for node in self.graph.nodes)

    @cached_property
    def depth(self) -> int:
        return network_depth(self.graph)

    @cached_property
    def weighted_layers(self) -> int:
        return count_weighted_layers(self.graph)

    @cached_property
    def peak(self) -> int:
        """Bytes of activations at the fullest moment of inference, one image, fp32."""
        return inference_peak(self.graph).total()

    @cached_property
    def kept(self) -> int:
        """Bytes of activations that training keeps for the backward pass, one image, fp32."""
        return training_kept(self.graph).total()

    @cached_property
    def words(self) -> str:
        """The picture as a nested list."""
        return text_alternative(self.outline)

    @cached_property
    def view(self) -> View:
        """What is open before anybody opens anything."""
        return default_view(self.outline)


def layer_rows(study: ModelSummary, names: tuple[str, ...] | None = None) -> list[dict[str, Any]]:
    """In execution order; `names` picks nodes. Activations in bytes for one image, the field in pixels a side."""
    nodes = study.graph.nodes if names is None else [study.graph.by_name[name] for name in names]
    return [layer_row(node, study) for node in nodes]


def layer_row(node: Node, study: ModelSummary) -> dict[str, Any]:
    name, field = node.path[-1] if node.path else node.op.lower(), int(study.fields[node.name].size[0])
    macs = None if not node.macs and study.graph.lacks((node.name,)) else node.macs  # unknown is not none
    values = (name, node.op, dimensions(node.shape), node.params, macs, memory(node), field)
    return dict(zip(COLUMNS, values, strict=True))


def layer_csv(study: ModelSummary) -> str:
    """The whole table, with what each operation reads and its settings, as comma-separated values."""
    rows: list[tuple[object, ...]] = [("number", *COLUMNS, "reads", "settings", "remarks")]
    for node in study.graph.nodes:
        settings = "; ".join(f"{name}={value}" for name, value in node.attributes if name != "products")
        remarks = "; ".join(study.graph.remarks((node.name,)))
        rows.append((node.name, *layer_row(node, study).values(), " ".join(node.inputs), settings, remarks))
    return csv_text(rows)


@lru_cache(maxsize=128)
def study(spec: Spec) -> ModelSummary:
    """Raises `ValueError` with a reason where the network cannot be built."""
    return ModelSummary(spec, graph_of(spec))


class ScaledStage(NamedTuple):
    """Blocks of one kind: how many, how many channels each gives, and how many pixels a side its map has."""

    blocks: int
    channels: int
    side: int


@dataclass(frozen=True)
class GraphCounts:
    """Of one image. All are 0 where the network could not be built, and `problem` says why."""

    params: int = 0
    left_out: int = 0  # parameters that no image passes in evaluation, such as auxiliary heads
    macs: int = 0
    activations: int = 0  # numbers written to memory of their own: what works in place writes none
    normed: int = 0  # numbers that norms put out
    side: int = 0  # pixels of the image
    peak: int = 0  # bytes of activations at the fullest moment of inference, fp32
    stages: tuple[ScaledStage, ...] = ()
    problem: str = ""
    uncounted: int = 0  # operations whose MACs are not known: `macs` is the sum of the others

    @property
    def blocks(self) -> int:
        return sum(stage.blocks for stage in self.stages)


def count_graph(graph: Graph) -> GraphCounts:
    """Raises `ValueError` with the reason for a network that does not run to its end."""
    if graph.broken:
        raise ValueError(graph.broken)
    return GraphCounts(
        params=graph.params,
        left_out=sum(number for _, number in graph.left_out),
        macs=graph.macs,
        activations=total_costs(graph.operations).activations,
        normed=sum(prod(node.shape) for node in graph.nodes if node.kind == "norm"),
        side=graph.nodes[0].shape[-1] if graph.nodes[0].shape else 0,
        peak=inference_peak(graph).total(),
        stages=scaled_stages(graph),
        uncounted=len(graph.uncounted),
    )


@lru_cache(maxsize=4096)
def count_spec(spec: Spec) -> GraphCounts:
    """Raises `ValueError` with a reason where the network cannot be built, or does not run on its images.

    Its graph is not kept: hundreds are counted for one that is shown.
    """
    return count_graph(graph_of.__wrapped__(spec))


STAGE = re.compile(r"stages\.\d+|stage(?!s$)[^.]*")  # as the module that holds the blocks is called


def scaled_stages(graph: Graph) -> tuple[ScaledStage, ...]:
    """In the order they run."""
    blocks: dict[str, set[str]] = {}
    shapes: dict[str, Shape] = {}
    for node in graph.nodes:
        for path, inside in pairwise(node.path):
            if STAGE.fullmatch(path):
                blocks.setdefault(path, set()).add(inside)
                shapes[path] = node.shape
    return tuple(ScaledStage(len(blocks[path]), *shapes[path][:2]) for path in blocks)


def counted_facts(count: GraphCounts) -> tuple[Fact, ...]:
    if count.problem:
        return ()
    out = f"without {count.left_out:,} in parts that only training uses" if count.left_out else ""
    at = f"one image of {count.side} pixels"
    lacks = f"; at least: what {count.uncounted} of its operations multiply is not known" if count.uncounted else ""
    return (
        Fact("parameters", count.params, "computed", COUNTED, out),
        Fact("MACs", count.macs, "computed", COUNTED, f"{at}; bias and norms count none, attention does{lacks}"),
        Fact("activations", count.activations, "computed", COUNTED, f"{at}; every number put where none was before"),
    )
