"""What a resource's own policy leaves to the identities of its own account, over the internet.

They need no statement of the resource's policy: their identity policies suffice. The resource's
policy can only take that away, e.g. with a Deny of requests from outside a VPC.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from collector.snapshot import Item
from graph.evidence import Ref
from graph.iam.document import parse
from graph.iam.request import Request
from graph.iam.resource_policy import BELOW, weigh
from graph.iam.world import ANY_AWS_PRINCIPAL, Caller, IamWorld, Policy, outside_account
from graph.verdict import Answer, Verdict, any_of

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
class Call:
    """A signed call over the internet.

    Attributes:
        actions: of the data plane, e.g. ``("dsql:DbConnect",)``; any of them is enough.
        context: context keys whose value is known.
        exact: the resource is called as it is, not what stands below it (versions, objects).
    """

    actions: tuple[str, ...]
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """What is left for identities of the account.

    Attributes:
        answer: ``no`` if the policy (or the organisation's) refuses them all; their own login is
            not among its conditions.
        admitted: the only public ranges that they may come from; ``None``: any.
    """

    answer: Answer
    admitted: tuple[str, ...] | None = None


def left_to_own(
    world: IamWorld, item: Item, document: Mapping[str, Any] | None, call: Call, ref: Ref
) -> Left:
    """Ask the policy engine with one more Allow in the place of the identities' policies.

    Args:
        world: brings the resource control policies.
        item: the resource with the public endpoint.
        document: its policy, ``None`` if it has none.
        call: what is called.
        ref: where the policy stands.
    """
    asked = _Asked(world, item, call)
    own = outside_account(item.account_id)
    partition = item.id.removeprefix("arn:").partition(":")[0]
    root = f"arn:{partition}:iam::{item.account_id}:root"
    policy = _with_identities(document, call, root, ref)
    answer = asked.weighed(policy, own, _PRIVATE)
    ranged = [term for term in answer.conditions if term.startswith(f"context:{_ADDRESS}")]
    if answer.verdict is Verdict.NO or not ranged:
        return Left(answer)
    without = asked.weighed(policy, own, _PRIVATE | {_ADDRESS})
    ranges = asked.ranges(_with_identities(document, call, "*", ref))
    if without.verdict is not Verdict.NO or not ranges:
        return Left(answer)
    rest = tuple(term for term in answer.conditions if term not in ranged)
    return Left(_without(answer, rest), ranges)


def _without(answer: Answer, rest: tuple[str, ...]) -> Answer:
    """The answer where the address is settled by the source."""
    verdict = answer.verdict
    if not rest and verdict is Verdict.CONDITIONAL:
        verdict = Verdict.YES
    return replace(answer, verdict=verdict, conditions=rest)


def _with_identities(
    document: Mapping[str, Any] | None, call: Call, principal: str, ref: Ref
) -> Policy:
    """The policy with one more Allow in the place of every identity policy of the account."""
    stand_in = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": f"{_service(call)}:*",
        "Resource": "*",
    }
    said = (document or {}).get("Statement", [])
    statements = said if isinstance(said, list) else [said]
    version = (document or {}).get("Version", "2012-10-17")
    whole = {"Version": version, "Statement": [*statements, stand_in]}
    return Policy("resource policy", parse(whole), ref=ref)


def _service(call: Call) -> str:
    return call.actions[0].partition(":")[0]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One call on one resource."""

    world: IamWorld
    item: Item
    call: Call

    def weighed(self, policy: Policy, caller: Caller, absent: frozenset[str]) -> Answer:
        return any_of(
            weigh(self.world, one, policy).answer for one in self._requests(caller, absent)
        )

    def ranges(self, policy: Policy) -> tuple[str, ...]:
        """The public ranges to which a policy limits everybody."""
        found = [
            str(network)
            for one in self._requests(ANY_AWS_PRINCIPAL, _PRIVATE)
            for network, answer in weigh(self.world, one, policy).ranges
            if answer.verdict is not Verdict.NO
        ]
        return tuple(dict.fromkeys(found))

    def _requests(self, caller: Caller, absent: frozenset[str]) -> list[Request]:
        below = "" if self.call.exact else BELOW.get(_service(self.call), "")
        return [
            Request(
                caller,
                action,
                self.item.id + below,
                self.item.account_id,
                self.call.context,
                absent=absent,
                pattern=bool(below),
            )
            for action in self.call.actions
        ]


__all__ = ["Call", "Left", "left_to_own"]
