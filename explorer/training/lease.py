"""Who trains with a data folder: one server at a time; the others only read."""

import sqlite3
from contextlib import closing
from pathlib import Path


class Lease:
    """Held by an open transaction, which ends with the process, however that ends."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "trainer.sqlite"
        self.held: sqlite3.Connection | None = None

    def take(self) -> bool:
        """Whether it is ours now, or was before."""
        if self.held:
            return True
        connection = sqlite3.connect(self.file, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            connection.close()
            return False
        self.held = connection
        return True

    def give_back(self) -> None:
        if self.held:
            with closing(self.held):
                self.held = None
