"""One picture through a network: the output of every operation kept, and which of its sides holds the channels."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock, get_ident
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from explorer.activations.feature_maps import ChannelsLast, Slices
from explorer.activations.replay import Read, RecordedCall, Weight, changed_leaves
from explorer.formatting import binary
from explorer.graph.graph import Graph, Node, Shape
from explorer.models.inputs import arguments_of
from explorer.models.meta_init import modules_of
from explorer.tracing.detours import without_dead_ends
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
        self.called: dict[str, RecordedCall] = {}
        self.call: RecordedCall | None = None  # that is now being made
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

    def call_of(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> RecordedCall:
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

        return RecordedCall(function, changed_leaves(args, stand_in), changed_leaves(kwargs, stand_in))

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
    calls: Mapping[str, RecordedCall] = field(default_factory=dict)  # what was called for them, as far as that is known
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


# Which side holds the channels: followed from operation to operation, for shapes alone do not tell it


# Of a whole output, a letter a side: the picture (N), channels (C), rows (H) and columns (W), or both as tokens (T).
MAPS, LAST, TOKENS, LINES, BETWEEN = "NCHW", "NHWC", "NTC", "NCT", "TNC"
TURNS = ("permute", "transpose", "movedim", "moveaxis", "swapaxes", "swapdims")
RESHAPES = ("reshape", "view", "flatten", "unflatten", "Flatten", "Unflatten", "reshape_as", "view_as")
PLACEWISE_KINDS = ("activation", "addition", "multiplication", "dropout", "concatenation", "norm")
PLACEWISE_OPS = (
    *("Linear", "linear", "multi_head_attention_forward", "Identity", "contiguous", "clone", "to", "float", "type_as"),
    *("roll", "flip", "pad", "ZeroPad2d", "ReflectionPad2d", "ConstantPad2d", "chunk", "split", "getitem", "narrow"),
    *("pow", "exp", "log", "sqrt", "abs", "neg", "mean", "sum", "ChannelShuffle", "channel_shuffle"),
)
PRIMES = (2, 3, 5, 7, 11, 13, 17)  # lengths that tell the sides from each other


def laid_out(
    graph: Graph, outputs: Mapping[str, Tensor], calls: Mapping[str, RecordedCall], shapes: Mapping[str, Shape]
) -> dict[str, Tensor]:
    """The outputs, each of the class that says which side is which. `shapes`: with the picture's side."""
    axes = axes_of(graph, calls, shapes)
    return {name: as_laid_out(output, axes.get(name, "")) for name, output in outputs.items()}


def as_laid_out(output: Tensor, axes: str) -> Tensor:
    if axes in (LAST, BETWEEN) and output.ndim == 3:
        return output.as_subclass(ChannelsLast)
    unknown = not axes and output.ndim == 2  # may be tokens
    shown = axes.endswith("HW") or axes == TOKENS or unknown or output.ndim < 2 or output.shape[1:] == (1, 1)
    return output if shown else output.as_subclass(Slices)


def axes_of(graph: Graph, calls: Mapping[str, RecordedCall], shapes: Mapping[str, Shape]) -> dict[str, str]:
    """Forward from the picture; then back, for what an operation needs is known, too; and forward again."""
    axes = {node.name: MAPS for node in graph.inputs if len(shapes[node.name]) == len(MAPS)}
    known = [(node, calls[node.name]) for node in graph.operations if node.name in calls]
    for _ in range(2):
        for node, call in known:
            if node.name not in axes and (found := after(node, call, axes, shapes)):
                axes[node.name] = found
        for node, call in reversed(known):
            for read, found in needed(node, call, axes, shapes):
                axes.setdefault(read.node, found)
    return axes


def after(node: Node, call: RecordedCall, axes: Mapping[str, str], shapes: Mapping[str, Shape]) -> str:
    """Of what the operation gives; empty where that is not known."""
    shape = shapes[node.name]
    if on_maps(node) and len(shape) == len(MAPS):
        return MAPS
    before = [(read, axes[read.node]) for read in call.reads if len(axes.get(read.node, "")) == len(read.shape) > 0]
    if not before:
        return ""
    read, first = before[0]
    if node.op in TURNS and len(call.reads) == 1:
        return "".join(first[side] for side in turned(call))
    if node.op in RESHAPES:
        return reshaped(first, read.shape, shape)
    same = (known for read, known in before if len(known) == len(shape))
    return next(same, "") if placewise(node, call) else ""


def needed(
    node: Node, call: RecordedCall, axes: Mapping[str, str], shapes: Mapping[str, Shape]
) -> list[tuple[Read, str]]:
    """Of what the operation reads."""
    found, reads = axes.get(node.name, ""), [read for read in call.reads if read.node and not read.part]
    if on_maps(node) and reads and len(reads[0].shape) == len(MAPS):
        return [(reads[0], MAPS)]
    if not found or not reads:
        return []
    if node.op in TURNS and len(call.reads) == 1:
        sides = dict(zip(turned(call), found, strict=True))
        return [(reads[0], "".join(sides[side] for side in range(len(found))))]
    if node.op in RESHAPES:
        before = reshaped(found, shapes[node.name], reads[0].shape)
        return [(reads[0], before)] if before else []
    return [(read, found) for read in reads if len(read.shape) == len(found)] if placewise(node, call) else []


def on_maps(node: Node) -> bool:
    """Whether it works on rows and columns behind the channels."""
    several = node.kind in ("convolution", "pool") and "2d" in node.op.lower()
    return several or node.op in ("BatchNorm2d", "PixelShuffle", "PixelUnshuffle", "Upsample", "interpolate")


def placewise(node: Node, call: RecordedCall) -> bool:
    """Whether the sides stay what they are, whatever becomes of their lengths."""
    if node.op == "getitem":
        places = call.args[1] if isinstance(call.args[1], tuple) else (call.args[1],)
        return all(isinstance(place, slice) or place is Ellipsis for place in places)
    return (node.kind in PLACEWISE_KINDS and node.op != "stack") or node.op in PLACEWISE_OPS


def turned(call: RecordedCall) -> list[int]:
    """Which side of what it reads each side of the output is, found out on sides that differ."""
    lengths = PRIMES[: len(call.reads[0].shape)]

    def put_in(leaf: Any) -> Any:
        return torch.empty(lengths, device="meta") if isinstance(leaf, Read) else leaf

    function: Callable[..., Any] = call.function  # type: ignore[assignment]
    shape = function(*changed_leaves(call.args, put_in), **changed_leaves(call.kwargs, put_in)).shape
    return [lengths.index(length) for length in shape]


def reshaped(axes: str, before: Shape, after: Shape) -> str:
    """Where rows and columns are put together or taken apart, or channels are and these stay."""
    if before == after:
        return axes
    if axes[-2:] == "HW" and before[-2:] == after[-2:] and len(after) > 3 and before[0] == after[0]:
        return f"N{'C' * (len(after) - 3)}HW"
    found = {MAPS: LINES, LAST: TOKENS, LINES: MAPS, TOKENS: LAST}.get(axes, "")
    if len(found) != len(after):
        return ""
    kept = all(before[axes.index(side)] == after[found.index(side)] for side in "NC")
    return found if kept else ""
