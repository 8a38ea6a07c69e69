"""Worker processes on this computer, which end with the one that started them, however that ends."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress

from explorer.parent_watchdog import watched_command
from explorer.paths import ROOT

PRELOADED = "explorer.training.scheduler.worker_task"  # what a worker needs, before it reports for work
QUIET = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False", "DASK_LOGGING__DISTRIBUTED": "error"}


class WorkerProcess:
    """One worker, with one thread, from its start."""

    def __init__(self, scheduler: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="explorer-worker-")  # empty, and goes with it
        self.started = time.monotonic()
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed in close
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.process = subprocess.Popen(
            watched_command(self.folder, *worker_command(scheduler)),
            env=os.environ | QUIET | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,  # it lives while we hold that open
            stdout=subprocess.DEVNULL,
            stderr=self.log,
            start_new_session=True,  # Control-C is for us alone
        )

    def ended(self) -> bool:
        return self.process.poll() is not None

    def age(self) -> float:
        return time.monotonic() - self.started

    def last_log_line(self) -> str:
        self.log.seek(0)
        lines = self.log.read()[-4000:].strip().splitlines()
        return lines[-1] if lines else f"it ended with code {self.process.returncode}."

    def close(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=2)
        if not self.ended():
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)  # it had no time to, if it was killed
        self.log.close()


def worker_command(scheduler: str) -> list[str]:
    """The module and its arguments: torch is loaded before it reports for work; it listens to this computer only."""
    local = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    single = ["--no-nanny", "--nthreads", "1", "--memory-limit", "0"]
    ready = ["--preload", PRELOADED, "--death-timeout", "60"]
    return ["distributed.cli.dask_worker", scheduler, *local, *single, *ready]
