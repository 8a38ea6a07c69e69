"""Entry point: `streamlit run explorer/app.py`, or with a network of yours `… -- --model package.module:factory`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Streamlit puts this file's folder on the path, where our modules would hide packages of the same name.
sys.path[:] = [str(ROOT), *(path for path in sys.path if path not in (str(ROOT), str(ROOT / "explorer")))]

import streamlit as st  # noqa: E402

from explorer.ui.startup import prepare_app, spare_the_collector  # noqa: E402

st.set_page_config(page_title="Architecture explorer", page_icon="🔬", layout="wide", initial_sidebar_state=288)
st.logo(ROOT / "assets" / "logo.svg", size="large")
prepare_app(sys.argv[1:])
page = st.navigation(
    [
        st.Page(ROOT / "pages" / "explore.py", title="Explore", default=True),
        st.Page(ROOT / "pages" / "compare.py", title="Compare"),
        st.Page(ROOT / "pages" / "train.py", title="Train"),
        st.Page(ROOT / "pages" / "scale.py", title="Scale"),
    ],
    position="top",
)
st.session_state.entered = st.session_state.get("page") != page.url_path
st.session_state.page = page.url_path
page.run()
spare_the_collector()
