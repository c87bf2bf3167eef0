"""What a SUBJECT of ``mapper explain`` may be called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mapper.errors import WrongUsageError
from mapper.naming import nearest
from mapper.output.names import short_name
from queries.answers.near import names_on

if TYPE_CHECKING:
    from graph.records import Node
    from queries.answers.parties import Parties

CANDIDATES = 12
"""Things of one name, or rows, that are listed."""
KEY_LENGTH = 8
_GROUPS = frozenset(
    {"NetworkTarget", "NetworkGroup", "NetworkRange", "PrincipalSet", "ResourceSet"}
)
"""Nodes of our own making: found by id, never by name."""


class Names:
    """Nodes by id, ARN, name, host name, short id and account name."""

    def __init__(self, nodes: Iterable[Node], parties: Parties) -> None:
        self._nodes: dict[str, str] = {}
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for node in nodes:
            name = node.props.get("name")
            self._nodes[node.id] = str(node.props.get("resource_type") or "")
            if _GROUPS & set(node.labels):
                continue
            short = short_name(node.id)
            words = (name, short, short.rpartition("/")[2], node.id.rpartition(":")[2])
            for word in (*words, *names_on(node)):
                if isinstance(word, str) and word:
                    self._by_name[word].add(node.id)
            if node.id.startswith("account:"):
                account = node.id.removeprefix("account:")
                if named := parties.name(account):
                    self._by_name[named].add(node.id)

    def resolve(self, text: str) -> str:
        """The one node that a text means.

        Raises:
            WrongUsageError: several (the message lists them) or none (it has the nearest names).
        """
        found = self.find(text)
        if len(found) == 1:
            return found[0]
        if found:
            listed = "\n".join(f"  {node} ({self._nodes[node]})" for node in found[:CANDIDATES])
            more = f"\n  and {len(found) - CANDIDATES} more" if len(found) > CANDIDATES else ""
            raise WrongUsageError(
                f"{text!r} means {len(found)} things; name one by its id:\n{listed}{more}"
            )
        near = nearest(text, self._by_name, 5, 0.65)
        hint = f" The nearest names: {', '.join(near)}." if near else ""
        raise WrongUsageError(f"There is nothing called {text!r} in this snapshot.{hint}")

    def find(self, text: str) -> list[str]:
        """Every node that a text may mean, sorted; the exact id alone if it is one.

        A role goes before the instance profile of the same name, which the console makes with it.
        """
        if text in self._nodes:
            return [text]
        if f"account:{text}" in self._nodes:
            return [f"account:{text}"]
        found = self._by_name.get(text, set())
        return sorted(node for node in found if profiled_role(node) not in found)


def profiled_role(node_id: str) -> str | None:
    """The ARN of the role that has an instance profile's own name; None for anything else."""
    if ":instance-profile/" not in node_id:
        return None
    return node_id.replace(":instance-profile/", ":role/", 1)


def is_key(text: str) -> bool:
    """Whether a text may be a row's key, or its beginning."""
    return len(text) >= KEY_LENGTH and all(c in "0123456789abcdef" for c in text)
