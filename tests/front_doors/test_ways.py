"""Two doors before one thing: one row, and each door keeps what stands behind it."""

from __future__ import annotations

from pathlib import Path

from front_doors.distributions import BUCKET, DIST, LB, distribution, s3_origin
from front_doors.door_lab import judged
from front_doors.test_cloudfront_storage import bucket, to_us
from front_doors.test_cloudfront_vpc import balanced
from graph.derive import Derivation, derive
from network.aws_shapes import INSTANCE, Lab
from snapshot_files import write_snapshot


def derived(lab: Lab, folder: Path) -> Derivation:
    folder.mkdir(parents=True, exist_ok=True)
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    return derive(write_snapshot(folder, rows, list(lab.ledger())))


def leading_to(found: Derivation, target: str) -> set[str]:
    return {one.start for one in found.relationships if (one.type, one.end) == ("TARGETS", target)}


def two_distributions() -> Lab:
    lab = distribution(bucket(to_us(), to_us(f"{DIST}2")), s3_origin())
    first = lab.item("E1")
    lab.add("cloudfront:distribution", "E12", f"{DIST}2", first | {"Id": "E12", "ARN": f"{DIST}2"})
    return lab


def test_each_distribution_leads_to_its_bucket(tmp_path: Path) -> None:
    found = derived(two_distributions(), tmp_path)
    assert leading_to(found, BUCKET) == {DIST, f"{DIST}2"}


def test_one_that_the_policy_does_not_name_does_not(tmp_path: Path) -> None:
    lab = two_distributions()
    lab.lines.update(bucket(to_us()).lines)
    assert leading_to(derived(lab, tmp_path), BUCKET) == {DIST}


def test_the_bucket_has_one_row(tmp_path: Path) -> None:
    (row,) = [one for one in judged(two_distributions(), tmp_path) if one.target == BUCKET]
    assert row.via == (DIST, f"{DIST}2")


def test_each_load_balancer_leads_to_its_target(tmp_path: Path) -> None:
    lab = balanced()
    other = LB.replace("/web/", "/other/")
    (line,) = [rows["web"] for key, rows in lab.lines.items() if key[2] == "elbv2:load-balancer"]
    lab.add("elbv2:load-balancer", "other", other, line["item"] | {"LoadBalancerArn": other})
    lines = next(rows for key, rows in lab.lines.items() if key[2] == "elbv2:load-balancer")
    lines["other"]["calls"] = line["calls"]
    found = derived(lab, tmp_path)
    assert leading_to(found, INSTANCE) >= {LB, other}
    rows = [
        one for one in found.judgements if (one.target, one.mechanism) == (INSTANCE, "alb/ipv4")
    ]
    assert [one.source for one in rows] == ["internet"]
