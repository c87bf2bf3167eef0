"""Resources that RAM shares with other accounts.

https://docs.aws.amazon.com/ram/latest/userguide/what-is.html
"""

from __future__ import annotations

from functools import cache

from graph.iam import patterns, rules
from graph.iam.case import Case
from graph.iam.expression import FALSE, Expression
from graph.iam.patterns import ResourcePattern
from graph.iam.principal import named, same_service
from graph.iam.world import Caller


@cache
def _shareable() -> dict[str, tuple[ResourcePattern, ...]]:
    """Shapes of ARNs that RAM shares, by the service of the ARN."""
    found: dict[str, list[ResourcePattern]] = {}
    for shape in rules.data("ram_shareable.json")["arns"]:
        found.setdefault(shape.split(":")[2], []).append(patterns.written_resource(shape))
    return {service: tuple(rows) for service, rows in found.items()}


def shareable(arn: str) -> bool:
    """Whether RAM can share resources of this ARN's kind (text in internal form)."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return False
    return any(row.intersects(arn) for row in _shareable().get(parts[2], ()))


def shared(case: Case) -> Expression:
    """What resource shares open to a caller of another account.

    A share's permission says which actions it allows; permissions are not collected, so a share
    with the caller makes the answer unknown. No share is a ``no`` once the shares of the owner's
    account and region were read.
    """
    if case.request.other_grants_seen or case.request.service == "sts":
        return FALSE
    arn = case.request.resource
    if not shareable(case.question.resource):
        return FALSE
    if any(_names(entry, case) for entry in case.world.shares.get(arn, ())):
        text = "A resource share admits the caller; its permission was not read."
        return case.gap("resource share", "ram:permission", arn, text, needed=True)
    region = arn.split(":")[3] or "us-east-1"
    if f"{case.owner}/{region}" in case.world.shares_read:
        return FALSE
    text = "Resource shares were not read."
    return case.gap("resource share", "ram:resource-share", arn, text, needed=True)


def _names(entry: str, case: Case) -> bool:
    """Whether a share's principal is the caller, its account, organisation or unit."""
    caller = case.request.principal
    if caller.kind == "service":
        return same_service(entry, caller.arn)
    if ":organizations::" in entry:
        return _in_organisation(entry, case)
    known = named("AWS", entry)
    if not known.account:
        return False
    if known.kind == "account":
        return known.account == caller.account
    return known.account == caller.account and _is(entry, caller)


def _is(entry: str, caller: Caller) -> bool:
    return not getattr(caller, "arn", "") or entry == caller.arn


def _in_organisation(entry: str, case: Case) -> bool:
    """``arn:aws:organizations::<management account>:organization/o-...`` or ``.../ou-...``."""
    account = case.world.account(case.request.principal.account)
    if not account.organization:
        return False
    last = entry.rpartition("/")[2]
    if ":organization/" in entry:
        return last == account.organization
    return not account.org_path or last in account.org_path.split("/")
