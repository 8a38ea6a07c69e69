"""Exercise 4: chosen networks in one table, with what others count of them and accuracy for its price."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from explorer.analysis.crosscheck.crosscheck import COUNTERS
from explorer.analysis.crosscheck.efficiency import (
    EXERCISE,
    NO_ANSWER,
    TOOLS,
    NetworkEfficiency,
    best_for_price,
    efficiency_csv,
    network_efficiency,
    unbuilt,
)
from explorer.analysis.op_costs import UNKNOWN
from explorer.formatting import literal, short_number
from explorer.models.facts import Fact
from explorer.models.names import offered_networks
from explorer.models.selection import ModelSelection
from explorer.ui.compare.page_state import SLOTS, current_bench, go_bench, mine
from explorer.ui.session import bind_widget, show_growing
from explorer.ui.tables import Cell, html_table

EVERY = 0.5  # seconds between two looks while the tools count
ABOVE = (
    *(Cell("", columns=3), *(Cell(tool, columns=2) for tool in TOOLS)),
    Cell("Top-1 accuracy on ImageNet, and what it costs", columns=4),
)
HEADS = ("Network", "Parameters", "MACs", *("Parameters", "MACs") * len(TOOLS), "%", "Source", "per M", "per G MACs")


def efficiency_table() -> None:
    """Open where networks were chosen to be compared: to count three takes some seconds."""
    title, chosen = "Exercise 4: several networks in one table", bool(current_bench().bench)
    box = st.expander(title, expanded=chosen, icon=":material/table:", key="efficiency", on_change="rerun")
    if box.open:
        with box:
            compared_networks()


def compared_networks() -> None:
    places = chosen_networks()
    COUNTERS.answers.want(place.spec for place in places if buildable(place))
    show_growing(lambda: show_table(places), lambda: settled(places), EVERY)


def chosen_networks() -> tuple[ModelSelection, ...]:
    """Those on the bench; where nothing lies there, the exercise's."""
    bench = tuple(place.network for place in current_bench().bench)
    shown = bench or EXERCISE
    known = offered_networks((*mine(), *shown))
    words = {place: word for word, place in known.items()}

    def choose(chosen: list[str]) -> None:
        go_bench(replace(current_bench(), bench=tuple(known[word] for word in chosen[: len(SLOTS)])))

    st.multiselect(
        *("Networks", list(known)),
        max_selections=len(SLOTS),
        help=f"Up to {len(SLOTS)}: they are your comparison, which Side by side shows, too.",
        **bind_widget("efficiency/networks", [words[place] for place in shown if place in words], choose),
    )
    return shown


def buildable(place: ModelSelection) -> bool:
    return not row_of(place).problem


def row_of(place: ModelSelection) -> NetworkEfficiency:
    try:
        return network_efficiency(place)
    except ValueError as error:
        return unbuilt(place, str(error))


def settled(places: Sequence[ModelSelection]) -> bool:
    return all(row.answers or row.problem for row in map(row_of, places))


def show_table(places: Sequence[ModelSelection]) -> None:
    rows = [row_of(place) for place in places]
    st.html(html_table(HEADS, [cells for row in rows for cells in table_rows(row)], "strip efficiency", ABOVE))
    for row in rows:
        if row.problem:
            st.warning(literal(f"{row.title}: {row.problem}"), icon=":material/error_outline:")
    if words := best_for_price(rows):
        st.markdown(f"**Accuracy for its price.** {literal(words)}")
    if not all(row.answers or row.problem for row in rows):
        st.caption(f"Asking {' and '.join(TOOLS)}: they run each network once, on one image.")
        return
    st.download_button(
        *("CSV", lambda: efficiency_csv(rows), "exercise-4.csv", "text/csv"),
        on_click="ignore",
        icon=":material/download:",
    )


def table_rows(row: NetworkEfficiency) -> list[list[Cell]]:
    """One for each accuracy; the counts stand once, over all of them."""
    high = len(row.accuracies)
    counts = [
        Cell(row.title, head=True, rows=high, title=row.shape),
        Cell(f"{row.params:,}" if row.params else "–", "number", "computed", rows=high),
        macs_cell(row, high),
    ]
    for tool in TOOLS:
        answer = row.answers.get(tool, NO_ANSWER)
        problem = str(answer.get("problem", row.problem))
        for name, ours in (("params", row.params), ("macs", 0 if row.uncounted else row.macs)):
            counts.append(tool_cell(answer.get(name), ours, problem, name, high))
    if not row.accuracies:
        return [[*counts, Cell("nobody has trained it", columns=4, look="none")]]
    first, *others = (accuracy_cells(row, figure) for figure in row.accuracies)
    return [[*counts, *first], *others]


def macs_cell(row: NetworkEfficiency, high: int) -> Cell:
    told = f"{'≥ ' * bool(row.uncounted)}{short_number(row.macs)}" if row.macs else UNKNOWN if row.uncounted else "–"
    title = f"at least {row.macs:,}: {row.uncounted}" if row.uncounted else f"{row.macs:,}"
    return Cell(told, "number", "computed", rows=high, title=title)


def tool_cell(value: float | None, ours: int, problem: str, name: str, high: int) -> Cell:
    """What a tool says, and how far that is from `ours`; 0 where we know none."""
    if value is None:
        return Cell("cannot" if problem else "…", "number", rows=high, title=problem)
    words = f"{round(value):,}" if name == "params" else short_number(value)
    apart = f"{100 * (value - ours) / ours:+.2g} %".replace("-", "−") if ours and round(value) != ours else ""
    return Cell(words, "number", "tool", change=apart, rows=high, title=f"{round(value):,}")


def accuracy_cells(row: NetworkEfficiency, figure: Fact) -> list[Cell]:
    return [
        Cell(f"{figure.value:.2f}", "number", "published"),
        Cell(figure.source, title=figure.note),
        Cell(f"{row.per_million(figure):.2f}", "number", "computed"),
        Cell(f"{row.per_giga(figure):.1f}", "number", "computed"),
    ]
