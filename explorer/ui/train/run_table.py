"""The runs as tables: how far each is, and the published errors beside theirs, with what was otherwise in training."""

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite

import streamlit as st

from explorer.formatting import literal
from explorer.models.published_numbers import Figure
from explorer.training.results.findings import Result
from explorer.training.results.grouping import Group, Seen, pictures_of, plan_of, state_of
from explorer.training.results.reference_errors import otherwise, recipe_differences, reference_figures
from explorer.training.runs.store import UNDER_WAY

PUBLISHED_HEAD = (
    '<tr><th></th><th>network</th><th class="computed number">parameters</th>'
    '<th class="measured number">training error here</th><th class="measured number">test error here</th>'
    '<th>trained for</th><th class="published number">published test error</th><th class="published">source</th>'
    "<th>unlike He et al.</th></tr>"
)
KINDS = (
    'Errors here are <span class="measured">measured</span>, parameters <span class="computed">computed</span> from '
    'the network, the others’ errors <span class="published">published</span>; He et al. print no training errors.'
)
ALIKE = "Trained as He et al. did, on the same pictures."
UNLIKE = (
    "**This is not He et al.’s training:** the last column says how it differs, so a difference between two errors is "
    "not the network’s alone."
)

STANDINGS_HEAD = (
    '<tr><th></th><th>network</th><th class="number">parameters</th><th>steps</th>'
    '<th class="number">training loss</th><th class="number">test error</th><th></th></tr>'
)


def beside(found: Sequence[Seen], results: Sequence[Result]) -> None:
    """A table of the networks that have a published error, else a sentence on why they have none, if they are known."""
    rows = [published_rows(each, known) for each, known in zip(found, results, strict=True) if figures_of(each)]
    if rows:
        words = UNLIKE if any(recipe_changes(each) for each in found if figures_of(each)) else ALIKE
        table = f'<table class="runs beside">{PUBLISHED_HEAD}{"".join(rows)}</table>'
        st.markdown("##### Beside the published errors")
        st.markdown(f"{words} {KINDS}", unsafe_allow_html=True)
        st.markdown(table, unsafe_allow_html=True)
    elif told := {otherwise(each.group.plan, pictures_of(each.group.runs[0])) for each in found} - {""}:
        theirs = "He et al.’s published errors are of networks of width 16 on CIFAR-10 at 32 pixels"
        st.caption(literal(f"{theirs}; these are {' or '.join(sorted(told))}, so none stands beside them."))


def figures_of(seen: Seen) -> tuple[Figure, ...]:
    return reference_figures(seen.group.plan, pictures_of(seen.group.runs[0]))


def recipe_changes(seen: Seen) -> tuple[str, ...]:
    run = min(seen.group.runs, key=lambda run: run.step)
    return recipe_differences(plan_of(run.plan), pictures_of(run), run.step)


def published_rows(seen: Seen, known: Result) -> str:
    """As many rows as there are published errors of the network; what is its own spans them."""
    first, *others = (printed_figure(figure) for figure in figures_of(seen))
    spans = f'rowspan="{1 + len(others)}"'
    length = f"{known.step:,} steps{f', {known.seeds} seeds' if known.seeds > 1 else ''}"
    own = (
        f"<td {spans}>{line_mark(seen.group)}</td><td {spans}>{escape(known.name)}</td>"
        f'<td {spans} class="computed number">{known.params:,}</td>'
        f'<td {spans} class="measured number">{error_cell(known.error)}</td>'
        f'<td {spans} class="measured number">{error_cell(known.test_error)}</td><td {spans}>{length}</td>'
    )
    last = f'<td {spans} class="words">{escape("; ".join(recipe_changes(seen))) or "nothing"}</td>'
    return f"<tr>{own}{first}{last}</tr>" + "".join(f'<tr class="more">{other}</tr>' for other in others)


def printed_figure(figure: Figure) -> str:
    value, where = f"{figure.value:.4g}%", escape(figure_source(figure))
    return f'<td class="published number">{value}</td><td class="published words">{where}</td>'


def figure_source(figure: Figure) -> str:
    return f"{figure.source}, {figure.note}" if figure.note else figure.source


def error_cell(value: float | None) -> str:
    return "–" if value is None or not isfinite(value) else f"{value:.1%}"


def standings(found: Sequence[Seen], results: Sequence[Result], left: Mapping[str, float | None]) -> str:
    """As an HTML table: every network with its result; `left` are the seconds left of each run, if they are known."""
    lines = [standings_row(each.group, known, left) for each, known in zip(found, results, strict=True)]
    return f'<table class="runs">{STANDINGS_HEAD}{"".join(lines)}</table>'


def standings_row(group: Group, known: Result, left: Mapping[str, float | None]) -> str:
    share = known.step / known.steps if known.steps else 0.0
    loss = f"{known.loss:.3f}" if isfinite(known.loss) else "–"
    far = f"{known.step:,} / {known.steps:,}" if known.steps else "–"  # how many there are is known once it has begun
    return (
        f"<tr><td>{line_mark(group)}</td><td>{escape(group.title)}</td>"
        f'<td class="computed number">{known.params:,}</td>'
        f'<td><progress value="{share:.3f}"></progress> {far}</td>'
        f'<td class="measured number">{loss}</td><td class="measured number">{error_cell(known.test_error)}</td>'
        f"<td>{escape(run_standing(group, left))}</td></tr>"
    )


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
