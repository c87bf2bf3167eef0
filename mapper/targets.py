"""``host:port`` lines for a scanner."""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from graph.verdict import Verdict
from queries.ports import common, interval, overlaps, spelled
from queries.runner import records

if TYPE_CHECKING:
    from mapper.session import Session
    from queries.answers.answer import Answered, Filters
    from queries.answers.row import Row


_NAMED = 5
_IN_SERVICE = tuple(verdict for verdict in Verdict if verdict is not Verdict.DORMANT)
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

    Every verdict is a target, a scanner settles it; but what is not in service now is one only
    where ``dormant`` was asked for: an address that AWS assigned by itself goes to somebody else
    while a machine is stopped. What stands behind a front door is reached by the front door's own
    line. Text of AWS that is neither an address nor a host name is left out: a line of it might be
    an option or several targets to the scanner.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html

    Args:
        session: for host names and addresses.
        answer: rows of ``public``.
        filters: of their ports only those of these verdicts, and these ports, are targets.
        say: is told of what has TCP ports but no host name or address that is known, and how many
            were left out, or are not in service.
    """
    found = _Found(session, filters)
    for row in answer.rows:
        if row.verdict is not Verdict.NO:
            found.take(row)
    found.tell(say)
    return "".join(f"{line}\n" for line in sorted(found.lines()))


class _Found:
    """The lines, and what has none."""

    def __init__(self, session: Session, filters: Filters) -> None:
        self._session = session
        self._filters = filters
        self._wanted = filters.verdicts or _IN_SERVICE
        self._hosts = {
            row["id"]: (row["host_name"], list(row["ipv4"]), list(row["ipv6"]))
            for row in records(session.frame("public-hosts"))
        }
        self._spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.nameless: set[str] = set()
        self.odd: set[str] = set()
        self.asleep: set[str] = set()

    def take(self, row: Row) -> None:
        """Add the lines of one row."""
        if row.own["via"]:
            self._behind_doors(row)
            return
        if row.own["mechanism"] == _URL and _wants_https(row, self._filters):
            self._add(row.own["names"], ["tcp/443"])
        if not row.own["family"]:
            return
        if row.verdict is Verdict.DORMANT:
            self.asleep.add(_named(row))
        known = self._known(row.id, row.own["family"])
        if self._add(known, _ports(row, self._filters)) and not known:
            self.nameless.add(_named(row))

    def _behind_doors(self, row: Row) -> None:
        """The front doors of a row, each under those of its own ports that lead there.

        Where a port was asked for that is the thing's own, every such port of the door; else those
        that were asked for.
        """
        if row.verdict not in self._wanted:
            return
        asked = [port for text in self._filters.ports for port in spelled(text)]
        there = any(True for _ in _ports(row, self._filters))
        for way, met in zip(row.own["ways"], row.own["way_ports"], strict=True):
            wanted = met if not asked or there else common(met, asked)
            self._add(self._known(way[0], row.own["family"]), wanted)

    def _add(self, hosts: Iterable[str], ports: Iterable[str]) -> bool:
        """Ports of hosts; those that are no hosts are ``odd``. Whether there is a TCP port."""
        spans = [span for port in ports for span in _tcp(port)]
        for host in hosts if spans else ():
            if (written := host_of(host)) is None:
                self.odd.add(host)
            else:
                self._spans[written] += spans
        return bool(spans)

    def lines(self) -> Iterator[str]:
        """``host:port``, ranges that overlap or follow each other as one."""
        for host, spans in self._spans.items():
            for low, high in _joined(spans):
                yield f"{host}:{low}" if low == high else f"{host}:{low}-{high}"

    def _known(self, node: str, family: str) -> list[str]:
        """Addresses of a thing, else its host names but for those that stand for many."""
        name, ipv4, ipv6 = self._hosts.get(node, (None, [], []))
        addresses = [address for address in (ipv4 if family == "ipv4" else ipv6) if address]
        if addresses or name:
            return addresses or [name]
        return [name for name in self._session.host_names.get(node, ()) if "*" not in name]

    def tell(self, say: Callable[[str], None]) -> None:
        """What has no line, and what of those that have one is not in service."""
        if self.odd:
            told = ", ".join(repr(one[:80]) for one in sorted(self.odd)[:_NAMED])
            say(f"{len(self.odd)} left out, being neither an address nor a host name: {told}")
        if self.asleep:
            say(_asleep(self.asleep, asked=Verdict.DORMANT in self._filters.verdicts))
        if self.nameless:
            say(f"No host name or address is known of: {', '.join(sorted(self.nameless))}")


def _named(row: Row) -> str:
    """A thing by its name with AWS's short id, e.g. ``web (i-0abc)``."""
    from mapper.output.names import short_name

    short = short_name(row.id)
    return f"{row.name} ({short})" if row.name and row.name != short else short


def _asleep(found: set[str], *, asked: bool) -> str:
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    named = f"{', '.join(sorted(found)[:_NAMED])}{more}"
    if not asked:
        return f"Left out, not in service now (--verdict dormant lists them): {named}"
    return (
        "Not in service now; an address that AWS assigned by itself may be somebody else's by now: "
        f"{named}"
    )


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges of numbers, sorted, none of which overlaps or follows another."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


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


def _wants_https(row: Row, filters: Filters) -> bool:
    if row.verdict not in (filters.verdicts or _IN_SERVICE):
        return False
    asked = [port for text in filters.ports for port in spelled(text)]
    return not asked or overlaps("tcp/443", asked)


def _ports(row: Row, filters: Filters) -> Iterator[str]:
    """The ports of a row, weaker ones too, as far as the filters want them."""
    asked = [port for text in filters.ports for port in spelled(text)]
    verdicts = filters.verdicts or _IN_SERVICE
    found = [(str(port), row.verdict) for port in row.own["ports"]]
    for entry in row.own["other_ports"]:
        port, _, verdict = str(entry).rpartition("=")
        found.append((port, Verdict(verdict)))
    for port, verdict in found:
        if verdict not in verdicts:
            continue
        yield from common((port,), asked) if asked else (port,)


def _tcp(port: str) -> Iterator[tuple[int, int]]:
    protocol, low, high = interval(port)
    if protocol in ("tcp", "all"):
        yield max(low, 1), high
