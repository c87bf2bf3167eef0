"""Service and resource control policies around a request.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from graph.iam import layers, rules
from graph.iam.expression import TRUE, Expression
from graph.iam.layers import Question
from graph.iam.proof import Proof
from graph.iam.request import Request
from graph.iam.world import Account, IamWorld, Outside, Policy, Principal


def guards(
    world: IamWorld, request: Request, owner: str, question: Question, proof: Proof
) -> Expression:
    """When SCPs of the caller's account and RCPs of the resource's account let a call pass."""
    return _rcps(world, request, owner, question, proof) & _scps(world, request, question, proof)


def _exempt(caller: Principal | Outside) -> bool:
    return isinstance(caller, Principal) and caller.service_linked


def _scps(world: IamWorld, request: Request, question: Question, proof: Proof) -> Expression:
    """Every level must allow, no level may deny; nothing in the management account.

    They bind users, roles and the root user of member accounts, not service-linked roles, not
    AWS services, not identity providers.
    """
    caller = request.principal
    if _exempt(caller) or not caller.account or caller.kind in ("service", "federated"):
        return TRUE
    account = world.account(caller.account)
    if account.membership in ("management", "none"):
        return TRUE
    if isinstance(caller, Outside) and not account.organization:
        # Guardrails of somebody else's organisation are in the caller's hands.
        return TRUE
    if account.scp_levels is None:
        proof.assumes.append(f"scp:{account.id}")
        return TRUE
    result = TRUE
    for level in account.scp_levels:
        if not level:
            proof.assumes.append(f"scp:{account.id}")
            continue
        result = result & _level(level, account, question, proof)
    return result


def _level(
    level: tuple[Policy, ...], account: Account, question: Question, proof: Proof
) -> Expression:
    said = layers.ask(level, question)
    passes = said.allowed()
    if said.missing:
        passes = (passes | said.gaps(needed=False)) & said.gaps(needed=False)
    proof.layer("service control policy", account.id, said, passes)
    return passes & ~said.denied


def _rcps(
    world: IamWorld, request: Request, owner: str, question: Question, proof: Proof
) -> Expression:
    """Only a Deny matters: ``RCPFullAWSAccess`` is always attached and cannot be detached."""
    action = request.action.lower()
    if not rules.rcp_applies(action) or _exempt(request.principal):
        return TRUE
    if action.startswith("sts:") and ":role/aws-service-role/" in request.resource:
        # RCPs do not touch the trust policy of a service-linked role.
        return TRUE
    account = world.account(owner)
    if account.membership in ("management", "none"):
        return TRUE
    if account.rcps is None:
        if owner and (account.collected or account.organization):
            proof.assumes.append(f"rcp:{owner}")
        return TRUE
    said = layers.ask(account.rcps, question, names_principals=True)
    said.allows.clear()
    passes = ~said.denied & said.gaps(needed=False)
    if said.denies or said.missing:
        said_text = "Resource control policies do not deny it."
        proof.guard("resource control policy", account.id, said, passes, said_text)
    return passes
