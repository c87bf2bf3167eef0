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
from snapshot_files import ACCOUNT, REGION

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
OF_NETWORK = f"not_collected:vpc-lattice.list_service_networks(sn-1)@{PLACE}"


def apart() -> JoinedLab:
    """Two VPCs that nothing joins; ``i-b`` stands in the second."""
    lab = JoinedLab()
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


@pytest.mark.parametrize("junk", [None, 7, "x", [1], {"items": 3}])
def test_what_is_no_list_of_associations_is_none(tmp_path: Path, junk: Any) -> None:
    lab = apart()
    calls = {"list_service_network_vpc_associations": junk}
    lab.add("vpc-lattice:service-network", "sn-1", NETWORK, {"arn": NETWORK}, **calls)
    assert through(lab, tmp_path) == []
