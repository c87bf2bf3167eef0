"""Many questions from a file: one JSON object a line in, one row a line out."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.iam.request import EVERY_KEY
from mapper.errors import WrongUsageError
from mapper.given import Given, is_account, key_named, session_policy, value_of

if TYPE_CHECKING:
    from mapper.asking import Asker
    from queries.answers.row import Row

MEMBERS = (
    "principal",
    "action",
    "resource",
    "context",
    "absent",
    "resource_account",
    "session_policies",
    "id",
)
"""What a line may hold; other members are left alone unless they look like one of these."""
EXAMPLE = '{"principal": "alice", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"}'


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that asks nothing that can be answered."""

    line: int
    question_id: Any
    error: str

    def as_json(self) -> dict[str, Any]:
        """As it stands among the rows."""
        return {"line": self.line, "question_id": self.question_id, "error": self.error}


def lines_of(file: Path) -> Iterator[tuple[int, bytes]]:
    """(number, bytes) of the lines of a file that are not blank; ``-`` is stdin.

    Raises:
        WrongUsageError: the file cannot be read.
    """
    try:
        source = sys.stdin.buffer if str(file) == "-" else file.open("rb")
        with source:
            for number, line in enumerate(source, start=1):
                if line.strip():
                    yield number, line
    except OSError as problem:
        raise WrongUsageError(f"--batch {file} cannot be read: {problem.strerror}.") from None


def answers(
    asker: Asker, lines: Iterable[tuple[int, bytes]], given: Given
) -> Iterator[Row | BrokenLine]:
    """Answer each line in its order; of a line that means several requests the strongest answer.

    Args:
        asker: the world.
        lines: from :func:`lines_of`.
        given: what holds for every line that does not say otherwise.
    """
    for number, text in lines:
        question: Mapping[str, Any] = {}
        try:
            question = _parsed(text)
            row = _answer(asker, question, given)
        except WrongUsageError as problem:
            yield BrokenLine(number, question.get("id"), str(problem))
        else:
            own = {**row.own, "line": number, "question_id": question.get("id")}
            yield replace(row, own=own)


def _parsed(text: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as problem:
        why = "nested too deeply" if isinstance(problem, RecursionError) else problem
        raise WrongUsageError(f"Not JSON: {why}. A line is like {EXAMPLE}") from None
    if not isinstance(found, dict):
        raise WrongUsageError(f"Not a JSON object. A line is like {EXAMPLE}")
    return found


def _answer(asker: Asker, question: Mapping[str, Any], given: Given) -> Row:
    for name in question.keys() - set(MEMBERS):
        near = difflib.get_close_matches(name[:64].lower(), MEMBERS, n=1, cutoff=0.8)
        if near:
            raise WrongUsageError(f"There is no member {name!r}. Did you mean {near[0]!r}?")
    stated = _given(asker, question, given)
    found = asker.can(
        _text(question, "principal"),
        _text(question, "action"),
        _text(question, "resource", "*"),
        stated,
    )
    callers = {one.request.principal for one in found} if len(found) > 1 else found
    if len(callers) > 1:
        raise WrongUsageError(
            f"principal {question['principal']!r} means {len(callers)} principals; a line asks "
            "for one."
        )
    best = max(
        found,
        key=lambda one: (one.verdict.rank, -len(one.decision.answer.conditions)),
    )
    return asker.row("can", best, stated)


def _text(question: Mapping[str, Any], name: str, otherwise: str | None = None) -> str:
    value = question.get(name, otherwise)
    if not isinstance(value, str) or not value:
        what = "is missing" if value is None else "is not a text"
        raise WrongUsageError(f"{name!r} {what}. A line is like {EXAMPLE}")
    return value


def _given(asker: Asker, question: Mapping[str, Any], given: Given) -> Given:
    context = question.get("context", {})
    if not isinstance(context, dict):
        raise WrongUsageError("'context' is not an object of keys and values.")
    stated = dict(given.context)
    for key, value in context.items():
        where = f"'context' key {key!r}"
        stated[key_named(key, where, asker.say)] = tuple(
            value_of(key, one, where) for one in _values(key, value)
        )
    absent = question.get("absent", [])
    listed = [absent] if isinstance(absent, str) else absent
    if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
        raise WrongUsageError("'absent' is not a list of keys, or \"all\".")
    keys = {EVERY_KEY if key.lower() in ("all", EVERY_KEY) else key for key in listed}
    policies = question.get("session_policies", [])
    if not isinstance(policies, list) or not all(isinstance(p, dict | str) for p in policies):
        raise WrongUsageError("'session_policies' is not a list of policies.")
    owner = question.get("resource_account", given.resource_account)
    if not isinstance(owner, str) or not (owner == "" or is_account(owner)):
        raise WrongUsageError("'resource_account' is not a text of twelve digits.")
    return Given(
        stated,
        given.absent | keys,
        owner,
        (*given.session_policies, *(session_policy(p, "a session policy") for p in policies)),
    )


def _values(key: str, value: Any) -> tuple[str, ...]:
    """The values of a key as AWS compares them: Booleans and numbers are their text."""
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | bool | int | float) for one in listed):
        raise WrongUsageError(f"'context' key {key!r} has a value that is no text.")
    return tuple(one if isinstance(one, str) else json.dumps(one) for one in listed)
