"""Findings as relationships, with sets where there are many of both ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graph.derivation.relate import walked
from graph.derivation.sets import PrincipalSets, ResourceSets
from graph.escalation.finding import Finding, First, Goal
from graph.escalation.stage import Stage
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import Answer, Verdict, all_of, merged

PAIRS = 64
"""Of more pairs than this of one answer, the many are drawn as a set."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What escalation adds to the graph."""

    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


def drawn(
    stage: Stage,
    findings: Iterable[Finding],
    principals: PrincipalSets,
    resources: ResourceSets,
) -> Drawn:
    """Relationships and judgements of findings; the best for each pair and technique."""
    best: dict[tuple[str, str, str, str], tuple[Judgement, Finding]] = {}
    for finding in findings:
        for made in _judgements(stage, finding, principals, resources):
            # Whoever is alone is weighed by itself, which is the surer answer.
            if made.answer.verdict is Verdict.NO:
                continue
            key = (finding.relationship, made.source, made.target, made.mechanism)
            known = best.get(key)
            if known is None or _rank(made.answer) > _rank(known[0].answer):
                best[key] = (made, finding)
    return Drawn(
        tuple(_related(made, finding) for made, finding in best.values()),
        tuple(made for made, _ in best.values()),
    )


def together(parts: Iterable[Drawn]) -> Drawn:
    """Several as one; the best for each pair and technique."""
    best: dict[tuple[str, str, str, str], tuple[Relationship, Judgement]] = {}
    for part in parts:
        for row, made in zip(part.relationships, part.judgements, strict=True):
            key = (row.type, made.source, made.target, made.mechanism)
            known = best.get(key)
            if known is None or _rank(made.answer) > _rank(known[1].answer):
                best[key] = (row, made)
    return Drawn(tuple(row for row, _ in best.values()), tuple(made for _, made in best.values()))


def _rank(answer: Answer) -> tuple[int, int]:
    return answer.verdict.rank, -len(answer.conditions)


def _judgements(
    stage: Stage, finding: Finding, principals: PrincipalSets, resources: ResourceSets
) -> Iterator[Judgement]:
    if len(finding.members) * len(finding.goals) <= PAIRS:
        for member in finding.members:
            for goal in finding.goals:
                # Who passes itself, or runs commands on itself, gains nothing.
                if member != goal.node:
                    yield _pair(stage, finding, member, goal)
        return
    goals = _goal_sets(stage, finding, resources)
    sources: list[tuple[str, tuple[str, ...]]] = [(one, ()) for one in finding.members]
    if len(finding.members) > 1:
        account = finding.account
        sources = [(principals.of(account, finding.members), finding.members)]
    for source, members in sources:
        for target, targets, goal in goals:
            listed = members or (source,)
            example = next((one for one in listed if one != goal.node), listed[0])
            one = _pair(stage, finding, example, goal)
            if one.answer.verdict is Verdict.NO:
                continue
            yield replace(
                one,
                source=source,
                target=target,
                members=members,
                targets=targets,
                answer=_of_many(one.answer, finding, members, targets),
                via=() if targets else one.via,
            )


def _goal_sets(
    stage: Stage, finding: Finding, resources: ResourceSets
) -> list[tuple[str, tuple[str, ...], Goal]]:
    """The goals, or the set of them."""
    nodes = tuple(sorted({goal.node for goal in finding.goals}))
    if len(nodes) == 1 or nodes[0].startswith("account:"):
        by_node = {goal.node: goal for goal in finding.goals}
        return [(node, (), by_node[node]) for node in nodes]
    first = min(finding.goals, key=lambda goal: goal.node)
    return [(resources.of(finding.account, nodes), nodes, first)]


def _of_many(
    answer: Answer, finding: Finding, members: tuple[str, ...], targets: tuple[str, ...]
) -> Answer:
    who = f"{len(members)} principals of {finding.account}" if members else "It"
    what = f"{len(targets)} of them" if targets else "it"
    text = f"{who}: {finding.technique.name} on {what}."
    return replace(
        answer, why=text, evidence=(text, f"For instance: {answer.why}", *answer.evidence)
    )


def _pair(stage: Stage, finding: Finding, member: str, goal: Goal) -> Judgement:
    """One principal and one goal, with their own proof."""
    technique = finding.technique
    own = stage.asker(finding.account).answer_of(member, goal.requests)
    first = finding.first.get(member) or _NOTHING
    answer = all_of((first.answer, own, goal.answer))
    text = _why(technique.title, member, goal, first.words)
    lines = (text, *(line for line in answer.evidence if line != text))
    answer = replace(answer, why=text, evidence=lines)
    return Judgement(
        question="escalate",
        source=member,
        target=goal.node,
        mechanism=technique.id,
        answer=answer,
        actions=merged(first.actions, (one.action for one in goal.requests)),
        via=merged(first.via, goal.via),
    )


_NOTHING = First("", Answer(Verdict.YES), ())


def _why(title: str, member: str, goal: Goal, first: str = "") -> str:
    """The title as a sentence about one principal and one goal."""
    taken = goal.via[0] if goal.node.startswith("account:") and goal.via else goal.node
    words = {
        "target": goal.node.removeprefix("account:"),
        "role": taken,
        "user": taken,
        "via": goal.via[-1] if goal.via else "it",
    }
    for name, text in words.items():
        title = title.replace(f"{{{name}}}", text)
    before = f"{first}, and then " if first else ""
    return f"{member} {before}{title.removeprefix('can ') if first else title}."


def _related(made: Judgement, finding: Finding) -> Relationship:
    return walked(
        finding.relationship,
        made.source,
        made.target,
        made.mechanism,
        made.answer,
        mechanism=made.mechanism,
        technique=made.mechanism,
        actions=list(made.actions),
        via=list(made.via),
    )
