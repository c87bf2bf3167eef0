"""``mapper admins``."""

from __future__ import annotations

from dataclasses import replace

import click

from mapper.options import FOLDED, Asked, asks


@click.command(name="admins", epilog="Example: mapper admins --compute --fail-on yes")
@click.option(
    "--compute",
    is_flag=True,
    help="Instead: the machines whose role reaches admin, whether the internet reaches them, and "
    "whether their metadata service still answers IMDSv1.",
)
@click.option("--root", is_flag=True, help="Also the root users, who are admin by definition.")
@asks(verbose=FOLDED)
def command(asked: Asked, compute: bool, root: bool) -> int:
    """Who reaches admin of which account, by its own rights or by a chain of roles.

    Admin of an account is who can take over every ordinary role or user of it.
    """
    with asked.open() as session:
        from mapper.answering import write_answer

        filters = replace(asked.filters(session), root=root)
        answer = session.admins(filters, compute=compute)
        return write_answer(asked, session, answer)
