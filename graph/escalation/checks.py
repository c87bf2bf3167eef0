"""Preconditions of IAM's calls on a user's credentials.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (two access keys a user)
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html
"""

from __future__ import annotations

from collections.abc import Iterable

from graph.escalation.identity_facts import MOST_KEYS, Credentials
from graph.evidence import Step
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict, all_of, condition


def check(names: Iterable[str], user: Principal, known: Credentials) -> Answer:
    """Judge a user's credentials.

    Raises:
        KeyError: there is no such check.
    """
    return all_of(_CHECKS[name](user, known) for name in names)


def _free_key(user: Principal, known: Credentials) -> Answer:
    if known.keys is None:
        return _unread(user, "access keys")
    if len(known.keys) < MOST_KEYS:
        return Answer(Verdict.YES)
    return _fails(user, "has two access keys already: no third can be made")


def _full_keys(user: Principal, known: Credentials) -> Answer:
    if known.keys is None:
        return _unread(user, "access keys")
    if len(known.keys) >= MOST_KEYS:
        return Answer(Verdict.YES)
    return _fails(user, "has room for a key: none need be deleted")


def _inactive_key(user: Principal, known: Credentials) -> Answer:
    if known.keys is None:
        return _unread(user, "access keys")
    if "Inactive" in known.keys:
        return Answer(Verdict.YES)
    return _fails(user, "has no inactive access key")


def _no_password(user: Principal, known: Credentials) -> Answer:
    if known.password is None:
        return _unread(user, "login profile")
    return _fails(user, "has a password already") if known.password else Answer(Verdict.YES)


def _password(user: Principal, known: Credentials) -> Answer:
    if known.password is None:
        return _unread(user, "login profile")
    return Answer(Verdict.YES) if known.password else _fails(user, "has no password to change")


def _no_mfa(user: Principal, known: Credentials) -> Answer:
    if known.mfa is None:
        return _unread(user, "MFA devices")
    if not known.mfa:
        return Answer(Verdict.YES)
    text = f"{user.arn} has an MFA device, which the console asks for."
    name = condition("context", "aws:MultiFactorAuthPresent", "true")
    return Answer(Verdict.CONDITIONAL, text, (name,), evidence=(text,))


_CHECKS = {
    "free-key": _free_key,
    "full-keys": _full_keys,
    "inactive-key": _inactive_key,
    "no-password": _no_password,
    "password": _password,
    "no-mfa": _no_mfa,
}


def _fails(user: Principal, what: str) -> Answer:
    text = f"{user.arn} {what}."
    step = Step("credentials", user.arn, "fail", text)
    return Answer(Verdict.NO, why=text, evidence=(text,), steps=(step,))


def _unread(user: Principal, what: str) -> Answer:
    """What users sign in with is one call's answer: unread, it is so for the whole account."""
    text = f"The {what} of users of {user.account} were not collected."
    gap = condition("not_collected", "iam:user-credentials", user.account)
    return Answer(Verdict.CONDITIONAL, text, (gap,), evidence=(text,))
