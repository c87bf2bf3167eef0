"""What we judge open and IAM Access Analyzer does not report, or does not call public.

Told only where an analyzer looks at the resource, has looked since it was made, and the party is
outside its zone of trust. AWS services and AWS's own accounts are not reported at all.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from graph.guards.known_accounts import known_accounts
from graph.iam.document import Document
from graph.iam.principal import entries
from graph.iam.resource_policy import resource_policy_access
from graph.judgement import Judgement
from graph.sharing.access_analyzer import Analyzer, Difference, Place
from graph.sharing.access_analyzer_held import Held, Reported, words
from graph.sharing.access_analyzer_parties import Kind, Parties, Party
from graph.verdict import Verdict

_REPORTED = (Kind.PUBLIC, Kind.ACCOUNT, Kind.ORGANIZATION, Kind.FEDERATED, Kind.RANGE)
_ACTIONS = 5


def silences(
    analyzers: Sequence[Analyzer],
    held: Mapping[str, Held],
    reported: Mapping[str, Reported],
    parties: Parties,
) -> Iterator[Difference]:
    """What is open by our judgements and missing among the findings, once for each resource."""
    looking = _Looking(analyzers, parties)
    for node in sorted(held):
        ours, theirs = held[node], reported.get(node, Reported())
        here = looking.at(ours.place)
        if here and not theirs.failed and not ours.place.kind.silent:
            yield from _missing(ours, theirs, here, parties)
            yield from _not_public(ours, theirs, here)


class _Looking:
    """Which analyzers look at a resource."""

    def __init__(self, analyzers: Sequence[Analyzer], parties: Parties) -> None:
        self._parties = parties
        self._of_account: dict[str, list[Analyzer]] = {}
        self._of_organization: dict[str, list[Analyzer]] = {}
        for one in analyzers:
            account = parties.world.account(one.account_id)
            if not one.whole_organization:
                self._of_account.setdefault(account.id, []).append(one)
            elif account.organization:
                self._of_organization.setdefault(account.organization, []).append(one)

    def at(self, place: Place) -> list[Analyzer]:
        """Those of its account and organisation that have looked there since it was made."""
        organization = self._parties.world.account(place.account_id).organization
        found = [
            *self._of_account.get(place.account_id, ()),
            *(self._of_organization.get(organization, ()) if organization else ()),
        ]
        return [one for one in found if _has_looked(one, place)]


def _has_looked(analyzer: Analyzer, place: Place) -> bool:
    if not place.kind.everywhere and analyzer.region != place.region:
        return False
    looked, made = _time(analyzer.analysed_at), _time(place.created)
    return looked is not None and (made is None or made < looked)


def _time(text: str) -> datetime | None:
    """A time as AWS writes it; ``None`` for what is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _is_reported(party: Party) -> bool:
    """Whether Access Analyzer reports access of such a party at all."""
    known = known_accounts().get(party.value) if party.kind is Kind.ACCOUNT else None
    return party.kind in _REPORTED and (known is None or known.kind != "aws-service")


def _missing(
    ours: Held, theirs: Reported, here: Sequence[Analyzer], parties: Parties
) -> Iterator[Difference]:
    """Parties outside a zone of trust whom no finding names."""
    found: list[tuple[Analyzer, Judgement]] = []
    for party, made in ours.firm():
        if not _is_reported(party) or theirs.names(party):
            continue
        outside = (one for one in here if parties.trusts(one, party) is False)
        analyzer = next(outside, None)
        if analyzer is not None and _in_person(ours, party, made, parties):
            found.append((analyzer, made))
    if not found:
        return
    analyzer, best = max(found, key=lambda row: row[1].answer.verdict.rank)
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    who = f"{best.source}{more}"
    reason = f"{_zone(analyzer)} looks at such resources there and has no finding for {who}"
    yield _silent(analyzer, ours, best, who, "no finding", reason)


def _in_person(ours: Held, party: Party, made: Judgement, parties: Parties) -> bool:
    """Whether a party comes itself, not a service of AWS on its behalf."""
    world, place = parties.world, ours.place
    policy = world.resource_policies.get(place.id)
    document = policy.document if policy is not None else None
    if not isinstance(document, Document) or not made.mechanism.endswith("-policy"):
        return True
    if party.kind is Kind.ACCOUNT:
        asked = made.actions[:_ACTIONS]
        owner = place.account_id
        answer = resource_policy_access(policy, party.value, asked, place.id, owner, world=world)
        return answer.verdict is not Verdict.NO
    allows = (row for row in document.statements if not row.is_deny)
    return any(entry.kind != "service" for row in allows for entry in entries(row))


def _not_public(ours: Held, theirs: Reported, here: Sequence[Analyzer]) -> Iterator[Difference]:
    """Open to everybody without a condition, reported, but not as public."""
    open_to_all = [
        made
        for party, made in ours.firm()
        if party.kind is Kind.PUBLIC and made.answer.verdict is Verdict.YES
    ]
    if theirs.first is None or theirs.public or not open_to_all:
        return
    best, finding = open_to_all[0], theirs.first
    made = _silent(here[0], ours, best, best.source, f"{finding.title}, not public", "")
    yield Difference(
        place=made.place,
        who=made.who,
        analysis=finding.id,
        theirs=made.theirs,
        their_reason=finding.reason,
        analysed_at=finding.analysed_at,
        ours=made.ours,
        our_reason=made.our_reason,
        region=made.region,
        ref=finding.ref,
    )


def _silent(
    analyzer: Analyzer, ours: Held, best: Judgement, who: str, theirs: str, reason: str
) -> Difference:
    return Difference(
        place=ours.place,
        who=who,
        analysis=analyzer.arn,
        theirs=theirs,
        their_reason=reason,
        analysed_at=analyzer.analysed_at,
        ours=best.answer.verdict,
        our_reason=words(best),
        region=analyzer.region,
        ref=analyzer.ref,
    )


def _zone(analyzer: Analyzer) -> str:
    """An analyzer by its name and zone of trust."""
    name = analyzer.arn.rpartition("/")[2]
    of = "the organisation" if analyzer.whole_organization else f"account {analyzer.account_id}"
    return f"Analyzer {name} of {of} in {analyzer.region}"
