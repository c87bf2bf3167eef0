"""A snapshot as the engine's world. The only module here that knows snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.snapshot import Snapshot
from collector.snapshot.ledger import Status
from collector.snapshot.reader import Item
from graph.evidence import Ref
from graph.iam.account_details import AccountDetails, Row, principals
from graph.iam.document import parse
from graph.iam.federation_from_snapshot import identity_sources
from graph.iam.identity_sources import TYPES as FEDERATION_TYPES
from graph.iam.resources_from_snapshot import TYPES as RESOURCE_TYPES
from graph.iam.resources_from_snapshot import resources_of
from graph.iam.tags_from_snapshot import resource_tags
from graph.iam.world import Account, IamWorld, Policy, Principal

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
    operation = "get_account_authorization_details"
    return snapshot.status(account, "global", "iam", operation) in (Status.OK, Status.EMPTY)


SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"


@dataclass(slots=True)
class _Tree:
    """What the organisation's own calls gave.

    ``attached`` is by policy type and target id, ``None`` where some policy's targets are unknown.
    ``policies_read``: a type without any policy then has none.
    """

    id: str = ""
    management: str = ""
    alone: set[str] = field(default_factory=set)
    parents: dict[str, str] = field(default_factory=dict)
    roots: dict[str, frozenset[str]] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    attached: dict[str, dict[str, list[Policy]] | None] = field(default_factory=dict)
    policies_read: bool = False


def accounts_of(snapshot: Snapshot, read: set[str]) -> tuple[dict[str, Account], str]:
    """Accounts by id, and the organisation's id if all of its accounts are listed.

    ``read`` are the accounts whose identities were collected. Being in no organisation is
    knowledge; policies that were not collected are ``None`` (the engine then assumes and says so).
    """
    tree = _tree(snapshot)
    ids = {*snapshot.accounts, *tree.members}
    accounts = {account: _account(tree, account, account in read) for account in ids}
    return accounts, tree.id if tree.members else ""


def _account(tree: _Tree, account: str, collected: bool) -> Account:
    if account in tree.alone:
        return Account(account, collected, "none", scp_levels=(), rcps=())
    if account not in tree.members and account != tree.management:
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
    if not path:
        return None
    if kind not in tree.roots[path[0]]:
        return ()
    attached = tree.attached.get(kind, {} if tree.policies_read else None)
    if attached is None:
        return None
    return tuple(tuple(attached.get(node, ())) for node in path)


def _tree(snapshot: Snapshot) -> _Tree:
    tree = _Tree()
    for item in snapshot.items("org:organization"):
        call = item.call("describe_organization")
        found = call.value if isinstance(call.value, Mapping) else {}
        found = found.get("Organization", found)
        if found.get("Id"):
            tree.id = str(found["Id"])
            tree.management = str(found.get("MasterAccountId") or "")
        elif call.status in (Status.ABSENT, Status.NOT_ENABLED):
            tree.alone.add(item.account_id)
    for item in snapshot.items("org:root"):
        types = item.item.get("PolicyTypes") or ()
        enabled = (str(row.get("Type")) for row in types if row.get("Status") == "ENABLED")
        tree.roots[_id(item)] = frozenset(enabled)
        _children(tree, item)
    for item in snapshot.items("org:organizational-unit"):
        _children(tree, item)
    for item in snapshot.items("org:account"):
        account = _id(item)
        tree.members.add(account)
        for parent in _listed(item, "list_parents", "Parents"):
            tree.parents[account] = str(parent.get("Id"))
    _attachments(tree, snapshot)
    return tree


def _id(item: Item) -> str:
    return str(item.item.get("Id") or item.id.rpartition("/")[2])


def _listed(item: Item, operation: str, member: str) -> list[Mapping[str, Any]]:
    """A follow-up that lists: the list itself, or the response that holds it."""
    value = item.call(operation).value
    if isinstance(value, Mapping):
        value = value.get(member)
    return [row for row in value or () if isinstance(row, Mapping)]


def _children(tree: _Tree, item: Item) -> None:
    for operation, member in (
        ("list_organizational_units_for_parent", "OrganizationalUnits"),
        ("list_accounts_for_parent", "Accounts"),
    ):
        for child in _listed(item, operation, member):
            tree.parents.setdefault(str(child.get("Id")), _id(item))


def _attachments(tree: _Tree, snapshot: Snapshot) -> None:
    tree.policies_read = not snapshot.gaps("org:policy") and "org:policy" in snapshot.types()
    for item in snapshot.items("org:policy"):
        kind = str(item.item.get("Type") or "")
        if kind not in (SCP, RCP):
            continue
        if not item.call("list_targets_for_policy").known:
            tree.attached[kind] = None
            continue
        by_target = tree.attached.setdefault(kind, {})
        if by_target is not None:
            for target in _listed(item, "list_targets_for_policy", "Targets"):
                by_target.setdefault(str(target.get("TargetId")), []).append(
                    _organisation_policy(item)
                )


def _organisation_policy(item: Item) -> Policy:
    value = item.call("describe_policy").value
    found = value if isinstance(value, Mapping) else {}
    inner = found.get("Policy", found)
    text = inner.get("Content") if isinstance(inner, Mapping) else None
    name = f"{item.item.get('Name') or _id(item)}"
    ref = Ref(item.file, item.id, "/calls/describe_policy/value/Policy/Content")
    return Policy(name, None if text is None or text == "" else parse(text), item.id, ref)
