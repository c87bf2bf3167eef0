"""Elastic Load Balancing: classic, application, network and gateway load balancers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import texts, truth, whole
from graph.schema.declare import Edge, ExtraLabel, Link, NodeType, Property
from graph.schema.links import as_list, at, each, named, text_or_none
from graph.schema.path import ShapeError, look
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_TARGET_LABELS = {"lambda": "LambdaFunction", "alb": "LoadBalancer", "instance": "EC2Instance"}


def _target_groups(action: object) -> Iterator[str]:
    """ARNs of the target groups of an action, weighted or plain."""
    if not isinstance(action, Mapping):
        raise ShapeError("an action is not an object")
    arns = [action.get("TargetGroupArn")]
    forward = action.get("ForwardConfig") or {}
    if not isinstance(forward, Mapping):
        raise ShapeError("ForwardConfig is not an object")
    # A weight of 0 gets no traffic.
    arns += [
        group.get("TargetGroupArn")
        for group in as_list(forward.get("TargetGroups"))
        if isinstance(group, Mapping) and group.get("Weight") != 0
    ]
    yield from sorted({arn for arn in arns if isinstance(arn, str)})


def _forwards(line: Item) -> Iterator[Edge]:
    """Each listener's default actions and rules, as edges to target groups."""
    for listener in look("@describe_listeners/*", line).values:
        if not isinstance(listener, Mapping):
            raise ShapeError("a listener is not an object")
        ports = f"{str(listener.get('Protocol', '')).lower()}/{listener.get('Port')}"
        yield from _action_edges(listener.get("DefaultActions"), ports, "default")
        rules = line.call(f"describe_rules(ListenerArn={listener.get('ListenerArn')})").value
        for rule in as_list(rules):
            if not isinstance(rule, Mapping):
                raise ShapeError("a rule is not an object")
            if not rule.get("IsDefault"):
                yield from _action_edges(rule.get("Actions"), ports, str(rule.get("Priority")))


def _action_edges(actions: object, listener: str, priority: str) -> Iterator[Edge]:
    for action in as_list(actions):
        for arn in _target_groups(action):
            yield Edge(
                named(arn, "TargetGroup"),
                discriminator=f"{listener} {priority}",
                props={"listener": listener, "priority": priority},
            )


def _targets(line: Item, description: Mapping[str, Any]) -> Iterator[Edge]:
    target, health = description.get("Target") or {}, description.get("TargetHealth") or {}
    if not isinstance(target, Mapping) or not isinstance(health, Mapping):
        raise ShapeError("a target is not an object")
    kind = next(iter(look("TargetType", line).values), "")
    label = _TARGET_LABELS.get(str(kind))
    if label is None or not target.get("Id"):  # an address: whose, the network engine says
        return
    port = text_or_none(target.get("Port"))
    yield Edge(
        named(_unqualified(str(target["Id"])), label),
        discriminator=port or "",
        props={"port": port, "health": text_or_none(health.get("State"))},
    )


def _unqualified(target: str) -> str:
    """A function's ARN without its version or alias."""
    parts = target.split(":")
    return ":".join(parts[:7]) if parts[2:3] == ["lambda"] else target


_TAGS = "@describe_tags/Tags"
_AVAILABILITY = "AvailabilityZones/*/SubnetId"

DECLARATIONS = (
    NodeType(
        snapshot_type="elb:load-balancer",
        label="ClassicLoadBalancer",
        resource_type="AWS::ElasticLoadBalancing::LoadBalancer",
        category="network",
        description="A classic load balancer.",
        # No arn: its form is also that of the newer load balancers, and LoadBalancer fits both.
        name="LoadBalancerName",
        resource_id="LoadBalancerName",
        tags=_TAGS,
        extra_labels=(ExtraLabel("LoadBalancer", "A load balancer of any kind."),),
        properties=(
            Property("scheme", "Scheme", "internet-facing or internal."),
            Property("dns_name", "DNSName", "Host name."),
            Property(
                "listener_ports",
                "ListenerDescriptions/*/Listener/LoadBalancerPort",
                "Ports that it listens on.",
                texts,
                absent=[],
            ),
            Property(
                "ssl_policies",
                "@describe_load_balancer_policies/[PolicyTypeName=SSLNegotiationPolicyType]/PolicyName",
                "Policies about versions and ciphers of TLS.",
                texts,
                absent=[],
            ),
            Property(
                "certificate_arns",
                "ListenerDescriptions/*/Listener/SSLCertificateId",
                "Certificates that its listeners show.",
                texts,
                absent=[],
            ),
            Property("created_time", "CreatedTime", "When it was made (ISO 8601)."),
        ),
        links=(
            in_vpc("VPCId"),
            in_subnet("Subnets/*"),
            has_security_group("SecurityGroups/*"),
            Link(
                "FORWARDS_TO",
                ("EC2Instance",),
                "The instance is registered with the load balancer.",
                at("Instances/*/InstanceId", "EC2Instance"),
            ),
        ),
    ),
    NodeType(
        snapshot_type="elbv2:load-balancer",
        label="LoadBalancer",
        resource_type="AWS::ElasticLoadBalancingV2::LoadBalancer",
        category="network",
        description="An application, network or gateway load balancer.",
        arn="arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{id}",
        name="LoadBalancerName",
        resource_id="LoadBalancerName",
        tags=_TAGS,
        extra_labels=(
            ExtraLabel("ALB", "An application load balancer.", "load_balancer_type", "application"),
            ExtraLabel("NLB", "A network load balancer.", "load_balancer_type", "network"),
            ExtraLabel("GWLB", "A gateway load balancer.", "load_balancer_type", "gateway"),
        ),
        properties=(
            Property("load_balancer_type", "Type", "application, network or gateway."),
            Property("scheme", "Scheme", "internet-facing or internal."),
            Property("state", "State/Code", "E.g. active."),
            Property("dns_name", "DNSName", "Host name."),
            Property("ip_address_type", "IpAddressType", "ipv4, dualstack, ..."),
            Property("created_time", "CreatedTime", "When it was made (ISO 8601)."),
            Property(
                "listener_ports",
                "@describe_listeners/*/Port",
                "Ports that it listens on.",
                texts,
                absent=[],
            ),
            Property(
                "certificate_arns",
                "@describe_listener_certificates(*)/*/CertificateArn"
                "|@describe_listeners/*/Certificates/*/CertificateArn",
                "Certificates that its listeners show.",
                texts,
                absent=[],
            ),
            Property(
                "deletion_protection",
                "@describe_load_balancer_attributes/[Key=deletion_protection.enabled]/Value",
                "Whether it is protected from deletion.",
                truth,
            ),
        ),
        links=(
            in_vpc(),
            in_subnet(_AVAILABILITY),
            has_security_group("SecurityGroups/*"),
            Link(
                "FORWARDS_TO",
                ("TargetGroup",),
                "A listener forwards to the target group.",
                _forwards,
                properties=(
                    ("listener", "Protocol and port of the listener, e.g. https/443."),
                    ("priority", "Priority of the rule, or default."),
                ),
            ),
        ),
    ),
    NodeType(
        snapshot_type="elbv2:target-group",
        label="TargetGroup",
        resource_type="AWS::ElasticLoadBalancingV2::TargetGroup",
        category="network",
        description="A group of targets behind listeners.",
        arn="arn:{partition}:elasticloadbalancing:{region}:{account}:targetgroup/{id}",
        name="TargetGroupName",
        resource_id="TargetGroupName",
        tags=_TAGS,
        properties=(
            Property("target_type", "TargetType", "instance, ip, lambda or alb."),
            Property("protocol", "Protocol", "E.g. HTTP, TCP."),
            Property("port", "Port", "Port of targets that name none.", whole),
            Property(
                "target_ids",
                "@describe_target_health/*/Target/Id",
                "Registered targets.",
                texts,
                absent=[],
            ),
            Property(
                "preserve_client_ip",
                "@describe_target_group_attributes/[Key=preserve_client_ip.enabled]/Value",
                "Whether targets see the client's address.",
                truth,
            ),
        ),
        links=(
            in_vpc(),
            Link(
                "FORWARDS_TO",
                ("EC2Instance", "LambdaFunction", "LoadBalancer"),
                "The target is registered with the group; addresses stand in target_ids.",
                each("@describe_target_health/*", _targets),
                properties=(
                    ("port", "The target's port."),
                    ("health", "Health as AWS sees it, e.g. healthy."),
                ),
            ),
        ),
    ),
    NodeType(
        snapshot_type="elbv2:trust-store",
        label="LoadBalancerTrustStore",
        resource_type="AWS::ElasticLoadBalancingV2::TrustStore",
        category="identity",
        description="Authorities whose client certificates a load balancer believes.",
        arn="arn:{partition}:elasticloadbalancing:{region}:{account}:truststore/{id}",
        name="Name",
        resource_id="Name",
        tags=_TAGS,
        properties=(
            Property("status", "Status", "E.g. ACTIVE."),
            Property(
                "ca_certificate_count", "NumberOfCaCertificates", "How many there are.", whole
            ),
            Property(
                "listener_arns",
                "@describe_trust_store_associations/*/ResourceArn",
                "Listeners that use it.",
                texts,
                absent=[],
            ),
        ),
    ),
)
