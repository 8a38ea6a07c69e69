"""A trained network without one of its blocks, without several, with its blocks in another order: what it gets wrong.

After Veit, Wilber & Belongie, "Residual Networks Behave Like Ensembles of Relatively Shallow Networks", 2016.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import torch
from torch import Tensor, nn

from explorer.formatting import dimensions

MOST, FIRST = 1000, 100  # pictures, and how many of them are asked about first
DRAWS = 3  # of blocks at random, and of orders
FEW = 200  # pictures for each of these
# The layer with which F ends, by the class of the block: what is taken out is F, so its last layer gives 0.
LAST = {
    "PreActBasicBlock": ("conv2",),
    "PreActBottleneck": ("conv3",),
    "ResNeXtBlock": ("norm3",),
    "Bottleneck": ("norm3", "bn3"),
    "BasicBlock": ("norm2", "bn2"),
}
OTHER_SHAPE = "what it gives, {}, has another shape than what it is given, {}: nothing could stand in for it"


@dataclass(frozen=True)
class AblationUnit:
    """A block; in a network without blocks, a layer with weights."""

    name: str  # "stage1.0"
    remains: str  # without it: "the shortcut", "the projection on the shortcut", "what it was given"
    reason: str = ""  # why it cannot be taken out; empty where it can
    group: str = ""  # units of one group have one shape before and after them, and may change places; "": none

    @property
    def removable(self) -> bool:
        return not self.reason


class Switch(nn.Module):
    """Stands in a unit's place: asks it, or leaves it out."""

    def __init__(self, unit: nn.Module, last: nn.Module | None) -> None:
        super().__init__()
        self.unit, self.last = unit, last  # `last` is F's; None: all of the unit is left out
        self.out = False
        self.passing = False  # nothing is computed: what comes next begins from what was kept
        self.entered: Tensor | None = None  # with which it begins, whatever it is given
        self.kept: Tensor | None = None  # what it was given last
        self.made: torch.Size | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.passing:
            return x
        x = x if self.entered is None else self.entered
        self.kept = x
        if self.out and self.last is None:
            return x
        handle = self.last.register_forward_hook(zeros) if self.out and self.last else None
        try:
            y = self.unit(x)
        finally:
            if handle:
                handle.remove()
        self.made = y.shape
        return y


def zeros(module: nn.Module, given: Any, result: Tensor) -> Tensor:
    return torch.zeros_like(result)


class AblatedNetwork:
    """A copy of the model, in evaluation mode, whose units can be left out. The model stays as it is."""

    def __init__(self, model: nn.Module, numbers: Tensor) -> None:
        """`numbers`: (1 or more, C, H, W), to see what shapes its units have."""
        self.model = copy.deepcopy(model).eval()
        found = {name: each for name, each in self.model.named_modules() if last_layers(each)}
        self.blocks = bool(found)
        if not found:
            weighted = nn.Conv2d | nn.Linear
            found = {name: each for name, each in self.model.named_modules() if isinstance(each, weighted)}
        self.switches: dict[str, Switch] = {}
        for name, each in found.items():
            parent, _, own = name.rpartition(".")
            switch = self.switches[name] = Switch(each, last_of(each) if self.blocks else None)
            setattr(self.model.get_submodule(parent), own, switch)
        with torch.no_grad():
            self.model(numbers)
        self.units = tuple(self.describe(name, switch) for name, switch in self.switches.items())
        self.chained = self.blocks and self.is_chain(numbers)

    def describe(self, name: str, switch: Switch) -> AblationUnit:
        if switch.kept is None or switch.made is None:
            return AblationUnit(name, "", "it takes no part in the answer")
        given, made = switch.kept.shape, switch.made
        if switch.last is None:
            if given != made:
                return AblationUnit(name, "", OTHER_SHAPE.format(shape_of(made), shape_of(given)))
            return AblationUnit(name, "what it was given", group=shape_of(made))
        if given != made:
            return AblationUnit(name, "the projection on the shortcut")
        return AblationUnit(name, "the shortcut", group=shape_of(made))

    def is_chain(self, numbers: Tensor) -> bool:
        """Whether the network can go on from what its last block is given: else it is run from the start each time."""
        try:
            with torch.no_grad():
                whole = self.model(numbers)
                return torch.equal(whole, self.logits(numbers, frozenset(), begin=self.units[-1].name))
        except RuntimeError:
            return False

    @torch.no_grad()
    def logits(self, numbers: Tensor, out: frozenset[str], begin: str = "") -> Tensor:
        """Without the units `out`; where `begin` is given, going on from what that unit was given last."""
        before = bool(begin)
        for name, switch in self.switches.items():
            before = before and name != begin
            switch.passing, switch.out = before, name in out
            switch.entered = switch.kept if name == begin else None
        try:
            return self.model(numbers)
        finally:
            for switch in self.switches.values():
                switch.passing, switch.out, switch.entered = False, False, None

    @torch.no_grad()
    def reordered(self, numbers: Tensor, order: Mapping[str, str]) -> Tensor:
        """With the unit `order[name]` in the place `name`."""
        units = {name: (switch.unit, switch.last) for name, switch in self.switches.items()}
        try:
            for name, switch in self.switches.items():
                switch.unit, switch.last = units[order.get(name, name)]
            return self.model(numbers)
        finally:
            for name, switch in self.switches.items():
                switch.unit, switch.last = units[name]


def shape_of(numbers: torch.Size) -> str:
    """Of one picture: "8×16×16"."""
    return dimensions(tuple(numbers[1:]))


def last_layers(module: nn.Module) -> tuple[str, ...]:
    """The names of the layer with which F may end; none of what is no residual block, nor its plain twin."""
    names = [each.__name__ for each in type(module).__mro__]
    if "Block" in names and hasattr(module, "wiring"):
        return ("conv2",) if module.wiring.pre_activation else ("norm2",)  # type: ignore[union-attr]
    return next((LAST[name] for name in names if name in LAST), ())


def last_of(block: nn.Module) -> nn.Module | None:
    """None for a plain block: without it, what enters passes on."""
    if getattr(block, "shortcut", block) is None:
        return None
    return next(getattr(block, name) for name in last_layers(block) if hasattr(block, name))


# The measures, piece by piece


Piece = dict[str, Any]
TASKS = ("one", "random", "order", "out")


def measure_ablation(
    model: nn.Module, pictures: tuple[Tensor, Tensor], task: str, out: frozenset[str] = frozenset()
) -> Iterator[Piece]:
    """`pictures`: as numbers (N, C, H, W), and their classes (N,). First the units, then what the task gives."""
    numbers, labels = pictures
    mixed = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))  # they come class by class
    numbers, labels = numbers[mixed], labels[mixed]
    network = AblatedNetwork(model, numbers[:2])
    many, parts = sum(unit.removable for unit in network.units) + 1, len(chunks_of(len(labels)))
    orders = len(swap_counts(sum(map(len, groups_of(network.units)))))
    whole = {"one": many * parts, "random": many * DRAWS, "order": orders * DRAWS, "out": parts}[task]
    yield {"units": [asdict(unit) for unit in network.units], "blocks": network.blocks, "whole": whole}
    if task == "out":
        yield from without(network, numbers, labels, out)
    else:
        yield from {"one": sweep, "random": random_counts, "order": random_orders}[task](network, numbers, labels)


def sweep(network: AblatedNetwork, numbers: Tensor, labels: Tensor) -> Iterator[Piece]:
    """Each unit taken out by itself: how many pictures are classed wrongly, of more and more of them."""
    wrong: dict[str, int] = {}
    for first, end in chunks_of(len(numbers)):
        part, truth = numbers[first:end], labels[first:end]
        base = network.logits(part, frozenset())
        kept = {name: switch.kept for name, switch in network.switches.items()}
        wrong[""] = wrong.get("", 0) + count_wrong(base, truth)
        yield {"unit": "", "wrong": wrong[""], "count": end}
        for unit in network.units:
            if not unit.removable:
                continue
            if network.chained:
                network.switches[unit.name].kept = kept[unit.name]
            found = network.logits(part, frozenset((unit.name,)), unit.name if network.chained else "")
            wrong[unit.name] = wrong.get(unit.name, 0) + count_wrong(found, truth)
            yield {"unit": unit.name, "wrong": wrong[unit.name], "count": end}


def chunks_of(count: int) -> list[tuple[int, int]]:
    """Few at first, so that something is there at once."""
    ends = [end for end in (FIRST, 3 * FIRST, 6 * FIRST) if end < count]
    return list(zip((0, *ends), (*ends, count), strict=True))


def count_wrong(logits: Tensor, labels: Tensor) -> int:
    return int((logits.argmax(1) != labels).sum())


def without(network: AblatedNetwork, numbers: Tensor, labels: Tensor, out: frozenset[str]) -> Iterator[Piece]:
    """Several units at once."""
    wrong = 0
    for first, end in chunks_of(len(numbers)):
        wrong += count_wrong(network.logits(numbers[first:end], out), labels[first:end])
        yield {"wrong": wrong, "count": end}


def random_counts(network: AblatedNetwork, numbers: Tensor, labels: Tensor) -> Iterator[Piece]:
    """k = 0 … n units at random, by so many draws; each draw takes out one more than before."""
    names = [unit.name for unit in network.units if unit.removable]
    numbers, labels = numbers[:FEW], labels[:FEW]
    for draw in range(DRAWS):
        order = shuffled(names, draw)
        for k in range(len(order) + 1):
            wrong = count_wrong(network.logits(numbers, frozenset(order[:k])), labels)
            yield {"draw": draw, "k": k, "wrong": wrong, "count": len(numbers)}


def random_orders(network: AblatedNetwork, numbers: Tensor, labels: Tensor) -> Iterator[Piece]:
    """More and more swaps of two units of the same shape; `moved` is the share of their pairs whose order differs."""
    numbers, labels = numbers[:FEW], labels[:FEW]
    groups = groups_of(network.units)
    pairs = [pair for names in groups for pair in combinations(names, 2)]
    for draw in range(DRAWS):
        dice = torch.Generator().manual_seed(draw)
        order = {name: name for names in groups for name in names}
        counted = swap_counts(len(order))
        for swaps in range(max(counted, default=-1) + 1):
            if swaps:
                one, other = pairs[int(torch.randint(len(pairs), (1,), generator=dice))]
                order[one], order[other] = order[other], order[one]
            if swaps in counted:
                wrong = count_wrong(network.reordered(numbers, order), labels)
                told = {"draw": draw, "swaps": swaps, "moved": share_moved(pairs, order)}
                yield told | {"wrong": wrong, "count": len(numbers)}


def groups_of(units: Sequence[AblationUnit]) -> list[list[str]]:
    """Of those that may change places, two at least."""
    groups: dict[str, list[str]] = {}
    for unit in units:
        if unit.group:
            groups.setdefault(unit.group, []).append(unit.name)
    return [names for names in groups.values() if len(names) > 1]


def swap_counts(units: int) -> list[int]:
    """After how many swaps it is measured: 0, 1, 2, 4, 8 …, and twice as many as there are units."""
    return [0, *(1 << power for power in range(units.bit_length())), 2 * units] if units else []


def share_moved(pairs: Sequence[tuple[str, str]], order: Mapping[str, str]) -> float:
    """Of the pairs (places, the earlier first): 0 as trained, 1 all turned round, about a half at random."""
    places = {name: place for place, name in enumerate(order)}
    stands = {unit: places[place] for place, unit in order.items()}
    return sum(stands[one] > stands[other] for one, other in pairs) / len(pairs)


def shuffled(names: list[str], seed: int) -> list[str]:
    order: Tensor = torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))
    return [names[each] for each in order.tolist()]
