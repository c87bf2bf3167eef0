"""Whom an attacker names in a trust policy that it writes, where it may not assume roles itself.

SCPs bind the principals of their own accounts, so not one of an account of the attacker's; RCPs
bind the role whoever calls.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_cross-account-with-roles.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.escalation.stage import Stage
from graph.evidence import Step
from graph.iam.admin import OPEN_TRUST
from graph.iam.request import FRESH_ACCOUNT, Request
from graph.iam.resource_policy import weigh
from graph.iam.world import ANY_AWS_PRINCIPAL, IamWorld, Outside, Principal, outside_account
from graph.verdict import Answer, Verdict, any_of, condition

_OUTSIDE = (ANY_AWS_PRINCIPAL, outside_account(FRESH_ACCOUNT))
"""From anywhere, and from the places that an RCP asks for."""


def by_others(requests: Sequence[Request]) -> tuple[Request, ...] | None:
    """The requests without those that another principal makes; ``None`` if there is none such."""
    left = tuple(one for one in requests if one.resource_policy is not OPEN_TRUST)
    return left if len(left) < len(requests) else None


def admits_others(stage: Stage, role: Principal) -> Answer:
    """Whether a role with a trust policy of the attacker's is assumed by somebody it names.

    ``yes`` for a principal of an account outside that nothing of the role's organisation stops;
    ``conditional`` where only one of the organisation can, of which the attacker must have hold.

    Args:
        stage: the facts.
        role: as it is, or as it is going to be made.
    """
    key = ("admits others", role.account, *_what_matters(stage, role))
    known = stage.world.indexes.setdefault("admits-others", {})
    assert isinstance(known, dict)
    if key not in known:
        known[key] = _judged(stage.world, role)
    found = known[key]
    assert isinstance(found, Answer)
    return found


def _what_matters(stage: Stage, role: Principal) -> tuple[object, ...]:
    """RCPs alone can tell roles of an account apart."""
    return (role.arn, role.tags) if stage.world.account(role.account).rcps else ()


def _judged(world: IamWorld, role: Principal) -> Answer:
    outside = any_of(_assumes(world, one, role) for one in _OUTSIDE)
    if outside.verdict is Verdict.YES:
        text = (
            f"No call of its own is needed to assume a role of {role.account}: the trust policy "
            "names a principal of an account of the attacker's, which SCPs do not bind."
        )
        step = Step("trust policy", role.account, "pass", text)
        return Answer(
            Verdict.YES, why=text, assumes=outside.assumes, evidence=(text,), steps=(step,)
        )
    inside = any_of(_assumes(world, one, role) for one in _of_organisation(world, role.account))
    found = any_of([outside, *([_held(inside, role)] if inside.verdict.rank > 2 else [])])
    return Answer(
        found.verdict, found.why, found.conditions, (), found.assumes, found.evidence, found.steps
    )


def _assumes(world: IamWorld, who: Outside, role: Principal) -> Answer:
    request = Request(
        who,
        "sts:AssumeRole",
        role.arn,
        role.account,
        resource_policy=OPEN_TRUST,
        resource_tags=role.tags,
    )
    return weigh(world, request, OPEN_TRUST).answer


def _of_organisation(world: IamWorld, account: str) -> Iterator[Outside]:
    """Somebody of the role's own account, and of the management account, which no SCP binds."""
    yield outside_account(account)
    organisation = world.account(account).organization
    for one in world.accounts.values():
        if organisation and one.organization == organisation and one.membership == "management":
            yield outside_account(one.id)


def _held(inside: Answer, role: Principal) -> Answer:
    text = (
        "Its own call to assume the role is denied, and so is that of an account outside: the "
        "attacker needs another principal of the organisation, which the trust policy then names."
    )
    name = condition("context", "control-of", f"another principal of {role.account}'s organisation")
    return Answer(
        Verdict.CONDITIONAL,
        text,
        tuple(sorted({*inside.conditions, name})),
        assumes=inside.assumes,
        evidence=(text,),
    )
