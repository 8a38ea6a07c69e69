"""The published errors beside those of the runs, each with what was otherwise in the training."""

from collections.abc import Sequence
from html import escape
from math import isfinite

import streamlit as st

from explorer.published_errors import differences, otherwise, published
from explorer.published_numbers import Figure
from explorer.runs import Seen, pictures_of, plan_of
from explorer.ui.literal import literal
from explorer.ui.training.standings import mark
from explorer.verdicts import Result

HEAD = (
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


def beside(found: Sequence[Seen], results: Sequence[Result]) -> None:
    """A table of the networks that have a published error, else a sentence on why they have none, if they are known."""
    rows = [line(each, known) for each, known in zip(found, results, strict=True) if figures_of(each)]
    if rows:
        words = UNLIKE if any(changes(each) for each in found if figures_of(each)) else ALIKE
        table = f'<table class="runs beside">{HEAD}{"".join(rows)}</table>'
        st.markdown("##### Beside the published errors")
        st.markdown(f"{words} {KINDS}", unsafe_allow_html=True)
        st.markdown(table, unsafe_allow_html=True)
    elif told := {otherwise(each.group.plan, pictures_of(each.group.runs[0])) for each in found} - {""}:
        theirs = "He et al.’s published errors are of networks of width 16 on CIFAR-10 at 32 pixels"
        st.caption(literal(f"{theirs}; these are {' or '.join(sorted(told))}, so none stands beside them."))


def figures_of(seen: Seen) -> tuple[Figure, ...]:
    return published(seen.group.plan, pictures_of(seen.group.runs[0]))


def changes(seen: Seen) -> tuple[str, ...]:
    run = min(seen.group.runs, key=lambda run: run.step)
    return differences(plan_of(run.plan), pictures_of(run), run.step)


def line(seen: Seen, known: Result) -> str:
    """As many rows as there are published errors of the network; what is its own spans them."""
    first, *others = (printed(figure) for figure in figures_of(seen))
    spans = f'rowspan="{1 + len(others)}"'
    own = (
        f"<td {spans}>{mark(seen.group)}</td><td {spans}>{escape(known.name)}</td>"
        f'<td {spans} class="computed number">{known.params:,}</td>'
        f'<td {spans} class="measured number">{share(known.error)}</td>'
        f'<td {spans} class="measured number">{share(known.test_error)}</td><td {spans}>{length(known)}</td>'
    )
    last = f'<td {spans} class="words">{escape("; ".join(changes(seen))) or "nothing"}</td>'
    return f"<tr>{own}{first}{last}</tr>" + "".join(f'<tr class="more">{other}</tr>' for other in others)


def printed(figure: Figure) -> str:
    value, where = f"{figure.value:.4g}%", escape(source(figure))
    return f'<td class="published number">{value}</td><td class="published words">{where}</td>'


def source(figure: Figure) -> str:
    return f"{figure.source}, {figure.note}" if figure.note else figure.source


def share(value: float | None) -> str:
    return "–" if value is None or not isfinite(value) else f"{value:.1%}"


def length(known: Result) -> str:
    seeds = f", {known.seeds} seeds" if known.seeds > 1 else ""
    return f"{known.step:,} steps{seeds}"
