"""Runs a module like `python -m`, in a process that ends with the one that started it.

Its arguments are a folder, the module and the module's own: the folder holds what was handed over, and goes too.
"""

import os
import runpy
import shutil
import sys
import threading


def watched_command(folder: str, module: str, *arguments: str) -> list[str]:
    """What starts it. It lives while we hold its standard input open."""
    return [sys.executable, "-m", __name__, folder, module, *arguments]


def main() -> None:
    folder, module = sys.argv[1:3]
    del sys.argv[:2]
    threading.Thread(target=end_with_parent, args=(folder,), daemon=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def end_with_parent(folder: str) -> None:
    """However the parent ends, killed too, the system closes the pipe that it holds. A visitor is not waited for."""
    while os.read(0, 1024):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
