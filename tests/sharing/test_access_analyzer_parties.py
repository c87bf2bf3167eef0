"""Who is meant by sources of ours and principals of IAM Access Analyzer."""

from __future__ import annotations

import pytest

from graph.evidence import Ref
from graph.iam.world import Account, IamWorld
from graph.judgement import Judgement
from graph.sharing.access_analyzer import Analyzer
from graph.sharing.access_analyzer_parties import Kind, Parties, Party, is_wide
from graph.verdict import Answer, Verdict
from snapshot_files import ACCOUNT, REGION

OURS, THEIRS = "o-abcdefghij", "o-zyxwvutsrq"
MEMBER, ALONE, OUTSIDER = "222222222222", "333333333333", "999988887777"
WORLD = IamWorld(
    accounts={
        ACCOUNT: Account(ACCOUNT, membership="management", organization=OURS),
        MEMBER: Account(MEMBER, membership="member", organization=OURS),
        ALONE: Account(ALONE, membership="none"),
    },
    canonical_ids={MEMBER: "c0ffee"},
)
PARTIES = Parties(WORLD)
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
VPC = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-1"
UNIT = f"arn:aws:organizations::{ACCOUNT}:ou/{THEIRS}/ou-1"
CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/main"
USER = f"arn:aws:iam::{OUTSIDER}:user/ann"


def judged(question: str, source: str, *members: str) -> Judgement:
    return Judgement(question, source, "target", "m", Answer(Verdict.YES), members=members)


@pytest.mark.parametrize(
    ("question", "source", "party"),
    [
        ("access", "internet", Party(Kind.PUBLIC)),
        ("assume", "internet", Party(Kind.FEDERATED, "internet")),
        ("access", "any-aws-principal", Party(Kind.PUBLIC)),
        ("access", "any-aws-account", Party(Kind.PUBLIC)),
        ("access", f"account:{OUTSIDER}", Party(Kind.ACCOUNT, OUTSIDER)),
        ("access", USER, Party(Kind.ACCOUNT, OUTSIDER)),
        ("access", f"org:{THEIRS}/r-1/ou-1", Party(Kind.ORGANIZATION, THEIRS)),
        ("access", UNIT, Party(Kind.ORGANIZATION, THEIRS)),
        ("assume", PROVIDER, Party(Kind.FEDERATED, PROVIDER)),
        ("assume", "federated:accounts.google.com", Party(Kind.FEDERATED, "accounts.google.com")),
        ("access", "cidr:52.1.0.0/16", Party(Kind.RANGE, "52.1.0.0/16")),
        ("access", "vpce-1", Party(Kind.NETWORK, "1")),
        ("access", VPC, Party(Kind.NETWORK, VPC)),
        ("access", "canonical:c0ffee", Party(Kind.ACCOUNT, MEMBER)),
        ("access", "canonical:decaf", Party(Kind.CANONICAL, "decaf")),
        ("access", "service:sns.amazonaws.com", Party(Kind.SERVICE, "sns.amazonaws.com")),
        ("access", "any-account-via:sns", Party(Kind.VIA_SERVICE, "sns")),
        ("assume", CLUSTER, Party(Kind.OTHER, CLUSTER)),
        ("access", "something", Party(Kind.OTHER, "something")),
        ("access", "arn:short", Party(Kind.OTHER, "arn:short")),
    ],
)
def test_our_sources(question: str, source: str, party: Party) -> None:
    assert PARTIES.of_judgement(judged(question, source)) == party


def test_a_set_is_of_its_members_account() -> None:
    found = PARTIES.of_judgement(judged("assume", "principal-set:1", USER, f"{USER}2"))
    assert found == Party(Kind.ACCOUNT, OUTSIDER)


@pytest.mark.parametrize(
    ("kind", "value", "party"),
    [
        ("AWS", "*", Party(Kind.PUBLIC)),
        ("AWS", OUTSIDER, Party(Kind.ACCOUNT, OUTSIDER)),
        ("AWS", f"arn:aws:iam::{OUTSIDER}:root", Party(Kind.ACCOUNT, OUTSIDER)),
        ("AWS", f"arn:aws:sts::{OUTSIDER}:assumed-role/r/s", Party(Kind.ACCOUNT, OUTSIDER)),
        ("AWS", "AROAAAAAAAAAAAAAAAAAA", Party(Kind.OTHER, "AROAAAAAAAAAAAAAAAAAA")),
        ("Federated", "accounts.google.com", Party(Kind.FEDERATED, "accounts.google.com")),
        ("CanonicalUser", "c0ffee", Party(Kind.ACCOUNT, MEMBER)),
        ("Service", "sns.amazonaws.com", Party(Kind.SERVICE, "sns.amazonaws.com")),
        ("Martian", "*", Party(Kind.OTHER, "*")),
    ],
)
def test_their_principals(kind: str, value: str, party: Party) -> None:
    assert PARTIES.of_principal(kind, value) == party


def of(account: str, *, whole: bool) -> Analyzer:
    return Analyzer("arn", account, REGION, whole, "", (), Ref("f", "i"))


@pytest.mark.parametrize(
    ("party", "of_account", "of_organization"),
    [
        (Party(Kind.ACCOUNT, ACCOUNT), True, True),
        (Party(Kind.ACCOUNT, MEMBER), False, True),
        (Party(Kind.ACCOUNT, ALONE), False, False),
        (Party(Kind.ACCOUNT, OUTSIDER), False, None),
        (Party(Kind.ORGANIZATION, OURS), False, True),
        (Party(Kind.ORGANIZATION, THEIRS), False, False),
        (Party(Kind.PUBLIC), False, False),
        (Party(Kind.FEDERATED, PROVIDER), False, False),
        (Party(Kind.CANONICAL, "decaf"), False, None),
        (Party(Kind.OTHER, "x"), None, None),
    ],
)
def test_zones_of_trust(
    party: Party, of_account: bool | None, of_organization: bool | None
) -> None:
    """Whether the outsider is a member is not known: not all members are listed."""
    assert PARTIES.trusts(of(ACCOUNT, whole=False), party) is of_account
    assert PARTIES.trusts(of(ACCOUNT, whole=True), party) is of_organization


def test_in_an_organisation_whose_accounts_are_all_listed_everybody_else_is_outside() -> None:
    listed = Parties(IamWorld(accounts=WORLD.accounts, organization=OURS))
    assert listed.belongs(OUTSIDER, OURS) is False
    assert listed.belongs(OUTSIDER, THEIRS) is None
    assert listed.belongs(MEMBER, THEIRS) is False


@pytest.mark.parametrize(
    ("written", "wide"),
    [
        ("0.0.0.0/1", True),
        ("52.0.0.0/7", True),
        ("52.0.0.0/8", False),
        ("2000::/3", True),
        ("2600::/32", False),
        ("nowhere", False),
    ],
)
def test_wide_ranges(written: str, wide: bool) -> None:
    assert is_wide(Party(Kind.RANGE, written)) is wide
