"""Running the library's queries on a store, into pandas frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from queries.library import Library, LibraryError, Query, check_read_only, load_library, parse_value

if TYPE_CHECKING:
    import pandas


class Runs(Protocol):
    """What a store offers for asking (``graph.store.Store`` does)."""

    def run(
        self,
        query: str,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        read_only: bool = True,
    ) -> list[dict[str, Any]]:
        """Run one statement; a row is column to value."""


def run_query(
    store: Runs,
    name: str,
    params: Mapping[str, Any] | None = None,
    *,
    library: Library | None = None,
    timeout: float | None = None,
) -> pandas.DataFrame:
    """Run a query of the library.

    Args:
        store: an open store.
        name: e.g. ``public-network``.
        params: values by name; a text is read as the parameter's type, missing ones take their
            default.
        library: the queries to choose from; the built-in ones by default.
        timeout: seconds, None for no limit.

    Returns:
        A frame with exactly the query's columns, also when there is no row.

    Raises:
        LibraryError: no such query, a parameter missing, unknown or of the wrong type.
    """
    query = (library or load_library()).get(name)
    rows = store.run(query.text, bind(query, params or {}), timeout=timeout, read_only=True)
    return frame(rows, list(query.columns))


def run_cypher(
    store: Runs, text: str, params: Mapping[str, Any] | None = None, timeout: float | None = None
) -> pandas.DataFrame:
    """Run a statement of the user's own, read only.

    Raises:
        LibraryError: the statement would write.
    """
    if (write := check_read_only(text)) is not None:
        raise LibraryError(
            f"{write} writes to the graph; mapper query only reads. The graph is rebuilt from the "
            "snapshot by: mapper load"
        )
    rows = store.run(text, dict(params or {}), timeout=timeout, read_only=True)
    return frame(rows, list(rows[0]) if rows else [])


def bind(query: Query, params: Mapping[str, Any]) -> dict[str, Any]:
    """The values a query is run with: given ones checked, the others' defaults.

    Raises:
        LibraryError: one is missing, unknown or of the wrong type.
    """
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in params:
        if name not in known:
            offered = ", ".join(known) or "none"
            raise LibraryError(f"{query.name} has no parameter {name!r}; it has: {offered}.")
    bound: dict[str, Any] = {}
    for name, parameter in known.items():
        if name not in params:
            if parameter.required:
                raise LibraryError(
                    f"{query.name} needs the parameter {name} ({parameter.description})."
                )
            bound[name] = parameter.default
            continue
        value = params[name]
        if isinstance(value, str):
            try:
                value = parse_value(parameter.type, value)
            except ValueError as problem:
                raise LibraryError(f"{query.name}, parameter {name}: {problem}.") from None
        bound[name] = value
    return {k: list(v) if isinstance(v, tuple) else v for k, v in bound.items()}


def frame(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pandas.DataFrame:
    """Rows as a frame with these columns; absent values stay None."""
    import pandas

    data = {
        column: pandas.Series([row.get(column) for row in rows], dtype=object) for column in columns
    }
    return pandas.DataFrame(data, columns=list(columns))


def records(frame: pandas.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows as dictionaries, in order."""
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
