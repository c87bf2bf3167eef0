"""Whose organisation an account is in: several organisations, members alone, damaged answers.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
"""

import json

import pytest

from graph.iam.evaluate import evaluate
from graph.iam.from_snapshot import from_snapshot
from graph.iam.request import Request
from tests.iam.test_from_snapshot import gaad_ledger
from tests.iam.worlds import FULL, ORG, A, B, C, allow, deny, doc
from tests.snapshot_files import Absent, line, write_snapshot

OTHER_ORG = "o-zzzzzzzzzz"
SCP = "SERVICE_CONTROL_POLICY"
KEY = "aws:PrincipalOrgID"
ENABLED = ({"Type": SCP, "Status": "ENABLED"},)


def told(account, org, management):
    """What ``describe_organization`` says in one account."""
    value = {"Organization": {"Id": org, "MasterAccountId": management, "FeatureSet": "ALL"}}
    return {
        (account, "global", "org:organization"): [line(account, {}, describe_organization=value)]
    }


def tree(org, management, *accounts, types=ENABLED, scp=FULL, targets=("r-1",)):
    """What the management account reads of its organisation; root ids are the same in both."""
    base = f"arn:aws:organizations::{management}"
    full = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
    return {
        **told(management, org, management),
        (management, "global", "org:root"): [
            line(f"{base}:root/{org}/r-1", {"Id": "r-1", "PolicyTypes": types})
        ],
        (management, "global", "org:account"): [
            line(f"{base}:account/{org}/{one}", {"Id": one}, list_parents=[{"Id": "r-1"}])
            for one in (management, *accounts)
        ],
        (management, "global", "org:policy"): [
            line(
                full,
                {"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "Type": SCP},
                describe_policy={"Policy": {"Content": json.dumps(doc(scp))}},
                list_targets_for_policy=[{"TargetId": one} for one in targets]
                if isinstance(targets, tuple)
                else targets,
            )
        ],
    }


def user_of(account, org):
    """A user who may do everything, for a principal of an organisation."""
    arn = f"arn:aws:iam::{account}:user/alice"
    test = {"StringEquals": {KEY: org}}
    policy = {"PolicyName": "own", "PolicyDocument": doc(allow("s3:*", Condition=test))}
    item = {"Arn": arn, "UserName": "alice", "UserId": "AIDAX", "Path": "/"}
    return {(account, "global", "iam:user"): [line(arn, {**item, "UserPolicyList": [policy]})]}


def built(folder, *parts):
    lines = {key: rows for part in parts for key, rows in part.items()}
    accounts = {account for account, _, _ in lines}
    return from_snapshot(write_snapshot(folder, lines, [gaad_ledger(one) for one in accounts]))


def may(here, account):
    alice = here.principals[f"arn:aws:iam::{account}:user/alice"]
    request = Request(alice, "s3:GetObject", "arn:aws:s3:::b/x", account, resource_policy=None)
    return str(evaluate(here, request).verdict)


@pytest.mark.parametrize(("first", "second"), [(A, C), (C, A)])
def test_two_organisations_keep_their_members_apart(tmp_path, first, second):
    """By whichever number its management account has."""
    parts = (tree(ORG, first, B), tree(OTHER_ORG, second))
    here = built(tmp_path, *parts, user_of(B, ORG), user_of(second, ORG))
    assert [(one, here.accounts[one].organization) for one in (first, B, second)] == [
        (first, ORG),
        (B, ORG),
        (second, OTHER_ORG),
    ]
    kinds = {one: here.accounts[one].membership for one in (first, B, second)}
    assert kinds == {first: "management", B: "member", second: "management"}
    assert (may(here, B), may(here, second)) == ("yes", "no")
    assert here.organization == ORG  # that of more accounts


def test_policies_of_one_organisation_do_not_hang_in_the_other(tmp_path):
    """Roots of both have one id here, and AWS's own policy has one id everywhere."""
    parts = (tree(ORG, A, B), tree(OTHER_ORG, C, "444444444444", scp=deny()))
    users = (user_of(B, ORG), user_of("444444444444", OTHER_ORG))
    here = built(tmp_path, *parts, *users)
    assert (may(here, B), may(here, "444444444444")) == ("yes", "no")


@pytest.mark.parametrize(("org", "verdict"), [(ORG, "yes"), (OTHER_ORG, "no")])
def test_a_member_says_itself_whose_it_is(tmp_path, org, verdict):
    here = built(tmp_path, told(B, ORG, "101010101010"), user_of(B, org))
    assert (here.accounts[B].membership, may(here, B)) == ("member", verdict)
    assert here.organization == ""  # its other members are not listed
    assert here.accounts[B].scp_levels is None


def test_an_account_that_says_nothing_may_be_anybodys(tmp_path):
    """Twin: of the account itself nothing was asked."""
    here = built(tmp_path, told(A, ORG, "101010101010"), user_of(B, ORG))
    assert (here.accounts[B].organization, may(here, B)) == ("", "conditional")


def test_an_account_in_no_organisation_is_in_none(tmp_path):
    alone = {(B, "global", "org:organization"): [line(B, {}, describe_organization=Absent)]}
    assert may(built(tmp_path, tree(ORG, A), alone, user_of(B, ORG)), B) == "no"


DAMAGED = [None, 0, 7, "x", [], [1], {}, {"x": 1}, True]


@pytest.mark.parametrize("value", DAMAGED, ids=map(repr, DAMAGED))
def test_damaged_answers_are_not_knowledge_of_an_organisation(tmp_path, value):
    for place, answer in enumerate((value, {"Organization": value})):
        lines = {(B, "global", "org:organization"): [line(B, {}, describe_organization=answer)]}
        here = built(tmp_path / str(place), lines, user_of(B, ORG))
        assert here.accounts[B].membership == "unknown"
        assert may(here, B) == "conditional"


@pytest.mark.parametrize("value", ["x", 7, [1], {"x": 1}], ids=repr)
def test_damaged_policy_types_are_unknown_policies(tmp_path, value):
    here = built(tmp_path, tree(ORG, A, B, types=value), user_of(B, ORG))
    assert here.accounts[B].scp_levels is None
    twin = built(tmp_path / "twin", tree(ORG, A, B), user_of(B, ORG))
    assert twin.accounts[B].scp_levels is not None


@pytest.mark.parametrize("value", ["x", 7, True], ids=repr)
def test_damaged_targets_are_unknown_policies(tmp_path, value):
    here = built(tmp_path, tree(ORG, A, B, targets=value), user_of(B, ORG))
    assert here.accounts[B].scp_levels is None


@pytest.mark.parametrize("value", DAMAGED, ids=map(repr, DAMAGED))
def test_no_damaged_list_stops_the_reading(tmp_path, value):
    base = f"arn:aws:organizations::{A}"
    lines = {
        **told(A, ORG, A),
        (A, "global", "org:root"): [
            line(
                f"{base}:root/{ORG}/r-1",
                {"Id": "r-1"},
                list_organizational_units_for_parent=value,
                list_accounts_for_parent={"Accounts": value},
            )
        ],
        (A, "global", "org:account"): [
            line(f"{base}:account/{ORG}/{A}", {"Id": A}, list_parents={"Parents": value})
        ],
        (A, "global", "org:policy"): [
            line(
                f"{base}:policy/{ORG}/service_control_policy/p-1",
                {"Id": "p-1", "Type": SCP},
                describe_policy={"Policy": {"Content": value}},
                list_targets_for_policy=[{"TargetId": A}],
            )
        ],
    }
    here = built(tmp_path, lines)
    assert here.accounts[A].organization == ORG
