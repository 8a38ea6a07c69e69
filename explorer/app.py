"""Entry point: `streamlit run explorer/app.py`, or with a network of yours `… -- --model package.module:factory`.

Streamlit imports this file once, to serve what it calls `app`, and executes it anew for each run of a page.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Streamlit puts this file's folder on the path, where our modules would hide packages of the same name.
sys.path[:] = [str(ROOT), *(path for path in sys.path if path not in (str(ROOT), str(ROOT / "explorer")))]

import streamlit as st  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import FileResponse, HTMLResponse  # noqa: E402
from starlette.routing import Route  # noqa: E402
from streamlit.file_util import get_static_dir  # noqa: E402

PAGES = {
    "explore": "Explore",
    "compare": "Compare",
    "train": "Train",
    "scale": "Scale",
    "inside": "Inside",
    "learn": "Learn",
    "glossary": "Glossary",
}

FIRST = """<div id="first">
<style>
  body:has(> #root:empty) { margin: 0; font-family: sans-serif; color-scheme: light dark; }
  body:has(> #root:empty) { background: light-dark(#fff, #0e1117); color: light-dark(#31333f, #fafafa); }
  #first { pointer-events: none; }
</style>
{shown}
</div>
<script>
  new MutationObserver((_, observer) => {
    const parts = ".stMarkdown, .stAlert, .stException, .stBidiComponent, [data-testid=stButtonGroup], [role=dialog]";
    if (!document.querySelector(`#root :is(${parts})`)) return; // not all pages have words of Streamlit's
    document.getElementById("first").remove();
    observer.disconnect();
  }).observe(document.getElementById("root"), { childList: true, subtree: true });
</script>"""


def draw_app() -> None:
    """One run of a page."""
    st.logo(ROOT / "assets" / "logo.svg", size="large")
    files = {ROOT / "pages" / f"{name}.py": title for name, title in PAGES.items()}
    page = st.navigation(
        [st.Page(file, title=title, default=title == "Explore") for file, title in files.items()], position="top"
    )
    first_paint = st.empty()  # after the navigation: before it the browser cannot tell to which page this belongs
    if "page" not in st.session_state:  # a new visitor: the first of all waits for seconds until PyTorch is imported
        busy = "Drawing the first picture …" if "torch" in sys.modules else "Loading PyTorch …"
        usual = page.title == "Explore" and not st.query_params
        first_paint.markdown(skeleton(busy, usual), unsafe_allow_html=True)

    from explorer.ui.navigation import finish_leaving
    from explorer.ui.session import await_sent
    from explorer.ui.startup import begin_run, spare_the_collector

    begin_run(page.url_path)
    if finish_leaving(tuple(PAGES)):  # said only where it takes its time
        first_paint.markdown('<p class="late">Opening the page …</p>', unsafe_allow_html=True)
    else:
        page.run()
        first_paint.empty()
        from explorer.ui.learn.drawer import step_maker  # after the first picture

        step_maker()
    spare_the_collector()
    await_sent()


def skeleton(words: str, usual: bool) -> str:
    """The page's outlines, with what is being done; on the `usual` page with the picture that the explorer opens on."""
    picture = ""
    if usual and not sys.argv[1:]:  # with a network of the visitor's it opens on that
        picture = (ROOT / "assets" / "first_picture.html").read_text(encoding="utf-8")
        words = f"ResNet-50, drawn beforehand.<br>{words}<br>Then it is built live."
    html = (ROOT / "explorer" / "ui" / "skeleton.html").read_text(encoding="utf-8")
    return html.replace("{words}", words).replace("{picture}", picture)


def first_answer(request: Request) -> HTMLResponse:
    """Streamlit's page, which is white until the browser has loaded all its code and the first words have come."""
    html = (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
    usual = request.url.path.strip("/") == st.get_option("server.baseUrlPath").strip("/") and not request.url.query
    shown = skeleton("Loading the explorer …", usual)
    html = html.replace("</body>", FIRST.replace("{shown}", shown) + "</body>")
    html = html.replace("<title>Streamlit", "<title>Architecture explorer")
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"})


def plotly_code(request: Request) -> FileResponse:
    from explorer.ui.components.plotly_chart import PLOTLY

    return FileResponse(PLOTLY, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


if __name__ == "__main__":
    draw_app()
else:
    base = st.get_option("server.baseUrlPath").strip("/")
    paths = ["/", *(f"/{name}" for name in PAGES)] if not base else []
    code = Route(f"/{base}/plotly.min.js" if base else "/plotly.min.js", plotly_code)
    app = st.App(__file__, routes=[code, *(Route(path, first_answer) for path in paths)])
