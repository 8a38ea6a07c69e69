"""Time against MACs, the roofline beside it, and what follows from them in words."""

import streamlit as st

from explorer.formatting import literal, short_number
from explorer.leaderboard.entries import builder_family
from explorer.profiler.charts import latency_chart, roofline_chart
from explorer.profiler.findings import not_drawn, speed_findings
from explorer.profiler.measurement_queue import Wanted
from explorer.profiler.measurements import BATCHES, Roof, Speed, roof_of
from explorer.profiler.roofline import RooflinePoint, ridge, roofline_points
from explorer.ui.compare.page_state import current_bench, go_bench, publish_bench
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.session import complain

HOW = (
    "MACs for each byte: weights are read once for a batch, every map is written once and read by each operation "
    "that takes it, as PyTorch runs a network, one operation after another. The green roof is the fastest that a "
    "large convolution, a large matrix product and a long copy ran in the same process. A point above the slope has "
    "its data in the cache."
)


def speed_charts(shown: tuple[Speed, ...], chosen: Wanted) -> None:
    setup = shown[0].setup
    with st.container(horizontal=True, vertical_alignment="center", key="speed-heading"):
        speed_heading(shown, setup != chosen.setup)
        batch = batch_choice()
    found, roof = roofline_points(shown, batch), roof_of(setup)
    if found:
        show_roofline(found, roof, batch)
    else:
        st.info(f"No network here has a time for {'one image' if batch == 1 else f'{batch} images at once'}.")
    if missing := not_drawn(shown, batch, literal):
        st.caption(missing)
    if said := speed_findings(found, roof, literal):
        with st.container(key="speed-words"):
            st.markdown("\n".join(f"- {sentence}" for sentence in said))


def show_roofline(found: tuple[RooflinePoint, ...], roof: Roof | None, batch: int) -> None:
    families = {point.speed.spec: speed_family(point.speed) for point in found}
    spoken = " ".join(speed_findings(found, roof, str)).replace("**", "") or "Time against MACs."
    left, right = st.columns(2)
    with left:
        st.markdown("##### Time against work" + (f", {batch} images at once" if batch > 1 else ", one image"))
        draw_chart(latency_chart(found, roof, families), key="speed-latency", alt=spoken)
    with right:
        st.markdown("##### What each gets out of this machine", help=HOW)
        if roof:
            draw_chart(roofline_chart(found, roof, families), key="speed-roofline", alt=roof_words(roof))
            st.caption(roof_words(roof))


def check_link() -> None:
    word = current_bench().word("batch", "1")
    if word not in map(str, BATCHES):
        complain(f"The link asks for a batch of “{word[:20]}”: 1, 8 and 32 are measured. Showing 1.")
        go_bench(current_bench().said({"batch": ""}))


def batch_choice() -> int:
    word = current_bench().word("batch", "1")
    st.session_state["speed/batch"] = int(word)
    st.segmented_control(
        *("Images at once", BATCHES),
        format_func=lambda batch: f"{batch} images at once" if batch > 1 else "One image",
        label_visibility="collapsed",
        key="speed/batch",
        required=True,
        on_change=batch_choice_moved,
    )
    publish_bench()
    return int(word)


def batch_choice_moved() -> None:
    chosen = st.session_state["speed/batch"]
    go_bench(current_bench().said({"batch": "" if chosen == 1 else str(chosen)}))


def speed_heading(shown: tuple[Speed, ...], otherwise: bool) -> None:
    newest = max(shown, key=lambda speed: speed.made)
    said = f"{newest.machine}; {newest.setup}; PyTorch {newest.torch}; last measured {newest.made[:10]}"
    if otherwise:
        said += ". Nothing has been measured the way that is chosen above yet: this is what there is."
    st.markdown(f'<span class="measured">Measured here</span> {literal(said)}', unsafe_allow_html=True, width="stretch")


def roof_words(roof: Roof) -> str:
    return (
        f"At most {short_number(roof.convolution)} MACs/s in a 3×3 convolution, {short_number(roof.matmul)} in a "
        f"matrix product, {short_number(roof.bandwidth)}B/s from memory: below {ridge(roof):.1f} MACs a byte, memory "
        "is what one waits for."
    )


def speed_family(speed: Speed) -> str:
    return builder_family(speed.spec.name)[0] if speed.spec.source == "torchvision" else speed.spec.name
