"""The loss around the weights on the page Inside."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from explorer.training.runs.recorded_runs import collection
from explorer.ui.inside.page_state import decode_inside
from explorer.url_params import encode_query

OpenPage = Callable[..., AppTest]


def test_a_link_that_means_nothing_is_said_and_the_recorded_pair_is_there(open_page: OpenPage) -> None:
    strange = {"lab": "loss", "pair": "nobody,cb7c01c7", "seed": "many", "view": "hills"}
    page = open_page("inside", **strange)
    assert not page.exception
    said = " ".join(decode_inside(strange)[1])
    assert "pair “nobody,cb7c01c7”" in said and "seed “many”" in said and "view “hills”" in said
    words = " ".join(each.value for each in page.markdown)
    assert "plain-56 is the sharper one" in words and "is not the landscape" in words  # those trained at full length
    assert any("recorded on 20" in each.value for each in page.caption)


def test_the_link_holds_the_pair_the_seed_and_how_it_is_shown() -> None:
    words = {"lab": "loss", "pair": "50083756,aee7099c", "seed": "2", "view": "contour"}
    view, problems = decode_inside(words)
    assert problems == () and (view.pair, view.seed, view.view) == (("50083756", "aee7099c"), 2, "contour")
    assert encode_query(view) == words


def test_a_network_of_which_only_the_end_ships_says_that_it_has_no_way_to_draw(open_page: OpenPage) -> None:
    page = open_page("inside", lab="loss", view="trajectory", pair="259337b0,e89ece3e")
    assert not page.exception
    assert any("only the end of its way was kept" in each.value for each in page.warning)
    assert page.query_params["view"] == "trajectory"


def test_the_ways_of_two_that_ship_are_there_at_once(open_page: OpenPage) -> None:
    page = open_page("inside", lab="loss", view="trajectory")
    assert not page.exception and not page.warning
    assert any("directions of its training" in each.value and "recorded on 20" in each.value for each in page.caption)
    assert any("Checkpoints on the way" in each.value for each in page.markdown)


def test_the_network_that_was_chosen_is_shown_beside_its_twin_or_one_of_its_experiment(open_page: OpenPage) -> None:
    for network, pair in {"aee7099c": ("plain-20", "ResNet-20"), "181b79b8": ("ResNet-style", "VGG-style")}.items():
        page = open_page("inside", lab="loss", network=network)
        assert not page.exception
        chosen = [each.value for each in page.sidebar.selectbox[:2]]
        assert tuple(collection()[str(id)].run.title for id in chosen) == pair
