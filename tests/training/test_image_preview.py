"""Pictures on the page: the very bytes of the dataset, and augmentation as training does it."""

import io
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest
from torch import Tensor

from explorer.datasets.dataset import Dataset
from explorer.datasets.shapes10 import draw_shapes10
from explorer.models.spec import Spec
from explorer.training.dataloader import EpochOrder
from explorer.training.engine import Session
from explorer.training.image_preview import address, augmented, examples, image_strip, pick_image, sized, tile
from explorer.training.plan import Plan
from explorer.training.recipe import Recipe
from explorer.training.results.prediction_charts import balance_chart

RECIPE = Recipe(batch=10, steps=100, size=16, augment="crop+flip", seed=3)
NETWORK = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4)))


@pytest.fixture(scope="module")
def shapes() -> Dataset:
    return draw_shapes10(200, 100)


class Again(EpochOrder):
    """The same picture in every place of every batch."""

    def __init__(self, number: int, batch: int) -> None:
        self.number, self.batch = number, batch

    def at(self, step: int) -> Tensor:
        return torch.full((self.batch,), self.number)


def decoded(link: str) -> np.ndarray:
    head, _, text = link.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(b64decode(text))))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_strip_shows_the_very_pixels(channels: int) -> None:
    images = torch.randint(0, 256, (3, channels, 32, 32), dtype=torch.uint8, generator=torch.Generator())
    shown = decoded(address(image_strip(images, places=4)))
    assert shown.shape == (32, 4 * 34 - 2, 4)
    for place, image in enumerate(images):
        assert (shown[:, place * 34 : place * 34 + 32, :3] == image.permute(1, 2, 0).numpy()).all()
    assert (shown[:, 32:34, 3] == 0).all() and (shown[:, 3 * 34 :, 3] == 0).all()


def test_large_pictures_are_sent_smaller_and_keep_their_form() -> None:
    assert tile(torch.zeros(3, 300, 600, dtype=torch.uint8)).size == (96, 48)


def test_pages_of_examples_go_through_the_class_and_round_again(shapes: Dataset) -> None:
    own = shapes.train.images[shapes.train.labels == 4]
    pages = torch.cat([examples(shapes.train, 4, 10, page) for page in range(2)])
    assert len(own) == 20 and torch.equal(pages, own)
    assert torch.equal(examples(shapes.train, 4, 15, 1), torch.cat((own[15:], own[:10])))


def test_every_class_comes_up_where_pictures_are_picked(shapes: Dataset) -> None:
    assert {pick_image(shapes.train, number)[1] for number in range(60)} == set(range(10))


@pytest.mark.parametrize("kind", ["none", "flip", "crop+flip"])
def test_what_is_shown_of_augmentation_is_what_the_engine_trains_on(shapes: Dataset, kind: str) -> None:
    session = Session(Plan(NETWORK, "shapes10", replace(RECIPE, augment=kind)), shapes)
    session.order, session.step = Again(42, 10), 5
    trained, labels = session.next_batch()
    given = sized(shapes.train.images[42], 16)
    shown = augmented(given, kind, 10, session.recipe.seed, 5)
    assert torch.equal(session.pictures.normalised(shown), trained)
    assert (labels == shapes.train.labels[42]).all()


def test_augmented_pictures_are_cut_from_the_padded_one_mirrored_or_not(shapes: Dataset) -> None:
    image = shapes.train.images[7]
    padded = np.pad(image.numpy(), ((0, 0), (4, 4), (4, 4)))
    cuts = [padded[:, y : y + 32, x : x + 32] for y in range(9) for x in range(9)]
    allowed = {cut.tobytes() for cut in cuts} | {cut[:, :, ::-1].tobytes() for cut in cuts}
    results = {result.numpy().tobytes() for result in augmented(image, "crop+flip", 30, 0, 0)}
    assert results <= allowed and len(results) > 20


def test_a_picture_at_its_own_size_is_left_alone(shapes: Dataset) -> None:
    image = shapes.train.images[0]
    assert sized(image, None) is image and torch.equal(sized(image, 32), image)


def test_the_balance_chart_holds_the_counts(shapes: Dataset) -> None:
    counts = [int((shapes.train.labels == label).sum()) for label in range(10)]
    figure = balance_chart(shapes.classes, shapes.train.balance(10), shapes.test.balance(10))
    assert [list(bar["y"]) for bar in figure.data] == [counts, [10] * 10]


def script(augment: str) -> None:
    """What AppTest runs; it sees no names but its own."""
    from explorer.datasets.shapes10 import draw_shapes10
    from explorer.training.recipe import Recipe
    from explorer.ui.train.dataset import pictures_tab

    pictures_tab(draw_shapes10(200, 100), Recipe(steps=1, size=16, subset=50, augment=augment))  # pyright: ignore


def test_the_tab_says_how_many_pictures_there_are_and_that_nothing_is_done_to_them() -> None:
    app = AppTest.from_function(script, args=("none",), default_timeout=30).run()
    assert not app.exception
    assert "200 training and 100 test pictures of 32×32 pixels" in app.markdown[0].value
    assert "20 and 10" in app.markdown[0].value and "trains on **50**" in app.markdown[0].value
    assert "No augmentation" in " ".join(each.value for each in app.caption)


def test_another_picture_comes_at_the_press_of_a_button() -> None:
    def shown() -> str:
        return next(each.proto.body for each in app.get("html") if 'class="effect"' in each.proto.body)

    app = AppTest.from_function(script, args=("crop+flip",), default_timeout=30).run()
    before = shown()
    assert before.count("<img") == 12  # as it is, as the network gets it, ten results
    app.button(key="effect/next").click().run()
    assert not app.exception and shown() != before
