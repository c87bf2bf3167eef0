"""What a principal would be after a change of its own rights."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace

from graph.escalation.stage import Stage
from graph.iam import condition
from graph.iam.document import Document, Statement, parse
from graph.iam.request import Request, facts_of
from graph.iam.world import Policy, Principal
from graph.verdict import Answer, Verdict

EVERYTHING = Policy(
    "the policy that the attacker writes",
    parse(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", '
        '"Resource": "*"}}'
    ),
)


def given_everything(one: Principal, instead_of: str = "") -> Principal:
    """With a policy that allows all, which may take the place of a managed policy (its ARN)."""
    kept = tuple(row for row in one.policies if not instead_of or row.arn != instead_of)
    return replace(one, policies=(*kept, EVERYTHING))


IAM_ONLY = Policy(
    "AWS's policy IAMFullAccess",
    parse(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["iam:*", '
        '"organizations:DescribeAccount", "organizations:DescribeOrganization", '
        '"organizations:DescribeOrganizationalUnit", "organizations:DescribePolicy", '
        '"organizations:ListChildren", "organizations:ListParents", '
        '"organizations:ListPoliciesForTarget", "organizations:ListRoots", '
        '"organizations:ListPolicies", "organizations:ListTargetsForPolicy"], "Resource": "*"}}'
    ),
)
"""https://docs.aws.amazon.com/aws-managed-policy/latest/reference/IAMFullAccess.html."""


def with_iam_only(one: Principal) -> Principal:
    """With IAMFullAccess in the place of the policy that allows all."""
    policies = tuple(IAM_ONLY if row is EVERYTHING else row for row in one.policies)
    return replace(one, policies=policies)


def with_policies(one: Principal, more: Iterable[Policy]) -> Principal:
    """With further policies."""
    return replace(one, policies=(*one.policies, *more))


def without_policies(one: Principal, gone: Iterable[Policy]) -> Principal:
    """Without some of its policies."""
    out = {id(policy) for policy in gone}
    return replace(one, policies=tuple(row for row in one.policies if id(row) not in out))


def as_version(one: Principal, policy: str, document: Document) -> Principal:
    """With another version of a managed policy in force."""
    rows = (replace(row, document=document) if row.arn == policy else row for row in one.policies)
    return replace(one, policies=tuple(rows))


def without_boundary(one: Principal) -> Principal:
    """Without its permissions boundary."""
    return replace(one, boundary=None)


def is_admin_after(stage: Stage, changed: Principal) -> Answer:
    """Whether a principal as changed is admin of its account.

    Those whom no limit tells apart are judged once.
    """
    key = _limits(stage, changed)
    found = stage.after(changed.account, key, changed)
    if found.answer.verdict is Verdict.NO:
        return found.answer
    text = f"With that {changed.arn} is admin of {changed.account}."
    return replace(found.answer, why=text, evidence=(text,), steps=())


def _limits(stage: Stage, one: Principal) -> Hashable:
    """What decides about a principal that may do everything but what limits it."""
    if EVERYTHING not in one.policies:
        return _as_it_stands(stage, one)
    denies = tuple(row for row in _documents(one) if row.is_deny)
    boundary = one.boundary.document if one.boundary is not None else None
    limits: list[Statement] = [*denies]
    if isinstance(boundary, Document):
        limits += boundary.statements
    for level in stage.world.account(one.account).scp_levels or ():
        for policy in level:
            if isinstance(policy.document, Document):
                limits += policy.document.statements
    facts = facts_of(stage.world, Request(one, "iam:GetUser", "*", one.account), one.account)
    outcomes = tuple(
        repr(condition.outcome(test, facts, row.variables))
        for row in limits
        for test in row.conditions
    )
    named = one.arn if any("${" in text for row in limits for text in _texts(row)) else ""
    unread = tuple(
        row.arn or row.name for row in one.policies if not isinstance(row.document, Document)
    )
    shape = boundary.hash if isinstance(boundary, Document) else repr(boundary and one.arn)
    bounded = one.boundary is not None
    return (one.kind, one.reserved, bounded, shape, denies, outcomes, named, unread, one.gaps)


def _as_it_stands(stage: Stage, one: Principal) -> Hashable:
    """Of a principal that may not do everything: its texts, if none of them tells principals apart.

    A condition or a variable may, and so may being the one principal that is left to take over.
    """
    own = [row.document for row in one.policies]
    limits = [one.boundary.document] if one.boundary is not None else []
    levels = stage.world.account(one.account).scp_levels or ()
    texts = [*own, *limits, *(row.document for level in levels for row in level)]
    if len(stage.users(one.account)) < 3 or not all(map(_is_plain, texts)):
        return one
    hashes = (_hashes(own), _hashes(limits) if one.boundary is not None else None)
    return ("as it stands", one.kind, one.reserved, one.service_linked, hashes, one.gaps)


def _is_plain(document: object) -> bool:
    """Whether a text was read and says the same to everybody."""
    return isinstance(document, Document) and not any(
        row.conditions or any("${" in text for text in _texts(row)) for row in document.statements
    )


def _hashes(documents: Iterable[object]) -> frozenset[str]:
    return frozenset(row.hash for row in documents if isinstance(row, Document))


def _documents(one: Principal) -> Iterable[Statement]:
    for policy in one.policies:
        if isinstance(policy.document, Document):
            yield from policy.document.statements


def _texts(row: Statement) -> Iterable[str]:
    yield from row.resources or ()
    yield from row.not_resources or ()
