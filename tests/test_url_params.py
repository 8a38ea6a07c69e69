"""A dataclass and its query say the same; each wrong word is named once, and costs nothing but itself."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.url_params import (
    Known,
    Param,
    Params,
    WrongWord,
    choice_param,
    choices_param,
    decode_query,
    encode_query,
    few_of,
    text_param,
)

LETTERS = ("a", "b", "c")


def decode_digit(word: str, usual: int, known: Known) -> int:
    if not word.isdecimal():
        raise ValueError(f"“{word}” is no number.")
    if int(word) > 9:
        raise WrongWord(9, f"{word} is more than 9.", "Taken: 9.")
    return int(word)


PAIR = Params(
    lambda known: [Param("left", decode_digit), Param("right", decode_digit)],
    lambda found, known: (found.get("left", 0), found.get("right", 0)),
    lambda pair: {"left": pair[0], "right": pair[1]},
)


@dataclass(frozen=True)
class Sample:
    side: Literal["top", "bottom"] = "top"
    grown: bool = False
    letter: Annotated[str, choice_param("of", LETTERS)] = "a"
    letters: Annotated[tuple[str, ...], choices_param("all", LETTERS)] = ("a", "b")
    size: Annotated[float, choice_param("size", (0.5, 2.0), usual=lambda known: 2.0 if known["grown"] else 0.5)] = 0.5
    said: Annotated[str, text_param("said", 5)] = ""
    pair: Annotated[tuple[int, int], PAIR] = (0, 0)


digits = st.integers(0, 9)
some = st.sets(st.sampled_from(LETTERS)).map(lambda chosen: tuple(sorted(chosen)))
samples = st.builds(
    *(Sample, st.sampled_from(["top", "bottom"]), st.booleans(), st.sampled_from(LETTERS), some),
    *(st.sampled_from([0.5, 2.0]), st.text(max_size=5), st.tuples(digits, digits)),
)


@given(samples)
def test_a_query_leads_back(sample: Sample) -> None:
    assert decode_query(Sample, encode_query(sample)) == (sample, ())


def test_what_is_usual_is_left_out_also_where_it_hangs_on_another_field() -> None:
    assert encode_query(Sample()) == {} and encode_query(Sample(grown=True, size=2.0)) == {"grown": "yes"}
    assert encode_query(Sample(grown=True)) == {"grown": "yes", "size": "0.5"}
    assert decode_query(Sample, {"grown": "yes"}) == (Sample(grown=True, size=2.0), ())


@pytest.mark.parametrize(
    ("query", "changes", "sentences"),
    [
        ({"of": "d"}, {}, ["The link's of “d” is none of: a, b, c. Showing a instead."]),
        ({"grown": "maybe"}, {}, ["The link's grown “maybe” is none of: yes, no. Showing no instead."]),
        ({"all": "c,x,a"}, {"letters": ("a", "c")}, ["The link's all names “x”, which is none of: a, b, c."]),
        ({"all": "none"}, {"letters": ()}, []),
        ({"left": "12", "right": "3"}, {"pair": (9, 3)}, ["12 is more than 9.", "Taken: 9."]),
        ({"left": "x", "right": "3"}, {"pair": (0, 3)}, ["“x” is no number."]),
        ({"said": "123456789"}, {"said": "12345"}, []),
        ({"zoom": "1", "of": "c", "pan": ""}, {"letter": "c"}, ["The link sets “zoom”, “pan”: a is no such thing."]),
        ({"side": "", "grown": "", "of": "", "all": "", "size": "", "said": ""}, {}, []),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_stands(query: dict, changes: dict, sentences: list[str]) -> None:
    found, problems = decode_query(Sample, query, strangers="a is no such thing")
    assert found == replace(Sample(), **changes) and list(problems) == sentences


def test_of_many_offers_those_come_first_that_may_have_been_meant() -> None:
    few = [f"net{number}" for number in range(1, 9)]
    assert few_of(few, "net8") == ", ".join(few)
    assert few_of([*few, "ResNet-50"], "ResNet50").startswith("ResNet-50, net1, net2, ")
    assert few_of([*few, "ResNet-50"], "zzz" * 9999) == ", ".join([*few, "…"])


@given(st.dictionaries(st.sampled_from(["side", "grown", "of", "all", "size", "said", "left"]) | st.text(), st.text()))
def test_no_query_raises(query: dict[str, str]) -> None:
    found, _ = decode_query(Sample, query)
    assert decode_query(Sample, encode_query(found)) == (found, ())
