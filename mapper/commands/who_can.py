"""``mapper who-can``."""

from __future__ import annotations

from pathlib import Path

import click

from mapper.completion import actions, resources
from mapper.options import WHOLE, Asked, asks
from mapper.question_options import given_options, verdict_options


@click.command(
    name="who-can",
    epilog="Examples: mapper who-can s3:GetObject my-bucket; "
    "mapper who-can kms:Decrypt arn:aws:kms:eu-west-1:111122223333:key/1234abcd --account prod",
)
@click.argument("action", shell_complete=actions)
@click.argument("resource", default="*", shell_complete=resources)
@given_options
@click.option("--root", is_flag=True, help="Also a row for each account's root user.")
@verdict_options
@asks(filters=False, formats=("table", "json", "csv", "md", "jsonl"), verbose=WHOLE)
def command(
    asked: Asked,
    action: str,
    resource: str,
    context: tuple[str, ...],
    absent: tuple[str, ...],
    resource_account: str | None,
    session_policy: tuple[Path, ...],
    root: bool,
) -> int:
    """Who can do an action on a resource: collected principals, and whom its policy lets in.

    ACTION may be a pattern ("any of these"). RESOURCE is an ARN, the name of something collected,
    a pattern of ARNs ("some of these") or * ("anything").
    """
    from mapper.given import given_of
    from mapper.questioning import answer_who_can

    given = given_of(context, absent, resource_account, session_policy, asked.say)
    return answer_who_can(asked, action, resource, given, root)
