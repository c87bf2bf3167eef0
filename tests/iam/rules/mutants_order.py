"""Mutants of the rules of order, guard rails, boundaries and sessions (1 to 25)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from graph.iam import (
    account_details,
    evaluate,
    federation,
    from_snapshot,
    layers,
    organisation,
    principal,
    proof,
    request,
    resource_side,
    resource_types,
    rules,
)
from graph.iam.case import Case, Identity
from graph.iam.document import Document
from graph.iam.expression import FALSE, TRUE
from graph.iam.layers import Said
from graph.iam.world import IamWorld, Principal
from tests.iam.rules.mutation import Mutant, always, data_file, instead, mutant


def identity_of(change: Callable[[Principal], Principal]) -> tuple[Any, str, Any]:
    """The identity side of another principal than the one that calls."""
    original = evaluate._identity

    def mutated(case: Case) -> Any:
        caller = case.request.principal
        if isinstance(caller, Principal):
            changed = replace(case.request, principal=change(caller))
            case = replace(case, request=changed)
        return original(case)

    return (evaluate, "_identity", mutated)


def accounts(change: Callable[[Any], Any]) -> tuple[Any, str, Any]:
    """Accounts that the engine sees otherwise."""
    original = IamWorld.account
    return (IamWorld, "account", lambda self, account_id: change(original(self, account_id)))


def _limited(*kinds: str) -> tuple[Any, str, Any]:
    """Some ways of being named are cut by boundary and session policy, the others are not."""
    alone = tuple({"everyone", "user", "session", "federated-user", "role"} - set(kinds))

    def named(self: Identity, said: Said) -> Any:
        return said.allowed(*alone) | (said.allowed(*kinds) & self.limits if kinds else FALSE)

    return (Identity, "named", named)


def _one_level(account: Any) -> Any:
    if not account.scp_levels:
        return account
    return replace(
        account, scp_levels=(tuple(row for level in account.scp_levels for row in level),)
    )


def _bound_anyhow(account: Any) -> Any:
    return replace(account, membership="member") if account.membership == "management" else account


def _scps_of_identity_only(original: Any) -> Any:
    def mutated(world: Any, asked: Any, question: Any, told: Any) -> Any:
        own = getattr(asked.principal, "policies", ())
        if not layers.ask(own, question).allows:
            return TRUE
        return original(world, asked, question, told)

    return mutated


def _plain_allows(level: Any, *args: Any, original: Any) -> Any:
    """The SCP language of before: no conditions and no resources in an Allow, no NotResource."""

    def kept(row: Any) -> bool:
        if row.is_deny:
            return row.not_resources is None
        return row.resources == ("*",) and not row.conditions and row.actions is not None

    def plain(policy: Any) -> Any:
        rows = tuple(row for row in policy.document.statements if kept(row))
        return replace(policy, document=Document(f"{policy.document.hash}-plain", rows))

    return original(tuple(map(plain, level)), *args)


def _silent_scps(original: Any) -> Any:
    def mutated(world: Any, asked: Any, question: Any, told: Any) -> Any:
        if world.account(asked.principal.account).scp_levels is None:
            return TRUE
        return original(world, asked, question, told)

    return mutated


def _rcps_at_home(original: Any) -> Any:
    def mutated(world: Any, asked: Any, owner: str, *rest: Any) -> Any:
        if asked.principal.account != owner:
            return TRUE
        return original(world, asked, owner, *rest)

    return mutated


def _owner_without(original: Any, *, of_star: bool) -> Any:
    def mutated(world: Any, asked: Any) -> str:
        if of_star:
            return "" if asked.resource == "*" else str(original(world, asked))
        return str(original(replace(world, resource_accounts={}), asked))

    return mutated


def _last_failed(original: Any) -> Any:
    def mutated(self: Any, *rest: Any) -> Any:
        self.steps.reverse()
        return original(self, *rest)

    return mutated


def _read_boundaries_only(original: Any) -> Any:
    def mutated(row: Any, managed: Any) -> Any:
        found = original(row, managed)
        return found if found is None or found.document is not None else None

    return mutated


def _no_policy_is_open(original: Any) -> Any:
    def mutated(case: Case, identity: Identity, said: Said) -> Any:
        return identity.full if case.policy is None else original(case, identity, said)

    return mutated


def _locked(case: Case, identity: Identity, denied: Any) -> tuple[Identity, Any]:
    caller = case.request.principal
    if caller.kind == "role" and not getattr(caller, "session_policies", ()):
        return replace(identity, session=FALSE), denied
    return identity, denied


def _newest(original: Any) -> Any:
    def mutated(rows: Any) -> Any:
        return original([replace(row, item=newest(row.item)) for row in rows])

    def newest(item: Any) -> Any:
        versions = item.get("PolicyVersionList") or ()
        last = len(versions) - 1
        marked = [
            {**row, "IsDefaultVersion": number == last} for number, row in enumerate(versions)
        ]
        return {**item, "PolicyVersionList": marked}

    return mutated


def _without_denies(original: Any) -> Any:
    def allows(policy: Any) -> Any:
        rows = tuple(row for row in policy.document.statements if not row.is_deny)
        return replace(policy, document=Document(f"{policy.document.hash}-allows", rows))

    return lambda level, *rest: original(tuple(map(allows, level)), *rest)


def _scps_of_the_resource(original: Any) -> Any:
    def mutated(world: Any, asked: Any, owner: str, question: Any, told: Any) -> Any:
        found = original(world, asked, owner, question, told)
        account = world.account(owner)
        for level in account.scp_levels or ():
            found = found & organisation._level(level, account, question, told)
        return found

    return mutated


def _rcps_that_allow(original: Any) -> Any:
    def mutated(world: Any, asked: Any, owner: str, question: Any, told: Any) -> Any:
        found = original(world, asked, owner, question, told)
        rcps = world.account(owner).rcps
        if not rcps:
            return found
        return found & layers.ask(rcps, question, names_principals=True).allowed()

    return mutated


def _boundaries_grant(original: Any) -> Any:
    def mutated(case: Case) -> Any:
        found, denied = original(case)
        if getattr(case.request.principal, "boundary", None) is None:
            return found, denied
        return replace(found, own=found.own | found.boundary), denied

    return mutated


def _boundaries_are_ordinary(content: Any) -> Any:
    group = "writes_to_roles_of_aws"
    return {**content, group: [one for one in content[group] if "boundary" not in one]}


def _any_session(original: Any) -> Any:
    def mutated(entry: Any, caller: Any) -> Any:
        name = entry.value.rpartition("/")[2]
        return original(entry, replace(caller, session_name=name))

    return mutated


MUTANTS: dict[str, Mutant] = {
    "1": mutant(
        "the root user is like any user",
        lambda: identity_of(lambda one: replace(one, kind="user") if one.kind == "root" else one),
    ),
    "2": mutant("a Deny is not read", lambda: (Said, "denied", property(lambda self: FALSE))),
    "3": mutant(
        "the last layer without an Allow is named",
        lambda: (proof.Proof, "decision", _last_failed(proof.Proof.decision)),
    ),
    "4": mutant(
        "groups bring no policies",
        lambda: (
            account_details,
            "_user",
            lambda details, row, managed, groups, original=account_details._user: original(
                details,
                replace(row, item={**row.item, "GroupList": []}),
                managed,
                groups,
            ),
        ),
    ),
    "4/versions": mutant(
        "the newest version of a managed policy is in force",
        lambda: instead(account_details, "_managed", _newest),
    ),
    "5": mutant(
        "both sides must allow in one account too",
        lambda: (Case, "same_account", property(lambda self: False)),
    ),
    "6": mutant(
        "one side is enough across accounts",
        lambda: (Case, "same_account", property(lambda self: True)),
    ),
    "7": mutant(
        "the owner is whom the ARN names",
        lambda: (request, "owner_of", _owner_without(request.owner_of, of_star=False)),
    ),
    "7/partitions": mutant(
        "partitions do not matter", lambda: always(resource_types, "other_partition", "")
    ),
    "8": mutant(
        "a resource without a policy is open to other accounts",
        lambda: (resource_side, "_cross_account", _no_policy_is_open(resource_side._cross_account)),
    ),
    "9": mutant("the levels of SCPs are one", lambda: accounts(_one_level)),
    "9/deny": mutant(
        "a Deny of an SCP is not read", lambda: instead(organisation, "_level", _without_denies)
    ),
    "10": mutant("the management account is bound by SCPs", lambda: accounts(_bound_anyhow)),
    "10/linked": mutant(
        "service-linked roles are bound", lambda: always(organisation, "_exempt", False)
    ),
    "10/outside": mutant(
        "the resource's SCPs bind whoever comes",
        lambda: instead(organisation, "guards", _scps_of_the_resource),
    ),
    "11": mutant(
        "SCPs cut what identity policies give alone",
        lambda: (organisation, "_scps", _scps_of_identity_only(organisation._scps)),
    ),
    "11b": mutant(
        "SCPs know only the language of before September 2025",
        lambda: (organisation, "_level", partial(_plain_allows, original=organisation._level)),
    ),
    "11c": mutant(
        "SCPs that were not read are not spoken of",
        lambda: (organisation, "_scps", _silent_scps(organisation._scps)),
    ),
    "12": mutant(
        "RCPs bind the own account's callers alone",
        lambda: (organisation, "_rcps", _rcps_at_home(organisation._rcps)),
    ),
    "12/levels": mutant(
        "RCPs of the account itself count alone",
        lambda: (from_snapshot, "_flat", lambda levels: levels[-1] if levels else levels),
    ),
    "12/allow": mutant(
        "an RCP must allow", lambda: instead(organisation, "_rcps", _rcps_that_allow)
    ),
    "12/management": mutant("RCPs bind the management account", lambda: accounts(_bound_anyhow)),
    "12/linked": mutant(
        "RCPs bind service-linked roles", lambda: always(organisation, "_exempt", False)
    ),
    "12/retire": mutant(
        "RCPs bind every action of a service",
        lambda: (
            rules,
            "rcp_applies",
            lambda action: rules.service_is("rcp", action.partition(":")[0]),
        ),
    ),
    "12/services": mutant("RCPs bind every service", lambda: always(rules, "rcp_applies", True)),
    "13": mutant(
        "an action without a resource is of no account",
        lambda: (request, "owner_of", _owner_without(request.owner_of, of_star=True)),
    ),
    "14": mutant(
        "boundaries are not read", lambda: identity_of(lambda one: replace(one, boundary=None))
    ),
    "14/grants": mutant(
        "a boundary grants", lambda: instead(evaluate, "_identity", _boundaries_grant)
    ),
    "15": mutant("naming the user is cut by the boundary", lambda: _limited("user", "role")),
    "16": mutant("naming the role is not cut by the boundary", lambda: _limited()),
    "17": mutant("naming the session is cut by the boundary", lambda: _limited("session", "role")),
    "17/names": mutant(
        "the name of a session does not matter",
        lambda: instead(principal, "_match_session", _any_session),
    ),
    "18": mutant(
        "a grant to everyone is cut by the boundary", lambda: _limited("everyone", "role")
    ),
    "19": mutant(
        "across accounts boundaries do not count",
        lambda: (
            resource_side,
            "_cross_account",
            lambda case, identity, said, original=resource_side._cross_account: original(
                case, replace(identity, boundary=TRUE), said
            ),
        ),
    ),
    "20": mutant(
        "NotPrincipal spares who has a boundary",
        lambda: (
            principal,
            "_exempt",
            lambda statement, caller, original=principal._exempt: original(
                statement,
                replace(caller, boundary=None) if isinstance(caller, Principal) else caller,
            ),
        ),
    ),
    "21": mutant(
        "a service-linked role takes a boundary",
        lambda: data_file("refused.json", _boundaries_are_ordinary),
    ),
    "22": mutant(
        "a boundary that was not read is none",
        lambda: (account_details, "_boundary", _read_boundaries_only(account_details._boundary)),
    ),
    "23": mutant(
        "session policies are not read",
        lambda: identity_of(
            lambda one: replace(one, session_policies=()) if one.kind == "role" else one
        ),
    ),
    "24": mutant(
        "a federation token has its user's permissions",
        lambda: (evaluate, "_federated_user", lambda case, caller, granted: (granted, TRUE)),
    ),
    "25": mutant(
        "a role without a session policy can do nothing",
        lambda: (
            evaluate,
            "_identity",
            lambda case, original=evaluate._identity: _locked(case, *original(case)),
        ),
    ),
    "25/guests": mutant(
        "Cognito puts no session policy on a guest's session",
        lambda: always(federation, "guest_session_policies", ()),
    ),
}
