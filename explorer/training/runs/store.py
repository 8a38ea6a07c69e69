"""Where runs live: one SQLite file in the data folder, read by every visitor and written by whoever trains."""

import json
import re
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any

from explorer.formatting import check_words

WAIT = 1.0  # seconds for which another program may hold the file before that is said
UNDER_WAY = ("queued", "running")
CAN_GO_ON = ("paused", "stopped", "interrupted")
AT_REST = (*CAN_GO_ON, "done", "failed")
MOST_STEPS = 10**9
MOST_SAID = 10**5  # letters of a message: PyTorch's may be long
ID = re.compile(r"[0-9a-f]{8}")
MADE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", re.ASCII)
SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY, made TEXT, experiment TEXT, name TEXT, title TEXT, plan TEXT, state TEXT, step INTEGER,
  steps INTEGER, message TEXT, layers TEXT, about TEXT, seconds REAL, recorded INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS steps (
  run TEXT, step INTEGER, loss REAL, error REAL, rate REAL, speed REAL, test_loss REAL, test_error REAL,
  PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS norms (run TEXT, step INTEGER, norms BLOB, PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoints (run TEXT PRIMARY KEY, step INTEGER, state BLOB);
CREATE INDEX IF NOT EXISTS tests ON steps (run, step, test_loss, test_error) WHERE test_error IS NOT NULL;
"""
# step, loss, error, learning rate, pictures a second, test loss, test error, norms as float32
Row = tuple[int, float, float, float, float, float | None, float | None, bytes]


class StoreTrouble(ValueError):
    """The file cannot be read or written now; the sentence says why and what to do."""


@dataclass(frozen=True)
class Run:
    """One network, trained once."""

    id: str
    made: str  # UTC, ISO 8601
    experiment: str  # shared by the runs that were started together
    name: str  # the experiment's
    title: str
    plan: str  # JSON
    state: str = "queued"  # queued, running, paused, stopped, done, failed, interrupted
    step: int = 0  # the last one in the store
    steps: int = 0  # in all; 0: not known before it began
    message: str = ""  # why it failed
    layers: tuple[str, ...] = ()  # the weighted ones, first first
    about: tuple[tuple[str, str], ...] = ()  # machine and versions
    seconds: float = 0.0  # of training, on one core or device
    recorded: bool = False  # came from a file; can be looked at and deleted


COLUMNS = tuple(field.name for field in fields(Run))


@dataclass(frozen=True)
class Checkpoint:
    step: int
    state: bytes  # for `torch.load(weights_only=True)`


class Store:
    """Safe to use from any thread and from several programs at once: every call has a connection of its own."""

    def __init__(self, folder: Path, pages: int | None = None) -> None:
        """With `pages` (of 4 KiB) the file grows no larger."""
        self.file, self.pages = folder / "runs.sqlite", pages
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreTrouble(f"The folder {folder} cannot be made: {error.strerror}. Set EXPLORER_DATA.") from error
        with self.connection() as connection:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(SCHEMA)
        # While one connection stands, closing another does not tidy the whole file up.
        self.standing = sqlite3.connect(self.file, check_same_thread=False)
        self.standing.execute("SELECT count(*) FROM runs").fetchone()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """All that is done in it is done, or nothing."""
        try:
            with closing(sqlite3.connect(self.file, timeout=WAIT)) as connection, connection:
                connection.execute("PRAGMA synchronous=NORMAL")
                if self.pages:
                    connection.execute(f"PRAGMA max_page_count={self.pages}")
                yield connection
        except sqlite3.Error as error:
            raise StoreTrouble(self.sentence(str(error))) from error

    def sentence(self, error: str) -> str:
        if "locked" in error:
            return f"Another program holds {self.file}: close it. Nothing is lost meanwhile."
        if "full" in error:
            return f"The disk with {self.file} is full: free some space. Nothing is lost meanwhile."
        if "readonly" in error or "unable to open" in error:
            return f"{self.file} cannot be written: see to its permissions, or set EXPLORER_DATA to another folder."
        return f"{self.file} cannot be read ({error}): move it away, and a new one is begun."

    def add(self, runs: Iterable[Run]) -> None:
        marks = ", ".join("?" * len(COLUMNS))
        with self.connection() as connection:
            connection.executemany(f"INSERT INTO runs VALUES ({marks})", map(values, runs))

    def runs(self) -> tuple[Run, ...]:
        """All that a page can show, the newest first."""
        return self.sorted_rows()[0]

    def sorted_rows(self) -> tuple[tuple[Run, ...], tuple[str, ...]]:
        """The runs, the newest first, and the ids of the rows that no page can show: for `delete`."""
        with self.connection() as connection:
            rows = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM runs ORDER BY made DESC, id").fetchall()
        runs: list[Run] = []
        unreadable: list[str] = []
        for row in rows:
            try:
                runs.append(run_of(row))
            except ValueError:
                unreadable.append(row[0])
        return tuple(runs), tuple(unreadable)

    def run(self, run: str) -> Run:
        with self.connection() as connection:
            row = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise ValueError(f"There is no run “{run[:20]}”: it was deleted, or was made on another computer.")
        return run_of(row)

    def write(self, run: Run, rows: Iterable[Row] = (), checkpoint: Checkpoint | None = None) -> None:
        """The run as it stands now, with steps and a checkpoint that came since; steps done again replace themselves.

        A run that was deleted meanwhile stays deleted.
        """
        known = list(rows)
        with self.connection() as connection:
            names = ", ".join(f"{column} = ?" for column in COLUMNS)
            if not connection.execute(f"UPDATE runs SET {names} WHERE id = ?", (*values(run), run.id)).rowcount:
                return
            steps, norms = [(run.id, *row[:7]) for row in known], [(run.id, row[0], row[7]) for row in known]
            connection.executemany("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?)", steps)
            connection.executemany("INSERT OR REPLACE INTO norms VALUES (?, ?, ?)", norms)
            if checkpoint:
                found = (run.id, checkpoint.step, checkpoint.state)
                connection.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)", found)

    def checkpoint(self, run: str) -> Checkpoint | None:
        """The last one; None before the first."""
        with self.connection() as connection:
            row = connection.execute("SELECT step, state FROM checkpoints WHERE run = ?", (run,)).fetchone()
        return Checkpoint(*row) if row else None

    def delete(self, runs: Iterable[str]) -> None:
        chosen = [(run,) for run in runs]
        with self.connection() as connection:
            for table, key in (("runs", "id"), ("steps", "run"), ("norms", "run"), ("checkpoints", "run")):
                connection.executemany(f"DELETE FROM {table} WHERE {key} = ?", chosen)
        with self.connection() as connection:
            connection.executescript("PRAGMA incremental_vacuum")  # the disk has its room back

    def interrupt(self) -> None:
        """What was under way when nobody trained on: the server has ended meanwhile."""
        with self.connection() as connection:
            marks = ", ".join("?" * len(UNDER_WAY))
            connection.execute(f"UPDATE runs SET state = 'interrupted' WHERE state IN ({marks})", UNDER_WAY)


def fresh_id() -> str:
    """A short name that may stand in a link."""
    return secrets.token_hex(4)


def timestamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def values(run: Run) -> tuple[object, ...]:
    return tuple(json.dumps(value) if isinstance(value, tuple) else value for value in vars(run).values())


def run_of(row: tuple[Any, ...]) -> Run:
    """Raises `ValueError` with a sentence for a row that no page can show."""
    found = dict(zip(COLUMNS, row, strict=True))
    try:
        layers, about = json.loads(found["layers"]), json.loads(found["about"])
        pairs = tuple((name, value) for name, value in about)
        run = Run(**found | {"layers": tuple(layers), "about": pairs, "recorded": bool(found["recorded"])})
        check_run(run, (*UNDER_WAY, *AT_REST))
        check_plan(run.plan)
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"The run “{str(row[0])[:20]}” cannot be read: delete it in the Library.") from error
    return run


def check_run(run: Run, states: Collection[str]) -> None:
    """Raises `ValueError` where a value is not what its place asks for."""
    for word in (run.id, run.experiment, run.name, run.title, *run.layers, *sum(run.about, ())):
        check_words(word)
    check_words(run.message, MOST_SAID)
    if not (ID.fullmatch(run.id) and MADE.fullmatch(run.made) and run.state in states):
        raise ValueError("id, time or state")
    datetime.fromisoformat(run.made)
    if not all(type(count) is int and 0 <= count < MOST_STEPS for count in (run.step, run.steps)):
        raise ValueError("steps")
    if not 0 <= run.seconds < inf:
        raise ValueError("seconds")


@lru_cache(maxsize=1024)
def check_plan(plan: str) -> None:
    """Raises `ValueError` for what is none, or a network beyond limits; one that is not here just now may come back."""
    # Whoever only reads curves does so without torch.
    from explorer.models.sources import SOURCES
    from explorer.models.spec import check_settings
    from explorer.training.plan import parse_plan

    spec = parse_plan(plan).spec
    if spec.source not in SOURCES:
        raise ValueError("source")
    if spec.name in SOURCES[spec.source].names():
        check_settings(spec)
