"""Facts written as a snapshot: the AWS JSON from which reading would make them."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from network_items import (
    Json,
    Line,
    acl_line,
    database_line,
    instance_line,
    interface_line,
    load_balancer_line,
    route_table_line,
    security_group_line,
    short,
    subnet_line,
    target_group_line,
    vpc_line,
)
from network_plan import HUB

from collector.snapshot import Snapshot
from graph.network.facts import Facts

_OPERATIONS = (
    "wafv2.list_web_acls",
    "ec2.describe_vpcs",
    "ec2.describe_subnets",
    "ec2.describe_route_tables",
    "ec2.describe_internet_gateways",
    "ec2.describe_nat_gateways",
    "ec2.describe_egress_only_internet_gateways",
    "ec2.describe_network_acls",
    "ec2.describe_security_groups",
    "ec2.describe_network_interfaces",
    "ec2.describe_addresses",
    "ec2.describe_instances",
    "ec2.describe_vpc_endpoints",
    "ec2.describe_vpc_endpoint_connections",
    "ec2.describe_vpc_endpoint_service_configurations",
    "ec2.describe_vpc_peering_connections",
    "ec2.describe_managed_prefix_lists",
    "ec2.describe_vpc_block_public_access_options",
    "ec2.describe_vpc_block_public_access_exclusions",
    "ec2.describe_transit_gateways",
    "ec2.describe_transit_gateway_attachments",
    "ec2.describe_transit_gateway_vpc_attachments",
    "ec2.describe_transit_gateway_peering_attachments",
    "ec2.describe_transit_gateway_route_tables",
    "ec2.describe_vpn_gateways",
    "ec2.describe_vpn_connections",
    "elb.describe_load_balancers",
    "elbv2.describe_load_balancers",
    "elbv2.describe_target_groups",
    "rds.describe_db_instances",
)


def write_snapshot(facts: Facts, folder: Path) -> Snapshot:
    """Write the facts of a synthetic organisation and open the snapshot."""
    lines: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for type_id, line in _lines(facts):
        _, _, _, region, account, *_ = line[0].split(":")
        lines[account, region, type_id].append(line)
    for one in facts.block_public_access:
        options = {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": one.mode}}
        calls = {
            "describe_vpc_block_public_access_options": options,
            "describe_vpc_block_public_access_exclusions": [],
        }
        place = f"{one.account_id}/{one.region}"
        lines[one.account_id, one.region, "ec2:vpc-bpa"].append((place, {}, calls))
    files = {}
    for (account, region, type_id), found in sorted(lines.items()):
        service, name = type_id.split(":")
        file = f"accounts/{account}/{region}/{service}/{name}.jsonl"
        files[file] = _write(folder / file, map(_as_line, sorted(found, key=lambda one: one[0])))
    places = sorted({key[:2] for key in lines})
    _write(folder / "coverage.jsonl", _ledger(places))
    manifest = {
        "format": 1,
        "id": "benchmark",
        "tool_version": "0",
        "started": "2026-11-22T00:00:00Z",
        "finished": "2026-11-22T00:00:01Z",
        "accounts": [{"id": a, "name": a} for a in sorted({account for account, _ in places})],
        "regions": sorted({region for _, region in places}),
        "scope": {},
        "callers": {},
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Snapshot.open(folder)


def _write(path: Path, rows: Iterable[Json]) -> str:
    text = "".join(json.dumps(row, sort_keys=True) + "\n" for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def _as_line(line: Line) -> Json:
    calls = {name: {"status": "ok", "value": value} for name, value in line[2].items()}
    return {"id": line[0], "item": line[1], "calls": calls}


def _ledger(places: Iterable[tuple[str, str]]) -> Iterator[Json]:
    for account, region in places:
        for name in _OPERATIONS:
            service, operation = name.split(".")
            yield {
                "account_id": account,
                "region": region,
                "service": service,
                "operation": operation,
                "type": service,
                "status": "ok",
            }


def _lines(facts: Facts) -> Iterator[tuple[str, Line]]:
    yield from (("ec2:vpc", vpc_line(one)) for one in facts.vpcs)
    yield from (("ec2:subnet", subnet_line(one)) for one in facts.subnets)
    yield from (("ec2:route-table", route_table_line(one)) for one in facts.route_tables)
    yield from (("ec2:network-acl", acl_line(one)) for one in facts.acls)
    yield from (("ec2:security-group", security_group_line(one)) for one in facts.security_groups)
    yield from (("ec2:network-interface", interface_line(one)) for one in facts.interfaces)
    known = {one.id: one for one in facts.interfaces}
    yield from (("ec2:instance", instance_line(one, known)) for one in facts.instances)
    yield from (("elbv2:load-balancer", load_balancer_line(one)) for one in facts.load_balancers)
    yield from (("elbv2:target-group", target_group_line(one)) for one in facts.target_groups)
    yield from (("rds:db-instance", database_line(one)) for one in facts.databases)
    yield from _gateways(facts)
    yield from _transit(facts)


def _gateways(facts: Facts) -> Iterator[tuple[str, Line]]:
    for one in facts.internet_gateways:
        attached = [{"VpcId": short(vpc), "State": "available"} for vpc in one.vpcs]
        item: Json = {"InternetGatewayId": short(one.id), "Attachments": attached}
        yield "ec2:internet-gateway", (one.id, item, {})
    for nat in facts.nat_gateways:
        addresses = [{"NetworkInterfaceId": short(eni)} for eni in nat.interfaces]
        item = {"NatGatewayId": short(nat.id), "NatGatewayAddresses": addresses}
        yield "ec2:nat-gateway", (nat.id, item, {})
    for door in facts.endpoints:
        item = {
            "VpcEndpointId": short(door.id),
            "VpcEndpointType": door.kind,
            "VpcId": short(door.vpc),
            "SubnetIds": [short(subnet) for subnet in door.subnets],
            "NetworkInterfaceIds": [short(eni) for eni in door.interfaces],
        }
        if door.kind == "Interface":
            item |= {"ServiceName": "com.amazonaws.ssm", "State": "available"}
        yield "ec2:vpc-endpoint", (door.id, item, {})
    for peering in facts.peerings:
        item = {
            "VpcPeeringConnectionId": short(peering.id),
            "RequesterVpcInfo": {"VpcId": short(peering.requester)},
            "AccepterVpcInfo": {"VpcId": short(peering.accepter)},
            "Status": {"Code": "active" if peering.active else "deleted"},
        }
        yield "ec2:vpc-peering", (peering.id, item, {})
    for listed in facts.prefix_lists:
        entries = [{"Cidr": cidr} for cidr in listed.cidrs or ()]
        item = {
            "PrefixListId": short(listed.id),
            "PrefixListName": listed.name,
            "OwnerId": listed.owner,
        }
        yield "ec2:prefix-list", (listed.id, item, {"get_managed_prefix_list_entries": entries})


def _transit(facts: Facts) -> Iterator[tuple[str, Line]]:
    owners = {vpc.id: (vpc.region, vpc.account_id) for vpc in facts.vpcs}
    for gateway in facts.joints.gateways:
        item: Json = {"TransitGatewayId": gateway.id, "OwnerId": gateway.account_id}
        place = f"arn:aws:ec2:{gateway.region}:{gateway.account_id}"
        yield "ec2:transit-gateway", (f"{place}:transit-gateway/{gateway.id}", item, {})
    for one in facts.joints.attachments:
        region, account = owners[one.resource]
        item = {
            "TransitGatewayAttachmentId": one.id,
            "TransitGatewayId": one.gateway,
            "VpcId": short(one.resource),
            "State": "available",
            "SubnetIds": [short(subnet) for subnet in one.subnets or ()],
        }
        arn = f"arn:aws:ec2:{region}:{account}:transit-gateway-attachment/{one.id}"
        yield "ec2:transit-gateway-vpc-attachment", (arn, item, {})
    for table in facts.joints.tables:
        routes = [
            {
                "DestinationCidrBlock": route.cidr,
                "Type": "propagated" if route.propagated else "static",
                "State": "blackhole" if route.blackhole else "active",
                "TransitGatewayAttachments": [
                    {"TransitGatewayAttachmentId": name} for name in route.attachments
                ],
            }
            for route in table.routes or ()
        ]
        calls = {
            "search_transit_gateway_routes": routes,
            "get_transit_gateway_route_table_associations": [
                {"TransitGatewayAttachmentId": name, "State": "associated"}
                for name in table.associations or ()
            ],
        }
        item = {
            "TransitGatewayRouteTableId": table.id,
            "TransitGatewayId": table.gateway,
            "State": "available",
        }
        region = table.id.removeprefix("tgw-rtb-")
        arn = f"arn:aws:ec2:{region}:{HUB}:transit-gateway-route-table/{table.id}"
        yield "ec2:transit-gateway-route-table", (arn, item, calls)


__all__ = ["write_snapshot"]
