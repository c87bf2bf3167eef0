"""Several processes leave what one leaves, whatever happens to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from aws_server import Answer, Front, Request, query_error
from collector.collect import collect
from collector.patience import Patience
from collector.processes import FEW_ACCOUNTS, MOST_BY_ITSELF, processes_for
from collector.request import CollectError, CollectRequest
from collector.snapshot import Snapshot
from collector.worker import Keys, RemoteCredentials
from collector_world import KEY, World, contents

# Not what moto answers differently each time: account details, roles' last use, URLs of queues.
SERVICES = ("sns", "kms", "ec2:subnet", "ec2:vpc", "s3:bucket", "lambda", "ram")


def request(folder: Path, **changes: object) -> CollectRequest:
    base = CollectRequest(
        organisation=True,
        role_names=("audit",),
        regions=("eu-west-1", "us-east-1"),
        snapshots=folder,
        redaction_key=KEY,
        services=SERVICES,
        workers=4,
        processes=2,
        patience=Patience(attempts=2, first=0.01),
    )
    return replace(base, **changes)


@pytest.fixture(scope="module")
def alone(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What one process leaves."""
    from collector_world import ENVIRONMENT

    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setenv("AWS_ENDPOINT_URL", world.server.url)
        yield collect(request(tmp_path_factory.mktemp("alone"), processes=1)).path


def workers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    ]


def parts(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.part")]


def test_processes_leave_what_one_leaves(front: Front, alone: Path, tmp_path: Path) -> None:
    result = collect(request(tmp_path))
    assert contents(result.path) == contents(alone)
    accounts = Snapshot.open(alone).manifest["accounts"]
    assert Snapshot.open(result.path).manifest["accounts"] == accounts
    assert len([r for r in front.asked if r.operation == "AssumeRole"]) == 1
    # what the parent was told is not asked again
    assert len([r for r in front.asked if r.operation == "GetCallerIdentity"]) == 1
    assert not workers()
    assert result.calls > 50


@pytest.mark.parametrize(
    ("given", "accounts", "least", "most"),
    [
        (None, FEW_ACCOUNTS, 1, 1),
        (3, 100, 3, 3),
        (8, 2, 2, 2),
        (1, 100, 1, 1),
        (None, 1000, 1, MOST_BY_ITSELF),
    ],
)
def test_how_many(given: int | None, accounts: int, least: int, most: int) -> None:
    chosen = processes_for(CollectRequest(processes=given), accounts)
    assert least <= chosen <= most


class Parent:
    """Hands out keys as a parent does, new ones each time."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def keys(self, account_id: str, refused: object = None) -> Keys:
        self.asked.append(refused)
        return Keys(1, f"key-{len(self.asked)}")


def test_a_worker_asks_for_keys_again_when_time_has_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr("collector.worker.time.time", lambda: now[0])
    parent = Parent()
    credentials = RemoteCredentials("111122223333", parent)
    assert [credentials.get_frozen_credentials() for _ in range(3)] == ["key-1"] * 3
    # asleep for an hour, or a clock that was set back: either way they may be over
    for moment, key in ((4600.0, "key-2"), (10.0, "key-3"), (20.0, "key-3")):
        now[0] = moment
        assert credentials.get_frozen_credentials() == key
    assert credentials.renew("key-1")
    assert credentials.get_frozen_credentials() == "key-3"
    assert credentials.renew("key-3")
    assert credentials.get_frozen_credentials() == "key-4"
    assert parent.asked == [None, None, None, "key-3"]


def killing(times: int, only: Callable[[Request], bool]) -> tuple[Callable, list[int]]:
    """A rule that kills the workers when a request comes that it is about."""
    killed: list[int] = []
    lock = threading.Lock()

    def rule(r: Request) -> Answer | None:
        with lock:
            if only(r) and len(killed) < times:
                killed.append(len(killed))
                for worker in workers():
                    worker.send_signal(signal.SIGKILL)
                time.sleep(0.3)
        return None

    return rule, killed


def test_a_worker_that_dies_is_replaced(front: Front, alone: Path, tmp_path: Path) -> None:
    front.rule, killed = killing(1, lambda r: r.operation == "DescribeSubnets")
    result = collect(request(tmp_path))
    assert killed
    assert contents(result.path) == contents(alone)
    assert not parts(result.path)


def test_workers_that_die_again_end_the_run_unfinished(
    front: Front, alone: Path, tmp_path: Path
) -> None:
    front.rule, _ = killing(50, lambda r: r.operation == "DescribeSubnets")
    with pytest.raises(CollectError, match=r"signal 9.*twice over account.*continues") as caught:
        collect(request(tmp_path))
    assert caught.value.exit_code == 1
    front.rule = None
    resumed = collect(request(tmp_path))
    assert resumed.path == caught.value.path
    assert contents(resumed.path) == contents(alone)


def test_lost_credentials_keep_what_is_done(front: Front, alone: Path, tmp_path: Path) -> None:
    def rule(r: Request) -> Answer | None:
        if r.operation == "ListTopics" and r.access_key != "testing":
            return query_error("ExpiredToken", "over")
        if r.operation == "AssumeRole" and any(a.operation == "ListTopics" for a in front.asked):
            return query_error("AccessDenied", "no longer")
        return None

    front.rule = rule
    with pytest.raises(CollectError, match=r"credentials for account .* expired.*no longer"):
        collect(request(tmp_path))
    front.rule = None
    resumed = collect(request(tmp_path))
    assert resumed.resumed
    assert contents(resumed.path) == contents(alone)


def test_expired_sessions_are_renewed_by_the_parent(
    front: Front, alone: Path, tmp_path: Path
) -> None:
    refused: set[str] = set()

    def rule(r: Request) -> Answer | None:
        if r.operation == "ListTopics" and r.access_key != "testing" and not refused:
            refused.add(r.access_key)
        # Of SNS alone: services of other protocols word a refusal otherwise.
        over = r.service == "sns" and r.access_key in refused
        return query_error("ExpiredToken", "over") if over else None

    front.rule = rule
    assert contents(collect(request(tmp_path)).path) == contents(alone)
    assert len([r for r in front.asked if r.operation == "AssumeRole"]) == 2


def test_cancelling_ends_the_workers(front: Front, alone: Path, tmp_path: Path) -> None:
    cancel = threading.Event()
    front.rule = lambda r: cancel.set() if r.operation == "DescribeSubnets" else None
    with pytest.raises(CollectError, match=r"Stopped; .*continues"):
        collect(request(tmp_path), cancel=cancel)
    assert not workers()
    front.rule = None
    resumed = collect(request(tmp_path))
    assert resumed.resumed
    assert contents(resumed.path) == contents(alone)


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from collector.collect import collect
from collector.patience import Patience
from collector.request import CollectRequest
if __name__ == "__main__":
    {first}
    collect(CollectRequest(organisation=True, role_names=('audit',),
        regions=('eu-west-1', 'us-east-1'), snapshots=Path({folder!r}), redaction_key={key!r},
        services={services!r}, workers=4, processes=2, patience=Patience(attempts=2, first=0.01)))
"""
LIMITED = (
    "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))"
)


def started(folder: Path, first: str = "pass") -> subprocess.Popen[str]:
    script = folder.parent / "run.py"
    script.write_text(
        SCRIPT.format(
            tests=str(Path(__file__).parents[2]),
            folder=str(folder),
            key=KEY,
            services=SERVICES,
            first=first,
        )
    )
    return subprocess.Popen(
        [sys.executable, str(script)], env=dict(os.environ), stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_takes_its_workers_with_it_and_continues(
    front: Front, alone: Path, tmp_path: Path, sent: signal.Signals
) -> None:
    folder = tmp_path / "snapshots"
    process = started(folder)
    children: list[psutil.Process] = []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        asked = {r.operation for r in front.asked}
        if {"DescribeSubnets", "ListTopics"} & asked:
            children = psutil.Process(process.pid).children(recursive=True)
            break
        time.sleep(0.01)
    assert children
    process.send_signal(sent)
    _, words = process.communicate(timeout=60)
    if sent is signal.SIGINT:
        assert "Stopped; " in words
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not alive
    resumed = collect(request(folder))
    assert resumed.resumed
    assert contents(resumed.path) == contents(alone)


def test_a_full_disk_is_said_once(front: Front, alone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    process = started(folder, LIMITED)
    _, words = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "CollectError: The snapshot cannot be written" in words
    resumed = collect(request(folder))
    assert resumed.resumed
    assert contents(resumed.path) == contents(alone)


def test_no_key_is_in_a_file_or_a_command_line(
    front: Front, world: World, alone: Path, tmp_path: Path
) -> None:
    lines: list[str] = []

    def rule(r: Request) -> None:
        if not lines and r.operation == "ListTopics":
            lines.extend(" ".join(worker.cmdline()) for worker in workers())

    front.rule = rule
    path = collect(request(tmp_path)).path
    assert lines
    keys = {r.access_key for r in front.asked} - {""}
    everything = b"".join(file.read_bytes() for file in path.rglob("*") if file.is_file())
    for key in keys - {"testing"}:
        assert key.encode() not in everything
        assert not any(key in line for line in lines)
