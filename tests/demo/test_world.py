"""What stands in the world, that it is the same every time, and that a seed moves it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mapper.demo import build, demo_environment
from mapper.demo.world.facts import CAPABILITIES
from mapper.demo.world.plan import UNKNOWN_ACCOUNT, VENDOR_ACCOUNT
from tests.demo.conftest import Built

# The worlds are built once in each worker that needs them.
pytestmark = pytest.mark.xdist_group("demo-worlds")

REQUIRED = {
    "web-front", "chain", "open-ipv4", "open-ipv6", "peering", "nlb", "clb", "vendor",
    "unknown-trust", "admins", "scp", "escalation", "bucket", "bucket-guarded", "bucket-acl",
    "bucket-shared", "queue", "topic", "key", "secret", "function", "function-policy", "image",
    "snapshot", "snapshot-locked", "rds", "repository", "share", "flow",
    "organization", "inventory",
}  # fmt: skip


def test_two_builds_are_equal_whatever_the_environment_says(fixed: Built, twin: Built) -> None:
    assert twin.world.expected_json() == fixed.world.expected_json()
    assert twin.when_new.keys() == fixed.when_new.keys()
    for place, seen in fixed.when_new.items():
        assert twin.when_new[place] == seen, place


def test_a_seed_places_everything_elsewhere(fixed: Built, seeded: Built) -> None:
    ours, theirs = fixed.world, seeded.world
    assert not set(ours.accounts) & set(theirs.accounts)
    assert ours.regions_used != theirs.regions_used
    assert not {row.id for row in ours.expected()} & {row.id for row in theirs.expected()}
    assert {thing.scenario for thing in theirs.things} == {thing.scenario for thing in ours.things}


def test_a_seed_keeps_what_is_true(fixed: Built, seeded: Built) -> None:
    def verdicts(built: Built) -> list[tuple[str, ...]]:
        return sorted(
            (row.command, row.part, row.verdict, row.mechanism, row.reach)
            for row in built.world.expected()
        )

    assert verdicts(seeded) == verdicts(fixed)


def test_every_required_scenario_stands(fixed: Built) -> None:
    assert {thing.scenario for thing in fixed.world.things} == REQUIRED


def test_things_have_unique_names_and_every_decoy_can_be_flipped(
    fixed: Built, seeded: Built
) -> None:
    for world in (fixed.world, seeded.world):
        assert len({thing.name for thing in world.things}) == len(world.things)
    things = fixed.world.things
    for thing in things:
        assert thing.page.startswith("https://docs.aws.amazon.com/"), thing.name
        assert thing.capability in CAPABILITIES, thing.name
        if thing.part == "decoy":
            assert thing.flip is not None, thing.name
            assert thing.control, thing.name
            assert thing.touches, thing.name


def test_names_stay_unique_wherever_a_seed_puts_the_scenarios(fixed: Built) -> None:
    """What a thing is called beside its account's part is unique: no placement can collide."""
    parts = ("dev", "prod", "shared", "security", "quarantine")
    whats = []
    for thing in fixed.world.things:
        part, _, what = thing.name.partition("-")
        whats.append(what.rstrip("0123456789-") if part in parts else thing.name)
    assert sorted(whats) == sorted(set(whats))


def test_every_flip_changes_some_row_and_every_decoy_row_has_a_flip(fixed: Built) -> None:
    rows = fixed.world.expected()
    flipping = {name for row in rows for name, _ in row.flips}
    able = {thing.name for thing in fixed.world.things if thing.flip is not None}
    assert flipping == able
    for row in rows:
        if row.verdict in ("no", "dormant"):
            assert row.flips, row
        assert all(verdict != row.verdict for _, verdict in row.flips), row


def test_decoys_are_never_yes_and_planted_things_are_listed(fixed: Built) -> None:
    rows = fixed.world.expected()
    assert all(row.verdict in ("no", "dormant") for row in rows if row.part == "decoy")
    assert {row.command for row in rows if row.part == "planted"} == {
        "public",
        "trusts",
        "admins",
        "admins --compute",
    }


def test_conditional_rows_name_their_kind(fixed: Built) -> None:
    for row in fixed.world.expected():
        assert bool(row.conditions) == (row.verdict == "conditional"), row


def test_rows_are_unique_and_settled_by_what_is_built(fixed: Built) -> None:
    rows = fixed.world.expected()
    assert len({row.key for row in rows}) == len(rows)
    assert {row.capability for row in rows} == set(CAPABILITIES)
    assert all(row.settled for row in rows)


def test_outsiders_appear_only_as_outsiders(fixed: Built) -> None:
    assert not {VENDOR_ACCOUNT, UNKNOWN_ACCOUNT} & set(fixed.world.accounts)
    sources = {row.source for row in fixed.world.expected()}
    assert {f"account:{VENDOR_ACCOUNT}", f"account:{UNKNOWN_ACCOUNT}"} <= sources


def test_the_chain_ends_in_a_third_account(fixed: Built) -> None:
    chains = [
        row
        for row in fixed.world.expected()
        if row.command == "trusts" and len(row.hops) == 2 and row.verdict == "yes"
    ]
    (chain,) = chains
    accounts = [node.split(":")[4] for node in (chain.source, *chain.hops)]
    assert len(set(accounts)) == 3
    assert chain.target == f"account:{accounts[-1]}"


def test_accounts_stand_in_the_organisation_under_their_units(fixed: Built) -> None:
    world = fixed.world
    org = world.clients(world.management, "organizations")
    listed = {row["Id"]: row["Name"] for row in org.list_accounts()["Accounts"]}
    assert listed == dict(world.accounts)
    assert set(world.accounts.values()) == {
        "management", "security", "shared-services", "prod", "dev",
    }  # fmt: skip
    for account in world.accounts:
        (parent,) = org.list_parents(ChildId=account)["Parents"]
        expected = "ROOT" if account == world.management else "ORGANIZATIONAL_UNIT"
        assert parent["Type"] == expected


def test_default_vpcs_stand_in_every_region_and_look_real_where_used(fixed: Built) -> None:
    world = fixed.world
    assert len(world.regions) == 5
    for account in world.accounts:
        for region in world.regions_used:
            ec2 = world.clients(account, "ec2", region)
            default = [{"Name": "isDefault", "Values": ["true"]}]
            (vpc,) = ec2.describe_vpcs(Filters=default)["Vpcs"]
            inside = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
            (table,) = ec2.describe_route_tables(Filters=inside)["RouteTables"]
            assert any(route.get("GatewayId", "").startswith("igw-") for route in table["Routes"])
            (group,) = ec2.describe_security_groups(Filters=inside)["SecurityGroups"]
            (rule,) = group["IpPermissions"]
            assert rule["UserIdGroupPairs"][0]["GroupId"] == group["GroupId"]
            assert ec2.describe_network_interfaces(Filters=inside)["NetworkInterfaces"] == []


def test_the_environment_finds_the_world_and_nothing_else(
    fixed: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    environment = demo_environment(fixed.world)
    source = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    ran = subprocess.run(
        [sys.executable, "-c", source],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.stdout.startswith(
        f"arn:aws:sts::{fixed.world.management}:assumed-role/mapper-assessor/"
    ), ran.stderr
    assert environment["AWS_CONFIG_FILE"] == os.devnull


def test_expected_is_written_as_json(fixed: Built, tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    fixed.world.write_expected(path)
    written = json.loads(path.read_text())
    assert written == json.loads(json.dumps(fixed.world.expected_json()))
    assert len(written["rows"]) == len(fixed.world.expected())
    assert [one["relationship"] for one in written["relationships"]] == ["PEERED_WITH"]


def test_expected_tells_the_paths_to_admin_what_follows_and_what_cuts_them(fixed: Built) -> None:
    told = fixed.world.expected_json()
    paths = [row for row in told["paths"] if row["verdict"] != "no"]
    crown = next(number for number, name in fixed.world.accounts.items() if name == "prod")
    assert [(row["id"], row["verdict"]) for row in paths] == [(f"account:{crown}", "yes")] * 2
    assert {row["hops"][0] for row in paths} == {
        row["subject"] for row in told["choke"] if row["kind"] == "reach"
    }
    assert [row["kind"] for row in told["choke"]] == ["admin", "reach", "trust", "trust"]
    assert [row["plan"] for row in told["choke"] if row["plan"]] == [1]
    assert {row["way_in"] for row in paths} < {row["source"] for row in told["blast"]}
    assert {row["what"] for row in told["blast"]} == {
        "admin", "principal", "machine", "data", "backup", "other", "network-only",
    }  # fmt: skip


def test_rows_of_attacks_are_unique_and_each_flip_changes_its_row(fixed: Built) -> None:
    told = fixed.world.expected_json()
    for name, own in (
        ("paths", ("source", "way_in", "id", "lateral")),
        ("blast", ("source", "id", "what")),
        ("choke", ("kind", "subject", "party")),
    ):
        rows = told[name]
        assert len({tuple(row[key] for key in own) for row in rows}) == len(rows)
        for row in rows:
            now = row.get("verdict", f"{row.get('cuts')} of {row.get('total')}")
            assert now not in row["flips"].values(), row
            assert row["flips"] or now != "no", row
            assert bool(row.get("conditions")) == (row.get("verdict") == "conditional"), row


def _neighbours(built: Built) -> list[int]:
    """How many neighbouring instances each member account has."""
    world = built.world
    tagged = [{"Name": "tag:mapper:scenario", "Values": ["neighbour"]}]
    counts = []
    for account in world.accounts:
        found = 0
        for region in world.regions_used:
            ec2 = world.clients(account, "ec2", region)
            groups = ec2.describe_instances(Filters=tagged)["Reservations"]
            found += sum(len(group["Instances"]) for group in groups)
        counts.append(found)
    return counts


def test_the_size_multiplies_the_neighbours_and_nothing_else(fixed: Built, seeded: Built) -> None:
    assert _neighbours(fixed) == [0, 1, 1, 1, 1]
    management, *members = _neighbours(seeded)
    assert management == 0
    assert all(2 <= count <= 4 for count in members)


def test_a_negative_size_is_refused(fixed: Built) -> None:
    with pytest.raises(ValueError, match="negative"):
        build(fixed.world.endpoint, size=-1)
