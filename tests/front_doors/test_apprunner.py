"""App Runner services, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Denied

SERVICE = f"arn:aws:apprunner:{REGION}:{ACCOUNT}:service/web/0123456789abcdef0123456789abcdef"


def service(public: Any = True, status: str = "RUNNING", address: str = "IPV4", **more: Any) -> Lab:
    lab = Lab()
    network = {"IngressConfiguration": {"IsPubliclyAccessible": public}, "IpAddressType": address}
    told = {"Service": {"ServiceArn": SERVICE, "NetworkConfiguration": network}}
    item = {"ServiceArn": SERVICE, "ServiceName": "web", "Status": status}
    lab.add("apprunner:service", "web", SERVICE, item, **{"describe_service": told, **more})
    return lab


def test_a_public_service_is_reached_over_https(tmp_path: Path) -> None:
    reach = one(service(), tmp_path, SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.YES
    assert reach.ports == ("tcp/443",)
    assert reach.answer.conditions == ()


def test_a_private_service_is_not(tmp_path: Path) -> None:
    reach = one(service(public=False), tmp_path, SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.NO
    assert failing(reach) == ["ingress"]


def test_a_paused_service_is_dormant(tmp_path: Path) -> None:
    reach = one(service(status="PAUSED"), tmp_path, SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.DORMANT


def test_a_private_service_is_no_even_if_it_is_paused(tmp_path: Path) -> None:
    lab = service(public=False, status="PAUSED")
    assert one(lab, tmp_path, SERVICE, "apprunner/ipv4").verdict is Verdict.NO


@pytest.mark.parametrize(
    ("address", "families"), [("IPV4", {"ipv4"}), ("DUAL_STACK", {"ipv4", "ipv6"})]
)
def test_a_dual_stack_service_is_reached_over_both(
    tmp_path: Path, address: str, families: set[str]
) -> None:
    found = judged(service(address=address), tmp_path)
    assert {str(reach.family) for reach in found} == families


def test_what_was_not_read_is_unknown(tmp_path: Path) -> None:
    reach = one(service(describe_service=Denied), tmp_path, SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert any("describe_service" in term for term in reach.answer.conditions)


def described(network: Any) -> Lab:
    return service(describe_service={"Service": {"ServiceArn": SERVICE, **network}})


def test_public_is_the_default(tmp_path: Path) -> None:
    for number, network in enumerate(({}, {"NetworkConfiguration": {}})):
        reach = one(described(network), tmp_path / str(number), SERVICE, "apprunner/ipv4")
        assert reach.verdict is Verdict.YES
    odd = {"NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": "maybe"}}}
    reach = one(described(odd), tmp_path / "odd", SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.UNKNOWN


def test_a_private_service_names_its_ingress_connections(tmp_path: Path) -> None:
    lab = service(public=False)
    connection = f"arn:aws:apprunner:{REGION}:{ACCOUNT}:vpcingressconnection/in/1/x"
    lab.add("apprunner:vpc-ingress-connection", "in", connection, {"ServiceArn": SERVICE})
    reach = one(lab, tmp_path, SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.NO
    assert connection in reach.answer.why


def test_its_host_name_is_told(tmp_path: Path) -> None:
    lab = service()
    lab.item("web")["ServiceUrl"] = "abc.awsapprunner.com"
    reach = one(lab, tmp_path, SERVICE, "apprunner/ipv4")
    assert any("abc.awsapprunner.com" in text for text in reach.answer.evidence)


ACL = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/shield/w1"
LISTED = "list_resources_for_web_acl(ResourceType=APP_RUNNER_SERVICE)"


class _Listed(Lab):
    """A region whose web ACLs were listed."""

    def ledger(self) -> Any:
        rows = list(super().ledger())
        yield from rows
        yield {**rows[0], "service": "wafv2", "operation": "list_web_acls", "status": "ok"}


@pytest.mark.parametrize(
    ("world", "value", "guard"),
    [
        (_Listed, [SERVICE], f"waf {ACL}"),
        (_Listed, [], ""),
        (_Listed, Denied, "waf (not_collected:wafv2.list_resources_for_web_acl"),
        (Lab, None, "waf (not_collected:wafv2.list_web_acls"),
    ],
)
def test_a_web_acl_is_a_guard(tmp_path: Path, world: type[Lab], value: Any, guard: str) -> None:
    lab = world(lines=service().lines)
    if value is not None:
        lab.add("wafv2:web-acl", "acl", ACL, {"ARN": ACL}, **{LISTED: value})
    reach = one(lab, tmp_path, SERVICE, "apprunner/ipv4")
    assert reach.verdict is Verdict.YES
    assert [text.startswith(guard) for text in reach.answer.guards] == ([True] if guard else [])
