"""Which statements of a policy admit a source: their locks are its guards."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graph.iam import federation, patterns
from graph.iam.document import Document, Statement
from graph.iam.principal import addressing, matched
from graph.iam.request import Request
from graph.iam.resource_policy import weigh
from graph.iam.world import (
    ANONYMOUS,
    ANY_AWS_PRINCIPAL,
    Caller,
    IamWorld,
    Outside,
    Policy,
    outside_account,
)
from graph.verdict import Verdict

STATEMENT_LIMIT = 1_024
"""No policy in force has more statements (see ``graph.derivation.policies``)."""
_WEIGHED = 32
_DENIES = 64
_SINGLED_OUT = {
    "org": ("aws:principalorgid", "aws:principalorgpaths"),
    "cidr": ("aws:sourceip",),
    "vpc": ("aws:sourcevpc", "aws:sourcevpcarn"),
    "vpce": ("aws:sourcevpce",),
    "account-via-service": (
        "aws:sourceaccount",
        "aws:sourceowner",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
    ),
}
"""Sources that a condition makes out of a wider one, and the keys that do so."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Statements that admit a source, any of which will do, and Denies that name it."""

    allows: tuple[Statement, ...]
    denies: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who uses which policy for what.

    Attributes:
        document: the policy.
        action: as the policy or AWS writes it.
        target: ARN of the role or resource.
        owner: its account.
        source_id: as in :class:`graph.iam.grants.Grant`, or an ARN.
        source_kind: likewise, or a kind of :class:`graph.iam.assumption.Assumption`.
    """

    document: Document
    action: str
    target: str
    owner: str
    source_id: str
    source_kind: str


def caller_of(world: IamWorld, source_id: str, source_kind: str) -> Caller:
    """The engine's caller for a source."""
    _, _, value = source_id.partition(":")
    if source_kind == "internet":
        return ANONYMOUS
    if source_kind == "account":
        return outside_account(value)
    if source_kind in ("service", "any-account-via"):
        return Outside("service", arn=value)
    if source_kind in ("federated", "shared-provider"):
        return Outside("federated", arn=value)
    if source_kind == "canonical-user":
        return Outside("canonical", arn=value)
    if source_id.startswith("arn:"):
        known = world.principals.get(source_id)
        return known or outside_account(source_id.split(":")[4], source_id)
    return ANY_AWS_PRINCIPAL


def admitted(world: IamWorld, asked: Asked) -> Admitted:
    """The statements that admit a source; none where the policy is too large to say.

    Of several, those that admit it alone (with every Deny) as the IAM engine judges.
    """
    document = asked.document
    if len(document.statements) > STATEMENT_LIMIT:
        return Admitted((), ())
    caller = caller_of(world, asked.source_id, asked.source_kind)
    rows = addressing(document, patterns.action_glob(asked.action), caller)
    keys = _SINGLED_OUT.get(asked.source_kind, ())
    if keys:
        rows = tuple(row for row in rows if row.is_deny or _singles_out(row, keys, asked))
    named = [row for row in rows if matched(row, caller)]
    allows = [row for row in named if not row.is_deny]
    if keys and len(allows) > _DENIES:
        return Admitted((), ())
    denies = tuple(row for row in named if row.is_deny and _holds_all(row, caller))[:_DENIES]
    if 1 < len(allows) <= _WEIGHED and not keys:
        alone = [row for row in allows if _admits(world, asked, caller, row, denies)]
        allows = alone or allows
    return Admitted(tuple(allows), denies)


def _holds_all(deny: Statement, caller: Caller) -> bool:
    """Whether a Deny is about whoever a source is, not about one principal of an account."""
    if not isinstance(caller, Outside) or caller.kind != "account" or caller.arn:
        return True
    return any(hit.is_true for _, hit in matched(deny, caller))


def _singles_out(statement: Statement, keys: Sequence[str], asked: Asked) -> bool:
    """Whether a condition of the statement can be the one that makes the source."""
    wanted = asked.source_id
    if asked.source_kind == "org":
        wanted = wanted.removeprefix("org:").partition("/")[0]
    by_value = asked.source_kind in ("org", "vpc", "vpce")
    return any(
        test.key.lower() in keys and (not by_value or _one_begins(test.values, wanted))
        for test in statement.conditions
    )


def _one_begins(values: tuple[str, ...], wanted: str) -> bool:
    """Whether one of some values begins with a text."""
    rows = _sorted(values)
    place = bisect_left(rows, wanted)
    return place < len(rows) and rows[place].startswith(wanted)


@lru_cache(maxsize=64)
def _sorted(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(values))


def _admits(
    world: IamWorld, asked: Asked, caller: Caller, allow: Statement, denies: Iterable[Statement]
) -> bool:
    alone = Document(f"{asked.document.hash}/{allow.index}", (allow, *denies))
    who = caller if isinstance(caller, Outside) else outside_account(caller.account, caller.arn)
    request = Request(who, asked.action, asked.target, asked.owner)
    narrowed = weigh(world, request, Policy("one statement", alone))
    return narrowed.answer.verdict is not Verdict.NO or bool(narrowed.ranges)


def token_statements(document: Document, action: str, issuer: str = "") -> Admitted:
    """Allows for tokens of a provider: of ``issuer``, or of Cognito where none is given."""
    if len(document.statements) > STATEMENT_LIMIT:
        return Admitted((), ())
    rows = [
        row
        for row in document.touching(patterns.action_glob(action))
        if any(_is_of(value, issuer) for kind, value in row.principals or () if kind == "Federated")
    ]
    return Admitted(
        tuple(row for row in rows if not row.is_deny), tuple(row for row in rows if row.is_deny)
    )


def _is_of(provider: str, issuer: str) -> bool:
    found = federation.issuer(provider)
    return found == issuer if issuer else federation.is_cognito(found)
