"""Decoys: what is closed to everybody by one lock, or by few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from graph.evidence import Step
from graph.judgement import Judgement
from graph.records import Node
from graph.schema.derived import SOURCES
from graph.sharing.levels import strongest_level
from graph.verdict import Verdict
from queries.answers.parties import PUBLIC_SOURCES, Parties, is_broad
from queries.answers.public import Stakes, cidr_of, is_shown_source, severity_facts
from queries.answers.row import Row, distinct, row_key
from queries.library import SEVERITIES
from queries.severity import rule_of, severity_of

QUESTIONS = ("reach", "access")
"""Of which a ``no`` is told with its locks; IAM's layers have locks of their own."""


@dataclass(frozen=True, slots=True)
class Locks:
    """What holds a way shut.

    Attributes:
        steps: every failing step of the way that is nearest to open, in order.
        unknown: names of its steps that are not known.
        verdict: what the way would be without the locks.
    """

    steps: tuple[Step, ...]
    unknown: tuple[str, ...] = ()
    verdict: Verdict = Verdict.YES

    @property
    def only_one(self) -> bool:
        """Whether one lock is all that holds."""
        return len(self.steps) == 1

    @property
    def opens(self) -> tuple[str, ...]:
        """Ports that would be open if the only lock fell; empty where that is not known."""
        return self.steps[0].opens if self.only_one else ()


def locks_of(steps: Iterable[Step]) -> Locks:
    """The locks of a ``no``: of several ways, those of the way with the fewest.

    Ways to one thing stand one after the other in a proof, each beginning with the same control.
    """
    ways = [_of_way(way) for way in _ways(list(steps))]
    held = [way for way in ways if way.steps]
    return min(held, key=lambda one: len(one.steps), default=Locks(()))


def _ways(steps: list[Step]) -> Iterator[list[Step]]:
    begun: list[Step] = []
    for step in steps:
        if begun and step.name == begun[0].name:
            yield begun
            begun = []
        begun.append(step)
    if begun:
        yield begun


def _of_way(way: list[Step]) -> Locks:
    failing = {(s.name, s.subject): s for s in way if s.result == "fail"}
    unknown = tuple(dict.fromkeys(s.name for s in way if s.result == "unknown"))
    return Locks(tuple(failing.values()), unknown, min(map(_bound, way), key=lambda v: v.rank))


def _bound(step: Step) -> Verdict:
    """What a step that does not fail leaves of a verdict."""
    if step.result == "unknown":
        return Verdict.UNKNOWN
    if step.result == "conditional":
        return Verdict.DORMANT if step.code == "BAD_STATE" else Verdict.CONDITIONAL
    return Verdict.YES


def near_rows(
    judgements: Iterable[Judgement],
    nodes: Mapping[str, Node],
    open_keys: Iterable[str],
    parties: Parties,
    admin_behind: Mapping[str, Verdict],
    never: Callable[[Judgement], bool] = lambda _: False,
) -> list[Row]:
    """Rows with the verdict ``no``, each with the key that it would have if it were open.

    Only what something would open is told: a missing policy or an ACL that grants nobody anything
    has no lock that could fall. A function's URL without authentication stands open already; the
    policy that it lacks is its lock.

    Args:
        judgements: every question that was asked.
        nodes: by id.
        open_keys: keys of the rows of ``public``; what is open is no decoy.
        parties: for tags and trusted ranges.
        admin_behind: ids of machines and roles that reach admin, with the verdict of that.
        never: whether AWS itself keeps it shut for good (a NAT gateway).
    """
    opened = frozenset(open_keys)
    found: dict[str, Row] = {}
    for one in judgements:
        if one.question not in QUESTIONS or one.answer.verdict is not Verdict.NO:
            continue
        label = source_label(one.source)
        if not _is_shown(one.source, label) or not would_open(one) or never(one):
            continue
        key = row_key("public", one.target, one.source, one.mechanism, "")
        locks = locks_of(one.answer.steps)
        if key in opened or not locks.steps:
            continue
        row = _row(key, one, locks, label, nodes, parties, admin_behind)
        known = found.get(key)
        if known is None or len(row.own["locks"]) < len(known.own["locks"]):
            found[key] = row
    return sorted(found.values(), key=_order)


def _is_shown(source: str, label: str) -> bool:
    cidr = cidr_of(source, label)
    broad = bool(cidr) and is_broad(cidr)
    return label in PUBLIC_SOURCES and is_shown_source(source, label, broad)


def would_open(judgement: Judgement) -> bool:
    """Whether something stands open beside the locks: an address, a listener, a URL or a grant."""
    return judgement.question == "reach" or any(
        step.result == "pass" for step in judgement.answer.steps
    )


def _row(
    key: str,
    one: Judgement,
    locks: Locks,
    label: str,
    nodes: Mapping[str, Node],
    parties: Parties,
    admin_behind: Mapping[str, Verdict],
) -> Row:
    node = nodes.get(one.target)
    props = node.props if node else {}
    kind = _text(props.get("resource_type"))
    tags = props.get("tags")
    stakes = Stakes(
        label,
        cidr_of(one.source, label),
        kind,
        strongest_level(one.actions) if one.actions else "",
        locks.opens,
        (),
        admin_behind.get(one.target, Verdict.NO),
        parties.is_sensitive(map(str, tags) if isinstance(tags, list) else ()),
    )
    facts = severity_facts(stakes)
    doors = [door for door in one.via if door != one.target and not _is_own(door)]
    account, region = _text(props.get("account_id")), _text(props.get("region"))
    return Row(
        key=key,
        id=one.target,
        name=_text(props.get("name")),
        resource_type=kind,
        account_id=account,
        region=region,
        answer=one.answer,
        severity="info",
        own={
            "source": one.source,
            "source_type": label,
            "broad": label == "ExternalCidr",
            "mechanism": one.mechanism,
            "family": one.family or None,
            "ports": [],
            "other_ports": [],
            "actions": [],
            "level": None,
            "via": doors,
            "ways": [doors] if doors else [],
            "names": names_on(nodes.get(doors[0]) if doors else node),
            "reaches_admin": str(stakes.admin),
            "severity_why": "closed",
            "locks": [lock_json(step) for step in locks.steps],
            "only_one": locks.only_one,
            "not_known": list(locks.unknown),
            "if_open": {
                "verdict": str(locks.verdict),
                "severity": severity_of("public", facts, locks.verdict),
                "severity_why": rule_of("public", facts).reason,
                "ports": list(locks.opens),
                "actions": list(one.actions),
                "level": stakes.level or None,
            },
        },
        accounts=distinct([account]),
        regions=distinct([region]),
    )


def names_on(node: Node | None) -> list[str]:
    """The host names under which a node answers."""
    names = node.props.get("dns_names") if node else None
    return list(names) if isinstance(names, list) else []


def lock_json(step: Step) -> dict[str, str | None]:
    """A failing step as JSON: which control, of what, AWS's code for it."""
    return {
        "name": step.name,
        "subject": step.subject,
        "text": step.text,
        "code": step.code or None,
        "place": str(step.refs[0]) if step.refs else None,
    }


def _is_own(door: str) -> bool:
    """Whether what is passed is the interface of the thing itself, not a door before it."""
    return ":network-interface/" in door


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


@cache
def source_label(source: str) -> str:
    """The label of a source by the form of its id; empty for what is no source of access."""
    for one in SOURCES:
        fixed, placeholder, _ = one.id_form.partition("<")
        if source == fixed or (placeholder and fixed and source.startswith(fixed)):
            return one.label
    return "FederatedProvider" if ":oidc-provider/" in source else ""


def _order(row: Row) -> tuple[int, int, str, str]:
    severity = SEVERITIES.index(row.own["if_open"]["severity"])
    return (len(row.own["locks"]), severity, row.account_id or "", row.id)
