"""Inside: torchvision's published weights by a button, from a small server of this test; nothing unasked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torchvision.models as models
from streamlit.testing.v1 import AppTest
from torchvision.models import MobileNet_V2_Weights, SqueezeNet1_1_Weights

from explorer.activations.networks import published_intake
from explorer.datasets import download
from explorer.formatting import WORD_JOINER
from explorer.models.spec import build
from explorer.training.runs.pretrained_weights import published_weights
from explorer.ui.fetch_button import EVERY, megabytes
from explorer.ui.inside.networks import opened_published, published_spec
from testing.file_server import FileServer, file_server, publish, weights_file
from testing.waiting import PATIENCE, until
from tests.conftest import OpenPage
from tests.ui.test_inside import opened, said

SQUEEZENET = "torchvision:squeezenet1_1/IMAGENET1K_V1"
V1, V2 = "torchvision:mobilenet_v2/IMAGENET1K_V1", "torchvision:mobilenet_v2/IMAGENET1K_V2"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """torchvision states a small network's weights to lie here; torch's own folder is empty."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(download, "PIECE", 1 << 16)
    published_weights.cache_clear()
    with file_server() as running:
        content = weights_file(models.squeezenet1_1(weights=None))
        publish(monkeypatch, SqueezeNet1_1_Weights.IMAGENET1K_V1, content, running)
        yield running
    monkeypatch.undo()
    published_weights.cache_clear()


def bring_by_hand(start: str, content: bytes) -> None:
    path = published_weights()[start].file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def choosing(app: AppTest, start: str = SQUEEZENET) -> AppTest:
    """As a visitor who has chosen what to fetch, and not yet pressed."""
    opened(app)
    box = next(each for each in app.selectbox if each.label == "torchvision’s weights")
    box.select_index(list(box.options).index(next(each for each in box.options if each.startswith("squeezenet1_1"))))
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    next(each for each in app.button if each.label.startswith(label)).click()
    return app.run()


def labels(app: AppTest) -> list[str]:
    assert not app.exception
    return [each.label for each in app.button]


def progress(app: AppTest) -> str:
    bars: list[Any] = list(app.get("progress"))
    return " ".join(each.proto.text for each in bars)


def plain(app: AppTest) -> str:
    """What is said, without what keeps Markdown from reading it."""
    return said(app).replace("\\", "").replace(WORD_JOINER, "")


def appeared(app: AppTest, words: str) -> None:
    until(lambda: words in plain(app.run()))


def test_the_button_says_what_it_fetches_and_nothing_is_fetched_before(open_page: OpenPage, server: FileServer) -> None:
    app = choosing(open_page("inside"))
    weights = published_weights()[SQUEEZENET]
    for words in ("58.2 %", megabytes(weights.size), "127.0.0.1", "Licence: torchvision names none"):
        assert words in said(app)
    assert f"Lands in {weights.file.path.parent}" in plain(app)
    assert f"Get squeezenet1_1, V1 ({megabytes(weights.size)})" in labels(app)
    assert not server.asked and not weights.file.path.parent.exists()


def test_one_download_for_all_is_stopped_goes_on_and_opens_the_network(open_page: OpenPage, server: FileServer) -> None:
    server.hold = len(server.files[published_weights()[SQUEEZENET].file.path.name]) // 2
    one, other = choosing(open_page("inside")), choosing(open_page("inside"))
    press(one, "Get squeezenet1_1")
    for visitor in (one, other):
        until(lambda visitor=visitor: f"2 of {megabytes(5e6)}" in progress(visitor.run()))
        assert "Stop" in labels(visitor)
    press(other, "Stop")
    for visitor in (one, other):
        assert any(label.startswith("Get the rest of squeezenet1_1") for label in labels(visitor.run()))
    server.go.set()
    press(one, "Get the rest")
    appeared(opened(one), "squeezenet1_1, V1")
    assert "one of its 1000 classes" in said(one) and one.session_state["inside"].network == SQUEEZENET
    assert server.asked[0] == "" and server.asked[1].startswith("bytes=") and len(server.asked) == 2
    assert "squeezenet1_1, V1" in next(each for each in one.selectbox if each.label == "Network").options


def test_other_bytes_are_said_and_thrown_away(open_page: OpenPage, server: FileServer) -> None:
    file = published_weights()[SQUEEZENET].file
    server.files[file.path.name] = b"<html>Please log in</html>"
    app = press(choosing(open_page("inside")), "Get squeezenet1_1")
    appeared(app, "sent other bytes than were published")
    assert not list(file.path.parent.iterdir())


def test_offline_one_is_told_how_to_bring_the_file_by_hand(
    open_page: OpenPage, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        SqueezeNet1_1_Weights.IMAGENET1K_V1.value, "url", "http://127.0.0.1:9/squeezenet1_1-00000000.pth"
    )
    published_weights.cache_clear()
    app = press(choosing(open_page("inside")), "Get squeezenet1_1")
    appeared(app, "Connection refused")
    assert "http://127.0.0.1:9/squeezenet1_1-00000000.pth" in plain(app)
    assert f"put it into {published_weights()[SQUEEZENET].file.path.parent}" in plain(app)


def test_where_nobody_answers_one_is_told_before_the_system_gives_up(
    open_page: OpenPage, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unheard(*arguments: Any, **settings: Any) -> None:
        server.go.wait(PATIENCE)
        raise TimeoutError

    assert download.LATE + 2 * EVERY <= 3  # seconds
    monkeypatch.setattr(download, "LATE", 0.05)
    monkeypatch.setattr(download, "urlopen", unheard)
    app = press(choosing(open_page("inside")), "Get squeezenet1_1")
    appeared(app, "No answer so far: there may be no network. You can also fetch")
    press(app, "Stop")
    assert "No answer" not in said(app) and any(label.startswith("Get squeezenet1_1") for label in labels(app))


def test_two_recipes_of_one_network_stand_beside_each_other(
    open_page: OpenPage, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for weights in MobileNet_V2_Weights:
        publish(monkeypatch, weights, weights_file(models.mobilenet_v2(weights=None)), server)
    published_weights.cache_clear()
    contents = {start: server.files[published_weights()[start].file.path.name] for start in (V1, V2)}
    bring_by_hand(V1, contents[V1])
    app = opened(open_page("inside", network=V1, at="features.0", beside="recipe"))
    assert "Only one of this network’s weights" in said(app)
    bring_by_hand(V2, contents[V2])
    opened(app)
    appeared(app, "mobilenet_v2, V2, ")
    assert app.session_state["inside"].network == V1 and not app.warning
    sides = [opened_published(start, "trained").intake.resize for start in (V1, V2)]
    assert sides == [256, 232]  # each with the transforms of its own


@pytest.mark.parametrize(("version", "side"), [("IMAGENET1K_SWAG_E2E_V1", 384), ("IMAGENET1K_V1", 224)])
def test_a_transformer_is_built_for_the_pictures_that_its_weights_want(version: str, side: int) -> None:
    start = f"torchvision:vit_b_16/{version}"
    model: Any = build(published_spec(start, published_intake(start)), "meta")
    assert model.encoder.pos_embedding.shape[1] == (side // 16) ** 2 + 1
