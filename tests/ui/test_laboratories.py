"""The laboratories of the page Inside, in AppTest and in a real Chromium."""

import time
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from explorer.activations.gradient_flow import flow_spec
from explorer.models.spec import Spec
from explorer.tracing.tracer import graph_of
from explorer.training.plan import Plan
from explorer.training.recipe import PRESETS
from explorer.training.runs.pretrained_weights import ships
from explorer.training.runs.recorded_runs import collection
from explorer.training.runs.store import Run, timestamp
from explorer.ui.inside import ablation, networks
from explorer.ui.inside.networks import run_of_family, twin_of
from explorer.ui.inside.page_state import InsideState, decode_inside
from explorer.url_params import encode_query
from testing.browser import settle
from testing.waiting import until
from tests.conftest import OpenPage, Visit


def said(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(each.value for each in (*app.markdown, *app.caption, *app.warning, *app.info))


def shown(app: AppTest, words: str) -> AppTest:
    """Once the page says so: the networks are opened, and measured, elsewhere."""

    def there() -> bool:
        return words in said(app.run())

    until(there, lambda: time.sleep(0.3))  # each look is a run of the page, and takes from what is measured
    return app


def run_id(title: str) -> str:
    """Of the quick one."""
    return next(run.id for run in collection().of("degradation", "quick") if ships(run) and run.title == title)


def recorded_error(title: str, unit: str) -> str:
    """Of the quick network without the unit; of the whole where there is none of that name."""
    (found,) = (each for each in ablation.recorded_ablations()[run_id(title)]["one"] if each.get("unit") == unit)
    return f"{found['wrong'] / found['count']:.1%} wrong"


def test_links_hold_the_laboratories() -> None:
    gradients = InsideState(
        lab="gradients", depth=110, form="preactivation", norms=False, state="trained", of="weights", block="stage2.3"
    )
    ablation = InsideState(run_id("ResNet-20"), lab="ablation", cut="random", out=("stage1.1", "stage3.0"))
    for view in (gradients, ablation):
        assert decode_inside(encode_query(view)) == (view, ())
    assert decode_inside({"lab": "ablation", "out": "b,a,,b"})[0].out == ("a", "b")


@pytest.mark.parametrize(("word", "usual"), [("depth", "57"), ("lab", "moon"), ("norms", "perhaps"), ("cut", "all")])
def test_a_word_of_no_meaning_is_named(word: str, usual: str) -> None:
    view, problems = decode_inside({word: usual})
    assert view == InsideState() and f"“{usual}” is none of" in problems[0]


def test_the_gradients_of_eight_layers_come_with_what_was_said_and_measured(open_page: OpenPage) -> None:
    app = shown(open_page("inside", lab="gradients", depth="8", form="preactivation"), "norms take the statistics")
    words = said(app)
    for part in (
        "The lesson:",
        "He et al. 2015, Sec. 4.1:",
        "Measured here:",
        "**Plain:",
        "**Residual:",
        "of 3 blocks",
    ):
        assert part in words
    assert "Projected form" in words and "Block stage2.0" in words
    app.session_state["inside"] = replace(app.session_state["inside"], block="stage1.0")
    assert "Identity form" in said(app.run())


def test_where_no_trained_twins_are_the_initialised_ones_are_shown_and_it_is_said(open_page: OpenPage) -> None:
    app = shown(open_page("inside", lab="gradients", depth="8", state="trained"), "No trained twins of 8 layers")
    assert not app.exception


def test_trained_twins_are_opened(open_page: OpenPage) -> None:
    app = shown(open_page("inside", lab="gradients", depth="20", state="trained"), "norms take the statistics")
    assert "seed 0" not in said(app)  # which is said of what was initialised


def test_beside_trained_pre_activation_stands_the_plain_network_which_has_no_form() -> None:
    original, pre_activation = (graph_of(flow_spec(56, False, form)) for form in (False, True))
    assert [node.op for node in original.nodes] == [node.op for node in pre_activation.nodes]
    assert run_of_family({"depth": 56, "pre_activation": True, "shortcut": "none"}) == run_id("plain-56")
    pre = run_of_family({"depth": 56, "pre_activation": True, "shortcut": "identity"})
    assert collection()[pre].run.title == "Pre-act ResNet-56" and twin_of(pre) == run_id("plain-56")


@pytest.mark.parametrize(
    ("cut", "words"), [("one", "plain-20: {}"), ("random", "ten points are lost"), ("order", "as trained")]
)
def test_without_the_pictures_what_was_recorded_is_shown(open_page: OpenPage, cut: str, words: str) -> None:
    words = words.format(recorded_error("plain-20", ""))
    app = shown(open_page("inside", lab="ablation", network=run_id("ResNet-20"), cut=cut), words)
    assert "Recorded beforehand" in said(app)
    if cut == "one":
        assert "Cannot be taken out" not in said(app)
        app = open_page("inside", lab="ablation", network=run_id("plain-20"), out="stage1.0,stage2.0")
        told = said(shown(app, "Cannot be taken out: stage2.0"))
        assert "which cannot be taken out of this network" in told and (
            f"without stage1.0: {recorded_error('plain-20', 'stage1.0')}" in told
        )


def test_seeds_are_told_from_other_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = replace(PRESETS["quick"], steps=2)
    plans = [
        Plan(Spec("model_defs", "CIFAR ResNet"), "shapes10", replace(recipe, **change)).json()
        for change in ({}, {"seed": 1}, {"seed": 2}, {"seed": 3, "rate": 0.2})
    ]
    own = [Run(f"0000000{place}", timestamp(), "e", "", "net", plan, "done") for place, plan in enumerate(plans)]
    monkeypatch.setattr(ablation, "runs_with_weights", lambda: own)
    monkeypatch.setattr(ablation, "dataset_of", lambda key: "shapes10")
    assert ablation.other_seeds("00000000") == ["00000001", "00000002"]
    assert ablation.other_seeds("00000003") == ablation.other_seeds("nobody") == []


def test_a_twin_has_learnt_the_same_data_and_if_possible_in_the_same_experiment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    specs = [Spec("model_defs", "CIFAR ResNet", (("depth", 56), ("shortcut", each))) for each in ("identity", "none")]
    told = [("a", "shapes10"), ("b", "shapes10"), ("a", "shapes10"), ("a", "cifar10")]
    own = [
        Run(f"0000000{place}", timestamp(), experiment, "", "net", Plan(spec, data, PRESETS["quick"]).json(), "done")
        for place, ((experiment, data), spec) in enumerate(zip(told, (specs[0], *specs[1:] * 3), strict=True))
    ]
    for among, twin in ((own, own[2].id), (own[:2], own[1].id), ([own[0], own[3]], "")):
        monkeypatch.setattr(networks, "runs_with_weights", lambda among=among: among)
        assert twin_of(own[0].id) == twin


@pytest.mark.tour
def test_a_laboratory_is_chosen_a_block_clicked_and_the_link_says_so(visit: Visit) -> None:
    page = visit(f"inside?lab=ablation&network={run_id('ResNet-56')}")
    expect(page.get_by_text("Recorded beforehand")).to_be_visible()
    bars = page.locator(".st-key-ablation-sweep, [class*='ablation-sweep'] .plotly-chart, .plotly-chart").first
    bar = bars.locator(".barlayer .point path").first
    expect(bar).to_be_attached()
    box = bar.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(lambda url: "out=stage1.0" in url)
    expect(page.get_by_text(f"ResNet-56 without stage1.0: {recorded_error('ResNet-56', 'stage1.0')}")).to_be_visible()
    page.get_by_text("The “+1”, measured").click()
    expect(page.get_by_text("norms take the statistics of this batch")).to_be_visible()
    page.wait_for_url(lambda url: "lab=gradients" in url)
    settle(page)
    point = page.locator(".scatterlayer .point").first
    expect(point).to_be_attached()
    expect(page.get_by_text("Masked form.")).to_be_visible()
    page.get_by_role("button", name="Light up the two ways").click()
    page.wait_for_url(lambda url: "%2Fadd" in url and "CIFAR" in url)
    page.wait_for_selector("svg.diagram")
    expect(page.locator("svg.diagram .selected[data-id='stage2.4/add']")).to_be_attached()
    expect(page.locator(".st-key-details")).to_contain_text("+ 1")
