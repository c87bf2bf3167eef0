"""OpenSearch domains, each case with its twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Denied

DOMAIN = f"arn:aws:es:{REGION}:{ACCOUNT}:domain/logs"
OWN_ROLE = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}
OFFICE = "8.8.8.0/24"


def allow(principal: Any = "*", effect: str = "Allow", **condition: Any) -> dict[str, Any]:
    found = {
        "Effect": effect,
        "Principal": principal,
        "Action": "es:*",
        "Resource": f"{DOMAIN}/*",
    }
    return found | ({"Condition": condition} if condition else {})


def from_office() -> dict[str, Any]:
    return {"IpAddress": {"aws:SourceIp": OFFICE}}


def domain(*statements: Any, without: tuple[str, ...] = (), **more: Any) -> Lab:
    lab = Lab()
    told = {
        "DomainName": "logs",
        "Created": True,
        "Endpoint": "search-logs.example.com",
        "AccessPolicies": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        if statements
        else "",
        "AdvancedSecurityOptions": {"Enabled": False},
        "DomainEndpointOptions": {"EnforceHTTPS": True},
        "DomainProcessingStatus": "Active",
    } | more
    told = {key: value for key, value in told.items() if key not in without}
    lab.add("opensearch:domain", "logs", DOMAIN, {"DomainName": "logs"}, describe_domains=told)
    return lab


def reach(lab: Lab, folder: Path, source: str = "internet") -> Reach:
    return one(lab, folder, DOMAIN, "opensearch/ipv4", source)


def test_an_open_policy_is_open_to_the_internet(tmp_path: Path) -> None:
    found = reach(domain(allow()), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.YES, ("tcp/443",))
    assert found.answer.conditions == ()


def test_a_domain_in_a_vpc_is_never_public(tmp_path: Path) -> None:
    found = reach(domain(allow(), VPCOptions={"VPCId": "vpc-1"}), tmp_path)
    assert found.verdict is Verdict.NO
    assert failing(found) == ["public endpoint"]


def test_plain_http_answers_where_https_is_not_enforced(tmp_path: Path) -> None:
    lab = domain(allow(), DomainEndpointOptions={"EnforceHTTPS": False})
    assert reach(lab, tmp_path).ports == ("tcp/80", "tcp/443")


@pytest.mark.parametrize(
    ("options", "conditions"),
    [
        ({"Enabled": True}, ("authn:fine-grained-access-control",)),
        ({"Enabled": True, "AnonymousAuthEnabled": True}, ()),
        ({"Enabled": False}, ()),
    ],
    ids=["on", "migration", "off"],
)
def test_fine_grained_access_control_asks_for_a_user(
    tmp_path: Path, options: dict[str, bool], conditions: tuple[str, ...]
) -> None:
    found = reach(domain(allow(), AdvancedSecurityOptions=options), tmp_path)
    assert found.answer.conditions == conditions
    assert found.verdict is (Verdict.CONDITIONAL if conditions else Verdict.YES)


def test_fine_grained_access_control_that_was_not_told_is_a_named_gap(tmp_path: Path) -> None:
    found = reach(domain(allow(), without=("AdvancedSecurityOptions",)), tmp_path)
    assert found.verdict is Verdict.CONDITIONAL
    assert "not_collected:opensearch.describe_domains" in found.answer.conditions[0]


@pytest.mark.parametrize("statements", [(), (allow(OWN_ROLE),)], ids=["no policy", "own role"])
def test_own_identities_get_through_with_a_signature(
    tmp_path: Path, statements: tuple[Any, ...]
) -> None:
    found = reach(domain(*statements), tmp_path)
    assert (found.verdict, found.answer.conditions) == (Verdict.CONDITIONAL, ("authn:sigv4",))


def test_a_policy_for_a_range_admits_the_range_alone_without_a_signature(tmp_path: Path) -> None:
    lab = domain(allow(**from_office()))
    assert reach(lab, tmp_path / "office", f"cidr:{OFFICE}").verdict is Verdict.YES
    assert reach(lab, tmp_path / "rest").answer.conditions == ("authn:sigv4",)


def test_ranges_that_are_everybody_together_are_the_internet(tmp_path: Path) -> None:
    halves = {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}
    assert reach(domain(allow(**halves)), tmp_path / "both").verdict is Verdict.YES
    half = {"IpAddress": {"aws:SourceIp": ["128.0.0.0/1"]}}
    assert reach(domain(allow(**half)), tmp_path / "one").verdict is Verdict.CONDITIONAL


def test_a_policy_for_any_account_admits_any_aws_principal(tmp_path: Path) -> None:
    anywhere = {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}
    found = reach(domain(allow(**anywhere)), tmp_path / "any", "any-aws-principal")
    assert found.verdict is Verdict.YES
    named = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/x"}}
    sources = {one.source for one in judged(domain(allow(**named)), tmp_path / "named")}
    assert sources == {"internet"}


def test_a_range_and_a_deny_of_all_others_leave_the_internet_out(tmp_path: Path) -> None:
    outside = {"NotIpAddress": {"aws:SourceIp": OFFICE}}
    found = judged(domain(allow(), allow(effect="Deny", **outside)), tmp_path)
    assert {(one.source, one.verdict) for one in found} == {(f"cidr:{OFFICE}", Verdict.YES)}


def test_a_deny_of_all_that_comes_from_no_vpc_is_no(tmp_path: Path) -> None:
    no_vpc = {"Null": {"aws:SourceVpc": "true"}}
    denied = domain(allow(OWN_ROLE), allow(effect="Deny", **no_vpc))
    assert reach(denied, tmp_path / "denied").verdict is Verdict.NO
    assert reach(domain(allow(OWN_ROLE)), tmp_path / "twin").verdict is Verdict.CONDITIONAL


def test_a_policy_for_a_vpc_is_nothing_to_the_internet_but_own_signatures(tmp_path: Path) -> None:
    found = judged(domain(allow(StringEquals={"aws:SourceVpc": "vpc-1"})), tmp_path)
    assert [(one.source, one.answer.conditions) for one in found] == [
        ("internet", ("authn:sigv4",))
    ]


def test_a_statement_about_the_domain_itself_opens_nothing_below_it(tmp_path: Path) -> None:
    found = reach(domain(allow() | {"Resource": DOMAIN}), tmp_path)
    assert found.answer.conditions == ("authn:sigv4",)


def test_what_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = Lab()
    lab.add("opensearch:domain", "logs", DOMAIN, {"DomainName": "logs"}, describe_domains=Denied)
    assert reach(lab, tmp_path / "denied").verdict is Verdict.UNKNOWN
    broken = domain(AccessPolicies="{")
    assert reach(broken, tmp_path / "broken").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("told", [{"Created": False}, {"DomainProcessingStatus": "Isolated"}])
def test_a_domain_that_is_not_in_service_is_dormant(tmp_path: Path, told: dict[str, Any]) -> None:
    assert reach(domain(allow(), **told), tmp_path).verdict is Verdict.DORMANT


def test_a_dual_stack_domain_is_reached_over_both_families(tmp_path: Path) -> None:
    found = judged(domain(allow(), IPAddressType="dualstack"), tmp_path)
    assert {str(one.family) for one in found} == {"ipv4", "ipv6"}
