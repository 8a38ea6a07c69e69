"""A recipe or plan is right or is refused with a sentence, and its learning rates are those of PyTorch's schedulers."""

import json
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler

from explorer.models.spec import Spec
from explorer.training.optimizer import rate_at
from explorer.training.plan import Plan, parse_plan
from explorer.training.recipe import HE, PRESETS, Recipe, read_recipe

SPEC = Spec("model_defs", "Exercise nets", (("blocks", (1, 1, 2)), ("residual", True), ("width", 16)))
PLAN = Plan(SPEC, "shapes10", Recipe(epochs=3, schedule="steps", milestones=(1, 2)))


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_plan_comes_back_from_json_as_it_was(preset: Recipe) -> None:
    plan = replace(PLAN, recipe=preset)
    assert parse_plan(plan.json()) == plan
    assert hash(parse_plan(plan.json())) == hash(plan)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("rate", -1, "from 1e-08 to 100"),
        ("rate", float("nan"), "nan"),
        ("rate", "0.1", "a number"),
        ("rate", None, "None"),
        ("batch", 1, "from 2 to"),
        ("batch", True, "True"),
        ("batch", 12.5, "whole number"),
        ("seed", 2**31, "2147483648"),
        ("size", 3, "from 4 to 1,024"),
        ("optimiser", "rmsprop", "sgd, adam"),
        ("optimiser", ["sgd"], "sgd, adam"),
        ("schedule", 7, "constant, steps, cosine, onecycle"),
        ("augment", "mixup", "none, flip, crop+flip"),
        ("precision", "int4", "fp32, bf16"),
        ("milestones", [3, 2], "that rise"),
        ("milestones", [1.5], "whole numbers"),
        ("milestones", [200], "the run's length, 100"),
        ("milestones", "12", "whole numbers"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name: str, value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"^“{name}” cannot be “") as caught:
        read_recipe({"steps": 100, name: value})
    assert said in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_recipe_lasts_steps_or_epochs_but_not_both() -> None:
    with pytest.raises(ValueError, match="either in steps or in epochs"):
        Recipe()
    with pytest.raises(ValueError, match="either in steps or in epochs"):
        Recipe(steps=1, epochs=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "a spec, a dataset and a recipe"),
        (json.dumps({"spec": {}, "dataset": "x"}), "a spec, a dataset and a recipe"),
        (json.dumps(json.loads(PLAN.json()) | {"dataset": 3}), "“dataset” cannot be “3”"),
        (json.dumps(json.loads(PLAN.json()) | {"spec": None}), "a source, a name and options"),
        (PLAN.json().replace('"model_defs"', "12"), "“source” cannot be “12”"),
        (PLAN.json().replace('["residual", true]', '["residual"]'), "pairs of a name and a value"),
        (PLAN.json().replace('["residual", true]', '["residual", {}]'), "“residual” cannot be “{}”"),
        (PLAN.json().replace('"momentum"', '"momentom"'), "A recipe has no “momentom”"),
    ],
)
def test_a_plan_from_elsewhere_is_checked(text: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_plan(text)
    assert said in str(caught.value)


def test_an_epoch_is_every_picture_once() -> None:
    assert Recipe(epochs=2, batch=128).length(50_000) == 781  # 781.25 batches: He et al. count 391 to an epoch
    assert Recipe(epochs=2, batch=128).length(50) == 2  # fewer pictures than a batch has
    assert HE.length(50_000) == 64_000


def theirs(name: str, recipe: Recipe, pictures: int) -> Any:
    total = recipe.length(pictures)
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], recipe.rate)
    turns = [round(each * recipe.unit(pictures)) for each in recipe.milestones]
    schedulers = {
        "constant": lambda: lr_scheduler.ConstantLR(optimiser, 1),
        "steps": lambda: lr_scheduler.MultiStepLR(optimiser, turns),
        "cosine": lambda: lr_scheduler.CosineAnnealingLR(optimiser, total),
        "onecycle": lambda: lr_scheduler.OneCycleLR(optimiser, recipe.rate, total, cycle_momentum=False),
    }
    scheduler = schedulers[name]()
    for _ in range(total):
        yield optimiser.param_groups[0]["lr"]
        optimiser.step()
        scheduler.step()


@pytest.mark.parametrize("length", [{"steps": 50}, {"steps": 7}, {"epochs": 6, "batch": 30}])
@pytest.mark.parametrize("name", ["constant", "steps", "cosine", "onecycle"])
def test_rates_are_those_of_pytorch(name: Any, length: dict[str, int]) -> None:
    asked: dict[str, Any] = {"milestones": (2, 5) if name == "steps" else (), **length}
    recipe = Recipe(rate=0.3, schedule=name, **asked)
    ours = [rate_at(recipe, step, 200) for step in range(recipe.length(200))]
    assert ours == pytest.approx(list(theirs(name, recipe, 200)))


def test_a_ramp_is_pytorchs_linear_warm_up() -> None:
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.2)
    scheduler = lr_scheduler.LinearLR(optimiser, start_factor=1 / 5, total_iters=4)
    recipe = Recipe(rate=0.2, ramp=4, steps=9)
    for step in range(9):
        assert rate_at(recipe, step, 100) == pytest.approx(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()


def test_he_et_al_divide_their_rate_at_32k_and_48k() -> None:
    rates = {step: rate_at(HE, step, 50_000) for step in (0, 31_999, 32_000, 47_999, 48_000, 63_999)}
    assert list(rates.values()) == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])
