"""What stands behind a CloudFront distribution, origin by origin.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistS3AndCustomOrigins.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collector.snapshot import Item
from graph.evidence import Step
from graph.front_doors.behind import from_cloudfront, interface_reaches, passed_on
from graph.front_doors.cloudfront_grants import access_point_answer, bucket_answer, function_answer
from graph.front_doors.dns import bucket_of, host_of, nodes_at, website_bucket_of
from graph.front_doors.inside_vpc import Entry, by_cloudfront, to_balancer, to_interface
from graph.front_doors.sight import BOTH, HTTPS, Sight, member, rows
from graph.network import ports
from graph.network.balancers import internet_to_targets
from graph.network.doors import internet_to_balancer
from graph.network.facts import Interface, LoadBalancer
from graph.network.pieces import INTERNET
from graph.network.prefixes import Family
from graph.network.reach import Reach, merge
from graph.network.spans import NOTHING, Spans
from graph.verdict import Answer, Verdict, all_of, condition

_VPC_ORIGIN = Entry(by_cloudfront, sees_client=False, sender="addresses of CloudFront in the VPC")
# https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CustomOriginConfig.html
_FAMILIES = {"ipv6": (Family.IPV6,), "dualstack": BOTH}
# What a VPC origin may name; which ports it names is not collected.
_ANY_PORT = ports.tcp(80) | ports.tcp(443) | ports.tcp(1024, 65535)


@dataclass(frozen=True, slots=True)
class Origin:
    """An origin of a distribution.

    Attributes:
        id: within the distribution.
        host: the host name that it is fetched from.
        access_control: id of an origin access control, or empty.
        access_identity: id of an origin access identity, or empty.
        vpc_origin: id of a VPC origin, or empty.
        headers: names of headers that CloudFront adds, in lower case.
        protocol: ``http-only``, ``https-only`` or ``match-viewer``.
        http, https: the ports of each.
        families: by which CloudFront connects; a VPC origin is always IPv4.
    """

    id: str
    host: str
    access_control: str = ""
    access_identity: str = ""
    vpc_origin: str = ""
    headers: frozenset[str] = frozenset()
    protocol: str = "match-viewer"
    http: int = 80
    https: int = 443
    families: tuple[Family, ...] = (Family.IPV4,)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Origin:
        """An origin as a distribution lists it."""
        identity = member(told, "S3OriginConfig", "OriginAccessIdentity")
        custom = told.get("CustomOriginConfig")
        http, https = (
            found if isinstance(found := member(custom, name), int) and 0 < found < 65536 else usual
            for name, usual in (("HTTPPort", 80), ("HTTPSPort", 443))
        )
        return cls(
            id=str(told.get("Id")),
            host=host_of(told.get("DomainName")),
            access_control=_text(told.get("OriginAccessControlId")),
            access_identity=_text(identity).rpartition("/")[2],
            vpc_origin=_text(member(told, "VpcOriginConfig", "VpcOriginId")),
            headers=frozenset(
                str(one.get("HeaderName")).lower()
                for one in rows(member(told, "CustomHeaders", "Items"))
            ),
            protocol=_text(member(custom, "OriginProtocolPolicy")) or "match-viewer",
            http=http,
            https=https,
            families=_FAMILIES.get(_text(member(custom, "IpAddressType")), (Family.IPV4,)),
        )

    def ports(self, *, plain: bool) -> Spans:
        """Ports that CloudFront connects to; ``plain``: viewers may come over HTTP."""
        found = NOTHING
        if self.protocol != "https-only" and (plain or self.protocol == "http-only"):
            found = ports.tcp(self.http)
        return found if self.protocol == "http-only" else found | ports.tcp(self.https)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def behind_origin(
    sight: Sight, item: Item, origin: Origin, front: Reach, *, plain: bool
) -> Iterator[Reach]:
    """Reaches through a distribution to one of its origins and to what stands behind that.

    Args:
        sight: the snapshot.
        item: the distribution.
        origin: one of its origins.
        front: the reach to the distribution, with the locks of the ways to this origin.
        plain: viewers may come over HTTP.
    """
    if origin.vpc_origin:
        found = _through_vpc_origin(sight, item, origin)
    elif bucket := _bucket_name(origin):
        found = iter([_bucket(sight, item, origin, front.family, bucket)])
    else:
        found = _by_name(sight, item, origin, origin.ports(plain=plain))
    for one in merge(list(found)):
        yield passed_on(front, one, (item.id, *one.via))


def _bucket_name(origin: Origin) -> str:
    return bucket_of(origin.host) or website_bucket_of(origin.host)


def collected(sight: Sight, origin: Origin) -> bool:
    """Whether something of the snapshot answers at an origin's host name."""
    return bool(origin.vpc_origin or _bucket_name(origin) or nodes_at(sight, origin.host))


def lost_bucket(sight: Sight, origin: Origin) -> str:
    """The bucket of an origin that is in no collected account; empty if it is, or there is none."""
    name = "" if origin.vpc_origin else _bucket_name(origin)
    return name if name and not _is_alias(name) and _bucket_item(sight, name) is None else ""


def _is_alias(name: str) -> bool:
    """Whether a name stands for an access point: no bucket may be called so.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    return name.endswith(("-s3alias", "--ol-s3"))


def _access_point(sight: Sight, item: Item, origin: Origin, family: Family, alias: str) -> Reach:
    """The bucket behind an access point that is the origin by its alias."""
    points = sight.once(
        ("access points by alias",),
        lambda: {
            told: one
            for one in sight.items("s3:access-point")
            if isinstance(told := one.item.get("Alias"), str)
        },
    )
    point = points.get(alias)
    if point is None:
        return _reach(f"arn:aws:s3:::{alias}", family, _unknown(alias, f"access point {alias}"))
    bucket = _bucket_item(sight, _text(point.item.get("Bucket")))
    answer = access_point_answer(sight, item, point, origin.access_control)
    return _reach(bucket.id if bucket else point.id, family, answer)


def _bucket_item(sight: Sight, name: str) -> Item | None:
    return sight.once(
        ("buckets by name",),
        lambda: {
            told: one
            for one in sight.items("s3:bucket")
            if isinstance(told := one.item.get("Name"), str)
        },
    ).get(name)


def _bucket(sight: Sight, item: Item, origin: Origin, family: Family, name: str) -> Reach:
    if _is_alias(name):
        return _access_point(sight, item, origin, family, name)
    bucket = _bucket_item(sight, name)
    target = bucket.id if bucket else f"arn:aws:s3:::{name}"
    if bucket is None:
        answer = _unknown(target, f"s3.get_bucket_policy({name})")
    elif website_bucket_of(origin.host):
        answer = bucket_answer(sight, item, bucket, "", "")
    else:
        answer = bucket_answer(sight, item, bucket, origin.access_control, origin.access_identity)
    return _reach(target, family, answer)


def _reach(target: str, family: Family, answer: Answer) -> Reach:
    open_ports = NOTHING if answer.verdict is Verdict.NO else HTTPS
    names = ports.names(open_ports)
    return Reach(INTERNET, target, family, "", names, (), (), answer, port_set=open_ports)


def _unknown(subject: str, gap: str) -> Answer:
    text = f"Not collected: {gap}."
    step = Step("origin", subject, "unknown", text)
    terms = (condition("not_collected", gap),)
    return Answer(Verdict.UNKNOWN, text, terms, evidence=(text,), steps=(step,))


def _through_vpc_origin(sight: Sight, item: Item, origin: Origin) -> Iterator[Reach]:
    """Into the VPC: the endpoint may be private."""
    key = (item.account_id, item.region, origin.vpc_origin)
    made = sight.by_member("cloudfront:vpc-origin", "Id").get(key)
    target = _text(made.item.get("OriginEndpointArn")) if made else ""
    if made is None or not target:
        gap = f"cloudfront.list_vpc_origins({origin.vpc_origin})@{item.account_id}/{item.region}"
        named = target or f"arn:aws:cloudfront::{item.account_id}:vpcorigin/{origin.vpc_origin}"
        yield _reach(named, Family.IPV4, _unknown(named, gap))
        return
    world = sight.network
    balancer = world.load_balancers.get(target)
    interfaces = _interfaces(sight, target)
    if balancer is not None:
        known = _sending(balancer, origin)
        yield from to_balancer(sight, known, Family.IPV4, _ANY_PORT, _VPC_ORIGIN)
    elif interfaces:
        yield from to_interface(sight, interfaces[0], Family.IPV4, _ANY_PORT, _VPC_ORIGIN)
    else:
        yield _reach(target, Family.IPV4, _unknown(target, f"the endpoint {target}"))


def _interfaces(sight: Sight, owner: str) -> list[Interface]:
    """Interfaces of an instance, its primary one first."""
    world = sight.network
    instance = world.instances.get(owner)
    listed = instance.interfaces if instance else ()
    return [world.interfaces[one] for one in listed if one in world.interfaces]


def _sending(balancer: LoadBalancer, origin: Origin) -> LoadBalancer:
    """The load balancer as CloudFront finds it: headers that it adds are no secret to it."""
    if not origin.headers:
        return balancer
    acls = tuple(one.knowing(origin.headers) for one in balancer.web_acls)
    balancer = replace(balancer, web_acls=acls)
    if not balancer.listeners:
        return balancer
    listeners = tuple(
        replace(
            listener,
            rules=tuple(
                replace(
                    rule,
                    conditions=tuple(
                        one
                        for one in rule.conditions
                        if one.field != "http-header" or one.name.lower() not in origin.headers
                    ),
                )
                for rule in listener.rules
            ),
        )
        for listener in balancer.listeners
    )
    return replace(balancer, listeners=listeners)


def _by_name(sight: Sight, item: Item, origin: Origin, wanted: Spans) -> Iterator[Reach]:
    """Whatever of the snapshot answers at the origin's host name; nothing if nothing does."""
    world = sight.network
    for node in nodes_at(sight, origin.host):
        if node in world.load_balancers:
            yield from _balancer(sight, world.load_balancers[node], origin, wanted)
        elif node in world.instances:
            found = [
                reach
                for one in _interfaces(sight, node)
                for family in origin.families
                for reach in interface_reaches(world, one, family, wanted, "")
            ]
            yield from _noted(sight, from_cloudfront(world, merge(found)), node, found)
        elif ":lambda:" in node:
            for line in _lines(sight).get(node, ()):
                for answer in function_answer(sight, item, line, origin.access_control):
                    yield _reach(node, Family.IPV4, answer)
        elif node != item.id:
            there = list(_other_door(sight, node))
            yield from _noted(sight, iter(there), node, there)


def _balancer(
    sight: Sight, balancer: LoadBalancer, origin: Origin, wanted: Spans
) -> Iterator[Reach]:
    """A load balancer that CloudFront reaches over the internet, on the ports it asks for."""
    world = sight.network
    listeners = balancer.listeners
    if listeners is not None:
        listeners = tuple(one for one in listeners if one.ports & wanted)
    known = replace(_sending(replace(balancer, listeners=listeners), origin))
    direct, targets = (
        [reach for reach in found(world, known) if reach.family in origin.families]
        for found in (internet_to_balancer, internet_to_targets)
    )
    open_to_all = internet_to_balancer(world, replace(balancer, listeners=listeners))
    yield from _noted(sight, from_cloudfront(world, direct), balancer.id, open_to_all)
    yield from from_cloudfront(world, targets)


def _noted(
    sight: Sight, found: Iterator[Reach], node: str, without: list[Reach]
) -> Iterator[Reach]:
    """Say so where the origin is open to the internet without the distribution in front."""
    bypass = any(
        one.source == INTERNET and one.verdict is Verdict.YES and one.target == node
        for one in without
    )
    text = f"{node} is open to the internet itself: the distribution can be gone around."
    step = Step("origin bypass", node, "pass", text)
    note = Answer(Verdict.YES, text, evidence=(text,), steps=(step,))
    for one in found:
        yield replace(one, answer=all_of((one.answer, note))) if bypass else one


def _other_door(sight: Sight, node: str) -> Iterator[Reach]:
    """Another front door, with what stands behind it, as its own rule judges it."""
    # Every door's rule is found through the package, which imports this module.
    from graph.front_doors import doors

    if ":cloudfront:" in node:
        yield _reach(node, Family.IPV4, _unknown(node, f"what {node} asks its viewers for"))
        return
    for line in _lines(sight).get(node, ()):
        for door in doors():
            if door.type_id == line.type:
                found = from_cloudfront(sight.network, door.judge(sight, line))
                yield from (replace(one, mechanism="") for one in found)


def _lines(sight: Sight) -> Mapping[str, list[Item]]:
    """Lines of functions and front doors by id."""
    return sight.once(("lines of doors",), lambda: _all_lines(sight))


def _all_lines(sight: Sight) -> Mapping[str, list[Item]]:
    from graph.front_doors import doors

    found: dict[str, list[Item]] = {}
    for kind in sorted({"lambda:function", *(door.type_id for door in doors())}):
        for line in sight.items(kind):
            found.setdefault(line.id, []).append(line)
    return found


__all__ = ["Origin", "behind_origin", "collected", "lost_bucket"]
