"""What the resource's side says: its policy, and the ways in beside it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from graph.iam import access_points, expression, kms, layers, rules, s3, shares
from graph.iam.case import Case, Identity
from graph.iam.expression import FALSE, Expression, Gap
from graph.iam.layers import Said
from graph.iam.request import Request, Side
from graph.iam.world import IamWorld, Policy

_WITH_THE_SESSION = frozenset({"sts:tagsession", "sts:setsourceidentity"})


def policy_of(world: IamWorld, request: Request) -> Policy | Side | None:
    """The policy of the resource: given, looked up, known to be none, or not collected."""
    if request.resource_policy is not Side.LOOK_UP:
        return request.resource_policy
    action = request.action.lower()
    role = world.principals.get(request.resource)
    if asks_trust(action) and role is not None and role.kind == "role":
        return role.trust or Side.NOT_COLLECTED
    if request.resource == "*" or not rules.may_have_resource_policy(action):
        return None
    arn = request.resource
    if request.service == "kms" and ":key/" not in arn:
        # Aliases and key stores have no policy.
        return None
    if request.service == "lambda":
        # https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html: each
        # alias and each version has a policy of its own, $LATEST is the function itself.
        arn = arn.removesuffix(":$LATEST")
    if arn in world.resource_policies:
        return world.resource_policies[arn]
    holder = rules.policy_holder(arn)
    if (
        holder != arn
        and not request.pattern
        and rules.service_is("policies_add_up", request.service)
    ):
        # Its own policy, which is weighed beside the holder's, was not read.
        return Side.NOT_COLLECTED
    return world.resource_policies.get(holder, Side.NOT_COLLECTED)


def asks_trust(action: str) -> bool:
    """Whether an action (lower case) on a role is for the role's trust policy to allow.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
    """
    return action.startswith("sts:assumerole") or action in _WITH_THE_SESSION


def grants(case: Case, identity: Identity) -> Expression:
    """When identity and resource side together allow, and the resource's policy does not deny."""
    if access_points.names_one(case.request):
        return access_points.grants(case, identity)
    said = _ask(case)
    if case.same_account:
        granted = _same_account(case, identity, said)
    else:
        granted = _cross_account(case, identity, said)
    return ~said.denied & said.gaps(needed=False) & granted


def _ask(case: Case) -> Said:
    if not isinstance(case.policy, Policy):
        needed = not case.same_account or _policy_is_mandatory(case)
        if case.policy is None and needed:
            text = "The resource has no policy that could admit the caller."
            case.proof.step(_policy_name(case), case.request.resource, FALSE, text)
        return Said()
    said = layers.ask((case.policy,), case.question, names_principals=True)
    if _is_own_root(case) and rules.root_is_not_locked_out(case.action):
        said.denies.clear()
    case.proof.layer(_policy_name(case), case.request.resource, said, said.allowed())
    case.open_to_all = any(hit.kind == "everyone" for hit in said.allows)
    return said


def _is_own_root(case: Case) -> bool:
    caller = case.request.principal
    return case.same_account and caller.arn.endswith(f":iam::{case.owner}:root")


def _policy_name(case: Case) -> str:
    if asks_trust(case.action):
        return "trust policy"
    return "key policy" if case.action.startswith("kms:") else "resource policy"


def _same_account(case: Case, identity: Identity, said: Said) -> Expression:
    """Identity or resource policy; a trust and a key policy must allow."""
    named = identity.named(said)
    if case.request.service == "kms":
        named = named | kms.granted(case, identity)
    if not _policy_is_mandatory(case):
        beside = s3.acl(case, said).alone if case.request.service == "s3" else FALSE
        return identity.full | named | beside | _other_way_in(case)
    if case.policy is Side.NOT_COLLECTED or said.missing:
        return named | _missing_policy(case, said)
    return named | (said.allowed("account") & identity.full)


def _policy_is_mandatory(case: Case) -> bool:
    """STS role trust, and KMS keys (not aliases)."""
    if asks_trust(case.action):
        return True
    return case.request.service == "kms" and ":key/" in case.request.resource


def _other_way_in(case: Case) -> Expression:
    """A resource policy that was not read could allow, and could deny."""
    if case.policy is not Side.NOT_COLLECTED:
        return FALSE
    gap = ("resource-policy", case.request.resource)
    if not rules.service_is("policies_only_allow", case.request.service):
        case.proof.withheld = case.proof.withheld & expression.of(Gap(*gap, needed=False))
    return expression.of(Gap(*gap, needed=True))


def _missing_policy(case: Case, said: Said) -> Expression:
    name, resource = _policy_name(case), case.request.resource
    text = f"The {name} was not collected or cannot be read."
    gap = case.gap(name, name.replace(" ", "-"), resource, text, needed=True)
    return said.gaps(needed=True) if said.missing else gap


def _cross_account(case: Case, identity: Identity, said: Said) -> Expression:
    """A call from another account: its identity side and the resource's side must both allow."""
    resource = said.allowed()
    # An action on no resource has no resource policy: nothing that was not read could allow it.
    of_nobody = not case.owner and case.request.resource != "*"
    if case.policy is Side.NOT_COLLECTED or of_nobody or said.missing:
        resource = resource | _missing_policy(case, said)
    service = case.request.service
    if service == "s3":
        resource = resource | s3.acl(case, said).either
    elif not resource.is_true:
        resource = resource | shares.shared(case)
    granted = identity.full & resource
    if of_nobody:
        # It may be the caller's own account, whose resource policies need no identity policy.
        granted = granted | _other_way_in(case)
    if service == "kms":
        granted = granted | kms.granted(case, identity)
    if service == "s3" and not granted.is_false:
        granted = granted & s3.unrestricted(case)
    if rules.service_is("block_public_access_always_on", service) and not granted.is_false:
        granted = granted & s3.never_public(case)
    return granted
