"""SIGTERM ends a command as Ctrl-C does: a sentence, exit code 1, no server left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_terminated_command_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mapper.cli", "demo", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert b"Simulator started" in process.stderr.readline()
        process.terminate()
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Stopped. What was finished is kept." in errors.decode()
    assert "Traceback" not in errors.decode()
