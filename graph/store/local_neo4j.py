"""A real Neo4j of one's own: started on loopback, gone with the process that started it."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import neo4j
import neo4j.exceptions
import platformdirs

from graph.store import child_watch
from graph.store.file_lock import FileLock
from graph.store.interface import StoreError
from graph.store.neo4j_jars import Neo4jJars, neo4j_jars

DEFAULT_VERSION = "5.26.30"
_HOST = "127.0.0.1"
_HASH_ROUNDS = 1024
# Seconds to close a database in order; a temporary one is not worth them.
_GRACE = "30"
_OPENED_PACKAGES = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")


class LocalNeo4j:
    """A Neo4j community server on loopback; use it as a context manager, or start and stop it.

    Attributes:
        bolt_uri: where drivers connect.
        http_url: Neo4j Browser's address.
        password: of the user ``neo4j``.
    """

    def __init__(
        self,
        *,
        version: str = DEFAULT_VERSION,
        home: Path | None = None,
        bolt_port: int | None = None,
        http_port: int | None = None,
        password: str | None = None,
        heap_mb: int = 1500,
        page_cache_mb: int = 256,
        start_seconds: float = 180,
        cache: Path | None = None,
    ) -> None:
        """Say what to start.

        Args:
            version: Neo4j's release.
            home: directory of the database, kept; without one, it is temporary.
            bolt_port: a free one is chosen if left out, as for ``http_port``.
            http_port: port of Neo4j Browser.
            password: random if left out; a kept ``home`` remembers the one it began with.
            heap_mb: Java's heap.
            page_cache_mb: Neo4j's page cache.
            start_seconds: how long to wait for the server to answer.
            cache: where jars and temporary homes lie; the user's cache directory if left out.
        """
        self._version = version
        self._cache = cache or platformdirs.user_cache_path("mapper") / "neo4j"
        self._kept_home = home
        self._ports = (bolt_port, http_port)
        self._memory = (heap_mb, page_cache_mb)
        self._start_seconds = start_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: FileLock | None = None
        self._home: Path | None = None
        self.password = password or ""
        self.bolt_uri = ""
        self.http_url = ""

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            StoreError: the extra is missing, a port is taken, the disk is full, another process
                runs this home, or Java died (the end of its log is in the message).
        """
        jars = neo4j_jars(self._version, self._cache)
        ports = [_port(wanted) for wanted in self._ports]
        try:
            home = self._make_home()
            self._write_configuration(home, *ports)
        except OSError as problem:
            self.stop()
            raise StoreError(
                f"{problem.filename or self._cache} cannot be written ({problem.strerror}). Free "
                "some space or give yourself write access."
            ) from None
        self.bolt_uri = f"bolt://{_HOST}:{ports[0]}"
        self.http_url = f"http://{_HOST}:{ports[1]}"
        with (home / "console.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [
                    sys.executable,
                    "-I",
                    child_watch.__file__,
                    *(("0", str(home)) if self._kept_home is None else (_GRACE, "")),
                    *self._command(jars, home),
                ],
                stdin=subprocess.PIPE,
                # A signal to the caller's whole group would end the watcher before it tidied up.
                start_new_session=True,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_it_answers(home)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server, and delete a temporary home; stopping twice is harmless."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait()
            self._process = None
        if self._lock is not None:
            self._lock.__exit__(None, None, None)
            self._lock = None
        if self._home is not None and self._home != self._kept_home:
            shutil.rmtree(self._home, ignore_errors=True)
        self._home = None

    @property
    def running(self) -> bool:
        """Whether the server's process lives."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _make_home(self) -> Path:
        if self._kept_home is None:
            self._cache.mkdir(parents=True, exist_ok=True)
            home = Path(tempfile.mkdtemp(prefix="home-", dir=self._cache))
            self.password = self.password or secrets.token_urlsafe(18)
        else:
            home = self._kept_home
            home.mkdir(parents=True, exist_ok=True)
            lock = FileLock(home / "running", f"The Neo4j home {home}")
            lock.__enter__()
            self._lock = lock
            self.password = _remembered_password(home / "password", self.password)
        self._home = home
        return home

    def _write_configuration(self, home: Path, bolt_port: int, http_port: int) -> None:
        heap, page_cache = self._memory
        settings = {
            "server.default_listen_address": _HOST,
            "server.bolt.listen_address": f"{_HOST}:{bolt_port}",
            "server.bolt.advertised_address": f"{_HOST}:{bolt_port}",
            "server.http.listen_address": f"{_HOST}:{http_port}",
            "server.http.advertised_address": f"{_HOST}:{http_port}",
            "server.https.enabled": "false",
            "server.memory.heap.max_size": f"{heap}m",
            "server.memory.pagecache.size": f"{page_cache}m",
            "dbms.security.auth_enabled": "true",
            "dbms.usage_report.enabled": "false",
            # Nothing of mapper's fetches; a query from a stranger must not either.
            "dbms.security.allow_csv_import_from_file_urls": "false",
        }
        conf = home / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name}={value}\n" for name, value in settings.items())
        (conf / "neo4j.conf").write_text(text, encoding="utf-8")
        auth = home / "data" / "dbms" / "auth.ini"
        if not (home / "data" / "databases").exists():
            auth.parent.mkdir(parents=True, exist_ok=True)
            auth.write_text(_initial_user(self.password), encoding="utf-8")
            auth.chmod(0o600)

    def _command(self, jars: Neo4jJars, home: Path) -> list[str]:
        opened = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED_PACKAGES]
        return [
            str(jars.java),
            f"-Xmx{self._memory[0]}m",
            *opened,
            "-cp",
            os.pathsep.join(f"{directory}{os.sep}*" for directory in jars.classpath),
            jars.entry_point,
            f"--home-dir={home}",
            f"--config-dir={home / 'conf'}",
        ]

    def _wait_until_it_answers(self, home: Path) -> None:
        assert self._process is not None
        deadline = time.monotonic() + self._start_seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise StoreError(
                    f"Neo4j {self._version} ended while starting. Its last words: {_tail(home)}"
                )
            if self._answers():
                return
            time.sleep(0.25)
        raise StoreError(
            f"Neo4j {self._version} did not answer on {self.bolt_uri} within "
            f"{self._start_seconds:g} s. Its last words: {_tail(home)}"
        )

    def _answers(self) -> bool:
        # A bare connection first: the driver retries for long where nothing listens yet.
        address = (_HOST, int(self.bolt_uri.rpartition(":")[2]))
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            return False
        try:
            auth = ("neo4j", self.password)
            with neo4j.GraphDatabase.driver(self.bolt_uri, auth=auth) as driver:
                driver.execute_query("RETURN 1")
        except neo4j.exceptions.AuthError:
            raise StoreError(
                f"The Neo4j home {self._home} was made with another password. Give that one, or "
                "delete the directory."
            ) from None
        except (neo4j.exceptions.Neo4jError, neo4j.exceptions.DriverError, OSError):
            return False
        return True


def _port(wanted: int | None) -> int:
    """A free port, or the wanted one.

    Raises:
        StoreError: the wanted one is taken.
    """
    with socket.socket() as probe:
        if wanted is not None and os.name == "posix":
            # As the server will: a port that a former server left a moment ago is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, wanted or 0))
        except OSError as problem:
            raise StoreError(
                f"Port {wanted} on {_HOST} is taken ({problem.strerror}). Choose another port, or "
                "stop what listens there."
            ) from None
        return int(probe.getsockname()[1])


def _remembered_password(file: Path, given: str) -> str:
    if given:
        return given
    if file.exists():
        return file.read_text(encoding="utf-8").strip()
    password = secrets.token_urlsafe(18)
    file.touch(mode=0o600)
    file.write_text(password, encoding="utf-8")
    return password


def _initial_user(password: str) -> str:
    """A line of Neo4j's ``auth.ini``, read at a home's first start.

    It is what ``neo4j-admin dbms set-initial-password`` writes: user, algorithm, salted SHA-256
    in rounds, salt, rounds. The server never listens with a known password this way.
    """
    salt = secrets.token_bytes(32)
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(_HASH_ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return f"neo4j:SHA-256,{digest.hex()},{salt.hex()},{_HASH_ROUNDS}:\n"


def _tail(home: Path, lines: int = 12) -> str:
    try:
        text = (home / "console.log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return " | ".join(line.strip() for line in text.splitlines()[-lines:]) or "(nothing)"
