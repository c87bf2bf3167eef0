"""Techniques that reach every account of an organisation: IAM Identity Center."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.snapshot import Item
from graph.escalation.calls import able_with_names
from graph.escalation.finding import Finding, Goal
from graph.escalation.services import open_points, partition_of
from graph.escalation.stage import Stage
from graph.escalation.technique import Technique
from graph.evidence import Ref, Step
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict, all_of

_RESERVED = "AWSReservedSSO_"


def identity_center(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Judge who may write permission sets, where Identity Center is administered.

    An account instance gives access to applications alone, so only the organisation's instance
    counts; it is administered from the management account or the delegated one.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/account-instances-identity-center.html
    """
    for account in stage.accounts:
        for item in stage.things.of("sso:instance", account):
            if _is_of_organisation(stage, account):
                yield from _of_instance(stage, technique, account, item)


def _is_of_organisation(stage: Stage, account: str) -> bool:
    return bool(stage.world.account(account).organization)


def _of_instance(stage: Stage, technique: Technique, account: str, item: Item) -> Iterator[Finding]:
    asker = stage.asker(account)
    caller = asker.any_member()
    if caller is None:
        return
    instance = str(item.item.get("InstanceArn") or item.id)
    values = {
        "partition": partition_of(stage, account),
        "account": account,
        "region": "*",
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
