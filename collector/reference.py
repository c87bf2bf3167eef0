"""The table of types, ``docs/collected-types.md``: ``python -m collector.reference`` prints it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from collector.declare import Depth, FollowUp, ResourceType
from collector.services import TYPES

_HEAD = (
    "# What is collected\n\n"
    "Made by `python -m collector.reference`. A type is a file of the snapshot, "
    "`accounts/<account>/<place>/<service>/<type>.jsonl` ([snapshot.md](snapshot.md)).\n\n"
    "**Where**: `regional` in every enabled region, `global` once per account (of the region in "
    "brackets, where the service answers in one only), `home-region` once and of the home region, "
    "`organisation` once and of the account whose credentials see it, `organisation-regional` in "
    "each region of that account. **Depth**: `core` is identities, networks and common services; "
    "`full` (the default of `collect`) adds the rarer front doors and what an assessment reads "
    "beside them (answers name what a `core` snapshot was not asked for); "
    "`by name` is collected only where `--services` names the type. **Hidden** values are replaced "
    "by their length, a keyed hash and the kinds of secrets in them; of *scanned* ones only the "
    "secret parts are.\n\n"
)


def table() -> str:
    """A Markdown table of every declared type."""
    rows = [
        "| type | where | depth | item of | id | calls | hidden |",
        "|---|---|---|---|---|---|---|",
    ]
    rows += [
        "| "
        + " | ".join(
            (
                f"`{declared.id}`",
                str(declared.scope) + (f" ({declared.asked_in})" if declared.asked_in else ""),
                "by name" if declared.opt_in else str(declared.depth),
                _listed(declared),
                f"`{declared.arn}`".replace("|", "\\|") if declared.arn else "account",
                ", ".join(_names(declared.follow_ups)) or "",
                ", ".join(_hidden(declared)),
            )
        )
        + " |"
        for declared in TYPES.values()
    ]
    return "\n".join(rows) + "\n"


def document() -> str:
    """The whole page."""
    counts = [sum(t.depth is depth for t in TYPES.values()) for depth in Depth]
    said = f"{len(TYPES)} types: {counts[0]} core, {counts[1]} full.\n\n"
    named = [f"- `{t.id}`: {t.opt_in}" for t in TYPES.values() if t.opt_in]
    by_name = "\nCollected only by name:\n\n" + "\n".join(named) + "\n" if named else ""
    return _HEAD + said + table() + by_name


def _hidden(declared: ResourceType) -> list[str]:
    scanned = [f"`{path}` (scanned)" for path in declared.scan]
    plain = {
        names.path: f" (scanned where `{names.beside}` is {_either(names.is_one_of)})"
        for names in declared.names_only
    }
    return [*(f"`{path}`{plain.get(path, '')}" for path in declared.redact), *scanned]


def _either(values: Sequence[str]) -> str:
    return " or ".join(f"`{value}`" for value in values)


def _listed(declared: ResourceType) -> str:
    if declared.discovered_by:
        return f"found by `{declared.discovered_by}`"
    names = dict.fromkeys(
        f"`{declared.client}.{call.operation}` ({call.result})" for call in declared.lists
    )
    if declared.each_of:
        return "each " + ", ".join(f"`{one}`" for one in declared.each_of)
    each = f", for each `{declared.listed_for}`" if declared.listed_for else ""
    return (", ".join(names) or "-") + each


def _names(follow_ups: tuple[FollowUp, ...]) -> list[str]:
    found = []
    for call in follow_ups:
        key = f"({', '.join(f'{name}=...' for name in call.key)})" if call.key else ""
        value = f": list of {call.result}" if call.result else ""
        together = f" ({call.batch.size} at once)" if call.batch else ""
        found.append(f"`{call.operation}{key}`{value}{together}")
        if call.fallback:
            found.append(f"or `{call.fallback.operation}`")
        found += _names(call.then)
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    sys.stdout.write(document())
