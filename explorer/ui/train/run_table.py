"""The runs as tables: how far each is, and the published errors beside theirs, with what was otherwise in training."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from math import isfinite
from urllib.parse import urlencode

import streamlit as st

from explorer.formatting import literal, spell_loss
from explorer.models.facts import Fact
from explorer.models.selection import selection_of
from explorer.models.spec import Spec
from explorer.training.results.findings import Result
from explorer.training.results.grouping import Group, Seen, pictures_of, plan_of, state_of
from explorer.training.results.reference_errors import otherwise, recipe_differences, reference_figures
from explorer.training.results.score import ERROR, ScoreKind
from explorer.training.runs.store import UNDER_WAY
from explorer.ui.session import SharedState, shared_state
from explorer.ui.tables import Cell, html_table
from explorer.url_params import encode_query

KINDS = (
    'What is said “here” is <span class="measured">measured</span>, parameters <span class="computed">computed</span> '
    'from the network, the others’ errors <span class="published">published</span>; He et al. print no training errors.'
)
ALIKE = "Trained as He et al. did, on the same pictures."
UNLIKE = (
    "**This is not He et al.’s training:** the last column says how it differs, so a difference between two errors is "
    "not the network’s alone."
)


def beside(found: Sequence[Seen], results: Sequence[Result], score: ScoreKind = ERROR) -> None:
    """A table of the networks that have a published error, else a sentence on why they have none, if they are known."""
    pairs = zip(found, results, strict=True)
    rows = [row for each, known in pairs if figures_of(each) for row in published_rows(each, known, score)]
    if rows:
        words = UNLIKE if any(recipe_changes(each) for each in found if figures_of(each)) else ALIKE
        st.markdown("##### Beside the published errors")
        st.markdown(f"{words} {KINDS}", unsafe_allow_html=True)
        st.markdown(html_table(published_columns(score), rows, "runs beside"), unsafe_allow_html=True)
    elif told := {otherwise(each.group.plan, pictures_of(each.group.runs[0])) for each in found} - {""}:
        theirs = "He et al.’s published errors are of networks of width 16 on CIFAR-10 at 32 pixels"
        st.caption(literal(f"{theirs}; these are {' or '.join(sorted(told))}, so none stands beside them."))


def published_columns(score: ScoreKind) -> tuple[Cell | str, ...]:
    """A published error stays one, with the accuracy beside it where that is what the others are."""
    published = "published test error" + ("" if score == ERROR else " (and accuracy)")
    return (
        *("", "network", Cell("parameters", "computed number")),
        *(Cell(f"{part} {score.name} here", "measured number") for part in ("training", "test")),
        *("trained for", Cell(published, "published number"), Cell("source", "published")),
        "unlike He et al.",
    )


def figures_of(seen: Seen) -> tuple[Fact, ...]:
    return reference_figures(seen.group.plan, pictures_of(seen.group.runs[0]))


def recipe_changes(seen: Seen) -> tuple[str, ...]:
    run = min(seen.group.runs, key=lambda run: run.step)
    return recipe_differences(plan_of(run.plan), pictures_of(run), run.step)


def published_rows(seen: Seen, known: Result, score: ScoreKind) -> list[list[Cell]]:
    """As many rows as there are published errors of the network; what is its own spans them."""
    first, *others = (printed_figure(figure, score) for figure in figures_of(seen))
    length = f"{known.step:,} steps{f', {known.seeds} seeds' if known.seeds > 1 else ''}"
    own = (
        Cell(mark=line_mark(seen.group)),
        Cell(known.name, "words"),
        Cell(f"{known.params:,}", "computed number"),
        Cell(score.percent(known.error), "measured number"),
        Cell(score.percent(known.test_error), "measured number"),
        Cell(length),
    )
    last = Cell("; ".join(recipe_changes(seen)) or "nothing", "words")
    spread = [replace(cell, rows=1 + len(others)) for cell in (*own, last)]
    return [[*spread[:-1], *first, spread[-1]], *others]


def printed_figure(figure: Fact, score: ScoreKind) -> list[Cell]:
    also = "" if score == ERROR else f" ({100 - figure.value:.4g}%)"
    return [Cell(f"{figure.value:.4g}%{also}", "published number"), Cell(figure_source(figure), "published words")]


def figure_source(figure: Fact) -> str:
    return f"{figure.source}, {figure.note}" if figure.note else figure.source


def standings(
    found: Sequence[Seen], results: Sequence[Result], left: Mapping[str, float | None], score: ScoreKind = ERROR
) -> str:
    """As an HTML table: every network with its result; `left` are the seconds left of each run, if they are known."""
    rows = [standings_row(each.group, known, left, score) for each, known in zip(found, results, strict=True)]
    measured = Cell("training loss", "number"), Cell(f"test {score.name}", "number")
    columns = ("", "network", Cell("parameters", "number"), "steps", *measured, "")
    return html_table(columns, rows, "runs")


def standings_row(group: Group, known: Result, left: Mapping[str, float | None], score: ScoreKind) -> list[Cell]:
    share = known.step / known.steps if known.steps else 0.0
    far = f"{known.step:,} / {known.steps:,}" if known.steps else "–"  # how many there are is known once it has begun
    return [
        Cell(mark=line_mark(group)),
        Cell(group.title, "words", link=diagram_link(group.plan.spec, shared_state()), title="See its diagram"),
        Cell(f"{known.params:,}", "computed number"),
        Cell(f" {far}", mark=f'<progress value="{share:.3f}"></progress>'),
        Cell(spell_loss(known.loss, 3) if isfinite(known.loss) else "–", "measured number"),
        Cell(score.percent(known.test_error), "measured number"),
        Cell(run_standing(group, left), "words"),
    ]


@lru_cache(maxsize=256)
def diagram_link(spec: Spec, shared: SharedState) -> str:
    """To the network on the Explore page, which is the one without a name; empty where no link leads there."""
    try:
        return f"./?{urlencode(encode_query(selection_of(spec)) | encode_query(shared))}"
    except ValueError:
        return ""


def line_mark(group: Group) -> str:
    """Its line in the charts."""
    return f'<i style="border-top:4px {"dashed" if group.dashed else "solid"} {group.colour}"></i>'


def run_standing(group: Group, left: Mapping[str, float | None]) -> str:
    """What hinders it, else how long it still takes, else whether it waits, rests or is done."""
    troubles = [run.message for run in group.runs if run.message]
    if troubles:
        return troubles[0]
    times = [left.get(run.id) for run in group.runs if run.state in UNDER_WAY]
    waits = [time for time in times if time is not None]
    if waits:
        return f"{readable_duration(max(waits))} left"
    return ", ".join(sorted({state_of(run) for run in group.runs}))


def readable_duration(seconds: float) -> str:
    """For reading, not for measuring: two figures at most."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
