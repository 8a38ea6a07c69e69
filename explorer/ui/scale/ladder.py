"""B0 to B7 as a chart and a table: computed, published and torchvision's, kept apart."""

from itertools import pairwise

import streamlit as st

from explorer.palette import BLUE, GREEN, PURPLE
from explorer.scaling.charts import Curve, ladder_chart
from explorer.scaling.ladder import Step, per_doubling
from explorer.scaling.ladder import ladder as climbed
from explorer.scaling.printed import V1, V5
from explorer.scaling.range import shipped_specs
from explorer.ui.scale.state import await_counts, counts
from explorer.words import binary, short, signed


def ladder() -> None:
    specs = tuple(shipped_specs().values())
    counts().first(specs)
    await_counts(specs, "Building B0 to B7")
    steps = climbed(counts().found(specs))
    chart, words = st.columns([2, 1], gap="large", vertical_alignment="center")
    chart.plotly_chart(ladder_chart(curves(steps)), width="stretch", key="ladder", config={"displayModeBar": False})
    words.markdown(verdict(steps))
    st.markdown(table(steps), unsafe_allow_html=True)
    st.caption(
        f"Published: Tan & Le 2019, Table 2; top-1 as in {V1} and as measured anew for {V5}; “FLOPs” there are "
        "multiply-adds. torchvision: the ImageNet weights that it ships, evaluated at their own image sizes. "
        "The gain is in points of v5 top-1 for each doubling of the computed MACs since the rung before."
    )


def curves(steps: tuple[Step, ...]) -> list[Curve]:
    printed = tuple(step.printed.macs * 1e9 for step in steps)
    return [
        Curve(f"published, {V5}", "circle-open", BLUE, printed, tuple(step.printed.v5 for step in steps)),
        Curve(f"published, {V1}", "square-open", PURPLE, printed, tuple(step.printed.v1 for step in steps)),
        Curve(
            "torchvision’s weights",
            "triangle-up-open",
            GREEN,
            tuple(step.weights_macs for step in steps),
            tuple(step.weights for step in steps),
        ),
    ]


def verdict(steps: tuple[Step, ...]) -> str:
    if len(steps) < 8:
        return ""
    first, last, climbs = steps[0], steps[-1], tuple(pairwise(steps))
    gains = [per_doubling(*climb) for climb in climbs]
    dearer = [after.macs / before.macs for before, after in climbs]
    always = " Each doubling brings less than the one before." if gains == sorted(gains, reverse=True) else ""
    return (
        f"### {last.macs / first.macs:.0f} times the MACs for {last.printed.v5 - first.printed.v5:.1f} points\n"
        f"From B0 to B1 a doubling of the work buys **{gains[0]:.1f} points** of top-1; from B6 to B7 it buys "
        f"**{gains[-1]:.1f}**. Every rung costs {min(dearer):.1f} to {max(dearer):.1f} times the one before it.{always}"
    )


HEAD = (
    '<tr><th></th><th colspan="4" class="computed">computed, from the built network</th>'
    '<th colspan="4" class="published">published</th><th>torchvision</th><th></th></tr>'
    "<tr><th></th><th>parameters</th><th>MACs</th><th>image</th><th>activations</th>"
    "<th>parameters</th><th>FLOPs</th><th>top-1, v1</th><th>top-1, v5</th><th>top-1</th><th>gain per doubling</th></tr>"
)


def table(steps: tuple[Step, ...]) -> str:
    rows = [row(step, steps[at - 1] if at else None) for at, step in enumerate(steps)]
    return f'<table class="facts scale-ladder">{HEAD}{"".join(rows)}</table>'


def row(step: Step, before: Step | None) -> str:
    gain = signed(per_doubling(before, step), "{:.2f}".format) if before else "–"
    computed = (f"{step.params:,}", short(step.macs), f"{step.resolution} px", binary(step.activations))
    printed = (
        f"{step.printed.params:g} M",
        f"{as_printed(step.printed.macs)} B",
        f"{step.printed.v1} %",
        f"{step.printed.v5} %",
    )
    cells = [f'<td class="computed">{text}</td>' for text in computed]
    cells += [f'<td class="published">{text}</td>' for text in (*printed, weights(step))]
    return f"<tr><td><b>{step.name}</b></td>{''.join(cells)}<td>{gain}</td></tr>"


def as_printed(billions: float) -> str:
    """With the digits that the paper gives it."""
    return f"{billions:.{2 if billions < 0.95 else 1 if billions < 10 else 0}f}"


def weights(step: Step) -> str:
    """What torchvision's weights reach, and at which size where that is not the paper's."""
    return f"{step.weights:.1f} %" + ("" if step.weights_side == step.resolution else f" at {step.weights_side} px")
