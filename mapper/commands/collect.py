"""``mapper collect``."""

from __future__ import annotations

from typing import Any

import click

from mapper.collect_options import collect_options, request_of
from mapper.options import Asked, asks


@click.command(
    name="collect",
    epilog="Examples: mapper collect --profile audit; mapper collect --org --role SecurityAudit; "
    "mapper collect --account 111122223333 --region eu-west-1 --services ec2,iam",
)
@collect_options()
@asks(snapshot=False, graph=False, filters=False, formats=("table", "json"))
def command(asked: Asked, **given: Any) -> int:
    """Read AWS accounts into a snapshot (files).

    Only reading calls are made: any other is refused before it is sent. Credentials come from
    where the AWS CLI takes them. A collection that was stopped is continued by the same command.
    Ends with what was seen and what was not; exit code 4 if an account gave nothing.
    """
    from mapper.answering import write_sheet
    from mapper.collecting import (
        collect_with_progress,
        finished_though_stopped,
        result_notes,
        result_row,
    )
    from mapper.snapshots import open_snapshot
    from queries.answers.coverage import gaps_of_ledger

    config = asked.load_config()
    request = request_of(asked, config.accounts, given)
    result = collect_with_progress(request, quiet=asked.quiet, names=config.accounts)
    with finished_though_stopped(result):
        write_sheet(
            asked,
            open_snapshot(result.path),
            "collect",
            [result_row(result)],
            title=f"Snapshot {result.path}",
            columns=(),
            cells=(),
            notes=[*result_notes(result, config), "Next: mapper public"],
            coverage=gaps_of_ledger(result.gaps),
        )
    return result.exit_code
