"""Inside, with eight visitors at once: each gets the panels of the own picture."""

from itertools import cycle
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from explorer.datasets.drawings import drawings
from testing.browser import Watch, settle
from testing.waiting import until

VIEWS = {  # with what is said once all has been worked out
    "panel=why": "Area under each line",
    "panel=reach&at=stem.0&pixel=9,12": "144, none elsewhere",
    "at=stage2.0&slide=1": "Dead channels",
    "panel=why&at=stage3": "Area under each line",
}


def read(page: Page, last: str) -> list[str]:
    """The maps in the boxes and what the panel says, once nothing of both changes any more."""
    page.bring_to_front()  # behind another one it would not be drawn
    settle(page)
    boxes, words = page.locator("svg.diagram image.map"), page.locator(".st-key-inside-details").locator("p, h4, td")
    expect(boxes.first).to_be_attached()
    expect(page.locator(".st-key-inside-details")).to_contain_text(last)
    seen: list[list[str]] = []

    def look() -> None:
        page.wait_for_timeout(500)
        seen.append(
            [*boxes.evaluate_all("all => all.map(each => each.getAttribute('href'))"), *words.all_inner_texts()]
        )

    until(lambda: len(seen) > 2 and seen[-1] == seen[-2] == seen[-3], look)
    return seen[-1]


@pytest.mark.slow
def test_eight_visitors_at_once_see_what_one_alone_sees(chromium: BrowserContext, app_url: str) -> None:
    pictures = [each.name for each in drawings()][:8]
    links = [f"{app_url}/inside?picture={quote(name)}&{view}" for name, view in zip(pictures, cycle(VIEWS))]
    pages = [chromium.new_page() for _ in links]
    watches = [Watch(page, app_url) for page in pages]
    for page, link in zip(pages, links, strict=True):
        page.goto(link, wait_until="commit")
    together = [read(page, last) for page, last in zip(pages, cycle(VIEWS.values()))]
    for page, link, last, before in zip(pages, links, cycle(VIEWS.values()), together):
        page.goto("about:blank")
        page.goto(link)
        assert read(page, last) == before, link
        page.close()
    assert len({said[0] for said in together}) == len(pictures)
    assert not [watch.complaints for watch in watches if watch.complaints]
