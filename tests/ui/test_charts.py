"""A chart as a picture for a file: what stands where, worked out by hand."""

import re
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest

from explorer.lessons.quantities import seen_runs
from explorer.training.results.charts import plain_curves
from explorer.training.runs.recorded_runs import collection
from explorer.ui.charts import BOTTOM, LEFT, RIGHT, TOP, ChartAxis, chart_svg

SVG = "{http://www.w3.org/2000/svg}"


def chart(**trace: object) -> go.Figure:
    figure = go.Figure()
    figure.add_scatter(**({"x": [1, 10, 100], "y": [0, 50, 100], "name": "a &lt; b", "mode": "markers"} | trace))
    figure.update_xaxes(type="log", range=[0, 2], title_text="MACs <b>(less)</b>")
    return figure.update_yaxes(range=[0, 100], ticksuffix=" %")


def drawn(figure: go.Figure) -> ElementTree.Element:
    return ElementTree.fromstring(chart_svg(figure))


def words(picture: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def spots(picture: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in picture.iter(f"{SVG}circle")]


def line(picture: ElementTree.Element) -> list[tuple[float, float]]:
    told = next(picture.iter(f"{SVG}polyline")).attrib["points"]
    return [(float(x), float(y)) for x, y in (each.split(",") for each in told.split())]


def test_points_stand_where_their_axes_say_and_letters_are_letters() -> None:
    picture = drawn(chart(marker={"color": "#0072b2"}))
    middle = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2  # 10 lies halfway from 1 to 100, by powers
    assert spots(picture)[:3] == [(LEFT, BOTTOM), middle, (RIGHT, TOP)]
    assert len(spots(picture)) == 4  # and the one of the legend
    assert {"a < b", "MACs (less)", "1", "2", "5", "10", "50", "100", "100 %", "0 %"} <= set(words(picture))


def test_a_line_goes_in_steps_breaks_where_nothing_is_and_what_is_hidden_is_not_drawn() -> None:
    stepped = {"mode": "lines", "line": {"color": "red", "shape": "hv", "dash": "dot"}}
    x, y = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2
    assert line(drawn(chart(**stepped))) == [(LEFT, BOTTOM), (x, BOTTOM), (x, y), (RIGHT, y), (RIGHT, TOP)]
    broken = chart(x=[1, 10, None, 10, 100], y=[0, 50, None, 0, 50], mode="lines", showlegend=False)
    assert len(list(drawn(broken).iter(f"{SVG}polyline"))) == 2
    assert spots(drawn(chart(visible="legendonly"))) == []


@pytest.mark.parametrize(
    ("low", "high", "log", "expected"),
    [
        (0, 100, False, [0, 20, 40, 60, 80, 100]),
        (0, 0.5, False, [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (7, 12, True, [1e7, 1e8, 1e9, 1e10, 1e11, 1e12]),
        (0.1, 1.4, True, [2, 5, 10, 20]),
        (2.58, 2.6, True, [385, 390, 395]),  # from 380 to 398, where no power lies: even steps
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, log: bool, expected: list[float]) -> None:
    assert ChartAxis(low, high, log, "", "", "").ticks() == pytest.approx(expected)


def test_of_powers_the_power_is_written() -> None:
    told = [ChartAxis(-3, 3, True, "", "power", "").spell(value) for value in (1e-3, 2e-3, 1, 1000)]
    assert told == ["10⁻³", "2 · 10⁻³", "10⁰", "10³"]


def test_a_name_has_room_or_is_left_out() -> None:
    figure = chart(x=[10, 10, 10], y=[50, 51, 52])
    figure.update_layout(meta={"labels": [(f"network {number}", 10, 50 + number, 0) for number in range(12)]})
    told = [text for text in drawn(figure).iter(f"{SVG}text") if (text.text or "").startswith("network")]
    places = [(float(text.attrib["x"]), float(text.attrib["y"]), text.attrib["text-anchor"]) for text in told]
    assert told[0].text == "network 0" and 1 < len(places) < 12
    for number, (x, y, anchor) in enumerate(places):
        assert not any(a == anchor and x == left and abs(y - top) < 14 for left, top, a in places[:number])


def test_of_several_seeds_a_band_reaches_from_the_best_to_the_worst() -> None:
    of = {key: collection()[key] for key in ("50083756", "fcd61dd0", "5de80da0")}  # plain-20
    picture = drawn(plain_curves(seen_runs(tuple(each.run for each in of.values())), errors=True))
    band = next(picture.iter(f"{SVG}polygon")).attrib["points"]
    ends = sorted({float(y) for x, y in re.findall(r"([\d.]+),([\d.]+)", band) if float(x) == RIGHT})
    last = sorted((each.curve().test_error[-1] for each in of.values()), reverse=True)
    (bottom, top), share = (ends[-1], ends[0]), (BOTTOM - ends[-1]) / (BOTTOM - ends[0])
    assert bottom > top and share == pytest.approx(last[-1] / last[0], abs=0.01)
    assert "Test error" in words(picture) and words(picture).count("plain-20") == 1
