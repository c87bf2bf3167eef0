"""Cognito: identity pools that give AWS credentials to guests, user pools that anyone may join.

* guests: https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html
* signing up: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-admin-create-user-policy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item, Status
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, stops, unread
from graph.front_doors.firewalls import WAF_TYPES, narrowed_by, web_acls
from graph.front_doors.integrations import endpoint
from graph.front_doors.sight import Sight, member, rows
from graph.network.reach import Reach

_SHARED_PROVIDERS = ("Google", "Facebook", "LoginWithAmazon", "SignInWithApple")
"""Types of providers at which anyone has an account.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ProviderDescription.html
"""
_SHARED_LOGINS = (
    "accounts.google.com",
    "graph.facebook.com",
    "www.amazon.com",
    "appleid.apple.com",
)
"""The same, as identity pools name them.

https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_IdentityPool.html
"""
_POOL, _ROLES = "describe_identity_pool", "get_identity_pool_roles"


def _identity_pool(sight: Sight, item: Item) -> Iterator[Reach]:
    named = endpoint(sight, item, f"cognito-identity.{item.region}.amazonaws.com")
    locks = (_guests(sight, item), _guest_role(sight, item), named)
    yield from sight.reached(item, "cognito", locks)
    yield from _public_logins(sight, item)
    providers = rows(member(item.call(_POOL).value, "CognitoIdentityProviders"))
    names = {str(one.get("ProviderName")).rpartition("/")[2] for one in providers}
    for pool in sorted(names):
        joined = sign_up(sight, pool)
        if joined is not None:
            yield from sight.reached(
                item,
                "cognito",
                (*joined, _user_role(sight, item)),
                source=self_sign_up(pool),
            )


def _public_logins(sight: Sight, item: Item) -> Iterator[Reach]:
    """Providers at which anyone has an account, known to the identity pool itself.

    https://docs.aws.amazon.com/cognito/latest/developerguide/external-identity-providers.html
    """
    (ref,) = sight.refs(item, f"/calls/{_POOL}/value/SupportedLoginProviders")
    providers = member(item.call(_POOL).value, "SupportedLoginProviders")
    for provider in sorted(map(str, providers)) if isinstance(providers, Mapping) else ():
        if provider in _SHARED_LOGINS:
            text = f"Whoever signs in with {provider} to the application is a user of the pool."
            locks = (passes("sign-in", item.id, text, ref), _user_role(sight, item))
            yield from sight.reached(item, "cognito", locks, source=f"federated:{provider}")


def _guests(sight: Sight, item: Item) -> Lock:
    name, call = "guests", item.call(_POOL)
    (ref,) = sight.refs(item, f"/calls/{_POOL}/value/AllowUnauthenticatedIdentities")
    open_to_all = member(call.value, "AllowUnauthenticatedIdentities")
    if open_to_all is True:
        text = "The pool gives identities to guests (AllowUnauthenticatedIdentities)."
        return passes(name, item.id, text, ref)
    if open_to_all is False:
        return stops(name, item.id, "The pool gives no identities to guests.", ref)
    return unread(name, item.id, sight.gap(item, _POOL), ref)


def _guest_role(sight: Sight, item: Item) -> Lock:
    """A guest without a role has an identity, but no AWS credentials.

    In the classic flow guests name any role that trusts the pool, mapped or not.
    """
    name, call = "guest role", item.call(_ROLES)
    (ref,) = sight.refs(item, f"/calls/{_ROLES}/value/Roles/unauthenticated")
    if member(item.call(_POOL).value, "AllowClassicFlow") is True:
        text = "The classic flow is on: guests pick a role that trusts the pool."
        return passes(name, item.id, text, *sight.refs(item, f"/calls/{_POOL}/value"))
    role = member(call.value, "Roles", "unauthenticated")
    if isinstance(role, str) and role:
        return passes(name, item.id, f"Guests get credentials of {role}.", ref)
    if call.known and (call.value is None or isinstance(call.value, Mapping)):
        return stops(name, item.id, "No role is set for guests, and the classic flow is off.", ref)
    return unread(name, item.id, sight.gap(item, _ROLES), ref)


def _user_role(sight: Sight, item: Item) -> Lock:
    name, call = "user role", item.call(_ROLES)
    (ref,) = sight.refs(item, f"/calls/{_ROLES}/value/Roles/authenticated")
    role = member(call.value, "Roles", "authenticated")
    if isinstance(role, str) and role:
        return passes(name, item.id, f"Users get credentials of {role}.", ref)
    if member(item.call(_POOL).value, "AllowClassicFlow") is True:
        return passes(name, item.id, "The classic flow is on: users pick a role.", ref)
    if call.known and not member(call.value, "RoleMappings"):
        return stops(name, item.id, "No role is set for users.", ref)
    if call.known:
        text = "Rules on the users' claims choose the role."
        return asks_for(name, item.id, text, "context:role mapping rules", ref)
    return unread(name, item.id, sight.gap(item, _ROLES), ref)


def self_sign_up(pool: str) -> str:
    """The id of the source "anyone who registers with the user pool"."""
    return f"self-sign-up:{pool}"


def sign_up(sight: Sight, pool: str) -> tuple[Lock, ...] | None:
    """What stands before registering with a user pool; ``None`` if nobody can.

    Args:
        sight: what is known.
        pool: its id, e.g. ``eu-west-1_AbCdEf``. One that was not collected gives ``None``: it may
            be another account's, and the token that is asked for stands as a condition anyway.
    """
    item = _user_pools(sight).get(pool)
    if item is None:
        return None
    locks = _registration(sight, item)
    return None if any(lock.step.result == "fail" for lock in locks) else locks


def _user_pools(sight: Sight) -> dict[str, Item]:
    return sight.once(
        ("front doors", "user pools"),
        lambda: {
            str(one.item.get("Id") or one.id.rpartition("/")[2]): one
            for one in sight.items("cognito:user-pool")
        },
    )


def _user_pool(sight: Sight, item: Item) -> Iterator[Reach]:
    guards = web_acls(sight, item, "COGNITO_USER_POOL")
    locks = (*_registration(sight, item), endpoint(sight, item, *_hosts(item)))
    acls = narrowed_by(sight, item, "COGNITO_USER_POOL")
    yield from sight.reached(item, "cognito-sign-up", locks, guards=guards, web_acls=acls)


def _hosts(item: Item) -> Iterator[str]:
    """The service's own name, and those of the sign-in pages.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html
    """
    pool = member(item.call("describe_user_pool").value, "UserPool")
    yield f"cognito-idp.{item.region}.amazonaws.com"
    if member(pool, "Domain"):
        yield f"{member(pool, 'Domain')}.auth.{item.region}.amazoncognito.com"
    if member(pool, "CustomDomain"):
        yield str(member(pool, "CustomDomain"))


def _registration(sight: Sight, item: Item) -> tuple[Lock, ...]:
    by_itself = _own_sign_up(sight, item)
    shared = _shared_sign_in(sight, item)
    if shared and any(lock.step.result != "pass" for lock in by_itself):
        return shared
    return by_itself


def _own_sign_up(sight: Sight, item: Item) -> tuple[Lock, ...]:
    """The ``SignUp`` operation: unsigned, but it names a client, and proves the client's secret."""
    name, call = "self-registration", item.call("describe_user_pool")
    pointer = "/calls/describe_user_pool/value/UserPool"
    (ref,) = sight.refs(item, f"{pointer}/AdminCreateUserConfig/AllowAdminCreateUserOnly")
    pool = member(call.value, "UserPool")
    if not isinstance(pool, Mapping):
        return (unread(name, item.id, sight.gap(item, "describe_user_pool"), ref),)
    only = member(pool, "AdminCreateUserConfig", "AllowAdminCreateUserOnly")
    if only is True:
        text = "Only administrators create users (AllowAdminCreateUserOnly)."
        return (stops(name, item.id, text, ref),)
    first = passes(name, item.id, "Users may register by themselves.", ref)
    if only not in (None, False):
        first = unread(name, item.id, sight.gap(item, "describe_user_pool"), ref)
    return (first, *_pre_sign_up(item, pool), _client(sight, item, pool))


def _pre_sign_up(item: Item, pool: Mapping[str, Any]) -> Iterator[Lock]:
    """A function that sees each registration may refuse it."""
    trigger = member(pool, "LambdaConfig", "PreSignUp")
    if trigger:
        text = f"{trigger} sees each registration and may refuse it."
        yield asks_for("PreSignUp function", item.id, text, "context:PreSignUp function")


def _client(sight: Sight, item: Item, pool: Mapping[str, Any]) -> Lock:
    name, listed = "app client", item.call("list_user_pool_clients")
    (ref,) = sight.refs(item, "/calls/list_user_pool_clients/value")
    if not listed.known or not isinstance(listed.value, list | None):
        return unread(name, item.id, sight.gap(item, "list_user_pool_clients"), ref)
    if not listed.value:
        return stops(name, item.id, "No app client, without which nobody can register.", ref)
    clients = list(_clients(item))
    if not clients or any(client is None for client in clients):
        known = [one for one in clients if one is not None]
        if not any(_registers(one, pool) for one in known):
            return unread(name, item.id, sight.gap(item, "describe_user_pool_client"), ref)
    if any(_registers(one, pool) for one in clients if one is not None):
        return passes(name, item.id, "An app client lets users register.", ref)
    text = "Every app client has a secret, and none offers sign-in pages of Cognito's own."
    return asks_for(name, item.id, text, "secret:app client secret", ref)


def _clients(item: Item) -> Iterator[Mapping[str, Any] | None]:
    for _, call in item.calls_of("describe_user_pool_client"):
        found = member(call.value, "UserPoolClient") if call.status is Status.OK else None
        yield found if isinstance(found, Mapping) else None


def _registers(client: Mapping[str, Any], pool: Mapping[str, Any]) -> bool:
    """Whether a stranger can register: without a secret, or on the sign-in pages."""
    return not client.get("ClientSecret") or _has_pages(client, pool, ("COGNITO",))


def _has_pages(
    client: Mapping[str, Any], pool: Mapping[str, Any], providers: tuple[str, ...]
) -> bool:
    """Whether the pool's sign-in pages serve the client with one of these providers."""
    if not pool.get("Domain") and not pool.get("CustomDomain"):
        return False
    offered = client.get("SupportedIdentityProviders")
    named = isinstance(offered, list) and any(one in providers for one in offered)
    return client.get("AllowedOAuthFlowsUserPoolClient") is True and named


def _shared_sign_in(sight: Sight, item: Item) -> tuple[Lock, ...]:
    """A provider at which anyone has an account: signing in makes the user.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-identity-federation.html
    """
    pool = member(item.call("describe_user_pool").value, "UserPool")
    if not isinstance(pool, Mapping):
        return ()
    found = [
        str(one.get("ProviderName"))
        for one in rows(item.call("list_identity_providers").value)
        if one.get("ProviderType") in _SHARED_PROVIDERS
    ]
    clients = [one for one in _clients(item) if one is not None]
    used = [one for one in found if any(_has_pages(client, pool, (one,)) for client in clients)]
    if not used:
        return ()
    text = f"Whoever signs in with {', '.join(used)} becomes a user of the pool."
    (ref,) = sight.refs(item, "/calls/list_identity_providers/value")
    opened = passes("sign-in with a public provider", item.id, text, ref)
    return (opened, *_pre_sign_up(item, pool))


DOORS = (
    FrontDoor(
        type_id="cognito:identity-pool",
        mechanism="cognito",
        title="Cognito identity pools",
        rule="AllowUnauthenticatedIdentities is true and guests get a role: one is mapped to them, "
        "or the classic flow lets them pick one that trusts the pool. Which roles they really get "
        "is judged as CAN_ASSUME of each role. Whoever may register with a user pool that the "
        "identity pool accepts reaches it as self-sign-up, and whoever has an account with Google, "
        "Facebook, Amazon or Apple as that provider's user where the pool accepts it, if users get "
        "a role.",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html",
        judge=_identity_pool,
        test="tests/front_doors/test_cognito.py",
        needs=frozenset({"cognito:user-pool"}),
        untold_families=True,
    ),
    FrontDoor(
        type_id="cognito:user-pool",
        mechanism="cognito-sign-up",
        title="Cognito user pools (registration)",
        rule="AllowAdminCreateUserOnly is not true and an app client lets strangers register: one "
        "without a secret, or one that Cognito's sign-in pages serve; or those pages offer Google, "
        "Facebook, Amazon or Apple. A secret of every client and a PreSignUp function are "
        "conditions. Signing in as an existing user is not judged.",
        source="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-admin-create-user-policy.html",
        judge=_user_pool,
        test="tests/front_doors/test_cognito.py",
        needs=WAF_TYPES,
        untold_families=True,
    ),
)
