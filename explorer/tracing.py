"""Run a network once on shapes alone, and write down every operation.

Nothing process-wide is touched: the hooks sit on the traced module, listen to their own thread only and are taken off
again; the function mode belongs to its thread. So tracing is safe beside other visitors and beside training.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.blank import on_meta
from explorer.graph import Block, Graph, Node, Shape
from explorer.operations import METADATA, Settings, run
from explorer.specs import Spec, build, given, input_shape


@lru_cache(maxsize=512)
def graph_of(spec: Spec) -> Graph:
    """The graph of a chosen network. Raises `ValueError` with a reason where it cannot be built."""
    if graph := given(spec):
        return graph
    model = build(spec, "meta")
    return trace(model, input_shape(spec, model))


def trace(model: nn.Module, input_shape: Shape) -> Graph:
    """One evaluation pass over an input of `input_shape`, (C, H, W) or what the network takes, without the batch.

    The module may live on any device and is left as it was; no number is computed. A network that breaks gives the
    graph up to the break, and says in `Graph.broken` where and why.
    """
    model = on_meta(model)
    recorder = Recorder(model)
    x = torch.empty(1, *input_shape, device="meta")
    recorder.note("Input", x, Notes())
    broken = ""
    with recorder.listening(), torch.no_grad():
        try:
            with recorder:
                model(x)
        except Exception as error:  # whatever a network of somebody's raises is a finding, not a crash
            broken = recorder.explain(error)
    return Graph(tuple(recorder.nodes), blocks_of(model), recorder.unread(), broken)


def blocks_of(model: nn.Module) -> tuple[Block, ...]:
    return tuple(
        Block(path, type(module).__name__, f"{type(module).__module__}.{type(module).__qualname__}")
        for path, module in model.named_modules()
    )


@dataclass
class Notes:
    """What has been seen of one operation so far."""

    reads: dict[str, None] = field(default_factory=dict)  # the nodes it reads, in order
    held: dict[int, nn.Parameter] = field(default_factory=dict)
    macs: int = 0
    settings: Settings = ()
    fresh: bool = False

    def take(self, other: "Notes") -> None:
        self.reads |= other.reads
        self.held |= other.held
        self.macs += other.macs
        self.settings = self.settings or other.settings


@dataclass
class Frame:
    """A module that is now running."""

    path: str
    call: int
    layer: bool  # PyTorch's own childless module: drawn whole, what it calls inside is its own affair
    notes: Notes = field(default_factory=Notes)


class Recorder(TorchFunctionMode):
    """Notes each PyTorch layer, and each function called outside of one.

    Tensors made from parameters alone (an expanded class token, standardised weights, a table of position biases) are
    no operations on the image: what they hold and cost is counted with the operation that uses them.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.thread = threading.get_ident()
        self.names = {id(parameter): name for name, parameter in model.named_parameters()}
        self.nodes: list[Node] = []
        self.frames = [Frame("", 0, False)]
        self.calls: Counter[str] = Counter()
        self.counted: set[int] = set()  # ids of the parameters some node has counted
        self.makers: dict[int, tuple[str, Tensor]] = {}  # the tensor is held so that its id stays its own
        self.constants: dict[int, tuple[Notes, Tensor]] = {}
        self.storages: set[int] = set()  # the memory of the tensors in `makers`
        self.last: tuple[str, list[Shape]] = ("", [])

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hooks on every module and evaluation mode, for as long as the block runs."""
        training = [module for module in self.model.modules() if module.training]
        handles: list[Any] = []
        try:
            for path, module in self.model.named_modules():
                module.training = False
                if path:
                    handles.append(module.register_forward_pre_hook(partial(self.enter, path, is_layer(module))))
                    handles.append(module.register_forward_hook(self.leave))
            yield
        finally:
            for handle in handles:
                handle.remove()
            for module in training:
                module.training = True

    def enter(self, path: str, layer: bool, module: nn.Module, args: Any) -> None:
        if threading.get_ident() == self.thread:
            self.calls[path] += 1
            self.frames.append(Frame(path, self.calls[path], layer))

    def leave(self, module: nn.Module, args: Any, out: Any) -> None:
        if threading.get_ident() != self.thread:
            return
        frame = self.frames[-1]
        if frame.layer:
            frame.notes.held |= {id(p): p for p in module._parameters.values() if p is not None}
            self.record(type(module).__name__, out, frame.notes)
        self.frames.pop()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in METADATA:
            return func(*args, **kwargs)
        given = list(tensors((args, kwargs)))
        self.last = called(func), [tuple(tensor.shape) for tensor in given]
        if any(not tensor.is_meta for tensor in given):
            args, kwargs = moved(args), moved(kwargs)
        outcome = run(func, args, kwargs)
        notes = self.notes_on(given)
        notes.macs += outcome.macs
        notes.settings = outcome.settings
        notes.fresh = outcome.fresh
        if self.frames[-1].layer:
            self.frames[-1].notes.take(notes)
        else:
            out = args[0] if func is Tensor.__setitem__ else outcome.out
            self.record(called(func), out, notes)
        return outcome.out

    def notes_on(self, given: list[Tensor]) -> Notes:
        """Where the tensors that a function was given come from."""
        notes = Notes()
        for tensor in given:
            if maker := self.makers.get(id(tensor)):
                notes.reads[maker[0]] = None
            elif isinstance(tensor, nn.Parameter):
                notes.held[id(tensor)] = tensor
            elif constant := self.constants.get(id(tensor)):
                notes.take(constant[0])
                constant[0].macs = 0  # its making is paid for once
        return notes

    def record(self, op: str, out: Any, notes: Notes) -> None:
        """Note an operation on the image; put aside one on parameters alone."""
        outs = list(tensors(out))
        if not outs:
            return
        if notes.reads:
            self.note(op, outs[0], notes, *outs[1:])
        elif self.frames[-1].layer and id(outs[0]) in self.makers:  # a layer that hands its input on
            notes.reads[self.makers[id(outs[0])][0]] = None
            self.note(op, outs[0], notes)
        elif notes.held or notes.macs:
            for tensor in outs:
                self.constants[id(tensor)] = notes, tensor

    def note(self, op: str, out: Tensor, notes: Notes, *others: Tensor) -> None:
        name = str(len(self.nodes))
        frames = self.frames[1:]
        self.nodes.append(
            Node(
                name=name,
                op=op,
                path=tuple(frame.path for frame in frames),
                calls=tuple(frame.call for frame in frames),
                inputs=tuple(notes.reads),
                shape=image_shape(out),
                params=sum(p.numel() for key, p in notes.held.items() if key not in self.counted),
                macs=notes.macs,
                itemsize=out.itemsize,
                shares=not notes.fresh and memory_of(out) in self.storages,
                weights=tuple((self.names.get(key, ""), tuple(p.shape)) for key, p in notes.held.items()),
                attributes=notes.settings,
            )
        )
        self.counted |= notes.held.keys()
        for tensor in (out, *others):
            self.makers[id(tensor)] = name, tensor
            self.storages.add(memory_of(tensor))

    def unread(self) -> tuple[tuple[str, int], ...]:
        """The parameters that the pass did not reach."""
        left = ((name, p.numel()) for name, p in self.model.named_parameters() if id(p) not in self.counted)
        return tuple(left)

    def explain(self, error: Exception) -> str:
        """One sentence: which layer stopped, on which shapes, and what it said."""
        path = self.frames[-1].path
        kind = type(self.model.get_submodule(path)).__name__
        func, shapes = self.last
        given = " and ".join("×".join(map(str, shape)) or "a single number" for shape in shapes) or "nothing"
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        where = f"{path} ({kind})" if path else f"The network ({kind})"
        return f"{where} stopped at {func} on {given}: {said}"


def is_layer(module: nn.Module) -> bool:
    """PyTorch's own childless modules are drawn whole; containers and everybody else's modules are opened."""
    return type(module).__module__.startswith("torch.nn.modules") and not module._modules


def called(func: Any) -> str:
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


def moved(tree: Any) -> Any:
    """Constants that a forward makes on the CPU go where the network is."""
    if isinstance(tree, Tensor):
        return tree if tree.is_meta else tree.to("meta")
    if isinstance(tree, dict):
        return {key: moved(value) for key, value in tree.items()}
    return type(tree)(map(moved, tree)) if type(tree) in (tuple, list) else tree


def tensors(tree: Any) -> Iterator[Tensor]:
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, tuple | list):
        for leaf in tree:
            yield from tensors(leaf)
    elif isinstance(tree, dict):
        for leaf in tree.values():
            yield from tensors(leaf)
