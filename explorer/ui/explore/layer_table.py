"""Under the picture: the table of all layers and the chart of its stages."""

import streamlit as st

from explorer.analysis.charts import stages_chart
from explorer.analysis.model_summary import ModelSummary, layer_csv, layer_rows
from explorer.analysis.stage_costs import by_stage
from explorer.graph.module_tree import Item
from explorer.models.selection import ModelSelection
from explorer.ui.explore.page_state import select

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


def layer_panel(place: ModelSelection, study: ModelSummary) -> None:
    """Follows the picture: with a part selected there, the table shows that part and its surroundings."""
    names = around(place, study)
    row = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
    whole = len(study.graph.nodes)
    row.caption(
        f"All {whole} operations in the order they run."
        if len(names) == whole
        else f"{len(names)} of {whole} operations: what surrounds your selection. Select nothing to see all."
    )
    row.download_button(
        *("CSV", lambda: layer_csv(study), f"{place.title}.csv", "text/csv"),
        on_click="ignore",
        icon=":material/download:",
    )
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
        alt=f"The operations of {place.title} with their costs",
    )


def selected_rows(place: ModelSelection, study: ModelSummary, names: tuple[str, ...]) -> list[int]:
    """The row of the selected layer."""
    chosen = study.outline.find(place.selected, repeats=False)
    return [names.index(chosen.nodes[0])] if chosen and not chosen.children and chosen.nodes[0] in names else []


def around(place: ModelSelection, study: ModelSummary) -> tuple[str, ...]:
    """The nodes to list: all of them, or those of the block that the picture's selection lies in."""
    everything = tuple(node.name for node in study.graph.nodes)
    if not place.selected or st.session_state.get("told") != place.selected:
        return everything
    item = study.outline.find(place.selected, place.repeats)
    if item and not item.children:
        item = next(reversed(study.outline.parents(item.id)), None)
    return item.nodes if item and item.nodes else everything


def pick_row(study: ModelSummary, names: tuple[str, ...], key: str) -> None:
    """Taking the mark off a row leaves the selection: Streamlit reports that, too, when the table goes away."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows and (item := owner(study, names[rows[0]])):
        select(item.id, tell_diagram=True)


def owner(study: ModelSummary, name: str) -> Item | None:
    return next(reversed(study.outline.items_of_node(name)), None)


def stages(study: ModelSummary) -> None:
    st.plotly_chart(stages_chart(by_stage(study.graph)), key="stages", alt="Parameters, MACs and activations by stage")
