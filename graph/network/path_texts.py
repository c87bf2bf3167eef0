"""How steps N6 to N8 tell sources, and where their entries and rules stand."""

from __future__ import annotations

from graph.evidence import Ref
from graph.network.facts import Acl
from graph.network.filters import GroupRules
from graph.network.pieces import Pieces
from graph.network.prefixes import PUBLIC, Family, breadth, cidrs
from graph.network.spans import Pair, Spans


def described(sources: Spans, family: Family, most: int = 20) -> str:
    """Sources in words."""
    known = breadth(sources, family)
    if known == "any":
        missing = cidrs(PUBLIC[family] - sources, family)
        if not missing:
            return "anywhere"
        return f"anywhere except {', '.join(missing[:most])}" + (
            f" and {len(missing) - most} more ranges" if len(missing) > most else ""
        )
    shown = cidrs(sources & PUBLIC[family], family)
    more = f" and {len(shown) - most} more ranges" if len(shown) > most else ""
    return f"{', '.join(shown[:most])}{more}"


def entry_refs(acl: Acl, through: list[Pair], *, egress: bool) -> tuple[Ref, ...]:
    """Where the entries stand that decide over some ports."""
    opened = Spans.of(through)
    return tuple(
        ref
        for entry in acl.entries
        if entry.egress is egress and entry.ports is not None and (egress or opened & entry.ports)
        for ref in entry.refs
    )[:20]


def rule_refs(rules: GroupRules, admitted: list[tuple[Pair, Pieces]]) -> tuple[Ref, ...]:
    """Where the rules stand that admit some ports."""
    opened = Spans.of(atom for atom, _ in admitted)
    return tuple(
        ref
        for rule in rules.rules
        if not rule.group and rule.ports is not None and opened & rule.ports
        for ref in rule.refs
    )[:20]
