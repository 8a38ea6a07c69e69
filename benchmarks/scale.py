"""`python -m benchmarks.scale`: how soon the networks behind the stage are counted, and how smoothly it plays."""

import sys
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from explorer.analysis.model_summary import count_spec
from explorer.background import BackgroundCache
from explorer.scaling.base_models import exact_specs, ordered_specs
from testing.browser import launch, serve, settle

BUILT = ".stage .ticks i.built"
# Frames a second and the longest frame, in milliseconds, while the stage plays.
PLAYED = """(milliseconds) => new Promise((done) => {
  const times = [];
  const next = (now) => {
    times.push(now);
    if (now - times[0] < milliseconds) return requestAnimationFrame(next);
    const gaps = times.slice(1).map((time, at) => time - times[at]);
    done([(1000 * gaps.length) / (now - times[0]), Math.max(...gaps)]);
  };
  requestAnimationFrame(next);
})"""


def counted() -> tuple[float, float, float]:
    """Seconds to the 29 of exact φ, to all, and the longest time that another thread had to wait meanwhile."""
    counts, start, stalls = BackgroundCache(count_spec), time.perf_counter(), [0.0]
    exact, every = tuple(exact_specs().values()), ordered_specs()
    counts.want((*exact, *every))
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            before = time.perf_counter()
            time.sleep(0.005)
            stalls.append(time.perf_counter() - before - 0.005)

    threading.Thread(target=watch).start()
    counts.wait(exact, 60)
    first = time.perf_counter() - start
    counts.wait(every, 60)
    done.set()
    return first, time.perf_counter() - start, max(stalls)


def opened(browser: Browser, url: str, width: int, height: int) -> tuple[Page, float, float]:
    """The page, and seconds to the drawn stage: for a new browser, and loaded again."""
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    times = []
    for go in (lambda: page.goto(f"{url}/scale"), page.reload):
        start = time.perf_counter()
        go()
        page.wait_for_selector(BUILT)
        times.append(time.perf_counter() - start)
        settle(page)
    return page, *times


def main() -> bool:
    """Whether it is soon and smooth enough."""
    first, whole, stall = counted()
    print(f"29 networks of exact φ counted in {first:.1f} s (should be ≤ 4), all 36 in {whole:.1f} s,")
    print(f"meanwhile another thread waited {1000 * stall:.0f} ms at most.")
    held = [first <= 4]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            sys.exit("No Chromium here: run `make browser`.")
        with serve(Path(folder) / "log.txt") as url:
            opened(browser, url, 1280, 800)[0].wait_for_timeout(6000)  # the first visitor's networks
            for width, height in ((1280, 800), (1920, 1080)):
                page, fresh, again = opened(browser, url, width, height)
                page.get_by_label("Play", exact=True).click()
                rate, longest = page.evaluate(PLAYED, 5000)
                print(
                    f"{width}×{height}: drawn after {fresh:.2f} s, again after {again:.2f} s (should be ≤ 1);", end=" "
                )
                print(f"{rate:.0f} frames a second (should be ≥ 50), the longest {longest:.0f} ms")
                held += [again <= 1, rate >= 50]
                page.context.close()
    return all(held)


if __name__ == "__main__":
    sys.exit(not main())
