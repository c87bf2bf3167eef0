"""Filters that name what is not there: said, not answered by an empty table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from graph.verdict import Verdict
from mapper.errors import WrongUsageError
from mapper.naming import nearest

if TYPE_CHECKING:
    from mapper.session import Session
    from queries.answers.answer import Filters


def check_filters(session: Session, filters: Filters) -> None:
    """Refuse filters that no row could ever match: "nothing found" would sound like good news.

    Raises:
        WrongUsageError: an account that was neither collected nor is named by what was, a region
            that nothing was asked in, a type that no resource has, or the verdict ``no``, which
            only explanations have.
    """
    if Verdict.NO in filters.verdicts:
        raise WrongUsageError(
            "No row has the verdict no. Why something is closed: mapper explain NAME"
        )
    if filters.accounts:
        known = _accounts(session)
        for account in filters.accounts:
            if account not in known:
                raise WrongUsageError(
                    f"Account {account} is not in this snapshot: it was not collected, and "
                    "nothing that was collected names it."
                )
    if filters.regions:
        regions = _regions(session)
        for region in filters.regions:
            if region not in regions:
                raise WrongUsageError(
                    f"Nothing of this snapshot is in a region {region!r}.{_near(region, regions)}"
                )
    for kind in filters.types:
        _check_type(session, kind)


def _accounts(session: Session) -> frozenset[str]:
    parties = session.parties
    named = (str(account) for account in session.frame("accounts")["account_id"] if account)
    rows = (*session.public_rows, *session.trust_rows)
    ends = (account for row in rows for account in row.accounts)
    return frozenset((*parties.collected, *parties.organisation, *named, *ends))


def _regions(session: Session) -> frozenset[str]:
    rows = (*session.public_rows, *session.trust_rows)
    return frozenset(
        {
            *(row.region for row in session.snapshot.ledger),
            *(region for row in rows for region in row.regions),
        }
        - {"*"}
    )


def _check_type(session: Session, kind: str) -> None:
    from graph.schema.registry import REGISTRY

    declared = {node_type.resource_type for node_type in REGISTRY.node_types}
    declared |= {row.resource_type for row in session.public_rows if row.resource_type}
    asked = kind.lower()
    if not any(name.lower() == asked or name.lower().endswith(f"::{asked}") for name in declared):
        short = {name.rpartition("::")[2].lower() for name in declared}
        raise WrongUsageError(
            f"There is no type {kind!r}.{_near(asked.rpartition('::')[2], short)} Write "
            "CloudFormation's name or the end of it: AWS::S3::Bucket, bucket."
        )


def _near(text: str, known: Iterable[str]) -> str:
    near = nearest(text, sorted(known), 3)
    return f" Did you mean {' or '.join(near)}?" if near else ""
