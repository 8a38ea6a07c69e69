"""Witnesses: other programs' counts of a network beside ours, with the reasons, and the code to count it oneself."""

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from explorer.analysis.crosscheck.crosscheck import (
    VERDICTS,
    CounterFigure,
    CounterReport,
    agreement_sentence,
    count_verdicts,
    gap_parts,
    gap_rows,
    ours,
    read_proof,
    tools,
    torchvision_counter,
)
from explorer.analysis.model_summary import study
from explorer.formatting import literal, signed
from explorer.glossary import read_glossary
from explorer.models.names import offered_networks
from explorer.models.onnx_export import python_lines
from explorer.models.selection import ModelSelection
from explorer.ui.compare.efficiency_table import efficiency_table
from explorer.ui.compare.page_state import current_bench, explore, go_bench, mine, read_place
from explorer.ui.session import bind_widget, complain, show_problems
from explorer.ui.tables import Cell, html_table
from explorer.url_params import encode_query

LESSON = """\
import torch
from thop import profile

{build}

# Check model size
def count_parameters(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)

# Calculate FLOPs (thop package)
flops, params = profile(model, inputs=(torch.randn({shape}),))

print(f"{{count_parameters(model):,}} parameters")
print(f"thop: {{params:,.0f}} parameters, {{flops:,.0f}} multiply-adds, which the lesson calls FLOPs")
"""

CLASSES = {"ours": "computed", "published": "published", "tool": "tool"}
ASKING = Cell("Asking PyTorch itself, thop and torchinfo …", "asking", columns=4)
SHOWN = {
    "of": st.column_config.TextColumn("Of", width="small"),
    "where": st.column_config.TextColumn("Where", width="medium"),
    "difference": st.column_config.NumberColumn("Difference", format="localized"),
    "reason": st.column_config.TextColumn("Why", width="large"),
}

REMARKED = {
    "name": st.column_config.TextColumn("Network", width="medium"),
    "source": st.column_config.TextColumn("From", width="small"),
    "verdict": st.column_config.TextColumn("Verdict", width="small"),
    "reason": st.column_config.TextColumn("Why", width="large"),
}


def counter_code(place: ModelSelection) -> None:
    lines = python_lines(place.spec)
    if not lines:
        st.caption("The module itself is in the program that showed it: only there can other programs count it.")
        return
    graph = study(place.spec).graph
    if len(graph.inputs) > 1:
        st.caption(f"It takes {graph.input_words()}; the lesson counts networks that take one image.")
        return
    shape = ", ".join(map(str, (1, *graph.nodes[0].shape)))
    st.markdown("##### Count it yourself, as in the lesson")
    st.code(LESSON.format(build=lines.strip(), shape=shape), language="python")
    st.caption(
        "`pip install thop`. What the lesson calls FLOPs are multiply-adds: by the usual word, twice as many FLOPs."
    )


def crosscheck_table(found: Sequence[CounterReport], asking: bool = False) -> str:
    """As HTML: the reasons stand under the figures they explain."""
    heads = ("Counted by", "Parameters", "MACs", "Why it differs")
    return html_table(heads, [*map(counter_row, found), *[[ASKING]] * asking], "witnesses")


def counter_row(witness: CounterReport) -> list[Cell]:
    reasons = "".join(gap_reason(name, count) for name, count in witness.counts)
    return [
        Cell(witness.name, change=witness.source, head=True),
        *(figure_cell(count, CLASSES[witness.kind]) for count in (witness.params, witness.macs)),
        Cell(mark=f"<p>{escape(agreement_sentence(witness))}</p>{reasons}"),
    ]


def figure_cell(count: CounterFigure | None, provenance: str) -> Cell:
    if count is None:
        return Cell("–", "number")
    return Cell(spell_count(count), "number", provenance, change=signed(count.difference) if count.difference else "")


def spell_count(count: CounterFigure) -> str:
    """As many digits as were printed."""
    return f"{count.value / 1e9:,.3f} G" if count.printed_to else f"{round(count.value):,}"


def gap_reason(name: str, count: CounterFigure) -> str:
    said = gap_parts(count)
    items = "".join(f"<li><b>{escape(amount)}</b> {escape(why)}</li>" for amount, why in said)
    return f"<p class='of'>{name}</p><ul>{items}</ul>" if said else ""


def gaps(found: Sequence[CounterReport]) -> None:
    """Every single place, for those who want to check."""
    differing = {witness.name: witness for witness in found if gap_rows(witness)}
    if not differing:
        return
    with st.expander("Every layer that is counted otherwise", icon=":material/manage_search:"):
        name = st.segmented_control(
            *("Counted by", list(differing)), default=next(iter(differing)), required=True, key="witnesses/gaps"
        )
        witness = differing.get(name or "", next(iter(differing.values())))
        st.dataframe(
            gap_rows(witness), column_config=SHOWN, hide_index=True, height=320, alt="Differences layer by layer"
        )


def witnesses() -> None:
    place = choose_counted_network()
    show_problems()
    st.caption(read_glossary("pages")["witnesses"])
    try:
        found = [witness for witness in (ours(place), torchvision_counter(place)) if witness]
    except ValueError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    room = st.empty()
    room.html(crosscheck_table(found, asking=True))
    try:
        found += tools(place)
    except ValueError as error:
        st.warning(literal(str(error)), icon=":material/error_outline:")
    room.html(crosscheck_table(found))
    gaps(found)
    proof(place)
    efficiency_table()
    counter_code(place)


def proof(place: ModelSelection) -> None:
    """What became of all networks that were held against torch, and of this one."""
    rows = read_proof()
    if not rows:
        return
    for row in rows:
        if (row["source"], row["name"]) == (place.source, place.name):
            why = f": {row['reason']}" if row["reason"] else ""
            st.caption(f"In the proof, {literal(place.name)} is **{row['verdict']}**{literal(why)}.")
    with st.expander(f"{len(rows):,} networks held against PyTorch", icon=":material/fact_check:"):
        st.markdown(read_glossary("pages")["proof"])
        st.html(proof_table(rows))
        remarked = [row for row in rows if row["reason"]]
        if remarked:
            shown = [{column: row[column] for column in ("name", "source", "verdict", "reason")} for row in remarked]
            alt = "Every network that is not exact, or of which there is more to say"
            st.dataframe(shown, column_config=REMARKED, hide_index=True, height=260, alt=alt)
        st.caption(literal(f"With {rows[0]['versions']}."))


def proof_table(rows: Sequence[Mapping[str, str]]) -> str:
    """How many networks of each source are what."""
    lines = [
        [title, *(Cell(f"{count:,}", "number") for count in counts)] for title, counts in count_verdicts(rows).items()
    ]
    heads = [Cell(verdict, "number", title=meaning) for verdict, meaning in VERDICTS.items()]
    return html_table(("Networks", Cell("examined", "number"), *heads), lines, "facts")


def choose_counted_network() -> ModelSelection:
    """The one the link names, else the first on the bench, else the one on the Explore page."""
    yours = mine()
    place = linked_network() or next(iter(yours), None) or ModelSelection("torchvision", "resnet50", "")
    known = offered_networks((*yours, *([place] if place not in yours and place.changes else [])))
    words = {each: word for word, each in known.items()}

    def choose(word: str) -> None:
        go_bench(current_bench().said({"of": urlencode(encode_query(known[word]))}))

    with st.container(horizontal=True, vertical_alignment="bottom", key="witnesses-choose"):
        st.selectbox(
            *("Network", list(known)),
            width=420,
            help="Type to search: the lesson's, torchvision's, timm's, and what you built.",
            **bind_widget("witnesses/of", words.get(place) or next(iter(known)), choose),
        )
        if st.button("Open in Explore", icon=":material/open_in_new:"):
            explore(place)
    return place


def linked_network() -> ModelSelection | None:
    word = current_bench().word("of")
    if not word:
        return None
    place, problems = read_place("of", word)
    for problem in problems:
        complain(problem)
        go_bench(current_bench().said({"of": ""}))
    return place.network if place and not problems else None
