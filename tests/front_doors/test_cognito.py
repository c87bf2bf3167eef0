"""Cognito identity pools and user pools, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Json, Lab
from queries.answers.parties import shared_provider
from snapshot_files import ACCOUNT, REGION, Denied

GUESTS = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{REGION}:1"
USERS = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_pool"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/guest"
DOOR, SIGN_UP = "cognito/ipv4", "cognito-sign-up/ipv4"
SIGNED_UP = f"self-sign-up:{REGION}_pool"


def identities(
    guests: Any = True, roles: Any = None, lab: Lab | None = None, pool: Any = None, **more: Any
) -> Lab:
    lab = lab or Lab()
    told = {"AllowUnauthenticatedIdentities": guests, **more} if pool is None else pool
    roles = {"Roles": {"unauthenticated": ROLE}} if roles is None else roles
    lab.add(
        "cognito:identity-pool",
        "guests",
        GUESTS,
        {"IdentityPoolId": f"{REGION}:1"},
        describe_identity_pool=told,
        get_identity_pool_roles=roles,
    )
    return lab


def test_guests_get_credentials(tmp_path: Path) -> None:
    assert one(identities(), tmp_path, GUESTS, DOOR).verdict is Verdict.YES


def test_a_pool_without_guests_gives_none(tmp_path: Path) -> None:
    reach = one(identities(False), tmp_path, GUESTS, DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["guests"])


def test_without_a_role_guests_get_nothing(tmp_path: Path) -> None:
    reach = one(identities(roles={"Roles": {}}), tmp_path / "a", GUESTS, DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["guest role"])
    classic = identities(roles={"Roles": {}}, AllowClassicFlow=True)
    assert one(classic, tmp_path / "b", GUESTS, DOOR).verdict is Verdict.YES


@pytest.mark.parametrize("change", [{"pool": Denied}, {"roles": Denied}])
def test_a_pool_that_was_not_read_is_unknown(tmp_path: Path, change: dict[str, Any]) -> None:
    assert one(identities(**change), tmp_path, GUESTS, DOOR).verdict is Verdict.UNKNOWN


def test_no_guests_is_no_even_if_the_roles_were_not_read(tmp_path: Path) -> None:
    assert one(identities(False, Denied), tmp_path, GUESTS, DOOR).verdict is Verdict.NO


def users(
    admin_only: Any = False,
    *,
    client: Json | None = None,
    clients: Any = None,
    providers: Any = (),
    lab: Lab | None = None,
    pool: Any = None,
    **more: Any,
) -> Lab:
    lab = lab or Lab()
    told = {"UserPool": {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": admin_only}, **more}}
    lab.add(
        "cognito:user-pool",
        "users",
        USERS,
        {"Id": f"{REGION}_pool"},
        describe_user_pool=told if pool is None else pool,
        list_user_pool_clients=[{"ClientId": "c1"}] if clients is None else clients,
        list_identity_providers=list(providers),
        **{"describe_user_pool_client(ClientId=c1)": {"UserPoolClient": client or {}}},
    )
    return lab


def test_anyone_registers(tmp_path: Path) -> None:
    assert one(users(), tmp_path, USERS, SIGN_UP).verdict is Verdict.YES


def test_only_administrators_create_users(tmp_path: Path) -> None:
    reach = one(users(True), tmp_path, USERS, SIGN_UP)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["self-registration"])


def test_without_a_client_nobody_registers(tmp_path: Path) -> None:
    reach = one(users(clients=[]), tmp_path, USERS, SIGN_UP)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["app client"])


SECRET: Json = {"ClientSecret": {"redacted": {"length": 52, "hash": "x", "hits": []}}}
PAGES: Json = {
    **SECRET,
    "AllowedOAuthFlowsUserPoolClient": True,
    "SupportedIdentityProviders": ["COGNITO"],
}


def test_a_clients_secret_is_a_condition_without_sign_in_pages(tmp_path: Path) -> None:
    reach = one(users(client=SECRET), tmp_path / "a", USERS, SIGN_UP)
    assert (reach.verdict, reach.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("secret:app client secret",),
    )
    pages = users(client=PAGES, Domain="shop")
    reach = one(pages, tmp_path / "b", USERS, SIGN_UP)
    assert reach.verdict is Verdict.YES
    assert any(f"shop.auth.{REGION}.amazoncognito.com" in text for text in reach.answer.evidence)
    no_domain = users(client=PAGES)
    assert one(no_domain, tmp_path / "c", USERS, SIGN_UP).verdict is Verdict.CONDITIONAL


def test_a_function_may_refuse_registrations(tmp_path: Path) -> None:
    lab = users(LambdaConfig={"PreSignUp": "arn:aws:lambda:::function:gate"})
    reach = one(lab, tmp_path, USERS, SIGN_UP)
    assert reach.answer.conditions == ("context:PreSignUp function",)


@pytest.mark.parametrize(
    ("kind", "verdict"), [("Google", Verdict.YES), ("SAML", Verdict.NO), ("OIDC", Verdict.NO)]
)
def test_a_public_provider_registers_whoever_signs_in(
    tmp_path: Path, kind: str, verdict: Verdict
) -> None:
    client = {"AllowedOAuthFlowsUserPoolClient": True, "SupportedIdentityProviders": ["there"]}
    lab = users(
        True,
        client=client,
        Domain="shop",
        providers=[{"ProviderName": "there", "ProviderType": kind}],
    )
    assert one(lab, tmp_path, USERS, SIGN_UP).verdict is verdict


@pytest.mark.parametrize("change", [{"pool": Denied}, {"clients": Denied}])
def test_users_that_were_not_read_are_unknown(tmp_path: Path, change: dict[str, Any]) -> None:
    assert one(users(**change), tmp_path, USERS, SIGN_UP).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("admin_only", [False, True])
def test_who_registers_gets_the_users_role(tmp_path: Path, admin_only: bool) -> None:
    provider = f"cognito-idp.{REGION}.amazonaws.com/{REGION}_pool"
    lab = identities(
        False,
        {"Roles": {"authenticated": ROLE}},
        CognitoIdentityProviders=[{"ProviderName": provider, "ClientId": "c1"}],
    )
    found = {
        r.source: r.verdict
        for r in judged(users(admin_only, lab=lab), tmp_path)
        if r.target == GUESTS
    }
    assert "internet" not in found or found["internet"] is Verdict.NO
    assert found.get(SIGNED_UP) is (None if admin_only else Verdict.YES)


def test_without_a_role_for_users_registering_gives_none(tmp_path: Path) -> None:
    provider = f"cognito-idp.{REGION}.amazonaws.com/{REGION}_pool"
    lab = identities(False, {"Roles": {}}, CognitoIdentityProviders=[{"ProviderName": provider}])
    assert one(users(lab=lab), tmp_path, GUESTS, DOOR, SIGNED_UP).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("provider", "roles", "verdict"),
    [
        ("accounts.google.com", {"authenticated": ROLE}, Verdict.YES),
        ("accounts.google.com", {}, Verdict.NO),
        ("login.example.com", {"authenticated": ROLE}, None),
    ],
)
def test_a_public_login_gets_the_users_role(
    tmp_path: Path, provider: str, roles: Json, verdict: Verdict | None
) -> None:
    lab = identities(False, {"Roles": roles}, SupportedLoginProviders={provider: "client"})
    found = {r.source: r.verdict for r in judged(lab, tmp_path) if r.target == GUESTS}
    assert found.get(f"federated:{provider}") is verdict


@pytest.mark.parametrize(
    ("provider", "shared"),
    [
        ("accounts.google.com", True),
        ("graph.facebook.com", True),
        ("www.amazon.com", True),
        ("appleid.apple.com", True),
        ("login.example.com", False),
    ],
)
def test_logins_that_reach_a_pool_are_shown_as_shared(
    tmp_path: Path, provider: str, shared: bool
) -> None:
    roles = {"Roles": {"authenticated": ROLE}}
    lab = identities(False, roles, SupportedLoginProviders={provider: "client"})
    found = {r.source for r in judged(lab, tmp_path) if r.source.startswith("federated:")}
    assert {one for one in found if shared_provider(one)} == (
        {f"federated:{provider}"} if shared else set()
    )
