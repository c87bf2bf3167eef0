"""Policies of VPC endpoints: one more layer for calls that pass through an endpoint.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html: the policy limits
what may be done through the endpoint; the default one allows everything.
"""

from __future__ import annotations

from functools import cache

from graph.iam import layers, rules
from graph.iam.case import Case
from graph.iam.expression import TRUE, Expression, Gap, of
from graph.iam.facts import Known
from graph.iam.request import Side
from graph.iam.world import Policy

NAME = "VPC endpoint policy"


@cache
def _prefixes() -> dict[str, list[str]]:
    rows: dict[str, list[str]] = rules.data("endpoint_services.json")["prefixes"]["services"]
    return rows


def serves(service: str, prefix: str) -> bool:
    """Whether an endpoint's service (``com.amazonaws.eu-west-1.s3``) is that of an IAM prefix."""
    labels = service.split(".")
    name = ".".join(labels[3:]) if service.startswith("com.amazonaws.") else labels[-1]
    name = name.removesuffix("-fips")
    return prefix in _prefixes().get(name, [name, name.partition(".")[0]])


def passes(case: Case) -> Expression:
    """When the endpoint that the request names lets it pass; true if none is named.

    An account of which no endpoint was collected is a layer that was not seen: it is assumed to
    let everything pass. One endpoint that is missing among others is a condition.
    """
    fact = case.question.facts("aws:sourcevpce")
    if not isinstance(fact, Known) or len(fact.values) != 1:
        return TRUE
    id_ = fact.values[0]
    endpoint = case.world.endpoints.get(id_)
    if endpoint is None:
        return _unseen(case, id_)
    if not serves(endpoint.service, case.request.service):
        text = f"{id_} is an endpoint of {endpoint.service}: its policy is not asked."
        case.proof.notes.append(text)
        return TRUE
    policy = case.world.resource_policies.get(endpoint.arn, Side.NOT_COLLECTED)
    if policy is None:
        return TRUE
    if not isinstance(policy, Policy):
        return case.gap(NAME, "endpoint-policy", id_, "The policy was not collected.", False)
    said = layers.ask((policy,), case.question, names_principals=True)
    allowed = said.allowed()
    if said.missing:
        allowed = allowed | said.gaps(needed=False)
    case.proof.layer(NAME, id_, said, allowed)
    return allowed & ~said.denied


def _unseen(case: Case, id_: str) -> Expression:
    if not case.world.endpoints:
        case.proof.assumes.append(f"endpoint:{case.request.principal.account or id_}")
        return TRUE
    return of(Gap("endpoint-policy", id_, needed=False))
