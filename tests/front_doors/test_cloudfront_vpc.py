"""Load balancers and instances behind a distribution, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.distributions import (
    DIST,
    GROUP,
    LB,
    LB_HOST,
    behind,
    custom,
    distribution,
    origin,
)
from front_doors.door_lab import failing, judged
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, allow, exposed
from snapshot_files import ACCOUNT

LIST = "com.amazonaws.global.cloudfront.origin-facing"


def balanced(scheme: str = "internet-facing", admitted: str = "0.0.0.0/0", **rule: Any) -> Lab:
    """A load balancer on 443 before an instance that admits the load balancer's group on 80."""
    lab = exposed([])
    lab.subnet("subnet-b", "vpc-1", "10.0.1.0/24", "b")
    lab.group("sg-lb", [allow("tcp/443", admitted)] if "/" in admitted else [])
    if admitted.startswith("pl-"):
        one_list = {"PrefixListId": admitted}
        lab.item("sg-lb")["IpPermissions"] = [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [one_list]}
        ]
    group = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    lab.item("sg-web")["IpPermissions"] = [group | {"UserIdGroupPairs": [{"GroupId": "sg-lb"}]}]
    forward = {"Type": "forward", "TargetGroupArn": GROUP}
    listener = f"{LB.replace(':loadbalancer/', ':listener/')}/1"
    rules = [
        {
            "RuleArn": "r",
            "Priority": "default",
            "IsDefault": True,
            "Conditions": [],
            "Actions": [forward],
        }
        | rule
    ]
    lab.add(
        "elbv2:load-balancer",
        "web",
        LB,
        {
            "LoadBalancerArn": LB,
            "DNSName": f"dualstack.{LB_HOST.upper()}",
            "Type": "application",
            "Scheme": scheme,
            "State": {"Code": "active"},
            "VpcId": "vpc-1",
            "SecurityGroups": ["sg-lb"],
            "IpAddressType": "ipv4",
            "AvailabilityZones": [{"SubnetId": "subnet-a"}],
        },
        describe_listeners=[{"ListenerArn": listener, "Protocol": "HTTPS", "Port": 443}],
        **{f"describe_rules(ListenerArn={listener})": rules},
    )
    lab.add(
        "elbv2:target-group",
        "tg",
        GROUP,
        {
            "TargetGroupArn": GROUP,
            "TargetType": "instance",
            "Protocol": "HTTP",
            "Port": 80,
            "VpcId": "vpc-1",
        },
        describe_target_health=[
            {"Target": {"Id": "i-web", "Port": 80}, "TargetHealth": {"State": "healthy"}}
        ],
    )
    return lab


def test_a_load_balancer_and_its_targets_stand_behind(tmp_path: Path) -> None:
    lab = distribution(balanced(), custom())
    direct = behind(lab, tmp_path, LB)
    assert (direct.verdict, direct.via, direct.ports) == (Verdict.YES, (DIST,), ("tcp/443",))
    assert any("gone around" in text for text in direct.answer.evidence)
    target = behind(lab, tmp_path / "b", INSTANCE)
    assert (target.verdict, target.via, target.ports) == (Verdict.YES, (DIST, LB), ("tcp/80",))


def test_one_that_admits_only_cloudfront_is_reached_through_it(tmp_path: Path) -> None:
    lab = balanced(admitted="pl-1")
    lab.prefix_list("pl-1", ["120.52.22.96/27"], title=LIST, owner="AWS")
    found = behind(distribution(lab, custom()), tmp_path, LB)
    assert found.verdict is Verdict.YES
    assert not any("gone around" in text for text in found.answer.evidence)


@pytest.mark.parametrize(
    ("entries", "verdict"),
    [
        (["203.0.113.0/24"], Verdict.YES),
        (["198.51.100.0/24"], Verdict.NO),
        (None, Verdict.UNKNOWN),
    ],
)
def test_a_fixed_range_must_hold_cloudfronts_servers(
    tmp_path: Path, entries: list[str] | None, verdict: Verdict
) -> None:
    lab = balanced(admitted="203.0.113.0/24")
    if entries:
        lab.prefix_list("pl-1", entries, title=LIST, owner="AWS")
    assert behind(distribution(lab, custom()), tmp_path, LB).verdict is verdict


def test_an_internal_load_balancer_is_not_reached_by_its_name(tmp_path: Path) -> None:
    found = behind(distribution(balanced("internal"), custom()), tmp_path, LB)
    assert failing(found) == ["address"]


def test_the_origins_port_must_have_a_listener(tmp_path: Path) -> None:
    found = behind(distribution(balanced(), custom(protocol="http-only")), tmp_path, LB)
    assert failing(found) == ["listener"]


@pytest.mark.parametrize(
    ("sent", "terms"), [("X-Edge", ()), ("X-Other", ("secret:http-header/X-Edge",))]
)
def test_a_header_that_cloudfront_sends_is_no_secret_to_it(
    tmp_path: Path, sent: str, terms: tuple[str, ...]
) -> None:
    needed = {
        "Field": "http-header",
        "HttpHeaderConfig": {"HttpHeaderName": "X-Edge", "Values": ["s3cret"]},
    }
    headers = {"Quantity": 1, "Items": [{"HeaderName": sent, "HeaderValue": "x"}]}
    lab = balanced(Conditions=[needed], Priority="1", IsDefault=False)
    distribution(lab, custom(CustomHeaders=headers))
    assert behind(lab, tmp_path, INSTANCE).answer.conditions == terms


@pytest.mark.parametrize(("port", "verdict"), [("tcp/443", Verdict.YES), ("tcp/22", Verdict.NO)])
def test_an_instance_by_its_public_name(tmp_path: Path, port: str, verdict: Verdict) -> None:
    host = "ec2-198-51-100-7.eu-west-1.compute.amazonaws.com"
    lab = exposed([allow(port)])
    lab.item("i-web")["PublicDnsName"] = host
    assert behind(distribution(lab, custom(host)), tmp_path, INSTANCE).verdict is verdict


@pytest.mark.parametrize(
    ("family", "verdict"),
    [("dualstack", Verdict.YES), ("ipv4", Verdict.YES), ("ipv6", Verdict.NO)],
)
def test_cloudfront_connects_by_the_families_that_the_origin_names(
    tmp_path: Path, family: str, verdict: Verdict
) -> None:
    """The instance has no IPv6 address."""
    host = "ec2-198-51-100-7.eu-west-1.compute.amazonaws.com"
    lab = exposed([allow("tcp/443")])
    lab.item("i-web")["PublicDnsName"] = host
    told = custom(host)
    told["CustomOriginConfig"]["IpAddressType"] = family
    found = [r.verdict for r in judged(distribution(lab, told), tmp_path) if r.target == INSTANCE]
    assert (Verdict.YES in found) is (verdict is Verdict.YES)


def test_an_origin_named_through_the_customers_own_zone(tmp_path: Path) -> None:
    alias = {"AliasTarget": {"DNSName": f"dualstack.{LB_HOST}."}}
    records = [{"Name": "origin.example.com.", "Type": "A"} | alias]
    lab = balanced()
    lab.add(
        "route53:zone",
        "Z1",
        "arn:aws:route53:::hostedzone/Z1",
        {"Id": "/hostedzone/Z1", "Config": {"PrivateZone": False}},
        list_resource_record_sets=records,
    )
    assert behind(distribution(lab, custom("origin.example.com")), tmp_path, LB).verdict == "yes"


def vpc_origin(lab: Lab, endpoint: str) -> Lab:
    lab.add(
        "cloudfront:vpc-origin",
        "vo_1",
        f"arn:aws:cloudfront::{ACCOUNT}:vpcorigin/vo_1",
        {"Id": "vo_1", "OriginEndpointArn": endpoint, "Status": "Deployed"},
    )
    return distribution(lab, origin("inner", VpcOriginConfig={"VpcOriginId": "vo_1"}))


def private(admitted: str = "0.0.0.0/0") -> Lab:
    """An internal load balancer in a subnet without a route to the internet."""
    lab = balanced("internal", admitted)
    lab.item("rtb-main")["Routes"] = []
    return lab


def test_a_vpc_origin_reaches_a_private_load_balancer_and_its_targets(tmp_path: Path) -> None:
    lab = vpc_origin(private(), LB)
    found = behind(lab, tmp_path, LB)
    assert (found.verdict, found.via) == (Verdict.YES, (DIST,))
    target = behind(lab, tmp_path / "b", INSTANCE)
    assert (target.verdict, target.via) == (Verdict.YES, (DIST, LB))


def test_its_vpc_needs_an_internet_gateway(tmp_path: Path) -> None:
    lab = vpc_origin(private(), LB)
    lab.remove("igw-1")
    assert "internet gateway" in failing(behind(lab, tmp_path, LB))


def test_block_public_access_stops_it(tmp_path: Path) -> None:
    lab = vpc_origin(private(), LB)
    lab.block_public_access("block-ingress")
    assert "VPC block public access" in failing(behind(lab, tmp_path, LB))


def test_the_gateway_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = vpc_origin(private(), LB)
    lab.remove("igw-1")
    lab.deny("ec2.describe_internet_gateways")
    assert behind(lab, tmp_path, LB).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("admitted", "verdict"),
    [("none", Verdict.NO), ("10.0.0.0/16", Verdict.UNKNOWN), ("pl-1", Verdict.YES)],
)
def test_its_groups_must_admit_cloudfront(tmp_path: Path, admitted: str, verdict: Verdict) -> None:
    lab = private(admitted)
    lab.prefix_list("pl-1", ["120.52.22.96/27"], title=LIST, owner="AWS")
    assert behind(vpc_origin(lab, LB), tmp_path, LB).verdict is verdict


@pytest.mark.parametrize(
    ("name", "verdict"), [("CloudFront-VPCOrigins-Service-SG", "yes"), ("other", "no")]
)
def test_cloudfronts_service_group_admits_it(tmp_path: Path, name: str, verdict: str) -> None:
    lab = private("none")
    lab.group("sg-service", [])
    lab.item("sg-service")["GroupName"] = name
    pair = {"UserIdGroupPairs": [{"GroupId": "sg-service"}]}
    lab.item("sg-lb")["IpPermissions"] = [
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443} | pair
    ]
    assert behind(vpc_origin(lab, LB), tmp_path, LB).verdict == verdict


def test_a_vpc_origin_may_be_a_private_instance(tmp_path: Path) -> None:
    lab = exposed([allow("tcp/443")])
    del lab.item("eni-web")["Association"]
    lab.item("eni-web")["PrivateIpAddresses"][0].pop("Association")
    del lab.item("i-web")["NetworkInterfaces"][0]["Association"]
    found = behind(vpc_origin(lab, INSTANCE), tmp_path, INSTANCE)
    assert (found.verdict, found.ports, found.via) == (Verdict.YES, ("tcp/443",), (DIST,))
    lab.item("i-web")["State"] = {"Name": "stopped"}
    assert behind(lab, tmp_path / "b", INSTANCE).verdict is Verdict.DORMANT


def test_a_vpc_origin_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    lab = vpc_origin(private(), LB)
    lab.remove("vo_1")
    target = f"arn:aws:cloudfront::{ACCOUNT}:vpcorigin/vo_1"
    assert behind(lab, tmp_path, target).verdict is Verdict.UNKNOWN
