"""Customer-managed policies that a principal may put on itself where AWS's own are refused.

A condition on ``iam:PolicyARN`` or ``iam:PermissionsBoundary`` lets certain policies through: one
of the account's own that is broad serves as well as AdministratorAccess.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.escalation.stage import Stage
from graph.iam import patterns
from graph.iam.document import Document
from graph.iam.world import Policy, Principal


def that_may_be_put(stage: Stage, one: Principal, action: str, key: str) -> Iterator[Policy]:
    """The account's policies of which its conditions on a key may let some call through.

    Nothing where no policy of the account tests the key: then AWS's own do. Of policies with one
    text the first.

    Args:
        stage: the facts.
        one: who makes the call.
        action: e.g. ``iam:AttachUserPolicy``.
        key: lower case, e.g. ``iam:policyarn``.
    """
    tested = stage.asker(one.account).tested(action).get(key)
    if tested is None:
        return
    held = {row.arn for row in one.policies}
    seen = set()
    for arn, policy in sorted(stage.identity.policies.items()):
        document = dict(policy.versions).get(policy.default)
        if policy.account != one.account or arn in held or not isinstance(document, Document):
            continue
        named = tested.each or bool(tested.tells(arn)) or _allows_all(document)
        if named and document.hash not in seen:
            seen.add(document.hash)
            yield Policy(f"managed policy {arn.rpartition('/')[2]}", document, arn)


def _allows_all(document: Document) -> bool:
    return any(
        not row.is_deny and patterns.STAR in (row.actions or ()) for row in document.statements
    )
