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
_DATA = Path(__file__).parent / "data" / "severity.json"
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
    base = next(rule.severity for rule in rules() if rule.fits(command, facts))
    step = SEVERITIES.index(base) + _LOWERED[verdict]
    return SEVERITIES[min(step, len(SEVERITIES) - 1)]


def thing_of(resource_type: str | None) -> str:
    """What a CloudFormation type is to an attacker, e.g. ``database``; ``other`` if not listed."""
    return _things().get(resource_type or "", "other")


def port_class(ports: tuple[str, ...]) -> str:
    """``admin`` if a port of administration or of a database is among them, else ``other``.

    Args:
        ports: ``tcp/443``, ``tcp/8000-8100``, ``icmp``, ``all``.
    """
    reached = [interval(port) for port in ports]
    numbered = [(low, high) for protocol, low, high in reached if protocol in _WITH_PORTS]
    sensitive = any(low <= number <= high for low, high in numbered for number in _sensitive())
    return "admin" if sensitive else "other"


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in order. The last of each command has no facts, so one always fits.

    Raises:
        ValueError: the data file names a severity or a fact that does not exist.
    """
    data = json.loads(_DATA.read_text(encoding="utf-8"))
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
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    return {kind: thing for thing, kinds in data["things"].items() for kind in kinds}


@cache
def _sensitive() -> frozenset[int]:
    data = json.loads(_DATA.read_text(encoding="utf-8"))
    return frozenset(row["port"] for row in data["sensitive_ports"])
