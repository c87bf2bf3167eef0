"""Two VPCs and what joins them, as AWS's JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.network.between.facts_from_snapshot import CALLS
from graph.network.between.pair import interface_to_interface
from graph.network.reach import Reach
from graph.network.world import NetworkWorld
from network.aws_shapes import Json, Lab, allow, arn, open_acl
from snapshot_files import ACCOUNT, REGION

OTHER = "444455556666"
A, B = arn("network-interface", "eni-a"), arn("network-interface", "eni-b")

Judge = Callable[..., Reach]


class JoinedLab(Lab):
    """A lab whose ledger also knows the calls about what joins networks."""

    def ledger(self) -> Iterator[Json]:
        yield from super().ledger()
        for account in sorted({key[0] for key in self.lines}):
            for operation in CALLS:
                denied = (account, f"ec2.{operation}") in self.denied
                if operation == "describe_nat_gateways":
                    continue
                yield {
                    "account_id": account,
                    "region": REGION,
                    "service": "ec2",
                    "operation": operation,
                    "type": "ec2",
                    "status": "denied" if denied else "ok",
                }


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judge what ``eni-a`` reaches of ``eni-b``: the result of one family."""
    count = iter(range(1000))

    def run(lab: Lab, source: str = A, target: str = B, family: str = "ipv4") -> Reach:
        world = lab.build(tmp_path / str(next(count)))
        found = between(world, source, target)
        return next(one for one in found if one.family == family)

    return run


def between(world: NetworkWorld, source: str = A, target: str = B) -> list[Reach]:
    return interface_to_interface(world, world.interfaces[source], world.interfaces[target])


def failing(reach: Reach) -> list[str]:
    return [step.name for step in reach.answer.steps if step.result == "fail"]


def route(cidr: str, target: str, state: str = "active", **more: Any) -> Json:
    """A route of a VPC: the target's prefix says what it is."""
    member = {
        "pcx": "VpcPeeringConnectionId",
        "tgw": "TransitGatewayId",
        "eni": "NetworkInterfaceId",
        "nat": "NatGatewayId",
    }.get(target.partition("-")[0], "GatewayId")
    key = "DestinationIpv6CidrBlock" if ":" in cidr else "DestinationCidrBlock"
    return {key: cidr, member: target, "State": state, **more}


def local(cidr: str) -> Json:
    return route(cidr, "local")


def side(lab: Lab, letter: str, number: int, routes: list[Json], account: str = ACCOUNT) -> None:
    """VPC ``vpc-<letter>`` 10.<number>.0.0/16 with a subnet, a table, an ACL, a group, an ENI."""
    cidr = f"10.{number}.0.0/16"
    lab.vpc(f"vpc-{letter}", cidr, account)
    lab.subnet(f"subnet-{letter}", f"vpc-{letter}", f"10.{number}.1.0/24", account=account)
    table = [local(cidr), *routes]
    lab.table(f"rtb-{letter}", f"vpc-{letter}", table, main=True, account=account)
    lab.acl(f"acl-{letter}", f"vpc-{letter}", open_acl(), (f"subnet-{letter}",), account)
    lab.group(f"sg-{letter}", [allow("tcp/22", "10.0.0.0/8")], f"vpc-{letter}", account)
    lab.eni(
        f"eni-{letter}",
        f"subnet-{letter}",
        (f"sg-{letter}",),
        private=f"10.{number}.1.10",
        vpc=f"vpc-{letter}",
        account=account,
    )


def peered(code: str = "active", account: str = ACCOUNT) -> JoinedLab:
    lab = JoinedLab()
    side(lab, "a", 1, [route("10.2.0.0/16", "pcx-1")])
    side(lab, "b", 2, [route("10.1.0.0/16", "pcx-1")], account)
    peering(lab, "pcx-1", "vpc-a", "vpc-b", code)
    return lab


def peering(lab: Lab, name: str, requester: str, accepter: str, code: str = "active") -> None:
    item = {
        "VpcPeeringConnectionId": name,
        "RequesterVpcInfo": {"VpcId": requester},
        "AccepterVpcInfo": {"VpcId": accepter},
        "Status": {"Code": code},
    }
    lab.add("ec2:vpc-peering", name, arn("vpc-peering-connection", name), item)


def transit(owner: str = ACCOUNT) -> JoinedLab:
    """Two VPCs on one transit gateway; both attachments use one table that knows both."""
    lab = JoinedLab()
    side(lab, "a", 1, [route("10.0.0.0/8", "tgw-1")])
    side(lab, "b", 2, [route("10.0.0.0/8", "tgw-1")])
    gateway(lab, "tgw-1", owner)
    for letter in "ab":
        attachment(lab, f"tgw-attach-{letter}", "tgw-1", f"vpc-{letter}", (f"subnet-{letter}",))
    transit_table(
        lab,
        "tgw-rtb-1",
        "tgw-1",
        [
            transit_route("10.1.0.0/16", "tgw-attach-a", kind="propagated"),
            transit_route("10.2.0.0/16", "tgw-attach-b", kind="propagated"),
        ],
        ("tgw-attach-a", "tgw-attach-b"),
        owner,
    )
    return lab


def gateway(lab: Lab, name: str, owner: str = ACCOUNT, references: str = "disable") -> None:
    item = {
        "TransitGatewayId": name,
        "OwnerId": owner,
        "Options": {"SecurityGroupReferencingSupport": references},
    }
    lab.add("ec2:transit-gateway", name, arn("transit-gateway", name, owner), item, ACCOUNT)


def attachment(
    lab: Lab, name: str, gateway: str, vpc: str, subnets: tuple[str, ...], state: str = "available"
) -> None:
    item = {
        "TransitGatewayAttachmentId": name,
        "TransitGatewayId": gateway,
        "VpcId": vpc,
        "State": state,
        "SubnetIds": list(subnets),
        "Options": {"SecurityGroupReferencingSupport": "enable"},
    }
    node = arn("transit-gateway-attachment", name)
    lab.add("ec2:transit-gateway-vpc-attachment", name, node, item)


def transit_route(
    cidr: str, *attachments: str, state: str = "active", kind: str = "static"
) -> Json:
    return {
        "DestinationCidrBlock": cidr,
        "State": state,
        "Type": kind,
        "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": a} for a in attachments],
    }


def transit_table(
    lab: Lab,
    name: str,
    gateway: str,
    routes: Any,
    attachments: Any,
    account: str = ACCOUNT,
) -> None:
    associations = attachments
    if isinstance(attachments, tuple):
        associations = [
            {"TransitGatewayAttachmentId": a, "State": "associated"} for a in attachments
        ]
    lab.add(
        "ec2:transit-gateway-route-table",
        name,
        arn("transit-gateway-route-table", name, account),
        {"TransitGatewayRouteTableId": name, "TransitGatewayId": gateway},
        account,
        search_transit_gateway_routes=routes,
        get_transit_gateway_route_table_associations=associations,
    )
