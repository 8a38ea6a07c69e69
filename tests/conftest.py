"""Fixtures: a page by AppTest, and a page in a real Chromium with a server behind it."""

import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from streamlit.testing.v1 import AppTest

from testing.browser import APP, PATIENT, Watch, address, launch_with_profile, serve, settle
from testing.pictures import place, tree  # noqa: F401 (fixtures)
from testing.waiting import PATIENCE

# A machine that does other things besides is slow, not broken.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

OpenPage = Callable[..., AppTest]
Visit = Callable[..., Page]

# Two workers on two cores: one thread each is faster than four in each other's way.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a browser is a browser test.

    They come first: what is left for the end is in small pieces, so that no worker waits for the other.
    """
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a page shows when its test fails says more than the line that waited in vain."""
    report = yield
    if report.when == "call" and report.failed and (browser := getattr(item, "funcargs", {}).get("chromium")):
        for page in (each for each in browser.pages if each.url != "about:blank"):
            with suppress(PlaywrightError):
                report.sections.append((f"On the page {address(page)}", page.locator("body").inner_text(timeout=5000)))
    return report


@pytest.fixture
def open_page() -> OpenPage:
    """`open_page("explore", model="ResNet")`: the page with that in the address bar, its picture drawn."""

    def open_page(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=PATIENCE)
        for key, value in query.items():
            app.query_params[key] = value
        app.switch_page(f"../pages/{name}.py").run().run()
        # Before 3.11.8 Python fails to compile a page where another thread, as one that counts, parses meanwhile.
        return app if app.main.children else app.run()

    return open_page


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As in a worker: on networks this small, threads mostly wait for each other."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    expect.set_options(timeout=PATIENT)
    with sync_playwright() as playwright:
        browser = launch_with_profile(playwright, tmp_path_factory.mktemp("profile"))
        if browser is None:
            missing = pytest.fail if os.environ.get("CI") else pytest.skip
            missing("No Chromium here: install it, or run `make browser`.")
        browser.set_default_timeout(PATIENT)
        yield browser
        browser.close()


# Of Streamlit (1.67), where a page is closed while it is being connected; of distributed (2026.8), which times how long
# Python collects garbage, where it begins in the middle of that.
NOT_OURS = re.compile(
    r"Exception in ASGI application\nTraceback(?:(?!Exception in ASGI).)*?"
    r'WebSocketDisconnected: Cannot call "send" once a close message has been sent\.'
    r"|Exception ignored in: <bound method GCDiagnosis\._gc_callback (?:(?!Exception ignored).)*?"
    r"assert start is not None\s+\^*\s+AssertionError",
    re.DOTALL,
)


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log: Path = tmp_path_factory.mktemp("server") / "log.txt"
    with serve(log) as url:
        yield url
    said = NOT_OURS.sub("", log.read_text())
    assert "Traceback" not in said, said


@pytest.fixture(scope="session")
def tabs() -> list[Page]:
    """Open ones that nobody uses: to load the app in one of them takes half of what a new one takes."""
    return []


@pytest.fixture
def visit(chromium: BrowserContext, app_url: str, tabs: list[Page]) -> Iterator[Visit]:
    """`visit("explore?model=ResNet", width=1280, height=800, scheme="dark")`: a new visitor's page, settled.

    The test fails if the page logged an error or asked anything of another machine.
    """
    opened: list[Watch] = []

    def visit(path: str = "", width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        page = tabs.pop() if tabs else chromium.new_page()
        page.bring_to_front()  # behind another one it would not be drawn
        opened.append(Watch(page, app_url))
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="no-preference")
        page.goto(f"{app_url}/{path}")
        settle(page)
        return page

    yield visit
    left = [watch.page for watch in opened if not watch.page.is_closed()]
    for page in left:
        page.goto(f"{app_url}/_stcore/health")  # the app's storage without the app, which could write into it once more
    for page in left:
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")  # the next visitor is a new one
        page.goto("about:blank")
    tabs += left
    for watch in opened:
        watch.end()
    assert [complaint for watch in opened for complaint in watch.complaints] == []


@pytest.fixture
def page(visit: Visit) -> Page:
    """The first page, as a new visitor with a laptop sees it."""
    return visit()
