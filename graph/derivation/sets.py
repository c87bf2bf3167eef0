"""``PrincipalSet`` and ``ResourceSet``: what is alike, drawn as one node."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from graph.derivation.relate import walked
from graph.records import Node, Relationship
from graph.verdict import Answer, Verdict


class _Sets:
    """Sets of nodes, one node for each distinct membership."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._ids: dict[tuple[str, ...], str] = {}
        self._members: dict[str, tuple[str, tuple[str, ...]]] = {}

    def of(self, account: str, members: tuple[str, ...]) -> str:
        """The id of the set with these members (sorted), of one account."""
        found = self._ids.get(members)
        if found is None:
            digest = hashlib.sha256("\n".join(members).encode("utf-8", "surrogatepass")).hexdigest()
            found = self._ids[members] = f"{self._kind}:{digest[:16]}"
            self._members[found] = (account, members)
        return found

    def listed(self) -> Iterable[tuple[str, str, tuple[str, ...]]]:
        """Id, account and members, by id."""
        return ((key, *self._members[key]) for key in sorted(self._members))


class PrincipalSets(_Sets):
    """Principals that get the same access by the same statements."""

    def __init__(self) -> None:
        super().__init__("principal-set")

    def records(self) -> tuple[list[Node], list[Relationship]]:
        """Nodes, and ``IN_GROUP`` from each member."""
        nodes, relationships = [], []
        for set_id, account, members in self.listed():
            name = f"{len(members)} principals of {account}"
            nodes.append(_node(set_id, "PrincipalSet", "identity", account, name, len(members)))
            for member in members:
                text = f"{member} is one of the set."
                answer = Answer(Verdict.YES, why=text, evidence=(text,))
                relationships.append(walked("IN_GROUP", member, set_id, "member", answer))
        return nodes, relationships


class ResourceSets(_Sets):
    """Resources to which the same principals have the same access."""

    def __init__(self) -> None:
        super().__init__("resource-set")
        self._unread: dict[str, tuple[str, str]] = {}

    def unread(self, type_id: str, account: str) -> str:
        """The id of what an account may have of a type that was not read: it has no members."""
        found = f"resource-set:{account}/{type_id}"
        self._unread[found] = (type_id, account)
        return found

    def records(self) -> tuple[list[Node], list[Relationship]]:
        """Nodes, and ``TARGETS`` to each member."""
        nodes, relationships = [], []
        for set_id, account, members in self.listed():
            kind = members[0].split(":")[2] if members[0].count(":") > 4 else "other"
            name = f"{len(members)} {kind} resources of {account}"
            nodes.append(_node(set_id, "ResourceSet", "data", account, name, len(members)))
            for member in members:
                text = f"{member} is one of the set."
                answer = Answer(Verdict.YES, why=text, evidence=(text,))
                relationships.append(walked("TARGETS", set_id, member, "member", answer))
        for set_id, (type_id, account) in sorted(self._unread.items()):
            name = f"{type_id} of {account}, not collected"
            nodes.append(_node(set_id, "ResourceSet", "data", account, name, 0))
        return nodes, relationships


def _node(set_id: str, label: str, category: str, account: str, name: str, size: int) -> Node:
    return Node(
        id=set_id,
        labels=(label,),
        props={
            "name": name,
            "resource_type": f"Mapper::{label}",
            "account_id": account,
            "region": "global",
            "resource_id": set_id,
            "tags": [],
            "category": category,
            "member_count": size,
        },
    )
