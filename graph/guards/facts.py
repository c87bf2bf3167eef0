"""What guards need to know beside the policy: who is a third party, which ExternalIds recur."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graph.guards.known_accounts import known_accounts
from graph.guards.locks import of_allow
from graph.iam.document import Document, Statement
from graph.iam.principal import entries
from graph.iam.world import IamWorld, Principal

_ACCOUNT = re.compile(r"[0-9]{12}")
_STATES = {
    "SUSPENDED": "suspended",
    "PENDING_CLOSURE": "closed",
    "CLOSED": "closed",
    "LEFT": "left",
}


@dataclass(frozen=True)
class GuardFacts:
    """What is the same for every policy of a snapshot.

    Attributes:
        world: the IAM facts.
        inside: collected accounts and those of one's own organisation.
        organisations: ids of one's own organisations.
        shared_ids: ExternalIds that roles ask of accounts that have nothing to do with each other.
        states: ``suspended``, ``closed`` or ``left`` by account, where its organisation says so.
    """

    world: IamWorld
    inside: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    shared_ids: frozenset[str] = frozenset()
    states: Mapping[str, str] = field(default_factory=dict)

    def is_third_party(self, account: str) -> bool:
        """Whether an account is somebody else's, and not one of an AWS service."""
        known = known_accounts().get(account)
        return account not in self.inside and (known is None or known.kind != "aws-service")


def guard_facts(world: IamWorld, states: Mapping[str, str] | None = None) -> GuardFacts:
    """Gather the facts of a snapshot, once.

    Args:
        world: the IAM facts.
        states: each account's state as Organizations writes it, e.g. ``SUSPENDED``; ``LEFT`` of
            one that was a member.
            https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
    """
    inside = {
        account.id
        for account in world.accounts.values()
        if account.collected or account.organization or account.membership in _MEMBERS
    }
    known = {
        account: _STATES[state] for account, state in (states or {}).items() if state in _STATES
    }
    return GuardFacts(
        world=world,
        inside=frozenset(inside | set(world.by_account)),
        organisations=frozenset(
            one.organization for one in world.accounts.values() if one.organization
        ),
        shared_ids=_shared_ids(world, frozenset(inside)),
        states=known,
    )


_MEMBERS = ("member", "management")


def impossible_account(account: str) -> bool:
    """Whether no AWS account can have this id."""
    return not _ACCOUNT.fullmatch(account) or not account.strip("0")


def _shared_ids(world: IamWorld, inside: frozenset[str]) -> frozenset[str]:
    """ExternalIds that are asked of accounts of several owners, no role joining them.

    Accounts that one role names together, and those of one vendor, are one owner's.
    """
    groups: dict[str, list[frozenset[str]]] = {}
    for one in world.principals.values():
        document = one.trust.document if one.trust is not None else None
        if one.kind == "role" and isinstance(document, Document):
            for value, owners in _asked(document, inside):
                groups.setdefault(value, []).append(owners)
    return frozenset(value for value, found in groups.items() if len(_joined(found)) > 1)


def _asked(document: Document, inside: frozenset[str]) -> Iterable[tuple[str, frozenset[str]]]:
    for statement in document.statements:
        if not statement.is_deny and (owners := _owners(statement, inside)):
            for lock in of_allow(statement):
                if lock.key == "sts:externalid" and lock.positive and not lock.absent_ok:
                    for value in lock.values:
                        yield value, owners


def _owners(statement: Statement, inside: frozenset[str]) -> frozenset[str]:
    found = {entry.account for entry in entries(statement) if entry.account}
    return frozenset(_owner(account) for account in found - inside)


def _owner(account: str) -> str:
    known = known_accounts().get(account)
    return known.name if known else account


def _joined(groups: Iterable[frozenset[str]]) -> list[set[str]]:
    """Sets that share a member, as one."""
    found: list[set[str]] = []
    for group in dict.fromkeys(groups):
        near = [one for one in found if one & group]
        found = [one for one in found if not one & group]
        found.append(set(group).union(*near))
    return found


def guessable(owner: str, source_account: str, principal: Principal | None) -> frozenset[str]:
    """What anyone would try as an ExternalId, in lower case.

    Args:
        owner: the account that asks for it.
        source_account: the account that gives it; empty if it is nobody's.
        principal: the role that asks for it.
    """
    texts = {owner, source_account}
    known = known_accounts().get(source_account)
    if known is not None:
        texts.add(known.name)
    if principal is not None:
        texts |= {principal.name, principal.arn}
    return frozenset(text.lower() for text in texts if text)
