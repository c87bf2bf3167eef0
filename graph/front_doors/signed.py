"""Endpoints that every signed caller can knock at: what the resource's own policy still shuts out.

Where AWS checks signatures in front of a public endpoint, the account's own identities need no
resource policy: their identity policies suffice. The resource's policy can only take that away,
e.g. with a Deny of requests from outside a VPC.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collector.snapshot import Item
from graph.evidence import Ref
from graph.front_doors.declare import Lock, asks_for, stops, unread
from graph.front_doors.sight import Sight
from graph.iam.document import BrokenPolicy, parse
from graph.iam.request import Request
from graph.iam.resource_policy import BELOW, weigh
from graph.iam.world import ANY_AWS_PRINCIPAL, Caller, Policy, outside_account
from graph.verdict import Answer, Verdict, any_of, condition

SIGV4 = condition("authn", "sigv4")

# What only a request through a VPC endpoint carries.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_PRIVATE = frozenset(
    {
        "aws:SourceVpc",
        "aws:SourceVpcArn",
        "aws:SourceVpce",
        "aws:VpcSourceIp",
        "aws:VpceAccount",
        "aws:VpceOrgID",
        "aws:VpceOrgPaths",
    }
)
_ADDRESS = "aws:SourceIp"


@dataclass(frozen=True, slots=True)
class Signed:
    """What is left of the public endpoint for signed callers.

    Attributes:
        lock: closed, or open under conditions of which ``authn:sigv4`` is one.
        more: further conditions, each as a lock.
        admitted: the only ranges that signed callers may come from; ``None``: any.
    """

    lock: Lock
    more: tuple[Lock, ...] = ()
    admitted: tuple[str, ...] | None = None


def document_of(value: Any) -> dict[str, Any] | None:
    """A policy as text or parsed; ``None`` where there is none.

    Raises:
        ValueError: there is one that cannot be read.
    """
    if value is None or value == "":
        return None
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError) as problem:
        raise ValueError(f"the policy is no JSON ({problem})") from None
    if not isinstance(found, dict):
        raise ValueError("the policy is no object")
    parsed = parse(found)
    if isinstance(parsed, BrokenPolicy):
        raise ValueError(parsed.reason)
    return found


def signed_callers(
    sight: Sight, item: Item, document: dict[str, Any] | None, actions: Sequence[str], ref: Ref
) -> Signed:
    """What the resource's policy leaves to identities of its own account over the internet.

    Args:
        sight: brings the resource control policies.
        item: the resource with the public endpoint.
        document: its policy, ``None`` if it has none.
        actions: of the data plane, e.g. ``["dsql:DbConnect"]``; any of them is enough.
        ref: where the policy stands.
    """
    name, service = "authentication", actions[0].partition(":")[0]
    own = outside_account(item.account_id)
    partition = item.id.removeprefix("arn:").partition(":")[0]
    root = f"arn:{partition}:iam::{item.account_id}:root"
    policy = _with_identities(document, service, root, ref)
    answer = _weighed(sight, item, policy, own, actions, _PRIVATE)
    if answer.verdict is Verdict.NO:
        text = "No signed request from the internet gets past its policy (or the organisation's)."
        return Signed(stops("resource policy", item.id, text, ref))
    lock = asks_for(name, item.id, "AWS answers signed requests only.", SIGV4)
    admitted = None
    terms = list(answer.conditions)
    if any(term.startswith(f"context:{_ADDRESS}") for term in terms):
        without = _weighed(sight, item, policy, own, actions, _PRIVATE | {_ADDRESS})
        ranges = _ranges(sight, item, document, service, actions, ref)
        if without.verdict is Verdict.NO and ranges:
            admitted = ranges
            terms = [term for term in terms if not term.startswith(f"context:{_ADDRESS}")]
    text = "Its policy (or the organisation's) asks for more."
    more = tuple(
        unread("resource policy", item.id, term.removeprefix("not_collected:"), ref)
        if answer.verdict is Verdict.UNKNOWN
        else asks_for("resource policy", item.id, text, term, ref)
        for term in terms
    )
    return Signed(lock, more, admitted)


def _with_identities(
    document: Mapping[str, Any] | None, service: str, principal: str, ref: Ref
) -> Policy:
    """The policy with one more Allow in the place of every identity policy of the account."""
    stand_in = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": f"{service}:*",
        "Resource": "*",
    }
    said = (document or {}).get("Statement", [])
    statements = said if isinstance(said, list) else [said]
    version = (document or {}).get("Version", "2012-10-17")
    whole = {"Version": version, "Statement": [*statements, stand_in]}
    return Policy("resource policy", parse(whole), ref=ref)


def _weighed(
    sight: Sight,
    item: Item,
    policy: Policy,
    caller: Caller,
    actions: Sequence[str],
    absent: frozenset[str],
) -> Answer:
    return any_of(
        weigh(sight.identities, one, policy).answer
        for one in _requests(item, caller, actions, absent)
    )


def _ranges(
    sight: Sight,
    item: Item,
    document: Mapping[str, Any] | None,
    service: str,
    actions: Sequence[str],
    ref: Ref,
) -> tuple[str, ...]:
    """The public ranges to which the policy limits everybody."""
    policy = _with_identities(document, service, "*", ref)
    found = [
        str(network)
        for one in _requests(item, ANY_AWS_PRINCIPAL, actions, _PRIVATE)
        for network, answer in weigh(sight.identities, one, policy).ranges
        if answer.verdict is not Verdict.NO
    ]
    return tuple(dict.fromkeys(found))


def _requests(
    item: Item, caller: Caller, actions: Sequence[str], absent: frozenset[str]
) -> list[Request]:
    # A web function's endpoint is called as it is, not a version below it as of a function.
    web = item.type == "lambda-web:function"
    below = "" if web else BELOW.get(actions[0].partition(":")[0], "")
    return [
        Request(
            caller,
            action,
            item.id + below,
            item.account_id,
            absent=absent,
            pattern=bool(below),
        )
        for action in actions
    ]
