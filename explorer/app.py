"""Entry point: `streamlit run explorer/app.py`, or with a network of yours `… -- --model package.module:factory`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Streamlit puts this file's folder on the path, where our modules would hide packages of the same name.
sys.path[:] = [str(ROOT), *(path for path in sys.path if path not in (str(ROOT), str(ROOT / "explorer")))]

import streamlit as st  # noqa: E402

PAGES = {
    "explore": "Explore",
    "compare": "Compare",
    "train": "Train",
    "scale": "Scale",
    "inside": "Inside",
    "learn": "Learn",
    "glossary": "Glossary",
}

LOOK = "position: fixed; inset: 40vh 0 auto; text-align: center"

st.logo(ROOT / "assets" / "logo.svg", size="large")
page = st.navigation(
    [st.Page(ROOT / "pages" / f"{name}.py", title=title, default=title == "Explore") for name, title in PAGES.items()],
    position="top",
)
first_paint = st.empty()  # after the navigation: before it the browser cannot tell to which page this belongs
if "page" not in st.session_state:  # a new visitor: the first of all waits for seconds until PyTorch is imported
    busy = "Drawing the first picture …" if "torch" in sys.modules else "Loading PyTorch …"
    first_paint.markdown(f'<p style="{LOOK}">{busy}</p>', unsafe_allow_html=True)

from explorer.ui.navigation import finish_leaving  # noqa: E402
from explorer.ui.session import arrive_shared, projector_switch, shared_state  # noqa: E402
from explorer.ui.startup import prepare_app, spare_the_collector  # noqa: E402

st.session_state.entered = st.session_state.get("page") != page.url_path
st.session_state.page = page.url_path
arrive_shared(st.session_state.entered)
projector, learning = shared_state().projector, bool(shared_state().lesson)
if learning:
    from explorer.ui.learn.drawer import begin_linked, folds_sidebar, lesson_drawer  # others need not wait for it

    begin_linked()
    learning = bool(shared_state().lesson)
st.set_page_config(
    *("Architecture explorer", "🔬", "wide"),
    initial_sidebar_state="collapsed" if projector or (learning and folds_sidebar()) else 288,
)
prepare_app(sys.argv[1:], projector)
projector_switch()
if learning:
    lesson_drawer()
if finish_leaving(tuple(PAGES)):  # said only where it takes its time
    first_paint.markdown(f'<p class="late" style="{LOOK}">Opening the page …</p>', unsafe_allow_html=True)
else:
    page.run()
    first_paint.empty()
    from explorer.ui.learn.drawer import step_maker  # after the first picture

    step_maker()
spare_the_collector()
