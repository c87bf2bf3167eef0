"""Finding what a SUBJECT is, and the judgements that prove it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from mapper.naming import nearest
from mapper.output.names import kind_words, short_ids, short_name
from mapper.quoting import statements_of
from mapper.whole_ways import (
    WholeWay,
    network_judgements,
    reach_of_key,
    way_from_outside,
    way_of,
)
from queries.answers.near import QUESTIONS, lock_json, locks_of, names_on, would_open
from queries.answers.row import row_key

if TYPE_CHECKING:
    from graph.derive import Derivation
    from graph.evidence import Ref, Step
    from graph.records import Node
    from mapper.session import Session
    from queries.answers.parties import Parties
    from queries.answers.row import Row

_GROUPS = frozenset(
    {"NetworkTarget", "NetworkGroup", "NetworkRange", "PrincipalSet", "ResourceSet"}
)
"""Nodes of our own making: found by id, never by name."""
_INTERNET, _ON_PREM = "internet", "on-prem"
_CANDIDATES = 12
_KEY_LENGTH = 8
_CALLED = 3


@dataclass(frozen=True, slots=True)
class Explanation:
    """A subject and its proof.

    Attributes:
        title: what was asked.
        row: the row, where the subject is one.
        judgements: the questions that were judged on it, ``no`` included.
        facts: sentences of configuration steps that are not judged (a machine's role).
        about: what the subject is, and by which host names it is called; one line each.
        statements: by their place, the statements of policies that its steps cite, as JSON.
        accepted_until: of a row that is accepted until a day, ``" until 2027-01-31"``.
    """

    title: str
    row: Row | None
    judgements: tuple[Judgement, ...]
    facts: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    statements: Mapping[Ref, str] = field(default_factory=dict)
    accepted_until: str = ""


class Names:
    """Nodes by id, ARN, name, host name, short id and account name."""

    def __init__(self, nodes: Iterable[Node], parties: Parties) -> None:
        self._nodes: dict[str, str] = {}
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for node in nodes:
            name = node.props.get("name")
            self._nodes[node.id] = str(node.props.get("resource_type") or "")
            if _GROUPS & set(node.labels):
                continue
            short = short_name(node.id)
            words = (name, short, short.rpartition("/")[2], node.id.rpartition(":")[2])
            for word in (*words, *names_on(node)):
                if isinstance(word, str) and word:
                    self._by_name[word].add(node.id)
            if node.id.startswith("account:"):
                account = node.id.removeprefix("account:")
                if named := parties.name(account):
                    self._by_name[named].add(node.id)

    def resolve(self, text: str) -> str:
        """The one node that a text means.

        Raises:
            WrongUsageError: several (the message lists them) or none (it has the nearest names).
        """
        found = self.find(text)
        if len(found) == 1:
            return found[0]
        if found:
            listed = "\n".join(f"  {node} ({self._nodes[node]})" for node in found[:_CANDIDATES])
            more = f"\n  and {len(found) - _CANDIDATES} more" if len(found) > _CANDIDATES else ""
            raise WrongUsageError(
                f"{text!r} means {len(found)} things; name one by its id:\n{listed}{more}"
            )
        near = nearest(text, self._by_name, 5, 0.65)
        hint = f" The nearest names: {', '.join(near)}." if near else ""
        raise WrongUsageError(f"There is nothing called {text!r} in this snapshot.{hint}")

    def find(self, text: str) -> list[str]:
        """Every node that a text may mean, sorted; the exact id alone if it is one.

        A role goes before the instance profile of the same name, which the console makes with it.
        """
        if text in self._nodes:
            return [text]
        if f"account:{text}" in self._nodes:
            return [f"account:{text}"]
        found = self._by_name.get(text, set())
        return sorted(node for node in found if profiled_role(node) not in found)


def profiled_role(node_id: str) -> str | None:
    """The ARN of the role that has an instance profile's own name; None for anything else."""
    if ":instance-profile/" not in node_id:
        return None
    return node_id.replace(":instance-profile/", ":role/", 1)


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
    if not rows and _is_key(text) and (found := _of_accounts(session, derivation, text)):
        return found
    if not rows and (closed := _closed(judged, text)):
        title = f"{text[:_KEY_LENGTH]}: {short_ids(closed[0].answer.why) or closed[0].target}"
        return Explanation(title, None, closed, about=_about(derivation, closed[0].target))
    if rows and not names.find(text):
        listed = "\n".join(f"  {row.key} {row.id}" for row in rows[:_CANDIDATES])
        raise WrongUsageError(f"{text!r} begins {len(rows)} keys; give more of it:\n{listed}")
    if _is_key(text) and not names.find(text):
        if reached := reach_of_key(session, text):
            title = f"{text[:_KEY_LENGTH]}: {short_ids(reached[0])}"
            return Explanation(title, None, reached[1])
        raise WrongUsageError(
            f"No row of public, trusts or admins has a key that begins with {text!r}, nor has one "
            "of reach, or of paths from the internet to admin, that can be told by its key. What "
            "reach says is proved by mapper explain "
            "FROM TO. The key of what has closed meanwhile, or by --what-if, finds nothing: give "
            "the snapshot in which it was open, without --what-if."
        )
    node = names.resolve(text)
    about = [j for j in judged if j.is_of(node) or j.is_about(node) or node in j.via]
    title, *called = _about(derivation, node)
    ordered = tuple(sorted(about, key=_order))
    return Explanation(title, None, ordered, _roles(derivation, node), tuple(called))


def _resolved(names: Names, text: str) -> str:
    """An end of a way; the internet and networks on premises need be no nodes."""
    outside = text == _INTERNET or text.partition(":")[0] == _ON_PREM
    return text if outside else names.resolve(text)


def _closed(judged: Iterable[Judgement], text: str) -> tuple[Judgement, ...]:
    """What was judged ``no`` under the key that its row would have (``public --near``)."""
    if not _is_key(text):
        return ()
    return tuple(
        one
        for one in judged
        if one.answer.verdict is Verdict.NO
        and one.question in QUESTIONS
        and row_key("public", one.target, one.source, one.mechanism, "").startswith(text)
    )


def _is_key(text: str) -> bool:
    return len(text) >= _KEY_LENGTH and all(c in "0123456789abcdef" for c in text)


def _rows_of(session: Session, text: str) -> list[Row]:
    if not _is_key(text):
        return []
    rows = (*session.public_rows, *session.trust_rows, *session.admin_rows, *session.compute_rows)
    found = [row for row in rows if row.key.startswith(text)]
    return found or [row for row in session.path_rows if row.key.startswith(text)]


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
    return Explanation(f"{start} to {end}", None, _along(way, found))


def _leads(judged: Iterable[Judgement], start: str, end: str) -> bool:
    return any(j.question == "target" and (j.source, j.target) == (start, end) for j in judged)


def _of_whole_way(derivation: Derivation, whole: WholeWay) -> Explanation:
    judged = [j for row in whole.rows for j in _judged_of_row(derivation, row, whole.nodes)]
    inside = set(pairwise(whole.nodes[whole.nodes.index(whole.rows[0].id) :]))
    judged.extend(j for j in derivation.judgements if (j.source, j.target) in inside)
    found = {id(j): j for j in judged}.values()
    title = f"{whole.nodes[0]} to {whole.nodes[-1]}"
    facts = tuple(t for node in whole.nodes for t in _roles(derivation, node, set(whole.nodes)))
    return Explanation(title, None, _along(whole.nodes, found), facts)


def _of_row(derivation: Derivation, row: Row) -> Explanation:
    way = way_of(row)
    found = _judged_of_row(derivation, row, way)
    roles = (text for node in way for text in _roles(derivation, node, set(way)))
    facts = (*roles, *gains_of(row))
    title = f"{row.key[:_KEY_LENGTH]}: {row.answer.why or row.id}"
    called = row.own.get("names") or ()
    about = _about(derivation, row.id, called)
    return Explanation(title, row, _along(way, found), facts, about)


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


def _about(derivation: Derivation, node_id: str, called: Sequence[str] = ()) -> tuple[str, ...]:
    """A node's name and id, then host names: its own, if no others are given."""
    node = next((one for one in derivation.nodes if one.id == node_id), None)
    if node is None:
        return (node_id,)
    name = node.props.get("name")
    kind = kind_words(str(node.props.get("resource_type") or ""))
    bare = not isinstance(name, str) or name in (node_id, short_name(node_id))
    bare = bare or not kind or str(node.props["resource_type"]).startswith("Mapper::")
    called = called or names_on(node)
    more = f" and {len(called) - _CALLED} more" if len(called) > _CALLED else ""
    hosts = (f"called {', '.join(called[:_CALLED])}{more}",) if called else ()
    return (node_id if bare else f"{name} ({kind}): {node_id}", *hosts)


def _same_source(judgement: Judgement, row: Row, way: Sequence[str]) -> bool:
    """Reaching a row's resource or front door from its source, by the row's mechanism."""
    source, mechanism = row.own.get("source"), row.own.get("mechanism")
    if source is None or judgement.target not in way:
        return False
    if judgement.question == "target":
        return judgement.source in way
    return judgement.source == source and judgement.mechanism == mechanism


def _roles(derivation: Derivation, node: str, among: set[str] | None = None) -> tuple[str, ...]:
    return tuple(
        f"{short_name(r.start)} carries the role {short_name(r.end).removeprefix('role/')}."
        for r in derivation.relationships
        if r.type == "HAS_ROLE" and r.start == node and (among is None or r.end in among)
    )


def _along(way: Sequence[str], found: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """Judgements in the order in which an attack walks them; beside the way come last."""
    station = {node: n for n, node in enumerate(way)}
    return tuple(sorted(found, key=lambda j: (station.get(j.target, len(way)), _order(j))))


def _order(judgement: Judgement) -> tuple[int, str, str, str, str]:
    return (
        -judgement.answer.verdict.rank,
        judgement.question,
        judgement.source,
        judgement.target,
        judgement.mechanism,
    )


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
