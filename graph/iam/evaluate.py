"""One request through every layer.

Order and combination:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graph.iam import (
    access_points,
    encryption,
    endpoints,
    layers,
    organisation,
    refused,
    resource_side,
    resource_types,
    rules,
)
from graph.iam.case import Case, Identity
from graph.iam.decision import LAYERS, Decision
from graph.iam.expression import FALSE, TRUE, Expression
from graph.iam.layers import Question
from graph.iam.request import Request, Side, facts_of, owner_of
from graph.iam.world import ANONYMOUS, IamWorld, Outside, Policy, Principal
from graph.verdict import Answer, Verdict, all_of


def evaluate(world: IamWorld, request: Request) -> Answer:
    """Answer one request: :func:`decide` without the statements and the expression."""
    return decide(world, request).answer


def decide(world: IamWorld, request: Request) -> Decision:
    """Answer one request and say what decided.

    Args:
        world: everything that was collected.
        request: who, what, on what; see :class:`graph.iam.request.Request`.

    Returns:
        ``yes``; ``conditional`` with the conditions of the alternative that has fewest;
        ``unknown`` naming what was not collected; or ``no`` with the layer that denied.
        ``answer.steps`` holds what each layer said.
    """
    return _with_key(world, request, decide_but_key(world, request))


def decide_but_key(world: IamWorld, request: Request) -> Decision:
    """:func:`decide` without the key that encrypts what the call hands out."""
    decision = _one(world, request)
    caller = request.principal
    needed = () if caller.kind in ("root", "anonymous") else resource_types.others_needed(request)
    refused_here = decision.answer.verdict is Verdict.NO
    if refused_here and request.resource == "*" and needed and isinstance(caller, Principal):
        # AWS asks for each type by its ARN, never for "*": an Allow may name them one by one.
        decision = _of_each(world, request, needed)
    if decision.answer.verdict is Verdict.NO:
        return decision
    for kind, arn in needed:
        other = _one(world, _some(request, arn))
        if other.answer.verdict is Verdict.NO:
            why = f"{request.action} also needs a {kind}, and none is allowed: {other.answer.why}"
            return replace(other, answer=other.answer.because(why))
        note = f"{request.action} also needs a {kind}; {arn} was asked for."
        decision = _with_note(decision, note)
    return decision


def _with_key(world: IamWorld, request: Request, decision: Decision) -> Decision:
    """A call that hands out what a key encrypts needs the key too."""
    wanted = encryption.needed(world, request)
    if wanted is None or decision.answer.verdict is Verdict.NO:
        return decision
    if wanted.request is None:
        if wanted.answer.verdict is Verdict.NO:
            layer = LAYERS[encryption.NAME]
            return Decision(wanted.answer, FALSE, layer, False, decision.statements)
        return replace(decision, answer=all_of((decision.answer, wanted.answer)))
    key = _one(world, wanted.request)
    known = replace(key, answer=encryption.softened(key.answer, wanted.request.resource))
    return _together(request, {request.resource: decision, wanted.request.resource: known})


def _some(request: Request, arn: str) -> Request:
    """The same call on some resource of an ARN pattern; one without an account is the caller's."""
    owner = request.resource_account
    if arn.split(":", 5)[4] in ("", "*"):
        owner = owner or request.principal.account
    return replace(
        request, resource=arn, resource_account=owner, pattern=True, resource_policy=Side.LOOK_UP
    )


def _of_each(world: IamWorld, request: Request, needed: tuple[tuple[str, str], ...]) -> Decision:
    """A call that names no resource, by the types that AWS asks for in it."""
    return _together(request, {arn: _one(world, _some(request, arn)) for _, arn in needed})


def decide_all(world: IamWorld, request: Request, others: Mapping[str, str]) -> Decision:
    """Answer one call that names several resources, such as ``ec2:RunInstances``.

    Args:
        world: everything that was collected.
        request: the call with one of its resources.
        others: ARNs of its other resources, by resource type (for a reader).

    Returns:
        The weakest answer, with the conditions of all; ``no`` where they contradict each other.
    """
    found = {request.resource: _one(world, request)}
    for arn in others.values():
        found[arn] = _one(world, replace(request, resource=arn))
    return _together(request, found)


def _together(request: Request, found: Mapping[str, Decision]) -> Decision:
    """What several resources of one call give together."""
    allowed = TRUE
    for one in found.values():
        allowed = allowed & one.allowed
    answer = all_of(one.answer for one in found.values())
    refusal = next((one for one in found.values() if one.answer.verdict is Verdict.NO), None)
    if refusal is None and allowed.is_false:
        why = f"{_title(request)}: what its resources need contradicts each other."
        answer = replace(answer, verdict=Verdict.NO, why=why, conditions=())
    return Decision(
        answer,
        allowed,
        refusal.denied_by if refusal else "conditions" if allowed.is_false else "",
        refusal.explicit if refusal else False,
        tuple(row for one in found.values() for row in one.statements),
    )


def _with_note(decision: Decision, note: str) -> Decision:
    answer = replace(decision.answer, evidence=(*decision.answer.evidence, note))
    return replace(decision, answer=answer)


def _one(world: IamWorld, request: Request) -> Decision:
    """One request about the one resource that it names."""
    asked, note = resource_types.as_aws_asks(request)
    owner = owner_of(world, asked)
    question = Question(
        action=asked.action_glob,
        resource=resource_types.glob_of(asked),
        facts=access_points.facts(world, asked, facts_of(world, asked, owner)),
        caller=asked.principal,
    )
    case = Case(world, asked, owner, question, resource_side.policy_of(world, asked))
    if note:
        case.proof.notes.append(note)
    why = refused.by_aws(world, asked) or resource_types.other_partition(asked)
    if why:
        case.proof.step("AWS", asked.resource, FALSE, why)
        return case.proof.decision(FALSE, _title(asked))
    if rules.needs_no_permission(case.action):
        case.proof.step("AWS", asked.resource, TRUE, "AWS allows it to every signed caller.")
        return case.proof.decision(TRUE, _title(asked))
    return _or_unsigned(case, _decide(case))


def _decide(case: Case) -> Decision:
    guards = organisation.guards(case.world, case.request, case.owner, case.question, case.proof)
    guards = guards & endpoints.passes(case)
    identity, identity_denied = _identity(case)
    granted = resource_side.grants(case, identity)
    return case.proof.decision(guards & ~identity_denied & granted, _title(case.request))


def _or_unsigned(case: Case, decision: Decision) -> Decision:
    """What a signed caller lacks, an unsigned one may have where everyone is, or may be, admitted.

    A caller of another account needs an identity policy once it signs. An explicit Deny stays the
    answer to the question about this caller, and is told apart in the evidence.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html
    """
    caller = case.request.principal
    perhaps_open = case.open_to_all or case.unread
    if decision.answer.verdict is not Verdict.NO or not perhaps_open or case.same_account:
        return decision
    if caller.kind in ("anonymous", "service") or not rules.accepts_anonymous(case.action):
        return decision
    context = {
        key: values
        for key, values in case.request.context.items()
        if not key.lower().startswith("aws:principal")
    }
    unsigned = _one(
        case.world,
        replace(case.request, principal=ANONYMOUS, context=context, resource_account=case.owner),
    )
    if unsigned.answer.verdict is Verdict.NO:
        return decision
    if decision.explicit:
        open_ = "is allowed: everyone is admitted" if case.open_to_all else "was not ruled out"
        return _with_note(decision, f"The same call unsigned {open_}.")
    who = _title(case.request)
    can = "can" if case.open_to_all else "may be able to"
    note = f"Unsigned: {who} lacks an identity policy, and {can} call without one."
    return _with_note(unsigned, note)


def _identity(case: Case) -> tuple[Identity, Expression]:
    """What the identity side allows, and when it denies."""
    caller = case.request.principal
    if isinstance(caller, Outside):
        return _owners_hands(case, caller), FALSE
    if caller.kind == "root":
        text = "The root user may do everything in its own account."
        case.proof.step("identity policies", caller.arn, TRUE, text)
        return Identity(TRUE, TRUE, TRUE), FALSE
    own = layers.ask(caller.policies, case.question)
    own.missing += caller.gaps
    granted = own.allowed() | own.gaps(needed=True)
    case.proof.layer("identity policies", caller.arn, own, granted)
    denied = own.denied
    boundary = session = TRUE
    if caller.boundary is not None:
        boundary, cut = _limit(case, "permissions boundary", (caller.boundary,))
        denied = denied | cut
    if caller.kind == "federated-user":
        granted, session = _federated_user(case, caller, granted)
    if caller.session_policies:
        session, cut = _limit(case, "session policy", caller.session_policies)
        denied = denied | cut
    if own.missing:
        # A text that was not read may also deny.
        case.proof.withheld = case.proof.withheld & own.gaps(needed=False)
    return Identity(granted, boundary, session), denied


def _federated_user(
    case: Case, caller: Principal, granted: Expression
) -> tuple[Expression, Expression]:
    """Own grants and session limit: without a session policy the identity side gives nothing.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    if caller.issuer.endswith(":root"):
        granted = TRUE
    if caller.session_policies:
        return granted, TRUE
    text = "A federated user's session without a session policy has nothing of its user's rights."
    case.proof.step("session policy", caller.arn, FALSE, text)
    return granted, FALSE


def _limit(case: Case, name: str, policies: tuple[Policy, ...]) -> tuple[Expression, Expression]:
    """A boundary or session policy: when it lets pass, when it denies."""
    said = layers.ask(policies, case.question)
    passes = said.allowed()
    if said.missing:
        passes = passes | said.gaps(needed=False)
    of = policies[0].name if len(policies) == 1 and name == "permissions boundary" else ""
    case.proof.layer(name, case.request.principal.arn, said, passes, of)
    return passes, said.denied


def _owners_hands(case: Case, caller: Outside) -> Identity:
    """Outside callers: they need no identity policy, or their owner grants what they like."""
    if caller.kind == "anonymous":
        text = "An unsigned caller has none, and needs none where a policy admits everyone."
        case.proof.step("identity policies", "anonymous", TRUE, text)
        return Identity(TRUE, TRUE, TRUE)
    text = "Whoever owns the calling account grants this to itself."
    case.proof.step("identity policies", caller.account or "any account", TRUE, text)
    if case.world.account(caller.account).organization:
        case.proof.assumes.append(f"identity:{caller.account}")
    return Identity(TRUE, TRUE, TRUE)


def _title(request: Request) -> str:
    caller = request.principal
    if isinstance(caller, Principal):
        return caller.arn
    return {"anonymous": "an unsigned caller", "any-aws": "any AWS principal"}.get(
        caller.kind, caller.arn or f"account {caller.account}"
    )
