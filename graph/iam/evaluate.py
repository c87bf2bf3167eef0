"""One request through every layer.

Order and combination:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graph.iam import expression, layers, organisation, refused, rules
from graph.iam.decision import Decision
from graph.iam.expression import FALSE, TRUE, Expression, Gap
from graph.iam.layers import Question, Said
from graph.iam.proof import Proof
from graph.iam.request import Request, Side, facts_of, owner_of
from graph.iam.world import IamWorld, Outside, Policy, Principal
from graph.verdict import Answer

ALONE = ("everyone", "user", "session", "federated-user")
"""Ways of being named by a resource policy of the own account that need nothing else."""


@dataclass(slots=True)
class _Case:
    """A request with what is worked out of it once."""

    world: IamWorld
    request: Request
    owner: str
    question: Question
    policy: Policy | Side | None
    proof: Proof = field(default_factory=Proof)

    @property
    def action(self) -> str:
        return self.request.action.lower()

    @property
    def same_account(self) -> bool:
        return bool(self.owner) and self.owner == self.request.principal.account


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
    owner = owner_of(world, request)
    question = Question(
        action=request.action_glob,
        resource=request.resource_glob,
        facts=facts_of(world, request, owner),
        caller=request.principal,
    )
    case = _Case(world, request, owner, question, _resource_policy(world, request))
    why = refused.by_aws(world, request)
    if why:
        case.proof.step("AWS", request.resource, FALSE, why)
        return case.proof.decision(FALSE, "AWS refuses it")
    return _decide(case)


def _resource_policy(world: IamWorld, request: Request) -> Policy | Side | None:
    """The policy of the resource: given, looked up, known to be none, or not collected."""
    if request.resource_policy is not Side.LOOK_UP:
        return request.resource_policy
    action = request.action.lower()
    role = world.principals.get(request.resource)
    if action.startswith("sts:assumerole") and role is not None and role.kind == "role":
        return role.trust or Side.NOT_COLLECTED
    if not rules.may_have_resource_policy(action) or request.resource == "*":
        return None
    for arn in (request.resource, request.resource.partition("/")[0]):
        if arn in world.resource_policies:
            return world.resource_policies[arn]
    return Side.NOT_COLLECTED


def _decide(case: _Case) -> Decision:
    identity, identity_denied = _identity(case)
    guards = organisation.guards(case.world, case.request, case.owner, case.question, case.proof)
    resource = _resource_side(case)
    if case.same_account:
        granted = _same_account(case, identity, resource)
    else:
        granted = identity.full & _cross_account(case, resource)
    allowed = guards & ~identity_denied & ~resource.denied & resource.gaps(needed=False) & granted
    return case.proof.decision(allowed, _title(case.request))


@dataclass(frozen=True, slots=True)
class _Identity:
    """The identity side: ``own`` policies, and the limits on them apart."""

    own: Expression
    boundary: Expression
    session: Expression

    @property
    def limits(self) -> Expression:
        return self.boundary & self.session

    @property
    def full(self) -> Expression:
        return self.own & self.boundary & self.session


def _identity(case: _Case) -> tuple[_Identity, Expression]:
    """What the identity side allows, and when it denies."""
    caller = case.request.principal
    if isinstance(caller, Outside):
        return _owners_hands(case, caller), FALSE
    if caller.kind == "root":
        text = "The root user may do everything in its own account."
        case.proof.step("identity policies", caller.arn, TRUE, text)
        return _Identity(TRUE, TRUE, TRUE), FALSE
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
    return _Identity(granted, boundary, session), denied


def _federated_user(
    case: _Case, caller: Principal, granted: Expression
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


def _limit(case: _Case, name: str, policies: tuple[Policy, ...]) -> tuple[Expression, Expression]:
    """A boundary or session policy: when it lets pass, when it denies."""
    said = layers.ask(policies, case.question)
    passes = said.allowed()
    if said.missing:
        passes = passes | said.gaps(needed=False)
    case.proof.layer(name, case.request.principal.arn, said, passes)
    return passes, said.denied


def _owners_hands(case: _Case, caller: Outside) -> _Identity:
    """Outside callers: they need no identity policy, or their owner grants what they like."""
    if caller.kind == "anonymous":
        text = "An unsigned caller has none, and needs none where a policy admits everyone."
        case.proof.step("identity policies", "anonymous", TRUE, text)
        return _Identity(TRUE, TRUE, TRUE)
    text = "Whoever owns the calling account grants this to itself."
    case.proof.step("identity policies", caller.account or "any account", TRUE, text)
    if case.world.account(caller.account).organization:
        case.proof.assumes.append(f"identity:{caller.account}")
    return _Identity(TRUE, TRUE, TRUE)


def _resource_side(case: _Case) -> Said:
    if not isinstance(case.policy, Policy):
        return Said()
    said = layers.ask((case.policy,), case.question, names_principals=True)
    case.proof.layer(_policy_name(case), case.request.resource, said, said.allowed())
    return said


def _policy_name(case: _Case) -> str:
    if case.action.startswith("sts:assumerole"):
        return "trust policy"
    return "key policy" if case.action.startswith("kms:") else "resource policy"


def _same_account(case: _Case, identity: _Identity, resource: Said) -> Expression:
    """Identity or resource policy; a trust and a key policy must allow.

    A policy that names the user, a session or everyone is enough; one that names the role is cut
    by its boundary and session policy; one that names the account only delegates.
    """
    direct = resource.allowed(*ALONE) | (resource.allowed("role") & identity.limits)
    direct = direct | (resource.allowed("issuer") & identity.session)
    if not _policy_is_mandatory(case):
        return identity.full | direct | _other_way_in(case)
    if case.policy is Side.NOT_COLLECTED or resource.missing:
        return direct | _missing_policy(case, resource)
    granted = direct | (resource.allowed("account") & identity.full)
    return granted | _other_grants(case)


def _policy_is_mandatory(case: _Case) -> bool:
    """STS role trust, and KMS keys (not aliases)."""
    if case.action.startswith("sts:assumerole") or case.action == "sts:tagsession":
        return True
    return case.action.startswith("kms:") and ":key/" in case.request.resource


def _other_way_in(case: _Case) -> Expression:
    """A resource policy that was not read could allow, and could deny."""
    if case.policy is not Side.NOT_COLLECTED:
        return FALSE
    gap = ("resource-policy", case.request.resource)
    case.proof.withheld = case.proof.withheld & expression.of(Gap(*gap, needed=False))
    return expression.of(Gap(*gap, needed=True))


def _missing_policy(case: _Case, resource: Said) -> Expression:
    text = f"The {_policy_name(case)} was not collected or cannot be read."
    gap = expression.of(Gap(_policy_name(case).replace(" ", "-"), case.request.resource, True))
    case.proof.step(_policy_name(case), case.request.resource, gap, text)
    return resource.gaps(needed=True) if resource.missing else gap


def _cross_account(case: _Case, resource: Said) -> Expression:
    """The resource's side of a call from another account: its policy must allow."""
    if case.policy is Side.NOT_COLLECTED or not case.owner or resource.missing:
        return resource.allowed() | _missing_policy(case, resource)
    return resource.allowed() | _other_grants(case)


def _other_grants(case: _Case) -> Expression:
    """Ways in that this engine does not read: ACLs, KMS grants, resource shares."""
    if case.request.other_grants_seen or case.action.startswith("sts:"):
        return FALSE
    service = case.request.service
    if service == "kms":
        subject = "kms:grants"
    elif case.same_account:
        return FALSE
    elif service == "s3":
        subject = "s3:acl"
    elif rules.may_be_shared(case.action):
        subject = "ram:resource-share"
    else:
        return FALSE
    gap = expression.of(Gap(subject, case.request.resource, True))
    case.proof.step(subject, case.request.resource, gap, f"{subject} is not evaluated here.")
    return gap


def _title(request: Request) -> str:
    caller = request.principal
    if isinstance(caller, Principal):
        return caller.arn
    return {"anonymous": "an unsigned caller", "any-aws": "any AWS principal"}.get(
        caller.kind, caller.arn or f"account {caller.account}"
    )
