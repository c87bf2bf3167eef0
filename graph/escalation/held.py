"""Admin rights for a principal that is gained: who may write them and gains it by any steps.

Whoever may write the policies of a role and passes that role to a function of its own, or may
write those of a user's group and make an access key of the user, has the account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from graph.derivation.sets import PrincipalSets, ResourceSets
from graph.escalation import aftermath
from graph.escalation.both_held import of_both_held
from graph.escalation.calls import version_slot
from graph.escalation.edges import Drawn, drawn, together
from graph.escalation.finding import Finding, First
from graph.escalation.gaining import Gained, Gains, gains_of
from graph.escalation.identity import Taken, take
from graph.escalation.identity_facts import Group, ManagedPolicy
from graph.escalation.stage import Stage
from graph.escalation.technique import Technique, techniques
from graph.iam.document import Document
from graph.iam.world import Principal
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import Answer, Verdict, all_of, condition

KIND = "gained"
_YES = Answer(Verdict.YES)


def with_accounts_of_the_gained(
    stage: Stage,
    base: Drawn,
    steps: Iterable[Relationship],
    principals: PrincipalSets,
    resources: ResourceSets,
) -> Drawn:
    """Add who gains an account through a principal that it gains anyway.

    Args:
        stage: the facts.
        base: what is gained otherwise.
        steps: relationships by which principals are gained beside those of ``base``.
        principals, resources: the sets that relationships lead through; get those needed.
    """
    written = [
        finding
        for technique in techniques()
        if technique.live and technique.target.kind == KIND
        for finding in _written(stage, technique)
    ]
    if not written:
        return base
    gains = gains_of((*base.relationships, *steps), principals, resources)
    had = _accounts_had(base.judgements)
    more = drawn(stage, _of_gained(written, gains, had), principals, resources)
    for gain, rank in _accounts_had(more.judgements).items():
        had[gain] = max(had[gain], rank)
    both = drawn(stage, of_both_held(stage, written, gains, had), principals, resources)
    found = together((base, more, both))
    return Drawn(
        found.relationships,
        (*found.judgements, *([_given_up(written)] if gains.exhausted else [])),
    )


def _accounts_had(judgements: Iterable[Judgement]) -> dict[tuple[str, str], int]:
    """The rank with which principals gain accounts already."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for one in judgements:
        if one.target.startswith("account:"):
            for source in one.members or (one.source,):
                key = (source, one.target)
                found[key] = max(found[key], one.answer.verdict.rank)
    return found


def _of_gained(
    written: Iterable[Finding], gains: Gains, had: dict[tuple[str, str], int]
) -> Iterator[Finding]:
    for finding in written:
        goals = {goal.via[0]: goal for goal in finding.goals}
        best = max(goal.answer.verdict.rank for goal in finding.goals)
        account = finding.goals[0].node
        for member in finding.members:
            if had[member, account] >= min(best, finding.answer.verdict.rank):
                continue
            gained = gains.of(member, goals)
            if gained is None:
                continue
            goal = goals[gained.via[0]]
            rank = all_of((gained.answer, finding.answer, goal.answer)).verdict.rank
            if rank > had[member, account]:
                first = {member: _first(member, gained)}
                yield replace(finding, members=(member,), goals=(goal,), first=first)


def _first(member: str, gained: Gained) -> First:
    """The steps as what comes before; one is told in its own words."""
    words = f"can gain {gained.via[0]} in {len(gained.steps)} steps"
    why = str(gained.steps[0].props["why"])
    if len(gained.steps) == 1 and why.startswith(f"{member} "):
        words = why.removeprefix(f"{member} ").rstrip(".")
    elif len(gained.steps) == 1:
        words = f"can gain {gained.via[0]}"
    return First(words, gained.answer, gained.actions, gained.via)


def _given_up(written: Iterable[Finding]) -> Judgement:
    accounts = sorted({finding.account for finding in written})
    text = (
        "Who gains principals that it may write admin rights to was not looked at for everybody "
        f"in {', '.join(accounts[:5])}: there are too many steps."
    )
    left = condition("not_collected", "escalation-through-the-gained", accounts[0])
    answer = Answer(Verdict.UNKNOWN, why=text, conditions=(left,), evidence=(text,))
    account = f"account:{accounts[0]}"
    return Judgement("escalate", account, account, "through-the-gained", answer)


def _written(stage: Stage, technique: Technique) -> Iterator[Finding]:
    """Who may write admin rights to each principal, whoever has hold of it."""
    for account in stage.accounts:
        asker = stage.asker(account)
        actions = (call.action for calls in technique.groups() for call in calls)
        if any(asker.candidates([action]) for action in actions):
            taken = list(_TAKEN[technique.target.type](stage, account))
            yield from take(stage, technique, account, taken)


def _both(stage: Stage, account: str) -> Iterator[Principal]:
    yield from stage.roles(account)
    yield from stage.users(account)


def _themselves(stage: Stage, account: str) -> Iterator[Taken]:
    """A policy is put on the principal."""
    for one in _both(stage, account):
        yield Taken(one, _YES, {}, changed=aftermath.given_everything(one))


def _groups(stage: Stage, account: str) -> Iterator[Taken]:
    """A policy is put on a group of the user."""
    for group in _of_account(stage, account):
        for one in _members(stage, group):
            more = {"group": group.arn}
            changed = aftermath.given_everything(one)
            yield Taken(one, _YES, more, (group.arn,), changed=changed)


def _of_account(stage: Stage, account: str) -> Iterator[Group]:
    return (one for one in stage.identity.groups.values() if one.account == account)


def _members(stage: Stage, group: Group) -> Iterator[Principal]:
    known = stage.world.principals
    return (known[arn] for arn in sorted(group.members) if arn in known)


def _policies_of(stage: Stage, one: Principal) -> Iterator[ManagedPolicy]:
    """Customer-managed policies of its own account that a principal has."""
    for arn in dict.fromkeys(row.arn for row in one.policies if row.arn):
        known = stage.identity.policies.get(arn)
        if known is not None and known.account == one.account:
            yield known


def _new_versions(stage: Stage, account: str) -> Iterator[Taken]:
    """A policy of the principal gets a new version."""
    for one in _both(stage, account):
        for policy in _policies_of(stage, one):
            changed = aftermath.given_everything(one, policy.arn)
            more = {"policy": policy.arn}
            yield Taken(one, _YES, more, (policy.arn,), version_slot(policy), changed)


def _older_versions(stage: Stage, account: str) -> Iterator[Taken]:
    """An older version of a policy of the principal is put in force again."""
    for one in _both(stage, account):
        for policy in _policies_of(stage, one):
            for name, document in policy.versions:
                if name != policy.default and isinstance(document, Document):
                    changed = aftermath.as_version(one, policy.arn, document)
                    more = {"policy": policy.arn}
                    yield Taken(one, _YES, more, (policy.arn,), changed=changed)


def _memberships(stage: Stage, account: str) -> Iterator[Taken]:
    """The user is put into a group that makes an admin."""
    for group in _of_account(stage, account):
        somebody = Principal(f"{group.arn}/member", account, "user", policies=group.policies)
        worth = stage.after(account, ("member", group.arn), somebody).answer
        if worth.verdict.rank < Verdict.CONDITIONAL.rank:
            continue
        for one in stage.users(account):
            if one.arn not in group.members:
                changed = aftermath.with_policies(one, group.policies)
                yield Taken(one, _YES, {"group": group.arn}, (group.arn,), changed=changed)


def _boundaries(stage: Stage, account: str) -> Iterator[Taken]:
    """The principal's boundary is taken away."""
    for one in _both(stage, account):
        if one.boundary is not None:
            yield Taken(one, _YES, {}, changed=aftermath.without_boundary(one))


_TAKEN: dict[str, Callable[[Stage, str], Iterable[Taken]]] = {
    "principal": _themselves,
    "group": _groups,
    "policy": _new_versions,
    "version": _older_versions,
    "member": _memberships,
    "boundary": _boundaries,
}
