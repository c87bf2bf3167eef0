"""What may be changed to cut a step of an attack, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from graph.escalation.technique import ACCESS_KEY_FOUND
from graph.verdict import merged
from queries.answers.attack import AttackGraph, Link
from queries.answers.parties import Parties, account_of


class Kind(StrEnum):
    """What is changed; those that break least come first."""

    TRUST = "trust"
    TECHNIQUE = "technique"
    ACCESS = "access"
    ACCESS_KEY = "access-key"
    ADMIN = "admin"
    WORKLOAD_ROLE = "workload-role"
    REACH = "reach"


_PLACE = {kind: number for number, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Change:
    """One change; every step that it cuts starts at ``start``.

    Attributes:
        kind: what is changed.
        subject: id of the thing to change: role, principal, resource, workload or front door; the
            user whose access key it is.
        start: id of the node at which its steps start.
        about: the actions or technique, the account, or the workload's role.
    """

    kind: Kind
    subject: str
    start: str
    about: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        """How much it breaks, as the place of its kind."""
        return _PLACE[self.kind]

    @property
    def order(self) -> tuple[object, ...]:
        """Of equal changes the one that breaks least comes first."""
        return (self.cost, self.subject, self.start, self.about)


def change_of(graph: AttackGraph, link: Link) -> Change | None:
    """The change that cuts a step; None where membership or ownership is all it is.

    The rights of a root user, and what a machine reaches inside the network, are no single change.
    """
    start, end = link.hop.start, link.hop.end
    if link.type == "CAN_ASSUME":
        return Change(Kind.TRUST, end.id, start.id)
    if link.technique == ACCESS_KEY_FOUND:
        return Change(Kind.ACCESS_KEY, end.id, start.id)
    if link.type in ("CAN_ESCALATE_TO", "CAN_EXECUTE_ON"):
        named = tuple(sorted(link.actions)) or (link.technique or link.hop.mechanism,)
        return None if _is_root(start.id) else Change(Kind.TECHNIQUE, start.id, start.id, named)
    if link.type == "HAS_ADMIN":
        return None if _is_root(start.id) else Change(Kind.ADMIN, start.id, start.id, (end.id,))
    if link.type == "CAN_ACCESS":
        return None if _is_root(start.id) else Change(Kind.ACCESS, end.id, start.id)
    if link.type == "HAS_ROLE":
        return Change(Kind.WORKLOAD_ROLE, start.id, start.id, (end.id,))
    if link.type == "CAN_REACH" and graph.things[start.id].is_source:
        return Change(Kind.REACH, end.id, start.id)
    return None


def _is_root(node: str) -> bool:
    return node.startswith("arn:") and node.endswith(":root")


def in_words(graph: AttackGraph, change: Change, links: Sequence[Link], parties: Parties) -> str:
    """A change as a sentence: what to do to which thing.

    Args:
        graph: for the names.
        change: what it is.
        links: the steps that it cuts.
        parties: the accounts' names.
    """
    subject, start = _name(graph, change.subject, parties), _name(graph, change.start, parties)
    if change.kind is Kind.TRUST:
        return f"Take {start} out of the trust policy of {subject}."
    if change.kind is Kind.TECHNIQUE:
        techniques = merged((one.technique for one in links if one.technique), ())
        how = f" ({', '.join(techniques)})" if techniques else ""
        return f"Take {', '.join(change.about)} from {start}{how}."
    if change.kind is Kind.ACCESS_KEY:
        return f"Deactivate the access key of {subject} that stands in {start}, and take it out."
    if change.kind is Kind.ADMIN:
        account = _name(graph, change.about[0], parties)
        carried = _policies(links)
        which = f": {', '.join(carried)}" if carried else ""
        return f"Take from {start} what makes it admin of {account}{which}."
    if change.kind is Kind.WORKLOAD_ROLE:
        role = _name(graph, change.about[0], parties)
        if any(link.hop.mechanism == "instance-profile" for link in links):
            return f"Take the instance profile with {role} off {subject}."
        return f"Give {subject} another role than {role}, with fewer rights."
    if change.kind is Kind.REACH:
        ports = merged((port for link in links for port in link.ports), ())
        return f"Close {', '.join(ports) or subject} to {start} on {subject}."
    what = _actions(links)
    if graph.things[change.start].is_source:
        return f"Take {start} out of the policy of {subject}{f' ({what})' if what else ''}."
    return f"Take {what or 'access'} on {subject} from {start}."


def _actions(links: Iterable[Link]) -> str:
    """The first actions of some steps, and how many more."""
    found = sorted({action for link in links for action in link.actions})
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def _policies(links: Iterable[Link]) -> tuple[str, ...]:
    """The policies that the steps' evidence names."""
    found = []
    for link in links:
        for line in link.hop.answer.evidence:
            head, mark, rest = line.partition("Allowed by ")
            named = rest.partition(", statement ")[0]
            if mark and not head and named.startswith(("managed policy ", "inline policy ")):
                found.append(named)
    return tuple(dict.fromkeys(found))


def _name(graph: AttackGraph, node: str, parties: Parties) -> str:
    """A name that tells things of several accounts apart."""
    end = graph.things[node].end
    name = end.name or node.rpartition(":")[2]
    home = account_of(end.id, end.account_id)
    if node.startswith("account:"):
        number = node.removeprefix("account:")
        known = parties.name(number)
        return f"account {number} ({known})" if known else f"account {number}"
    if graph.things[node].is_source or not home:
        return name
    return f"{name} of {parties.name(home) or home}"
