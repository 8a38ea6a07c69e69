"""Writes down what a network does while it runs: every layer, and every function called outside of one.

Nothing process-wide is touched. The traced module's own `forward` takes a detour while it is recorded, for the thread
that records it only; the function mode belongs to its thread. So this is safe beside other visitors and training.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.graph.graph import Node, Shape
from explorer.graph.op_kinds import op_kind
from explorer.tracing.op_attributes import Settings
from explorer.tracing.operations import LAYERS, METADATA, CallOutcome, LayerRule, run


@dataclass(slots=True)
class Notes:
    """What has been seen of one operation so far."""

    reads: dict[str, None] = field(default_factory=dict)  # the nodes it reads, in order
    held: dict[int, nn.Parameter] = field(default_factory=dict)
    macs: int = 0
    settings: Settings = ()
    fresh: Any = None  # a tensor that surely has memory of its own


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

    def __init__(self, modules: list[tuple[str, nn.Module]]) -> None:
        super().__init__()
        self.modules = modules
        self.thread = threading.get_ident()
        self.names = dict(parameter_names(modules))
        self.nodes: list[Node] = []
        self.frames = [RunningModule("", (), (), False)]
        self.calls: Counter[str] = Counter()
        self.counted: set[int] = set()  # ids of the parameters some node has counted
        self.makers: dict[int, tuple[str, Tensor]] = {}  # the tensor is held so that its id stays its own
        self.constants: dict[int, tuple[Notes, Tensor]] = {}
        self.storages: set[int] = set()  # the memory of the tensors in `makers`
        self.last: tuple[Any, list[Tensor]] = (None, [])  # the function that ran last, or tried to, on what
        self.stopped: tuple[Exception | None, str] = (None, "")  # the latest error, and the innermost module it left

    @contextmanager
    def detours(self) -> Iterator[None]:
        """Every module's `forward` by way of this recorder, and evaluation mode, for as long as the block runs."""
        training = [module for _, module in self.modules if module.training]
        own = [(module, vars(module)["forward"]) for _, module in self.modules if "forward" in vars(module)]
        try:
            for path, module in self.modules:
                module.training = False
                if path:
                    vars(module)["forward"] = self.detour(path, module, module.forward)
            yield
        finally:
            for path, module in self.modules:
                if path:
                    vars(module).pop("forward", None)
            for module, forward in own:  # somebody's that was there before
                vars(module)["forward"] = forward
            for module in training:
                module.training = True

    def detour(self, path: str, module: nn.Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        layer = is_layer(module)
        closed = LAYERS.get(type(module))

        def recorded(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self.thread:
                return forward(*args, **kwargs)
            self.enter(path, layer)
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
        if maker is None:
            return None
        with torch._C.DisableTorchFunction():
            outcome = closed(module, x)
            if outcome is None:
                return None
            notes = self.frames[-1].notes
            notes.reads[maker[0]] = None
            notes.macs, notes.settings = outcome.macs, outcome.settings
            notes.fresh = outcome.out if outcome.fresh else None
            self.leave(module, outcome.out)
        return outcome

    def begin(self, input_shape: Shape) -> Tensor:
        x = torch.empty(1, *input_shape, device="meta")
        self.note("Input", [x], Notes())
        return x

    def enter(self, path: str, layer: bool) -> None:
        self.calls[path] += 1
        above = self.frames[-1]
        self.frames.append(RunningModule(path, (*above.paths, path), (*above.calls, self.calls[path]), layer))

    def leave(self, module: nn.Module, out: Any) -> None:
        frame = self.frames[-1]
        if frame.layer:
            frame.notes.held.update((id(p), p) for p in module._parameters.values() if p is not None)
            with torch._C.DisableTorchFunction():  # what is asked of tensors here is no part of the network
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
            if not tensor.is_meta:
                args, kwargs = move_to_meta(args), move_to_meta(kwargs)
                break
        outcome = run(func, args, kwargs)
        frame = self.frames[-1]
        notes = frame.notes if frame.layer else Notes()
        self.look_up(given, notes)
        notes.macs += outcome.macs
        notes.settings = notes.settings or outcome.settings
        notes.fresh = outcome.out if outcome.fresh else None
        if not frame.layer:
            self.record(function_name(func), args[0] if func is Tensor.__setitem__ else outcome.out, notes)
        return outcome.out

    def look_up(self, given: list[Tensor], notes: Notes) -> None:
        """Where the tensors that a function was given come from."""
        for tensor in given:
            key = id(tensor)
            if maker := self.makers.get(key):
                notes.reads[maker[0]] = None
            elif key in self.names:
                notes.held[key] = tensor  # pyright: ignore
            elif constant := self.constants.get(key):
                notes.held.update(constant[0].held)
                notes.macs += constant[0].macs
                constant[0].macs = 0  # its making is paid for once

    def record(self, op: str, out: Any, notes: Notes) -> None:
        """Note an operation on the image; put aside one on parameters alone."""
        outs: list[Tensor] = []
        collect((out,), outs)
        if not outs:
            return
        if not notes.reads and self.frames[-1].layer and id(outs[0]) in self.makers:  # a layer that hands its input on
            notes.reads[self.makers[id(outs[0])][0]] = None
        if notes.reads:
            self.note(op, outs, notes)
        elif notes.held or notes.macs:
            for tensor in outs:
                self.constants[id(tensor)] = notes, tensor

    def note(self, op: str, outs: list[Tensor], notes: Notes) -> None:
        name, frame, out, held = str(len(self.nodes)), self.frames[-1], outs[0], notes.held
        self.nodes.append(
            Node(
                name=name,
                op=op,
                kind=op_kind(op),
                path=frame.paths,
                calls=frame.calls,
                inputs=tuple(notes.reads),
                shape=image_shape(out),
                params=sum(p.numel() for key, p in held.items() if key not in self.counted) if held else 0,
                macs=notes.macs,
                itemsize=out.itemsize,
                shares=out is not notes.fresh and memory_of(out) in self.storages,
                weights=tuple((self.names[key], tuple(p.shape)) for key, p in held.items()),
                attributes=notes.settings,
            )
        )
        self.counted |= held.keys()
        for tensor in outs:
            self.makers[id(tensor)] = name, tensor
            self.storages.add(memory_of(tensor))

    def unread(self) -> tuple[tuple[str, int], ...]:
        """The parameters that the pass did not reach, with their sizes."""
        parameters = {id(p): p for _, module in self.modules for p in module._parameters.values() if p is not None}
        return tuple((name, parameters[key].numel()) for key, name in self.names.items() if key not in self.counted)


def parameter_names(modules: list[tuple[str, nn.Module]]) -> Iterator[tuple[int, str]]:
    """Each parameter's id and its full name; of a shared one, the first."""
    seen: set[int] = set()
    for path, module in modules:
        for name, parameter in module._parameters.items():
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                yield id(parameter), f"{path}.{name}" if path else name


def is_layer(module: nn.Module) -> bool:
    """PyTorch's own childless modules are drawn whole; containers and everybody else's modules are opened."""
    return not module._modules and type(module).__module__.startswith("torch.nn.modules")


def function_name(func: Any) -> str:
    """The name of a torch function, of an operator ("add") or of a property ("T")."""
    name = getattr(func, "__name__", type(func).__name__)
    if name == "__get__":
        name = getattr(func.__self__, "__name__", name)
    return name.strip("_")


def memory_of(tensor: Tensor) -> int:
    """Equal for tensors that share memory, on `meta` too, where no memory has an address."""
    return tensor.untyped_storage()._cdata


def image_shape(out: Tensor) -> Shape:
    """Without the batch of one, where it stands in front; windows folded into the batch stay."""
    shape = tuple(out.shape)
    return shape[1:] if shape[:1] == (1,) else shape


def move_to_meta(tree: Any) -> Any:
    """Constants that a forward makes on the CPU go where the network is."""
    if isinstance(tree, Tensor):
        return tree if tree.is_meta else tree.to("meta")
    if isinstance(tree, dict):
        return {key: move_to_meta(value) for key, value in tree.items()}
    return type(tree)(map(move_to_meta, tree)) if type(tree) in (tuple, list) else tree


def collect(tree: tuple[Any, ...] | list[Any], into: list[Tensor]) -> None:
    """All tensors in nested tuples, lists and dicts, in order."""
    for leaf in tree:
        if isinstance(leaf, Tensor):
            into.append(leaf)
        elif isinstance(leaf, tuple | list):
            collect(leaf, into)
        elif isinstance(leaf, dict):
            collect(tuple(leaf.values()), into)
