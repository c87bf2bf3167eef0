"""Rows of ``mapper public``: what the internet, or any AWS account, reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graph.verdict import Answer, Verdict, all_of, any_of, merged
from queries.answers.parties import (
    Parties,
    is_broad,
    is_fixed_subject,
    shared_provider,
    source_class,
)
from queries.answers.row import Row, distinct, row_key, step_answer
from queries.ports import common, covers
from queries.runner import records
from queries.severity import port_class, rule_of, severity_of, thing_of

if TYPE_CHECKING:
    import pandas

QUERIES = ("public-network", "public-access")
_WHO = {
    "Internet": "anyone",
    "SelfSignUp": "anyone",
    "FederatedProvider": "anyone",
    "AnyCustomerOf": "anyone",
    "AnyAWSPrincipal": "any-aws",
    "AnyAWSAccount": "any-aws",
    "AnyAccountVia": "any-aws",
}
_LEVELS = ("read", "write", "admin")


@dataclass(frozen=True, slots=True)
class _Branch:
    """One way to the resource: from one source by one mechanism."""

    row: Mapping[str, Any]
    mechanism: str
    answer: Answer
    ports: tuple[str, ...]
    other_ports: tuple[str, ...]
    actions: tuple[str, ...]
    level: str
    via: tuple[str, ...]
    names: tuple[str, ...]
    met: tuple[str, ...] = ()

    @property
    def door_ports(self) -> tuple[str, ...]:
        """Ports at which the source meets the first door, where the thing's own are others."""
        return () if self.met == self.ports else self.met


def public_rows(
    network: pandas.DataFrame,
    access: pandas.DataFrame,
    parties: Parties,
    admin_behind: Mapping[str, Verdict] | None = None,
) -> list[Row]:
    """Rows of ``public``, one per resource, source and mechanism, all sources and verdicts.

    Args:
        network: the frame of ``public-network``.
        access: the frame of ``public-access``.
        parties: for the ranges that the user trusts.
        admin_behind: ids of machines and roles that reach admin, with the verdict of that.
    """
    branches: dict[tuple[str, str, str], list[_Branch]] = defaultdict(list)
    for branch in [*_network(records(network)), *_access(records(access))]:
        row = branch.row
        branches[row["id"], row["source"], branch.mechanism].append(branch)
    behind = admin_behind or {}
    passed = _passed_on(branch for group in branches.values() for branch in group)
    return [_row(group, parties, behind, passed) for _, group in sorted(branches.items())]


_Passed = Mapping[tuple[str, str, str | None], tuple[str, ...]]
"""By first door, source and family: the door's ports behind which something has its own row."""


def _passed_on(branches: Iterable[_Branch]) -> _Passed:
    """Where it is not known whether the thing behind is reached, the port stays the door's own."""
    found: dict[tuple[str, str, str | None], tuple[str, ...]] = defaultdict(tuple)
    for branch in branches:
        if branch.via and branch.answer.verdict is not Verdict.UNKNOWN:
            place = branch.via[0], branch.row["source"], branch.row.get("family")
            found[place] = merged(found[place], branch.met)
    return dict(found)


def _own_ports(row: Mapping[str, Any], ports: Iterable[str], passed: _Passed) -> tuple[str, ...]:
    """The ports that a row's severity hangs on: not those that a front door only passes on."""
    elsewhere = passed.get((row["id"], row["source"], row.get("family")), ())
    is_door = thing_of(row["resource_type"]) == "front-door"
    return tuple(port for port in ports if not (is_door and covers(elsewhere, port)))


def shown_by_default(row: Row) -> bool:
    """Whether ``public`` shows the row unasked: no narrow range, no provider of one's own.

    Of a shared provider only what any of its customers gets, not what one repository or
    application gets.
    """
    if row.own["source_type"] == "FederatedProvider" and is_fixed_subject(row.answer.guards):
        return False
    return is_shown_source(row.own["source"], row.own["source_type"], row.own["broad"])


def is_shown_source(source: str, source_type: str, broad: bool) -> bool:
    """Whether ``public`` shows what this source reaches unasked.

    Args:
        source: node id.
        source_type: its label, e.g. ``ExternalCidr``.
        broad: whether it is a range so wide that it counts as the internet.
    """
    if source_type == "FederatedProvider":
        return shared_provider(source) is not None
    return source_type != "ExternalCidr" or broad


def strongest_public(rows: Iterable[Row]) -> dict[str, Verdict]:
    """For each id reached over the network from a source shown by default: its best verdict."""
    best: dict[str, Verdict] = {}
    for row in rows:
        if row.own["family"] and shown_by_default(row):
            known = best.get(row.id, Verdict.NO)
            best[row.id] = max(known, row.verdict, key=lambda verdict: verdict.rank)
    return best


def _network(rows: Iterable[Mapping[str, Any]]) -> Iterable[_Branch]:
    for row in rows:
        middle = zip(row["node_ids"][1:-1], row["node_labels"][1:-1], strict=True)
        ports, other_ports = _ports_there(row)
        yield _Branch(
            row=row,
            mechanism=row["mechanism"] or "network",
            answer=_led_by_the_last_door(row, _all_steps(row)),
            ports=ports,
            other_ports=other_ports,
            actions=(),
            level="",
            via=tuple(node for node, labels in middle if "NetworkTarget" not in labels),
            names=_door_names(row),
            met=_ports_of_the_door(row),
        )


def _door_names(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Host names of what a caller meets first: the front door, or the thing itself."""
    passed = zip(row["node_labels"][1:], row["node_dns_names"][1:], strict=True)
    return next((tuple(names) for labels, names in passed if "NetworkTarget" not in labels), ())


def _ports_there(row: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ports, and weaker ports, of what is reached: behind a front door its own, not the door's."""
    steps = zip(row["step_ports"][1:], row["step_other_ports"][1:], strict=True)
    behind = [(tuple(ports), tuple(others)) for ports, others in steps if ports or others]
    if behind:
        return behind[-1]
    return tuple(row["ports"] or ()), tuple(row["other_ports"] or ())


def _ports_of_the_door(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Ports of the first door that lead to what is reached, weaker ones too; none without a door.

    A door with several listeners may not pass each of them on to what is reached; where a step
    tells which it passes on, the others are left out.
    """
    if len(row["node_ids"]) == 2:
        return ()
    weaker = (str(entry).rpartition("=")[0] for entry in row["other_ports"] or ())
    met = merged(row["ports"] or (), weaker)
    for leading in row["step_door_ports"][1:]:
        met = common(met, leading) or met
    return met


def _led_by_the_last_door(row: Mapping[str, Any], answer: Answer) -> Answer:
    """The sentence of the step that names the thing's own ports, where none is weaker."""
    steps = zip(row["verdicts"], row["whys"], row["step_ports"], strict=True)
    for verdict, why, ports in reversed(list(steps)):
        if ports and why and verdict == answer.verdict:
            return answer.because(why)
    return answer


def _access(rows: Iterable[Mapping[str, Any]]) -> Iterable[_Branch]:
    for row in rows:
        yield _Branch(
            row=row,
            mechanism=row["mechanism"] or row["relationship"],
            answer=_all_steps(row),
            ports=(),
            other_ports=(),
            actions=tuple(row["actions"] or ()),
            level=row["level"] or ("admin" if row["relationship"] == "CAN_ASSUME" else ""),
            via=(),
            names=tuple(row["dns_names"]),
        )


def _all_steps(row: Mapping[str, Any]) -> Answer:
    """The steps of one way; the reason of the first step leads where none is weaker."""
    parts = zip(
        row["verdicts"],
        row["whys"],
        row["conditions"],
        row["guards"],
        row["assumes"],
        row["evidence"],
        strict=True,
    )
    return all_of(step_answer(*part) for part in parts)


def _row(
    group: Sequence[_Branch],
    parties: Parties,
    behind: Mapping[str, Verdict],
    passed: _Passed,
) -> Row:
    best = any_of(branch.answer for branch in group)
    ordered = sorted(group, key=lambda branch: -branch.answer.verdict.rank)
    ways = list(dict.fromkeys(branch.via for branch in ordered if branch.via))
    first = group[0].row
    label = source_class(first["source_labels"])
    ports, other_ports = _ports(group, best.verdict)
    actions = tuple(sorted({action for branch in group for action in branch.actions}))
    level = max((b.level for b in group), key=lambda text: _rank(text))
    admin = behind.get(first["id"], Verdict.NO)
    cidr = cidr_of(first["source"], label)
    facts = severity_facts(
        Stakes(
            label,
            cidr,
            first["resource_type"],
            level,
            _own_ports(first, ports, passed),
            best.conditions,
            admin,
            parties.is_sensitive(first["tags"] or ()),
        )
    )
    severity = severity_of("public", facts, best.verdict)
    if cidr and parties.is_trusted_cidr(cidr):
        severity = "info"
    return Row(
        key=row_key("public", first["id"], first["source"], group[0].mechanism, ""),
        id=first["id"],
        name=first["name"],
        resource_type=first["resource_type"],
        account_id=first["account_id"],
        region=first["region"],
        answer=replace(best, why=_why(best, group)),
        severity=severity,
        own={
            "source": first["source"],
            "source_type": label,
            "broad": bool(cidr) and is_broad(cidr),
            "mechanism": group[0].mechanism,
            "family": first.get("family") or None,
            "ports": list(ports),
            "other_ports": list(other_ports),
            "actions": list(actions),
            "level": level or None,
            "via": list(merged(*ways)),
            "ways": [list(way) for way in ways],
            "way_ports": [list(merged(*(b.met for b in group if b.via == way))) for way in ways],
            "door_ports": list(merged(*(branch.door_ports for branch in ordered))),
            "names": list(merged(*(branch.names for branch in ordered))),
            "reaches_admin": str(admin),
            "severity_why": rule_of("public", facts).reason,
        },
        accounts=distinct([first["account_id"]]),
        regions=distinct([first["region"]]),
    )


@dataclass(frozen=True, slots=True)
class Stakes:
    """What the severity of a row of ``public`` hangs on.

    Attributes:
        source_type: the source's label, e.g. ``Internet``.
        cidr: the range, where the source is one; else empty.
        resource_type: CloudFormation's name of what is reached.
        level: ``read``, ``write``, ``admin`` or empty.
        ports: those of the strongest verdict; not those that a front door passes on to what has a
            row of its own.
        conditions: of the row.
        admin: the verdict of what is reached becoming admin of an account.
        sensitive: whether it bears a tag that the user calls sensitive.
    """

    source_type: str
    cidr: str
    resource_type: str | None
    level: str = ""
    ports: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    admin: Verdict = Verdict.NO
    sensitive: bool = False


def severity_facts(stakes: Stakes) -> dict[str, str]:
    """The facts that the rules of severity ask for."""
    narrow = bool(stakes.cidr) and not is_broad(stakes.cidr)
    behind = "sensitive" if stakes.sensitive else ""
    if stakes.admin in (Verdict.YES, Verdict.CONDITIONAL):
        behind = "admin"
    return {
        "who": "range" if narrow else _WHO.get(stakes.source_type, "anyone"),
        "what": thing_of(stakes.resource_type),
        "level": stakes.level,
        "ports": port_class(stakes.ports),
        "authn": "yes" if any(c.startswith("authn:") for c in stakes.conditions) else "",
        "behind": behind,
    }


def cidr_of(source: str, source_type: str) -> str:
    """The range that a source is; empty for any other source."""
    return source.removeprefix("cidr:") if source_type == "ExternalCidr" else ""


def _why(best: Answer, group: Sequence[_Branch]) -> str:
    return best.why or next((b.answer.why for b in group if b.answer.why), "")


def _rank(level: str) -> int:
    return _LEVELS.index(level) if level in _LEVELS else -1


def _ports(group: Sequence[_Branch], best: Verdict) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ports of the strongest ways, and the others with their verdict."""
    strong = merged(*(b.ports for b in group if b.answer.verdict is best))
    weaker: list[str] = []
    for branch in group:
        verdict = branch.answer.verdict
        if verdict is not best:
            weaker.extend(f"{port}={verdict}" for port in branch.ports if port not in strong)
        for entry in branch.other_ports:
            port, _, own = entry.rpartition("=")
            weakest = min(Verdict(own), verdict, key=lambda v: v.rank)
            if port not in strong:
                weaker.append(f"{port}={weakest}")
    return strong, tuple(dict.fromkeys(weaker))
