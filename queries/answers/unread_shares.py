"""Resources of which nobody knows whom they are shared with: their policies were not read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph.verdict import Verdict
from queries.answers.walk import Hop, hops_of

_MISSING = "not_collected:"
_NAMED = 3
_NEVER_READ = "object-acl"
"""ACLs of single objects are in no snapshot: that is told of buckets whose objects may be open."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What one call left unknown in one account.

    Attributes:
        hop: to the first of the resources, with an answer that is about all of them.
        regions: of all of them, sorted.
    """

    hop: Hop
    regions: tuple[str, ...]


def unread_shares(rows: Iterable[Mapping[str, Any]]) -> list[Unread]:
    """One for each account and call that was refused or not made, with how many it is about.

    Args:
        rows: of ``public-access``; a policy that was not read is ``unknown`` there.
    """
    found: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        if not _is_unread(row):
            continue
        for call in sorted({_call(text) for text in row["conditions"][0] if _is_missing(text)}):
            found[row["account_id"] or "", call].setdefault(row["id"], row)
    return [_folded(call, list(alike.values())) for (_, call), alike in sorted(found.items())]


def _is_unread(row: Mapping[str, Any]) -> bool:
    verdict, mechanism = str(row["verdicts"][0]), str(row["mechanism"])
    unknown = verdict == str(Verdict.UNKNOWN) and mechanism != _NEVER_READ
    return unknown and row["relationship"] == "CAN_ACCESS"


def _is_missing(text: str) -> bool:
    return text.startswith(_MISSING)


def _call(text: str) -> str:
    """The call that a condition names, without where it was not made."""
    return text.removeprefix(_MISSING).partition("=")[0].partition("@")[0]


def _folded(call: str, alike: list[Mapping[str, Any]]) -> Unread:
    rows = sorted(alike, key=lambda row: str(row["id"]))
    first = rows[0]
    missing = sorted({text for row in rows for text in row["conditions"][0] if _call(text) == call})
    (hop,) = hops_of([_step(first)])
    why = _text(call, rows)
    answer = replace(hop.answer, why=why, conditions=tuple(missing), evidence=(why,))
    regions = tuple(sorted({row["region"] for row in rows if row["region"]}))
    return Unread(replace(hop, answer=answer), regions)


def _text(call: str, rows: list[Mapping[str, Any]]) -> str:
    if len(rows) == 1:
        return f"{call} was not answered for {rows[0]['id']}: whom it is shared with is not known."
    names = ", ".join(str(row["name"] or row["id"]) for row in rows[:_NAMED])
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    whom = "whom they are shared with is not known"
    return f"{call} was not answered for {len(rows)} resources ({names}{more}): {whom}."


def _step(row: Mapping[str, Any]) -> dict[str, Any]:
    """The first step of a row of ``public-access``, as rows of steps have it."""
    return {
        "from_id": row["source"],
        "from_name": None,
        "from_type": None,
        "from_account": None,
        "from_labels": row["source_labels"],
        "to_id": row["id"],
        "to_name": row["name"],
        "to_type": row["resource_type"],
        "to_account": row["account_id"],
        "to_region": row["region"],
        "to_labels": row["labels"],
        "relationship": row["relationship"],
        "mechanism": row["mechanism"],
        "verdict": row["verdicts"][0],
        **{name: row[name][0] for name in ("conditions", "guards", "assumes", "evidence")},
        "why": row["whys"][0],
    }
