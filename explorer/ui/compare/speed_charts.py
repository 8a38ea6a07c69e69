"""Time against MACs, the roofline beside it, and what follows from them in words."""

import streamlit as st

from explorer.compare.entries import family_of
from explorer.compare.measured import roof_of
from explorer.compare.roofline import Point, points, ridge
from explorer.compare.speed_charts import latency_chart, roofline_chart
from explorer.compare.speed_words import not_drawn, verdicts
from explorer.compare.timing import BATCHES, Roof, Speed
from explorer.ui.compare.speed_setup import Chosen
from explorer.ui.compare.state import current, go, publish
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.literal import literal
from explorer.ui.session import complain
from explorer.words import short

HOW = (
    "MACs for each byte: weights are read once for a batch, every map is written once and read by each operation "
    "that takes it, as PyTorch runs a network, one operation after another. The green roof is the fastest that a "
    "large convolution, a large matrix product and a long copy ran in the same process. A point above the slope has "
    "its data in the cache."
)


def charts(shown: tuple[Speed, ...], chosen: Chosen) -> None:
    setup = shown[0].setup
    with st.container(horizontal=True, vertical_alignment="center", key="speed-heading"):
        heading(shown, setup != chosen.setup)
        batch = choose_batch()
    found, roof = points(shown, batch), roof_of(setup)
    if found:
        picture(found, roof, batch)
    else:
        st.info(f"No network here has a time for {'one image' if batch == 1 else f'{batch} images at once'}.")
    if missing := not_drawn(shown, batch, literal):
        st.caption(missing)
    if said := verdicts(found, roof, literal):
        with st.container(key="speed-words"):
            st.markdown("\n".join(f"- {sentence}" for sentence in said))


def picture(found: tuple[Point, ...], roof: Roof | None, batch: int) -> None:
    families = {point.speed.spec: family(point.speed) for point in found}
    spoken = " ".join(verdicts(found, roof, str)).replace("**", "") or "Time against MACs."
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
    word = current().word("batch", "1")
    if word not in map(str, BATCHES):
        complain(f"The link asks for a batch of “{word[:20]}”: 1, 8 and 32 are measured. Showing 1.")
        go(current().said({"batch": ""}))


def choose_batch() -> int:
    word = current().word("batch", "1")
    st.session_state["speed/batch"] = int(word)
    st.segmented_control(
        *("Images at once", BATCHES),
        format_func=lambda batch: f"{batch} images at once" if batch > 1 else "One image",
        label_visibility="collapsed",
        key="speed/batch",
        required=True,
        on_change=moved_batch,
    )
    publish()
    return int(word)


def moved_batch() -> None:
    chosen = st.session_state["speed/batch"]
    go(current().said({"batch": "" if chosen == 1 else str(chosen)}))


def heading(shown: tuple[Speed, ...], otherwise: bool) -> None:
    newest = max(shown, key=lambda speed: speed.made)
    said = f"{newest.machine}; {newest.setup}; PyTorch {newest.torch}; last measured {newest.made[:10]}"
    if otherwise:
        said += ". Nothing has been measured the way that is chosen above yet: this is what there is."
    st.markdown(f'<span class="measured">Measured here</span> {literal(said)}', unsafe_allow_html=True, width="stretch")


def roof_words(roof: Roof) -> str:
    return (
        f"At most {short(roof.convolution)} MACs/s in a 3×3 convolution, {short(roof.matmul)} in a matrix product, "
        f"{short(roof.bandwidth)}B/s from memory: below {ridge(roof):.1f} MACs a byte, memory is what one waits for."
    )


def family(speed: Speed) -> str:
    return family_of(speed.spec.name)[0] if speed.spec.source == "torchvision" else speed.spec.name
