"""One dimension against all three at equal MACs: drawn, counted, and held against what the paper printed."""

from dataclasses import replace

import streamlit as st
from streamlit.components.v2 import component

from explorer.scaling.bases import BASES
from explorer.scaling.charts import Bought, ways_chart
from explorer.scaling.counting import count
from explorer.scaling.equal import Spent, equal
from explorer.scaling.printed import SCALED, Printed
from explorer.scaling.range import Payload, numbers
from explorer.scaling.returns import told
from explorer.scaling.stands import BUDGETS
from explorer.ui.literal import literal
from explorer.ui.scale.links import offers
from explorer.ui.scale.state import choose_base, current, go
from explorer.ui.scripts import read
from explorer.words import binary, short

TITLES = {
    "depth": "Depth only", "width": "Width only", "resolution": "Resolution only", "compound": "All three: compound",
}  # fmt: skip


def ways() -> None:
    left, right = st.columns([1.2, 1], vertical_alignment="bottom")
    with left:
        choose_base("ways")
    with right:
        choose_budget()
    stand = current()
    with st.spinner("Building networks until four of them cost the same"):
        base, four = count(BASES[stand.base].spec((1, 1, 1))), equal(stand.base, stand.budget)
    panels()(key="ways", data={"base": numbers(base), "ways": [panel(spent, stand.base) for spent in four]})
    for spent in four:
        if spent.reason:
            st.caption(f"{TITLES[spent.way]} stops at {short(spent.counted.macs)} MACs: {literal(spent.reason)}")
    take(four)
    printed(stand.base)


def choose_budget() -> None:
    st.session_state["scale/budget"] = current().budget
    st.segmented_control(
        "MACs to spend, times the base’s", BUDGETS, format_func="{:g} ×".format, key="scale/budget", required=True,
        on_change=moved_budget, help="4.67 times B0’s MACs are the 1.8 G of the paper’s Table 7.",
    )  # fmt: skip


def moved_budget() -> None:
    go(replace(current(), budget=st.session_state["scale/budget"]))


def panel(spent: Spent, title: str) -> Payload:
    counted = spent.counted
    dial = f"φ = {spent.value:.2f} of the paper’s law" if spent.way == "compound" else f"× {spent.value:.2f}"
    facts = f"{short(counted.macs)} MACs · {counted.params:,} parameters · {binary(counted.activations)} activations"
    found = next((each for each in SCALED[title] if each.way == spent.way), None)
    shape = f"{counted.blocks} blocks, images of {counted.resolution} px"
    return numbers(counted) | {
        "way": spent.way, "title": TITLES[spent.way], "dial": f"{dial} · {shape}", "facts": facts,
        "printed": said(found) if found else "",
    }  # fmt: skip


def said(found: Printed) -> str:
    cost = f" at {found.macs:g} B FLOPs" if found.macs else ""
    return f"published for {found.scaling}: {found.top1} % top-1{cost} ({found.source})"


def take(four: tuple[Spent, ...]) -> None:
    chosen = st.pills(
        "Take one further", [spent.way for spent in four], default="compound", required=True, key="scale/taken",
        format_func=TITLES.__getitem__,
    )  # fmt: skip
    places = {spent.way: spent.place for spent in four}
    other = places["depth"] if chosen == "compound" else places["compound"]
    offers(places[chosen or "compound"], other)


def printed(title: str) -> None:
    bought = [bought_of(title, each) for each in SCALED[title]]
    st.markdown("##### What the paper measured, over what its networks cost")
    chart, words = st.columns([1.9, 1], gap="large", vertical_alignment="center")
    chart.plotly_chart(ways_chart(bought), width="stretch", key=f"ways/{title}", config={"displayModeBar": False})
    words.markdown(told(bought, SCALED[title][0].source))


def bought_of(title: str, each: Printed) -> Bought:
    """What the table does not spell out as factors cannot be built, so it has no cost to count."""
    unknown = each.way == "compound" and each.factors == (1, 1, 1)
    counted = None if unknown else float(count(BASES[title].spec(each.factors)).macs)
    return Bought(each.way, each.scaling, each.top1, each.macs and each.macs * 1e9, counted)


@st.cache_resource(show_spinner=False)
def panels():
    js = read("shared.js", "scale/slabs.js", "scale/ways.js")
    return component("scale_ways", html=read("scale/ways.html") + "\n", css=read("scale/ways.css"), js=js)
