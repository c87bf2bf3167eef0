"""K. Federation."""

from urllib.parse import quote

import pytest

from tests.iam.rules.builders import USER_GUIDE
from tests.iam.rules.raw_worlds import (
    CLUSTER,
    ISSUER,
    REGION,
    Answers,
    assumers,
    cluster,
    details,
    role_detail,
    trusting,
)
from tests.iam.worlds import A

OIDC_ROLE = f"{USER_GUIDE}/id_roles_create_for-idp_oidc.html"
SHARED = f"{USER_GUIDE}/id_roles_providers_oidc_secure-by-default.html"
SAML_ROLE = f"{USER_GUIDE}/id_roles_create_for-idp_saml.html"
CENTER = "https://docs.aws.amazon.com/singlesignon/latest/userguide"

WEB, SAML = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"


def _oidc(issuer: str) -> str:
    return f"arn:aws:iam::{A}:oidc-provider/{issuer}"


def _provider(issuer: str, *audiences: str) -> Answers:
    arn = _oidc(issuer)
    listed = {"OpenIDConnectProviderList": [{"Arn": arn}]}
    described = {"Url": issuer, "ClientIDList": list(audiences or ["sts.amazonaws.com"])}
    return {
        ("global", "iam.list_open_id_connect_providers"): listed,
        ("global", f"iam.get_open_id_connect_provider.{quote(arn, safe='')}"): described,
    }


def _web(tmp_path, issuer, *, there=True, action=WEB, audiences=(), **condition):
    """Who assumes a role that trusts an OIDC provider; conditions are operator=claims."""
    keyed = {
        operator: {f"{issuer}:{claim}": value for claim, value in claims.items()}
        for operator, claims in condition.items()
    }
    role = role_detail(trusting({"Federated": _oidc(issuer)}, action, **keyed))
    found = assumers(tmp_path, _provider(issuer, *audiences) if there else {}, details(role))
    return found.get(f"federated:{_oidc(issuer)}")


OWN = "login.example.com/realm"
AUD = {"aud": "sts.amazonaws.com"}


@pytest.mark.rule("66", source=OIDC_ROLE)
def test_066_a_trusted_oidc_provider_lets_its_users_in(tmp_path):
    """A role that trusts an OIDC provider of its account is assumed with that provider's tokens, as
    far as the token's claims meet the condition.
    """
    assert _web(tmp_path / "1", OWN) == ("federated", "yes")
    assert _web(tmp_path / "2", OWN, StringEquals=AUD) == ("federated", "yes")
    subject = {**AUD, "sub": "alice"}
    assert _web(tmp_path / "3", OWN, StringEquals=subject) == ("federated", "conditional")


@pytest.mark.twin("66", control="the audience is none of the provider's")
def test_066_twin_another_audience(tmp_path):
    assert _web(tmp_path, OWN, StringEquals={"aud": "another"}) is None


@pytest.mark.twin("66", control="the trust allows another action than AssumeRoleWithWebIdentity")
def test_066_twin_another_action(tmp_path):
    assert _web(tmp_path, OWN, action="sts:AssumeRole") is None


@pytest.mark.twin("66", control="the account has no such provider any more")
def test_066_twin_the_provider_is_gone(tmp_path):
    assert _web(tmp_path, OWN, there=False) is None


@pytest.mark.twin("66", control="the condition is on another provider's claims")
def test_066_twin_claims_of_another_provider(tmp_path):
    stray = {"StringEquals": {"token.example.org:sub": "alice"}}
    role = role_detail(trusting({"Federated": _oidc(OWN)}, WEB, **stray))
    assert assumers(tmp_path, _provider(OWN), details(role)) == {}


GITHUB = "token.actions.githubusercontent.com"
ANYONE = {
    "nothing": (GITHUB, {}),
    "the audience alone": (GITHUB, {"StringEquals": AUD}),
    "any repository": (GITHUB, {"StringLike": {**AUD, "sub": "repo:*"}}),
    "a beginning of names": (GITHUB, {"StringLike": {**AUD, "sub": "repo:octo*"}}),
    "any owner": (GITHUB, {"StringLike": {**AUD, "sub": "repo:*/app:*"}}),
    "gitlab": ("gitlab.com", {"StringLike": {"sub": "project_path:*"}}),
    "terraform": ("app.terraform.io", {"StringLike": {"sub": "organization:*"}}),
    "buildkite": ("agent.buildkite.com", {"StringLike": {"sub": "organization:*"}}),
}
OURS = {
    "nothing": (GITHUB, {"StringLike": {"sub": "repo:octo-org/*"}}),
    "the audience alone": (GITHUB, {"StringEquals": {**AUD, "sub": "repo:octo-org/app:ref:x"}}),
    "any repository": (GITHUB, {"StringLike": {**AUD, "sub": "repo:octo-org/*"}}),
    "a beginning of names": (GITHUB, {"StringLike": {**AUD, "sub": "repo:octo/*"}}),
    "any owner": (GITHUB, {"StringLike": {**AUD, "sub": "repo:octo-org/app:*"}}),
    "gitlab": ("gitlab.com", {"StringLike": {"sub": "project_path:team/*"}}),
    "terraform": ("app.terraform.io", {"StringLike": {"sub": "organization:team:*"}}),
    "buildkite": ("agent.buildkite.com", {"StringLike": {"sub": "organization:team:*"}}),
}


def _tenants(tmp_path, rows):
    return {
        name: found and found[0]
        for name, (issuer, condition) in rows.items()
        for found in [_web(tmp_path / quote(name), issuer, **condition)]
    }


@pytest.mark.rule("66", source=SHARED)
def test_066_a_shared_provider_without_a_tenant_lets_anyone_in(tmp_path):
    """Providers such as GitHub vouch for customers of all sorts: a trust that does not fix the
    customer's name admits every one of them.
    """
    assert _tenants(tmp_path, ANYONE) == dict.fromkeys(ANYONE, "shared-provider")


@pytest.mark.twin("66", control="the condition fixes the customer's name")
def test_066_twin_one_tenant(tmp_path):
    assert _tenants(tmp_path, OURS) == dict.fromkeys(OURS, "federated")


def _irsa(tmp_path, *parts) -> set[str]:
    pods = {"StringEquals": {f"{ISSUER}:sub": "system:serviceaccount:shop:web"}}
    role = role_detail(trusting({"Federated": _oidc(ISSUER)}, WEB, **pods))
    return set(assumers(tmp_path, _provider(ISSUER), details(role), *parts))


@pytest.mark.rule(
    "66",
    source="https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html",
)
def test_066_an_eks_cluster_is_a_provider_of_its_service_accounts(tmp_path):
    """A cluster's issuer is an OIDC provider whose tokens name the pod's service account."""
    assert _irsa(tmp_path, cluster()) == {f"federated:{_oidc(ISSUER)}", CLUSTER}


@pytest.mark.twin("66", control="the account has no cluster with that issuer")
def test_066_twin_no_such_cluster(tmp_path):
    assert _irsa(tmp_path) == {f"federated:{_oidc(ISSUER)}"}


OKTA = f"arn:aws:iam::{A}:saml-provider/okta"


def _saml(tmp_path, *, there=True, action=SAML, **condition):
    role = role_detail(trusting({"Federated": OKTA}, action, **condition))
    listed = {"SAMLProviderList": [{"Arn": OKTA}] if there else []}
    answers: Answers = {("global", "iam.list_saml_providers"): listed}
    return assumers(tmp_path, answers, details(role)).get(f"federated:{OKTA}")


@pytest.mark.rule("67", source=SAML_ROLE)
def test_067_a_saml_provider_asserts_any_role_that_trusts_it(tmp_path):
    """Whoever runs a SAML provider can assert each role that trusts it, for AWS's own audience."""
    audience = {"SAML:aud": "https://signin.aws.amazon.com/saml"}
    assert _saml(tmp_path / "1", StringEquals=audience) == ("federated", "yes")
    assert _saml(tmp_path / "2") == ("federated", "yes")


@pytest.mark.twin("67", control="the audience is not AWS's")
def test_067_twin_another_audience(tmp_path):
    assert _saml(tmp_path, StringEquals={"SAML:aud": "https://example.com"}) is None


@pytest.mark.twin("67", control="the trust allows AssumeRole instead of AssumeRoleWithSAML")
def test_067_twin_another_action(tmp_path):
    assert _saml(tmp_path, action="sts:AssumeRole") is None


@pytest.mark.twin("67", control="the account has no such provider any more")
def test_067_twin_the_provider_is_gone(tmp_path):
    assert _saml(tmp_path, there=False) is None


@pytest.mark.twin("67", control="the condition asks for one user of the provider")
def test_067_twin_one_user(tmp_path):
    assert _saml(tmp_path, StringEquals={"SAML:sub": "alice"}) == ("federated", "conditional")


SSO_ROLE = (
    f"arn:aws:iam::{A}:role/aws-reserved/sso.amazonaws.com/{REGION}/"
    "AWSReservedSSO_Admins_0123456789abcdef"
)
SSO_PROVIDER = f"arn:aws:iam::{A}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"
INSTANCE = "arn:aws:sso:::instance/ssoins-7223abcd0123efgh"
SET = "arn:aws:sso:::permissionSet/ssoins-7223abcd0123efgh/ps-0123456789abcdef"
PERSON = "11111111-aaaa-bbbb-cccc-222222222222"


def _assigned(tmp_path, permission_set="Admins", account=A) -> dict[str, str]:
    one = quote(SET, safe="")
    row = {"AccountId": account, "PermissionSetArn": SET, "PrincipalType": "USER"}
    assignments = {"AccountAssignments": [{**row, "PrincipalId": PERSON}]}
    described = {"PermissionSet": {"Name": permission_set, "PermissionSetArn": SET}}
    prefix = "sso-admin.list_accounts_for_provisioned_permission_set"
    answers: Answers = {
        ("global", "iam.list_saml_providers"): {"SAMLProviderList": [{"Arn": SSO_PROVIDER}]},
        (REGION, "sso-admin.list_instances"): {
            "Instances": [{"InstanceArn": INSTANCE, "IdentityStoreId": "d-1", "OwnerAccountId": A}]
        },
        (REGION, f"sso-admin.list_permission_sets.{quote(INSTANCE, safe='')}"): {
            "PermissionSets": [SET]
        },
        (REGION, f"sso-admin.describe_permission_set.{one}"): described,
        (REGION, f"{prefix}.{one}"): {"AccountIds": [account]},
        (REGION, f"sso-admin.list_account_assignments.{one},{account}"): assignments,
    }
    trust = trusting({"Federated": SSO_PROVIDER}, [SAML, "sts:TagSession"])
    found = assumers(tmp_path, answers, details(role_detail(trust, arn=SSO_ROLE)), of=SSO_ROLE)
    return {source: kind for source, (kind, _) in found.items()}


@pytest.mark.rule("68", source=f"{CENTER}/permissionsetsconcept.html")
def test_068_identity_centers_roles_are_reached_by_assignment(tmp_path):
    """A role that Identity Center made for a permission set is reached by the users and groups that
    have the set assigned in the account.
    """
    person = f"arn:aws:identitystore:::user/{PERSON}"
    assert _assigned(tmp_path).get(person) == "identity-center"


@pytest.mark.twin("68", control="the assignment is of another permission set")
def test_068_twin_another_permission_set(tmp_path):
    assert "identity-center" not in _assigned(tmp_path, "Readers").values()


@pytest.mark.twin("68", control="the assignment is in another account")
def test_068_twin_another_account(tmp_path):
    assert "identity-center" not in _assigned(tmp_path, account="999999999999").values()
