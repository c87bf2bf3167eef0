"""Names of front doors, and the records that lead to them, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from front_doors.distributions import LB, LB_HOST
from front_doors.test_cloudfront_vpc import balanced
from front_doors.test_dns import record, zone
from graph.derive import Derivation, derive
from network.aws_shapes import Lab
from snapshot_files import write_snapshot

ZONE = "arn:aws:route53:::hostedzone/Z1"


def derived(lab: Lab, folder: Path) -> Derivation:
    folder.mkdir(parents=True, exist_ok=True)
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    return derive(write_snapshot(folder, rows, list(lab.ledger())))


def names(found: Derivation, node: str = LB) -> Any:
    (props,) = [one.props for one in found.nodes if one.id == node]
    return props.get("dns_names")


def resolved(found: Derivation) -> set[tuple[str, str, object, object]]:
    return {
        (one.start, one.end, one.props["name"], one.props["is_public"])
        for one in found.relationships
        if one.type == "RESOLVES_TO"
    }


def test_a_public_record_names_the_door_and_leads_to_it(tmp_path: Path) -> None:
    lab = zone(balanced(), record("www.example.com", alias=LB_HOST))
    found = derived(lab, tmp_path)
    assert names(found) == [LB_HOST, "www.example.com"]
    assert resolved(found) == {(ZONE, LB, "www.example.com", True)}


def test_a_private_record_leads_to_it_without_naming_it_to_the_internet(tmp_path: Path) -> None:
    lab = zone(balanced(), record("www.example.com", alias=LB_HOST), private=True)
    found = derived(lab, tmp_path)
    assert names(found) == [LB_HOST]
    assert resolved(found) == {(ZONE, LB, "www.example.com", False)}


def test_a_record_of_another_type_leads_nowhere(tmp_path: Path) -> None:
    lab = zone(balanced(), record("www.example.com", LB_HOST, kind="TXT"))
    found = derived(lab, tmp_path)
    assert names(found) == [LB_HOST]
    assert resolved(found) == set()


def test_a_record_leads_through_another_to_the_same_door(tmp_path: Path) -> None:
    chain = (
        record("a.example.com", "b.example.com", kind="CNAME"),
        record("b.example.com", alias=LB_HOST),
    )
    found = derived(zone(balanced(), *chain), tmp_path)
    assert resolved(found) == {
        (ZONE, LB, "a.example.com", True),
        (ZONE, LB, "b.example.com", True),
    }


def test_below_its_own_domain_a_private_zone_asks_no_public_one(tmp_path: Path) -> None:
    """The resolver says that there is no such name."""
    lab = zone(balanced(), record("b.example.com", alias=LB_HOST))
    inside = record("a.example.com", "b.example.com", kind="CNAME")
    zone(lab, inside, private=True, name="Z2")
    private = "arn:aws:route53:::hostedzone/Z2"
    assert private not in {start for start, *_ in resolved(derived(lab, tmp_path / "one"))}
    twin = zone(balanced(), record("b.example.org", alias=LB_HOST))
    outside = record("a.example.com", "b.example.org", kind="CNAME")
    zone(twin, outside, private=True, name="Z2")
    assert (private, LB, "a.example.com", False) in resolved(derived(twin, tmp_path / "two"))


def test_addresses_are_no_names(tmp_path: Path) -> None:
    lab = zone(balanced(), record("www.example.com", "198.51.100.7"))
    told = [names(derived(lab, tmp_path), one) for one in (LB, ZONE)]
    assert told == [[LB_HOST], None]


def test_a_bucket_that_was_not_collected_is_a_node_known_by_the_record_alone(
    tmp_path: Path,
) -> None:
    site = "s3-website-eu-west-1.amazonaws.com"
    found = derived(zone(balanced(), record("gone.example.com", alias=site)), tmp_path)
    assert resolved(found) == {(ZONE, "arn:aws:s3:::gone.example.com", "gone.example.com", True)}
    (bucket,) = [one for one in found.nodes if one.id == "arn:aws:s3:::gone.example.com"]
    assert bucket.props["collected"] is False
