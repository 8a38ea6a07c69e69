"""The Compare page's link leads back to its desk, and whatever in it means nothing is said."""

import pytest

from explorer.models.selection import ModelSelection
from explorer.ui.compare.page_state import ComparePageState, decode_compare_page, read_place
from explorer.url_params import encode_query
from testing.comparisons import PLAIN_34, RESNET_34


def test_a_link_leads_back_to_the_desk_however_long_it_is() -> None:
    opened = tuple(sorted(f"stages.{stage}.block.{block}" for stage in range(9) for block in range(60)))
    desk = ComparePageState("side", (PLAIN_34, ModelSelection(opened=opened))).said({"search": "e" * 1000})
    assert decode_compare_page(encode_query(desk)) == (desk, ())


def test_an_empty_slot_is_no_network() -> None:
    assert decode_compare_page({"view": "side", "a": "", "b": "model=VGG"}) == (
        ComparePageState("side", (ModelSelection("model_defs", "VGG", "VGG-16"),)),
        (),
    )


@pytest.mark.parametrize("word", ["ResNet-34", "model=", "=", "source=torchvision"])
def test_a_slot_that_names_no_network_is_said_and_left_out(word: str) -> None:
    desk, (problem,) = decode_compare_page({"b": word})
    assert desk == ComparePageState() and f"b=“{word}”, which names no network" in problem


def test_a_network_that_stands_twice_is_said() -> None:
    words = encode_query(ComparePageState("side", (RESNET_34,)))["a"]
    desk, (problem,) = decode_compare_page({"view": "side", "a": words, "c": f"{words}&repeats=no"})
    assert desk.bench == (RESNET_34,) and "ResNet-34 twice" in problem


def test_an_unknown_view_is_named() -> None:
    desk, (problem,) = decode_compare_page({"view": "moon"})
    assert desk.view == "field" and "“moon”" in problem and "evolution" in problem


def test_one_network_in_a_word_is_read_as_explore_reads_it() -> None:
    place, (problem,) = read_place("of", "model=VGG&widht=3")
    assert place == ModelSelection("model_defs", "VGG", "VGG-16") and "“widht”" in problem
