"""``mapper trusts``."""

from __future__ import annotations

import click

from mapper.options import FOLDED, Asked, asks, split


@click.command(
    name="trusts",
    epilog="Examples: mapper trusts --external; mapper trusts --from dev --to prod; "
    "mapper trusts --vendors --format md; mapper trusts --accounts --format csv",
)
@click.option(
    "--from",
    "from_account",
    multiple=True,
    callback=split,
    metavar="ACCOUNT",
    help="Only what starts in this account (id, name or vendor), at this principal or source, or "
    "at this provider, repository or subject (github, acme/web).",
)
@click.option(
    "--to",
    "to_account",
    multiple=True,
    callback=split,
    metavar="ACCOUNT",
    help="Only what ends in this account (id or name), or at this role or resource.",
)
@click.option(
    "--external", is_flag=True, help="Only who is outside the own accounts and organisation."
)
@click.option("--vendors", is_flag=True, help="Only known vendors.")
@click.option(
    "--unused",
    is_flag=True,
    help="Only ways through a role that nobody used for the days that mapper.toml says "
    "([thresholds] unused_days, 90 without), or ever.",
)
@click.option("--single-hop", is_flag=True, help="Only trusts and shares themselves, no chains.")
@click.option(
    "--accounts",
    is_flag=True,
    help="Sum up by account: trust, data, network and management. CSV is a matrix.",
)
@asks(verbose=FOLDED)
def command(
    asked: Asked,
    from_account: tuple[str, ...],
    to_account: tuple[str, ...],
    external: bool,
    vendors: bool,
    unused: bool,
    single_hop: bool,
    accounts: bool,
) -> int:
    """Who trusts whom across accounts, and what is shared with whom, as chains.

    Every role that another account, a vendor or an identity provider may assume; every chain of
    roles that leads on, to admin of an account that is not its own or to data; every resource
    shared with a named party. Rows say who the outside party is, where that is known, what guards
    each step, and what it reaches.
    """
    with asked.open() as session:
        from mapper.answering import write_answer
        from queries.answers.chains_wanted import Wanted

        wanted = Wanted(from_account, to_account, external, vendors, unused, single_hop)
        if accounts:
            from mapper.account_links import account_links, write_links

            links = account_links(session, asked.filters(session), wanted)
            return write_links(asked, session, links)
        return write_answer(asked, session, session.trusts(asked.filters(session), wanted))
