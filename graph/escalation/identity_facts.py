"""What credentials, groups and policy versions an account has: preconditions of IAM's calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.iam.document import BrokenPolicy, Document, parse
from graph.iam.world import Policy

MOST_VERSIONS = 5
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
MOST_KEYS = 2


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A customer-managed policy.

    Attributes:
        versions: every version's document by id; ``None`` where it was not collected.
        default: id of the version in force.
    """

    arn: str
    account: str
    versions: tuple[tuple[str, Document | BrokenPolicy | None], ...]
    default: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """An IAM group with its policies and the ARNs of its members."""

    arn: str
    account: str
    name: str
    policies: tuple[Policy, ...] = ()
    members: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a user signs in with; ``None``: not collected.

    Attributes:
        keys: status of each access key, ``Active`` or ``Inactive``.
        password: whether there is a login profile.
        mfa: whether there is an MFA device.
    """

    keys: tuple[str, ...] | None = None
    password: bool | None = None
    mfa: bool | None = None


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """Everything by ARN.

    Attributes:
        policies: customer-managed policies.
        groups: groups.
        credentials: by user.
        saml: SAML providers, ARN and account.
    """

    policies: Mapping[str, ManagedPolicy] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    credentials: Mapping[str, Credentials] = field(default_factory=dict)
    saml: tuple[tuple[str, str], ...] = ()

    def credentials_of(self, user: str) -> Credentials:
        """Of a user; nothing known if it was not collected."""
        return self.credentials.get(user, Credentials())


def identity_facts(snapshot: Snapshot) -> IdentityFacts:
    """Read the facts of every account.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    policies = {}
    texts: dict[str, Policy] = {}
    for item in snapshot.items("iam:policy"):
        one = _policy(item)
        default = dict(one.versions).get(one.default)
        name = f"managed policy {one.arn.rpartition('/')[2]}"
        texts[one.arn] = Policy(name, default, one.arn)
        if one.arn.split(":")[4:5] != ["aws"]:
            policies[one.arn] = one
    return IdentityFacts(
        policies=policies,
        groups=_groups(snapshot, texts),
        credentials={item.id: _credentials(item) for item in _credential_items(snapshot)},
        saml=tuple((item.id, item.account_id) for item in snapshot.items("iam:saml-provider")),
    )


def _credential_items(snapshot: Snapshot) -> Iterator[Item]:
    return snapshot.items("iam:user-credentials")


def _policy(item: Item) -> ManagedPolicy:
    versions = []
    default = str(item.item.get("DefaultVersionId") or "")
    for version in _objects(item.item.get("PolicyVersionList")):
        name = str(version.get("VersionId"))
        document = version.get("Document")
        versions.append((name, None if document is None else parse(document)))
        if version.get("IsDefaultVersion"):
            default = name
    arn = str(item.item.get("Arn") or item.id)
    return ManagedPolicy(arn, item.account_id, tuple(versions), default)


def _groups(snapshot: Snapshot, managed: Mapping[str, Policy]) -> dict[str, Group]:
    members: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in snapshot.items("iam:user"):
        names = item.item.get("GroupList")
        for name in names if isinstance(names, list) else ():
            members[item.account_id, str(name)].add(str(item.item.get("Arn") or item.id))
    found = {}
    for item in snapshot.items("iam:group"):
        name = str(item.item.get("GroupName") or "")
        arn = str(item.item.get("Arn") or item.id)
        policies = [
            Policy(f"inline policy {entry.get('PolicyName')} (group {name})", parse(document))
            for entry in _objects(item.item.get("GroupPolicyList"))
            if (document := entry.get("PolicyDocument")) is not None
        ]
        for entry in _objects(item.item.get("AttachedManagedPolicies")):
            at = str(entry.get("PolicyArn"))
            policies.append(managed.get(at) or Policy(f"managed policy {at}", None, at))
        inside = frozenset(members[item.account_id, name])
        found[arn] = Group(arn, item.account_id, name, tuple(policies), inside)
    return found


def _credentials(item: Item) -> Credentials:
    listed = item.call("list_access_keys")
    keys: tuple[str, ...] | None = None
    if listed.known:
        keys = tuple(str(one.get("Status")) for one in _objects(_member(listed.value)))
    profile = item.call("get_login_profile")
    devices = item.call("list_mfa_devices")
    return Credentials(
        keys,
        bool(profile.value) if profile.known else None,
        bool(_member(devices.value)) if devices.known else None,
    )


def _member(value: Any) -> Any:
    """A list call's list, as it stands or in the response that holds it."""
    if isinstance(value, Mapping):
        lists = [one for one in value.values() if isinstance(one, list)]
        return lists[0] if lists else []
    return value or []


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, Mapping):
            yield entry
