"""Writes down what a network does while it runs: every layer, and every function called outside of one.

Nothing process-wide is touched. The traced module's own `forward` takes a detour while it is recorded, for the thread
that records it only; the function mode belongs to its thread. So this is safe beside other visitors and training.
"""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.graph.graph import Node, made
from explorer.graph.op_kinds import op_kind
from explorer.models.inputs import Argument
from explorer.models.torchscript import Closed
from explorer.tracing.op_attributes import Settings, function_name
from explorer.tracing.operations import LAYERS, METADATA, CallOutcome, LayerRule, run
from explorer.tracing.tensors import (
    Overwrites,
    Weights,
    bare,
    collect,
    image_shape,
    mapped,
    memory_of,
    move_to_meta,
    named_tensors,
    overwrites_its_input,
    tensors_of,
)

NOT_SEEN = "what happens inside is not seen: {:,} parameters, MACs unknown"
UNSEEN = "how this comes about is not seen: its multiply-adds are unknown, and it may read more weights"


@dataclass(slots=True)
class Notes:
    """What has been seen of one operation so far."""

    reads: dict[str, None] = field(default_factory=dict)  # the nodes it reads, in order
    held: dict[int, Tensor] = field(default_factory=dict)
    macs: int = 0
    uncounted: dict[str, None] = field(default_factory=dict)  # why `macs` is not all, in sentences
    settings: Settings = ()
    fresh: Any = None  # a tensor that surely has memory of its own
    writes: bool = False  # over what it reads


@dataclass(slots=True)
class RunningModule:
    """A module that is now running."""

    path: str
    paths: tuple[str, ...]  # from the outermost module to this one
    calls: tuple[int, ...]
    layer: bool  # PyTorch's own childless module: drawn whole, what it calls inside is its own affair
    notes: Notes = field(default_factory=Notes)


class Recorder(TorchFunctionMode):
    """Tensors made from parameters alone (an expanded class token, standardised weights, a table of position biases)
    are no operations on the image: what they hold and cost is counted with the operation that uses them."""

    def __init__(
        self, modules: list[tuple[str, nn.Module]], twins: dict[int, Tensor], numbers: dict[str, Tensor] | None = None
    ) -> None:
        """`numbers`: what goes in, by the arguments' names, where the network runs on real ones."""
        super().__init__()
        self.modules, self.real = modules, numbers
        self.thread = threading.get_ident()
        self.weights = Weights(modules, twins)
        self.names = self.weights.names
        self.notes: list[tuple[str, str]] = []  # on the weights of a node, by its name
        self.uncounted: list[tuple[str, str]] = []  # why the MACs of a node are not all
        self.nodes: list[Node] = []
        self.frames = [RunningModule("", (), (), False)]
        self.calls: defaultdict[str, int] = defaultdict(int)
        self.counted: set[int] = set()  # ids of the parameters some node has counted
        self.makers: dict[int, tuple[str, Tensor]] = {}  # the tensor is held so that its id stays its own
        self.constants: dict[int, tuple[Notes, Tensor]] = {}
        self.moved: dict[int, tuple[Tensor, Tensor]] = {}  # from the CPU, with what stands for it
        self.storages: dict[int, str] = {}  # the memory of the tensors in `makers`, and the node that wrote it last
        self.overwrites = Overwrites()
        self.hooked: set[str] = set()  # the nodes that hooks made
        self.given_back: set[str] = set()  # the nodes whose outputs the network gave back
        self.outputs: tuple[tuple[str, str], ...] = ()  # by name, where they are more than a tensor
        self.last: tuple[Any, list[Tensor]] = (None, [])  # the function that ran last, or tried to, on what
        self.stopped: tuple[Exception | None, str] = (None, "")  # the latest error, and the innermost module it left

    def detour(self, path: str, module: nn.Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        layer, unseen = is_layer(module), isinstance(module, Closed)
        closed = LAYERS.get(type(module))

        def recorded(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self.thread:
                return forward(*args, **kwargs)
            self.enter(path, layer)
            if unseen:
                self.look_inside(module, args)
            try:
                if closed and len(args) == 1 and (outcome := self.closed_form(module, closed, args[0])):
                    return outcome.out
                out = forward(*args, **kwargs)
            except Exception as error:
                self.stop(error)
                raise
            self.leave(module, out)
            return out

        return recorded

    def closed_form(self, module: nn.Module, closed: LayerRule, x: Any) -> CallOutcome | None:
        """A plain layer of PyTorch's on the image, without running it; None where it has to run."""
        maker = self.makers.get(id(x))
        if maker is None or self.real or mapped():
            return None
        with torch._C.DisableTorchFunction():
            outcome = closed(module, x)
            if outcome is None:
                return None
            notes = self.frames[-1].notes
            if self.overwrites.writes:
                self.look_up([x], notes)
            notes.reads[maker[0]] = None
            notes.writes, notes.macs, notes.settings = outcome.out is x, outcome.macs, outcome.settings
            notes.fresh = outcome.out if outcome.fresh else None
            self.leave(module, outcome.out)
        return outcome

    def look_inside(self, module: nn.Module, args: tuple[Any, ...]) -> None:
        """As far as it goes: at what it is given."""
        self.look_up(tensors_of(args), self.frames[-1].notes)
        size = sum(parameter.numel() for parameter in module.parameters())
        self.frames[-1].notes.uncounted[NOT_SEEN.format(size)] = None

    def begin(self, argument: Argument, title: str) -> Tensor:
        x = self.real[argument.name] if self.real else argument.tensor()
        told = (("argument", title), ("dtype", argument.dtype))
        self.note("Input", [x], Notes(settings=told if argument.name or argument.dtype != "float32" else ()))
        return x

    def enter(self, path: str, layer: bool) -> None:
        self.calls[path] += 1
        above = self.frames[-1]
        self.frames.append(RunningModule(path, (*above.paths, path), (*above.calls, self.calls[path]), layer))

    def leave(self, module: nn.Module, out: Any) -> None:
        frame = self.frames[-1]
        if frame.layer:
            with torch._C.DisableTorchFunction():  # what is asked of tensors here is no part of the network
                self.look_up([p for p in module._parameters.values() if p is not None], frame.notes)
                self.record(type(module).__name__, out, frame.notes)
        self.frames.pop()

    def stop(self, error: Exception) -> None:
        """Remember where; a module further out may catch the error and go on."""
        frame = self.frames.pop()
        if error is not self.stopped[0]:
            self.stopped = error, frame.path

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in METADATA:
            return func(*args, **kwargs)
        given: list[Tensor] = []
        collect(args, given)
        if kwargs:
            collect(tuple(kwargs.values()), given)
        self.last = func, given
        for tensor in given:
            if not (tensor.is_meta or self.real):
                args, kwargs = move_to_meta(args, self.moved), move_to_meta(kwargs, self.moved)
                break
        outcome = run(func, args, kwargs, shortcuts=not self.real)
        frame = self.frames[-1]
        notes = frame.notes if frame.layer else Notes()
        self.look_up(given, notes)
        notes.macs += outcome.macs
        if outcome.uncounted:
            notes.uncounted[outcome.uncounted] = None
        notes.settings, notes.fresh = notes.settings or outcome.settings, outcome.out if outcome.fresh else None
        notes.writes = notes.writes or overwrites_its_input(func, kwargs)
        if not given:
            self.made_of_nothing(outcome.out)
        if not frame.layer:
            self.record(function_name(func), args[0] if func is Tensor.__setitem__ else outcome.out, notes)
        return outcome.out

    def look_up(self, given: list[Tensor], notes: Notes) -> None:
        """Where the tensors that a function was given come from."""
        for tensor in given:
            key = id(tensor)
            if maker := self.makers.get(key):
                notes.reads[maker[0]] = None
                if self.overwrites.writes:
                    notes.reads |= dict.fromkeys(self.overwrites.since(int(maker[0]), tensor))
            elif key in self.names:
                notes.held[key] = tensor
            elif constant := self.constants.get(key):
                notes.held.update(constant[0].held)
                notes.macs += constant[0].macs
                notes.uncounted |= constant[0].uncounted
                constant[0].macs = 0  # its making is paid for once
            else:
                self.look_closer(tensor, notes)

    def look_closer(self, tensor: Tensor, notes: Notes) -> None:
        """What came by a way that no function mode sees: wrapped by `vmap`, as an alias, or a weight of nobody's."""
        _, there = self.moved.get(id(tensor), (tensor, tensor))
        inner = bare(there if memory_of(there) in self.storages else tensor)
        if inner is not tensor:
            self.look_up([inner], notes)
        elif (maker := self.storages.get(memory_of(tensor))) is not None:
            notes.reads |= dict.fromkeys(self.overwrites.makers(maker, inner))
        elif (weight := self.weights.known(tensor)) is not None:
            notes.held[id(weight)] = weight

    def made_of_nothing(self, out: Any) -> None:
        with torch._C.DisableTorchFunction():
            self.weights.made.update((memory_of(tensor), tensor) for tensor in tensors_of(out))

    def record(self, op: str, out: Any, notes: Notes) -> None:
        """Note an operation on the image; put aside one on parameters alone."""
        outs = [out] if type(out) is Tensor else tensors_of(out)
        if not outs:
            return
        if not notes.reads and self.frames[-1].layer and id(outs[0]) in self.makers:  # a layer that hands its input on
            notes.reads[self.makers[id(outs[0])][0]] = None
        if notes.reads:
            self.note(op, outs, notes)
        elif notes.held or notes.macs or notes.uncounted:
            for tensor in outs:
                self.constants[id(tensor)] = notes, tensor

    def note(self, op: str, outs: list[Tensor], notes: Notes) -> None:
        name, frame, out, held = str(len(self.nodes)), self.frames[-1], outs[0], notes.held
        memory = memory_of(out)
        shares = out is not notes.fresh and memory in self.storages
        if self.weights.strange and (said := self.weights.note(held)):
            self.notes.append((name, said))
        if notes.uncounted:
            self.uncounted.append((name, "; ".join(notes.uncounted)))
        self.nodes.append(
            made(
                Node,
                name=name,
                op=op,
                kind=op_kind(op),
                path=frame.paths,
                calls=frame.calls,
                inputs=tuple(notes.reads),
                shape=image_shape(out),
                params=sum([p.numel() for key, p in held.items() if key not in self.counted]) if held else 0,
                macs=notes.macs,
                itemsize=out.itemsize,
                shares=shares,
                weights=tuple([(self.names[key], tuple(p.shape)) for key, p in held.items()]),
                attributes=notes.settings,
            )
        )
        self.counted |= held.keys()
        if (shares or notes.writes) and (id(out) not in self.makers or self.overwrites.viewed):
            self.overwrites.note(int(name), out, id(out) in self.makers, notes.writes)
        self.storages[memory] = name
        for tensor in outs:
            self.makers[id(tensor)] = name, tensor
            if tensor is not out:
                self.storages[memory_of(tensor)] = name

    def end(self, out: Any) -> None:
        """What the network gave back; where no operation made it, something ran that was not seen."""
        leaves = list(named_tensors("", out))
        outs, notes = [tensor for _, tensor in leaves], Notes()
        self.look_up(outs, notes)
        if outs and not notes.reads:
            notes.reads[self.nodes[-1].name] = None
            notes.uncounted[UNSEEN] = None
            self.note("unseen", outs, notes)
        if len(leaves) > 1 or any(not name.isdigit() for name, _ in leaves if name):
            self.outputs = tuple((name, self.maker_of(tensor)) for name, tensor in leaves)
        self.given_back = set(notes.reads)

    def maker_of(self, tensor: Tensor) -> str:
        notes = Notes()
        self.look_up([tensor], notes)
        return next(reversed(notes.reads), self.nodes[-1].name)

    def unread(self) -> tuple[tuple[str, int], ...]:
        return self.weights.unread(self.counted)


def is_layer(module: nn.Module) -> bool:
    """PyTorch's own childless modules are drawn whole; containers and everybody else's modules are opened."""
    own = not module._modules and type(module).__module__.startswith("torch.nn.modules")
    return own or isinstance(module, Closed)
