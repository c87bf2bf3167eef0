"""Guests and users of Cognito identity pools who get a role's credentials.

A guest or user gets the role that the pool maps to them (the enhanced flow); where the classic
flow is on, any role whose trust policy accepts the pool's token.
https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graph.iam import federation
from graph.iam.assumption import WEB_IDENTITY, Assumption
from graph.iam.document import Document
from graph.iam.identity_sources import POOL, IdentityPool
from graph.iam.request import Request
from graph.iam.resource_policy import weigh
from graph.iam.world import IamWorld, Policy, Principal
from graph.verdict import Answer, Verdict, all_of, any_of, condition

_CLASSIC = "The pool allows the classic flow: its guests pick the role themselves."
_ENHANCED = (
    "Cognito hands the role out in the enhanced flow: a session policy of its own limits guests "
    "to a fixed list of services."
)


def of_pools(
    world: IamWorld, role: Principal, trust: Policy, provider: str
) -> Iterator[Assumption]:
    """Rows for one role that trusts Cognito.

    Without an audience any pool of any account serves. A pool that is named (or hands the role
    out) and was collected gives rows of its own: ``internet`` for guests, the pool's ARN for
    users. A named one that was not collected stands as the provider.
    """
    source = f"federated:{provider}"
    anyone = Request(federation.any_tenant(provider), WEB_IDENTITY, role.arn, role.account)
    open_to_all = weigh(world, anyone, trust).answer
    if open_to_all.verdict is not Verdict.NO:
        yield Assumption(source, open_to_all, (WEB_IDENTITY,), "shared-provider")
    named = _named_pools(trust, provider)
    sources = world.identity_sources
    known = {pool.id: pool for pool in sources.pools_of_role.get(role.arn, ())}
    known |= {one: sources.pool_by_id[one] for one in named if one in sources.pool_by_id}
    for pool in known.values():
        yield from _of_pool(world, role, trust, provider, pool)
    if open_to_all.verdict is not Verdict.NO:
        return
    elsewhere = [one for one in named if one not in known]
    if elsewhere or not named:
        somebody = Request(federation.tenant(provider), WEB_IDENTITY, role.arn, role.account)
        answer = weigh(world, somebody, trust).answer
        if answer.verdict is not Verdict.NO:
            yield Assumption(source, answer, (WEB_IDENTITY,), "federated")
    if not sources.was_read(POOL, role.account):
        for one in elsewhere:
            yield from _unread_guests(world, role, trust, provider, one)


def _named_pools(trust: Policy, provider: str) -> list[str]:
    """Audiences that the trust policy's Allow statements compare with, in order."""
    keys = {f"{prefix}:aud" for prefix in federation.key_prefixes(provider)}
    statements = trust.document.statements if isinstance(trust.document, Document) else ()
    return list(
        dict.fromkeys(
            value
            for statement in statements
            if not statement.is_deny
            for test in statement.conditions
            if test.key.lower() in keys and "not" not in test.operator and test.operator != "null"
            for value in test.values
            if not {"*", "?"} & set(value)
        )
    )


def _trusted(
    world: IamWorld, role: Principal, trust: Policy, provider: str, pool: str, *methods: str
) -> Answer:
    """Whether the trust policy accepts a token of a pool, by how its holder signed in."""
    context = {
        f"{prefix}:{claim}": values
        for prefix in federation.key_prefixes(provider)
        for claim, values in (("aud", (pool,)), ("amr", methods))
    }
    caller = federation.tenant(provider)
    request = Request(caller, WEB_IDENTITY, role.arn, role.account, context)
    return weigh(world, request, trust).answer


def _of_pool(
    world: IamWorld, role: Principal, trust: Policy, provider: str, pool: IdentityPool
) -> Iterator[Assumption]:
    guests = _trusted(world, role, trust, provider, pool.id, "unauthenticated")
    if pool.unauthenticated is not False:
        answer = all_of([guests, _handed_out(role, pool, pool.guest_roles), _takes_guests(pool)])
        if answer.verdict is not Verdict.NO:
            why = f"Guests of identity pool {pool.id} get its credentials."
            answer = replace(answer, why=why, evidence=(why, *answer.evidence))
            yield Assumption("internet", answer, (WEB_IDENTITY,), "internet")
    users = _trusted(world, role, trust, provider, pool.id, "authenticated", *pool.logins)
    answer = all_of([users, _handed_to_users(role, pool)])
    if answer.verdict is not Verdict.NO:
        yield Assumption(pool.arn, answer, (WEB_IDENTITY,), "identity-pool")


def _takes_guests(pool: IdentityPool) -> Answer:
    if pool.unauthenticated is None:
        return _gap(pool.arn, "describe_identity_pool")
    return Answer(Verdict.YES, evidence=("The pool gives identities to guests.",))


def _handed_out(role: Principal, pool: IdentityPool, roles: tuple[str, ...] | None) -> Answer:
    """Whether a holder of the pool's token gets this role, and by which flow."""
    if pool.classic:
        return Answer(Verdict.YES, evidence=(_CLASSIC,))
    if roles is not None and role.arn in roles:
        return Answer(Verdict.YES, evidence=(_ENHANCED,))
    if roles is None:
        return _gap(pool.arn, "get_identity_pool_roles")
    if pool.classic is None:
        return _gap(pool.arn, "describe_identity_pool")
    return Answer(Verdict.NO, why="The pool does not hand it out, and its classic flow is off.")


def _handed_to_users(role: Principal, pool: IdentityPool) -> Answer:
    """The same of users who signed in, who may get the role of a group of their user pool."""
    answer = _handed_out(role, pool, pool.user_roles)
    if answer.verdict is Verdict.NO and pool.unread_groups:
        return any_of(_gap(one, "list_groups") for one in pool.unread_groups)
    group = dict(pool.group_roles).get(role.arn)
    if group is None or pool.classic:
        return answer
    text = f"Members of group {group} of the user pool get it by their token."
    return replace(answer, evidence=(*answer.evidence, text))


def _gap(pool: str, call: str) -> Answer:
    text = f"{call} of {pool} was not collected."
    missing = condition("not_collected", call, pool)
    return Answer(Verdict.UNKNOWN, why=text, conditions=(missing,), evidence=(text,))


def _unread_guests(
    world: IamWorld, role: Principal, trust: Policy, provider: str, pool: str
) -> Iterator[Assumption]:
    """A named pool that nobody looked at may let in guests."""
    guests = _trusted(world, role, trust, provider, pool, "unauthenticated")
    if guests.verdict is Verdict.NO:
        return
    text = f"Whether identity pool {pool} lets in guests was not collected."
    missing = Answer(
        Verdict.UNKNOWN, text, (condition("not_collected", POOL, pool),), evidence=(text,)
    )
    answer = replace(all_of([guests, missing]), why=text)
    yield Assumption("internet", answer, (WEB_IDENTITY,), "unknown")
