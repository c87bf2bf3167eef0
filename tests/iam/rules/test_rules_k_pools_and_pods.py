"""K. Identity pools, certificates and pods."""

from urllib.parse import quote

import pytest

from tests.iam.rules.raw_worlds import (
    APP,
    CLUSTER,
    REGION,
    Answers,
    assumers,
    cluster,
    details,
    role_detail,
    trusting,
)
from tests.iam.worlds import A

COGNITO_TRUST = (
    "https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html"
)
ANYWHERE = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html"
PODS = "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html"
WEB = "sts:AssumeRoleWithWebIdentity"

POOL_ID = f"{REGION}:11111111-2222-3333-4444-555555555555"
POOL = f"arn:aws:cognito-identity:{REGION}:{A}:identitypool/{POOL_ID}"
COGNITO = "cognito-identity.amazonaws.com"
OTHER_POOL = f"{REGION}:99999999-2222-3333-4444-555555555555"


def _pool(*, guests: bool, classic: bool = False, **roles: str) -> Answers:
    described = {
        "IdentityPoolId": POOL_ID,
        "AllowUnauthenticatedIdentities": guests,
        "AllowClassicFlow": classic,
    }
    name = quote(POOL_ID, safe="")
    return {
        (REGION, "cognito-identity.list_identity_pools"): {
            "IdentityPools": [{"IdentityPoolId": POOL_ID, "IdentityPoolName": "shop"}]
        },
        (REGION, f"cognito-identity.describe_identity_pool.{name}"): described,
        (REGION, f"cognito-identity.get_identity_pool_roles.{name}"): {
            "IdentityPoolId": POOL_ID,
            "Roles": roles,
        },
    }


def _cognito(tmp_path, pool: Answers, audience: str = POOL_ID, method: str = "unauthenticated"):
    condition = {"ForAnyValue:StringLike": {f"{COGNITO}:amr": method}}
    if audience:
        condition["StringEquals"] = {f"{COGNITO}:aud": audience}
    role = role_detail(trusting({"Federated": COGNITO}, WEB, **condition))
    return assumers(tmp_path, pool, details(role))


@pytest.mark.rule("69", source=COGNITO_TRUST)
def test_069_guests_of_an_identity_pool_are_the_internet(tmp_path):
    """Where an identity pool takes guests and gives them the role, anyone gets the role."""
    got = _cognito(tmp_path, _pool(guests=True, unauthenticated=APP))
    assert got["internet"] == ("internet", "yes")


@pytest.mark.twin("69", control="the pool takes no guests")
def test_069_twin_no_guests(tmp_path):
    assert "internet" not in _cognito(tmp_path, _pool(guests=False, unauthenticated=APP))


@pytest.mark.twin("69", control="the trust names another pool")
def test_069_twin_another_pool(tmp_path):
    pool = _pool(guests=True, unauthenticated=APP)
    assert "internet" not in _cognito(tmp_path, pool, OTHER_POOL)


@pytest.mark.twin("69", control="the trust asks for users who signed in")
def test_069_twin_signed_in_users(tmp_path):
    pool = _pool(guests=True, authenticated=APP)
    got = _cognito(tmp_path, pool, method="authenticated")
    assert "internet" not in got
    assert got[POOL] == ("identity-pool", "yes")


@pytest.mark.twin("69", control="the pool gives its guests another role and no choice")
def test_069_twin_another_role(tmp_path):
    other = f"arn:aws:iam::{A}:role/other"
    assert "internet" not in _cognito(tmp_path / "off", _pool(guests=True, unauthenticated=other))
    classic = _pool(guests=True, classic=True, unauthenticated=other)
    assert _cognito(tmp_path / "on", classic)["internet"] == ("internet", "yes")


@pytest.mark.rule("69", source=COGNITO_TRUST)
def test_069_without_an_audience_any_pool_will_do(tmp_path):
    """A trust in Cognito that names no pool is met by tokens of any pool, in any account."""
    got = _cognito(tmp_path, _pool(guests=False), audience="")
    assert got[f"federated:{COGNITO}"] == ("shared-provider", "yes")


@pytest.mark.twin("69", control="the trust names the pool")
def test_069_twin_the_pool_is_named(tmp_path):
    got = _cognito(tmp_path, _pool(guests=False))
    assert "shared-provider" not in {kind for kind, _ in got.values()}


ANCHOR = f"arn:aws:rolesanywhere:{REGION}:{A}:trust-anchor/ta-1"
OTHER_ANCHOR = f"arn:aws:rolesanywhere:{REGION}:{A}:trust-anchor/ta-2"
CERTIFICATE_ACTIONS = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]


def _anywhere(tmp_path, *, anchor=True, profile=True, lists=APP, actions=None, **condition):
    trust = trusting(
        {"Service": "rolesanywhere.amazonaws.com"}, actions or CERTIFICATE_ACTIONS, **condition
    )
    row = {"profileArn": f"arn:aws:rolesanywhere:{REGION}:{A}:profile/p-1", "enabled": profile}
    answers: Answers = {
        (REGION, "rolesanywhere.list_trust_anchors"): {
            "trustAnchors": [{"trustAnchorArn": ANCHOR, "name": "factory", "enabled": anchor}]
        },
        (REGION, "rolesanywhere.list_profiles"): {"profiles": [{**row, "roleArns": [lists]}]},
    }
    return assumers(tmp_path, answers, details(role_detail(trust))).get(ANCHOR)


@pytest.mark.rule("70", source=ANYWHERE)
def test_070_certificates_of_a_trust_anchor_get_the_role(tmp_path):
    """A role that trusts Roles Anywhere, and that a profile lists, goes to holders of certificates
    of the account's trust anchors; only a condition on the anchor's ARN narrows that.
    """
    assert _anywhere(tmp_path / "1") == ("trust-anchor", "yes")
    scoped = {"ArnEquals": {"aws:SourceArn": ANCHOR}}
    assert _anywhere(tmp_path / "2", **scoped) == ("trust-anchor", "yes")


@pytest.mark.twin("70", control="the condition names another trust anchor")
def test_070_twin_another_anchor(tmp_path):
    assert _anywhere(tmp_path, ArnEquals={"aws:SourceArn": OTHER_ANCHOR}) is None


@pytest.mark.twin("70", control="the profile lists another role")
def test_070_twin_no_profile(tmp_path):
    assert _anywhere(tmp_path, lists=f"arn:aws:iam::{A}:role/other") is None


@pytest.mark.twin("70", control="the trust anchor, or the profile, is disabled")
def test_070_twin_disabled(tmp_path):
    assert _anywhere(tmp_path / "1", anchor=False) == ("trust-anchor", "dormant")
    assert _anywhere(tmp_path / "2", profile=False) == ("trust-anchor", "dormant")


@pytest.mark.twin("70", control="the condition asks for one certificate's subject")
def test_070_twin_one_subject(tmp_path):
    subject = {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "printer"}}
    assert _anywhere(tmp_path, **subject) == ("trust-anchor", "conditional")


@pytest.mark.twin("70", control="the trust lacks sts:TagSession and sts:SetSourceIdentity")
def test_070_twin_assume_role_alone(tmp_path):
    assert _anywhere(tmp_path, actions="sts:AssumeRole") is None


@pytest.mark.twin("70", control="the trust lacks one of the three actions")
def test_070_twin_two_of_three_actions(tmp_path):
    for number, lacks in enumerate(CERTIFICATE_ACTIONS):
        rest = [action for action in CERTIFICATE_ACTIONS if action != lacks]
        assert _anywhere(tmp_path / str(number), actions=rest) is None, lacks


WITH_TAGS = ("sts:AssumeRole", "sts:TagSession")


def _pods(tmp_path, *, role=APP, actions=WITH_TAGS, tags=True, **condition):
    trust = trusting({"Service": "pods.eks.amazonaws.com"}, list(actions), **condition)
    pod = {"namespace": "shop", "serviceAccount": "web"}
    row = {"clusterName": "prod", "associationId": "a-1", **pod}
    answers = {
        **cluster(),
        (REGION, "eks.list_pod_identity_associations.prod"): {"associations": [row]},
        (REGION, "eks.describe_pod_identity_association.prod,a-1"): {
            "association": {**row, "roleArn": role, "disableSessionTags": not tags}
        },
    }
    return assumers(tmp_path, answers, details(role_detail(trust))).get(CLUSTER)


def _namespace(name: str) -> dict[str, dict[str, str]]:
    return {"StringEquals": {"aws:RequestTag/kubernetes-namespace": name}}


@pytest.mark.rule("71", source=PODS)
def test_071_an_association_gives_pods_the_role(tmp_path):
    """A pod identity association gives a cluster's service account a role that trusts EKS's pods;
    conditions may narrow it by cluster, namespace and account name.
    """
    assert _pods(tmp_path / "1") == ("eks-pod-identity", "yes")
    assert _pods(tmp_path / "2", **_namespace("shop")) == ("eks-pod-identity", "yes")
    source = {"ArnEquals": {"aws:SourceArn": CLUSTER}}
    assert _pods(tmp_path / "3", **source) == ("eks-pod-identity", "yes")


@pytest.mark.twin("71", control="the association is of another role")
def test_071_twin_another_role(tmp_path):
    assert _pods(tmp_path, role=f"arn:aws:iam::{A}:role/other") is None


@pytest.mark.twin("71", control="the condition names another namespace, or another cluster")
def test_071_twin_another_namespace(tmp_path):
    assert _pods(tmp_path / "1", **_namespace("bank")) is None
    assert _pods(tmp_path / "2", ArnEquals={"aws:SourceArn": f"{CLUSTER}2"}) is None


@pytest.mark.twin("71", control="the trust lacks sts:TagSession, which EKS needs for its tags")
def test_071_twin_no_tags(tmp_path):
    assert _pods(tmp_path, actions=("sts:AssumeRole",)) is None


@pytest.mark.twin("71", control="the association sends no session tags")
def test_071_twin_tags_are_disabled(tmp_path):
    found = _pods(tmp_path / "1", actions=("sts:AssumeRole",), tags=False)
    assert found == ("eks-pod-identity", "yes")
    assert _pods(tmp_path / "2", tags=False, **_namespace("shop")) is None
    without = {"Null": {"aws:TagKeys": "true"}}
    assert _pods(tmp_path / "3", tags=False, **without) == ("eks-pod-identity", "yes")
    assert _pods(tmp_path / "4", **without) is None
