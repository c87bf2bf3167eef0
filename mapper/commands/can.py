"""``mapper can``."""

from __future__ import annotations

from pathlib import Path

import click

from mapper.completion import actions, principals, resources, services
from mapper.options import WHOLE, Asked, asks
from mapper.question_options import given_options, verdict_options

EXAMPLES = (
    "Examples: mapper can alice s3:GetObject my-bucket; "
    "mapper can 'role/*deploy*' iam:PassRole '*'; "
    "mapper can alice 's3:Put*' arn:aws:s3:::logs/2026/*; "
    "mapper can anonymous s3:GetObject my-bucket --context aws:SourceIp=203.0.113.7; "
    "mapper can alice; mapper can --batch questions.jsonl --format json"
)


@click.command(name="can", epilog=EXAMPLES)
@click.argument("principal", required=False, shell_complete=principals)
@click.argument("action", required=False, shell_complete=actions)
@click.argument("resource", required=False, shell_complete=resources)
@given_options
@click.option(
    "--batch",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Answer a question a line: JSON objects with principal, action, resource; - for stdin.",
)
@click.option(
    "--service",
    metavar="PREFIX",
    shell_complete=services,
    help="With PRINCIPAL alone: every action of a service.",
)
@verdict_options
@asks(filters=False, formats=("table", "json", "csv", "md", "jsonl"), verbose=WHOLE)
def command(
    asked: Asked,
    principal: str | None,
    action: str | None,
    resource: str | None,
    context: tuple[str, ...],
    absent: tuple[str, ...],
    resource_account: str | None,
    session_policy: tuple[Path, ...],
    batch: Path | None,
    service: str | None,
) -> int:
    """Whether a principal can do an action on a resource, under which conditions, and why.

    PRINCIPAL is a name, an ARN, a session's ARN, a pattern ('*admin*': one row each), anonymous,
    any-aws, account:ID or service:NAME. ACTION may be a pattern: a row for each action that it
    names; of several rows a table leaves out what is refused (--verdict no lists it) and the other
    formats do not. RESOURCE is an ARN, the name of something collected, a pattern
    of ARNs ("some of these") or * ("anything").

    PRINCIPAL alone: what it can do, by service and level.
    """
    from mapper.errors import WrongUsageError
    from mapper.given import given_of
    from mapper.questioning import answer_batch, answer_can, answer_powers

    given = given_of(context, absent, resource_account, session_policy, asked.say)
    if batch is not None:
        if principal is not None:
            raise WrongUsageError("--batch reads its questions from FILE: leave PRINCIPAL out.")
        return answer_batch(asked, batch, given)
    if principal is None:
        raise WrongUsageError(f"Give PRINCIPAL ACTION RESOURCE, PRINCIPAL, or --batch. {EXAMPLES}")
    if action is None:
        return answer_powers(asked, principal, given, service)
    return answer_can(asked, principal, action, "*" if resource is None else resource, given)
