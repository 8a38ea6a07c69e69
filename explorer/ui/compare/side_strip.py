"""The strip of differences above the pictures."""

from html import escape

import streamlit as st

from explorer.compare.deltas import Row, Score
from explorer.compare.telling import share
from explorer.words import short, signed

HEADS = (
    ("Parameters", "Computed: the sum over all layers."),
    ("MACs", "Computed for one image: one MAC is one multiply-add; FLOPs are twice that."),
    ("Activations", "Computed for one image: numbers written by layers that have memory of their own."),
    ("Depth", "Computed: layers with weights on the longest way from input to output."),
    ("Top-1, ImageNet", "Published: with its source. Two compare only where one source trained and tested both."),
)


def strip(rows: tuple[Row, ...]) -> None:
    heads = "".join(f'<th scope="col" title="{escape(why)}">{escape(title)}</th>' for title, why in HEADS)
    body = "".join(map(line, rows))
    st.markdown(
        f'<table class="strip" data-testid="side-strip"><thead><tr><th></th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table>",
        unsafe_allow_html=True,
    )


def line(row: Row) -> str:
    letter = f'<i class="letter letter-{row.slot.letter}">{row.slot.letter}</i>'
    name = f'<th scope="row">{letter}{escape(row.name)}</th>'
    if row.costs is None:
        return (
            f'<tr>{name}<td colspan="4" class="cannot">cannot be built with these settings</td>{score(row.score)}</tr>'
        )
    was = row.costs - row.change if row.change else None
    cells = (
        cell(f"{row.costs.params:,}", row.change and row.change.params, was and was.params),
        cell(short(row.costs.macs), row.change and row.change.macs, was and was.macs),
        cell(short(row.costs.activations), row.change and row.change.activations, was and was.activations),
        depth(row),
    )
    return f"<tr>{name}{''.join(cells)}{score(row.score)}</tr>"


def cell(value: str, change: int | None, whole: int | None) -> str:
    told = "" if change is None else delta(f"{signed(change)}{share(change, whole or 0)}", change)
    return f'<td><span class="computed">{value}</span>{told}</td>'


def depth(row: Row) -> str:
    told = "" if row.change is None else delta(signed(row.depth_change), row.depth_change)
    return f'<td><span class="computed">{row.depth}</span>{told}</td>'


def delta(told: str, change: float) -> str:
    return f"<small>{told if change else 'the same'}</small>"


def score(found: Score | None) -> str:
    if found is None:
        return '<td class="none">no figure at hand</td>'
    figure = found.figure
    told = "" if found.change is None else f"<small>{signed(found.change, '{:.2f}'.format)} points</small>"
    note = f": {figure.note}" if figure.note else ""
    source = f'<em title="{escape(figure.source + note)}">{escape(figure.source)}</em>'
    return f'<td><span class="published">{figure.value:.2f} %</span>{told}{source}</td>'
