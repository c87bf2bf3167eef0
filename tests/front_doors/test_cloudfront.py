"""CloudFront distributions themselves, each case with its twin."""

from __future__ import annotations

from pathlib import Path

import pytest

from front_doors.distributions import (
    DIST,
    SIGNED,
    V4,
    Json,
    behaviour,
    distribution,
)
from front_doors.door_lab import judged, one
from graph.verdict import Verdict
from snapshot_files import Denied


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
