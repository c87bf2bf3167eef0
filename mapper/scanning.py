"""The first hour: collect, answer, draw, and say what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mapper.errors import FAILED, MapperError
from mapper.invocation import program
from mapper.output.words import counted

if TYPE_CHECKING:
    from collector.request import CollectRequest, CollectResult
    from mapper.config import Config
    from mapper.options import Asked
    from mapper.session import Session
    from queries.answers.answer import Answered

SHOWN_VERDICTS = ("yes", "conditional")


def scan(asked: Asked, request: CollectRequest, config: Config, directory: Path) -> int:
    """Look, collect what is asked for, answer on screen, and leave everything in a directory.

    Args:
        asked: the shared options.
        request: what to collect; where its snapshot goes is decided here.
        config: ``mapper.toml``.
        directory: gets ``snapshots/<id>``, ``map.html``, ``report.md`` and ``<answer>.json``.

    Returns:
        the exit code of the collection: 4 when an account that was asked for gave nothing; 1
        when these credentials can collect nothing at all.

    Raises:
        MapperError: the directory cannot be written.
        collector.request.CollectError: nothing, or not everything, was collected.
    """
    from mapper.collecting import collect_with_progress, finished_though_stopped, result_notes

    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise MapperError(f"{directory} cannot be made: {problem.strerror}.") from None
    request = replace(request, snapshots=directory / "snapshots")
    if not _may_begin(asked, request, config):
        return FAILED
    result = collect_with_progress(request, quiet=asked.quiet, names=config.accounts)
    with finished_though_stopped(result):
        for note in result_notes(result, config):
            asked.say(note)
        if result.stopped_too_late:
            raise KeyboardInterrupt
        answer_into(asked, result, config, directory)
    return result.exit_code


def _may_begin(asked: Asked, request: CollectRequest, config: Config) -> bool:
    """Say who asks and what will be denied; whether anything can be collected."""
    from collector.preflight import preflight
    from mapper.preflighting import notes_of

    asked.say("Looking at what these credentials can see ...")
    world, found = preflight(request)
    for note in notes_of(world, found, config.accounts, request, whole=False):
        asked.say(note)
    return not found.nothing_can_be_collected


def answer_into(asked: Asked, result: CollectResult, config: Config, directory: Path) -> None:
    """Answer a collected snapshot on screen and into a directory.

    Raises:
        MapperError: a file cannot be written.
    """
    from mapper.mapping import public_map
    from mapper.output.write import replace_file, write_text
    from mapper.session import open_session
    from queries.answers.answer import Filters
    from viz.map import render_map

    with open_session(result.path, config, say=asked.say) as session:
        answers = (
            ("public", session.public(Filters())),
            ("trusts", session.trusts(Filters())),
            ("admins", session.admins(Filters())),
            ("admins-compute", session.admins(Filters(), compute=True)),
        )
        for name, answer in answers:
            if name != "admins":
                write_text(_text(asked, session, answer, "table") + "\n", None)
            whole = _text(asked, session, answer, "json")
            replace_file(directory / f"{name}.json", whole.encode("utf-8"))
        report = "\n".join(_report(asked, session, result, answers))
        replace_file(directory / "report.md", report.encode("utf-8"))
        page = render_map(public_map(session, Filters()))
        replace_file(directory / "map.html", page.encode("utf-8"))
        write_text("\n".join(_closing(session, result, answers, directory)) + "\n", None)


def _text(asked: Asked, session: Session, answer: Answered, form: str) -> str:
    from mapper.answering import answer_text

    return answer_text(replace(asked, format=form), session, answer)


def _report(
    asked: Asked,
    session: Session,
    result: CollectResult,
    answers: Sequence[tuple[str, Answered]],
) -> Iterator[str]:
    from mapper.collecting import result_notes
    from mapper.output.plain import as_markdown
    from mapper.output.sheet import Sheet

    notes = result_notes(result, session.config)
    yield as_markdown(Sheet(f"What mapper collected: {result.id}", (), (), notes))
    for _, answer in answers:
        yield _text(asked, session, answer, "md")


def _closing(
    session: Session,
    result: CollectResult,
    answers: Sequence[tuple[str, Answered]],
    directory: Path,
) -> Iterator[str]:
    """What could not be seen, where everything is, and what to ask next."""
    gaps = len(result.gaps)
    left = sum(account.asked for account in result.left_out)
    if gaps or left:
        accounts = f", and {counted(left, 'account')} gave nothing" if left else ""
        yield (
            f"Not seen: {gaps} kinds of call{accounts}. Every answer above names those that could "
            "hide something of it."
        )
    else:
        yield "Everything that was asked for was seen."
    suspended = len(result.left_out) - left
    if suspended:
        yield f"Left out: {counted(suspended, 'suspended account')}."
    yield f"In {directory}: map.html, report.md, the answers as JSON, and the snapshot."
    yield "Next:"
    for command in next_commands(result, answers):
        yield f"  {command}"


def next_commands(result: CollectResult, answers: Sequence[tuple[str, Answered]]) -> list[str]:
    """Three commands that this result makes worth trying, the most telling first."""
    where = f"--snapshot {shlex.quote(str(result.path))}"
    found = []
    for _, answer in answers:
        shown = [
            row
            for row in answer.rows
            if str(row.verdict) in SHOWN_VERDICTS and row.accepted is None
        ]
        if shown:
            found.append(f"{program()} explain {shown[0].key[:8]} {where}")
    if result.gaps or any(account.asked for account in result.left_out):
        found.insert(min(1, len(found)), f"{program()} coverage --missing {where}")
    usual = (
        f"{program()} who-can iam:PassRole '*' {where}",
        f"{program()} load --graph bolt://localhost:7687 {where}",
        f"{program()} query --list",
    )
    return list(dict.fromkeys((*found, *usual)))[:3]
