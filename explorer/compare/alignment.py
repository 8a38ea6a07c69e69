"""Two networks laid against each other: which layer of the one is which layer of the other, with nothing said by hand.

Blocks are laid against blocks by the least change, and in two blocks that go together layers against layers. Where one
of the two networks has no blocks, all is done layer by layer.
"""

from dataclasses import dataclass
from math import inf

from explorer.compare.least_change import Steps, least_change
from explorer.compare.likeness import Form, apart, form
from explorer.compare.units import Unit, blocks_of, level, projections, units
from explorer.outline import Outline

STRANGERS = 0.75  # two blocks of which more than this share differs do not go together
ELSEWHERE = 0.35  # of what two blocks weigh: for standing at another resolution
OTHER_CLASS = 0.02


@dataclass(frozen=True)
class Match:
    """A unit of the first network and the one it became; one of the two is None where there is no such one."""

    before: Unit | None
    after: Unit | None
    steps: Steps  # between their layers


def aligned(first: Outline, second: Outline) -> tuple[Match, ...]:
    """In execution order; every layer of each network stands in exactly one match."""
    named = blocks_of(first) | blocks_of(second)
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
        self.number: dict[Form, int] = {}
        self.forms: list[Form] = []
        self.weights: list[float] = []
        self.known: dict[tuple[int, int], float] = {}

    def enter(self, form: Form) -> int:
        if form not in self.number:
            self.number[form] = len(self.forms)
            self.forms.append(form)
            self.weights.append(form.weight)
        return self.number[form]

    def between(self, one: int, other: int) -> float:
        if (one, other) not in self.known:
            both = self.weights[one] + self.weights[other]
            self.known[one, other] = apart(self.forms[one], self.forms[other]) * both
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
        forms = (form(node, node.name in aside, level(node.shape, outline.graph) - end) for node in unit.nodes)
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
