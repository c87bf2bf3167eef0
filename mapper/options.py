"""Options that commands share, and what they come to."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mapper.errors import WrongUsageError

if TYPE_CHECKING:
    from collector.snapshot import Snapshot
    from mapper.config import Config
    from mapper.session import Session
    from queries.answers.answer import Filters

F = TypeVar("F", bound=Callable[..., Any])
VERDICTS = ("yes", "conditional", "dormant", "unknown")
FORMATS = ("table", "json", "csv", "md")


@dataclass(frozen=True)
class Asked:
    """The shared options as they were given."""

    snapshot: Path | None = None
    graph: str | None = None
    config: Path | None = None
    account: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    no_assume: bool = False
    stale: bool = False
    what_if: Path | None = None
    fail_on: str | None = None
    format: str = "table"
    output: Path | None = None
    quiet: bool = False
    verbose: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """Progress to stderr, unless ``-q``."""
        if not self.quiet:
            from viz.display_text import shown

            click.echo(shown(text), err=True)

    def load_config(self) -> Config:
        """``mapper.toml``."""
        from mapper.config import load_config

        return load_config(self.config)

    def open(self) -> Session:
        """Open the snapshot and its graph."""
        from mapper.session import open_session

        return open_session(
            self.snapshot_path(),
            self.load_config(),
            target=self.graph,
            what_if=self.what_if,
            say=self.say,
            stale=self.stale,
        )

    def snapshot_path(self) -> Path:
        """The snapshot that was named, or that a server's graph was loaded from, or the newest."""
        from mapper.snapshots import find_by_id, find_snapshot

        if self.graph is not None and self.snapshot is None:
            from mapper.graphs import connect

            with connect(self.graph, must_exist=True) as store:
                state = store.state()
            if state is not None and (found := find_by_id(state.snapshot_id)) is not None:
                return found
        return find_snapshot(self.snapshot)

    def filters(
        self,
        session: Session,
        *,
        sources: tuple[str, ...] = (),
        types: tuple[str, ...] = (),
        ports: tuple[str, ...] = (),
    ) -> Filters:
        """The filters that were asked for; accounts may be given by name."""
        from graph.verdict import Verdict
        from queries.answers.answer import Filters

        return Filters(
            accounts=tuple(
                account_id(text, session.config, session.snapshot) for text in self.account
            ),
            regions=self.region,
            verdicts=tuple(Verdict(word) for word in self.verdict),
            sources=sources,
            types=types,
            ports=ports,
            no_assume=self.no_assume,
        )


def account_id(text: str, config: Config, snapshot: Snapshot) -> str:
    """Twelve digits from an id, a name of ``mapper.toml`` or the organisation's own name.

    Raises:
        WrongUsageError: none of these, or a name that several accounts have.
    """
    if len(text) == 12 and text.isdigit():
        return text
    names = {str(row["id"]): str(row.get("name") or "") for row in snapshot.manifest["accounts"]}
    names |= {
        str(item.item.get("Id")): str(item.item.get("Name") or "")
        for item in snapshot.items("org:account")
    }
    names |= config.accounts
    found = sorted(account for account, name in names.items() if name == text)
    if len(found) == 1:
        return found[0]
    if found:
        raise WrongUsageError(f"--account {text!r} could be {' or '.join(found)}: name the id.")
    known = ", ".join(sorted(filter(None, names.values())))
    raise WrongUsageError(
        f"--account {text!r} is neither twelve digits nor the name of an account "
        f"(known names: {known or 'none'})."
    )


def words(allowed: tuple[str, ...]) -> Callable[[Any, Any, tuple[str, ...]], tuple[str, ...]]:
    """A callback that reads repeated or comma-separated words of a closed list."""

    def read(
        ctx: click.Context, option: click.Parameter, value: tuple[str, ...]
    ) -> tuple[str, ...]:
        found = split(ctx, option, value)
        for word in found:
            if word not in allowed:
                raise click.BadParameter(f"{word!r} is not one of {', '.join(allowed)}.")
        return found

    return read


def split(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """A callback that reads repeated or comma-separated texts."""
    parts = [part.strip() for text in value for part in text.split(",")]
    found = tuple(dict.fromkeys(part for part in parts if part))
    if value and not found:
        # An empty variable of a script would silently ask for everything.
        raise click.BadParameter("it is empty.")
    return found


_SNAPSHOT = click.option(
    "--snapshot",
    type=click.Path(path_type=Path),
    help="Snapshot folder or zip. Default: MAPPER_SNAPSHOT, else the newest under ./snapshots.",
)
_CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="mapper.toml to use. Default: the nearest in this folder or above.",
)
TOOK = "Say how long it took, on stderr."
FOLDED = "Name what the notes below the table count, and say how long it took (on stderr)."
WHOLE = "Whole ARNs, everything listed, and how long it took (on stderr)."
_QUIET = click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
_GRAPH = (
    click.option(
        "--graph",
        metavar="TARGET",
        help="Graph to ask: a file, or bolt://HOST or neo4j://HOST (user and password from "
        "NEO4J_USERNAME, NEO4J_PASSWORD). Default: the snapshot's own, built on first use.",
    ),
    click.option(
        "--what-if",
        type=click.Path(path_type=Path),
        help="JSON list of changes to the snapshot, applied before answering.",
    ),
)
_FILTERS = (
    click.option(
        "--account",
        multiple=True,
        callback=split,
        metavar="ID",
        help="Only rows where either end is in this account (id, or its name).",
    ),
    click.option(
        "--region", multiple=True, callback=split, metavar="REGION", help="Only this region."
    ),
    click.option(
        "--verdict",
        multiple=True,
        callback=words(VERDICTS),
        metavar="LIST",
        help="Exactly these verdicts: yes, conditional, dormant, unknown. Tables show the first "
        "three unasked and fold unknown by cause; JSON is always complete.",
    ),
    click.option(
        "--no-assume",
        is_flag=True,
        help="Rows that rest on layers nobody could see (SCPs and the like) become conditional.",
    ),
    click.option("--stale", is_flag=True, help="Also what could not be read any more."),
)

_FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(VERDICTS),
    help="Exit 3 if a row is at least this strong (accepted risks do not count).",
)


def format_options(formats: tuple[str, ...] = FORMATS) -> tuple[Callable[[F], F], ...]:
    """``--format`` and ``-o``."""
    return (
        click.option(
            "--format",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            help="How the answer is written.",
        ),
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write to a file instead of stdout.",
        ),
    )


def asks(
    *,
    snapshot: bool = True,
    config: bool = True,
    graph: bool = True,
    filters: bool = True,
    fails: bool = True,
    formats: tuple[str, ...] | None = FORMATS,
    verbose: str = TOOK,
) -> Callable[[Callable[..., int | None]], Callable[..., int | None]]:
    """Give a command the shared options; its function takes ``asked`` first.

    Whatever option has the name of a field of :class:`Asked` stands there, also one that the
    command declares itself (``--account`` of ``collect``). ``verbose`` says what ``-v`` does.
    """

    def decorate(function: Callable[..., int | None]) -> Callable[..., int | None]:
        @functools.wraps(function)
        def wrapped(**given: Any) -> int | None:
            shared = {name: given.pop(name) for name in list(given) if name in _ASKED}
            asked = Asked(**shared, parameters=_parameters(shared, given))
            begun = time.monotonic()
            code = function(asked, **given)
            if asked.verbose:
                asked.say(f"Took {time.monotonic() - begun:.2f} s.")
            return code

        chosen = [*([_SNAPSHOT] * snapshot), *([_CONFIG] * config), _QUIET]
        chosen.append(click.option("-v", "--verbose", is_flag=True, help=verbose))
        if graph:
            chosen.extend(_GRAPH)
        if filters:
            chosen.extend(_FILTERS)
        if filters and fails:
            chosen.append(_FAIL_ON)
        if formats is not None:
            chosen.extend(format_options(formats))
        result: Callable[..., int | None] = wrapped
        for option in reversed(chosen):
            result = option(result)
        return result

    return decorate


_ASKED = frozenset(Asked.__dataclass_fields__) - {"parameters"}
_UNSAID = frozenset({"format", "output", "quiet", "verbose"})


def _parameters(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, for the JSON; paths as text, how it is written left out."""
    given = {name: value for name, value in {**shared, **own}.items() if name not in _UNSAID}
    return {
        name: _plain(value)
        for name, value in sorted(given.items())
        if value is not None and value is not False and value != ()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
