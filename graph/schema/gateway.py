"""VPC: gateways, interfaces, addresses, peerings and endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.schema.convert import present, texts, truth
from graph.schema.declare import Edge, Link, NodeType, Property, Reference, Setting
from graph.schema.links import at, each, named, shared_with, text_or_none
from graph.schema.path import look
from graph.schema.vpc import has_security_group, in_subnet, in_vpc


def _attached(line: Item, attachment: Mapping[str, Any]) -> Iterator[Edge]:
    if attachment.get("VpcId"):
        state = text_or_none(attachment.get("State"))
        yield Edge(named(attachment["VpcId"], "VPC"), props={"state": state})


_ATTACHED = Link(
    "ATTACHED_TO",
    ("VPC",),
    "The gateway is attached to the VPC.",
    each("Attachments/*", _attached),
    properties=(("state", "State of the attachment."),),
)


def _side(line: Item, member: str) -> Reference | None:
    found = look(member, line).values
    if not found or not isinstance(found[0], Mapping) or not found[0].get("VpcId"):
        return None
    side = found[0]
    return Reference(
        short=str(side["VpcId"]),
        label="VPC",
        region=str(side.get("Region") or ""),
        account=str(side.get("OwnerId") or ""),
    )


def _sides(line: Item) -> Iterator[Edge]:
    for member in ("RequesterVpcInfo", "AccepterVpcInfo"):
        if (end := _side(line, member)) is not None:
            role = "requester" if member.startswith("R") else "accepter"
            yield Edge(end, props={"side": role})


def _peered(line: Item) -> Iterator[Edge]:
    start, end = _side(line, "RequesterVpcInfo"), _side(line, "AccepterVpcInfo")
    if start and end and look("Status/Code", line).values[:1] == ("active",):
        pcx = str(next(iter(look("VpcPeeringConnectionId", line).values), line.id))
        yield Edge(end, start=start, discriminator=pcx, props={"peering": pcx})


def _of_instance(line: Item) -> Iterator[Edge]:
    for instance in look("Attachment/InstanceId", line).values:
        owner = look("Attachment/InstanceOwnerId", line).values
        start = named(instance, "EC2Instance", account=str(owner[0]) if owner else "")
        yield Edge(start=start, end=Reference(id=line.id, label="NetworkInterface"))


def _service(line: Item) -> Reference | None:
    found = look("ServiceId", line).values
    return named(found[0], "VPCEndpointService") if found else None


def _address(line: Item) -> Reference:
    return Reference(id=line.id, label="ElasticIP")


DECLARATIONS = (
    NodeType(
        snapshot_type="ec2:internet-gateway",
        label="InternetGateway",
        resource_type="AWS::EC2::InternetGateway",
        category="network",
        description="An internet gateway.",
        arn="arn:{partition}:ec2:{region}:{account}:internet-gateway/{id}",
        id_prefix="igw-",
        resource_id="InternetGatewayId",
        owner="OwnerId",
        links=(_ATTACHED,),
    ),
    NodeType(
        snapshot_type="ec2:egress-only-igw",
        label="EgressOnlyInternetGateway",
        resource_type="AWS::EC2::EgressOnlyInternetGateway",
        category="network",
        description="An egress-only internet gateway: IPv6 outwards, never inwards.",
        arn="arn:{partition}:ec2:{region}:{account}:egress-only-internet-gateway/{id}",
        id_prefix="eigw-",
        resource_id="EgressOnlyInternetGatewayId",
        links=(_ATTACHED,),
    ),
    NodeType(
        snapshot_type="ec2:nat-gateway",
        label="NATGateway",
        resource_type="AWS::EC2::NatGateway",
        category="network",
        description="A NAT gateway: outwards only.",
        arn="arn:{partition}:ec2:{region}:{account}:natgateway/{id}",
        id_prefix="nat-",
        resource_id="NatGatewayId",
        properties=(
            Property("state", "State", "E.g. available."),
            Property("connectivity_type", "ConnectivityType", "public or private."),
            Property(
                "public_ips", "NatGatewayAddresses/*/PublicIp", "Its addresses.", texts, absent=[]
            ),
        ),
        links=(
            in_vpc(),
            in_subnet(),
            Link(
                "HAS_INTERFACE",
                ("NetworkInterface",),
                "The interface is the gateway's.",
                at("NatGatewayAddresses/*/NetworkInterfaceId", "NetworkInterface"),
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:network-interface",
        label="NetworkInterface",
        resource_type="AWS::EC2::NetworkInterface",
        category="network",
        description="An elastic network interface.",
        arn="arn:{partition}:ec2:{region}:{account}:network-interface/{id}",
        id_prefix="eni-",
        resource_id="NetworkInterfaceId",
        owner="OwnerId",
        tags="TagSet|Tags",
        properties=(
            Property("interface_type", "InterfaceType", "E.g. interface, nat_gateway, lambda."),
            Property("status", "Status", "in-use or available."),
            Property("interface_description", "Description", "Often names the owning service."),
            Property("requester_id", "RequesterId", "Who made it."),
            Property("requester_managed", "RequesterManaged", "Whether AWS manages it.", truth),
            Property(
                "private_ips",
                "PrivateIpAddresses/*/PrivateIpAddress|PrivateIpAddress",
                "Private IPv4 addresses.",
                texts,
                absent=[],
            ),
            Property(
                "public_ips",
                "PrivateIpAddresses/*/Association/PublicIp|Association/PublicIp",
                "Public IPv4 addresses.",
                texts,
                absent=[],
            ),
            Property(
                "ipv6_addresses",
                "Ipv6Addresses/*/Ipv6Address",
                "IPv6 addresses.",
                texts,
                absent=[],
            ),
            Property(
                "source_dest_check",
                "SourceDestCheck",
                "False where it forwards others' traffic.",
                truth,
            ),
        ),
        links=(
            in_vpc(),
            in_subnet(),
            has_security_group("Groups/*/GroupId"),
            Link(
                "HAS_INTERFACE",
                ("NetworkInterface",),
                "The instance uses the interface.",
                _of_instance,
                start="EC2Instance",
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:address",
        label="ElasticIP",
        resource_type="AWS::EC2::EIP",
        category="network",
        description="An elastic IP address.",
        arn="arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}",
        id_prefix="eipalloc-",
        resource_id="AllocationId|PublicIp",
        properties=(
            Property("public_ip", "PublicIp", "The address."),
            Property("private_ip", "PrivateIpAddress", "The private address it stands for."),
            Property(
                "associated",
                "AssociationId",
                "Whether it is in use.",
                present,
                absent=False,
            ),
        ),
        links=(
            Link(
                "ATTACHED_TO",
                ("NetworkInterface",),
                "The address is the interface's.",
                at("NetworkInterfaceId", "NetworkInterface"),
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:vpc-peering",
        label="VPCPeeringConnection",
        resource_type="AWS::EC2::VPCPeeringConnection",
        category="network",
        description="A peering connection between two VPCs.",
        arn="arn:{partition}:ec2:{region}:{account}:vpc-peering-connection/{id}",
        id_prefix="pcx-",
        resource_id="VpcPeeringConnectionId",
        owner="RequesterVpcInfo/OwnerId",
        properties=(
            Property("status", "Status/Code", "Only active connections carry traffic."),
            Property("requester_account_id", "RequesterVpcInfo/OwnerId", "The requesting account."),
            Property("accepter_account_id", "AccepterVpcInfo/OwnerId", "The accepting account."),
        ),
        links=(
            Link(
                "ATTACHED_TO",
                ("VPC",),
                "The VPC is one end of the connection.",
                _sides,
                properties=(("side", "requester or accepter."),),
            ),
            Link(
                "PEERED_WITH",
                ("VPC",),
                "An active peering connects the VPCs (requester to accepter).",
                _peered,
                start="VPC",
                properties=(("peering", "Short id of the peering connection."),),
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:vpc-endpoint",
        label="VPCEndpoint",
        resource_type="AWS::EC2::VPCEndpoint",
        category="network",
        description="A VPC endpoint: a private way to a service.",
        arn="arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}",
        id_prefix="vpce-",
        resource_id="VpcEndpointId",
        owner="OwnerId",
        properties=(
            Property("endpoint_type", "VpcEndpointType", "Gateway, Interface, ..."),
            Property("service_name", "ServiceName", "The service behind it."),
            Property("state", "State", "E.g. available."),
            Property(
                "private_dns_enabled", "PrivateDnsEnabled", "Whether names lead to it.", truth
            ),
        ),
        links=(
            in_vpc(),
            in_subnet("SubnetIds/*"),
            has_security_group("Groups/*/GroupId"),
            Link(
                "HAS_INTERFACE",
                ("NetworkInterface",),
                "The interface is the endpoint's.",
                at("NetworkInterfaceIds/*", "NetworkInterface"),
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:vpc-endpoint-service",
        label="VPCEndpointService",
        resource_type="AWS::EC2::VPCEndpointService",
        category="network",
        description="A service that others reach through PrivateLink.",
        arn="arn:{partition}:ec2:{region}:{account}:vpc-endpoint-service/{id}",
        id_prefix="vpce-svc-",
        name="ServiceName",
        resource_id="ServiceId",
        properties=(
            Property("service_state", "ServiceState", "E.g. Available."),
            Property(
                "acceptance_required",
                "AcceptanceRequired",
                "Whether the owner approves each connection.",
                truth,
            ),
            Property(
                "allowed_principals",
                "@describe_vpc_endpoint_service_permissions/*/Principal",
                "Who may connect; * is every account.",
                texts,
                absent=[],
            ),
        ),
        links=(
            Link(
                "FORWARDS_TO",
                ("LoadBalancer",),
                "The service leads to the load balancer.",
                at("NetworkLoadBalancerArns/*", "LoadBalancer"),
            ),
            Link(
                "SHARED_WITH",
                ("AWSAccount", "ExternalAccount", "IAMRole", "IAMUser"),
                "The receiver may connect to the service.",
                shared_with("@describe_vpc_endpoint_service_permissions/*/Principal"),
            ),
        ),
    ),
    Setting(
        snapshot_type="ec2:vpc-endpoint-connection",
        label="VPCEndpointService",
        describes=_service,
        description="An endpoint that is connected to the service, or wants to be.",
        properties=(
            Property("connected_endpoint_ids", "VpcEndpointId", "Endpoints, in any state.", texts),
            Property("connected_account_ids", "VpcEndpointOwner", "Their owners.", texts),
        ),
    ),
    Setting(
        snapshot_type="ec2:address-attribute",
        label="ElasticIP",
        describes=_address,
        description="The host name that the address leads back to.",
        properties=(Property("ptr_record", "PtrRecord", "Its reverse DNS name."),),
    ),
)
