"""`python -m benchmarks.compare`: how long a visitor waits for the chart of the field, and for each change of it."""

import sys
import tempfile
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.page import report, waited
from testing.browser import launch, serve, settle

CHART = ".st-key-field-chart .plotly-chart"
PAINTED = """(() => {
  const look = () => {
    const drawn = document.querySelector(".still circle, .st-key-field-chart .infolayer .legend");
    if (!drawn) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now() }));
  };
  requestAnimationFrame(look);
})()"""  # milliseconds from the press of Enter to the end of the frame that showed the points
DRAWN = ".st-key-field-chart .infolayer .legend"
CARD = ".st-key-field-card"
COUNTING = "Counting every network live"
AXES = ("Parameters", "Activations", "File size", "MACs")
POINTS = """() => {
  const chart = document.querySelector(".st-key-field-chart .plotly-chart"), {x, y} = chart.getBoundingClientRect();
  const {_size: room, xaxis, yaxis} = chart._fullLayout;
  return chart.data.flatMap(trace => (trace.customdata ?? []).map((key, i) => ({
    key, x: x + room.l + xaxis.d2p(trace.x[i]), y: y + room.t + yaxis.d2p(trace.y[i]),
  })));
}"""


def visit(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(PAINTED)
    page.goto(f"{url}/compare")
    page.wait_for_selector(DRAWN, timeout=120_000)
    return page


def openings(browser: Browser, url: str, times: int) -> list[float]:
    """The points are shown as a still picture first, and by plotly once its code has arrived."""
    found = []
    for _ in range(times):
        page = visit(browser, url)
        found.append(page.evaluate("window.painted"))
        page.context.close()
    return found


def axis(page: Page, title: str) -> None:
    page.get_by_label("Across").click()
    page.get_by_role("option", name=title, exact=True).click()


def clicked(page: Page) -> list[Callable[[], None]]:
    """Clicks on points that lie alone, so that it is clear which one is meant."""
    points = page.evaluate(POINTS)
    alone = [one for one in points if all(apart(one, other) for other in points if other is not one)]
    return [lambda one=one: page.mouse.click(one["x"], one["y"]) for one in alone]


def apart(one: dict[str, float], other: dict[str, float]) -> bool:
    return abs(one["x"] - other["x"]) + abs(one["y"] - other["y"]) > 25


def changes(page: Page) -> list[bool]:
    settle(page)
    titles = cycle(AXES)
    axes = [waited(page, CHART, lambda: axis(page, next(titles))) for _ in range(8)]
    papers = page.get_by_role("button", name="Papers")
    filters = [waited(page, CHART, papers.click) for _ in range(8)]
    cards = [waited(page, CARD, act) for act in clicked(page)[:8]]
    return [
        report("Another axis → new chart", axes, 300),
        report("Papers let through or not → new chart", filters, 300),
        report("A point clicked → its card", cards, 300),
    ]


def counted(browser: Browser, url: str) -> None:
    """Until all networks have been counted in the background, as they are for a server's second visitor."""
    page = visit(browser, url)
    settle(page)
    page.get_by_text(COUNTING).wait_for(state="detached", timeout=300_000)
    page.context.close()


def measure(browser: Browser, url: str) -> bool:
    print("| What | Median | 95th percentile | Should be | Holds |\n|---|--:|--:|---|---|")
    held = [report("Compare opened → chart painted", openings(browser, url, 7), 1500)]
    return all((*held, *changes(visit(browser, url))))


def main() -> bool:
    """Whether every wait is as short as it should be."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            sys.exit("No Chromium here: run `make browser`.")
        with serve(Path(folder) / "log.txt") as url:
            counted(browser, url)
            return measure(browser, url)


if __name__ == "__main__":
    sys.exit(not main())
