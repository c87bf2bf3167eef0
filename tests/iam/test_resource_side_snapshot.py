"""What a snapshot says of the resources' side, as AWS's calls give it."""

import json

import pytest

from graph.iam.evaluate import decide
from graph.iam.from_snapshot import from_snapshot
from graph.iam.request import Request
from graph.iam.resource_controls import ALL_USERS, AclGrant, PublicAccessBlock, VpcEndpoint
from graph.iam.world import IamWorld, outside_account
from tests.iam.worlds import A, B, doc, grant
from tests.snapshot_files import Absent, Denied, line, write_snapshot

HERE = (A, "eu-west-1")
BUCKET = "arn:aws:s3:::data"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/k"
FUNCTION = f"arn:aws:lambda:eu-west-1:{A}:function:f"
SUBNET = f"arn:aws:ec2:eu-west-1:{A}:subnet/subnet-1"
SHARE = f"arn:aws:ram:eu-west-1:{A}:resource-share/s"


def built(tmp_path, type_id, *lines, ledger=()) -> IamWorld:
    return from_snapshot(write_snapshot(tmp_path, {(*HERE, type_id): list(lines)}, list(ledger)))


def shares_listed(status="ok"):
    return {
        "account_id": A,
        "region": "eu-west-1",
        "service": "ram",
        "operation": "get_resource_shares",
        "type": "ram:share",
        "status": status,
    }


def share(principals, resources=(SUBNET,), owner=A):
    def listed(names):
        if names is Denied:
            return Denied
        return [{"associatedEntity": name, "status": state} for name, state in names]

    calls = {
        "get_resource_share_associations(associationType=PRINCIPAL)": listed(principals),
        "get_resource_share_associations(associationType=RESOURCE)": listed(
            [(name, "ASSOCIATED") for name in resources]
        ),
    }
    return line(SHARE, {"owningAccountId": owner, "status": "ACTIVE"}, **calls)


def test_shares_in_force_and_where_all_are_known(tmp_path):
    row = share([(B, "ASSOCIATED"), ("333333333333", "DISASSOCIATED")])
    world = built(tmp_path, "ram:share", row, ledger=[shares_listed()])
    assert world.shares == {SUBNET: (B,)}
    assert world.shares_read == {f"{A}/eu-west-1"}


@pytest.mark.parametrize(
    ("row", "status"), [(share(Denied), "ok"), (share([(B, "ASSOCIATED")]), "denied")]
)
def test_shares_that_were_not_all_read_are_not_known(tmp_path, row, status):
    world = built(tmp_path, "ram:share", row, ledger=[shares_listed(status)])
    assert world.shares_read == frozenset()


def test_a_share_received_says_nothing_of_what_it_holds(tmp_path):
    row = share([(A, "ASSOCIATED")], owner=B)
    assert built(tmp_path, "ram:share", row, ledger=[shares_listed()]).shares == {}


def test_grants_of_a_key_as_a_policy_none_and_not_read(tmp_path):
    one = {"GrantId": "g", "GranteePrincipal": f"arn:aws:iam::{B}:root", "Operations": ["Decrypt"]}
    found = {}
    for name, call in (("some", {"Grants": [one]}), ("none", []), ("unread", Denied)):
        world = built(tmp_path / name, "kms:key", line(KEY, {}, list_grants=call))
        found[name] = world.key_grants.get(KEY, "missing")
    assert found["some"].document.statements[0].principals == (("AWS", f"arn:aws:iam::{B}:root"),)
    assert (found["none"], found["unread"]) == (None, "missing")


@pytest.mark.parametrize(("manager", "expected"), [("AWS", "no"), ("CUSTOMER", "unknown")])
def test_a_key_that_aws_manages_serves_nobody_else(tmp_path, manager, expected):
    """Its policy is not collected: nobody can change it."""
    metadata = {"KeyMetadata": {"KeyManager": manager}}
    world = built(tmp_path, "kms:key", line(KEY, {}, describe_key=metadata))
    answer = decide(world, Request(outside_account(B), "kms:Decrypt", KEY)).answer
    assert str(answer.verdict) == expected


def test_each_alias_brings_its_own_policy(tmp_path):
    policy = {"Policy": json.dumps(doc(grant({"AWS": B}, "lambda:InvokeFunction")))}
    calls = {"get_policy": Absent, "get_policy(Qualifier=prod)": policy}
    calls["get_policy(Qualifier=dev)"] = Denied
    world = built(tmp_path, "lambda:function", line(FUNCTION, {}, **calls))
    asked = {
        qualifier: str(
            decide(
                world, Request(outside_account(B), "lambda:InvokeFunction", FUNCTION + qualifier)
            ).answer.verdict
        )
        for qualifier in ("", ":prod", ":dev")
    }
    assert asked == {"": "no", ":prod": "yes", ":dev": "unknown"}
    ref = world.resource_policies[f"{FUNCTION}:prod"].ref
    assert ref.pointer == "/calls/get_policy(Qualifier=prod)/value/Policy"


def test_an_endpoint_with_its_policy(tmp_path):
    arn = f"arn:aws:ec2:eu-west-1:{A}:vpc-endpoint/vpce-1"
    item = {"VpcEndpointId": "vpce-1", "ServiceName": "com.amazonaws.eu-west-1.s3"}
    text = json.dumps(doc(grant("*")))
    world = built(tmp_path / "1", "ec2:vpc-endpoint", line(arn, {**item, "PolicyDocument": text}))
    assert world.endpoints == {"vpce-1": VpcEndpoint(arn, "com.amazonaws.eu-west-1.s3")}
    assert len(world.resource_policies[arn].document.statements) == 1
    bare = built(tmp_path / "2", "ec2:vpc-endpoint", line(arn, item))
    assert bare.resource_policies == {arn: None}


ACL = {
    "Owner": {"ID": "canon-a"},
    "Grants": [
        {
            "Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
            "Permission": "READ",
        },
        {"Grantee": {"Type": "CanonicalUser", "ID": "canon-b"}, "Permission": "WRITE"},
        {"Grantee": {"Type": "Group", "URI": "http://example.com/unknown"}, "Permission": "READ"},
    ],
}


def test_a_buckets_settings_and_what_was_not_read(tmp_path):
    block = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}}
    row = line(
        BUCKET,
        {"Name": "data"},
        get_bucket_acl=ACL,
        get_public_access_block=block,
        get_bucket_ownership_controls=Absent,
        get_bucket_policy_status={"PolicyStatus": {"IsPublic": False}},
    )
    world = built(tmp_path / "read", "s3:bucket", row)
    found = world.buckets[BUCKET]
    assert found.acl == (AclGrant(ALL_USERS, "READ"), AclGrant("canon-b", "WRITE"))
    assert (found.acls_enabled, found.called_public) == (True, False)
    assert found.block == PublicAccessBlock(restrict_public_buckets=True)
    assert world.canonical_ids == {A: "canon-a"}
    unread = built(tmp_path / "unread", "s3:bucket", line(BUCKET, {"Name": "data"}))
    bare = unread.buckets[BUCKET]
    assert (bare.acl, bare.acls_enabled, bare.called_public, bare.block) == (None,) * 4


@pytest.mark.parametrize("broken", [7, "x", {}, {"Grants": 3}, {"Grants": {"Grantee": 1}}])
def test_answers_of_another_shape_are_as_good_as_unread(tmp_path, broken):
    calls = dict.fromkeys(
        (
            "get_bucket_acl",
            "get_public_access_block",
            "get_bucket_ownership_controls",
            "get_bucket_policy_status",
        ),
        broken,
    )
    world = built(tmp_path / "bucket", "s3:bucket", line(BUCKET, {"Name": "data"}, **calls))
    assert world.buckets[BUCKET].acl is None
    key = built(tmp_path / "key", "kms:key", line(KEY, {}, list_grants=broken))
    assert KEY not in key.key_grants


def test_an_acl_line_of_another_shape_names_nobody(tmp_path):
    rows = {"Grants": [1, {"Grantee": 1}, {"Grantee": {"ID": "canon-b"}, "Permission": "READ"}]}
    item = line(BUCKET, {"Name": "data"}, get_bucket_acl=rows)
    world = built(tmp_path, "s3:bucket", item)
    assert world.buckets[BUCKET].acl == (AclGrant("canon-b", "READ"),)
