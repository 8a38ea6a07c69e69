"""`python -m benchmarks.learn`: how soon a lesson's step shows its view, and a saved file its words."""

import os
import sys
import time
from itertools import cycle, islice
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.page import DETAILS, PICTURE, report, reported, visit, waited
from testing.browser import serve, settle

STEPS = "?lesson=vgg&step=1"  # its first two open two views of one network
LESSON = """\
## First

word 0

:::{view} explore?model=LeNet&preset=LeNet-5
:::

## Second, on another page

:::{view} scale?phi=2
:::
"""


def stepped(browser: Browser, url: str, times: int) -> list[float]:
    """From N or P to the new view."""
    page = visit(browser, url + STEPS)
    settle(page)
    found = [waited(page, DETAILS, lambda key=key: page.keyboard.press(key)) for key in islice(cycle("np"), times)]
    page.context.close()
    return found


def turned(page: Page, times: int) -> list[float]:
    """From N or P to the step's page, where that is another."""
    found = []
    for key, there in islice(cycle((("n", ".stage .ticks"), ("p", PICTURE))), times):
        settle(page)
        start = time.perf_counter()
        page.keyboard.press(key)
        page.wait_for_selector(there)
        found.append((time.perf_counter() - start) * 1000)
    return found


def saved(page: Page, file: Path, times: int) -> list[float]:
    """From the written file to its words on the page."""
    found = []
    for number in range(1, times + 1):
        start = time.perf_counter()
        file.write_text(LESSON.replace("word 0", f"word {number}"), encoding="utf-8")
        page.get_by_text(f"word {number}", exact=True).wait_for()
        found.append((time.perf_counter() - start) * 1000)
        settle(page)
    return found


def main() -> bool:
    with reported("Lessons") as (browser, folder):
        (own := folder / "own.md").write_text(LESSON, encoding="utf-8")
        os.environ["EXPLORER_LESSONS"] = str(folder)
        with serve(folder / "log.txt") as url:
            held = [report("A step → its view", stepped(browser, url, 20), 300)]
            page = visit(browser, f"{url}?lesson=own")
            held.append(report("A step → its view on another page", turned(page, 10), 1000))
            held.append(report("A lesson's file saved → on the page", saved(page, own, 10), 1000))
    return all(held)


if __name__ == "__main__":
    sys.exit(not main())
