"""Identity pools of AWS China, whose condition keys AWS's page writes without the region.

https://docs.amazonaws.cn/cognito/latest/developerguide/role-based-access-control.html
"""

import pytest

from graph.iam.assume import assume_answers
from graph.iam.from_snapshot import from_snapshot
from graph.iam.identity_sources import IdentityPool, IdentitySources
from tests.guards.trusts import heads, told, trusted
from tests.iam.test_federation_sources import web
from tests.iam.worlds import A, doc
from tests.snapshot_files import line, write_snapshot

REGION = "cn-north-1"
HOST = f"cognito-identity.{REGION}.amazonaws.com.cn"
BARE = "cognito-identity.amazonaws.com.cn"
ELSEWHERE = "cognito-identity.amazonaws.com"
POOL_ID = f"{REGION}:11111111-2222-3333-4444-555555555555"
POOL = f"arn:aws-cn:cognito-identity:{REGION}:{A}:identitypool/{POOL_ID}"
APP = f"arn:aws-cn:iam::{A}:role/app"


def trust(key, method="authenticated", provider=HOST, pool=POOL_ID):
    tests = {"StringEquals": {f"{key}:aud": pool}}
    return web(provider, **tests, **{"ForAnyValue:StringLike": {f"{key}:amr": method}})


def users(folder, statement):
    """(source -> verdict) for a role that a pool gives its guests and its users."""
    pool = line(
        POOL,
        {"IdentityPoolId": POOL_ID},
        describe_identity_pool={"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": False},
        get_identity_pool_roles={"Roles": {"authenticated": APP, "unauthenticated": APP}},
    )
    item = {"Arn": APP, "RoleName": "app", "Path": "/", "AssumeRolePolicyDocument": doc(statement)}
    lines = {
        (A, "global", "iam:role"): [line(APP, item)],
        (A, REGION, "cognito:identity-pool"): [pool],
    }
    here = from_snapshot(write_snapshot(folder, lines))
    return {row.source: str(row.answer.verdict) for row in assume_answers(here, APP)}


@pytest.mark.parametrize("key", [HOST, BARE, BARE.title()])
def test_keys_stand_with_the_region_and_without(tmp_path, key):
    assert users(tmp_path / "1", trust(key)) == {POOL: "yes"}
    assert users(tmp_path / "2", trust(key, "unauthenticated")) == {"internet": "yes"}


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(trust(ELSEWHERE), id="keys-of-another-partition"),
        pytest.param(trust(BARE, provider=ELSEWHERE), id="provider-of-another-partition"),
        pytest.param(trust(BARE, method="other"), id="another-method"),
    ],
)
def test_a_token_has_no_keys_of_another_partition(tmp_path, statement):
    assert users(tmp_path, statement) == {}


@pytest.mark.parametrize("key", [HOST, BARE])
def test_another_pool_of_the_keys_is_not_this_one(tmp_path, key):
    assert POOL not in users(tmp_path, trust(key, pool=f"{REGION}:other"))


def said(statement):
    """Stable words of the guards before the pool's users."""
    pool = IdentityPool(POOL, POOL_ID, A, True, False, (), (trusted().arn,))
    sources = IdentitySources(pools=(pool,))
    return heads(told(trusted(statement), identity_sources=sources)[POOL])


def test_the_guards_in_words_are_the_same_in_both_spellings():
    assert said(trust(BARE)) == said(trust(HOST))
    assert "audience fixed" in said(trust(BARE))
    open_to_any_pool = web(HOST, **{"ForAnyValue:StringLike": {f"{BARE}:amr": "authenticated"}})
    assert "audience fixed" not in said(open_to_any_pool)
