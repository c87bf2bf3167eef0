"""Where IAM Access Analyzer and we do not say the same of a resource.

Three kinds: it has a finding of access that we judge ``no``; we judge access that it has no
finding of, though it looks at such resources there; only one of the two calls it public.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from graph.iam.document import Document
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.access_analyzer import Analyzer, Difference, Finding, Place, node_of
from graph.sharing.access_analyzer_held import Held, Reported, words
from graph.sharing.access_analyzer_parties import Kind, Parties, Party
from graph.sharing.access_analyzer_roles import why_not
from graph.sharing.access_analyzer_silences import silences
from graph.verdict import Verdict

_COMPARED = (Kind.PUBLIC, Kind.ACCOUNT, Kind.FEDERATED, Kind.CANONICAL)


def differences(
    analyzers: Iterable[Analyzer],
    places: Iterable[Place],
    judgements: Iterable[Judgement],
    world: IamWorld,
) -> Iterator[Difference]:
    """Every difference between the findings of analyzers and our judgements.

    What is within an analyzer's zone of trust is rightly absent from its findings. A finding that
    several analyzers have, such as one of a role in every region, is told once.

    Args:
        analyzers: those whose findings were read.
        places: the collected resources of the types that they look at.
        judgements: ours of access and of assuming roles, ``no`` included.
        world: the IAM facts.
    """
    ordered = sorted(analyzers, key=lambda one: one.arn)
    if not ordered:
        return
    parties = Parties(world)
    held = _held({one.id: one for one in places}, judgements, parties)
    yield from _unknown_to_us(ordered, held, parties)
    yield from silences(ordered, held, _reported(ordered, parties), parties)


def _held(
    places: Mapping[str, Place], judgements: Iterable[Judgement], parties: Parties
) -> dict[str, Held]:
    """Our judgements by resource; a role whose trust policy was read needs none."""
    found: dict[str, Held] = {}
    for arn, one in parties.world.principals.items():
        trust = one.trust.document if one.trust is not None else None
        if arn in places and isinstance(trust, Document):
            found[arn] = Held(places[arn], parties)
    for made in judgements:
        place = places.get(made.target)
        if place is not None:
            found.setdefault(place.id, Held(place, parties)).add(made)
    return found


def _reported(analyzers: Sequence[Analyzer], parties: Parties) -> dict[str, Reported]:
    """The findings by resource."""
    found: dict[str, Reported] = {}
    for analyzer in analyzers:
        for finding in analyzer.findings:
            one = found.setdefault(node_of(finding.resource), Reported())
            one.add(finding, _named(finding, parties))
    return found


def _named(finding: Finding, parties: Parties) -> list[Party]:
    return [parties.of_principal(kind, value) for kind, value in finding.principals]


def _unknown_to_us(
    analyzers: Sequence[Analyzer], held: Mapping[str, Held], parties: Parties
) -> Iterator[Difference]:
    """What has a finding and is ``no`` for us."""
    told: set[object] = set()
    for analyzer in analyzers:
        for finding in analyzer.findings:
            node = node_of(finding.resource)
            key = (node, finding.principals, finding.conditions, finding.public)
            if finding.error or key in told or node not in held:
                continue
            told.add(key)
            yield from _of(analyzer, finding, held[node], parties)


def _of(analyzer: Analyzer, finding: Finding, held: Held, parties: Parties) -> Iterator[Difference]:
    named = [party for party in _named(finding, parties) if party.kind in _COMPARED]
    found = [held.lets_in(party, analyzer) for party in named]
    if not named:
        return
    first = next((one for one in found if one is not None), None)
    if first is None:
        role = parties.world.principals.get(held.place.id)
        reason = (
            held.why_not(named, finding.who)
            if role is None
            else why_not(parties.world, role, finding)
        )
    elif finding.public and held.public is None:
        reason = f"Not everybody: {words(first)}"
    else:
        return
    yield Difference(
        place=held.place,
        who=finding.who,
        analysis=finding.id,
        theirs=finding.title,
        their_reason=finding.reason,
        analysed_at=finding.analysed_at,
        ours=Verdict.NO,
        our_reason=reason,
        region=analyzer.region,
        ref=finding.ref,
    )
