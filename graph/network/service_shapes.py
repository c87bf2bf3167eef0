"""Load balancers' and databases' JSON as facts; tolerant like ``ec2_shapes``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graph.evidence import Ref
from graph.network.ec2_shapes import At, Ids, Json, integer, rows, text, texts
from graph.network.facts import (
    Action,
    DbInstance,
    Listener,
    ListenerRule,
    LoadBalancer,
    RuleCondition,
    Target,
    TargetGroup,
    unread_groups,
)
from graph.network.service_ports import listener_ports

_LAST = 1 << 30


def _attributes(value: Any) -> dict[str, str]:
    found = value.get("Attributes") if isinstance(value, Mapping) else value
    return {text(one.get("Key")): str(one.get("Value")) for one in rows(found)}


def action(item: Json, ids: Ids) -> Action:
    """One member of ``Actions``; target groups of weight 0 get nothing."""
    forward = item.get("ForwardConfig")
    listed = rows(forward.get("TargetGroups")) if isinstance(forward, Mapping) else []
    groups = [text(o.get("TargetGroupArn")) for o in listed if integer(o.get("Weight")) != 0]
    if not listed:
        groups.append(text(item.get("TargetGroupArn")))
    asked = item.get("AuthenticateOidcConfig") or item.get("AuthenticateCognitoConfig")
    unauthenticated = (
        text(asked.get("OnUnauthenticatedRequest")) if isinstance(asked, Mapping) else ""
    )
    return Action(
        kind=text(item.get("Type")),
        target_groups=tuple(ids(group) for group in dict.fromkeys(groups) if group),
        on_unauthenticated=unauthenticated,
    )


def _ordered(actions: Any) -> list[Json]:
    return sorted(rows(actions), key=lambda one: integer(one.get("Order")) or 0)


def _condition(item: Json) -> RuleCondition:
    name, values = "", list(texts(item.get("Values")))
    for member, config in item.items():
        if member.endswith("Config") and isinstance(config, Mapping):
            name = name or text(config.get("HttpHeaderName"))
            values += texts(config.get("Values"))
            values += texts(config.get("RegexValues"))
            values += [
                f"{text(one.get('Key'))}={text(one.get('Value'))}"
                for one in rows(config.get("Values"))
            ]
    return RuleCondition(text(item.get("Field")), tuple(dict.fromkeys(values)), name)


def listener_rule(item: Json, ids: Ids, ref: Ref) -> ListenerRule:
    """One member of ``describe_rules``."""
    told = text(item.get("Priority"))
    return ListenerRule(
        id=text(item.get("RuleArn")),
        priority=int(told) if told.isdigit() else _LAST,
        conditions=tuple(_condition(one) for one in rows(item.get("Conditions"))),
        actions=tuple(action(one, ids) for one in _ordered(item.get("Actions"))),
        refs=(ref,),
    )


def listener(
    item: Json, rules: list[Json] | None, missing: str, ids: Ids, at: At, number: int
) -> Listener:
    """One member of ``describe_listeners`` with its rules.

    Where the rules were not read, the default actions stand in for the default rule.
    """
    arn = text(item.get("ListenerArn"))
    ref = at(f"/calls/describe_listeners/value/{number}")
    default = ListenerRule(
        arn, _LAST, (), tuple(action(o, ids) for o in _ordered(item.get("DefaultActions"))), (ref,)
    )
    found = tuple(
        listener_rule(one, ids, at(f"/calls/describe_rules(ListenerArn={arn})/value/{place}"))
        for place, one in enumerate(rules or [])
    )
    if not any(rule.priority == _LAST for rule in found):
        found = (*found, default)
    mutual = item.get("MutualAuthentication")
    return Listener(
        id=arn,
        ports=listener_ports(text(item.get("Protocol")), integer(item.get("Port"))),
        rules=tuple(sorted(found, key=lambda rule: rule.priority)),
        mutual_tls=isinstance(mutual, Mapping) and mutual.get("Mode") == "verify",
        rules_missing=missing,
        refs=(ref,),
    )


def _facing(item: Json) -> bool | None:
    """``Scheme``; ``None``: it cannot be read."""
    scheme = item.get("Scheme", "internet-facing")
    return scheme == "internet-facing" if scheme in ("internet-facing", "internal") else None


def _groups(node: str, told: Any, ids: Ids) -> tuple[str, ...]:
    """Security groups, sorted; what cannot be read is a group that nobody knows."""
    groups = {ids(one) for one in texts(told)}
    if told is not None and not (isinstance(told, list) and len(texts(told)) == len(told)):
        groups.add(unread_groups(node))
    return tuple(sorted(groups))


def _subnets(node: str, told: Any, member: str, ids: Ids) -> tuple[str, ...]:
    """The subnets of a list; what cannot be read is a subnet that nobody knows."""
    listed = told if isinstance(told, list) else [None] * (told is not None)
    found = (text(one.get(member)) if isinstance(one, Mapping) else "" for one in listed)
    return tuple(dict.fromkeys(ids(one) if one else f"subnets of {node}" for one in found))


def _address_type(item: Json) -> str:
    """``IpAddressType``; one that cannot be read may be either, so both families are asked."""
    told = item.get("IpAddressType")
    return (
        told
        if told in ("ipv4", "dualstack", "dualstack-without-public-ipv4")
        else ("ipv4" if told is None else "dualstack")
    )


def load_balancer(
    node: str, account: str, region: str, item: Json, attributes: Any, ids: Ids, at: At
) -> LoadBalancer:
    """``elbv2.describe_load_balancers`` without its listeners."""
    kind = text(item.get("Type")) or "application"
    groups = _groups(node, item.get("SecurityGroups"), ids)
    state = item.get("State")
    told = _attributes(attributes)
    facing = _facing(item)
    deny_v6 = None if facing is None else not facing
    if "ipv6.deny_all_igw_traffic" in told:
        deny_v6 = told["ipv6.deny_all_igw_traffic"] == "true"
    elif attributes is None:
        deny_v6 = None
    subnets = _subnets(node, item.get("AvailabilityZones"), "SubnetId", ids)
    return LoadBalancer(
        id=node,
        kind=kind,
        account_id=account,
        region=region,
        vpc=ids(text(item.get("VpcId"))),
        internet_facing=facing,
        deny_igw_v6=deny_v6,
        state=text(state.get("Code")) if isinstance(state, Mapping) else "active",
        ip_address_type=_address_type(item),
        subnets=subnets,
        groups=groups if groups or kind != "network" else None,
        rules_for_links=item.get("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic") != "off",
        cross_zone=kind == "application" or told.get("load_balancing.cross_zone.enabled") == "true",
        refs=(at("/item"),),
    )


def classic_load_balancer(
    node: str, account: str, region: str, item: Json, health: Any, attributes: Any, ids: Ids, at: At
) -> LoadBalancer:
    """``elb.describe_load_balancers`` with ``describe_instance_health``."""
    states = {text(one.get("InstanceId")): one for one in rows(health)}
    listeners = [
        Listener(
            id=node,
            ports=listener_ports("TCP", integer(inner.get("LoadBalancerPort"))),
            instance_port=integer(inner.get("InstancePort")),
            refs=(at(f"/item/ListenerDescriptions/{number}"),),
        )
        for number, one in enumerate(rows(item.get("ListenerDescriptions")))
        if isinstance(inner := one.get("Listener"), Mapping)
    ]
    targets = []
    for one in rows(item.get("Instances")):
        short = text(one.get("InstanceId"))
        told = states.get(short, {})
        state = {"InService": "healthy", "OutOfService": "unhealthy"}.get(
            text(told.get("State")), ""
        )
        targets.append(Target(ids(short), None, state, text(told.get("ReasonCode"))))
    crossing = attributes
    if isinstance(crossing, Mapping):
        crossing = crossing.get("LoadBalancerAttributes", crossing)
    crossing = crossing.get("CrossZoneLoadBalancing") if isinstance(crossing, Mapping) else None
    return LoadBalancer(
        id=node,
        kind="classic",
        account_id=account,
        region=region,
        vpc=ids(text(item.get("VPCId") or item.get("VpcId"))),
        internet_facing=_facing(item),
        subnets=tuple(ids(one) for one in texts(item.get("Subnets"))),
        groups=_groups(node, item.get("SecurityGroups"), ids),
        listeners=tuple(listeners),
        # Not read: taken as on, which can only show more.
        cross_zone=not isinstance(crossing, Mapping) or crossing.get("Enabled") is not False,
        targets=tuple(targets),
        refs=(at("/item"),),
    )


def target_group(
    node: str,
    item: Json,
    health: list[Json] | None,
    attributes: Any,
    missing: tuple[str, ...],
    ids: Ids,
    at: At,
) -> TargetGroup:
    """``describe_target_groups`` with health and attributes (``None``: not read)."""
    told = _attributes(attributes)
    preserve = told.get("preserve_client_ip.enabled")
    crossing = told.get("load_balancing.cross_zone.enabled")
    targets = None
    if health is not None:
        targets = tuple(
            t
            for one in health
            if (t := _target(one, text(item.get("TargetType")), ids)) is not None
        )
    return TargetGroup(
        id=node,
        kind=text(item.get("TargetType")) or "instance",
        protocol=text(item.get("Protocol")),
        port=integer(item.get("Port")),
        vpc=ids(text(item.get("VpcId"))),
        targets=targets,
        preserve_client_ip=None if preserve is None else preserve == "true",
        ip_address_type=text(item.get("IpAddressType")) or "ipv4",
        cross_zone=None if crossing not in ("true", "false") else crossing == "true",
        least_healthy=_threshold(told, "count", 1),
        least_healthy_percent=_threshold(told, "percentage", 0),
        balancers=_balancers(item.get("LoadBalancerArns"), ids),
        missing=missing,
        refs=(at("/item"),),
    )


def _balancers(told: Any, ids: Ids) -> tuple[str, ...] | None:
    """``LoadBalancerArns``; ``None``: they cannot be read."""
    if not isinstance(told, list) or len(texts(told)) != len(told):
        return None
    return tuple(ids(one) for one in texts(told))


def _threshold(told: Mapping[str, str], kind: str, default: int) -> int:
    """How many targets must be healthy; ``off`` and what is no number are the default."""
    key = f"target_group_health.unhealthy_state_routing.minimum_healthy_targets.{kind}"
    value = told.get(key, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else default


def _target(item: Json, kind: str, ids: Ids) -> Target | None:
    target, health = item.get("Target"), item.get("TargetHealth")
    if not isinstance(target, Mapping) or not text(target.get("Id")):
        return None
    told = health if isinstance(health, Mapping) else {}
    override = item.get("AdministrativeOverride")
    moved = override.get("State") if isinstance(override, Mapping) else None
    found = Target(
        id=text(target.get("Id")),
        port=integer(target.get("Port")),
        health=text(told.get("State")),
        reason=text(told.get("Reason")),
        zone=text(target.get("AvailabilityZone")),
        shifted=moved == "zonal_shift_active",
    )
    return found if kind == "ip" else replace(found, id=ids(found.id))


def database(node: str, account: str, region: str, item: Json, ids: Ids, at: At) -> DbInstance:
    """``rds.describe_db_instances``."""
    endpoint, group = item.get("Endpoint"), item.get("DBSubnetGroup")
    port = integer(endpoint.get("Port")) if isinstance(endpoint, Mapping) else None
    within: Json = group if isinstance(group, Mapping) else {}
    subnets = _subnets(node, within.get("Subnets"), "SubnetIdentifier", ids)
    groups = item.get("VpcSecurityGroups")
    if isinstance(groups, list):
        groups = [one.get("VpcSecurityGroupId") for one in groups if isinstance(one, Mapping)]
    return DbInstance(
        id=node,
        engine=text(item.get("Engine")),
        status=text(item.get("DBInstanceStatus")) or "available",
        public=told if isinstance(told := item.get("PubliclyAccessible"), bool) else None,
        port=port or integer(item.get("DbInstancePort")) or None,
        account_id=account,
        region=region,
        vpc=ids(text(within.get("VpcId"))),
        zone=text(item.get("AvailabilityZone")),
        multi_az=item.get("MultiAZ") is True,
        dual_stack=item.get("NetworkType") in ("DUAL", "IPV6"),
        iam_only=_iam_only(item),
        subnets=subnets or None,
        groups=_groups(node, groups, ids) or None,
        refs=(at("/item"),),
    )


def _iam_only(item: Json) -> bool | None:
    """Neptune has no passwords; the other engines have theirs beside IAM's tokens.

    https://docs.aws.amazon.com/neptune/latest/userguide/iam-auth.html
    """
    if item.get("Engine") != "neptune":
        return False
    told = item.get("IAMDatabaseAuthenticationEnabled")
    return told if isinstance(told, bool) else None
