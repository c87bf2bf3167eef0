"""Write ``docs/severity.md``: the rules of severity as they decide.

``python -m queries.severity_document``
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import queries.severity as severity
from queries.severity import Rule, rules

_COMMANDS = {
    "public": "what the internet, or any AWS account, reaches",
    "trusts": "trust and sharing across accounts",
    "admins": "who reaches admin",
    "paths": "attack paths",
    "blast": "what follows from control of a thing",
}
_FACTS = {
    "who": "from whom",
    "what": "what",
    "level": "level",
    "ports": "ports",
    "authn": "AWS authenticates in front",
    "behind": "behind it",
    "guarded": "guarded by",
    "default": "a role that AWS makes for the management account",
    "flow": "data that leaves for",
    "reach": "way to admin",
    "internet": "the internet reaches the machine",
    "lateral": "by way of a machine's network",
    "class": "class",
}
_HEAD = """# Severity

Generated from `queries/data/severity.json` by `make docs`; a test compares.

A row's severity is a rule, not a guess: the first rule of its command that fits decides. Then the
verdict lowers it, never below `info`: `conditional` by one step, `dormant` and `unknown` by two.
So an authentication that AWS enforces in front (`authn:...`, a condition) weighs one step; a WAF,
Shield or a geo restriction is a guard and weighs nothing. A range that `mapper.toml` trusts is
`info`, an accepted row keeps its severity and does not count.

**Who.** `anyone`: the internet, self-registered users, shared identity providers, any customer of
an AWS service, and ranges wider than /8 (IPv6: /32). `any-aws`: every AWS account. `range`: a
narrower public range.

**Behind it.** `admin`: the thing reached, or the role that it carries, becomes admin of an account.
`sensitive`: it bears a tag that `mapper.toml` calls sensitive (`[sensitive] tags`).

**Ports.** A front door's ports that lead to something with a row of its own weigh there, not at the
door; a port behind which nothing is known to be reached stays the door's.
"""


def page() -> str:
    """The whole page, as Markdown."""
    data = json.loads(severity.DATA.read_text(encoding="utf-8"))
    return "\n".join([_HEAD, *_rules(), *_ports(data["ports"]), *_things(data["things"])]) + "\n"


def _rules() -> Iterator[str]:
    for command, title in _COMMANDS.items():
        yield f"## `{command}`: {title}\n"
        yield "| | Severity | Where | Because |"
        yield "|---|---|---|---|"
        own = [rule for rule in rules() if rule.command == command]
        for number, rule in enumerate(own, start=1):
            yield f"| {number} | {rule.severity} | {_where(rule)} | {rule.reason} |"
        yield ""


def _where(rule: Rule) -> str:
    parts = [
        f"{_FACTS[fact]}: {' or '.join(value or 'none' for value in values)}"
        for fact, values in rule.when.items()
    ]
    return "; ".join(parts) or "anything else"


def _ports(ports: Mapping[str, Any]) -> Iterator[str]:
    yield "## Ports\n"
    yield f"{ports['about']} Read {ports['read']}. `ping` is ICMP alone.\n"
    yield "| Port | Usually | Class | Source |"
    yield "|---|---|---|---|"
    for row in ports["rows"]:
        yield f"| {row['port']} | {row['service']} | {row['class']} | <{row['source']}> |"
    yield ""


def _things(things: Mapping[str, list[str]]) -> Iterator[str]:
    yield "## What the types are to an attacker\n"
    yield "Every other type is `other`.\n"
    yield "| What | CloudFormation types |"
    yield "|---|---|"
    for thing, kinds in things.items():
        yield f"| {thing} | {', '.join(kind.removeprefix('AWS::') for kind in kinds)} |"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/severity.md").write_text(
        page(), encoding="utf-8"
    )
