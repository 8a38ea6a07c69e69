"""The witnesses side by side, and below them every layer in which one counts otherwise."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from explorer.compare.witness_words import parts, rows, sentence
from explorer.compare.witnesses import Count, Witness
from explorer.words import signed

CLASSES = {"ours": "computed", "published": "published", "tool": "tool"}
ASKING = '<tr><td colspan="4" class="asking">Asking PyTorch itself, thop and torchinfo …</td></tr>'
SHOWN = {
    "of": st.column_config.TextColumn("Of", width="small"),
    "where": st.column_config.TextColumn("Where", width="medium"),
    "difference": st.column_config.NumberColumn("Difference", format="localized"),
    "reason": st.column_config.TextColumn("Why", width="large"),
}


def table(found: Sequence[Witness], asking: bool = False) -> str:
    """As HTML: the reasons stand under the figures they explain."""
    body = "".join(map(line, found)) + (ASKING if asking else "")
    head = "<tr><th>Witness</th><th>Parameters</th><th>MACs</th><th>Why it differs</th></tr>"
    return f'<table class="witnesses"><thead>{head}</thead><tbody>{body}</tbody></table>'


def line(witness: Witness) -> str:
    figures = "".join(figure(count, CLASSES[witness.kind]) for count in (witness.params, witness.macs))
    reasons = "".join(reason(name, count) for name, count in witness.counts)
    said = f"<p>{escape(sentence(witness))}</p>"
    return (
        f'<tr class="{CLASSES[witness.kind]}-row"><th scope="row">{escape(witness.name)}'
        f"<small>{escape(witness.source)}</small></th>{figures}<td>{said}{reasons}</td></tr>"
    )


def figure(count: Count | None, look: str) -> str:
    if count is None:
        return '<td class="number">–</td>'
    apart = f'<small class="apart">{signed(count.difference)}</small>' if count.difference else ""
    return f'<td class="number"><span class="{look}">{spelled(count)}</span>{apart}</td>'


def spelled(count: Count) -> str:
    """As many digits as were printed."""
    return f"{count.value / 1e9:,.3f} G" if count.printed_to else f"{round(count.value):,}"


def reason(name: str, count: Count) -> str:
    said = parts(count)
    items = "".join(f"<li><b>{escape(amount)}</b> {escape(why)}</li>" for amount, why in said)
    return f"<p class='of'>{name}</p><ul>{items}</ul>" if said else ""


def gaps(found: Sequence[Witness]) -> None:
    """Every single place, for those who want to check."""
    differing = {witness.name: witness for witness in found if rows(witness)}
    if not differing:
        return
    with st.expander("Every layer that is counted otherwise", icon=":material/manage_search:"):
        name = st.segmented_control(
            *("Counted by", list(differing)), default=next(iter(differing)), required=True, key="witnesses/gaps"
        )
        witness = differing.get(name or "", next(iter(differing.values())))
        st.dataframe(rows(witness), column_config=SHOWN, hide_index=True, height=320, alt="Differences layer by layer")
