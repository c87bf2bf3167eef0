"""Who stands behind a service that assumes a role: certificates (Roles Anywhere) and pods (EKS).

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from graph.iam import rules
from graph.iam.assumption import ASSUME, Assumption
from graph.iam.document import Document
from graph.iam.identity_sources import ANCHOR, CLUSTER, PROFILE, PodIdentity, TrustAnchor
from graph.iam.principal import entries, service_name
from graph.iam.request import Request
from graph.iam.resource_policy import weigh
from graph.iam.world import IamWorld, Outside, Policy, Principal
from graph.verdict import Answer, Verdict, all_of, any_of, condition

ROLES_ANYWHERE = "rolesanywhere.amazonaws.com"
PODS = "pods.eks.amazonaws.com"


def of_services(world: IamWorld, role: Principal, trust: Policy) -> Iterator[Assumption]:
    """Rows for trust anchors and clusters, where the trust policy names their service."""
    named = _services(trust)
    if ROLES_ANYWHERE in named:
        yield from _of_anchors(world, role, trust)
    if PODS in named:
        yield from _of_pods(world, role, trust)


def _services(trust: Policy) -> set[str]:
    statements = trust.document.statements if isinstance(trust.document, Document) else ()
    return {
        service_name(entry.value)
        for statement in statements
        if not statement.is_deny
        for entry in entries(statement)
        if entry.kind == "service"
    }


@dataclass(frozen=True, slots=True)
class _Call:
    """How a service asks for a role: what its request carries, and what it surely does not."""

    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    tags: bool = False


def _asked(
    world: IamWorld,
    role: Principal,
    trust: Policy,
    service: str,
    call: _Call,
) -> Answer:
    """Whether the trust policy lets a service make its call: every action that the call needs."""
    caller = Outside("service", role.account, service)
    request = Request(caller, ASSUME, role.arn, role.account, call.context, call.absent)
    needed = _needed(service, tags=call.tags)
    return all_of(weigh(world, replace(request, action=action), trust).answer for action in needed)


@cache
def _needed(service: str, *, tags: bool) -> tuple[str, ...]:
    row = rules.data("service_sessions.json")["services"][service]
    return (*row["actions"], *(row.get("tag_actions", ()) if tags else ()))


@cache
def _tag_keys(service: str) -> tuple[str, ...]:
    found: list[str] = rules.data("service_sessions.json")["services"][service]["tags"]
    return tuple(found)


def _of_anchors(world: IamWorld, role: Principal, trust: Policy) -> Iterator[Assumption]:
    """Each trust anchor of the role's account with a profile of its region that lists the role."""
    sources = world.identity_sources
    for anchor in sources.anchors_of_account.get(role.account, ()):
        profiles = [
            _used(anchor, profile.enabled, profile.arn)
            for profile in sources.profiles_of_role.get(role.arn, ())
            if (profile.account, profile.region) == (anchor.account, anchor.region)
        ]
        answer = _asked(world, role, trust, ROLES_ANYWHERE, _Call({"aws:SourceArn": (anchor.arn,)}))
        if not profiles or answer.verdict is Verdict.NO:
            continue
        answer = all_of([answer, any_of(profiles)])
        why = f"Roles Anywhere gives it to holders of certificates of {anchor.arn}."
        yield Assumption(anchor.arn, replace(answer, why=why), (ASSUME,), "trust-anchor")
    for type_id in (ANCHOR, PROFILE):
        if not sources.was_read(type_id, role.account):
            yield from _unread(world, role, trust, ROLES_ANYWHERE, type_id)


def _used(anchor: TrustAnchor, enabled: bool, profile: str) -> Answer:
    """A disabled trust anchor or profile keeps the way shut until somebody enables it."""
    if anchor.enabled and enabled:
        return Answer(Verdict.YES, evidence=(f"Profile {profile} lists the role.",))
    shut = profile if anchor.enabled else anchor.arn
    return Answer(Verdict.DORMANT, f"{shut} is disabled.", evidence=(f"{shut} is disabled.",))


def _of_pods(world: IamWorld, role: Principal, trust: Policy) -> Iterator[Assumption]:
    """Clusters with an association that gives the role to a service account."""
    sources = world.identity_sources
    by_cluster: dict[str, list[Answer]] = {}
    for row in sources.pods_of_role.get(role.arn, ()):
        cluster = sources.cluster_by_arn.get(row.cluster)
        name = cluster.name if cluster else row.cluster.rpartition("/")[2]
        answer = _asked(world, role, trust, PODS, _pod_call(row, name))
        if answer.verdict is not Verdict.NO:
            why = f"Pods of {row.namespace}/{row.service_account} in {name} get its credentials."
            answer = replace(answer, why=why, evidence=(why, *answer.evidence))
            by_cluster.setdefault(row.cluster, []).append(answer)
    for arn, answers in by_cluster.items():
        yield Assumption(arn, any_of(answers), (ASSUME,), "eks-pod-identity")
    if not sources.was_read(CLUSTER, role.account):
        yield from _unread(world, role, trust, PODS, CLUSTER)


def _pod_call(row: PodIdentity, cluster: str) -> _Call:
    """https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html."""
    source = {"aws:SourceArn": (row.cluster,)}
    keys = _tag_keys(PODS)
    if not row.session_tags:
        absent = {"aws:TagKeys", *(f"aws:RequestTag/{key}" for key in keys)}
        return _Call(source, frozenset(absent))
    tags = {
        "eks-cluster-arn": row.cluster,
        "eks-cluster-name": cluster,
        "kubernetes-namespace": row.namespace,
        "kubernetes-service-account": row.service_account,
    }
    sent = {f"aws:RequestTag/{key}": (value,) for key, value in tags.items()}
    return _Call({**source, **sent, "aws:TagKeys": keys}, tags=True)


def _unread(
    world: IamWorld, role: Principal, trust: Policy, service: str, type_id: str
) -> Iterator[Assumption]:
    """What would say who stands behind the service was not collected."""
    trusted = _asked(world, role, trust, service, _Call())
    if trusted.verdict is Verdict.NO:
        return
    text = f"Who uses the role through {service} was not collected ({type_id})."
    missing = (condition("not_collected", type_id, role.account),)
    gap = Answer(Verdict.UNKNOWN, text, missing, evidence=(text,))
    answer = replace(all_of([trusted, gap]), why=text)
    yield Assumption(f"service:{service}", answer, (ASSUME,), "unknown")
