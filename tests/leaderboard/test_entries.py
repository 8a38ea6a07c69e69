"""The field's entries: what is printed of them, what is counted, and why figures differ."""

import json

import pytest
import torchvision

from explorer.analysis.model_summary import GraphCounts, counted_facts
from explorer.leaderboard.counts_cache import Ledger, keep_counts, read_kept, spell_spec
from explorer.leaderboard.counts_worker import count_or_problem
from explorer.leaderboard.discrepancies import conflicts
from explorer.leaderboard.entries import Entry, lesson_entries, paper_entries, torchvision_entries
from explorer.leaderboard.leaderboard import entries
from explorer.models.facts import QUANTITIES
from explorer.models.selection import decode_selection
from explorer.models.sources import torchvision_names
from explorer.models.spec import Spec, build
from explorer.url_params import encode_query
from testing.entries import BY_KEY, FIELD, of


def counts_of(*keys: str) -> dict[str, GraphCounts]:
    """Counted from the live networks."""
    return {key: count_or_problem(place.spec) for key in keys if (place := of(key).place)}


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
    place, problems = decode_selection(encode_query(entry.place))
    assert (place.spec, problems) == (entry.place.spec, ())
    if entry.place.changes and entry.origin != "torchvision":  # the others are built by test_tracing
        build(place.spec, "meta")


# Of one network's figures that are counted, test_tracing holds all 80 builders to torchvision's metadata.
@pytest.mark.parametrize("name", ["resnet50", "efficientnet_b2", "vit_b_32", "inception_v3", "squeezenet1_1"])
def test_counts_are_torchvisions(name: str) -> None:
    entry = of(f"torchvision/{name}/IMAGENET1K_V1")
    assert entry.place
    count = count_or_problem(entry.place.spec)
    assert count.params + count.left_out * (name == "inception_v3") == entry.value("parameters")
    assert count.macs / 1e9 == pytest.approx((entry.value("MACs") or 0) / 1e9, abs=6e-4)


def test_activations_are_what_every_operation_writes() -> None:
    """conv 6×28×28, tanh, pool 6×14×14, conv 16×10×10, tanh, pool 16×5×5, three linear layers with two tanh."""
    count = count_or_problem(Spec("model_defs", "LeNet", ()))
    assert count.activations == 2 * 6 * 28**2 + 6 * 14**2 + 2 * 16 * 10**2 + 16 * 5**2 + 2 * 120 + 2 * 84 + 10


def test_a_network_that_fails_to_build_is_named_with_its_reason_and_has_no_figures() -> None:
    count = count_or_problem(Spec("torchvision", "vit_b_16", (("image_size", 225),)))
    assert "multiple of 16" in count.problem and counted_facts(count) == ()


def test_counts_are_kept_and_a_damaged_file_is_no_trouble(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    assert read_kept() == {}
    keep_counts({"good": GraphCounts(1, 0, 2, 3, 4, 224), "bad": GraphCounts(problem="no")})
    assert read_kept() == {"good": GraphCounts(1, 0, 2, 3, 4, 224)}
    (file,) = tmp_path.iterdir()
    file.write_text("[1")
    assert read_kept() == {}


def test_counting_happens_in_another_process_and_is_asked_for_once(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    ledger, spec, broken = Ledger(), Spec("model_defs", "LeNet", ()), Spec("torchvision", "nothing")
    ledger.ask([spec, broken])
    assert ledger.cache.wait_for_rest(300)
    found, problem = ledger.known(spec), ledger.known(broken)
    assert (found and found.params) == 61_706 and problem and problem.problem and not ledger.failed
    ledger.ask([spec])
    assert not ledger.cache.working
    assert list(json.loads(next(tmp_path.glob("counts-*")).read_text())) == [spell_spec(spec)]


def test_the_papers_own_network_on_a_bench_does_not_become_the_visitors() -> None:
    paper = of("paper/He et al. 2015/ResNet-50").place
    assert paper and len(entries((paper,))) == len(entries())


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
