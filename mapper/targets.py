"""``host:port`` lines for a scanner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def targets_of(
    session: Session, answer: Answered, filters: Filters, say: Callable[[str], None]
) -> str:
    """One line per address and TCP port (or range ``8000-8100``) that answers.

    Every verdict is a target: a scanner settles it. What stands behind a front door is reached by
    the front door's own line.

    Args:
        session: for host names and addresses.
        answer: rows of ``public``.
        filters: of their ports only those of these verdicts, and these ports, are targets.
        say: is told of what has TCP ports but no host name or address that is known.
    """
    hosts = {
        row["id"]: (row["host_name"], row["ipv4"], row["ipv6"])
        for row in records(session.frame("public-hosts"))
    }
    lines: set[str] = set()
    nameless: set[str] = set()
    for row in answer.rows:
        if row.own["via"] or row.verdict is Verdict.NO:
            continue
        if row.own["mechanism"] == _URL and _wants_https(row, filters):
            lines.update(f"{host}:443" for host in row.own["names"])
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
        for address in known:
            shown = f"[{address}]" if ":" in address else address
            lines.update(f"{shown}:{port}" for port in ports)
    if nameless:
        say(f"No host name or address is known of: {', '.join(sorted(nameless))}")
    return "".join(f"{line}\n" for line in sorted(lines))


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
