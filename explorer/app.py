"""Entry point: `streamlit run explorer/app.py`, or with a network of yours `… -- --model package.module:factory`."""

import importlib
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Streamlit puts this file's folder on the path, where our modules would hide packages of the same name.
sys.path[:] = [str(ROOT), *(path for path in sys.path if path not in (str(ROOT), str(ROOT / "explorer")))]

import streamlit as st  # noqa: E402

# What the first picture needs first, then what the page needs besides.
NEEDED = ("explorer.ui.startup", "explorer.ui.explore.page", "torchvision.models")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """PyTorch takes seconds: it is imported from the server's first moment, while a browser still loads the page."""
    threading.Thread(target=import_needed, daemon=True).start()
    if not st.get_option("server.headless"):  # a server that runs an `App` leaves this to it
        webbrowser.open(own_address())
    yield


def import_needed() -> None:
    for name in NEEDED:
        importlib.import_module(name)


def own_address() -> str:
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    host, port, path = (st.get_option(name) for name in ("browser.serverAddress", "server.port", "server.baseUrlPath"))
    return f"{scheme}://{host}:{port}/{(path or '').strip('/')}"


app = st.App(ROOT / "explorer" / "main.py", lifespan=lifespan)
