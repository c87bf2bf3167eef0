"""Resources whose policy alone decides: queues, topics, secrets, tables, buses, vaults and so on.

Each row of ``graph/iam/policy_places.json`` says where the policy stands on a snapshot line. The
rule for who is admitted by it is ``graph.iam``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.guards import guarded
from graph.iam.document import BrokenPolicy, parse
from graph.iam.grants import Grant, grants
from graph.iam.policies_from_snapshot import (
    Carried,
    arn_of,
    carried,
    in_one,
    is_broken,
    read_at,
    switched_off,
)
from graph.iam.policy_places import PolicyPlace, places, places_of, types
from graph.iam.world import IamWorld, Policy
from graph.judgement import Judgement
from graph.sharing.policy_limits import beside_ram, elsewhere, needs_network, never_public, signed
from graph.sharing.spoken_for import SpokenFor
from graph.verdict import Answer, Verdict, all_of, condition

POLICIES = places()
"""Where every type keeps its policy."""
_ASKED_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Claim:
    """A judgement of a resource's policy, and what to ask of the other side.

    Attributes:
        judgement: who gets in, as far as the resource says.
        resources: what the policy names, where that is something else than the target.
        owner: account that owns it.
    """

    judgement: Judgement
    resources: tuple[str, ...]
    owner: str


def policy_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Judge the resources of :data:`POLICIES` that no other module judges."""
    for claim in policy_claims(snapshot, world):
        yield claim.judgement


def policy_claims(snapshot: Snapshot, world: IamWorld) -> Iterator[Claim]:
    """Like :func:`policy_judgements`, each with what the policy names."""
    spoken_for = SpokenFor(snapshot)
    for rows in _together(snapshot):
        if not switched_off(rows[0].place, rows[0].item) and not all(map(_never_asked, rows)):
            yield from _claims(rows, world, spoken_for)


def _together(snapshot: Snapshot) -> Iterator[list[Carried]]:
    """Policies that AWS weighs together: those of one resource by one mechanism."""
    later: dict[tuple[str, str], list[Carried]] = {}
    several = {place.mechanism for place in POLICIES if _has_siblings(place)}
    for type_id in types():
        for item in snapshot.items(type_id):
            found: dict[tuple[str, str], list[Carried]] = {}
            for place in places_of(type_id):
                for one in () if place.judged_by else carried(place, item):
                    kept = later if place.mechanism in several else found
                    kept.setdefault((_target(one), place.mechanism), []).append(one)
            yield from found.values()
    yield from later.values()


def _never_asked(row: Carried) -> bool:
    """Whether a whole account's policy was not asked for: a gap, of no resource that is known."""
    return row.place.account_wide and row.call.status is Status.NOT_ATTEMPTED


def _has_siblings(place: PolicyPlace) -> bool:
    """Whether lines of another type hold policies of the same resources."""
    return any(
        other.service == place.service
        and other.mechanism == place.mechanism
        and other.type_id != place.type_id
        and other.arn == place.arn == "{id}"
        for other in POLICIES
    )


def _widest(place: PolicyPlace, item: Item) -> str:
    """The widest source; a delegation policy names members of its own organisation alone.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
    """
    if place.widest != "organization":
        return place.widest
    return f"org:{item.id.rpartition(':root/')[2].partition('/')[0]}"


def _target(one: Carried) -> str:
    """The node that a policy is judged for."""
    if one.place.account_wide or (one.place.each and one.place.arn == "{id}"):
        return one.arn
    return one.item.id


def judge_policy(
    place: PolicyPlace, item: Item, call: CallResult, pointer: str, world: IamWorld
) -> Iterator[Judgement]:
    """Judge one policy that a call gave, was denied, or that does not exist.

    A policy that admits nobody outside gives one ``no`` from the widest source.
    """
    for claim in _claims(list(read_at(place, item, call, pointer)), world, None):
        yield claim.judgement


def _claims(rows: list[Carried], world: IamWorld, spoken_for: SpokenFor | None) -> Iterator[Claim]:
    place, target = rows[0].place, _target(rows[0])
    widest = _widest(place, rows[0].item)
    item = replace(rows[0].item, id=target)
    doubts = list(_doubts(rows))
    for answer in doubts:
        yield _claim(item, widest, place, answer)
    policies = [p for row in rows if (p := row.policy()) is not None and not is_broken(p)]
    ref = rows[0].ref
    if not policies:
        if not doubts:
            why = place.without or "It has no resource policy."
            yield _claim(item, widest, place, refused(target, place.mechanism, why, ref))
        return
    found = [
        replace(grant, answer=all_of((grant.answer, *_softened(doubts))))
        for grant in _granted(rows, policies, world)
        if not beside_ram(rows, grant, world)
    ]
    for grant in found:
        named = (target,) if spoken_for is None else spoken_for.named(place, item, grant)
        asked = grant.resources[:_ASKED_AT_MOST] if place.about or named != (target,) else ()
        for one in named:
            yield _claim(replace(item, id=one), grant.source_id, place, grant.answer, grant, asked)
    if not doubts and not any(grant.answer.verdict is not Verdict.NO for grant in found):
        why = "Its policy admits nobody outside its own account."
        yield _claim(item, widest, place, refused(target, place.mechanism, why, ref))


def _claim(
    item: Item,
    source: str,
    place: PolicyPlace,
    answer: Answer,
    grant: Grant | None = None,
    resources: tuple[str, ...] = (),
) -> Claim:
    actions = grant.actions if grant is not None else ()
    made = outside(item, source, place.mechanism, answer, actions)
    return Claim(made, resources, item.account_id)


def _doubts(rows: Iterable[Carried]) -> Iterator[Answer]:
    """What was not read, or cannot be: each an ``unknown`` that names the call."""
    seen = set()
    for row in rows:
        policy = row.policy() if row.known else None
        operation = f"{row.place.client}.{row.place.operation}"
        if not row.place.operation:
            operation = row.place.type_id
        if not row.known:
            answer = not_read(row.place, row.item, row.call, row.operation)
        elif policy is not None and isinstance(policy.document, BrokenPolicy):
            why = f"Its policy cannot be read: {policy.document.reason}."
            answer = unread(operation, row.item, why)
        else:
            continue
        if answer.why not in seen:
            seen.add(answer.why)
            yield answer


def _softened(doubts: Iterable[Answer]) -> Iterator[Answer]:
    """What the part that was not read could take away from the part that was."""
    for answer in doubts:
        yield replace(answer, verdict=Verdict.CONDITIONAL)


def _granted(rows: list[Carried], policies: list[Policy], world: IamWorld) -> list[Grant]:
    """What the policies of one resource, weighed together, grant to anyone outside."""
    place, item = rows[0].place, rows[0].item
    whole = in_one(policies)
    if whole is not None and len(policies) == 1 and not rows[0].name:
        whole = replace(whole, name="resource policy")
    arn = rows[0].arn if place.arn != "{id}:{argument}" else item.id
    within = tuple(arn_of(one, item) for one in place.about)
    found = grants(whole, place.service, arn, item.account_id, world, within=within)
    found = guarded(world, whole, arn, item.account_id, found)
    return [
        replace(grant, answer=_limited(place, whole, item.id, grant))
        for grant in (signed(place, one) for one in found)
        if not own(grant.source_id, item.account_id) and not elsewhere(place, grant)
    ]


def _limited(place: PolicyPlace, policy: Policy | None, target: str, grant: Grant) -> Answer:
    """The answer with what has to be reached beside, and what Block Public Access cuts off."""
    answer = needs_network(place, target, grant)
    if grant.source_kind in ("service", "any-account-via", "account-via-service"):
        return answer
    return never_public(place, policy, target, answer)


def policy_grants(
    service: str,
    item: Item,
    document: str | Mapping[str, Any],
    ref: Ref,
    world: IamWorld,
    context: Mapping[str, tuple[str, ...]] | None = None,
    actions: tuple[str, ...] | None = None,
) -> list[Grant]:
    """What a policy document grants to anyone outside the account that holds the resource.

    Args:
        service: IAM service prefix.
        item: the resource that carries the policy.
        document: the policy as text or parsed JSON.
        ref: where the policy stands.
        world: the IAM facts of the snapshot.
        context: context keys whose value is known.
        actions: ask for these alone.
    """
    source = Policy("resource policy", parse(document), ref=ref)
    found = grants(
        source, service, item.id, item.account_id, world, context=context, actions=actions
    )
    outside_ones = [grant for grant in found if not own(grant.source_id, item.account_id)]
    return guarded(world, source, item.id, item.account_id, outside_ones)


def own(source_id: str, account_id: str) -> bool:
    """Whether a source is the account itself or one of its principals."""
    if source_id == f"account:{account_id}":
        return True
    parts = source_id.split(":")
    return len(parts) > 5 and parts[0] == "arn" and parts[4] == account_id


def outside(
    item: Item, source_id: str, mechanism: str, answer: Answer, actions: tuple[str, ...] = ()
) -> Judgement:
    """A judgement of access to an item."""
    return Judgement(
        question="access",
        source=source_id,
        target=item.id,
        mechanism=mechanism,
        answer=answer,
        actions=actions,
    )


def refused(subject: str, name: str, why: str, *refs: Ref) -> Answer:
    """A ``no`` with its one reason."""
    step = Step(name=name, subject=subject, result="fail", text=why, refs=refs)
    return Answer(Verdict.NO, why=why, evidence=(why,), steps=(step,))


def unread(operation: str, item: Item, why: str) -> Answer:
    """An ``unknown`` that names the call that was not made or was refused."""
    where = f"{operation}@{item.account_id}/{item.region}"
    return Answer(
        Verdict.UNKNOWN,
        why=why,
        conditions=(condition("not_collected", where),),
        evidence=(why,),
        steps=(Step(name=operation, subject=item.id, result="unknown", text=why),),
    )


def not_read(place: PolicyPlace, item: Item, call: CallResult, operation: str = "") -> Answer:
    """An ``unknown`` for a policy that could not be read.

    Args:
        place: where it stands.
        item: whose it is.
        call: what was tried.
        operation: what was asked, where that is not the place's own call.
    """
    words = f": {call.error}" if call.error else ""
    said = call.status if call.status is not Status.OK else "no text"
    return unread(
        f"{place.client}.{operation or place.operation}",
        item,
        f"Its policy was not read ({said}{words}), so who it admits is not known.",
    )
