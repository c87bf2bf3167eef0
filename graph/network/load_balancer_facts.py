"""What the network engine knows of load balancers, their listeners, target groups and targets.

Frozen values, joined by node id as those of ``facts`` are.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.evidence import Ref
from graph.network.spans import Spans
from graph.network.web_acls import Narrowing

Refs = tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """A listener action: its type, where it forwards (weight above 0), what it asks for."""

    kind: str
    target_groups: tuple[str, ...] = ()
    on_unauthenticated: str = ""


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """A listener rule's condition: ``field`` as AWS names it, ``name`` of an HTTP header."""

    field: str
    values: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class ListenerRule:
    """A listener rule; the default rule has the highest ``priority`` number and no conditions."""

    id: str
    priority: int
    conditions: tuple[RuleCondition, ...] = ()
    actions: tuple[Action, ...] = ()
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener. ``rules`` hold the default one; ``rules_missing`` names what was not read."""

    id: str
    ports: Spans
    rules: tuple[ListenerRule, ...] = ()
    mutual_tls: bool = False
    rules_missing: str = ""
    instance_port: int | None = None
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A classic, application, network or gateway load balancer.

    ``kind`` is ``classic``, ``application``, ``network`` or ``gateway``; ``internet_facing``
    ``None``: its scheme could not be read; ``groups`` ``None``: none
    are attached (a network load balancer without security groups); ``targets`` are a classic
    one's instances with their state; ``listeners`` ``None``: not collected; ``deny_igw_v6`` is the
    attribute ``ipv6.deny_all_igw_traffic``, ``None`` if it was not read; ``guards`` are its web
    ACLs (``waf <arn>``), or the gap where they were not read, ``web_acls`` those of them that let
    only fixed ranges or a secret header through; ``rules_for_links``: the groups of a
    network load balancer are asked about what comes through PrivateLink.
    """

    id: str
    kind: str
    account_id: str = ""
    region: str = ""
    vpc: str = ""
    internet_facing: bool | None = True
    state: str = "active"
    ip_address_type: str = "ipv4"
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None
    listeners: tuple[Listener, ...] | None = ()
    cross_zone: bool = True
    deny_igw_v6: bool | None = False
    targets: tuple[Target, ...] | None = ()
    guards: tuple[str, ...] = ()
    web_acls: tuple[Narrowing, ...] = ()
    rules_for_links: bool = True
    missing: tuple[str, ...] = ()
    refs: Refs = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A registered target: ``id`` is a node id (instance, function, load balancer) or an IP.

    ``shifted``: a zonal shift takes traffic away from it.
    """

    id: str
    port: int | None = None
    health: str = ""
    reason: str = ""
    zone: str = ""
    shifted: bool = False


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """A target group. ``targets`` ``None``: not collected; then ``missing`` names the call.

    ``preserve_client_ip`` ``None``: the attribute was not read. Where fewer than ``least_healthy``
    targets, or than that percentage of them, are healthy, unhealthy ones get traffic too.
    ``balancers`` are the load balancers that may send to it, ``None``: it does not tell them.
    """

    id: str
    kind: str
    protocol: str = ""
    port: int | None = None
    vpc: str = ""
    targets: tuple[Target, ...] | None = ()
    preserve_client_ip: bool | None = None
    cross_zone: bool | None = None
    ip_address_type: str = "ipv4"
    least_healthy: int = 1
    least_healthy_percent: int = 0
    balancers: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    refs: Refs = ()
