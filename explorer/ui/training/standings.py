"""A line for each network: its colour, how far it is, where it stands."""

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite

from explorer.runs import Group, Seen, state_of
from explorer.training.store import UNDER_WAY
from explorer.verdicts import Result

HEAD = (
    '<tr><th></th><th>network</th><th class="number">parameters</th><th>steps</th>'
    '<th class="number">training loss</th><th class="number">test error</th><th></th></tr>'
)


def standings(found: Sequence[Seen], results: Sequence[Result], left: Mapping[str, float | None]) -> str:
    """As an HTML table: every network with its result; `left` are the seconds left of each run, if they are known."""
    lines = [line(each.group, known, left) for each, known in zip(found, results, strict=True)]
    return f'<table class="runs">{HEAD}{"".join(lines)}</table>'


def line(group: Group, known: Result, left: Mapping[str, float | None]) -> str:
    share = known.step / known.steps if known.steps else 0.0
    loss = f"{known.loss:.3f}" if isfinite(known.loss) else "–"
    error = f"{known.test_error:.1%}" if known.test_error is not None else "–"
    far = f"{known.step:,} / {known.steps:,}" if known.steps else "–"  # how many there are is known once it has begun
    return (
        f"<tr><td>{mark(group)}</td><td>{escape(group.title)}</td>"
        f'<td class="computed number">{known.params:,}</td>'
        f'<td><progress value="{share:.3f}"></progress> {far}</td>'
        f'<td class="measured number">{loss}</td><td class="measured number">{error}</td>'
        f"<td>{escape(standing(group, left))}</td></tr>"
    )


def mark(group: Group) -> str:
    """Its line in the charts."""
    return f'<i style="border-top:4px {"dashed" if group.dashed else "solid"} {group.colour}"></i>'


def standing(group: Group, left: Mapping[str, float | None]) -> str:
    """What hinders it, else how long it still takes, else whether it waits, rests or is done."""
    troubles = [run.message for run in group.runs if run.message]
    if troubles:
        return troubles[0]
    times = [left.get(run.id) for run in group.runs if run.state in UNDER_WAY]
    waits = [time for time in times if time is not None]
    if waits:
        return f"{duration(max(waits))} left"
    return ", ".join(sorted({state_of(run) for run in group.runs}))


def duration(seconds: float) -> str:
    """For reading, not for measuring: two figures at most."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
