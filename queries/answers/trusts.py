"""Rows of ``mapper trusts``: trust and sharing across accounts, as chains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graph.verdict import Answer, Verdict, any_of
from queries.answers.parties import Parties, account_of, source_class
from queries.answers.row import Row, distinct, row_key
from queries.answers.walk import End, Hop, Ways, hops_json, hops_of, way_answer, way_text
from queries.runner import records
from queries.severity import severity_of, thing_of

if TYPE_CHECKING:
    import pandas

QUERIES = ("trusts", "identity-steps", "shared-with-outside")
_CHAIN = frozenset({"CAN_ASSUME", "IN_GROUP", "HAS_ADMIN"})
_WHO_SOURCE = {
    "Internet": "anyone",
    "AnyAWSPrincipal": "any-aws",
    "AnyAWSAccount": "any-aws",
    "AnyAccountVia": "any-aws",
    "AnyCustomerOf": "anyone",
    "SelfSignUp": "anyone",
    "ExternalCidr": "range",
}
_WHO_ACCOUNT = {
    "own": "inside",
    "organisation": "inside",
    "collected": "inside",
    "trusted": "trusted",
    "aws-service": "vendor",
    "vendor": "vendor",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What a row says apart from its way; ``mechanism`` of shares, else the hops are it."""

    ends_in: End
    admin_of: tuple[str, ...]
    level: str = ""
    actions: tuple[str, ...] = ()
    mechanism: str = ""


def trust_rows(
    trusts: pandas.DataFrame,
    steps: pandas.DataFrame,
    shared: pandas.DataFrame,
    parties: Parties,
) -> list[Row]:
    """Rows of ``trusts``: direct trusts, chains that end as admin elsewhere, shares; all verdicts.

    Args:
        trusts: the frame of ``trusts``.
        steps: the frame of ``identity-steps``.
        shared: the frame of ``shared-with-outside``.
        parties: who the accounts are.
    """
    graded = [hop for hop in hops_of(records(steps)) if hop.type in _CHAIN]
    admin_of: dict[str, set[str]] = {}
    for hop in graded:
        if hop.type == "HAS_ADMIN" and hop.answer.verdict.rank >= Verdict.CONDITIONAL.rank:
            admin_of.setdefault(hop.start.id, set()).add(hop.end.id)
    rows = [
        _row((hop,), _Told(hop.end, tuple(sorted(admin_of.get(hop.end.id, ())))), parties)
        for hop in _merged(hops_of(records(trusts)))
        if _crosses(hop.start, hop.end)
    ]
    rows.extend(_chains(graded, parties))
    rows.extend(_shares(records(shared), parties))
    unique = {row.key: row for row in rows}
    return [unique[key] for key in sorted(unique, key=lambda key: (unique[key].own["from"], key))]


def _merged(hops: Iterable[Hop]) -> Iterable[Hop]:
    """One hop between two nodes: any of the ways to assume the role will do."""
    pairs: dict[tuple[str, str], list[Hop]] = {}
    for hop in hops:
        pairs.setdefault((hop.start.id, hop.end.id), []).append(hop)
    for found in pairs.values():
        yield replace(found[0], answer=any_of(hop.answer for hop in found))


def _crosses(start: End, end: End) -> bool:
    if "Source" in start.labels:
        return True
    return account_of(start.id, start.account_id) != account_of(end.id, end.account_id)


def _chains(hops: Sequence[Hop], parties: Parties) -> Iterable[Row]:
    """Chains of at least two roles that end as admin of an account that is not the start's."""
    ways = Ways(hops)
    goals = {hop.end.id: hop.end for hop in hops if hop.type == "HAS_ADMIN"}
    for goal in sorted(goals):
        for way in ways.to(goal, last=frozenset({"HAS_ADMIN"})).values():
            start = way[0].start
            roles = [hop for hop in way if hop.type == "CAN_ASSUME"]
            if len(roles) < 2 or "PrincipalSet" in start.labels or not _crosses(start, way[-1].end):
                continue
            yield _row(way, _Told(goals[goal], (goal,)), parties)


def _shares(rows: Iterable[Mapping[str, Any]], parties: Parties) -> Iterable[Row]:
    """Resources shared with a named party.

    A configured receiver (of an image, a snapshot) gives way to the access that it grants; a
    share by RAM is a row of its own.
    """
    listed = list(rows)
    granted = {(r["from_id"], r["to_id"]) for r in listed if r["relationship"] == "CAN_ACCESS"}
    for row in listed:
        if row["mechanism"] == "shared-with" and (row["from_id"], row["to_id"]) in granted:
            continue
        (hop,) = hops_of([row])
        if not hop.answer.why:
            text = f"{hop.end.id} is shared with {hop.start.id} ({hop.mechanism})."
            answer = replace(hop.answer, why=text, evidence=(text,))
            hop = replace(hop, answer=answer)
        told = _Told(hop.end, (), row["level"] or "", tuple(row["actions"] or ()), hop.mechanism)
        yield _row((hop,), told, parties)


def _row(way: Sequence[Hop], told: _Told, parties: Parties) -> Row:
    start, reached = way[0].start, way[-1].end if len(way) == 1 else _last_role(way)
    answer = way_answer(way)
    mechanism = told.mechanism or way_text(way)
    home = account_of(told.ends_in.id, told.ends_in.account_id)
    start_account = account_of(start.id, start.account_id)
    outside, vendor = parties.classify_source(start.id, start.labels, start.account_id, home)
    label = source_class(start.labels)
    facts = {
        "who": who_is(label, outside),
        "what": thing_of(reached.resource_type),
        "level": told.level,
        "behind": "admin" if told.admin_of else "",
        "guarded": _guarded(answer),
    }
    return Row(
        key=row_key("trusts", reached.id, start.id, mechanism, told.ends_in.id),
        id=reached.id,
        name=reached.name,
        resource_type=reached.resource_type,
        account_id=account_of(reached.id, reached.account_id),
        region=reached.region,
        answer=answer,
        severity=severity_of("trusts", facts, answer.verdict),
        own={
            "from": start.id,
            "to": reached.id,
            "mechanism": mechanism,
            "hops": hops_json(way),
            "outside": outside,
            "vendor": vendor,
            "ends_in": told.ends_in.id,
            "admin_of": list(told.admin_of),
            "level": told.level or None,
            "actions": list(told.actions),
        },
        accounts=distinct([start_account, account_of(reached.id, reached.account_id), home]),
        regions=distinct([start.region, reached.region]),
    )


def who_is(label: str, outside: str) -> str:
    """The severity rules' word for a start, from its source label and what it is."""
    if label == "FederatedProvider" and outside == "unknown":
        return "federated"
    return _WHO_SOURCE.get(label) or _WHO_ACCOUNT.get(outside, "outside")


def _last_role(way: Sequence[Hop]) -> End:
    return way[-1].start


def _guarded(answer: Answer) -> str:
    if any(text.startswith("secret:sts:ExternalId") for text in answer.conditions):
        return "external-id"
    return "yes" if answer.conditions else ""
