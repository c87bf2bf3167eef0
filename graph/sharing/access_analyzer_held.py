"""What we hold, and what Access Analyzer reports, of one resource: each asked by party."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from graph.judgement import Judgement
from graph.sharing.access_analyzer import Analyzer, Finding, Place, shown
from graph.sharing.access_analyzer_parties import Kind, Parties, Party, is_wide
from graph.verdict import Verdict

_ALWAYS = {
    Kind.ACCOUNT: (Kind.PUBLIC, Kind.RANGE, Kind.NETWORK, Kind.CANONICAL, Kind.OTHER),
    Kind.FEDERATED: (Kind.PUBLIC, Kind.FEDERATED, Kind.OTHER),
    Kind.CANONICAL: (Kind.PUBLIC, Kind.ACCOUNT, Kind.OTHER),
}
"""Kinds of our sources that may stand for a finding's principal of a kind, whoever it is."""
_REPORTED_AS = {
    Kind.ACCOUNT: (Kind.PUBLIC, Kind.CANONICAL, Kind.OTHER),
    Kind.ORGANIZATION: (Kind.PUBLIC, Kind.ACCOUNT, Kind.OTHER),
    Kind.FEDERATED: (Kind.PUBLIC, Kind.FEDERATED, Kind.OTHER),
    Kind.RANGE: (Kind.PUBLIC, Kind.ACCOUNT, Kind.OTHER),
}
"""Kinds of a finding's principals that may stand for our source of a kind, whoever it is."""
_WHYS = 3
_ORGANIZATIONS = 20


@dataclass
class Held:
    """Our judgements of one resource, the strongest of each party; asked when all are taken."""

    place: Place
    parties: Parties
    best: dict[Party, Judgement] = field(default_factory=dict)
    by_kind: dict[Kind, dict[Party, Judgement]] = field(default_factory=dict)
    strongest: dict[Kind, Judgement] = field(default_factory=dict)
    refused: dict[Party, list[str]] = field(default_factory=dict)
    _outside: dict[str, Judgement | None] = field(default_factory=dict)

    def add(self, made: Judgement) -> None:
        """Take a judgement; one of what Access Analyzer does not read counts only if it opens."""
        verdict = made.answer.verdict
        read = self.place.kind.reads(made.mechanism)
        party = self.parties.of_judgement(made)
        if verdict is Verdict.NO and read:
            self.refused.setdefault(party, []).append(made.answer.why)
        if verdict is Verdict.NO or (verdict is Verdict.UNKNOWN and not read):
            return
        self.best[party] = _stronger(self.best.get(party), made)
        self.by_kind.setdefault(party.kind, {})[party] = self.best[party]
        self.strongest[party.kind] = _stronger(self.strongest.get(party.kind), made)

    def lets_in(self, party: Party, analyzer: Analyzer) -> Judgement | None:
        """The strongest judgement that may stand for a finding's principal."""
        if party.kind is Kind.PUBLIC:
            return self._from_outside(analyzer)
        found = [self.best.get(party), *map(self.strongest.get, _ALWAYS.get(party.kind, ()))]
        if party.kind is Kind.ACCOUNT:
            found += self._organizations_of(party.value)
        return _strongest(one for one in found if one)

    def _from_outside(self, analyzer: Analyzer) -> Judgement | None:
        """The strongest of anybody outside the zone of trust; asked once for each analyzer."""
        if analyzer.arn not in self._outside:
            self._outside[analyzer.arn] = _strongest(
                made
                for party, made in self.best.items()
                if party.kind is not Kind.SERVICE
                and self.parties.trusts(analyzer, party) is not True
            )
        return self._outside[analyzer.arn]

    def _organizations_of(self, account: str) -> list[Judgement]:
        """What organisations that the account may be in are let do; of many that is not asked."""
        listed = self.by_kind.get(Kind.ORGANIZATION, {})
        if len(listed) > _ORGANIZATIONS:
            return [self.strongest[Kind.ORGANIZATION]]
        return [
            made
            for party, made in listed.items()
            if self.parties.belongs(account, party.value) is not False
        ]

    @cached_property
    def public(self) -> Judgement | None:
        """What everybody, or a range that counts as everybody, is let do."""
        ranges = self.by_kind.get(Kind.RANGE, {})
        found = [made for party, made in ranges.items() if is_wide(party)]
        everybody = self.strongest.get(Kind.PUBLIC)
        return _strongest([*([everybody] if everybody else []), *found])

    def why_not(self, parties: Iterable[Party], who: str) -> str:
        """Why none of some parties comes in."""
        own = [text for party in parties for text in self.refused.get(party, ())]
        if own:
            return " ".join(dict.fromkeys(own[:_WHYS]))
        if self.best:
            return f"What was read lets in {self._named}, but not {who}."
        texts = self.refused.get(Party(Kind.PUBLIC), [])[:_WHYS]
        return " ".join((f"Nothing that was read lets {who} in.", *dict.fromkeys(texts)))

    @cached_property
    def _named(self) -> str:
        return shown(made.source for made in self.best.values())

    def firm(self) -> Iterator[tuple[Party, Judgement]]:
        """What is open by what Access Analyzer reads, whatever was not collected."""
        for party, made in self.best.items():
            if self.place.kind.reads(made.mechanism) and _is_firm(made) and not self._unseen(made):
                yield party, made

    def _unseen(self, made: Judgement) -> bool:
        """Whether it comes from a place that Access Analyzer does not read."""
        text = self.place.kind.unseen
        places = (ref.pointer for step in made.answer.steps for ref in step.refs)
        return bool(text) and any(text in place for place in places)


def words(made: Judgement) -> str:
    """Our reason: who, why, under what and what was assumed."""
    named = made.source.rpartition(":")[2] in made.answer.why
    parts = [made.answer.why if named else f"{made.source}: {made.answer.why}"]
    if made.answer.conditions:
        parts.append(f"Under {', '.join(made.answer.conditions)}.")
    if made.answer.assumes:
        parts.append(f"Assumes {', '.join(made.answer.assumes)}.")
    return " ".join(parts)


def _is_firm(made: Judgement) -> bool:
    if made.answer.verdict not in (Verdict.YES, Verdict.CONDITIONAL):
        return False
    return not any(one.startswith("not_collected:") for one in made.answer.conditions)


def _stronger(one: Judgement | None, other: Judgement) -> Judgement:
    if one is None or other.answer.verdict.rank > one.answer.verdict.rank:
        return other
    return one


def _strongest(found: Iterable[Judgement]) -> Judgement | None:
    return max(found, key=lambda one: one.answer.verdict.rank, default=None)


@dataclass(slots=True)
class Reported:
    """The findings of one resource."""

    parties: set[Party] = field(default_factory=set)
    kinds: set[Kind] = field(default_factory=set)
    public: bool = False
    failed: bool = False
    first: Finding | None = None

    def add(self, finding: Finding, parties: Iterable[Party]) -> None:
        """Take a finding."""
        if finding.error:
            self.failed = True
            return
        named = set(parties) or {Party(Kind.OTHER)}
        self.parties |= named
        self.kinds |= {party.kind for party in named}
        self.public = self.public or finding.public
        self.first = self.first or finding

    def names(self, party: Party) -> bool:
        """Whether a finding may stand for our party."""
        if party.kind is Kind.PUBLIC:
            return self.first is not None
        return party in self.parties or not self.kinds.isdisjoint(_REPORTED_AS[party.kind])
