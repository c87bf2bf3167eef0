"""Services of Cloud Map behind links of API Gateway, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from front_doors.test_apigatewayv2 import API, DOOR, api
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION, Denied

SERVICE = f"arn:aws:servicediscovery:{REGION}:{ACCOUNT}:service/srv-1"
Json = dict[str, Any]


def at(address: str = "10.0.0.10", port: str | None = "8080") -> Json:
    told = {"AWS_INSTANCE_IPV4": address} | ({"AWS_INSTANCE_PORT": port} if port else {})
    return {"Id": "one", "Attributes": told}


def registered(*instances: Json, listed: Any = None, admits: str = "10.0.0.0/24") -> Lab:
    """A link in the subnet of a machine that is registered with a service."""
    lab = exposed([allow("tcp/8080", admits)])
    lab.group("sg-link", [])
    lab.add(
        "apigatewayv2:vpc-link",
        "link1",
        f"arn:aws:apigateway:{REGION}::/vpclinks/link1",
        {"VpcLinkId": "link1", "SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-link"]},
    )
    lab.add(
        "cloudmap:service",
        "srv-1",
        SERVICE,
        {"Id": "srv-1", "Arn": SERVICE, "Name": "web"},
        list_instances=list(instances) if listed is None else listed,
    )
    integration = {
        "IntegrationId": "i1",
        "ConnectionType": "VPC_LINK",
        "ConnectionId": "link1",
        "IntegrationUri": SERVICE,
    }
    return api(integrations=[integration], lab=lab)


def to_machine(lab: Lab, folder: Path) -> Reach:
    return one(lab, folder, INSTANCE, DOOR)


def address_of(lab: Lab) -> str:
    return str(lab.item("eni-web")["PrivateIpAddresses"][0]["PrivateIpAddress"])


def test_what_is_registered_stands_behind(tmp_path: Path) -> None:
    lab = registered(at())
    assert address_of(lab) == "10.0.0.10"
    reach = to_machine(lab, tmp_path)
    assert (reach.verdict, reach.via, reach.ports) == (Verdict.YES, (API,), ("tcp/8080",))


@pytest.mark.parametrize(
    ("admits", "verdict"),
    [
        ("10.0.0.0/16", Verdict.YES),
        ("10.0.0.0/28", Verdict.CONDITIONAL),
        ("10.9.0.0/16", Verdict.NO),
    ],
)
def test_its_groups_must_admit_the_link(tmp_path: Path, admits: str, verdict: Verdict) -> None:
    reach = to_machine(registered(at(), admits=admits), tmp_path)
    assert reach.verdict is verdict
    assert bool(reach.answer.conditions) is (verdict is Verdict.CONDITIONAL)


@pytest.mark.parametrize(("out", "verdict"), [("tcp/8080", "yes"), ("tcp/80", "no")])
def test_the_links_groups_must_let_it_out(tmp_path: Path, out: str, verdict: str) -> None:
    lab = registered(at())
    lab.item("sg-link")["IpPermissionsEgress"] = [allow(out, "10.0.0.0/16")]
    assert to_machine(lab, tmp_path).verdict == verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("AVAILABLE", Verdict.YES), ("INACTIVE", Verdict.DORMANT), ("FAILED", Verdict.NO)],
)
def test_the_link_must_be_available(tmp_path: Path, status: str, verdict: Verdict) -> None:
    lab = registered(at())
    lab.item("link1")["VpcLinkStatus"] = status
    assert to_machine(lab, tmp_path).verdict is verdict


def test_a_service_without_instances_leads_nowhere(tmp_path: Path) -> None:
    reach = one(registered(listed=[]), tmp_path, SERVICE, DOOR)
    assert failing(reach) == ["integration"]


@pytest.mark.parametrize(
    "lab",
    [
        registered(listed=Denied),
        registered(listed="x"),
        registered(at(port=None)),
        registered(at(port="http")),
        registered(at(address="")),
        registered({"Id": "two"}),
    ],
)
def test_what_is_not_told_is_unknown(tmp_path: Path, lab: Lab) -> None:
    assert one(lab, tmp_path, SERVICE, DOOR).verdict is Verdict.UNKNOWN


def test_a_service_or_link_that_was_not_collected_is_unknown(tmp_path: Path) -> None:
    for gone in ("srv-1", "link1"):
        lab = registered(at())
        lab.remove(gone)
        assert one(lab, tmp_path / gone, SERVICE, DOOR).verdict is Verdict.UNKNOWN


def test_an_address_that_nothing_is_known_to_have_is_unknown(tmp_path: Path) -> None:
    found = judged(registered(at("10.0.0.99")), tmp_path)
    (reach,) = [r for r in found if r.target.endswith(":10.0.0.99")]
    assert (reach.verdict, reach.via) == (Verdict.UNKNOWN, (API,))


def test_each_instance_is_judged(tmp_path: Path) -> None:
    found = judged(registered(at(), at("10.0.0.99"), at(port=None)), tmp_path)
    assert {r.verdict for r in found if r.via == (API,)} == {Verdict.YES, Verdict.UNKNOWN}


def test_very_many_are_not_followed_each(tmp_path: Path) -> None:
    many = [at(port=str(1024 + number)) for number in range(201)]
    found = judged(registered(*many), tmp_path)
    assert [r.verdict for r in found if r.target == SERVICE] == [Verdict.UNKNOWN]
