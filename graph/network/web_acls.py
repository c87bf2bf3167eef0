"""Web ACLs of WAF that let nothing through but fixed address ranges or a secret header.

What a web ACL asks for ``web_acls_rules`` tells. Any other web ACL is a guard: what matches none
of its rules is let through, or what it lets through cannot be told.

https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-default-action.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from graph.evidence import Ref, Step
from graph.network import prefixes
from graph.network.pieces import CLIENT, Piece, Pieces, meet, weaker
from graph.network.prefixes import EVERYTHING, PUBLIC, Family
from graph.network.spans import Spans, union
from graph.verdict import Verdict, condition

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Opening:
    """What one rule lets through: these ranges (``None``: everybody), under ``term`` if any."""

    cidrs: tuple[str, ...] | None
    term: str = ""

    @property
    def shown(self) -> str:
        """For a sentence."""
        if self.cidrs is None:
            return self.term
        more = f" and {len(self.cidrs) - _SHOWN} more" if len(self.cidrs) > _SHOWN else ""
        asked = f" with {self.term}" if self.term else ""
        return ", ".join(self.cidrs[:_SHOWN]) + more + asked


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A web ACL that blocks everything but its openings (none: everything).

    Attributes:
        subject: its ARN.
        openings: what its rules let through; one is enough.
        refs: where it stands.
    """

    subject: str
    openings: tuple[Opening, ...]
    refs: tuple[Ref, ...] = ()

    def pieces(self, family: Family) -> Pieces:
        """Who gets through."""
        return tuple(piece for one in self.openings for piece in _pieces(one, family))

    @property
    def cidrs(self) -> tuple[str, ...]:
        """The ranges that it lets through, if it lets nothing else through."""
        if any(one.cidrs is None for one in self.openings):
            return ()
        return tuple(dict.fromkeys(cidr for one in self.openings for cidr in one.cidrs or ()))

    @property
    def terms(self) -> tuple[str, ...]:
        """What a caller of whose address nothing is known must have, the first way."""
        best = next((one for one in self.openings if one.cidrs is None), None)
        if best is not None:
            return (best.term,)
        term = next((one.term for one in self.openings if one.term), "")
        ranges = condition("source", ",".join(self.cidrs[:_SHOWN]))
        return (ranges, term) if term else (ranges,)

    def knowing(self, headers: Collection[str]) -> Narrowing:
        """The same for who sends these headers (in lower case) with each request."""
        known = {condition("secret", f"http-header/{one}") for one in headers}
        openings = tuple(
            replace(one, term="") if one.term.lower() in known else one for one in self.openings
        )
        return replace(self, openings=openings)

    def lets_private(self, family: Family) -> bool:
        """Whether a range of it holds addresses that are not public."""
        return any(
            piece.sources - PUBLIC[family]
            for one in self.openings
            if one.cidrs is not None
            for piece in only(one.cidrs, family)
        )

    def step(self, family: Family) -> Step:
        """What a reader is told of it."""
        name = "web ACL"
        if not self.pieces(family):
            kind = "IPv4" if family is Family.IPV4 else "IPv6"
            text = f"The web ACL blocks everything over {kind}."
            return Step(name, self.subject, "fail", text, self.refs)
        if any(one.cidrs is None and not one.term for one in self.openings):
            text = "The web ACL lets through who sends the header that it asks for."
            return Step(name, self.subject, "pass", text, self.refs)
        named = " or ".join(sorted(one.shown for one in self.openings if one.shown))
        text = f"The web ACL blocks everything but {named}."
        sure = any(one.cidrs and not one.term for one in self.openings)
        return Step(name, self.subject, "pass" if sure else "conditional", text, self.refs)


def _pieces(one: Opening, family: Family) -> Pieces:
    pieces: Pieces = (Piece(EVERYTHING[family]),) if one.cidrs is None else only(one.cidrs, family)
    if not one.term:
        return pieces
    return meet(pieces, (Piece(EVERYTHING[family], Verdict.CONDITIONAL, frozenset({one.term})),))


def through(pieces: Pieces, acls: Iterable[Narrowing], family: Family) -> Pieces:
    """What of these sources gets through every web ACL."""
    for one in acls:
        pieces = meet(pieces, one.pieces(family))
    return pieces


def through_inside(
    pieces: Pieces, acls: Iterable[Narrowing], family: Family, clients: Spans
) -> Pieces:
    """The same where the sources stand for clients of private addresses."""
    for one in acls:
        met = meet((Piece(clients),), one.pieces(family))
        told = tuple(
            Piece(
                EVERYTHING[family],
                piece.verdict if whole else weaker(piece.verdict, Verdict.CONDITIONAL),
                piece.conditions | (set() if whole else {CLIENT}),
            )
            for piece in met
            for whole in (piece.sources.covers(clients),)
        )
        pieces = meet(pieces, told)
    return pieces


def seen_from(told: str, acls: Iterable[Narrowing], family: Family) -> Pieces:
    """Clients that get through web ACLs which see other addresses than the clients' own.

    Args:
        told: whose addresses they see, e.g. "addresses of CloudFront".
        acls: what each of them asks for.
        family: of the clients.
    """
    pieces: Pieces = (Piece(EVERYTHING[family]),)
    for one in acls:
        openings = [opening for opening in one.openings if opening.cidrs != ()]
        pieces = meet(pieces, tuple(_seen(told, opening, family) for opening in openings))
    return pieces


def _seen(told: str, opening: Opening, family: Family) -> Piece:
    terms = frozenset({opening.term} if opening.term else ())
    everybody = EVERYTHING[family]
    sure = (piece.sources for piece in only(opening.cidrs or (), family) if not piece.conditions)
    if opening.cidrs is None or union(sure).covers(PUBLIC[family]):
        return Piece(everybody, Verdict.CONDITIONAL if terms else Verdict.YES, terms)
    return Piece(everybody, Verdict.UNKNOWN, terms | {f"not_collected:{told}"})


def seen_step(told: str, acl: Narrowing, family: Family) -> Step:
    """The same of one web ACL, for the reader."""
    pieces, name = seen_from(told, (acl,), family), "web ACL"
    if not pieces:
        text = "The web ACL blocks everything."
        return Step(name, acl.subject, "fail", text, acl.refs)
    best = max(pieces, key=lambda piece: piece.verdict.rank)
    if best.verdict is Verdict.UNKNOWN:
        return Step(name, acl.subject, "unknown", f"Not collected: {told}.", acl.refs)
    if best.verdict is Verdict.CONDITIONAL:
        text = f"The web ACL asks for {', '.join(sorted(best.conditions))}."
        return Step(name, acl.subject, "conditional", text, acl.refs)
    return Step(name, acl.subject, "pass", "The web ACL lets such requests through.", acl.refs)


def either(found: Sequence[Narrowing]) -> Narrowing:
    """Several doors to one thing, each behind its web ACL: who gets through one gets in."""
    openings = dict.fromkeys(opening for one in found for opening in one.openings)
    refs = tuple(dict.fromkeys(ref for one in found for ref in one.refs))
    return Narrowing(found[0].subject, tuple(openings), refs)


def only(cidrs: Iterable[str], family: Family) -> Pieces:
    """Pieces of the ranges; one that cannot be read may be any address."""
    known: list[str] = []
    doubtful = False
    for cidr in cidrs:
        try:
            kind, _ = prefixes.parse(cidr)
        except ValueError:
            doubtful = True
        else:
            known += [cidr] if kind is family else []
    spans = prefixes.of(known, family)
    pieces = [Piece(spans)] if spans else []
    rest = EVERYTHING[family] - spans
    if doubtful and rest:
        gap = frozenset({"not_collected:address range"})
        pieces.append(Piece(rest, Verdict.UNKNOWN, gap))
    return tuple(pieces)


__all__ = [
    "Narrowing",
    "Opening",
    "either",
    "only",
    "seen_from",
    "seen_step",
    "through",
    "through_inside",
]
