"""Graphviz in processes of its own, so that a picture that takes too long can be ended without harm to anyone else.

Run as `python -m`, this file is such a process. Graphviz holds the interpreter's lock, so what ends the process when
that does not come back is no Python thread.
"""

import faulthandler
import queue
import threading
import time
from functools import cache

from explorer.subprocess_client import ProcessEnded, SubprocessClient
from explorer.subprocess_loop import read_questions, send_answer

PATIENCE = 15  # seconds to wait for others' pictures


class LayoutTooLong(ValueError):
    """Graphviz needed more than the time allowed."""


class Graphviz:
    """A few helper processes; whoever wants a picture borrows one, or waits for one. Safe to use from any thread."""

    def __init__(self, helpers: int = 2, seconds: float = 5) -> None:
        self.seconds = seconds
        self.free: queue.LifoQueue[SubprocessClient] = queue.LifoQueue()  # the one used last is warm
        for _ in range(helpers):
            self.free.put(SubprocessClient(__name__))

    def render(self, dot: str, format: str = "json0") -> bytes:
        """The laid-out graph: "json0" for positions, or "svg", "pdf", "png". Raises `LayoutTooLong`."""
        try:
            helper = self.free.get(timeout=PATIENCE)
        except queue.Empty:
            raise LayoutTooLong("Many pictures are being drawn just now: try again in a moment.") from None
        try:
            return self.ask(helper, dot, format)
        finally:
            self.free.put(helper)

    def ask(self, helper: SubprocessClient, dot: str, format: str) -> bytes:
        start = time.monotonic()
        try:
            drawn = helper.request((dot, format, self.seconds)).get("content")
        except (ProcessEnded, OSError):  # as when its time was over
            drawn = None
        if drawn is not None:
            return drawn
        if time.monotonic() - start >= self.seconds:
            raise LayoutTooLong(
                f"This takes more than {self.seconds:g} seconds to lay out. Fold some blocks and try again."
            )
        raise ValueError("Graphviz cannot lay this picture out. Fold some blocks and try again.")

    def warm_up(self) -> None:
        """Have a process ready before the first picture is asked for; returns at once."""
        threading.Thread(target=self.render, args=("digraph {}",), daemon=True).start()

    def close(self) -> None:
        for _ in range(self.free.qsize()):
            self.free.get().end()


@cache
def graphviz() -> Graphviz:
    """The server's own."""
    return Graphviz()


def serve() -> None:
    for dot, format, seconds in read_questions():
        faulthandler.dump_traceback_later(seconds, exit=True)
        drawn = laid_out(dot, format)
        faulthandler.cancel_dump_traceback_later()
        send_answer(drawn or b"")


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
