"""Two networks laid against each other: which layer of the one is which layer of the other, with nothing said by hand.

Blocks are laid against blocks by the least change, and in two blocks that go together layers against layers. Where one
of the two networks has no blocks, all is done layer by layer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, takewhile
from math import inf, log2
from typing import TypeVar

from explorer.graph.expansion import named_blocks
from explorer.graph.graph import Node
from explorer.graph.outline import Outline
from explorer.graph.segments import Unit, halving_level, projections, units

STRANGERS = 0.75  # two blocks of which more than this share differs do not go together
ELSEWHERE = 0.35  # of what two blocks weigh: for standing at another resolution
OTHER_CLASS = 0.02

# What it costs to take a layer out or to put one in. What holds weights holds a network's plan.
WEIGHT = {"convolution": 4.0, "linear": 4.0, "attention": 6.0, "pool": 2.0, "addition": 2.0, "multiplication": 2.0}
WEIGHT |= {"concatenation": 2.0, "reshape": 0.3, "dropout": 0.3}
LIGHT = 0.9  # norms, activations and the rest

T = TypeVar("T")
Steps = tuple[tuple[int | None, int | None], ...]  # places that go together, or one alone
# What it takes to make one kind from another, to take one out, or to put one in; infinity: it cannot be done.
Change = Callable[[int | None, int | None], float]


@dataclass(frozen=True)
class Match:
    """A unit of the first network and the one it became; one of the two is None where there is no such one."""

    before: Unit | None
    after: Unit | None
    steps: Steps  # between their layers


@dataclass(frozen=True)
class LayerForm:
    """All that makes two layers the same layer."""

    facts: tuple[object, ...]
    aside: bool  # on a projection around other layers
    level: int  # how many times the image has been halved; in a block, how many times more than at the block's end
    node: Node = field(compare=False)  # one such layer


@dataclass(frozen=True)
class UnitForm:
    block: str  # its class; empty for a layer that stands alone
    level: int
    layers: tuple[int, ...]  # their kinds


def aligned(first: Outline, second: Outline) -> tuple[Match, ...]:
    """In execution order; every layer of each network stands in exactly one match."""
    named = named_blocks(first) | named_blocks(second)
    befores, afters = units(first, named), units(second, named)
    if not all(any(unit.block for unit in found) for found in (befores, afters)):
        befores, afters = units(first, named, whole=False), units(second, named, whole=False)
    kinds = Kinds()
    rows, columns = kinds.numbers(befores, first), kinds.numbers(afters, second)
    change, steps = distances(list(kinds.layers), list(kinds.units))
    return tuple(
        Match(pick(befores, i), pick(afters, j), steps(pick(rows, i), pick(columns, j)))
        for i, j in least_change(rows, columns, change)
    )


class Kinds:
    """Each kind of layer and of unit has a number, so that every two kinds are held against each other once: a network
    of fifty blocks has some ten kinds of them."""

    def __init__(self) -> None:
        self.layers: dict[LayerForm, int] = {}
        self.units: dict[UnitForm, int] = {}

    def numbers(self, found: tuple[Unit, ...], outline: Outline) -> list[int]:
        aside = projections(outline.graph)
        return [self.units.setdefault(self.form(unit, outline, aside), len(self.units)) for unit in found]

    def form(self, unit: Unit, outline: Outline, aside: frozenset[str]) -> UnitForm:
        end = unit.level if unit.block else 0
        forms = (
            LayerForm(layer_facts(node), node.name in aside, halving_level(node.shape, outline.graph) - end, node)
            for node in unit.nodes
        )
        layers = tuple(self.layers.setdefault(form, len(self.layers)) for form in forms)
        return UnitForm(unit.op if unit.block else "", unit.level, layers)


def layer_facts(node: Node) -> tuple[object, ...]:
    """Equal for two layers that are the same, whatever they are called and wherever they lie."""
    weights = tuple(shape for _, shape in node.weights)
    return node.op, node.shape, node.params, node.macs, node.shares, weights, node.attributes


def pick(found: Sequence[T], place: int | None) -> T | None:
    return None if place is None else found[place]


def distances(
    layers: list[LayerForm], units: list[UnitForm]
) -> tuple[Change, Callable[[int | None, int | None], Steps]]:
    """Between two kinds of units: what it takes to make the one from the other, and the steps between their layers."""

    @cache
    def layer_change(one: int | None, other: int | None) -> float:
        gone, came = pick(layers, one), pick(layers, other)
        both = sum(WEIGHT.get(form.node.kind, LIGHT) for form in (gone, came) if form)
        return form_distance(gone, came) * both if gone and came else both

    def layers_in(kind: int | None) -> tuple[int, ...]:
        return () if kind is None else units[kind].layers

    @cache
    def steps(one: int | None, other: int | None) -> Steps:
        return least_change(layers_in(one), layers_in(other), layer_change)

    def summed(one: int | None, other: int | None) -> float:
        rows, columns = layers_in(one), layers_in(other)
        return sum(layer_change(pick(rows, i), pick(columns, j)) for i, j in steps(one, other))

    @cache
    def unit_change(one: int | None, other: int | None) -> float:
        if one is None or other is None or one == other:
            return 0 if one == other else summed(one, other)
        before, after = units[one], units[other]
        if not (before.block and after.block):
            return inf if before.block or after.block else layer_change(before.layers[0], after.layers[0])
        whole, change = summed(one, None) + summed(None, other), summed(one, other)
        elsewhere = min(1, abs(before.level - after.level)) * ELSEWHERE
        apart = elsewhere + OTHER_CLASS * (before.block != after.block)
        return inf if change > STRANGERS * whole else change + apart * whole

    return unit_change, steps


def least_change(first: Sequence[int], second: Sequence[int], change: Change) -> Steps:
    """The sequences are numbers of kinds. Where several ways change equally little, the earliest that can go together
    do."""
    start = common(first, second)
    end = common(first[start:][::-1], second[start:][::-1])
    rows, columns = first[start : len(first) - end], second[start : len(second) - end]
    inner = walked(rows, columns, change)
    return (
        *((place, place) for place in range(start)),
        *((None if i is None else start + i, None if j is None else start + j) for i, j in inner),
        *((len(first) - end + place, len(second) - end + place) for place in range(end)),
    )


def common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many at the beginning are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def walked(rows: Sequence[int], columns: Sequence[int], change: Change) -> Steps:
    left = remaining(rows, columns, change)
    steps: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(rows) or j < len(columns):
        here = left[i][j] + 1e-9
        if i < len(rows) and j < len(columns) and change(rows[i], columns[j]) + left[i + 1][j + 1] <= here:
            steps.append((i, j))
            i, j = i + 1, j + 1
        elif i < len(rows) and change(rows[i], None) + left[i + 1][j] <= here:
            steps.append((i, None))
            i += 1
        else:
            steps.append((None, j))
            j += 1
    return tuple(steps)


def remaining(rows: Sequence[int], columns: Sequence[int], change: Change) -> list[list[float]]:
    """What it takes at least to turn the rest of the rows, from each place on, into the rest of the columns."""
    puts = [change(None, column) for column in columns]
    table = [[*accumulate(reversed(puts), initial=0.0)][::-1]]
    for row in reversed(rows):
        under, out = table[-1], change(row, None)
        line = [0.0] * len(columns) + [under[-1] + out]
        for j in range(len(columns) - 1, -1, -1):
            line[j] = min(change(row, columns[j]) + under[j + 1], out + under[j], puts[j] + line[j + 1])
        table.append(line)
    return table[::-1]


def form_distance(one: LayerForm, other: LayerForm) -> float:
    """How far apart two layers are: 0 where they are the same, infinity where one cannot have become the other; else as
    a share of what taking the one out and putting the other in would cost."""
    if one == other:
        return 0
    was, now = one.node, other.node
    if was.kind != now.kind or one.aside != other.aside:
        return inf
    apart = 0.6 * abs(one.level - other.level)
    if was.kind == "convolution":
        share = convolutions_apart(was, now) + apart
    elif was.kind == "linear":
        share = 0.05 + number_distance(was.params, now.params) + number_distance(was.shape[-1], now.shape[-1])
    else:
        named = 0.0 if was.op.rstrip("_").lower() == now.op.rstrip("_").lower() else 0.25
        share = 0.02 + named + number_distance(channels(was), channels(now)) / 4 + apart
    return share if share < 0.95 else inf  # what would change a layer almost wholly replaces it


def convolutions_apart(one: Node, other: Node) -> float:
    """A 1×1 convolution mixes channels and a larger one looks around: neither becomes the other."""
    kernels = one.attribute("kernel_size"), other.attribute("kernel_size")
    if (set(kernels[0] or ()) == {1}) != (set(kernels[1] or ()) == {1}) or one.depthwise != other.depthwise:
        return inf
    groups = 0.1 if one.attribute("groups") != other.attribute("groups") and not one.depthwise else 0.0
    stride = 0.15 if one.attribute("stride") != other.attribute("stride") else 0.0
    read = number_distance(one.attribute("in_channels", 1), other.attribute("in_channels", 1))
    if read > 0.55:  # the one reads the image, the other what has been made of it
        return inf
    widths = (read + number_distance(channels(one), channels(other))) / 2
    return 0.05 + 0.2 * (kernels[0] != kernels[1]) + groups + stride + widths


def channels(node: Node) -> int:
    return node.shape[0] if node.shape else 1


def number_distance(one: float, other: float) -> float:
    """0 for equal numbers, 0.2 for twice as many, at most 0.6."""
    return min(0.6, 0.2 * abs(log2(max(1, one) / max(1, other))))
