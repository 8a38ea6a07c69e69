"""The field: its entries, what is said to be missing, the front, and why figures differ."""

import json
import random
from dataclasses import replace

import pytest
import torchvision

from explorer.compare.conflicts import conflicts
from explorer.compare.count_worker import counted
from explorer.compare.counted import Ledger, keep, read_kept, spelled
from explorer.compare.counts import Count, facts_of
from explorer.compare.entries import Entry, torchvision_entries
from explorer.compare.facts import QUANTITIES, Fact
from explorer.compare.families import STYLES, style
from explorer.compare.field import entries
from explorer.compare.field_chart import field_figure, field_of
from explorer.compare.field_table import COLUMNS, as_csv, per_giga, per_million, rows
from explorer.compare.field_view import FieldView, filtered, read, spell
from explorer.compare.field_words import finding, for_its_price
from explorer.compare.lesson_table import lesson_entries
from explorer.compare.paper_tables import paper_entries
from explorer.compare.pareto import Point, front, missing, points
from explorer.places import Place
from explorer.places import read as read_place
from explorer.places import spell as spell_place
from explorer.sources import torchvision_names
from explorer.specs import Spec, build

FIELD = (*torchvision_entries(), *paper_entries(), *lesson_entries())
BY_KEY = {entry.key: entry for entry in FIELD}


def of(key: str) -> Entry:
    return BY_KEY[key]


def counts_of(*keys: str) -> dict[str, Count]:
    """Counted from the live networks."""
    return {key: counted(place.spec) for key in keys if (place := of(key).place)}


def test_every_builder_of_torchvisions_is_listed_with_all_its_imagenet_weights() -> None:
    assert {entry.architecture for entry in torchvision_entries()} == set(torchvision_names())
    assert len({entry.architecture for entry in torchvision_entries()}) == 80
    weights = [w for name in torchvision_names() for w in torchvision.models.get_model_weights(name)]
    assert len(torchvision_entries()) == sum(w.meta["_metrics"]["ImageNet-1K"]["acc@1"] > 0 for w in weights)


def test_every_figure_has_a_source_and_no_entry_stands_twice() -> None:
    assert len(BY_KEY) == len(FIELD)
    for entry in FIELD:
        assert all(fact.source and fact.kind == "published" and fact.value > 0 for fact in entry.facts), entry.key
        assert len({fact.quantity for fact in entry.facts}) == len(entry.facts), entry.key
        assert {fact.quantity for fact in entry.facts} <= QUANTITIES.keys()
        assert not entry.value("top-1") or 50 < (entry.value("top-1") or 0) < 90


def test_the_lessons_table_is_what_the_lesson_prints() -> None:
    printed = {entry.title: (entry.value("parameters"), entry.value("top-1")) for entry in lesson_entries()}
    assert printed == {
        "VGG16 (lesson)": (138e6, 71.5),
        "ResNet-50 (lesson)": (26e6, 76.0),
        "ResNet-152 (lesson)": (60e6, 78.3),
        "EfficientNet-B0 (lesson)": (5.3e6, 77.1),
        "EfficientNet-B7 (lesson)": (66e6, 84.3),
    }


@pytest.mark.parametrize(
    ("key", "top1"),
    [
        ("paper/He et al. 2015/ResNet-152", 100 - 21.43),
        ("paper/Tan & Le, arXiv 1905.11946, v1/EfficientNet-B7", 84.4),
        ("paper/Tan & Le, arXiv 1905.11946, v5/EfficientNet-B7", 84.3),
        ("paper/Tan & Le, arXiv 1905.11946, v1/B0, depth ×4", 79.0),
        ("paper/Howard et al. 2017/MobileNetV1", 70.6),
    ],
)
def test_papers_say_what_they_print(key: str, top1: float) -> None:
    assert of(key).value("top-1") == pytest.approx(top1)


def test_what_was_read_in_a_transcription_says_so() -> None:
    said = [f.source for entry in paper_entries() for f in entry.facts if "Tan & Le" in f.source or "Hu et" in f.source]
    assert said and all("transcription" in source or "README" in source for source in said)


@pytest.mark.parametrize("entry", [entry for entry in FIELD if entry.place], ids=lambda entry: entry.key)
def test_every_entry_opens_by_its_link(entry: Entry) -> None:
    assert entry.place
    place, problems = read_place(spell_place(entry.place))
    assert (place.spec, problems) == (entry.place.spec, ())
    if entry.place.changes and entry.origin != "torchvision":  # the others are built by test_tracing
        build(place.spec, "meta")


# Of one network's figures that are counted, test_tracing holds all 80 builders to torchvision's metadata.
@pytest.mark.parametrize("name", ["resnet50", "efficientnet_b2", "vit_b_32", "inception_v3", "squeezenet1_1"])
def test_counts_are_torchvisions(name: str) -> None:
    entry = of(f"torchvision/{name}/IMAGENET1K_V1")
    assert entry.place
    count = counted(entry.place.spec)
    assert count.parameters + count.left_out * (name == "inception_v3") == entry.value("parameters")
    assert count.macs / 1e9 == pytest.approx((entry.value("MACs") or 0) / 1e9, abs=6e-4)


def test_activations_are_what_every_operation_writes() -> None:
    """conv 6×28×28, tanh, pool 6×14×14, conv 16×10×10, tanh, pool 16×5×5, three linear layers with two tanh."""
    count = counted(Spec("model_defs", "LeNet", ()))
    assert count.activations == 2 * 6 * 28**2 + 6 * 14**2 + 2 * 16 * 10**2 + 16 * 5**2 + 2 * 120 + 2 * 84 + 10


def test_a_network_that_fails_to_build_is_named_with_its_reason_and_has_no_figures() -> None:
    count = counted(Spec("torchvision", "vit_b_16", (("image_size", 225),)))
    assert "multiple of 16" in count.problem and facts_of(count) == ()


def test_counts_are_kept_and_a_damaged_file_is_no_trouble(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    assert read_kept() == {}
    keep({"good": Count(1, 0, 2, 3, 4, 224), "bad": Count(problem="no")})
    assert read_kept() == {"good": Count(1, 0, 2, 3, 4, 224)}
    (file,) = tmp_path.iterdir()
    file.write_text("[1")
    assert read_kept() == {}


def test_counting_happens_in_another_process_and_is_asked_for_once(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    ledger, spec, broken = Ledger(), Spec("model_defs", "LeNet", ()), Spec("torchvision", "nothing")
    ledger.ask([spec, broken])
    assert ledger.worker
    ledger.worker.join(300)
    found, problem = ledger.known(spec), ledger.known(broken)
    assert (found and found.parameters) == 61_706 and problem and problem.problem and not ledger.failed
    ledger.ask([spec])
    assert not ledger.working
    assert list(json.loads(next(tmp_path.glob("counts-*")).read_text())) == [spelled(spec)]


def test_what_lacks_a_figure_is_listed_and_not_drawn() -> None:
    lacking = missing(FIELD, "latency", "top-1")
    assert len(lacking) == len(FIELD) and all("not measured on this machine" in each.why for each in lacking)
    assert points(FIELD, "latency", "top-1") == ()
    for x, y in (("MACs", "top-1"), ("file size", "top-5"), ("parameters", "top-1")):
        drawn = points(FIELD, x, y)
        assert len(drawn) + len(missing(FIELD, x, y)) == len(FIELD)
        assert all(point.x > 0 and point.y > 0 for point in drawn)


def test_a_network_of_ones_own_is_counted_and_missing_for_want_of_an_accuracy() -> None:
    place = Place(changes=(("width", 32),))
    (mine,) = (entry for entry in entries((place,)) if entry.origin == "yours")
    assert (mine.value("parameters") or 0) > 1e6 and mine.value("activations")
    assert missing((mine,), "MACs", "top-1")[0].why == "no published top-1 accuracy"
    assert points((mine,), "MACs", "parameters")


def test_the_papers_own_network_on_a_bench_does_not_become_the_visitors() -> None:
    paper = of("paper/He et al. 2015/ResNet-50").place
    assert paper and len(entries((paper,))) == len(entries())


def beats(one: Point, other: Point) -> bool:
    return one.x <= other.x and one.y >= other.y and (one.x, one.y) != (other.x, other.y)


def test_the_front_holds_exactly_those_that_no_other_beats() -> None:
    dice = random.Random(0)
    for _ in range(30):
        found = tuple(Point(of("lesson/vgg16"), dice.randint(1, 9), dice.randint(1, 9)) for _ in range(20))
        unbeaten = {(p.x, p.y) for p in found if not any(beats(other, p) for other in found)}
        assert {(point.x, point.y) for point in front(found, "MACs", "top-1")} == unbeaten
        assert len(front(found, "MACs", "top-1")) == len(unbeaten)


def test_of_throughput_more_is_better() -> None:
    slow, fast = (Point(of("lesson/vgg16"), x, y) for x, y in ((1, 80), (9, 70)))
    worse = Point(of("lesson/vgg16"), 1, 60)
    assert front((slow, worse, fast), "throughput", "top-1") == (fast, slow)


def lines(key: str, quantity: str, *kin: str) -> str:
    known = counts_of(key, *kin)
    found = conflicts(of(key), FIELD, lambda entry: known.get(entry.key))
    return " | ".join(line for conflict in found if conflict.quantity == quantity for line in conflict.lines)


def test_resnet_50_has_four_counts_and_each_is_explained() -> None:
    said = lines("torchvision/resnet50/IMAGENET1K_V1", "MACs", "paper/He et al. 2015/ResNet-50").split(" | ")
    assert any("3.80 G" in line and "1×1" in line and "3.858 G" in line for line in said)
    assert any("3.86 G" in line and "1×1" in line and "3.858 G" in line for line in said)
    assert any("4.09 G" in line and "3×3" in line and "4.089 G" in line for line in said)
    assert any("4.11 G" in line and "11.1 M numbers that norms put out" in line and "4.111 G" in line for line in said)


def test_b0_has_an_accuracy_for_each_version_of_the_paper_and_the_lessons_is_v5s() -> None:
    (found,) = conflicts(of("lesson/efficientnet_b0"), FIELD, lambda entry: None)
    assert "arXiv" in found.reason and found.reason.endswith("77.1 % is that of Tan & Le, arXiv 1905.11946, v5.")
    assert [line[2:9] for line in found.lines] == ["77.10 %", "77.69 %", "76.30 %"]


def test_a_figure_that_no_convention_gives_is_called_so() -> None:
    """Twice the resolution costs four times 0.386 G, and the paper prints 1.9 G."""
    said = lines("paper/Tan & Le, arXiv 1905.11946, v1/B0, resolution ×2", "MACs")
    assert "1.538 G, 19 % less: no convention known here" in said


def test_heads_for_training_explain_inceptions_parameters() -> None:
    said = lines("torchvision/inception_v3/IMAGENET1K_V1", "parameters")
    assert "with the 3,326,696 of parts that only training uses it counts to 27,161,264" in said


def test_networks_whose_figures_agree_have_no_conflict() -> None:
    known = counts_of("torchvision/swin_t/IMAGENET1K_V1")
    assert conflicts(of("torchvision/swin_t/IMAGENET1K_V1"), FIELD, lambda entry: known.get(entry.key)) == ()


def test_a_link_brings_the_view_back() -> None:
    view = FieldView("parameters", "top-5", False, True, ("paper",), ("VGG", "ViT"), "best", False, "50", FIELD[0].key)
    for each in (view, replace(view, origins=(), columns=()), FieldView(), replace(FieldView(), x="top-1", x_log=True)):
        words = {name: word for name, word in spell(each).items() if word}
        assert read(words, FIELD) == (each, ())


def test_bad_words_of_a_link_get_a_sentence_and_the_default() -> None:
    words = {"x": "weight", "from": "mars", "off": "Elephants", "at": "nobody", "columns": "price", "weights": "heavy"}
    view, problems = read(words | {"zoom": "9"}, FIELD)
    assert len(problems) == 7 and all(problem.endswith(".") for problem in problems)
    assert (view.x, view.chosen, view.off, view.weights) == ("MACs", "", (), "all")


def test_filters_let_through_what_they_say() -> None:
    only = filtered(FIELD, FieldView(search="resnet50", weights="first"))
    assert [entry.title for entry in only if entry.origin == "torchvision"] == ["resnet50 V1", "wide_resnet50_2 V1"]
    view = FieldView(weights="best", more=False, origins=("torchvision",))
    best = {entry.architecture: entry for entry in filtered(FIELD, view)}
    assert best["vit_b_16"].key.endswith("/IMAGENET1K_V1") and best["resnet50"].key.endswith("/IMAGENET1K_V2")
    assert not any(entry.family == "VGG" for entry in filtered(FIELD, FieldView(off=("VGG",))))


def test_what_the_data_say_follows_from_what_is_shown() -> None:
    view = FieldView(x="parameters")
    two = tuple(of(f"torchvision/{key}/IMAGENET1K_V1") for key in ("efficientnet_b0", "vgg16"))
    drawn = field_of(points(two, view.x, view.y), view, {entry.family for entry in two})
    said = finding(drawn, view, str)
    assert "Of the 2 shown, **efficientnet_b0** beats every other" in said and "**1/26**" in said  # 138.4 / 5.29
    assert "let more through" in finding(field_of((), view, ()), view, str)


def test_exercise_4_is_answered_from_the_entries_shown() -> None:
    said = for_its_price(torchvision_entries(), str)
    assert "squeezenet1_1" in said and "111 of the 114" in said
    assert f"efficientnet\\_b0 {77.692 / 5.288548:.2f}; resnet50 {76.13 / 25.557032:.2f}" in said
    assert "Exercise 4" not in for_its_price((of("torchvision/vgg16/IMAGENET1K_V1"),), str)


def test_ratios_are_points_of_accuracy_for_their_price() -> None:
    vgg = of("torchvision/vgg16/IMAGENET1K_V1")
    assert per_million(vgg) == pytest.approx(71.592 / 138.357544) and per_giga(vgg) == pytest.approx(71.592 / 15.47)
    assert per_million(of("paper/He et al. 2015/plain-18")) is None


def test_the_table_leaves_blank_what_nobody_says() -> None:
    table = rows((of("lesson/vgg16"), of("torchvision/vgg16/IMAGENET1K_V1")), COLUMNS)
    assert table["MACs, G"] == [None, 15.47] and table["Parameters, M"] == [138.0, 138.36]
    assert all(len(column) == 2 for column in table.values())


def test_the_file_has_a_line_for_every_figure_with_its_source() -> None:
    said = as_csv(FIELD).splitlines()
    assert len(said) == 1 + sum(len(entry.facts) for entry in FIELD)
    assert any("76.13" in line and "ResNet50_Weights.IMAGENET1K_V1" in line for line in said)


def test_families_differ_in_colour_or_symbol() -> None:
    families = {entry.family for entry in FIELD}
    assert len(families) >= 20 and families <= STYLES.keys()
    assert len({style(family) for family in families}) == len(families)


def test_every_point_of_the_chart_says_all_its_figures_and_whose_they_are() -> None:
    view = FieldView()
    counted_too = of("torchvision/resnet50/IMAGENET1K_V1").with_facts((Fact("activations", 22.2e6, "computed", "x"),))
    drawn = field_of(points((counted_too,), view.x, view.y), view, ("ResNet",))
    trace = next(trace for trace in field_figure(drawn, view).to_dict()["data"] if trace["name"] == "ResNet")
    said = trace["hovertext"][0]
    for words in ("76.13 %", "92.86 %", "4.09 G", "25.6 M", "97.8 MiB"):
        assert words in said
    assert "published (torchvision" in said and "computed here" in said and "22.2 M" in said
