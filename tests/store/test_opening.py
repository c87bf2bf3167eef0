"""Opening and failing: every obstacle is one sentence that names the thing and the remedy."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import kglite
import pytest

from graph.records import Relationship
from graph.store import LoadStamp, StoreError, StoreState, open_store, ready
from graph.store.local_neo4j import LocalNeo4j
from tests.engines import empty_neo4j
from tests.store.graphs import held, node, stamp

NODES = [node("a", "A", name="x" * 50), node("b")]
LINKS = [Relationship("TRUSTS", "a", "b", "k")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "graph.kgl"
    with open_store(path) as store:
        store.load(NODES, LINKS, stamp())
    return path


def refused(target: str | Path, **options: str) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(target, must_exist=True, **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_graph_is_there_for_the_next_process(file: Path) -> None:
    with open_store(file, must_exist=True) as store:
        assert ready(store).snapshot_id == "snap-1"
        assert set(held(store).nodes) == {"a", "b"}


def test_nothing_but_the_graph_and_its_lock_lies_there(file: Path) -> None:
    assert sorted(path.name for path in file.parent.iterdir()) == ["graph.kgl", "graph.kgl.writing"]


def test_no_graph_yet(tmp_path: Path) -> None:
    assert "mapper load" in refused(tmp_path / "none.kgl")
    with pytest.raises(StoreError, match="mapper load"):
        open_store(tmp_path / "none.kgl").run("RETURN 1 AS x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flipped", "version", "empty"])
def test_a_damaged_file_is_named_and_a_load_rebuilds_it(file: Path, damage: str) -> None:
    data = file.read_bytes()
    middle = len(data) // 2
    flipped = data[:middle] + bytes(255 - byte for byte in data[middle : middle + 8])
    broken = {
        "cut": data[:middle],
        "flipped": flipped + data[middle + 8 :],
        "version": data[:3] + b"\x63" + data[4:],
        "empty": b"",
    }
    file.write_bytes(broken[damage])
    message = refused(file)
    assert str(file) in message
    assert "mapper load" in message
    with open_store(file) as store:
        store.load(NODES, LINKS, stamp(2))
        assert set(held(store).nodes) == {"a", "b"}


def test_a_file_that_is_no_graph_is_never_overwritten(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("precious")
    with pytest.raises(StoreError, match=r"notes\.txt is not a graph file"):
        open_store(notes)
    assert notes.read_text() == "precious"
    with pytest.raises(StoreError, match="is a directory"):
        open_store(tmp_path)


def test_somebody_else_s_kglite_graph_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "other.kgl"
    graph = kglite.KnowledgeGraph()
    graph.cypher("CREATE (n:Person {name: 'Ann'})")
    graph.save(str(path))
    before = path.read_bytes()
    with pytest.raises(StoreError, match="mapper did not write"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a directory should be")
    with (
        pytest.raises(StoreError, match=r"blocked.*--graph"),
        open_store(blocked / "graph.kgl") as store,
    ):
        store.load(NODES, LINKS, stamp())


LOCK = """
import sys, time
from pathlib import Path
from graph.store.file_lock import FileLock
with FileLock(Path(sys.argv[1]), "it"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_file_that_another_process_writes_names_that_process(file: Path) -> None:
    lock = file.with_name("graph.kgl.writing")
    holder = subprocess.Popen(
        [sys.executable, "-c", LOCK, str(lock)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with open_store(file) as store:
            assert len(held(store).nodes) == 2, "readers do not wait"
            with pytest.raises(StoreError, match=rf"another process \(id {holder.pid}\)"):
                store.load([], [], stamp(2))
            holder.kill()
            holder.wait()
            store.load([], [], stamp(2))
            assert held(store).nodes == {}
    finally:
        holder.kill()
        holder.wait()
        assert holder.stdout is not None
        holder.stdout.close()


def test_a_reader_keeps_its_graph_while_another_store_loads(file: Path) -> None:
    with open_store(file) as reader, open_store(file) as writer:
        writer.load([node("new")], [], stamp(2))
        assert set(held(reader).nodes) == {"a", "b"}
        assert set(held(writer).nodes) == {"new"}


# Loads a big graph into the target, so that it can be killed in the midst of it.
LOADER = """
import sys
from graph.store import LoadStamp, open_store
from graph.records import Node
nodes = [Node(f"n{i}", ("A",), {"name": None, "x": i, "text": "y" * 100}) for i in range(60_000)]
print("go", flush=True)
with open_store(sys.argv[1], password=sys.argv[2]) as store:
    store.load(nodes, [], LoadStamp("snap-big", "o-1", "0", "t"))
"""


def start_loader(target: str, password: str = "") -> subprocess.Popen[str]:
    loader = subprocess.Popen(
        [sys.executable, "-c", LOADER, target, password], stdout=subprocess.PIPE, text=True
    )
    assert loader.stdout is not None
    assert loader.stdout.readline() == "go\n"
    return loader


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def test_a_load_that_dies_leaves_the_former_file(file: Path) -> None:
    loader = start_loader(str(file))
    lock = file.with_name("graph.kgl.writing")
    deadline = time.monotonic() + 30
    while lock.read_text() != str(loader.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    kill(loader)
    with open_store(file, must_exist=True) as store:
        assert ready(store).snapshot_id == "snap-1"
        assert set(held(store).nodes) == {"a", "b"}
        store.load([node("c")], [], stamp(2))
        assert set(held(store).nodes) == {"c"}
    assert sorted(path.name for path in file.parent.iterdir()) == ["graph.kgl", "graph.kgl.writing"]


@pytest.mark.neo4j
def test_a_load_that_dies_is_seen_and_the_next_one_repairs_it(neo4j_server: LocalNeo4j) -> None:
    with empty_neo4j(neo4j_server) as store:
        store.load(NODES, LINKS, stamp())
        loader = start_loader(neo4j_server.bolt_uri, neo4j_server.password)
        await_loading(store.state)
        kill(loader)
        message = refused(neo4j_server.bolt_uri, password=neo4j_server.password)
        assert "snap-big" in message
        assert "mapper load" in message
        store.load(NODES, LINKS, stamp(2))
        assert ready(store).snapshot_id == "snap-2"
        assert set(held(store).nodes) == {"a", "b"}
        assert len(held(store).links) == 1


@pytest.mark.neo4j
def test_of_two_loads_at_once_the_later_one_wins_whole(neo4j_server: LocalNeo4j) -> None:
    words: list[str] = []
    many = [node(f"n{i}", "A", text="y" * 100) for i in range(60_000)]

    def load_many() -> None:
        with open_store(neo4j_server.bolt_uri, password=neo4j_server.password) as mine:
            try:
                mine.load(many, [], stamp(1))
            except StoreError as problem:
                words.append(str(problem))

    with empty_neo4j(neo4j_server) as store:
        thread = threading.Thread(target=load_many)
        thread.start()
        await_loading(store.state)
        store.load(NODES, LINKS, stamp(2))
        thread.join()
        assert len(words) == 1
        assert words[0].startswith("Another load into")
        assert ready(store).snapshot_id == "snap-2"
        assert set(held(store).nodes) == {"a", "b"}


def await_loading(state: Callable[[], StoreState | None]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = state()
        if found is not None and found.state == "loading":
            return
        time.sleep(0.02)
    raise AssertionError("the load never began")


@pytest.mark.parametrize(
    "uri", ["http://localhost:7474", "bolt://", "bolt://host:99999", "file:///etc/passwd"]
)
def test_an_address_that_is_none(uri: str) -> None:
    assert "is not an address of a graph" in refused(uri)


def test_a_password_in_an_address_is_never_shown() -> None:
    assert "hunter2" not in refused("http://neo4j:hunter2@localhost:7474")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    message = refused(f"bolt://neo4j:hunter2@127.0.0.1:{port}")
    assert "hunter2" not in message


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        uri = f"bolt://127.0.0.1:{probe.getsockname()[1]}"
    message = refused(uri)
    assert message.startswith(f"No Neo4j answers at {uri}.")
    assert "docker compose up" in message


@pytest.mark.neo4j
def test_a_wrong_password_and_a_wrong_database(neo4j_server: LocalNeo4j) -> None:
    uri = neo4j_server.bolt_uri
    assert "refused the user or the password" in refused(uri, password="wrong-one")
    message = refused(uri, password=neo4j_server.password, database="nowhere")
    assert "no database 'nowhere'" in message
    in_uri = uri.replace("://", f"://neo4j:{neo4j_server.password}@")
    with open_store(in_uri) as store:
        assert store.target == uri


@pytest.mark.neo4j
def test_a_database_that_mapper_did_not_load_is_left_alone(neo4j_server: LocalNeo4j) -> None:
    with empty_neo4j(neo4j_server) as store:
        store.run("CREATE (:Person {name: 'Ann'})", read_only=False)
        with pytest.raises(StoreError, match=r"mapper did not load.*--database"):
            store.load(NODES, LINKS, stamp(), replace=True)
        assert store.run("MATCH (n) RETURN n.name AS name") == [{"name": "Ann"}]


def test_a_graph_of_another_version_of_mapper(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.store.interface.SCHEMA_VERSION", 2)
    assert "loaded by mapper 0.1.0 (graph version 1, this one reads 2)" in refused(file)


def test_two_stamps_are_two_loads() -> None:
    one, other = (LoadStamp("s", "o", "0", "t") for _ in range(2))
    assert one.load != other.load


def test_closing_twice_is_harmless(file: Path) -> None:
    store = open_store(file)
    store.close()
    store.close()
