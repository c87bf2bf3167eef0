"""Names: hosted zones, registered domains, health checks, Cloud Map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item
from graph.schema.convert import count, whole
from graph.schema.declare import Edge, Link, NodeType, Property, Reference, Setting
from graph.schema.links import partition_of
from graph.schema.path import ShapeError, look
from graph.schema.usual import created, flag, many

_ZONE = "HostedZone"
_ARN = "arn:{partition}:route53:::"
_DETAIL = "@get_domain_detail"


def _zone(line: Item) -> Reference:
    return Reference(id=line.id, label=_ZONE)


def _logged_zone(line: Item) -> Reference | None:
    for zone in look("HostedZoneId", line).values:
        short = str(zone).rpartition("/")[2]
        return Reference(id=f"arn:{partition_of(line)}:route53:::hostedzone/{short}", label=_ZONE)
    return None


def _vpcs(line: Item) -> Iterator[Edge]:
    """The VPCs that see a private zone, and those of other accounts that may be made to.

    AWS names the VPC and its region, not whose it is.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListVPCAssociationAuthorizations.html
    """
    name = next(iter(look("Name", line).values), line.id)
    for path, association, verb in _ASSOCIATIONS:
        for vpc in look(path, line).values:
            if not isinstance(vpc, Mapping) or not isinstance(vpc.get("VPCId"), str):
                raise ShapeError("a VPC of a hosted zone has no id")
            region = str(vpc.get("VPCRegion") or "")
            text = f"The private zone {name} {verb} {vpc['VPCId']} ({region})."
            yield Edge(
                Reference(short=vpc["VPCId"], label="VPC", region=region),
                discriminator=association,
                props={"association": association, "says": text},
            )


_ASSOCIATIONS = (
    ("@get_hosted_zone/VPCs/*", "associated", "is associated with the VPC"),
    (
        "@list_vpc_association_authorizations/*",
        "authorized",
        "may be associated by its owner with the VPC",
    ),
)

DECLARATIONS = (
    NodeType(
        snapshot_type="route53:zone",
        label=_ZONE,
        resource_type="AWS::Route53::HostedZone",
        category="network",
        description="The records of a domain name.",
        arn=_ARN + "hostedzone/{id}",
        name="Name",
        properties=(
            flag("is_private", "Config/PrivateZone", "Whether only VPCs see it."),
            Property("comment", "Config/Comment", "Its author's comment."),
            Property("record_count", "ResourceRecordSetCount", "How many records it has.", whole),
            Property(
                "linked_service",
                "LinkedService/ServicePrincipal",
                "The service that made it and keeps it.",
            ),
            many("vpc_ids", "@get_hosted_zone/VPCs/*/VPCId", "VPCs that see it, if private."),
            many(
                "authorized_vpc_ids",
                "@list_vpc_association_authorizations/*/VPCId",
                "VPCs of other accounts that may be associated with it.",
            ),
        ),
        links=(
            Link(
                "SHARED_WITH",
                ("VPC",),
                "The VPC sees the names of the private zone, or its owner may make it see them.",
                _vpcs,
                properties=(
                    ("association", "associated, or authorized: not yet, or no longer."),
                    ("says", "One sentence."),
                ),
            ),
        ),
    ),
    Setting(
        snapshot_type="route53:dnssec",
        label=_ZONE,
        describes=_zone,
        description="Whether the zone is signed.",
        properties=(
            Property(
                "dnssec_status", "@get_dnssec/Status/ServeSignature", "SIGNING or NOT_SIGNING."
            ),
            many("dnssec_key_arns", "@get_dnssec/KeySigningKeys/*/KmsArn", "Keys that sign it."),
        ),
    ),
    Setting(
        snapshot_type="route53:query-logging-config",
        label=_ZONE,
        describes=_logged_zone,
        description="Where the zone's queries are logged.",
        properties=(
            Property(
                "query_log_group_arn", "CloudWatchLogsLogGroupArn", "The log group of its queries."
            ),
        ),
    ),
    NodeType(
        snapshot_type="route53:health-check",
        label="Route53HealthCheck",
        resource_type="AWS::Route53::HealthCheck",
        category="network",
        description="Asks from the internet whether something answers.",
        arn=_ARN + "healthcheck/{id}",
        resource_id="Id",
        properties=(
            Property("check_type", "HealthCheckConfig/Type", "E.g. HTTPS."),
            Property("fqdn", "HealthCheckConfig/FullyQualifiedDomainName", "The host name."),
            Property("ip_address", "HealthCheckConfig/IPAddress", "The address."),
            Property("port", "HealthCheckConfig/Port", "The port.", whole),
        ),
    ),
    NodeType(
        snapshot_type="route53domains:domain",
        label="RegisteredDomain",
        resource_type="AWS::Route53Domains::Domain",
        cloudformation=False,
        category="network",
        description="A domain name registered through Route 53.",
        arn="arn:{partition}:route53domains:::domain/{id}",
        name="DomainName",
        resource_id="DomainName",
        properties=(
            flag("auto_renew", "AutoRenew", "Whether it renews itself."),
            flag("transfer_lock", "TransferLock", "Whether it cannot be moved away."),
            Property("expiry", "Expiry", "Until when it is registered (ISO 8601)."),
            many("name_servers", f"{_DETAIL}/Nameservers/*/Name", "Servers that answer for it."),
            many("status_list", f"{_DETAIL}/StatusList/*", "What the registry says of it."),
            Property("registrar", f"{_DETAIL}/RegistrarName", "The registrar."),
            Property(
                "dnssec_key_count",
                f"{_DETAIL}/DnssecKeys/*",
                "How many keys its parent zone vouches for.",
                count,
                absent=0,
            ),
        ),
    ),
    NodeType(
        snapshot_type="cloudmap:namespace",
        label="CloudMapNamespace",
        resource_type="AWS::ServiceDiscovery::Namespace",
        cloudformation=False,
        category="network",
        description="Names of services, found by DNS or by calls.",
        arn="arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}",
        name="Name",
        resource_id="Id",
        properties=(
            Property("namespace_type", "Type", "DNS_PUBLIC, DNS_PRIVATE or HTTP."),
            Property(
                "hosted_zone_id", "Properties/DnsProperties/HostedZoneId", "Where its records are."
            ),
            created("CreateDate"),
        ),
    ),
    NodeType(
        snapshot_type="cloudmap:service",
        label="CloudMapService",
        resource_type="AWS::ServiceDiscovery::Service",
        category="network",
        description="A service whose addresses are registered under a name.",
        arn="arn:{partition}:servicediscovery:{region}:{account}:service/{id}",
        name="Name",
        resource_id="Id",
        properties=(
            Property("namespace_id", "DnsConfig/NamespaceId", "Where its name is."),
            Property(
                "instance_count", "@list_instances/*", "How many are registered.", count, absent=0
            ),
            many(
                "ip_addresses",
                "@list_instances/*/Attributes/AWS_INSTANCE_IPV4",
                "Registered addresses.",
            ),
            created("CreateDate"),
        ),
    ),
)
