"""Links between accounts that resources' settings name: peerings, administrators.

Which settings do is data (``account_links.json``), each with AWS's page. Flows of data are
relationships (``graph/schema/flows.json``) and are counted as such.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from graph.records import Node
from graph.schema.registry import is_account_id
from graph.verdict import Answer, Verdict

KINDS = ("trust", "data", "network", "management")
"""What one account may have of another."""

_ORGANIZATION_ACCOUNT = re.compile(r"arn:[a-z-]+:organizations::(\d{12}):account/(o-[a-z0-9]+)/")


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that links two accounts.

    Attributes:
        start: node id of who gets power, data or reach: an account, an organisation, a unit of
            one, or a group of many accounts.
        end: node id of the account whose it is.
        kind: one of :data:`KINDS`.
        thing: what counts once: the role, the resource, the connection.
        answer: how strong it is.
        configured: only the configuration says so; whether anything comes of it is judged
            elsewhere, and what is judged goes before.
        between: source and target of the judgement that it rests on; None where a setting is it.
    """

    start: str
    end: str
    kind: str
    thing: str
    answer: Answer
    configured: bool = False
    between: tuple[str, str] | None = None


def sure(text: str) -> Answer:
    """What a setting says."""
    return Answer(Verdict.YES, why=text, evidence=(text,))


def account_node(account_id: str) -> str:
    """The id of an account's node."""
    return f"account:{account_id}"


@cache
def facts() -> Mapping[str, Any]:
    """``account_links.json``."""
    text = resources.files("graph.derivation").joinpath("account_links.json").read_text("utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


def manages(role_name: str) -> bool:
    """Whether AWS makes a role of this name for whoever manages the account."""
    names = (one["name"] for one in facts()["management_roles"])
    return any(fnmatch.fnmatchcase(role_name, name) for name in names)


def configured_links(nodes: Mapping[str, Node], organisations: Mapping[str, str]) -> Iterator[Link]:
    """Every link that a node's own properties name.

    Args:
        nodes: by id.
        organisations: the organisation's id (``o-...``) of each account that is known to be in one.
    """
    named: dict[str, list[Mapping[str, Any]]] = {}
    for fact in facts()["named_accounts"]:
        named.setdefault(fact["label"], []).append(fact)
    for node in nodes.values():
        for label in node.labels:
            for fact in named.get(label, ()):
                yield from _named(node, fact)
    yield from _organisations(nodes, organisations)


def _listed(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [str(one) for one in listed if one]


def _named(node: Node, fact: Mapping[str, Any]) -> Iterator[Link]:
    """Accounts that a property names."""
    own = str(node.props.get("account_id") or "")
    if not is_account_id(own) or any(
        node.props.get(name) != value for name, value in fact.get("when", {}).items()
    ):
        return
    for other in _listed(node.props.get(fact["property"])):
        if other == own or not is_account_id(other):
            continue
        thing = str(node.props.get("resource_id") or node.id)
        answer = sure(fact["text"].format(own=own, other=other, thing=thing))
        ends = (account_node(other), account_node(own))
        configured = bool(fact.get("configured"))
        if fact["named"] in ("from", "both"):
            yield Link(*ends, fact["kind"], node.id, answer, configured)
        if fact["named"] in ("to", "both"):
            yield Link(ends[1], ends[0], fact["kind"], node.id, answer, configured)


def _organisations(nodes: Mapping[str, Node], organisations: Mapping[str, str]) -> Iterator[Link]:
    """The management account, and accounts to which it delegated, over every member.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_getting-started_concepts.html
    """
    for (manager, organisation), members in _members(nodes, organisations).items():
        rights = {account_node(manager): f"manages the organisation {organisation}"}
        for member in members:
            services = _listed(nodes[member].props.get("delegated_services"))
            if services and member != account_node(manager):
                rights[member] = f"administers {', '.join(sorted(services))} for {organisation}"
        for start, right in rights.items():
            answer = sure(f"{start.removeprefix('account:')} {right}.")
            for member in members:
                # Organisation policies and delegation do not bind the management account.
                if member not in (start, account_node(manager)):
                    yield Link(start, member, "management", organisation, answer)


def _members(
    nodes: Mapping[str, Node], organisations: Mapping[str, str]
) -> dict[tuple[str, str], list[str]]:
    """Members' nodes by management account and organisation."""
    members: dict[tuple[str, str], list[str]] = {}
    for node in nodes.values():
        if "AWSAccount" not in node.labels:
            continue
        found = _ORGANIZATION_ACCOUNT.match(str(node.props.get("arn") or ""))
        organisation = found[2] if found else organisations.get(str(node.props.get("account_id")))
        described = nodes.get(f"org:{organisation}")
        manager = found[1] if found else described and described.props.get("management_account_id")
        if organisation and manager:
            members.setdefault((str(manager), organisation), []).append(node.id)
    return members
