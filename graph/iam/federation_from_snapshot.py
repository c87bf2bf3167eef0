"""A snapshot's identity providers, pools, trust anchors, clusters and assignments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Snapshot
from collector.snapshot.ledger import FACTS, LedgerRow
from collector.snapshot.reader import Item
from graph.iam.identity_sources import (
    ANCHOR,
    CLUSTER,
    OIDC,
    PERMISSION_SET,
    POOL,
    PROFILE,
    SAML,
    TYPES,
    Assignment,
    Cluster,
    IdentityPool,
    IdentitySources,
    PodIdentity,
    Profile,
    Provider,
    TrustAnchor,
)
from graph.iam.user_pools_from_snapshot import Groups, by_token, groups_of


def identity_sources(snapshot: Snapshot) -> IdentitySources:
    """Read every source of identities outside IAM.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    clusters = list(snapshot.items(CLUSTER))
    groups = groups_of(snapshot)
    return IdentitySources(
        providers={
            **{item.id: _oidc(item) for item in snapshot.items(OIDC)},
            **{item.id: _saml(item) for item in snapshot.items(SAML)},
        },
        pools=tuple(_pool(item, groups) for item in snapshot.items(POOL)),
        anchors=tuple(map(_anchor, snapshot.items(ANCHOR))),
        profiles=tuple(map(_profile, snapshot.items(PROFILE))),
        clusters=tuple(map(_cluster, clusters)),
        pod_identities=tuple(row for item in clusters for row in _pod_identities(item)),
        assignments=tuple(
            row for item in snapshot.items(PERMISSION_SET) for row in _assignments(item)
        ),
        read=frozenset(_read(snapshot)),
    )


def _saml(item: Item) -> Provider:
    value = item.call("get_saml_provider").value
    found = value.get("SAMLProviderUUID") if isinstance(value, Mapping) else None
    return Provider(item.id, own_id=found if isinstance(found, str) else "")


def _read(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Types that were asked for in an account and have no gap there.

    Identity Center answers in one account for the whole organisation.
    """
    for type_id in TYPES:
        rows = [row for row in snapshot.ledger if row.is_about({type_id})]
        asked = {row.account_id for row in rows if row.status in FACTS}
        gaps = {row.account_id for row in rows if row.is_gap}
        if type_id != PERMISSION_SET:
            yield from ((type_id, account) for account in asked - gaps)
        elif asked and not any(map(_hides_assignments, rows)):
            yield type_id, ""


def _hides_assignments(row: LedgerRow) -> bool:
    return row.is_gap and row.operation in (
        "list_instances",
        "list_permission_sets",
        "list_accounts_for_provisioned_permission_set",
        "list_account_assignments",
    )


def _value(item: Item, operation: str, member: str) -> Any:
    """A member of a follow-up's response, which may have been unwrapped already."""
    value = item.call(operation).value
    return value.get(member) if isinstance(value, Mapping) else value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _oidc(item: Item) -> Provider:
    call = item.call("get_open_id_connect_provider")
    if not call.known or not isinstance(call.value, Mapping):
        return Provider(item.id)
    return Provider(item.id, _texts(call.value.get("ClientIDList")))


def _pool(item: Item, groups: Groups) -> IdentityPool:
    call = item.call("describe_identity_pool")
    found = call.value if isinstance(call.value, Mapping) else {}
    guests, users = _pool_roles(item)
    group_roles, unread = _roles_by_group(item, groups)
    return IdentityPool(
        arn=item.id,
        id=str(item.item.get("IdentityPoolId") or item.id.rpartition("/")[2]),
        account=item.account_id,
        unauthenticated=_flag(found, "AllowUnauthenticatedIdentities", call.known),
        classic=_flag(found, "AllowClassicFlow", call.known),
        guest_roles=guests,
        user_roles=users if users is None else _each(*users, *dict(group_roles)),
        group_roles=group_roles,
        unread_groups=unread,
        logins=tuple(
            str(row.get("ProviderName")) for row in _rows(found.get("CognitoIdentityProviders"))
        ),
    )


def _flag(found: Mapping[str, Any], name: str, known: bool) -> bool | None:
    return found.get(name) is True if known else None


def _pool_roles(item: Item) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Roles for guests and for users, those of rules on claims included.

    https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetIdentityPoolRoles.html
    """
    call = item.call("get_identity_pool_roles")
    if not call.known:
        return None, None
    found = call.value if isinstance(call.value, Mapping) else {}
    roles = _mapping(found.get("Roles"))
    guests = [str(roles["unauthenticated"])] if roles.get("unauthenticated") else []
    users = [str(roles["authenticated"])] if roles.get("authenticated") else []
    for mapped in _mapping(found.get("RoleMappings")).values():
        rules = _mapping(_mapping(mapped).get("RulesConfiguration")).get("Rules")
        users += [str(rule["RoleARN"]) for rule in _rows(rules) if rule.get("RoleARN")]
    return tuple(guests), _each(*users)


def _each(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _roles_by_group(
    item: Item, groups: Groups
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Roles that users get by their group, each with a group's name; user pools left unread."""
    found = _mapping(item.call("get_identity_pool_roles").value)
    roles: dict[str, str] = {}
    unread = []
    for pool in dict.fromkeys(by_token(_mapping(found.get("RoleMappings")))):
        known = groups.get(pool)
        if known is None:
            unread.append(pool)
        else:
            roles = {**known, **roles}
    return tuple(roles.items()), tuple(unread)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _anchor(item: Item) -> TrustAnchor:
    return TrustAnchor(item.id, item.account_id, item.region, item.item.get("enabled") is True)


def _profile(item: Item) -> Profile:
    return Profile(
        item.id,
        item.account_id,
        item.region,
        item.item.get("enabled") is True,
        _texts(item.item.get("roleArns")),
    )


def _cluster(item: Item) -> Cluster:
    found = _mapping(_value(item, "describe_cluster", "cluster"))
    issuer = _mapping(_mapping(found.get("identity")).get("oidc")).get("issuer")
    name = str(item.item.get("name") or item.id.rpartition("/")[2])
    host = str(issuer or "").removeprefix("https://").rstrip("/")
    return Cluster(item.id, name, item.account_id, host)


def _pod_identities(item: Item) -> Iterator[PodIdentity]:
    for _, call in item.calls_of("describe_pod_identity_association"):
        value = _mapping(call.value)
        found = _mapping(value.get("association", value))
        if found.get("roleArn"):
            yield PodIdentity(
                cluster=item.id,
                namespace=str(found.get("namespace") or ""),
                service_account=str(found.get("serviceAccount") or ""),
                role=str(found["roleArn"]),
                session_tags=found.get("disableSessionTags") is not True,
            )


def _assignments(item: Item) -> Iterator[Assignment]:
    """Who has a permission set where.

    https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignments.html
    """
    found = _mapping(_value(item, "describe_permission_set", "PermissionSet"))
    name = str(found.get("Name") or "")
    partition = item.id.split(":")[1] if item.id.startswith("arn:") else "aws"
    for _, call in item.calls_of("list_account_assignments"):
        value = call.value
        rows = value.get("AccountAssignments") if isinstance(value, Mapping) else value
        for row in _rows(rows):
            kind = str(row.get("PrincipalType") or "USER")
            person = f"arn:{partition}:identitystore:::{kind.lower()}/{row.get('PrincipalId')}"
            yield Assignment(str(row.get("AccountId")), name, person, kind)
