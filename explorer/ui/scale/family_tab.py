"""B0 to B7, computed, published and torchvision's kept apart; and what rounding made of exact φ."""

from itertools import chain, pairwise

import streamlit as st

from explorer.colors import BLUE, GREEN, PURPLE
from explorer.formatting import binary, short_number, signed
from explorer.scaling.base_models import SIDE, factors_of, implied_phis, shipped_specs
from explorer.scaling.charts import Top1Curve, implied_chart, ladder_chart, rounding_chart
from explorer.scaling.family_table import V1, V5, FamilyStep, family_steps, per_doubling, rounding_steps
from explorer.ui.charts import show_chart
from explorer.ui.scale.page_state import await_counts, scaling_counts
from explorer.ui.tables import Cell, html_table

SOURCES = (
    "",
    Cell("computed, from the built network", "computed", columns=4),
    Cell("published", "published", columns=4),
    "torchvision",
    "",
)
COLUMNS = (
    *("", "parameters", "MACs", "image", "activation memory"),
    *("parameters", "FLOPs", "top-1, v1", "top-1, v5", "top-1", "gain per doubling"),
)


def family_tab() -> None:
    specs = tuple(shipped_specs().values())
    scaling_counts().first(specs)
    await_counts(specs, "Building B0 to B7")
    steps = family_steps(scaling_counts().found(specs))
    chart, words = st.columns([2, 1], gap="large", vertical_alignment="center")
    with chart:
        show_chart(ladder_chart(curves(steps)), key="ladder", config={"displayModeBar": False})
    words.markdown(family_verdict(steps))
    st.markdown(family_html(steps), unsafe_allow_html=True)
    st.caption(
        f"Published: Tan & Le 2019, Table 2; top-1 as in {V1} and as measured anew for {V5}; “FLOPs” there are "
        "multiply-adds. torchvision: the ImageNet weights that it ships, evaluated at their own image sizes. "
        "The gain is in points of v5 top-1 for each doubling of the computed MACs since the rung before."
    )


def curves(steps: tuple[FamilyStep, ...]) -> list[Top1Curve]:
    printed = tuple(step.printed.macs * 1e9 for step in steps)
    return [
        Top1Curve(f"published, {V5}", "circle-open", BLUE, printed, tuple(step.printed.v5 for step in steps)),
        Top1Curve(f"published, {V1}", "square-open", PURPLE, printed, tuple(step.printed.v1 for step in steps)),
        Top1Curve(
            "torchvision’s weights",
            "triangle-up-open",
            GREEN,
            tuple(step.weights_macs for step in steps),
            tuple(step.weights for step in steps),
        ),
    ]


def family_verdict(steps: tuple[FamilyStep, ...]) -> str:
    if len(steps) < 8:
        return ""
    first, last, climbs = steps[0], steps[-1], tuple(pairwise(steps))
    gains = [per_doubling(*climb) for climb in climbs]
    times = last.counts.macs / first.counts.macs
    dearer = [after.counts.macs / before.counts.macs for before, after in climbs]
    always = " Each doubling brings less than the one before." if gains == sorted(gains, reverse=True) else ""
    return (
        f"### {times:.0f} times the MACs for {last.printed.v5 - first.printed.v5:.1f} points\n"
        f"From B0 to B1 a doubling of the work buys **{gains[0]:.1f} points** of top-1; from B6 to B7 it buys "
        f"**{gains[-1]:.1f}**. Every rung costs {min(dearer):.1f} to {max(dearer):.1f} times the one before it.{always}"
    )


def family_html(steps: tuple[FamilyStep, ...]) -> str:
    rows = [family_row(step, before) for before, step in pairwise((None, *steps)) if step]
    return html_table(COLUMNS, rows, "facts scale-ladder", above=SOURCES)


def family_row(step: FamilyStep, before: FamilyStep | None) -> list[Cell]:
    counts, printed = step.counts, step.printed
    computed = (f"{counts.params:,}", short_number(counts.macs), f"{counts.side} px", binary(counts.peak))
    macs = Cell(f"{as_printed(printed.macs)} B", "published", title=printed.note)
    published = (f"{printed.v1} %", f"{printed.v5} %", weights_cell(step))
    return [
        Cell(mark=f"<b>{step.name}</b>"),
        *(Cell(text, "computed") for text in computed),
        *(Cell(f"{printed.params:g} M", "published"), macs),
        *(Cell(text, "published") for text in published),
        Cell(signed(per_doubling(before, step), "{:.2f}".format) if before else "–"),
    ]


def as_printed(billions: float) -> str:
    """With the digits that the paper gives it."""
    return f"{billions:.{2 if billions < 0.95 else 1 if billions < 10 else 0}f}"


def weights_cell(step: FamilyStep) -> str:
    """What torchvision's weights reach, and at which size where that is not the paper's."""
    return f"{step.weights:.1f} %" + ("" if step.weights_side == step.counts.side else f" at {step.weights_side} px")


def rounding_section() -> None:
    shipped = [factors_of(spec) for spec in shipped_specs().values()]
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        st.markdown("##### The law asks for fractions; networks come in wholes")
        st.caption(
            "Blocks are rounded up, channels to multiples of 8 but never below 90 %, pixels to whole ones. Rounding up "
            "is why the MACs of small φ lie above the law: at φ = 0.25 every stage gains a whole block."
        )
        show_chart(rounding_chart(rounding_steps()), width="stretch", key="rounding", config={"displayModeBar": False})
    with right:
        implied = [implied_phis(spec) for spec in shipped_specs().values()]
        st.markdown("##### Which φ is B5? It depends whom you ask")
        st.caption(
            "B0 to B7 are multipliers that the authors rounded by hand: B1 is deeper and sharper than B0, but no "
            "wider. Each marker is the φ at which the law would give that depth, width or resolution."
        )
        show_chart(implied_chart(implied), width="stretch", key="implied", config={"displayModeBar": False})
        st.markdown(rounding_html(shipped, implied), unsafe_allow_html=True)


def rounding_html(shipped: list[tuple[float, float, float]], implied: list[tuple[float, float, float]]) -> str:
    rows: list[list[Cell]] = []
    for index, (factors, phis) in enumerate(zip(shipped, implied, strict=True)):
        texts = (f"{factors[0]:g}×", f"{factors[1]:g}×", f"{round(factors[2] * SIDE)} px")
        pairs = ((Cell(text), Cell(mark=f"<b>{phi:.2f}</b>")) for text, phi in zip(texts, phis, strict=True))
        rows.append([Cell(mark=f"<b>B{index}</b>"), *chain.from_iterable(pairs)])
    return html_table(("", "depth", "φ", "width", "φ", "image", "φ"), rows, "facts")
