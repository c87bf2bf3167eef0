"""OpenSearch Serverless collections: the API's endpoint and the Dashboards'.

Network policies say from where each may be reached; a rule that opens it to public networks wins
over one that does not. AWS checks signatures (or SAML for Dashboards) behind both.
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from collector.snapshot import Item
from graph.front_doors.controls import facts, state, strings
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, stops, unread
from graph.front_doors.sight import BOTH, Sight, member, rows
from graph.network.reach import Reach

_COLLECTION = "opensearchserverless:collection"
_POLICIES = "opensearchserverless:security-policy"
_LIST, _CALL = "list_security_policies", "get_security_policy"
_SOURCE = (
    "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html"
)
_TEST = "tests/front_doors/test_opensearch_serverless.py"


def _judge(kind: str, mechanism: str, login: str, sight: Sight, item: Item) -> Iterator[Reach]:
    told = item.call("batch_get_collection").value
    status = item.item.get("status") or member(told, "status")
    asleep = facts("opensearch")["collection_asleep"]["statuses"]
    text = "AWS asks for a signed request or a SAML login."
    locks = (
        _network(sight, item, kind),
        asks_for("authentication", item.id, text, f"authn:{login}"),
        state(item, status, asleep),
    )
    yield from sight.reached(item, mechanism, locks, families=BOTH)


def _network(sight: Sight, item: Item, kind: str) -> Lock:
    """Whether some rule about the collection opens the endpoint to public networks."""
    name, gaps = "network policy", list[str]()
    called = item.item.get("name")
    if not isinstance(called, str):
        return unread(name, item.id, sight.gap(item, "list_collections"))
    wanted = f"collection/{called}"
    for policy in sight.in_place(_POLICIES, item.account_id, item.region):
        if policy.item.get("type") == "encryption":
            continue
        written = _written(policy)
        about = [one for one in written or [] if _is_about(one, kind, wanted)]
        flags = [member(one, "AllowFromPublic") for one in about]
        if not _readable(written) or any(not isinstance(one, bool) for one in flags):
            gaps.append(sight.gap(policy, _CALL))
        if True in flags:
            text = f"The network policy {policy.item.get('name')} opens it to public networks."
            return passes(name, item.id, text, *sight.refs(policy, f"/calls/{_CALL}/value"))
    gaps += [
        f"opensearchserverless.{row.operation}@{row.account_id}/{row.region}"
        for row in sight.snapshot.gaps(_POLICIES)
        if (row.account_id, row.region) == (item.account_id, item.region) and row.operation == _LIST
    ]
    if gaps:
        return unread(name, item.id, gaps[0])
    return stops(name, item.id, "No network policy opens it to public networks.")


def _written(policy: Item) -> list[Any] | None:
    """The blocks of a network policy; ``None`` if they were not read."""
    told = member(policy.call(_CALL).value, "securityPolicyDetail", "policy")
    if isinstance(told, str):
        try:
            told = json.loads(told)
        except (ValueError, RecursionError):
            return None
    return told if isinstance(told, list) else None


def _readable(written: list[Any] | None) -> bool:
    """Whether no block can hold a rule that is not seen; one that opens nothing may."""
    return written is not None and all(
        member(block, "AllowFromPublic") is False or _rules_are_readable(member(block, "Rules"))
        for block in written
    )


def _rules_are_readable(told: Any) -> bool:
    return isinstance(told, list) and all(
        isinstance(member(rule, "ResourceType"), str)
        and isinstance(named := member(rule, "Resource"), list)
        and all(isinstance(one, str) for one in named)
        for rule in told
    )


def _is_about(block: Any, kind: str, wanted: str) -> bool:
    return any(
        member(rule, "ResourceType") == kind and _covers(strings(rule.get("Resource")), wanted)
        for rule in rows(member(block, "Rules"))
    )


def _covers(patterns: Iterable[str], wanted: str) -> bool:
    """Whether a pattern names the collection; ``*`` is the only wildcard."""
    plain = (one.replace("[", "[[]").replace("?", "[?]") for one in patterns)
    return any(fnmatchcase(wanted, one) for one in plain)


DOORS = (
    FrontDoor(
        type_id=_COLLECTION,
        mechanism="opensearch-serverless",
        title="OpenSearch Serverless collections",
        rule="A rule of a network policy for the resource type `collection` names the collection "
        "and stands in a block with AllowFromPublic true (it wins over private rules), and the "
        "collection is in service. Data access policies name principals, so that it is always "
        "`authn:sigv4`. A policy that was not read is unknown.",
        source=_SOURCE,
        judge=partial(_judge, "collection", "opensearch-serverless", "sigv4"),
        test=_TEST,
        needs=frozenset({_POLICIES}),
    ),
    FrontDoor(
        type_id=_COLLECTION,
        mechanism="opensearch-serverless-dashboards",
        title="OpenSearch Serverless dashboards",
        rule="As for collections, with a rule for the resource type `dashboard`. The login is IAM "
        "or SAML: `authn:iam-or-saml`.",
        source=_SOURCE,
        judge=partial(_judge, "dashboard", "opensearch-serverless-dashboards", "iam-or-saml"),
        test=_TEST,
        needs=frozenset({_POLICIES}),
    ),
)
"""Declarations of this service."""
