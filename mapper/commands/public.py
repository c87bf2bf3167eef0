"""``mapper public``."""

from __future__ import annotations

import re

import click

from mapper.options import Asked, asks, split, words

_SOURCES = (
    "internet",
    "any-aws-principal",
    "any-aws-account",
    "any-account-via",
    "any-customer-of",
    "self-sign-up",
    "federated",
    "cidr",
)
_PORT = re.compile(r"(?:(tcp|udp)/)?(\d{1,5})")


def _ports(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    found = split(ctx, option, value)
    for text in found:
        match = _PORT.fullmatch(text)
        if match is None or int(match.group(2)) > 65535:
            raise click.BadParameter(f"{text!r} is not a port: write 443, tcp/443 or udp/53.")
    return found


@click.command(
    name="public", epilog="Example: mapper public --port 22,3389 --format csv -o open.csv"
)
@click.option(
    "--source",
    multiple=True,
    callback=words(_SOURCES),
    metavar="LIST",
    help="Only these sources. 'cidr' also lists named address ranges, which are left out "
    f"unasked. One or more of: {', '.join(_SOURCES)}.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    callback=split,
    metavar="TYPE",
    help="Only this CloudFormation type, or the end of one: AWS::S3::Bucket, bucket.",
)
@click.option(
    "--port",
    multiple=True,
    callback=_ports,
    metavar="LIST",
    help="Only these ports: 443, tcp/443, 22,3389.",
)
@asks(formats=("table", "json", "csv", "md", "targets"))
def command(
    asked: Asked, source: tuple[str, ...], types: tuple[str, ...], port: tuple[str, ...]
) -> int:
    """What the internet, or any AWS account, reaches.

    Machines, load balancers and databases that a host on the internet can open a connection to,
    and buckets, queues, keys, functions, images, snapshots and roles that anybody may use. Each
    row says from where, how, and whether admin rights stand behind it. 'targets' as the format
    prints host:port lines for a scanner.
    """
    with asked.open() as session:
        filters = asked.filters(session, sources=source, types=types, ports=port)
        answer = session.public(filters)
        from mapper.answering import exit_code, write_answer

        if asked.format == "targets":
            from mapper.output.write import write_text
            from mapper.targets import targets_of

            write_text(targets_of(session, answer), asked.output)
            return exit_code(asked, answer)
        return write_answer(asked, session, answer)
