"""Resource shares of a snapshot: what is shared with whom, under which permission.

https://docs.aws.amazon.com/ram/latest/APIReference/API_GetPermission.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.snapshot import Item, Snapshot, Status
from graph.iam.document import Document, parse
from graph.iam.ram_permissions import is_for
from graph.iam.world import Policy, ShareGrant

_IN_FORCE = ("ASSOCIATED", "ASSOCIATING")


@dataclass(slots=True)
class Shares:
    """The fields of :class:`graph.iam.world.IamWorld` that RAM fills."""

    receivers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    grants: dict[str, tuple[ShareGrant, ...]] = field(default_factory=dict)
    read: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Permission:
    """A permission of a share: its ARN, the type it is for, its statement if that was read."""

    arn: str
    type: str
    statement: Mapping[str, Any] | None


def shares_of(snapshot: Snapshot) -> Shares:
    """What is shared, and where all shares are known."""
    read = {
        f"{row.account_id}/{row.region}"
        for row in snapshot.ledger
        if row.service == "ram" and row.operation == "get_resource_shares" and not row.is_gap
    }
    trusted = trusting(snapshot)
    with_whom: dict[str, set[str]] = {}
    grants: dict[str, list[ShareGrant]] = {}
    for item in snapshot.items("ram:share"):
        if str(item.item.get("owningAccountId") or item.account_id) != item.account_id:
            continue
        principals, known = _associated(item, "PRINCIPAL")
        resources, known_too = _associated(item, "RESOURCE")
        if not (known and known_too):
            read.discard(f"{item.account_id}/{item.region}")
        permissions = _permissions(item)
        for resource in resources:
            with_whom.setdefault(resource, set()).update(principals)
            grant = _grant(item, resource, principals, permissions, trusted)
            grants.setdefault(resource, []).append(grant)
    return Shares(
        {arn: tuple(sorted(names)) for arn, names in with_whom.items()},
        {arn: tuple(rows) for arn, rows in grants.items()},
        frozenset(read),
    )


def _grant(
    item: Item,
    resource: str,
    principals: Mapping[str, str],
    permissions: list[_Permission],
    trusted: Mapping[str, bool],
) -> ShareGrant:
    fitting = [row for row in permissions if is_for(row.type, resource)] or permissions
    statements = [row.statement for row in fitting]
    policy = None
    if statements and None not in statements:
        document = parse({"Version": "2012-10-17", "Statement": statements})
        if isinstance(document, Document):
            name = f"permission of share {item.item.get('name') or item.id}"
            policy = Policy(name, document)
    return ShareGrant(
        item.id,
        tuple(sorted(principals)),
        tuple(sorted(name for name, state in principals.items() if state == "ASSOCIATING")),
        switched_off(principals, trusted),
        tuple(sorted(row.arn for row in fitting)),
        policy,
    )


def trusting(snapshot: Snapshot) -> dict[str, bool]:
    """Whether each organisation lets RAM see its accounts, by its id, where that was read.

    Until sharing within the organisation is enabled no share can name it or a unit of it.
    https://docs.aws.amazon.com/ram/latest/APIReference/API_EnableSharingWithAwsOrganization.html
    """
    found = {}
    for item in snapshot.items("org:root"):
        call = item.call("list_aws_service_access_for_organization")
        if call.known and (call.status is not Status.OK or isinstance(call.value, list)):
            named = {row.get("ServicePrincipal") for row in _rows(call.value)}
            org = item.id.rpartition(":root/")[2].partition("/")[0]
            found[org] = "ram.amazonaws.com" in named
    return found


def switched_off(principals: Iterable[str], trusted: Mapping[str, bool]) -> tuple[str, ...]:
    """Organisations and units among receivers whose organisation does not share."""
    return tuple(
        sorted(
            name
            for name in principals
            if ":organizations::" in name
            and not trusted.get(name.partition("/")[2].partition("/")[0], True)
        )
    )


def _associated(item: Item, kind: str) -> tuple[dict[str, str], bool]:
    """Entities of a share's associations in force with their states, and whether they were read."""
    call = item.call(f"get_resource_share_associations(associationType={kind})")
    rows = call.value if call.status is Status.OK else []
    if isinstance(rows, Mapping):
        rows = rows.get("resourceShareAssociations")
    found = {
        str(row.get("associatedEntity")): str(row.get("status"))
        for row in _rows(rows)
        if row.get("status") in _IN_FORCE
    }
    return found, call.known and isinstance(rows, list)


def _permissions(item: Item) -> list[_Permission]:
    call = item.call("list_resource_share_permissions")
    found = []
    for row in _rows(call.value if call.status is Status.OK else None):
        arn = str(row.get("arn") or "")
        value = item.call(f"get_permission(permissionArn={arn})").value
        held = value.get("permission", value) if isinstance(value, Mapping) else {}
        text = held.get("permission") if isinstance(held, Mapping) else held
        # Without a version the call gives the default one.
        statement = None if row.get("defaultVersion") is False else _statement(text)
        found.append(_Permission(arn, str(row.get("resourceType") or ""), statement))
    return found


def _statement(text: Any) -> Mapping[str, Any] | None:
    """A permission's effect, actions and conditions as a statement about whatever is shared."""
    try:
        value = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, Mapping):
        return None
    named = {str(key).lower(): one for key, one in value.items()}
    if "effect" not in named or "action" not in named:
        return None
    condition = {"Condition": named["condition"]} if named.get("condition") else {}
    effect = str(named["effect"]).capitalize()
    return {"Effect": effect, "Action": named["action"], "Resource": "*", **condition}


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (row for row in value if isinstance(row, Mapping))
