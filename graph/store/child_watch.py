"""Run a program that must not outlive the process that wanted it.

``python child_watch.py GRACE REMOVE PROGRAM ARGS...`` runs the program until it ends or until
standard input closes, which happens when the parent dies, however it dies. The program then has
GRACE seconds to end in order (0: it is killed at once), and the directory REMOVE (empty: none)
goes. A process forked from the parent may hold the other end of the pipe, so the parent itself is
looked at, too.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading

_PR_SET_PDEATHSIG = 1


def watch(grace: float, remove: str, command: list[str]) -> int:
    """Run ``command``; end it when standard input closes. Returns its exit code.

    ``grace`` is in seconds; the directory ``remove`` is deleted when standard input has closed.
    """
    parent = os.getppid()
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
    )
    orphaned = threading.Event()

    def wait_for_the_end() -> None:
        while os.read(0, 4096):
            pass
        orphaned.set()

    # Whoever ends the watcher means its child.
    signal.signal(signal.SIGTERM, lambda *_: orphaned.set())
    threading.Thread(target=wait_for_the_end, daemon=True).start()
    while child.poll() is None:
        if orphaned.wait(timeout=0.25) or os.getppid() != parent:
            code = _end(child, grace)
            if remove:
                shutil.rmtree(remove, ignore_errors=True)
            return code
    return child.returncode


def _end(child: subprocess.Popen[bytes], grace: float) -> int:
    if grace:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(timeout=grace)
    child.kill()
    return child.wait()


def _die_with_parent() -> None:
    """Linux: should this watcher itself be killed, its child goes with it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    # The pipe, not the terminal's Ctrl-C, says when to stop: the parent wants to end it in order.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(watch(float(sys.argv[1]), sys.argv[2], sys.argv[3:]))
