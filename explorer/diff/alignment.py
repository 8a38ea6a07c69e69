"""Two networks laid against each other: which layer of the one is which layer of the other, with nothing said by hand.

Blocks are laid against blocks by the least change, and in two blocks that go together layers against layers. Where one
of the two networks has no blocks, all is done layer by layer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import inf

from explorer.diff.similarity import LayerForm, form, form_distance
from explorer.graph.outline import Outline
from explorer.graph.segments import Unit, block_classes, halving_level, projections, units

STRANGERS = 0.75  # two blocks of which more than this share differs do not go together
ELSEWHERE = 0.35  # of what two blocks weigh: for standing at another resolution
OTHER_CLASS = 0.02

Steps = tuple[tuple[int | None, int | None], ...]  # places that go together, or one alone
Between = Callable[[int, int], float]  # what it takes to make one kind from another; infinity: it cannot be done


@dataclass(frozen=True)
class Match:
    """A unit of the first network and the one it became; one of the two is None where there is no such one."""

    before: Unit | None
    after: Unit | None
    steps: Steps  # between their layers


def aligned(first: Outline, second: Outline) -> tuple[Match, ...]:
    """In execution order; every layer of each network stands in exactly one match."""
    named = block_classes(first) | block_classes(second)
    befores, afters = units(first, named), units(second, named)
    if not all(any(unit.block for unit in found) for found in (befores, afters)):
        befores, afters = units(first, named, whole=False), units(second, named, whole=False)
    kinds = UnitKinds()
    rows, columns = kinds.numbers(befores, first), kinds.numbers(afters, second)
    return tuple(
        Match(befores[i], afters[j], kinds.steps(rows[i], columns[j]))
        if i is not None and j is not None
        else alone(None if i is None else befores[i], None if j is None else afters[j])
        for i, j in least_change(rows, columns, kinds.between, kinds.weights)
    )


def alone(before: Unit | None, after: Unit | None) -> Match:
    taken = ((place, None) for place in range(len(before.nodes) if before else 0))
    put = ((None, place) for place in range(len(after.nodes) if after else 0))
    return Match(before, after, (*taken, *put))


class LayerKinds:
    """Each kind of layer has a number, so that every two kinds are held against each other once."""

    def __init__(self) -> None:
        self.number: dict[LayerForm, int] = {}
        self.forms: list[LayerForm] = []
        self.weights: list[float] = []
        self.known: dict[tuple[int, int], float] = {}

    def enter(self, form: LayerForm) -> int:
        if form not in self.number:
            self.number[form] = len(self.forms)
            self.forms.append(form)
            self.weights.append(form.weight)
        return self.number[form]

    def between(self, one: int, other: int) -> float:
        if (one, other) not in self.known:
            both = self.weights[one] + self.weights[other]
            self.known[one, other] = form_distance(self.forms[one], self.forms[other]) * both
        return self.known[one, other]


class UnitKinds:
    """The same for units: a network of fifty blocks has some ten kinds of them."""

    def __init__(self) -> None:
        self.layers = LayerKinds()
        self.number: dict[tuple[object, ...], int] = {}
        self.units: list[tuple[Unit, tuple[int, ...]]] = []  # one of each kind, and its layers' kinds
        self.weights: list[float] = []
        self.known: dict[tuple[int, int], float] = {}
        self.known_steps: dict[tuple[int, int], Steps] = {}

    def numbers(self, found: tuple[Unit, ...], outline: Outline) -> list[int]:
        aside = projections(outline.graph)
        return [self.enter(unit, outline, aside) for unit in found]

    def enter(self, unit: Unit, outline: Outline, aside: frozenset[str]) -> int:
        end = unit.level if unit.block else 0
        forms = (form(node, node.name in aside, halving_level(node.shape, outline.graph) - end) for node in unit.nodes)
        layers = tuple(map(self.layers.enter, forms))
        key = (unit.op if unit.block else "", unit.level, layers)
        if key not in self.number:
            self.number[key] = len(self.units)
            self.units.append((unit, layers))
            self.weights.append(sum(self.layers.weights[layer] for layer in layers))
        return self.number[key]

    def steps(self, one: int, other: int) -> Steps:
        """Between the layers of two units."""
        if (one, other) not in self.known_steps:
            rows, columns = self.units[one][1], self.units[other][1]
            self.known_steps[one, other] = least_change(rows, columns, self.layers.between, self.layers.weights)
        return self.known_steps[one, other]

    def between(self, one: int, other: int) -> float:
        """What it takes to make one unit from another; infinity where they have too little in common."""
        if (one, other) not in self.known:
            self.known[one, other] = 0 if one == other else self.compared(one, other)
        return self.known[one, other]

    def compared(self, one: int, other: int) -> float:
        (before, rows), (after, columns) = self.units[one], self.units[other]
        if before.block != after.block:
            return inf
        if not before.block:
            return self.layers.between(rows[0], columns[0])
        whole, change = self.weights[one] + self.weights[other], self.change(one, other)
        elsewhere = ELSEWHERE * whole * min(1, abs(before.level - after.level))
        return inf if change > STRANGERS * whole else change + elsewhere + OTHER_CLASS * whole * (before.op != after.op)

    def change(self, one: int, other: int) -> float:
        rows, columns = self.units[one][1], self.units[other][1]
        weights = self.layers.weights
        return sum(
            self.layers.between(rows[i], columns[j])
            if i is not None and j is not None
            else weights[rows[i]]
            if i is not None
            else weights[columns[j or 0]]
            for i, j in self.steps(one, other)
        )


def least_change(first: Sequence[int], second: Sequence[int], between: Between, weights: Sequence[float]) -> Steps:
    """The sequences are numbers of kinds, `weights` says what it takes to put in one of a kind, or to take it out.

    Where several ways change equally little, the earliest that can go together do.
    """
    start = common(first, second)
    end = common(first[start:][::-1], second[start:][::-1])
    rows, columns = first[start : len(first) - end], second[start : len(second) - end]
    inner = walked(rows, columns, between, weights)
    return (
        *((place, place) for place in range(start)),
        *((None if i is None else start + i, None if j is None else start + j) for i, j in inner),
        *((len(first) - end + place, len(second) - end + place) for place in range(end)),
    )


def common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many at the beginning are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def walked(rows: Sequence[int], columns: Sequence[int], between: Between, weights: Sequence[float]) -> Steps:
    left = remaining(rows, columns, between, weights)
    steps: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < len(rows) or j < len(columns):
        here = left[i][j] + 1e-9
        if i < len(rows) and j < len(columns) and between(rows[i], columns[j]) + left[i + 1][j + 1] <= here:
            steps.append((i, j))
            i, j = i + 1, j + 1
        elif i < len(rows) and weights[rows[i]] + left[i + 1][j] <= here:
            steps.append((i, None))
            i += 1
        else:
            steps.append((None, j))
            j += 1
    return tuple(steps)


def remaining(
    rows: Sequence[int], columns: Sequence[int], between: Between, weights: Sequence[float]
) -> list[list[float]]:
    """What it takes at least to turn the rest of the rows, from each place on, into the rest of the columns."""
    below = [0.0]
    for column in reversed(columns):
        below.append(below[-1] + weights[column])
    table = [below[::-1]]
    for row in reversed(rows):
        under, out = table[-1], weights[row]
        line = [0.0] * len(columns) + [under[-1] + out]
        for j in range(len(columns) - 1, -1, -1):
            line[j] = min(between(row, columns[j]) + under[j + 1], out + under[j], weights[columns[j]] + line[j + 1])
        table.append(line)
    return table[::-1]
