"""CloudFront distributions themselves, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.distributions import (
    DIST,
    SIGNED,
    V4,
    Json,
    behaviour,
    distribution,
)
from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from snapshot_files import ACCOUNT, Denied


def test_an_enabled_distribution_is_reached(tmp_path: Path) -> None:
    reach = one(distribution(), tmp_path, DIST, V4)
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/443",))
    assert any("d111.cloudfront.net, www.example.com" in text for text in reach.answer.evidence)


def test_a_disabled_one_is_dormant(tmp_path: Path) -> None:
    assert one(distribution(Enabled=False), tmp_path, DIST, V4).verdict is Verdict.DORMANT


def test_one_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = distribution(Enabled=None, calls={"get_distribution_config": Denied})
    reach = one(lab, tmp_path, DIST, V4)
    assert reach.verdict is Verdict.UNKNOWN
    assert any("get_distribution_config" in term for term in reach.answer.conditions)


def test_what_the_list_left_out_stands_in_the_configuration(tmp_path: Path) -> None:
    config = {"DistributionConfig": {"ViewerMtlsConfig": {"Mode": "required"}}}
    reach = one(distribution(calls={"get_distribution_config": config}), tmp_path, DIST, V4)
    assert reach.answer.conditions == ("authn:mtls",)


@pytest.mark.parametrize(
    ("default", "images", "terms"),
    [
        ({}, {}, ()),
        (SIGNED, {}, ()),
        ({}, SIGNED, ()),
        (SIGNED, SIGNED, ("authn:signed-url",)),
        (SIGNED, {"TrustedSigners": {"Enabled": True}}, ("authn:signed-url",)),
    ],
)
def test_signed_urls_count_where_every_behaviour_asks(
    tmp_path: Path, default: Json, images: Json, terms: tuple[str, ...]
) -> None:
    more = {"Quantity": 1, "Items": [behaviour(PathPattern="images/*", **images)]}
    lab = distribution(DefaultCacheBehavior=behaviour(**default), CacheBehaviors=more)
    assert one(lab, tmp_path, DIST, V4).answer.conditions == terms


@pytest.mark.parametrize(("path", "terms"), [("*", ("authn:signed-url",)), ("a/*", ())])
def test_a_behaviour_for_everything_shadows_the_default(
    tmp_path: Path, path: str, terms: tuple[str, ...]
) -> None:
    first = {"Quantity": 1, "Items": [behaviour(PathPattern=path, **SIGNED)]}
    assert one(distribution(CacheBehaviors=first), tmp_path, DIST, V4).answer.conditions == terms


@pytest.mark.parametrize(
    ("more", "guards"),
    [
        ({}, ()),
        ({"WebACLId": "arn:acl"}, ("waf arn:acl",)),
        (
            {"Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Items": ["DE"]}}},
            ("geo whitelist DE",),
        ),
        (
            {
                "DefaultCacheBehavior": behaviour(
                    FunctionAssociations={
                        "Items": [{"EventType": "viewer-request", "FunctionARN": "arn:f"}]
                    }
                )
            },
            ("viewer-request function arn:f",),
        ),
        (
            {
                "DefaultCacheBehavior": behaviour(
                    LambdaFunctionAssociations={
                        "Items": [{"EventType": "origin-request", "LambdaFunctionARN": "arn:l"}]
                    }
                )
            },
            (),
        ),
    ],
)
def test_guards_leave_it_open(tmp_path: Path, more: Json, guards: tuple[str, ...]) -> None:
    reach = one(distribution(**more), tmp_path, DIST, V4)
    assert (reach.verdict, reach.answer.guards) == (Verdict.YES, guards)


def test_a_web_acl_that_was_not_read_is_a_guard_too(tmp_path: Path) -> None:
    reach = one(distribution(WebACLId=None), tmp_path, DIST, V4)
    assert reach.verdict is Verdict.YES
    assert "not_collected" in reach.answer.guards[0]


@pytest.mark.parametrize(
    ("more", "opened"),
    [
        ({}, ("tcp/443",)),
        (
            {"DefaultCacheBehavior": behaviour(ViewerProtocolPolicy="allow-all")},
            ("tcp/80", "tcp/443"),
        ),
        ({"HttpVersion": "http2and3"}, ("tcp/443", "udp/443")),
    ],
)
def test_ports(tmp_path: Path, more: Json, opened: tuple[str, ...]) -> None:
    assert one(distribution(**more), tmp_path, DIST, V4).ports == opened


@pytest.mark.parametrize(("enabled", "families"), [(True, {"ipv4", "ipv6"}), (False, {"ipv4"})])
def test_ipv6_where_it_is_on(tmp_path: Path, enabled: bool, families: set[str]) -> None:
    found = judged(distribution(IsIPV6Enabled=enabled), tmp_path)
    assert {str(reach.family) for reach in found if reach.target == DIST} == families


@pytest.mark.parametrize("more", [{"ConnectionMode": "tenant-only"}, {"Staging": True}])
def test_tenants_and_staging_are_not_known(tmp_path: Path, more: Json) -> None:
    assert one(distribution(**more), tmp_path, DIST, V4).verdict is Verdict.UNKNOWN


ACL = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/edge/1"
ALLOWED = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/ipset/office/2"
BY_ADDRESS: Json = {"IPSetReferenceStatement": {"ARN": ALLOWED}}


def by_header(name: str, how: str = "EXACTLY") -> Json:
    field = {"SingleHeader": {"Name": name}}
    return {"ByteMatchStatement": {"FieldToMatch": field, "PositionalConstraint": how}}


def rule(statement: Json, action: str = "Allow") -> Json:
    return {"Name": "r", "Priority": 1, "Statement": statement, "Action": {action: {}}}


@pytest.mark.parametrize(
    ("default", "rules", "terms"),
    [
        ("Block", [rule(BY_ADDRESS)], (f"source:{ALLOWED}",)),
        ("Block", [rule(by_header("x-edge"))], ("secret:http-header/x-edge",)),
        ("Allow", [rule(BY_ADDRESS)], ()),
        ("Block", [rule(by_header("user-agent"))], ()),
        ("Block", [rule(by_header("x-edge", "CONTAINS"))], ()),
        ("Block", [rule(BY_ADDRESS), rule({"GeoMatchStatement": {"CountryCodes": ["DE"]}})], ()),
        ("Block", [rule(BY_ADDRESS), {"Name": "g", "OverrideAction": {"None": {}}}], ()),
        (
            "Block",
            [rule({"IPSetReferenceStatement": {"ARN": ALLOWED, "IPSetForwardedIPConfig": {}}})],
            (),
        ),
    ],
)
def test_a_web_acl_that_lets_only_a_set_of_addresses_or_a_secret_through(
    tmp_path: Path, default: str, rules: list[Json], terms: tuple[str, ...]
) -> None:
    lab = distribution(WebACLId=ACL)
    told = {"WebACL": {"ARN": ACL, "DefaultAction": {default: {}}, "Rules": rules}}
    lab.add("wafv2:cloudfront-web-acl", "edge", ACL, {"ARN": ACL}, get_web_acl=told)
    reach = one(lab, tmp_path, DIST, V4)
    assert reach.answer.conditions == terms
    assert reach.answer.guards == (f"waf {ACL}",)


def test_a_web_acl_whose_rules_were_not_read_is_a_guard(tmp_path: Path) -> None:
    lab = distribution(WebACLId=ACL)
    lab.add("wafv2:cloudfront-web-acl", "edge", ACL, {"ARN": ACL}, get_web_acl=Denied)
    assert one(lab, tmp_path, DIST, V4).verdict is Verdict.YES


def test_a_web_acl_that_allows_nothing_closes(tmp_path: Path) -> None:
    lab = distribution(WebACLId=ACL)
    told = {"DefaultAction": {"Block": {}}, "Rules": [rule(BY_ADDRESS, "Block")]}
    lab.add("wafv2:cloudfront-web-acl", "edge", ACL, {"ARN": ACL}, get_web_acl={"WebACL": told})
    assert failing(one(lab, tmp_path, DIST, V4)) == ["web ACL"]


@pytest.mark.parametrize("rules", [{}, [1], [{"Action": 1}], "x", 3, None])
def test_rules_out_of_shape_close_nothing(tmp_path: Path, rules: Any) -> None:
    lab = distribution(WebACLId=ACL)
    told = {"DefaultAction": {"Block": {}}, "Rules": rules}
    lab.add("wafv2:cloudfront-web-acl", "edge", ACL, {"ARN": ACL}, get_web_acl={"WebACL": told})
    assert one(lab, tmp_path, DIST, V4).verdict is Verdict.YES
