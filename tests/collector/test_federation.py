"""What federation rests on, from recorded answers: each type once, and its twin that was denied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from collector.snapshot import Item, Snapshot, Status
from recording_files import ACCOUNT, REGION, Recording

REFUSED = {"Error": {"Code": "AccessDeniedException", "Message": "not authorised"}}
POOL = f"{REGION}:11111111-2222-3333-4444-555555555555"
POOL_ARN = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{POOL}"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.com/realm"
ANCHOR = f"arn:aws:rolesanywhere:{REGION}:{ACCOUNT}:trust-anchor/aaaa-bbbb"
PROFILE = f"arn:aws:rolesanywhere:{REGION}:{ACCOUNT}:profile/cccc-dddd"
CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/main"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/app"
CENTER = "arn:aws:sso:::instance/ssoins-7223abcd0123efgh"
SET = "arn:aws:sso:::permissionSet/ssoins-7223abcd0123efgh/ps-0123456789abcdef"
OTHER = "444455556666"
POINT = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/door"


@pytest.fixture
def raw(tmp_path: Path) -> Recording:
    recording = Recording(tmp_path)
    recording.put("sns.list_topics", {"Topics": []})
    return recording


def identity_pool(raw: Recording) -> None:
    listed = {"IdentityPools": [{"IdentityPoolId": POOL, "IdentityPoolName": "shop"}]}
    raw.put("cognito-identity.list_identity_pools", listed)
    described = {"IdentityPoolId": POOL, "AllowUnauthenticatedIdentities": True}
    raw.follow("cognito-identity.describe_identity_pool", POOL, described)
    roles = {"IdentityPoolId": POOL, "Roles": {"unauthenticated": ROLE}}
    raw.follow("cognito-identity.get_identity_pool_roles", POOL, roles)


def saml_provider(raw: Recording) -> None:
    raw.put("iam.list_saml_providers", {"SAMLProviderList": [{"Arn": SAML}]}, "global")
    metadata = '<EntityDescriptor entityID="https://idp.example.com">' + "x" * 9000
    raw.follow("iam.get_saml_provider", SAML, {"SAMLMetadataDocument": metadata}, "global")


def oidc_provider(raw: Recording) -> None:
    listed = {"OpenIDConnectProviderList": [{"Arn": OIDC}]}
    raw.put("iam.list_open_id_connect_providers", listed, "global")
    described = {"Url": "login.example.com/realm", "ClientIDList": ["app"]}
    raw.follow("iam.get_open_id_connect_provider", OIDC, described, "global")


def trust_anchor(raw: Recording) -> None:
    listed = {"trustAnchors": [{"trustAnchorArn": ANCHOR, "name": "factory", "enabled": True}]}
    raw.put("rolesanywhere.list_trust_anchors", listed)


def profile(raw: Recording) -> None:
    listed = {"profiles": [{"profileArn": PROFILE, "enabled": True, "roleArns": [ROLE]}]}
    raw.put("rolesanywhere.list_profiles", listed)


CLUSTER_LISTS = {
    "list_nodegroups": "nodegroups",
    "list_fargate_profiles": "fargateProfileNames",
    "list_identity_provider_configs": "identityProviderConfigs",
    "list_addons": "addons",
}


def cluster(raw: Recording) -> None:
    raw.put("eks.list_clusters", {"clusters": ["main"]})
    described = {"cluster": {"name": "main", "accessConfig": {"authenticationMode": "API"}}}
    raw.follow("eks.describe_cluster", "main", described)
    raw.follow("eks.list_access_entries", "main", {"accessEntries": [ROLE]})
    entry = {"accessEntry": {"principalArn": ROLE, "type": "STANDARD"}}
    raw.follow("eks.describe_access_entry", f"main,{ROLE}", entry)
    policies = {"associatedAccessPolicies": [{"policyArn": "arn:aws:eks::aws:p/View"}]}
    raw.follow("eks.list_associated_access_policies", f"main,{ROLE}", policies)
    listed = {"associations": [{"clusterName": "main", "associationId": "a-1"}]}
    raw.follow("eks.list_pod_identity_associations", "main", listed)
    association = {"association": {"associationId": "a-1", "roleArn": ROLE, "namespace": "shop"}}
    raw.follow("eks.describe_pod_identity_association", "main,a-1", association)
    for kind, member in CLUSTER_LISTS.items():
        raw.follow(f"eks.{kind}", "main", {member: []})


def permission_set(raw: Recording) -> None:
    raw.put("sso-admin.list_instances", {"Instances": [_instance()]})
    raw.follow("sso-admin.list_permission_sets", CENTER, {"PermissionSets": [SET]})
    follow = raw.follow
    follow("sso-admin.describe_permission_set", SET, {"PermissionSet": {"Name": "Ops"}})
    follow("sso-admin.get_inline_policy_for_permission_set", SET, {"InlinePolicy": "{}"})
    managed = {"AttachedManagedPolicies": [{"Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]}
    follow("sso-admin.list_managed_policies_in_permission_set", SET, managed)
    own = {"CustomerManagedPolicyReferences": [{"Name": "guard", "Path": "/"}]}
    follow("sso-admin.list_customer_managed_policy_references_in_permission_set", SET, own)
    none = {"Error": {"Code": "ResourceNotFoundException", "Message": "no boundary"}}
    follow("sso-admin.get_permissions_boundary_for_permission_set", SET, none)
    accounts = {"AccountIds": [OTHER]}
    follow("sso-admin.list_accounts_for_provisioned_permission_set", SET, accounts)
    assigned = {"AccountAssignments": [{"PrincipalType": "GROUP", "PrincipalId": "g-1"}]}
    follow("sso-admin.list_account_assignments", f"{SET},{OTHER}", assigned)


def _instance() -> dict[str, str]:
    return {"InstanceArn": CENTER, "IdentityStoreId": "d-1234567890", "OwnerAccountId": ACCOUNT}


def person(raw: Recording) -> None:
    raw.put("sso-admin.list_instances", {"Instances": [_instance()]})
    raw.follow("identitystore.list_users", "d-1234567890", {"Users": [{"UserId": "u-1"}]})


def group(raw: Recording) -> None:
    raw.put("sso-admin.list_instances", {"Instances": [_instance()]})
    raw.follow("identitystore.list_groups", "d-1234567890", {"Groups": [{"GroupId": "g-1"}]})
    members = {"GroupMemberships": [{"MemberId": {"UserId": "u-1"}}]}
    raw.follow("identitystore.list_group_memberships", "d-1234567890,g-1", members)


def access_point(raw: Recording) -> None:
    listed = {"AccessPointList": [{"Name": "door", "AccessPointArn": POINT, "Bucket": "site"}]}
    raw.put("s3control.list_access_points", listed)
    raw.follow("s3control.get_access_point", "door", {"Name": "door", "NetworkOrigin": "Internet"})
    raw.follow("s3control.get_access_point_policy", "door", {"Policy": "{}"})
    status = {"PolicyStatus": {"IsPublic": True}}
    raw.follow("s3control.get_access_point_policy_status", "door", status)


@dataclass(frozen=True)
class Case:
    """A type, its recording, and what has to come of it."""

    type: str
    record: Callable[[Recording], None]
    id: str
    item: dict[str, Any]
    calls: dict[str, Any]
    list_file: str
    place: str = REGION


CASES = [
    Case(
        "cognito:identity-pool",
        identity_pool,
        POOL_ARN,
        {"IdentityPoolId": POOL, "IdentityPoolName": "shop"},
        {
            "describe_identity_pool": {
                "IdentityPoolId": POOL,
                "AllowUnauthenticatedIdentities": True,
            },
            "get_identity_pool_roles": {
                "IdentityPoolId": POOL,
                "Roles": {"unauthenticated": ROLE},
            },
        },
        "cognito-identity.list_identity_pools",
    ),
    Case(
        "iam:oidc-provider",
        oidc_provider,
        OIDC,
        {"Arn": OIDC},
        {
            "get_open_id_connect_provider": {
                "Url": "login.example.com/realm",
                "ClientIDList": ["app"],
            }
        },
        "iam.list_open_id_connect_providers",
        "global",
    ),
    Case(
        "iam:roles-anywhere-trust-anchor",
        trust_anchor,
        ANCHOR,
        {"trustAnchorArn": ANCHOR, "name": "factory", "enabled": True},
        {},
        "rolesanywhere.list_trust_anchors",
    ),
    Case(
        "iam:roles-anywhere-profile",
        profile,
        PROFILE,
        {"profileArn": PROFILE, "enabled": True, "roleArns": [ROLE]},
        {},
        "rolesanywhere.list_profiles",
    ),
    Case(
        "eks:cluster",
        cluster,
        CLUSTER,
        {"name": "main"},
        {
            "describe_cluster": {
                "cluster": {"name": "main", "accessConfig": {"authenticationMode": "API"}}
            },
            "list_access_entries": [ROLE],
            f"describe_access_entry(principalArn={ROLE})": {
                "accessEntry": {"principalArn": ROLE, "type": "STANDARD"}
            },
            f"list_associated_access_policies(principalArn={ROLE})": [
                {"policyArn": "arn:aws:eks::aws:p/View"}
            ],
            "list_pod_identity_associations": [{"clusterName": "main", "associationId": "a-1"}],
            "describe_pod_identity_association(associationId=a-1)": {
                "association": {"associationId": "a-1", "roleArn": ROLE, "namespace": "shop"}
            },
            **{kind: [] for kind in CLUSTER_LISTS},
        },
        "eks.list_clusters",
    ),
    Case("sso:instance", permission_set, CENTER, _instance(), {}, "sso-admin.list_instances"),
    Case(
        "sso:permission-set",
        permission_set,
        SET,
        {"PermissionSetArn": SET, "InstanceArn": CENTER},
        {
            "describe_permission_set": {"PermissionSet": {"Name": "Ops"}},
            "get_inline_policy_for_permission_set": {"InlinePolicy": "{}"},
            "list_managed_policies_in_permission_set": [
                {"Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
            ],
            "list_customer_managed_policy_references_in_permission_set": [
                {"Name": "guard", "Path": "/"}
            ],
            "get_permissions_boundary_for_permission_set": None,
            "list_accounts_for_provisioned_permission_set": [OTHER],
            f"list_account_assignments(AccountId={OTHER})": [
                {"PrincipalType": "GROUP", "PrincipalId": "g-1"}
            ],
        },
        "sso-admin.list_instances",
    ),
    Case(
        "sso:user",
        person,
        "arn:aws:identitystore:::user/u-1",
        {"UserId": "u-1"},
        {},
        "sso-admin.list_instances",
    ),
    Case(
        "sso:group",
        group,
        "arn:aws:identitystore:::group/g-1",
        {"GroupId": "g-1", "IdentityStoreId": "d-1234567890"},
        {"list_group_memberships": [{"MemberId": {"UserId": "u-1"}}]},
        "sso-admin.list_instances",
    ),
    Case(
        "s3:access-point",
        access_point,
        POINT,
        {"Name": "door", "AccessPointArn": POINT, "Bucket": "site"},
        {
            "get_access_point": {"Name": "door", "NetworkOrigin": "Internet"},
            "get_access_point_policy": {"Policy": "{}"},
            "get_access_point_policy_status": {"PolicyStatus": {"IsPublic": True}},
        },
        "s3control.list_access_points",
    ),
]
each_case = pytest.mark.parametrize("case", CASES, ids=[case.type for case in CASES])


def only(snapshot: Snapshot, type_id: str) -> Item:
    (item,) = snapshot.items(type_id)
    return item


@each_case
def test_a_type_from_recorded_answers(raw: Recording, case: Case) -> None:
    case.record(raw)
    snapshot, result = raw.load()
    item = only(snapshot, case.type)
    assert (item.id, item.region, dict(item.item)) == (case.id, case.place, case.item)
    assert {name: call.value for name, call in item.calls.items()} == case.calls
    assert all(call.known for call in item.calls.values())
    assert snapshot.gaps(case.type) == []
    assert result.warnings == ()


@each_case
def test_its_twin_that_was_denied_is_a_gap(raw: Recording, case: Case) -> None:
    case.record(raw)
    raw.put(case.list_file, REFUSED, case.place)
    snapshot, _ = raw.load()
    assert list(snapshot.items(case.type)) == []
    gaps = {row.operation: row.status for row in snapshot.gaps(case.type)}
    denied = case.list_file.partition(".")[2]
    if case.type in ("sso:permission-set", "sso:user", "sso:group"):
        # nobody could say for which instance
        assert set(gaps.values()) == {Status.NOT_ATTEMPTED}
    else:
        assert gaps.pop(denied) is Status.DENIED
        assert set(gaps.values()) <= {Status.NOT_ATTEMPTED}


@pytest.mark.parametrize(
    ("record", "type_id", "name", "subject", "call"),
    [
        (identity_pool, "cognito:identity-pool", "cognito-identity.get_identity_pool_roles", POOL,
         "get_identity_pool_roles"),
        (cluster, "eks:cluster", "eks.describe_access_entry", f"main,{ROLE}",
         f"describe_access_entry(principalArn={ROLE})"),
        (cluster, "eks:cluster", "eks.list_access_entries", "main", "list_access_entries"),
        (permission_set, "sso:permission-set", "sso-admin.list_account_assignments",
         f"{SET},{OTHER}", f"list_account_assignments(AccountId={OTHER})"),
        (access_point, "s3:access-point", "s3control.get_access_point_policy", "door",
         "get_access_point_policy"),
    ],
)  # fmt: skip
def test_a_denied_follow_up_is_a_gap_of_its_own(
    raw: Recording,
    record: Callable[[Recording], None],
    type_id: str,
    name: str,
    subject: str,
    call: str,
) -> None:
    record(raw)
    raw.follow(name, subject, REFUSED)
    snapshot, _ = raw.load()
    item = only(snapshot, type_id)
    assert item.call(call).status is Status.DENIED
    status = snapshot.status(ACCOUNT, REGION, *name.split("."))
    assert status is Status.DENIED


def test_what_is_below_a_denied_list_was_not_attempted(raw: Recording) -> None:
    permission_set(raw)
    raw.follow("sso-admin.list_accounts_for_provisioned_permission_set", SET, REFUSED)
    snapshot, _ = raw.load()
    status = snapshot.status(ACCOUNT, REGION, "sso-admin", "list_account_assignments")
    assert status is Status.NOT_ATTEMPTED


def test_a_permission_set_may_be_named_with_its_instance(raw: Recording) -> None:
    permission_set(raw)
    renamed = {"PermissionSet": {"Name": "Named with its instance"}}
    raw.follow("sso-admin.describe_permission_set", f"{CENTER},{SET}", renamed)
    snapshot, result = raw.load()
    assert only(snapshot, "sso:permission-set").call("describe_permission_set").value == renamed
    assert [text.partition(" ")[2] for text in result.warnings] == ["fits no call that was made"]


def test_lists_of_one_instance_need_not_name_it_and_that_is_said(raw: Recording) -> None:
    raw.put("sso-admin.list_instances", {"Instances": [_instance()]})
    raw.put("identitystore.list_users", {"Users": [{"UserId": "u-1"}]})
    snapshot, result = raw.load()
    assert only(snapshot, "sso:user").item == {"UserId": "u-1"}
    assert "identitystore.list_users was recorded without its parameter" in result.warnings[0]


def test_no_instance_means_no_permission_sets(raw: Recording) -> None:
    raw.put("sso-admin.list_instances", {"Instances": []})
    snapshot, _ = raw.load()
    assert snapshot.gaps("sso:permission-set") == []
    assert snapshot.status(ACCOUNT, REGION, "sso-admin", "list_permission_sets") is Status.EMPTY


def test_a_cluster_of_the_config_map_alone_is_not_asked_for_entries(raw: Recording) -> None:
    cluster(raw)
    old = {"cluster": {"accessConfig": {"authenticationMode": "CONFIG_MAP"}}}
    raw.follow("eks.describe_cluster", "main", old)
    snapshot, _ = raw.load()
    assert "list_access_entries" not in only(snapshot, "eks:cluster").calls
    raw.into = raw.into.with_name("twin")
    raw.follow("eks.describe_cluster", "main", REFUSED)
    snapshot, _ = raw.load()
    assert only(snapshot, "eks:cluster").call("list_access_entries").value == [ROLE]


@pytest.mark.parametrize("length", [4096, 4097])
def test_saml_metadata_keeps_its_beginning(raw: Recording, length: int) -> None:
    saml_provider(raw)
    text = '<EntityDescriptor entityID="https://idp.example.com">'
    text += "x" * (length - len(text))
    raw.follow("iam.get_saml_provider", SAML, {"SAMLMetadataDocument": text}, "global")
    snapshot, _ = raw.load()
    item = only(snapshot, "iam:saml-provider")
    assert item.id == SAML
    kept = item.call("get_saml_provider").value["SAMLMetadataDocument"]
    assert kept == (text if length == 4096 else text[:-1] + "... (1 more characters)")


def test_an_organisation_that_one_account_sees_is_asked_there_for_identity_center(
    raw: Recording,
) -> None:
    permission_set(raw)
    raw.put("organizations.list_roots", {"Roots": []}, "global")
    raw.put("sns.list_topics", {"Topics": []}, account=OTHER)
    snapshot, _ = raw.load()
    rows = {row.account_id for row in snapshot.ledger if row.service == "sso-admin"}
    assert rows == {ACCOUNT}
