"""Lightsail: machines, databases, buckets and addresses outside of the account's VPCs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph.schema.account import of_region
from graph.schema.convert import one_of, texts, truth
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.path import ShapeError
from graph.schema.usual import (
    created,
    endpoint,
    engine,
    flag,
    many,
    port,
    public,
    role,
    status,
    version,
)

_ARN = "arn:{partition}:lightsail:{region}:{account}:"
_IN_ARNS = {"Database": "RelationalDatabase", "Container": "ContainerService"}
_ANYWHERE = ("0.0.0.0/0", "::/0")


def _open_ports(values: Sequence[Any]) -> list[str]:
    """Ports that the firewall opens to everyone, as ``tcp/22-22``.

    https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_InstancePortInfo.html
    """
    found = []
    for opened in values:
        if not isinstance(opened, Mapping):
            raise ShapeError("a port is not an object")
        sources = [*_listed(opened.get("cidrs")), *_listed(opened.get("ipv6Cidrs"))]
        anyone = any(source in _ANYWHERE for source in sources)
        if opened.get("accessDirection") != "outbound" and anyone:
            found.append(
                f"{opened.get('protocol')}/{opened.get('fromPort')}-{opened.get('toPort')}"
            )
    return sorted(found)


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list | None):
        raise ShapeError("a list is expected")
    return value or []


def _domains(values: Sequence[Any]) -> list[str]:
    """The names of a map from certificates to names."""
    if not isinstance(values[0], Mapping):
        raise ShapeError("an object is expected")
    return texts([name for names in values[0].values() for name in _listed(names)])


def _type(
    kind: str,
    label: str,
    resource_type: str,
    category: str,
    description: str,
    properties: tuple[Property, ...],
    *,
    cloudformation: bool = True,
    name: str = "name",
    tags: str = "tags",
) -> NodeType:
    return NodeType(
        snapshot_type=f"lightsail:{kind}",
        label=label,
        resource_type=f"AWS::Lightsail::{resource_type}",
        cloudformation=cloudformation,
        category=category,
        description=description,
        arn=_ARN + _IN_ARNS.get(resource_type, resource_type) + "/{id}",
        name=name,
        tags=tags,
        properties=(*properties, created("createdAt")),
    )


DECLARATIONS = (
    _type(
        "instance",
        "LightsailInstance",
        "Instance",
        "compute",
        "A virtual private server.",
        (
            status("state/name", "running"),
            Property("public_ip", "publicIpAddress", "Its public address."),
            Property("private_ip", "privateIpAddress", "Its private address."),
            many("ipv6_addresses", "ipv6Addresses/*", "Its IPv6 addresses, all public."),
            Property(
                "ports_open_to_everyone",
                "networking/ports/*",
                "What its firewall opens to every address.",
                _open_ports,
                absent=[],
            ),
            Property("image", "blueprintId", "What it was made from."),
            Property("http_tokens", "metadataOptions/httpTokens", "required: IMDSv2 only."),
        ),
    ),
    _type(
        "database",
        "LightsailDatabase",
        "Database",
        "data",
        "A managed database.",
        (
            status("state", "available"),
            engine("engine", "mysql"),
            version("engineVersion"),
            endpoint("masterEndpoint/address"),
            port("masterEndpoint/port"),
            public("publiclyAccessible"),
        ),
    ),
    _type(
        "load-balancer",
        "LightsailLoadBalancer",
        "LoadBalancer",
        "network",
        "A load balancer, always on the internet.",
        (
            status("state", "active"),
            endpoint("dnsName"),
            many("public_ports", "publicPorts/*", "Where it listens."),
            many("instances", "instanceHealthSummary/*/instanceName", "Where it leads."),
        ),
    ),
    _type(
        "bucket",
        "LightsailBucket",
        "Bucket",
        "data",
        "A bucket.",
        (
            status("state/code", "OK"),
            endpoint("url"),
            Property(
                "objects_public",
                "accessRules/getObject",
                "Whether everyone may read its objects.",
                one_of("public"),
            ),
            flag(
                "allow_public_overrides",
                "accessRules/allowPublicOverrides",
                "Whether single objects may be public.",
            ),
            many("read_only_accounts", "readonlyAccessAccounts/*", "Accounts that may read it."),
            many(
                "resources_with_access",
                "resourcesReceivingAccess/*/name",
                "Instances that may use it.",
            ),
        ),
    ),
    _type(
        "container-service",
        "LightsailContainerService",
        "Container",
        "compute",
        "Containers, with an address on the internet where one of them is named for it.",
        (
            status("state", "RUNNING"),
            endpoint("url"),
            Property(
                "public_container",
                "currentDeployment/publicEndpoint/containerName",
                "The container that the internet reaches.",
            ),
            Property(
                "custom_domains", "publicDomainNames", "Its own host names.", _domains, absent=[]
            ),
            flag("disabled", "isDisabled", "Whether it is switched off."),
            role("principalArn", "The principal that its containers act with."),
        ),
        name="containerServiceName",
    ),
    _type(
        "static-ip",
        "LightsailStaticIp",
        "StaticIp",
        "network",
        "A fixed public address.",
        (
            Property("public_ip", "ipAddress", "The address."),
            Property("attached_to", "attachedTo", "The instance that has it."),
        ),
        tags="",
    ),
    _type(
        "distribution",
        "LightsailDistribution",
        "Distribution",
        "network",
        "A content delivery network before a bucket, instance or load balancer.",
        (
            status("status", "Deployed"),
            endpoint("domainName"),
            many("custom_domains", "alternativeDomainNames/*", "Its own host names."),
            flag("enabled", "isEnabled", "Whether it is on."),
            Property("origin", "origin/name", "Where it leads."),
        ),
    ),
    _type(
        "domain",
        "LightsailDomain",
        "Domain",
        "network",
        "A DNS zone.",
        (
            many("record_names", "domainEntries/*/name", "Names that it answers."),
            many("record_targets", "domainEntries/*/target", "Where they lead."),
        ),
        cloudformation=False,
    ),
    Setting(
        snapshot_type="lightsail:settings",
        label="Region",
        describes=of_region,
        description="Whether Lightsail's network meets the account's.",
        properties=(
            Property(
                "lightsail_vpc_peered",
                "@is_vpc_peered/isPeered",
                "Whether Lightsail's VPC is peered with the default VPC.",
                truth,
            ),
        ),
    ),
)
