"""The table of types for ``docs/snapshot.md``: ``python -m collector.reference`` prints it."""

from __future__ import annotations

import sys

from collector.declare import FollowUp, ResourceType
from collector.services import TYPES


def table() -> str:
    """A Markdown table of every declared type."""
    rows = [
        "| type | file of | item of | id | calls | redacted |",
        "|---|---|---|---|---|---|",
    ]
    rows += [
        "| "
        + " | ".join(
            (
                f"`{declared.id}`",
                str(declared.scope),
                _listed(declared),
                f"`{declared.arn}`" if declared.arn else "account",
                ", ".join(_names(declared.follow_ups)) or "",
                ", ".join(f"`{path}`" for path in declared.redact),
            )
        )
        + " |"
        for declared in TYPES.values()
    ]
    return "\n".join(rows) + "\n"


def _listed(declared: ResourceType) -> str:
    if declared.discovered_by:
        return f"found by `{declared.discovered_by}`"
    names = dict.fromkeys(
        f"`{declared.client}.{call.operation}` ({call.result})" for call in declared.lists
    )
    each = f", for each `{declared.listed_for}`" if declared.listed_for else ""
    return (", ".join(names) or "-") + each


def _names(follow_ups: tuple[FollowUp, ...]) -> list[str]:
    found = []
    for call in follow_ups:
        key = f"({', '.join(f'{name}=...' for name in call.key)})" if call.key else ""
        value = f": list of {call.result}" if call.result else ""
        found.append(f"`{call.operation}{key}`{value}")
        if call.fallback:
            found.append(f"or `{call.fallback.operation}`")
        found += _names(call.then)
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    sys.stdout.write(table())
