"""Roles that CloudFormation assumes from the administration role of a stack set.

The administration role is used for nothing but to assume an execution role in each account that
the stack set goes to, and the template is carried out with that role's rights.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace

from graph.escalation.finding import Finding, Goal
from graph.escalation.stage import Stage
from graph.iam.grantees import bare, grantees
from graph.iam.request import Request
from graph.verdict import Answer, Verdict, all_of

EXECUTION_ROLE = "execution-role"
"""What a technique gains by the role that is passed."""
_ASSUME = "sts:AssumeRole"


def carried_out(stage: Stage, found: Iterable[Finding]) -> Iterator[Finding]:
    """Findings of administration roles as findings of the roles that these may assume."""
    for finding in found:
        assumed = _assumable(stage, finding.account, finding.goals)
        alike: dict[Hashable, list[Goal]] = defaultdict(list)
        for goal in finding.goals:
            for role, answer in assumed.get(goal.node, ()):
                both = all_of((goal.answer, answer))
                alike[bare(both)].append(replace(goal, node=role, answer=both, via=(goal.node,)))
        for goals in alike.values():
            yield replace(finding, goals=tuple(goals))


def _assumable(
    stage: Stage, account: str, goals: Sequence[Goal]
) -> dict[str, list[tuple[str, Answer]]]:
    """The roles of all accounts that some roles of one account may assume, each with its answer."""
    found: dict[str, list[tuple[str, Answer]]] = defaultdict(list)
    held = stage.foreign_asker(account).holders(_ASSUME)
    out = held.full & ~held.mask(frozenset(goal.node for goal in goals))
    for owner in stage.accounts:
        for role in stage.roles(owner):
            request = Request(role, _ASSUME, role.arn, owner)
            for row in grantees(stage.world, account, request, by_statement=True, left_out=out):
                if row.answer.verdict.rank >= Verdict.CONDITIONAL.rank:
                    for member in row.members:
                        if member != role.arn:
                            found[member].append((role.arn, row.answer))
    return found
