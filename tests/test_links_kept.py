"""Links that once led somewhere lead there still: 576 of them, with what the pages made of them in November 2026.

Of each line of `links_kept.json`: the link, the value it led to, field by field, the sentences about what was wrong
in it, and the link that leads back there. Lines are added, none is changed; a field that came since is at its default.
"""

import ast
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import streamlit as st

from explorer.leaderboard.filters import decode_filters
from explorer.leaderboard.recommend.requirements import decode_requirements
from explorer.models.selection import ModelSelection, decode_selection
from explorer.training.experiments.presets import ExperimentSelection
from explorer.ui.compare import history, side_by_side_data, speed
from explorer.ui.compare.page_state import current_bench, decode_compare_page
from explorer.ui.scale.page_state import decode_scale_page
from explorer.url_params import decode_query, encode_query
from testing.entries import FIELD

KEPT = json.loads(Path(__file__).with_name("links_kept.json").read_text(encoding="utf-8"))
Read = Callable[[Mapping[str, str]], tuple[Any, tuple[str, ...]]]
PAGES: dict[str, Read] = {
    "explore": decode_selection,
    "compare": decode_compare_page,
    "leaderboard": lambda words: decode_filters(words, FIELD),
    "recommend": decode_requirements,
    "scale": decode_scale_page,
    "train": lambda words: decode_query(ExperimentSelection, words),
}


def query_of(link: str) -> dict[str, str]:
    return dict(parse_qsl(link, keep_blank_values=True))


def agrees(found: Any, once: Any) -> bool:
    """With what there was, field by field; fields that came since stand behind them, at their defaults."""
    if is_dataclass(found) and isinstance(once, tuple):
        values = [getattr(found, field.name) for field in fields(found)]
        since = fields(found)[len(once) :]
        return agrees(tuple(values[: len(once)]), once) and all(
            getattr(found, field.name) == field.default for field in since
        )
    if isinstance(found, tuple) and isinstance(once, tuple):
        return len(found) == len(once) and all(map(agrees, found, once))
    return found == once


def as_said_once(sentences: tuple[str, ...]) -> list[str]:
    """Of what can be chosen they list more by now; where they list a few, those first that may have been meant."""
    told = [sentence.replace("timm, tasks, own", "timm, own") for sentence in sentences]
    return sorted(re.sub(r"(?<=is none of: )[^:]*, …", "…", sentence) for sentence in told)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_where_it_led(page: str) -> None:
    for link, value, sentences, back in KEPT[page]:
        found, problems = PAGES[page](query_of(link))
        assert agrees(found or None, ast.literal_eval(value)), link
        assert as_said_once(problems) == as_said_once(tuple(sentences)), link
        assert (encode_query(found) if found else {}) == query_of(back), link
        if isinstance(found, ModelSelection):  # a link may hold the key of a point of the chart, to the letter
            assert back.startswith(urlencode(encode_query(found.network))), link


VIEWS: dict[str, Callable[[], object]] = {
    "side": side_by_side_data.colour,
    "speed": speed.linked_batch,
    "evolution": history.linked_stop,
}


@pytest.mark.parametrize("view", VIEWS)
def test_what_a_view_of_compare_keeps_in_the_link_is_kept(view: str) -> None:
    for link, value, sentences, back in KEPT[view]:
        st.session_state.problems = []
        st.session_state.desk = decode_compare_page(query_of(link))[0]
        assert repr(VIEWS[view]()) == value, link
        assert st.session_state.problems == sentences, link
        assert urlencode(encode_query(current_bench())) == back, link
