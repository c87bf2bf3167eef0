"""CloudFront distributions: what viewers are asked for, and which origins stand behind.

* https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PrivateContent.html
* https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-values-specify.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import Item
from graph.front_doors.cloudfront_origins import Origin, behind_origin, collected, lost_bucket
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, unread
from graph.front_doors.dns import host_of, name_step
from graph.front_doors.firewalls import EDGE_WAF_TYPES, narrowing_of
from graph.front_doors.sight import BOTH, HTTPS, Sight, member, rows, strings
from graph.network import ports
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.spans import Spans

_CALL = "get_distribution_config"
_EVERYTHING = ("*", "/*")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A cache behaviour: its path, the origins it leads to, what it asks viewers for.

    Attributes:
        path: ``*`` for the default one.
        origins: ids; more than one for an origin group.
        signed: it asks for signed URLs or cookies.
        viewers: ``allow-all``, ``redirect-to-https`` or ``https-only``.
        functions: what runs on each request of a viewer.
    """

    path: str
    origins: tuple[str, ...]
    signed: bool
    viewers: str
    functions: tuple[str, ...]


def _distribution(sight: Sight, item: Item) -> Iterator[Reach]:
    told = _told(item)
    behaviours = _behaviours(told)
    origins = [Origin.read(one) for one in rows(member(told, "Origins", "Items"))]
    locks = (*_locks(sight, item, told), *(_lost(sight, item, one) for one in origins))
    families = BOTH if told.get("IsIPV6Enabled") is True else (Family.IPV4,)
    opened, guards = _ports(told, behaviours), _guards(sight, item, told, behaviours)
    asked, acls = _signed(sight, item, behaviours), narrowing_of(sight, told.get("WebACLId"))
    common = [one for one in locks if one is not None]
    yield from sight.reached(
        item,
        "cloudfront",
        (*common, asked),
        opened=opened,
        families=families,
        guards=guards,
        web_acls=acls,
    )
    for origin in origins:
        leading = [one for one in behaviours if origin.id in one.origins]
        if not leading:
            continue
        asked = _signed(sight, item, leading)
        plain = any(one.viewers == "allow-all" for one in leading)
        guards = _guards(sight, item, told, leading)
        for front in sight.reached(
            item,
            "cloudfront",
            (*common, asked),
            opened=HTTPS,
            families=families,
            guards=guards,
            web_acls=acls,
        ):
            yield from behind_origin(sight, item, origin, front, plain=plain)


def _told(item: Item) -> Mapping[str, Any]:
    """The summary of the list; what it left out from the configuration."""
    value = item.call(_CALL).value
    config = member(value, "DistributionConfig")
    more = config if isinstance(config, Mapping) else {}
    return {**more, **{key: one for key, one in item.item.items() if one is not None}}


def _locks(sight: Sight, item: Item, told: Mapping[str, Any]) -> Iterator[Lock]:
    yield _enabled(sight, item, told.get("Enabled"))
    if told.get("ConnectionMode") == "tenant-only":
        # Viewers reach its tenants, of which none is collected.
        yield unread("tenants", item.id, sight.gap(item, "list_distribution_tenants"))
    if told.get("Staging") is True:
        # Viewers get to it by the policy of the primary distribution.
        gap = sight.gap(item, "list_continuous_deployment_policies")
        yield unread("continuous deployment", item.id, gap)
    if member(told, "ViewerMtlsConfig", "Mode") == "required":
        text = "Viewers must show a client certificate of the trust store."
        yield asks_for("viewer mTLS", item.id, text, "authn:mtls")
    aliases = [host_of(one) for one in strings(member(told, "Aliases", "Items"))]
    yield Lock(name_step(sight, item, host_of(told.get("DomainName")), *aliases))


def _enabled(sight: Sight, item: Item, enabled: object) -> Lock:
    (ref,) = sight.refs(item, "/item/Enabled")
    if enabled is True:
        return passes("state", item.id, "The distribution is enabled.", ref)
    if enabled is False:
        return sleeps("state", item.id, "The distribution is disabled.", ref)
    return unread("state", item.id, sight.gap(item, _CALL), ref)


def _behaviours(told: Mapping[str, Any]) -> list[Behaviour]:
    """Behaviours in the order in which CloudFront tries them, shadowed ones left out."""
    groups = {
        one.get("Id"): tuple(str(m.get("OriginId")) for m in rows(member(one, "Members", "Items")))
        for one in rows(member(told, "OriginGroups", "Items"))
        if isinstance(one.get("Id"), str)
    }
    found = []
    for one in rows(member(told, "CacheBehaviors", "Items")):
        found.append(_behaviour(one, str(one.get("PathPattern")), groups))
        if found[-1].path in _EVERYTHING:
            return found
    default = told.get("DefaultCacheBehavior")
    if isinstance(default, Mapping):
        found.append(_behaviour(default, "*", groups))
    return found


def _behaviour(
    one: Mapping[str, Any], path: str, groups: Mapping[Any, tuple[str, ...]]
) -> Behaviour:
    target = str(one.get("TargetOriginId"))
    signed = any(
        member(one, name, "Enabled") is True for name in ("TrustedKeyGroups", "TrustedSigners")
    )
    functions = [
        str(linked.get(name))
        for kind, name in (
            ("FunctionAssociations", "FunctionARN"),
            ("LambdaFunctionAssociations", "LambdaFunctionARN"),
        )
        for linked in rows(member(one, kind, "Items"))
        if linked.get("EventType") == "viewer-request"
    ]
    viewers = str(one.get("ViewerProtocolPolicy"))
    return Behaviour(path, groups.get(target, (target,)), signed, viewers, tuple(functions))


def _signed(sight: Sight, item: Item, behaviours: list[Behaviour]) -> Lock:
    """Signed URLs are asked for only where every way asks for them."""
    name = "signed URL"
    (ref,) = sight.refs(item, "/item/DefaultCacheBehavior")
    if not behaviours:
        return unread(name, item.id, sight.gap(item, _CALL), ref)
    free = [one.path for one in behaviours if not one.signed]
    if free:
        text = f"No signature is asked for under {', '.join(free[:10])}."
        return passes(name, item.id, text, ref)
    text = "Every cache behaviour asks for a signed URL or cookie."
    return asks_for(name, item.id, text, "authn:signed-url", ref)


def _ports(told: Mapping[str, Any], behaviours: list[Behaviour]) -> Spans:
    """HTTPS; HTTP where some behaviour serves it (a redirect serves nothing); HTTP/3 over UDP."""
    found = HTTPS
    if any(one.viewers == "allow-all" for one in behaviours):
        found = found | ports.tcp(80)
    if told.get("HttpVersion") in ("http3", "http2and3"):
        found = found | ports.udp(443)
    return found


def _guards(
    sight: Sight, item: Item, told: Mapping[str, Any], behaviours: list[Behaviour]
) -> tuple[str, ...]:
    """What stands in front without an answer of AWS's own: web ACL, countries, functions.

    A function that runs on viewers' requests may check anything or nothing; nobody can tell.
    """
    found = []
    acl = told.get("WebACLId")
    if acl is None:
        found.append(f"waf (not_collected:{sight.gap(item, _CALL)})")
    elif acl:
        found.append(f"waf {acl}")
    geo = member(told, "Restrictions", "GeoRestriction")
    if member(geo, "RestrictionType") in ("whitelist", "blacklist"):
        countries = ",".join(sorted(strings(member(geo, "Items"))))
        found.append(f"geo {member(geo, 'RestrictionType')} {countries}")
    functions = (function for one in behaviours for function in one.functions)
    found += [f"viewer-request function {one}" for one in functions]
    return tuple(dict.fromkeys(found))


def _lost(sight: Sight, item: Item, origin: Origin) -> Lock | None:
    """An origin that is not in the snapshot; of a bucket that nobody may own a warning."""
    bucket = lost_bucket(sight, origin)
    if not collected(sight, origin):
        text = f"Origin {origin.id} is {origin.host or 'not told'}, which was not collected."
        return passes("origin", item.id, text, *sight.refs(item, "/item/Origins"))
    if not bucket:
        return None
    text = (
        f"Bucket {bucket} of origin {origin.id} is in no collected account. If it does not exist, "
        "whoever creates it answers for the distribution (takeover candidate)."
    )
    return passes("origin", item.id, text, *sight.refs(item, "/item/Origins"))


DOORS = (
    FrontDoor(
        type_id="cloudfront:distribution",
        mechanism="cloudfront",
        title="CloudFront distributions",
        rule="The distribution is enabled (a disabled one is dormant). It is conditional on a "
        "signed URL where every cache behaviour asks for one, and on a client certificate where "
        "viewer mTLS is required, and on a secret header where the web ACL blocks everything "
        "else; ranges that it lets through alone are the source. Other web ACLs, countries and "
        "functions that run on viewers' requests are guards. Behind it stand its origins, each "
        "with the locks of the behaviours that lead to it: a bucket if its policy (and that of an "
        "access point that is the origin) admits this distribution (origin access control or "
        "identity) or everyone; a load balancer or instance if its security groups admit "
        "CloudFront's servers; through a VPC origin also a private one, if its VPC has an internet "
        "gateway, VPC Block Public Access is off and its security groups admit CloudFront; "
        "another front door as it is judged itself.",
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/SecurityAndPrivateContent.html",
        judge=_distribution,
        test="tests/front_doors/test_cloudfront.py",
        needs=frozenset(
            {
                "cloudfront:vpc-origin",
                "cloudfront:origin-access-control",
                "cloudfront:origin-access-identity",
                "s3:bucket",
                "s3:access-point",
                "kms:key",
                "s3:account-bpa",
                "org:effective-policy",
                "elbv2:load-balancer",
                "elb:load-balancer",
                "ec2:instance",
                "ec2:security-group",
            }
            | EDGE_WAF_TYPES
        ),
    ),
)
"""Declarations of this service."""
