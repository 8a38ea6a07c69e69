"""A link to the Train page leads back to where it was copied, and a broken one says what is wrong with it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from explorer.training.experiments.presets import EXPERIMENTS, NOTHING, ExperimentSelection
from explorer.url_params import decode_query, encode_query

runs = st.lists(st.text("0123456789abcdef", min_size=8, max_size=8), max_size=12).map(tuple)
others = st.sampled_from(sorted(EXPERIMENTS.keys() - {"transfer"}))
lengths = st.sampled_from(["quick", "full"])
starts = st.sampled_from(["", NOTHING, "run:4f058de7", "torchvision:resnet18/IMAGENET1K_V1"])
looks = (
    st.sampled_from([None, False, True]),
    st.sampled_from(["steps", "epochs"]),
    st.sampled_from(["error", "accuracy"]),
)
nothing = st.just("")
labs = st.builds(ExperimentSelection, others, lengths, nothing, runs, nothing, *looks) | st.builds(
    ExperimentSelection, st.just("transfer"), lengths, nothing, runs, starts, *looks
)
WORDS = ["experiment", "length", "data", "runs", "start", "replay", "axis", "score", "x"]


@given(labs)
def test_a_link_leads_back(lab: ExperimentSelection):
    assert decode_query(ExperimentSelection, encode_query(lab)) == (lab, ())


@given(st.dictionaries(st.sampled_from(WORDS), st.text(max_size=60)))
def test_no_query_raises(query: dict[str, str]):
    lab, _ = decode_query(ExperimentSelection, query)
    assert lab.key in EXPERIMENTS and lab.length in ("quick", "full")
    assert lab.replay in (None, False, True) and lab.axis in ("steps", "epochs") and lab.score in ("error", "accuracy")


def test_a_replay_that_waits_and_the_axes_are_words_of_the_link():
    lab = ExperimentSelection(runs=("4f058de7",), replay=False, axis="epochs", score="accuracy")
    assert encode_query(lab) == {"runs": "4f058de7", "replay": "0", "axis": "epochs", "score": "accuracy"}
    assert encode_query(replace(lab, replay=True))["replay"] == "1"
    lab, problems = decode_query(ExperimentSelection, {"replay": "7", "axis": "hours"})
    assert lab == ExperimentSelection() and len(problems) == 2 and "“7”" in problems[0]


def test_a_start_is_part_of_the_transfer_alone():
    assert encode_query(ExperimentSelection("transfer", start="run:4f058de7"))["start"] == "run:4f058de7"
    assert "start" not in encode_query(ExperimentSelection("degradation", start="run:4f058de7"))
    lab, problems = decode_query(
        ExperimentSelection, {"experiment": "transfer", "start": "https://example.org/weights.pt"}
    )
    assert lab.start == "" and "https://example.org" in problems[0]


def test_what_is_wrong_is_named():
    lab, problems = decode_query(ExperimentSelection, {"experiment": "cold fusion", "runs": "4f058de7,../../etc"})
    assert lab == ExperimentSelection(runs=("4f058de7",))
    assert any("cold fusion" in problem for problem in problems) and any("no proper name" in p for p in problems)
