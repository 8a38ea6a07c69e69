"""Runs that come as files: those shipped with the program, and those a visitor brought."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from explorer.formatting import check_words
from explorer.models.spec import check_settings
from explorer.paths import ASSETS, data_folder, written_whole
from explorer.training.plan import parse_plan
from explorer.training.runs.curves import Curve, Norms, curve, norms
from explorer.training.runs.run_log import Record, record, unpack_record
from explorer.training.runs.store import AT_REST, MOST_STEPS, Run, Store, check_run

SHIPPED = ASSETS / "runs"
ENDING = ".json.gz"
LARGEST = 64 * 2**20  # bytes of a file; what `record_runs` writes is a thousandth of that
POINTS = 600
EXACT = 7  # bits of a gradient norm that are kept, beside its power of two: it is looked at as a colour


@dataclass(frozen=True, eq=False)
class Collection:
    """By the ids of their runs, the newest first; what could not be read is named and left out."""

    records: Mapping[str, Record]
    troubles: Mapping[Path, str] = field(default_factory=dict)  # why a file is left out
    shipped: frozenset[str] = frozenset()

    def __getitem__(self, run: str) -> Record:
        return self.records[run]

    def __contains__(self, run: str) -> bool:
        return run in self.records

    def runs(self) -> tuple[Run, ...]:
        return tuple(record.run for record in self.records.values())

    def of(self, experiment: str, length: str) -> tuple[Run, ...]:
        """The shipped runs of a ready-made experiment, in the order of their seeds and titles.

        What a visitor brought may say of itself whatever it likes: it belongs to no experiment.
        """
        wanted = {"experiment": experiment, "length": length}
        shipped = (run for run in self.runs() if run.id in self.shipped)
        found = [run for run in shipped if wanted.items() <= dict(run.about).items()]
        return tuple(sorted(found, key=lambda run: (parse_plan(run.plan).recipe.seed, run.made)))


def brought() -> Path:
    """Where what visitors bring is kept."""
    return data_folder() / "recorded"


def collection(shipped: Path = SHIPPED, own: Path | None = None) -> Collection:
    """Every recorded run at hand; a folder is looked through again when something in it came or went."""
    folders = (shipped, own or brought())
    return recorded_index(folders, tuple(folder.stat().st_mtime_ns if folder.is_dir() else 0 for folder in folders))


@lru_cache(maxsize=2)
def recorded_index(folders: tuple[Path, ...], changed: tuple[int, ...]) -> Collection:
    """`changed` tells one state of the folders from the next."""
    found: dict[str, Record] = {}
    shipped: set[str] = set()
    troubles: dict[Path, str] = {}
    for file in (file for folder in folders for file in sorted(folder.glob(f"*{ENDING}"))):
        try:
            state = file.stat()
            record = read_record(file, state.st_mtime_ns, state.st_size)
            if found.setdefault(record.run.id, record) is not record:
                troubles[file] = f"{file.name} has the name of another run: it is left out."
            elif file.parent == folders[0]:
                shipped.add(record.run.id)
        except OSError as error:
            troubles[file] = f"{file.name} cannot be read: {error.strerror}."
        except ValueError as error:
            troubles[file] = str(error)
    newest = sorted(found.values(), key=lambda record: record.run.made, reverse=True)
    return Collection({record.run.id: record for record in newest}, troubles, frozenset(shipped))


@lru_cache(maxsize=512)
def read_record(file: Path, changed: int, size: int) -> Record:
    """`changed` and `size` tell one content of the file from the next."""
    return open_record(file.read_bytes(), file.name)


def open_record(packed: bytes, name: str) -> Record:
    """What a file holds, if a page can show it. Raises `ValueError` with a sentence that names the file."""
    if len(packed) > LARGEST:
        raise ValueError(f"{name} is no recorded run: it is too large for one.")
    found = unpack_record(packed, name)
    try:
        check_run(found.run, AT_REST)
        check_points(found)
        spec = parse_plan(found.run.plan).spec
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} is no recorded run, or was changed: nothing of it is shown.") from error
    try:
        check_settings(spec)
    except ValueError as error:
        raise ValueError(f"{name} is of a network that cannot be shown here: {error}") from error
    return found


def check_points(record: Record) -> None:
    """Raises `ValueError` where the arrays do not belong together, or what they are of cannot be written."""
    for word in record.confusion.classes if record.confusion else ():
        check_words(word)
    if not 0 < record.width < MOST_STEPS:
        raise ValueError("width")
    if record.norms.shape != (len(record.step), len(record.run.layers)) and len(record.step):
        raise ValueError("norms")
    for steps in (record.step, record.test_step):
        if len(steps) and not (steps[0] > 0 and (np.diff(steps) > 0).all() and steps[-1] <= record.run.step):
            raise ValueError("steps")
    for errors in (record.measured["error"], record.test_error):
        if not ((errors >= 0) & (errors <= 1) | np.isnan(errors)).all():
            raise ValueError("errors")


def keep_record(record: Record, folder: Path) -> Run:
    """Written whole or not at all, under an id that its content gives it: the same file twice is one run."""
    packed, here = record.pack(), collection()
    if record.run.id in here and here[record.run.id].pack() == packed:
        return record.run
    kept = replace(record, run=replace(record.run, id=hashlib.sha256(packed).hexdigest()[:8]))
    write(kept, file_of(kept.run.id, folder))
    return kept.run


def file_of(run: str, folder: Path) -> Path:
    """Where a run that somebody brought is kept."""
    return folder / f"{run}{ENDING}"


def run_file_name(words: str, run: Run) -> str:
    """For a file that goes elsewhere: what it holds can be read from it."""
    return f"{slug(words).lower()}-seed{parse_plan(run.plan).recipe.seed}-{run.id}{ENDING}"


def slug(words: str) -> str:
    """Letters, digits and dots, so that every system takes it as a name."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", words).strip("-.") or "run"


def write(record: Record, file: Path) -> None:
    """Raises `ValueError` with a sentence if there is no room for it."""
    try:
        with written_whole(file) as draft:
            draft.write_bytes(record.pack())
    except OSError as error:
        raise ValueError(f"{file.parent} cannot be written: {error.strerror}.") from error


def discard(runs: Iterable[str], folder: Path) -> None:
    """Of those that a visitor brought; the shipped ones stay."""
    for run in runs:
        file_of(run, folder).unlink(missing_ok=True)


def thrifty(record: Record) -> Record:
    """Small enough to ship: no more points than a chart shows, and norms as exact as a colour is."""
    thin = record.thinned(POINTS)
    dropped = 23 - EXACT  # of the 23 bits of a float32's fraction
    bits = thin.norms.astype("<f4").view(np.uint32) + np.uint32(1 << (dropped - 1))
    return replace(thin, norms=(bits >> dropped << dropped).view(np.float32))


def curve_of(store: Store, run: Run) -> Curve:
    """From the file it came in, or from the store."""
    return collection()[run.id].curve() if run.recorded else curve(store, run.id)


def norms_of(store: Store, run: Run) -> Norms:
    return collection()[run.id].strip() if run.recorded else norms(store, run.id)


def stored_record(store: Store, run: Run) -> Record:
    return collection()[run.id] if run.recorded else record(store, run.id)


def every_run(store: Store) -> dict[str, Run]:
    """Those in the store and the recorded ones, by id."""
    return {run.id: run for run in (*store.runs(), *collection().runs())}


def run_summary(run: Run, name: str) -> str:
    return dict(run.about).get(name, "")


def provenance(runs: Iterable[Run]) -> str:
    """Where, when, on what and with what they were made; empty for runs of this computer."""
    found = [run for run in runs if run.recorded]
    if not found:
        return ""
    days = sorted({run.made[:10] for run in found})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    data, torch = list_runs(found, "data"), list_runs(found, "torch")
    where = list_runs(found, "machine") or "an unnamed machine"
    return "; ".join(filter(None, (f"Recorded on {where}, {when}", data, torch and f"torch {torch}"))) + "."


def list_runs(runs: Iterable[Run], name: str) -> str:
    return " and ".join(dict.fromkeys(filter(None, (run_summary(run, name) for run in runs))))
