"""The declarations of every AWS service, and the order in which they are run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from collector.declare import DeclarationError, Limit, ResourceType
from collector.services import (
    awslambda,
    cognito,
    ec2_compute,
    ec2_transit,
    ec2_vpc,
    ecr,
    eks,
    elb,
    elbv2,
    iam,
    kms,
    organizations,
    ram,
    rds,
    rolesanywhere,
    s3,
    s3control,
    secretsmanager,
    sns,
    sqs,
    sso,
    sts,
)

# iam first: the credential report is made while everything else is asked. s3 early: its buckets
# have the most follow-up calls. The others in the order in which a reader looks for them.
_MODULES = (
    iam,
    sts,
    organizations,
    s3,
    s3control,
    ec2_vpc,
    ec2_compute,
    ec2_transit,
    elb,
    elbv2,
    rds,
    awslambda,
    kms,
    secretsmanager,
    sns,
    sqs,
    ecr,
    ram,
    sso,
    rolesanywhere,
    cognito,
    eks,
)

# EC2 gives every describe operation a bucket of its own, per account and region.
# https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
_EC2 = Limit(
    rate=20,
    burst=100,
    each=True,
    source="https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html",
)

LIMITS: Mapping[str, tuple[Limit, ...]] = MappingProxyType(
    {"lambda": awslambda.LIMITS, "ec2": (_EC2,)}
)
"""Published rate limits by client."""


def _registry() -> dict[str, ResourceType]:
    found: dict[str, ResourceType] = {}
    for module in _MODULES:
        for declared in module.TYPES:
            if declared.id in found:
                raise DeclarationError(f"{declared.id} is declared twice")
            found[declared.id] = declared
    for declared in found.values():
        others = [declared.found_with, *(c.discovers for c in declared.follow_ups)]
        for other in others:
            if other and other not in found:
                raise DeclarationError(f"{declared.id}: {other} is not declared")
    return found


TYPES: Mapping[str, ResourceType] = MappingProxyType(_registry())
"""Every declared type by id, in the order of running."""


def operations() -> frozenset[tuple[str, str]]:
    """``(client, operation)`` of everything that a declaration may call."""
    found = set()
    for declared in TYPES.values():
        for call in declared.calls():
            found.add((declared.client, call.operation))
            start = getattr(call, "start", None)
            if start:
                found.add((declared.client, start.operation))
    return frozenset(found)
