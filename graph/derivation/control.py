"""``CONTROLS``: what follows from being admin of an account."""

from __future__ import annotations

from collections.abc import Iterable

from graph.derivation.relate import walked
from graph.records import Node, Relationship
from graph.verdict import Answer, Verdict

CONTROLLED = frozenset({"identity", "compute", "data", "secrets"})
"""Categories of resources that an account's admin has: principals, workloads, data."""


def control_part(nodes: Iterable[Node]) -> list[Relationship]:
    """From each account to its principals, workloads and data resources."""
    known = list(nodes)
    accounts = {node.id for node in known if "AWSAccount" in node.labels}
    found = []
    for node in known:
        account = f"account:{node.props.get('account_id')}"
        if account not in accounts or node.props.get("category") not in CONTROLLED:
            continue
        if node.props.get("collected") is False:
            continue
        text = f"An admin of {account.removeprefix('account:')} controls it."
        answer = Answer(Verdict.YES, why=text, evidence=(text,))
        found.append(walked("CONTROLS", account, node.id, "account", answer))
    return found
