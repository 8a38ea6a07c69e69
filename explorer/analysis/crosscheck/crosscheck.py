"""Who else counts a network, what they say, and why it differs from what we say, in figures and in words."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torchvision.models

from explorer.analysis.crosscheck.gaps import (
    Gap,
    Modules,
    Term,
    terms,
    thop_macs_gaps,
    thop_params_gaps,
    torchinfo_macs_gaps,
    unread,
)
from explorer.analysis.model_summary import study
from explorer.background import BackgroundCache
from explorer.formatting import short_number, signed
from explorer.graph.graph import Graph
from explorer.models.facts import COUNTED
from explorer.models.selection import ModelSelection, preset_of
from explorer.models.sources import crop_of, torchvision_size
from explorer.models.spec import Spec, build, hand_over, spec_settings
from explorer.paths import ASSETS
from explorer.subprocess_client import ProcessEnded, SubprocessClient

NAMED = 4  # terms; what is smaller is added up

Kind = Literal["ours", "published", "tool"]

WORKER = "explorer.analysis.crosscheck.counters_worker"
SECONDS = 90.0  # for the three of them on one network; the first time PyTorch is loaded, too
PATIENCE = 30.0  # to wait for somebody else's question
KEPT = 256  # answers
PROOF = ASSETS / "proof.csv"
PROVEN = {  # by source; the lesson's networks have tests of their own
    "torchvision": "torchvision’s classifiers",
    "tasks": "torchvision’s other tasks",
    "timm": "timm’s networks",
}
VERDICTS = {
    "exact": "both counts and every edge agree",
    "said": "the picture says itself what it does not know",
    "differs": "something does not agree",
    "refused": "not drawn to its end",
    "skipped": "counted, but too large to run",
}
Answer = Mapping[str, Any]  # params, macs, version; or the problem it met
Answers = Mapping[str, Answer]  # by tool


def term_words(term: Term) -> tuple[str, str]:
    where = term.gaps[0].where if len(term.gaps) == 1 else f"{len(term.gaps)} places"
    return signed(term.count), f"{term.reason} ({where})"


@dataclass(frozen=True)
class CounterFigure:
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


def difference_words(count: CounterFigure) -> str:
    more = "more" if count.difference > 0 else "fewer"
    said = f"{short_number(abs(count.difference))} {more} than ours{share_of_ours(count)}"
    if count.terms and not count.unexplained:
        return f"{said}, explained to the last one"
    return f"{said}; {short_number(abs(count.unexplained))} of it unexplained" if count.unexplained else said


def share_of_ours(count: CounterFigure) -> str:
    """Of ours, where we count any."""
    if not count.ours:
        return ""
    percent = 100 * abs(count.difference) / count.ours
    return f" ({percent:.1f} %)" if percent >= 0.1 else " (less than 0.1 %)"


def gap_parts(count: CounterFigure) -> list[tuple[str, str]]:
    """Each term as its amount and its reason; the small ones together; what nobody can explain last."""
    shown = count.terms if len(count.terms) <= NAMED + 1 else count.terms[:NAMED]
    said = [term_words(term) for term in shown]
    if rest := count.terms[len(shown) :]:
        said.append((signed(sum(term.count for term in rest)), f"{len(rest)} smaller reasons, in the table below"))
    if count.unexplained:
        said.append((signed(count.unexplained), "unexplained: the graph does not tell why"))
    return said


@dataclass(frozen=True)
class CounterReport:
    name: str
    kind: Kind
    source: str  # the version of a tool, the set of weights
    params: CounterFigure | None = None
    macs: CounterFigure | None = None
    problem: str = ""  # why it says nothing

    @property
    def counts(self) -> tuple[tuple[str, CounterFigure], ...]:
        return tuple((name, count) for name, count in (("parameters", self.params), ("MACs", self.macs)) if count)


def agreement_sentence(witness: CounterReport) -> str:
    """In one breath: whether it agrees, and if not, why not."""
    if witness.problem:
        return f"It cannot count this network: {witness.problem.rstrip('.')}."
    if witness.kind == "ours":
        return "One multiply-add is one MAC; biases, norms, activations and pooling count none."
    apart = [f"{name}: {difference_words(count)}" for name, count in witness.counts if count.difference]
    if not apart:
        rounding = any(count.printed_to and count.value != count.ours for _, count in witness.counts)
        return "Says the same, to the last digit printed." if rounding else "Says exactly the same."
    same = [name for name, count in witness.counts if not count.difference]
    return " ".join([*(f"The same {name}." for name in same), *(f"{said[:1].upper()}{said[1:]}." for said in apart)])


def gap_rows(witness: CounterReport) -> list[dict[str, object]]:
    """Every single gap, for a table."""
    return [
        {"of": name, "where": gap.where, "difference": gap.count, "reason": term.reason}
        for name, count in witness.counts
        for term in count.terms
        for gap in term.gaps
    ]


def ours(place: ModelSelection) -> CounterReport:
    """Raises `ValueError` where the network cannot be built."""
    graph = study(place.spec).graph
    params, macs = CounterFigure(graph.params, graph.params), CounterFigure(graph.macs, graph.macs)
    lacks = f"{COUNTED}; MACs are at least these: {'; '.join(dict(graph.uncounted).values())}"
    return CounterReport("This explorer", "ours", lacks if graph.uncounted else COUNTED, params, macs)


def torchvision_counter(place: ModelSelection) -> CounterReport | None:
    """torchvision's metadata, where this network is as its builder makes it."""
    graph = study(place.spec).graph
    if (found := torchvision_weights(place)) is None:
        return None
    name, weights = found
    params = CounterFigure(weights.meta["num_params"], graph.params, stray_terms(weights.meta["num_params"], graph))
    macs = CounterFigure(weights.meta["_ops"] * 1e9, graph.macs, printed_to=1e6)  # three decimals of a thousand million
    return CounterReport("torchvision's metadata", "published", f"{name}, {weights.name}", params, macs)


def torchvision_weights(place: ModelSelection) -> tuple[str, Any] | None:
    """The builder's name, and the first of its sets of weights that is for images of this size."""
    if place.source == "torchvision":
        values = spec_settings(place.spec)
        name, side = place.name, values["image_size"]
        if values["num_classes"] != 1000:
            return None
    else:
        found = preset_of(place.source, place.name, place.preset)
        name = found.torchvision if found and not place.changes else ""
        if not name:
            return None
        side = torchvision_size(name)
    weights = torchvision.models.get_model_weights(name)
    return next(((name, each) for each in weights if crop_of(each) == side), None)


def stray_terms(said: int, graph: Graph) -> tuple[Term, ...]:
    """Metadata that counts parts that do not run, as Inception's, says so by its sum."""
    gaps = unread(Modules(graph))
    return terms(gaps) if said == graph.params + sum(gap.count for gap in gaps) else ()


class Counters:
    """torch's counter, thop and torchinfo, asked in a process that is kept for the next question.

    Safe to use from any thread: one question at a time.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.client = SubprocessClient(WORKER)
        self.answers = BackgroundCache(self.count, kept=KEPT, daemon=True)

    def ask(self, spec: Spec) -> Answers:
        """Raises `ValueError` with a sentence where there is no answer."""
        self.answers.want((spec,))
        if not self.answers.wait((spec,), self.seconds + PATIENCE):
            raise ValueError("The counters are busy with somebody else's network: try again in a minute.")
        if problem := self.answers.problems((spec,)).get(spec):
            raise ValueError(problem)
        return self.answers.found((spec,))[spec]

    def count(self, spec: Spec) -> Answers:
        question = hand_over(spec)
        build(spec, "meta")  # refuse early, with the reason
        try:
            return self.client.request(question, self.seconds)
        except TimeoutError:
            raise ValueError(f"The counters took more than {self.seconds:g} s: try a smaller network.") from None
        except ProcessEnded as ended:
            raise ValueError(f"The process that runs the counters ended ({ended}): try again.") from None
        except OSError as error:
            raise ValueError(f"The other counters cannot be started here: {error.strerror}.") from error

    def close(self) -> None:
        self.client.end()


COUNTERS = Counters()  # the server's own; no process before the first question


def tools(place: ModelSelection) -> tuple[CounterReport, ...]:
    """Raises `ValueError` with a sentence where they cannot be asked."""
    return judge_answers(study(place.spec).graph, COUNTERS.ask(place.spec))


def judge_answers(graph: Graph, answers: Answers) -> tuple[CounterReport, ...]:
    """What the tools answered, with the reasons found in the graph."""
    outputs = {path: tuple(shape) for path, shape in answers["torchinfo"].get("outputs", {}).items()}
    modules = Modules(graph, outputs)
    return (
        tool_report("PyTorch itself", answers["torch"], graph, unread(modules), ()),
        tool_report("thop", answers["thop"], graph, thop_params_gaps(modules), thop_macs_gaps(modules)),
        tool_report("torchinfo", answers["torchinfo"], graph, unread(modules), torchinfo_macs_gaps(modules)),
    )


def tool_report(name: str, answer: Answer, graph: Graph, params: Iterable[Gap], macs: Iterable[Gap]) -> CounterReport:
    if problem := answer.get("problem"):
        return CounterReport(name, "tool", "", problem=problem)
    weights = CounterFigure(answer["params"], graph.params, terms(params))
    work = CounterFigure(answer["macs"], graph.macs, terms(macs))
    return CounterReport(name, "tool", answer["version"], weights, work)


def read_proof(file: Path = PROOF) -> list[dict[str, str]]:
    """A row for each network that `make proof` held against torch and against its own numbers; none without it."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def count_verdicts(rows: Iterable[Mapping[str, str]]) -> dict[str, list[int]]:
    """For each source by its title, and for all: how many networks were examined, and how many have each verdict."""
    verdicts = Counter((title, row["verdict"]) for row in rows for title in (PROVEN[row["source"]], "all"))
    counts = {title: [verdicts[title, verdict] for verdict in VERDICTS] for title in (*PROVEN.values(), "all")}
    return {title: [sum(each), *each] for title, each in counts.items()}
