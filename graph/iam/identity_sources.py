"""Where identities from outside IAM come from: providers, pools, certificates, clusters, people.

Plain values; :mod:`graph.iam.federation_from_snapshot` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

OIDC, SAML = "iam:oidc-provider", "iam:saml-provider"
POOL, USER_POOL = "cognito:identity-pool", "cognito:user-pool"
ANCHOR, PROFILE = "iam:roles-anywhere-trust-anchor", "iam:roles-anywhere-profile"
CLUSTER = "eks:cluster"
PERMISSION_SET = "sso:permission-set"
TYPES = (OIDC, SAML, POOL, ANCHOR, PROFILE, CLUSTER, PERMISSION_SET, USER_POOL)
"""Snapshot types that answers about federation rest on."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An OIDC or SAML provider of an account.

    Attributes:
        client_ids: the audiences that an OIDC provider accepts; ``None`` if not collected.
        own_id: a SAML provider's ``SAMLProviderUUID``, empty if not collected.
    """

    arn: str
    client_ids: tuple[str, ...] | None = None
    own_id: str = ""


@dataclass(frozen=True, slots=True)
class IdentityPool:
    """A Cognito identity pool; ``None`` for what was not collected.

    Attributes:
        id: ``eu-west-1:...``, the audience of its tokens.
        unauthenticated: whether it gives identities to guests.
        classic: whether its guests may pick the role themselves (the basic flow).
        guest_roles, user_roles: the roles that it hands out itself (the enhanced flow), those of
            groups included.
        group_roles: of the user pools whose users get their group's role: role and the group.
        unread_groups: those of these user pools whose groups were not collected.
        logins: names of the providers whose users it takes.
    """

    arn: str
    id: str
    account: str
    unauthenticated: bool | None = None
    classic: bool | None = None
    guest_roles: tuple[str, ...] | None = None
    user_roles: tuple[str, ...] | None = None
    group_roles: tuple[tuple[str, str], ...] = ()
    unread_groups: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrustAnchor:
    """A certificate authority that Roles Anywhere believes."""

    arn: str
    account: str
    region: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """Which roles Roles Anywhere hands out."""

    arn: str
    account: str
    region: str
    enabled: bool
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PodIdentity:
    """An association of a Kubernetes service account with a role."""

    cluster: str
    namespace: str
    service_account: str
    role: str
    session_tags: bool = True


@dataclass(frozen=True, slots=True)
class Cluster:
    """An EKS cluster. ``issuer``: host and path of its tokens' issuer, empty if not collected."""

    arn: str
    name: str
    account: str
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Somebody of Identity Center with a permission set in an account.

    ``principal``: id of the user's or group's node; ``kind``: ``USER`` or ``GROUP``.
    """

    account: str
    permission_set: str
    principal: str
    kind: str


@dataclass(frozen=True)
class IdentitySources:
    """Every source of identities outside IAM.

    Attributes:
        providers: OIDC and SAML providers by ARN.
        read: ``(type, account)`` of which everything was read; Identity Center's type stands
            with the empty account.
    """

    providers: Mapping[str, Provider] = field(default_factory=dict)
    pools: tuple[IdentityPool, ...] = ()
    anchors: tuple[TrustAnchor, ...] = ()
    profiles: tuple[Profile, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    pod_identities: tuple[PodIdentity, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    read: frozenset[tuple[str, str]] = frozenset()

    def was_read(self, type_id: str, account: str) -> bool:
        """Whether every item of a type in an account was read."""
        return (type_id, account) in self.read

    @cached_property
    def pool_by_id(self) -> dict[str, IdentityPool]:
        """Pools by the audience of their tokens."""
        return {pool.id: pool for pool in self.pools}

    @cached_property
    def pools_of_role(self) -> dict[str, list[IdentityPool]]:
        """Pools that hand out a role, by the role's ARN."""
        found: dict[str, list[IdentityPool]] = {}
        for pool in self.pools:
            for role in sorted({*(pool.guest_roles or ()), *(pool.user_roles or ())}):
                found.setdefault(role, []).append(pool)
        return found

    @cached_property
    def profiles_of_role(self) -> dict[str, list[Profile]]:
        """Roles Anywhere profiles that list a role, by the role's ARN."""
        found: dict[str, list[Profile]] = {}
        for profile in self.profiles:
            for role in sorted(set(profile.roles)):
                found.setdefault(role, []).append(profile)
        return found

    @cached_property
    def anchors_of_account(self) -> dict[str, list[TrustAnchor]]:
        """Trust anchors by account."""
        found: dict[str, list[TrustAnchor]] = {}
        for anchor in self.anchors:
            found.setdefault(anchor.account, []).append(anchor)
        return found

    @cached_property
    def pods_of_role(self) -> dict[str, list[PodIdentity]]:
        """Pod identity associations by the role's ARN."""
        found: dict[str, list[PodIdentity]] = {}
        for row in self.pod_identities:
            found.setdefault(row.role, []).append(row)
        return found

    @cached_property
    def cluster_by_issuer(self) -> dict[str, Cluster]:
        """Clusters by the issuer of their tokens."""
        return {row.issuer: row for row in self.clusters if row.issuer}

    @cached_property
    def cluster_by_arn(self) -> dict[str, Cluster]:
        """Clusters by ARN."""
        return {row.arn: row for row in self.clusters}

    @cached_property
    def assigned(self) -> dict[tuple[str, str], list[Assignment]]:
        """Assignments by account and name of the permission set."""
        found: dict[tuple[str, str], list[Assignment]] = {}
        for row in self.assignments:
            found.setdefault((row.account, row.permission_set), []).append(row)
        return found
