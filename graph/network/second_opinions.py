"""What AWS's own analysers found about reach, beside what the engine says.

Reachability Analyzer answers one question (a path) at a time; Network Access Analyzer lists paths
that match a scope. Both saw the configuration at the time of the analysis, not of the snapshot.

* https://docs.aws.amazon.com/vpc/latest/reachability/how-reachability-analyzer-works.html
* https://docs.aws.amazon.com/vpc/latest/network-access-analyzer/how-network-access-analyzer-works.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.evidence import Ref
from graph.network import ports, prefixes
from graph.network.facts import Interface
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
        sender: the address that it was asked of, if any.
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
    """Our answer to the question of an opinion that begins at an internet gateway.

    Other questions are not compared (``verdict`` is ``None``).
    """
    targets = _interfaces(world, opinion.target)
    node = _node(world, opinion.target)
    if not opinion.source.startswith("igw-"):
        return Compared(opinion, node, None, "It does not begin at an internet gateway.")
    if not targets:
        return Compared(opinion, node, None, "Its end is no interface that was collected.")
    best: tuple[Verdict, str] = (Verdict.NO, "")
    for interface in targets:
        for reach in internet_to_interface(world, interface):
            verdict = _at(reach, opinion)
            if verdict.rank > best[0].rank or not best[1]:
                best = (verdict, _why(reach, verdict, opinion))
    return Compared(opinion, node, *best)


def _why(reach: Reach, verdict: Verdict, opinion: Opinion) -> str:
    if verdict is reach.verdict:
        return reach.answer.why
    return f"{'; '.join(ports.names(opinion.opened)[:5])} is {verdict}; {reach.answer.why}"


def _at(reach: Reach, opinion: Opinion) -> Verdict:
    """The verdict for the ports and the sender that were asked about."""
    if reach.verdict in (Verdict.NO, Verdict.UNKNOWN):
        return reach.verdict
    if opinion.sender and not _sends(reach.source, opinion.sender):
        return Verdict.NO
    if reach.port_set & opinion.opened:
        return reach.verdict
    weaker = [
        Verdict(verdict)
        for name, _, verdict in (entry.rpartition("=") for entry in reach.other_ports)
        if _overlaps(name, opinion.opened)
    ]
    return max(weaker, key=lambda one: one.rank, default=Verdict.NO)


def _sends(source: str, address: str) -> bool:
    if not source.startswith("cidr:"):
        return True
    try:
        family, mine = prefixes.parse(source.removeprefix("cidr:"))
        kind, theirs = prefixes.parse(address)
    except ValueError:
        return True
    return kind is family and bool(mine & theirs)


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


def _interfaces(world: NetworkWorld, short: str) -> tuple[Interface, ...]:
    for interface in world.interfaces.values():
        if interface.id.endswith(f"/{short}"):
            return (interface,)
    for instance in world.instances.values():
        if instance.id.endswith(f"/{short}"):
            known = (world.interfaces.get(one) for one in instance.interfaces)
            return tuple(one for one in known if one is not None)
    return ()


def _node(world: NetworkWorld, short: str) -> str:
    indexed: Iterable[Iterable[str]] = (world.interfaces, world.instances)
    found = (node for index in indexed for node in index if node.endswith(f"/{short}"))
    return next(found, short)
