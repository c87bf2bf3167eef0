"""What one account of the world has of another, computed from the scenarios' facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from mapper.demo.world.facts import Accesses, Assumes, Flows, Thing, account_node
from mapper.demo.world.truth import STRENGTH


def account_links_of(
    things: Iterable[Thing], management: str, accounts: Collection[str]
) -> list[dict[str, str]]:
    """Trust between any two accounts, data of those outside, and management.

    Only these follow from the facts alone: what own principals may use of other own accounts
    takes in every policy of the world.

    Args:
        things: as they are true.
        management: id of the management account.
        accounts: ids of all accounts of the organisation.

    Returns:
        ``from``, ``to``, ``kind`` and the strongest ``verdict``, sorted.
    """
    strongest: dict[tuple[str, str, str], str] = {}
    own = {account_node(account) for account in accounts}
    for start, end, kind, verdict in _links(things):
        if start == end or verdict == "no" or (kind == "data" and start in own):
            continue
        key = (start, end, kind)
        held = strongest.get(key, verdict)
        strongest[key] = max(held, verdict, key=STRENGTH.__getitem__)
    for account in accounts:
        if account != management:
            strongest[account_node(management), account_node(account), "management"] = "yes"
    return [
        {"from": start, "to": end, "kind": kind, "verdict": verdict}
        for (start, end, kind), verdict in sorted(strongest.items())
    ]


def _links(things: Iterable[Thing]) -> Iterator[tuple[str, str, str, str]]:
    for thing in things:
        for fact in thing.facts:
            match fact:
                case Assumes():
                    ends = (account_node(fact.source_account), account_node(fact.role_account))
                    yield (*ends, "trust", fact.verdict)
                case Accesses() if fact.source.startswith("account:"):
                    kind = "network" if ":transit-gateway/" in fact.target else "data"
                    owner = fact.target.split(":")[4] or thing.touches[0].account_id
                    yield (fact.source, account_node(owner), kind, fact.verdict)
                case Flows():
                    ends = (account_node(fact.receiver_account), account_node(fact.target_account))
                    yield (*ends, "data", fact.verdict)
                case _:
                    continue
