"""Who outside IAM assumes a role, from the facts of a snapshot; each rule beside its twin."""

import pytest

from graph.iam.assume import assume_answers
from graph.iam.callers import session_of
from graph.iam.federation import guest_session_policies
from graph.iam.from_snapshot import from_snapshot
from tests.iam.test_from_snapshot import gaad_ledger
from tests.iam.worlds import A, B, allow, doc, role, verdict, world
from tests.snapshot_files import line, write_snapshot

APP = f"arn:aws:iam::{A}:role/app"
OKTA = f"arn:aws:iam::{A}:saml-provider/okta"
GITHUB = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"
AUD = "token.actions.githubusercontent.com:aud"
SUB = "token.actions.githubusercontent.com:sub"
COGNITO = "cognito-identity.amazonaws.com"
POOL_ID = "eu-west-1:11111111-2222-3333-4444-555555555555"
POOL = f"arn:aws:cognito-identity:eu-west-1:{A}:identitypool/{POOL_ID}"
ANCHOR = f"arn:aws:rolesanywhere:eu-west-1:{A}:trust-anchor/ta"
CLUSTER = f"arn:aws:eks:eu-west-1:{A}:cluster/prod"
ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/AAAABBBBCCCCDDDD"
EKS = f"arn:aws:iam::{A}:oidc-provider/{ISSUER}"
SSO_NAME = "AWSReservedSSO_Admins_0123456789abcdef"
SSO_ROLE = f"arn:aws:iam::{A}:role/aws-reserved/sso.amazonaws.com/eu-west-1/{SSO_NAME}"
SSO_PROVIDER = f"arn:aws:iam::{A}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"
PERSON = "11111111-aaaa-bbbb-cccc-222222222222"

OPERATIONS = {
    "iam:oidc-provider": ("global", "iam", "list_open_id_connect_providers"),
    "iam:saml-provider": ("global", "iam", "list_saml_providers"),
    "cognito:identity-pool": ("eu-west-1", "cognito-identity", "list_identity_pools"),
    "cognito:user-pool": ("eu-west-1", "cognito-idp", "list_user_pools"),
    "iam:roles-anywhere-trust-anchor": ("eu-west-1", "rolesanywhere", "list_trust_anchors"),
    "iam:roles-anywhere-profile": ("eu-west-1", "rolesanywhere", "list_profiles"),
    "eks:cluster": ("eu-west-1", "eks", "list_clusters"),
    "sso:permission-set": ("eu-west-1", "sso-admin", "list_permission_sets"),
}


def statement(principal, action, condition=None):
    found = {"Effect": "Allow", "Principal": principal, "Action": action}
    return found | ({"Condition": condition} if condition else {})


def web(provider, **condition):
    return statement({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", condition)


def saml(provider, **condition):
    return statement({"Federated": provider}, "sts:AssumeRoleWithSAML", condition)


def service(name, **condition):
    actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    return statement({"Service": name}, actions, condition)


def sources(folder, trust, lines=None, unread=(), role_arn=APP):
    """(source -> (kind, verdict)) for a role; every type was read but those in ``unread``."""
    item = {
        "Arn": role_arn,
        "RoleName": role_arn.rpartition("/")[2],
        "Path": role_arn.partition(":role")[2].rpartition("/")[0] + "/",
        "AssumeRolePolicyDocument": doc(trust),
    }
    found = {(A, "global", "iam:role"): [line(role_arn, item)]}
    ledger = [gaad_ledger(A)]
    for type_id, (region, client, operation) in OPERATIONS.items():
        rows = (lines or {}).get(type_id, [])
        if rows:
            found[A, region, type_id] = rows
        if type_id not in unread:
            row = gaad_ledger(A, "ok", type_id, operation, client)
            ledger.append(row | {"region": region})
    here = from_snapshot(write_snapshot(folder, found, ledger))
    return {
        row.source: (row.kind, str(row.answer.verdict)) for row in assume_answers(here, role_arn)
    }


def provider(arn, *client_ids):
    value = {"ClientIDList": list(client_ids), "Url": arn.partition("oidc-provider/")[2]}
    return line(arn, {"Arn": arn}, get_open_id_connect_provider=value)


def oidc(*client_ids, arn=GITHUB):
    return {"iam:oidc-provider": [provider(arn, *client_ids)]}


@pytest.mark.parametrize("trust", [web(GITHUB), saml(OKTA)])
def test_a_provider_that_is_gone_vouches_for_nobody(tmp_path, trust):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html."""
    assert sources(tmp_path, trust) == {}


def test_a_provider_that_is_there_vouches_for_its_users(tmp_path):
    lines = {"iam:saml-provider": [line(OKTA, {"Arn": OKTA})]}
    assert sources(tmp_path, saml(OKTA), lines) == {f"federated:{OKTA}": ("federated", "yes")}


def test_a_provider_that_nobody_looked_for_is_taken_to_exist(tmp_path):
    got = sources(tmp_path, saml(OKTA), unread=["iam:saml-provider"])
    assert got == {f"federated:{OKTA}": ("federated", "yes")}


@pytest.mark.parametrize(("audience", "there"), [("sts.amazonaws.com", True), ("other", False)])
def test_a_token_is_for_an_audience_of_the_provider(tmp_path, audience, there):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html."""
    tests = {"StringEquals": {AUD: audience}}
    got = sources(tmp_path, web(GITHUB, **tests), oidc("sts.amazonaws.com"))
    assert got == ({f"federated:{GITHUB}": ("shared-provider", "yes")} if there else {})


def test_a_known_audience_of_ones_own_provider_is_no_condition(tmp_path):
    own = f"arn:aws:iam::{A}:oidc-provider/id.example.com"
    tests = {"StringEquals": {"id.example.com:aud": "app"}}
    known = sources(tmp_path / "known", web(own, **tests), oidc("app", arn=own))
    assert known == {f"federated:{own}": ("federated", "yes")}
    unread = sources(tmp_path / "unread", web(own, **tests), unread=["iam:oidc-provider"])
    assert unread == {f"federated:{own}": ("federated", "conditional")}


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("repo:acme/app:ref:refs/heads/main", "federated"),
        ("repo:acme/*", "federated"),
        ("repository_owner_id:1234:*", "federated"),
        ("environment:prod:repo:acme/app", "federated"),
        ("repo:acme*", "shared-provider"),
        ("repo:*/app:*", "shared-provider"),
        # An organisation lays its subjects out as it likes: these name no organisation.
        ("environment:prod", "shared-provider"),
        ("ref:refs/heads/main", "shared-provider"),
    ],
)
def test_a_github_subject_that_names_no_owner_admits_any_repository(tmp_path, subject, kind):
    """https://docs.github.com/en/actions/reference/openid-connect-reference."""
    tests = {"StringLike": {SUB: subject}}
    got = sources(tmp_path, web(GITHUB, **tests), oidc("sts.amazonaws.com"))
    assert got[f"federated:{GITHUB}"][0] == kind


@pytest.mark.parametrize(
    ("host", "claim", "fixed", "loose"),
    [
        ("gitlab.com", "sub", "project_path:acme/*", "project_path:acme*"),
        ("app.terraform.io", "sub", "organization:acme:*", "organization:*:project:x:*"),
        ("agent.buildkite.com", "sub", "organization:acme:*", "organization:*"),
        ("oidc.codefresh.io", "sub", "account:1234:*", "account:*"),
        ("scalr.io", "sub", "account:acme:*", "*"),
        ("graph.facebook.com", "app_id", "1234", "*"),
        ("www.amazon.com", "app_id", "amzn1.app", "*"),
    ],
)
def test_a_shared_provider_is_fixed_by_the_tenants_name_alone(tmp_path, host, claim, fixed, loose):
    arn = f"arn:aws:iam::{A}:oidc-provider/{host}"
    for folder, value, kind in (("a", fixed, "federated"), ("b", loose, "shared-provider")):
        tests = {"StringLike": {f"{host}:{claim}": value}}
        got = sources(tmp_path / folder, web(arn, **tests), oidc("aud", arn=arn))
        assert got[f"federated:{arn}"][0] == kind


def test_apple_without_an_audience_admits_everybody_until_the_provider_is_read(tmp_path):
    arn = f"arn:aws:iam::{A}:oidc-provider/appleid.apple.com"
    unread = sources(tmp_path / "unread", web(arn), unread=["iam:oidc-provider"])
    assert unread[f"federated:{arn}"][0] == "shared-provider"
    read = sources(tmp_path / "read", web(arn), oidc("com.example.app", arn=arn))
    assert read == {f"federated:{arn}": ("federated", "yes")}


def test_where_the_audience_names_the_tenant_the_providers_list_fixes_it(tmp_path):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_manual.html."""
    google = f"arn:aws:iam::{A}:oidc-provider/accounts.google.com"
    fixed = sources(tmp_path / "a", web(google), oidc("1234.apps", arn=google))
    assert fixed == {f"federated:{google}": ("federated", "yes")}
    anyone = sources(tmp_path / "b", web("accounts.google.com"))
    assert anyone == {"federated:accounts.google.com": ("shared-provider", "yes")}


@pytest.mark.parametrize(
    "host",
    [
        "oidc.circleci.com/org/1234",
        "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
        "oidc.vercel.com/acme",
    ],
)
def test_an_issuer_of_one_tenant_is_not_shared(tmp_path, host):
    arn = f"arn:aws:iam::{A}:oidc-provider/{host}"
    got = sources(tmp_path, web(arn), oidc("any", arn=arn))
    assert got == {f"federated:{arn}": ("federated", "yes")}


def test_a_claim_of_another_providers_token_is_absent(tmp_path):
    tests = {"StringEquals": {"accounts.google.com:sub": "1234"}}
    assert sources(tmp_path, web(GITHUB, **tests), oidc("sts.amazonaws.com")) == {}


@pytest.mark.parametrize(
    ("audience", "there"),
    [
        ("https://signin.aws.amazon.com/saml", True),
        ("https://eu-west-1.signin.aws.amazon.com/saml", True),
        ("https://evil.example.com/saml", False),
    ],
)
def test_a_saml_assertion_is_for_aws(tmp_path, audience, there):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml."""
    lines = {"iam:saml-provider": [line(OKTA, {"Arn": OKTA})]}
    got = sources(tmp_path, saml(OKTA, StringEquals={"SAML:aud": audience}), lines)
    assert bool(got) is there


def pool(guests=True, classic=False, **roles):
    value = {"AllowUnauthenticatedIdentities": guests, "AllowClassicFlow": classic}
    return {
        "cognito:identity-pool": [
            line(
                POOL,
                {"IdentityPoolId": POOL_ID},
                describe_identity_pool=value,
                get_identity_pool_roles={"Roles": roles},
            )
        ]
    }


def of_pool(method=None):
    tests = {"StringEquals": {f"{COGNITO}:aud": POOL_ID}}
    if method:
        tests["ForAnyValue:StringLike"] = {f"{COGNITO}:amr": method}
    return web(COGNITO, **tests)


def test_guests_of_a_pool_are_the_internet(tmp_path):
    """https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html."""
    lines = pool(unauthenticated=APP)
    got = sources(tmp_path, of_pool("unauthenticated"), lines)
    assert got == {"internet": ("internet", "yes")}


@pytest.mark.parametrize(
    "lines", [pool(guests=False, unauthenticated=APP), pool(), pool(unauthenticated="other")]
)
def test_a_pool_without_guests_or_that_does_not_hand_the_role_out_gives_it_to_nobody(
    tmp_path, lines
):
    assert sources(tmp_path, of_pool("unauthenticated"), lines) == {}


def test_in_the_classic_flow_guests_pick_the_role(tmp_path):
    """https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html."""
    got = sources(tmp_path, of_pool("unauthenticated"), pool(classic=True))
    assert got == {"internet": ("internet", "yes")}


def test_signed_in_users_come_from_the_pool(tmp_path):
    got = sources(tmp_path, of_pool("authenticated"), pool(authenticated=APP))
    assert got == {POOL: ("identity-pool", "yes")}


def test_without_an_audience_any_pool_serves(tmp_path):
    assert sources(tmp_path, web(COGNITO))[f"federated:{COGNITO}"] == ("shared-provider", "yes")
    assert f"federated:{COGNITO}" not in sources(tmp_path / "b", of_pool(), pool())


def test_a_pool_that_was_not_collected_may_let_in_guests(tmp_path):
    got = sources(tmp_path, of_pool("unauthenticated"), unread=["cognito:identity-pool"])
    assert got["internet"] == ("unknown", "unknown")
    users = sources(tmp_path / "b", of_pool("authenticated"), unread=["cognito:identity-pool"])
    assert "internet" not in users


def test_the_enhanced_flow_limits_guests_to_some_services():
    """https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html#access-policies-scope-down-services."""
    app = role(allow("*"))
    guest = session_of(app, "CognitoIdentityCredentials", guest_session_policies())
    assert verdict(guest, "kms:Decrypt", f"arn:aws:kms:eu-west-1:{A}:alias/x") == "yes"
    assert verdict(guest, "ec2:RunInstances", "*") == "no"
    assert verdict(app, "ec2:RunInstances", "*") == "yes"


def anywhere(enabled=True, profile=True, listed=APP, region="eu-west-1"):
    arn = f"arn:aws:rolesanywhere:{region}:{A}:profile/p"
    return {
        "iam:roles-anywhere-trust-anchor": [line(ANCHOR, {"enabled": enabled})],
        "iam:roles-anywhere-profile": [line(arn, {"enabled": profile, "roleArns": [listed]})],
    }


def test_a_trust_anchor_gives_the_roles_of_its_profiles(tmp_path):
    """https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html."""
    got = sources(tmp_path, service("rolesanywhere.amazonaws.com"), anywhere())
    assert got[ANCHOR] == ("trust-anchor", "yes")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (anywhere(enabled=False), ("trust-anchor", "dormant")),
        (anywhere(profile=False), ("trust-anchor", "dormant")),
        (anywhere(listed=f"arn:aws:iam::{A}:role/other"), None),
    ],
)
def test_a_disabled_or_other_profile_does_not(tmp_path, lines, expected):
    got = sources(tmp_path, service("rolesanywhere.amazonaws.com"), lines)
    assert got.get(ANCHOR) == expected


@pytest.mark.parametrize(("value", "there"), [(ANCHOR, True), (f"{ANCHOR}2", False)])
def test_a_source_arn_fixes_the_trust_anchor(tmp_path, value, there):
    tests = {"ArnEquals": {"aws:SourceArn": value}}
    got = sources(tmp_path, service("rolesanywhere.amazonaws.com", **tests), anywhere())
    assert (ANCHOR in got) is there


def test_a_certificates_subject_is_a_condition(tmp_path):
    tests = {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "build"}}
    got = sources(tmp_path, service("rolesanywhere.amazonaws.com", **tests), anywhere())
    assert got[ANCHOR] == ("trust-anchor", "conditional")


def test_trust_anchors_that_were_not_collected_are_named(tmp_path):
    unread = ["iam:roles-anywhere-trust-anchor"]
    got = sources(tmp_path, service("rolesanywhere.amazonaws.com"), unread=unread)
    assert got["service:rolesanywhere.amazonaws.com"] == ("unknown", "unknown")


def eks(given=APP, namespace="web"):
    association = {"roleArn": given, "namespace": namespace, "serviceAccount": "api"}
    row = line(
        CLUSTER,
        {"name": "prod"},
        describe_cluster={"cluster": {"identity": {"oidc": {"issuer": f"https://{ISSUER}"}}}},
        **{
            "describe_pod_identity_association(associationId=a-1)": {"association": association},
        },
    )
    return {"eks:cluster": [row]}


def test_a_pod_identity_association_gives_the_role_to_pods(tmp_path):
    """https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html."""
    got = sources(tmp_path, service("pods.eks.amazonaws.com"), eks())
    assert got[CLUSTER] == ("eks-pod-identity", "yes")


def test_without_an_association_no_pod_gets_the_role(tmp_path):
    assert CLUSTER not in sources(tmp_path, service("pods.eks.amazonaws.com"), eks(given="other"))


@pytest.mark.parametrize(("namespace", "there"), [("web", True), ("ops", False)])
def test_the_tags_of_an_association_are_known(tmp_path, namespace, there):
    """https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html."""
    tests = {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "web"}}
    trust = service("pods.eks.amazonaws.com", **tests)
    assert (CLUSTER in sources(tmp_path, trust, eks(namespace=namespace))) is there


def test_a_cluster_vouches_for_its_service_accounts(tmp_path):
    """https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html."""
    lines = eks() | oidc("sts.amazonaws.com", arn=EKS)
    assert sources(tmp_path, web(EKS), lines)[CLUSTER] == ("eks-service-account", "yes")
    assert CLUSTER not in sources(tmp_path / "b", web(EKS), oidc("sts.amazonaws.com", arn=EKS))


def center(account=A, name="Admins"):
    arn = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
    row = {"AccountId": account, "PrincipalId": PERSON, "PrincipalType": "GROUP"}
    calls = {
        "describe_permission_set": {"PermissionSet": {"Name": name}},
        f"list_account_assignments(AccountId={account})": [row],
    }
    return {
        "sso:permission-set": [line(arn, {"PermissionSetArn": arn}, **calls)],
        "iam:saml-provider": [line(SSO_PROVIDER, {"Arn": SSO_PROVIDER})],
    }


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (center(), {f"arn:aws:identitystore:::group/{PERSON}": ("identity-center", "yes")}),
        (center(account=B), {}),
        (center(name="Readers"), {}),
    ],
)
def test_assignments_say_who_reaches_an_identity_center_role(tmp_path, lines, expected):
    """https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html."""
    assert sources(tmp_path, saml(SSO_PROVIDER), lines, role_arn=SSO_ROLE) == expected


def test_assignments_that_were_not_collected_are_named(tmp_path):
    got = sources(tmp_path, saml(SSO_PROVIDER), unread=["sso:permission-set"], role_arn=SSO_ROLE)
    assert got == {f"federated:{SSO_PROVIDER}": ("unknown", "unknown")}


def test_a_world_without_facts_takes_providers_to_exist():
    from tests.iam.worlds import trust

    app = role(trust=trust({"Federated": OKTA}, "sts:AssumeRoleWithSAML"))
    rows = assume_answers(world(app), app.arn)
    assert [(row.source, str(row.answer.verdict)) for row in rows] == [(f"federated:{OKTA}", "yes")]
