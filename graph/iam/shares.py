"""Resources that RAM shares with other accounts.

https://docs.aws.amazon.com/ram/latest/userguide/what-is.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice

from graph.iam import layers, patterns, rules
from graph.iam.case import Case
from graph.iam.expression import FALSE, TRUE, Expression, Opaque, of
from graph.iam.patterns import ResourcePattern
from graph.iam.principal import named, same_service
from graph.iam.ram_permissions import by_default
from graph.iam.world import Caller, IamWorld, ShareGrant


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

    A share's permission says which actions it allows; one that was not read makes the answer
    unknown, but for what AWS's default permission surely gives. No share is a ``no`` once the
    shares of the owner's account and region were read.
    https://docs.aws.amazon.com/ram/latest/userguide/security-ram-permissions.html
    """
    if case.request.other_grants_seen or case.request.service == "sts":
        return FALSE
    arn = case.request.resource
    if not shareable(case.question.resource):
        return FALSE
    found = FALSE
    for held, one in _shares_of(case):
        found = found | _given(case, held, one)
    if not found.is_false:
        return found
    region = arn.split(":")[3] or "us-east-1"
    if f"{case.owner}/{region}" in case.world.shares_read:
        return FALSE
    text = "Resource shares were not read."
    return case.gap("resource share", "ram:resource-share", arn, text, needed=True)


ORGANISATION_SHARING = "ram-organization-sharing=enabled"
"""Condition of a share with an organisation that does not share."""
_MANY = 100
"""Up to so many shared resources are gone through for a question about a pattern."""


def _shares_of(case: Case) -> Iterator[tuple[str, ShareGrant]]:
    """Shares of what is asked about, of what holds it, or of some of what a pattern meets."""
    world, arn = case.world, case.request.resource
    if case.request.pattern:
        wanted = patterns.written_resource(arn)
        met = (one for one in world.shares if wanted.intersects(patterns.plain(one)))
        names = list(islice(met, _MANY))
    else:
        names = [arn, *_above(arn)]
    for name in names:
        for one in world.share_grants.get(name, _unread(world, name)):
            yield name, one


def _above(arn: str) -> Iterator[str]:
    """ARNs that may hold an ARN: shorter by what follows a ``/`` or ``:``."""
    start = len(":".join(arn.split(":", 5)[:5])) + 1
    for place in range(len(arn) - 1, start, -1):
        if arn[place] in "/:":
            yield arn[:place]


def _unread(world: IamWorld, arn: str) -> tuple[ShareGrant, ...]:
    receivers = world.shares.get(arn, ())
    return (ShareGrant("", receivers),) if receivers else ()


def _given(case: Case, arn: str, one: ShareGrant) -> Expression:
    """What one share gives the caller, if it names them."""
    named = [entry for entry in one.receivers if _names(entry, case)]
    if not named:
        return FALSE
    if one.policy is not None:
        question = replace(case.question, resource=patterns.plain(arn))
        said = layers.ask((one.policy,), question)
        allowed = said.allowed() & ~said.denied
        case.proof.layer("resource share", arn, said, allowed)
    elif by_default(arn, case.question.action, one.permissions):
        allowed = TRUE
        text = f"The resource share {one.share} admits the caller, under AWS's default permission."
        case.proof.step("resource share", arn, TRUE, text)
    else:
        text = "A resource share admits the caller; its permission was not read."
        allowed = case.gap("resource share", "ram:permission", arn, text, needed=True)
    if all(entry in one.invited for entry in named):
        allowed = allowed & of(Opaque("ram-invitation=accepted"))
    if all(entry in one.switched_off for entry in named):
        allowed = allowed & of(Opaque(ORGANISATION_SHARING))
    return allowed


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
