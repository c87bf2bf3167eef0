"""Condition keys that only a call carries that tags its session or names its source identity.

A call of AssumeRole with session tags, or with a source identity, needs a permission of its own
beside that to assume the role; a call without that permission can only leave the keys out.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
"""

from __future__ import annotations

from graph.iam.document import Document
from graph.iam.principal import entries
from graph.iam.world import Caller, Policy, Principal

TAG, NAME = "sts:tagsession", "sts:setsourceidentity"
_NEEDED = {"aws:tagkeys": TAG, "sts:transitivetagkeys": TAG, "sts:sourceidentity": NAME}


def permission_for(key: str) -> str:
    """The action (lower case) that a call with a key (lower case) needs too; empty for most."""
    return TAG if key.startswith("aws:requesttag/") else _NEEDED.get(key, "")


def without_mfa(key: str, caller: Caller, action: str) -> bool:
    """Whether a call cannot say that its caller gave an MFA code.

    A role's session that assumes another role has none to give, and its own credentials carry no
    MFA information, whoever made them with a code.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html#MFAProtectedAPI-overview
    """
    return (
        key == "aws:multifactorauthpresent"
        and isinstance(caller, Principal)
        and caller.kind == "role"
        and action.lower() == "sts:assumerole"
    )


def surely_absent(key: str, caller: Caller, trust: Policy | None, account: str) -> bool:
    """Whether no call that assumes a role can carry a key.

    Args:
        key: in lower case.
        caller: who assumes the role.
        trust: the role's trust policy.
        account: the role's account.

    Returns:
        ``True`` only if both sides were read and one of them lacks the permission: the trust
        policy, or the caller's own policies where the trust policy names accounts at most.
    """
    permission = permission_for(key)
    if not permission or trust is None or not isinstance(trust.document, Document):
        return False
    rows = [row for row in trust.document.touching(permission) if not row.is_deny]
    if not rows:
        return True
    if not isinstance(caller, Principal) or may_allow(caller, permission):
        return False
    if caller.account != account:
        return True
    return all(entry.kind == "account" for row in rows for entry in entries(row))


def may_allow(caller: Principal, permission: str) -> bool:
    """Whether identity policies allow an action somewhere, or were not all read."""
    if caller.kind == "root" or caller.gaps:
        return True
    documents = [row.document for row in caller.policies]
    return any(
        not isinstance(one, Document) or any(not row.is_deny for row in one.touching(permission))
        for one in documents
    )


def held(caller: Principal) -> tuple[bool, ...]:
    """What of a caller tells :func:`surely_absent` apart."""
    return may_allow(caller, TAG), may_allow(caller, NAME)
