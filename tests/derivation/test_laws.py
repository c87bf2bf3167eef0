"""Laws of the whole derivation: order is no matter, a Deny never opens, a change is a change."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.snapshot import Change, Overlay, Snapshot
from derivation.aws_world import (
    DEV,
    EC2,
    PROD,
    VENDOR,
    World,
    allow,
    doc,
    iam,
    trusting,
)
from derivation.organisation import organisation
from graph.derive import Derivation, derive
from graph.records import Relationship
from snapshot_files import write_snapshot


def derived(world: World) -> Derivation:
    with TemporaryDirectory() as folder:
        return world.derive(Path(folder))


def step(one: Relationship) -> tuple[str, str, str, str]:
    return one.type, one.start, one.end, one.key


ORGANISATION = derived(organisation())


@settings(max_examples=6, deadline=None)
@given(order=st.randoms(use_true_random=False))
def test_the_order_of_lines_and_files_makes_no_difference(order: random.Random) -> None:
    rows = organisation().rows()
    keys = sorted(rows)
    order.shuffle(keys)
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_snapshot(folder, {key: rows[key] for key in keys}, organisation().ledger())
        manifest = json.loads((folder / "manifest.json").read_text())
        files = list(manifest["files"])
        for file in files:
            lines = (folder / file).read_text().splitlines(keepends=True)
            order.shuffle(lines)
            (folder / file).write_text("".join(lines))
        order.shuffle(files)
        manifest["files"] = dict.fromkeys(files, "")
        (folder / "manifest.json").write_text(json.dumps(manifest))
        assert derive(Snapshot.open(folder)) == ORGANISATION


# A Deny.

PEOPLE = ("ann", "bob", "app", "job")
ROLES = ("app", "job")
ARNS = [iam("role" if name in ROLES else "user", name) for name in PEOPLE]
BUCKET = "arn:aws:s3:::data"

actions = st.sampled_from(
    ["*", "iam:*", "sts:AssumeRole", "sts:*", "s3:GetObject", "iam:AttachRolePolicy"]
)
resources = st.sampled_from(["*", iam("role", "*"), iam("role", "app"), iam("role", "job")])
callers = st.sampled_from(
    ["*", {"AWS": "*"}, {"AWS": PROD}, {"AWS": VENDOR}, {"AWS": ARNS[0]}, {"AWS": ARNS[2]}]
)
conditions = st.sampled_from(
    [
        {},
        {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalAccount": PROD}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Condition": {"StringNotEquals": {"aws:PrincipalAccount": VENDOR}}},
    ]
)
identity = st.builds(lambda a, r, c: allow(a, r, **c), actions, resources, conditions)
trusts = st.builds(
    lambda p, a, c: trusting(p, a, **c), callers, st.just("sts:AssumeRole"), conditions
) | st.just(EC2)
bucket = st.builds(
    lambda p, a, c: allow(a, [BUCKET, f"{BUCKET}/*"], Principal=p, **c),
    callers,
    st.sampled_from(["s3:GetObject", "s3:*", "s3:PutObject"]),
    conditions,
)


@st.composite
def denied(draw: st.DrawFn) -> tuple[World, World]:
    """A world, and the same world with one Deny more in one of its policies."""
    worlds = World(), World()
    policies: dict[str, list[Any]] = {
        f"{name} own": draw(st.lists(identity, max_size=2)) for name in PEOPLE
    }
    policies |= {f"{name} trust": draw(st.lists(trusts, min_size=1, max_size=2)) for name in ROLES}
    policies["bucket"] = draw(st.lists(bucket, min_size=1, max_size=2))
    changed = copy.deepcopy(policies)
    chosen = draw(st.sampled_from(sorted(policies)))
    kind = identity if chosen.endswith("own") else bucket if chosen == "bucket" else trusts
    changed[chosen].append(draw(kind) | {"Effect": "Deny"})
    for world, given_policies in zip(worlds, (policies, changed), strict=True):
        for name in PEOPLE:
            own = given_policies[f"{name} own"]
            if name in ROLES:
                role = world.role(name, given_policies[f"{name} trust"], *own)
                world.instance(f"i-{name}", world.profile(name, role))
            else:
                world.user(name, *own)
        world.bucket("data", *given_policies["bucket"])
        world.role("abroad", [trusting({"AWS": PROD})], account=DEV)
    return worlds


def possible(derivation: Derivation) -> set[tuple[str, str, str]]:
    """Possible steps by their ends; members of a set stand for themselves.

    A role that assumes itself has what it had: no step, but a set of callers may hold it.
    """
    members: dict[str, set[str]] = {}
    for one in derivation.relationships:
        if one.type == "IN_GROUP":
            members.setdefault(one.end, set()).add(one.start)
    found = set()
    for one in derivation.relationships:
        followed = one.type in ("IN_GROUP", "CONTROLS", "LINKED_TO")
        if one.props.get("possible") and not followed:
            starts = members.get(one.start, {one.start})
            found |= {(one.type, start, one.end) for start in starts if start != one.end}
    return found


def left_out(derivation: Derivation) -> set[tuple[str, str, str]]:
    """Steps that a sure admin may have without their being drawn: ``CONTROLS`` leads on."""
    admins = {
        one.start
        for one in derivation.relationships
        if one.type == "HAS_ADMIN" and one.props["definite"]
    }
    roles = {("CAN_ASSUME", admin, iam("role", name)) for admin in admins for name in ROLES}
    return roles | {("CAN_ACCESS", admin, BUCKET) for admin in admins}


EVERYONE = ("any-aws-account", "any-aws-principal", "internet")


def of_their_accounts(steps: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """The same steps from the principals' accounts, whose admins have all that they have.

    An account has a step of its own only where none of its principals has it.
    """
    return {
        (kind, f"account:{start.split(':')[4]}", end)
        for kind, start, end in steps
        if start.startswith("arn:aws:iam::")
    }


@settings(max_examples=100, deadline=None)
@given(denied())
def test_a_deny_never_adds_a_possible_step(worlds: tuple[World, World]) -> None:
    before, after = (derived(world) for world in worlds)
    earlier = possible(before) | left_out(before)
    found = possible(after) - earlier - of_their_accounts(earlier)
    # What everyone had may be left to some of them.
    assert {
        step for step in found if not {(step[0], e, step[2]) for e in EVERYONE} & earlier
    } == set()


# A change.


def trust_snapshot(folder: Path) -> tuple[Snapshot, str, dict[str, Any]]:
    world = World()
    statements = [trusting({"AWS": VENDOR}), trusting({"AWS": DEV}), EC2]
    role = world.role("app", statements)
    row = world.lines[PROD, "global", "iam:role"][role]
    return world.write(folder), role, json.loads(json.dumps(row))


def test_an_overlay_without_a_statement_removes_exactly_its_step(tmp_path: Path) -> None:
    snapshot, role, row = trust_snapshot(tmp_path)
    row["item"]["AssumeRolePolicyDocument"] = doc(trusting({"AWS": DEV}), EC2)
    file = f"accounts/{PROD}/global/iam/role.jsonl"
    overlay = Overlay([Change("replace", file, role, row)])
    before = derive(snapshot)
    after = derive(snapshot.with_overlay(overlay))
    walked = [
        {
            step(one)
            for one in found.relationships
            if "verdict" in one.props and one.type != "LINKED_TO"
        }
        for found in (before, after)
    ]
    (gone,) = walked[0] - walked[1]
    assert gone[:3] == ("CAN_ASSUME", f"account:{VENDOR}", role)
    assert walked[1] < walked[0]
    kept = {node.id for node in after.nodes}
    lost = {node.id for node in before.nodes if node.props["category"] != "policy"} - kept
    assert lost == {f"account:{VENDOR}"}
    assert derive(snapshot) == before


def test_an_overlay_reads_like_a_snapshot_of_the_changed_world(tmp_path: Path) -> None:
    snapshot, role, row = trust_snapshot(tmp_path / "a")
    row["item"]["AssumeRolePolicyDocument"] = doc(EC2)
    file = f"accounts/{PROD}/global/iam/role.jsonl"
    changed = World()
    changed.role("app", [EC2])
    overlay = Overlay([Change("replace", file, role, row)])
    assert derive(snapshot.with_overlay(overlay)) == derive(changed.write(tmp_path / "b"))
