"""Guards of one role's trust policy, for the tests of this folder."""

from __future__ import annotations

from typing import Any

from graph.guards import guard_facts, policy_guards, trust_guards
from graph.iam.assume import assume_rows
from graph.iam.document import parse
from graph.iam.grants import grants
from graph.iam.world import Policy, Principal
from tests.iam.worlds import A, doc, role, world

VENDOR, NOBODY = "464622532012", "999988887777"
DATADOG = "Datadog"


def trusted(*statements: Any, name: str = "app", account: str = A) -> Principal:
    """A role with these statements in its trust policy."""
    return role(name=name, account=account, trust=Policy("trust policy", parse(doc(*statements))))


def told(
    target: Principal, *others: Principal, states: dict[str, str] | None = None, **more: Any
) -> dict[str, tuple[str, ...]]:
    """Sentences by source of everybody who may assume the role."""
    here = world(target, *others, **more)
    facts = guard_facts(here, states)
    return {
        row.source: trust_guards(facts, target, row)
        for row in assume_rows(here, target.arn)
        if not row.source.endswith(":root")
    }


def heads(sentences: tuple[str, ...]) -> set[str]:
    """The two stable words of each sentence, those of who is named left out."""
    found = {one.partition(":")[0] for one in sentences}
    return {one for one in found if not one.startswith(("account ", "delegated "))}


def only(target: Principal, *others: Principal, **more: Any) -> set[str]:
    """Stable words for the one source that may assume the role."""
    (sentences,) = told(target, *others, **more).values()
    return heads(sentences)


def of_resource(policy: dict[str, Any], arn: str, service: str, **more: Any) -> dict[str, set[str]]:
    """Stable words by source of everybody whom a resource's policy admits."""
    here = world(**more)
    facts = guard_facts(here)
    document = parse(policy)
    return {
        found.source_id: heads(
            policy_guards(
                facts,
                Policy("policy", document),
                arn,
                A,
                found.source_id,
                found.source_kind,
                found.actions,
            )
        )
        for found in grants(document, service, arn, A, here)
    }
