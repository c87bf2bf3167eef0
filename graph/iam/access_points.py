"""S3 access points: the access point and the bucket behind it must both permit a call.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from graph.iam import condition, layers, patterns, s3
from graph.iam.case import Case, Identity
from graph.iam.document import ConditionTest
from graph.iam.expression import FALSE, TRUE, Expression
from graph.iam.facts import Absent, Fact, Facts, Known, Layered
from graph.iam.layers import Said
from graph.iam.request import Request
from graph.iam.resource_controls import AccessPoint, Bucket, PublicAccessBlock
from graph.iam.world import IamWorld, Policy, Principal

_PART = ":accesspoint/"
_KEYS = ("s3:DataAccessPointArn", "s3:DataAccessPointAccount", "s3:AccessPointNetworkOrigin")
_DIRECT = partial(Layered, {key.lower(): Absent() for key in _KEYS})


def names_one(request: Request) -> bool:
    """Whether a request goes through an access point."""
    return request.service == "s3" and _PART in request.resource


def arn_of(resource: str) -> str:
    """The access point's ARN of ``...:accesspoint/name/object/key``."""
    return "/".join(resource.split("/")[:2])


def is_multi_region(arn: str) -> bool:
    """Whether an ARN is a Multi-Region access point's: it has no region.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointNaming.html
    """
    return arn.split(":")[3:4] == [""]


def facts(world: IamWorld, request: Request, otherwise: Facts) -> Facts:
    """Context keys that say through which access point a call to S3 comes, if through any.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html#access-points-condition-keys
    """
    if request.service != "s3" or not request.context.keys().isdisjoint(_KEYS):
        return otherwise
    if _PART not in request.resource:
        return _DIRECT(otherwise)
    arn = arn_of(request.resource)
    known: dict[str, Fact] = {
        "s3:dataaccesspointarn": Known((arn,)),
        "s3:dataaccesspointaccount": Known((arn.split(":")[4],)),
    }
    point = world.access_points.get(arn)
    if point is not None and not is_multi_region(arn):
        known["s3:accesspointnetworkorigin"] = Known(("VPC" if point.vpc else "Internet",))
    return Layered(known, otherwise)


def grants(case: Case, identity: Identity) -> Expression:
    """When the access point, its network origin and the bucket let a call pass."""
    arn = arn_of(case.request.resource)
    point = case.world.access_points.get(arn)
    if point is None:
        text = "The access point was not collected."
        return case.gap("access point policy", "s3:access-point", arn, text, needed=True)
    through = _from_its_vpc(case, point, arn)
    first, said = _side(case, identity, case.question, arn, case.owner, "access point policy")
    first = through & first
    granted = FALSE
    for bucket, account in point.buckets:
        # S3 routes a call of a Multi-Region access point to one of them.
        second, _ = _bucket_side(case, identity, bucket, account)
        both = first & second
        if not both.is_false and not case.same_account and not _is_service(case):
            policy = case.world.resource_policies.get(arn)
            blocks = above(case.world, arn, point, bucket)
            both = both & s3.not_cut(case, policy, point.word, blocks, arn)
        granted = granted | both
    case.open_to_all = any(hit.kind == "everyone" for hit in said.allows)
    return granted


def above(
    world: IamWorld, arn: str, point: AccessPoint, bucket: str
) -> tuple[PublicAccessBlock | None, ...]:
    """Block Public Access that S3 weighs over an access point's policy: its own and all above.

    Of a bucket or account that was not collected nothing is known, and nothing is asked.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html
    """
    owners = {arn.split(":")[4], world.resource_accounts.get(bucket, "")} - {""}
    found = [point.block]
    if bucket in world.buckets:
        found.append(world.buckets[bucket].block)
    return (*found, *(world.public_access_blocks.get(owner) for owner in sorted(owners)))


def _is_service(case: Case) -> bool:
    return case.request.principal.kind == "service"


def _from_its_vpc(case: Case, point: AccessPoint, arn: str) -> Expression:
    if not point.vpc:
        return TRUE
    test = ConditionTest("stringequals", "aws:SourceVpc", (point.vpc,))
    found = condition.outcome(test, case.question.facts, variables=False)
    text = f"The access point takes calls from {point.vpc} alone."
    case.proof.step("network origin", arn, found, text)
    return found


def _bucket_side(case: Case, identity: Identity, arn: str, account: str) -> tuple[Expression, Said]:
    """The bucket: its policy sees the bucket's own ARN; an identity policy may name either."""
    _, slash, key = case.request.resource.partition("/object/")
    resource = f"{arn}/{key}" if slash else arn
    glob = patterns.wild(resource) if case.request.pattern else patterns.plain(resource)
    question = replace(case.question, resource=glob)
    either = _also(case, identity, question)
    owner = account or case.world.resource_accounts.get(arn, "")
    granted, said = _side(case, either, question, arn, owner, "resource policy")
    caller = case.request.principal
    if owner != caller.account and not _is_service(case) and not granted.is_false:
        bucket = case.world.buckets.get(arn, Bucket())
        policy = case.world.resource_policies.get(arn)
        blocks = (bucket.block, case.world.public_access_blocks.get(owner))
        granted = granted & s3.not_cut(case, policy, bucket.called_public, blocks, arn)
    return granted, said


def _also(case: Case, identity: Identity, question: layers.Question) -> Identity:
    """The identity side for the bucket: what it allows on the bucket's ARN counts as well."""
    caller = case.request.principal
    if not isinstance(caller, Principal) or identity.own.is_true:
        return identity
    said = layers.ask(caller.policies, question)
    return replace(identity, own=identity.own | said.allowed())


def _side(
    case: Case,
    identity: Identity,
    question: layers.Question,
    arn: str,
    owner: str,
    name: str,
) -> tuple[Expression, Said]:
    """One of the two resources: like any resource with a policy."""
    said = Said()
    missing = arn not in case.world.resource_policies
    policy = case.world.resource_policies.get(arn)
    if isinstance(policy, Policy):
        said = layers.ask((policy,), question, names_principals=True)
        case.proof.layer(name, arn, said, said.allowed())
    gap = FALSE
    if missing or said.missing:
        text = f"The {name} was not collected or cannot be read."
        gap = case.gap(name, name.replace(" ", "-"), arn, text, needed=True)
    caller = case.request.principal
    if owner and owner == caller.account and not _is_service(case):
        granted = identity.full | identity.named(said) | gap
    else:
        granted = identity.full & (said.allowed() | gap)
    return ~said.denied & said.gaps(needed=False) & granted, said
