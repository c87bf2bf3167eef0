"""Groups of Cognito user pools and the roles that their members ask identity pools for.

https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Snapshot
from collector.snapshot.reader import Item
from graph.iam.identity_sources import USER_POOL

Groups = Mapping[str, Mapping[str, str] | None]
"""By a user pool's id: role -> name of a group with it; ``None`` if not collected."""


def groups_of(snapshot: Snapshot) -> dict[str, Mapping[str, str] | None]:
    """Roles of the groups of every user pool of a snapshot.

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    return {_id(item): _groups(item) for item in snapshot.items(USER_POOL)}


def _id(item: Item) -> str:
    return str(item.item.get("Id") or item.id.rpartition("/")[2])


def _groups(item: Item) -> dict[str, str] | None:
    call = item.call("list_groups")
    if not call.known:
        return None
    rows = call.value.get("Groups") if isinstance(call.value, Mapping) else call.value
    found: dict[str, str] = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("RoleArn"), str):
            found.setdefault(row["RoleArn"], str(row.get("GroupName") or ""))
    return found


def by_token(mappings: Mapping[str, Any]) -> Iterator[str]:
    """The user pools whose tokens name the role, from an identity pool's ``RoleMappings``.

    The token's ``cognito:preferred_role`` is the role of the user's first group and
    ``cognito:roles`` are those of all. ``AmbiguousRoleResolution`` speaks only of users of several
    groups none of which comes first: members of one group alone get its role whatever it says.
    https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_RoleMapping.html
    """
    for provider, mapping in mappings.items():
        named = _PROVIDER.fullmatch(provider)
        if named and isinstance(mapping, Mapping) and mapping.get("Type") == "Token":
            yield named[1]


_PROVIDER = re.compile(r"cognito-idp\.[^/]*/([^/:]+)(?::.*)?", re.DOTALL)
"""``cognito-idp.REGION.amazonaws.com/POOL:CLIENT``; other providers' tokens name no role."""
