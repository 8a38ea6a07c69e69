"""A backbone taken over from another run: frozen it stays as it was to the last bit, and only what fits is used."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from explorer.datasets.dataset import Dataset, Split
from explorer.models.spec import Spec
from explorer.training.engine import Session, Step, train
from explorer.training.experiments.presets import contenders
from explorer.training.plan import Plan, parse_plan
from explorer.training.recipe import Recipe
from explorer.training.runs.store import Checkpoint, Run, Store, timestamp
from explorer.training.scheduler.service import TrainingService
from explorer.training.scheduler.worker_pool import EmbeddedCluster
from testing.waiting import until

pytestmark = pytest.mark.usefixtures("one_thread")
TINY = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4)))
RUN = "0123abcd"
NAME = "torchvision:resnet18/IMAGENET1K_V1"


def dataset(classes: int, seed: int, channels: int = 3) -> Dataset:
    chance = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (48, channels, 8, 8), dtype=torch.uint8, generator=chance)
    split = Split(images, torch.arange(48) % classes)
    return Dataset(f"noise{seed}", "Noise", "", tuple(map(str, range(classes))), split, split)


OLD, NEW = dataset(4, 1), dataset(3, 2)


def transfer_plan(start: str = "", frozen: bool = False, **recipe: Any) -> Plan:
    asked: dict[str, Any] = {"steps": 8, "batch": 16, "rate": 0.1, "evaluate_every": 3, "augment": "flip", **recipe}
    return Plan(TINY, "noise", Recipe(**asked), start, frozen)


@pytest.fixture
def source() -> Session:
    """Trained on four classes."""
    session = Session(transfer_plan(), OLD)
    list(train(session))
    return session


def heir(source: Session, frozen: bool, **recipe: Any) -> Session:
    """Of three classes."""
    session = Session(transfer_plan(f"run:{RUN}", frozen, **recipe), NEW)
    session.restore({"model": source.state()["model"]})
    return session


def copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def changed_tensors(model: nn.Module, before: dict[str, Tensor]) -> set[str]:
    return {name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])}


def features(model: nn.Module, images: Tensor) -> Tensor:
    """What reaches the last linear layer."""
    found: list[Tensor] = []
    (last,) = (module for module in model.modules() if isinstance(module, nn.Linear))
    handle = last.register_forward_hook(lambda module, inputs, output: found.append(inputs[0]))
    with torch.no_grad():
        model.eval()(images)
    handle.remove()
    return found[0]


def silent(steps: Any) -> list[Step]:
    return [replace(step, images_per_second=0) for step in steps]


def test_frozen_training_changes_the_last_layer_and_not_a_bit_else(source: Session) -> None:
    session = heir(source, frozen=True, weight_decay=0.01)  # which must not pull at frozen weights either
    before, images = copied(session.model), session.pictures.normalised(NEW.test.images)
    assert torch.equal(features(session.model, images), features(source.model, images))
    list(train(session))
    last = [name for name in before if name.startswith(session.layers[-1])]
    assert changed_tensors(session.model, before) == set(last) and len(last) == 2
    theirs = source.model.state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in before.items() if name not in last)
    assert torch.equal(features(session.model, images), features(source.model, images))


def test_fine_tuning_begins_there_and_changes_every_weight(source: Session) -> None:
    session = heir(source, frozen=False)
    before = copied(session.model)
    list(train(session))
    assert {name for name, _ in session.model.named_parameters()} <= changed_tensors(session.model, before)


def test_frozen_layers_have_no_gradient(source: Session) -> None:
    for step in train(heir(source, frozen=True)):
        assert set(step.norms[:-1]) == {0.0} and step.norms[-1] > 0


def test_a_frozen_step_is_that_of_a_linear_layer_on_the_features(source: Session) -> None:
    session = heir(source, frozen=True, augment="none", momentum=0.0, weight_decay=0.0)
    images, labels = session.next_batch()
    inputs = features(session.model, images)
    weight, bias = (tensor for name, tensor in copied(session.model).items() if name.startswith(session.layers[-1]))
    share = ((inputs @ weight.T + bias).softmax(1) - nn.functional.one_hot(labels, 3)) / len(labels)
    session.update()
    torch.testing.assert_close(session.weights[-1].detach(), weight - 0.1 * share.T @ inputs)


@pytest.mark.parametrize("frozen", [True, False])
def test_after_a_break_it_goes_on_identically(source: Session, frozen: bool) -> None:
    whole = heir(source, frozen)
    expected = silent(train(whole))
    first = heir(source, frozen)
    begun = [first.update() for _ in range(4)]
    buffer = io.BytesIO()
    torch.save(first.state(), buffer)
    second = Session(first.plan, NEW)
    second.restore(torch.load(io.BytesIO(buffer.getvalue()), weights_only=True))
    assert silent([*begun, *train(second)]) == expected
    assert not changed_tensors(second.model, copied(whole.model))


def test_without_the_weights_it_does_not_train_from_scratch_in_silence() -> None:
    with pytest.raises(ValueError, match="start it again"):
        next(train(Session(transfer_plan(f"run:{RUN}"), NEW)))


@pytest.mark.parametrize("width, channels, said", [(8, 3, "do not fit"), (4, 1, "do not fit")])
def test_weights_of_another_shape_are_refused_by_name(source: Session, width: int, channels: int, said: str) -> None:
    spec = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", width)))
    session = Session(replace(transfer_plan(f"run:{RUN}"), spec=spec), dataset(3, 3, channels))
    with pytest.raises(ValueError, match=said):
        session.restore({"model": source.state()["model"]})


def test_weights_of_another_network_are_refused(source: Session) -> None:
    deeper = Spec("model_defs", "CIFAR ResNet", (("depth", 14), ("width", 4)))
    session = Session(replace(transfer_plan(f"run:{RUN}"), spec=deeper), NEW)
    with pytest.raises(ValueError, match="of another network"):
        session.restore({"model": source.state()["model"]})


@pytest.mark.parametrize("start, frozen", [("", False), (f"run:{RUN}", True), (NAME, False)])
def test_a_plan_survives_json(start: str, frozen: bool) -> None:
    plan = transfer_plan(start, frozen)
    assert parse_plan(plan.json()) == plan
    assert ("start" in plan.json()) == bool(start)  # plans of before read the same


@pytest.mark.parametrize("start, frozen", [("run:../../x", False), ("elsewhere", False), (7, False), ("", True)])
def test_a_start_that_cannot_be_is_refused(start: Any, frozen: bool) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        transfer_plan(start, frozen)


def test_one_network_three_times() -> None:
    three = contenders(TINY, NAME)
    assert [(each.start, each.frozen) for each in three] == [(NAME, True), (NAME, False), ("", False)]
    assert {each.spec for each in three} == {TINY}


# As jobs.


@pytest.fixture(scope="module")
def noise_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder, noise = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for part in ("train", "test"):
        for label in ("one", "two", "three"):
            (folder / part / label).mkdir(parents=True)
            for number in range(6):
                picture = Image.fromarray(noise.integers(0, 256, (8, 8, 3), dtype=np.uint8))
                picture.save(folder / part / label / f"{number}.png")
    return f"folder:{folder}"


def kept(store: Store, run: str) -> dict[str, Any]:
    checkpoint = store.checkpoint(run)
    assert checkpoint
    return torch.load(io.BytesIO(checkpoint.state), weights_only=True)


def test_a_run_starts_from_another_on_a_worker_that_has_no_store(
    source: Session, noise_folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "workers"))
    store = Store(tmp_path)
    store.add([Run(RUN, timestamp(), "e", "Old", "Old", transfer_plan().json())])
    buffer = io.BytesIO()
    torch.save(source.state(), buffer)
    store.write(replace(store.run(RUN), state="done"), checkpoint=Checkpoint(8, buffer.getvalue()))
    jobs = TrainingService(store, lambda: EmbeddedCluster(1))
    try:
        plan = replace(transfer_plan(f"run:{RUN}", True), dataset=noise_folder)
        (run,) = jobs.submit("Transfer", [("frozen", plan)])
        jobs.delete([RUN])  # it is not needed any more
        until(lambda: store.run(run).state in ("done", "failed"))
        assert (store.run(run).state, store.run(run).message) == ("done", "")
        with pytest.raises(ValueError, match="There is no run"):
            jobs.submit("Transfer", [("frozen", plan)])
    finally:
        jobs.close()
    weights, last = kept(store, run)["model"], store.run(run).layers[-1]
    theirs = source.model.state_dict()
    backbone = [name for name in weights if not name.startswith(last)]
    assert len(backbone) == len(weights) - 2 and all(torch.equal(weights[name], theirs[name]) for name in backbone)
    assert weights[f"{last}.weight"].shape[0] == 3
