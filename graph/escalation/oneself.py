"""Techniques by which a principal raises its own rights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.escalation import aftermath
from graph.escalation.ask import Asker
from graph.escalation.calls import mentions, requests_of, version_slot, with_boundary
from graph.escalation.changed import Changed
from graph.escalation.finding import Finding, Goal
from graph.escalation.identity_facts import Group
from graph.escalation.own_policies import that_may_be_put
from graph.escalation.own_tags import Tags, tags_to_put, with_tags
from graph.escalation.services import anywhere, open_points
from graph.escalation.stage import Stage
from graph.escalation.technique import Call, Technique
from graph.iam.document import Document
from graph.iam.request import Request
from graph.iam.world import Policy, Principal
from graph.verdict import Answer, Verdict, all_of


@dataclass(frozen=True, slots=True)
class Change:
    """A change of oneself: what the templates are filled with, and what one is afterwards."""

    values: Mapping[str, str]
    changed: Principal
    via: tuple[str, ...] = ()
    needed: tuple[Call, ...] = ()
    joined: tuple[str, ...] = ()
    tags: Tags = ()


_JOINING = "group"
MOST_GROUPS = 10
"""Groups that a user may be in: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
_PUT = frozenset({"self", "group-of-self"})
"""Techniques that put AWS's policies, or those of the account, on oneself."""
_ONE_STATE = frozenset({*_PUT, "boundary-of-self"})
"""Techniques of which no change gives more than the first."""


def of_oneself(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Judge every principal for each change of itself that the technique makes."""
    changes = _CHANGES[technique.target.kind]
    for account in stage.accounts:
        asker = stage.asker(account)
        mask = 0
        for calls in technique.groups():
            mask |= asker.candidates(call.action for call in calls)
        for one in asker.holders("iam:PassRole").listed(mask):
            if (
                technique.target.kind == _JOINING
                and stage.acting
                and one.arn in stage.acting.joined
            ):
                # Several groups together are a change of their own.
                continue
            finding = _best(stage, technique, one, changes(stage, technique, one))
            if finding is not None:
                yield finding


def _best(
    stage: Stage, technique: Technique, one: Principal, changes: Iterator[Change]
) -> Finding | None:
    """The change that serves best; ``None`` if none makes an admin.

    What ends short of that is kept (:attr:`graph.escalation.stage.Stage.changes`): the principal
    as it is then may do more than now.
    """
    best: Finding | None = None
    able: list[Change] = []
    for change in changes:
        found, may = _of_change(stage, technique, one, change)
        if may:
            able.append(change)
        best = _better(best, found)
        if _is_sure(best) and technique.target.kind in _ONE_STATE:
            return best
    if technique.target.kind == _JOINING and technique.then != "admin" and len(able) > 1:
        found, _ = _of_change(stage, technique, one, _all_groups(one, able[:MOST_GROUPS]))
        best = _better(best, found)
    return best


def _better(one: Finding | None, other: Finding | None) -> Finding | None:
    if one is None or other is None:
        return one or other
    return other if _rank(other) > _rank(one) else one


def _is_sure(finding: Finding | None) -> bool:
    return finding is not None and _rank(finding)[0] == Verdict.YES.rank


def _all_groups(one: Principal, joined: Sequence[Change]) -> Change:
    """Several groups are joined one after the other."""
    held = {id(row) for row in one.policies}
    more = [row for change in joined for row in change.changed.policies if id(row) not in held]
    arns = tuple(arn for change in joined for arn in change.joined)
    needed = tuple(Call("iam:AddUserToGroup", arn) for arn in arns[1:])
    changed = aftermath.with_policies(one, more)
    return Change({"group": arns[0]}, changed, arns, needed, arns)


def _of_change(
    stage: Stage, technique: Technique, one: Principal, change: Change
) -> tuple[Finding | None, bool]:
    """What a change gives that makes an admin, and whether the principal may make it at all."""
    best: Finding | None = None
    able = False
    for calls in technique.groups():
        named = _speaks_of(calls, "policy")
        if technique.target.kind in _PUT and named != ("policy" in change.values):
            continue
        made = _able(stage, one, change, (*calls, *change.needed))
        if made is None:
            continue
        able = True
        answer, requests = made
        after = all_of((aftermath.is_admin_after(stage, change.changed), open_points(technique)))
        if after.verdict.rank < Verdict.CONDITIONAL.rank:
            stage.changes.append(_short(technique, change, answer, requests))
            continue
        goal = Goal(f"account:{one.account}", after, requests, change.via)
        found = Finding(technique, one.account, (one.arn,), (goal,), answer)
        best = _better(best, found)
        if _is_sure(best):
            break
    return best, able


def _speaks_of(calls: Sequence[Call], hole: str) -> bool:
    return any(mentions(call, hole) for call in calls)


def _short(
    technique: Technique, change: Change, answer: Answer, requests: Sequence[Request]
) -> Changed:
    """A change that makes no admin; what IAMFullAccess gives is not everything."""
    one = change.changed
    if any(str(row.context.get("iam:PolicyARN", "")).count("/IAMFullAccess") for row in requests):
        one = aftermath.with_iam_only(one)
    actions = tuple(dict.fromkeys(row.action for row in requests))
    return Changed(one, technique, answer, actions, change.via, change.joined)


def _rank(finding: Finding) -> tuple[int, int]:
    whole = all_of((finding.answer, finding.goals[0].answer))
    return whole.verdict.rank, -len(whole.conditions)


def _able(
    stage: Stage, one: Principal, change: Change, calls: tuple[Call, ...]
) -> tuple[Answer, tuple[Request, ...]] | None:
    """Whether a principal may make the calls of a change, and what was asked."""
    values = {
        **anywhere(stage, one.account),
        "self": one.arn,
        "name": one.name,
        **change.values,
    }
    asker = stage.asker(one.account)
    if change.joined:
        requests = requests_of(calls, one, values, tags=())
        return None if requests is None else _as_others(asker, one, requests)
    given = [with_boundary(_tagging(call, change.tags), one) for call in calls]
    requests = requests_of(given, one, values, tags=one.tags)
    if requests is None:
        return None
    answer = asker.answer_of(one.arn, requests)
    return (answer, requests) if answer.verdict.rank >= Verdict.CONDITIONAL.rank else None


def _tagging(call: Call, tags: Tags) -> Call:
    """A call that puts tags carries them."""
    if not tags:
        return call
    carried = tuple((f"aws:RequestTag/{name}", (value,)) for name, value in tags)
    keys = ("aws:TagKeys", tuple(name for name, _ in tags))
    return replace(call, context=(*call.context, *carried, keys))


def _as_others(
    asker: Asker, one: Principal, requests: tuple[Request, ...]
) -> tuple[Answer, tuple[Request, ...]] | None:
    """As :func:`_able`, of calls that speak of no principal: those who are alike are one."""
    mine = asker.holders(requests[0].action).mask(frozenset({one.arn}))
    found = [row.answer for row in asker.all_able(requests, mine) if row.mask & mine]
    best = max(found, key=lambda answer: answer.verdict.rank, default=None)
    return (best, requests) if best and best.verdict.rank >= Verdict.CONDITIONAL.rank else None


def _given(stage: Stage, technique: Technique, one: Principal) -> Iterator[Change]:
    """A policy is put on oneself."""
    if technique.target.type not in ("", one.kind) or one.reserved:
        return
    yield Change({}, aftermath.given_everything(one))
    for policy in _attachable(stage, technique, one):
        changed = aftermath.with_policies(one, (policy,))
        yield Change({"policy": policy.arn}, changed, (policy.arn,))


def _attachable(stage: Stage, technique: Technique, one: Principal) -> Iterator[Policy]:
    """Policies of the account that a technique's call on {policy} may be limited to."""
    for calls in technique.groups():
        if _speaks_of(calls, "policy"):
            yield from that_may_be_put(stage, one, calls[-1].action, "iam:policyarn")


def _policies(stage: Stage, technique: Technique, one: Principal) -> Iterator[Change]:
    """A customer-managed policy of one's own gets a new version, or an older one back."""
    for policy in dict.fromkeys(row.arn for row in one.policies if row.arn):
        known = stage.identity.policies.get(policy)
        if known is None or known.account != one.account:
            continue
        values = {"policy": policy}
        if technique.then == "older-version":
            for name, document in known.versions:
                if name != known.default and isinstance(document, Document):
                    yield Change(values, aftermath.as_version(one, policy, document), (policy,))
            continue
        changed = aftermath.given_everything(one, policy)
        yield Change(values, changed, (policy,), version_slot(known))
    if one.boundary is not None and one.boundary.arn in stage.identity.policies:
        yield from _versions_of_boundary(stage, technique, one, one.boundary)


def _versions_of_boundary(
    stage: Stage, technique: Technique, one: Principal, boundary: Policy
) -> Iterator[Change]:
    """The policy that is one's boundary gets a new version, or an older one back."""
    known = stage.identity.policies[boundary.arn]
    values = {"policy": boundary.arn}
    if technique.then == "admin":
        changed = aftermath.without_boundary(one)
        yield Change(values, changed, (boundary.arn,), version_slot(known))
        return
    for name, document in known.versions:
        if name != known.default and isinstance(document, Document):
            changed = replace(one, boundary=replace(boundary, document=document))
            yield Change(values, changed, (boundary.arn,))


def _groups_of(stage: Stage, one: Principal) -> Iterator[Group]:
    for group in stage.identity.groups.values():
        if one.arn in group.members:
            yield group


def _own_groups(stage: Stage, technique: Technique, one: Principal) -> Iterator[Change]:
    """A policy is put on a group that one is in."""
    for group in _groups_of(stage, one):
        values = {"group": group.arn}
        yield Change(values, aftermath.given_everything(one), (group.arn,))
        for policy in _attachable(stage, technique, one):
            changed = aftermath.with_policies(one, (policy,))
            yield Change({**values, "policy": policy.arn}, changed, (policy.arn, group.arn))


def _other_groups(stage: Stage, technique: Technique, one: Principal) -> Iterator[Change]:
    """One joins a group."""
    if one.kind != "user":
        return
    for group in stage.identity.groups.values():
        if group.account == one.account and one.arn not in group.members:
            changed = aftermath.with_policies(one, group.policies)
            if technique.then == "admin":
                changed = aftermath.given_everything(changed)
            yield Change({"group": group.arn}, changed, (group.arn,), joined=(group.arn,))


def _boundaries(stage: Stage, technique: Technique, one: Principal) -> Iterator[Change]:
    """One's own permissions boundary is taken away or replaced."""
    if one.boundary is None or technique.target.type not in ("", one.kind):
        return
    partition = anywhere(stage, one.account)["partition"]
    free = f"arn:{partition}:iam::aws:policy/AdministratorAccess"
    yield Change({"limit": free}, aftermath.without_boundary(one))
    action = technique.calls[0].action
    if _speaks_of(technique.calls, "limit"):
        for policy in that_may_be_put(stage, one, action, "iam:permissionsboundary"):
            values = {"limit": policy.arn}
            yield Change(values, replace(one, boundary=policy), (policy.arn,))


def _denies(stage: Stage, technique: Technique, one: Principal) -> Iterator[Change]:
    """A policy that denies is taken away."""
    wanted = technique.target.type
    for policy in one.policies:
        document = policy.document
        if not isinstance(document, Document):
            continue
        if not any(row.is_deny for row in document.statements):
            continue
        group = policy.name.rpartition(" (group ")[2].removesuffix(")")
        in_group = policy.name.endswith(")") and " (group " in policy.name
        kind = _kind(one, policy, in_group)
        if kind != wanted:
            continue
        values = {"policy": policy.arn}
        if in_group:
            found = [row for row in _groups_of(stage, one) if row.name == group]
            if not found:
                continue
            values["group"] = found[0].arn
        changed = aftermath.without_policies(one, (policy,))
        yield Change(values, changed, (policy.arn,) if policy.arn else ())


def _kind(one: Principal, policy: Policy, in_group: bool) -> str:
    held = "managed" if policy.arn else "inline"
    return f"group-{held}" if in_group else f"{one.kind}-{held}"


def _memberships(stage: Stage, technique: Technique, one: Principal) -> Iterator[Change]:
    """One leaves a group whose policies deny."""
    for group in _groups_of(stage, one):
        gone = [row for row in one.policies if row.name.endswith(f" (group {group.name})")]
        if gone:
            changed = aftermath.without_policies(one, gone)
            yield Change({"group": group.arn}, changed, (group.arn,))


def _tags(stage: Stage, technique: Technique, one: Principal) -> Iterator[Change]:
    """One puts tags on oneself that conditions ask for."""
    if technique.target.type == one.kind and not one.reserved:
        for new in tags_to_put(stage, one):
            yield Change({}, replace(one, tags=with_tags(one, new)), tags=new)


_Changes = Callable[[Stage, Technique, Principal], Iterator[Change]]
_CHANGES: dict[str, _Changes] = {
    "self": _given,
    "policy-of-self": _policies,
    "group-of-self": _own_groups,
    "group": _other_groups,
    "boundary-of-self": _boundaries,
    "deny-of-self": _denies,
    "membership-of-self": _memberships,
    "tags-of-self": _tags,
}
KINDS = frozenset(_CHANGES)
