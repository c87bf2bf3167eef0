"""Members of a snapshot that do not have the shape that AWS gives: unread, never nothing.

The shapes of the answers:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.derivation.workload_roles import workloads
from graph.derivation.workloads import workload_part
from graph.derive import derive
from graph.iam.admin import admin_answer
from graph.iam.document import BrokenPolicy, Document, parse
from graph.iam.evaluate import decide
from graph.iam.from_snapshot import from_snapshot
from graph.iam.request import Request
from graph.iam.world import IamWorld
from graph.sharing.s3 import bucket_judgements
from tests.iam.worlds import A, doc
from tests.snapshot_files import Absent, line, write_snapshot

USER = f"arn:aws:iam::{A}:user/u"
ROLE = f"arn:aws:iam::{A}:role/r"
GROUP = f"arn:aws:iam::{A}:group/g"
MANAGED = f"arn:aws:iam::{A}:policy/m"
BUCKET = "arn:aws:s3:::data"
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}
NO_DOCUMENT = [5, [], [5], True, False, 1.5]
NO_LIST = [5, "x", [5], [None], {}, True]


def identity(**more: Any) -> dict[str, Any]:
    return {
        "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": doc(ALLOW)}],
        "AttachedManagedPolicies": [],
        "GroupList": [],
        "UserName": "u",
        "Arn": USER,
        **more,
    }


def world(folder: Path, user: dict[str, Any], *more: dict[str, Any], group: Any = None) -> IamWorld:
    rows = {
        (A, "global", "iam:user"): [line(USER, user)],
        (A, "global", "iam:policy"): list(more),
        (A, "global", "iam:group"): [line(GROUP, group)] if group else [],
    }
    return from_snapshot(write_snapshot(folder, rows))


def verdict(found: IamWorld, action: str = "ec2:StopInstances") -> str:
    return str(decide(found, Request(found.principals[USER], action, "*")).answer.verdict)


@pytest.mark.parametrize("source", NO_DOCUMENT)
def test_what_is_neither_text_nor_an_object_is_broken(source: object) -> None:
    assert parse(source) == BrokenPolicy("neither text nor an object")


def test_twin_an_object_is_a_policy() -> None:
    assert isinstance(parse(doc(ALLOW)), Document)


@pytest.mark.parametrize("source", NO_DOCUMENT)
def test_an_inline_policy_that_is_none_leaves_the_user_unknown(
    tmp_path: Path, source: object
) -> None:
    row = identity(UserPolicyList=[{"PolicyName": "p", "PolicyDocument": source}])
    assert verdict(world(tmp_path, row)) == "unknown"


@pytest.mark.parametrize(
    "version",
    [
        *({"IsDefaultVersion": True, "Document": source} for source in NO_DOCUMENT),
        5,
        None,
    ],
)
def test_a_managed_policy_that_is_none_leaves_its_holder_unknown(
    tmp_path: Path, version: object
) -> None:
    row = identity(UserPolicyList=[], AttachedManagedPolicies=[{"PolicyArn": MANAGED}])
    policy = line(MANAGED, {"Arn": MANAGED, "PolicyVersionList": [version]})
    assert verdict(world(tmp_path, row, policy)) == "unknown"


def test_twin_a_managed_policy_in_shape_decides(tmp_path: Path) -> None:
    row = identity(UserPolicyList=[], AttachedManagedPolicies=[{"PolicyArn": MANAGED}])
    versions = [5, {"IsDefaultVersion": True, "Document": doc(ALLOW)}]
    policy = line(MANAGED, {"Arn": MANAGED, "PolicyVersionList": versions})
    assert verdict(world(tmp_path, row, policy)) == "yes"


@pytest.mark.parametrize("versions", [5, "x", {}, True])
def test_versions_that_are_no_list_leave_the_holder_unknown(
    tmp_path: Path, versions: object
) -> None:
    row = identity(UserPolicyList=[], AttachedManagedPolicies=[{"PolicyArn": MANAGED}])
    policy = line(MANAGED, {"Arn": MANAGED, "PolicyVersionList": versions})
    assert verdict(world(tmp_path, row, policy)) == "unknown"


@pytest.mark.parametrize("value", NO_LIST)
@pytest.mark.parametrize("member", ["UserPolicyList", "AttachedManagedPolicies", "Tags"])
def test_a_list_that_is_none_is_a_gap_of_its_user(
    tmp_path: Path, member: str, value: object
) -> None:
    found = world(tmp_path, identity(**{member: value}))
    assert found.principals[USER].gaps == (("iam:policies", USER),)
    assert verdict(found) in ("unknown", "conditional")


@pytest.mark.parametrize("value", [5, "x", {}, True])
def test_groups_that_are_no_list_are_a_gap_of_their_user(tmp_path: Path, value: object) -> None:
    found = world(tmp_path, identity(GroupList=value))
    assert found.principals[USER].gaps == (("iam:policies", USER),)


@pytest.mark.parametrize("value", NO_LIST)
@pytest.mark.parametrize("member", ["GroupPolicyList", "AttachedManagedPolicies"])
def test_a_list_of_a_group_that_is_none_is_a_gap_of_its_members(
    tmp_path: Path, member: str, value: object
) -> None:
    group = {"GroupName": "g", "Arn": GROUP, member: value}
    found = world(tmp_path, identity(GroupList=["g"]), group=group)
    assert found.principals[USER].gaps == (("iam:policies", GROUP),)


@pytest.mark.parametrize("value", [[], None])
@pytest.mark.parametrize(
    "member", ["UserPolicyList", "AttachedManagedPolicies", "Tags", "GroupList"]
)
def test_twin_an_empty_list_is_no_gap(tmp_path: Path, member: str, value: object) -> None:
    found = world(tmp_path, identity(**{member: value}))
    assert found.principals[USER].gaps == ()
    assert verdict(found) == ("no" if member == "UserPolicyList" else "yes")


@pytest.mark.parametrize("value", ["x", MANAGED, {}, 5, [], {"PermissionsBoundaryArn": 5}])
def test_a_boundary_out_of_shape_is_one_that_was_not_read(tmp_path: Path, value: object) -> None:
    found = world(tmp_path, identity(PermissionsBoundary=value))
    boundary = found.principals[USER].boundary
    assert boundary is not None
    assert boundary.document is None
    assert verdict(found) == "conditional"
    assert str(admin_answer(found, USER, A).answer.verdict) != "yes"


def test_twin_no_boundary_limits_nothing(tmp_path: Path) -> None:
    found = world(tmp_path, identity(PermissionsBoundary=None))
    assert found.principals[USER].boundary is None
    assert verdict(found) == "yes"


NAMELESS = [
    {"Effect": "Deny", "Action": "*"},
    {"Effect": "Deny", "Action": "*", "Resource": None},
    {"Effect": "Deny", "Action": "*", "Resource": []},
    {"Effect": "Deny", "Action": [], "Resource": "*"},
    {**DENY, "Condition": {"StringEquals": {"aws:username": {"a": 1}}}},
    {**DENY, "Condition": {"StringEquals": {"aws:username": [["u"]]}}},
    {**DENY, "Condition": {"StringEquals": {"aws:username": None}}},
]


@pytest.mark.parametrize("deny", NAMELESS)
def test_a_deny_out_of_shape_is_not_ignored(tmp_path: Path, deny: dict[str, Any]) -> None:
    row = identity(UserPolicyList=[{"PolicyDocument": doc(ALLOW, deny)}])
    found = world(tmp_path, row)
    assert verdict(found) in ("conditional", "unknown")
    assert str(admin_answer(found, USER, A).answer.verdict) != "yes"


@pytest.mark.parametrize("deny", NAMELESS)
def test_a_deny_out_of_shape_in_a_boundary_is_not_ignored(
    tmp_path: Path, deny: dict[str, Any]
) -> None:
    row = identity(PermissionsBoundary={"PermissionsBoundaryArn": MANAGED})
    versions = [{"IsDefaultVersion": True, "Document": doc(ALLOW, deny)}]
    policy = line(MANAGED, {"Arn": MANAGED, "PolicyVersionList": versions})
    assert verdict(world(tmp_path, row, policy)) == "conditional"


def test_twin_an_allow_without_resource_grants_nothing(tmp_path: Path) -> None:
    row = identity(UserPolicyList=[{"PolicyDocument": doc({"Effect": "Allow", "Action": "*"})}])
    assert verdict(world(tmp_path, row)) == "no"


def test_twin_a_deny_of_another_action_without_resource_denies_nothing(tmp_path: Path) -> None:
    deny = {"Effect": "Deny", "Action": "s3:*"}
    row = identity(UserPolicyList=[{"PolicyDocument": doc(ALLOW, deny)}])
    assert verdict(world(tmp_path, row)) == "yes"


@pytest.mark.parametrize("trust", NO_DOCUMENT)
def test_a_trust_that_is_none_is_not_known(tmp_path: Path, trust: object) -> None:
    role = line(ROLE, {"Arn": ROLE, "RoleName": "r", "AssumeRolePolicyDocument": trust})
    found = from_snapshot(
        write_snapshot(
            tmp_path,
            {
                (A, "global", "iam:role"): [role],
                (A, "global", "iam:user"): [line(USER, identity())],
            },
        )
    )
    request = Request(found.principals[USER], "sts:AssumeRole", ROLE)
    assert str(decide(found, request).answer.verdict) == "unknown"


@pytest.mark.parametrize("text", NO_DOCUMENT)
def test_a_bucket_policy_that_is_none_is_broken(tmp_path: Path, text: object) -> None:
    row = line(BUCKET, {"Name": "data"}, get_bucket_policy={"Policy": text})
    found = from_snapshot(write_snapshot(tmp_path, {(A, "eu-west-1", "s3:bucket"): [row]}))
    policy = found.resource_policies[BUCKET]
    assert policy is not None
    assert isinstance(policy.document, BrokenPolicy)


OWNERSHIP = [
    ({"OwnershipControls": 5}, None),
    ({"OwnershipControls": {"Rules": 5}}, None),
    ({"OwnershipControls": {"Rules": [5]}}, None),
    ({"OwnershipControls": {"Rules": []}}, True),
    ({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}, False),
    ({"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}, True),
]


@pytest.mark.parametrize(("answer", "enabled"), OWNERSHIP)
def test_ownership_out_of_shape_was_not_read(
    tmp_path: Path, answer: object, enabled: bool | None
) -> None:
    row = line(BUCKET, {"Name": "data"}, get_bucket_ownership_controls=answer)
    snapshot = write_snapshot(tmp_path, {(A, "eu-west-1", "s3:bucket"): [row]})
    assert from_snapshot(snapshot).buckets[BUCKET].acls_enabled is enabled


HOSTILE_LINES = [
    ("iam:user", line(USER, identity(Arn=5))),
    ("iam:user", line("x", identity(Arn="x"))),
    ("iam:role", line("x", {"Arn": "x", "RoleName": "r"})),
    *(
        ("iam:role", line(ROLE, {"Arn": ROLE, "RoleName": "r", "InstanceProfileList": value}))
        for value in NO_LIST
    ),
    *(
        ("s3:bucket", line(BUCKET, {"Name": "data"}, get_bucket_ownership_controls=answer))
        for answer, _ in OWNERSHIP
    ),
    *(
        ("s3:bucket", line(BUCKET, {"Name": "data"}, get_bucket_policy={"Policy": text}))
        for text in NO_DOCUMENT
    ),
    *(
        ("iam:user", line(USER, identity(**{member: value})))
        for member in ("UserPolicyList", "GroupList", "Tags", "PermissionsBoundary")
        for value in NO_LIST
    ),
    *(
        ("org:policy", line("p-1", {"Name": "s"}, describe_policy={"Policy": {"Content": text}}))
        for text in NO_DOCUMENT
    ),
]


@pytest.mark.parametrize(("type_id", "row"), HOSTILE_LINES)
def test_a_graph_is_built_whatever_a_line_holds(
    tmp_path: Path, type_id: str, row: dict[str, Any]
) -> None:
    rows = {(A, "global", "iam:user"): [line(USER, identity())]}
    rows[A, "global" if type_id.startswith(("iam", "org")) else "eu-west-1", type_id] = [row]
    assert derive(write_snapshot(tmp_path, rows)).nodes


PROFILE = f"arn:aws:iam::{A}:instance-profile/p"
INSTANCE = f"arn:aws:ec2:eu-west-1:{A}:instance/i-1"


def carried(folder: Path, roles: object, profile: object = None) -> list[str]:
    """The verdicts on the roles that an instance carries."""
    told = {"Arn": PROFILE} if profile is None else profile
    machine = {"InstanceId": "i-1", "State": {"Name": "running"}, "IamInstanceProfile": told}
    rows = {
        (A, "global", "iam:instance-profile"): [line(PROFILE, {"Arn": PROFILE, "Roles": roles})],
        (A, "eu-west-1", "ec2:instance"): [line(INSTANCE, machine)],
    }
    snapshot = write_snapshot(folder, rows)
    part = workload_part(workloads(snapshot, from_snapshot(snapshot)))
    return [str(one.answer.verdict) for one in part.judgements]


@pytest.mark.parametrize("roles", [5, "x", [5], [None], {"a": 1}])
def test_a_profile_whose_roles_are_out_of_shape_may_hold_one(tmp_path: Path, roles: object) -> None:
    assert carried(tmp_path, roles) == ["unknown"]


def test_twin_a_profile_without_roles_holds_none(tmp_path: Path) -> None:
    assert carried(tmp_path, []) == ["no"]


@pytest.mark.parametrize("profile", [5, "x", [5]])
def test_an_instances_profile_out_of_shape_may_hold_a_role(tmp_path: Path, profile: object) -> None:
    assert carried(tmp_path, [], profile) == ["unknown"]


SAID = json.dumps(doc({**ALLOW, "Action": "s3:GetObject", "Principal": "*"}))
GRANTS: list[Any] = [5, "x", [5], {"a": 5}, [{"Grantee": 5}]]


def public(folder: Path, mechanism: str, **calls: Any) -> list[str]:
    """The verdicts on the internet's way to a bucket."""
    none = {"get_public_access_block": Absent, "get_bucket_policy": Absent}
    row = line(BUCKET, {"Name": "data"}, **{**none, **calls})
    account = line(f"arn:aws:s3::{A}:account", {}, get_public_access_block=Absent)
    rows = {(A, "eu-west-1", "s3:bucket"): [row], (A, "global", "s3:account-bpa"): [account]}
    snapshot = write_snapshot(folder, rows)
    return [
        str(one.answer.verdict)
        for one in bucket_judgements(snapshot, from_snapshot(snapshot))
        if one.source == "internet" and one.mechanism == mechanism
    ]


@pytest.mark.parametrize("grants", GRANTS)
def test_an_acl_out_of_shape_was_not_read(tmp_path: Path, grants: object) -> None:
    calls = {"get_bucket_acl": {"Grants": grants}, "get_bucket_ownership_controls": Absent}
    assert public(tmp_path, "bucket-acl", **calls) == ["unknown"]


def test_twin_an_empty_acl_grants_nothing(tmp_path: Path) -> None:
    calls = {"get_bucket_acl": {"Grants": []}, "get_bucket_ownership_controls": Absent}
    assert public(tmp_path, "bucket-acl", **calls) == ["no"]


@pytest.mark.parametrize("value", [5, "x", [5]])
def test_an_answer_on_a_policy_out_of_shape_was_not_read(tmp_path: Path, value: object) -> None:
    assert public(tmp_path, "bucket-policy", get_bucket_policy=value) == ["unknown"]


@pytest.mark.parametrize("value", [5, "x", [5]])
@pytest.mark.parametrize("wrapped", [True, False])
def test_a_block_out_of_shape_may_be_on(tmp_path: Path, value: object, wrapped: bool) -> None:
    told = {"PublicAccessBlockConfiguration": value} if wrapped else value
    calls = {"get_bucket_policy": {"Policy": SAID}, "get_public_access_block": told}
    assert public(tmp_path, "bucket-policy", **calls) == ["conditional"]


def test_twin_no_block_leaves_the_bucket_open(tmp_path: Path) -> None:
    assert public(tmp_path, "bucket-policy", get_bucket_policy={"Policy": SAID}) == ["yes"]
