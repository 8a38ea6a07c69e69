"""A trace that keeps what was called, and where each tensor among the arguments came from: what `replay` runs again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from explorer.graph.graph import Graph
from explorer.models.inputs import arguments_of
from explorer.models.meta_init import modules_of, on_meta, unregistered_tensors
from explorer.tracing.detours import without_dead_ends
from explorer.tracing.operations import METADATA, LayerRule
from explorer.tracing.recorder import Notes, Recorder
from explorer.tracing.tensors import is_wrapped, memory_of, overlap, overwrites_its_input, tensors_of
from explorer.tracing.tracer import run_recorded, twins_of


@dataclass(frozen=True)
class Edge:
    """The `out`-th tensor of the node that stands at place `at` among a node's inputs."""

    at: int
    out: int


@dataclass(frozen=True)
class Made:
    """What an earlier call of the same node made, or a call that reads nothing of the image."""

    number: int


@dataclass(frozen=True)
class Weight:
    key: int  # the id of the tensor without numbers that stands for it


@dataclass(frozen=True)
class Constant:
    """A buffer, or a tensor that came from outside."""

    key: int


@dataclass(frozen=True)
class Strange:
    why: str


@dataclass(frozen=True)
class Layout:
    """How a tensor lies in its memory."""

    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True)
class Patched:
    """What was written over since, by way of other tensors in the same memory: first itself, then what was written."""

    parts: "tuple[tuple[Source, Layout], ...]"


Source = Edge | Made | Weight | Constant | Strange | Patched


@dataclass(frozen=True)
class Place:
    """Where a tensor stood among the arguments of a call."""

    at: int


@dataclass
class Call:
    """A function of torch's with its arguments, `Place`s in place of the tensors among them."""

    func: Callable[..., Any]
    args: Any
    kwargs: Any
    given: list[Source]
    outs: list[int] = field(default_factory=list)  # the numbers of what it gives back
    changed: dict[int, int] = field(default_factory=dict)  # places of what it overwrites, and the numbers afterwards


@dataclass
class Step:
    """The calls of one node, or of something that reads nothing of the image."""

    name: str  # of the node; empty for a constant
    calls: list[Call]
    outs: list[Source]


@dataclass(frozen=True)
class Recording:
    graph: Graph
    steps: list[Step]
    outputs: list[Source]  # what the network gave back, as if all nodes were the inputs of one more
    numbers: dict[int, Tensor]  # real tensors, by the ids of those that stood for them
    names: dict[int, str]  # of weights, by the same


def record_calls(own: nn.Module, inputs: Any, numbers: dict[str, Tensor] | None = None) -> Recording:
    """A trace that keeps what was called, of a network on the CPU; `inputs` as `trace` takes them, `numbers` as
    `trace_run` does."""
    model = own if numbers else on_meta(own, modules_of(own))
    recorder = CallRecorder(own, model, numbers)
    graph = run_recorded(recorder, model, arguments_of(inputs))
    kept = without_dead_ends(recorder.nodes, recorder.hooked, recorder.given_back)
    steps = [
        Step(kept.get(step.name, ""), step.calls, step.outs)
        for step in recorder.steps
        if not step.name or step.name in kept
    ]
    outputs = [recorder.as_read(source, set(), tuple(kept)) for source in recorder.returned]
    return Recording(graph, steps, outputs, recorder.numbers, recorder.names)


class CallRecorder(Recorder):
    def __init__(self, own: nn.Module, model: nn.Module, numbers: dict[str, Tensor] | None) -> None:
        super().__init__(modules_of(model), twins_of(own, model), numbers)
        self.numbers = real_tensors(own, model)
        self.steps: list[Step] = []
        self.returned: list[Source] = []
        self.kept: list[Any] = []  # so that ids stay their own
        self.latest: dict[int, int] = {}  # the number of what a tensor holds now, by its id
        self.layouts: dict[tuple[int, Layout], int] = {}  # the same, for another object that is the same memory
        self.written: dict[int, list[tuple[int, Tensor]]] = {}  # by the memory: the numbers of what was written
        self.owners: dict[int, tuple[str, int]] = {}  # of numbers: the node, and which of its tensors
        self.call: tuple[Call, list[Tensor], list[int]]
        self.calls_now: list[Call] = []  # of the node that is being recorded
        self.made = 0

    def closed_form(self, module: nn.Module, closed: LayerRule, x: Any) -> None:
        """Every layer runs, so that the functions it calls are seen: the graph must be the same one."""

    def enter(self, path: str, layer: bool) -> None:
        super().enter(path, layer)
        self.calls_now = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in METADATA:
            return super().__torch_function__(func, types, args, kwargs)
        given = tensors_of((args, kwargs or {}))
        with torch._C.DisableTorchFunction():
            places = with_places((args, kwargs or {}))
            call = Call(func, places[0], places[1], [self.source(tensor) for tensor in given])
            self.call = call, given, [tensor._version for tensor in given]
        out = super().__torch_function__(func, types, args, kwargs)
        if self.frames[-1].layer:
            self.finish(out)
        return out

    def finish(self, out: Any) -> None:
        """Number what the latest call made, and what it wrote over."""
        call, given, versions = self.call
        outs = tensors_of(out)
        back = {id(tensor) for tensor in outs}
        with torch._C.DisableTorchFunction():
            writes = overwrites_its_input(call.func, call.kwargs or {})  # closed forms leave the version as it is
            first = writes and "out" not in (call.kwargs or {})
            for at, (tensor, version) in enumerate(zip(given, versions, strict=True)):
                if at and first and memory_of(tensor) == memory_of(given[0]):  # found by way of what is written
                    continue
                if tensor._version != version or id(tensor) in back:
                    call.changed[at] = number = self.number(tensor)
                    if tensor._version != version or (writes and at == 0):
                        self.written.setdefault(memory_of(tensor), []).append((number, tensor))
            seen = {id(given[at]): number for at, number in call.changed.items()}
            call.outs = [seen.get(id(tensor)) or self.number(tensor) for tensor in outs]
        self.calls_now.append(call)

    def number(self, tensor: Tensor) -> int:
        self.made += 1
        self.kept.append(tensor)
        self.latest[id(tensor)] = self.layouts[memory_of(tensor), layout(tensor)] = self.made
        return self.made

    def source(self, tensor: Tensor) -> Source:
        source = self.source_as_made(tensor)
        if not self.written or is_wrapped(tensor):
            return source
        made = source.number if isinstance(source, Made) else 0
        written = self.written.get(memory_of(tensor), ())
        later = [(Made(at), layout(each)) for at, each in written if at > made and overlap(tensor, each)]
        return Patched(((source, layout(tensor)), *later)) if later else source

    def source_as_made(self, tensor: Tensor) -> Source:
        key = id(tensor)
        if key in self.latest:
            return Made(self.latest[key])
        if (twin := self.weights.twins.get(key)) is not None:
            return Weight(id(twin))
        if key in self.names:
            return Weight(key)
        if key not in self.numbers and (tensor.is_meta or self.real):
            number = None if is_wrapped(tensor) else self.layouts.get((memory_of(tensor), layout(tensor)))
            return Made(number) if number else Strange("a tensor that came by a way no function mode sees")
        if key not in self.numbers:
            self.kept.append(tensor)
            self.numbers[key] = tensor.detach().clone()
        return Constant(key)

    def record(self, op: str, out: Any, notes: Notes) -> None:
        if not self.frames[-1].layer:
            self.calls_now = []
            self.finish(out if self.call[0].func is not torch.Tensor.__setitem__ else None)
        before = len(self.nodes)
        super().record(op, out, notes)
        calls = [call for call in self.calls_now if call.outs or call.changed]
        if len(self.nodes) == before and calls:
            self.read_by_edges(calls, ())
            self.steps.append(Step("", calls, []))
        self.calls_now = []

    def note(self, op: str, outs: list[Tensor], notes: Notes) -> None:
        reads = tuple(notes.reads)
        inside = self.read_by_edges(self.calls_now, reads)
        with torch._C.DisableTorchFunction():
            found = [self.as_read(self.source(tensor), inside, reads) for tensor in outs] if self.nodes else []
        super().note(op, outs, notes)
        name = self.nodes[-1].name
        self.steps.append(Step(name, self.calls_now, found))
        for at, tensor in enumerate(outs):
            number = self.latest.get(id(tensor)) or self.number(tensor)
            self.owners[number] = name, at

    def read_by_edges(self, calls: list[Call], reads: tuple[str, ...]) -> set[int]:
        """The numbers that these calls make; what they read of other nodes is from now on read by an edge."""
        inside = {number for call in calls for number in (*call.outs, *call.changed.values())}
        for call in calls:
            call.given = [self.as_read(each, inside, reads) for each in call.given]
        return inside

    def as_read(self, source: Source, inside: set[int], reads: tuple[str, ...]) -> Source:
        """By way of the edges of the node that reads it."""
        if isinstance(source, Patched):
            parts = [(self.as_read(each, inside, reads), place) for each, place in source.parts]
            return Patched(tuple(parts))
        if not isinstance(source, Made) or source.number in inside or source.number not in self.owners:
            return source
        name, out = self.owners[source.number]
        return Edge(reads.index(name), out) if name in reads else Strange(f"it reads {name}, which the graph lacks")

    def end(self, out: Any) -> None:
        super().end(out)
        self.returned = [self.source(tensor) for tensor in tensors_of(out)]


def layout(tensor: Tensor) -> Layout:
    return Layout(int(tensor.storage_offset()), tuple(tensor.shape), tensor.stride())


def real_tensors(own: nn.Module, model: nn.Module) -> dict[int, Tensor]:
    """What the tensors of a copy without numbers stand for, by their ids."""
    return {id(twin): tensor for (_, tensor), (_, twin) in zip(held(own), held(model), strict=True)}


def held(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    modules = modules_of(model)
    for _, module in modules:
        registered = chain(module._parameters.items(), module._buffers.items())
        yield from ((name, tensor) for name, tensor in registered if tensor is not None)
    yield from unregistered_tensors(modules)


def with_places(tree: Any, count: Iterator[int] | None = None) -> Any:
    """`Place`s in place of the tensors, in the order in which `tensors_of` finds them."""
    count = iter(range(1_000_000)) if count is None else count
    return mapped_tree(tree, lambda leaf: Place(next(count)) if isinstance(leaf, Tensor) else leaf)


def mapped_tree(tree: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(tree, dict):
        return {key: mapped_tree(value, change) for key, value in tree.items()}
    if isinstance(tree, tuple | list) and type(tree) is not torch.Size:
        inside = [mapped_tree(each, change) for each in tree]
        return type(tree)(*inside) if hasattr(tree, "_fields") else type(tree)(inside)
    return change(tree)
