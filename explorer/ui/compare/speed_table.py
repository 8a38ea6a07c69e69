"""The measurements as a table, and beside them what others published of other machines."""

from html import escape

import streamlit as st

from explorer.compare.measured import roof_of
from explorer.compare.published_speeds import BENCHES, Line, lines
from explorer.compare.timing import BATCHES, BUSY, Roof, Speed, Timing
from explorer.words import MIB

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
    "reached": st.column_config.NumberColumn("Of the roof", format="percent", help=REACHED),
    "made": st.column_config.TextColumn("Measured"),
    "notes": st.column_config.TextColumn("Notes", width="large"),
}


def table(shown: tuple[Speed, ...]) -> None:
    roof = roof_of(shown[0].setup)
    st.dataframe(
        [row(speed, roof) for speed in shown],
        column_config=COLUMNS,
        hide_index=True,
        placeholder="",
        key="speed/table",
        alt="Times, throughput and memory of every network measured",
    )


def row(speed: Speed, roof: Roof | None) -> dict[str, object]:
    one = speed.at(1)
    times = {str(batch): timing.median * 1e3 if (timing := speed.at(batch)) else None for batch in BATCHES}
    return {
        "network": speed.title,
        "macs": speed.macs / 1e9,
        "1": times["1"],
        "spread": spread(one) if one else "",
        "8": times["8"],
        "32": times["32"],
        "best": speed.best.rate,
        "memory": one.memory / MIB if one else None,
        "reached": speed.macs / one.median / roof.rate if one and roof else None,
        "made": speed.made.replace("T", " ")[:16],
        "notes": "; ".join((*busy(speed), *speed.notes)),
    }


def busy(speed: Speed) -> list[str]:
    return [f"others used {speed.busy:.1f} cores meanwhile"] if speed.busy > BUSY else []


def spread(timing: Timing) -> str:
    """Between a quarter of the runs and three quarters, as a part of the median."""
    if timing.runs == 1:
        return "1 run"
    return f"{(timing.high - timing.low) / timing.median:.0%} of {timing.runs} timings".replace("%", " %")


def published(shown: tuple[Speed, ...]) -> None:
    """Times as parts of ResNet-50's: what holds on one machine need not hold on another. Always there to be seen."""
    found = lines({speed.spec: speed for speed in shown})
    st.markdown("##### On other machines")
    st.caption(
        "Time for an image as a part of ResNet-50's. Published figures are of another machine and another set-up."
    )
    heads = "".join(f'<th class="published">{escape(bench.title)}, published</th>' for bench in BENCHES)
    body = "".join(map(cells, found))
    st.markdown(
        '<table class="facts speeds"><thead><tr><th></th><th>MACs</th><th class="measured">here, one image</th>'
        f'<th class="measured">here, best batch</th>{heads}</tr></thead><tbody>{body}</tbody></table>',
        unsafe_allow_html=True,
    )
    st.caption("  \n".join(bench.source for bench in BENCHES))


def cells(line: Line) -> str:
    here = "".join(f'<td class="measured">{ratio(value)}</td>' for value in (line.here_one, line.here_best))
    there = "".join(f'<td class="published">{ratio(value)}</td>' for value in line.there)
    note = f" <small>({escape(line.note)})</small>" if line.note else ""
    return f"<tr><td>{escape(line.title)}{note}</td><td>{ratio(line.macs)}</td>{here}{there}</tr>"


def ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}×"
