"""Whether a role lets the service have it for the workload that carries it.

* services as principals: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
* roles are passed within an account: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from collector.snapshot import Item
from graph.derivation.workload_profiles import account_of
from graph.evidence import Step
from graph.iam import federation
from graph.iam.document import Document
from graph.iam.federated_sources import federated
from graph.iam.principal import entries
from graph.iam.service_trust import trusts_service
from graph.iam.world import IamWorld, Principal
from graph.verdict import Answer, Verdict, any_of, condition

SOURCES = ("eks-pod-identity", "eks-service-account")
"""Kinds of assumption by which a cluster's pods get roles."""


def trusted(world: IamWorld, role: str, services: tuple[str, ...], workload: Item) -> Answer:
    """Whether a role's trust policy admits one of some services for a workload."""
    if account_of(role) not in ("", workload.account_id):
        text = f"{role} is of another account: a role is passed to services of its own only."
        step = Step("trust policy", role, "fail", text)
        return Answer(Verdict.NO, why=text, evidence=(text,), steps=(step,))
    return any_of(trusts_service(world, role, one, workload.account_id) for one in services)


def not_collected(role: str, what: str) -> Answer:
    """A role that was not collected leaves its trust open."""
    text = f"{role} was not collected, so {what} is not known."
    gap = condition("not_collected", "iam:role", role)
    return Answer(Verdict.UNKNOWN, why=text, conditions=(gap,), evidence=(text,))


def not_trusted(role: str, cluster: str) -> Answer:
    """A role whose trust policy lets none of a cluster's pods in."""
    text = f"The trust policy of {role} does not let pods of {cluster} have it."
    step = Step("trust policy", role, "fail", text)
    return Answer(Verdict.NO, why=text, evidence=(text,), steps=(step,))


ByCluster = Mapping[tuple[str, str], Mapping[str, Answer]]


def cluster_roles(world: IamWorld) -> ByCluster:
    """By cluster and kind of assumption: each role that its pods can get, and the answer.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
    https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
    """
    found: dict[tuple[str, str], dict[str, Answer]] = defaultdict(dict)
    for arn in sorted(world.principals):
        role = world.principals[arn]
        if role.kind != "role" or not _names_pods(world, role):
            continue
        for one in federated(world, role):
            if one.kind in SOURCES:
                found[one.source, one.kind][arn] = one.answer
    return found


def _names_pods(world: IamWorld, role: Principal) -> bool:
    """Whether an association or a cluster's issuer stands behind a role: few are weighed."""
    sources = world.identity_sources
    if role.arn in sources.pods_of_role:
        return True
    document = role.trust.document if role.trust else None
    if not sources.cluster_by_issuer or not isinstance(document, Document):
        return False
    return any(
        entry.kind in ("federated", "everyone-federated")
        and federation.issuer(entry.value) in sources.cluster_by_issuer
        for statement in document.statements
        if not statement.is_deny
        for entry in entries(statement)
    )
