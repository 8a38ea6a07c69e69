"""A graph run again on real numbers, operation by operation, each reading only what the graph says it reads."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from explorer.graph.graph import Graph, Node
from explorer.tracing.tensors import tensors_of
from testing.call_recorder import (
    Call,
    Edge,
    Layout,
    Made,
    Patched,
    Place,
    Recording,
    Source,
    Step,
    Strange,
    Weight,
    mapped_tree,
)


class ReplayError(Exception):
    """A graph that cannot give the network's output; the message says at which node, and why."""


def replay(recording: Recording, graph: Graph, *given: Tensor) -> list[Tensor]:
    """What the network gives for these inputs, in turn, by this graph. Raises `ReplayError`.

    Values are never shared between nodes: what is written over is a copy, so that another node sees the change only
    by an edge. The graph must have the nodes that were recorded; its edges and weights may be others, and then count.
    """
    if graph.broken or not recording.outputs:
        raise ReplayError(graph.broken or "it gives nothing back")
    machine = Machine(recording, graph, {node.name: [x] for node, x in zip(graph.inputs, given, strict=True)})
    end = replace(graph.nodes[-1], name="end", op="output", inputs=tuple(node.name for node in graph.nodes))
    edges = [part for source in recording.outputs for part in parts_of(source) if isinstance(part, Edge)]
    last = {name: node.name for node in graph.nodes for name in node.inputs}
    last |= {end.inputs[edge.at]: end.name for edge in edges}
    for step in recording.steps[len(given) :]:
        machine.run(step)
        for name in machine.node.inputs if machine.node else ():
            if last[name] == step.name:
                machine.values.pop(name, None)
    machine.node, machine.inside = end, {}
    return [machine.value(source) for source in recording.outputs]


def parts_of(source: Source) -> Iterator[Source]:
    if isinstance(source, Patched):
        for part, _ in source.parts:
            yield from parts_of(part)
    else:
        yield source


class Machine:
    def __init__(self, recording: Recording, graph: Graph, values: dict[str, list[Tensor]]) -> None:
        self.recording, self.graph, self.values = recording, graph, values
        self.constants: dict[int, tuple[Tensor, frozenset[str]]] = {}  # with the weights that they were made of
        self.node: Node | None = None  # whose calls are run now; None for a constant
        self.inside: dict[int, Tensor] = {}
        self.read: set[str] = set()  # weights

    def run(self, step: Step) -> None:
        self.node = self.graph.by_name[step.name] if step.name else None
        self.inside, self.read = {}, set()
        try:
            for call in step.calls:
                self.run_call(call)
            if self.node:
                self.check_weights(self.node)
                self.values[step.name] = [self.value(source) for source in step.outs]
            else:
                weights = frozenset(self.read)
                self.constants.update((number, (tensor, weights)) for number, tensor in self.inside.items())
        except Exception as error:
            where = f"{self.node.name} ({self.node.op})" if self.node else "a constant"
            raise ReplayError(f"{where}: {(str(error).splitlines() or [type(error).__name__])[0]}") from error

    def check_weights(self, node: Node) -> None:
        if strangers := self.read - {name for name, _ in node.weights}:
            raise ReplayError(f"it reads {min(strangers)}, which the graph lacks")

    def run_call(self, call: Call) -> None:
        given = [self.value(source) for source in call.given]
        copies = {call.given[at]: given[at].clone() for at in call.changed}
        given = [copies.get(source, tensor) for source, tensor in zip(call.given, given, strict=True)]

        def real(leaf: Any) -> Any:
            if isinstance(leaf, Place):
                return given[leaf.at]
            on_meta = isinstance(leaf, torch.device | str) and str(leaf) == "meta"
            return torch.device("cpu") if on_meta else leaf

        args, kwargs = mapped_tree((call.args, call.kwargs), real)
        outs = tensors_of(call.func(*args, **kwargs))
        self.inside.update((number, given[at]) for at, number in call.changed.items())
        self.inside.update(zip(call.outs, outs, strict=False))

    def value(self, source: Source) -> Tensor:
        if isinstance(source, Edge):
            assert self.node
            if source.at >= len(self.node.inputs):
                raise ReplayError("it reads more than the graph says")
            return self.values[self.node.inputs[source.at]][source.out]
        if isinstance(source, Made):
            if source.number in self.inside:
                return self.inside[source.number]
            tensor, weights = self.constants[source.number]
            self.read |= weights
            return tensor
        if isinstance(source, Strange):
            raise ReplayError(source.why)
        if isinstance(source, Patched):
            return laid_over([(self.value(part), place) for part, place in source.parts])
        if isinstance(source, Weight):
            self.read.add(self.recording.names[source.key])
        return self.recording.numbers[source.key]


def laid_over(parts: list[tuple[Tensor, Layout]]) -> Tensor:
    """The first, with those after it written over it where they lie in the same memory."""
    ends = [
        place.offset + sum((side - 1) * stride for side, stride in zip(place.shape, place.strides, strict=True))
        for _, place in parts
    ]
    memory = parts[0][0].new_empty(max(ends) + 1)
    for tensor, place in parts:
        memory.as_strided(place.shape, place.strides, place.offset).copy_(tensor)
    first = parts[0][1]
    return memory.as_strided(first.shape, first.strides, first.offset).clone()
