"""Who can assume a role.

The trust policy must allow; a principal that it names is enough in the role's own account, an
account that it names delegates to the identity policies of that account, and from another account
both sides must allow.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
"""

from __future__ import annotations

from collections.abc import Iterator

from graph.iam import patterns
from graph.iam.assumption import ASSUME, Assumption
from graph.iam.document import Document, Statement
from graph.iam.evaluate import evaluate
from graph.iam.federated_sources import federated
from graph.iam.grants import grants
from graph.iam.principal import entries
from graph.iam.request import Request, Side
from graph.iam.resource_policy import weigh
from graph.iam.world import ANY_AWS_PRINCIPAL, IamWorld, Policy, Principal
from graph.verdict import Verdict


def assume_answers(world: IamWorld, role_arn: str) -> list[Assumption]:
    """Every source that may assume a role, sorted by kind and source; none that may not.

    Principals of collected accounts are judged one by one with both sides. Those whose only way
    would be an identity policy that was not collected are left out here and named once, by
    :func:`identity_gaps`.

    Raises:
        KeyError: the role is not in the world.
    """
    role = world.principals[role_arn]
    trust = role.trust
    if trust is None or not isinstance(trust.document, Document):
        return [_unread(world, role, trust)]
    found = [*_collected(world, role, trust.document), *_outside(world, role, trust)]
    found += federated(world, role)
    return sorted(found, key=lambda row: (row.kind, row.source))


def identity_gaps(world: IamWorld) -> list[tuple[str, tuple[str, ...]]]:
    """Principals with identity policies that were not collected or cannot be read, and which."""
    result = []
    for arn in sorted(world.principals):
        one = world.principals[arn]
        missing = [f"{subject}={value}" for subject, value in one.gaps]
        missing += [
            f"policy={row.arn or row.name}"
            for row in one.policies
            if not isinstance(row.document, Document)
        ]
        if missing:
            result.append((arn, tuple(missing)))
    return result


def _unread(world: IamWorld, role: Principal, trust: Policy | None) -> Assumption:
    policy = trust or Side.NOT_COLLECTED
    request = Request(ANY_AWS_PRINCIPAL, ASSUME, role.arn, role.account)
    return Assumption(
        "any-aws-principal", weigh(world, request, policy).answer, (ASSUME,), "unknown"
    )


def _collected(world: IamWorld, role: Principal, document: Document) -> Iterator[Assumption]:
    """Principals of collected accounts."""
    if role.service_linked:
        return
    for arn in sorted(_candidates(world, role, document)):
        answer = evaluate(world, Request(world.principals[arn], ASSUME, role.arn, role.account))
        if answer.verdict is not Verdict.NO:
            yield Assumption(arn, answer, (ASSUME,), "principal")


def _candidates(world: IamWorld, role: Principal, document: Document) -> set[str]:
    """Principals worth asking: those that the trust names, and those of accounts that it names
    whose own policies speak of the role."""
    found: set[str] = set()
    for statement in document.touching(patterns.action_glob(ASSUME)):
        if statement.is_deny:
            continue
        for entry in entries(statement):
            if entry.kind in ("user", "role"):
                found |= {entry.value} & world.principals.keys()
            elif entry.kind == "deleted":
                # A unique id is matched as an id, never by the name that it once had.
                found |= {
                    one.arn for one in world.principals.values() if one.unique_id == entry.value
                }
            elif entry.kind == "session":
                found |= _role_of_session(world, entry.account, entry.value)
            elif entry.kind == "account":
                found |= assume_index(world).who(entry.account, role.arn)
            elif entry.kind == "everyone":
                found |= {one.arn for one in world.by_account.get(role.account, ())}
                for account in world.by_account:
                    found |= assume_index(world).who(account, role.arn)
    return found


def _role_of_session(world: IamWorld, account: str, session: str) -> set[str]:
    name = session.split("/")[1]
    return {
        one.arn
        for one in world.by_account.get(account, ())
        if one.kind == "role" and one.name == name
    }


def _outside(world: IamWorld, role: Principal, trust: Policy) -> Iterator[Assumption]:
    """Callers that were not collected, and services."""
    rows = grants(trust, "sts", role.arn, role.account, world, actions=[ASSUME])
    for row in rows:
        if row.source_kind in ("federated", "canonical-user", "internet"):
            continue
        if row.source_kind in ("any-account-via", "account-via-service"):
            # A service that acts for others is a confused deputy, not somebody who assumes.
            continue
        if role.service_linked and row.source_kind != "service":
            continue
        kind = row.source_kind
        if kind in ("account", "principal"):
            if _account_of(row.source_id) in world.by_account:
                continue
            kind = "outside-principal" if kind == "principal" else kind
        yield Assumption(row.source_id, row.answer, (ASSUME,), kind)


def _account_of(source: str) -> str:
    if source.startswith("account:"):
        return source.removeprefix("account:")
    return source.split(":")[4]


class AssumeIndex:
    """Which principals' own policies speak of assuming which roles.

    Size is the number of statements; a question costs the number of distinct wildcard patterns.
    """

    def __init__(self, world: IamWorld) -> None:
        self._exact: dict[tuple[str, str], set[str]] = {}
        self._wild: dict[str, dict[str, set[str]]] = {}
        self._any: dict[str, set[str]] = {}
        for arn, one in world.principals.items():
            if one.kind != "root":
                self._add(arn, one)

    def _add(self, arn: str, one: Principal) -> None:
        for policy in one.policies:
            if isinstance(policy.document, Document):
                for statement in policy.document.touching(patterns.action_glob(ASSUME)):
                    if not statement.is_deny:
                        self._add_statement(arn, one.account, statement)

    def _add_statement(self, arn: str, account: str, statement: Statement) -> None:
        if statement.resources is None:
            self._any.setdefault(account, set()).add(arn)
        for resource in statement.resources or ():
            if "${" in resource:
                self._any.setdefault(account, set()).add(arn)
            elif "*" in resource or "?" in resource:
                self._wild.setdefault(account, {}).setdefault(resource, set()).add(arn)
            else:
                self._exact.setdefault((account, resource), set()).add(arn)

    def who(self, account: str, role_arn: str) -> set[str]:
        """Principals of an account that may be allowed to assume a role, by their own policies."""
        found = set(self._any.get(account, ()))
        found |= self._exact.get((account, role_arn), set())
        for pattern, arns in self._wild.get(account, {}).items():
            if patterns.written_resource(pattern).matches(role_arn):
                found |= arns
        return found


def assume_index(world: IamWorld) -> AssumeIndex:
    """The world's index, built once."""
    index = world.indexes.get("assume")
    if not isinstance(index, AssumeIndex):
        index = AssumeIndex(world)
        world.indexes["assume"] = index
    return index
