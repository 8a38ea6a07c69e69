"""Graphviz in processes of its own, so that a picture that takes too long can be ended without harm to anyone else.

Run as `python -m explorer.layout`, this file is such a process: a JSON line in, a line with a length and as many bytes
out. It ends with the server (its input closes), and a watchdog ends it when Graphviz does not come back.
"""

import faulthandler
import json
import os
import queue
import subprocess
import sys
import threading
import time
from functools import cache

from explorer.paths import ROOT

PATIENCE = 15  # seconds to wait for others' pictures


class LayoutTooLong(ValueError):
    """Graphviz needed more than the time allowed."""


class Graphviz:
    """A few helper processes; whoever wants a picture borrows one, or waits for one. Safe to use from any thread."""

    def __init__(self, helpers: int = 2, seconds: float = 5) -> None:
        self.seconds = seconds
        self.free: queue.LifoQueue[Helper] = queue.LifoQueue()  # the one used last is warm
        for _ in range(helpers):
            self.free.put(Helper())

    def render(self, dot: str, format: str = "json0") -> bytes:
        """The laid-out graph: "json0" for positions, or "svg", "pdf", "png". Raises `LayoutTooLong`."""
        try:
            helper = self.free.get(timeout=PATIENCE)
        except queue.Empty:
            raise LayoutTooLong("Many pictures are being drawn just now: try again in a moment.") from None
        try:
            return helper.ask(dot, format, self.seconds)
        finally:
            self.free.put(helper)

    def warm_up(self) -> None:
        """Have a process ready before the first picture is asked for; returns at once."""
        threading.Thread(target=self.render, args=("digraph {}",), daemon=True).start()

    def close(self) -> None:
        for _ in range(self.free.qsize()):
            self.free.get().end()


class Helper:
    """One process, started when first asked; another one is started after it has ended."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, dot: str, format: str, seconds: float) -> bytes:
        start = time.monotonic()
        try:
            answer = self.answer(self.running(), {"dot": dot, "format": format, "seconds": seconds})
        except OSError:
            self.end()
            answer = None
        if answer is not None:
            return answer
        if time.monotonic() - start >= seconds:
            raise LayoutTooLong(f"This takes more than {seconds:g} seconds to lay out. Fold some blocks and try again.")
        raise ValueError("Graphviz cannot lay this picture out. Fold some blocks and try again.")

    def running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
            self.process = subprocess.Popen(
                [sys.executable, "-m", "explorer.layout"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # fontconfig's and Graphviz's warnings
                env={**os.environ, "PYTHONPATH": paths},
            )
        return self.process

    def answer(self, process: subprocess.Popen[bytes], question: dict[str, object]) -> bytes | None:
        """None where Graphviz refuses. Raises `OSError` where the process has ended."""
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(question).encode() + b"\n")
        process.stdin.flush()
        length = process.stdout.readline()
        if not length:
            raise BrokenPipeError
        return process.stdout.read(int(length)) if int(length) >= 0 else None

    def end(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.communicate()  # closes the pipes, and waits


@cache
def graphviz() -> Graphviz:
    """The server's own."""
    return Graphviz()


def serve() -> None:
    """Answer until the input closes. Graphviz holds the interpreter's lock, so the watchdog is not a Python thread."""
    for line in sys.stdin.buffer:
        question = json.loads(line)
        faulthandler.dump_traceback_later(question["seconds"], exit=True)
        answer = laid_out(question["dot"], question["format"])
        faulthandler.cancel_dump_traceback_later()
        sys.stdout.buffer.write(b"-1\n" if answer is None else b"%d\n%b" % (len(answer), answer))
        sys.stdout.buffer.flush()


def laid_out(dot: str, format: str) -> bytes | None:
    """None where Graphviz cannot read or draw it."""
    from pygraphviz import AGraph, DotError, graphviz  # loads Graphviz: in this process only

    try:
        graph = AGraph(string=dot)
    except DotError:
        return None
    context = graphviz.gvContextWithBuiltins()
    if graphviz.gvLayout(context, graph.handle, b"dot"):
        return None
    status, data = graphviz.gvRenderData(context, graph.handle, format.encode())
    graphviz.gvFreeLayout(context, graph.handle)
    graphviz.gvFreeContext(context)
    return None if status else data


if __name__ == "__main__":
    serve()
