"""Mutants of the rules of resource policies and of principals (26 to 45)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from graph.iam import (
    access_points,
    condition,
    endpoints,
    kms,
    layers,
    patterns,
    principal,
    resource_side,
    rules,
    s3,
)
from graph.iam.case import Case, Identity
from graph.iam.expression import FALSE, TRUE, any_of
from graph.iam.layers import Said
from graph.iam.principal import Named
from graph.iam.request import Side
from graph.iam.world import outside_account
from tests.iam.rules.mutation import Mutant, always, instead, mutant


def _named(way: Callable[[Identity, Said], Any]) -> tuple[Any, str, Any]:
    """Another idea of what naming the caller is enough for."""
    return (Identity, "named", way)


def without_keys(*keys: str) -> tuple[Any, str, Any]:
    """Conditions on these keys (lower case) are not read."""
    original = condition.evaluate

    def mutated(statement: Any, *args: Any) -> Any:
        kept = tuple(one for one in statement.conditions if one.key.lower() not in keys)
        return original(replace(statement, conditions=kept), *args)

    return (condition, "evaluate", mutated)


def _cut_services(original: Any) -> Any:
    def mutated(case: Case) -> Any:
        caller = case.request.principal
        if caller.kind == "service":
            case = replace(case, request=replace(case.request, principal=outside_account("9" * 12)))
        return original(case)

    return mutated


def _acls_not_ignored(original: Any) -> Any:
    return lambda case, own, name: name != "ignore_public_acls" and original(case, own, name)


def _acls_are_enabled(original: Any) -> Any:
    def mutated(case: Case, said: Said) -> Any:
        buckets = {arn: replace(one, acls_enabled=True) for arn, one in case.world.buckets.items()}
        return original(replace(case, world=replace(case.world, buckets=buckets)), said)

    return mutated


def _not_below(original: Any) -> Any:
    def mutated(world: Any, asked: Any) -> Any:
        held = asked.resource in (*world.resource_policies, *world.principals, "*")
        return original(world, asked) if held else Side.NOT_COLLECTED

    return mutated


def _no_ids(original: Any) -> Any:
    return lambda entry, caller: FALSE if entry.kind == "deleted" else original(entry, caller)


def _allows_nobody(original: Any) -> Any:
    return lambda statement, caller: original(statement, caller) if statement.is_deny else TRUE


def _self_trust(original: Any) -> Any:
    def mutated(case: Case, identity: Identity) -> Any:
        if case.action == "sts:assumerole" and case.request.resource == case.request.principal.arn:
            return identity.full
        return original(case, identity)

    return mutated


def _unqualified(original: Any) -> Any:
    def mutated(world: Any, asked: Any) -> Any:
        if asked.service == "lambda":
            asked = replace(asked, resource=":".join(asked.resource.split(":")[:7]))
        return original(world, asked)

    return mutated


def _everybody_where_nobody(original: Any) -> Any:
    def mutated(statement: Any, caller: Any) -> Any:
        if statement.principals is None and statement.not_principals is None:
            return [("everyone", TRUE)]
        return original(statement, caller)

    return mutated


def _wildcards_in_arns(original: Any) -> Any:
    def mutated(statement: Any, caller: Any) -> Any:
        arn = getattr(caller, "arn", "")
        more = [
            ("user", TRUE)
            for _, value in statement.principals or ()
            if len(value) > 1 and patterns.matches(patterns.wild(value), arn)
        ]
        return original(statement, caller) + more

    return mutated


def _ids_by_name(original: Any) -> Any:
    def mutated(kind: str, value: str) -> Named:
        found = original(kind, value)
        if found.kind != "deleted":
            return found
        return Named("role", "111111111111", "arn:aws:iam::111111111111:role/app")

    return mutated


def _any_form(statement: Any, caller: Any) -> Any:
    entries = [principal.named(*pair) for pair in statement.not_principals or ()]
    return any_of(principal.match(entry, caller) for entry in entries)


def _unsigned_of_accounts(original: Any) -> Any:
    def mutated(entry: Any, caller: Any) -> Any:
        if caller.kind == "anonymous" and entry.kind == "account":
            return TRUE
        return original(entry, caller)

    return mutated


def _mandatory_but(prefix: str, original: Any) -> Any:
    return lambda case: not case.action.startswith(prefix) and original(case)


MUTANTS: dict[str, Mutant] = {
    "26": mutant(
        "naming the account is enough",
        lambda: _named(lambda self, said: said.allowed()),
    ),
    "27": mutant(
        "whoever is named needs an identity policy too",
        lambda: _named(lambda self, said: said.allowed() & self.full),
    ),
    "28": mutant(
        "a trust policy need not allow",
        lambda: (
            resource_side,
            "_policy_is_mandatory",
            _mandatory_but("sts:", resource_side._policy_is_mandatory),
        ),
    ),
    "29": mutant(
        "a role trusts itself",
        lambda: (resource_side, "grants", _self_trust(resource_side.grants)),
    ),
    "30": mutant(
        "a trust of everyone needs an identity policy",
        lambda: _named(lambda self, said: said.allowed("user", "role", "session") | self.full),
    ),
    "30/unsigned": mutant(
        "unsigned callers reach every action", lambda: always(rules, "accepts_anonymous", True)
    ),
    "31": mutant(
        "a key policy need not allow",
        lambda: (
            resource_side,
            "_policy_is_mandatory",
            _mandatory_but("kms:", resource_side._policy_is_mandatory),
        ),
    ),
    "31/grants": mutant("grants are not read", lambda: always(kms, "granted", FALSE)),
    "31/across": mutant(
        "one side is enough across accounts",
        lambda: (Case, "same_account", property(lambda self: True)),
    ),
    "32": mutant(
        "kms:ViaService and kms:CallerAccount are not read",
        lambda: without_keys("kms:viaservice", "kms:calleraccount"),
    ),
    "33": mutant("RestrictPublicBuckets is not read", lambda: (s3, "not_cut", lambda *args: TRUE)),
    "33/services": mutant(
        "RestrictPublicBuckets cuts services", lambda: instead(s3, "unrestricted", _cut_services)
    ),
    "33/acl": mutant("ACLs are not read", lambda: always(s3, "acl", s3._NONE)),
    "33/ignored": mutant(
        "IgnorePublicAcls is not read", lambda: instead(s3, "_flag", _acls_not_ignored)
    ),
    "33/ownership": mutant(
        "BucketOwnerEnforced is not read", lambda: instead(s3, "acl", _acls_are_enabled)
    ),
    "33/points": mutant(
        "the bucket behind an access point is not asked",
        lambda: always(access_points, "_bucket_side", (TRUE, Said())),
    ),
    "34": mutant(
        "a qualifier has its function's policy",
        lambda: (resource_side, "policy_of", _unqualified(resource_side.policy_of)),
    ),
    "34/url": mutant(
        "a function URL's type is not read", lambda: without_keys("lambda:functionurlauthtype")
    ),
    "34/direct": mutant(
        "unsigned callers reach every action", lambda: always(rules, "accepts_anonymous", True)
    ),
    "34/organisation": mutant(
        "aws:PrincipalOrgID is not read", lambda: without_keys("aws:principalorgid")
    ),
    "35": mutant("aws:SourceOwner is not read", lambda: without_keys("aws:sourceowner")),
    "36": mutant(
        "no service has resource policies",
        lambda: (rules, "may_have_resource_policy", lambda action: False),
    ),
    "36/below": mutant(
        "a policy is of the very resource alone",
        lambda: instead(resource_side, "policy_of", _not_below),
    ),
    "37": mutant(
        "endpoint policies are not read", lambda: (endpoints, "passes", lambda case: TRUE)
    ),
    "38": mutant(
        "a statement without a principal is of everyone",
        lambda: (principal, "matched", _everybody_where_nobody(principal.matched)),
    ),
    "39": mutant(
        "every type of principal is AWS",
        lambda: (
            principal,
            "named",
            lambda kind, value, original=principal.named: original("AWS", value),
        ),
    ),
    "40": mutant(
        "a principal may be a pattern",
        lambda: (principal, "matched", _wildcards_in_arns(principal.matched)),
    ),
    "41": mutant(
        "a session is never named by its own ARN",
        lambda: (principal, "_match_session", lambda entry, caller: FALSE),
    ),
    "42": mutant(
        "a unique id is the role that has the name now",
        lambda: (principal, "named", _ids_by_name(principal.named)),
    ),
    "42/current": mutant(
        "the id of a principal that exists is nobody's",
        lambda: instead(principal, "match", _no_ids),
    ),
    "43": mutant(
        "any form that NotPrincipal lists is enough", lambda: (principal, "_exempt", _any_form)
    ),
    "43/allow": mutant(
        "an Allow with NotPrincipal is of nobody",
        lambda: instead(principal, "_exempt", _allows_nobody),
    ),
    "44": mutant(
        "a service has one name",
        lambda: (principal, "same_service", lambda left, right: left == right),
    ),
    "45": mutant(
        "an unsigned caller belongs to every account",
        lambda: (principal, "_match_outside", _unsigned_of_accounts(principal._match_outside)),
        lambda: (layers, "addressing", lambda document, action, _: document.touching(action)),
    ),
    "45/signed": mutant(
        "unsigned callers reach every action", lambda: always(rules, "accepts_anonymous", True)
    ),
}
