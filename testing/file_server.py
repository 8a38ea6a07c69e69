"""A small server of files, as slow, as broken and as forgetful as a test wants it; and weights published there."""

import hashlib
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import torch
from torch import nn

from explorer.formatting import MIB
from testing.waiting import PATIENCE

PIECE = 1 << 12  # bytes sent at a time


class FileServer:
    """Holds each answer at `hold` bytes until `go` is set, then sends the rest, or closes where it `breaks`."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/"
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []  # for each request the range it asked for, or ""
        self.ranges, self.breaks, self.hold = True, False, PIECE**3
        self.go = threading.Event()


@contextmanager
def file_server() -> Iterator[FileServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, known)

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        known = FileServer(running.server_port)
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield known
        known.go.set()
        running.shutdown()


def answer(request: BaseHTTPRequestHandler, known: FileServer) -> None:
    content, asked = known.files[request.path[1:]], request.headers["Range"] or ""
    known.asked.append(asked)
    first = int(re.sub(r"\D", "", asked) or 0) if known.ranges else 0
    if first and first >= len(content):
        request.send_error(416)
        return
    request.send_response(206 if first else 200)
    if first:
        request.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
    request.send_header("Content-Length", str(len(content) - first))
    request.end_headers()
    for at in range(first, len(content), PIECE):
        if at >= known.hold:
            known.go.wait(PATIENCE)
            if known.breaks:
                return
        try:
            request.wfile.write(content[at : at + PIECE])
        except ConnectionError:  # whoever asked has hung up
            return


def weights_file(model: nn.Module) -> bytes:
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    return buffer.getvalue()


def publish(monkeypatch: pytest.MonkeyPatch, weights: Any, content: bytes, server: FileServer) -> None:
    """`weights`: a member of one of torchvision's enumerations, which from now on states what lies here."""
    stem = weights.url.rpartition("/")[2].partition("-")[0]
    name = f"{stem}-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    server.files[name] = content
    monkeypatch.setattr(weights.value, "url", server.address + name)
    monkeypatch.setitem(weights.meta, "_file_size", len(content) / MIB)
