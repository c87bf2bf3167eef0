"""What data stands behind a role that is assumed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.verdict import Verdict
from queries.answers.parties import Parties

_LEVELS = ("read", "write", "admin")
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Data:
    """What a role may use of one account.

    Attributes:
        level: the strongest: ``read``, ``write`` or ``admin``.
        resources: how many.
        sensitive: whether one bears a tag that ``mapper.toml`` calls sensitive.
        verdict: of the strongest.
        examples: ids of resources or sets, those of sensitive ones first.
    """

    level: str
    resources: int
    sensitive: bool
    verdict: Verdict
    examples: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As rows carry it."""
        return {
            "level": self.level,
            "resources": self.resources,
            "sensitive": self.sensitive,
            "verdict": str(self.verdict),
            "examples": list(self.examples),
        }


@dataclass(slots=True)
class Behind:
    """The data behind roles; empty for a role that nothing is known of."""

    _of: dict[str, dict[str, list[Data]]] = field(default_factory=dict)

    def of(self, role: str, without: str | None) -> Data | None:
        """What a role may use outside one account, its chain's own; None for nothing."""
        found = [
            data
            for account, listed in self._of.get(role, {}).items()
            if account != without
            for data in listed
        ]
        if not found:
            return None
        possible = [one for one in found if one.verdict.rank >= Verdict.CONDITIONAL.rank] or found
        ordered = sorted(possible, key=lambda one: not one.sensitive)
        return Data(
            max((one.level for one in possible), key=_LEVELS.index),
            sum(one.resources for one in possible),
            any(one.sensitive for one in possible),
            max((one.verdict for one in possible), key=lambda verdict: verdict.rank),
            tuple(dict.fromkeys(text for one in ordered for text in one.examples))[:_EXAMPLES],
        )


def data_behind(rows: Iterable[Mapping[str, Any]], parties: Parties) -> Behind:
    """The rows of ``data-behind-trusts`` by role.

    Several grants of one resource to one role count it once.
    """
    listed = list(rows)
    marked = {
        row["from_id"]
        for row in listed
        if row["relationship"] == "TARGETS" and parties.is_sensitive(row["tags"])
    }
    once: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in listed:
        if row["relationship"] == "CAN_ACCESS":
            once[row["from_id"], row["to_id"]].append(row)
    found = Behind()
    for (role, thing), same in sorted(once.items()):
        strongest = max(same, key=_strength)
        data = Data(
            strongest["level"] or "read",
            int(strongest["size"] or 1),
            thing in marked or parties.is_sensitive(strongest["tags"]),
            Verdict(strongest["verdict"]),
            (thing,),
        )
        account = strongest["to_account"] or ""
        found._of.setdefault(role, {}).setdefault(account, []).append(data)
    return found


def _strength(row: Mapping[str, Any]) -> tuple[int, int]:
    return Verdict(row["verdict"]).rank, _LEVELS.index(row["level"] or "read")
