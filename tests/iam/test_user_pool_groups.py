"""Users of an identity pool who get the role of their user pool group, by their token.

https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
"""

import pytest

from graph.iam.assume import assume_answers
from graph.iam.from_snapshot import from_snapshot
from tests.iam.test_federation_sources import APP, POOL, POOL_ID, of_pool, sources
from tests.iam.test_from_snapshot import gaad_ledger
from tests.iam.worlds import A, doc
from tests.snapshot_files import Denied, line, write_snapshot

USERS = "eu-west-1_AbCdEfGhI"
PROVIDER = f"cognito-idp.eu-west-1.amazonaws.com/{USERS}:client"
OTHER = f"arn:aws:iam::{A}:role/other"
BY_POOL = {POOL: ("identity-pool", "yes")}


def mapped(kind="Token", resolution="Deny", provider=PROVIDER, classic=False, users=OTHER):
    """An identity pool whose users get ``users``, or what their token says."""
    mapping = {"Type": kind, "AmbiguousRoleResolution": resolution}
    roles = {"Roles": {"authenticated": users}, "RoleMappings": {provider: mapping}}
    value = {"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": classic}
    found = line(
        POOL,
        {"IdentityPoolId": POOL_ID},
        describe_identity_pool=value,
        get_identity_pool_roles=roles,
    )
    return {"cognito:identity-pool": [found]}


def grouped(*roles, pool=USERS, **more):
    """A user pool with a group for each role; ``None`` is a group without one."""
    groups = [
        {"GroupName": f"g{place}"} | ({"RoleArn": role} if role else {})
        for place, role in enumerate(roles)
    ]
    arn = f"arn:aws:cognito-idp:eu-west-1:{A}:userpool/{pool}"
    return {"cognito:user-pool": [line(arn, {"Id": pool}, **({"list_groups": groups} | more))]}


SIGNED_IN = of_pool("authenticated")


@pytest.mark.parametrize("resolution", ["Deny", "AuthenticatedRole"])
def test_members_of_a_group_get_its_role_however_ambiguity_is_resolved(tmp_path, resolution):
    lines = mapped(resolution=resolution) | grouped(OTHER, APP)
    assert sources(tmp_path, SIGNED_IN, lines) == BY_POOL


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(mapped() | grouped(OTHER, None), id="group-without-the-role"),
        pytest.param(mapped() | grouped(), id="no-group"),
        pytest.param(mapped(kind="Rules") | grouped(APP), id="rules-and-no-token"),
        pytest.param(mapped(provider="accounts.google.com") | grouped(APP), id="no-user-pool"),
    ],
)
def test_without_such_a_group_nobody_gets_it(tmp_path, lines):
    assert sources(tmp_path, SIGNED_IN, lines) == {}


def test_guests_are_in_no_group(tmp_path):
    lines = mapped() | grouped(APP)
    assert sources(tmp_path, of_pool("unauthenticated"), lines) == {}


def test_a_group_of_another_user_pool_does_not_count(tmp_path):
    kind = "cognito:user-pool"
    pools = [*grouped(None)[kind], *grouped(APP, pool="eu-west-1_Other")[kind]]
    lines = mapped() | {kind: pools}
    assert sources(tmp_path, SIGNED_IN, lines) == {}


def test_a_group_says_who_gets_the_role_of_a_trust_that_names_no_pool(tmp_path):
    trust = {"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}}
    trust |= {"Action": "sts:AssumeRoleWithWebIdentity"}
    assert sources(tmp_path / "1", trust, mapped() | grouped(APP)).get(POOL) == BY_POOL[POOL]
    assert POOL not in sources(tmp_path / "2", trust, mapped() | grouped(OTHER))


def answer(folder, lines):
    """The one answer for the pool's users."""
    item = {"Arn": APP, "RoleName": "app", "Path": "/", "AssumeRolePolicyDocument": doc(SIGNED_IN)}
    found = {(A, "eu-west-1", kind): rows for kind, rows in lines.items()}
    found[A, "global", "iam:role"] = [line(APP, item)]
    here = from_snapshot(write_snapshot(folder, found, [gaad_ledger(A)]))
    (row,) = [row for row in assume_answers(here, APP) if row.source == POOL]
    return row.answer


@pytest.mark.parametrize(
    "pools", [{}, grouped(APP, list_groups=Denied), grouped(APP, pool="other")]
)
def test_groups_that_were_not_collected_are_named(tmp_path, pools):
    got = answer(tmp_path, mapped() | pools)
    assert str(got.verdict) == "unknown"
    assert got.conditions == (f"not_collected:list_groups={USERS}",)


def test_the_group_stands_in_the_evidence(tmp_path):
    got = answer(tmp_path, mapped() | grouped(OTHER, APP))
    assert "Members of group g1 of the user pool get it by their token." in got.evidence


def test_unread_groups_change_nothing_for_the_pools_own_role(tmp_path):
    assert str(answer(tmp_path, mapped(users=APP)).verdict) == "yes"
