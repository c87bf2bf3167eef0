"""The library called from a script, with and without the guard that new processes need."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws_wire.process import WireProcess
from collect_process import ACCOUNTS, REGIONS, Runs
from collector_world import contents

COLLECT = """
import sys
from pathlib import Path
from collector.collect import collect
from collector.request import CollectRequest, Progress

class Told(Progress):
    def note(self, text):
        print("NOTE", text)

def run():
    result = collect(CollectRequest(organisation=True, role_names=("audit",), processes=2,
        regions=("eu-west-1",), services=("sns",), snapshots=Path(sys.argv[1]),
        redaction_key=b"k" * 32), Told())
    print("DONE", len(result.accounts))
"""
UNGUARDED = COLLECT + "run()\n"
GUARDED = COLLECT + 'if __name__ == "__main__":\n    run()\n'
OF_ITS_OWN = """
import multiprocessing
{collect}
def work():
    pass
if __name__ == "__mp_main__":
    run()
elif __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=work)
    process.start()
    process.join()
    sys.exit(process.exitcode)
"""
IN_A_DAEMON = """
import multiprocessing
{collect}
if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=run, daemon=True)
    process.start()
    process.join()
    sys.exit(process.exitcode)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[WireProcess]:
    estate = {"accounts": ACCOUNTS, "regions": REGIONS}
    with WireProcess(world={"items": 2, "elements": 1}, estate=estate) as process:
        yield process


def ran(server: WireProcess, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(parents=True)
    script = folder / "script.py"
    script.write_text(textwrap.dedent(text))
    runs = Runs(server, folder / "home", folder / "snapshots")
    return subprocess.run(
        [sys.executable, str(script), str(runs.folder)],
        env=runs.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def snapshot(folder: Path) -> Path:
    (path,) = (folder / "snapshots").iterdir()
    return path


def test_without_a_guard_one_process_does_it_and_says_why(
    server: WireProcess, tmp_path: Path
) -> None:
    without = ran(server, tmp_path / "without", UNGUARDED)
    assert without.returncode == 0, without.stderr
    assert "Traceback" not in without.stderr
    assert without.stdout.count("DONE 2") == 1
    assert without.stdout.count("__main__") == 1
    guarded = ran(server, tmp_path / "guarded", GUARDED)
    assert guarded.returncode == 0, guarded.stderr
    assert "__main__" not in guarded.stdout
    assert contents(snapshot(tmp_path / "without")) == contents(snapshot(tmp_path / "guarded"))


def test_in_the_start_of_a_process_of_the_script_it_refuses(
    server: WireProcess, tmp_path: Path
) -> None:
    done = ran(server, tmp_path / "own", OF_ITS_OWN.format(collect=COLLECT))
    assert done.returncode == 1
    assert 'if __name__ == "__main__":' in done.stderr.splitlines()[-1]
    assert not (tmp_path / "own" / "snapshots").exists()


def test_a_daemon_may_have_no_children_and_collects_by_itself(
    server: WireProcess, tmp_path: Path
) -> None:
    done = ran(server, tmp_path / "daemon", IN_A_DAEMON.format(collect=COLLECT))
    assert done.returncode == 0, done.stderr
    assert "DONE 2" in done.stdout
