"""The counts known so far: made in the background, held by this process, kept on disk for the next."""

import hashlib
import json
import tempfile
import threading
import time
from ast import literal_eval
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from explorer.compare.counts import Count, count
from explorer.compare.worker import Ended, Worker
from explorer.import_closure import digest_sources
from explorer.paths import data_folder
from explorer.specs import Spec
from explorer.studies import study

KEPT_AFTER = 20  # counts made, or at the end
PATIENCE = 120.0  # seconds for one network
MOST_ENDINGS = 3  # processes that end before their time: then it is not the networks
AGAIN = 60.0  # seconds after which it is tried once more
COUNTER = "explorer.compare.count_worker"
MOST_FILES = 4  # of counts: other versions of this program may keep theirs in the same folder


class Ledger:
    """What has been counted, and who is counting."""

    def __init__(self) -> None:
        self.counts: dict[str, Count] = {}
        self.asked: dict[str, None] = {}  # in the order they are counted in
        self.guard = threading.Lock()
        self.worker: threading.Thread | None = None
        self.failed = ""
        self.until = 0.0  # nothing is counted before, by `time.monotonic`

    def known(self, spec: Spec) -> Count | None:
        return self.counts.get(spelled(spec))

    @property
    def waiting(self) -> int:
        """How many are still to be counted; 0 too where the counting broke off."""
        return len(self.asked.keys() - self.counts.keys()) if self.working else 0

    @property
    def working(self) -> bool:
        return self.worker is not None and self.worker.is_alive()

    def ask(self, specs: Iterable[Spec]) -> None:
        """See to it that these get counted, and come back at once."""
        with self.guard:
            if self.working or time.monotonic() < self.until:
                return
            self.counts = read_kept() | ({} if self.failed else self.counts)
            self.failed = ""
            self.asked |= dict.fromkeys(map(spelled, specs))
            if missing := [name for name in self.asked if name not in self.counts]:
                self.worker = threading.Thread(target=self.work, args=(missing,), daemon=True)
                self.worker.start()

    def work(self, missing: list[str]) -> None:
        endings, worker = 0, None
        try:
            for number, name in enumerate(missing, start=1):
                worker = worker or Worker(COUNTER)
                try:
                    self.counts[name] = Count(**worker.answered(literal_eval(name), PATIENCE))
                except (Ended, TimeoutError) as error:  # the next network gets another process
                    self.counts[name] = Count(problem=f"The process that counts it broke off: {error}")
                    endings, worker = endings + 1, worker.end()
                if endings == MOST_ENDINGS:
                    return self.fail(self.counts[name].problem)
                if number % KEPT_AFTER == 0:
                    keep(self.counts)
        except OSError as error:
            self.fail(f"{error.strerror}.")
        finally:
            if worker:
                worker.end()
            keep(self.counts)

    def fail(self, why: str) -> None:
        self.failed, self.until = f"The networks could not be counted. {why}", time.monotonic() + AGAIN


LEDGER = Ledger()


def spelled(spec: Spec) -> str:
    """One line of Python that the worker reads back."""
    return repr((spec.source, spec.name, spec.options))


def counted_here(spec: Spec) -> Count:
    """Of a network that the visitor built: it has been traced already, to be shown."""
    try:
        return count(study(spec).graph)
    except ValueError as error:
        return Count(problem=str(error))


@lru_cache(maxsize=1)
def edition() -> str:
    """Of all that a count depends on: PyTorch, torchvision, and what of our own code counts."""
    versions = f"{version('torch')} {version('torchvision')}".encode()
    return hashlib.sha256(versions + digest_sources(COUNTER)).hexdigest()[:16]


def kept() -> Path:
    return data_folder() / f"counts-{edition()}.json"


def read_kept() -> dict[str, Count]:
    """Nothing where there is none yet, and nothing from a damaged file: it is written anew."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        told = json.loads(kept().read_text(encoding="utf-8"))
        return {name: Count(**found) for name, found in told.items()}
    return {}


def keep(counts: dict[str, Count]) -> None:
    """In one move, so that a reader never sees half of it. Where nothing can be written they are counted again."""
    good = {name: asdict(found) for name, found in dict(counts).items() if not found.problem}
    with suppress(OSError):
        file = kept()
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as draft:  # gone even where the disk is full
            part = Path(draft, file.name)
            part.write_text(json.dumps(good), encoding="utf-8")
            part.replace(file)
        kept_files = sorted(file.parent.glob("counts-*.json"), key=lambda each: each.stat().st_mtime)
        for old in kept_files[:-MOST_FILES]:
            old.unlink(missing_ok=True)
