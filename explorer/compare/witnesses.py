"""Who else counts this network, what they say, and why it differs from what we say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import torchvision.models

from explorer.compare import thop_rules, torchinfo_rules
from explorer.compare.counters import COUNTERS, Answers
from explorer.compare.facts import COUNTED
from explorer.compare.reasons import Gap, Modules, Term, terms, unread
from explorer.graph import Graph
from explorer.places import ModelSelection, preset_of
from explorer.sources import crop_of, torchvision_size
from explorer.specs import settings
from explorer.studies import study

Kind = Literal["ours", "published", "tool"]


@dataclass(frozen=True)
class Count:
    """What a witness says of one quantity, beside what we say."""

    value: float
    ours: int
    terms: tuple[Term, ...] = ()
    printed_to: float = 0.0  # the last digit that is printed; 0: every one of them

    @cached_property
    def difference(self) -> int:
        """Zero where it is no more than rounding."""
        apart = self.value - self.ours
        return 0 if abs(apart) <= self.printed_to / 2 * 1.001 else round(apart)

    @cached_property
    def unexplained(self) -> int:
        """What the terms do not add up to."""
        return self.difference - sum(term.count for term in self.terms) if self.difference or self.terms else 0


@dataclass(frozen=True)
class Witness:
    name: str
    kind: Kind
    source: str  # the version of a tool, the set of weights
    params: Count | None = None
    macs: Count | None = None
    problem: str = ""  # why it says nothing

    @property
    def counts(self) -> tuple[tuple[str, Count], ...]:
        return tuple((name, count) for name, count in (("parameters", self.params), ("MACs", self.macs)) if count)


def ours(place: ModelSelection) -> Witness:
    """Raises `ValueError` where the network cannot be built."""
    graph = study(place.spec).graph
    params, macs = Count(graph.params, graph.params), Count(graph.macs, graph.macs)
    return Witness("This explorer", "ours", COUNTED, params, macs)


def published(place: ModelSelection) -> Witness | None:
    """torchvision's metadata, where this network is as its builder makes it."""
    graph = study(place.spec).graph
    for name, weights in weights_of(place):
        if weights is None:
            return None
        meta = weights.meta
        params = Count(meta["num_params"], graph.params, stray_terms(meta["num_params"], graph))
        macs = Count(meta["_ops"] * 1e9, graph.macs, printed_to=1e6)  # three decimals of a thousand million
        return Witness("torchvision's metadata", "published", f"{name}, {weights.name}", params, macs)
    return None


def weights_of(place: ModelSelection) -> Iterator[tuple[str, Any]]:
    """The builder's name, and the first of its sets of weights that is for images of this size."""
    if place.source == "torchvision":
        values = settings(place.spec)
        name, side = place.name, values["image_size"]
        if values["num_classes"] != 1000:
            return
    else:
        found = preset_of(place.source, place.name, place.preset)
        name = found.torchvision if found and not place.changes else ""
        if not name:
            return
        side = torchvision_size(name)
    yield from ((name, each) for each in torchvision.models.get_model_weights(name) if crop_of(each) == side)


def stray_terms(said: int, graph: Graph) -> tuple[Term, ...]:
    """Metadata that counts parts that do not run, as Inception's, says so by its sum."""
    gaps = unread(Modules(graph))
    return terms(gaps) if said == graph.params + sum(gap.count for gap in gaps) else ()


def tools(place: ModelSelection) -> tuple[Witness, ...]:
    """Raises `ValueError` with a sentence where they cannot be asked."""
    return judged(study(place.spec).graph, COUNTERS.ask(place.spec))


def judged(graph: Graph, answers: Answers) -> tuple[Witness, ...]:
    """What the tools answered, with the reasons found in the graph."""
    outputs = {path: tuple(shape) for path, shape in answers["torchinfo"].get("outputs", {}).items()}
    modules = Modules(graph, outputs)
    rules: tuple[tuple[str, str, list[Gap], list[Gap]], ...] = (
        ("torch", "PyTorch itself", unread(modules), []),
        ("thop", "thop", list(thop_rules.params_gaps(modules)), list(thop_rules.macs_gaps(modules))),
        (
            "torchinfo",
            "torchinfo",
            list(torchinfo_rules.params_gaps(modules)),
            list(torchinfo_rules.macs_gaps(modules)),
        ),
    )
    return tuple(witness(name, answers[tool], graph, params, macs) for tool, name, params, macs in rules)


def witness(name: str, answer: Mapping[str, Any], graph: Graph, params: list[Gap], macs: list[Gap]) -> Witness:
    if problem := answer.get("problem"):
        return Witness(name, "tool", "", problem=problem)
    return Witness(
        name,
        "tool",
        answer["version"],
        Count(answer["params"], graph.params, terms(params)),
        Count(answer["macs"], graph.macs, terms(macs)),
    )
