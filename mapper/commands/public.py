"""``mapper public``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mapper.options import FOLDED, Asked, asks, split, words

if TYPE_CHECKING:
    from mapper.session import Session
    from queries.answers.answer import Filters

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
_PORT = re.compile(r"(?:(?:tcp|udp)/)?([0-9]{1,9})(?:-([0-9]{1,9}))?")
_PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6")
_HIGHEST = 65535


def _ports(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(text.lower() for text in split(ctx, option, value))
    for text in found:
        if (wrong := _wrong_port(text)) is not None:
            raise click.BadParameter(f"{text!r}{wrong}")
    return found


def _wrong_port(text: str) -> str | None:
    """What is wrong with a port, or range of ports, as it was asked for."""
    if text in _PROTOCOLS:
        return None
    match = _PORT.fullmatch(text)
    if match is None:
        return " is not a port: write 443, tcp/443, udp/53, tcp/8000-8100 or icmp."
    low, high = int(match.group(1)), int(match.group(2) or match.group(1))
    if max(low, high) > _HIGHEST:
        return f" is not a port: the highest is {_HIGHEST}."
    if high == 0:
        return " is not a port: the lowest is 1."
    return f" runs backwards: write {high}-{low}." if low > high else None


@click.command(
    name="public",
    epilog="Examples: mapper public --port 22,3389 --format csv -o open.csv; mapper public "
    "--since snapshots/OLD --fail-on conditional; mapper public --near",
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
    help="Only these ports: 443, tcp/443, udp/53, tcp/8000-8100, icmp; 22,3389.",
)
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="OLD_SNAPSHOT",
    help="What opened, changed, cannot be read any more or closed since an older snapshot "
    "(folder, zip, or id under ./snapshots). With --fail-on only what opened or grew stronger "
    "counts.",
)
@click.option(
    "--near",
    is_flag=False,
    flag_value="one",
    type=click.Choice(("one", "all")),
    help="Instead of what is open, what one lock keeps closed, and which; 'all': also what "
    "several locks keep closed.",
)
@asks(formats=("table", "json", "csv", "md", "targets"), verbose=FOLDED)
def command(
    asked: Asked,
    source: tuple[str, ...],
    types: tuple[str, ...],
    port: tuple[str, ...],
    since: Path | None,
    near: str | None,
) -> int:
    """What the internet, or any AWS account, reaches.

    Machines, load balancers and databases that a host on the internet can open a connection to,
    and buckets, queues, keys, functions, images, snapshots and roles that anybody may use. Each
    row says from where, how, and whether admin rights stand behind it. 'targets' as the format
    prints host:port lines for a scanner.
    """
    _together(asked, since, near)
    with asked.open() as session:
        filters = asked.filters(session, sources=source, types=types, ports=port)
        from mapper.answering import exit_code, write_answer

        if since is not None:
            return _since(asked, session, filters, since)
        if near is not None:
            from mapper.decoys import near_answer

            return write_answer(asked, session, near_answer(session, filters, every=near == "all"))
        answer = session.public(filters)
        if asked.format == "targets":
            from mapper.output.write import write_text
            from mapper.targets import targets_of

            write_text(targets_of(session, answer, filters, asked.say), asked.output)
            return exit_code(asked, answer)
        return write_answer(asked, session, answer)


def _together(asked: Asked, since: Path | None, near: str | None) -> None:
    """Refuse options that would silently do nothing together."""
    from mapper.errors import WrongUsageError

    if since is not None and near is not None:
        raise WrongUsageError("--since and --near are two questions: ask one after the other.")
    which = "--since" if since is not None else "--near"
    if (since or near) and asked.format == "targets":
        raise WrongUsageError(f"--format targets is of what is open: leave out {which}.")
    if near is not None and (asked.fail_on or asked.verdict):
        raise WrongUsageError(
            "What --near lists is closed: --fail-on and --verdict are of what is open."
        )


def _since(asked: Asked, session: Session, filters: Filters, since: Path) -> int:
    from mapper.answering import write_answer
    from mapper.comparing import public_since
    from mapper.errors import WrongUsageError
    from mapper.session import open_session
    from mapper.snapshots import find_by_id

    place = since if since.exists() else find_by_id(str(since))
    if place is None:
        raise WrongUsageError(
            f"--since {str(since)!r} is no folder, no zip, and no id under ./snapshots."
        )
    with open_session(place, session.config, say=asked.say) as older:
        answer = public_since(session, older, filters)
        return write_answer(asked, session, answer, older=older.snapshot)
