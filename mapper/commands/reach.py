"""``mapper reach``."""

from __future__ import annotations

import click

from mapper.completion import resources
from mapper.options import VERDICTS, WHOLE, Asked, asks, split


@click.command(
    name="reach",
    epilog="Examples: mapper reach web-1 db-1; mapper reach i-0abc 10.1.2.3 --port 22; "
    "mapper reach i-0abc internet --port 443; mapper reach internet i-0abc",
)
@click.argument("source", metavar="FROM", shell_complete=resources)
@click.argument("target", metavar="TO", shell_complete=resources)
@click.option(
    "--port",
    multiple=True,
    callback=split,
    metavar="LIST",
    help="Only these ports: 443, tcp/443, udp/53, tcp/8000-8100, icmp. Default: all.",
)
@click.option(
    "--fail-on",
    type=click.Choice(VERDICTS),
    help="Exit 3 if FROM reaches TO at least this surely.",
)
@asks(filters=False, formats=("table", "json", "csv", "md"), verbose=WHOLE)
def command(asked: Asked, source: str, target: str, port: tuple[str, ...]) -> int:
    """Whether FROM can send packets to TO, on which ports, by what way, and what is in between.

    FROM and TO are an instance, network interface, load balancer or database by id, ARN or name,
    a private or public address, or internet; FROM also on-prem (any VPN or Direct Connect), TO any
    public address. Both directions of
    every connection are checked, for IPv4 and IPv6: routes, network ACLs, security groups, peering
    connections, transit gateways, NAT gateways.
    """
    from mapper.errors import WrongUsageError
    from mapper.output.reaching import write_reach
    from mapper.reaching import Reacher, ports_asked

    try:
        only = ports_asked(port)
    except ValueError:
        raise WrongUsageError(
            f"--port {', '.join(port)!r}: write 443, tcp/443, udp/53, tcp/8000-8100 or icmp."
        ) from None
    with asked.open() as session:
        reached = Reacher(session.snapshot).answer(source, target, only)
        return write_reach(asked, session, reached)
