"""The attack paths of a map, from the rows of the answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph.verdict import Verdict
from mapper.output.names import short_name
from queries.answers.parties import Parties
from queries.answers.row import Row
from viz.model import SEVERITIES, VERDICTS, MapPath, Severity, Step
from viz.model import Verdict as VerdictWord

MOST_PATHS = 60
_POSSIBLE = (Verdict.YES, Verdict.CONDITIONAL)
_HOP = {
    "CAN_ASSUME": "is assumed from there",
    "HAS_ROLE": "is the role that it carries",
    "HAS_ADMIN": "is under its control: admin",
    "IN_GROUP": "has it among its members",
    "CAN_ESCALATE_TO": "is escalated to from there",
    "CAN_EXECUTE_ON": "runs its commands",
    "CONTROLS": "is controlled from there",
    "CAN_ACCESS": "may be used from there",
    "SHARED_WITH": "is shared with it",
}
"""What a step says below the name of the node that it leads to."""
_FIX_MACHINE = "Take the machine off the internet, or the admin rights off its role."
_FIX_TRUST = "Name the roles that need it in the trust policy, or take the admin rights off."


def paths_of(
    public: Sequence[Row], compute: Sequence[Row], trusts: Sequence[Row], parties: Parties
) -> list[MapPath]:
    """Paths that lead somewhere, the most severe first, at most :data:`MOST_PATHS`.

    Args:
        public: rows of ``public``.
        compute: rows of ``admins --compute``.
        trusts: rows of ``trusts``.
        parties: for the accounts' names.
    """
    made = [
        *_through_machines(public, compute, parties),
        *_chains(trusts, parties),
        *_entries(public),
    ]
    ordered = sorted(made, key=lambda p: (SEVERITIES.index(p.severity), -Verdict(p.verdict).rank))
    return ordered[:MOST_PATHS]


def _through_machines(
    public: Sequence[Row], compute: Sequence[Row], parties: Parties
) -> Iterable[MapPath]:
    """From the internet through a machine and its role to admin."""
    entries: dict[str, Row] = {}
    for row in public:
        if row.own["family"] and row.verdict in _POSSIBLE:
            known = entries.get(row.id)
            if known is None or known.verdict.rank < row.verdict.rank:
                entries[row.id] = row
    for row in compute:
        entry = entries.get(row.id)
        if entry is None or row.verdict not in _POSSIBLE:
            continue
        verdict = min((entry.verdict, row.verdict), key=lambda v: v.rank)
        goal = _name(row.own["admin_of"], parties)
        yield MapPath(
            title=f"From the internet through {row.name or short_name(row.id)} to admin of {goal}",
            severity=_severity(row),
            verdict=_word(verdict),
            steps=(*_way_in(entry), *_hops(row.own["path"])),
            fix=_FIX_MACHINE,
        )


def _chains(trusts: Sequence[Row], parties: Parties) -> Iterable[MapPath]:
    """From another account or a vendor to admin."""
    for row in trusts:
        if not row.own["admin_of"] or row.verdict not in _POSSIBLE:
            continue
        hops = list(row.own["hops"])
        if hops[-1]["type"] != "HAS_ADMIN":
            hops.append({"id": row.own["admin_of"][0], "type": "HAS_ADMIN"})
        start = row.own["vendor"] or short_name(row.own["from"])
        yield MapPath(
            title=f"From {start} to admin of {_name(hops[-1]['id'], parties)}",
            severity=_severity(row),
            verdict=_word(row.verdict),
            steps=(Step(row.own["from"], f"{start} ({row.own['outside']})"), *_hops(hops)),
            fix=_FIX_TRUST,
        )


def _entries(public: Sequence[Row]) -> Iterable[MapPath]:
    """What is open itself, without a chain behind it."""
    for row in public:
        if row.verdict in _POSSIBLE and row.severity in ("critical", "high"):
            yield MapPath(
                title=f"{row.name or short_name(row.id)} open to {_source(row)}",
                severity=_severity(row),
                verdict=_word(row.verdict),
                steps=_way_in(row),
            )


def _way_in(row: Row) -> tuple[Step, ...]:
    how = ", ".join(row.own["ports"]) or row.own["mechanism"]
    where = "on" if row.own["source"] == "internet" else "in"
    stations = [Step(row.own["source"], f"An attacker {where} {_source(row)}")]
    via = row.own["via"]
    if len(via) == 1:
        stations.append(Step(via[0], "is reached from there"))
        stations.append(Step(row.id, f"gets what it sends on ({how})"))
    else:
        through = f" through {len(via)} front doors" if via else ""
        stations.append(Step(row.id, f"is reached from there{through} ({how})"))
    return tuple(stations)


def _source(row: Row) -> str:
    known = {
        "internet": "the internet",
        "any-aws-principal": "any AWS account",
        "any-aws-account": "any AWS account",
    }
    return known.get(row.own["source"], str(row.own["source"]))


def _hops(hops: Sequence[dict[str, str]]) -> tuple[Step, ...]:
    return tuple(Step(hop["id"], _HOP.get(hop["type"], hop["type"])) for hop in hops)


def _name(node_id: str, parties: Parties) -> str:
    if node_id.startswith("account:"):
        account = node_id.removeprefix("account:")
        return parties.name(account) or account
    return short_name(node_id)


def _severity(row: Row) -> Severity:
    return next(word for word in SEVERITIES if word == row.severity)


def _word(verdict: Verdict) -> VerdictWord:
    return next(word for word in VERDICTS if word == str(verdict))
