"""Step N1, kind by kind: which addresses and which interfaces the internet can send to."""

from __future__ import annotations

from typing import Any

import pytest

from graph.network.prefixes import Family
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn, exposed
from network.test_internet_to_instance import Build, failing, judge, over, v6

__all__ = ["judge"]


def held(association: dict[str, str] | None) -> Lab:
    """An interface with one private address, and what is associated with that."""
    lab = exposed()
    item = lab.item("eni-web")
    item.pop("Association")
    item["PrivateIpAddresses"][0].pop("Association")
    if association is not None:
        item["Association"] = item["PrivateIpAddresses"][0]["Association"] = association
    lab.instance("i-web", ("eni-web",))
    return lab


@pytest.mark.parametrize(
    ("association", "verdict"),
    [
        ({"PublicIp": "198.51.100.7", "IpOwnerId": "amazon"}, Verdict.YES),
        ({"CarrierIp": "155.146.10.7", "IpOwnerId": "amazon"}, Verdict.NO),
        ({"CustomerOwnedIp": "198.51.100.7", "IpOwnerId": "amazon"}, Verdict.NO),
        (None, Verdict.NO),
    ],
)
def test_a_carriers_or_customers_address_is_not_the_internets(
    judge: Build, association: dict[str, str] | None, verdict: Verdict
) -> None:
    reach = over(judge(held(association)))
    assert reach.verdict is verdict
    assert failing(reach) == ([] if verdict is Verdict.YES else ["address"])


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("interface", Verdict.YES),
        ("efa", Verdict.YES),
        ("nat_gateway", Verdict.NO),
        ("transit_gateway", Verdict.NO),
        ("gateway_load_balancer", Verdict.NO),
        ("gateway_load_balancer_endpoint", Verdict.NO),
        ("lambda", Verdict.NO),
    ],
)
def test_kinds_of_interfaces_that_take_nothing_in(
    judge: Build, kind: str, verdict: Verdict
) -> None:
    lab = exposed()
    lab.item("eni-web")["InterfaceType"] = kind
    reach = over(judge(lab))
    assert reach.verdict is verdict
    assert failing(reach) == ([] if verdict is Verdict.YES else ["address"])


def test_an_endpoints_interface_is_known_by_its_endpoint_too(judge: Build) -> None:
    lab = exposed()
    endpoint: dict[str, Any] = {
        "VpcEndpointId": "vpce-1",
        "VpcId": "vpc-1",
        "VpcEndpointType": "Interface",
        "NetworkInterfaceIds": ["eni-other"],
    }
    lab.add("ec2:vpc-endpoint", "vpce-1", arn("vpc-endpoint", "vpce-1"), endpoint)
    lab = v6(lab)
    lab.item("sg-web")["IpPermissions"].append(allow("tcp/22", "::/0"))
    assert over(judge(lab), Family.IPV6).verdict is Verdict.YES
    lab.item("vpce-1")["NetworkInterfaceIds"] = ["eni-web"]
    assert failing(over(judge(lab), Family.IPV6)) == ["address"]


def test_an_endpoint_is_public_by_an_elastic_ip_alone(judge: Build) -> None:
    lab = held({"PublicIp": "198.51.100.7"})
    lab.item("eni-web")["InterfaceType"] = "vpc_endpoint"
    assert over(judge(lab)).verdict is Verdict.YES
    twin = held(None)
    twin.item("eni-web")["InterfaceType"] = "vpc_endpoint"
    assert failing(over(judge(twin))) == ["address"]


def test_an_interface_without_ipv6_in_a_subnet_that_has_it_is_not_reached(judge: Build) -> None:
    lab = v6(exposed([allow("tcp/22", "::/0")]))
    assert over(judge(lab), Family.IPV6).verdict is Verdict.YES
    lab.item("eni-web")["Ipv6Addresses"] = []
    assert failing(over(judge(lab), Family.IPV6)) == ["address"]


def test_only_a_stopped_instances_address_comes_back(judge: Build) -> None:
    lab = held(None)
    lab.item("subnet-a")["MapPublicIpOnLaunch"] = True
    lab.instance("i-web", ("eni-web",), "stopped")
    assert over(judge(lab)).verdict is Verdict.DORMANT
    lab.instance("i-web", ("eni-web",), "running")
    assert failing(over(judge(lab))) == ["address"]


def test_an_endpoints_ipv6_addresses_take_nothing_in(judge: Build) -> None:
    lab = v6(exposed([allow("tcp/22", "::/0")]))
    assert over(judge(lab), Family.IPV6).verdict is Verdict.YES
    lab.item("eni-web")["InterfaceType"] = "vpc_endpoint"
    assert failing(over(judge(lab), Family.IPV6)) == ["address"]
