"""Weights that torchvision publishes: fetched only when asked, and only files that are right are used."""

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

import pytest
import torch
import torchvision.models

from explorer.models.spec import Spec
from explorer.training.engine import Session
from explorer.training.plan import Plan
from explorer.training.runs import pretrained_weights
from explorer.training.runs.pretrained_weights import Published, fetch_weights, read_weights, starting_state
from explorer.training.runs.store import Store
from tests.training.test_transfer import NAME, dataset, transfer_plan

pytestmark = pytest.mark.usefixtures("one_thread")


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
    session = Session(Plan(spec, "noise", transfer_plan().recipe, NAME, True), dataset(3, 4))
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
