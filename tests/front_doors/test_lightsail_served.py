"""Lightsail distributions and buckets, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from front_doors.test_lightsail import (
    BALANCER,
    CONTAINER,
    INSTANCE,
    balancer,
    container,
    instance,
    port,
)
from graph.verdict import Verdict
from network.aws_shapes import Lab
from snapshot_files import ACCOUNT, REGION, Absent, Denied

CDN = f"arn:aws:lightsail:us-east-1:{ACCOUNT}:Distribution/cdn-1"
BUCKET = f"arn:aws:lightsail:{REGION}:{ACCOUNT}:Bucket/media"
ON = {"BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True}
OFF = dict.fromkeys((*ON, "RestrictPublicBuckets"), False)


def before(
    lab: Lab, kind: str, name: str, origin: dict[str, Any] | None = None, **more: Any
) -> Lab:
    found = {"name": name, "resourceType": kind, "regionName": REGION, **(origin or {})}
    found.setdefault("protocolPolicy", "http-only")
    item = {"name": "cdn", "isEnabled": True, "ipAddressType": "ipv4", "origin": found, **more}
    lab.add("lightsail:distribution", "cdn", CDN, item)
    return lab


def bucket(rule: Any = "public", single: Any = False, block: Any = Absent) -> Lab:
    lab = Lab()
    rules = {"getObject": rule, "allowPublicOverrides": single}
    lab.add("lightsail:bucket", "media", BUCKET, {"name": "media", "accessRules": rules})
    answer = {"PublicAccessBlockConfiguration": block} if isinstance(block, dict) else block
    lab.add("s3:account-bpa", "bpa", ACCOUNT, {}, get_public_access_block=answer)
    return lab


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (bucket(), Verdict.YES),
        (bucket(block=OFF), Verdict.YES),
        (bucket(rule="private"), Verdict.NO),
        (bucket(rule="private", single=True), Verdict.CONDITIONAL),
        (bucket(rule=None), Verdict.UNKNOWN),
        (bucket(rule="private", single=None), Verdict.UNKNOWN),
        (bucket(block=ON), Verdict.UNKNOWN),
        (bucket(block=Denied), Verdict.CONDITIONAL),
        (bucket(rule="private", block=Denied), Verdict.NO),
    ],
)
def test_a_bucket_and_its_twins(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert one(lab, tmp_path, BUCKET, "lightsail-bucket/ipv4").verdict is verdict


def test_an_account_setting_that_was_not_read_is_named(tmp_path: Path) -> None:
    reach = one(bucket(block=Denied), tmp_path, BUCKET, "lightsail-bucket/ipv4")
    assert reach.answer.conditions == (
        f"not_collected:s3control.get_public_access_block@{ACCOUNT}",
    )


def test_a_distribution_before_an_instance(tmp_path: Path) -> None:
    lab = before(instance(ports=[port(80)]), "Instance", "blog")
    door = one(lab, tmp_path / "a", CDN, "lightsail-cdn/ipv4")
    behind = one(lab, tmp_path / "b", INSTANCE, "lightsail-cdn/ipv4")
    assert (door.verdict, door.ports) == (Verdict.YES, ("tcp/80", "tcp/443"))
    assert (behind.verdict, behind.ports, behind.via) == (Verdict.YES, ("tcp/80",), (CDN,))


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (before(instance(ports=[port(22)]), "Instance", "blog"), Verdict.NO),
        (
            before(instance(ports=[port(80, cidrs=["203.0.113.0/24"])]), "Instance", "blog"),
            Verdict.CONDITIONAL,
        ),
        (before(instance(networking={}), "Instance", "blog"), Verdict.UNKNOWN),
        (before(instance(ports=[port(80)], state="stopped"), "Instance", "blog"), Verdict.DORMANT),
    ],
)
def test_an_instance_behind_a_distribution(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert one(lab, tmp_path, INSTANCE, "lightsail-cdn/ipv4").verdict is verdict


def test_a_disabled_distribution_is_dormant_with_all_behind_it(tmp_path: Path) -> None:
    lab = before(instance(ports=[port(80)]), "Instance", "blog", isEnabled=False)
    assert one(lab, tmp_path / "a", CDN, "lightsail-cdn/ipv4").verdict is Verdict.DORMANT
    assert one(lab, tmp_path / "b", INSTANCE, "lightsail-cdn/ipv4").verdict is Verdict.DORMANT


def test_whether_it_is_enabled_was_not_told(tmp_path: Path) -> None:
    lab = before(instance(), "Instance", "blog", isEnabled=None)
    assert one(lab, tmp_path, CDN, "lightsail-cdn/ipv4").verdict is Verdict.UNKNOWN


def test_a_firewall_is_a_guard(tmp_path: Path) -> None:
    lab = before(instance(), "Instance", "blog", waf={"isWafEnabled": True})
    reach = one(lab, tmp_path, CDN, "lightsail-cdn/ipv4")
    assert (reach.verdict, reach.answer.guards) == (Verdict.YES, ("waf",))


@pytest.mark.parametrize("private_access", [True, False])
def test_a_private_bucket_is_served_if_the_distribution_may_read_it(
    tmp_path: Path, private_access: bool
) -> None:
    origin = {"isPrivateOriginAccessEnabled": private_access}
    lab = before(bucket(rule="private"), "Bucket", "media", origin)
    reach = one(lab, tmp_path, BUCKET, "lightsail-cdn/ipv4")
    assert reach.verdict is (Verdict.YES if private_access else Verdict.NO)
    assert reach.ports == (("tcp/443",) if private_access else ())
    assert failing(reach) == ([] if private_access else ["access rules"])


@pytest.mark.parametrize(
    ("lab", "target", "verdict"),
    [
        (before(balancer(), "LoadBalancer", "front"), BALANCER, Verdict.YES),
        (before(balancer(state="failed"), "LoadBalancer", "front"), BALANCER, Verdict.DORMANT),
        (before(container(), "ContainerService", "api"), CONTAINER, Verdict.YES),
        (
            before(container(deployment={"state": "ACTIVE"}), "ContainerService", "api"),
            CONTAINER,
            Verdict.NO,
        ),
    ],
)
def test_other_origins(tmp_path: Path, lab: Lab, target: str, verdict: Verdict) -> None:
    assert one(lab, tmp_path, target, "lightsail-cdn/ipv4").verdict is verdict
