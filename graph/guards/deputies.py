"""Whether a service may act for anybody: aws:SourceArn and aws:SourceAccount.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graph.guards.data import data
from graph.guards.guard import Guard, quoted
from graph.guards.locks import Lock
from graph.iam import rules
from graph.iam.principal import service_name

_ACCOUNT = re.compile(r"[0-9]{12}")
_ACCOUNT_KEYS = ("aws:sourceaccount", "aws:sourceowner")
_ORGANISATION_KEYS = ("aws:sourceorgid", "aws:sourceorgpaths")


def drives_anyone(service: str, *, role: bool) -> str:
    """The page that asks to fix the source of a service's calls; empty if none is known.

    Args:
        service: service principal, e.g. ``iot.amazonaws.com``.
        role: whether it assumes a role; else it uses a resource.
    """
    name = service_name(service)
    row = data("deputies.json")["assumes_roles"]["services"].get(name)
    if role:
        return str(row) if row else ""
    acts = rules.service_is("acts_for_other_accounts", name)
    return "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html" if acts else ""


def source(locks: Sequence[Lock], service: str, *, role: bool) -> Iterator[Guard]:
    """For whom a service may come."""
    found = [made for lock in locks if (made := _of_lock(lock))]
    yield from found
    page = drives_anyone(service, role=role)
    if page and not found:
        text = (
            f"Nothing fixes for whom {service} acts (aws:SourceArn, aws:SourceAccount): another "
            f"customer of the service could make it act here (confused deputy, {page})."
        )
        yield Guard("source", "not-fixed", text)


def _of_lock(lock: Lock) -> Guard | None:
    if not lock.positive or lock.operator == "null" or not lock.values:
        return None
    if lock.key in _ACCOUNT_KEYS:
        told = "account" if all(map(_ACCOUNT.fullmatch, lock.values)) else ""
    elif lock.key in _ORGANISATION_KEYS:
        told = "" if any(value.startswith("*") for value in lock.values) else "organisation"
    elif lock.key == "aws:sourcearn":
        told = "resource" if all(map(_fixes_owner, lock.values)) else ""
    else:
        return None
    if not told:
        return None
    text = f"Only when it acts for the {told} {quoted(lock.values)}."
    if lock.absent_ok:
        return Guard("source", "if-present", f"{text} A call without {lock.name} passes.")
    return Guard("source", "fixed", text)


def _fixes_owner(arn: str) -> bool:
    """Whether a pattern of an ARN leaves open whose resource it is; buckets go by their name."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return False
    if parts[2] == "s3" and not parts[4]:
        return not any(char in parts[5].partition("/")[0] for char in "*?")
    return bool(_ACCOUNT.fullmatch(parts[4]))


def certificate(locks: Sequence[Lock]) -> Iterator[Guard]:
    """Which certificates IAM Roles Anywhere takes.

    https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
    """
    named = [
        lock
        for lock in locks
        if lock.key.startswith("aws:principaltag/x509") and lock.positive and not lock.absent_ok
    ]
    if named:
        told = ", ".join(f"{one.name} {quoted(one.values)}" for one in named)
        yield Guard("certificate", "fixed", f"Only certificates with {told}.")
    else:
        yield Guard("certificate", "not-fixed", "Any certificate of the trust anchor's authority.")
