"""What the engine knows of an organisation: plain values, no AWS, no snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from graph.evidence import Ref
from graph.iam.document import BrokenPolicy, Document
from graph.iam.identity_sources import IdentitySources
from graph.iam.resource_controls import AccessPoint, Bucket, PublicAccessBlock, VpcEndpoint


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy where it is attached.

    Attributes:
        name: for a reader, e.g. ``managed policy AdministratorAccess (group ops)``.
        document: ``None`` if its text was not collected.
        arn: of a managed or organisation policy, else empty.
        ref: where the text stands in the snapshot.
    """

    name: str
    document: Document | BrokenPolicy | None
    arn: str = ""
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class ShareGrant:
    """What one share of RAM gives to its receivers, for one resource.

    Attributes:
        share: its ARN.
        receivers: account ids, ARNs of organisations, units and principals, services.
        invited: receivers who have not accepted yet.
        switched_off: organisations and units that receive nothing while sharing with the
            organisation is off.
        permissions: ARNs of the share's permissions.
        policy: their actions as a policy; ``None`` if one of them was not read.
    """

    share: str
    receivers: tuple[str, ...]
    invited: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """A user, a role or the root user of a collected account.

    Attributes:
        kind: ``user``, ``role`` (and its sessions), ``root`` or ``federated-user`` (a session of
            GetFederationToken, with the policies of the user ``issuer``).
        unique_id: ``AIDA...``, ``AROA...``; empty if unknown.
        tags: pairs of key and value.
        policies: every identity policy, those of a user's groups included.
        gaps: what of its identity side was not collected (``(subject, value)``).
        boundary: the permissions boundary; its ``document`` is ``None`` if it was not collected.
        trust: a role's trust policy.
        session_name, session_policies: of one session, when one is asked about.
        issuer: of a federated user: the ARN of the user or root user who got the session.
    """

    arn: str
    account: str
    kind: str
    name: str = ""
    path: str = "/"
    unique_id: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    policies: tuple[Policy, ...] = ()
    gaps: tuple[tuple[str, str], ...] = ()
    boundary: Policy | None = None
    trust: Policy | None = None
    session_name: str | None = None
    session_policies: tuple[Policy, ...] = ()
    issuer: str = ""
    ref: Ref | None = None

    @property
    def service_linked(self) -> bool:
        """Whether it is a service-linked role: AWS alone uses and edits it."""
        return self.kind == "role" and self.path.startswith("/aws-service-role/")

    @property
    def reserved(self) -> bool:
        """Whether AWS owns it (service-linked, Identity Center): nobody can edit or pass it."""
        return self.kind == "role" and (
            self.service_linked or self.path.startswith("/aws-reserved/")
        )


@dataclass(frozen=True, slots=True)
class Outside:
    """A caller whose identity side no snapshot holds.

    Attributes:
        kind: ``anonymous`` (unsigned), ``any-aws`` (signed, from an account that no policy
            names), ``account`` (the account ``account``, in its owner's hands), ``service`` (the
            AWS service ``arn``, for a resource of the account ``account`` if one is given).
        account: for ``account`` and ``service``.
        arn: one principal of that account, if the question is about that one; or the service.
    """

    kind: str
    account: str = ""
    arn: str = ""


ANONYMOUS = Outside("anonymous")
ANY_AWS_PRINCIPAL = Outside("any-aws")

Caller = Principal | Outside


def outside_account(account: str, arn: str = "") -> Outside:
    """Whoever acts in an account that was not collected."""
    return Outside("account", account, arn)


@dataclass(frozen=True, slots=True)
class Account:
    """An account and the organisation policies above it.

    Attributes:
        collected: whether its identities were collected.
        membership: ``management``, ``member``, ``none`` (in no organisation) or ``unknown``.
        organization: ``o-...`` if it is in one that is known.
        org_path: ``o-.../r-.../ou-.../`` as in ``aws:PrincipalOrgPaths``; empty if unknown.
        scp_levels: SCPs from the root down to the account; ``None`` if they were not collected.
        rcps: every RCP above it; ``None`` if they were not collected.
        unread: of a collected one, the types of identities that were not read whole
            (``iam:user``, ``iam:role``).
    """

    id: str
    collected: bool = True
    membership: str = "unknown"
    organization: str = ""
    org_path: str = ""
    scp_levels: tuple[tuple[Policy, ...], ...] | None = None
    rcps: tuple[Policy, ...] | None = None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class IamWorld:
    """Everything that a question may need.

    Attributes:
        principals: by ARN.
        accounts: by id, collected or not.
        resource_policies: by resource ARN; ``None`` for a resource known to have none. A resource
            that is missing here was not collected.
        resource_accounts: owner by resource ARN, where the ARN does not say it.
        resource_tags: by resource ARN, where collected.
        buckets: S3's settings by bucket ARN. One that is missing here was not collected.
        public_access_blocks: S3's Block Public Access by account.
        canonical_ids: S3's name of each account, where known, by account.
        access_points: S3 access points by ARN.
        encrypted_by: ARN of the KMS key of what is encrypted, by its ARN;
            :data:`graph.iam.encryption.AWS_MANAGED` for AWS's own. Only of types whose reading
            asks for the key.
        key_grants: a KMS key's grants as a policy, by key ARN; ``None``: it has none.
        shares: with whom RAM shares a resource, by its ARN: account ids, ARNs of organisations,
            organisational units and principals, services.
        share_grants: what each of those shares gives, by the resource's ARN.
        shares_read: ``account/region`` whose shares were all read.
        endpoints: VPC endpoints by id.
        identity_sources: identity providers, pools, trust anchors, clusters, Identity Center.
        organization: the id of the organisation whose accounts are all listed, or empty.
        now: time of collection, ISO 8601.
    """

    principals: Mapping[str, Principal] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    resource_policies: Mapping[str, Policy | None] = field(default_factory=dict)
    resource_accounts: Mapping[str, str] = field(default_factory=dict)
    resource_tags: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    public_access_blocks: Mapping[str, PublicAccessBlock] = field(default_factory=dict)
    canonical_ids: Mapping[str, str] = field(default_factory=dict)
    access_points: Mapping[str, AccessPoint] = field(default_factory=dict)
    key_grants: Mapping[str, Policy | None] = field(default_factory=dict)
    encrypted_by: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    share_grants: Mapping[str, tuple[ShareGrant, ...]] = field(default_factory=dict)
    shares_read: frozenset[str] = frozenset()
    endpoints: Mapping[str, VpcEndpoint] = field(default_factory=dict)
    identity_sources: IdentitySources = field(default_factory=IdentitySources)
    organization: str = ""
    now: str = ""

    def account(self, account_id: str) -> Account:
        """An account; one of which nothing is known if it is not listed."""
        found = self.accounts.get(account_id)
        return found or Account(account_id, collected=False)

    @cached_property
    def by_account(self) -> dict[str, list[Principal]]:
        """Principals of each account, by ARN."""
        found: dict[str, list[Principal]] = {}
        for arn in sorted(self.principals):
            found.setdefault(self.principals[arn].account, []).append(self.principals[arn])
        return found

    @cached_property
    def indexes(self) -> dict[str, object]:
        """Indexes that other modules of the engine build once per world."""
        return {}
