"""Runs a module like `python -m`, in a process that ends with the one that started it, as does its folder.

`python -m explorer.child folder module argument…`: the folder is for passing files, and is removed at the end.
"""

import os
import runpy
import shutil
import signal
import sys
import threading


def main() -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    folder, module = sys.argv[1:3]
    del sys.argv[:2]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def end_with_parent() -> None:
    """However the parent ends, killed too, the system closes the pipe that it holds."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
