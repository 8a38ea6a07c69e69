"""Everything the animation shows, as a table that can be sorted, searched and saved."""

from typing import Any

import streamlit as st

from explorer.analysis.model_summary import GraphCounts
from explorer.formatting import MIB
from explorer.models.spec import Spec
from explorer.scaling.compound_law import PAPER
from explorer.scaling.phi_sweep import exact_specs, implied_phis, ordered_specs, shipped_specs
from explorer.ui.scale.page_state import await_counts, scaling_counts


def scaling_table() -> None:
    specs = ordered_specs()
    await_counts(specs, "Counting the rest")
    st.dataframe(table_rows(), hide_index=True, width="stretch", height=560, column_config=COLUMNS)
    st.caption(
        "Every row is a network that was built and counted. Blocks, channels and pixels are those of its seven stages; "
        "activation memory is the fullest moment of inference for one image in fp32."
    )


def table_rows() -> list[dict[str, Any]]:
    found = scaling_counts().found(ordered_specs())
    first = found.get(exact_specs()[0.0])
    listed = [(f"φ = {phi:.2f}", phi, spec) for phi, spec in exact_specs().items()]
    listed += [(f"B{index}", None, spec) for index, spec in shipped_specs().items()]
    return [table_row(name, phi, spec, found[spec], first) for name, phi, spec in listed if spec in found]


def table_row(
    name: str, phi: float | None, spec: Spec, counted: GraphCounts, first: GraphCounts | None
) -> dict[str, Any]:
    law = dict(zip(("α^φ", "β^φ", "γ^φ"), PAPER.factors(phi) if phi is not None else (None,) * 3, strict=True))
    implied = None if phi is not None else ", ".join(f"{each:.2f}" for each in implied_phis(spec))
    return {
        "network": name,
        "parameters": counted.params,
        "MACs": counted.macs,
        "times": counted.macs / first.macs if first else None,
        "2^φ": None if phi is None else 2**phi,
        "1.92^φ": None if phi is None else PAPER.product**phi,
        **law,
        "activations": counted.peak / MIB,
        "image": counted.side,
        "blocks": " · ".join(str(stage.blocks) for stage in counted.stages),
        "channels": " · ".join(str(stage.channels) for stage in counted.stages),
        "pixels": " · ".join(str(stage.side) for stage in counted.stages),
        "implied": implied,
    }


def factor(label: str) -> Any:
    return st.column_config.NumberColumn(label, format="%.2f×")


COLUMNS = {
    "network": st.column_config.TextColumn("Network", pinned=True),
    "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
    "MACs": st.column_config.NumberColumn("MACs", format="localized"),
    "times": factor("MACs, times φ = 0"),
    "2^φ": factor("2^φ"),
    "1.92^φ": factor("1.92^φ"),
    "α^φ": factor("α^φ"),
    "β^φ": factor("β^φ"),
    "γ^φ": factor("γ^φ"),
    "activations": st.column_config.NumberColumn("Activations", format="%.1f MiB"),
    "image": st.column_config.NumberColumn("Image", format="%d px"),
    "blocks": "Blocks",
    "channels": "Channels",
    "pixels": "Pixels a side",
    "implied": "φ by depth, width, resolution",
}
