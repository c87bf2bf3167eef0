"""``host:port`` lines for a scanner."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from graph.verdict import Verdict
from queries.ports import overlaps, spelled
from queries.runner import records

if TYPE_CHECKING:
    from mapper.session import Session
    from queries.answers.answer import Answered, Filters
    from queries.answers.row import Row


_URL = "function-url"
"""The one grant whose actions are requests to a host name of its own."""
# Names that resolvers look up hold underscores too; a name whose last label is a number is none.
# https://www.rfc-editor.org/rfc/rfc1123#section-2.1
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"(?:{_LABEL}\.)*(?!\d+\.?\Z){_LABEL}\.?", re.ASCII | re.IGNORECASE)


def targets_of(
    session: Session, answer: Answered, filters: Filters, say: Callable[[str], None]
) -> str:
    """One line per address and TCP port (or range ``8000-8100``) that answers.

    Every verdict is a target: a scanner settles it. What stands behind a front door is reached by
    the front door's own line. Text of AWS that is neither an address nor a host name is left out:
    a line of it might be an option or several targets to the scanner.

    Args:
        session: for host names and addresses.
        answer: rows of ``public``.
        filters: of their ports only those of these verdicts, and these ports, are targets.
        say: is told of what has TCP ports but no host name or address that is known, and how many
            were left out.
    """
    hosts = {
        row["id"]: (row["host_name"], row["ipv4"], row["ipv6"])
        for row in records(session.frame("public-hosts"))
    }
    lines: set[str] = set()
    nameless: set[str] = set()
    odd: set[str] = set()
    for row in answer.rows:
        if row.verdict is Verdict.NO:
            continue
        if row.own["via"]:
            lines.update(_doors_of(row, filters, hosts, odd))
            continue
        if row.own["mechanism"] == _URL and _wants_https(row, filters):
            lines.update(_lines(row.own["names"], ["443"], odd))
        if not row.own["family"]:
            continue
        ports = sorted({span for port in _ports(row, filters) for span in _tcp(port)})
        name, ipv4, ipv6 = hosts.get(row.id, (None, [], []))
        addresses = list(ipv4 if row.own["family"] == "ipv4" else ipv6) or [name]
        known = [address for address in addresses if address]
        if ports and not known:
            known = [name for name in session.host_names.get(row.id, ()) if "*" not in name]
        if ports and not known:
            nameless.add(row.id)
        lines.update(_lines(known, ports, odd))
    if odd:
        say(f"{len(odd)} left out, being neither an address nor a host name: {_some(odd)}")
    if nameless:
        say(f"No host name or address is known of: {', '.join(sorted(nameless))}")
    return "".join(f"{line}\n" for line in sorted(lines))


def _doors_of(
    row: Row,
    filters: Filters,
    hosts: Mapping[str, tuple[str | None, Sequence[str], Sequence[str]]],
    odd: set[str],
) -> Iterator[str]:
    """The front doors by which a port that was asked for is had, under their own ports."""
    if not filters.ports or not list(_ports(row, filters)):
        return
    ports = sorted({span for port in row.own["door_ports"] for span in _tcp(str(port))})
    for way in row.own["ways"]:
        name, ipv4, ipv6 = hosts.get(way[0], (None, [], []))
        addresses = ipv4 if row.own["family"] == "ipv4" else ipv6
        yield from _lines(addresses or filter(None, [name]), ports, odd)


def _lines(hosts: Iterable[str], ports: Sequence[str], odd: set[str]) -> Iterator[str]:
    """``host:port`` for each host that is one; the others are added to ``odd``."""
    for host in hosts:
        written = host_of(host)
        if written is None:
            odd.update([host] if ports else [])
        else:
            yield from (f"{written}:{port}" for port in ports)


def host_of(text: str) -> str | None:
    """An address (IPv6 in brackets) or host name as a scanner takes it; ``None`` for other text."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        fits = len(text) <= 253 and _HOST_NAME.fullmatch(text)
        return text if fits else None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    # What stands after a percent sign is any text.
    return None if address.scope_id else f"[{address}]"


def _some(odd: set[str], most: int = 5) -> str:
    return ", ".join(repr(one[:80]) for one in sorted(odd)[:most])


def _wants_https(row: Row, filters: Filters) -> bool:
    if filters.verdicts and row.verdict not in filters.verdicts:
        return False
    asked = [port for text in filters.ports for port in spelled(text)]
    return not asked or overlaps("tcp/443", asked)


def _ports(row: Row, filters: Filters) -> Iterator[str]:
    """The ports of a row, weaker ones too, as far as the filters want them."""
    asked = [port for text in filters.ports for port in spelled(text)]
    verdicts = filters.verdicts or tuple(Verdict)
    found = [(str(port), row.verdict) for port in row.own["ports"]]
    for entry in row.own["other_ports"]:
        port, _, verdict = str(entry).rpartition("=")
        found.append((port, Verdict(verdict)))
    for port, verdict in found:
        if verdict not in verdicts:
            continue
        if not asked:
            yield port
        yield from (wanted for wanted in asked if overlaps(port, (wanted,)))


def _tcp(port: str) -> Iterator[str]:
    protocol, _, span = port.partition("/")
    if protocol == "all" or (protocol == "tcp" and not span):
        yield "1-65535"
    elif protocol == "tcp":
        yield span
