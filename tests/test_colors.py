"""The colours of networks side by side: one for each letter wherever it stands, and letters that can be read on it."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from explorer.analysis.stage_costs import Costs
from explorer.colors import LETTER_COLORS, is_bright, letter_variables, viridis
from explorer.diff.charts import Level, levels_chart
from explorer.diff.comparison import LETTERS
from tests.node import run_module

EXPLORER = Path(__file__).parents[1] / "explorer"
THEME = tomllib.loads((EXPLORER / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
PAGES = [THEME[scheme]["backgroundColor"] for scheme in ("light", "dark")]


def luminance(color: str) -> float:
    """WCAG's relative luminance."""
    parts = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("letter", LETTERS)
def test_a_white_letter_can_be_read_on_its_colour_and_a_bar_seen_on_light_and_dark(letter: str) -> None:
    assert contrast("#ffffff", LETTER_COLORS[letter]) >= 4.5
    assert all(contrast(page, LETTER_COLORS[letter]) >= 3 for page in PAGES)


def test_no_two_networks_look_alike() -> None:
    parts = {letter: [int(color[i : i + 2], 16) for i in (1, 3, 5)] for letter, color in LETTER_COLORS.items()}
    assert list(parts) == list(LETTERS)
    for one, other in itertools.combinations(parts.values(), 2):
        assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 60


def test_the_charts_paint_a_network_in_its_letters_colour() -> None:
    level = Level(0, "8×8", ("stem",), Costs(1, 1, 1))
    chart = levels_chart([(letter, f"Network {letter}", (level,)) for letter in LETTERS])
    assert {bar.legendgroup: bar.marker.color for bar in chart.data} == LETTER_COLORS  # pyright: ignore


def test_css_has_the_letters_colours_from_there_alone() -> None:
    assert dict(re.findall(r"--letter-(\w): (#\w+);", letter_variables())) == LETTER_COLORS
    for sheet in EXPLORER.rglob("*.css"):
        written = sheet.read_text(encoding="utf-8")
        assert not re.search(r"letter[-=\"A-D\]]*[ :{]+[^}]*background: *#", written), sheet


def test_an_amount_has_the_colour_in_a_file_that_it_has_on_the_page() -> None:
    shares = [-1, 0, 0.05, 1 / 3, 0.5, 0.77, 1, 2]
    told = run_module("colors.js", "viridis", "given.map(viridis)", shares)
    assert [list(viridis(share)) for share in shares] == told
    bright = run_module("network_viewer/legend.js", "luminance", "given.map((rgb) => luminance(rgb) > 0.3)", told)
    assert [is_bright(viridis(share)) for share in shares] == bright
