"""One row of an answer, and its key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.verdict import Answer, Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """What every answer's row has; ``own`` holds the command's own fields.

    Attributes:
        key: :func:`row_key`, the same for the same finding in every snapshot.
        id: the thing reached; for admins the principal, with ``--compute`` the machine.
        name, resource_type, account_id, region: of that thing; None where it has none.
        answer: verdict, why, conditions, guards, assumes, evidence.
        severity: critical, high, medium, low or info.
        own: e.g. ``source``, ``mechanism``, ``ports`` for public; JSON values.
        accounts: every account that an end of the row lies in, for ``--account``.
        regions: likewise for ``--region``.
        accepted: why the finding is accepted (``mapper.toml``), None if it is not.
    """

    key: str
    id: str
    name: str | None
    resource_type: str | None
    account_id: str | None
    region: str | None
    answer: Answer
    severity: str = "info"
    own: Mapping[str, Any] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    accepted: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The answer's verdict."""
        return self.answer.verdict

    def as_json(self) -> dict[str, Any]:
        """The row as ``docs/json.md`` describes it."""
        return {
            "key": self.key,
            "id": self.id,
            "name": self.name,
            "resource_type": self.resource_type,
            "account_id": self.account_id,
            "region": self.region,
            "verdict": str(self.verdict),
            "severity": self.severity,
            "why": self.answer.why,
            "conditions": list(self.answer.conditions),
            "guards": list(self.answer.guards),
            "assumes": list(self.answer.assumes),
            "evidence": list(self.answer.evidence),
            "accepted": self.accepted,
            **self.own,
        }


def row_key(command: str, resource: str, source: str, mechanism: str, target: str) -> str:
    """Hash of what makes a finding the same finding: 20 hexadecimal digits.

    Nothing that may change while the finding stays (names, ports, verdict) goes in.
    """
    text = json.dumps([command, resource, source, mechanism, target], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    """The values that are there, each once, sorted."""
    return tuple(sorted({value for value in values if value}))


def step_answer(
    verdict: str | None,
    why: str | None,
    conditions: Iterable[str] | None,
    guards: Iterable[str] | None,
    assumes: Iterable[str] | None,
    evidence: Iterable[str] | None,
) -> Answer:
    """A relationship's verdict as an :class:`Answer`.

    A relationship without a verdict is a configuration fact and counts as ``yes``.
    """
    strength = Verdict(verdict) if verdict else Verdict.YES
    return Answer(
        verdict=strength,
        why=why or "",
        conditions=() if strength is Verdict.YES else tuple(conditions or ()),
        guards=tuple(guards or ()),
        assumes=tuple(assumes or ()),
        evidence=tuple(evidence or ()),
    )
