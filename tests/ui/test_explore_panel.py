"""What the panel says of an addition and of a stack of filters: computed here, and true of what is selected."""

import re
from collections.abc import Callable

from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from explorer.ui.explore.details import power_of_ten
from tests.conftest import Visit

OpenPage = Callable[..., AppTest]
BLOCK = {"model": "ResNet", "preset": "ResNet-18", "open": "stage1,stage1.0,stage2,stage2.0"}


def said(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(each.value for each in (*app.markdown, *app.caption))


def test_an_addition_says_what_comes_back_through_it_and_over_how_many_blocks(open_page: OpenPage) -> None:
    app = open_page("explore", **BLOCK, at="stage1.0/add")
    words = said(app)
    assert r"\frac{\partial F}{\partial x} + 1" in words and "Identity Mappings" in words
    assert "0.9¹⁰⁰ = 2.7 · 10⁻⁵" in words and "1¹⁰⁰ = 1" in words
    assert "A ReLU after each addition" in words
    app.slider(key="chain/blocks").set_value(1000).run()
    assert "0.9¹⁰⁰⁰ = 1.7 · 10⁻⁴⁶" in said(app)


def test_on_a_laptop_its_power_of_ten_stays_on_one_line(visit: Visit) -> None:
    page = visit("?model=ResNet&preset=ResNet-34&open=stage1,stage1.0&at=stage1.0/add", 1280, 800)
    powers = page.locator(".st-key-details .facts .whole")
    expect(powers.first).to_have_text("0.9¹⁰⁰ = 2.7 · 10⁻⁵")
    for power in powers.all():
        lines = "(cell) => cell.getBoundingClientRect().height / parseFloat(getComputedStyle(cell).lineHeight)"
        assert power.evaluate(lines) < 2
    screens = page.locator(".st-key-details").evaluate("(panel) => panel.scrollHeight / panel.clientHeight")
    assert screens < 2.6


def test_on_a_projection_the_one_is_a_matrix(open_page: OpenPage) -> None:
    assert r"\frac{\partial F}{\partial x} + W" in said(open_page("explore", **BLOCK, at="stage2.0/add"))


def test_pre_activation_has_no_relu_behind_its_addition(open_page: OpenPage) -> None:
    app = open_page("explore", model="Pre-activation ResNet", open="stages,stages.0,stages.0.1", at="stages.0.1/add")
    words = said(app)
    assert "+ 1" in words and "A ReLU after each addition" not in words


def test_a_multiplication_says_nothing_of_a_shortcut(open_page: OpenPage) -> None:
    app = open_page("explore", model="SE-ResNet", open="stage1,stage1.0,stage1.0.se", at="stage1.0.se/mul")
    words = said(app)
    assert "#### mul" in words and "partial" not in words


def test_the_panel_tells_apart_what_filters_reach_and_what_brings_in_the_rest_of_the_image(open_page: OpenPage) -> None:
    app = open_page("explore", model="efficientnet_b0", source="torchvision", at="features.1")
    assert "7 px through filters, all through global pooling" in said(app)


def test_a_stage_of_vgg_says_what_small_filters_save(open_page: OpenPage) -> None:
    words = said(open_page("explore", model="VGG", at="stages.4"))
    assert "3 filters of 3×3 in a row see 7×7 pixels" in words
    assert "1.81 times as many" in words  # Simonyan & Zisserman 2014, section 2.3: 81 % more


def test_a_changed_network_has_its_own_name_and_figures_and_the_preset_s_are_called_that(open_page: OpenPage) -> None:
    words = said(open_page("explore", model="ResNet", preset="ResNet-34", shortcut="none"))
    own, _, preset = words.partition("Published for ResNet-34, from which this was changed")
    assert "#### plain-34" in words and "#### ResNet-34" not in words
    assert "The idea of ResNet: Learn a correction" in words
    assert "71.46 %" in own and "73.31 %" not in own and "21,797,672" not in own
    assert "73.31 %" in preset and "21,797,672" in preset


def test_a_network_turned_into_another_preset_is_that_preset(open_page: OpenPage) -> None:
    words = said(open_page("explore", model="CIFAR ResNet", preset="ResNet-20", depth="1202"))
    assert "### ResNet-1202" in words and "#### ResNet-1202" in words and "ResNet-20, changed" not in words
    assert "19,421,274" in words and "7.93 %" in words and "269,722" not in words
    assert "from which this was changed" not in words


def test_a_small_power_is_spelled_out_as_a_float_says_it() -> None:
    for base, exponent in ((0.9, 100), (0.5, 60), (0.85, 990)):
        figure, power = re.fullmatch(r"([\d.]+) · 10(.+)", power_of_ten(base, exponent)).groups()  # pyright: ignore
        plain = power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
        assert float(f"{figure}e{plain}") == float(f"{base**exponent:.1e}")
    assert power_of_ten(1.0, 1000) == "1" and power_of_ten(0.1, 1000) == "1 · 10⁻¹⁰⁰⁰"


def test_a_layer_without_a_name_is_called_by_where_it_hangs(open_page: OpenPage) -> None:
    for at in ("stages.0.2", "stages.3.0"):
        assert f"### {at}" in said(open_page("explore", model="VGG", preset="VGG-16", open="stages.0,stages.3", at=at))


def test_thousands_of_operations_have_their_comma(open_page: OpenPage) -> None:
    assert "All 4,809 operations in the order they run." in said(
        open_page("explore", model="CIFAR ResNet", preset="ResNet-1202")
    )
