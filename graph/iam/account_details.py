"""GetAccountAuthorizationDetails rows -> principals.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.evidence import Ref
from graph.iam.document import parse
from graph.iam.world import Policy, Principal


@dataclass(frozen=True, slots=True)
class Row:
    """A row of account details and the place where it stands."""

    item: Mapping[str, Any]
    file: str = ""
    id: str = ""

    def ref(self, pointer: str) -> Ref | None:
        """A place within the row."""
        return Ref(self.file, self.id, pointer) if self.file else None


@dataclass(slots=True)
class AccountDetails:
    """The four lists of one account, with their gaps.

    ``managed`` holds every managed policy's default version by ARN. ``complete`` tells whether
    the call gave all pages.
    """

    account: str
    users: list[Row] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    roles: list[Row] = field(default_factory=list)
    policies: list[Row] = field(default_factory=list)
    complete: bool = True


def principals(details: AccountDetails) -> list[Principal]:
    """Users, roles and the root user of an account."""
    managed = _managed(details.policies)
    groups = {str(row.item.get("GroupName")): row for row in details.groups}
    found = [_user(details, row, managed, groups) for row in details.users]
    found += [_role(details, row, managed) for row in details.roles]
    partition = next((one.arn.split(":")[1] for one in found if one.arn.count(":") > 4), "aws")
    root = f"arn:{partition}:iam::{details.account}:root"
    return [*found, Principal(root, details.account, "root", name="root")]


def _managed(rows: Iterable[Row]) -> dict[str, Policy]:
    """Default versions by ARN; names come from the ARN (some sources omit ``PolicyName``)."""
    found = {}
    for row in rows:
        arn = str(row.item.get("Arn") or row.id)
        found[arn] = Policy(f"managed policy {_name_of(arn)}", None, arn)
        for number, version in enumerate(row.item.get("PolicyVersionList") or ()):
            if not version.get("IsDefaultVersion") or version.get("Document") is None:
                continue
            ref = row.ref(f"/item/PolicyVersionList/{number}/Document")
            name = f"managed policy {_name_of(arn)}"
            found[arn] = Policy(name, parse(version["Document"]), arn, ref)
    return found


def _name_of(arn: str) -> str:
    return arn.rpartition("/")[2]


def _inline(row: Row, member: str, suffix: str = "") -> list[Policy]:
    found = []
    for number, entry in enumerate(row.item.get(member) or ()):
        name = f"inline policy {entry.get('PolicyName', number)}{suffix}"
        document = entry.get("PolicyDocument")
        ref = row.ref(f"/item/{member}/{number}/PolicyDocument")
        found.append(Policy(name, None if document is None else parse(document), "", ref))
    return found


def _attached(row: Row, managed: Mapping[str, Policy], suffix: str = "") -> list[Policy]:
    found = []
    for entry in row.item.get("AttachedManagedPolicies") or ():
        arn = str(entry.get("PolicyArn"))
        policy = managed.get(arn) or Policy(f"managed policy {_name_of(arn)}", None, arn)
        name = f"{policy.name}{suffix}"
        found.append(Policy(name, policy.document, policy.arn, policy.ref))
    return found


def _boundary(row: Row, managed: Mapping[str, Policy]) -> Policy | None:
    """A boundary that is used only as boundary may be missing among the policies: unknown then."""
    entry = row.item.get("PermissionsBoundary")
    arn = str(entry.get("PermissionsBoundaryArn") or "") if isinstance(entry, Mapping) else ""
    if not arn:
        return None
    return managed.get(arn) or Policy(f"permissions boundary {_name_of(arn)}", None, arn)


def _tags(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(tag.get("Key")), str(tag.get("Value", ""))) for tag in row.item.get("Tags") or ()
    )


def _gaps(details: AccountDetails) -> tuple[tuple[str, str], ...]:
    return () if details.complete else (("iam:account-authorization-details", details.account),)


def _user(
    details: AccountDetails, row: Row, managed: Mapping[str, Policy], groups: Mapping[str, Row]
) -> Principal:
    policies = _inline(row, "UserPolicyList") + _attached(row, managed)
    gaps = _gaps(details)
    for name in row.item.get("GroupList") or ():
        group = groups.get(str(name))
        if group is None:
            gaps += (("iam:group", f"{details.account}/{name}"),)
            continue
        suffix = f" (group {name})"
        policies += _inline(group, "GroupPolicyList", suffix) + _attached(group, managed, suffix)
    return Principal(
        arn=str(row.item.get("Arn") or row.id),
        account=details.account,
        kind="user",
        name=str(row.item.get("UserName") or ""),
        path=str(row.item.get("Path") or "/"),
        unique_id=str(row.item.get("UserId") or ""),
        tags=_tags(row),
        policies=tuple(policies),
        gaps=gaps,
        boundary=_boundary(row, managed),
        ref=row.ref(""),
    )


def _role(details: AccountDetails, row: Row, managed: Mapping[str, Policy]) -> Principal:
    name = str(row.item.get("RoleName") or "")
    trust = row.item.get("AssumeRolePolicyDocument")
    ref = row.ref("/item/AssumeRolePolicyDocument")
    return Principal(
        arn=str(row.item.get("Arn") or row.id),
        account=details.account,
        kind="role",
        name=name,
        path=str(row.item.get("Path") or "/"),
        unique_id=str(row.item.get("RoleId") or ""),
        tags=_tags(row),
        policies=tuple(_inline(row, "RolePolicyList") + _attached(row, managed)),
        gaps=_gaps(details),
        boundary=_boundary(row, managed),
        trust=Policy(f"trust policy of {name}", None if trust is None else parse(trust), "", ref),
        ref=row.ref(""),
    )
