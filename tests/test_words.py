"""Numbers and lists are written as one reads them."""

import pytest

from explorer.words import listed, rough, signed


@pytest.mark.parametrize(
    ("words", "said"), [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")]
)
def test_a_list_ends_in_and(words: tuple[str, ...], said: str) -> None:
    assert listed(words) == said


def test_a_change_has_a_sign_as_wide_as_the_other() -> None:
    assert (signed(1500), signed(-1500), signed(-0.25, "{:.2f}".format)) == ("+1.50 k", "−1.50 k", "−0.25")


def test_two_figures_are_enough_however_large_a_number_is() -> None:
    assert [rough(number) for number in (0.123, 1.55, 99.6, 2242, 1.2e6)] == [
        "0.12",
        "1.6",
        "100",
        "2,200",
        "1,200,000",
    ]
