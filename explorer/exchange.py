"""Runs as files that travel from one library to another: one a file, or several in a ZIP."""

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence

from explorer.recorded import ENDING, LARGEST, file_name, record_of
from explorer.training.store import Run, Store


def exported(store: Store, runs: Sequence[Run]) -> tuple[str, Callable[[], bytes]]:
    """The name of a file that holds them all, and what makes it."""
    if len(runs) == 1:
        return file_name(runs[0].title, runs[0]), lambda: record_of(store, runs[0]).pack()
    names = {run.id: file_name(run.title, run) for run in runs}
    return f"{len(runs)} runs.zip", lambda: zipped({names[run.id]: record_of(store, run).pack() for run in runs})


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:  # they are packed already
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def files_in(content: bytes, name: str) -> list[tuple[str, bytes]]:
    """What an export holds: one run, or a ZIP of several. Raises `ValueError` with a sentence."""
    if not content.startswith(b"PK"):
        return [(name, content)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [each for each in archive.infolist() if each.filename.endswith(ENDING)]
            if not inside or sum(each.file_size for each in inside) > LARGEST:
                raise ValueError(f"{name} holds no recorded runs, or too many: bring a file that “Export” wrote.")
            return [(each.filename, archive.read(each)) for each in inside]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError) as error:
        raise ValueError(f"{name} is damaged: export the runs again.") from error
