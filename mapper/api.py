"""The library: open a snapshot, ask its graph, get frames and rows. The only public module.

>>> from mapper import api
>>> with api.open("snapshots/2026-11-22T04-35-24Z-ab12") as world:
...     frame = world.query("peerings", cross_account=True)
...     rows = world.public()
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapper.config import Config, load_config
from mapper.packages import check_packages
from mapper.session import Session, open_session

if TYPE_CHECKING:
    import pandas

    from graph.derive import Derivation
    from queries.answers.answer import Answered, Filters

check_packages()

__all__ = ["World", "open"]


class World:
    """A snapshot and its graph; a context manager that closes the graph."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the graph."""
        self._session.__exit__()

    @property
    def snapshot_id(self) -> str:
        """The snapshot's id."""
        return self._session.snapshot.id

    @property
    def accounts(self) -> tuple[str, ...]:
        """Ids of the accounts that were collected."""
        return self._session.snapshot.accounts

    def derive(self) -> Derivation:
        """Nodes, relationships and every judgement, those that came out ``no`` included."""
        from graph.derive import derive

        return derive(self._session.snapshot)

    def queries(self) -> tuple[str, ...]:
        """Names of the library's queries."""
        return self._session.library.names

    def query(self, name: str, **params: Any) -> pandas.DataFrame:
        """Run a query of the library.

        Raises:
            queries.library.LibraryError: no such query, or a parameter is missing or wrong.
        """
        return self._session.frame(name, params)

    def cypher(self, text: str, **params: Any) -> pandas.DataFrame:
        """Run Cypher of one's own; it may only read.

        Raises:
            queries.library.LibraryError: it would write.
            graph.store.StoreError: the graph refuses it.
        """
        from queries.runner import run_cypher

        return run_cypher(self._session.store, text, params)

    def public(self, **filters: Any) -> Answered:
        """What the internet, or any AWS account, reaches.

        Args:
            filters: ``accounts, regions, verdicts, sources, types, ports`` (texts, or lists of
                them) and ``no_assume``; see :class:`queries.answers.answer.Filters`.
        """
        return self._session.public(_filters(filters))

    def trusts(self, **filters: Any) -> Answered:
        """Trust and sharing across accounts, as chains; filters as for :meth:`public`."""
        return self._session.trusts(_filters(filters))

    def admins(self, compute: bool = False, **filters: Any) -> Answered:
        """Who reaches admin, or which machines' roles do; filters as for :meth:`public`."""
        return self._session.admins(_filters(filters), compute=compute)

    def frame(self, answer: Answered) -> pandas.DataFrame:
        """An answer's rows as a frame, one column per JSON member."""
        import pandas

        return pandas.DataFrame([row.as_json() for row in answer.rows])


def open(  # noqa: A001 - api.open reads as it should
    snapshot: str | Path, *, graph: str | None = None, config: str | Path | None = None
) -> World:
    """Open a snapshot.

    Args:
        snapshot: a directory or a zip.
        graph: ``bolt://...`` or a file that holds its graph; None for the embedded one, which is
            built in the cache on first use.
        config: a ``mapper.toml``; None for none.

    Raises:
        collector.snapshot.SnapshotError: the snapshot cannot be read.
        mapper.errors.MapperError: the configuration cannot be read.
    """
    read = load_config(Path(config)) if config is not None else Config()
    return World(open_session(Path(snapshot), read, target=graph))


def _filters(given: dict[str, Any]) -> Filters:
    from dataclasses import fields

    from graph.verdict import Verdict
    from queries.answers.answer import Filters

    known = {field.name for field in fields(Filters)}
    read: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise TypeError(f"there is no filter {name!r}")
        if name == "verdicts":
            read[name] = tuple(Verdict(text) for text in _texts(value))
        else:
            read[name] = value if isinstance(value, bool) else _texts(value)
    return Filters(**read)


def _texts(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
