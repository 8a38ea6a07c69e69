"""Take it home: the code that builds this network, and its picture and graph as files."""

import streamlit as st

from explorer.diagram import Picture, standalone_svg
from explorer.exports import onnx, python_lines
from explorer.layout import graphviz
from explorer.places import ModelSelection
from explorer.studies import Study


def exports(drawn: Picture, place: ModelSelection, known: Study) -> None:
    if lines := python_lines(known.spec):
        st.code(lines, language="python")
    else:
        st.caption("The module itself is in the program that showed it: only there can it be built or saved as ONNX.")
    files = (
        ("SVG", "image/svg+xml", lambda: standalone_svg(drawn), "the picture, for a document"),
        ("PDF", "application/pdf", lambda: graphviz().render(drawn.dot, "pdf"), "drawn by Graphviz itself"),
        ("DOT", "text/vnd.graphviz", lambda: drawn.dot, "the picture's source for Graphviz"),
    )
    row = st.container(horizontal=True)
    for kind, mime, make, help in files:
        name = f"{place.title}.{kind.lower()}"
        row.download_button(kind, make, name, mime, on_click="ignore", help=help, icon=":material/download:")
    if lines and not known.graph.broken:
        row.download_button(
            *("ONNX", lambda: onnx(place), f"{place.title}.onnx", "application/octet-stream"),
            on_click="ignore",
            help="opens in Netron; untrained weights; takes some seconds and as many bytes as the weights",
            icon=":material/download:",
        )
    st.caption("PNG is in the picture's own menu, at its right. The table of layers saves as CSV where it stands.")
