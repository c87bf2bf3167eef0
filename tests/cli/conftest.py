"""A snapshot on disk and a graph in a file, and the command line in this process."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector.snapshot.ledger import LedgerRow, Status
from graph.store import LoadStamp, open_store
from mapper.cli import run
from tests.queries import organisation as org

SNAPSHOT_ID = "2026-11-22T04-35-24Z-ab12"
ACCOUNTS = (org.PROD, org.DEV, org.SEC)


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)


@dataclass(frozen=True)
class Place:
    """A folder with ``snapshots/<id>`` and ``graph.kgl``."""

    folder: Path
    snapshot: Path
    graph: Path


def write_snapshot(path: Path, ledger: list[LedgerRow], *, finished: bool = True) -> Path:
    """A snapshot whose ledger is given and whose organisation has three accounts."""
    home = f"accounts/{org.SEC}/global/org"
    files = {
        f"{home}/account.jsonl": [
            {"id": f"account:{a}", "item": {"Id": a, "Name": n}, "calls": {}}
            for a, n in ((org.PROD, "prod"), (org.DEV, "dev"), (org.SEC, "security"))
        ]
    }
    for name, lines in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    (path / "coverage.jsonl").write_text(
        "".join(json.dumps(row.as_json()) + "\n" for row in ledger)
    )
    manifest = {
        "format": 1,
        "id": path.name,
        "finished": "2026-11-22T04:40:00Z" if finished else None,
        "accounts": [{"id": account} for account in ACCOUNTS],
        "files": {
            name: hashlib.sha256((path / name).read_bytes()).hexdigest()
            for name in (*files, "coverage.jsonl")
        },
    }
    (path / "manifest.json").write_text(json.dumps(manifest))
    return path


def seen(*types: str) -> list[LedgerRow]:
    """A ledger in which every account answered for these types."""
    return [
        LedgerRow(account, "eu-west-1", kind.partition(":")[0], "describe", kind, Status.OK, 1)
        for account in ACCOUNTS
        for kind in types
    ]


@pytest.fixture(scope="session")
def needed() -> list[str]:
    from queries.library import load_library

    return sorted({need for query in load_library() for need in query.needs})


@pytest.fixture
def place(tmp_path: Path, needed: list[str], monkeypatch: pytest.MonkeyPatch) -> Place:
    snapshot = write_snapshot(tmp_path / "snapshots" / SNAPSHOT_ID, seen(*needed))
    graph = tmp_path / "graph.kgl"
    stamp = LoadStamp(SNAPSHOT_ID, "organisation o-1", "test", "2026-11-22T04:40:00Z", ACCOUNTS)
    with open_store(graph) as store:
        store.load(org.nodes(), org.relationships(), stamp)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    for name in ("MAPPER_SNAPSHOT", "COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name in [n for n in os.environ if n.startswith(("AWS_", "NEO4J_"))]:
        monkeypatch.delenv(name)
    return Place(tmp_path, snapshot, graph)


@pytest.fixture
def mapper(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return call


@pytest.fixture
def ask(place: Place, mapper: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """Run a command on the place's snapshot and graph."""

    def call(command: str, *arguments: object) -> Outcome:
        return mapper(command, "--graph", place.graph, *arguments)

    return call
