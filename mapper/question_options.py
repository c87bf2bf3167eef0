"""Options of the commands that ask about rights: ``can``, ``who-can`` and ``explain``."""

from __future__ import annotations

from pathlib import Path

import click

from mapper.options import F, split, words

VERDICTS = ("yes", "conditional", "dormant", "unknown", "no")
_GIVEN = (
    click.option(
        "--context",
        multiple=True,
        metavar="KEY=VALUE",
        help="A condition key of the request, e.g. aws:SourceIp=203.0.113.7; repeat for more.",
    ),
    click.option(
        "--absent",
        multiple=True,
        callback=split,
        metavar="KEY",
        help="A key that the request does not carry; 'all' for every key that is neither given "
        "with --context nor known from the snapshot.",
    ),
    click.option(
        "--resource-account",
        metavar="ID",
        help="Owner of the resource, where neither its ARN nor the snapshot tells.",
    ),
    click.option(
        "--session-policy",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE",
        help="A session policy (JSON) that limits the principal's session; repeat for more.",
    ),
)
_VERDICTS = (
    click.option(
        "--account",
        multiple=True,
        callback=split,
        metavar="ID",
        help="Only this account (id or name).",
    ),
    click.option(
        "--verdict",
        multiple=True,
        callback=words(VERDICTS),
        metavar="LIST",
        help=f"Exactly these verdicts: {', '.join(VERDICTS)}.",
    ),
    click.option(
        "--no-assume",
        is_flag=True,
        help="Answers that rest on layers nobody could see (SCPs and the like) become conditional.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(VERDICTS[:-1]),
        help="Exit 3 if an answer is at least this strong.",
    ),
)


def given_options(function: F) -> F:
    """``--context``, ``--absent``, ``--resource-account``, ``--session-policy``."""
    for option in reversed(_GIVEN):
        function = option(function)
    return function


def verdict_options(function: F) -> F:
    """``--account``, ``--verdict``, ``--no-assume``, ``--fail-on``."""
    for option in reversed(_VERDICTS):
        function = option(function)
    return function
