"""The chart of the field: who is on it and who is not, the front, the filters, the words, the table."""

import random
from dataclasses import replace

import pytest

from explorer.leaderboard.chart import axis_of, field_figure, leaderboard_view, short_names
from explorer.leaderboard.entries import torchvision_entries
from explorer.leaderboard.filters import LESSON, LeaderboardFilters, decode_filters, filtered
from explorer.leaderboard.findings import finding, for_its_price
from explorer.leaderboard.leaderboard import entries
from explorer.leaderboard.pareto import ChartPoint, chart_points, front, missing
from explorer.leaderboard.table import COLUMNS, entries_csv, entry_columns, is_counted, per_giga, per_million
from explorer.models.facts import DISTURBED, Fact
from explorer.models.names import STYLES, family_style, offered_networks
from explorer.models.selection import ModelSelection
from explorer.url_params import encode_query
from testing.entries import FIELD, of


def test_what_lacks_a_figure_is_listed_and_not_drawn() -> None:
    lacking = missing(FIELD, LeaderboardFilters("latency"))
    assert len(lacking) == len(FIELD) and all("not measured on this machine" in why for _, why in lacking)
    assert chart_points(FIELD, LeaderboardFilters("latency")) == ()
    for x, y in (("MACs", "top-1"), ("file size", "top-5"), ("parameters", "top-1")):
        drawn = chart_points(FIELD, LeaderboardFilters(x, y))
        assert len(drawn) + len(missing(FIELD, LeaderboardFilters(x, y))) == len(FIELD)
        assert all(point.x > 0 and point.y > 0 for point in drawn)


def test_a_network_of_ones_own_is_counted_and_missing_for_want_of_an_accuracy() -> None:
    place = ModelSelection(changes=(("width", 32),))
    (mine,) = (entry for entry in entries((place,)) if entry.origin == "yours")
    assert (mine.value("parameters") or 0) > 1e6 and mine.value("activations")
    assert missing((mine,), LeaderboardFilters())[0][1] == "no published top-1 accuracy"
    assert chart_points((mine,), LeaderboardFilters("MACs", "parameters"))


def test_networks_of_ones_own_differ_in_title() -> None:
    mine = entries(tuple(ModelSelection(changes=(("width", width),)) for width in (32, 48)))
    assert [each.title for each in mine if each.origin == "yours"] == ["ResNet-50, width 32", "ResNet-50, width 48"]
    knobs = [(("image_size", 32), ("num_classes", 10), ("width", width)) for width in (32, 48)]
    assert list(offered_networks(ModelSelection(changes=changes) for changes in knobs))[:2] == [
        f"ResNet-50, image size 32, num classes 10 and 1 more · yours (width {width})" for width in (32, 48)
    ]
    resnet50 = (of("torchvision/resnet50/IMAGENET1K_V1"), replace(of("lesson/vgg16"), title="resnet50"))
    assert list(short_names(resnet50).values()) == ["resnet50 V1", "resnet50"]


def test_a_figure_of_zero_is_drawn_on_a_linear_axis_and_listed_on_a_logarithmic_one() -> None:
    vgg = of("torchvision/vgg16/IMAGENET1K_V1")
    none = replace(vgg, facts=(Fact("MACs", 0, "computed", "x"), Fact("top-1", 50, "published", "x")))
    log, linear = LeaderboardFilters(), LeaderboardFilters(x_log=False)
    assert [point.entry for point in chart_points((vgg, none), log)] == [vgg]
    assert [why for _, why in missing((vgg, none), log)] == ["0 MACs: no place for that on a logarithmic axis"]
    assert len(chart_points((vgg, none), linear)) == 2 and missing((vgg, none), linear) == ()


def beats(one: ChartPoint, other: ChartPoint) -> bool:
    return one.x <= other.x and one.y >= other.y and (one.x, one.y) != (other.x, other.y)


def test_the_front_holds_exactly_those_that_no_other_beats() -> None:
    dice = random.Random(0)
    for _ in range(30):
        found = tuple(ChartPoint(of("lesson/vgg16"), dice.randint(1, 9), dice.randint(1, 9)) for _ in range(20))
        unbeaten = {(p.x, p.y) for p in found if not any(beats(other, p) for other in found)}
        assert {(point.x, point.y) for point in front(found, "MACs", "top-1")} == unbeaten
        assert len(front(found, "MACs", "top-1")) == len(unbeaten)


def test_of_throughput_more_is_better() -> None:
    slow, fast = (ChartPoint(of("lesson/vgg16"), x, y) for x, y in ((1, 80), (9, 70)))
    worse = ChartPoint(of("lesson/vgg16"), 1, 60)
    assert front((slow, worse, fast), "throughput", "top-1") == (fast, slow)


def test_a_link_brings_the_view_back() -> None:
    view = LeaderboardFilters(
        "parameters", "top-5", False, True, ("paper",), ("VGG", "ViT"), "best", False, "50", FIELD[0].key
    )
    for each in (
        view,
        replace(view, origins=(), columns=()),
        LeaderboardFilters(),
        replace(LeaderboardFilters(), x="top-1", x_log=True),
    ):
        assert decode_filters(encode_query(each), FIELD) == (each, ())


def test_bad_words_of_a_link_get_a_sentence_and_the_default() -> None:
    words = {"x": "weight", "from": "mars", "off": "Elephants", "at": "nobody", "columns": "price", "weights": "heavy"}
    view, problems = decode_filters(words | {"zoom": "9"}, FIELD)
    assert len(problems) == 7 and all(problem.endswith(".") for problem in problems)
    assert (view.x, view.chosen, view.off, view.weights) == ("MACs", "", (), "all")


def test_filters_let_through_what_they_say() -> None:
    only = filtered(FIELD, LeaderboardFilters(search="resnet50", weights="first"))
    assert [entry.title for entry in only if entry.origin == "torchvision"] == ["resnet50 V1", "wide_resnet50_2 V1"]
    view = LeaderboardFilters(weights="best", more=False, origins=("torchvision",))
    best = {entry.architecture: entry for entry in filtered(FIELD, view)}
    assert best["vit_b_16"].key.endswith("/IMAGENET1K_V1") and best["resnet50"].key.endswith("/IMAGENET1K_V2")
    assert not any(entry.family == "VGG" for entry in filtered(FIELD, LeaderboardFilters(off=("VGG",))))


def test_what_the_data_say_follows_from_what_is_shown() -> None:
    view = LeaderboardFilters(x="parameters")
    two = tuple(of(f"torchvision/{key}/IMAGENET1K_V1") for key in ("efficientnet_b0", "vgg16"))
    drawn = leaderboard_view(chart_points(two, view), view, {entry.family for entry in two})
    said = finding(drawn, view, str)
    assert (
        "Of the 2 shown, **efficientnet_b0** does better than every other" in said and "**1/26**" in said
    )  # 138.4 / 5.29
    assert "let more through" in finding(leaderboard_view((), view, set()), view, str)


@pytest.mark.parametrize(("note", "said"), [("one image", "**vgg16**"), (DISTURBED, "nobody can tell")])
def test_of_what_was_measured_while_the_machine_was_busy_nothing_follows(note: str, said: str) -> None:
    view = LeaderboardFilters(x="latency")
    two = tuple(
        of(f"torchvision/{key}/IMAGENET1K_V1").with_facts((Fact("latency", seconds, "measured", "here", note),))
        for key, seconds in (("alexnet", 0.3), ("vgg16", 0.2))
    )
    told = finding(leaderboard_view(chart_points(two, view), view, {entry.family for entry in two}), view, str)
    assert said in told


def test_exercise_4_is_answered_from_the_entries_shown() -> None:
    said = for_its_price(torchvision_entries(), str)
    assert "squeezenet1_1" in said and "111 of the 114" in said
    assert f"efficientnet_b0 {77.692 / 5.288548:.2f}; resnet50 {76.13 / 25.557032:.2f}" in said
    assert "Exercise 4" not in for_its_price((of("torchvision/vgg16/IMAGENET1K_V1"),), str)


def test_ratios_are_points_of_accuracy_for_their_price() -> None:
    vgg = of("torchvision/vgg16/IMAGENET1K_V1")
    assert per_million(vgg) == pytest.approx(71.592 / 138.357544) and per_giga(vgg) == pytest.approx(71.592 / 15.47)
    assert per_million(of("paper/He et al. 2015/plain-18")) is None


def test_the_table_leaves_blank_what_nobody_says() -> None:
    table = entry_columns((of("lesson/vgg16"), of("torchvision/vgg16/IMAGENET1K_V1")), COLUMNS)
    assert table["MACs, G"] == [None, 15.47] and table["Parameters, M"] == [138.0, 138.36]
    assert all(len(column) == 2 for column in table.values())


def test_macs_that_nobody_printed_are_ours_and_marked_as_such() -> None:
    """torch's own counter says 15,470,264,320 of VGG-16; torchvision prints 15.47 G."""
    counted = of("lesson/vgg16").with_facts((Fact("MACs", 15_470_264_320, "computed", "counted"),))
    printed = of("torchvision/vgg16/IMAGENET1K_V1")
    assert entry_columns((counted, printed), ("MACs",))["MACs, G"] == [15.47, 15.47]
    assert is_counted(counted) and not is_counted(printed)
    assert per_giga(counted) == pytest.approx(71.5 / 15.47026432)


def test_the_lessons_table_has_its_rows_its_order_and_its_last_column() -> None:
    """Section 5 of the lesson."""
    shown = filtered(FIELD, LESSON)
    table = entry_columns(shown, LESSON.columns)
    rows = list(zip(table["Network"], table["Parameters, M"], table["Top-1, %"], table["Features"], strict=True))
    assert rows == [
        ("VGG16 (lesson)", 138, 71.5, "Simple, memory-intensive"),
        ("ResNet-50 (lesson)", 26, 76.0, "Skip Connection"),
        ("ResNet-152 (lesson)", 60, 78.3, "Deeper version"),
        ("EfficientNet-B0 (lesson)", 5.3, 77.1, "Efficient"),
        ("EfficientNet-B7 (lesson)", 66, 84.3, "Best performance"),
    ]
    assert decode_filters(encode_query(LESSON), FIELD) == (LESSON, ())


def test_the_file_has_a_line_for_every_figure_with_its_source() -> None:
    said = entries_csv(FIELD).splitlines()
    assert len(said) == 1 + sum(len(entry.facts) for entry in FIELD)
    assert any("76.13" in line and "ResNet50_Weights.IMAGENET1K_V1" in line for line in said)


def test_families_differ_in_colour_or_symbol() -> None:
    families = {entry.family for entry in FIELD}
    assert len(families) >= 20 and families <= STYLES.keys()
    assert len({family_style(family) for family in families}) == len(families)


def test_every_point_of_the_chart_says_all_its_figures_and_whose_they_are() -> None:
    view = LeaderboardFilters()
    counted_too = of("torchvision/resnet50/IMAGENET1K_V1").with_facts((Fact("activations", 22.2e6, "computed", "x"),))
    drawn = leaderboard_view(chart_points((counted_too,), view), view, {"ResNet"})
    trace = next(trace for trace in field_figure(drawn, view).to_dict()["data"] if trace["name"] == "ResNet")
    said = trace["hovertext"][0]
    for words in ("76.13 %", "92.86 %", "4.09 G", "25.6 M", "97.8 MiB"):
        assert words in said
    assert "published (torchvision" in said and "computed here" in said and "22.2 M" in said


def test_every_tick_of_a_logarithmic_axis_has_its_unit() -> None:
    axis = axis_of("latency", True, [0.03, 1.4])
    labels = axis["labelalias"]
    assert isinstance(labels, dict) and axis["ticksuffix"] == ""
    assert (labels["50m"], labels["200m"], labels["1"]) == ("50 ms", "200 ms", "1 s")
    assert (
        "labelalias" not in axis_of("MACs", True, [1e9, 2e9]) and axis_of("latency", False, [1.0])["ticksuffix"] == "s"
    )
