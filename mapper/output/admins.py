"""The tables of ``admins``: a line for each way to admin, those that are alike together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mapper.output.names import SHORT_KEY, account_name, bare_name, place_words, thing_words
from mapper.output.public import under
from mapper.output.sheet import Column

if TYPE_CHECKING:
    from queries.answers.parties import Parties
    from queries.answers.row import Row

_HEAD = (
    Column("Key", "key"),
    Column("Severity", "severity", least=90),
    Column("Verdict", "verdict"),
)
PRINCIPALS = (
    *_HEAD,
    Column("Principal"),
    Column("Account", least=100),
    Column("Admin of"),
    Column("By"),
    Column("Under", least=116, most=44, below=True),
)
COMPUTE = (
    *_HEAD,
    Column("Machine"),
    Column("Where", least=100),
    Column("Internet"),
    Column("IMDS", least=100),
    Column("Admin of"),
    Column("By"),
    Column("Under", least=116, most=44, below=True),
)
_OWN_RIGHTS = "by its own rights"
_STEPS = {
    "CAN_ASSUME": "assumes",
    "CAN_ESCALATE_TO": "gains",
    "CAN_EXECUTE_ON": "runs code on",
    "HAS_ROLE": "has",
    "CONTROLS": "takes over",
}
_SETS = ("principal-set:", "resource-set:")
_FEW = 3
_TECHNIQUES = 6
"""Techniques that a note spells out."""


@dataclass(frozen=True, slots=True)
class Line:
    """Rows that differ only in the principal, in the account that is had, or in both alike.

    Attributes:
        row: the first of them.
        starts: names of the principals, in order.
        accounts: ids of the accounts that they lie in.
        goals: ids of the accounts of which each is admin; of lines whose principals are admin of
            their own account alone, none.
    """

    row: Row
    starts: tuple[str, ...]
    accounts: tuple[str | None, ...]
    goals: tuple[str, ...]


def lines_of(rows: Iterable[Row], *, whole: bool) -> list[Line]:
    """Fold rows: goals of one principal, principals of one name, then principals of one account.

    Args:
        rows: in their order.
        whole: a line for each row.
    """
    listed = list(rows)
    if whole:
        return [_line([[row]]) for row in listed]
    by_start: dict[object, list[Row]] = {}
    for row in listed:
        by_start.setdefault((row.id, *_looks(row)), []).append(row)
    named: dict[object, list[list[Row]]] = {}
    for same in by_start.values():
        alone = same[0].id if not _is_own(same) else ""
        named.setdefault((alone, same[0].name, same[0].resource_type, *_looks(same[0])), [])
        named[alone, same[0].name, same[0].resource_type, *_looks(same[0])].append(same)
    beside: dict[object, list[list[Row]]] = {}
    for group in named.values():
        if len(group) > 1:
            beside[id(group)] = group
            continue
        first = group[0][0]
        goals = tuple(row.own["admin_of"] for row in group[0])
        key = (first.account_id, first.resource_type, goals, *_looks(first))
        beside.setdefault(key, []).extend(group)
    return [_line(found) for found in beside.values()]


def _line(found: Sequence[Sequence[Row]]) -> Line:
    first = found[0][0]
    accounts = tuple(dict.fromkeys(same[0].account_id for same in found))
    goals = tuple(row.own["admin_of"].removeprefix("account:") for row in found[0])
    names = tuple(dict.fromkeys(thing_words(same[0]) for same in found))
    return Line(first, names, accounts, goals if len(accounts) == 1 else ())


def _is_own(same: Sequence[Row]) -> bool:
    """Whether a principal is admin of its own account alone, by its own rights."""
    row = same[0]
    own = f"account:{row.account_id}"
    return len(same) == 1 and row.own["admin_of"] == own and row.own["reach"] == "direct"


def _looks(row: Row) -> tuple[object, ...]:
    """What a line shows of a row beside its ends."""
    answer = row.answer
    told = (row.severity, row.verdict, answer.conditions, answer.guards)
    return (*told, way_words(row.own["path"]))


def cells(line: Line, parties: Parties) -> tuple[str, ...]:
    """The cells of :data:`PRINCIPALS`."""
    row = line.row
    goals = [account_name(goal, parties) for goal in line.goals]
    return (
        row.key[:SHORT_KEY],
        row.severity,
        str(row.verdict),
        _few(line.starts),
        _few([account_name(account, parties) for account in line.accounts]),
        _few(goals) or "each its own",
        way_words(row.own["path"]) or _OWN_RIGHTS,
        under(row),
    )


def compute_cells(row: Row, parties: Parties) -> tuple[str, ...]:
    """The cells of :data:`COMPUTE`."""
    own = row.own
    seen = {True: "v1 answers", False: "v2 only", None: "not seen"}[own["imds"]["v1"]]
    stations = [hop for hop in own["path"] if hop["type"] != "HAS_ADMIN"]
    return (
        row.key[:SHORT_KEY],
        row.severity,
        str(row.verdict),
        thing_words(row),
        place_words(row, parties),
        str(own["internet"]),
        seen if row.resource_type == "AWS::EC2::Instance" else "",
        account_name(own["admin_of"].removeprefix("account:"), parties),
        " > ".join(_station(hop) for hop in stations if not hop["id"].startswith(_SETS)),
        under(row),
    )


def _station(hop: Mapping[str, str]) -> str:
    """What a step leads to; of escalation how, and nothing more where it ends in the account."""
    technique = hop.get("technique", "")
    if hop["id"].startswith("account:") and technique:
        return technique
    name = bare_name(hop["id"])
    return f"{name} ({technique})" if technique else name


def way_words(path: Iterable[Mapping[str, str]]) -> str:
    """A way in words, but for the account at its end; empty for rights of one's own.

    Sets are passed without a word: what leads to them leads to their members.
    """
    told = []
    verb = technique = ""
    for hop in path:
        if hop["type"] == "HAS_ADMIN":
            continue
        verb = verb or _STEPS.get(hop["type"], "")
        technique = technique or hop.get("technique", "")
        if hop["id"].startswith(_SETS):
            verb = "" if hop["type"] == "IN_GROUP" else verb
            continue
        name = "" if hop["id"].startswith("account:") else bare_name(hop["id"])
        how = f"({technique})" if name and technique else f"by {technique}" if technique else ""
        told.append(" ".join(filter(None, (verb if name else "", name, how))))
        verb = technique = ""
    return " > ".join(told)


def techniques_note(rows: Iterable[Row]) -> list[str]:
    """What the ids of techniques in a table stand for."""
    hops = (hop for row in rows for hop in row.own["path"])
    used = dict.fromkeys(hop["technique"] for hop in hops if hop.get("technique"))
    if not used:
        return []
    names = _names()
    told = [f"{one}: {names[one]}" for one in sorted(used)[:_TECHNIQUES] if one in names]
    left = len(used) - len(told)
    more = f"; {left} more" if left else ""
    return [f"Techniques (docs/escalation.md): {'; '.join(told)}{more}."]


@cache
def _names() -> Mapping[str, str]:
    from graph.escalation.technique import techniques

    return {one.id: one.name for one in techniques()}


def _few(texts: Sequence[str]) -> str:
    more = len(texts) - _FEW
    shown = texts[:_FEW] if more > 1 else texts
    return ", ".join(shown) + (f" and {more} more" if more > 1 else "")
