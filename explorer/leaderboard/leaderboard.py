"""The whole field: every entry with the facts known of it so far, published, computed and measured."""

from functools import lru_cache
from urllib.parse import urlencode

from explorer.analysis.model_summary import GraphCounts, counted_facts
from explorer.leaderboard.counts_cache import LEDGER, counted_here
from explorer.leaderboard.entries import Entry, builder_family, lesson_entries, paper_entries, torchvision_entries
from explorer.models.facts import DISTURBED, Fact
from explorer.models.names import selection_name, told_apart
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec
from explorer.profiler.measurements import BUSY, MeasurementTrouble, Speed, Timing, measurements, usual_setup
from explorer.url_params import encode_query
from model_defs import CATALOG


def entries(extra: tuple[ModelSelection, ...] = ()) -> tuple[Entry, ...]:
    """torchvision's weights, the papers', the lesson's, and the networks of `extra`, which the visitor built."""
    known = printed_specs()
    new = {place.spec: place for place in extra if place.spec not in known}
    titles = told_apart({spec: selection_name(place) for spec, place in new.items()})
    mine = (built_entry(place, titles[spec]) for spec, place in new.items())
    return tuple(with_all(entry) for entry in (*printed_entries(), *mine))


@lru_cache(maxsize=1)
def printed_entries() -> tuple[Entry, ...]:
    """What holds without a single network built."""
    return (*torchvision_entries(), *paper_entries(), *lesson_entries())


@lru_cache(maxsize=1)
def printed_specs() -> dict[Spec, None]:
    """Each network that somebody prints figures of, once: on a visitor's bench it is still theirs. The lesson's first,
    for they are counted in this order."""
    return dict.fromkeys(entry.place.spec for entry in (*lesson_entries(), *printed_entries()) if entry.place)


def ask_for_counts() -> None:
    """Have every network on the chart counted in the background."""
    LEDGER.ask(printed_specs())


def with_all(entry: Entry) -> Entry:
    found = count_of(entry)
    more = (*(counted_facts(found) if found else ()), *facts_for(entry))
    return entry.with_facts(more) if more else entry


def count_of(entry: Entry) -> GraphCounts | None:
    """None where it has not been counted yet, or cannot be built here."""
    if not entry.place:
        return None
    known = LEDGER.known(spec_of(entry.place))
    return known or (counted_here(entry.place.spec) if entry.origin == "yours" else None)


@lru_cache(maxsize=1024)
def spec_of(place: ModelSelection) -> Spec:
    return place.spec


def built_entry(place: ModelSelection, title: str) -> Entry:
    """What a visitor made: it has no recipe and no accuracy, for nobody has trained it."""
    family, year = selection_family(place)
    where = {"own": "your own module", "timm": "from timm"}.get(place.source, "built by you")
    return Entry(
        key=f"yours/{urlencode(encode_query(place))}",
        title=title,
        architecture=f"yours/{place.spec}",
        family=family,
        year=year,
        origin="yours",
        recipe=where,
        side=dict(place.spec.options).get("image_size", 0),
        facts=(),
        place=place,
    )


def selection_family(place: ModelSelection) -> tuple[str, int]:
    if place.source == "model_defs":
        return place.name, CATALOG[place.name].year
    if place.source == "torchvision":
        return builder_family(place.name)
    return "Yours", 0


def facts_for(entry: Entry) -> tuple[Fact, ...]:
    """Latency, throughput and memory, all of one set-up; none where nothing was measured. Cheap."""
    try:
        found = measurements().latest()
    except MeasurementTrouble:
        return ()
    setup = usual_setup(found)
    speed = found[setup].get(entry.place.spec) if setup and entry.place else None
    return measured_facts(speed) if speed else ()


def measured_facts(speed: Speed) -> tuple[Fact, ...]:
    source = f"measured on this machine on {speed.made[:10]}: {speed.machine}, {speed.setup}"
    best, one = speed.best, speed.at(1)
    found = [Fact("throughput", best.rate, "measured", source, timing_note(best))]
    if one:
        found.append(Fact("latency", one.median, "measured", source, timing_note(one)))
    if one and one.memory:  # a peak no higher than before is no figure
        found.append(Fact("memory", one.memory, "measured", source, "one image; weights included"))
    return tuple(found)


def timing_note(timing: Timing) -> str:
    images = f"{timing.batch} image{'s' if timing.batch > 1 else ''} at once, {timing.runs} timing"
    busy = f"; {DISTURBED}" if timing.busy > BUSY else ""
    return f"{images}{'s' if timing.runs > 1 else ''}{busy}"
