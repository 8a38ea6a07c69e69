"""What the panel says of an addition and of a stack of filters: computed here, and true of what is selected."""

import re
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from explorer.ui.explore.details import power_of_ten

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


def test_a_stage_of_vgg_says_what_small_filters_save(open_page: OpenPage) -> None:
    words = said(open_page("explore", model="VGG", at="stages.4"))
    assert "3 filters of 3×3 in a row see 7×7 pixels" in words
    assert "1.81 times as many" in words  # Simonyan & Zisserman 2014, section 2.3: 81 % more


def test_a_small_power_is_spelled_out_as_a_float_says_it() -> None:
    for base, exponent in ((0.9, 100), (0.5, 60), (0.85, 990)):
        figure, power = re.fullmatch(r"([\d.]+) · 10(.+)", power_of_ten(base, exponent)).groups()  # pyright: ignore
        plain = power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
        assert float(f"{figure}e{plain}") == float(f"{base**exponent:.1e}")
    assert power_of_ten(1.0, 1000) == "1" and power_of_ten(0.1, 1000) == "1 · 10⁻¹⁰⁰⁰"
