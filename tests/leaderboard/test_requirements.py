"""Wishes: their link leads back to them, numbers are read in their unit, and nonsense is named."""

import pytest

from explorer.leaderboard.recommend.requirements import Limit, Requirements, decode_requirements, handy, parse_bound
from explorer.url_params import encode_query


def test_wishes_survive_their_link() -> None:
    wishes = Requirements((Limit("top-1", 78), Limit("parameters", 10e6), Limit("file size", 40 * 2**20)), "MACs")
    assert decode_requirements(encode_query(wishes)) == (wishes, ())


@pytest.mark.parametrize("words", [{"accuracy": "much"}, {"accuracy": "120"}, {"params": "-3"}, {"macs": "nan"}])
def test_a_wrong_word_is_named_and_left_out(words: dict[str, str]) -> None:
    wishes, (problem,) = decode_requirements(words | {"by": "params"})
    assert wishes == Requirements((), "parameters") and next(iter(words.values())) in problem


def test_an_unknown_order_is_named() -> None:
    wishes, (problem,) = decode_requirements({"by": "beauty"})
    assert wishes is None and "beauty" in problem and "accuracy" in problem


def test_a_number_is_read_in_its_unit() -> None:
    assert parse_bound("parameters", " 2,5 ") == 2.5e6 and parse_bound("latency", "40") == pytest.approx(0.04)


@pytest.mark.parametrize("quantity, value", [("top-1", 77.692), ("parameters", 5_288_548), ("MACs", 385_814_752)])
def test_a_bound_of_three_figures_still_lets_its_value_pass(quantity: str, value: float) -> None:
    assert Limit(quantity, handy(quantity, value)).kept(value)
    assert handy(quantity, value) == pytest.approx(value, rel=0.01)
