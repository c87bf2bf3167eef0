"""What principals gain by what they are after a change of themselves that makes no admin.

Whoever joins a group, puts an older version of its policy in force or frees itself of a boundary
has other rights than now. Everybody as changed is asked about by every technique and by the trust
of every role, as many at once as have a change: alike principals are judged as one, and each is
judged once for each state that it can bring itself into. One change alone is looked at; what a
principal as changed makes of itself counts where it makes an admin.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from graph.derivation.sets import PrincipalSets, ResourceSets
from graph.escalation.changed import Changed, changed_world, state_of
from graph.escalation.edges import Drawn, drawn, together
from graph.escalation.finding import Finding, First, Goal
from graph.escalation.identity_facts import IdentityFacts
from graph.escalation.role_tags import who_tags_roles
from graph.escalation.stage import Stage
from graph.escalation.technique import Technique, by_id
from graph.iam.assume import assume_rows
from graph.iam.assumption import ASSUME
from graph.iam.document import Document
from graph.iam.grantees import bare
from graph.iam.powers import action_bits
from graph.iam.request import Request
from graph.iam.world import IamWorld, Principal
from graph.judgement import Judgement
from graph.verdict import Answer, Verdict, all_of, condition

STATES = 16
"""Of more states than these that one principal can bring itself into, the others are told of."""
_WORDS = {
    "self": "can write itself a policy",
    "policy-of-self": "can put a new version of {via} in force",
    "policy-of-self/older-version": "can put an older version of {via} in force",
    "group-of-self": "can write a policy of its group {via}",
    "group": "can join the group {via}",
    "group/admin": "can join the group {via} and write it a policy",
    "boundary-of-self": "can take away or replace its permissions boundary",
    "deny-of-self": "can take away a policy that denies",
    "membership-of-self": "can leave the group {via}",
    "tags-of-role": "can put tags on roles that conditions ask for",
    "tags-of-self": "can put tags on itself that conditions ask for",
}

Judge = Callable[[Stage], Iterable[Finding]]


def gained_afterwards(
    stage: Stage, judge: Judge, base: Drawn, principals: PrincipalSets, resources: ResourceSets
) -> Drawn:
    """Relationships that principals have only after a change of themselves.

    Args:
        stage: the facts, with the changes that were found while ``base`` was judged.
        judge: every technique's findings on a stage.
        base: what is gained without a change.
        principals, resources: get the sets that were needed.
    """
    by_principal = _states(stage)
    had = _Had(base.judgements, frozenset(by_principal))
    parts = [base]
    for number in range(STATES):
        acting = {arn: rows[number] for arn, rows in by_principal.items() if len(rows) > number}
        if not acting:
            break
        changed = replace(
            stage,
            identity=_joined(stage.identity, acting.values()),
            acting=changed_world(
                stage.world,
                (row.one for row in acting.values()),
                (arn for arn, row in acting.items() if row.joined),
            ),
            changes=[],
            _askers={},
            _alike={},
        )
        listed = (*judge(changed), *_assumed(changed, stage.world, frozenset(acting)))
        new = (one for finding in listed for one in _after(finding, acting, had))
        parts.append(drawn(changed, new, principals, resources))
    rest = [_not_judged(arn, rows) for arn, rows in by_principal.items() if len(rows) > STATES]
    for number, (tagged, acting) in enumerate(who_tags_roles(stage)):
        if number < STATES:
            changed = _with_tagged(stage, tagged, acting)
            had = _Had(base.judgements, frozenset(acting))
            listed = (*judge(changed), *_assumed(changed, stage.world, frozenset(acting)))
            new = (one for finding in listed for one in _after(finding, acting, had))
            parts.append(drawn(changed, new, principals, resources))
        else:
            rest += [_tags_not_judged(row.one) for row in acting.values()]
    found = together(parts)
    return Drawn(found.relationships, (*found.judgements, *rest))


def _with_tagged(
    stage: Stage, tagged: Mapping[str, Principal], acting: Mapping[str, Changed]
) -> Stage:
    """The facts with roles tagged, and those who tag them asked about alone."""
    world = replace(stage.world, principals={**stage.world.principals, **tagged})
    return replace(
        stage,
        world=world,
        acting=changed_world(world, (row.one for row in acting.values())),
        changes=[],
        _askers={},
        _alike={},
        _trusting={},
        _naming={},
    )


def _states(stage: Stage) -> dict[str, list[Changed]]:
    """The states that each principal can bring itself into, each by the change that does best."""
    best: dict[str, dict[object, Changed]] = defaultdict(dict)
    for change in stage.changes:
        key = state_of(change.one)
        if key == state_of(stage.world.principals[change.one.arn]):
            continue
        known = best[change.one.arn].get(key)
        if known is None or _strength(change) > _strength(known):
            best[change.one.arn][key] = change
    return {
        arn: sorted(rows.values(), key=_first_of_all) for arn, rows in sorted(best.items()) if rows
    }


def _with_all_groups(rows: list[Changed]) -> list[Changed]:
    """Several groups at once are looked at whatever else is not."""
    together = [row for row in rows if len(row.joined) > 1]
    if len(rows) <= STATES or not together:
        return rows
    rest = [row for row in rows if row is not together[0]]
    return [*rest[: STATES - 1], together[0], *rest[STATES - 1 :]]


def _first_of_all(change: Changed) -> tuple[int, int, int, int, tuple[str, ...]]:
    """The surest first; of these one group before several, and what gives most actions."""
    allowed = 0
    for policy in change.one.policies:
        if isinstance(policy.document, Document):
            for row in policy.document.statements:
                allowed |= 0 if row.is_deny else action_bits(row)
    rank, conditions = _strength(change)
    return -rank, -conditions, len(change.joined), -allowed.bit_count(), change.via


def _strength(change: Changed) -> tuple[int, int]:
    return change.answer.verdict.rank, -len(change.answer.conditions)


def _joined(identity: IdentityFacts, acting: Iterable[Changed]) -> IdentityFacts:
    """The groups with whoever joins them."""
    groups = dict(identity.groups)
    for row in acting:
        for arn in row.joined:
            groups[arn] = replace(groups[arn], members=groups[arn].members | {row.one.arn})
    return replace(identity, groups=groups)


def _assumed(changed: Stage, before: IamWorld, acting: frozenset[str]) -> Iterator[Finding]:
    """Roles that the changed may assume, and may not now."""
    world = changed.acting
    if world is None:
        return
    now = changed_world(before, (before.principals[arn] for arn in sorted(acting)))
    technique = by_id("sts-001")
    alike: dict[tuple[str, tuple[str, ...], Answer], list[Goal]] = defaultdict(list)
    first: dict[Answer, Answer] = {}
    for arn, role in sorted(before.principals.items()):
        if role.kind != "role" or role.trust is None:
            continue
        rows = list(_who_assumes(world, arn))
        had = {one: row for row in _who_assumes(now, arn) for one in row[0]} if rows else {}
        for members, answer in rows:
            fresh = tuple(
                one
                for one in members
                if one not in had or had[one][1].verdict.rank < answer.verdict.rank
            )
            if fresh:
                asked = Request(world.principals[fresh[0]], ASSUME, arn, role.account)
                key = (world.principals[fresh[0]].account, fresh, bare(answer))
                first.setdefault(key[2], answer)
                alike[key].append(Goal(arn, Answer(Verdict.YES), (asked,)))
    for (account, members, answer), goals in alike.items():
        yield Finding(technique, account, members, tuple(goals), first[answer])


def _who_assumes(world: IamWorld, role: str) -> Iterator[tuple[tuple[str, ...], Answer]]:
    for row in assume_rows(world, role):
        if row.kind in ("principal", "principals"):
            members = tuple(one for one in row.members or (row.source,) if one != role)
            if members:
                yield members, row.answer


class _Had:
    """What principals gain already."""

    def __init__(self, judgements: Iterable[Judgement], wanted: frozenset[str]) -> None:
        self._rows: dict[str, list[tuple[frozenset[str], int]]] = defaultdict(list)
        sets: dict[tuple[str, ...], frozenset[str]] = {}
        for one in judgements:
            targets = one.targets or (one.target,)
            for source in wanted.intersection(one.members or (one.source,)):
                held = sets.setdefault(targets, frozenset(targets))
                self._rows[source].append((held, one.answer.verdict.rank))

    def of(self, member: str) -> tuple[tuple[frozenset[str], int], ...]:
        """Sets of nodes with the rank of the verdict that each is gained with."""
        return tuple(self._rows.get(member, ()))


def _after(finding: Finding, acting: Mapping[str, Changed], had: _Had) -> Iterator[Finding]:
    """A finding about changed principals, of each only what it does not have already."""
    alike: dict[Hashable, list[str]] = defaultdict(list)
    for member in finding.members:
        change = acting[member]
        alike[change.technique.id, bare(change.answer), had.of(member)].append(member)
    for members in alike.values():
        change, known = acting[members[0]], had.of(members[0])
        goals = tuple(goal for goal in finding.goals if _is_new(finding, goal, change, known))
        if goals:
            yield replace(
                finding,
                technique=_together(change.technique, finding.technique),
                members=tuple(members),
                goals=goals,
                first={one: _first(acting[one]) for one in members},
            )


def _is_new(
    finding: Finding, goal: Goal, change: Changed, known: Iterable[tuple[frozenset[str], int]]
) -> bool:
    rank = all_of((change.answer, finding.answer, goal.answer)).verdict.rank
    return rank > 0 and not any(goal.node in held and had >= rank for held, had in known)


def _together(first: Technique, then: Technique) -> Technique:
    """Named for what is done first, told with both."""
    return replace(then, id=first.id, name=f"{first.name}, then {then.name}")


def _first(change: Changed) -> First:
    technique = change.technique
    kind = f"{technique.target.kind}/{technique.then}"
    words = _WORDS.get(kind) or _WORDS[technique.target.kind]
    via = ", ".join(change.joined) or (change.via[-1] if change.via else "it")
    return First(words.replace("{via}", via), change.answer, change.actions, change.via)


def _not_judged(principal: str, rows: Sequence[Changed]) -> Judgement:
    """One ``unknown`` for a principal that can bring itself into very many states."""
    return _left_open(
        rows[0].one,
        f"{principal} can change its own rights in {len(rows)} ways; what it gains by "
        f"{len(rows) - STATES} of them was not looked at.",
    )


def _tags_not_judged(one: Principal) -> Judgement:
    text = f"{one.arn} can put tags on roles; what it gains by them was not looked at."
    return _left_open(one, text)


def _left_open(one: Principal, text: str) -> Judgement:
    principal = one.arn
    left = condition("not_collected", "escalation-after-changes", principal)
    answer = Answer(Verdict.UNKNOWN, why=text, conditions=(left,), evidence=(text,))
    return Judgement("escalate", principal, f"account:{one.account}", "changes-of-itself", answer)
