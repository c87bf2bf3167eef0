"""A prefix delegated to an interface: every address in it is the interface's."""

from __future__ import annotations

from typing import Any

import pytest

from graph.network.prefixes import Family
from graph.verdict import Verdict
from network.aws_shapes import ENI, VPC, Lab, allow, exposed
from network.test_internet_to_instance import Build, failing, judge, over, v6

__all__ = ["judge"]


def delegated(**prefixes: Any) -> Lab:
    """An instance without IPv6 addresses in a subnet that has them."""
    lab = v6(exposed([allow("tcp/22", "::/0")]))
    lab.item("eni-web")["Ipv6Addresses"] = []
    lab.item("eni-web").update(prefixes)
    return lab


def test_an_ipv6_prefix_is_an_address(judge: Build) -> None:
    assert failing(over(judge(delegated()), Family.IPV6)) == ["address"]
    lab = delegated(Ipv6Prefixes=[{"Ipv6Prefix": "2600:1f18:0:0:1::/80"}])
    assert over(judge(lab), Family.IPV6).verdict is Verdict.YES
    lab.item("eni-web")["Ipv6Prefixes"] = [{"Ipv6Prefix": "fd00:0:0:0:1::/80"}]
    assert failing(over(judge(lab), Family.IPV6)) == ["address"]
    lab.item("eni-web")["Ipv6Prefixes"] = [{"Ipv6Prefix": 7}]
    assert over(judge(lab), Family.IPV6).verdict is Verdict.UNKNOWN


def test_the_single_ipv6_address_counts_too(judge: Build) -> None:
    lab = delegated(Ipv6Address="2600:1f18::5")
    assert over(judge(lab), Family.IPV6).verdict is Verdict.YES


@pytest.mark.parametrize(
    ("address", "held"),
    [
        ("10.0.0.31", True),
        ("10.0.0.32", False),
        ("2600:1f18:0:0:1::77", True),
        ("2600:1f18::", False),
    ],
)
def test_every_address_of_a_prefix_is_the_interfaces(
    tmp_path: Any, address: str, held: bool
) -> None:
    lab = delegated(
        Ipv4Prefixes=[{"Ipv4Prefix": "10.0.0.16/28"}],
        Ipv6Prefixes=[{"Ipv6Prefix": "2600:1f18:0:0:1::/80"}],
    )
    found = lab.build(tmp_path).interfaces_at(VPC, address)
    assert [one.id for one in found] == ([ENI] if held else [])


def test_ipv4_prefixes_are_private(judge: Build) -> None:
    lab = exposed()
    item = lab.item("eni-web")
    del item["Association"], item["PrivateIpAddresses"][0]["Association"]
    item["Ipv4Prefixes"] = [{"Ipv4Prefix": "10.0.0.16/28"}]
    lab.instance("i-web", ("eni-web",))
    assert failing(over(judge(lab))) == ["address"]
