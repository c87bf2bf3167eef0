"""Finding what a SUBJECT is, and the judgements that prove it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from graph.judgement import Judgement
from graph.verdict import Verdict
from mapper.errors import WrongUsageError
from mapper.explaining_gains import gains_of
from mapper.explaining_links import (
    account_rows,
    facts_of,
    judgements_of,
    links_of,
    title_of,
)
from mapper.explaining_names import CANDIDATES, KEY_LENGTH, Names, is_key, profiled_role
from mapper.explanation import Explanation, about, along, in_order, roles
from mapper.output.names import short_ids
from mapper.quoting import statements_of
from mapper.whole_ways import (
    WholeWay,
    network_judgements,
    reach_of_key,
    way_from_outside,
    way_of,
)
from queries.answers.near import QUESTIONS, lock_json, locks_of, would_open
from queries.answers.row import row_key

if TYPE_CHECKING:
    from graph.derive import Derivation
    from graph.evidence import Step
    from graph.records import Node
    from mapper.session import Session
    from queries.answers.row import Row

__all__ = ["Explanation", "explain", "judgement_json", "profiled_role"]
_INTERNET, _ON_PREM = "internet", "on-prem"


def explain(session: Session, derivation: Derivation, subject: Sequence[str]) -> Explanation:
    """Find the proof of a subject, with the statements that it cites.

    Args:
        session: for the rows, and for what the user accepts.
        derivation: of the session's snapshot.
        subject: one text (a row's key or its beginning, or a node) or two (FROM, TO).

    Raises:
        WrongUsageError: the subject is ambiguous or unknown.
    """
    found = _explain(session, derivation, subject)
    row, until = found.row, ""
    if row is not None:
        row, until = _as_accepted(session, row)
    return replace(
        found, row=row, accepted_until=until, statements=statements_of(session, found.judgements)
    )


def _as_accepted(session: Session, row: Row) -> tuple[Row, str]:
    """The row with the reason why ``mapper.toml`` accepts it today, and until when it does."""
    for key, reason in session.accepted.items():
        if row.key.startswith(key):
            days = [one.until for one in session.config.accepted if one.key == key and one.until]
            return replace(row, accepted=reason), f" until {max(days)}" if days else ""
    return row, ""


def _explain(session: Session, derivation: Derivation, subject: Sequence[str]) -> Explanation:
    names = Names(derivation.nodes, session.parties)
    judged = derivation.judgements
    if len(subject) == 2:
        start, end = (_resolved(names, text) for text in subject)
        return _between(session, derivation, start, end)
    (text,) = subject
    rows = _rows_of(session, text)
    if len(rows) == 1:
        return _of_row(derivation, rows[0])
    if not rows and is_key(text) and (found := _of_accounts(session, derivation, text)):
        return found
    if not rows and (closed := _closed(judged, text)):
        title = f"{text[:KEY_LENGTH]}: {short_ids(closed[0].answer.why) or closed[0].target}"
        return Explanation(title, None, closed, about=about(derivation, closed[0].target))
    if rows and not names.find(text):
        listed = "\n".join(f"  {row.key} {row.id}" for row in rows[:CANDIDATES])
        raise WrongUsageError(f"{text!r} begins {len(rows)} keys; give more of it:\n{listed}")
    if is_key(text) and not names.find(text):
        if attack := _attack(session, derivation, text):
            return attack
        if reached := reach_of_key(session, text):
            title = f"{text[:KEY_LENGTH]}: {short_ids(reached[0])}"
            return Explanation(title, None, reached[1])
        raise WrongUsageError(
            f"No row of public, trusts or admins has a key that begins with {text!r}, nor has one "
            "of reach, of blast, or of paths from the internet to admin or data, that can be told "
            "by its key. What reach, or paths between two things, says is proved by mapper explain "
            "FROM TO. The key of what has closed meanwhile, or by --what-if, finds nothing: give "
            "the snapshot in which it was open, without --what-if."
        )
    node = names.resolve(text)
    on_it = [j for j in judged if j.is_of(node) or j.is_about(node) or node in j.via]
    title, *called = about(derivation, node)
    ordered = tuple(sorted(on_it, key=in_order))
    return Explanation(title, None, ordered, roles(derivation, node), tuple(called))


def _resolved(names: Names, text: str) -> str:
    """An end of a way; the internet and networks on premises need be no nodes."""
    outside = text == _INTERNET or text.partition(":")[0] == _ON_PREM
    return text if outside else names.resolve(text)


def _closed(judged: Iterable[Judgement], text: str) -> tuple[Judgement, ...]:
    """What was judged ``no`` under the key that its row would have (``public --near``)."""
    if not is_key(text):
        return ()
    return tuple(
        one
        for one in judged
        if one.answer.verdict is Verdict.NO
        and one.question in QUESTIONS
        and row_key("public", one.target, one.source, one.mechanism, "").startswith(text)
    )


def _rows_of(session: Session, text: str) -> list[Row]:
    if not is_key(text):
        return []
    rows = (*session.public_rows, *session.trust_rows, *session.admin_rows, *session.compute_rows)
    return [row for row in rows if row.key.startswith(text)]


def _attack(session: Session, derivation: Derivation, text: str) -> Explanation | None:
    """The row of ``paths``, of ``paths --choke`` or of ``blast`` with a key."""
    from mapper.explaining_attacks import attack_rows, of_attack_row

    rows = {row.key: row for row in attack_rows(session, text)}
    return of_attack_row(session, derivation, *rows.values()) if len(rows) == 1 else None


def _between(session: Session, derivation: Derivation, start: str, end: str) -> Explanation:
    """What was judged from one to the other, directly or by the hops of a row between them."""
    from graph.derivation.pairs import pair_judgements
    from graph.iam.from_snapshot import from_snapshot

    listed = derivation.judgements
    if start != _INTERNET and (network := network_judgements(session, start, end)):
        return Explanation(f"{start} to {end}", None, network)
    types = {node.id: str(node.props.get("resource_type") or "") for node in derivation.nodes}
    direct = [j for j in listed if j.is_of(start) and j.is_about(end)]
    if all(j.members or j.targets for j in direct):
        # What stands in sets, or was never worth a judgement, is weighed for this very pair.
        direct = pair_judgements(from_snapshot(session.snapshot), start, end, types)
    through = [
        j for j in listed if j.source == start and j.target != end and _leads(listed, j.target, end)
    ]
    onward = {j.target for j in through}
    last = [j for j in listed if j.target == end and j.source in onward]
    way = [start, end]
    if not direct and not through:
        rows = (*session.trust_rows, *session.admin_rows, *session.compute_rows)
        for row in rows:
            whole = way_of(row)
            if whole[0] == start and end in whole:
                steps = whole[: whole.index(end) + 1]
                pairs = set(pairwise(steps))
                direct.extend(j for j in listed if (j.source, j.target) in pairs)
                way = list(dict.fromkeys((*way[:-1], *steps[:-1], end)))
    found = {id(j): j for j in (*direct, *through, *last)}.values()
    if not found and (whole_way := way_from_outside(session, derivation, start, end)):
        return _of_whole_way(derivation, whole_way)
    if _is_refused(found, end):
        from mapper.explaining_attacks import between

        if attack := between(session, derivation, start, end):
            return replace(attack, judgements=(*attack.judgements, *along(way, found)))
    return Explanation(f"{start} to {end}", None, along(way, found))


def _is_refused(found: Collection[Judgement], end: str) -> bool:
    """Whether a way of several steps may lead where no single one does.

    Who is no admin by its own rights may become it. Of anything else a refusal is the answer.
    """
    refused = all(one.answer.verdict is Verdict.NO for one in found)
    return not found or (refused and end.startswith("account:"))


def _leads(judged: Iterable[Judgement], start: str, end: str) -> bool:
    return any(j.question == "target" and (j.source, j.target) == (start, end) for j in judged)


def _of_whole_way(derivation: Derivation, whole: WholeWay) -> Explanation:
    judged = [j for row in whole.rows for j in _judged_of_row(derivation, row, whole.nodes)]
    inside = set(pairwise(whole.nodes[whole.nodes.index(whole.rows[0].id) :]))
    judged.extend(j for j in derivation.judgements if (j.source, j.target) in inside)
    found = {id(j): j for j in judged}.values()
    title = f"{whole.nodes[0]} to {whole.nodes[-1]}"
    facts = tuple(t for node in whole.nodes for t in roles(derivation, node, set(whole.nodes)))
    return Explanation(title, None, along(whole.nodes, found), facts)


def _of_row(derivation: Derivation, row: Row) -> Explanation:
    way = way_of(row)
    found = _judged_of_row(derivation, row, way)
    carried = (text for node in way for text in roles(derivation, node, set(way)))
    facts = (*carried, *gains_of(row))
    title = f"{row.key[:KEY_LENGTH]}: {row.answer.why or row.id}"
    called = row.own.get("names") or ()
    head = about(derivation, row.id, called)
    return Explanation(title, row, along(way, found), facts, head)


def _of_accounts(session: Session, derivation: Derivation, text: str) -> Explanation | None:
    """The row of ``trusts --accounts`` with a key."""
    listed = account_rows(session)
    rows = [row for row in listed if row.key.startswith(text)]
    if len(rows) != 1:
        return None
    links = links_of(session, derivation, rows[0])
    judged = judgements_of(derivation, links)
    return Explanation(title_of(rows[0]), rows[0], judged, facts_of(listed, rows[0], links))


def _judged_of_row(derivation: Derivation, row: Row, within: Sequence[str]) -> list[Judgement]:
    """The judgements of a row's way, as far as it leads between the given nodes."""
    way = [node for node in way_of(row) if node in within]
    pairs = set(pairwise(way))
    if "hops" in row.own and row.id in within:
        pairs |= {(row.id, account) for account in row.own.get("admin_of", ())}
    found = [
        j
        for j in derivation.judgements
        if (j.source, j.target) in pairs or _same_source(j, row, way)
    ]
    # A judgement through front doors holds their steps already.
    passed = {door for j in found if j.target == row.id for door in j.via}
    return [j for j in found if j.target not in passed]


def _same_source(judgement: Judgement, row: Row, way: Sequence[str]) -> bool:
    """Reaching a row's resource or front door from its source, by the row's mechanism."""
    source, mechanism = row.own.get("source"), row.own.get("mechanism")
    if source is None or judgement.target not in way:
        return False
    if judgement.question == "target":
        return judgement.source in way
    return judgement.source == source and judgement.mechanism == mechanism


def judgement_json(judgement: Judgement, node: Node | None, severity: str) -> dict[str, Any]:
    """A judgement with its structured steps.

    Args:
        judgement: what was judged.
        node: the target's node, None if it has none.
        severity: of the row that it proves, ``info`` without one.
    """
    answer = judgement.answer
    props = node.props if node else {}
    source, target, mechanism = judgement.source, judgement.target, judgement.mechanism
    return {
        "key": row_key("explain", target, source, mechanism, judgement.question),
        "id": target,
        "name": props.get("name"),
        "resource_type": props.get("resource_type"),
        "account_id": props.get("account_id"),
        "region": props.get("region"),
        "severity": severity,
        "question": judgement.question,
        "source": judgement.source,
        "target": judgement.target,
        "mechanism": judgement.mechanism,
        "verdict": str(answer.verdict),
        "why": answer.why,
        "conditions": list(answer.conditions),
        "guards": list(answer.guards),
        "assumes": list(answer.assumes),
        "evidence": list(answer.evidence),
        "family": judgement.family or None,
        "ports": list(judgement.ports),
        "other_ports": list(judgement.other_ports),
        "actions": list(judgement.actions),
        "via": list(judgement.via),
        "locks": [lock_json(step) for step in _locks(judgement)],
        "steps": [
            {
                "name": step.name,
                "subject": step.subject,
                "result": step.result,
                "text": step.text,
                "code": step.code or None,
                "opens": list(step.opens),
                "refs": [
                    {"file": ref.file, "id": ref.id, "pointer": ref.pointer} for ref in step.refs
                ],
            }
            for step in answer.steps
        ],
    }


def _locks(judgement: Judgement) -> tuple[Step, ...]:
    """What holds a ``no``; nothing of any other verdict."""
    if judgement.answer.verdict is not Verdict.NO or judgement.question not in QUESTIONS:
        return ()
    return locks_of(judgement.answer.steps).steps if would_open(judgement) else ()
