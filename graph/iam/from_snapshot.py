"""A snapshot as the engine's world. The only module here that knows snapshots."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from collector.snapshot import Snapshot
from collector.snapshot.ledger import Status
from collector.snapshot.reader import Item
from graph.evidence import Ref
from graph.iam.account_details import AccountDetails, Row, principals
from graph.iam.document import parse
from graph.iam.encryption_from_snapshot import keys_of
from graph.iam.federation_from_snapshot import identity_sources
from graph.iam.identity_sources import TYPES as FEDERATION_TYPES
from graph.iam.resources_from_snapshot import TYPES as RESOURCE_TYPES
from graph.iam.resources_from_snapshot import resources_of
from graph.iam.tags_from_snapshot import resource_tags
from graph.iam.world import Account, IamWorld, Policy, Principal

_DETAILS = "get_account_authorization_details"
IAM_TYPES = ("iam:user", "iam:group", "iam:role", "iam:policy")
NEEDS = (
    *IAM_TYPES,
    "org:organization",
    "org:root",
    "org:organizational-unit",
    "org:account",
    "org:policy",
    *FEDERATION_TYPES,
    *RESOURCE_TYPES,
)
"""Snapshot types that answers of the engine rest on (for ``coverage``)."""


def from_snapshot(snapshot: Snapshot) -> IamWorld:
    """Build the world that a snapshot (through its overlay) describes.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    found: dict[str, Principal] = {}
    read: set[str] = set()
    for details in _details(snapshot):
        read.add(details.account)
        found.update((one.arn, one) for one in principals(details))
    accounts, organization = accounts_of(snapshot, read)
    resources = resources_of(snapshot)
    return IamWorld(
        principals=found,
        accounts=accounts,
        resource_policies=resources.resource_policies,
        resource_accounts=resources.resource_accounts,
        resource_tags=resource_tags(snapshot),
        buckets=resources.buckets,
        public_access_blocks=resources.public_access_blocks,
        canonical_ids=resources.canonical_ids,
        access_points=resources.access_points,
        key_grants=resources.key_grants,
        encrypted_by=keys_of(snapshot),
        shares=resources.shares,
        share_grants=resources.share_grants,
        shares_read=resources.shares_read,
        endpoints=resources.endpoints,
        identity_sources=identity_sources(snapshot),
        organization=organization,
        now=str(snapshot.manifest.get("finished") or ""),
    )


def _details(snapshot: Snapshot) -> Iterator[AccountDetails]:
    """Account details of each account of which anything was read."""
    gaps = {row.account_id for row in snapshot.gaps(*IAM_TYPES)}
    for account in snapshot.accounts:
        details = AccountDetails(account, complete=account not in gaps)
        for type_id, rows in zip(
            IAM_TYPES,
            (details.users, details.groups, details.roles, details.policies),
            strict=True,
        ):
            rows += [
                Row(item.item, item.file, item.id) for item in snapshot.items(type_id, account)
            ]
        if details.users or details.roles or (details.complete and _was_asked(snapshot, account)):
            yield details


def _was_asked(snapshot: Snapshot, account: str) -> bool:
    """Whether the call was made: an account without users and roles is one of the answers."""
    return snapshot.status(account, "global", "iam", _DETAILS) in (Status.OK, Status.EMPTY)


SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"


@dataclass(slots=True)
class _Tree:
    """What one organisation's own calls gave.

    ``attached`` is by policy type and target id, ``None`` where some policy's targets are unknown.
    ``roots``: enabled policy types, ``None`` where that is unknown.
    ``policies_read``: a type without any policy then has none.
    """

    id: str = ""
    management: str = ""
    parents: dict[str, str] = field(default_factory=dict)
    roots: dict[str, frozenset[str] | None] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    attached: dict[str, dict[str, list[Policy]] | None] = field(default_factory=dict)
    policies_read: bool = False


@dataclass(slots=True)
class _Forest:
    """The organisations of a snapshot, each by its own id.

    ``told`` is what ``describe_organization`` said in an account itself, ``alone`` holds those
    that are in none.
    """

    trees: dict[str, _Tree] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)

    def tree(self, org: str) -> _Tree:
        """An organisation's tree, made where it is new."""
        return self.trees.setdefault(org, _Tree(org))

    def of_item(self, item: Item) -> _Tree:
        """Whose organisation an entity is: its ARN says so, else the account that read it."""
        found = _ORGANIZATION.match(item.id)
        org = found[1] if found else self.told.get(item.account_id, "")
        return self.tree(org or (next(iter(self.trees)) if len(self.trees) == 1 else ""))

    def of_account(self, account: str) -> _Tree | None:
        """The organisation of an account, if anything tells: itself first, then the lists."""
        if account in self.told:
            return self.trees[self.told[account]]
        for org in sorted(self.trees):
            tree = self.trees[org]
            if account in tree.members or account == tree.management:
                return tree
        return None

    def listed(self) -> str:
        """The organisation whose accounts are all listed; of several the one of most accounts."""
        rows = [tree for tree in self.trees.values() if tree.members]
        return min(rows, key=lambda tree: (-len(tree.members), tree.id)).id if rows else ""


_ORGANIZATION = re.compile(r"arn:[^:]+:organizations::[0-9]+:[a-z]+/(o-[a-z0-9]+)(?:/|$)")


def accounts_of(snapshot: Snapshot, read: set[str]) -> tuple[dict[str, Account], str]:
    """Accounts by id, and the organisation's id if all of its accounts are listed.

    An account's organisation is the one that its own ``describe_organization`` names, which every
    account may call, else the one that lists it; a snapshot may hold several.
    https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html

    ``read`` are the accounts whose identities were collected. Being in no organisation is
    knowledge; policies that were not collected are ``None`` (the engine then assumes and says so).
    """
    forest = _forest(snapshot)
    members = (tree.members for tree in forest.trees.values())
    ids = set(snapshot.accounts).union(*members)
    unread = _unread(snapshot, read)
    accounts = {
        account: replace(_account(forest, account, account in read), unread=unread.get(account, ()))
        for account in ids
    }
    return accounts, forest.listed()


def _unread(snapshot: Snapshot, read: set[str]) -> dict[str, tuple[str, ...]]:
    """Types of identities that were not read whole, by collected account."""
    found: dict[str, dict[str, None]] = {}
    for type_id in ("iam:user", "iam:role"):
        for row in snapshot.gaps(type_id):
            both = row.operation == _DETAILS
            types = ("iam:user", "iam:role") if both else (type_id,)
            if row.account_id in read:
                found.setdefault(row.account_id, {}).update(dict.fromkeys(types))
    return {account: tuple(sorted(types)) for account, types in found.items()}


def _account(forest: _Forest, account: str, collected: bool) -> Account:
    if account in forest.alone:
        return Account(account, collected, "none", scp_levels=(), rcps=())
    tree = forest.of_account(account)
    if tree is None:
        return Account(account, collected)
    path = _path(tree, account)
    membership = "management" if account == tree.management else "member"
    return Account(
        id=account,
        collected=collected,
        membership=membership,
        organization=tree.id,
        org_path="/".join([tree.id, *path[:-1], ""]) if path else "",
        scp_levels=_levels(tree, SCP, path),
        rcps=_flat(_levels(tree, RCP, path)),
    )


def _flat(levels: tuple[tuple[Policy, ...], ...] | None) -> tuple[Policy, ...] | None:
    return None if levels is None else tuple(policy for level in levels for policy in level)


def _path(tree: _Tree, account: str) -> list[str]:
    """Ids from the root down to the account; empty if a step of the way is unknown."""
    path = [account]
    while path[0] not in tree.roots:
        above = tree.parents.get(path[0])
        if above is None or above in path:
            return []
        path.insert(0, above)
    return path


def _levels(tree: _Tree, kind: str, path: list[str]) -> tuple[tuple[Policy, ...], ...] | None:
    """Policies of one type per level. None attached anywhere where the type is not enabled.

    AWS always keeps at least one SCP attached at every level, so a level without any is one whose
    attachment the source does not list (``FullAWSAccess``): it stands as an empty one, and the
    engine assumes that it allows.
    """
    enabled = tree.roots[path[0]] if path else None
    if enabled is None:
        return None
    if kind not in enabled:
        return ()
    attached = tree.attached.get(kind, {} if tree.policies_read else None)
    if attached is None:
        return None
    return tuple(tuple(attached.get(node, ())) for node in path)


def _forest(snapshot: Snapshot) -> _Forest:
    forest = _Forest()
    for item in snapshot.items("org:organization"):
        _told(forest, item)
    for item in snapshot.items("org:root"):
        tree = forest.of_item(item)
        tree.roots[_id(item)] = _enabled(item)
        _children(tree, item)
    for item in snapshot.items("org:organizational-unit"):
        _children(forest.of_item(item), item)
    for item in snapshot.items("org:account"):
        tree, account = forest.of_item(item), _id(item)
        tree.members.add(account)
        for parent in _listed(item, "list_parents", "Parents") or ():
            tree.parents[account] = str(parent.get("Id"))
    _attachments(forest, snapshot)
    return forest


def _told(forest: _Forest, item: Item) -> None:
    """What ``describe_organization`` says in one account."""
    call = item.call("describe_organization")
    found = call.value if isinstance(call.value, Mapping) else {}
    found = found.get("Organization", found)
    org = found.get("Id") if isinstance(found, Mapping) else None
    if isinstance(org, str) and org:
        tree = forest.tree(org)
        tree.management = str(found.get("MasterAccountId") or "") or tree.management
        forest.told[item.account_id] = org
    elif call.status in (Status.ABSENT, Status.NOT_ENABLED):
        forest.alone.add(item.account_id)


def _enabled(item: Item) -> frozenset[str] | None:
    """A root's enabled policy types; ``None`` where the list cannot be read."""
    types = item.item.get("PolicyTypes") or ()
    if not isinstance(types, list | tuple) or not all(isinstance(row, Mapping) for row in types):
        return None
    return frozenset(str(row.get("Type")) for row in types if row.get("Status") == "ENABLED")


def _id(item: Item) -> str:
    return str(item.item.get("Id") or item.id.rpartition("/")[2])


def _listed(item: Item, operation: str, member: str) -> list[Mapping[str, Any]] | None:
    """A follow-up that lists: the list itself, or the response that holds it; ``None``: neither."""
    value = item.call(operation).value
    if isinstance(value, Mapping):
        value = value.get(member)
    if value is not None and not isinstance(value, list):
        return None
    return [row for row in value or () if isinstance(row, Mapping)]


def _children(tree: _Tree, item: Item) -> None:
    for operation, member in (
        ("list_organizational_units_for_parent", "OrganizationalUnits"),
        ("list_accounts_for_parent", "Accounts"),
    ):
        for child in _listed(item, operation, member) or ():
            tree.parents.setdefault(str(child.get("Id")), _id(item))


def _attachments(forest: _Forest, snapshot: Snapshot) -> None:
    read = not snapshot.gaps("org:policy") and "org:policy" in snapshot.types()
    for tree in forest.trees.values():
        tree.policies_read = read
    for item in snapshot.items("org:policy"):
        kind = str(item.item.get("Type") or "")
        if kind in (SCP, RCP):
            _attach(forest.of_item(item), kind, item)


def _attach(tree: _Tree, kind: str, item: Item) -> None:
    targets = _listed(item, "list_targets_for_policy", "Targets")
    if targets is None or not item.call("list_targets_for_policy").known:
        tree.attached[kind] = None
        return
    by_target = tree.attached.setdefault(kind, {})
    if by_target is not None:
        for target in targets:
            by_target.setdefault(str(target.get("TargetId")), []).append(_organisation_policy(item))


def _organisation_policy(item: Item) -> Policy:
    value = item.call("describe_policy").value
    found = value if isinstance(value, Mapping) else {}
    inner = found.get("Policy", found)
    text = inner.get("Content") if isinstance(inner, Mapping) else None
    name = f"{item.item.get('Name') or _id(item)}"
    ref = Ref(item.file, item.id, "/calls/describe_policy/value/Policy/Content")
    return Policy(name, None if text is None or text == "" else parse(text), item.id, ref)
