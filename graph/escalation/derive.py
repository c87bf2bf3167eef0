"""``CAN_ESCALATE_TO`` and ``CAN_EXECUTE_ON``: every live technique, judged for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from collector.snapshot import Snapshot
from graph.derivation.sets import PrincipalSets, ResourceSets
from graph.derivation.unread_principals import unread_principals
from graph.escalation import held, identity, making, oneself, organisation, passing, services
from graph.escalation.afterwards import gained_afterwards
from graph.escalation.edges import Drawn, drawn
from graph.escalation.finding import Finding
from graph.escalation.found_keys import key_steps, readers
from graph.escalation.held import with_accounts_of_the_gained
from graph.escalation.identity_facts import identity_facts
from graph.escalation.keys_in_data import found_keys
from graph.escalation.new_providers import KIND as NEW_PROVIDER
from graph.escalation.new_providers import new_providers
from graph.escalation.stage import Stage
from graph.escalation.technique import techniques
from graph.escalation.things import Things
from graph.escalation.unread import unread_part
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.records import Relationship
from graph.verdict import Answer

if TYPE_CHECKING:
    from graph.derivation.workload_roles import Workload

_JUDGES = {
    "passed-role": passing.passed_roles,
    "workload": services.workloads,
    "resource": services.resources,
    "role": identity.roles,
    "user": identity.users,
    "policy-of-role": identity.policies_of_roles,
    "every": identity.everyone,
    "new": making.new_principals,
    "saml-provider": identity.saml_providers,
    NEW_PROVIDER: new_providers,
    "identity-center": organisation.identity_center,
    "organisation": organisation.stack_sets,
    "found-key": readers,
    **dict.fromkeys(oneself.KINDS, oneself.of_oneself),
}
_ELSEWHERE = ("covered", held.KIND, "tags-of-role")


def stage_of(
    snapshot: Snapshot,
    world: IamWorld,
    admins: Iterable[tuple[str, str]],
    workloads: Iterable[Workload],
) -> Stage:
    """The facts that techniques are judged by."""
    by_account: dict[str, set[str]] = {}
    for arn, account in admins:
        by_account.setdefault(account, set()).add(arn)
    out = {account: frozenset(arns) for account, arns in by_account.items()}
    facts = identity_facts(snapshot)
    return Stage(world, Things(snapshot, workloads), facts, out, found_keys(snapshot))


def findings(stage: Stage) -> Iterator[Finding]:
    """Every finding of every live technique."""
    for technique in techniques():
        kind = technique.target.kind
        if technique.live and kind not in _ELSEWHERE and stage.concerns(technique):
            yield from _JUDGES[kind](stage, technique)


def escalation_part(
    snapshot: Snapshot,
    world: IamWorld,
    admins: Iterable[tuple[str, str]],
    workloads: Iterable[Workload],
    principals: PrincipalSets,
    resources: ResourceSets,
    steps: Iterable[Relationship] = (),
) -> Drawn:
    """Derive who gains what by which technique.

    Args:
        snapshot: for what the techniques need to exist.
        world: the IAM facts.
        admins: (principal, account) pairs that are admin for sure: inside that account they get
            no further relationship (CONTRACT 3).
        workloads: the machines and services that carry roles.
        principals, resources: get the sets that were needed.
        steps: relationships by which principals are gained otherwise: trust, roles of workloads.
    """
    stage = stage_of(snapshot, world, admins, workloads)
    found = drawn(stage, findings(stage), principals, resources)
    found = gained_afterwards(stage, findings, found, principals, resources)
    found = with_accounts_of_the_gained(stage, found, steps, principals, resources)
    hidden = unread_part(stage, principals, resources)
    keys = key_steps(stage.keys)
    gaps = (_unread(*gap) for gap in unread_principals(world, "raise its rights in ways"))
    return Drawn(
        (*found.relationships, *hidden.relationships, *keys.relationships),
        (*found.judgements, *hidden.judgements, *keys.judgements, *gaps),
    )


def _unread(principal: str, answer: Answer) -> Judgement:
    """Of a principal that may raise its rights by policies that were not read."""
    account = principal.split(":")[4] if principal.count(":") > 4 else ""
    return Judgement("escalate", principal, f"account:{account}", "escalation", answer)
