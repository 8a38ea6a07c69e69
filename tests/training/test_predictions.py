"""After a run: what is said of the network is what it does, and what is taken home is what was trained."""

import io
import json
import pickle
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load as load_tensors
from streamlit.testing.v1 import AppTest

from explorer.datasets.dataset import Dataset
from explorer.datasets.shapes10 import draw_shapes10
from explorer.models.spec import Spec
from explorer.training.engine import Session, Step, train
from explorer.training.plan import Plan, parse_plan
from explorer.training.recipe import Recipe
from explorer.training.results.prediction_charts import confusion_chart
from explorer.training.results.predictions import (
    CHECKPOINT,
    Answers,
    Intake,
    answers,
    checkpoints,
    examine,
    loading_lines,
    noted,
    probabilities,
    read_intake,
    weights_head,
)
from explorer.training.runs.pretrained_weights import loaded, safetensors_bytes
from explorer.training.runs.recorded_runs import slug
from explorer.training.runs.store import Checkpoint, Run, Store, timestamp
from explorer.training.scheduler.worker_task import pack_state, step_row
from explorer.ui.train import results

NETWORK = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4)))
PLAN = Plan(NETWORK, "shapes10", Recipe(rate=0.05, batch=32, steps=20, size=16, test_subset=90))


@pytest.fixture(scope="module")
def shapes() -> Dataset:
    return draw_shapes10(1000, 120)


@pytest.fixture(scope="module")
def trained(shapes: Dataset) -> tuple[Session, list[Step]]:
    """A network after a few steps: often wrong."""
    session = Session(PLAN, shapes)
    return session, list(train(session))


@pytest.fixture(scope="module")
def session(trained: tuple[Session, list[Step]]) -> Session:
    return trained[0]


@pytest.fixture(scope="module")
def known(session: Session, shapes: Dataset) -> Answers:
    return examine(PLAN, shapes, loaded(pack_state(session), CHECKPOINT))


def test_one_picture_alone_gets_the_answer_that_it_got_among_all(session: Session, shapes: Dataset, known: Answers):
    for number in range(0, 90, 30):
        image = known.intake.fitted(session.pictures.test.images[number])
        chances = probabilities(PLAN.json(), pack_state(session), known.intake, image)
        assert sum(chances) == pytest.approx(1) and max(chances) == pytest.approx(known.confidence[number], abs=1e-4)
        assert chances.index(max(chances)) == known.predicted[number]


def test_a_picture_is_fitted_to_what_the_network_takes():
    grey = Intake(("a", "b"), (1, 8, 8), (0.0,), (1.0,))
    colour = Intake(("a", "b"), (3, 8, 8), (0.0,) * 3, (1.0,) * 3)
    picture = torch.stack([torch.full((16, 16), level, dtype=torch.uint8) for level in (30, 60, 90)])
    assert grey.fitted(picture).unique().tolist() == [60] and grey.fitted(picture).shape == (1, 8, 8)
    assert colour.fitted(picture[:1]).unique().tolist() == [30] and colour.fitted(picture).shape == (3, 8, 8)


def test_what_the_head_of_a_file_says_is_read_again(known: Answers):
    run = Run("1", "", "", "", "title", PLAN.json())
    assert read_intake(weights_head(run, 20, known)) == known.intake


def test_the_error_is_the_one_that_the_run_measured(session: Session, known: Answers) -> None:
    measured = session.test()
    assert known.error == pytest.approx(measured.error, abs=1e-7)
    assert known.loss == pytest.approx(measured.loss, rel=1e-5)


def test_rows_of_the_confusion_matrix_sum_to_the_classes(known: Answers) -> None:
    matrix = known.confusion().counts
    assert matrix.sum(1).tolist() == [9] * 10  # 90 test pictures, as many of every class
    assert matrix.sum(0).tolist() == [int((known.predicted == label).sum()) for label in range(10)]
    assert matrix.trace() == round((1 - known.error) * 90)


def test_the_network_itself_gives_these_answers(session: Session, shapes: Dataset, known: Answers) -> None:
    images = shapes.test.balanced(90).resized(16).images.float() / 255
    numbers = (images - torch.tensor(known.intake.mean)[:, None, None]) / torch.tensor(known.intake.std)[:, None, None]
    with torch.no_grad():
        chances = session.model.eval()(numbers).softmax(1)
    session.model.train()
    assert (chances.argmax(1).numpy() == known.predicted).mean() > 0.98  # rounding may tip a draw
    assert chances.max(1).values.numpy() == pytest.approx(known.confidence, abs=1e-4)


def test_the_surest_mistakes_come_first_and_none_is_right(known: Answers) -> None:
    numbers = known.surest()
    assert len(numbers) == known.wrong.sum() == len({*numbers.tolist()})
    assert (known.predicted[numbers] != known.labels[numbers]).all()
    assert (np.diff(known.confidence[numbers]) <= 0).all()


def test_a_field_of_the_matrix_holds_as_many_pictures_as_it_says(known: Answers) -> None:
    matrix = known.confusion().counts
    for true in range(10):
        assert len(known.surest(true)) == matrix[true].sum() - matrix[true, true]
        assert [len(known.surest(true, said)) for said in range(10)] == matrix[true].tolist()


def test_every_count_stands_in_its_field_of_the_chart(known: Answers) -> None:
    matrix = known.confusion().counts
    figure = confusion_chart(matrix, known.classes, percent=False)
    shown = {(field.y, field.x): int(field.text) for field in figure.layout.annotations}
    assert shown == {(true, said): matrix[true, said] for true, said in zip(*matrix.nonzero(), strict=True)}
    shares = np.nansum([np.asarray(trace.z, dtype=float) for trace in figure.data], axis=0)
    assert shares.sum(1) == pytest.approx(np.ones(10))


def test_a_class_without_pictures_does_no_harm() -> None:
    figure = confusion_chart(np.array([[3, 1], [0, 0]]), ("a", "<b>"), percent=True)
    assert [field.text for field in figure.layout.annotations] == ["75%", "25%"]
    assert "&lt;b&gt;" in figure.data[1].text[0][1]


def test_the_file_of_weights_holds_the_model_and_nothing_else(session: Session) -> None:
    loaded = load_tensors(safetensors_bytes(pack_state(session), {}))
    model = session.model.state_dict()
    assert loaded.keys() == model.keys()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in model.items())


def test_the_file_of_weights_says_what_it_is(session: Session, tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(safetensors_bytes(pack_state(session), {"plan": PLAN.json()}))
    with safe_open(tmp_path / "w.safetensors", "pt") as file:
        assert json.loads(file.metadata()["plan"]) == json.loads(PLAN.json())


def test_the_lines_beside_the_weights_give_the_trained_network(
    session: Session, shapes: Dataset, known: Answers, tmp_path: Path
) -> None:
    (tmp_path / "w.safetensors").write_bytes(safetensors_bytes(pack_state(session), {}))
    names: dict[str, Any] = {}
    with chdir(tmp_path):
        exec(loading_lines(PLAN, known.intake, "w.safetensors"), names)
    images = shapes.test.balanced(90).resized(16).images / 255
    with torch.no_grad():
        chances = names["model"]((images - names["mean"]) / names["std"]).softmax(1)
    assert chances.max(1).values.numpy() == pytest.approx(known.confidence, abs=1e-4)


def test_a_checkpoint_of_another_network_is_refused_in_a_sentence(session: Session, shapes: Dataset) -> None:
    other = replace(PLAN, spec=Spec("model_defs", "CIFAR ResNet", (("depth", 14), ("width", 4))))
    with pytest.raises(ValueError, match="does not fit CIFAR ResNet on Shapes-10"):
        examine(other, shapes, loaded(pack_state(session), CHECKPOINT))


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("code was run",)


def saved(value: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("bad", [pickle.dumps(Trap(), 2), saved({"model": Trap()}), b"", b"PK\x03\x04 cut short"])
def test_a_checkpoint_that_is_none_runs_nothing(bad: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="cannot be read safely"):
        answers(PLAN.json(), bad)
    assert "code was run" not in capsys.readouterr().out


def test_titles_make_file_names() -> None:
    assert slug("both paths × 0.5 / SE") == "both-paths-0.5-SE"


@pytest.fixture
def store(tmp_path: Path, trained: tuple[Session, list[Step]]) -> Iterator[Store]:
    """Two runs, one with a checkpoint."""
    store = Store(tmp_path)
    session, steps = trained
    run = Run("00000001", timestamp(), "e", "An experiment", "tiny", PLAN.json(), "done", 20, 20, layers=session.layers)
    store.add([run, replace(run, id="00000002", title="lost")])
    store.write(run, [step_row(step) for step in steps], Checkpoint(20, pack_state(session)))
    yield store
    store.standing.close()


def test_the_store_knows_which_runs_can_be_asked(store: Store) -> None:
    assert checkpoints(store, ("00000001", "00000002")) == {"00000001": 20}


def test_what_the_run_noted_is_what_the_network_says(store: Store, known: Answers) -> None:
    assert noted(store, "00000001", 20) == pytest.approx(known.error, abs=1e-6)
    assert noted(store, "00000001", 19) is None and noted(store, "00000002", 20) is None


class Desk:
    """Jobs whose worker answers when it is told to."""

    def __init__(self, store: Store, shapes: Dataset) -> None:
        self.store, self.shapes = store, shapes
        self.answer: Future[Answers] = Future()

    def run_on_worker(self, function: Any, plan: str, checkpoint: bytes) -> Future[Answers]:
        assert function is answers
        self.wanted = parse_plan(plan), self.shapes, loaded(checkpoint, CHECKPOINT)
        return self.answer


@pytest.fixture
def desk(store: Store, shapes: Dataset, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(store, shapes)
    monkeypatch.setattr(results, "training_service", lambda: desk)
    monkeypatch.setattr(results, "load_dataset", lambda key: shapes)
    results.cached_predictions.clear()
    return desk


def script() -> None:
    """What AppTest runs; it sees no names but its own."""
    import streamlit as st

    from explorer.training.experiments.presets import ExperimentSelection
    from explorer.ui.train import results as after

    st.session_state.lab = ExperimentSelection(runs=("00000001",))
    after.after_tab(after.training_service().store.runs())


def words(app: AppTest) -> str:
    assert not app.exception
    return " ".join([each.value for each in (*app.markdown, *app.caption, *app.warning)])


def test_the_page_waits_for_the_worker_then_says_what_it_measured(desk: Desk, known: Answers) -> None:
    app = AppTest.from_function(script, default_timeout=30).run()
    assert "tiny looks at the test pictures" in words(app) and "Test error" not in words(app)
    desk.answer.set_result(examine(*desk.wanted))
    app.run()
    wrong = int(known.wrong.sum())
    assert f"**Test error {known.error:.1%}**: {wrong} of 90 test pictures" in words(app)
    assert f"The run itself noted {known.error:.1%} there" in words(app)
    assert "model.load_state_dict" in app.code[0].value and "runs=00000001" in app.code[1].value


def test_a_worker_that_fails_leaves_a_sentence_and_the_log(desk: Desk) -> None:
    desk.answer.set_exception(ValueError("A worker could not do this: try again."))
    app = AppTest.from_function(script, default_timeout=30).run()
    assert "A worker could not do this" in words(app)
    assert [each.proto.label for each in app.get("download_button")] == ["Log as CSV", "Log as JSON"]


def test_runs_of_one_name_are_told_apart() -> None:
    runs = [Run(id, timestamp(), "e", "", "plain-20", PLAN.json()) for id in ("a" * 8, "b" * 8)]
    assert results.names_of(runs) == {"a" * 8: "plain-20, seed 0", "b" * 8: f"plain-20, seed 0 ({'b' * 8})"}
    assert results.names_of(runs[:1]) == {"a" * 8: "plain-20"}


def test_a_run_without_weights_still_has_its_log(desk: Desk) -> None:
    app = AppTest.from_function(script, default_timeout=30)
    app.session_state["after/run"] = "00000002"
    app.run()
    assert "before its first checkpoint" in words(app)
    assert [each.proto.label for each in app.get("download_button")] == ["Log as CSV", "Log as JSON"]
