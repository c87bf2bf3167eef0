"""``HAS_ROLE``: which role's credentials a workload gives to whoever controls it.

Roles that a service has for its own steps only (pulling images, writing logs) are not drawn: who
controls the workload does not act with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.derivation.relate import walked
from graph.derivation.workload_roles import CarriedRole, Workload
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import Verdict, all_of


@dataclass(frozen=True, slots=True)
class WorkloadPart:
    """What workloads' roles add to the graph."""

    relationships: tuple[Relationship, ...]
    judgements: tuple[Judgement, ...]


def workload_part(workloads: Iterable[Workload]) -> WorkloadPart:
    """Derive the roles of everything that runs code, or carries out a definition, with one.

    Args:
        workloads: of :func:`graph.derivation.workload_roles.workloads`.
    """
    relationships, judgements = [], []
    for workload in workloads:
        for one in workload.roles:
            if not one.runs_code:
                continue
            judged = _judged(workload, one)
            judgements.append(judged)
            # One that was not read is told, but is no node.
            if one.role and judged.answer.verdict is not Verdict.NO:
                relationships.append(_relationship(judged, reached=one.reached))
    return WorkloadPart(tuple(relationships), tuple(judgements))


def _judged(workload: Workload, one: CarriedRole) -> Judgement:
    answer = all_of((one.answer, one.state))
    via = (one.via,) if one.via and one.role and one.via != one.profile else ()
    return Judgement("role", workload.id, one.role or one.via, one.kind, answer, via=via)


def _relationship(judged: Judgement, *, reached: bool) -> Relationship:
    return walked(
        "HAS_ROLE",
        judged.source,
        judged.target,
        judged.mechanism,
        judged.answer,
        mechanism=judged.mechanism,
        reached=reached,
    )
