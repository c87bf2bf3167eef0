"""Rows of ``mapper admins``: who reaches admin, and which machines' roles do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from graph.escalation.technique import ACCESS_KEY_FOUND
from graph.verdict import Verdict, merged
from queries.answers.coverage import Coverage
from queries.answers.parties import Parties, account_of, source_class
from queries.answers.row import Row, distinct, row_key
from queries.answers.trusts import who_is
from queries.answers.walk import Hop, Ways, hops_json, hops_of, way_answer
from queries.runner import records
from queries.severity import severity_of, thing_of

if TYPE_CHECKING:
    import pandas

QUERIES = ("identity-steps", "machines")
_LAST = frozenset({"HAS_ADMIN", "CAN_ESCALATE_TO"})
MACHINES = frozenset({"AWS::EC2::Instance", "AWS::SSM::ManagedInstance"})
"""Types of workloads that are machines: in EC2, or elsewhere under Systems Manager."""
_SETS = frozenset({"PrincipalSet", "ResourceSet"})
_NO_PRINCIPAL = frozenset({"AWSAccount", "PrincipalSet", "ResourceSet", "AWSService"})


def admin_rows(steps: pandas.DataFrame, parties: Parties) -> list[Row]:
    """Rows of ``admins``: one per principal, account and whether by its own rights or a chain.

    A chain is listed where the principal has no rights of its own that are at least as strong.

    Args:
        steps: the frame of ``identity-steps``.
        parties: who the accounts are.
    """
    hops = hops_of(records(steps))
    machines = _machine_ids(hops) | _holder_ids(hops)
    rows: list[Row] = []
    for goal, ways in _ways(hops):
        direct = _direct(hops, goal)
        for start, way in ways.items():
            if start in machines or way[0].start.labels & _NO_PRINCIPAL:
                continue
            if start in direct:
                rows.append(_row((direct[start],), "direct", parties))
                if way_answer(way).verdict.rank <= direct[start].answer.verdict.rank:
                    continue
            rows.append(_row(way, "direct" if len(way) == 1 and _own(way[0]) else "path", parties))
    unique = {row.key: row for row in rows}
    return sorted(unique.values(), key=lambda row: (row.own["admin_of"], row.id, row.key))


def compute_rows(
    steps: pandas.DataFrame,
    machines: pandas.DataFrame,
    parties: Parties,
    reached: Mapping[str, Verdict],
    network: Coverage,
) -> list[Row]:
    """Rows of ``admins --compute``: one per workload and account that its role reaches.

    Machines (:data:`MACHINES`) and every other kind of workload alike.

    Args:
        steps: the frame of ``identity-steps``.
        machines: the frame of ``machines``, for the metadata service.
        parties: who the accounts are.
        reached: the strongest verdict of the internet reaching each machine.
        network: what is missing of what that verdict needs: ``internet`` is ``unknown`` instead
            of ``no`` where a gap could hide the way.
    """
    hops = hops_of(records(steps))
    facts = {row["id"]: row for row in records(machines)}
    ids = _machine_ids(hops)
    rows: list[Row] = []
    for _, ways in _ways(hops):
        for start in sorted(ids & set(ways)):
            way = ways[start]
            rows.append(_machine_row(way, facts.get(start, {}), parties, reached, network))
    return sorted(rows, key=lambda row: (row.id, row.own["admin_of"]))


def is_root(row: Row) -> bool:
    """Whether the row is of an account's root user.

    It is admin of its own account by definition, unless an SCP or the organisation's central
    management of root access takes that away
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html).
    """
    return row.id.startswith("arn:") and row.id.split(":", 5)[2:] == [
        "iam",
        "",
        row.account_id,
        "root",
    ]


def admin_behind(steps: pandas.DataFrame) -> dict[str, Verdict]:
    """For every node that reaches admin of any account: the strongest verdict of that."""
    best: dict[str, Verdict] = {}
    for _, ways in _ways(hops_of(records(steps))):
        for start, way in ways.items():
            verdict = way_answer(way).verdict
            if verdict.rank > best.get(start, Verdict.NO).rank:
                best[start] = verdict
    return best


def _ways(hops: Sequence[Hop]) -> Iterable[tuple[str, dict[str, tuple[Hop, ...]]]]:
    ways = Ways(hops)
    goals = sorted({hop.end.id for hop in hops if "AWSAccount" in hop.end.labels})
    for goal in goals:
        yield goal, ways.to(goal, last=_LAST)


def _machine_ids(hops: Iterable[Hop]) -> set[str]:
    """Workloads with a role, or with a user's access key in their settings."""
    found = _holder_ids(hop for hop in hops if hop.start.labels & _workload_labels())
    return found | {hop.start.id for hop in hops if hop.type == "HAS_ROLE"}


def _holder_ids(hops: Iterable[Hop]) -> set[str]:
    """What holds a user's access key: no principal."""
    return {hop.start.id for hop in hops if ACCESS_KEY_FOUND in hop.techniques}


@cache
def _workload_labels() -> frozenset[str]:
    from graph.derivation.workload_rows import workload_types
    from graph.schema.registry import REGISTRY

    kinds = workload_types()
    return frozenset(one.label for one in REGISTRY.node_types if one.snapshot_type in kinds)


def _own(hop: Hop) -> bool:
    return hop.type == "HAS_ADMIN"


def _direct(hops: Iterable[Hop], goal: str) -> dict[str, Hop]:
    return {hop.start.id: hop for hop in hops if _own(hop) and hop.end.id == goal}


def _machine_row(
    way: Sequence[Hop],
    facts: Mapping[str, Any],
    parties: Parties,
    reached: Mapping[str, Verdict],
    network: Coverage,
) -> Row:
    machine = way[0].start
    internet = reached.get(machine.id, Verdict.NO)
    hidden = network.hides(account_of(machine.id, machine.account_id), machine.region)
    if internet is Verdict.NO and hidden:
        internet = Verdict.UNKNOWN
    reach = "direct" if len(way) == 2 else "path"
    tokens, endpoint = facts.get("http_tokens"), facts.get("http_endpoint")
    own = {
        "machine": machine.id,
        "internet": str(internet),
        "imds": {
            "v1": None if tokens is None else tokens != "required" and endpoint != "disabled",
            "endpoint": endpoint,
            "hop_limit": facts.get("hop_limit"),
        },
    }
    return _row(way, reach, parties, own, str(internet))


def _row(
    way: Sequence[Hop],
    reach: str,
    parties: Parties,
    more: Mapping[str, Any] | None = None,
    internet: str = "no",
) -> Row:
    start, goal = way[0].start, way[-1].end
    answer = way_answer(way)
    start_account = account_of(start.id, start.account_id)
    home = account_of(goal.id, goal.account_id)
    outside, vendor = parties.classify_source(start.id, start.labels, start.account_id, home)
    facts = {
        "who": who_is(source_class(start.labels), outside, answer.guards),
        "what": thing_of(start.resource_type),
        "reach": reach,
        "internet": internet,
    }
    return Row(
        key=row_key("admins", start.id, start.id, reach, goal.id),
        id=start.id,
        name=start.name,
        resource_type=start.resource_type,
        account_id=start_account,
        region=start.region,
        answer=answer,
        severity=severity_of("admins", facts, answer.verdict),
        own={
            "reach": reach,
            "admin_of": goal.id,
            "steps": sum(not hop.end.labels & _SETS for hop in way),
            "path": hops_json(way),
            "machine": None,
            "internet": None,
            "imds": None,
            "limits": list(merged(*(hop.limits for hop in way))),
            "techniques": list(merged(*(hop.techniques for hop in way))),
            "outside": outside,
            "vendor": vendor,
            **(more or {}),
        },
        accounts=distinct([start_account, home]),
        regions=distinct([start.region]),
    )
