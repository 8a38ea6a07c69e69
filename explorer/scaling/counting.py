"""One network built without numbers and counted, as the page keeps it: a dozen numbers instead of a graph."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from explorer.graph import Graph
from explorer.memory import inference_peak
from explorer.specs import Spec, build, input_shape
from explorer.tracing import trace


class Stage(NamedTuple):
    """Blocks of one kind: how many, how many channels each gives, and how many pixels a side its map has."""

    blocks: int
    channels: int
    side: int


@dataclass(frozen=True)
class Counted:
    spec: Spec
    params: int
    macs: int  # for one image of its own resolution
    activations: int  # bytes at the fullest moment of inference, one image, fp32
    resolution: int  # pixels a side of the image
    stages: tuple[Stage, ...]

    @property
    def blocks(self) -> int:
        return sum(stage.blocks for stage in self.stages)


@lru_cache(maxsize=4096)
def count(spec: Spec) -> Counted:
    """Raises `ValueError` with a reason where the network cannot be built, or does not run on its images."""
    model = build(spec, "meta")
    shape = input_shape(spec, model)
    graph = trace(model, shape)
    if graph.broken:
        raise ValueError(graph.broken)
    return Counted(spec, graph.params, graph.macs, inference_peak(graph).bytes, shape[-1], stages_of(graph))


def stages_of(graph: Graph) -> tuple[Stage, ...]:
    """The modules that hold the blocks, `stage1` or `stages.0`, in the order they run."""
    blocks: dict[str, set[str]] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for node in graph.nodes:
        place = next((at for at, path in enumerate(node.path) if is_stage(path)), None)
        if place is not None and len(node.path) > place + 1:
            blocks.setdefault(node.path[place], set()).add(node.path[place + 1])
            shapes[node.path[place]] = node.shape
    return tuple(Stage(len(blocks[path]), *shapes[path][:2]) for path in blocks)


def is_stage(path: str) -> bool:
    head, _, tail = path.rpartition(".")
    return (head == "stages" and tail.isdigit()) or (not head and tail.startswith("stage") and tail != "stages")
