"""The app as a server of its own, and a real Chromium to look at it: for the tests and the benchmarks.

`python -m testing.browser` prints which Chromium would be used, and fails if there is none.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, sync_playwright

from testing.waiting import PATIENCE, until

ROOT = Path(__file__).parents[1]
APP = ROOT / "explorer" / "app.py"
PATIENT = PATIENCE * 1000  # Playwright counts milliseconds
# Longer than any timer of ours.
SILENCE = """() => new Promise((done) => {
  const state = document.querySelector("[data-test-script-state]");
  let waiting;
  const begin = () => {
    clearTimeout(waiting);
    if (state.dataset.testScriptState === "notRunning") waiting = setTimeout(end, 2500);
  };
  const observer = new MutationObserver(begin);
  const end = () => done(observer.disconnect());
  observer.observe(state, { attributeFilter: ["data-test-script-state"] });
  begin();
})"""
T = TypeVar("T")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def find_chromium(playwright: Playwright) -> str | None:
    """A Chromium that starts: the machine's own before Playwright's, and before all the one without windows: its pages
    cost a fifth less of the processor."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = [shutil.which(name) for name in names] + [playwright.chromium.executable_path]
    return next((path for path in found if path and starts(path)), None)


def starts(path: str) -> bool:
    # Ubuntu's chromium-browser may be a stub that only says where to get the real one.
    return Path(path).exists() and subprocess.run([path, "--version"], capture_output=True).returncode == 0


def launch(playwright: Playwright) -> Browser | None:
    path = find_chromium(playwright)
    return playwright.chromium.launch(executable_path=path, args=FLAGS) if path else None


def launch_with_profile(playwright: Playwright, folder: Path) -> BrowserContext | None:
    """One that keeps what it has loaded and compiled: its next page costs half of what the first did."""
    path = find_chromium(playwright)
    return playwright.chromium.launch_persistent_context(folder, executable_path=path, args=FLAGS) if path else None


@contextmanager
def serve(log: Path, app: Path = APP, deadline: float = PATIENCE) -> Iterator[str]:
    """The app's address, once it answers; what the server says goes to `log`, what it keeps lies beside it."""
    port = free_port()
    surroundings = os.environ | {"EXPLORER_DATA": str(log.parent / "data")}
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(port)]
    with log.open("w") as out:
        command += ["--server.headless", "true"]
        server = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=out, stderr=out)
        try:
            wait_for(f"http://localhost:{port}/_stcore/health", server, log, time.monotonic() + deadline)
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("localhost", 0))
        return s.getsockname()[1]


def wait_for(url: str, server: subprocess.Popen, log: Path, deadline: float) -> None:
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start:\n{log.read_text()}") from None
            time.sleep(0.02)


def settle(page: Page) -> None:
    """Wait until the script has run to its end and what it sent is on the page."""
    page.wait_for_selector("[data-test-connection-state=CONNECTED][data-test-script-state=notRunning]", timeout=PATIENT)
    page.wait_for_selector("[data-stale=true]", state="detached", timeout=PATIENT)


def address(page: Page) -> str:
    """As the address bar has it: what Playwright heard last may be older on a busy machine."""
    return page.evaluate("location.href")


def fall_silent(page: Page) -> None:
    """Wait until no timer of the page, nor of a part of it, makes the script run any more."""
    page.evaluate(SILENCE)


def come_to_rest(page: Page, read: Callable[[], T], before: T) -> T:
    """What is read once it is no longer what it was `before`, and the same in three pictures in a row."""
    seen = [before]

    def draw() -> None:
        page.evaluate("() => new Promise(requestAnimationFrame)")
        seen.append(read())

    until(lambda: seen[-1] != before and seen[-3:] == [seen[-1]] * 3, draw)
    return seen[-1]


def stop_button(page: Page) -> Locator:
    """The page's own: Streamlit shows another in its header while a script runs for long."""
    return page.get_by_test_id("stMain").get_by_role("button", name="Stop")


class Watch:
    """What went wrong on a page while it was open: console errors, exceptions, requests that left the machine."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.complaints = page, list[str]()
        self.heard: dict[Any, Callable[[Any], None]] = {
            "console": self.read,
            "pageerror": lambda error: self.complaints.append(str(error)),
            "request": lambda request: self.look(request.url, url),
        }
        for event, hear in self.heard.items():
            page.on(event, hear)

    def end(self) -> None:
        for event, hear in self.heard.items():
            self.page.remove_listener(event, hear)

    def read(self, message: ConsoleMessage) -> None:
        # Below a page's own address Streamlit first asks for its health there, and gets a 404.
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            self.complaints.append(message.text)

    def look(self, asked: str, home: str) -> None:
        if not asked.startswith((home, home.replace("http", "ws", 1), "data:", "blob:")):
            self.complaints.append(f"left the machine: {asked}")


if __name__ == "__main__":
    with sync_playwright() as p:
        chromium = find_chromium(p)
    print(chromium)
    sys.exit(chromium is None)
