"""The principals of an account that a request is allowed to, in groups that recur.

Whoever holds one statement is one group wherever the statement decides: ten roles behind the same
trust share it, and a graph of them grows with statements and holders, not with their product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from graph.iam import access_points, encryption, resource_side, resource_types, rules
from graph.iam.classes import (
    Class,
    Holders,
    Holding,
    bits_of,
    holders,
    statements_in_play,
)
from graph.iam.document import Document, Statement
from graph.iam.evaluate import decide_but_key, evaluate
from graph.iam.principal import entries
from graph.iam.request import Request, Side, owner_of
from graph.iam.resource_controls import ALL_USERS, AUTHENTICATED_USERS
from graph.iam.world import IamWorld, Policy, outside_account
from graph.verdict import Answer, Verdict, all_of

SET_FROM = 4
"""From this many principals with one answer on, they are drawn as a set."""


@dataclass(frozen=True, slots=True)
class Grantees:
    """Principals of one account with one answer.

    Attributes:
        account: their account.
        members: ARNs, sorted; the same tuple object wherever the same group comes out.
        answer: that of ``example``, never ``no``.
        example: the member whose request was weighed.
    """

    account: str
    members: tuple[str, ...]
    answer: Answer
    example: str


def grantees(
    world: IamWorld,
    account: str,
    request: Request,
    *,
    by_statement: bool = False,
    left_out: int = 0,
) -> list[Grantees]:
    """Who of an account may do what is asked; nobody twice with two answers.

    The same answers as asking for each of the account's users and roles by itself.

    Who also needs the key of what is asked for is told apart by what lets them use it.

    Args:
        world: the facts.
        account: whose principals.
        request: the question; its ``principal`` is replaced.
        by_statement: leave out who has no other way than a document that was not read, or a call
            from another account that anyone on the internet can make unsigned.
        left_out: bits of :class:`graph.iam.classes.Holders` that are of no interest.
    """
    found = _grantees(world, account, request, by_statement, left_out)
    members = world.by_account.get(account)
    if not found or not members:
        return found
    wanted = encryption.needed(world, replace(request, principal=members[0]))
    if wanted is None:
        return found
    if wanted.request is None:
        answers = [(row, all_of((row.answer, wanted.answer))) for row in found]
        return [replace(row, answer=answer) for row, answer in answers if answer.verdict is not _NO]
    keyed = _grantees(world, account, wanted.request, by_statement=False, left_out=0)
    return list(_with_key(world, request, found, keyed))


_NO = Verdict.NO


def _with_key(
    world: IamWorld, request: Request, found: list[Grantees], keyed: list[Grantees]
) -> Iterator[Grantees]:
    """Who is among those that may make the call and among those that may use its key."""
    sets = [frozenset(row.members) for row in keyed]
    for row in found:
        left = set(row.members)
        for those in sets:
            if both := tuple(one for one in row.members if one in left and one in those):
                left -= those
                example = row.example if row.example in both else both[0]
                answer = evaluate(world, replace(request, principal=world.principals[example]))
                if answer.verdict is not _NO:
                    members = row.members if len(both) == len(row.members) else both
                    yield Grantees(row.account, members, answer, example)


def _grantees(
    world: IamWorld, account: str, request: Request, by_statement: bool, left_out: int
) -> list[Grantees]:
    """The principals of an account by the statements about what is asked for alone."""
    held = holders(world, account, request.action)
    if not held.members:
        return []
    asked, _ = resource_types.as_aws_asks(request)
    owner = owner_of(world, replace(asked, principal=outside_account(account)))
    policies = policies_of(world, request)
    wanted = _stated(world, held, asked, policies, own=account == owner)
    if not by_statement:
        wanted |= _unstated(world, held, asked, policies, own=account == owner)
    wanted &= ~left_out
    if not wanted:
        return []
    glob = resource_types.glob_of(asked)
    if told_apart_by_statements(world, request):
        read = (row for row in policies if isinstance(row, Policy))
        rows = statements_in_play(world, account, owner, request.action, *read)
        named = held.mask(frozenset(world.shares.get(request.resource, ())))
        classes = _apart(held, held.classes(glob, rows, wanted), named)
    else:
        classes = _apart(held, [Class(wanted, held.members[0])], wanted)
    asked_of = ((one, replace(request, principal=one.example)) for one in classes)
    judged = [(one, decide_but_key(world, said).answer) for one, said in asked_of]
    return list(_shared(held, account, glob, judged))


def policies_of(world: IamWorld, request: Request) -> tuple[Policy | Side | None, Policy | None]:
    """The policy of a request's resource (a role's trust policy among them), and a key's grants."""
    return resource_side.policy_of(world, request), world.key_grants.get(request.resource)


def told_apart_by_statements(world: IamWorld, request: Request) -> bool:
    """Whether statements about the one resource (and shares of it) are all that matters.

    An access point asks for its bucket too, some calls for several resources, and an endpoint has
    a policy of its own.
    """
    return not (
        access_points.names_one(request)
        or resource_types.others_needed(request)
        or any(key.lower() == "aws:sourcevpce" for key in request.context)
    )


def _stated(
    world: IamWorld,
    held: Holders,
    request: Request,
    policies: Sequence[Policy | Side | None],
    *,
    own: bool,
) -> int:
    """Whom a statement or an ACL may allow; of their own account's resources, everyone's too."""
    if not told_apart_by_statements(world, request):
        return held.full
    rows = _allows(request, policies)
    named = [entry for row in rows for entry in entries(row)]
    everyone = any(entry.kind == "everyone" for entry in named)
    if own and (everyone or _open_by_acl(world, request)):
        return held.full
    found = held.named_by(rows)
    account = held.members[0].account
    delegated = everyone or any(
        entry.kind == "account" and entry.account == account for entry in named
    )
    if resource_side.asks_trust(request.action.lower()) and not delegated:
        return found
    return found | held.granted(resource_types.glob_of(request))


def _unstated(
    world: IamWorld,
    held: Holders,
    request: Request,
    policies: Sequence[Policy | Side | None],
    *,
    own: bool,
) -> int:
    """Whom nothing that was read names: by what was not read, or as anyone on the internet."""
    read = (row.document if isinstance(row, Policy) else row for row in policies)
    gap = any(not isinstance(one, Document | None) for one in read)
    unsigned = rules.accepts_anonymous(request.action.lower())
    if gap and (own or unsigned):
        return held.full
    if not own and unsigned:
        named = (entry for row in _allows(request, policies) for entry in entries(row))
        if _open_by_acl(world, request) or any(entry.kind == "everyone" for entry in named):
            return held.full
    return held.unread | (held.granted(resource_types.glob_of(request)) if gap else 0)


def _allows(request: Request, policies: Sequence[Policy | Side | None]) -> list[Statement]:
    """Allow statements of policies that were read, of those that touch the action."""
    return [
        statement
        for row in policies
        if isinstance(row, Policy) and isinstance(row.document, Document)
        for statement in row.document.touching(request.action_glob)
        if not statement.is_deny
    ]


def _open_by_acl(world: IamWorld, request: Request) -> bool:
    """Whether the ACL of a bucket names a group of callers of any account."""
    bucket = world.buckets.get(request.resource.partition("/")[0])
    groups = (ALL_USERS, AUTHENTICATED_USERS)
    return bucket is not None and any(row.grantee in groups for row in bucket.acl or ())


def _apart(held: Holders, classes: Iterable[Class], alone: int) -> Iterator[Class]:
    """Classes without some members, each of whom is a class of their own."""
    for one in classes:
        if rest := one.mask & ~alone:
            yield Class(rest, held.members[next(bits_of(rest))])
        for number in bits_of(one.mask & alone):
            yield Class(1 << number, held.members[number])


def _shared(
    held: Holders,
    account: str,
    resource: str,
    judged: Iterable[tuple[Class, Answer]],
) -> Iterator[Grantees]:
    """A group for each answer and wide statement, one for the rest."""
    masks: dict[Answer, int] = {}
    first: dict[Answer, tuple[Class, Answer]] = {}
    for one, answer in judged:
        if answer.verdict is not Verdict.NO:
            key = bare(answer)
            masks[key] = masks.get(key, 0) | one.mask
            first.setdefault(key, (one, answer))
    allows = [row for row in held.matched(resource) if not row.statement.is_deny]
    by_mask = {one.mask: (one, answer) for one, answer in judged}
    for key, mask in masks.items():
        for group in _groups(mask, allows, resource):
            # The class that is all of the group has a proof of its own.
            one, answer = by_mask.get(group) or first[key]
            yield Grantees(account, held.names(group), answer, one.example.arn)


def _groups(mask: int, allows: Iterable[Holding], resource: str) -> Iterator[int]:
    """A mask by the statements behind it: small holdings together, named ones apart from patterns.

    Whoever a pattern reaches is the same group for every resource that it meets.
    """
    named, by_pattern, rest = 0, 0, mask
    whole = []
    for holding in allows:
        group = holding.holders & mask
        rest &= ~group
        if group.bit_count() >= SET_FROM:
            whole.append(group)
        elif holding.names_it(resource):
            named |= group
        else:
            by_pattern |= group
    yield from dict.fromkeys(group for group in (*whole, by_pattern, named, rest) if group)


def bare(answer: Answer) -> Answer:
    """What must be equal for two principals to be drawn as one."""
    return Answer(
        answer.verdict,
        conditions=answer.conditions,
        guards=answer.guards,
        assumes=answer.assumes,
        session=answer.session,
    )


def of_a_set(answer: Answer, size: int, account: str, example: str, what: str) -> Answer:
    """The answer of one member as that of its whole set: its proof stands as an example."""
    verb = {Verdict.YES: "", Verdict.CONDITIONAL: " under conditions"}.get(
        answer.verdict, f" ({answer.verdict})"
    )
    text = f"{size} principals of {account} {what}{verb}."
    shown = [f"For instance {example.rpartition(':')[2]}: {line}" for line in answer.evidence]
    return replace(answer, why=text, evidence=(text, *shown))
