"""A. Order and combination."""

import pytest

from graph.iam.world import Principal
from tests.iam.rules.builders import (
    LOGIC,
    ORDER,
    USER_GUIDE,
    bound,
    bucket_lines,
    built,
    decided,
    group_lines,
    managed_lines,
    user_lines,
    verdict,
)
from tests.iam.worlds import (
    FULL,
    A,
    B,
    allow,
    alone,
    deny,
    doc,
    forbid,
    grant,
    member,
    policy,
    role,
    root,
    user,
    world,
)

GET = allow("s3:GetObject")
CROSS = f"{USER_GUIDE}/reference_policies_evaluation-logic-cross-account.html"
PARTITIONS = f"{USER_GUIDE}/access_policies-cross-account-resource-access.html"
DENIED = f"{USER_GUIDE}/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html"
ATTACHED = f"{USER_GUIDE}/access_policies_managed-versioning.html"


@pytest.mark.rule("1", source=ORDER)
def test_001_whatever_nothing_allows_is_denied():
    """What no policy allows is denied, except to the root user of the account."""
    got = decided(user())
    assert str(got.answer.verdict) == "no"
    assert (got.denied_by, got.explicit) == ("identity", False)


@pytest.mark.twin("1", control="the caller is the account's root user")
def test_001_twin_the_root_user_needs_no_policy():
    assert verdict(root()) == "yes"


def _denied_in(layer: str, action: str) -> str:
    """A request that every layer allows, with a Deny of an action in one of them."""
    no = deny(action)
    limits = {name: policy(FULL, *([no] if layer == name else [])) for name in ("boundary",)}
    session = policy(FULL, *([no] if layer == "session" else []))
    app = role(
        FULL,
        *([no] if layer == "identity" else []),
        boundary=limits["boundary"],
        session_name="s1",
        session_policies=(session,),
    )
    account = bound(
        A,
        FULL,
        *([no] if layer == "scp" else []),
        rcps=(policy(forbid("*", action)),) if layer == "rcp" else (),
    )
    bucket = [grant({"AWS": A}), *([forbid("*", action)] if layer == "resource_policy" else [])]
    got = decided(
        app, within=world(app, accounts=[account]), policies={"arn:aws:s3:::data": bucket}
    )
    assert (got.denied_by, got.explicit) in ((layer, True), ("", False))
    return str(got.answer.verdict)


LAYERS = ("identity", "boundary", "session", "scp", "rcp", "resource_policy")


@pytest.mark.rule("2", source=DENIED)
def test_002_one_deny_anywhere_ends_it():
    """A Deny that applies, in a policy of whatever layer, beats every Allow."""
    assert [_denied_in(layer, "s3:GetObject") for layer in LAYERS] == ["no"] * len(LAYERS)


@pytest.mark.twin("2", control="the Deny is of another action")
def test_002_twin_a_deny_of_another_action_does_nothing():
    assert [_denied_in(layer, "s3:PutObject") for layer in LAYERS] == ["yes"] * len(LAYERS)


def _silent(*, scp: str = "ec2:*", boundary: str = "ec2:*", own: str = "ec2:*") -> tuple[str, bool]:
    alice = user(allow(own), boundary=policy(allow(boundary)))
    got = decided(alice, within=world(alice, accounts=[bound(A, allow(scp))]))
    return got.denied_by, got.explicit


@pytest.mark.rule("3", source=ORDER)
def test_003_the_first_layer_without_an_allow_is_named():
    """After the Denies AWS asks RCPs, SCPs, the resource's policy, identity policies, boundary and
    session policy in that order, so where several allow nothing the first of them denies.
    """
    assert _silent() == ("scp", False)
    assert _silent(scp="s3:*") == ("identity", False)


@pytest.mark.twin("3", control="only the last of the layers lacks the Allow")
def test_003_twin_a_later_layer_is_named_when_the_earlier_ones_allow():
    assert _silent(scp="s3:*", own="s3:*") == ("boundary", False)


@pytest.mark.rule("3", source=ORDER)
def test_003_a_deny_is_named_before_a_lack_of_an_allow():
    """Denies are looked for in every layer before any Allow is."""
    alice = user(deny("s3:*"))
    here = world(alice, accounts=[bound(A, allow("ec2:*"))])
    got = decided(alice, within=here)
    assert (got.denied_by, got.explicit) == ("identity", True)


MANAGED = f"arn:aws:iam::{A}:policy/reader"
ATTACHMENT = {"AttachedManagedPolicies": [{"PolicyName": "reader", "PolicyArn": MANAGED}]}
INLINE = [{"PolicyName": "own", "PolicyDocument": doc(GET)}]


def _reader(tmp_path, *parts, default=2):
    """Whether alice may read, the managed policy allowing it in its second version."""
    versions = managed_lines(MANAGED, [allow("ec2:*")], [GET], default=default)
    here = built(tmp_path, versions, bucket_lines(A, "data"), *parts)
    return verdict(here.principals[f"arn:aws:iam::{A}:user/alice"], within=here)


@pytest.mark.rule("4", source=f"{USER_GUIDE}/access_policies_identity-vs-resource.html")
def test_004_own_attached_and_group_policies_are_one_set(tmp_path):
    """A user has the inline and attached managed policies of its own and of each of its groups;
    of a managed policy the default version counts.
    """
    ways = [
        [user_lines(A, "alice", UserPolicyList=INLINE)],
        [user_lines(A, "alice", **ATTACHMENT)],
        [
            user_lines(A, "alice", GroupList=["ops"]),
            group_lines(A, "ops", GroupPolicyList=INLINE),
        ],
        [
            user_lines(A, "alice", GroupList=["none", "ops"]),
            group_lines(A, "none"),
            group_lines(A, "ops", **ATTACHMENT),
        ],
    ]
    got = [_reader(tmp_path / str(number), *way) for number, way in enumerate(ways)]
    assert got == ["yes"] * 4


@pytest.mark.twin("4", control="the user is not in the group")
def test_004_twin_policies_of_other_groups_do_not_count(tmp_path):
    outside = [user_lines(A, "alice", GroupList=[]), group_lines(A, "ops", **ATTACHMENT)]
    assert _reader(tmp_path, *outside) == "no"


@pytest.mark.rule("4", source=ATTACHED)
def test_004_the_default_version_of_a_managed_policy_is_in_force(tmp_path):
    """Of a managed policy's versions the default one alone is in force."""
    assert _reader(tmp_path, user_lines(A, "alice", **ATTACHMENT)) == "yes"


@pytest.mark.twin("4", control="the version that allows is not the default one")
def test_004_twin_other_versions_do_not_count(tmp_path):
    assert _reader(tmp_path, user_lines(A, "alice", **ATTACHMENT), default=1) == "no"


def _bucket_names(who: str, caller: Principal) -> str:
    named = grant({"AWS": f"arn:aws:iam::{A}:user/{who}"}, "s3:GetObject")
    return verdict(caller, policies={"arn:aws:s3:::data": named})


@pytest.mark.rule("5", source=LOGIC)
def test_005_in_one_account_either_side_is_enough():
    """Within an account an Allow of the caller's policies or of the resource's policy is enough."""
    assert _bucket_names("alice", user()) == "yes"
    assert _bucket_names("bob", user(GET)) == "yes"


@pytest.mark.twin("5", control="neither side allows")
def test_005_twin_neither_side_allows():
    assert _bucket_names("bob", user()) == "no"


def _abroad(*own, opens=A, scp=FULL, rcps=(), boundary=None) -> str:
    """Alice of A reads a bucket of B."""
    alice = user(*own, boundary=boundary)
    here = world(alice, accounts=[bound(A, scp), member(B, rcps=rcps)])
    bucket = {"arn:aws:s3:::data": grant({"AWS": opens}, "s3:GetObject")}
    return verdict(alice, within=here, policies=bucket, owner=B)


@pytest.mark.rule("6", source=CROSS)
def test_006_across_accounts_both_sides_must_allow():
    """Across accounts each account's own evaluation must allow: the caller's side with its
    boundary and SCPs, and the resource's side with its policy and RCPs.
    """
    assert _abroad(GET) == "yes"


@pytest.mark.twin("6", control="the caller's own policies allow nothing")
def test_006_twin_without_the_callers_side():
    assert _abroad() == "no"


@pytest.mark.twin("6", control="the bucket's policy names another account")
def test_006_twin_without_the_resources_side():
    assert _abroad(GET, opens=B) == "no"


@pytest.mark.twin("6", control="an SCP of the caller's account allows other services only")
def test_006_twin_the_callers_scp():
    assert _abroad(GET, scp=allow("ec2:*")) == "no"


@pytest.mark.twin("6", control="an RCP of the resource's account denies")
def test_006_twin_the_resources_rcp():
    assert _abroad(GET, rcps=(policy(forbid("*", "s3:*")),)) == "no"


def _bucket_in(tmp_path, account: str) -> str:
    """Alice of A asks for a bucket whose ARN names no account."""
    alice = user_lines(A, "alice", UserPolicyList=INLINE)
    here = built(tmp_path, alice, bucket_lines(account, "data", get_bucket_policy=None))
    caller = here.principals[f"arn:aws:iam::{A}:user/alice"]
    return verdict(caller, within=here, policies={})


@pytest.mark.rule("7", source=CROSS)
def test_007_the_owner_is_where_the_resource_was_found(tmp_path):
    """Which account owns a resource decides between the one-account and the two-account rule, and
    the ARN of a bucket does not say it.
    """
    assert _bucket_in(tmp_path, A) == "yes"


@pytest.mark.twin("7", control="the bucket stands in another account")
def test_007_twin_the_same_arn_in_another_account(tmp_path):
    assert _bucket_in(tmp_path, B) == "no"


def _queue_in(partition: str, region: str) -> str:
    arn = f"arn:{partition}:sqs:{region}:{B}:q"
    alice = user(allow("sqs:*"))
    here = world(alice, accounts=[alone(A), alone(B)])
    open_to_a = grant({"AWS": alice.arn}, "sqs:SendMessage")
    return verdict(alice, "sqs:SendMessage", arn, within=here, policies={arn: open_to_a}, owner=B)


@pytest.mark.rule("7", source=PARTITIONS)
def test_007_access_stays_within_a_partition():
    """Policies give access across accounts within one partition only."""
    assert _queue_in("aws-cn", "cn-north-1") == "no"


@pytest.mark.twin("7", control="caller and queue are in one partition")
def test_007_twin_one_partition():
    assert _queue_in("aws", "eu-west-1") == "yes"


def _secret(policy_of_it: object) -> str:
    arn = f"arn:aws:secretsmanager:eu-west-1:{B}:secret:s-AbCdEf"
    alice = user(FULL)
    return verdict(
        alice, "secretsmanager:GetSecretValue", arn, policies={arn: policy_of_it}, owner=B
    )


@pytest.mark.rule("8", source=CROSS)
def test_008_without_a_resource_policy_no_other_account_gets_in():
    """A resource without a policy lets nobody of another account in."""
    assert _secret(None) == "no"


@pytest.mark.twin("8", control="the resource has a policy that names the caller's account")
def test_008_twin_a_policy_lets_them_in():
    assert _secret(grant({"AWS": A}, "secretsmanager:GetSecretValue")) == "yes"
