"""The state of Scale: a link leads back, what is wrong in it is named, a law that is dragged or typed is answered."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.scaling.base_models import QUARTERS
from explorer.scaling.compound_law import Law
from explorer.ui.scale.page_state import (
    BASE_NAMES,
    ScalePageState,
    answer_request,
    decode_scale_page,
    law_words,
    locked,
    moved_to,
    settle_scale,
    turn_law,
)
from explorer.url_params import encode_query

ones = st.floats(1, 2).map(lambda value: round(value, 2))
laws = st.builds(Law, ones, ones, ones)
places = st.builds(
    ScalePageState,
    st.sampled_from(QUARTERS), st.just("exact"), st.sampled_from(["law", "ways", "table"]), st.sampled_from(BASE_NAMES),
    laws, st.integers(0, 140).map(lambda step: round(step * 0.05, 2)), st.booleans(), st.sampled_from([2.0, 4.67]),
)  # fmt: skip


@given(places)
def test_a_link_leads_back(stand: ScalePageState):
    assert decode_scale_page(encode_query(stand)) == (stand, ())


NAMES = ["phi", "show", "view", "base", "alpha", "beta", "gamma", "own", "lock", "budget", "x"]


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30) | st.floats().map(str)))
def test_no_query_raises(query: dict[str, str]):
    stand, _ = decode_scale_page(query)
    assert 0 <= stand.phi <= 7 and 1 <= stand.law.alpha <= 2


def test_what_is_wrong_is_named_with_the_nearest_that_works():
    stand, problems = decode_scale_page({"alpha": "0.9", "phi": "9", "base": "GPT", "own": "much"})
    assert stand.law.alpha == 1.0 and stand.phi == 7.0 and stand.base == "EfficientNet-B0"
    assert any("α = 0.9 does not work" in said and "Taken: 1." in said for said in problems)
    assert any("“GPT”" in said for said in problems) and any("“much”" in said for said in problems)


def test_a_locked_slider_takes_the_other_two_along_and_a_value_too_large_is_said():
    stand = locked(ScalePageState(), True)
    assert abs(stand.law.product - 2) < 0.05
    moved, said = turn_law(stand, "alpha", 1.5)
    assert moved.law.alpha == 1.5 and abs(moved.law.product - 2) < 0.05 and not said
    moved, said = turn_law(stand, "gamma", 1.8)
    assert moved.law == Law(1.0, 1.0, 1.41) and "γ = 1.8 cannot be met" in said
    _, said = turn_law(stand, "beta", 0.5)
    assert "below 1 the network would shrink" in said


def test_sliders_that_only_moved_are_left_alone_and_nonsense_is_answered_in_words():
    moved = {"alpha": 1.3, "beta": 1.0, "gamma": 1.1, "phi": 2.0}
    stand, said = answer_request(ScalePageState(), moved)
    assert not said and moved_to(moved) == moved_to(law_words(stand)) == (1.3, 1.0, 1.1, 2.0)
    assert moved_to(moved | {"lock": True}) is None
    for name, typed in (("alpha", "nan"), ("phi", "many"), ("gamma", "inf"), ("phi", "-1")):
        stand, said = answer_request(ScalePageState(), moved | {"typed": name, "value": typed})
        assert said.endswith(".") and decode_scale_page(encode_query(stand)) == (stand, ())


def test_the_stage_stands_on_networks_that_are_built():
    assert (
        settle_scale(ScalePageState(phi=1.3)).phi == 1.25
        and settle_scale(ScalePageState(phi=3.4, mode="shipped")).phi == 3.0
    )
