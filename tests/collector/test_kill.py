"""``mapper collect`` as a process: killed, interrupted, stopped, without disk, twice at once.

The same command continues, and the finished snapshot is that of an unbroken run, byte for byte,
but for the manifest. The moments are drawn anew in each run (``MAPPER_TEST_SEED``).
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws_wire.faults import Fault
from aws_wire.process import WireProcess
from collect_process import ACCOUNTS, REGIONS, Runs
from collector.snapshot import Snapshot
from collector_world import contents
from conftest import FRESH_SEED

seed = int(os.environ.get(FRESH_SEED, "1"))


@pytest.fixture(scope="module")
def server() -> Iterator[WireProcess]:
    estate = {"accounts": ACCOUNTS, "regions": REGIONS}
    with WireProcess(world={"items": 4, "elements": 2}, estate=estate) as process:
        yield process


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's home: the redaction key lies there."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def unbroken(
    server: WireProcess, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bytes], int]:
    """What an unbroken run leaves, and with how many requests."""
    server.forget()
    path = Runs(server, home, tmp_path_factory.mktemp("unbroken")).finish()
    assert not Snapshot.open(path).gaps()
    return contents(path), server.count()


@pytest.fixture
def runs(server: WireProcess, home: Path, tmp_path: Path, unbroken: object) -> Iterator[Runs]:
    server.faults()
    server.set(latency=0.0, session_seconds=3600)
    server.forget()
    yield Runs(server, home, tmp_path / "snapshots")
    server.faults()
    assert not server.strange(), server.strange()


def one_snapshot(runs: Runs) -> Path:
    (path,) = runs.folder.iterdir()
    return path


def killed_and_continued(runs: Runs, whole: tuple[dict[str, bytes], int], nth: int) -> None:
    """Kill the command at a random moment, perhaps again, then let it finish.

    Where the run was over before the signal came, its snapshot is finished and whole, and
    there is nothing to continue.
    """
    drawn = random.Random(f"{seed}-{nth}")
    kept, left = whole
    for _ in range(drawn.choice((1, 1, 2))):
        runs.server.forget()
        process = runs.start()
        runs.until(process, drawn.randrange(1, left))
        time.sleep(drawn.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        left = max(2, left - runs.server.count())
        if all_finished(runs.folder):
            break
    else:
        runs.finish()
    path = one_snapshot(runs)
    assert contents(path) == kept
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["finished"]
    assert set(manifest["files"]) == {file for file in kept if file.endswith(".jsonl")}


def all_finished(folder: Path) -> bool:
    """Whether there are snapshots, and none of them is to be continued."""
    snapshots = list(folder.iterdir()) if folder.exists() else []
    return bool(snapshots) and all(is_finished(path) for path in snapshots)


def is_finished(path: Path) -> bool:
    """Whether a snapshot is complete; one killed before its manifest was written is not."""
    manifest = path / "manifest.json"
    return manifest.exists() and bool(json.loads(manifest.read_text()).get("finished"))


@pytest.mark.parametrize("nth", range(3))
def test_killed_at_a_random_moment(
    runs: Runs, unbroken: tuple[dict[str, bytes], int], nth: int
) -> None:
    killed_and_continued(runs, unbroken, nth)


@pytest.mark.long
@pytest.mark.parametrize("nth", range(3, 53))
def test_killed_at_fifty_random_moments(
    runs: Runs, unbroken: tuple[dict[str, bytes], int], nth: int
) -> None:
    killed_and_continued(runs, unbroken, nth)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_asked_to_stop_it_says_how_to_go_on(
    runs: Runs, unbroken: tuple[dict[str, bytes], int], number: int
) -> None:
    runs.server.set(latency=0.02)
    process = runs.start()
    runs.until(process, unbroken[1] // 2)
    process.send_signal(number)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 1, words
    assert "Traceback" not in words
    assert "continues" in words
    runs.server.set(latency=0.0)
    runs.server.forget()
    assert contents(runs.finish()) == unbroken[0]
    assert runs.server.count() < unbroken[1]
    one_snapshot(runs)


def test_asleep_for_a_while_it_goes_on(runs: Runs, unbroken: tuple[dict[str, bytes], int]) -> None:
    """Its sessions are over when it wakes: each role is assumed again."""
    runs.server.set(session_seconds=902, latency=0.01)
    process = runs.start()
    runs.until(process, unbroken[1] // 3)
    process.send_signal(signal.SIGSTOP)
    time.sleep(4)
    process.send_signal(signal.SIGCONT)
    out, words = process.communicate(timeout=120)
    assert process.returncode == 0, out + words
    assert contents(one_snapshot(runs)) == unbroken[0]
    assumed = [row for row in runs.server.asked() if row.operation == "assume_role"]
    assert sum(row.count for row in assumed) > 1


def test_an_expired_session_ends_it_and_a_new_one_continues(
    runs: Runs, unbroken: tuple[dict[str, bytes], int]
) -> None:
    runs.server.faults(Fault(effect="expired", account=ACCOUNTS[1], first=60))
    process = runs.start()
    _, words = process.communicate(timeout=120)
    assert process.returncode == 1, words
    assert "expired" in words
    assert "continues" in words
    assert not is_finished(one_snapshot(runs))
    runs.server.faults()
    assert contents(runs.finish()) == unbroken[0]


def test_two_at_once_do_not_touch_each_others_snapshot(
    runs: Runs, unbroken: tuple[dict[str, bytes], int]
) -> None:
    runs.server.set(latency=0.01)
    both = [runs.start(), runs.start()]
    said = [process.communicate(timeout=300) for process in both]
    codes = [process.returncode for process in both]
    assert codes[0] in (0, 1)
    assert 0 in codes, said
    assert all("Traceback" not in words for _, words in said)
    finished = [path for path in runs.folder.iterdir() if is_finished(path)]
    assert len(finished) == codes.count(0)
    assert all(contents(path) == unbroken[0] for path in finished)


LIMITED = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, resource.RLIM_INFINITY))
"""


@pytest.mark.parametrize("most", [0, 700, 4000])
def test_a_file_that_may_not_grow_keeps_what_is_done(
    runs: Runs, unbroken: tuple[dict[str, bytes], int], most: int
) -> None:
    process = runs.start(before=LIMITED.format(most=most))
    _, words = process.communicate(timeout=120)
    assert process.returncode == 1, words
    assert "Traceback" not in words
    assert "cannot be written" in words
    assert contents(runs.finish()) == unbroken[0]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB, where one may be mounted."""
    where = tmp_path / "small"
    where.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(where)],
        capture_output=True,
        check=False,
    )
    if not made or made.returncode:
        pytest.skip("a small file system cannot be mounted here (needs root)")
    yield where
    subprocess.run(["umount", str(where)], check=True)


def test_a_full_disk_keeps_what_is_done(
    server: WireProcess, home: Path, small_disk: Path, unbroken: tuple[dict[str, bytes], int]
) -> None:
    runs = Runs(server, home, small_disk / "snapshots")
    filler = small_disk / "filler"
    filler.write_bytes(b"0" * 150_000)
    process = runs.start()
    _, words = process.communicate(timeout=120)
    assert process.returncode == 1, words
    assert "disk is full" in words
    assert "continues" in words
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert contents(runs.finish()) == unbroken[0]
