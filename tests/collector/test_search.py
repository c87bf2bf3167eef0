"""Where a text stands in a snapshot, and what counts as the same."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.snapshot import Overlay, Snapshot
from collector.snapshot.search import (
    How,
    Kind,
    Place,
    account_of_access_key,
    needle_of,
    search,
)
from recording_files import Recording


def found(snapshot: Snapshot, text: str) -> dict[tuple[str, str], How]:
    """Pointer and value of each place, with how it fits."""
    return {(p.pointer, p.value): p.how for p in search(snapshot, needle_of(text))}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    record = Recording(tmp_path_factory.mktemp("search"))
    record.put(
        "ec2.describe_network_interfaces",
        {
            "NetworkInterfaces": [
                {
                    "NetworkInterfaceId": "eni-0aaaaaaaaaaaaaaaa",
                    "PrivateIpAddress": "10.0.1.15",
                    "Ipv6Addresses": [{"Ipv6Address": "2001:db8::15"}],
                    "Association": {"PublicIp": "203.0.113.7"},
                    "TagSet": [{"Key": "Owner", "Value": "payments"}],
                    "Description": "built by Owner=payments",
                }
            ]
        },
    )
    record.put(
        "ec2.describe_subnets",
        {
            "Subnets": [
                {
                    "SubnetId": "subnet-0aaaaaaaaaaaaaaaa",
                    "CidrBlock": "10.0.1.0/24",
                    "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "2001:db8::/64"}],
                },
                {"SubnetId": "subnet-0bbbbbbbbbbbbbbbb", "CidrBlock": "10.0.2.0/24"},
            ]
        },
    )
    record.put(
        "ec2.describe_security_groups",
        {
            "SecurityGroups": [
                {
                    "GroupId": "sg-0aaaaaaaaaaaaaaaa",
                    "GroupName": "www.example.com",
                    "Description": "https://api.example.com/v1?x=1",
                    "Tags": [{"Key": "Domain", "Value": "*.shop.example.com"}],
                    "IpPermissions": [{"IpRanges": [{"CidrIp": "203.0.113.7/32"}]}],
                }
            ]
        },
    )
    record.put("sns.list_topics", {"Topics": [{"TopicArn": TOPIC}, {"TopicArn": TOPIC + "-dead"}]})
    return record.load()[0]


TOPIC = "arn:aws:sns:eu-west-1:111122223333:orders"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("203.0.113.7", Kind.ADDRESS),
        ("[2001:DB8::15]", Kind.ADDRESS),
        ("10.0.0.0/8", Kind.NETWORK),
        ("api.example.com", Kind.HOST),
        ("https://api.example.com/v1", Kind.HOST),
        ("AKIAIOSFODNN7EXAMPLE", Kind.ACCESS_KEY),
        ("111122223333", Kind.ACCOUNT),
        (TOPIC, Kind.ARN),
        ("Owner=payments", Kind.TAG),
        ("i-0abc", Kind.TEXT),
        ("payments", Kind.TEXT),
    ],
)
def test_what_a_text_is_taken_for(text: str, kind: Kind) -> None:
    assert needle_of(f" {text} ").kind is kind


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        needle_of("  ")


def test_an_address_is_found_as_itself_as_a_range_of_one_and_in_its_subnet(
    snapshot: Snapshot,
) -> None:
    assert found(snapshot, "203.0.113.7") == {
        ("/item/Association/PublicIp", "203.0.113.7"): How.SAME,
        ("/item/IpPermissions/0/IpRanges/0/CidrIp", "203.0.113.7/32"): How.SAME,
    }
    assert found(snapshot, "10.0.1.15") == {
        ("/item/PrivateIpAddress", "10.0.1.15"): How.SAME,
        ("/item/CidrBlock", "10.0.1.0/24"): How.RANGE,
    }
    assert found(snapshot, "10.0.3.15") == {}


def test_an_address_is_no_part_of_a_longer_one(snapshot: Snapshot) -> None:
    assert found(snapshot, "10.0.1.1") == {("/item/CidrBlock", "10.0.1.0/24"): How.RANGE}


@pytest.mark.parametrize("spelt", ["2001:db8::15", "2001:DB8:0:0::15", "2001:0db8::0015"])
def test_every_spelling_of_an_ipv6_address_is_the_same(snapshot: Snapshot, spelt: str) -> None:
    assert found(snapshot, spelt) == {
        ("/item/Ipv6Addresses/0/Ipv6Address", "2001:db8::15"): How.SAME,
        ("/item/Ipv6CidrBlockAssociationSet", "2001:db8::/64"): How.RANGE,
    }


def test_a_host_is_found_in_any_case_in_urls_and_under_wildcards(snapshot: Snapshot) -> None:
    assert found(snapshot, "WWW.Example.COM.") == {("/item/GroupName", "www.example.com"): How.SAME}
    assert found(snapshot, "api.example.com") == {
        ("/item/Description", "https://api.example.com/v1?x=1"): How.SAME
    }
    assert found(snapshot, "eu.shop.example.com") == {
        ("/item/Tags/0/Value", "*.shop.example.com"): How.PATTERN
    }
    # The wildcard does not cover the domain itself; there the name only stands inside.
    assert set(found(snapshot, "shop.example.com").values()) == {How.PART}


def test_a_tag_is_a_key_with_its_value_not_a_text_that_reads_like_it(snapshot: Snapshot) -> None:
    assert found(snapshot, "owner=payments") == {("/item/TagSet/0", "Owner=payments"): How.SAME}
    assert found(snapshot, "Owner=pay") == {("/item/TagSet/0", "Owner=payments"): How.PART}
    assert found(snapshot, "Payer=payments") == {}


def test_an_arn_is_itself_and_what_is_below_it_but_not_what_begins_alike(
    snapshot: Snapshot,
) -> None:
    assert {value: how for (_, value), how in found(snapshot, TOPIC).items()} == {TOPIC: How.SAME}
    above = found(snapshot, TOPIC.rpartition(":")[0])
    assert set(above.values()) == {How.BELOW}
    assert len({value for _, value in above}) == 2


def test_an_account_is_found_where_others_name_it_not_in_all_that_is_its_own(
    tmp_path: Path,
) -> None:
    record = Recording(tmp_path)
    trust = {"Statement": [{"Principal": {"AWS": "arn:aws:iam::999988887777:root"}}]}
    role = {
        "Arn": "arn:aws:iam::111122223333:role/vendor",
        "RoleName": "vendor",
        "AssumeRolePolicyDocument": trust,
    }
    details = {"UserDetailList": [], "GroupDetailList": [], "Policies": []}
    record.put(
        "iam.get_account_authorization_details", details | {"RoleDetailList": [role]}, "global"
    )
    record.put("sns.list_topics", {"Topics": [{"TopicArn": TOPIC}]})
    held = record.load()[0]
    (place,) = _all(held, "999988887777")
    assert (place.item.type, place.how) == ("iam:role", How.BELOW)
    assert {p.item.type for p in _all(held, "111122223333")} <= {"aws:account"}
    assert _all(held, "999988887778") == []


def test_a_bucket_is_found_by_its_url_and_a_secret_by_its_name(tmp_path: Path) -> None:
    record = Recording(tmp_path)
    record.put("s3.list_buckets", {"Buckets": [{"Name": "my-data"}]}, "global")
    function = {
        "FunctionName": "f",
        "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:f",
        "Environment": {"Variables": {"DB_PASSWORD": "hunter2"}},
    }
    record.put("lambda.list_functions", {"Functions": [function]})
    held = record.load()[0]
    for url in ("https://my-data.s3.amazonaws.com/x", "my-data.s3.eu-west-1.amazonaws.com"):
        assert {p.item.id for p in _all(held, url)} == {"arn:aws:s3:::my-data"}
    assert _all(held, "https://other.s3.amazonaws.com/x") == []
    (place,) = _all(held, "DB_PASSWORD")
    assert place.pointer == "/item/Environment/Variables/DB_PASSWORD"
    assert _all(held, "hunter2") == []


def test_an_overlay_is_searched_too(snapshot: Snapshot) -> None:
    file = "accounts/111122223333/eu-west-1/sns/topic.jsonl"
    gone = Overlay.from_json([{"op": "remove", "file": file, "id": TOPIC}])
    assert not any(p.item.id == TOPIC for p in _all(snapshot.with_overlay(gone), TOPIC))
    assert any(p.item.id == TOPIC for p in _all(snapshot, TOPIC))


def _all(snapshot: Snapshot, text: str) -> list[Place]:
    return list(search(snapshot, needle_of(text)))


@given(st.integers(min_value=0, max_value=10**12 - 1), st.binary(min_size=4, max_size=4))
def test_an_access_key_id_names_its_account(account: int, rest: bytes) -> None:
    # The first bit set: ids whose fifth character is below Q belong to the older form.
    head = ((1 << 47) | (account << 7)).to_bytes(6, "big")
    key = "AKIA" + base64.b32encode(head + rest).decode()
    assert account_of_access_key(key) == f"{account:012d}"


@pytest.mark.parametrize("text", ["AKIAIOSFODNN7EXAMPLE", "AIDAQNZGKIQY56JQ7WML", "AKIA", "x"])
def test_what_names_no_account(text: str) -> None:
    assert account_of_access_key(text) is None


@given(st.text(min_size=1, max_size=40))
def test_any_text_can_be_looked_for(snapshot: Snapshot, text: str) -> None:
    if text.strip():
        list(search(snapshot, needle_of(text)))
