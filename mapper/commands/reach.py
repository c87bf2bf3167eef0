"""``mapper reach``."""

from __future__ import annotations

import click

from mapper.completion import resources
from mapper.options import VERDICTS, WHOLE, Asked, asks, split


@click.command(
    name="reach",
    epilog="Examples, with names of make demo: mapper reach prod-idle prod-bastion --port 22; "
    "mapper reach internet dev-web-alb; mapper reach any prod-orders-db; "
    "mapper reach 10.13.0.0/16 prod; mapper reach prod-bastion 198.51.100.0/24",
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
    a private or public address, or internet; FROM also on-prem (any VPN or Direct Connect).
    Both directions of every connection are checked, for IPv4 and IPv6: routes, network ACLs,
    security groups, peering connections, transit gateways, NAT gateways.

    Either may stand for many: any, a VPC, subnet, security group or account, tag:KEY=VALUE, or a
    range such as 10.2.0.0/16 (who has an address there) or 198.51.100.0/24 (hosts of the
    internet). Then there is a row for each group that reaches a group alike, and none for what is
    closed.
    """
    from mapper.errors import WrongUsageError
    from mapper.output.reaching import write_reach
    from mapper.reaching import Reacher, ports_asked

    try:
        only = ports_asked(port)
    except ValueError as problem:
        raise WrongUsageError(f"--port {problem}.") from None
    with asked.open() as session:
        names = {**session.parties.names, **session.parties.own}
        reached = Reacher(session.snapshot, names).answer(source, target, only)
        return write_reach(asked, session, reached)
