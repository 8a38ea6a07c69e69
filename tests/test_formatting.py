"""Numbers and lists are written as one reads them."""

import re
from random import Random

import pytest

from explorer.formatting import MIB, binary, join_words, literal, rough, short_number, signed, spell_figures, spell_loss
from tests.node import run_module


@pytest.mark.parametrize(
    ("words", "said"), [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")]
)
def test_a_list_ends_in_and(words: tuple[str, ...], said: str) -> None:
    assert join_words(words) == said


def test_a_change_has_a_sign_as_wide_as_the_other() -> None:
    assert (signed(1500), signed(-1500), signed(-0.25, "{:.2f}".format)) == ("+1.50 k", "−1.50 k", "−0.25")
    assert signed(-0.001, "{:.2f}".format) == "0.00"


def test_two_figures_are_enough_however_large_a_number_is() -> None:
    assert [rough(number) for number in (0.123, 1.55, 99.6, 2242, 1.2e6)] == [
        "0.12",
        "1.6",
        "100",
        "2,200",
        "1,200,000",
    ]


def test_a_power_of_ten_is_written_as_by_hand() -> None:
    numbers = {0.4242: "0.424", -1.5: "−1.5", 9.6e-5: "9.6 · 10⁻⁵", -1e20: "−1 · 10²⁰", 0.0: "0", float("nan"): "nan"}
    assert [spell_figures(number) for number in numbers] == [*numbers.values()]


def test_no_address_in_the_words_of_others_is_one_for_markdown() -> None:
    for words in ("http://elsewhere.example", "HTTPS://elsewhere.example/a", "WWW.elsewhere.example", "a@b.example"):
        shown = literal(words)
        assert not re.search(r"//|www\.|\w@\w", shown.replace("\u2060//", ""), re.IGNORECASE)
        assert shown.replace("\u2060", "").replace("\\", "") == words
    assert literal("ResNet-20, 3 : 4") == r"ResNet-20, 3 \: 4"


def test_no_name_between_colons_is_a_picture_for_markdown() -> None:
    for words in (":material/home:", ":+1:", "a :smile: b"):
        shown = literal(words).replace("\\", "")
        assert not re.search(r":[\w+/-]+:", shown) and shown.replace("\u2060", "") == words


def test_bytes_are_never_written_with_an_exponent() -> None:
    said = [binary(size) for size in (0, 1010, 1.5 * MIB, 12 * MIB, 1010 * MIB, 2500 * 2**30)]
    assert said == ["0 B", "1,010 B", "1.5 MiB", "12 MiB", "1,010 MiB", "2,500 GiB"]


# Around every place where the unit, the number of digits or the direction of rounding changes, and anywhere between.
EDGES = [0, 1, 9.995, 12.3456, 99.95, 999.4, 999.5, 999.6, 1000, 1023, 1024, 1125, 1135, 1375, 9995, 9.995e6, 99.95e9]
EDGES += [figure * unit for figure in (1, 1.005, 1.125, 1.5, 9.995, 12, 12.35, 99.95, 101.5, 999.5, 1010, 1023.9, 1500)
          for unit in (1e3, 1e6, 1e9, 1e12, 2**10, 2**20, 2**30)]  # fmt: skip


def test_the_browser_writes_numbers_to_the_letter_as_python_does() -> None:
    chance = Random(7)
    values = (
        EDGES + [10 ** chance.uniform(-2, 14) for _ in range(2000)] + [chance.randrange(10**7) for _ in range(2000)]
    )
    written = "given.map((x) => [short(x), binary(x), general(x)])"
    told = run_module("numbers.js", "short, binary, general", written, values)
    for value, (count, size, plain) in zip(values, told, strict=True):
        assert (value, count, size) == (value, short_number(value), binary(value))
        assert value >= 999_999 or plain == f"{value:g}"


@pytest.mark.parametrize(("loss", "words"), [(1.5678, "1.57"), (9999.4, "9999.40"), (106545640.49, "1.1 · 10⁸")])
def test_a_loss_that_has_run_away_is_a_power_of_ten(loss: float, words: str) -> None:
    assert spell_loss(loss) == words and spell_loss(1.5678, 3) == "1.568" and spell_loss(float("inf")) == "inf"
