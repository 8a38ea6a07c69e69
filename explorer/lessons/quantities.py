"""What a lesson may ask of a live network or a recorded run: a small closed vocabulary, and what it comes to."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from explorer.analysis.activation_memory import inference_peak
from explorer.analysis.model_summary import ModelSummary, study
from explorer.formatting import binary, printable, short_number
from explorer.graph.module_tree import Item, effective, memory
from explorer.graph.outline import walk
from explorer.lessons.lesson import nearest
from explorer.models.published_figures import published_figures
from explorer.models.published_numbers import numbers_shown
from explorer.models.selection import ModelSelection, as_preset, preset_of, selection_of
from explorer.models.spec import Spec
from explorer.profiler.measurements import BUSY, Speed, first_setup, measurements
from explorer.scaling.compound_law import MOST_PHI, PAPER
from explorer.training.results.grouping import Seen, groups, run_result
from explorer.training.runs.recorded_runs import collection
from explorer.training.runs.store import Run

ALIKE = 0.01  # of the larger: two quantities that differ by less are “=”
NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?", re.ASCII)
MEASURE = re.compile(
    r"(params|macs|memory|field|depth|layers|channels|height|width|parts)(?: of (\S+))?(?: in ([A-D]))?"
)
OF_RUN = re.compile(r"(training loss|test error) of (.+)")
TWO = re.compile(r"(ratio|difference) of (.+?) (to|and) (.+)")
CONDITION = re.compile(r"(.+?) ([<>=]) (.+)")
BY_LAW = re.compile(r"(depth|width|resolution|macs) by the law at (\d(?:\.\d{1,2})?)")
PUBLISHED = re.compile(r"published (.+?)(?: of ([A-D]))? by (.+)")
MEASURED = re.compile(r"measured images a second(?: of ([A-D]))?")
VOCABULARY = (
    "params, macs, memory, field, depth, layers, channels, height, width, parts, training loss, test error, "
    "published …, measured images a second, depth by the law at …"
)


@dataclass(frozen=True)
class Subject:
    """What a step speaks of: networks by their letters, the one without a letter first; and recorded runs."""

    networks: Mapping[str, Spec] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True)
class ComputedQuantity:
    value: float
    kind: str  # a key of `SPELL`, "params", or "" for a plain number
    source: str = ""  # of what was published or measured, not computed here
    measured: bool = False

    @property
    def words(self) -> str:
        """As one writes it: 1,234,567; 4.09 G; 12 MiB; 427 px; 12.3 %."""
        told = SPELL.get(self.kind, lambda value: f"{value:,.10g}")(abs(self.value))
        return f"−{told}" if self.value < 0 and re.search("[1-9]", told) else told  # what is spelled 0 has no sign


class NotMeasured(ValueError):
    """Of a network whose speed nobody has measured on this machine yet."""


SPELL: dict[str, Callable[[float], str]] = {
    "macs": short_number,
    "bytes": binary,
    "pixels": lambda value: f"{value:,.0f} px",
    "loss": lambda value: f"{value:.2f}",
    "share": lambda value: f"{100 * value:.1f} %",
    "share of points": lambda value: f"{100 * value:.1f} points",
    "percent": lambda value: f"{value:.4g} %",
    "points": lambda value: f"{value:.2f} points",
    **dict.fromkeys(("ratio", "rate"), lambda value: f"{float(f'{value:.3g}'):,.10g}"),
}
PUBLISHED_KINDS = {"parameters": "params", "MACs": "macs", "top-1": "percent", "top-5": "percent"}


def computed(words: str, subject: Subject) -> ComputedQuantity:
    """Raises `ValueError` with a sentence for what is none, or names a part or a run that is not there."""
    words = " ".join(words.split())
    if NUMBER.fullmatch(words):
        return ComputedQuantity(float(words), "")
    if found := TWO.fullmatch(words):
        return of_two(found[1], computed(found[2], subject), computed(found[4], subject))
    if found := OF_RUN.fullmatch(words):
        return of_run(found[1], found[2], subject)
    if found := BY_LAW.fullmatch(words):
        return by_law(found[1], float(found[2]))
    if found := PUBLISHED.fullmatch(words):
        return as_published(*found.groups(default=""), subject=subject)
    if MEASURED.fullmatch(words):
        return as_measured(words, subject)
    if found := MEASURE.fullmatch(words):
        part, letter = found[2] or "", found[3] or ""
        return of_network(found[1], *(("", part) if re.fullmatch("[A-D]", part) else (part, letter)), subject)
    raise ValueError(f"“{printable(words[:60])}” is nothing that is computed: there are {VOCABULARY}.")


def holds(words: str, subject: Subject) -> bool:
    """Of a condition: `params of A > params of B`. Raises `ValueError` with a sentence where it is none."""
    found = CONDITION.fullmatch(" ".join(words.split()))
    if not found:
        raise ValueError(f"“{printable(words[:60])}” is no condition: write QUANTITY > QUANTITY, or < or =.")
    one, other = computed(found[1], subject).value, computed(found[3], subject).value
    if found[2] == "=":
        return abs(one - other) <= ALIKE * max(abs(one), abs(other))
    return one > other if found[2] == ">" else one < other


def of_two(how: str, one: ComputedQuantity, other: ComputedQuantity) -> ComputedQuantity:
    source, measured = (
        "; ".join(dict.fromkeys(filter(None, (one.source, other.source)))),
        one.measured or other.measured,
    )
    if how == "difference":
        kind = {"percent": "points", "share": "share of points"}.get(one.kind, one.kind)
        return ComputedQuantity(one.value - other.value, kind, source, measured)
    if not other.value:
        raise ValueError("a ratio to nothing has no value: what it is divided by is 0.")
    return ComputedQuantity(one.value / other.value, "ratio", source, measured)


def by_law(dimension: str, phi: float) -> ComputedQuantity:
    """How many times B0's, after φ steps of EfficientNet's law, not rounded. Raises `ValueError` where φ is over 7."""
    if phi > MOST_PHI:
        raise ValueError(f"φ = {phi:g} is beyond the law: it goes up to {MOST_PHI:g}.")
    factors = dict(zip(("depth", "width", "resolution"), PAPER.factors(phi), strict=True))
    return ComputedQuantity((factors | {"macs": PAPER.product**phi})[dimension], "ratio")


def as_published(quantity: str, letter: str, source: str, subject: Subject) -> ComputedQuantity:
    """What a paper, torchvision or a benchmark printed of a network. Raises `ValueError` with what they did print."""
    spec = find_network(quantity, letter, subject)
    place = as_preset(selection_of(spec))
    figures = () if place.changes else published_figures(place.source, place.name, place.preset)
    builder = torchvision_builder(place)
    timed = [number.figure for number in numbers_shown("speed") if builder and number.architecture == builder]
    found = [figure for figure in (*figures, *timed) if figure.quantity == quantity]
    if not found:
        there = sorted({figure.quantity for figure in (*figures, *timed)})
        raise ValueError(f"of {spec.name} nobody published “{printable(quantity[:40])}”: {nearest(quantity, there)}.")
    named = [figure for figure in found if source in figure.source]
    if not named:
        sources = [figure.source for figure in found]
        raise ValueError(f"“{printable(source[:40])}” published no {quantity} of it: {nearest(source, sources)}.")
    return ComputedQuantity(named[0].value, PUBLISHED_KINDS.get(quantity, ""), named[0].source)


def as_measured(words: str, subject: Subject) -> ComputedQuantity:
    """One image at a time, on this machine. Raises `NotMeasured`."""
    ((spec, speed),) = asked_speeds((words,), subject).items()
    alone = speed and speed.at(1)
    if not speed or not alone:
        raise NotMeasured(f"how fast {selection_of(spec).title} is has not been measured on this machine yet.")
    return ComputedQuantity(alone.rate, "rate", f"on {speed.source}", measured=True)


def asked_speeds(asked: Iterable[str], subject: Subject) -> dict[Spec, Speed | None]:
    """The networks whose speed on this machine quantities or conditions speak of, as measured last; None where nobody
    has measured it. Raises `ValueError` where the view shows no such network or nothing can be read."""
    found = [letter[1] or "" for words in asked for letter in MEASURED.finditer(words)]
    specs = [find_network("measured images a second", letter, subject) for letter in found]
    here = measurements().latest().get(first_setup(), {}) if specs else {}
    return {spec: known if (known := here.get(spec)) and known.at(1) else None for spec in specs}


def timed_on(asked: Iterable[str], subject: Subject) -> str:
    """On which machine, and how; empty where nothing of it is measured."""
    speeds = [speed for speed in asked_speeds(asked, subject).values() if speed]
    busy = max((speed.busy for speed in speeds), default=0.0)
    others = f", while other programs used up to {busy:.1f} cores" if busy > BUSY else ""
    return "; ".join(dict.fromkeys(f"on {speed.source}" for speed in speeds)) + others


def torchvision_builder(place: ModelSelection) -> str:
    preset = preset_of(place.source, place.name, place.preset)
    return preset.torchvision if preset else place.name if place.source == "torchvision" else ""


def find_network(measure: str, letter: str, subject: Subject) -> Spec:
    if spec := subject.networks.get(letter):
        return spec
    there = ", ".join(filter(None, subject.networks)) or "none with a letter"
    asked = f"network {letter}" if letter else f"network from which “{measure}” could be computed"
    raise ValueError(f"this step's view shows no {asked}; there is {there}.")


def of_network(measure: str, part: str, letter: str, subject: Subject) -> ComputedQuantity:
    known = study(find_network(measure, letter, subject))
    if known.graph.broken:
        raise ValueError(f"the network stops before its end: {known.graph.broken}")
    if part:
        return OF_PART[measure](known, find_part(known, part)) if measure in OF_PART else no_part(measure)
    if measure not in OF_WHOLE:
        raise ValueError(f"“{measure}” needs a part: write {measure} of stage1.")
    return OF_WHOLE[measure](known)


def no_part(measure: str) -> ComputedQuantity:
    raise ValueError(f"“{measure}” is one of the whole network: leave out “of …”.")


def find_part(known: ModelSummary, part: str) -> Item:
    """By the name that a link has for it. Raises `ValueError` with the nearest that is there."""
    if item := known.outline.find(part, repeats=False):
        return item
    names = [item.id for item in walk(known.outline.written)]
    raise ValueError(f"{known.spec.name} has no part “{printable(part[:40])}”: {nearest(part, names)}.")


def put_out(known: ModelSummary, item: Item) -> tuple[int, ...]:
    """The shape of what a part puts out; of a map its channels, height and width."""
    return known.graph.by_name[last_node(known, item)].shape


def last_node(known: ModelSummary, item: Item) -> str:
    if not item.nodes:
        raise ValueError(f"{item.id} puts nothing out.")
    return effective(known.graph, item.nodes[-1])


def side(axis: int) -> Callable[[ModelSummary, Item], ComputedQuantity]:
    def measured(known: ModelSummary, item: Item) -> ComputedQuantity:
        shape = put_out(known, item)
        if axis >= len(shape):
            raise ValueError(f"{item.id} puts out no map, but {' × '.join(map(str, shape)) or 'one number'}.")
        return ComputedQuantity(shape[axis], "")

    return measured


OF_WHOLE: dict[str, Callable[[ModelSummary], ComputedQuantity]] = {
    "params": lambda known: ComputedQuantity(known.graph.params, "params"),
    "macs": lambda known: ComputedQuantity(known.graph.macs, "macs"),
    "memory": lambda known: ComputedQuantity(inference_peak(known.graph).total(), "bytes"),
    "field": lambda known: ComputedQuantity(int(known.field.size[0]), "pixels"),
    "depth": lambda known: ComputedQuantity(known.depth, ""),
    "layers": lambda known: ComputedQuantity(known.weighted_layers, ""),
}
OF_PART: dict[str, Callable[[ModelSummary, Item], ComputedQuantity]] = {
    "params": lambda known, item: ComputedQuantity(item.params, "params"),
    "macs": lambda known, item: ComputedQuantity(item.macs, "macs"),
    "memory": lambda known, item: ComputedQuantity(memory(known.graph.by_name[last_node(known, item)]), "bytes"),
    "field": lambda known, item: ComputedQuantity(int(known.fields[last_node(known, item)].size[0]), "pixels"),
    "channels": side(0),
    "height": side(1),
    "width": side(2),
    "parts": lambda known, item: ComputedQuantity(len(item.children), ""),
}


def of_run(measure: str, title: str, subject: Subject) -> ComputedQuantity:
    result = run_result(find_run(title, subject))
    if measure == "training loss":
        return ComputedQuantity(result.loss, "loss")
    if result.test_error is None:
        raise ValueError(f"the run of {title} has no test error.")
    return ComputedQuantity(result.test_error, "share")


def find_run(title: str, subject: Subject) -> Seen:
    """The runs of the network with this title, all its seeds. Raises `ValueError` with those that are there."""
    found = {seen.group.title: seen for seen in seen_runs(subject.runs)}
    if title not in found:
        if not found:
            raise ValueError("this step's view shows no recorded run: open train?experiment=…&runs=….")
        raise ValueError(f"there is no recorded run of “{printable(title[:40])}”: {nearest(title, tuple(found))}.")
    return found[title]


@lru_cache(maxsize=32)
def seen_runs(runs: tuple[Run, ...]) -> tuple[Seen, ...]:
    """Of recorded runs, those of one network together."""
    records = collection()
    known = tuple(run for run in runs if run.id in records)
    return tuple(
        Seen(group, tuple(records[run.id].curve() for run in group.runs), records[group.runs[0].id].strip())
        for group in groups(known)
    )
