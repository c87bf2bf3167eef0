"""Answers of ``public``, ``trusts`` and ``admins`` as tables that a reader takes in at a glance."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from collector.snapshot.ledger import Status
from graph.verdict import Verdict
from mapper.output.sheet import Column, Sheet
from queries.answers.answer import Answered, unknown_causes
from queries.answers.row import Row

if TYPE_CHECKING:
    from queries.answers.coverage import Coverage
    from queries.answers.parties import Parties

SHORT_KEY = 8
SHOWN = (Verdict.YES, Verdict.CONDITIONAL, Verdict.DORMANT)
SCREEN = 200
"""Rows that a terminal is given at most; files and pipes get all."""
_GAPS_NAMED = 6
_EVERYTHING = "everything"
_HEAD = (
    Column("Key", "key"),
    Column("Severity", "severity", least=90),
    Column("Verdict", "verdict"),
)
_TITLES = {
    "public": "What the internet, or any AWS account, reaches",
    "trusts": "Trust and sharing across accounts",
    "admins": "Who reaches admin",
    "compute": "Machines whose role reaches admin",
}
_SHORT_ID = re.compile(r"[a-z]+-[0-9a-f]{6,}")
_UNREAD = re.compile(r" \(not_collected:[^)]*\)")
_SOURCES = {
    "internet": "internet",
    "any-aws-principal": "any principal",
    "any-aws-account": "any account",
}


def sheet_of(
    answer: Answered, parties: Parties, *, verdicts: Sequence[Verdict] = (), screen: bool = False
) -> Sheet:
    """An answer as a sheet.

    Args:
        answer: rows, most severe first.
        parties: for the accounts' names.
        verdicts: those that were asked for; none for yes, conditional and dormant.
        screen: a terminal reads it: cut after :data:`SCREEN` rows, saying so.
    """
    kind = "compute" if any(row.own.get("machine") for row in answer.rows) else answer.command
    wanted = tuple(verdicts) or SHOWN
    rows = [row for row in answer.rows if row.verdict in wanted and row.accepted is None]
    cut = rows[:SCREEN] if screen else rows
    columns, cells = _LAYOUTS[kind]
    texts = [(*_head(row), *cells(row, parties)) for row in cut]
    notes = [_count(rows, answer)]
    if len(cut) < len(rows):
        notes.append(f"{len(rows) - len(cut)} more rows: --format csv, or narrow with --account.")
    notes.extend(_folded(answer, wanted))
    notes.extend(gap_notes(answer.coverage, parties))
    notes.extend(f"Not evaluated: {text}" for text in answer.not_evaluated)
    return Sheet(_TITLES[kind], (*_HEAD, *columns), texts, notes)


def gap_notes(coverage: Coverage, parties: Parties) -> list[str]:
    """What was not collected and could hide rows, the largest groups first."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    passed_over: dict[str, dict[str, set[str]]] = {}
    for gap in coverage.missing:
        if gap.status == Status.NOT_ATTEMPTED and gap.operation != "*":
            calls = passed_over.setdefault(gap.account_id, {}).setdefault(gap.service, set())
            calls.add(gap.operation)
            continue
        call = f"{gap.service}:{gap.operation}" if gap.operation != "*" else _unasked(gap.type)
        groups.setdefault((gap.account_id, gap.status, call), []).append(gap.region)
    folded = [
        f"Not asked for in {_account(account, parties)}: {_by_service(calls)}; rows may be missing."
        for account, calls in sorted(passed_over.items())
    ]
    notes = [
        _unseen(call, status, f"{_account(account, parties)} ({_some(regions)})")
        for (account, status, call), regions in sorted(
            groups.items(), key=lambda pair: (-len(pair[1]), pair[0])
        )
    ]
    notes += folded
    if len(notes) <= _GAPS_NAMED:
        return notes
    more = len(notes) - _GAPS_NAMED
    return [*notes[:_GAPS_NAMED], f"Not seen: {more} more gaps, listed by: mapper coverage"]


def _unseen(call: str, status: str, where: str) -> str:
    if call == _EVERYTHING:
        return f"Not asked for: {where}; rows may be missing."
    return f"Not seen: {call} {status} in {where}; rows may be missing."


def _by_service(calls: Mapping[str, Collection[str]]) -> str:
    """Services with the number of their calls; the call itself where it is the only one."""
    return ", ".join(
        f"{service}:{next(iter(names))}" if len(names) == 1 else f"{service} ({len(names)} calls)"
        for service, names in sorted(calls.items())
    )


def _unasked(kind: str) -> str:
    return _EVERYTHING if kind == "*" else kind


def _some(regions: Sequence[str]) -> str:
    distinct = sorted(set(regions))
    if len(distinct) <= 3:
        return ", ".join("every region" if region == "*" else region for region in distinct)
    return f"{len(distinct)} regions"


def _count(rows: Sequence[Row], answer: Answered) -> str:
    reached = len({row.id for row in rows})
    text = f"{len(rows)} row{'s' * (len(rows) != 1)}, {reached} resource{'s' * (reached != 1)}."
    if answer.coverage.complete:
        return f"{text} Everything that this needs was collected."
    return f"{text} What this needs was not all collected."


def _folded(answer: Answered, wanted: Sequence[Verdict]) -> Iterable[str]:
    dormant = answer.totals["only_through_dormant"]
    if dormant and Verdict.DORMANT in wanted:
        are = "of them is" if dormant == 1 else "of them are"
        yield f"{dormant} {are} dormant: configured so, but stopped, disabled or unhealthy."
    if Verdict.UNKNOWN not in wanted:
        for cause, count in unknown_causes(answer.rows):
            yield f"{count} more unknown: {cause} (--verdict unknown lists them)."
    if accepted := answer.totals["accepted"]:
        yield f"{accepted} accepted in mapper.toml are not shown."
    if answer.left_out and answer.command == "admins":
        yield "Root users are admin of their account by definition and not listed (--root)."
    elif answer.left_out:
        yield (
            f"{answer.left_out} more are reached from narrow address ranges or by identity "
            "providers of your own: --source cidr,federated"
        )
    for text in answer.assumes:
        yield f"Assumed absent because nobody could see it: {text} (--no-assume)."


def _head(row: Row) -> tuple[str, str, str]:
    return (row.key[:SHORT_KEY], row.severity, str(row.verdict))


def _public(row: Row, parties: Parties) -> tuple[str, ...]:
    own = row.own
    how = ", ".join(_few(own["ports"])) or own["level"] or "open"
    via = f" via {', '.join(short_name(node) for node in own['via'])}" if own["via"] else ""
    behind = " -> admin" if own["reaches_admin"] in ("yes", "conditional") else ""
    return (
        row.name or short_name(row.id).rpartition("/")[2],
        _kind(row),
        _place(row, parties),
        _SOURCES.get(own["source"], own["source"]),
        f"{how} by {own['mechanism']}{via}{behind}",
        ", ".join(_few(own["actions"])),
        _under(row),
    )


def _kind(row: Row) -> str:
    """The type as a reader says it: ``DB snapshot``, ``Load balancer``."""
    last = (row.resource_type or "").rpartition("::")[2]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", last)
    return words[:1] + words[1:].lower() if " " not in words[:3] else words


def _trusts(row: Row, parties: Parties) -> tuple[str, ...]:
    own = row.own
    who = own["vendor"] or own["outside"]
    account = _account_of(own["from"], parties)
    start = _bare(own["from"])
    known = dict.fromkeys(word for word in (account, who) if word and word != start)
    named = f"{start} ({', '.join(known)})" if known else start
    hops = " > ".join(_bare(hop["id"]) for hop in own["hops"] if hop["type"] != "HAS_ADMIN")
    admin = ", ".join(_account(a.removeprefix("account:"), parties) for a in own["admin_of"])
    return (
        named,
        hops,
        _account(row.account_id, parties),
        f"admin of {admin}" if admin else _verb(own["hops"][-1]["type"]),
        _under(row),
    )


def _verb(relationship: str) -> str:
    return {"CAN_ASSUME": "assumes", "CAN_ACCESS": "may use", "SHARED_WITH": "shared"}.get(
        relationship, relationship
    )


def _admins(row: Row, parties: Parties) -> tuple[str, ...]:
    own = row.own
    steps = [hop for hop in own["path"] if hop["type"] != "HAS_ADMIN"]
    way = " > ".join(_bare(hop["id"]) for hop in steps) or "by its own rights"
    goal = _account(own["admin_of"].removeprefix("account:"), parties)
    return (_thing(row), _account(row.account_id, parties), goal, way, _under(row))


def _compute(row: Row, parties: Parties) -> tuple[str, ...]:
    own = row.own
    imds = own["imds"]["v1"]
    seen = {True: "v1 answers", False: "v2 only", None: "not seen"}[imds]
    thing, _, goal, way, under = _admins(row, parties)
    return (thing, _place(row, parties), str(own["internet"]), seen, goal, way, under)


def _thing(row: Row) -> str:
    """Name and type, with AWS's short id where the name alone does not find it again."""
    short = short_name(row.id).rpartition("/")[2]
    kind = (row.resource_type or "").rpartition("::")[2]
    name = row.name or short
    detail = f"{kind} {short}" if _SHORT_ID.fullmatch(short) and name != short else kind
    return f"{name} ({detail.strip()})" if detail.strip() else name


def short_name(node_id: str) -> str:
    """The part of an id that a reader knows: ``i-0abc``, ``role/web``, ``111122223333``."""
    if node_id.startswith("arn:") and node_id.count(":") >= 5:
        _, _, service, _, _, resource = node_id.split(":", 5)
        if service == "iam" or "/" not in resource:
            return resource
        kind, _, rest = resource.partition("/")
        if kind == "loadbalancer":
            parts = rest.split("/")
            return parts[-2] if len(parts) >= 3 else rest
        return rest
    return node_id.removeprefix("account:")


def _bare(node_id: str) -> str:
    """A hop's name: roles and users without path and kind."""
    short = short_name(node_id)
    return short.rpartition("/")[2] if short.startswith(("role/", "user/")) else short


def _place(row: Row, parties: Parties) -> str:
    account = _account(row.account_id, parties)
    return f"{account} {row.region}" if row.region and row.region != "global" else account


def _account(account_id: str | None, parties: Parties) -> str:
    return parties.name(account_id) or account_id or ""


def _account_of(node_id: str, parties: Parties) -> str:
    from queries.answers.parties import account_of

    return _account(account_of(node_id, None), parties)


def _few(actions: Sequence[str]) -> list[str]:
    if len(actions) <= 3:
        return list(actions)
    return [*actions[:3], f"{len(actions) - 3} more"]


def _under(row: Row) -> str:
    guards = (_UNREAD.sub(" not read", guard) for guard in row.answer.guards)
    return ", ".join([*row.answer.conditions, *guards])


_LAYOUTS: Mapping[str, tuple[tuple[Column, ...], Any]] = {
    "public": (
        (
            Column("Resource", most=48),
            Column("Type", least=130),
            Column("Where"),
            Column("From"),
            Column("Opens"),
            Column("Actions", least=190),
            Column("Under", least=116, most=44, below=True),
        ),
        _public,
    ),
    "trusts": (
        (
            Column("From"),
            Column("To"),
            Column("In", least=100),
            Column("Gives"),
            Column("Under", least=116, most=44, below=True),
        ),
        _trusts,
    ),
    "admins": (
        (
            Column("Principal"),
            Column("Account", least=100),
            Column("Admin of"),
            Column("By"),
            Column("Under", least=116, most=44, below=True),
        ),
        _admins,
    ),
    "compute": (
        (
            Column("Machine"),
            Column("Where", least=100),
            Column("Internet"),
            Column("IMDS", least=100),
            Column("Admin of"),
            Column("By"),
            Column("Under", least=116, most=44, below=True),
        ),
        _compute,
    ),
}
