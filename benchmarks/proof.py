"""`python -m benchmarks.proof`: every network of torchvision and timm, held against torch and against its own numbers.

One line a network in `assets/proof.csv`. It goes on where it was broken off; what differed before is looked at again,
and so is what is named: `python -m benchmarks.proof 'timm/vit_*'`.
"""

import csv
import platform
import queue
import re
import sys
import threading
import time
from collections import Counter
from fnmatch import fnmatch
from importlib.metadata import version
from typing import Any

from explorer.analysis.crosscheck.crosscheck import PROOF, PROVEN, VERDICTS, count_verdicts, read_proof
from explorer.models.sources import SOURCES
from explorer.paths import ROOT, written_whole
from explorer.subprocess_client import ProcessEnded, SubprocessClient
from testing.proof import ONE_WAY

COLUMNS: tuple[str, ...] = ("name", "source", "parameters", "macs", "verdict", "reason", "milliseconds", "versions")
README, MARKS = ROOT / "README.md", ("<!-- proof -->", "<!-- /proof -->")
# What stands before a reason that many networks share.
PARTICULARS = re.compile(r"^.* stopped at \w+ on [^:]*: |^.* GMACs at the smallest image it takes: ")
PROCESSES = 2
NAMED = 20  # networks of one kind that the README lists
PATIENCE = 600  # seconds for one network
Row = dict[str, Any]


def all_networks() -> list[tuple[str, str]]:
    """Each with its source first."""
    return [(source, name) for source in PROVEN for name in SOURCES[source].names()]


def one_of_each_first(networks: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Round after round, so that a mistake about a family shows early."""
    seen: Counter[tuple[str, str]] = Counter()
    rounds = []
    for source, name in networks:
        family = source, re.split(r"[\d_]", name, maxsplit=1)[0]
        rounds.append((seen[family], source, name))
        seen[family] += 1
    return [(source, name) for _, source, name in sorted(rounds)]


def installed() -> str:
    packages = " · ".join(f"{name} {version(name)}" for name in ("torch", "torchvision", "timm"))
    return f"{packages} · Python {platform.python_version()}"


def write_rows(rows: list[Row]) -> None:
    with written_whole(PROOF) as draft, draft.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def examine_all(waiting: "queue.SimpleQueue[tuple[str, str]]", done: dict[tuple[str, str], Row], versions: str) -> None:
    """One process's share: a crash or a hang costs one network."""
    client = SubprocessClient("testing.proof", {"OMP_NUM_THREADS": "1"})
    while True:
        try:
            source, name = key = waiting.get_nowait()
        except queue.Empty:
            return client.end()
        try:
            found = client.request(key, PATIENCE)
        except TimeoutError:
            found = {"verdict": "differs", "reason": f"took more than {PATIENCE} seconds"}
        except ProcessEnded as error:
            found = {"verdict": "differs", "reason": f"its process ended: {error}"}
        done[key] = {column: "" for column in COLUMNS} | {"name": name, "source": source, "versions": versions} | found
        print(f"{source}/{name}: {found['verdict']} {found['reason']}", flush=True)


def main(patterns: list[str]) -> bool:
    """Whether nothing differs."""
    networks, versions = all_networks(), installed()
    done = {(row["source"], row["name"]): row for row in read_proof() if row["versions"] == versions}
    waiting: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    for key in one_of_each_first(networks):
        again = any(fnmatch("/".join(key), pattern) for pattern in patterns)
        if key not in done or done[key]["verdict"] == "differs" or again:
            waiting.put(key)
    workers = [
        threading.Thread(target=examine_all, args=(waiting, done, versions), daemon=True) for _ in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        time.sleep(2)
        write_rows([done[key] for key in networks if key in done])
    write_rows([done[key] for key in networks if key in done])
    rows = read_proof()
    README.write_text(with_summary(README.read_text(encoding="utf-8"), rows), encoding="utf-8")
    return not any(row["verdict"] == "differs" for row in rows)


def with_summary(text: str, rows: list[Row]) -> str:
    """The README with what the file says, in place of what it said before."""
    before, _, rest = text.partition(MARKS[0])
    return f"{before}{MARKS[0]}\n\n{summarise_rows(rows)}\n\n{MARKS[1]}{rest.partition(MARKS[1])[2]}"


def summarise_rows(rows: list[Row]) -> str:
    """How many networks of each source are what, and why those that are not exact are not."""
    titles = " | ".join(verdict.capitalize() for verdict in VERDICTS)
    lines = [f"| Networks | Examined | {titles} |", f"|---|--:|{'--:|' * len(VERDICTS)}"]
    for title, counts in count_verdicts(rows).items():
        lines.append(f"| {title} | {' | '.join(f'{count:,}' for count in counts)} |")
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["verdict"] != "exact" or row["reason"].startswith(ONE_WAY):
            reason = PARTICULARS.sub("", row["reason"])
            reasons.setdefault((row["verdict"], reason), []).append(row["name"])
    lines += ["", "| What is to be said | Why | Which |", "|---|---|---|"]
    for (verdict, reason), names in sorted(reasons.items()):
        named = [f"`{name}`" for name in names[:NAMED]] + [f"{len(names) - NAMED} more"] * (len(names) > NAMED)
        lines.append(f"| {len(names)} {verdict} | {reason.replace('|', '/')} | {', '.join(named)} |")
    return "\n".join([f"{len(rows):,} of {len(all_networks()):,} networks have been run.", "", *lines])


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1:]))
