"""A whole run as one value: to ship, to export and to replay."""

import base64
import gzip
import io
import json
import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from explorer.formatting import csv_text
from explorer.training.evaluation import Confusion, read_confusion
from explorer.training.runs.curves import Curve, Norms, binned, last_of, norms_matrix, steps_after, width_of
from explorer.training.runs.store import Run, Store

FORMAT = 1  # of the file: readers pass over what they do not know, so it changes where that would mislead them
MEASURED = ("loss", "error", "rate", "speed")
LARGEST = 256 * 2**20  # bytes unpacked: a file from elsewhere may be a bomb
# Bytes that are not gzip, text that is not JSON, JSON that is not a record: each says so in its own way.
NO_GZIP = (OSError, EOFError, zlib.error)
NO_RECORD = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, MemoryError)
UNREADABLE = (*NO_GZIP, *NO_RECORD)


@dataclass(frozen=True, eq=False)
class Record:
    """Arrays over its points, each the mean of `width` steps, and the norms at the last of them."""

    run: Run
    width: int
    step: np.ndarray
    measured: dict[str, np.ndarray]
    test_step: np.ndarray
    test_loss: np.ndarray
    test_error: np.ndarray
    norms: np.ndarray  # (points, layers), float32
    confusion: Confusion | None = None  # on the test pictures at the end; the first recordings came without

    def curve(self) -> Curve:
        loss, error = self.measured["loss"], self.measured["error"]
        return Curve(self.width, self.step, loss, error, self.test_step, self.test_error)

    def strip(self) -> Norms:
        """Its gradient norms."""
        return Norms(self.width, self.step, self.norms)

    def thinned(self, points: int) -> "Record":
        """At most so many points, for a smaller file."""
        width = width_of(len(self.step), points)
        if width == 1:
            return self
        ends = last_of(len(self.step), width)
        means = {name: binned(array, width) for name, array in self.measured.items()}
        return replace(self, width=self.width * width, step=self.step[ends], measured=means, norms=self.norms[ends])

    def pack(self) -> bytes:
        """Gzipped JSON, its arrays as base64 of little-endian numbers."""
        arrays = {"step": self.step.astype("<i8"), **{name: self.measured[name].astype("<f4") for name in MEASURED}}
        arrays |= {"test_step": self.test_step.astype("<i8"), "test_loss": self.test_loss.astype("<f4")}
        arrays |= {"test_error": self.test_error.astype("<f4"), "norms": self.norms.astype("<f4")}
        coded = {name: base64.b64encode(array.tobytes()).decode() for name, array in arrays.items()}
        plain = {"format": FORMAT, "run": vars(self.run), "width": self.width, "arrays": coded}
        text = json.dumps(plain | ({"confusion": self.confusion.plain()} if self.confusion else {}))
        return gzip.compress(text.encode(), 9, mtime=0)

    def json(self) -> str:
        """Plain, for other programs."""
        measured = {name: self.measured[name].tolist() for name in MEASURED}
        tests = {"step": self.test_step.tolist(), "loss": self.test_loss.tolist(), "error": self.test_error.tolist()}
        about = vars(self.run) | {"plan": json.loads(self.run.plan), "about": dict(self.run.about)}
        log = {"run": about, "step": self.step.tolist(), **measured, "test": tests}
        log |= {"confusion": self.confusion.plain()} if self.confusion else {}
        return json.dumps(log | {"layers": self.run.layers, "norms": self.norms.tolist()})

    def csv(self) -> str:
        """A line for every point and every test, empty where nothing was measured; norms have a column a layer."""
        layers = [f"norm {layer}" for layer in self.run.layers]
        heads = ("step", "loss", "error", "learning rate", "images/s", "test loss", "test error")
        rows: list[list[object]] = [[*heads, *layers]]
        measured = zip(*(self.measured[name].tolist() for name in MEASURED), strict=True)
        points = dict(zip(self.step.tolist(), zip(measured, self.norms.tolist(), strict=True), strict=True))
        tests, nothing = self.tests(), ([""] * len(MEASURED), [""] * len(layers))
        for step in sorted(points.keys() | tests.keys()):  # points may lie further apart than tests
            row, norms = points.get(step, nothing)
            rows.append([step, *row, *tests.get(step, ("", "")), *norms])
        return csv_text(rows)

    def tests(self) -> dict[int, tuple[float, float]]:
        """Loss and error by step."""
        results = zip(self.test_loss.tolist(), self.test_error.tolist(), strict=True)
        return dict(zip(self.test_step.tolist(), results, strict=True))


def record(store: Store, run: str) -> Record:
    """Everything that is stored of a run, but its checkpoint."""
    rows = steps_after(store, run)
    table = np.array([row[:7] for row in rows], dtype=np.float64).reshape(len(rows), 7)
    step = table[:, 0].astype(np.int64)
    tested = ~np.isnan(table[:, 6])
    norms = norms_matrix([row[7] for row in rows])
    measured = {name: table[:, place] for place, name in enumerate(MEASURED, 1)}
    return Record(store.run(run), 1, step, measured, step[tested], table[tested, 5], table[tested, 6], norms)


def unpack_record(packed: bytes, name: str = "this file") -> Record:
    """Raises `ValueError` where the bytes are not what `pack` wrote."""
    try:
        with gzip.open(io.BytesIO(packed)) as file:
            text = file.read(LARGEST)
        plain = json.loads(text)
        found = parse_record(plain) if plain["format"] <= FORMAT else None
    except UNREADABLE as error:
        raise ValueError(f"{name} is no recorded run, or was cut short: nothing of it is shown.") from error
    if found is None:
        raise ValueError(f"{name} was recorded by a newer version of this program: bring this one up to date.")
    return found


def parse_record(plain: dict[str, Any]) -> Record:
    run = plain["run"]
    run |= {"layers": tuple(run["layers"]), "about": tuple((name, value) for name, value in run["about"])}
    arrays = {name: decoded(name, text) for name, text in plain["arrays"].items()}
    step = arrays.pop("step")
    norms = arrays.pop("norms").reshape(len(step), -1) if len(step) else np.empty((0, 0), dtype=np.float32)
    test_step, test_loss, test_error = (arrays[name] for name in ("test_step", "test_loss", "test_error"))
    measured = {name: arrays[name] for name in MEASURED}
    lengths = {len(array) for array in measured.values()}
    if lengths != {len(step)} or not len(test_step) == len(test_loss) == len(test_error):
        raise ValueError("arrays of different lengths")
    found = replace(Run(**run), recorded=True)
    confusion = read_confusion(plain["confusion"]) if "confusion" in plain else None
    return Record(found, int(plain["width"]), step, measured, test_step, test_loss, test_error, norms, confusion)


def decoded(name: str, text: str) -> np.ndarray:
    kind = "<i8" if name.endswith("step") else "<f4"
    return np.frombuffer(base64.b64decode(text, validate=True), dtype=kind)
