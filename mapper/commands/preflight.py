"""``mapper preflight``."""

from __future__ import annotations

from typing import Any

import click

from mapper.collect_options import collect_options, request_of
from mapper.errors import DONE, FAILED, WrongUsageError
from mapper.options import Asked, asks


@click.command(
    name="preflight",
    epilog="Examples: mapper preflight; mapper preflight --org --role audit; "
    "mapper preflight --policy --delta -o policy.json; "
    "mapper preflight --template cloudformation --trusted-account 111122223333 --stackset",
)
@collect_options(how=False)
@click.option(
    "--policy",
    is_flag=True,
    help="Print the smallest policy for what is asked for, and ask AWS nothing.",
)
@click.option(
    "--delta",
    is_flag=True,
    help="With --policy: only what SecurityAudit and ViewOnlyAccess lack.",
)
@click.option(
    "--template",
    type=click.Choice(("cloudformation", "terraform")),
    help="Print a role for an assessor in another account, and ask AWS nothing.",
)
@click.option(
    "--trusted-account", metavar="ID", help="With --template: the account that may enter."
)
@click.option(
    "--stackset",
    is_flag=True,
    help="With --template: the role in every account of the organisation, new ones too.",
)
@asks(
    snapshot=False,
    graph=False,
    filters=False,
    verbose="Every service, and how long it took (on stderr).",
)
def command(
    asked: Asked,
    policy: bool,
    delta: bool,
    template: str | None,
    trusted_account: str | None,
    stackset: bool,
    **given: Any,
) -> int:
    """What these credentials can see, before anything is collected.

    Takes the options of mapper collect and writes nothing. Says who you are, which accounts and
    regions there are, which calls will be denied and by whom (asked of IAM's policy simulator
    where that is allowed, else by one cheap call for each operation), and how many calls it will
    take. Exit code 1 if nothing could be collected.

    --policy and --template print what to ask for; they need no credentials. --external-id and
    --role say what the role of --template is to be called and to ask for.
    """
    from mapper.policies import print_policies, print_template

    _check(policy, delta, template, trusted_account, stackset)
    config = asked.load_config()
    request = request_of(asked, config.accounts, given)
    if policy:
        print_policies(asked, request, delta)
        return DONE
    if template is not None:
        print_template(asked, request, template, trusted_account, stackset)
        return DONE
    from collector.preflight import preflight
    from mapper.answering import write_sheet
    from mapper.preflighting import COLUMNS, cells_of, notes_of, rows_of, totals_of

    world, found = preflight(
        request, tell=lambda account: asked.say(f"Looking at account {account} ...")
    )
    write_sheet(
        asked,
        None,
        "preflight",
        rows_of(found),
        title="What a collection would be let through",
        columns=COLUMNS,
        cells=cells_of(found, whole=asked.verbose),
        notes=notes_of(world, found, config.accounts, request),
        totals=totals_of(world, found),
    )
    return FAILED if found.nothing_can_be_collected else DONE


def _check(
    policy: bool, delta: bool, template: str | None, trusted_account: str | None, stackset: bool
) -> None:
    if policy and template:
        raise WrongUsageError("--policy and --template print different things: choose one.")
    if delta and not policy:
        raise WrongUsageError("--delta goes with --policy.")
    if (trusted_account or stackset) and not template:
        raise WrongUsageError("--trusted-account and --stackset go with --template.")
