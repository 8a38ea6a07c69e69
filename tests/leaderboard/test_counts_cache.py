"""The counts kept on disk: nothing half-written stays, and two versions of the program leave each other's alone."""

import os
from pathlib import Path

import pytest

from explorer.analysis.model_summary import GraphCounts
from explorer.background import Failure
from explorer.leaderboard import counts_cache
from explorer.leaderboard.counts_cache import MOST_FILES, Ledger, keep_counts, read_kept, spell_spec
from explorer.models.spec import Spec
from explorer.subprocess_client import SubprocessClient

ONE = {"one": GraphCounts(1, 0, 2, 3, 4, 224)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    return tmp_path


def test_a_full_disk_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    keep_counts(ONE)
    assert list(folder.iterdir()) == []


def test_another_versions_counts_are_left_alone_but_not_for_ever(folder: Path) -> None:
    others = [folder / f"counts-{number}.json" for number in range(MOST_FILES + 2)]
    for age, other in enumerate(reversed(others)):
        other.write_text("{}")
        stamp = 1_000_000_000 - age
        os.utime(other, (stamp, stamp))
    keep_counts(ONE)
    assert read_kept() == ONE
    assert set(folder.iterdir()) == {counts_cache.counts_file(), *others[-MOST_FILES + 1 :]}


def test_a_counting_that_broke_off_is_tried_again_after_a_while(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    ledger, spec = Ledger(), Spec("model_defs", "LeNet")
    with monkeypatch.context() as patch:
        patch.setattr(SubprocessClient, "start", broken)
        ledger.ask([spec])
        assert ledger.cache.wait_for_rest(20)
    assert ledger.failed == "The networks could not be counted. Cannot allocate memory."
    ledger.ask([spec])
    assert not ledger.cache.working and ledger.known(spec) is None
    ledger.cache.failed[spell_spec(spec)] = Failure(ledger.failed, until=0)
    ledger.ask([spec])
    assert not ledger.failed
    assert ledger.cache.wait_for_rest(300)
    assert (found := ledger.known(spec)) and found.params == 61_706 and spell_spec(spec) in ledger.counts
