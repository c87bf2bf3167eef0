"""``host:port`` lines for a scanner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from graph.verdict import Verdict
from queries.runner import records

if TYPE_CHECKING:
    from mapper.session import Session
    from queries.answers.answer import Answered


def targets_of(session: Session, answer: Answered) -> str:
    """One line per address and TCP port (or range ``8000-8100``) that answers.

    Rows that are ``no`` apart, every verdict is a target: a scanner settles it. What stands behind
    a front door is reached by the front door's own line.
    """
    hosts = {
        row["id"]: (row["host_name"], row["ipv4"], row["ipv6"])
        for row in records(session.frame("public-hosts"))
    }
    lines: set[str] = set()
    for row in answer.rows:
        if row.own["via"] or row.verdict is Verdict.NO or not row.own["family"]:
            continue
        name, ipv4, ipv6 = hosts.get(row.id, (None, [], []))
        addresses = list(ipv4 if row.own["family"] == "ipv4" else ipv6) or [name]
        for address in filter(None, addresses):
            shown = f"[{address}]" if ":" in address else address
            lines.update(f"{shown}:{port}" for port in _tcp(row.own["ports"]))
    return "".join(f"{line}\n" for line in sorted(lines))


def _tcp(ports: Iterable[str]) -> Iterator[str]:
    for port in ports:
        protocol, _, span = port.partition("/")
        if protocol == "all" or (protocol == "tcp" and not span):
            yield "1-65535"
        elif protocol == "tcp":
            yield span
