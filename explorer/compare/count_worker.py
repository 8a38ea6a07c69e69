"""A process of its own that counts networks one after another: `python -m explorer.compare.count_worker jobs`.

A server that did it in a thread of its own would answer its visitors late meanwhile.
"""

import ast
import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from explorer.compare.counts import Count, count
from explorer.specs import Spec, build, input_shape
from explorer.tracing import trace


def main() -> None:
    with suppress(AttributeError, OSError):
        os.nice(10)
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        print(json.dumps([line, asdict(counted(Spec(*ast.literal_eval(line))))]), flush=True)


def counted(spec: Spec) -> Count:
    """Whatever a library raises is this network's problem, not the next one's."""
    try:
        model = build(spec, "meta")
        return count(trace(model, input_shape(spec, model)))
    except Exception as error:
        return Count(problem=str(error).strip() or type(error).__name__)


if __name__ == "__main__":
    main()
