"""Techniques that reach every account of an organisation: Identity Center and stack sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.snapshot import Item
from graph.escalation.calls import able_with_names
from graph.escalation.finding import Finding, Goal
from graph.escalation.services import anywhere, open_points
from graph.escalation.stage import Stage
from graph.escalation.technique import Technique
from graph.evidence import Ref, Step
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict, all_of, condition

_RESERVED = "AWSReservedSSO_"
_STACK_SETS = "member.org.stacksets.cloudformation.amazonaws.com"
_IDENTITY_CENTER = "sso.amazonaws.com"


def stack_sets(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Judge who may deploy into member accounts with roles that CloudFormation makes there.

    Stack sets with service-managed permissions are made in the management account or by a
    delegated administrator, and never deploy into the management account itself.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-activate-trusted-access.html
    """
    for account in stage.accounts:
        known = stage.world.account(account)
        manages = known.membership == "management"
        if not manages and not _is_delegated(stage, account):
            continue
        goals = sorted(
            one.id
            for one in stage.world.accounts.values()
            if one.organization == known.organization and one.membership == "member"
        )
        active = _is_active(stage, account) if manages else True
        yield from _deployed(stage, technique, account, goals, active)


def _deployed(
    stage: Stage, technique: Technique, account: str, goals: Sequence[str], active: bool | None
) -> Iterator[Finding]:
    """Who may deploy: where trusted access is off, who may turn it on too."""
    asker = stage.foreign_asker(account)
    caller = asker.any_member()
    if caller is None or not goals:
        return
    values = anywhere(stage, account)
    unread = open_points(technique) if active is not None else _unread(account)
    enough = (
        [] if active is False else [(technique.calls, all_of((open_points(technique), unread)))]
    )
    turned_on = [(calls, open_points(technique)) for calls in technique.groups()]
    for calls, common in (*turned_on, *enough):
        within = asker.candidates(call.action for call in calls)
        for able, requests in able_with_names(asker, calls, caller, values, within):
            for member in asker.members(able.mask):
                listed = tuple(Goal(f"account:{one}", common, requests) for one in goals)
                yield Finding(technique, account, (member,), listed, able.answer)


def _unread(account: str) -> Answer:
    text = "Whether CloudFormation has trusted access to the organisation was not collected."
    operation = "organizations.list_aws_service_access_for_organization"
    gap = condition("not_collected", operation, account)
    return Answer(Verdict.CONDITIONAL, why=text, conditions=(gap,), evidence=(text,))


def _is_active(stage: Stage, account: str) -> bool | None:
    """Whether CloudFormation has trusted access; None if that was not collected."""
    for item in stage.things.of("org:root", account):
        call = item.call("list_aws_service_access_for_organization")
        if call.known:
            rows = call.value if isinstance(call.value, list) else []
            names = {str(row.get("ServicePrincipal")) for row in rows if isinstance(row, dict)}
            return _STACK_SETS in names
    return None


def _is_delegated(stage: Stage, account: str, service: str = _STACK_SETS) -> bool:
    for other in stage.world.accounts:
        for item in stage.things.of("org:delegated-admin", other):
            if str(item.item.get("Id")) != account:
                continue
            call = item.call("list_delegated_services_for_account")
            rows = call.value if isinstance(call.value, list) else []
            if any(isinstance(r, dict) and r.get("ServicePrincipal") == service for r in rows):
                return True
    return False


def is_administered_from(stage: Stage, account: str) -> bool:
    """Whether Identity Center is administered from an account, as far as that was read."""
    manages = stage.world.account(account).membership == "management"
    return manages or _is_delegated(stage, account, _IDENTITY_CENTER)


def administers_unread(stage: Stage, account: str) -> str:
    """The condition that names why it is not known what a member account administers for others.

    Empty for the management account, for one in no organisation, and where the delegated
    administrators of its organisation were read.
    """
    known = stage.world.account(account)
    if known.membership != "member":
        return ""
    kind = "org:delegated-admin"
    managers = [
        one.id
        for one in stage.world.accounts.values()
        if one.organization == known.organization and one.membership == "management"
    ]
    read = [one for one in stage.accounts if stage.things.is_read(kind, one)]
    same = (stage.world.account(one).organization == known.organization for one in read)
    return "" if any(same) else condition("not_collected", kind, (managers or [""])[0] or None)


def identity_center(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Judge who may write permission sets, where Identity Center is administered.

    An account instance gives access to applications alone, so only the organisation's instance
    counts; it is administered from the management account or the delegated one.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/account-instances-identity-center.html
    """
    for account in stage.accounts:
        for item in administered(stage, account):
            yield from _of_instance(stage, technique, account, item)


def administered(stage: Stage, account: str) -> list[Item]:
    """The organisation's instance of Identity Center where an account administers it.

    A delegated administrator's own list need not have been read: it administers the one that its
    management account listed.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html
    """
    found = _listed(stage, account)
    if found or not _is_delegated(stage, account, _IDENTITY_CENTER):
        return found
    organisation = stage.world.account(account).organization
    return [
        item
        for one in stage.accounts
        if stage.world.account(one).organization == organisation
        and stage.world.account(one).membership == "management"
        for item in _listed(stage, one)
    ]


def _listed(stage: Stage, account: str) -> list[Item]:
    items = stage.things.of("sso:instance", account)
    return [item for item in items if _is_of_organisation(stage, account, item)]


def _is_of_organisation(stage: Stage, account: str, item: Item) -> bool:
    """Whether an instance is the organisation's: its owner is then the management account."""
    known = stage.world.account(account)
    owner = str(item.item.get("OwnerAccountId") or "")
    return bool(known.organization) and (
        not owner or stage.world.account(owner).membership in ("management", "unknown")
    )


def _of_instance(stage: Stage, technique: Technique, account: str, item: Item) -> Iterator[Finding]:
    asker = stage.foreign_asker(account)
    caller = asker.any_member()
    if caller is None:
        return
    instance = str(item.item.get("InstanceArn") or item.id)
    values = {
        **anywhere(stage, account),
        "instance": instance,
        "instance_id": instance.rpartition("/")[2],
    }
    ref = Ref.to(item, "/item/InstanceArn")
    text = f"{account} administers Identity Center ({instance})."
    step = Step("Identity Center", instance, "pass", text, (ref,))
    ready = Answer(Verdict.YES, why=text, evidence=(text,), steps=(step,))
    common = all_of((ready, open_points(technique)))
    for calls in technique.groups():
        within = asker.candidates(call.action for call in calls)
        for able, requests in able_with_names(asker, calls, caller, values, within):
            for member in asker.members(able.mask):
                goals = tuple(
                    Goal(f"account:{one}", common, requests, (instance,))
                    for one in _accounts(stage, technique, account, member)
                    if one != account or member not in stage.admins.get(account, ())
                )
                if goals:
                    yield Finding(technique, account, (member,), goals, able.answer)


def _accounts(stage: Stage, technique: Technique, account: str, member: str) -> Sequence[str]:
    """Accounts in which the permission set makes the attacker an admin.

    A delegated administrator cannot touch the management account.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html
    """
    known = stage.world.accounts
    organisation = stage.world.account(account).organization
    if technique.then == "own-set":
        return _of_own_set(stage, stage.world.principals[member])
    return sorted(
        one.id
        for one in known.values()
        if one.organization == organisation
        and (one.membership != "management" or one.id == account)
    )


def _of_own_set(stage: Stage, member: Principal) -> list[str]:
    """Accounts that hold a role of the permission set that the caller signed in with."""
    if not member.name.startswith(_RESERVED):
        return []
    stem = member.name.rpartition("_")[0]
    return sorted(
        {
            one.account
            for one in stage.world.principals.values()
            if one.kind == "role" and one.name.rpartition("_")[0] == stem
        }
    )
