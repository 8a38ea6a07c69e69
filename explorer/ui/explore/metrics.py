"""The numbers above the picture: what the network costs, what changed, where each number comes from."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from explorer.analysis.model_summary import ModelSummary
from explorer.analysis.op_costs import ITEMSIZES, macs_words, weight_bytes
from explorer.analysis.stage_costs import Costs
from explorer.colors import BLUE, GREEN, ORANGE
from explorer.formatting import binary, literal, short_number, signed
from explorer.glossary import explain_term
from explorer.models.facts import Fact
from explorer.models.names import network_title
from explorer.models.published_figures import published_figures
from explorer.models.selection import ModelSelection, as_preset


def headline(place: ModelSelection, now: ModelSummary, before: ModelSummary | None, alone: bool) -> None:
    """What one looks at, and five numbers, each with its change since the preset; the numbers follow the picture."""
    with st.container(key="headline"):
        columns = st.columns([1.7, 1.35, 1.15, 1.35, 0.8, 1.15], gap="xsmall")
    shape = now.graph.input_words()
    changed = f"below: change since {literal(place.title)}" if place.changes else ""
    columns.pop(0).markdown(f"### {literal(network_title(place))}\n:gray[{' · '.join(filter(None, (shape, changed)))}]")
    if alone:
        return

    def number(
        label: str, value: Callable[[ModelSummary], float], spell: Callable[[float], str], help: str, told: str = ""
    ) -> None:
        change = value(now) - value(before) if before else 0
        columns.pop(0).metric(
            *(label, told or spell(value(now)), signed(change, spell) if change else None),
            delta_color="off",
            delta_arrow="off",
            help=help,
        )

    number("Parameters", lambda study: study.graph.params, lambda value: f"{value:,.0f}", params_help(place, now))
    macs = macs_words(now.graph, None, now.graph.macs)
    number("MACs (FLOPs ÷ 2)", lambda study: study.graph.macs, short_number, macs_help(place, now), macs)
    number(
        *("Activation memory", lambda study: study.peak * place.batch, binary),
        memory_help(place, now),
    )
    number("Depth", lambda study: study.depth, lambda value: f"{value:.0f}", depth_help(now))
    if now.sees_all:
        number("Receptive field", lambda study: 0, lambda value: "whole image", field_help(now))
    else:
        number("Receptive field", lambda study: study.field.size[0], lambda value: f"{value:,.0f} px", field_help(now))


def params_help(place: ModelSelection, now: ModelSummary) -> str:
    sizes = ", ".join(f"{binary(weight_bytes(now.graph, size))} as {name}" for name, size in ITEMSIZES.items())
    left = sum(count for _, count in now.graph.left_out)
    parts = {name.split(".")[0] for name, _ in now.graph.left_out}
    why = "the run stopped before them" if now.graph.broken else "no image passes them in evaluation"
    out = f"\n\nLeft out: {left:,} in {literal(', '.join(sorted(parts)))}, for {why}." if left else ""
    return (
        f"**Computed** from this network: the sum over its {len(now.graph.operations):,} operations.{out}"
        f"{remark_list(now.graph.notes)}"
        f"\n\nWeights take {sizes}.\n\n{published_list(place, 'parameters')}"
    )


def macs_help(place: ModelSelection, now: ModelSummary) -> str:
    return (
        f"**Computed** from this network for {now.graph.input_words('one image of ')}: "
        f"{now.graph.macs:,} MACs, which is {short_number(2 * now.graph.macs)} FLOPs (FLOPs = 2 × MACs)."
        f"{remark_list(now.graph.uncounted, 'At least so many: not counted are')}\n\n"
        f"{explain_term('MAC')}\n\n{published_list(place, 'MACs')}"
    )


def remark_list(remarks: tuple[tuple[str, str], ...], lead: str = "") -> str:
    """What was said of single operations, each sentence once, with the number of the first that it is said of."""
    first = {said: name for name, said in reversed(remarks)}
    lines = "".join(f"\n- operation {name}: {said}" for said, name in reversed(first.items()))
    return f"\n\n{lead}\n{lines}" if lines else ""


def memory_help(place: ModelSelection, now: ModelSummary) -> str:
    images = f"a batch of {place.batch}" if place.batch > 1 else "one image"
    return (
        f"**Computed** for {images} in fp32, weights not included: {binary(now.peak * place.batch)} at the fullest "
        f"moment of inference; training keeps {binary(now.kept * place.batch)} for the backward pass."
        f"\n\n{explain_term('activation memory')}"
    )


def depth_help(now: ModelSummary) -> str:
    return (
        f"**Computed:** the longest way from input to output passes {now.depth} layers with weights; the network holds "
        f"{now.weighted_layers} of them. Papers name networks by the longest way: shortcuts are not counted."
    )


def field_help(now: ModelSummary) -> str:
    whole = any(field.whole for field in now.fields.values())
    tail = f"\n\n{explain_term('whole image')}" if whole else ""
    return (
        f"**Computed:** through filters and strides alone one number of the last map can see {now.field.size[0]:,.0f} "
        f"pixels a side; beyond the image's edge there is padding.\n\n{explain_term('receptive field')}{tail}"
    )


def published_list(place: ModelSelection, quantity: str) -> str:
    """The published figures of one quantity, as a list; a changed network has none of its own."""
    own = as_preset(place)
    known = published_figures(own.source, own.name, own.preset)
    figures = [figure for figure in known if figure.quantity == quantity]
    if not figures:
        return "**Published:** no figure at hand."
    whose = f"{literal(own.title)}, from which this was changed" if own.changes else literal(own.title)
    return f"**Published** for {whose}:\n" + "\n".join(f"- {spell_figure(figure)}" for figure in figures)


def spell_figure(figure: Fact) -> str:
    note = f": {figure.note}" if figure.note else ""
    return f"{value_of(figure)} ({figure.source}){note}"


def value_of(figure: Fact) -> str:
    """The number as one writes it: counts of parameters in full, MACs in short, the rest in percent."""
    if figure.quantity == "parameters":
        return f"{figure.value:,.0f}"
    return short_number(figure.value) if figure.quantity == "MACs" else f"{figure.value:.4g} %"


def stages_chart(stages: dict[str, Costs], lacks: bool = False) -> go.Figure:
    """Where the parameters, the work and the activations lie: each as a share of its whole, so that they compare;
    `lacks` where some of the work is not counted."""
    figure = go.Figure(layout={"barmode": "group", "bargap": 0.25, "margin": {"t": 10, "b": 10, "l": 10, "r": 10}})
    for title, colour, values in (
        ("Parameters", BLUE, [stage.params for stage in stages.values()]),
        ("MACs, as far as counted" if lacks else "MACs", ORANGE, [stage.macs for stage in stages.values()]),
        ("Activations", GREEN, [stage.activations for stage in stages.values()]),
    ):
        whole = sum(values) or 1
        figure.add_bar(
            name=title,
            x=[path or "elsewhere" for path in stages],
            y=[value / whole for value in values],
            customdata=[f"{value:,}" for value in values],
            hovertemplate=f"%{{x}}<br>{title}: %{{customdata}}, %{{y:.1%}} of all<extra></extra>",
            marker_color=colour,
        )
    figure.update_yaxes(tickformat=".0%", title="share of the whole network", rangemode="tozero")
    figure.update_layout(legend={"orientation": "h", "y": 1.08}, height=360)
    return figure
