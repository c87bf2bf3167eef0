"""Lightsail: distributions and buckets, whose content is served to everybody.

* https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_LightsailDistribution.html
* https://docs.aws.amazon.com/lightsail/latest/userguide/amazon-lightsail-understanding-bucket-permissions.html
* https://docs.aws.amazon.com/lightsail/latest/userguide/amazon-lightsail-block-public-access-for-buckets.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.lightsail import (
    balancer_locks,
    container_locks,
    families,
    family_lock,
    instance_state,
)
from graph.front_doors.lightsail_firewall import open_to_everyone, open_to_someone, openings
from graph.front_doors.sight import HTTPS, Sight, member
from graph.network import ports
from graph.network.ec2_shapes import text
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans

_WEB = ports.tcp(80) | HTTPS
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")

# The origin's kind (resourceType) -> the snapshot type and the member that holds its name.
_ORIGINS = {
    "Instance": ("lightsail:instance", "name"),
    "LoadBalancer": ("lightsail:load-balancer", "name"),
    "Bucket": ("lightsail:bucket", "name"),
    "ContainerService": ("lightsail:container-service", "containerServiceName"),
}


# Distributions


def _distribution(sight: Sight, item: Item) -> Iterator[Reach]:
    gap = sight.gap(item, "get_distributions")
    guards = ("waf",) if member(item.item, "waf", "isWafEnabled") is True else ()
    target = _origin(sight, item)
    for family in families(item):
        locks = (family_lock(item, family, gap), _enabled(sight, item))
        yield from sight.reached(
            item, "lightsail-cdn", locks, opened=_WEB, families=(family,), guards=guards
        )
        if target is None:
            continue
        opened = _origin_ports(item, target)
        yield from sight.reached(
            item,
            "lightsail-cdn",
            (*locks, *_origin_locks(sight, item, target, opened)),
            opened=opened,
            families=(family,),
            target=target.id,
            via=(item.id,),
            guards=guards,
        )


def _enabled(sight: Sight, item: Item) -> Lock:
    (ref,) = sight.refs(item, "/item/isEnabled")
    told = item.item.get("isEnabled")
    if told is True:
        return passes("state", item.id, "The distribution is enabled.", ref)
    if told is False:
        return sleeps("state", item.id, "The distribution is disabled.", ref)
    return unread("state", item.id, sight.gap(item, "get_distributions"), ref)


def _origin(sight: Sight, item: Item) -> Item | None:
    kind = _ORIGINS.get(text(member(item.item, "origin", "resourceType")))
    if kind is None:
        return None
    place = text(member(item.item, "origin", "regionName"))
    name = text(member(item.item, "origin", "name"))
    return sight.by_member(*kind).get((item.account_id, place, name))


def _origin_ports(item: Item, target: Item) -> Spans:
    """Ports on which the distribution fetches; buckets and container services have HTTPS only."""
    if target.type in ("lightsail:bucket", "lightsail:container-service"):
        return HTTPS
    policy = text(member(item.item, "origin", "protocolPolicy"))
    return {"http-only": ports.tcp(80), "https-only": HTTPS}.get(policy, _WEB)


def _origin_locks(sight: Sight, item: Item, target: Item, opened: Spans) -> tuple[Lock, ...]:
    """What the origin itself asks of the distribution."""
    if target.type == "lightsail:instance":
        return (instance_state(sight, target), _origin_firewall(sight, target, opened))
    if target.type == "lightsail:load-balancer":
        return balancer_locks(sight, target)
    if target.type == "lightsail:container-service":
        return container_locks(sight, target)
    if member(item.item, "origin", "isPrivateOriginAccessEnabled") is True:
        text_ = "The distribution may read private objects (isPrivateOriginAccessEnabled)."
        return (passes("origin access", item.id, text_),)
    return bucket_locks(sight, target)


def _origin_firewall(sight: Sight, target: Item, opened: Spans) -> Lock:
    """The distribution fetches over the internet: the instance must admit its addresses."""
    name = "origin firewall"
    (ref,) = sight.refs(target, "/item/networking/ports")
    found = openings(target)
    if found is None:
        return unread(name, target.id, sight.gap(target, "get_instances"), ref)
    if any(open_to_everyone(found, family) & opened for family in Family):
        return passes(name, target.id, "The instance's firewall admits every address.", ref)
    if not open_to_someone(found) & opened:
        text_ = "The instance's firewall opens none of the distribution's ports."
        return stops(name, target.id, text_, ref)
    text_ = "The instance's firewall must admit the distribution's addresses."
    return asks_for(name, target.id, text_, "source:lightsail-distribution", ref)


# Buckets


def _bucket(sight: Sight, item: Item) -> Iterator[Reach]:
    yield from sight.reached(item, "lightsail-bucket", bucket_locks(sight, item))


def bucket_locks(sight: Sight, item: Item) -> tuple[Lock, ...]:
    """What stands before the objects of a bucket."""
    return (_access_rule(sight, item), _account_block(sight, item))


def _access_rule(sight: Sight, item: Item) -> Lock:
    name = "access rules"
    (ref,) = sight.refs(item, "/item/accessRules")
    rule = text(member(item.item, "accessRules", "getObject"))
    single = member(item.item, "accessRules", "allowPublicOverrides")
    if rule == "public":
        return passes(name, item.id, "All its objects are public (getObject is public).", ref)
    if rule == "private" and single is True:
        text_ = "Objects are private, but single ones may carry a public-read ACL."
        return asks_for(name, item.id, text_, "context:s3:x-amz-acl=public-read", ref)
    if rule == "private" and single is False:
        return stops(name, item.id, "All its objects are private.", ref)
    return unread(name, item.id, sight.gap(item, "get_buckets"), ref)


def _account_block(sight: Sight, item: Item) -> Lock:
    """S3 Block Public Access of the account, which Lightsail copies from time to time.

    The list of buckets says whether it did (``accountLevelBpaSync``), a line of it does not. A
    setting that was not read could only take away; one that is on may not have arrived.
    """
    name, call = "account block public access", "get_public_access_block"
    lines = [one for one in sight.items("s3:account-bpa") if one.account_id == item.account_id]
    answer = lines[0].call(call) if lines else None
    if answer is None or not answer.known:
        gap = f"not_collected:s3control.{call}@{item.account_id}"
        text_ = "Not known whether the account blocks public access to S3."
        return asks_for(name, item.id, text_, gap)
    refs = sight.refs(lines[0], f"/calls/{call}/value")
    inner = member(answer.value, "PublicAccessBlockConfiguration")
    settings = inner if isinstance(inner, Mapping) else answer.value
    on = [one for one in _BLOCKS if isinstance(settings, Mapping) and settings.get(one) is True]
    if not on:
        return passes(name, item.id, "The account does not block public access to S3.", *refs)
    gap = f"lightsail.get_buckets(accountLevelBpaSync)@{item.account_id}/{item.region}"
    return unread(name, item.id, gap, *refs)


_TEST = "tests/front_doors/test_lightsail_served.py"

DOORS = (
    FrontDoor(
        type_id="lightsail:distribution",
        mechanism="lightsail-cdn",
        title="Lightsail distributions",
        rule="It is enabled (disabled: dormant). Behind it stands its origin: an instance that "
        "runs and whose firewall opens the origin's port to everyone (to some ranges only: a "
        "condition), a load balancer, a container service with a public endpoint, or a bucket "
        "whose objects are public or which it may read privately.",
        source="https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_LightsailDistribution.html",
        judge=_distribution,
        test=_TEST,
        needs=frozenset(kind for kind, _ in _ORIGINS.values()) | {"s3:account-bpa"},
    ),
    FrontDoor(
        type_id="lightsail:bucket",
        mechanism="lightsail-bucket",
        title="Lightsail buckets",
        rule="accessRules.getObject is public, or private with allowPublicOverrides (then single "
        "objects may be: a condition), and S3 Block Public Access of the account is off. Where it "
        "is on, the answer is unknown: whether Lightsail has taken it over is not in a line. "
        "Where it was not read, that is a condition.",
        source="https://docs.aws.amazon.com/lightsail/latest/userguide/amazon-lightsail-understanding-bucket-permissions.html",
        judge=_bucket,
        test=_TEST,
        needs=frozenset({"s3:account-bpa"}),
    ),
)
"""Declarations of this service."""
