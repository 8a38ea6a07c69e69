"""Speed here: networks run on this machine, their times beside their MACs, and what the machine could do at most."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from explorer.formatting import MIB, join_words, literal, short_number
from explorer.glossary import read_glossary
from explorer.hardware import count_cores
from explorer.leaderboard.entries import builder_family
from explorer.models.names import selection_name
from explorer.profiler.charts import latency_chart, roofline_chart
from explorer.profiler.findings import BENCHES, PublishedSpeed, disturbed, not_drawn, published_lines, speed_findings
from explorer.profiler.measurement_queue import Measurement, measurement_queue
from explorer.profiler.measurements import BATCHES, BUSY, MeasurementTrouble, Roof, Setup, Speed, Timing, roof_of
from explorer.profiler.roofline import RooflinePoint, ridge, roofline_points, share_reached
from explorer.ui.compare.page_state import current_bench, go_bench, linked_word, publish_bench
from explorer.ui.compare.speed_setup import measured_speeds, speed_setup
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.session import bind_widget, show_growing, show_problems
from explorer.ui.tables import Cell, html_table

EVERY = 0.7  # seconds
NOTHING = (
    "Nothing has been measured on this machine yet. One press runs ten networks in a process of their own, one image "
    "at a time, then 8, then 32: about a minute and a half on two quiet cores. You may leave the page meanwhile."
)

LOADED = 0.5  # programs for each core that wanted it in the minute before: worth a word

SPREAD = "half of the timings of one image lie in a band this wide, as a part of the median"
MEMORY = "at the fullest moment, one image, with the weights"
REACHED = "MACs a second for one image, of the most this machine can do"
COLUMNS = {
    "network": st.column_config.TextColumn("Network", width="medium"),
    "macs": st.column_config.NumberColumn("MACs, G", format="%.2f"),
    "1": st.column_config.NumberColumn("1 image, ms", format="%.1f", help="median"),
    "spread": st.column_config.TextColumn("Spread", help=SPREAD),
    "8": st.column_config.NumberColumn("8 images, ms", format="%.0f", help="median, for all eight"),
    "32": st.column_config.NumberColumn("32 images, ms", format="%.0f", help="median, for all of them"),
    "best": st.column_config.NumberColumn("Images/s", format="%.1f", help="with the batch that gives most"),
    "memory": st.column_config.NumberColumn("Memory, MiB", format="%.0f", help=MEMORY),
    "reached": st.column_config.NumberColumn("Of what is possible", format="percent", help=REACHED),
    "made": st.column_config.TextColumn("Measured"),
    "notes": st.column_config.TextColumn("Notes", width="large"),
}


def speed() -> None:
    linked_batch()
    show_problems()  # of the link
    busy = bool(measurement_queue().queue())
    setup = speed_setup(busy)
    show_growing(partial(speed_board, setup), lambda: not measurement_queue().queue(), EVERY, growing=busy)


def speed_board(chosen: Setup) -> None:
    """What is under way, for every visitor to see, and what has been measured so far."""
    waiting = measurement_queue().queue()
    if waiting:
        queue_status(waiting)
    else:
        ended(measurement_queue().ended())
    try:
        shown = measured_speeds(chosen)
    except MeasurementTrouble as trouble:
        st.warning(literal(str(trouble)), icon=":material/save:")
        return
    if not shown and not waiting:
        st.info(NOTHING, icon=":material/speed:")
    if shown:
        if not waiting and (warning := disturbed(shown, literal)):
            st.caption(f":material/warning: {warning}")
        speed_charts(shown, chosen)
        speed_table(shown)
    published_benchmarks(shown)


def queue_status(waiting: Sequence[Measurement]) -> None:
    running, *later = waiting
    with st.container(horizontal=True, vertical_alignment="center", key="speed-status"):
        st.progress(min(1.0, running.share), progress_words(running))
        stop(running)
    if running.load > LOADED * count_cores():
        st.warning(
            f"Other programs are busy on this machine: {running.load:.0f} wanted its {count_cores()} cores in the "
            "minute before. The figures will be slower than on a quiet machine.",
            icon=":material/hourglass_top:",
        )
    tell(running.problems)
    for job in later:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Waiting: {len(job.wanted.places)} networks, {job.wanted.setup}")
            stop(job)


def progress_words(job: Measurement) -> str:
    places = job.wanted.places
    if job.state == "queued" or not job.weights:
        return "Starting …"
    at = job.at  # the thread that measures moves it on meanwhile
    if at >= len(places):
        return "Done."
    doing = literal(selection_name(places[at])) if job.measured_machine else "what this machine can do at most"
    left = max(1, round(job.seconds_left))
    time = f"{left} s" if left < 100 else f"{left // 60} min"
    return f"**{at + 1} of {len(places)}** · {doing} · about {time} left"


def stop(job: Measurement) -> None:
    if st.button("Stop", icon=":material/stop:", key=f"speed/stop/{job.id}", help="What is measured already stays."):
        measurement_queue().stop(job)
        st.rerun()


def ended(jobs: Sequence[Measurement]) -> None:
    """How the sets came out, where there is something to say."""
    for job in jobs:
        if job.state == "stopped":
            st.caption(f"Stopped after {job.at} of {len(job.wanted.places)} networks. What was measured is kept.")
    tell([problem for job in jobs for problem in job.problems])


def tell(problems: Sequence[str]) -> None:
    """In one box, however many there are."""
    if problems:
        lines = (literal(problem) for problem in dict.fromkeys(problems))
        st.warning("  \n".join(lines), icon=":material/error_outline:")


def speed_charts(shown: tuple[Speed, ...], chosen: Setup) -> None:
    setup = shown[0].setup
    with st.container(horizontal=True, vertical_alignment="center", key="speed-heading"):
        speed_heading(shown, setup != chosen)
        batch = batch_choice()
    found, roof = roofline_points(shown, batch), roof_of(setup)
    if missing := not_drawn(shown, batch, literal):
        st.caption(missing)
    if found:
        show_roofline(found, roof, batch)
    else:
        st.info(f"No network here has a time for {'one image' if batch == 1 else f'{batch} images at once'}.")
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
        st.markdown("##### What each gets out of this machine", help=read_glossary("pages")["speed"])
        if roof:
            draw_chart(roofline_chart(found, roof, families), key="speed-roofline", alt=roof_words(roof))
            st.caption(roof_words(roof) + literal(above_roof(found, roof)))


def linked_batch() -> int:
    wrong = "The link asks for a batch of “{:.20}”: 1, 8 and 32 are measured. Showing 1."
    return int(linked_word("batch", tuple(map(str, BATCHES)), wrong))


def batch_choice() -> int:
    chosen = linked_batch()

    def choose(batch: int) -> None:
        go_bench(current_bench().said({"batch": "" if batch == 1 else str(batch)}))

    st.segmented_control(
        *("Images at once", BATCHES),
        format_func=lambda batch: f"{batch} images at once" if batch > 1 else "One image",
        label_visibility="collapsed",
        required=True,
        **bind_widget("speed/batch", chosen, choose),
    )
    publish_bench()
    return chosen


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


def above_roof(found: Sequence[RooflinePoint], roof: Roof) -> str:
    """Who did more than the most, which was none then; empty where nobody did."""
    above = join_words(point.title for point in found if share_reached(point, roof) is None)
    return f" {above} did more than that, so it is not the most: measure again when the machine is quiet." * bool(above)


def speed_family(speed: Speed) -> str:
    return builder_family(speed.spec.name)[0] if speed.spec.source == "torchvision" else speed.spec.name


def speed_table(shown: tuple[Speed, ...]) -> None:
    roof = roof_of(shown[0].setup)
    st.dataframe(
        [speed_row(speed, roof) for speed in shown],
        column_config=COLUMNS,
        hide_index=True,
        placeholder="",
        key="speed/table",
        alt="Times, throughput and memory of every network measured",
    )


def speed_row(speed: Speed, roof: Roof | None) -> dict[str, object]:
    one = speed.at(1)
    times = {str(batch): timing.median * 1e3 if (timing := speed.at(batch)) else None for batch in BATCHES}
    return {
        "network": "⚠ " * (speed.busy > BUSY) + speed.title,
        "macs": None if speed.uncounted else speed.macs / 1e9,
        "1": times["1"],
        "spread": spread_cell(one) if one else "",
        "8": times["8"],
        "32": times["32"],
        "best": speed.best.rate,
        "memory": one.memory / MIB if one else None,
        "reached": share_reached(RooflinePoint(speed, one), roof) if one and roof and not speed.uncounted else None,
        "made": speed.made.replace("T", " ")[:16],
        "notes": "; ".join((*busy(speed), *speed.notes, *uncounted_note(speed))),
    }


def uncounted_note(speed: Speed) -> list[str]:
    lacks = f"{short_number(speed.macs)} MACs at least: what {speed.uncounted} of its operations multiply is not known"
    return [lacks] if speed.uncounted else []


def busy(speed: Speed) -> list[str]:
    return [f"others used {speed.busy:.1f} cores meanwhile"] if speed.busy > BUSY else []


def spread_cell(timing: Timing) -> str:
    """Between a quarter of the runs and three quarters, as a part of the median."""
    if timing.runs == 1:
        return "1 run"
    return f"{(timing.high - timing.low) / timing.median:.0%} of {timing.runs} timings".replace("%", " %")


def published_benchmarks(shown: tuple[Speed, ...]) -> None:
    """Times as parts of ResNet-50's: what holds on one machine need not hold on another. Always there to be seen;
    from here only what was measured while the machine was quiet, for the rest compares nothing."""
    found = published_lines({speed.spec: speed for speed in shown if speed.busy <= BUSY})
    st.markdown("##### On other machines")
    st.caption(
        "Time for an image as a part of ResNet-50's. Published figures are of another machine and another set-up."
    )
    heads = (
        *("", "MACs"),
        *(Cell(f"here, {batch}", "measured") for batch in ("one image", "best batch")),
        *(Cell(f"{bench.title}, published", "published") for bench in BENCHES),
    )
    st.markdown(html_table(heads, map(speed_cells, found), "facts speeds"), unsafe_allow_html=True)
    st.caption("  \n".join(bench.source for bench in BENCHES))


def speed_cells(line: PublishedSpeed) -> list[Cell]:
    return [
        Cell(line.title, change=f" ({line.note})" if line.note else ""),
        ratio_cell(line.macs),
        ratio_cell(line.here_one, "measured"),
        Cell("one image", "measured")
        if line.here_one and not line.here_best
        else ratio_cell(line.here_best, "measured"),
        *(ratio_cell(value, "published") for value in line.there),
    ]


def ratio_cell(value: float | None, look: str = "") -> Cell:
    return Cell("–" if value is None else f"{value:.2f}×", look)
