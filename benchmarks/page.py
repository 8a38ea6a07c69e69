"""`python -m benchmarks.page`: how long a visitor waits, from the press of a key or button to the painted answer."""

import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.timing import percentile
from testing.browser import launch, serve, settle

# What the page calls its parts.
PICTURE = "svg.diagram"
BLOCK = "svg.diagram .box"
DETAILS = ".st-key-details"
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
KNOB = "[class*=ResNet-50-width] input"
OPEN_ALL = "[data-testid=viewer-open-everything]"
SMALL, DEEP = "?model=ResNet&preset=ResNet-50", "?model=ResNet&preset=ResNet-152&open=none"

# Resolves to the milliseconds between the last press and the end of the frame that showed the last change of the words
# in `selector`, once those have stood still for a while. Looks into shadow roots; the event's clock is the page's own.
WATCH = """([selector, still]) => {
  const find = root => root.querySelector(selector) ??
    [...root.querySelectorAll("*")].reduce((found, e) => found ?? (e.shadowRoot && find(e.shadowRoot)), null);
  const words = () => find(document)?.textContent ?? "";
  let pressed = 0, painted = 0, fresh = false, before = words();
  for (const kind of ["keydown", "pointerdown"])
    addEventListener(kind, event => { if (!painted) pressed = event.timeStamp }, {capture: true});
  window.painted = new Promise(resolve => {
    const look = now => {
      if (fresh) painted = performance.now();
      fresh = words() !== before;
      if (fresh) before = words();
      if (painted && now - painted > still) resolve(painted - pressed); else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}"""


def waited(page: Page, selector: str, act: Callable[[], None]) -> float:
    """Milliseconds until what `act` changes in `selector` has been painted."""
    settle(page)
    page.evaluate(WATCH, [selector, 500])
    act()
    return page.evaluate("() => window.painted")


def visit(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    page.wait_for_selector(PICTURE)
    return page


def turns(page: Page, times: int) -> list[float]:
    """A knob pressed up, then down again, so that the networks repeat but their pictures differ."""
    knob = page.locator(KNOB).first
    return [waited(page, PICTURE, lambda key=key: knob.press(key)) for key in ("ArrowUp", "ArrowDown") * (times // 2)]


def clicks(page: Page, times: int) -> list[float]:
    blocks = page.locator(BLOCK)
    count = blocks.count()
    return [waited(page, DETAILS, blocks.nth(1 + i % (count - 2)).click) for i in range(times)]


def openings(browser: Browser, url: str, times: int) -> list[float]:
    found = []
    for _ in range(times):
        page = visit(browser, url + DEEP)
        found.append(waited(page, PICTURE, page.locator(OPEN_ALL).click))
        page.context.close()
    return found


def visits(browser: Browser, url: str, times: int) -> list[float]:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        page = visit(browser, url)
        found.append((time.perf_counter() - start) * 1000)
        page.context.close()
    return found


def starts(browser: Browser, folder: Path, times: int) -> tuple[list[float], list[float]]:
    """From the command to the first paint, and to the first picture of the viewer, the machine's file caches warm."""
    painted, drawn = [], []
    for _ in range(times):
        start = time.perf_counter()
        with serve(folder / "log.txt") as url:
            answering = (time.perf_counter() - start) * 1000
            page = visit(browser, url)
            drawn.append((time.perf_counter() - start) * 1000)
            painted.append(answering + page.evaluate(FIRST_PAINT))
            page.context.close()
    return painted, drawn


def report(what: str, milliseconds: list[float], at_most: float, at_most_95: float = math.inf) -> bool:
    half, late = statistics.median(milliseconds), percentile(milliseconds, 95)
    asked = f"≤ {at_most:.0f}" + (f", 95 %: ≤ {at_most_95:.0f}" if at_most_95 < math.inf else "")
    holds = half <= at_most and late <= at_most_95
    print(f"| {what} | {half:.0f} | {late:.0f} | {asked} | {'yes' if holds else 'NO'} |", flush=True)
    return holds


@contextmanager
def reported(what: str) -> Iterator[tuple[Browser, Path]]:
    """A browser, and a folder of one's own, under the head of the table that `report` fills."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            sys.exit("No Chromium here: run `make browser`.")
        print(f"{what}, milliseconds, in this machine's Chromium.\n")
        print("| What | Median | 95th percentile | Should be | Holds |\n|---|--:|--:|---|---|")
        yield browser, Path(folder)


def main() -> bool:
    """Whether every wait is as short as it should be."""
    with reported("From the press to the painted answer") as (browser, folder):
        painted, drawn = starts(browser, folder, 3)
        held = [
            report("App started → first words and picture, drawn beforehand", painted, 1000),
            report("App started → the same picture, built live", drawn, 3000),
        ]
        with serve(folder / "log.txt") as url:
            visit(browser, url).context.close()
            held.append(report("A second visitor → first picture", visits(browser, url, 10), 1500))
            page = visit(browser, url + SMALL)
            held.append(report("ResNet-50, a knob turned → new picture", turns(page, 20), 300, 600))
            held.append(report("ResNet-50, a block clicked → its details", clicks(page, 20), 150))
            held.append(report("ResNet-152, everything opened → picture", openings(browser, url, 5), 1500))
    return all(held)


if __name__ == "__main__":
    sys.exit(not main())
