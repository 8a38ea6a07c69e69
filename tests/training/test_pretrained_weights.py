"""A backbone that is taken over: frozen it stays as it was to the last bit, and only files that are right are used."""

import hashlib
import io
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision.models
from PIL import Image
from torch import Tensor, nn

from explorer.datasets.dataset import Dataset, Split
from explorer.models.spec import Spec
from explorer.training.engine import Session, Step, train
from explorer.training.experiments.presets import contenders
from explorer.training.plan import Plan, parse_plan
from explorer.training.recipe import Recipe
from explorer.training.runs import pretrained_weights
from explorer.training.runs.pretrained_weights import Published, fetch_weights, read_weights, starting_state
from explorer.training.runs.store import Checkpoint, Run, Store, timestamp
from explorer.training.scheduler.service import TrainingService
from explorer.training.scheduler.worker_pool import EmbeddedCluster
from testing.waiting import until

pytestmark = [pytest.mark.xdist_group("jobs"), pytest.mark.usefixtures("one_thread")]  # they share workers
TINY = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4)))
RUN = "0123abcd"
NAME = "torchvision:resnet18/IMAGENET1K_V1"


def dataset(classes: int, seed: int, channels: int = 3) -> Dataset:
    chance = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (48, channels, 8, 8), dtype=torch.uint8, generator=chance)
    split = Split(images, torch.arange(48) % classes)
    return Dataset(f"noise{seed}", "Noise", "", tuple(map(str, range(classes))), split, split)


OLD, NEW = dataset(4, 1), dataset(3, 2)


def planned(start: str = "", frozen: bool = False, **recipe: Any) -> Plan:
    asked: dict[str, Any] = {"steps": 8, "batch": 16, "rate": 0.1, "evaluate_every": 3, "augment": "flip", **recipe}
    return Plan(TINY, "noise", Recipe(**asked), start, frozen)


@pytest.fixture
def source() -> Session:
    """Trained on four classes."""
    session = Session(planned(), OLD)
    list(train(session))
    return session


def heir(source: Session, frozen: bool, **recipe: Any) -> Session:
    """Of three classes."""
    session = Session(planned(f"run:{RUN}", frozen, **recipe), NEW)
    session.restore({"model": source.state()["model"]})
    return session


def copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def changed(model: nn.Module, before: dict[str, Tensor]) -> set[str]:
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
    assert changed(session.model, before) == set(last) and len(last) == 2
    theirs = source.model.state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in before.items() if name not in last)
    assert torch.equal(features(session.model, images), features(source.model, images))


def test_fine_tuning_begins_there_and_changes_every_weight(source: Session) -> None:
    session = heir(source, frozen=False)
    before = copied(session.model)
    list(train(session))
    assert {name for name, _ in session.model.named_parameters()} <= changed(session.model, before)


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
    assert not changed(second.model, copied(whole.model))


def test_without_the_weights_it_does_not_train_from_scratch_in_silence() -> None:
    with pytest.raises(ValueError, match="start it again"):
        next(train(Session(planned(f"run:{RUN}"), NEW)))


@pytest.mark.parametrize("width, channels, said", [(8, 3, "do not fit"), (4, 1, "do not fit")])
def test_weights_of_another_shape_are_refused_by_name(source: Session, width: int, channels: int, said: str) -> None:
    spec = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", width)))
    session = Session(replace(planned(f"run:{RUN}"), spec=spec), dataset(3, 3, channels))
    with pytest.raises(ValueError, match=said):
        session.restore({"model": source.state()["model"]})


def test_weights_of_another_network_are_refused(source: Session) -> None:
    deeper = Spec("model_defs", "CIFAR ResNet", (("depth", 14), ("width", 4)))
    session = Session(replace(planned(f"run:{RUN}"), spec=deeper), NEW)
    with pytest.raises(ValueError, match="of another network"):
        session.restore({"model": source.state()["model"]})


@pytest.mark.parametrize("start, frozen", [("", False), (f"run:{RUN}", True), (NAME, False)])
def test_a_plan_survives_json(start: str, frozen: bool) -> None:
    plan = planned(start, frozen)
    assert parse_plan(plan.json()) == plan
    assert ("start" in plan.json()) == bool(start)  # plans of before read the same


@pytest.mark.parametrize("start, frozen", [("run:../../x", False), ("elsewhere", False), (7, False), ("", True)])
def test_a_start_that_cannot_be_is_refused(start: Any, frozen: bool) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        planned(start, frozen)


def test_one_network_three_times() -> None:
    three = contenders(TINY, NAME)
    assert [(each.start, each.frozen) for each in three] == [(NAME, True), (NAME, False), ("", False)]
    assert {each.spec for each in three} == {TINY}


# What torchvision publishes.


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    """A ResNet-18 of chance weights, named and served as torchvision does it, and nothing on disk."""
    model = torchvision.models.resnet18(weights=None)
    # The files of old have no counts of batches.
    weights = {name: tensor for name, tensor in model.state_dict().items() if "num_batches" not in name}
    draft, served = tmp_path / "draft", tmp_path / "served"
    served.mkdir()
    torch.save(weights, draft)
    digest = hashlib.sha256(draft.read_bytes()).hexdigest()
    file = draft.rename(served / f"resnet18-{digest[:8]}.pth")
    handler = partial(Quiet, directory=str(served))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = Published("resnet18", f"http://127.0.0.1:{server.server_port}/{file.name}", file.stat().st_size)
        monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
        monkeypatch.setattr(pretrained_weights, "published_weights", lambda: {NAME: found})
        yield found
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_weights_are_fetched_only_when_asked_and_then_begin_a_session(published: Published, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{published.file.path.name} is not on this computer"):
        read_weights(NAME)
    assert not pretrained_weights.on_disk()
    heard: list[tuple[int, int]] = []
    fetch_weights(NAME, lambda done, size: heard.append((done, size)))
    assert heard[-1] == (published.size, published.size) and pretrained_weights.on_disk() == (NAME,)
    spec = Spec("torchvision", "resnet18")
    session = Session(Plan(spec, "noise", planned().recipe, NAME, True), dataset(3, 4))
    state = torch.load(io.BytesIO(starting_state(NAME, Store(tmp_path / "store"))), weights_only=True)
    session.restore(state)
    assert torch.equal(session.model.state_dict()["layer4.1.conv2.weight"], read_weights(NAME)["layer4.1.conv2.weight"])


@pytest.mark.parametrize("spoil", [lambda content: content[:-1], lambda content: content[:-1] + b"?", lambda _: b""])
def test_a_file_with_another_hash_is_refused_by_name(published: Published, spoil: Any) -> None:
    fetch_weights(NAME)
    published.file.path.write_bytes(spoil(published.file.path.read_bytes()))
    with pytest.raises(ValueError, match=f"{published.file.path.name} is damaged"):
        read_weights(NAME)


def test_other_bytes_from_the_network_leave_no_file(published: Published, tmp_path: Path) -> None:
    (tmp_path / "served" / published.file.path.name).write_bytes(b"something else")
    with pytest.raises(ValueError, match="sent other bytes than were published"):
        fetch_weights(NAME)
    assert not list(published.file.path.parent.iterdir())


def test_a_file_that_would_run_code_is_refused(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BytesIO()
    torch.save({"conv1.weight": threading.Thread}, content)  # pickled by its name, so it would be imported
    digest = hashlib.sha256(content.getvalue()).hexdigest()
    wrong = replace(published, address=f"http://127.0.0.1/resnet18-{digest[:8]}.pth")
    wrong.file.path.parent.mkdir(parents=True)
    wrong.file.path.write_bytes(content.getvalue())
    monkeypatch.setattr(pretrained_weights, "published_weights", lambda: {NAME: wrong})
    with pytest.raises(ValueError, match="cannot be read safely"):
        read_weights(NAME)


def test_torchvision_states_a_hash_and_a_size_for_all_that_is_offered() -> None:
    offered = pretrained_weights.published_weights()
    assert offered[NAME].file.digest == "f37072fd" and round(offered[NAME].size / 1e6) == 47
    assert all(re.fullmatch("[0-9a-f]{8,64}", each.file.digest) and each.size > 1e6 for each in offered.values())
    assert all(50 < each.accuracy < 100 for each in offered.values()) and len(offered) > 100
    assert {each.network[:6] for each in offered.values() if each.license} == {"regnet", "vit_b_", "vit_l_", "vit_h_"}
    assert "torchvision:vgg16/IMAGENET1K_FEATURES" not in offered  # which has no classes


# As jobs.


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> str:
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
    source: Session, pictures: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "workers"))
    store = Store(tmp_path)
    store.add([Run(RUN, timestamp(), "e", "Old", "Old", planned().json())])
    buffer = io.BytesIO()
    torch.save(source.state(), buffer)
    store.write(replace(store.run(RUN), state="done"), checkpoint=Checkpoint(8, buffer.getvalue()))
    jobs = TrainingService(store, lambda: EmbeddedCluster(1))
    try:
        plan = replace(planned(f"run:{RUN}", True), dataset=pictures)
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
