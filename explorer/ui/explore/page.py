"""The Explore page: the network's picture, what was clicked in it, its tables, and what one takes home."""

from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import sha256

import streamlit as st
from torch import Tensor

from explorer.analysis.model_summary import ModelSummary, layer_csv, layer_rows, study
from explorer.analysis.stage_costs import by_stage
from explorer.diagram.graphviz_process import graphviz
from explorer.diagram.render import Diagram, standalone_svg
from explorer.formatting import literal
from explorer.models.inputs import takes_picture
from explorer.models.names import network_title
from explorer.models.onnx_export import onnx, python_lines
from explorer.models.selection import LARGEST_SEED, ModelSelection
from explorer.models.spec import Spec, given
from explorer.tracing.failures import wants_numbers
from explorer.tracing.number_runs import number_runs
from explorer.ui.charts import show_chart
from explorer.ui.components.network_viewer import NetworkPane, show_networks
from explorer.ui.explore.details import details, source_panel, where_it_stops
from explorer.ui.explore.metrics import stages_chart
from explorer.ui.explore.page_state import PAGE, current, go, publish, select
from explorer.ui.network_picture import display, drawing, obey
from explorer.ui.session import complain, show_growing, show_problems, unbroken
from explorer.ui.train.own_picture import KEPT_WHERE, SUFFIXES, new_picture

EVERY = 1.0  # seconds
HELP = (
    "Runs the network once on real numbers, in a process of its own that you can stop: noise for what goes in, and the "
    "weights that its code starts with. The picture then shows the way that these numbers took."
)
ONE_WAY = (
    ":material/alt_route: **One of several paths.** Where this network asks for values, the picture shows what it did "
    "on these: {} the weights that its code starts with, {}by seed {}."
)
NOISE = "noise between 0 and 1, and", "both "
SHOWN_PICTURE = "your picture, from 0 for black to 1 for white, which no link holds, and", ""
OWN_PICTURE = "explore/own-picture"  # in the session: which network was given one, and the digest of that


def number_run(place: ModelSelection, known: ModelSummary) -> None:
    if known.spec.seed is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="number-run"):
            noise, both = SHOWN_PICTURE if known.spec.picture else NOISE
            st.markdown(ONE_WAY.format(noise, both, known.spec.seed), width="stretch")
            again = (place.seed or 0) + 1
            if again <= LARGEST_SEED:
                st.button("Other numbers", icon=":material/casino:", on_click=unbroken(draw_rest), args=(place, again))
            take_picture(place, known)
            st.button("Up to the question only", icon=":material/undo:", on_click=unbroken(back))
    elif wants_numbers(known.graph) and given(place.spec) is None:
        spec = replace(place.spec, seed=place.seed or 0, picture=own_picture(place))
        show_growing(partial(run_status, place, known, spec), lambda: not number_runs().under_way(spec), EVERY)


def run_status(place: ModelSelection, known: ModelSummary, spec: Spec) -> None:
    runs = number_runs()
    with st.container(horizontal=True, vertical_alignment="center", key="number-run"):
        if runs.under_way(spec):
            what = "your picture" if spec.picture else f"noise, seed {spec.seed}"
            st.markdown(f"Running it once on {what}: {runs.seconds(spec):.0f} s …", width="stretch")
            st.button("Stop", icon=":material/stop:", on_click=unbroken(stop), args=(spec,), key="number-run/stop")
            return
        if trouble := runs.trouble(spec):
            st.markdown(f":material/error: {literal(trouble)}", width="stretch")
        again = (place, spec.seed)
        st.button("Draw the rest", icon=":material/alt_route:", help=HELP, on_click=unbroken(draw_rest), args=again)
        take_picture(place, known)


def draw_rest(place: ModelSelection, seed: int, picture: tuple[str, Tensor | None] = ("", None)) -> None:
    digest, image = picture
    st.session_state[OWN_PICTURE] = place.spec, digest
    number_runs().start(replace(place.spec, seed=seed, picture=digest), image)
    go(replace(current(), seed=seed))


def own_picture(place: ModelSelection) -> str:
    """The digest of what the network was given; empty: noise."""
    network, digest = st.session_state.get(OWN_PICTURE, (None, ""))
    return digest if network == place.spec else ""


def take_picture(place: ModelSelection, known: ModelSummary) -> None:
    """In place of the noise, where the network takes pictures."""
    if not any(node.kind == "input" and takes_picture(node.shape) for node in known.graph.nodes):
        return
    with st.popover("On your picture", icon=":material/add_photo_alternate:"):
        file = st.file_uploader("A picture of yours", SUFFIXES, key="number-run/file")
        st.caption(KEPT_WHERE)
        picture = new_picture(file, "number-run/taken")
    if file and picture is not None:
        draw_rest(place, place.seed or 0, (sha256(file.getvalue()).hexdigest(), picture))
        st.rerun()


def stop(spec: Spec) -> None:
    number_runs().stop(spec)
    st.session_state.pop(OWN_PICTURE, None)


def back() -> None:
    st.session_state.pop(OWN_PICTURE, None)
    go(replace(current(), seed=None))


# With the numbers above it the picture fills the screen. style.css gives the panel beside it the same height.
HEIGHT = "max(544px, calc(100vh - 12.8rem))"
KEY = "layers"
SHOWN = {
    "layer": st.column_config.TextColumn("Layer", width="medium", help="where it hangs in the network"),
    "operation": st.column_config.TextColumn("Operation", width="small"),
    "output": st.column_config.TextColumn("Output", help="channels × height × width, or tokens × width"),
    "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
    "MACs": st.column_config.NumberColumn("MACs", format="localized", help="multiply-adds for one image"),
    "activations": st.column_config.NumberColumn("Output bytes", format="localized", help="one image, fp32"),
    "field": st.column_config.NumberColumn("Field, px", format="localized", help="receptive field, pixels a side"),
}


def exports(drawn: Diagram, place: ModelSelection, known: ModelSummary) -> None:
    if lines := python_lines(known.spec):
        st.code(lines, language="python")
    else:
        st.caption("The module itself is in the program that showed it: only there can it be built or saved as ONNX.")
    files = [
        ("SVG", "image/svg+xml", lambda: standalone_svg(drawn), "the picture, for a document"),
        ("PDF", "application/pdf", lambda: graphviz().render(drawn.dot, "pdf"), "drawn by Graphviz itself"),
        ("DOT", "text/vnd.graphviz", lambda: drawn.dot, "the picture's source for Graphviz"),
    ]
    if lines and not known.graph.broken:
        words = "opens in Netron; untrained weights; takes some seconds and as many bytes as the weights"
        files.append(("ONNX", "application/octet-stream", lambda: onnx(place), words))
    row = st.container(horizontal=True)
    for kind, mime, make, help in files:
        name = f"{network_title(place)}.{kind.lower()}"
        row.download_button(kind, make, name, mime, on_click="ignore", help=help, icon=":material/download:")
    st.caption("PNG is in the picture's own menu, at its right. The table of layers saves as CSV where it stands.")


def shown_studies() -> tuple[ModelSelection, ModelSummary, ModelSummary | None]:
    """The network to show, and the preset it started from if knobs were turned.

    Where the settings do not go together the last good network stays, and the reason is said.
    """
    place = current()
    try:
        now = study(shown_spec(place))
    except ValueError as error:
        complain(str(error))
        place, now = last_good(place)
    st.session_state.good = place
    before = study(place.origin) if place.changes else None
    if now.graph.broken:
        complain(where_it_stops(now))
    return place, now, before


def last_good(place: ModelSelection) -> tuple[ModelSelection, ModelSummary]:
    """What was shown before; for a new visitor the preset, or else the page's first network."""
    for candidate in (st.session_state.get("good"), replace(place, changes=())):
        with suppress(ValueError):
            if candidate:
                return candidate, study(candidate.spec)
    return ModelSelection(), study(ModelSelection().spec)


def studio(alone: bool) -> None:
    """Reruns by itself, and as a whole: what Streamlit breaks off for the next click comes with that click's run."""
    if PAGE.moved():
        st.rerun()  # another network, perhaps: the form and the numbers must follow
    middle, right = st.columns([2.6, 1], gap="small")
    with middle:
        above = st.container()
        place, known = standing_selection()
        drawn = diagram(place, known)
        if not alone:
            with above:
                show_problems()
                number_run(place, known)
    with right, st.container(border=True, key="details"):
        st.empty() if alone else details(place, known)
    if not alone:
        tables(drawn, place, known)
    publish()


def diagram(place: ModelSelection, known: ModelSummary) -> Diagram:
    drawn, view = drawing(PAGE, place, known)
    show_networks(
        (NetworkPane(network_title(place), drawn),),
        display(PAGE, place, known, view, HEIGHT),
        key="diagram",
        on_event=partial(obey, PAGE, known, False),
    )
    return drawn


def tables(drawn: Diagram, place: ModelSelection, known: ModelSummary) -> None:
    below = st.tabs(["Layers", "By stage", "Source code", "Take it home"], key="below", on_change="rerun")
    fills = (layer_panel, lambda _, known: stages(known), source_panel, partial(exports, drawn))
    for tab, fill in zip(below, fills, strict=True):
        if tab.open:
            with tab:
                fill(place, known)


def standing_selection() -> tuple[ModelSelection, ModelSummary]:
    """The visitor's place, on the network that can be shown."""
    place, good = current(), st.session_state.good
    same = replace(place, source=good.source, name=good.name, preset=good.preset, changes=good.changes)
    return same, study(shown_spec(same))


def shown_spec(place: ModelSelection) -> Spec:
    """Run on real numbers, where it has been."""
    run = replace(place.spec, seed=place.seed, picture=own_picture(place))
    return run if place.seed is not None and number_runs().finished(run) else place.spec


def layer_panel(place: ModelSelection, study: ModelSummary) -> None:
    """Follows the picture: with a part selected there, the table shows that part and its surroundings."""
    names = around(place, study)
    layer_panel_head(place, study, names)
    key = f"{KEY}/{hash(study.spec)}"
    st.session_state[key] = {"selection": {"rows": selected_rows(place, study, names)}}
    st.dataframe(
        layer_rows(study, names),
        column_config=SHOWN,
        hide_index=True,
        key=key,
        on_select=lambda: pick_row(study, names, key),
        selection_mode="single-row",
        height=320,
        alt=f"The operations of {network_title(place)} with their costs",
    )


def layer_panel_head(place: ModelSelection, study: ModelSummary, names: tuple[str, ...]) -> None:
    """At the left: the table's own tools lie at the right."""
    row = st.container(horizontal=True, vertical_alignment="center")
    whole = len(study.graph.nodes)
    row.download_button(
        *("CSV", lambda: layer_csv(study), f"{network_title(place)}.csv", "text/csv"),
        on_click="ignore",
        icon=":material/download:",
    )
    row.caption(
        f"All {whole:,} operations in the order they run."
        if len(names) == whole
        else f"{len(names):,} of {whole:,} operations: what surrounds your selection. Select nothing to see all."
    )


def selected_rows(place: ModelSelection, study: ModelSummary, names: tuple[str, ...]) -> list[int]:
    """The row of the selected layer."""
    chosen = study.outline.find(place.selected, repeats=False)
    layer = chosen.nodes[0] if chosen and chosen.nodes and not chosen.children else ""
    return [names.index(layer)] if layer in names else []


def around(place: ModelSelection, study: ModelSummary) -> tuple[str, ...]:
    """The nodes to list: all of them, or those of the block that the picture's selection lies in."""
    everything = tuple(node.name for node in study.graph.nodes)
    if not place.selected or not PAGE.told():
        return everything
    item = study.outline.find(place.selected, place.repeats)
    if item and not item.children:
        item = next(reversed(study.outline.parents(item.id)), None)
    return item.nodes if item and item.nodes else everything


def pick_row(study: ModelSummary, names: tuple[str, ...], key: str) -> None:
    """Taking the mark off a row leaves the selection: Streamlit reports that, too, when the table goes away."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows and (items := study.outline.items_of_node(names[rows[0]])):
        select(items[-1].id, tell_diagram=True)


def stages(study: ModelSummary) -> None:
    chart = stages_chart(by_stage(study.graph), study.graph.lacks())
    show_chart(chart, key="stages", alt="Parameters, MACs and activations by stage")
