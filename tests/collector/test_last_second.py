"""Ctrl-C in the last second: what is said of the snapshot is what stands on the disk.

The moments are exact: the interpreter tells of each file that it renames, removes or opens.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws_wire.process import WireProcess
from collect_process import ACCOUNTS, REGIONS, Runs
from collector.snapshot import Snapshot

SERVICES = ("sns", "ec2:vpc")
INTERRUPTED = """
import signal, sys
moments = []
def interrupt(event, args):
    if event != {event!r} or not str(args[0]).endswith({ending!r}):
        return
    if event == "open" and args[1] not in ("r", "rb"):
        return
    moments.append(event)
    if len(moments) == {nth}:
        signal.raise_signal(signal.SIGINT)
sys.addaudithook(interrupt)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[WireProcess]:
    estate = {"accounts": ACCOUNTS, "regions": REGIONS}
    with WireProcess(world={"items": 2, "elements": 1}, estate=estate) as process:
        yield process


@pytest.fixture
def runs(server: WireProcess, tmp_path: Path) -> Runs:
    return Runs(server, tmp_path / "home", tmp_path / "snapshots", SERVICES)


def interrupted(runs: Runs, event: str, ending: str, nth: int = 1) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a run that gets Ctrl-C at the nth such moment."""
    process = runs.start(before=INTERRUPTED.format(event=event, ending=ending, nth=nth))
    out, words = process.communicate(timeout=300)
    assert "Traceback" not in words
    return process.returncode, out, words


def one_snapshot(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


@pytest.mark.parametrize(
    ("event", "ending"), [("os.remove", "journal.jsonl"), ("open", "manifest.json")]
)
def test_after_the_manifest_it_comes_too_late(runs: Runs, event: str, ending: str) -> None:
    code, out, words = interrupted(runs, event, ending)
    assert code == 0, words
    assert "asked to stop when everything was done" in out
    assert "continues" not in out + words
    path = one_snapshot(runs.folder)
    assert str(path) in out
    assert Snapshot.open(path).accounts == ACCOUNTS
    assert not (path / "journal.jsonl").exists()


def test_before_the_manifest_it_stops_and_the_same_command_continues(runs: Runs) -> None:
    code, out, words = interrupted(runs, "os.rename", "manifest.json.part", nth=2)
    assert code == 1
    assert out == ""
    assert "Stopped" in words
    assert "continues" in words
    path = one_snapshot(runs.folder)
    assert not json.loads((path / "manifest.json").read_text())["finished"]
    assert runs.finish() == path


def test_while_the_result_is_printed_the_snapshot_is_named_as_finished(runs: Runs) -> None:
    code, _, words = interrupted(runs, "open", "manifest.json", nth=3)
    assert code == 1
    assert f"the snapshot {one_snapshot(runs.folder)} is finished" in words
    assert "continues" not in words


def test_a_scan_does_not_go_on_to_answer(runs: Runs, tmp_path: Path) -> None:
    before = INTERRUPTED.format(event="os.remove", ending="journal.jsonl", nth=1)
    options = [option for option in runs.command[4:] if option != str(runs.folder)]
    options = [option for option in options if option not in ("--snapshots", "--processes", "1")]
    start = [*runs.command[:2], before + runs.command[2], "scan", "-d", str(tmp_path / "out")]
    done = subprocess.run(
        [*start, *options],
        env=runs.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"the snapshot {one_snapshot(tmp_path / 'out' / 'snapshots')} is finished" in done.stderr
    assert not (tmp_path / "out" / "public.json").exists()
