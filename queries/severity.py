"""Severity of a row, by the ordered rules of ``data/severity.json``.

A rule names facts that must hold; the first that fits decides. The verdict then lowers it: a
conditional row by one step, a dormant or unknown one by two, never below ``info``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graph.verdict import Verdict
from queries.library import SEVERITIES
from queries.ports import interval

_WITH_PORTS = ("tcp", "udp", "all")
DATA = Path(__file__).parent / "data" / "severity.json"
_LOWERED = {
    Verdict.YES: 0,
    Verdict.CONDITIONAL: 1,
    Verdict.DORMANT: 2,
    Verdict.UNKNOWN: 2,
    Verdict.NO: len(SEVERITIES),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: for this command, where every fact has one of its values, this severity."""

    command: str
    when: Mapping[str, tuple[str, ...]]
    severity: str
    reason: str

    def fits(self, command: str, facts: Mapping[str, str]) -> bool:
        """Whether the rule decides for these facts."""
        return self.command == command and all(
            facts.get(fact, "") in values for fact, values in self.when.items()
        )


def severity_of(command: str, facts: Mapping[str, str], verdict: Verdict) -> str:
    """The severity of a row of ``command`` with these facts.

    Args:
        command: ``public``, ``trusts`` or ``admins``.
        facts: e.g. ``{"what": "database", "who": "anyone", "behind": "admin"}``; the values that
            a rule may ask for stand in the data file under ``facts``.
        verdict: of the row.

    Returns:
        One of ``critical, high, medium, low, info``.
    """
    step = SEVERITIES.index(rule_of(command, facts).severity) + _LOWERED[verdict]
    return SEVERITIES[min(step, len(SEVERITIES) - 1)]


def rule_of(command: str, facts: Mapping[str, str]) -> Rule:
    """The rule that decides: the first of the command that fits."""
    return next(rule for rule in rules() if rule.fits(command, facts))


def thing_of(resource_type: str | None) -> str:
    """What a CloudFormation type is to an attacker, e.g. ``database``; ``other`` if not listed."""
    return _things().get(resource_type or "", "other")


def port_class(ports: tuple[str, ...]) -> str:
    """What the ports say of what usually listens there; the gravest of them decides.

    Args:
        ports: ``tcp/443``, ``tcp/8000-8100``, ``icmp``, ``all``.

    Returns:
        ``unauthenticated`` where one is that of a service that by default asks for no login;
        ``admin`` where one is of administration, of a file service or of a database; ``ping`` for
        nothing but ICMP; else ``other``, and empty for none. A range is as grave as the gravest
        port in it, so that who opens more is never graded milder.
    """
    if not ports:
        return ""
    reached = [interval(port) for port in ports]
    numbered = [(low, high) for protocol, low, high in reached if protocol in _WITH_PORTS]
    if not numbered and all(protocol.startswith("icmp") for protocol, _, _ in reached):
        return "ping"
    met = {
        kind
        for low, high in numbered
        for number, kind in _classes().items()
        if low <= number <= high
    }
    return next((kind for kind in ("unauthenticated", "admin") if kind in met), "other")


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in order. The last of each command has no facts, so one always fits.

    Raises:
        ValueError: the data file names a severity or a fact that does not exist.
    """
    data = json.loads(DATA.read_text(encoding="utf-8"))
    known: Mapping[str, list[str]] = data["facts"]
    made: list[Rule] = []
    for row in data["rules"]:
        when = {fact: tuple(values) for fact, values in row["when"].items()}
        for fact, values in when.items():
            if not set(values) <= set(known.get(fact, ())):
                raise ValueError(f"severity.json: {fact} has no value {values}")
        if row["severity"] not in SEVERITIES:
            raise ValueError(f"severity.json: {row['severity']!r} is not a severity")
        made.append(Rule(row["command"], when, row["severity"], row["reason"]))
    return tuple(made)


@cache
def _things() -> dict[str, str]:
    data = json.loads(DATA.read_text(encoding="utf-8"))
    return {kind: thing for thing, kinds in data["things"].items() for kind in kinds}


@cache
def _classes() -> Mapping[int, str]:
    data = json.loads(DATA.read_text(encoding="utf-8"))
    return {row["port"]: row["class"] for row in data["ports"]["rows"]}
