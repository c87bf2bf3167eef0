"""Names that lead to front doors, each case with its twin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from front_doors.distributions import BUCKET, DIST, LB, LB_HOST, V4, distribution
from front_doors.door_lab import one
from front_doors.test_cloudfront_vpc import balanced
from graph.front_doors.dns import bucket_of, host_of, names_of, nodes_at, website_bucket_of
from graph.front_doors.sight import Sight
from graph.iam.from_snapshot import from_snapshot
from graph.network.from_snapshot import network_world
from network.aws_shapes import INSTANCE, Lab
from snapshot_files import REGION, write_snapshot

Json = dict[str, Any]


def zone(lab: Lab, *records: Json, private: bool = False, name: str = "Z1") -> Lab:
    item = {"Id": f"/hostedzone/{name}", "Name": "example.com.", "Config": {"PrivateZone": private}}
    calls = {"list_resource_record_sets": list(records)}
    lab.add("route53:zone", name, f"arn:aws:route53:::hostedzone/{name}", item, **calls)
    return lab


def record(name: str, *values: str, alias: str = "", kind: str = "A") -> Json:
    found: Json = {"Name": f"{name}.", "Type": kind}
    if alias:
        return found | {"AliasTarget": {"DNSName": f"{alias}.", "HostedZoneId": "Z32O12XQLNTSW2"}}
    return found | {"TTL": 60, "ResourceRecords": [{"Value": value} for value in values]}


def sight(lab: Lab, folder: Path) -> Sight:
    folder.mkdir(parents=True, exist_ok=True)
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    snapshot = write_snapshot(folder, rows, list(lab.ledger()))
    return Sight(snapshot, network_world(snapshot), from_snapshot(snapshot))


def names(lab: Lab, folder: Path) -> Mapping[str, tuple[str, ...]]:
    return names_of(sight(lab, folder))


@pytest.mark.parametrize(
    "entry",
    [
        record("www.example.com", alias=LB_HOST),
        record("www.example.com", alias=f"dualstack.{LB_HOST}"),
        record("www.example.com", LB_HOST.upper(), kind="CNAME"),
    ],
)
def test_a_record_that_names_a_load_balancer_leads_to_it(tmp_path: Path, entry: Json) -> None:
    assert names(zone(balanced(), entry), tmp_path) == {LB: ("www.example.com",)}


def test_another_host_does_not(tmp_path: Path) -> None:
    entry = record("www.example.com", alias=f"x{LB_HOST}")
    assert names(zone(balanced(), entry), tmp_path) == {}


def test_a_private_zone_is_not_the_internets(tmp_path: Path) -> None:
    lab = zone(balanced(), record("www.example.com", alias=LB_HOST), private=True)
    assert names(lab, tmp_path) == {}


def test_records_of_other_types_lead_nowhere(tmp_path: Path) -> None:
    assert names(zone(balanced(), record("www.example.com", LB_HOST, kind="TXT")), tmp_path) == {}


def test_an_address_leads_to_what_has_it(tmp_path: Path) -> None:
    lab = zone(balanced(), record("*.example.com", "198.51.100.7"))
    lab.item("Z1")["Name"] = "example.com."
    assert names(lab, tmp_path) == {INSTANCE: ("*.example.com",)}


def test_names_lead_on_to_names_across_zones(tmp_path: Path) -> None:
    lab = zone(balanced(), record("www.example.com", "a.example.net", kind="CNAME"))
    zone(lab, record("a.example.net", alias=LB_HOST), name="Z2")
    assert names(lab, tmp_path) == {LB: ("a.example.net", "www.example.com")}


def test_a_chain_in_a_circle_ends(tmp_path: Path) -> None:
    around = (
        record("a.example.com", "b.example.com", kind="CNAME"),
        record("b.example.com", "a.example.com", kind="CNAME"),
    )
    assert names(zone(balanced(), *around), tmp_path) == {}


def test_a_website_alias_names_the_bucket_of_its_own_name(tmp_path: Path) -> None:
    entry = record("site", alias=f"s3-website-{REGION}.amazonaws.com")
    assert names(zone(Lab(), entry), tmp_path) == {BUCKET: ("site",)}


def test_a_distribution_tells_its_names(tmp_path: Path) -> None:
    lab = zone(distribution(), record("shop.example.com", alias="d111.cloudfront.net"))
    told = one(lab, tmp_path, DIST, V4).answer.evidence
    assert any("shop.example.com" in text for text in told)
    twin = zone(distribution(), record("shop.example.com", alias="d222.cloudfront.net"))
    told = one(twin, tmp_path / "b", DIST, V4).answer.evidence
    assert not any("shop.example.com" in text for text in told)


def test_a_name_is_found_with_its_port_and_path(tmp_path: Path) -> None:
    found = sight(balanced(), tmp_path)
    assert nodes_at(found, f"https://{LB_HOST}:443/x") == (LB,)
    assert nodes_at(found, f"https://x{LB_HOST}/") == ()


def test_broken_records_are_left_out(tmp_path: Path) -> None:
    lab = zone(balanced(), {"Type": "A"}, {"Name": 1, "Type": "A"}, record("x.example.com"))
    assert names(lab, tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://ABC.example.com/path", "abc.example.com"),
        ("dualstack.a.example.com.", "a.example.com"),
        (r"\052.example.com.", "*.example.com"),
        ("2001:db8::7", "2001:db8::7"),
        (None, ""),
    ],
)
def test_hosts(text: Any, host: str) -> None:
    assert host_of(text) == host


@pytest.mark.parametrize(
    ("host", "bucket", "website"),
    [
        ("a.b.s3.amazonaws.com", "a.b", ""),
        ("a.s3.eu-west-1.amazonaws.com", "a", ""),
        ("a.s3-eu-west-1.amazonaws.com", "a", ""),
        ("a.s3.dualstack.eu-west-1.amazonaws.com", "a", ""),
        ("a.s3.cn-north-1.amazonaws.com.cn", "a", ""),
        ("a.s3-website-eu-west-1.amazonaws.com", "", "a"),
        ("a.s3-website.eu-central-1.amazonaws.com", "", "a"),
        ("a.s3.example.com", "", ""),
    ],
)
def test_hosts_of_buckets(host: str, bucket: str, website: str) -> None:
    assert (bucket_of(host), website_bucket_of(host)) == (bucket, website)


@pytest.mark.parametrize(("count", "found"), [(400, True), (4001, False)])
def test_a_record_of_many_values_is_followed_and_one_of_thousands_is_junk(
    tmp_path: Path, count: int, found: bool
) -> None:
    values = [f"host-{n}.example.org" for n in range(count - 1)]
    hub = record("hub.example.com", *values, LB_HOST)
    assert (LB in names(zone(balanced(), hub), tmp_path)) is found


@pytest.mark.parametrize(("number", "said"), [(4000, False), (4001, True)])
def test_a_name_that_was_not_followed_to_its_end_is_told(
    tmp_path: Path, number: int, said: bool
) -> None:
    """Beyond what is followed another name might lead to a door: its proof says so."""
    values = [f"10.0.{n // 256}.{n % 256}" for n in range(number)]
    lab = distribution(zone(Lab(), record("hub.example.com", *values)))
    text = " ".join(one(lab, tmp_path, DIST, V4).answer.evidence)
    assert ("hub.example.com" in text) is said
    assert ("only the first 4000 values were followed" in text) is said
