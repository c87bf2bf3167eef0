"""Mutants of federation, of services' roles and of AWS's own rules (66 to 77)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.derivation import workload_profiles, workload_trust
from graph.iam import (
    cognito_sources,
    federated_sources,
    federation,
    identity_center,
    layers,
    refused,
    rules,
    service_sources,
)
from graph.iam.case import Case
from graph.iam.facts import Unknown
from graph.iam.identity_sources import IdentitySources
from graph.iam.world import Principal
from graph.verdict import Answer, Verdict
from tests.iam.rules.mutants_resources import without_keys
from tests.iam.rules.mutation import Mutant, always, data_file, instead, mutant

Change = tuple[Any, str, Any]


class _Every(dict[str, Any]):
    """Each key has all the values."""

    def __init__(self, rows: Any) -> None:
        super().__init__()
        self.rows = list(rows)

    def get(self, key: str, default: Any = None) -> Any:
        return self.rows


def _pool(change: Callable[[Any], Any]) -> Change:
    def make(original: Any) -> Any:
        return lambda world, role, trust, provider, pool: original(
            world, role, trust, provider, change(pool)
        )

    return instead(cognito_sources, "_of_pool", make)


def _assume_role_alone() -> Change:
    return (service_sources, "_needed", lambda *_, **__: ("sts:AssumeRole",))


def _tags_as_assumed(original: Any) -> Any:
    def mutated(policies: Any, question: Any, *rest: Any, **more: Any) -> Any:
        if question.action == "sts:tagsession":
            question = replace(question, action="sts:assumerole")
        return original(policies, question, *rest, **more)

    return mutated


def _allowed(group: str) -> Change:
    """AWS refuses none of these calls."""
    return data_file("refused.json", lambda found: found | {group: []})


YES = Answer(Verdict.YES)

MUTANTS: dict[str, Mutant] = {
    "66": mutant(
        "providers that are gone still vouch", lambda: always(federated_sources, "_state", "")
    ),
    "66/audience": mutant(
        "the provider's audiences are not read",
        lambda: always(federated_sources, "_audiences", [{}]),
    ),
    "66/shared": mutant("no provider is shared", lambda: always(federation, "shared", None)),
    "66/tenant": mutant(
        "every tenant of a shared provider is somebody",
        lambda: instead(
            federation, "any_tenant", lambda original: lambda provider: federation.tenant(provider)
        ),
    ),
    "66/cluster": mutant(
        "clusters are no providers",
        lambda: (IdentitySources, "cluster_by_issuer", property(lambda self: {})),
    ),
    "67": mutant("SAML is OIDC", lambda: always(federation, "is_saml", False)),
    "67/audience": mutant(
        "the audience is not known",
        lambda: always(federation, "_saml", Unknown()),
    ),
    "67/gone": mutant(
        "providers that are gone still vouch", lambda: always(federated_sources, "_state", "")
    ),
    "68": mutant(
        "Identity Center is a provider like others",
        lambda: always(identity_center, "is_reserved", False),
    ),
    "68/assigned": mutant(
        "every assignment is of the role",
        lambda: (
            IdentitySources,
            "assigned",
            property(lambda self: _Every(self.assignments)),
        ),
    ),
    "68/edits": mutant(
        "Identity Center's roles are edited", lambda: always(refused, "_is_reserved", False)
    ),
    "69": mutant(
        "pools that take no guests have some",
        lambda: _pool(lambda pool: replace(pool, unauthenticated=True)),
    ),
    "69/trust": mutant(
        "the trust's conditions on pool and sign-in are not read",
        lambda: without_keys(
            "cognito-identity.amazonaws.com:aud", "cognito-identity.amazonaws.com:amr"
        ),
    ),
    "69/handed": mutant(
        "a pool hands out every role", lambda: always(cognito_sources, "_handed_out", YES)
    ),
    "69/any": mutant(
        "pools of strangers are never meant",
        lambda: instead(
            federation,
            "any_tenant",
            lambda original: lambda provider: replace(original(provider), arn="nobody"),
        ),
    ),
    "70": mutant("disabled anchors count", lambda: always(service_sources, "_used", YES)),
    "70/source": mutant(
        "the trust's condition on the anchor is not read", lambda: without_keys("aws:sourcearn")
    ),
    "70/profile": mutant(
        "every profile lists every role",
        lambda: (IdentitySources, "profiles_of_role", property(lambda self: _Every(self.profiles))),
    ),
    "71": mutant(
        "every association is of every role",
        lambda: (
            IdentitySources,
            "pods_of_role",
            property(lambda self: _Every(self.pod_identities)),
        ),
    ),
    "70/actions": mutant(
        "the trust need allow sts:AssumeRole alone",
        _assume_role_alone,
    ),
    "71/tags": mutant(
        "pods' tags are not known",
        lambda: instead(
            service_sources,
            "_pod_call",
            lambda original: lambda *args: replace(original(*args), context={}),
        ),
    ),
    "71/tagging": mutant(
        "the trust need not allow sts:TagSession",
        _assume_role_alone,
    ),
    "71/disabled": mutant(
        "pods without tags may have them",
        lambda: instead(
            service_sources,
            "_pod_call",
            lambda original: lambda *args: replace(original(*args), absent=frozenset()),
        ),
    ),
    "72": mutant("machines need no trust", lambda: always(workload_trust, "trusts_service", YES)),
    "72/profile": mutant(
        "every profile holds every role",
        lambda: instead(
            workload_profiles,
            "_profiles",
            lambda original: (
                lambda *args: _Every(row for rows in original(*args).values() for row in rows)
            ),
        ),
    ),
    "73": mutant(
        "the service that is passed to is not read", lambda: without_keys("iam:passedtoservice")
    ),
    "73/account": mutant(
        "roles of other accounts are passed",
        lambda: (Case, "same_account", property(lambda self: True)),
    ),
    "73/reserved": mutant(
        "Identity Center's roles are passed", lambda: _allowed("writes_to_identity_center_roles")
    ),
    "74": mutant("AWS refuses nothing", lambda: always(refused, "by_aws", "")),
    "74/assume": mutant(
        "service-linked roles are like others",
        lambda: (Principal, "service_linked", property(lambda self: False)),
    ),
    "75": mutant("AWS's policies are edited", lambda: _allowed("writes_to_aws_managed_policies")),
    "76": mutant(
        "GetCallerIdentity needs a permission", lambda: always(rules, "needs_no_permission", False)
    ),
    "77": mutant(
        "who may assume a role may tag the session",
        lambda: instead(layers, "ask", _tags_as_assumed),
    ),
}
