"""The counts known so far: made in the background, held by this process, kept on disk under the code that counts."""

import dis
import hashlib
import json
from ast import literal_eval
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

from explorer.analysis.model_summary import GraphCounts, ScaledStage, count_graph
from explorer.background import AllFail, BackgroundCache
from explorer.models.spec import Spec
from explorer.paths import ROOT, data_folder, written_whole
from explorer.subprocess_client import ProcessEnded, SubprocessClient
from explorer.tracing.tracer import graph_of

COUNTER = "explorer.leaderboard.counts_worker"
KEPT_AFTER = 20  # counts made, or at the end
PATIENCE = 120.0  # seconds for one network
MOST_ENDINGS = 3  # processes that end before their time: then it is not the networks
BROKE_OFF = "The networks could not be counted."
MOST_FILES = 4  # of counts: other versions of this program may keep theirs in the same folder

OURS = ("explorer", "model_defs")


class Ledger:
    """What has been counted, and what is being counted."""

    def __init__(self) -> None:
        self.client = SubprocessClient(COUNTER)
        self.cache = BackgroundCache(self.count, rest=self.rest, daemon=True)
        self.read, self.made, self.endings = False, 0, 0

    @property
    def counts(self) -> dict[str, GraphCounts]:
        return self.cache.done

    @property
    def waiting(self) -> int:
        """How many are still to be counted; 0 too where the counting broke off."""
        return len(self.cache.waiting)

    @property
    def failed(self) -> str:
        """Why the counting broke off, until it is tried again."""
        problems = self.cache.problems(self.cache.failed).values()
        return next((problem for problem in problems if problem.startswith(BROKE_OFF)), "")

    def known(self, spec: Spec) -> GraphCounts | None:
        name = spell_spec(spec)
        problem = self.cache.problems((name,)).get(name, BROKE_OFF)
        return self.counts.get(name) if problem.startswith(BROKE_OFF) else GraphCounts(problem=problem)

    def ask(self, specs: Iterable[Spec]) -> None:
        """See to it that these get counted, and come back at once."""
        if not self.read:
            self.counts.update(read_kept())
            self.read = True
        self.cache.want(map(spell_spec, specs))

    def count(self, name: str) -> GraphCounts:
        """After a process that broke off, the next network gets another one."""
        try:
            found = stored_counts(self.client.request(literal_eval(name), PATIENCE))
        except (ProcessEnded, TimeoutError) as error:
            self.endings += 1
            problem = f"The process that counts it broke off: {error}"
            if self.endings == MOST_ENDINGS:
                raise AllFail(f"{BROKE_OFF} {problem}") from None
            raise ValueError(problem) from None
        except OSError as error:
            raise AllFail(f"{BROKE_OFF} {error.strerror}.") from None
        self.made += 1
        if self.made % KEPT_AFTER == 0:
            keep_counts(self.counts)
        return found

    def rest(self) -> None:
        self.client.end()
        self.endings = 0
        keep_counts(self.counts)


LEDGER = Ledger()


def spell_spec(spec: Spec) -> str:
    """One line of Python that the worker reads back."""
    return repr((spec.source, spec.name, spec.options))


def counted_here(spec: Spec) -> GraphCounts:
    """Of a network that the visitor built: it has been traced already, to be shown."""
    try:
        return count_graph(graph_of(spec))
    except ValueError as error:
        return GraphCounts(problem=str(error))


@lru_cache(maxsize=1)
def edition() -> str:
    """Of all that a count depends on: PyTorch, torchvision, and what of our own code counts."""
    versions = f"{version('torch')} {version('torchvision')}".encode()
    return hashlib.sha256(versions + digest_sources(COUNTER)).hexdigest()[:16]


def counts_file() -> Path:
    return data_folder() / f"counts-{edition()}.json"


def read_kept() -> dict[str, GraphCounts]:
    """Nothing where there is none yet, and nothing from a damaged file: it is written anew."""
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        stored = json.loads(counts_file().read_text(encoding="utf-8"))
        return {name: stored_counts(found) for name, found in stored.items()}
    return {}


def stored_counts(record: dict[str, Any]) -> GraphCounts:
    stages = tuple(ScaledStage(*each) for each in record.pop("stages"))
    return GraphCounts(**record, stages=stages)


def keep_counts(counts: dict[str, GraphCounts]) -> None:
    """Where nothing can be written they are counted again."""
    good = {name: asdict(found) for name, found in dict(counts).items() if not found.problem}
    with suppress(OSError):
        with written_whole(counts_file()) as draft:
            draft.write_text(json.dumps(good), encoding="utf-8")
        kept_files = sorted(data_folder().glob("counts-*.json"), key=lambda each: each.stat().st_mtime)
        for old in kept_files[:-MOST_FILES]:
            old.unlink(missing_ok=True)


def digest_sources(module: str) -> bytes:
    """Another one as soon as a line is another in what `module` comes down to, and in nothing else."""
    digest = hashlib.sha256()
    for file in import_closure(module):
        digest.update(f"{file.relative_to(ROOT).as_posix()}\n".encode() + file.read_bytes())
    return digest.digest()


def import_closure(module: str) -> tuple[Path, ...]:
    """The files of the module and of all of ours that it imports, anywhere in them and at any remove."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found and (file := source_file(name)):
            found[name] = file
            waiting += [name.rpartition(".")[0], *imported_names(file)]
    return tuple(sorted(found.values()))


def source_file(name: str) -> Path | None:
    """None for what is not ours, and for a name inside a module."""
    if name.partition(".")[0] not in OURS:
        return None
    path = ROOT.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def imported_names(file: Path) -> Iterator[str]:
    """Of modules, and of what is taken from them, which may be modules too.

    What a package's own functions import is for those who call them, not for all who pass through the package.
    Read from bytecode: before 3.11.8 Python's `ast.parse` fails where another thread, as Streamlit's, parses meanwhile
    (its issue 106905).
    """
    waiting = [compile(file.read_bytes(), str(file), "exec", dont_inherit=True)]
    while waiting:
        code = waiting.pop()
        if file.name != "__init__.py":
            waiting += [each for each in code.co_consts if isinstance(each, CodeType)]
        loaded: list[Any] = []
        for step in dis.get_instructions(code):
            if step.opname == "IMPORT_NAME":  # below it on the stack: how far up it looks, and what is taken from it
                yield step.argval
                yield from (f"{step.argval}.{name}" for name in loaded[-1] or ())
            loaded.append(step.argval)
