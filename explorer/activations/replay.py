"""One operation that a run recorded, run again by itself: what one of its numbers is the sum of.

The gradient of the one number holds the factors of the terms, whatever stride, padding, dilation and groups there are;
what they do not add up to is the constant. That it is a sum is not taken on trust: on other numbers the same factors
have to hold.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from explorer.activations.feature_maps import ChannelsLast
from explorer.graph.graph import Node
from explorer.tracing.tensors import tensors_of

LISTED = 12  # terms
ADDING = ("sum", "products", "attention", "norm", "unit length", "local response", "padding", "constant")
CLOSE = 1e-5  # of the number, and of all that was added up for it
TINY = 1e-37  # below it there are no more ordinary numbers of 32 bits

Index = tuple[int, ...]


@dataclass(frozen=True)
class Read:
    """Stands in a call for an output of the network's. `node` is empty where it is not known which."""

    node: str
    part: int = 0  # of several outputs, of which the first is the stored one
    shape: tuple[int, ...] = ()  # with the batch


@dataclass(frozen=True)
class Weight:
    """Stands in a call for a parameter, so that what is kept of a run keeps no network."""

    name: str


@dataclass(frozen=True, eq=False)
class RecordedCall:
    function: Callable[..., Any] | str  # or the path of a layer
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @cached_property
    def reads(self) -> tuple[Read, ...]:
        """In their order, each once."""
        found: dict[Read, None] = {}

        def note(leaf: Any) -> None:
            if isinstance(leaf, Read):
                found[leaf] = None

        changed_leaves((self.args, self.kwargs), note)
        return tuple(found)

    def with_names(self, names: Mapping[str, str]) -> "RecordedCall":
        """Of the nodes, the graph's instead of the recorder's; one that is not in the graph is not known."""

        def rename(leaf: Any) -> Any:
            return Read(names.get(leaf.node, ""), leaf.part, leaf.shape) if isinstance(leaf, Read) else leaf

        return RecordedCall(self.function, changed_leaves(self.args, rename), changed_leaves(self.kwargs, rename))

    def setting(self, name: str, place: int, default: Any = None) -> Any:
        """Of a function's arguments, `place` counted from 0."""
        return self.kwargs.get(name, self.args[place] if place < len(self.args) else default)


def changed_leaves(tree: Any, change: Callable[[Any], Any]) -> Any:
    """Nested tuples, lists and dicts with all else in them changed."""
    if isinstance(tree, dict):
        return {key: changed_leaves(each, change) for key, each in tree.items()}
    if isinstance(tree, tuple | list):
        parts = [changed_leaves(each, change) for each in tree]
        return parts if isinstance(tree, list) else tuple(parts)
    return change(tree)


Given = dict[Read, Tensor]


@dataclass(frozen=True, eq=False)
class Operation:
    """On the CPU. The network is in evaluation mode, or its norms would learn from what they are shown here."""

    model: nn.Module
    outputs: Mapping[str, Tensor]  # that the run stored,
    calls: Mapping[str, RecordedCall]  # and what it called
    call: RecordedCall

    @cached_property
    def layer(self) -> nn.Module | None:
        return self.model.get_submodule(self.call.function) if isinstance(self.call.function, str) else None

    @cached_property
    def given(self) -> Given:
        """What it was given, with the batch."""
        return {read: self.value(read).reshape(read.shape) for read in self.call.reads}

    def value(self, read: Read) -> Tensor:
        if read.part:
            return self.maker(read).run()[read.part]
        return self.outputs[read.node].as_subclass(Tensor)

    def maker(self, read: Read) -> "Operation":
        return Operation(self.model, self.outputs, self.calls, self.calls[read.node])

    def resolved(self, leaf: Any) -> Any:
        return self.model.get_parameter(leaf.name).detach() if isinstance(leaf, Weight) else leaf

    def setting(self, name: str, place: int) -> Any:
        """A layer's attribute, or a function's argument."""
        told = self.call.setting(name, place) if self.layer is None else getattr(self.layer, name, None)
        return told.detach() if isinstance(told, Tensor) else self.resolved(told)

    def run(self, changed: Given | None = None) -> list[Tensor]:
        """All it gives, as the function did. Clones go in, for some functions write over what they are given."""
        given = self.given | (changed or {})

        def put_in(leaf: Any) -> Any:
            if isinstance(leaf, Weight):
                return self.model.get_parameter(leaf.name)
            return given[leaf].clone() if isinstance(leaf, Read) else leaf

        args, kwargs = changed_leaves(self.call.args, put_in), changed_leaves(self.call.kwargs, put_in)
        function = self.layer.forward if self.layer is not None else self.call.function
        out = function(*args, **kwargs)  # type: ignore[operator]
        return tensors_of(args[0] if function is Tensor.__setitem__ else out)

    def number(self, at: int, changed: Given | None = None) -> float:
        """The one at that place of the first output, row by row."""
        with torch.no_grad():
            return float(self.run(changed)[0].reshape(-1)[at])

    def factors(self, at: int, changed: Given | None = None) -> Given:
        """The gradient of that number with respect to all that the operation reads."""
        given = {read: value for read, value in (self.given | (changed or {})).items() if value.is_floating_point()}
        with torch.enable_grad():
            leaves = {read: value.detach().clone().requires_grad_() for read, value in given.items()}
            number = self.run(leaves)[0].reshape(-1)[at]
            if not number.requires_grad:
                return {read: torch.zeros_like(value) for read, value in given.items()}
            found = torch.autograd.grad(number, list(leaves.values()), allow_unused=True)
        return {
            read: torch.zeros_like(leaf) if each is None else each
            for (read, leaf), each in zip(leaves.items(), found, strict=True)
        }

    def origin(self, read: Read, at: int) -> tuple[str, int]:
        """The node whose stored output holds the number at that place of what was read, and where in it.

        What stands in another part than the first, as of a chunk, is stored where it was taken from. Raises
        `LookupError` where such a part is not a selection of numbers.
        """
        if not read.part:
            return read.node, at
        maker = self.maker(read)
        reads, value = maker.call.reads, float(maker.run()[read.part].reshape(-1)[at])
        if len(reads) == 1:
            places = torch.arange(maker.given[reads[0]].numel()).reshape(reads[0].shape)
            try:
                place = int(maker.run({reads[0]: places})[read.part].reshape(-1)[at])
            except (RuntimeError, IndexError):
                raise LookupError(read) from None
            if 0 <= place < places.numel() and float(maker.given[reads[0]].reshape(-1)[place]) == value:
                return maker.origin(reads[0], place)
        raise LookupError(read)


@dataclass(frozen=True)
class Contribution:
    node: str  # whose output it reads,
    index: Index  # and where in it
    value: float
    factor: float
    by: tuple[str, Index] | None = None  # where the factor stands, if it is a number of the network's too
    head: int | None = None  # of attention: `value` is what the head makes of the token at that index

    @property
    def product(self) -> float:
        return self.value * self.factor


@dataclass(frozen=True)
class Breakdown:
    """`terms` + `others` + `constant` is `result`, unless `how` says else."""

    # "sum"; "products" of two numbers each; "attention", by shares; "norm", "unit length" and "local response", whose
    # factor and constant come of a group of numbers; "product" of all terms; "largest"; "same"; "padding" and
    # "constant", which read nothing; "softmax", whose factors are the shares and `result` the first; or a function's
    # name, whose only term is what it is of
    how: str
    terms: tuple[Contribution, ...]  # the largest, by their absolute products
    more: int = 0  # terms besides,
    others: float = 0.0  # and what they add up to
    constant: float = 0.0
    result: float = 0.0
    stored: float = 0.0  # the number itself
    window: tuple[int, int, int, int] | None = None  # rows and columns that it reads of a map: first, end, first, end
    group: int = 0  # how many numbers a norm goes by

    @property
    def adds(self) -> bool:
        return self.how in ADDING


@dataclass(frozen=True, eq=False)
class Asked:
    """A number of an operation."""

    operation: Operation
    node: Node
    at: int  # its place, row by row
    stored: float

    @cached_property
    def factors(self) -> Given:
        return self.operation.factors(self.at)

    def term(self, read: Read, at: int, factor: float) -> Contribution:
        """Raises `LookupError` where it is not stored what was read."""
        name, place = self.operation.origin(read, at)
        output = self.operation.outputs[name]
        return Contribution(name, unravelled(place, output), float(output.reshape(-1)[place]), factor)

    def constant(self, reads: Given) -> float:
        return self.operation.number(self.at, {read: torch.zeros_like(each) for read, each in reads.items()})


Pair = Callable[[Contribution, int], Contribution]  # what is known of a term besides, by its place in what was read


def sums(asked: Asked, factors: Given, constant: float) -> bool:
    """Whether these factors and this constant make the number on other numbers too, as no other function's do."""
    dice = torch.Generator().manual_seed(0)
    for scale in (-1.0, 3.0, 0.0, 0.0):
        changed, size = Given(), abs(constant)
        for read in factors:
            value = asked.operation.given[read]
            noise = torch.randn(value.shape, generator=dice).to(value.dtype) * 30 * (value.abs().amax() + 1)
            changed[read] = scale * value if scale else noise
        products = [(factors[read].double() * changed[read].double()).flatten() for read in factors]
        size += sum(float(each.abs().sum()) for each in products)
        expected = constant + sum(float(each.sum()) for each in products)
        if not abs(asked.operation.number(asked.at, changed) - expected) <= CLOSE * size + TINY:
            return False
    return True


def added_up(
    asked: Asked, factors: Given, constant: float = 0.0, counted: Given | None = None, pair: Pair | None = None
) -> Breakdown:
    """The largest first, unless there is one of each input. `counted`: not 0 where a term is one though it is 0."""
    places = {read: each.flatten().nonzero().flatten() for read, each in (counted or factors).items()}
    found = [(read, at) for read, each in places.items() for at in each.tolist()]
    of_each = [factors[read].flatten()[at].double() for read, at in places.items()]
    products = [
        factor * asked.operation.given[read].flatten()[at].double()
        for factor, (read, at) in zip(of_each, places.items(), strict=True)
    ]
    flat, multiplied = torch.cat(of_each).tolist(), torch.cat(products)
    order = multiplied.abs().argsort(descending=True).tolist() if len(found) > len(factors) else range(len(found))
    terms = [asked.term(*found[each], flat[each]) for each in order[:LISTED]]
    if pair:
        terms = [pair(term, found[each][1]) for term, each in zip(terms, order, strict=False)]
    others = float(multiplied[list(order[LISTED:])].sum())
    result = sum(term.product for term in terms) + others + constant
    window = window_of(asked, (counted or factors)[found[order[0]][0]], terms[0]) if found else None
    more = max(0, len(found) - LISTED)
    return Breakdown("sum", tuple(terms), more, others, constant, result, asked.stored, window)


def window_of(asked: Asked, factors: Tensor, term: Contribution) -> tuple[int, int, int, int] | None:
    """The smallest rectangle of a map around all that is read of it."""
    output = asked.operation.outputs[term.node]
    if output.ndim != 3 or output.numel() != factors.numel():
        return None
    places = factors.reshape(output.shape).nonzero(as_tuple=True)
    rows, columns = places[:2] if isinstance(output, ChannelsLast) else places[1:]
    return int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1


def unravelled(at: int, tensor: Tensor) -> Index:
    return tuple(int(each) for each in torch.unravel_index(torch.tensor(at), tensor.shape))


def ravelled(index: Index, tensor: Tensor) -> int:
    at = 0
    for place, length in zip(index, tensor.shape, strict=True):
        at = at * length + place
    return at
