"""``mapper admins``."""

from __future__ import annotations

from dataclasses import replace

import click

from mapper.errors import WrongUsageError
from mapper.options import FOLDED, Asked, asks


@click.command(name="admins", epilog="Example: mapper admins --compute --fail-on yes")
@click.option(
    "--compute",
    is_flag=True,
    help="Instead: the machines whose role reaches admin, whether the internet reaches them, and "
    "whether their metadata service still answers IMDSv1.",
)
@click.option(
    "--workloads",
    is_flag=True,
    help="With --compute: also functions, tasks, builds, notebooks and every other workload.",
)
@click.option("--root", is_flag=True, help="Also the root users, who are admin by definition.")
@asks(verbose=FOLDED)
def command(asked: Asked, compute: bool, workloads: bool, root: bool) -> int:
    """Who is admin of which account, or becomes it: step by step, within it and across accounts.

    Admin of an account is who can take over every ordinary role or user of it. The way there is
    made of roles that are assumed, escalation techniques, machines' roles and accounts that are
    had on the way.
    """
    if workloads and not compute:
        raise WrongUsageError("--workloads belongs to --compute.")
    with asked.open() as session:
        from mapper.answering import write_answer

        filters = replace(asked.filters(session), root=root)
        answer = session.admins(filters, compute=compute, workloads=workloads)
        return write_answer(asked, session, answer)
