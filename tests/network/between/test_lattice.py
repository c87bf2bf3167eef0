"""Ways that VPC Lattice may offer: at least named, each beside its twin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.network.between.ends import end_of
from graph.network.between.private_link import end_through_links
from graph.network.reach import Reach
from network.aws_shapes import Lab, arn
from network.between.lab import A, JoinedLab, side
from snapshot_files import ACCOUNT, REGION, Denied, line

ENDPOINT = arn("vpc-endpoint", "vpce-r")
RESOURCE = arn("resourceconfiguration", "rcfg-1", service="vpc-lattice")
GATEWAY = arn("resourcegateway", "rgw-1", service="vpc-lattice")
NETWORK = arn("servicenetwork", "sn-1", service="vpc-lattice")
SERVICE = arn("service", "svc-1", service="vpc-lattice")
GROUP = arn("targetgroup", "tg-1", service="vpc-lattice")
MACHINE = arn("instance", "i-b")
PLACE = f"{ACCOUNT}/{REGION}"
OF_RESOURCE = f"not_collected:vpc-lattice.get_resource_configuration(rcfg-1)@{PLACE}"
OF_SERVICE = f"not_collected:vpc-lattice.get_listener(svc-1)@{PLACE}"
LISTINGS = (
    "vpc-lattice.list_service_networks",
    "vpc-lattice.list_target_groups",
    "vpc-lattice.list_resource_configurations",
    "vpc-lattice.list_resource_gateways",
)
OF_NETWORK = f"not_collected:vpc-lattice.list_service_networks(sn-1)@{PLACE}"


def apart() -> JoinedLab:
    """Two VPCs that nothing joins; ``i-b`` stands in the second, and nothing is of Lattice."""
    lab = JoinedLab()
    lab.answered.update(LISTINGS)
    side(lab, "a", 1, [])
    side(lab, "b", 2, [])
    lab.item("eni-b")["Attachment"] = {"InstanceId": "i-b"}
    lab.instance("i-b", ("eni-b",))
    return lab


def endpoint(lab: Lab, state: str = "available", **more: Any) -> Lab:
    item = {"VpcEndpointId": "vpce-r", "VpcId": "vpc-a", "State": state} | more
    lab.add("ec2:vpc-endpoint", "vpce-r", ENDPOINT, item)
    return lab


def resource(lab: Lab, vpc: str = "vpc-b") -> Lab:
    told = {"arn": RESOURCE, "id": "rcfg-1", "resourceGatewayId": "rgw-1"}
    lab.add("vpc-lattice:resource-configuration", "rcfg-1", RESOURCE, told)
    told = {"arn": GATEWAY, "id": "rgw-1", "vpcIdentifier": vpc}
    lab.add("vpc-lattice:resource-gateway", "rgw-1", GATEWAY, told)
    return lab


def network(
    lab: Lab, vpc: str = "vpc-a", status: str = "ACTIVE", resources: tuple[str, ...] = ()
) -> Lab:
    lab.add(
        "vpc-lattice:service-network",
        "sn-1",
        NETWORK,
        {"arn": NETWORK},
        list_service_network_vpc_associations=[
            {"arn": f"{NETWORK}-{vpc}", "vpcId": vpc, "status": status}
        ],
        list_service_network_service_associations=[{"serviceArn": SERVICE, "status": "ACTIVE"}],
        list_service_network_resource_associations=[
            {"resourceConfigurationArn": one, "status": "ACTIVE"} for one in resources
        ],
    )
    return lab


def served(lab: Lab, target: str = "i-b") -> Lab:
    told = {"arn": GROUP, "serviceArns": [SERVICE]}
    lab.add("vpc-lattice:target-group", "tg-1", GROUP, told, list_targets=[{"id": target}])
    return lab


def through(lab: Lab, folder: Path, only: str = MACHINE) -> list[Reach]:
    world = lab.build(folder)
    source, goal = end_of(world, A), end_of(world, only)
    assert source is not None
    assert goal is not None
    return end_through_links(world, source, goal)


def by_resource(lab: Lab) -> Lab:
    return endpoint(lab, VpcEndpointType="Resource", ResourceConfigurationArn=RESOURCE)


def by_network(lab: Lab) -> Lab:
    return endpoint(lab, VpcEndpointType="ServiceNetwork", ServiceNetworkArn=NETWORK)


CASES: list[tuple[Callable[[Lab], Lab], str]] = [
    (lambda lab: lab, ""),
    (lambda lab: resource(by_resource(lab)), OF_RESOURCE),
    (lambda lab: resource(by_resource(lab), "vpc-c"), ""),
    (by_resource, OF_RESOURCE),
    (lambda lab: resource(endpoint(lab, "deleted", ResourceConfigurationArn=RESOURCE)), ""),
    (by_network, OF_NETWORK),
    (lambda lab: served(network(by_network(lab), "vpc-c")), OF_SERVICE),
    (lambda lab: served(network(lab)), OF_SERVICE),
    (lambda lab: served(network(lab), "10.2.1.10"), OF_SERVICE),
    (lambda lab: served(network(lab), "i-other"), ""),
    (lambda lab: served(network(lab, "vpc-c")), ""),
    (lambda lab: served(network(lab, status="DELETE_IN_PROGRESS")), ""),
    (network, ""),
    (lambda lab: resource(network(lab, resources=(RESOURCE,))), OF_RESOURCE),
    (lambda lab: resource(network(lab, resources=(RESOURCE,)), "vpc-c"), ""),
]


@pytest.mark.parametrize(("change", "term"), CASES)
def test_a_way_of_lattice_is_unknown_where_it_may_lead_there(
    tmp_path: Path, change: Callable[[Lab], Lab], term: str
) -> None:
    found = through(change(apart()), tmp_path)
    assert [(str(one.verdict), one.answer.conditions) for one in found] == (
        [("unknown", (term,))] if term else []
    )


def refused(call: str) -> str:
    service = "" if call.startswith("ec2.") else "vpc-lattice."
    return f"not_collected:{service}{call}@{PLACE}"


def denied(operation: str, lab: Lab) -> Lab:
    lab.deny(operation)
    return lab


def untold(name: str, call: str, lab: Lab) -> Lab:
    """A call about one line is refused."""
    for found in lab.lines.values():
        if name in found:
            found[name]["calls"][call] = line("", None, call=Denied)["calls"]["call"]
    return lab


def unasked(lab: Lab) -> Lab:
    """Collected at a depth that has no VPC Lattice."""
    lab.answered.difference_update(LISTINGS)
    return lab


def routed(lab: Lab, table: str = "rtb-a") -> Lab:
    """AWS adds such a route when the VPC is associated with a service network."""
    route = {"DestinationPrefixListId": "pl-l", "GatewayId": "VpcLattice", "State": "active"}
    lab.item(table)["Routes"].append(route)
    return lab


NETWORKS, GROUPS = "vpc-lattice.list_service_networks", "vpc-lattice.list_target_groups"
ENDPOINTS = "ec2.describe_vpc_endpoints"
OF_VPCS = "list_service_network_vpc_associations"
OF_SERVICES = "list_service_network_service_associations"

REFUSED: list[tuple[Callable[[Lab], Lab], str]] = [
    # Targets of a group behind a network that the sender's VPC is associated with.
    (lambda lab: untold("tg-1", "list_targets", served(network(lab))), "list_targets(tg-1)"),
    (lambda lab: untold("tg-1", "list_targets", served(network(lab, "vpc-c"))), ""),
    (lambda lab: denied(GROUPS, network(lab)), "list_target_groups"),
    (lambda lab: denied(GROUPS, network(lab, "vpc-c")), ""),
    # Associations of a network that leads to the target.
    (
        lambda lab: untold("sn-1", OF_VPCS, served(network(lab, "vpc-c"))),
        f"{OF_VPCS}(sn-1)",
    ),
    (lambda lab: untold("sn-1", OF_VPCS, served(network(lab, "vpc-c"), "i-other")), ""),
    (lambda lab: untold("sn-1", OF_SERVICES, served(network(lab))), f"{OF_SERVICES}(sn-1)"),
    (lambda lab: untold("sn-1", OF_SERVICES, served(network(lab), "i-other")), ""),
    # Networks and endpoints that were not listed lead to what is offered, if that was.
    (lambda lab: denied(NETWORKS, served(lab)), "list_service_networks"),
    (lambda lab: denied(NETWORKS, served(lab, "i-other")), ""),
    (lambda lab: denied(NETWORKS, denied(GROUPS, lab)), "list_service_networks"),
    (lambda lab: denied(NETWORKS, lab), ""),
    (lambda lab: denied(ENDPOINTS, resource(lab)), ENDPOINTS),
    (lambda lab: denied(ENDPOINTS, resource(lab, "vpc-c")), ""),
    (lambda lab: denied(ENDPOINTS, unasked(lab)), ""),
    # Never asked: only what the sender's VPC shows.
    (unasked, ""),
    (lambda lab: routed(unasked(lab)), "list_service_networks"),
    (lambda lab: routed(unasked(lab), "rtb-b"), ""),
    (routed, ""),
]


@pytest.mark.parametrize(("change", "call"), REFUSED)
def test_a_refused_call_is_named_where_it_may_hide_a_way(
    tmp_path: Path, change: Callable[[Lab], Lab], call: str
) -> None:
    found = through(change(apart()), tmp_path)
    told = {(str(one.verdict), *one.answer.conditions) for one in found}
    assert told == ({("unknown", refused(call))} if call else set())


@pytest.mark.parametrize("junk", [None, 7, "x", [1], {"items": 3}])
def test_what_is_no_list_of_associations_is_none(tmp_path: Path, junk: Any) -> None:
    lab = apart()
    calls = {"list_service_network_vpc_associations": junk}
    lab.add("vpc-lattice:service-network", "sn-1", NETWORK, {"arn": NETWORK}, **calls)
    assert through(lab, tmp_path) == []
