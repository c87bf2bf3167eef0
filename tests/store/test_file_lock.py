"""One writer at a time; who may wait gets its turn when the holder is gone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.store import StoreError, file_lock
from graph.store.file_lock import FileLock

HOLD = """
import sys
from pathlib import Path
from graph.store.file_lock import FileLock
with FileLock(Path(sys.argv[1]), "it"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until it is told to let go."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_who_does_not_wait_is_told_who_holds_it(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(StoreError, match=f"another process .id {holder.pid}.*Wait"):
        FileLock(tmp_path / "lock", "it").__enter__()


def test_who_waits_gets_it_when_the_holder_lets_go(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    assert holder.stdin is not None
    holder.stdin.write("\n")
    holder.stdin.flush()
    with FileLock(tmp_path / "lock", "it", wait_seconds=60):
        assert holder.wait(timeout=60) == 0


def test_who_waits_for_long_is_told_for_whom(
    tmp_path: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def told(text: str) -> None:
        said.append(text)
        assert holder.stdin is not None
        holder.stdin.write("\n")
        holder.stdin.flush()

    monkeypatch.setattr(file_lock, "_SILENT", 0.0)
    with FileLock(tmp_path / "lock", "it", wait_seconds=60, say=told):
        assert holder.wait(timeout=60) == 0
    assert said == [f"Waiting for another process (id {holder.pid}): it ..."]


def test_waiting_ends(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreError, match=f"another process .id {holder.pid}"):
        FileLock(tmp_path / "lock", "it", wait_seconds=0.3).__enter__()
