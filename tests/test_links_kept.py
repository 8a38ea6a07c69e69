"""Links that once led somewhere lead there still: 576 of them, with what the pages made of them in November 2026.

Of each line of `links_kept.json`: the link, the value it led to, field by field, the sentences about what was wrong
in it, and the link that leads back there. Lines are added, none is changed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import streamlit as st

from explorer import labs, places
from explorer.compare import desk, field_view, wishes
from explorer.scaling import stands
from explorer.ui.compare import evolution, side_pairs, speed_charts
from explorer.ui.compare.state import current
from tests.entries import FIELD

KEPT = json.loads(Path(__file__).with_name("links_kept.json").read_text(encoding="utf-8"))
Read = Callable[[Mapping[str, str]], tuple[Any, tuple[str, ...]]]
PAGES: dict[str, tuple[Read, Callable[[Any], dict[str, str]]]] = {
    "explore": (places.read, places.spell),
    "compare": (desk.read, desk.spell),
    "leaderboard": (lambda words: field_view.read(words, FIELD), field_view.spell),
    "recommend": (wishes.read, wishes.spell),
    "scale": (stands.read, stands.spell),
    "train": (labs.read, labs.spell),
}


def query_of(link: str) -> dict[str, str]:
    return dict(parse_qsl(link, keep_blank_values=True))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_where_it_led(page: str) -> None:
    read, spell = PAGES[page]
    for link, value, sentences, back in KEPT[page]:
        found, problems = read(query_of(link))
        words = spell(found) if found else {}
        assert repr(astuple(found) if found else None) == value, link
        assert sorted(problems) == sorted(sentences), link
        assert urlencode({name: word for name, word in words.items() if word}) == back, link


def batch() -> int:
    speed_charts.check_link()
    return int(current().word("batch", "1"))


def stop() -> str:
    evolution.checked()
    return current().word("stop") or evolution.KEYS[0]


VIEWS: dict[str, Callable[[], object]] = {"side": side_pairs.colour, "speed": batch, "evolution": stop}


@pytest.mark.parametrize("view", VIEWS)
def test_what_a_view_of_compare_keeps_in_the_link_is_kept(view: str) -> None:
    for link, value, sentences, back in KEPT[view]:
        st.session_state.problems = []
        st.session_state.desk = desk.read(query_of(link))[0]
        assert repr(VIEWS[view]()) == value, link
        assert st.session_state.problems == sentences, link
        assert urlencode(desk.spell(current())) == back, link
