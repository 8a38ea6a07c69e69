"""Opens the explorer on a module of the caller's, from a script or a notebook."""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from pathlib import Path
from typing import Any

from torch import nn

from explorer.formatting import printable
from explorer.graph.graph import SerializedGraph, to_json
from explorer.graph.shown_names import MOST
from explorer.paths import ROOT
from explorer.subprocess_loop import watched_command
from explorer.tracing.source_code import code_of
from explorer.tracing.tracer import trace

SECONDS = 60  # a server that has not answered by then will not


class Showing:
    """A page that shows one network. It ends with this process, or when told to."""

    def __init__(self, parcel: SerializedGraph, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self.folder = Path(tempfile.mkdtemp(prefix="explorer-"))
        graph, self.log = self.folder / "graph.json", self.folder / "log.txt"
        graph.write_text(to_json(parcel), encoding="utf-8")
        app = ("streamlit", "run", str(ROOT / "explorer" / "app.py"), "--server.port", str(port))
        command = watched_command(str(self.folder), *app)
        command += ["--server.headless", "true", "--", "--graph", str(graph)]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # its closing tells the page that this process has ended
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                start_new_session=True,  # a notebook's interrupt is meant for a cell, not for the page
            )
        atexit.register(self.stop)

    def stop(self) -> None:
        """Ends the page, whoever looks at it. Doing so twice is no harm."""
        atexit.unregister(self.stop)
        self.process.kill()
        self.process.wait()
        assert self.process.stdin
        self.process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait(self) -> None:
        """Stays until Ctrl + C, for a script that would otherwise end, and the page with it."""
        try:
            self.process.wait()
        except KeyboardInterrupt:
            self.stop()

    def __repr__(self) -> str:
        return f"<{'on show at' if self.process.poll() is None else 'no longer at'} {self.url}>"


SHOWN: dict[str, Showing] = {}


def show(
    model: nn.Module, inputs: Any = (3, 224, 224), *, name: str = "", port: int = 0, open_browser: bool = True
) -> Showing:
    """Opens a page on `model`; `inputs` are the shape of one image without the batch, or what else it takes (`trace`).

    The module is traced here, on shapes alone, and left as it was; the page gets its graph and the source code of its
    classes, and no weights. Showing a network of the same name again ends the page before.
    Raises `ValueError` for a port that is taken, `RuntimeError` where the page does not start.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"explorer.show takes a torch.nn.Module, and this is {type(model).__name__}.")
    name = printable((name or type(model).__name__)[:MOST])
    parcel = SerializedGraph(name, trace(model, inputs), source_code(model))
    if earlier := SHOWN.pop(name, None):
        earlier.stop()
    page = SHOWN[name] = Showing(parcel, free(port))
    await_answer(page)
    print(f"{name} is on show at {page.url} for as long as this program runs.")
    if open_browser and has_screen():
        webbrowser.open(page.url)
    return page


def source_code(model: nn.Module) -> tuple[tuple[str, str], ...]:
    kinds = dict.fromkeys(type(module) for module in model.modules())
    return tuple((f"{kind.__module__}.{kind.__qualname__}", code_of(kind)) for kind in kinds)


def free(port: int) -> int:
    """The port asked for, or any. Raises `ValueError` where it is taken."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")  # elsewhere that lets two share one
        try:
            s.bind(("localhost", port))
        except OSError:
            raise ValueError(f"Port {port} is taken: give another one, or none.") from None
        return s.getsockname()[1]


def await_answer(page: Showing) -> None:
    host, port = page.url.removeprefix("http://").split(":")
    for _ in range(SECONDS * 20):
        try:
            return socket.create_connection((host, int(port)), 1).close()
        except OSError:
            if page.process.poll() is not None:
                break
            time.sleep(0.05)
    said = page.log.read_text(errors="replace").strip()[-2000:]
    page.stop()
    raise RuntimeError(f"The page did not start. It said:\n{said}")


def has_screen() -> bool:
    """Without one, opening a browser would start one that writes over the terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
