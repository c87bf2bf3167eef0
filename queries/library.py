"""The query library: ``.cypher`` files with a header, read, checked and listed.

A file is its header (comment lines before the first statement) and one read-only statement::

    // title: Peerings between accounts
    // answers: Which VPCs of two accounts are joined by a peering.
    // parameter account (text, default null): only where one end is this account
    // column requester: id of the VPC that asked
    // severity: info: a peering alone exposes nothing
    // needs: ec2:vpc, ec2:vpc-peering
    // fix: Delete peerings that nobody uses.
    MATCH ...

A line that starts with ``//`` and at least three spaces continues the entry above it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SEVERITIES = ("critical", "high", "medium", "low", "info")
BUILT_IN = Path(__file__).parent
FRONT_DOORS = "front-doors"
"""Among the needs of a query: every type that the declared front doors read."""
REACH = "reach"
"""Among the needs of a query: every type that decides the network reach between two things."""
RESOURCE_POLICIES = "resource-policies"
"""Among the needs of a query: every type that keeps a policy which can admit others."""
ESCALATION = "escalation"
"""Among the needs of a query: every type of what escalation techniques are used on, or need."""
_STANDING_FOR_TYPES = (FRONT_DOORS, REACH, RESOURCE_POLICIES, ESCALATION)

_ENTRY = re.compile(r"//\s?([a-z]+)(?:\s+([^:]*?))?:\s*(.*)")
_CONTINUED = re.compile(r"//\s{3,}(\S.*)")
_PARAMETER = re.compile(
    r"([a-z_][a-z0-9_]*)\s*\((text|integer|boolean|list)(?:,\s*default\s+(.*))?\)"
)
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_TYPE_ID = re.compile(r"[a-z0-9-]+:[a-z0-9-]+")
_SINGLE = ("title", "answers", "severity", "needs", "fix")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`")
_WRITES = re.compile(
    r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP|FOREACH|LOAD\s+CSV|IN\s+TRANSACTIONS)\b", re.IGNORECASE
)


class LibraryError(Exception):
    """A query file or a query's name is wrong; the message names the file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query.

    Attributes:
        name: as in ``$name``.
        type: ``text``, ``integer``, ``boolean`` or ``list`` (of texts).
        description: one sentence.
        required: whether there is no default.
        default: the value when none is given.
    """

    name: str
    type: str
    description: str
    required: bool = True
    default: str | int | bool | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the library.

    Attributes:
        name: the file's name without ``.cypher``.
        path: where it stands.
        title, answers, fix: for readers.
        parameters: in order of the header.
        columns: name to description, in the order that the statement returns them.
        severity: begins with one of :data:`SEVERITIES`.
        needs: snapshot types without which the answer is incomplete, e.g. ``ec2:vpc``; in a
            header ``front-doors`` stands for those of every declared front door, ``reach`` for
            those that decide the network reach between two things, ``escalation`` for those of
            what techniques are used on.
        text: the statement.
    """

    name: str
    path: Path
    title: str
    answers: str
    parameters: tuple[Parameter, ...]
    columns: Mapping[str, str]
    severity: str
    needs: tuple[str, ...]
    fix: str
    text: str


class Library:
    """Queries by name; a later path's query of the same name is refused, not silently taken."""

    def __init__(self, queries: Iterable[Query]) -> None:
        self._queries: dict[str, Query] = {}
        for query in queries:
            other = self._queries.get(query.name)
            if other is not None:
                raise LibraryError(
                    f"{query.path}: there is already a query named {query.name!r} "
                    f"({other.path}). Rename this file."
                )
            self._queries[query.name] = query

    def __iter__(self) -> Iterator[Query]:
        return iter(sorted(self._queries.values(), key=lambda query: query.name))

    @property
    def names(self) -> tuple[str, ...]:
        """Names, sorted."""
        return tuple(sorted(self._queries))

    def get(self, name: str) -> Query:
        """The query of that name.

        Raises:
            LibraryError: there is none; the message has the nearest names.
        """
        try:
            return self._queries[name]
        except KeyError:
            near = difflib.get_close_matches(name, self._queries, n=3, cutoff=0.4)
            hint = f" Did you mean {', '.join(near)}?" if near else ""
            raise LibraryError(
                f"There is no query named {name!r}.{hint} All of them: mapper query --list"
            ) from None


def load_library(paths: Sequence[Path] = ()) -> Library:
    """Read the built-in queries and those under ``paths`` (folders of ``.cypher`` files).

    Raises:
        LibraryError: a folder is missing, or a file's header or statement is wrong.
    """
    folders = [BUILT_IN, *paths]
    queries: list[Query] = []
    for folder in folders:
        if not folder.is_dir():
            raise LibraryError(f"query_paths: {folder} is not a folder. Correct mapper.toml.")
        queries.extend(read_query(path) for path in sorted(folder.glob("*.cypher")))
    return Library(queries)


def read_query(path: Path) -> Query:
    """Read and check one file.

    Raises:
        LibraryError: with file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise LibraryError(f"{path}: cannot be read: {problem}") from None
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem):
        raise LibraryError(f"{path}: name the file in lower case with hyphens.")
    entries, start = _header(path, lines)
    text = "\n".join(lines[start:]).strip()
    single = _single_entries(path, entries)
    query = Query(
        name=path.stem,
        path=path,
        title=single["title"],
        answers=single["answers"],
        parameters=tuple(_parameter(path, e) for e in entries if e.kind == "parameter"),
        columns=_columns(path, entries),
        severity=single["severity"],
        needs=_needs(path, entries, single["needs"]),
        fix=single["fix"],
        text=text,
    )
    _check_statement(query, start + 1)
    return query


def check_read_only(text: str) -> str | None:
    """The first clause of ``text`` that would write, or None. Quoted text and comments are data."""
    match = _WRITES.search(_bare(text))
    return match.group(1).upper() if match else None


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    subject: str
    text: str
    line: int


def _header(path: Path, lines: Sequence[str]) -> tuple[list[_Entry], int]:
    entries: list[_Entry] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if not line.startswith("//"):
            return entries, number - 1
        continued = _CONTINUED.fullmatch(line.rstrip())
        if continued and entries:
            last = entries[-1]
            joined = f"{last.text} {continued.group(1)}".strip()
            entries[-1] = _Entry(last.kind, last.subject, joined, last.line)
            continue
        match = _ENTRY.fullmatch(line.rstrip())
        if match is None or match.group(1) not in (*_SINGLE, "parameter", "column"):
            raise LibraryError(
                f"{path}:{number}: a header line is '// KEY: text' with KEY one of "
                f"{', '.join(_SINGLE)}, 'parameter NAME (TYPE)' or 'column NAME'."
            )
        kind, subject, text = match.group(1), match.group(2) or "", match.group(3)
        entries.append(_Entry(kind, subject, text, number))
    raise LibraryError(f"{path}:{len(lines)}: there is no statement after the header.")


def _single_entries(path: Path, entries: Sequence[_Entry]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries:
        if entry.kind not in _SINGLE:
            continue
        if entry.kind in found:
            raise LibraryError(f"{path}:{entry.line}: {entry.kind} is given twice.")
        if not entry.text or entry.subject:
            raise LibraryError(f"{path}:{entry.line}: write '// {entry.kind}: text'.")
        if entry.kind == "severity" and re.split(r"\W", entry.text)[0] not in SEVERITIES:
            raise LibraryError(
                f"{path}:{entry.line}: severity begins with one of {', '.join(SEVERITIES)}."
            )
        found[entry.kind] = entry.text
    missing = [kind for kind in _SINGLE if kind not in found]
    if missing:
        raise LibraryError(f"{path}:1: the header lacks {', '.join(missing)}.")
    return found


def _columns(path: Path, entries: Sequence[_Entry]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for entry in (entry for entry in entries if entry.kind == "column"):
        if not _NAME.fullmatch(entry.subject) or not entry.text or entry.subject in columns:
            raise LibraryError(
                f"{path}:{entry.line}: write '// column NAME: what it holds', each name once."
            )
        columns[entry.subject] = entry.text
    if not columns:
        raise LibraryError(f"{path}:1: the header names no column.")
    return columns


def _parameter(path: Path, entry: _Entry) -> Parameter:
    match = _PARAMETER.fullmatch(entry.subject)
    if match is None or not entry.text:
        raise LibraryError(
            f"{path}:{entry.line}: write '// parameter NAME (TYPE, default VALUE): text', TYPE one "
            "of text, integer, boolean, list; without a default it is required."
        )
    name, kind, default = match.groups()
    if default is None:
        return Parameter(name, kind, entry.text)
    try:
        value = None if default.strip() == "null" else parse_value(kind, default.strip())
    except ValueError as problem:
        raise LibraryError(f"{path}:{entry.line}: default of {name}: {problem}.") from None
    return Parameter(name, kind, entry.text, required=False, default=value)


def parse_value(kind: str, text: str) -> str | int | bool | tuple[str, ...]:
    """Read a parameter's value from text; a list is separated by commas.

    Raises:
        ValueError: the text is not of that type.
    """
    if kind == "integer":
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{text!r} is not an integer") from None
    if kind == "boolean":
        if text not in ("true", "false"):
            raise ValueError(f"{text!r} is not true or false")
        return text == "true"
    if kind == "list":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def _needs(path: Path, entries: Sequence[_Entry], text: str) -> tuple[str, ...]:
    needs = tuple(part.strip() for part in text.split(","))
    line = next(entry.line for entry in entries if entry.kind == "needs")
    for need in needs:
        if need not in _STANDING_FOR_TYPES and not _TYPE_ID.fullmatch(need):
            raise LibraryError(f"{path}:{line}: {need!r} is not a snapshot type such as ec2:vpc.")
    named = tuple(need for need in needs if need not in _STANDING_FOR_TYPES)
    meant: set[str] = set()
    if FRONT_DOORS in needs:
        from graph.front_doors import needs as of_front_doors

        meant |= of_front_doors()
    if REACH in needs:
        from queries.answers.reach import NEEDS

        meant |= set(NEEDS)
    if RESOURCE_POLICIES in needs:
        from graph.iam.policy_places import types

        meant |= set(types())
    if ESCALATION in needs:
        from graph.escalation.needs import needed_types

        meant |= needed_types()
    return (*named, *sorted(meant - set(named)))


def _bare(text: str) -> str:
    without_quotes = _QUOTED.sub("''", text)
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", without_quotes, flags=re.DOTALL)


def _check_statement(query: Query, line: int) -> None:
    bare = _bare(query.text)
    where = f"{query.path}:{line}"
    if (write := check_read_only(query.text)) is not None:
        raise LibraryError(f"{where}: {write} writes; queries only read.")
    if ";" in bare.rstrip().rstrip(";"):
        raise LibraryError(f"{where}: one file holds one statement.")
    used = set(re.findall(r"\$([A-Za-z_]\w*)", bare))
    declared = {parameter.name for parameter in query.parameters}
    for name in sorted(used - declared):
        raise LibraryError(f"{where}: ${name} is used but the header has no '// parameter {name}'.")
    for name in sorted(declared - used):
        raise LibraryError(f"{where}: parameter {name} is declared but never used.")
    for column in query.columns:
        if not re.search(rf"\bAS\s+{column}\b", bare, re.IGNORECASE):
            raise LibraryError(f"{where}: no 'AS {column}' in the statement's RETURN.")
