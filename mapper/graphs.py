"""The graph of a snapshot: the embedded one in the cache, or a server."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mapper.cache import cache_dir
from mapper.errors import WrongUsageError

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from graph.derive import Derivation
    from graph.store import LoadReport, LoadStamp, Store

Say = Callable[[str], None]


def tool_version() -> str:
    """The version of the installed distribution."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("aws-mapper")
    except PackageNotFoundError:
        return "0+source"


def is_server(target: str | None) -> bool:
    """Whether ``--graph`` names a server and not a file."""
    return target is not None and "://" in target


def open_graph(snapshot: Snapshot, target: str | None, say: Say) -> Store:
    """The graph to ask: of the target named, or the snapshot's own, built on first use.

    Raises:
        graph.store.StoreError: it cannot be opened or asked.
        WrongUsageError: it holds another snapshot, or a changed snapshot was to be asked there.
    """
    if target is None:
        return _embedded(snapshot, say)
    if snapshot.overlay:
        raise WrongUsageError("--what-if derives a graph of its own; leave --graph out.")
    store = connect(target, must_exist=True)
    state = store.state()
    if state is not None and state.snapshot_id != snapshot.id:
        store.close()
        raise WrongUsageError(
            f"{target} holds snapshot {state.snapshot_id}, but the snapshot asked for is "
            f"{snapshot.id}. Name the right one with --snapshot, or load it: "
            f"mapper load --graph {target}"
        )
    return store


def connect(target: str, *, database: str | None = None, must_exist: bool = False) -> Store:
    """Open a file, or a server with the user and password of the environment.

    ``NEO4J_USERNAME``, ``NEO4J_PASSWORD`` and ``NEO4J_DATABASE`` are read; on a terminal a missing
    password is asked for. Credentials in the address are refused: they would end in the shell's
    history.
    """
    from graph.store import open_store

    if not is_server(target):
        return open_store(Path(target), must_exist=must_exist)
    if "@" in target.partition("://")[2].partition("/")[0]:
        raise WrongUsageError(
            "--graph with a password in the address would stand in your shell's history. Set "
            "NEO4J_USERNAME and NEO4J_PASSWORD instead."
        )
    user, password = os.environ.get("NEO4J_USERNAME"), os.environ.get("NEO4J_PASSWORD")
    if password is None and user is not None and sys.stdin.isatty() and sys.stderr.isatty():
        import click

        password = click.prompt(f"Password of {user} at {target}", hide_input=True, err=True)
    return open_store(
        target,
        user=user,
        password=password,
        database=database or os.environ.get("NEO4J_DATABASE"),
        must_exist=must_exist,
    )


def load_graph(
    snapshot: Snapshot, store: Store, say: Say, *, replace: bool = False
) -> tuple[Derivation, LoadReport]:
    """Derive a snapshot and load it, with attack paths and what a closure over steps may follow.

    Raises:
        graph.store.StoreError: the store refuses it.
    """
    from graph.derive import derive
    from queries.answers.following_records import attack_records

    say(f"Deriving the graph of {snapshot.id} ...")
    derivation = derive(snapshot)
    with _without_collector():
        records = attack_records(derivation.nodes, derivation.relationships)
    for note in records.notes:
        say(f"Warning: {note}")
    say(f"Loading {len(records.nodes)} nodes and {len(records.relationships)} relationships ...")
    report = store.load(records.nodes, records.relationships, stamp_of(snapshot), replace=replace)
    return derivation, report


@contextmanager
def _without_collector() -> Iterator[None]:
    """Python's search for cycles rests: among records that have none it takes half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def stamp_of(snapshot: Snapshot) -> LoadStamp:
    """What a load of this snapshot says about itself."""
    from graph.store import LoadStamp

    return LoadStamp(
        snapshot_id=snapshot.id,
        lineage=lineage_of(snapshot),
        tool_version=tool_version(),
        finished=str(snapshot.manifest["finished"]),
        accounts=snapshot.accounts,
        unread=_unread(snapshot),
    )


def lineage_of(snapshot: Snapshot) -> str:
    """What one database may hold one of: the organisation, else the first account."""
    for item in snapshot.items("org:organization"):
        found = item.call("describe_organization").value or {}
        organisation = found.get("Organization", found)
        if isinstance(organisation, dict) and organisation.get("Id"):
            return f"organisation {organisation['Id']}"
    return f"account {snapshot.accounts[0]}" if snapshot.accounts else f"snapshot {snapshot.id}"


def cache_path(snapshot: Snapshot) -> Path:
    """Where the embedded graph of a snapshot is kept: named by all that it depends on."""
    manifest = snapshot.manifest
    text = json.dumps(
        [
            sorted(f"{name} {sha}" for name, sha in _files(manifest["files"])),
            _overlay(snapshot),
            tool_version(),
            _engine(),
        ]
    )
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in snapshot.id)[:80]
    return cache_dir() / "graphs" / f"{safe}-{digest}.kgl"


_BUILD_SECONDS = 3600.0
"""How long a command waits for another one that builds the same graph."""


def _embedded(snapshot: Snapshot, say: Say) -> Store:
    """The snapshot's graph in the cache; in memory where the cache cannot be written."""
    path = cache_path(snapshot)
    found = _cached(path, lambda _: None)
    if found is not None:
        return found
    building = _build_lock(path, say)
    if building is None:
        say(
            f"Warning: the cache directory {path.parent} cannot be written, so the graph is built "
            "in memory, for this command only. Name another directory with MAPPER_CACHE."
        )
        return _in_memory(snapshot, path, say)
    with building:
        # Who waited finds what the other one built.
        return _cached(path, say) or _built(snapshot, path, say)


def _build_lock(path: Path, say: Say) -> AbstractContextManager[object] | None:
    """The right to build a graph, taken; ``None`` where nothing can be written."""
    from graph.store.file_lock import FileLock, UnwritableError

    lock = FileLock(
        path.with_name(path.name + ".building"),
        f"The graph {path}",
        wait_seconds=_BUILD_SECONDS,
        say=say,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(path.parent, os.W_OK):
            return None
        taken = ExitStack()
        taken.enter_context(lock)
    except (OSError, UnwritableError):
        return None
    return taken


def _cached(path: Path, say: Say) -> Store | None:
    from graph.store import StoreError

    try:
        if not path.exists():
            return None
        return connect(str(path), must_exist=True)
    except OSError:
        return None
    except StoreError:
        say(f"The graph in the cache ({path}) is unreadable or unfinished; building it again.")
        return None


def _built(snapshot: Snapshot, path: Path, say: Say) -> Store:
    path.unlink(missing_ok=True)
    with connect(str(path)) as store:
        load_graph(snapshot, store, say, replace=True)
    return connect(str(path), must_exist=True)


def _in_memory(snapshot: Snapshot, path: Path, say: Say) -> Store:
    from graph.store.kglite_store import KgliteMemory

    store = KgliteMemory(path)
    load_graph(snapshot, store, say, replace=True)
    return store


def _files(listed: object) -> list[tuple[str, str]]:
    """File and hash as the manifest gives them, whichever way a hash is written there."""
    if isinstance(listed, dict):
        return [(str(name), json.dumps(entry, sort_keys=True)) for name, entry in listed.items()]
    return [(str(name), "") for name in listed] if isinstance(listed, list) else []


def _overlay(snapshot: Snapshot) -> str:
    """The files as they read after the changes, hashed; empty without a change."""
    if not snapshot.overlay:
        return ""
    digest = hashlib.sha256()
    for type_id in sorted(snapshot.types()):
        for item in snapshot.items(type_id):
            if item.file in snapshot.overlay.files:
                calls = {name: (str(c.status), c.value) for name, c in item.calls.items()}
                line = [item.file, item.id, item.item, calls]
                digest.update(json.dumps(line, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _engine() -> str:
    """Hash of the code and data that derive, so that a changed tool never reads an old graph."""
    import graph
    import queries.answers

    digest = hashlib.sha256()
    for package in (graph, queries.answers):
        home = Path(str(package.__file__)).parent
        for path in sorted(p for p in home.rglob("*") if p.suffix in (".py", ".json")):
            digest.update(path.relative_to(home).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _unread(snapshot: Snapshot) -> frozenset[tuple[str, str, str]]:
    """(account, region, CloudFormation type) of what a gap of the ledger may hide."""
    from collector.snapshot.ledger import ALL_TYPES
    from graph.schema.registry import REGISTRY

    names: dict[str, set[str]] = {}
    for declared in REGISTRY.node_types:
        names.setdefault(declared.snapshot_type, set()).add(declared.resource_type)
    names[ALL_TYPES] = {"*"}
    return frozenset(
        (row.account_id, row.region, name)
        for row in snapshot.gaps()
        for kind in row.types
        for name in names.get(kind, ())
    )
