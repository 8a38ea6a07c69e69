"""Why Bk is not φ = k: depth in whole blocks, width in eights, and B0 to B7 rounded once more by hand."""

import streamlit as st

from explorer.scaling.bases import SIDE
from explorer.scaling.range import factors_of, implied_phis, shipped_specs
from explorer.scaling.rounding_charts import Lane, implied_chart, rounding_chart
from explorer.scaling.steps import FINE
from explorer.scaling.steps import rounding as steps


def rounding() -> None:
    shipped = [factors_of(spec) for spec in shipped_specs().values()]
    lanes = [
        Lane(each.name, FINE, each.asked, each.given, tuple(factors[part] for factors in shipped))
        for part, each in enumerate(steps())
    ]
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        st.markdown("##### The law asks for fractions; networks come in wholes")
        st.caption(
            "Blocks are rounded up, channels to multiples of 8 but never below 90 %, pixels to whole ones. Rounding up "
            "is why the MACs of small φ lie above the law: at φ = 0.25 every stage gains a whole block."
        )
        st.plotly_chart(rounding_chart(lanes), width="stretch", key="rounding", config={"displayModeBar": False})
    with right:
        implied = [implied_phis(spec) for spec in shipped_specs().values()]
        st.markdown("##### Which φ is B5? It depends whom you ask")
        st.caption(
            "B0 to B7 are multipliers that the authors rounded by hand: B1 is deeper and sharper than B0, but no "
            "wider. Each marker is the φ at which the law would give that depth, width or resolution."
        )
        st.plotly_chart(implied_chart(implied), width="stretch", key="implied", config={"displayModeBar": False})
        st.markdown(table(shipped, implied), unsafe_allow_html=True)


def table(shipped: list[tuple[float, float, float]], implied: list[tuple[float, float, float]]) -> str:
    head = "<tr><th></th><th>depth</th><th>φ</th><th>width</th><th>φ</th><th>image</th><th>φ</th></tr>"
    rows = ""
    for index, (factors, phis) in enumerate(zip(shipped, implied, strict=True)):
        texts = (f"{factors[0]:g}×", f"{factors[1]:g}×", f"{round(factors[2] * SIDE)} px")
        cells = "".join(f"<td>{text}</td><td><b>{phi:.2f}</b></td>" for text, phi in zip(texts, phis, strict=True))
        rows += f"<tr><td><b>B{index}</b></td>{cells}</tr>"
    return f'<table class="facts">{head}{rows}</table>'
