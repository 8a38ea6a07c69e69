"""Take a block out: the error of a trained network without one of its blocks, without several, in another order."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import streamlit as st

from explorer.activations.ablation import MOST
from explorer.activations.ablation_results import (
    AblationSeen,
    Spans,
    ablation_words,
    dots_chart,
    kept_words,
    seed_spans,
    seen_ablation,
    sweep_chart,
)
from explorer.activations.networks import LiveNetwork, packed_pictures, packed_state
from explorer.colors import BLUE, VERMILLION
from explorer.datasets.registry import load_dataset
from explorer.formatting import literal
from explorer.glossary import read_glossary
from explorer.models.spec import hand_over
from explorer.paths import ASSETS
from explorer.subprocess_client import ONE_THREAD, StreamedAnswers, SubprocessClient
from explorer.training.plan import Plan
from explorer.training.results.grouping import plan_of, seedless
from explorer.training.runs.recorded_runs import collection
from explorer.training.runs.store import Run
from explorer.ui.components.component import Event
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.inside.networks import known_networks, last_step, open_network, runs_with_weights, twin_of
from explorer.ui.inside.page_state import MOST_OUT, PAGE, InsideState, current_view, publish_inside
from explorer.ui.inside.pictures import dataset_of
from explorer.ui.session import bind_widget, show_growing, show_problems, stream_controls

WORKER = "explorer.activations.laboratory_worker"
RECORDED = ASSETS / "ablation.json"  # of the weights that ship, for whom the pictures are not here
EVERY = 0.4  # seconds between looks at what has come
CUTS = {"one": "One", "random": "Several", "order": "Reordered"}
MOST_SEEDS = 4  # besides the one that was chosen
SPAN = " The thin line at a bar: from the least to the most over the seeds with which it was trained."
NONE = "There is no trained network here: train one on the Train page."
NO_PICTURES = (
    "The test pictures of this network are not on this computer, and no recorded measure of it ships: get its data "
    "set on the Train page."
)


@dataclass(frozen=True)
class AblationQuestion:
    """Equal for all who ask for the same."""

    network: str
    step: int
    task: str  # of `TASKS`
    out: tuple[str, ...] = ()
    live: LiveNetwork | None = field(default=None, compare=False)

    def asked(self) -> tuple[str, dict[str, Any]]:
        """As the worker is told of it."""
        assert self.live
        intake = self.live.intake
        pictures = packed_pictures(dataset_of(self.network), intake, MOST)
        told = dict(network=hand_over(self.live.spec), state=packed_state(self.live.model), task=self.task)
        return "ablation", told | dict(pictures=pictures, scale=(intake.mean, intake.std), out=self.out)


@st.cache_resource(show_spinner=False)
def ablations(beside: bool) -> StreamedAnswers[AblationQuestion]:
    """Of the network that was chosen, and of the one beside it: a process each."""
    return StreamedAnswers(SubprocessClient(WORKER, ONE_THREAD), AblationQuestion.asked)


@cache
def recorded_ablations() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """By the runs and tasks: what the worker answered."""
    return json.loads(RECORDED.read_text(encoding="utf-8"))


Contender = tuple[str, str, Future[LiveNetwork]]  # the key, the name, and the network
Seeds = Mapping[str, Sequence[str]]  # of a run those that differ from it in their seed alone


def ablation_section() -> None:
    show_problems()
    names, view = known_networks(), current_view()
    key = view.network or next(iter(names), "")
    if not names:
        st.info(NONE, icon=":material/model_training:")
        return
    twin, told = twin_of(key), read_glossary("laboratories")["ablation"]
    with st.sidebar:
        bound = bind_widget("ablation/network", key, look_into)
        st.selectbox("Network", list(names), format_func=names.__getitem__, **bound)
        if twin:
            st.caption(f"Beside it: {literal(names[twin])}, of the same layers.")
        bound = bind_widget("ablation/cut", view.cut, lambda cut: PAGE.change(cut=cut))
        st.segmented_control(
            "Blocks taken out", list(CUTS), format_func=CUTS.__getitem__, required=True, help=told["cut"], **bound
        )
    contenders = [
        (each, names[each].partition(" · ")[0], open_network(each, "trained")) for each in (key, twin) if each
    ]
    seeds = {each[0]: other_seeds(each[0]) for each in contenders} if view.cut == "one" else {}
    show_growing(partial(show_ablation, contenders, seeds), lambda: all_counted(contenders, seeds), EVERY)


def look_into(network: str) -> None:
    """Another one has other blocks."""
    PAGE.look_into(network)
    PAGE.change(out=())


def other_seeds(key: str) -> list[str]:
    """Those of which there is a measure, or can be one."""
    trained = {run.id: run for run in runs_with_weights()}
    runs = {run.id: run for run in collection().runs()} | trained
    if not (mine := runs.get(key)):
        return []
    alike = [run.id for run in runs.values() if run.id != key and seed_aside(run) == seed_aside(mine)]
    return [each for each in alike if each in recorded_ablations() or (each in trained and dataset_of(each))][
        :MOST_SEEDS
    ]


def seed_aside(run: Run) -> tuple[str, Plan, bool]:
    return run.title, seedless(plan_of(run.plan)), run.recorded


def seed_contenders(key: str, seeds: Seeds) -> list[Contender]:
    """Those that are measured here."""
    fresh = [each for each in seeds.get(key, ()) if each not in recorded_ablations()]
    return [(each, "", open_network(each, "trained")) for each in fresh]


def seed_questions(key: str, seeds: Seeds) -> list[AblationQuestion]:
    """Of those that are open. Raises `ValueError` with a sentence where a network cannot be opened."""
    return ablation_questions([each for each in seed_contenders(key, seeds) if each[2].done()], "one")


def seeds_seen(key: str, seeds: Seeds, beside: bool) -> list[AblationSeen]:
    """As many of them as there are. Raises `ValueError` as `seed_questions` does."""
    recorded = [recorded_ablations()[other]["one"] for other in seeds.get(key, ()) if other in recorded_ablations()]
    measured = (answer(asked, beside) for asked in seed_questions(key, seeds))
    return [*map(seen_ablation, recorded), *filter(None, measured)]


def ablation_questions(contenders: Sequence[Contender], task: str, out: tuple[str, ...] = ()) -> list[AblationQuestion]:
    """Raises `ValueError` with a sentence where a network cannot be opened."""
    return [AblationQuestion(key, last_step(key), task, out, future.result()) for key, _, future in contenders]


def answer(asked: AblationQuestion, beside: bool) -> AblationSeen | None:
    """As much as there is; None where the pictures are not here, and nothing was recorded."""
    if dataset_of(asked.network):
        ablations(beside).want(asked)
        return seen_ablation([each for piece in ablations(beside).found(asked) for each in piece["pieces"]])
    pieces = recorded_ablations().get(asked.network, {}).get(asked.task)
    return seen_ablation(pieces) if pieces else None


def streams(asked: Sequence[AblationQuestion]) -> list[tuple[StreamedAnswers[AblationQuestion], AblationQuestion]]:
    return [(ablations(bool(place)), each) for place, each in enumerate(asked) if dataset_of(each.network)]


def wanted(contenders: Sequence[Contender]) -> list[AblationQuestion]:
    """All that the page shows just now."""
    view = current_view()
    found = ablation_questions(contenders, view.cut)
    return found + (
        ablation_questions(contenders[:1], "out", view.out) if view.cut == "one" and len(view.out) > 1 else []
    )


def all_counted(contenders: Sequence[Contender], seeds: Seeds) -> bool:
    others = [each for key in seeds for each in seed_contenders(key, seeds)]
    if not all(future.done() for _, _, future in (*contenders, *others)):
        return False
    try:
        asked = wanted(contenders)
        more = [
            (ablations(bool(place)), each) for place, key in enumerate(seeds) for each in seed_questions(key, seeds)
        ]
    except ValueError:
        return True
    several = [(ablations(False), each) for each in asked if each.task == "out" and dataset_of(each.network)]
    single = streams([each for each in asked if each.task != "out"])
    return all(answers.settled(each) for answers, each in (*single, *several, *more))


def show_ablation(contenders: Sequence[Contender], seeds: Seeds) -> None:
    if not all(future.done() for _, _, future in contenders):
        st.markdown("Opening the networks …")
        return
    view = current_view()
    try:
        asked = ablation_questions(contenders, view.cut)
        found = [answer(each, bool(place)) for place, each in enumerate(asked)]
        others = [seeds_seen(key, seeds, bool(place)) for place, (key, _, _) in enumerate(contenders)]
    except ValueError as error:
        st.warning(literal(str(error)), icon=":material/error:")
        return
    if found[0] is None:
        st.info(NO_PICTURES, icon=":material/image_not_supported:")
        return
    names = [name for _, name, _ in contenders]
    seen = {name: each for name, each in zip(names, found, strict=True) if each}
    spans = {name: seed_spans(seen[name], each) for name, each in zip(names, others, strict=True) if name in seen}
    with st.container(height=64, border=False):
        done = sum(each.share for each in seen.values()) / len(seen)
        if not stream_controls(streams(asked), done, "Taking out one after the other …"):
            st.caption(how_counted(seen, asked[0]) + (SPAN if any(spans.values()) else ""))
    draw_ablation(seen, view, spans)
    chance = 1 - 1 / len(contenders[0][2].result().intake.classes)
    st.markdown("  \n".join(ablation_words(seen, view.cut, chance)))
    if view.cut == "one":
        several(contenders, next(iter(seen.values())), view)
    publish_inside()


def how_counted(seen: Mapping[str, AblationSeen], asked: AblationQuestion) -> str:
    here = dataset_of(asked.network)
    first = next(iter(seen.values()))
    where = f" of {literal(load_dataset(here).name)}" if here else " of CIFAR-10"
    how = "Measured here" if here else "Recorded beforehand, as those pictures are not on this computer,"
    both = " and both networks" if len(seen) > 1 else ""
    return f"{how} on {first.count:,} test pictures{where}, the same for every bar{both}."


def draw_ablation(seen: Mapping[str, AblationSeen], view: InsideState, spans: Mapping[str, Spans]) -> None:
    colors = {name: (VERMILLION if each.plain else BLUE) for name, each in seen.items()}
    alt = "The error with all blocks, and without some of them."
    if view.cut == "one":
        draw_chart(sweep_chart(seen, colors, view.out, spans), key="ablation-sweep", alt=alt, on_event=toggle)
    else:
        draw_chart(dots_chart(seen, colors, view.cut), key=f"ablation-{view.cut}", alt=alt)


def toggle(event: Event) -> None:
    """A bar that was clicked: its block is taken out with the others, or put back."""
    if event.type == "choose":
        out = set(current_view().out) ^ {event.id}
        PAGE.change(out=tuple(sorted(out))[:MOST_OUT])


# Several blocks at once


def several(contenders: Sequence[Contender], seen: AblationSeen, view: InsideState) -> None:
    """Of the chosen network: those whose bars were clicked."""
    names = [unit.name for unit in seen.units if unit.removable]
    out = [name for name in names if name in view.out]
    bound = bind_widget("ablation/out", out, lambda chosen: PAGE.change(out=tuple(sorted(chosen))[:MOST_OUT]))
    st.multiselect("Taken out together: click bars, or choose", names, **bound)
    if strange := [name for name in view.out if seen.units and name not in names]:
        st.caption(f"The link takes out {literal(', '.join(strange))}, which cannot be taken out of this network.")
    if out:
        st.markdown(result_words(contenders[0], seen, tuple(out)))
    for words in kept_words(seen.units):
        st.caption(words)


def result_words(contender: Contender, seen: AblationSeen, out: tuple[str, ...]) -> str:
    name, base = contender[1], seen.errors.get("")
    if len(out) == 1:
        wrong = seen.errors.get(out[0])
    elif not dataset_of(contender[0]):
        return "Several at once can be measured where the test pictures are on this computer."
    else:
        (asked,) = ablation_questions([contender], "out", out)
        found = answer(asked, False)
        wrong = found.errors.get("out") if found else None
        if trouble := ablations(False).trouble(asked):
            return literal(trouble)
    if wrong is None or base is None:
        return "…"
    without = out[0] if len(out) == 1 else f"these {len(out)} blocks"
    return f"**{literal(name)} without {without}: {wrong:.1%} wrong**, with all of them {base:.1%}."
