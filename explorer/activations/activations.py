"""One picture through a network, and the output of every operation kept: the recorder of the pictures, on numbers."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock, get_ident
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from explorer.activations.axes import laid_out
from explorer.activations.replay import Call, Read, Weight, changed_leaves
from explorer.formatting import binary
from explorer.graph.graph import Graph
from explorer.models.inputs import arguments_of
from explorer.models.meta_init import modules_of
from explorer.tracing.detours import without_dead_ends
from explorer.tracing.op_attributes import Shape
from explorer.tracing.operations import METADATA
from explorer.tracing.recorder import Notes, Recorder, is_layer
from explorer.tracing.tensors import is_wrapped, memory_of
from explorer.tracing.tracer import lock_of, run_recorded

MOST = 768 * 2**20  # bytes of one picture's activations
KEPT = 1536 * 2**20  # bytes of all that the server keeps


class ActivationRecorder(Recorder):
    """Copies each output at once: what comes later may write over it."""

    def __init__(self, model: nn.Module, numbers: dict[str, Tensor]) -> None:
        super().__init__(modules_of(model), {}, numbers)
        self.copies: dict[str, Tensor] = {}
        self.shapes: dict[str, Shape] = {}  # with the batch, which need not stand in front
        self.called: dict[str, Call] = {}
        self.call: Call | None = None  # that is now being made
        self.parts: dict[int, int] = {}  # of an operation's outputs, by their ids, which the recorder keeps from others
        self.parameters = {id(each): name for name, each in model.named_parameters()}
        self.room = MOST

    def detour(self, path: str, module: nn.Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        recorded = super().detour(path, module, forward)
        if not is_layer(module):
            return recorded

        def remembered(*args: Any, **kwargs: Any) -> Any:
            if get_ident() == self.thread:
                with torch._C.DisableTorchFunction():
                    self.call = self.call_of(path, args, kwargs)
            return recorded(*args, **kwargs)

        return remembered

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not self.frames[-1].layer and func not in METADATA:
            self.call = self.call_of(func, args, kwargs or {})  # before it runs: it may write over what it reads
        return super().__torch_function__(func, types, args, kwargs)

    def call_of(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        def stand_in(leaf: Any) -> Any:
            if not isinstance(leaf, Tensor):
                return leaf
            if maker := self.makers.get(id(leaf)):
                return Read(maker[0], self.parts[id(leaf)], tuple(leaf.shape))
            if name := self.parameters.get(id(leaf)):
                return Weight(name)
            if id(leaf) not in self.constants and (is_wrapped(leaf) or memory_of(leaf) in self.storages):
                return Read("")
            return leaf

        return Call(function, changed_leaves(args, stand_in), changed_leaves(kwargs, stand_in))

    def note(self, op: str, outs: list[Tensor], notes: Notes) -> None:
        super().note(op, outs, notes)
        node = self.nodes[-1]
        self.shapes[node.name] = tuple(outs[0].shape)
        self.parts.update((id(out), part) for part, out in reversed(list(enumerate(outs))))
        if self.call:
            self.called[node.name], self.call = self.call, None
        self.room -= outs[0].numel() * outs[0].itemsize
        if self.room < 0:
            raise ValueError(f"what it computes of one picture takes more than {binary(MOST)}: choose a smaller image")
        self.copies[node.name] = outs[0].detach().clone().reshape(node.shape)


@dataclass(frozen=True, eq=False)
class Activations:
    """Of one picture: by the graph's nodes, each of its node's shape, that is without the batch."""

    graph: Graph
    outputs: Mapping[str, Tensor]
    calls: Mapping[str, Call] = field(default_factory=dict)  # what was called for them, as far as that is known
    thumbnails: dict[str, str] = field(default_factory=dict)  # of those that were shown, as `thumbnail` makes them

    @cached_property
    def size(self) -> int:
        """Bytes."""
        return sum(each.numel() * each.itemsize for each in self.outputs.values())

    @cached_property
    def first_bad(self) -> str:
        """The first node with a number that is none, or infinite; empty where there is none."""
        bad = (name for name, each in self.outputs.items() if each.is_floating_point() and not each.isfinite().all())
        return next(bad, "")


def activations(model: nn.Module, image: Tensor) -> Activations:
    """`image`: (C, H, W) of numbers as the network takes them; the network lies on the CPU and is left as it was.

    Raises `ValueError` with a sentence where the network stops, or would need too much memory.
    """
    return record_run(ActivationRecorder, model, image)[1]


Kind = TypeVar("Kind", bound=ActivationRecorder)


def record_run(
    kind: type[Kind], model: nn.Module, image: Tensor, gradients: bool = False
) -> tuple[Kind, Activations, dict[str, str]]:
    """The recorder, what it kept, and by its own names of operations those of the graph. Raises as `activations`."""
    inputs = arguments_of(tuple(image.shape))
    with lock_of(model):
        recorder = kind(model, {inputs[0].name: image[None]})
        graph = run_recorded(recorder, model, inputs, gradients)
    if graph.broken:
        raise ValueError(graph.broken)
    names = {name: name for name in recorder.copies}
    if recorder.hooked:
        names = without_dead_ends(recorder.nodes, recorder.hooked, recorder.given_back)
    kept = {names[name]: each for name, each in recorder.copies.items() if name in names}
    calls = {names[name]: call.with_names(names) for name, call in recorder.called.items() if name in names}
    shapes = {names[name]: shape for name, shape in recorder.shapes.items() if name in names}
    return recorder, Activations(graph, laid_out(graph, kept, calls, shapes), calls), names


class ActivationCache:
    """The latest of the whole server: the oldest go where all would take more than `most` bytes. For any thread."""

    def __init__(self, most: int = KEPT) -> None:
        self.most, self.lock = most, Lock()
        self.kept: OrderedDict[Hashable, Activations] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Activations]) -> Activations:
        """Those of the key, made where they are not there. Two who ask at once may both make them."""
        with self.lock:
            if key in self.kept:
                self.kept.move_to_end(key)
                return self.kept[key]
        made = make()
        with self.lock:
            self.kept[key] = made
            while len(self.kept) > 1 and sum(each.size for each in self.kept.values()) > self.most:
                self.kept.popitem(last=False)
        return made
