"""Who is admin of an account.

A principal is admin when, after every layer, a complete takeover set (``takeover_sets.json``) is
allowed over every ordinary role (or user) of the account but those that a Deny names, at least
one usable target being left. A self-grant, or rights over some targets only, is escalation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from graph.iam import patterns, rules
from graph.iam.document import Document, parse
from graph.iam.evaluate import evaluate
from graph.iam.facts import Facts
from graph.iam.proof import explicitly_denied
from graph.iam.request import Request, facts_of
from graph.iam.targets import Targets, targets_of, touching, unread
from graph.iam.world import IamWorld, Policy, Principal
from graph.verdict import Answer, Verdict, all_of, any_of, condition

OPEN_TRUST = Policy(
    "the trust policy that it then gives the role",
    parse(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, '
        '"Action": "sts:AssumeRole"}}'
    ),
)
"""A trust policy that stands in nobody's way: whoever writes it names itself in it."""


@dataclass(frozen=True, slots=True)
class AdminAnswer:
    """Whether a principal is admin of an account.

    Attributes:
        answer: the verdict with its proof.
        techniques: ids of the takeover sets that give this verdict; empty for ``no``.
        limits: ARNs of roles or users that a Deny keeps out of the best set's reach.
    """

    answer: Answer
    techniques: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


def admin_answer(world: IamWorld, principal_arn: str, account_id: str) -> AdminAnswer:
    """Judge one principal.

    IAM's calls act on the caller's own account only: for another account the answer is ``no``
    (assuming a role there is a step of its own).

    Raises:
        KeyError: the principal is not in the world.
    """
    caller = world.principals[principal_arn]
    if caller.account != account_id:
        why = f"IAM calls of {principal_arn} act on its own account {caller.account} only."
        return AdminAnswer(Answer(Verdict.NO, why))
    return admin_of(world, caller)


def admin_of(world: IamWorld, caller: Principal) -> AdminAnswer:
    """Judge a principal as it is given, for its own account.

    It need not be one of the world's: what a principal would be after a change of its policies or
    its boundary is asked the same way.
    """
    principal_arn = caller.arn
    if caller.service_linked:
        why = "A service-linked role is used by its service alone."
        return AdminAnswer(Answer(Verdict.NO, why))
    found = [
        (str(row["id"]), *_judge(world, caller, row))
        for row in rules.data("takeover_sets.json")["sets"]
    ]
    possible = [row for row in found if row[1].verdict is not Verdict.NO]
    if not possible:
        why = f"No takeover set is allowed to {principal_arn} over every role or user."
        nearest = max(found, key=lambda row: len(row[1].steps))
        return AdminAnswer(nearest[1].because(why))
    possible.sort(key=lambda row: (-row[1].verdict.rank, len(row[1].conditions)))
    best = possible[0]
    why = f"{principal_arn} can take over with {best[0]}."
    return AdminAnswer(
        best[1].because(why),
        tuple(row[0] for row in possible if row[1].verdict is best[1].verdict),
        best[2],
    )


def _judge(
    world: IamWorld, caller: Principal, row: dict[str, Any]
) -> tuple[Answer, tuple[str, ...]]:
    """One takeover set: its answer, and the targets that a Deny keeps out."""
    targets = targets_of(world, caller.account, row["target"])
    if not targets.members:
        if caller.kind != "root" or row["target"] != "role":
            return Answer(Verdict.NO, f"The account has no ordinary {row['target']}."), ()
        # The root user makes itself a target where there is none.
        partition = caller.arn.split(":")[1]
        arn = f"arn:{partition}:iam::{caller.account}:role/new"
        targets = Targets([Principal(arn, caller.account, "role", "new")])
    facts = facts_of(world, Request(caller, row["actions"][0]), caller.account)
    if _hopeless(caller, row["actions"], targets, facts):
        return Answer(Verdict.NO, f"{row['id']} is not allowed over every {row['target']}."), ()
    return _every_class(world, caller, row, targets, facts)


def _hopeless(caller: Principal, actions: list[str], targets: Targets, facts: Facts) -> bool:
    """Whether the identity policies alone leave a target without an Allow.

    A Deny takes a target out of what is allowed; it never stands in for an Allow, or adding one
    would make an admin. Bits only: what passes is then judged exactly.
    """
    if caller.kind == "root" or caller.gaps or unread(caller.policies):
        return False
    for action in actions:
        allowed = 0
        for statement in touching(caller.policies, patterns.action_glob(action)):
            if not statement.is_deny:
                allowed |= targets.of(statement, facts)
        if allowed != targets.full:
            return True
    return False


def _every_class(
    world: IamWorld, caller: Principal, row: dict[str, Any], targets: Targets, facts: Facts
) -> tuple[Answer, tuple[str, ...]]:
    parts: list[Answer] = []
    usable: list[Answer] = []
    limits: list[str] = []
    asked = [*row["actions"], *row["then"]]
    for mask in _classes(world, caller, asked, targets, facts):
        target = targets.first(mask)
        answer = all_of(_act(world, caller, action, target) for action in row["actions"])
        if answer.verdict is Verdict.NO:
            if not explicitly_denied(answer):
                return answer, ()
            limits += [one.arn for one in targets.listed(mask)]
            continue
        parts.append(answer)
        after = _afterwards(world, caller, row, target)
        if after.verdict is not Verdict.NO:
            usable.append(after)
    if not usable:
        return Answer(Verdict.NO, f"{row['id']}: no {row['target']} that is left is usable."), ()
    best = min(usable, key=lambda one: (-one.verdict.rank, len(one.conditions)))
    return all_of([*parts, best]), tuple(limits)


def _classes(
    world: IamWorld, caller: Principal, actions: list[str], targets: Targets, facts: Facts
) -> list[int]:
    """Targets that no policy in play tells apart, as masks: one of each class is asked for."""
    policies = caller.policies + caller.session_policies
    policies += (caller.boundary,) if caller.boundary else ()
    for level in world.account(caller.account).scp_levels or ():
        policies += level
    masks = {
        targets.of(statement, facts)
        for action in actions
        for statement in touching(policies, patterns.action_glob(action))
    }
    masks |= targets.by_property
    classes = [targets.full]
    for mask in sorted(masks):
        classes = [part for one in classes for part in (one & mask, one & ~mask) if part]
    return classes


def _act(world: IamWorld, caller: Principal, action: str, target: Principal) -> Answer:
    """One call of a takeover, with whichever policy that makes an admin it may be done."""
    data = rules.data("takeover_sets.json")
    needed: dict[str, str] = data["context"].get(action, {})
    context: dict[str, tuple[str, ...]] = {}
    absent: set[str] = set()
    for key, value in needed.items():
        if value == "$boundary" and target.boundary is None:
            absent.add(key)
        elif value == "$boundary" and target.boundary is not None and target.boundary.arn:
            context[key] = (target.boundary.arn,)
    request = Request(
        caller,
        action,
        target.arn,
        caller.account,
        context=context,
        absent=frozenset(absent),
        resource_tags=target.tags,
    )
    written = [key for key, value in needed.items() if value == "$admin"]
    if not written:
        return evaluate(world, request)
    found = Answer(Verdict.NO)
    for policy in data["managed_policies"]:
        arn = policy.format(partition=target.arn.partition(":")[2].partition(":")[0])
        chosen = context | dict.fromkeys(written, (arn,))
        found = any_of([found, evaluate(world, replace(request, context=chosen))])
        if found.verdict is Verdict.YES:
            break
    return found


def _afterwards(
    world: IamWorld, caller: Principal, row: dict[str, Any], target: Principal
) -> Answer:
    """Whether the target, once taken, is worth it: its own boundary, and the call to become it."""
    worth = _unbounded(target)
    if worth.verdict is Verdict.NO or caller.kind == "root" or caller.arn == target.arn:
        return worth
    calls = [
        evaluate(
            world, Request(caller, action, target.arn, caller.account, resource_policy=OPEN_TRUST)
        )
        for action in row["then"]
    ]
    return all_of([worth, *calls])


def _unbounded(target: Principal) -> Answer:
    """Whether no boundary keeps the target from being admin."""
    boundary = target.boundary
    if boundary is None:
        return Answer(Verdict.YES)
    if not isinstance(boundary.document, Document):
        gap = condition("not_collected", "policy", boundary.arn or boundary.name)
        return Answer(Verdict.CONDITIONAL, f"The boundary of {target.arn} was not read.", (gap,))
    full = any(
        not row.is_deny
        and not row.conditions
        and patterns.STAR in (row.actions or ())
        and "*" in (row.resources or ())
        for row in boundary.document.statements
    )
    if full and not any(row.is_deny for row in boundary.document.statements):
        return Answer(Verdict.YES)
    return Answer(Verdict.NO, f"{target.arn} has a permissions boundary.")
