"""Where measurements are kept: one line of JSON each in the data folder, the newest last."""

import json
import os
from pathlib import Path
from threading import Lock

from explorer.paths import data_folder
from explorer.profiler.measurements import Roof, Speed, as_record, from_record

NAME = "speed.jsonl"
BINARY = getattr(os, "O_BINARY", 0)  # on Windows: else a line grows on its way


class MeasurementTrouble(ValueError):
    """The file cannot be read or written now; the sentence says why and what to do."""


class Measurements:
    """Safe to use from any thread, and by several servers at once: a line is written in one piece or not at all."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / NAME
        self.guard = Lock()
        self.stamp: tuple[int, int] = (0, 0)
        self.known: tuple[Speed | Roof, ...] = ()

    def add(self, thing: Speed | Roof) -> None:
        line = json.dumps(as_record(thing)) + "\n"
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | BINARY, 0o644)
            try:
                begun = os.fstat(handle).st_size
                if os.write(handle, line.encode()) < len(line.encode()):  # the disk took only a part of it
                    os.ftruncate(handle, begun)
                    raise MeasurementTrouble(f"The disk with {self.file} is full: free some space, then measure again.")
            finally:
                os.close(handle)
        except OSError as error:
            raise MeasurementTrouble(f"{self.file} cannot be written: {error.strerror}. {REMEDY}") from error

    def all(self) -> tuple[Speed | Roof, ...]:
        """In the order they were made; read again only when the file has changed."""
        try:
            found = os.stat(self.file)
            with self.guard:
                if self.stamp != (stamp := (found.st_mtime_ns, found.st_size)):
                    lines = self.file.read_text(encoding="utf-8", errors="replace").splitlines()
                    self.known, self.stamp = tuple(filter(None, map(parsed, lines))), stamp
                return self.known
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise MeasurementTrouble(f"{self.file} cannot be read: {error.strerror}. {REMEDY}") from error


REMEDY = "See to its permissions, or set EXPLORER_DATA to another folder."


def parsed(line: str) -> Speed | Roof | None:
    """None for a line that was cut off, or that another version wrote."""
    try:
        return from_record(json.loads(line))
    except (ValueError, LookupError, TypeError):
        return None


_held: dict[Path, Measurements] = {}


def measurements() -> Measurements:
    """Those of the data folder as it is set now."""
    folder = data_folder()
    return _held.setdefault(folder, Measurements(folder))
