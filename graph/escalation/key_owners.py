"""Whose access keys there are: users of collected accounts, and root users."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from collector.snapshot import Item, Snapshot
from collector.snapshot.search import account_of_access_key
from graph.evidence import Ref

_CREDENTIALS = "iam:user-credentials"


class OwnedKey(NamedTuple):
    """An access key of a user.

    Attributes:
        user: ARN.
        status: ``Active``, ``Inactive`` or ``Expired``.
        ref: where it is listed.
    """

    user: str
    status: str
    ref: Ref


@dataclass(frozen=True, slots=True)
class KeyOwners:
    """The keys of every collected account.

    Attributes:
        keys: by id.
        unread: users by account whose keys were not listed.
        blind: accounts of which not even the users were all read.
        roots: whether the account's root user has a key; ``None`` or absent: not known. Nobody
            but the root user itself can see the id.
        accounts: the collected ones.
    """

    keys: Mapping[str, OwnedKey] = field(default_factory=dict)
    unread: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blind: frozenset[str] = frozenset()
    roots: Mapping[str, bool | None] = field(default_factory=dict)
    accounts: frozenset[str] = frozenset()

    def account_of(self, key_id: str) -> str:
        """The collected account that an id itself names; empty if there is none."""
        account = account_of_access_key(key_id) or ""
        return account if account in self.accounts else ""


def key_owners(snapshot: Snapshot) -> KeyOwners:
    """Read every user's access keys.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyMetadata.html

    Raises:
        collector.snapshot.SnapshotError: a line of the snapshot cannot be read.
    """
    keys: dict[str, OwnedKey] = {}
    read: set[str] = set()
    for item in snapshot.items(_CREDENTIALS):
        listed = item.call("list_access_keys")
        if listed.known:
            read.add(item.id)
            keys |= dict(_listed(item, listed.value))
    unread: dict[str, list[str]] = defaultdict(list)
    for item in snapshot.items("iam:user"):
        arn = str(item.item.get("Arn") or item.id)
        if arn not in read:
            unread[item.account_id].append(arn)
    return KeyOwners(
        keys,
        {account: tuple(users) for account, users in unread.items()},
        _blind(snapshot),
        dict(_roots(snapshot)),
        frozenset(snapshot.accounts),
    )


def _blind(snapshot: Snapshot) -> frozenset[str]:
    asked = {row.account_id for row in snapshot.ledger if row.is_about({"iam:user"})}
    refused = {row.account_id for row in snapshot.gaps("iam:user")}
    return frozenset(refused | (set(snapshot.accounts) - asked))


def _listed(item: Item, value: Any) -> Iterator[tuple[str, OwnedKey]]:
    for number, one in enumerate(_entries(value)):
        if isinstance(one, Mapping) and isinstance(one.get("AccessKeyId"), str):
            ref = Ref.to(item, f"/calls/list_access_keys/value/{number}")
            yield one["AccessKeyId"], OwnedKey(item.id, str(one.get("Status")), ref)


def _roots(snapshot: Snapshot) -> Iterator[tuple[str, bool | None]]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html"""
    for item in snapshot.items("aws:account-alias"):
        value = item.call("get_account_summary").value
        told = value.get("SummaryMap") if isinstance(value, Mapping) else None
        count = told.get("AccountAccessKeysPresent") if isinstance(told, Mapping) else None
        yield item.account_id, None if count is None else bool(count)


def _entries(value: Any) -> list[Any]:
    """The list, as it stands or in the response that holds it."""
    held = value.get("AccessKeyMetadata") if isinstance(value, Mapping) else value
    return held if isinstance(held, list) else []
