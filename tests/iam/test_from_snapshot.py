"""Snapshots as worlds: shapes of account details, the organisation, and what is missing."""

import json

import pytest

from graph.iam.assume import assume_answers
from graph.iam.evaluate import evaluate
from graph.iam.from_snapshot import from_snapshot
from graph.iam.request import Request
from graph.verdict import Verdict
from snapshot_files import Absent, Denied, line, write_snapshot
from tests.iam.worlds import FULL, ORG, A, B, allow, deny, doc, grant

OPERATION = "get_account_authorization_details"
BUCKET = "arn:aws:s3:::data"
BOUNDARY = f"arn:aws:iam::{A}:policy/limits"


def gaad_ledger(account, status="ok", type_id="iam:user", operation=OPERATION, service="iam"):
    return {
        "account_id": account,
        "region": "global",
        "service": service,
        "operation": operation,
        "type": type_id,
        "status": status,
        "items": 1,
        "code": "",
        "message": "",
    }


def managed(arn, *statements):
    """As moto gives it too: no PolicyName, no PolicyId."""
    versions = [
        {"VersionId": "v1", "IsDefaultVersion": False, "Document": doc(deny())},
        {"VersionId": "v2", "IsDefaultVersion": True, "Document": doc(*statements)},
    ]
    return line(
        arn, {"Arn": arn, "Path": "/", "DefaultVersionId": "v2", "PolicyVersionList": versions}
    )


def iam_lines():
    alice = f"arn:aws:iam::{A}:user/alice"
    app = f"arn:aws:iam::{A}:role/app"
    return {
        (A, "global", "iam:user"): [
            line(
                alice,
                {
                    "Arn": alice,
                    "UserName": "alice",
                    "UserId": "AIDAX",
                    "Path": "/",
                    "GroupList": ["ops"],
                    "UserPolicyList": [],
                    "AttachedManagedPolicies": [],
                },
            )
        ],
        (A, "global", "iam:group"): [
            line(
                f"arn:aws:iam::{A}:group/ops",
                {
                    "GroupName": "ops",
                    "GroupPolicyList": [],
                    "AttachedManagedPolicies": [
                        {"PolicyName": "p", "PolicyArn": f"arn:aws:iam::{A}:policy/p"}
                    ],
                },
            )
        ],
        (A, "global", "iam:role"): [
            line(
                app,
                {
                    "Arn": app,
                    "RoleName": "app",
                    "RoleId": "AROAX",
                    "Path": "/",
                    "AssumeRolePolicyDocument": doc(
                        {"Effect": "Allow", "Principal": {"AWS": A}, "Action": "sts:AssumeRole"}
                    ),
                    "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": doc(FULL)}],
                    "AttachedManagedPolicies": [],
                    "PermissionsBoundary": {
                        "PermissionsBoundaryType": "Policy",
                        "PermissionsBoundaryArn": BOUNDARY,
                    },
                    "Tags": [{"Key": "team", "Value": "x"}],
                },
            )
        ],
        (A, "global", "iam:policy"): [
            managed(f"arn:aws:iam::{A}:policy/p", allow("sts:AssumeRole")),
            managed(BOUNDARY, allow("s3:*")),
        ],
    }


def organisation(*, scp_targets=("r-1",), enabled=True, describe=None):
    types = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}] if enabled else []
    summary = {"Id": "p-1", "Name": "NoS3", "Type": "SERVICE_CONTROL_POLICY", "Arn": "arn:p-1"}
    full = {"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY"}
    text = {"Policy": {"PolicySummary": summary, "Content": json.dumps(doc(deny("s3:*")))}}
    everywhere = [{"TargetId": one, "Type": "X"} for one in ("r-1", "ou-1", A, B)]
    targets = (
        scp_targets
        if scp_targets is Denied
        else [{"TargetId": one, "Type": "X"} for one in scp_targets]
    )
    return {
        (B, "global", "org:organization"): [
            line(
                B,
                {},
                describe_organization={
                    "Organization": {"Id": ORG, "MasterAccountId": B, "FeatureSet": "ALL"}
                },
            )
        ],
        (B, "global", "org:root"): [
            line(
                "arn:r-1",
                {"Id": "r-1", "PolicyTypes": types},
                list_organizational_units_for_parent=[{"Id": "ou-1"}],
                list_accounts_for_parent=[{"Id": B}],
            )
        ],
        (B, "global", "org:organizational-unit"): [
            line("arn:ou-1", {"Id": "ou-1"}, list_accounts_for_parent=[{"Id": A}])
        ],
        (B, "global", "org:account"): [
            line(
                f"arn:account/{A}",
                {"Id": A},
                list_parents=[{"Id": "ou-1", "Type": "ORGANIZATIONAL_UNIT"}],
            ),
            line(f"arn:account/{B}", {"Id": B}, list_parents=[{"Id": "r-1", "Type": "ROOT"}]),
        ],
        (B, "global", "org:policy"): [
            line(
                "arn:p-1",
                summary,
                describe_policy=describe or text,
                list_targets_for_policy=targets,
            ),
            line(
                "arn:p-full",
                full,
                describe_policy={"Policy": {"Content": json.dumps(doc(FULL))}},
                list_targets_for_policy=everywhere,
            ),
        ],
    }


@pytest.fixture
def built(tmp_path):
    def build(*parts, ledger=()):
        lines = {key: rows for part in parts for key, rows in part.items()}
        return from_snapshot(write_snapshot(tmp_path, lines, list(ledger)))

    return build


def app_may(here, action="s3:GetObject"):
    app = here.principals[f"arn:aws:iam::{A}:role/app"]
    return evaluate(
        here, Request(app, action, f"{BUCKET}/x", resource_account=A, resource_policy=None)
    )


def test_groups_managed_policies_and_boundaries_are_joined(built):
    here = built(iam_lines(), ledger=[gaad_ledger(A)])
    alice = here.principals[f"arn:aws:iam::{A}:user/alice"]
    assert [one.name for one in alice.policies] == ["managed policy p (group ops)"]
    app = here.principals[f"arn:aws:iam::{A}:role/app"]
    assert app.boundary is not None
    assert app.boundary.arn == BOUNDARY
    assert app.tags == (("team", "x"),)
    assert here.principals[f"arn:aws:iam::{A}:root"].kind == "root"
    assert app_may(here).verdict is Verdict.YES
    assert app_may(here, "ec2:RunInstances").verdict is Verdict.NO
    rows = assume_answers(here, app.arn)
    assert [(row.source, str(row.answer.verdict)) for row in rows] == [(alice.arn, "yes")]


def test_the_default_version_counts_and_stands_in_the_proof(built):
    here = built(iam_lines(), ledger=[gaad_ledger(A)])
    row = assume_answers(here, f"arn:aws:iam::{A}:role/app")[0]
    refs = [str(ref) for step in row.answer.steps for ref in step.refs]
    assert any(ref.endswith("/item/PolicyVersionList/1/Document/Statement/0") for ref in refs)


def test_a_boundary_that_is_missing_among_the_policies_is_a_condition(built):
    lines = iam_lines()
    del lines[A, "global", "iam:policy"][1]
    assert app_may(built(lines, ledger=[gaad_ledger(A)])).verdict is Verdict.CONDITIONAL


def test_scps_hang_on_the_path_from_the_root(built):
    for targets, expected in (
        (["r-1"], "no"),
        (["ou-1"], "no"),
        ([A], "no"),
        ([B], "yes"),
        ([], "yes"),
    ):
        here = built(iam_lines(), organisation(scp_targets=targets), ledger=[gaad_ledger(A)])
        assert str(app_may(here).verdict) == expected
    assert here.accounts[B].membership == "management"
    assert here.accounts[A].org_path == f"{ORG}/r-1/ou-1/"
    assert here.organization == ORG


def test_scps_that_are_switched_off_do_nothing(built):
    here = built(iam_lines(), organisation(enabled=False), ledger=[gaad_ledger(A)])
    assert app_may(here).verdict is Verdict.YES
    assert app_may(here).assumes == ()


def test_scps_whose_targets_or_text_were_not_read(built):
    unknown_targets = built(iam_lines(), organisation(scp_targets=Denied), ledger=[gaad_ledger(A)])
    assert f"scp:{A}" in app_may(unknown_targets).assumes
    no_text = built(iam_lines(), organisation(describe=Denied), ledger=[gaad_ledger(A)])
    assert app_may(no_text).verdict is Verdict.CONDITIONAL


def test_no_organisation_data_is_an_assumption_and_being_in_none_is_knowledge(built):
    assert f"scp:{A}" in app_may(built(iam_lines(), ledger=[gaad_ledger(A)])).assumes
    alone = {(A, "global", "org:organization"): [line(A, {}, describe_organization=Absent)]}
    assert app_may(built(iam_lines(), alone, ledger=[gaad_ledger(A)])).assumes == ()


def test_an_account_that_was_not_read_is_not_an_account_without_principals(built):
    lines = iam_lines()
    trust = doc({"Effect": "Allow", "Principal": {"AWS": B}, "Action": "sts:AssumeRole"})
    lines[A, "global", "iam:role"][0]["item"]["AssumeRolePolicyDocument"] = trust
    here = built(
        lines, organisation(scp_targets=[]), ledger=[gaad_ledger(A), gaad_ledger(B, "denied")]
    )
    rows = assume_answers(here, f"arn:aws:iam::{A}:role/app")
    assert [(row.source, row.kind) for row in rows] == [(f"account:{B}", "account")]
    assert f"identity:{B}" in rows[0].answer.assumes


def test_pages_that_are_missing_make_unknown(built):
    lines = iam_lines()
    here = built(lines, ledger=[gaad_ledger(A, "throttled")])
    assert app_may(here, "ec2:RunInstances").verdict is Verdict.NO  # the boundary was read
    alice = here.principals[f"arn:aws:iam::{A}:user/alice"]
    answer = evaluate(here, Request(alice, "ec2:RunInstances", "*"))
    assert answer.verdict is Verdict.UNKNOWN


def test_resource_policies_and_their_owners(built):
    text = json.dumps(
        doc(grant({"AWS": f"arn:aws:iam::{A}:user/alice"}, "s3:GetObject", f"{BUCKET}/*"))
    )
    for value, expected in (({"Policy": text}, "yes"), (Absent, "no"), (Denied, "unknown")):
        buckets = {
            (A, "global", "s3:bucket"): [line(BUCKET, {"Name": "data"}, get_bucket_policy=value)]
        }
        here = built(iam_lines(), buckets, ledger=[gaad_ledger(A)])
        alice = here.principals[f"arn:aws:iam::{A}:user/alice"]
        answer = evaluate(here, Request(alice, "s3:GetObject", f"{BUCKET}/x"))
        assert str(answer.verdict) == expected
