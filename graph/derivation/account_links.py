"""``LINKED_TO``: what one account has of another, as one relationship for each kind.

The direction is that of the power, data or reach: it starts at the account that gets it and ends
at the account whose it is. Nothing walks it; it sums up what the graph holds one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.derivation.account_configured import (
    Link,
    account_node,
    configured_links,
    manages,
    sure,
)
from graph.derivation.relate import verdict_props
from graph.judgement import Judgement
from graph.records import Node, Relationship
from graph.schema.registry import is_account_id
from graph.verdict import Answer, Verdict, condition

EXAMPLES = 5
"""Things that a link names."""
WIDE = 40
"""Accounts from which a group stands for them all: a thousand that reach a thousand are two
thousand relationships, not a million."""
_TRUST = ("CAN_ASSUME", "HAS_ADMIN", "CAN_ESCALATE_TO", "CAN_EXECUTE_ON")
_EVERYONE = frozenset({"Internet", "AnyAWSPrincipal", "AnyAWSAccount"})
_OWNERS = ("AWSAccount", "ExternalAccount", "Organization", "OrganizationalUnit")
_FAMILY = {"network": "network", "account": "management"}
_NETWORK_SERVICES = ("vpc-lattice", "route53resolver", "network-firewall", "networkmanager")
_EC2_NETWORK = (
    "subnet",
    "transit-gateway",
    "transit-gateway-multicast-domain",
    "prefix-list",
    "ipam-pool",
    "local-gateway-route-table",
    "security-group",
    "verified-access-group",
)
"""Types of EC2 that RAM shares and that are of the network.
https://docs.aws.amazon.com/ram/latest/userguide/shareable.html"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the accounts themselves.

    Attributes:
        collected: ids of the accounts in the snapshot.
        unread: ids of accounts of whose principals not every policy was read.
    """

    collected: frozenset[str]
    unread: frozenset[str]


def account_links(
    nodes: Mapping[str, Node],
    relationships: Sequence[Relationship],
    judgements: Iterable[Judgement],
    collected: Collection[str],
    organisations: Mapping[str, str],
) -> list[Relationship]:
    """Sum up everything that joins two accounts.

    Args:
        nodes: by id.
        relationships: all others of the graph.
        judgements: of access and trust, ``no`` included.
        collected: ids of the accounts in the snapshot.
        organisations: the organisation's id of each account that is known to be in one.
    """
    things, seen = _things(nodes, relationships, judgements, collected, organisations)
    return [_summary(*pair, list(held.values()), seen) for pair, held in sorted(things.items())]


def links_behind(
    pair: tuple[str, str, str],
    nodes: Mapping[str, Node],
    relationships: Sequence[Relationship],
    judgements: Iterable[Judgement],
    collected: Collection[str],
    organisations: Mapping[str, str],
) -> list[Link]:
    """What one ``LINKED_TO`` sums up, the strongest first.

    Args:
        pair: its start, end and kind; for the others see :func:`account_links`.
    """
    things, seen = _things(nodes, relationships, judgements, collected, organisations)
    return _counted(pair[2], list(things.get(pair, {}).values()), seen)


def _things(
    nodes: Mapping[str, Node],
    relationships: Sequence[Relationship],
    judgements: Iterable[Judgement],
    collected: Collection[str],
    organisations: Mapping[str, str],
) -> tuple[dict[tuple[str, str, str], dict[str, Link]], Seen]:
    """By start, end and kind each thing's strongest link; and what is known of the accounts."""
    judged = _Judged(judgements)
    seen = Seen(frozenset(collected), judged.unread(nodes))
    found = _Found(nodes, relationships, judged)
    pairs: dict[tuple[str, str, str], dict[str, Link]] = defaultdict(dict)
    for link in (*found.links(), *configured_links(nodes, organisations)):
        things = pairs[link.start, link.end, link.kind]
        things[link.thing] = _stronger(things.get(link.thing), link)
    return pairs, seen


class _Judged:
    """What was judged of shares, and whose principals were not all read."""

    def __init__(self, judgements: Iterable[Judgement]) -> None:
        self._access: dict[tuple[str, str], Verdict] = {}
        self._unread: set[str] = set()
        for one in judgements:
            if one.question == "access":
                pair = (one.source, one.target)
                held = self._access.get(pair, Verdict.NO)
                self._access[pair] = max(held, one.answer.verdict, key=lambda found: found.rank)
            elif one.source == one.target and one.answer.verdict is Verdict.UNKNOWN:
                self._unread.add(one.source)

    def access(self, receiver: str, resource: str) -> Verdict | None:
        """What came out for a receiver; None where nobody asked."""
        return self._access.get((receiver, resource))

    def unread(self, nodes: Mapping[str, Node]) -> frozenset[str]:
        """Accounts of principals whose own policies were not all read."""
        found = (nodes[one].props.get("account_id") for one in self._unread if one in nodes)
        return frozenset(str(account) for account in found if account)


class _Found:
    """The links that relationships of the graph make."""

    def __init__(
        self, nodes: Mapping[str, Node], relationships: Sequence[Relationship], judged: _Judged
    ) -> None:
        self._nodes = nodes
        self._relationships = relationships
        self._judged = judged
        self._members: dict[str, list[str]] = defaultdict(list)
        self._senders: dict[str, list[str]] = defaultdict(list)
        for one in relationships:
            if one.type == "TARGETS" and "ResourceSet" in self._labels(one.start):
                self._members[one.start].append(one.end)
            elif one.type == "IN_GROUP" and "NetworkRange" in self._labels(one.start):
                self._senders[one.end].append(one.start)
        self._accounts: dict[str, frozenset[str]] = {}
        self._open: dict[str, list[tuple[int, frozenset[str]]]] = defaultdict(list)
        for one in relationships:
            if one.type in ("CAN_ACCESS", "CAN_ASSUME"):
                self._note_open(one)

    def _note_open(self, one: Relationship) -> None:
        """What everyone may do with a thing."""
        if not _EVERYONE.isdisjoint(self._labels(one.start)):
            self._open[one.end].append((_answer(one).verdict.rank, _actions(one)))

    def _is_everyones(self, one: Relationship, thing: str) -> bool:
        """Whether a principal may do no more than everyone: that links no two accounts."""
        if "Source" in self._labels(one.start) or thing not in self._open:
            return False
        rank = _answer(one).verdict.rank
        given = [actions for strength, actions in self._open[thing] if strength >= rank]
        return bool(given) and _actions(one) <= frozenset().union(*given)

    def links(self) -> Iterator[Link]:
        """Every one of them, between two different owners."""
        for one in self._relationships:
            if one.type in _TRUST:
                yield from self._trust(one)
            elif one.type == "CAN_ACCESS":
                yield from self._access(one)
            elif one.type in ("CAN_REACH", "TARGETS"):
                yield from self._reach(one)
            elif one.type in ("TRUSTS", "SHARED_WITH", "LOGS_TO", "REPLICATES_TO", "SENDS_TO"):
                yield from self._configured(one)
            elif one.type == "ATTACHED_TO" and "TransitGateway" in self._labels(one.end):
                yield from self._attached(one)
        yield from self._wide()

    def _labels(self, node_id: str) -> tuple[str, ...]:
        node = self._nodes.get(node_id)
        return node.labels if node is not None else ()

    def owner(self, node_id: str) -> str | None:
        """The party that a node is or belongs to, as a node id; None for a source like anyone."""
        node = self._nodes.get(node_id)
        if node is None:
            return None
        if any(label in _OWNERS for label in node.labels):
            return node_id
        account = str(node.props.get("account_id") or "")
        return account_node(account) if is_account_id(account) else None

    def between(self, start: str, end: str) -> tuple[str, str] | None:
        """The two owners, if they are two."""
        first, last = self.owner(start), self.owner(end)
        if first is None or last is None or first == last or not last.startswith("account:"):
            return None
        return first, last

    def _trust(self, one: Relationship) -> Iterator[Link]:
        ends = self.between(one.start, one.end)
        if ends is None or self._is_everyones(one, one.end):
            return
        answer = _answer(one)
        between = (one.start, one.end)
        yield Link(*ends, "trust", one.end, answer, between=between)
        name = str(self._nodes[one.end].props.get("name") or "")
        if one.type == "CAN_ASSUME" and manages(name):
            yield Link(*ends, "management", one.end, answer, between=between)

    def _access(self, one: Relationship) -> Iterator[Link]:
        if (ends := self.between(one.start, one.end)) is None:
            return
        answer = _answer(one)
        for thing in self._members.get(one.end, (one.end,)):
            if self._is_everyones(one, thing):
                continue
            between = (one.start, one.end)
            yield Link(*ends, self.family(thing), thing, answer, between=between)

    def family(self, resource: str) -> str:
        """``network``, ``management`` or ``data``: what a resource is a share of."""
        node = self._nodes.get(resource)
        category = str(node.props.get("category") or "") if node is not None else ""
        if category not in ("other", "policy", ""):
            return _FAMILY.get(category, "data")
        parts = resource.split(":", 5)
        service, rest = (parts[2], parts[5]) if len(parts) == 6 else ("", "")
        kind = rest.partition("/")[0]
        network = service in _NETWORK_SERVICES or (service == "ec2" and kind in _EC2_NETWORK)
        return "network" if network else "data"

    def _configured(self, one: Relationship) -> Iterator[Link]:
        """Trust, shares and logs: who is named gets it."""
        if (ends := self.between(one.end, one.start)) is None:
            return
        receiver, owner = ends
        who = receiver.removeprefix("account:")
        if one.type == "TRUSTS":
            text = f"The trust policy of {one.start} names {one.end}."
            yield Link(receiver, owner, "trust", one.start, sure(text), configured=True)
        elif one.type == "SHARED_WITH":
            judged = self._judged.access(one.end, one.start) is not None
            answer = sure(f"{one.start} is shared with {who}.")
            for kind in self._shared(one.start):
                yield Link(receiver, owner, kind, one.start, answer, configured=judged)
        else:
            answer = sure(str(one.props.get("says") or f"{one.start} sends data to {one.end}."))
            if one.props.get("active") is False:
                answer = replace(answer, verdict=Verdict.DORMANT)
            yield Link(receiver, owner, "data", one.start, answer)

    def _shared(self, resource: str) -> Iterable[str]:
        """Of what a share is: of each kind that its resources are, as far as they are known."""
        if "ResourceShare" not in self._labels(resource):
            return (self.family(resource),)
        held = self._nodes[resource].props.get("received_resource_arns")
        listed = [str(arn) for arn in held] if isinstance(held, list) else []
        return sorted({self.family(arn) for arn in listed}) or ("data",)

    def _attached(self, one: Relationship) -> Iterator[Link]:
        """A VPC of one account on the transit gateway of another."""
        props = self._nodes[one.start].props
        account, gateway = str(props.get("resource_account_id") or ""), self.owner(one.end)
        attached = account_node(account)
        if not is_account_id(account) or gateway in (None, attached):
            return
        if props.get("state") == "available" and gateway is not None:
            text = f"A VPC of {account} is attached to {one.end} ({props.get('resource_id')})."
            yield Link(attached, gateway, "network", one.start, sure(text), configured=True)
            yield Link(gateway, attached, "network", one.start, sure(text), configured=True)

    def _reach(self, one: Relationship) -> Iterator[Link]:
        """What was judged to get through: from each account of a group, or from a wide one."""
        labels = self._labels(one.start)
        if one.type == "TARGETS" and "VPCEndpoint" not in labels:
            return
        last = self.owner(one.end)
        if last is None or not last.startswith("account:"):
            return
        starts: Iterable[str] = (self.owner(one.start) or "",)
        if "NetworkGroup" in labels:
            accounts = self.senders(one.start)
            starts = accounts if len(accounts) <= WIDE else (one.start,)
        answer = _answer(one)
        for start in starts:
            if start and start != last:
                yield Link(start, last, "network", one.end, answer, between=(one.start, one.end))

    def senders(self, group: str) -> frozenset[str]:
        """The accounts that a network group or a bundle of ranges holds."""
        known = self._accounts.get(group)
        if known is None:
            self._accounts[group] = frozenset()  # groups nest, but never in a ring
            inner = self._senders.get(group, ())
            found = {account for one in inner for account in self.senders(one)}
            own = None if inner else self.owner(group)
            known = self._accounts[group] = frozenset(found | ({own} if own else set()))
        return known

    def _wide(self) -> Iterator[Link]:
        """Into a group that stands for many accounts."""
        starts = {one.start for one in self._relationships if one.type == "CAN_REACH"}
        for group in sorted(starts):
            if "NetworkGroup" not in self._labels(group):
                continue
            accounts = self.senders(group)
            if len(accounts) > WIDE:
                answer = sure(f"{group} holds ranges of {len(accounts)} accounts.")
                for account in accounts:
                    yield Link(account, group, "network", group, answer)


def _answer(one: Relationship) -> Answer:
    verdict = Verdict(str(one.props.get("verdict") or "yes"))

    def texts(name: str) -> tuple[str, ...]:
        held = one.props.get(name)
        return tuple(held) if isinstance(held, list) else ()

    return Answer(
        verdict,
        why=str(one.props.get("why") or ""),
        conditions=() if verdict is Verdict.YES else texts("conditions"),
        guards=texts("guards"),
        assumes=texts("assumes"),
    )


def _actions(one: Relationship) -> frozenset[str]:
    held = one.props.get("actions")
    return frozenset(map(str.lower, held)) if isinstance(held, list) else frozenset()


def _order(link: Link) -> tuple[bool, int, int, str, str]:
    """The strongest first; what was judged before what is only configured."""
    answer = link.answer
    strength = (-answer.verdict.rank, len(answer.conditions))
    return (link.configured, *strength, link.thing, answer.why)


def _stronger(held: Link | None, link: Link) -> Link:
    return link if held is None else min(held, link, key=_order)


def _summary(start: str, end: str, kind: str, links: list[Link], seen: Seen) -> Relationship:
    """One relationship for all things of a kind between two owners."""
    ordered = _counted(kind, links, seen)
    best = ordered[0].answer
    verdicts = [link.answer.verdict for link in ordered]
    told = tuple(dict.fromkeys(link.answer.why for link in ordered if link.answer.why))
    answer = replace(best, evidence=told[:EXAMPLES], steps=())
    props = verdict_props(answer)
    props |= {
        "kind": kind,
        "count": len(ordered),
        "definite_count": verdicts.count(Verdict.YES),
        "possible_count": sum(one.rank >= Verdict.CONDITIONAL.rank for one in verdicts),
        "examples": [link.thing for link in ordered[:EXAMPLES]],
    }
    return Relationship("LINKED_TO", start, end, kind, props)


def _counted(kind: str, links: list[Link], seen: Seen) -> list[Link]:
    """The links that count, the strongest first."""
    reached = kind == "network" and any(not link.configured for link in links)
    if reached:
        # What gets through says more than that there is a connection.
        return sorted((link for link in links if not link.configured), key=_order)
    weighed = [_weighed(link, seen) if link.configured else link for link in links]
    return sorted(weighed, key=_order)


def _weighed(link: Link, seen: Seen) -> Link:
    """Something that is configured, of which nothing was found to come.

    Dormant where both sides were read; unknown where the other could still let it through.
    """
    ends = [one.removeprefix("account:") for one in (link.start, link.end)]
    missing = [one for one in ends if one in seen.unread]
    if link.kind == "network":
        missing = [one for one in ends if one not in seen.collected]
    if missing:
        conditions = tuple(condition("not_collected", f"{link.kind}:{one}") for one in missing)
        text = f"{link.answer.why} Whether anything comes of it is not known."
        answer = Answer(Verdict.UNKNOWN, why=text, conditions=conditions)
    else:
        text = f"{link.answer.why} Nothing was found that can use it now."
        answer = Answer(Verdict.DORMANT, why=text)
    return replace(link, answer=answer)
