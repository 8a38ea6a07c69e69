"""One dimension against all three at equal MACs: drawn, counted, and held against what the paper printed."""

from dataclasses import replace

import streamlit as st

from explorer.analysis.model_summary import count_spec
from explorer.formatting import binary, literal, short_number
from explorer.scaling.base_models import BASES
from explorer.scaling.charts import WAY_COLOURS, Bought, returns_sentences, shapes_chart, ways_chart
from explorer.scaling.equal_budget import Spent, equal
from explorer.scaling.family_table import SCALED
from explorer.ui.charts import show_chart
from explorer.ui.scale.page_state import BUDGETS, choose_base, current_scale, go_scale, page_links
from explorer.ui.session import bind_widget

TITLES = {
    "depth": "Depth only", "width": "Width only", "resolution": "Resolution only", "compound": "All three: compound",
}  # fmt: skip


def ways() -> None:
    left, right = st.columns([1.2, 1], vertical_alignment="bottom")
    with left:
        choose_base("ways")
    with right:
        choose_budget()
    stand = current_scale()
    with st.spinner("Building networks until four of them cost the same"):
        base, four = count_spec(BASES[stand.base].spec((1, 1, 1))), equal(stand.base, stand.budget)
    for column, spent in zip(st.columns(len(four), gap="small"), four, strict=True):
        column.html(way_card(spent, stand.base))
    figure = shapes_chart(base.stages, {spent.way: spent.counted.stages for spent in four})
    show_chart(figure, key="ways", config={"displayModeBar": False}, alt=say_stages(four))
    st.caption(
        f"Faint is what {stand.base} has, from which all four were made; strong is what was added. "
        "The φ of all three is that of the paper’s law."
    )
    for spent in four:
        if spent.reason:
            st.caption(f"{TITLES[spent.way]} stops at {short_number(spent.counted.macs)} MACs: {literal(spent.reason)}")
    take_to_train(four)
    printed_words_of(stand.base)


def choose_budget() -> None:
    told = bind_widget(
        "scale/budget", current_scale().budget, lambda budget: go_scale(replace(current_scale(), budget=budget))
    )
    help = "4.67 times B0’s MACs are the 1.8 G of the paper’s Table 7."
    st.segmented_control(
        "MACs to spend, times the base’s", BUDGETS, format_func="{:g} ×".format, required=True, help=help, **told
    )


def way_card(spent: Spent, base: str) -> str:
    """Over its bars: what was turned, what it cost, and what was published for the same way of scaling."""
    counted = spent.counted
    dial = f"φ = {spent.value:.2f}" if spent.way == "compound" else f"× {spent.value:.2f}"
    found = next((each for each in SCALED[base] if each.way == spent.way), None)
    facts = f"{short_number(counted.macs)} MACs · {binary(counted.peak)} activation memory"
    facts += f"<br>{counted.params:,} parameters"
    return (
        f'<div class="way" style="--mark: {WAY_COLOURS[spent.way]}"><b>{TITLES[spent.way]}</b>'
        f"<span>{dial} · {counted.blocks} blocks, images of {counted.side} px</span>"
        f'<p class="computed">{facts}</p><p class="published">{printed_sentence(found) if found else ""}</p></div>'
    )


def say_stages(four: tuple[Spent, ...]) -> str:
    """The bars in words."""
    stages = "{0.blocks} blocks of {0.channels} channels at {0.side} pixels".format
    return "\n".join(f"{TITLES[spent.way]}: {'; '.join(map(stages, spent.counted.stages))}." for spent in four)


def printed_sentence(found: Bought) -> str:
    cost = f" at {found.printed / 1e9:g} B FLOPs" if found.printed else ""
    return f"published for {found.label}: {found.top1} % top-1{cost} ({found.source})"


def take_to_train(four: tuple[Spent, ...]) -> None:
    chosen = st.pills(
        "Take one further", [spent.way for spent in four], default="compound", required=True, key="scale/taken",
        format_func=TITLES.__getitem__,
    )  # fmt: skip
    places = {spent.way: spent.place for spent in four}
    other = places["depth"] if chosen == "compound" else places["compound"]
    page_links(places[chosen or "compound"], other)


def printed_words_of(title: str) -> None:
    bought = [bought_of(title, each) for each in SCALED[title]]
    st.markdown("##### What the paper measured, over what its networks cost")
    chart, words = st.columns([1.9, 1], gap="large", vertical_alignment="center")
    with chart:
        show_chart(ways_chart(bought), key=f"ways/{title}", config={"displayModeBar": False})
    words.markdown(returns_sentences(bought))


def bought_of(title: str, each: Bought) -> Bought:
    """With its cost counted. What the table does not spell out as factors cannot be built."""
    if each.way == "compound" and each.factors == (1, 1, 1):
        return each
    return each._replace(counted=float(count_spec(BASES[title].spec(each.factors)).macs))
