"""What AWS's own analysers found about reach, beside what the engine says.

Reachability Analyzer answers one question (a path) at a time; Network Access Analyzer lists paths
that match a scope. Both saw the configuration at the time of the analysis, not of the snapshot.

* https://docs.aws.amazon.com/vpc/latest/reachability/how-reachability-analyzer-works.html
* https://docs.aws.amazon.com/vpc/latest/network-access-analyzer/how-network-access-analyzer-works.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graph.evidence import Ref
from graph.network import ports, prefixes
from graph.network.between.ends import End, end_of, end_to_end, end_to_internet
from graph.network.internet import internet_to_interface
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.network.world import NetworkWorld
from graph.verdict import Verdict

REACHABILITY = "Reachability Analyzer"
ACCESS = "Network Access Analyzer"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One answer of AWS.

    Attributes:
        tool: :data:`REACHABILITY` or :data:`ACCESS`.
        id: of the analysis or finding.
        source: AWS's id of where the path begins.
        target: AWS's id of where it ends.
        found: whether there is a path.
        reason: AWS's explanation codes, or the components of the path.
        at: when it was analysed.
        opened: protocols and ports that were asked about.
        sender: the address or range that it was asked of, if any.
        receiver: the address or range that it was asked about, if any.
    """

    tool: str
    id: str
    source: str
    target: str
    found: bool
    reason: str
    at: str
    opened: Spans
    sender: str
    receiver: str
    account_id: str
    region: str
    ref: Ref


@dataclass(frozen=True, slots=True)
class Compared:
    """An opinion with ours: the strongest verdict of what it asked, and why.

    ``verdict`` is ``None`` where the question is about things that the engine does not judge.
    """

    opinion: Opinion
    target: str
    verdict: Verdict | None
    why: str

    @property
    def differs(self) -> bool:
        """Whether one says that there is a path and the other that there is none."""
        if self.verdict is None or self.verdict is Verdict.UNKNOWN:
            return False
        return self.opinion.found is (self.verdict is Verdict.NO)


def span_of(number: int, low: int | None, high: int | None) -> Spans:
    """Ports of a protocol; all of them where the range is not told or makes no sense."""
    if low is None or high is None:
        return ports.of_protocol(number)
    try:
        return ports.span(number, low, high)
    except ValueError:
        return ports.of_protocol(number)


def compare(world: NetworkWorld, opinion: Opinion) -> Compared:
    """Our answer to the question of an opinion.

    Compared are questions among internet gateways, network interfaces and instances; of any other
    ``verdict`` is ``None``.
    """
    about = opinion.source if _is_gateway(opinion.target) else opinion.target
    node = _by_short_id(world).get(about, about)
    try:
        found = list(_answers(world, opinion))
    except _NotComparedError as reason:
        return Compared(opinion, node, None, str(reason))
    best: tuple[Verdict, str] = (Verdict.NO, "")
    for reach in found:
        verdict = _at(reach, opinion)
        if verdict.rank > best[0].rank or not best[1]:
            best = (verdict, _why(reach, verdict, opinion))
    return Compared(opinion, node, *best)


class _NotComparedError(Exception):
    """The question is about something else than we judge."""


def _answers(world: NetworkWorld, opinion: Opinion) -> Iterable[Reach]:
    if _is_gateway(opinion.source):
        return [
            reach
            for interface in _end(world, opinion.target).interfaces
            for reach in internet_to_interface(world, interface)
        ]
    source = _end(world, opinion.source)
    if not _bears(source, opinion.sender):
        raise _NotComparedError("It is asked of an address that the sender does not bear.")
    if _is_gateway(opinion.target):
        return end_to_internet(world, source, opinion.opened, _host(opinion.receiver))
    target = _end(world, opinion.target)
    if not _bears(target, opinion.receiver):
        raise _NotComparedError("It is asked of an address that the receiver does not bear.")
    return end_to_end(world, source, target, opinion.opened)


def _is_gateway(short: str) -> bool:
    return short.startswith("igw-")


def _end(world: NetworkWorld, short: str) -> End:
    """What a path begins or ends at.

    Raises:
        _NotComparedError: nothing with interfaces that was collected.
    """
    node = _by_short_id(world).get(short)
    end = end_of(world, node) if node else None
    if end is None or not end.interfaces:
        raise _NotComparedError(f"{short or 'An end of it'} is no interface that was collected.")
    return end


def _by_short_id(world: NetworkWorld) -> Mapping[str, str]:
    """Node ids of interfaces and instances; made once."""
    key = ("second opinions", "short ids")
    if key not in world.memo:
        every = (*world.interfaces, *world.instances)
        world.memo[key] = {node.rpartition("/")[2]: node for node in every}
    known: Mapping[str, str] = world.memo[key]
    return known


def _host(cidr: str) -> str:
    """The address of a range of one; nothing where it holds more."""
    address, _, length = cidr.partition("/")
    return address if length in ("", "32", "128") else ""


def _bears(end: End, address: str) -> bool:
    """Whether an end has the one private address that is asked about, if any is."""
    if not address:
        return True
    own = {a.private for one in end.interfaces for a in one.addresses}
    own.update(six for one in end.interfaces for six in one.ipv6)
    return _host(address) in own and len(own) == 1


def _why(reach: Reach, verdict: Verdict, opinion: Opinion) -> str:
    if verdict is reach.verdict:
        return reach.answer.why
    return f"{'; '.join(ports.names(opinion.opened)[:5])} is {verdict}; {reach.answer.why}"


def _at(reach: Reach, opinion: Opinion) -> Verdict:
    """The verdict for the ports and the sender that were asked about."""
    if reach.verdict in (Verdict.NO, Verdict.UNKNOWN):
        return reach.verdict
    if opinion.sender and not _sends(reach, opinion.sender):
        return Verdict.NO
    if reach.port_set & opinion.opened:
        return reach.verdict
    weaker = [
        Verdict(verdict)
        for name, _, verdict in (entry.rpartition("=") for entry in reach.other_ports)
        if _overlaps(name, opinion.opened)
    ]
    return max(weaker, key=lambda one: one.rank, default=Verdict.NO)


def _sends(reach: Reach, address: str) -> bool:
    """Whether an address may be the sender of a result; one that cannot be read may."""
    try:
        kind, theirs = prefixes.parse(address)
    except ValueError:
        return True
    if reach.source.startswith("cidr:"):
        family, mine = prefixes.parse(reach.source.removeprefix("cidr:"))
        if kind is not family or not mine & theirs:
            return False
    return kind is not reach.family or not reach.closed.covers(theirs)


def _overlaps(name: str, opened: Spans) -> bool:
    """Whether a port's name (``tcp/80-90``, ``udp``, ``all``) shares something with the ports."""
    if name == "all":
        return True
    protocol, _, span = name.partition("/")
    if protocol not in ("tcp", "udp"):
        return False
    number = ports.TCP if protocol == "tcp" else ports.UDP
    first, _, last = span.partition("-")
    low = int(first) if first else None
    return bool(span_of(number, low, int(last) if last else low) & opened)
