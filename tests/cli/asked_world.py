"""A small organisation of two accounts for questions to the IAM engine, as a snapshot."""

from __future__ import annotations

import json
from pathlib import Path

from snapshot_files import Absent, line, write_snapshot

PROD, MANAGEMENT, OUTSIDE = "111122223333", "444455556666", "999988887777"
ORG = "o-abcdefghij"
DATA, LOGS = "arn:aws:s3:::data", "arn:aws:s3:::logs"
ALICE = f"arn:aws:iam::{PROD}:user/alice"
BOB = f"arn:aws:iam::{PROD}:user/bob"
DEPLOY = f"arn:aws:iam::{PROD}:role/deploy"
APP = f"arn:aws:iam::{PROD}:role/service/app"
HOSTILE = f"arn:aws:iam::{PROD}:role/evil\u202e\x1b[31m'; DROP"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ONLY_S3 = f"arn:aws:iam::{PROD}:policy/only-s3"
READERS = 25


def doc(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def _managed(arn, *statements):
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": doc(*statements)}
    return line(arn, {"Arn": arn, "Path": "/", "PolicyVersionList": [version]})


def _user(arn, *inline, attached=(), boundary=""):
    name = arn.rpartition("/")[2]
    item = {
        "Arn": arn,
        "UserName": name,
        "UserId": f"AIDA{name.upper():0<17}",
        "Path": "/",
        "GroupList": [],
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": doc(*inline)}] if inline else [],
        "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": one} for one in attached],
    }
    if boundary:
        item["PermissionsBoundary"] = {"PermissionsBoundaryArn": boundary}
    return line(arn, item)


def _role(arn, *inline, attached=(), trust=None, path="/"):
    name = arn.rpartition("/")[2]
    trusted = {"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}
    item = {
        "Arn": arn,
        "RoleName": name,
        "RoleId": f"AROA{abs(hash(name)) % 10**16:017d}",
        "Path": path,
        "AssumeRolePolicyDocument": doc(trusted),
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": doc(*inline)}] if inline else [],
        "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": one} for one in attached],
    }
    return line(arn, item)


def _bucket(arn, policy):
    owned = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
    return line(
        arn,
        {"Name": arn.rpartition(":")[2]},
        get_bucket_policy={"Policy": json.dumps(policy)} if policy else Absent,
        get_bucket_acl={"Grants": []},
        get_bucket_ownership_controls=owned,
        get_public_access_block=Absent,
    )


def _organisation():
    everywhere = [{"TargetId": one} for one in ("r-1", "ou-1", PROD, MANAGEMENT)]
    full = {"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY"}
    keep = {"Id": "p-1", "Name": "KeepBuckets", "Type": "SERVICE_CONTROL_POLICY"}
    denial = {"Sid": "Keep", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
    types = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    return {
        "organization": [
            line(
                MANAGEMENT,
                {},
                describe_organization={
                    "Organization": {"Id": ORG, "MasterAccountId": MANAGEMENT, "FeatureSet": "ALL"}
                },
            )
        ],
        "root": [
            line(
                "arn:r-1",
                {"Id": "r-1", "PolicyTypes": types},
                list_organizational_units_for_parent=[{"Id": "ou-1"}],
                list_accounts_for_parent=[{"Id": MANAGEMENT}],
            )
        ],
        "organizational-unit": [
            line("arn:ou-1", {"Id": "ou-1"}, list_accounts_for_parent=[{"Id": PROD}])
        ],
        "account": [
            line(f"arn:account/{PROD}", {"Id": PROD, "Name": "prod"},
                 list_parents=[{"Id": "ou-1"}]),
            line(f"arn:account/{MANAGEMENT}", {"Id": MANAGEMENT, "Name": "management"},
                 list_parents=[{"Id": "r-1"}]),
        ],
        "policy": [
            line("arn:p-full", full, list_targets_for_policy=everywhere,
                 describe_policy={"Policy": {"Content": json.dumps(doc(allow("*")))}}),
            line("arn:p-1", keep, list_targets_for_policy=[{"TargetId": "ou-1"}],
                 describe_policy={"Policy": {"Content": json.dumps(doc(denial))}}),
        ],
    }  # fmt: skip


def _ledger(lines, denied):
    from graph.iam.from_snapshot import NEEDS

    rows = []
    for account in (PROD, MANAGEMENT):
        for kind in NEEDS:
            service = kind.partition(":")[0]
            region = "global" if service in ("iam", "org", "s3") else "eu-west-1"
            operation = "get_account_authorization_details" if service == "iam" else "list"
            rows.append(
                {
                    "account_id": account,
                    "region": region,
                    "service": service,
                    "operation": operation,
                    "type": kind,
                    "status": "denied" if (account, kind) in denied else "ok",
                    "items": len(lines.get((account, region, kind), ())),
                    "code": "",
                    "message": "",
                }
            )
    return rows


def write(folder: Path, denied=(), organisation=True) -> Path:
    """Write the snapshot.

    ``denied`` are (account, type) that the ledger has as refused; without ``organisation`` nothing
    of it was read.
    """
    bucket_policy = doc(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{OUTSIDE}:root"},
            "Action": "s3:GetObject",
            "Resource": f"{DATA}/*",
        },
        {
            "Sid": "KeepData",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:DeleteObject",
            "Resource": f"{DATA}/*",
        },
    )
    with_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    readers = [
        _role(f"arn:aws:iam::{PROD}:role/reader-{n:02}", attached=[f"arn:aws:iam::{PROD}:policy/r"],
              trust={"Service": "ec2.amazonaws.com"})
        for n in range(READERS)
    ]  # fmt: skip
    lines = {
        (PROD, "global", "iam:user"): [
            _user(
                ALICE,
                allow(["s3:GetObject", "s3:ListBucket"], [DATA, f"{DATA}/*"]),
                allow("iam:CreateUser", Condition=with_mfa),
                allow("sts:AssumeRole"),
            ),
            _user(BOB, attached=[ADMIN], boundary=ONLY_S3),
        ],
        (PROD, "global", "iam:role"): [
            _role(DEPLOY, attached=[ADMIN], trust={"AWS": ALICE}),
            _role(APP, allow("s3:*", f"{DATA}/*"), trust={"Service": "ec2.amazonaws.com"},
                  path="/service/"),
            _role(HOSTILE, allow("sqs:*"), trust={"Service": "ec2.amazonaws.com"}),
            *readers,
        ],
        (PROD, "global", "iam:policy"): [
            _managed(ADMIN, allow("*")),
            _managed(ONLY_S3, allow("s3:*")),
            _managed(f"arn:aws:iam::{PROD}:policy/r", allow("s3:GetObject", f"{LOGS}/*")),
        ],
        (PROD, "global", "s3:bucket"): [_bucket(DATA, bucket_policy), _bucket(LOGS, None)],
        (MANAGEMENT, "global", "iam:role"): [
            _role(f"arn:aws:iam::{MANAGEMENT}:role/deploy", trust={"Service": "ec2.amazonaws.com"})
        ],
    }  # fmt: skip
    if not organisation:
        write_snapshot(folder, lines, _ledger(lines, set(denied)))
        return folder
    lines |= {(MANAGEMENT, "global", f"org:{k}"): rows for k, rows in _organisation().items()}
    write_snapshot(folder, lines, _ledger(lines, set(denied)))
    return folder
