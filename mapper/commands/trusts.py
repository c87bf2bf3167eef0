"""``mapper trusts``."""

from __future__ import annotations

import click

from mapper.options import Asked, asks


@click.command(name="trusts", epilog="Example: mapper trusts --account 111122223333 --format md")
@asks()
def command(asked: Asked) -> int:
    """Who trusts whom across accounts, and what is shared with whom.

    Every role that another account, a vendor or an identity provider may assume; every chain of
    roles that ends as admin of an account that is not its own; every resource shared with a named
    party. Rows say who the outside party is, where that is known.
    """
    with asked.open() as session:
        from mapper.answering import write_answer

        return write_answer(asked, session, session.trusts(asked.filters(session)))
