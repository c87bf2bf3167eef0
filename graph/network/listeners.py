"""What a load balancer's listener lets through to which target group.

Rules: "Listener rules for your Application Load Balancer" (rules are tried by priority, the
default one last; the conditions of a rule must all hold, one value of each is enough).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.network import prefixes
from graph.network.client_headers import is_client_header
from graph.network.facts import Listener, ListenerRule, RuleCondition, TargetGroup
from graph.network.pieces import CLIENT, Piece, Pieces, unknown
from graph.network.prefixes import PUBLIC, Family
from graph.network.spans import NOTHING, Spans
from graph.verdict import Verdict, condition

_ASKS = {
    "authenticate-oidc": "oidc",
    "authenticate-cognito": "cognito",
    "jwt-validation": "jwt",
}
_ENDS = ("redirect", "fixed-response")


@dataclass(frozen=True, slots=True)
class Forward:
    """A way through a listener to a target group.

    Attributes:
        target_group: its id; empty for a classic load balancer.
        sources: clients' addresses that the rule lets take it; public ones unless asked otherwise.
        conditions: what the load balancer asks for first.
        rule: id of the listener rule.
        notes: what the client has to send, which is the client's choice.
        unread: the call that would tell whether there is such a way; empty for one that was seen.
    """

    target_group: str
    sources: Spans
    conditions: frozenset[str] = frozenset()
    rule: str = ""
    notes: tuple[str, ...] = ()
    unread: str = ""

    @property
    def piece(self) -> Piece:
        """The sources as a partition's piece."""
        if self.unread:
            return unknown(self.sources, [self.unread])[0]
        verdict = Verdict.CONDITIONAL if self.conditions else Verdict.YES
        return Piece(self.sources, verdict, self.conditions)


def forwards(listener: Listener, family: Family, clients: Spans | None = None) -> list[Forward]:
    """Every way through a listener, shadowed rules left out.

    Args:
        listener: with its rules.
        family: of the clients.
        clients: their addresses; ``None``: every public one.
    """
    everyone = PUBLIC[family] if clients is None else clients
    gate = frozenset({condition("authn", "mtls")}) if listener.mutual_tls else frozenset()
    if listener.rules_missing:
        # A rule that was not read may come first.
        gate |= {condition("not_collected", listener.rules_missing)}
    rest = everyone
    found: list[Forward] = []
    for rule in sorted(listener.rules, key=lambda one: one.priority):
        match = _match(rule, family, everyone)
        sources = match.sources & rest
        if not sources:
            continue
        asked, groups = _actions(rule)
        found += [
            Forward(group, sources, gate | asked | match.secrets, rule.id, match.notes)
            for group in groups
        ]
        if match.decided_by_address:
            rest = rest - sources
        if not rest:
            break
    return found


def forwards_inside(listener: Listener, family: Family, clients: Spans) -> list[Forward]:
    """The same for clients of private addresses, told as if they were one.

    What a rule lets some of them take is a condition; ``sources`` are everybody.
    """
    return [
        replace(
            way,
            sources=PUBLIC[family],
            conditions=way.conditions | (set() if way.sources.covers(clients) else {CLIENT}),
        )
        for way in forwards(listener, family, clients)
    ]


def unread_forwards(
    listener: Listener, groups: Iterable[TargetGroup], family: Family
) -> list[Forward]:
    """Ways that a listener may have by rules that were not read.

    Args:
        listener: with what was read of it.
        groups: those attached to its load balancer.
        family: of the clients.
    """
    if not listener.rules_missing:
        return []
    seen = {group for rule in listener.rules for group in _actions(rule)[1]}
    return [
        Forward(group.id, PUBLIC[family], unread=listener.rules_missing)
        for group in groups
        if group.id not in seen
    ]


def listener_pieces(listener: Listener, family: Family) -> Pieces:
    """Who can use a listener at all.

    Where some rule forwards, those whom a rule lets through; a listener that only redirects or
    answers by itself is reached by everyone.
    """
    through = forwards(replace(listener, rules_missing=""), family)
    if through and not listener.rules_missing:
        return tuple(dict.fromkeys(way.piece for way in through))
    if listener.mutual_tls:
        terms = frozenset({condition("authn", "mtls")})
        return (Piece(PUBLIC[family], Verdict.CONDITIONAL, terms),)
    return (Piece(PUBLIC[family]),)


@dataclass(frozen=True, slots=True)
class _Match:
    sources: Spans
    secrets: frozenset[str]
    notes: tuple[str, ...]
    decided_by_address: bool


def _match(rule: ListenerRule, family: Family, everyone: Spans) -> _Match:
    sources = everyone
    secrets: set[str] = set()
    notes: list[str] = []
    by_address = True
    for one in rule.conditions:
        if one.field == "source-ip":
            sources = sources & _addresses(one, family, everyone)
        elif _anything(one):
            continue
        else:
            by_address = False
            if _asks_for_a_secret(one):
                secrets.add(condition("secret", f"http-header/{one.name}"))
            else:
                notes.append(f"{one.name or one.field} is one of {', '.join(one.values[:5])}")
    return _Match(sources, frozenset(secrets), tuple(notes), by_address)


def _asks_for_a_secret(one: RuleCondition) -> bool:
    """Whether only who knows a header's value can send it: not where any value does.

    Values may hold wildcards (``*``, ``?``) or be regular expressions ("Condition types for
    listener rules").
    """
    if one.field != "http-header" or is_client_header(one.name):
        return False
    return all(value.strip("*?.+^$") for value in one.values)


def _addresses(one: RuleCondition, family: Family, everyone: Spans) -> Spans:
    found = NOTHING
    for value in one.values:
        try:
            kind, spans = prefixes.parse(value)
        except ValueError:
            # Cannot be read: it may be anyone.
            return everyone
        if kind is family:
            found = found | spans
    return found


def _anything(one: RuleCondition) -> bool:
    """Whether a condition holds for every request."""
    if one.field not in ("path-pattern", "host-header"):
        return False
    return any(value in ("*", "/*") for value in one.values)


def _actions(rule: ListenerRule) -> tuple[frozenset[str], tuple[str, ...]]:
    """What is asked for before forwarding, and to which target groups."""
    asked: set[str] = set()
    for action in rule.actions:
        if action.kind == "forward":
            return frozenset(asked), action.target_groups
        if action.kind in _ENDS:
            return frozenset(asked), ()
        # With "allow", a client that did not sign in is forwarded all the same.
        if action.on_unauthenticated != "allow":
            asked.add(condition("authn", _ASKS.get(action.kind, action.kind)))
    return frozenset(asked), ()
