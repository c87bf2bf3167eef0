"""What ``mapper trusts`` is asked for, looked up in the snapshot."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from mapper.errors import WrongUsageError
from mapper.naming import nearest
from queries.answers.chains_wanted import (
    Wanted,
    members_of_sets,
    names_of_end,
    names_of_start,
    select,
    unused_rows,
)
from queries.runner import records

if TYPE_CHECKING:
    from mapper.session import Session
    from queries.answers.row import Row


def chosen(session: Session, wanted: Wanted) -> tuple[list[Row], tuple[str, ...]]:
    """The rows that are wanted, and what is not known of others.

    Raises:
        WrongUsageError: an account that no row starts or ends in, and that the snapshot does not
            know.
    """
    rows, parties = session.trust_rows, session.parties
    members = members_of_sets(records(session.frame("identity-steps"))) if wanted.starts else {}
    if wanted.starts or wanted.ends:
        starts = {name for row in rows for name in names_of_start(row, parties, members)}
        ends = {name for row in rows for name in names_of_end(row, parties)}
        _check(session, "--from", wanted.starts, starts, ends)
        _check(session, "--to", wanted.ends, ends, starts)
    found = select(rows, wanted, parties, members)
    if not wanted.unused:
        return found, ()
    days = session.config.unused_days
    begin = datetime.datetime.fromisoformat(_taken(session)) - datetime.timedelta(days=days)
    before = begin.strftime("%Y-%m-%dT%H:%M:%SZ")
    found, not_known = unused_rows(found, _uses(session, before).get, before)
    if not not_known:
        return found, ()
    are = "row is" if not_known == 1 else "rows are"
    return found, (f"the last use of some roles ({not_known} {are} left out for it)",)


def _check(
    session: Session, option: str, asked: tuple[str, ...], names: set[str], others: set[str]
) -> None:
    """Refuse a name that nothing has: an empty answer would sound like good news.

    Args:
        session: knows the accounts.
        option: that was given.
        asked: its values.
        names: what the ends that it is about are called.
        others: likewise of the other ends.
    """
    parties = session.parties
    accounts = {*parties.collected, *parties.organisation, *parties.own, *parties.names}
    known = {name.casefold() for one in accounts for name in (one, parties.name(one)) if name}
    for text in asked:
        if text.casefold() in known | names:
            continue
        if text.casefold() in others:
            other, does = ("--from", "ends") if option == "--to" else ("--to", "starts")
            raise WrongUsageError(f"{option} {text!r}: nothing {does} there. Ask {other} {text}.")
        readable = [
            name for name in known | names if not name.startswith(("arn:", "principal-set:"))
        ]
        near = nearest(text, sorted(readable), 3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise WrongUsageError(f"{option} {text!r}: nothing here has that name or id.{hint}")


def _taken(session: Session) -> str:
    """When the snapshot was taken: what is old is old by then."""
    manifest = session.snapshot.manifest
    return str(manifest.get("finished") or manifest["started"]).replace("Z", "+00:00")


def _uses(session: Session, begin: str) -> dict[str, str]:
    """When each role was last used, or ``never``; nothing of those of which AWS was not asked.

    AWS remembers 400 days and says nothing of a role that was not used in them. One that was made
    since counts as used then: nobody had the time not to use it.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html
    """
    found = {}
    for item in session.snapshot.items("iam:role"):
        used = item.item.get("RoleLastUsed")
        if isinstance(used, dict):
            last = str(used.get("LastUsedDate") or "never")
            made = str(item.item.get("CreateDate") or "")
            arn = str(item.item.get("Arn") or item.id)
            found[arn] = made if last == "never" and made >= begin else last
    return found
