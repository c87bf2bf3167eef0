"""Public addresses that a stop gives back are told, with twins."""

from __future__ import annotations

from pathlib import Path

from graph.network.internet import internet_to_interface
from graph.verdict import Verdict
from network.aws_shapes import ENI, Lab, arn, exposed

LENT = "No Elastic IP: a stop gives back 198.51.100.7."


def told(lab: Lab, folder: Path) -> str:
    world = lab.build(folder)
    (found,) = internet_to_interface(world, world.interfaces[ENI])
    assert found.verdict is Verdict.YES
    return next(step.text for step in found.answer.steps if step.name == "address")


def test_an_address_that_is_no_elastic_ip_vanishes_on_stop(tmp_path: Path) -> None:
    lab = exposed()
    assert told(lab, tmp_path / "lent").endswith(LENT)
    item = {"PublicIp": "198.51.100.7", "NetworkInterfaceId": "eni-web"}
    item |= {"PrivateIpAddress": "10.0.0.10"}
    lab.add("ec2:address", "eip", arn("elastic-ip", "eipalloc-1"), item)
    assert LENT not in told(lab, tmp_path / "elastic")


def test_nothing_is_said_where_elastic_ips_were_not_listed(tmp_path: Path) -> None:
    lab = exposed()
    lab.deny("ec2.describe_addresses")
    assert LENT not in told(lab, tmp_path)
