"""A small network as AWS's JSON, written as a snapshot: what the engine's tests change."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.network.from_snapshot import network_world
from graph.network.world import NetworkWorld
from snapshot_files import ACCOUNT, REGION, line, write_snapshot

Json = dict[str, Any]

OPERATIONS = (
    "ec2.describe_vpcs",
    "ec2.describe_subnets",
    "ec2.describe_route_tables",
    "ec2.describe_internet_gateways",
    "ec2.describe_nat_gateways",
    "ec2.describe_network_acls",
    "ec2.describe_security_groups",
    "ec2.describe_network_interfaces",
    "ec2.describe_addresses",
    "ec2.describe_instances",
    "ec2.describe_vpc_endpoints",
    "ec2.describe_vpc_peering_connections",
    "ec2.describe_managed_prefix_lists",
    "ec2.describe_vpc_block_public_access_options",
    "ec2.describe_vpc_block_public_access_exclusions",
    "elb.describe_load_balancers",
    "elbv2.describe_load_balancers",
    "elbv2.describe_target_groups",
    "rds.describe_db_instances",
)


def arn(kind: str, name: str, account: str = ACCOUNT, service: str = "ec2") -> str:
    return f"arn:aws:{service}:{REGION}:{account}:{kind}/{name}"


INSTANCE = arn("instance", "i-web")
ENI = arn("network-interface", "eni-web")
VPC = arn("vpc", "vpc-1")


def allow(ports: str = "tcp/22", cidr: str = "0.0.0.0/0") -> Json:
    """A permission: ``tcp/22``, ``tcp/1-5``, ``-1``, ``icmp``, ``50``."""
    protocol, _, span = ports.partition("/")
    found: Json = {"IpProtocol": protocol, "IpRanges": [], "Ipv6Ranges": []}
    if span:
        first, _, last = span.partition("-")
        found |= {"FromPort": int(first), "ToPort": int(last or first)}
    elif protocol in ("icmp", "icmpv6"):
        found |= {"FromPort": -1, "ToPort": -1}
    if ":" in cidr:
        found["Ipv6Ranges"] = [{"CidrIpv6": cidr}]
    else:
        found["IpRanges"] = [{"CidrIp": cidr}]
    return found


def entry(
    number: int,
    action: str = "allow",
    *,
    egress: bool = False,
    protocol: str = "-1",
    ports: tuple[int, int] | None = None,
    cidr: str = "0.0.0.0/0",
) -> Json:
    found: Json = {
        "RuleNumber": number,
        "RuleAction": action,
        "Egress": egress,
        "Protocol": protocol,
        ("Ipv6CidrBlock" if ":" in cidr else "CidrBlock"): cidr,
    }
    if ports:
        found["PortRange"] = {"From": ports[0], "To": ports[1]}
    return found


def open_acl() -> list[Json]:
    return [
        entry(100 + number, egress=egress, cidr=cidr)
        for egress in (False, True)
        for number, cidr in enumerate(("0.0.0.0/0", "::/0"))
    ]


@dataclass
class Lab:
    """Lines by type, keyed by short id; tests change ``item(...)`` and build."""

    lines: dict[tuple[str, str, str], dict[str, Json]] = field(default_factory=dict)
    denied: set[tuple[str, str]] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    def add(
        self, type_id: str, name: str, node: str, item: Json, account: str = ACCOUNT, **calls: Any
    ) -> None:
        key = (account, REGION, type_id)
        self.lines.setdefault(key, {})[name] = line(node, item, **calls)

    def item(self, name: str) -> Json:
        for found in self.lines.values():
            if name in found:
                item: Json = found[name]["item"]
                return item
        raise KeyError(name)

    def remove(self, name: str) -> None:
        for found in self.lines.values():
            found.pop(name, None)

    def deny(self, operation: str, account: str = ACCOUNT) -> None:
        """The call is refused: nothing of it is in the snapshot, and the ledger says so."""
        self.denied.add((account, operation))

    def ledger(self) -> Iterator[Json]:
        for account in sorted({key[0] for key in self.lines}):
            for name in (*OPERATIONS, *sorted(self.answered)):
                service, operation = name.split(".")
                status = "denied" if (account, name) in self.denied else "ok"
                yield {
                    "account_id": account,
                    "region": REGION,
                    "service": service,
                    "operation": operation,
                    "type": service,
                    "status": status,
                }

    def build(self, folder: Path) -> NetworkWorld:
        rows = {key: list(found.values()) for key, found in self.lines.items()}
        return network_world(write_snapshot(folder, rows, list(self.ledger())))

    def twin(self) -> Lab:
        return copy.deepcopy(self)

    # What a world is made of.

    def vpc(self, name: str = "vpc-1", cidr: str = "10.0.0.0/16", account: str = ACCOUNT) -> None:
        self.add(
            "ec2:vpc",
            name,
            arn("vpc", name, account),
            {"VpcId": name, "CidrBlock": cidr, "OwnerId": account},
            account,
        )

    def subnet(
        self,
        name: str,
        vpc: str,
        cidr: str,
        zone: str = "a",
        account: str = ACCOUNT,
        seen_by: str = "",
        **more: Any,
    ) -> None:
        item = {
            "SubnetId": name,
            "VpcId": vpc,
            "CidrBlock": cidr,
            "AvailabilityZone": f"{REGION}{zone}",
            "OwnerId": account,
            **more,
        }
        self.add("ec2:subnet", name, arn("subnet", name, account), item, seen_by or account)

    def table(
        self,
        name: str,
        vpc: str,
        routes: list[Json],
        *,
        main: bool = False,
        subnets: tuple[str, ...] = (),
        gateways: tuple[str, ...] = (),
        account: str = ACCOUNT,
    ) -> None:
        associations = [{"Main": False, "SubnetId": s} for s in subnets]
        associations += [{"Main": False, "GatewayId": g} for g in gateways]
        if main:
            associations.append({"Main": True})
        for one in associations:
            one["AssociationState"] = {"State": "associated"}
        item = {
            "RouteTableId": name,
            "VpcId": vpc,
            "OwnerId": account,
            "Associations": associations,
            "Routes": routes,
        }
        self.add("ec2:route-table", name, arn("route-table", name, account), item, account)

    def acl(
        self,
        name: str,
        vpc: str,
        entries: list[Json],
        subnets: tuple[str, ...],
        account: str = ACCOUNT,
    ) -> None:
        item = {
            "NetworkAclId": name,
            "VpcId": vpc,
            "IsDefault": False,
            "OwnerId": account,
            "Entries": entries,
            "Associations": [{"SubnetId": s} for s in subnets],
        }
        self.add("ec2:network-acl", name, arn("network-acl", name, account), item, account)

    def group(
        self, name: str, permissions: list[Json], vpc: str = "vpc-1", account: str = ACCOUNT
    ) -> None:
        item = {
            "GroupId": name,
            "VpcId": vpc,
            "OwnerId": account,
            "IpPermissions": permissions,
            "IpPermissionsEgress": [allow("-1")],
        }
        self.add("ec2:security-group", name, arn("security-group", name, account), item, account)

    def eni(
        self,
        name: str,
        subnet: str,
        groups: tuple[str, ...],
        *,
        private: str = "10.0.0.10",
        public: str = "",
        ipv6: tuple[str, ...] = (),
        instance: str = "",
        vpc: str = "vpc-1",
        account: str = ACCOUNT,
        **more: Any,
    ) -> None:
        item: Json = {
            "NetworkInterfaceId": name,
            "VpcId": vpc,
            "SubnetId": subnet,
            "OwnerId": account,
            "Status": "in-use",
            "InterfaceType": "interface",
            "PrivateIpAddress": private,
            "PrivateIpAddresses": [{"PrivateIpAddress": private, "Primary": True}],
            "Groups": [{"GroupId": g} for g in groups],
            "Ipv6Addresses": [{"Ipv6Address": a} for a in ipv6],
            **more,
        }
        if public:
            item["Association"] = {"PublicIp": public}
            item["PrivateIpAddresses"][0]["Association"] = {"PublicIp": public}
        if instance:
            item["Attachment"] = {"InstanceId": instance, "Status": "attached"}
        self.add(
            "ec2:network-interface", name, arn("network-interface", name, account), item, account
        )

    def instance(
        self, name: str, enis: tuple[str, ...], state: str = "running", account: str = ACCOUNT
    ) -> None:
        interfaces = [
            {"NetworkInterfaceId": e, "Attachment": {"DeviceIndex": i}} | self._as_seen(e)
            for i, e in enumerate(enis)
        ]
        item = {"InstanceId": name, "State": {"Name": state}, "NetworkInterfaces": interfaces}
        self.add("ec2:instance", name, arn("instance", name, account), item, account)

    def _as_seen(self, eni: str) -> Json:
        item = self.item(eni)
        return {
            key: copy.deepcopy(item[key])
            for key in (
                "VpcId",
                "SubnetId",
                "Groups",
                "PrivateIpAddress",
                "PrivateIpAddresses",
                "Ipv6Addresses",
                "Association",
            )
            if key in item
        }

    def prefix_list(
        self, name: str, cidrs: Any, *, title: str = "office", owner: str = ACCOUNT
    ) -> None:
        entries = [{"Cidr": c} for c in cidrs] if isinstance(cidrs, list) else cidrs
        self.add(
            "ec2:prefix-list",
            name,
            arn("prefix-list", name),
            {"PrefixListId": name, "PrefixListName": title, "OwnerId": owner},
            get_managed_prefix_list_entries=entries,
        )

    def block_public_access(self, mode: str, exclusions: list[Json] | type = list) -> None:
        self.add(
            "ec2:vpc-bpa",
            "bpa",
            f"{ACCOUNT}/{REGION}",
            {},
            describe_vpc_block_public_access_options={
                "VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": mode}
            },
            describe_vpc_block_public_access_exclusions=[] if exclusions is list else exclusions,
        )


IGW_V4 = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
IGW_V6 = {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", "State": "active"}
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}


def exposed(permissions: list[Json] | None = None) -> Lab:
    """An instance in a public subnet, open on tcp/22 to anyone over IPv4."""
    lab = Lab()
    lab.vpc()
    lab.subnet("subnet-a", "vpc-1", "10.0.0.0/24")
    lab.table("rtb-main", "vpc-1", [dict(LOCAL), dict(IGW_V4), dict(IGW_V6)], main=True)
    gateway = {
        "InternetGatewayId": "igw-1",
        "Attachments": [{"VpcId": "vpc-1", "State": "available"}],
    }
    lab.add(
        "ec2:internet-gateway",
        "igw-1",
        arn("internet-gateway", "igw-1"),
        gateway | {"OwnerId": ACCOUNT},
    )
    lab.acl("acl-1", "vpc-1", open_acl(), ("subnet-a",))
    lab.group("sg-web", [allow()] if permissions is None else permissions)
    lab.eni("eni-web", "subnet-a", ("sg-web",), public="198.51.100.7", instance="i-web")
    lab.instance("i-web", ("eni-web",))
    return lab


Change = Callable[[Lab], None]
