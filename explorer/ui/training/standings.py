"""A line for each network: its colour, how far it is, where it stands."""

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite

from explorer.runs import Group, Seen
from explorer.training.store import UNDER_WAY
from explorer.verdicts import Result

STATES = {"queued": "waiting", "running": "training"}
TITLES = ("", "network", "parameters", "steps", "training loss", "test error", "")


def standings(found: Sequence[Seen], results: Sequence[Result], left: Mapping[str, float | None]) -> str:
    """As an HTML table: every network with its result; `left` are the seconds left of each run, if they are known."""
    head = "<tr>" + "".join(f"<th>{title}</th>" for title in TITLES) + "</tr>"
    lines = [line(each.group, known, left) for each, known in zip(found, results, strict=True)]
    return f'<table class="runs">{head}{"".join(lines)}</table>'


def line(group: Group, known: Result, left: Mapping[str, float | None]) -> str:
    share = known.step / known.steps if known.steps else 0.0
    loss = f"{known.loss:.3f}" if isfinite(known.loss) else "–"
    error = f"{known.test_error:.1%}" if known.test_error is not None else "–"
    dash = "dashed" if group.plain else "solid"
    return (
        f'<tr><td><i style="border-top:4px {dash} {group.colour}"></i></td><td>{escape(group.title)}</td>'
        f"<td>{known.params:,}</td>"
        f'<td><progress value="{share:.3f}"></progress> {known.step:,} / {known.steps:,}</td>'
        f"<td>{loss}</td><td>{error}</td><td>{escape(state_of(group, left))}</td></tr>"
    )


def state_of(group: Group, left: Mapping[str, float | None]) -> str:
    states = {run.state for run in group.runs}
    troubles = [run.message for run in group.runs if run.message]
    if troubles:
        return troubles[0]
    times = [left.get(run.id) for run in group.runs if run.state in UNDER_WAY]
    waits = [time for time in times if time is not None]
    if waits:
        return f"{duration(max(waits))} left"
    return ", ".join(sorted(STATES.get(state, state) for state in states))


def duration(seconds: float) -> str:
    """For reading, not for measuring: two figures at most."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
