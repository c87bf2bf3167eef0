"""Each technique of IAM itself: it works, and not with one right, state or policy changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from derivation.aws_world import FULL, LAMBDA, PROD, World, allow, iam, trusting
from escalation.identity_lab import (
    ACCOUNT,
    ADMIN,
    BY_ACCOUNT,
    GROUP,
    ISSUER,
    POLICY,
    PROVIDER,
    ROLE,
    SELF_ROLE,
    USER,
    Scenario,
    by_tag,
    by_tag_of_role,
    denied,
    everywhere,
    federated,
    joining,
    of_a_provider_that_is_gone,
    of_an_issuer_that_is_gone,
    on_member,
    on_own_policy,
    on_role,
    on_self,
    on_user,
    within_boundary,
)
from escalation.technique_lab import ATTACKER, SERVICES, TechniqueWorld, deny, found, with_scp
from graph.escalation.technique import techniques

NEW_ROLE = iam("role", "made")
NEW_USER = iam("user", "made")
TAKEN = {ROLE: "yes", ACCOUNT: "yes"}
OPEN = {ACCOUNT: "conditional"}
NO_KEYS = on_user()


def scenario(
    technique: str,
    make: Callable[[Any], World],
    gained: dict[str, str],
    *rights: tuple[str, str],
    who: str = ATTACKER,
) -> Scenario:
    return Scenario(technique, tuple(allow(*one) for one in rights), make, gained, who)


ASSUME = ("sts:AssumeRole", ROLE)
RETRUST = ("iam:UpdateAssumeRolePolicy", ROLE)
TO_ACCOUNT = on_role(BY_ACCOUNT)
TO_LAMBDA = on_role(LAMBDA)
SCENARIOS = [
    scenario("iam-001", on_own_policy(), {ACCOUNT: "yes"}, ("iam:CreatePolicyVersion", POLICY)),
    scenario("iam-002", NO_KEYS, {USER: "yes"}, ("iam:CreateAccessKey", USER)),
    scenario(
        "iam-003",
        on_user(["Active", "Active"]),
        {USER: "yes"},
        ("iam:CreateAccessKey", USER),
        ("iam:DeleteAccessKey", USER),
    ),
    scenario("iam-004", NO_KEYS, {USER: "yes"}, ("iam:CreateLoginProfile", USER)),
    scenario(
        "iam-005",
        on_self("role"),
        {ACCOUNT: "yes"},
        ("iam:PutRolePolicy", SELF_ROLE),
        who=SELF_ROLE,
    ),
    scenario("iam-006", on_user(password=True), {USER: "yes"}, ("iam:UpdateLoginProfile", USER)),
    scenario("iam-007", on_self("user"), {ACCOUNT: "yes"}, ("iam:PutUserPolicy", ATTACKER)),
    scenario("iam-008", on_self("user"), {ACCOUNT: "yes"}, ("iam:AttachUserPolicy", ATTACKER)),
    scenario(
        "iam-009",
        on_self("role"),
        {ACCOUNT: "yes"},
        ("iam:AttachRolePolicy", SELF_ROLE),
        who=SELF_ROLE,
    ),
    scenario("iam-010", on_self("user"), {ACCOUNT: "yes"}, ("iam:AttachGroupPolicy", GROUP)),
    scenario("iam-011", on_self("user"), {ACCOUNT: "yes"}, ("iam:PutGroupPolicy", GROUP)),
    # A trust policy that names the caller is enough within an account.
    scenario("iam-012", TO_LAMBDA, {ROLE: "yes"}, RETRUST),
    scenario("iam-013", joining(FULL), {ACCOUNT: "yes"}, ("iam:AddUserToGroup", GROUP)),
    scenario("iam-014", TO_ACCOUNT, TAKEN, ASSUME, ("iam:AttachRolePolicy", ROLE)),
    scenario(
        "iam-015",
        NO_KEYS,
        {USER: "yes", ACCOUNT: "yes"},
        ("iam:CreateAccessKey", USER),
        ("iam:AttachUserPolicy", USER),
    ),
    scenario(
        "iam-016",
        on_role(BY_ACCOUNT, policy=True),
        TAKEN,
        ASSUME,
        ("iam:CreatePolicyVersion", POLICY),
    ),
    scenario("iam-017", TO_ACCOUNT, TAKEN, ASSUME, ("iam:PutRolePolicy", ROLE)),
    scenario(
        "iam-018",
        NO_KEYS,
        {USER: "yes", ACCOUNT: "yes"},
        ("iam:CreateAccessKey", USER),
        ("iam:PutUserPolicy", USER),
    ),
    scenario("iam-019", TO_LAMBDA, TAKEN, RETRUST, ("iam:AttachRolePolicy", ROLE)),
    scenario(
        "iam-020",
        on_role(LAMBDA, policy=True),
        TAKEN,
        RETRUST,
        ("iam:CreatePolicyVersion", POLICY),
    ),
    scenario("iam-021", TO_LAMBDA, TAKEN, RETRUST, ("iam:PutRolePolicy", ROLE)),
    scenario(
        "iam-022",
        within_boundary("user"),
        {ACCOUNT: "yes"},
        ("iam:DeleteUserPermissionsBoundary", ATTACKER),
    ),
    scenario(
        "iam-023",
        on_role(BY_ACCOUNT, bound=True),
        {ACCOUNT: "yes"},
        ASSUME,
        ("iam:DeleteRolePermissionsBoundary", ROLE),
    ),
    scenario(
        "iam-024",
        within_boundary("user"),
        {ACCOUNT: "yes"},
        ("iam:PutUserPermissionsBoundary", ATTACKER),
    ),
    scenario(
        "iam-025", denied("user", "managed"), {ACCOUNT: "yes"}, ("iam:DetachUserPolicy", ATTACKER)
    ),
    scenario(
        "iam-026", denied("user", "inline"), {ACCOUNT: "yes"}, ("iam:DeleteUserPolicy", ATTACKER)
    ),
    scenario("x-iam-any-role", everywhere, OPEN, ("iam:AttachRolePolicy", "*")),
    scenario("x-iam-any-role", everywhere, OPEN, ("iam:PutRolePolicy", iam("role", "*"))),
    scenario("x-iam-any-user", everywhere, OPEN, ("iam:PutUserPolicy", iam("user", "*"))),
    scenario("x-iam-any-group", everywhere, OPEN, ("iam:PutGroupPolicy", GROUP)),
    scenario("x-iam-any-member", everywhere, OPEN, ("iam:AddUserToGroup", GROUP)),
    scenario(
        "x-iam-createrole",
        on_self("user"),
        {ACCOUNT: "yes"},
        ("iam:CreateRole", NEW_ROLE),
        ("iam:AttachRolePolicy", NEW_ROLE),
    ),
    scenario(
        "x-iam-createrole",
        on_self("user"),
        {ACCOUNT: "yes"},
        ("iam:CreateRole", NEW_ROLE),
        ("iam:PutRolePolicy", NEW_ROLE),
    ),
    scenario(
        "x-iam-createuser",
        on_self("user"),
        {ACCOUNT: "yes"},
        ("iam:CreateUser", NEW_USER),
        ("iam:CreateAccessKey", NEW_USER),
        ("iam:AttachUserPolicy", NEW_USER),
    ),
    scenario(
        "x-iam-createuser",
        on_self("user"),
        {ACCOUNT: "yes"},
        ("iam:CreateUser", NEW_USER),
        ("iam:CreateAccessKey", NEW_USER),
        ("iam:PutUserPolicy", NEW_USER),
    ),
    scenario(
        "x-iam-createservicespecificcred",
        NO_KEYS,
        {USER: "conditional"},
        ("iam:CreateServiceSpecificCredential", USER),
    ),
    scenario(
        "x-iam-deleterolepb",
        within_boundary("role"),
        {ACCOUNT: "yes"},
        ("iam:DeleteRolePermissionsBoundary", SELF_ROLE),
        who=SELF_ROLE,
    ),
    scenario(
        "x-iam-putrolepb",
        within_boundary("role"),
        {ACCOUNT: "yes"},
        ("iam:PutRolePermissionsBoundary", SELF_ROLE),
        who=SELF_ROLE,
    ),
    scenario(
        "x-iam-detachrolepolicy",
        denied("role", "managed"),
        {ACCOUNT: "yes"},
        ("iam:DetachRolePolicy", SELF_ROLE),
        who=SELF_ROLE,
    ),
    scenario(
        "x-iam-detachrolepolicy-inline",
        denied("role", "inline"),
        {ACCOUNT: "yes"},
        ("iam:DeleteRolePolicy", SELF_ROLE),
        who=SELF_ROLE,
    ),
    scenario(
        "x-iam-detachrolepolicy-group",
        denied("user", "group-managed"),
        {ACCOUNT: "yes"},
        ("iam:DetachGroupPolicy", GROUP),
    ),
    scenario(
        "x-iam-detachrolepolicy-group-inline",
        denied("user", "group-inline"),
        {ACCOUNT: "yes"},
        ("iam:DeleteGroupPolicy", GROUP),
    ),
    scenario(
        "x-iam-detachrolepolicy-leave",
        denied("user", "group-inline"),
        {ACCOUNT: "yes"},
        ("iam:RemoveUserFromGroup", GROUP),
    ),
    scenario(
        "x-iam-create-saml-provider",
        of_a_provider_that_is_gone,
        {ROLE: "yes"},
        ("iam:CreateSAMLProvider", PROVIDER),
    ),
    scenario(
        "x-iam-create-oidc-provider",
        of_an_issuer_that_is_gone,
        {ROLE: "yes"},
        ("iam:CreateOpenIDConnectProvider", ISSUER),
    ),
    scenario("x-iam-samlprovider", federated, {ROLE: "yes"}, ("iam:UpdateSAMLProvider", PROVIDER)),
    scenario(
        "x-iam-setdefaultpolicyversion",
        on_own_policy(FULL),
        {ACCOUNT: "yes"},
        ("iam:SetDefaultPolicyVersion", POLICY),
    ),
    scenario(
        "x-iam-gained-policy",
        TO_LAMBDA,
        {ACCOUNT: "yes"},
        ("iam:AttachRolePolicy", ROLE),
        ("iam:PassRole", ROLE),
        ("lambda:CreateFunction", "*"),
        ("lambda:InvokeFunction", "*"),
    ),
    scenario(
        "x-iam-gained-group",
        on_member(),
        {ACCOUNT: "yes"},
        ("iam:PutGroupPolicy", iam("group", "members")),
        ("iam:CreateAccessKey", USER),
    ),
    scenario(
        "x-iam-gained-version",
        on_member(),
        {ACCOUNT: "yes"},
        ("iam:CreatePolicyVersion", POLICY),
        ("iam:CreateAccessKey", USER),
    ),
    scenario(
        "x-iam-gained-olderversion",
        on_member(FULL, allow("s3:GetObject")),
        {ACCOUNT: "yes"},
        ("iam:SetDefaultPolicyVersion", POLICY),
        ("iam:CreateLoginProfile", USER),
    ),
    scenario(
        "x-iam-gained-member",
        on_member(by="role", held=[FULL]),
        {ACCOUNT: "yes"},
        ("iam:AddUserToGroup", GROUP),
        ("iam:CreateAccessKey", USER),
        who=SELF_ROLE,
    ),
    scenario(
        "x-iam-gained-boundary",
        on_role(LAMBDA, bound=True),
        {ACCOUNT: "yes"},
        ("iam:DeleteRolePermissionsBoundary", ROLE),
        RETRUST,
    ),
    scenario(
        "x-iam-joinwrite",
        joining(allow("s3:*")),
        {ACCOUNT: "yes"},
        ("iam:AddUserToGroup", GROUP),
        ("iam:PutGroupPolicy", GROUP),
    ),
    scenario("x-iam-tagrole", by_tag_of_role, {ROLE: "yes"}, ("iam:TagRole", ROLE)),
    scenario("x-iam-taguser-self", by_tag("user"), {ACCOUNT: "yes"}, ("iam:TagUser", ATTACKER)),
    scenario(
        "x-iam-tagrole-self",
        by_tag("role"),
        {ACCOUNT: "yes"},
        ("iam:TagRole", SELF_ROLE),
        who=SELF_ROLE,
    ),
    scenario(
        "x-iam-updateaccesskey",
        on_user(["Inactive"]),
        {USER: "conditional"},
        ("iam:UpdateAccessKey", USER),
    ),
]
BY_ID = {one.technique: one for one in SCENARIOS}
OF_ORGANISATIONS = {"identity-center", "organisation"}


def each(listed: list[Scenario]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("one", listed, ids=str)


EVERY = pytest.mark.technique(*sorted(BY_ID))


def gained(one: Scenario, world: World) -> dict[str, str]:
    rows = found(world, one.technique, one.who)
    return {end: str(row.props["verdict"]) for end, row in rows.items()}


def test_every_live_technique_of_iam_is_tried() -> None:
    kinds = {*SERVICES, "covered", "found-key", *OF_ORGANISATIONS}
    assert {one.id for one in techniques() if one.live and one.target.kind not in kinds} == set(
        BY_ID
    )


@EVERY
@each(SCENARIOS)
def test_exactly_its_rights_on_exactly_its_principal_are_enough(one: Scenario) -> None:
    assert gained(one, one.make(one.rights)) == one.gained


@EVERY
@each(SCENARIOS)
def test_with_any_one_right_taken_away_nothing_is_gained(one: Scenario) -> None:
    for gone in one.rights:
        left = [row for row in one.rights if row is not gone]
        assert gained(one, one.make(left)) == {}, gone["Action"]


@EVERY
@each(SCENARIOS)
def test_the_rights_on_another_principal_give_nothing(one: Scenario) -> None:
    for other in one.rights:
        if other["Resource"] == "*":
            continue
        wrong = [
            row | ({"Resource": iam("role", "other/elsewhere")} if row is other else {})
            for row in one.rights
        ]
        assert gained(one, one.make(wrong)) == {}, other["Action"]


@EVERY
@each(SCENARIOS)
def test_an_scp_that_denies_one_right_ends_it(one: Scenario) -> None:
    world = one.make(one.rights)
    for row in one.rights:
        assert gained(one, with_scp(world, deny(row["Action"]))) == {}, row["Action"]
    assert gained(one, with_scp(world)) == one.gained


# Twins by hand


@pytest.mark.technique("iam-002", "iam-003", "iam-015", "iam-018", "x-iam-updateaccesskey")
@pytest.mark.parametrize(
    ("technique", "keys", "verdict"),
    [
        ("iam-002", [], "yes"),
        ("iam-002", ["Active"], "yes"),
        ("iam-002", ["Active", "Inactive"], None),
        ("iam-003", ["Active"], None),
        ("iam-003", ["Active", "Inactive"], "yes"),
        ("iam-015", ["Active", "Active"], None),
        ("iam-018", ["Active", "Active"], None),
        ("x-iam-updateaccesskey", ["Active"], None),
        ("x-iam-updateaccesskey", ["Active", "Inactive"], "conditional"),
    ],
)
def test_a_user_has_two_access_keys_at_most(
    technique: str, keys: list[str], verdict: str | None
) -> None:
    one = BY_ID[technique]
    found = gained(one, on_user(keys)(one.rights))
    assert found.get(USER) == verdict


@pytest.mark.technique("iam-004", "iam-006")
@pytest.mark.parametrize(
    ("technique", "password", "mfa", "verdict"),
    [
        ("iam-004", False, False, "yes"),
        ("iam-004", True, False, None),
        ("iam-004", False, True, "conditional"),
        ("iam-006", True, False, "yes"),
        ("iam-006", False, False, None),
        ("iam-006", True, True, "conditional"),
    ],
)
def test_a_password_is_made_once_and_changed_later_and_mfa_stands_before_it(
    technique: str, password: bool, mfa: bool, verdict: str | None
) -> None:
    one = BY_ID[technique]
    world = on_user(password=password, mfa=mfa)(one.rights)
    assert gained(one, world) == ({USER: verdict} if verdict else {})


@pytest.mark.technique("iam-002", "iam-004", "iam-006")
@pytest.mark.parametrize("technique", ["iam-002", "iam-003", "iam-004", "iam-006"])
def test_what_users_sign_in_with_is_a_condition_where_nobody_looked(technique: str) -> None:
    one = BY_ID[technique]
    (row,) = found(on_user(read=False)(one.rights), technique).values()
    assert row.props["verdict"] == "conditional"
    assert row.props["conditions"] == [f"not_collected:iam:user-credentials={PROD}"]


@pytest.mark.technique("iam-001", "iam-016")
@pytest.mark.parametrize(("older", "enough"), [(3, True), (4, False)])
def test_a_sixth_version_needs_one_to_be_deleted(older: int, enough: bool) -> None:
    one = BY_ID["iam-001"]
    make = on_own_policy(*[allow("s3:GetObject")] * older)
    assert gained(one, make(one.rights)) == (one.gained if enough else {})
    more = [*one.rights, allow("iam:DeletePolicyVersion", POLICY)]
    assert gained(one, make(more)) == one.gained
    other = BY_ID["iam-016"]
    make = on_role(BY_ACCOUNT, policy=True, versions=older + 1)
    assert gained(other, make(other.rights)) == (other.gained if enough else {})


@pytest.mark.technique("x-iam-setdefaultpolicyversion")
def test_an_older_version_that_allows_no_more_is_of_no_use() -> None:
    one = BY_ID["x-iam-setdefaultpolicyversion"]
    assert gained(one, on_own_policy(allow("s3:*"))(one.rights)) == {}
    assert gained(one, on_own_policy()(one.rights)) == {}


@pytest.mark.technique("iam-013")
def test_a_group_that_makes_no_admin_is_not_joined_for_it() -> None:
    one = BY_ID["iam-013"]
    assert gained(one, joining(allow("s3:*"))(one.rights)) == {}


@pytest.mark.technique("iam-010", "iam-011")
@pytest.mark.parametrize("technique", ["iam-010", "iam-011"])
def test_policies_of_a_group_help_its_members_only(technique: str) -> None:
    one = BY_ID[technique]
    assert gained(one, joining(allow("s3:*"))(one.rights)) == {}


@pytest.mark.technique("iam-014", "iam-016", "iam-017", "iam-023")
@pytest.mark.parametrize("technique", ["iam-014", "iam-016", "iam-017", "iam-023"])
def test_a_role_that_trusts_another_is_not_taken(technique: str) -> None:
    one = BY_ID[technique]
    policy, bound = technique == "iam-016", technique == "iam-023"
    for trust in (LAMBDA, trusting({"AWS": iam("user", "somebody")})):
        make = on_role(trust, policy=policy, bound=bound)
        assert gained(one, make(one.rights)) == {}


@pytest.mark.technique("iam-005", "iam-007", "iam-008", "iam-009")
@pytest.mark.parametrize("technique", ["iam-005", "iam-007", "iam-008", "iam-009"])
def test_what_is_written_under_a_boundary_makes_no_admin(technique: str) -> None:
    one = BY_ID[technique]
    kind = "role" if one.who == SELF_ROLE else "user"
    world = within_boundary(kind)(one.rights)
    assert gained(one, world) == {}


@pytest.mark.technique("iam-014", "iam-019")
@pytest.mark.parametrize(("policy", "enough"), [(ADMIN, True), (iam("policy", "read"), False)])
def test_attaching_one_harmless_policy_is_no_escalation(policy: str, enough: bool) -> None:
    when = {"Condition": {"ArnEquals": {"iam:PolicyARN": policy}}}
    for technique in ("iam-014", "iam-019"):
        one = BY_ID[technique]
        rights = [
            row | (when if row["Action"] == "iam:AttachRolePolicy" else {}) for row in one.rights
        ]
        assert gained(one, one.make(rights)) == (one.gained if enough else {})


@pytest.mark.technique("iam-012")
@pytest.mark.parametrize(
    "path", ["/aws-service-role/lambda.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"]
)
def test_roles_that_aws_keeps_to_itself_are_not_rewritten(path: str) -> None:
    world = TechniqueWorld()
    name = (
        "AWSServiceRoleForX" if "service-role" in path else "AWSReservedSSO_Admin_0123456789abcdef"
    )
    arn = f"arn:aws:iam::{PROD}:role{path}{name}"
    item = {"Arn": arn, "RoleName": name, "RoleId": "AROAX", "Path": path}
    trust = {"Version": "2012-10-17", "Statement": [LAMBDA]}
    world.add("iam:role", arn, {**item, "AssumeRolePolicyDocument": trust})
    world.user("mallory", allow("iam:UpdateAssumeRolePolicy"), allow("sts:AssumeRole"))
    assert found(world, "iam-012") == {}


@pytest.mark.technique("x-iam-any-role")
def test_all_but_one_role_is_not_every_role() -> None:
    one = BY_ID["x-iam-any-role"]
    assert gained(one, everywhere([allow("iam:PutRolePolicy", iam("role", "one"))])) == {}


@pytest.mark.technique("x-iam-samlprovider")
def test_a_provider_that_no_role_trusts_gives_nothing() -> None:
    one = BY_ID["x-iam-samlprovider"]
    world = TechniqueWorld()
    world.add("iam:saml-provider", PROVIDER, {"Arn": PROVIDER})
    world.role("victim", [LAMBDA])
    world.user("mallory", *one.rights)
    assert gained(one, world) == {}


@pytest.mark.technique("x-iam-create-saml-provider")
def test_a_provider_that_is_there_is_not_made() -> None:
    one = BY_ID["x-iam-create-saml-provider"]
    assert gained(one, federated(one.rights)) == {}


@pytest.mark.technique("x-iam-create-saml-provider")
def test_whether_a_provider_is_there_must_be_known() -> None:
    one = BY_ID["x-iam-create-saml-provider"]
    world = of_a_provider_that_is_gone(one.rights)
    world.read.clear()
    assert gained(one, world) == {ROLE: "conditional"}


@pytest.mark.technique("x-iam-create-oidc-provider")
@pytest.mark.parametrize(
    ("host", "subject", "verdict"),
    [
        ("token.actions.githubusercontent.com", "", "yes"),
        ("token.actions.githubusercontent.com", "repo:acme/app:*", "conditional"),
        ("login.example.com", "", "conditional"),
    ],
)
def test_a_token_must_come_from_the_issuer(host: str, subject: str, verdict: str) -> None:
    one = BY_ID["x-iam-create-oidc-provider"]
    provider = iam("oidc-provider", host)
    when = {"Condition": {"StringLike": {f"{host}:sub": subject}}} if subject else {}
    world = TechniqueWorld(read={"iam:oidc-provider"})
    trust = trusting({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", **when)
    world.role("victim", [trust])
    world.user("mallory", allow("iam:CreateOpenIDConnectProvider", provider))
    assert gained(one, world) == {ROLE: verdict}
