"""The callers that a statement of a resource policy may admit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graph.iam import callers, rules
from graph.iam.document import ConditionTest, Document, Statement
from graph.iam.principal import named
from graph.iam.request import FRESH_ACCOUNT
from graph.iam.resource_variables import written_out
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL, IamWorld, Outside, outside_account

Context = tuple[tuple[str, tuple[str, ...]], ...]
Fixed = tuple[str, str]
"""A condition key in lower case and a value; ``principal/<type>`` for a named principal."""


@dataclass(frozen=True)
class Source:
    """A caller to try, with the context that makes it that caller.

    Attributes:
        id, kind: as in :class:`graph.iam.grants.Grant`.
        caller: whom to weigh.
        context: what singles it out.
        unseen: unique id of a principal of which nothing else is known.
        left_by_deny: not the Allow but a Deny of everybody else singles it out.
    """

    id: str
    kind: str
    caller: Outside
    context: Context = ()
    unseen: str = ""
    left_by_deny: bool = False


def sources(
    statement: Statement, owner: str, world: IamWorld, left: Iterable[Fixed] = ()
) -> Iterator[Source]:
    """The sources that an Allow may admit; each is then tried against the whole policy.

    Args:
        statement: the Allow.
        owner: account of the resource.
        world: the facts.
        left: whom the Denies of the policy leave, see :func:`left_by_denies`.
    """
    pairs = statement.principals
    if pairs is None:
        pairs = () if statement.not_principals is None else (("AWS", "*"),)
    for kind, value in pairs:
        if named(kind, value).kind == "everyone":
            yield from _everyone(statement, owner, world)
            for key, one in left:
                for found in _left(statement, owner, world, key, one):
                    yield replace(found, left_by_deny=True)
        else:
            yield from _entry(statement, owner, world, kind, value)


def _entry(
    statement: Statement, owner: str, world: IamWorld, kind: str, value: str
) -> Iterator[Source]:
    entry = named(kind, value)
    if entry.kind == "account":
        yield _account(entry.account)
    elif entry.kind in ("user", "role", "session", "federated-user"):
        yield Source(value, "principal", outside_account(entry.account, value))
    elif entry.kind == "service":
        yield from _service(statement, value, owner, world)
    elif entry.kind in ("federated", "everyone-federated"):
        yield Source(f"federated:{value}", "federated", Outside("federated", arn=value))
    elif entry.kind == "canonical":
        yield Source(f"canonical:{value}", "canonical-user", Outside("canonical", arn=value))


def _account(account: str) -> Source:
    return Source(f"account:{account}", "account", outside_account(account))


def left_by_denies(document: Document) -> tuple[Fixed, ...]:
    """Whom Denies of everybody else leave: keys with values, and principals of ``NotPrincipal``.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    found: dict[Fixed, None] = {}
    for statement in document.statements:
        if not statement.is_deny:
            continue
        for kind, value in statement.not_principals or ():
            found[f"principal/{kind}", value] = None
        for test in statement.conditions:
            key = test.key.lower()
            if "not" in test.operator:
                found.update(((key, value), None) for value in test.values)
            elif key == "aws:principalisawsservice" and "false" in map(str.lower, test.values):
                found[key, "true"] = None
    return tuple(found)


def _left(
    statement: Statement, owner: str, world: IamWorld, key: str, value: str
) -> Iterator[Source]:
    kind = key.removeprefix("principal/")
    if kind == key:
        one = written_out(value, owner, world, statement.variables)
        if one is not None:
            yield from _singled_out(statement, owner, world, key, one)
    elif named(kind, value).kind != "everyone":
        yield from _entry(statement, owner, world, kind, value)


def _everyone(statement: Statement, owner: str, world: IamWorld) -> Iterator[Source]:
    """Everyone, and whom the conditions single out."""
    yield Source("internet", "internet", ANONYMOUS)
    yield Source("any-aws-principal", "any-aws-principal", ANY_AWS_PRINCIPAL)
    for key, value in _fixed(statement, owner, world):
        yield from _singled_out(statement, owner, world, key, value)
    if any(_of_services_alone(test) for test in statement.conditions):
        yield _ANY_SERVICE


def _singled_out(
    statement: Statement, owner: str, world: IamWorld, key: str, value: str
) -> Iterator[Source]:
    """Whom a value of one key singles out of everyone."""
    yield from _singled_out_principal(key, value)
    if key == "aws:userid":
        yield from _by_unique_id(world, value)
    elif key in ("aws:sourcevpc", "aws:sourcevpce"):
        yield from _by_network(key, value)
    elif key in _ENDPOINT_OWNERS:
        yield from _by_endpoint(key, value)
    elif key in ("aws:sourceaccount", "aws:sourceowner", "aws:sourcearn"):
        yield from _via_any_service(key, value)
    elif key in _SOURCE_ORGS:
        yield from _via_service_of_org(key, value, ANY_SERVICE)
    elif key in ("aws:principalservicename", "aws:principalservicenameslist"):
        yield from _service(statement, value, owner, world)
    elif key == "aws:principalisawsservice" and value.lower() == "true":
        yield Source("service:any", "service", Outside("service", arn="any-service"))


ANY_SERVICE = "any-service.amazonaws.com"
"""Stands for whichever AWS service."""
_ANY_SERVICE = Source(
    "any-account-via:any-service", "any-account-via", Outside("service", FRESH_ACCOUNT, ANY_SERVICE)
)
"""Any service that acts for any account."""
_SOURCE_ORGS = ("aws:sourceorgid", "aws:sourceorgpaths")


def _of_services_alone(test: ConditionTest) -> bool:
    """Whether a test lets pass what only calls of services carry, whoever they act for."""
    if not rules.key_is("only_in_calls_of_services", test.key.lower()):
        return False
    if test.operator == "null":
        return "false" in map(str.lower, test.values)
    return "not" not in test.operator and any(map(_any_service_fits, test.values))


def _any_service_fits(value: str) -> bool:
    """Whether a pattern of an account, organisation or ARN fixes no service."""
    parts = value.split(":")
    return "*" in value and (len(parts) < 3 or "*" in parts[2])


def _by_network(key: str, value: str) -> Iterator[Source]:
    """A VPC or endpoint; a pattern that ids given at random may fit is anybody's own."""
    kind = key.removeprefix("aws:source")
    if _may_be_hit(value, f"{kind}-"):
        yield from _of_own(key, value)
        return
    yield Source(value, kind, ANONYMOUS, ((key, (value,)),))
    yield Source(value, kind, ANY_AWS_PRINCIPAL, ((key, (value,)),))


def _of_own(key: str, value: str) -> Iterator[Source]:
    """Everybody, by way of something of their own that fits a pattern."""
    context = ((key, (_filled(value),)),)
    yield Source("internet", "internet", ANONYMOUS, context)
    yield Source("any-aws-principal", "any-aws-principal", ANY_AWS_PRINCIPAL, context)


_GUESSED = 6
"""Up to so many characters of an id that AWS gives at random are hit by trying often enough."""


def _may_be_hit(value: str, prefix: str) -> bool:
    if not {"*", "?"} & set(value):
        return False
    return sum(char not in "*?" for char in value.removeprefix(prefix)) <= _GUESSED


def _filled(value: str) -> str:
    """A text that a pattern fits."""
    return value.replace("*", "any").replace("?", "a")


_ENDPOINT_OWNERS = ("aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths")


def _by_endpoint(key: str, value: str) -> Iterator[Source]:
    """Whoever comes through a VPC endpoint of an account or organisation, signed or not.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties
    """
    owner = (value.split(":") + [""] * 5)[4] if key == "aws:sourcevpcarn" else value
    if key.startswith("aws:vpceorg") and value.startswith("o-") and value[2:3] not in "*?":
        name = f"org:{value.removesuffix('*').rstrip('/')}"
    elif _ACCOUNT.fullmatch(owner):
        name = f"account:{owner}"
    else:
        if {"*", "?"} & set(value):
            yield from _of_own(key, value)
        return
    context = ((key, (_filled(value),)),)
    for caller in (ANONYMOUS, ANY_AWS_PRINCIPAL):
        yield Source(name, name.partition(":")[0], caller, context)


def _singled_out_principal(key: str, value: str) -> Iterator[Source]:
    """An account, principal or organisation that a key of the caller fixes."""
    if key in ("aws:principalaccount", "kms:calleraccount"):
        yield _account(value) if _ACCOUNT.fullmatch(value) else _some_account(key, value)
    elif key in ("aws:principalarn", "aws:userarn"):
        account = value.split(":")[4] if value.count(":") >= 5 else ""
        if re.fullmatch(r"[0-9]{12}", account):
            yield _arn_source(value, account)
    elif key == "aws:principalorgid" and "*" not in value:
        yield _organization(value, f"{value}/any/")
    elif key == "aws:principalorgpaths" and value.startswith("o-"):
        path = value.removesuffix("*")
        yield _organization(value.partition("/")[0], path if path.endswith("/") else value)


_ACCOUNT = re.compile(r"[0-9]{12}")


def _some_account(key: str, value: str) -> Source:
    """Account ids are given at random: whoever tries often enough gets one that a pattern fits."""
    one = value.replace("?", "0")
    context = ((key, (one.replace("*", "0" * max(0, 13 - len(one)), 1).replace("*", ""),)),)
    return Source("any-aws-principal", "any-aws-principal", ANY_AWS_PRINCIPAL, context)


def _by_unique_id(world: IamWorld, value: str) -> Iterator[Source]:
    """Whom ``aws:userid`` fixes: a collected user or role, an account, or one that was not seen.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    unique_id, colon, session = value.partition(":")
    context = (("aws:userid", (_filled(value),)),)
    found = callers.by_unique_id(world, unique_id)
    if found is not None:
        known = f"{unique_id}{colon}{_filled(session)}"
        caller = outside_account(found.account, found.arn)
        yield Source(found.arn, "principal", caller, (("aws:userid", (known,)),))
    elif _ACCOUNT.fullmatch(unique_id):
        # A root user has the account's id, a federated user that and a name.
        yield Source(f"account:{unique_id}", "account", outside_account(unique_id), context)
    elif {"*", "?"} & set(unique_id) and _may_be_hit(unique_id, unique_id[:4]):
        yield Source("any-aws-principal", "any-aws-principal", ANY_AWS_PRINCIPAL, context)
    elif _UNIQUE_ID.match(unique_id):
        anybody = Source("any-aws-principal", "any-aws-principal", ANY_AWS_PRINCIPAL, context)
        yield replace(anybody, unseen=unique_id)


_UNIQUE_ID = re.compile(r"A(IDA|ROA)[A-Z0-9?*]+")


def _arn_source(value: str, owner: str) -> Source:
    """A principal that ``aws:PrincipalArn`` fixes; a pattern stands for its account."""
    if "*" in value or "?" in value:
        return _account(owner)
    return Source(value, "principal", outside_account(owner, value))


def _organization(org: str, path: str) -> Source:
    context = (("aws:PrincipalOrgID", (org,)), ("aws:PrincipalOrgPaths", (path,)))
    below = path.removesuffix("any/").rstrip("/")
    return Source(f"org:{below}", "org", outside_account(FRESH_ACCOUNT), context)


def _via_service_of_org(key: str, value: str, service: str) -> Iterator[Source]:
    """A service that acts for some account of an organisation, or of a part of it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceorgid
    """
    org, slash, _ = value.partition("/")
    caller = Outside("service", FRESH_ACCOUNT, service)
    if _ORGANIZATION.fullmatch(org):
        below = value.removesuffix("*").rstrip("/") if slash else org
        context: Context = (("aws:SourceOrgID", (org,)), (_PATHS, (f"{below}/any/",)))
        if slash and not value.endswith("*"):
            context = (("aws:SourceOrgID", (org,)), (_PATHS, (value,)))
        yield Source(f"org:{below}", "account-via-service", caller, context)
    elif {"*", "?"} & set(org) and service == ANY_SERVICE:
        yield replace(_ANY_SERVICE, context=((key, (_filled(value),)),))


_PATHS = "aws:SourceOrgPaths"
_ORGANIZATION = re.compile(r"o-[a-z0-9]+")


def _via_any_service(key: str, value: str) -> Iterator[Source]:
    """``Principal *`` with a source key: services that act for that account or resource."""
    parts = (value.split(":") + [""] * 5)[: max(6, value.count(":") + 1)]
    owner = parts[4] if key == "aws:sourcearn" else value
    if _ACCOUNT.fullmatch(owner):
        context: Context = ((key, (_filled(value),)),)
        caller = Outside("service", owner, ANY_SERVICE)
        yield Source(f"account:{owner}", "account-via-service", caller, context)
    elif key == "aws:sourcearn":
        yield from _via_service_of(value, parts)
    elif {"*", "?"} & set(owner):
        context = _some_account(key, value).context
        yield replace(_ANY_SERVICE, context=context)


def _via_service_of(value: str, parts: list[str]) -> Iterator[Source]:
    """A service whose resources' ARNs fit a pattern that fixes no account."""
    if not parts[2] or {"*", "?"} & set(parts[2]):
        return
    service, owner = f"{parts[2]}.amazonaws.com", parts[4]
    short = value.count(":") < 5
    open_owner = short or bool({"*", "?"} & set(owner))
    if parts[2] == "s3":
        open_owner = open_owner or "*" in parts[5]
    caller = Outside("service", FRESH_ACCOUNT if open_owner else "", service)
    context = (("aws:sourcearn", (_filled(value),)),)
    kind = "any-account-via" if open_owner else "service"
    yield Source(f"{kind}:{service}", kind, caller, context)


def _service(statement: Statement, value: str, owner: str, world: IamWorld) -> Iterator[Source]:
    """A service, and on whose behalf it may come."""
    yield Source(f"service:{value}", "service", Outside("service", arn=value))
    caller = Outside("service", FRESH_ACCOUNT, value)
    yield Source(f"any-account-via:{value}", "any-account-via", caller)
    for key, fixed in _fixed(statement, owner, world):
        if key in _SOURCE_ORGS:
            yield from _via_service_of_org(key, fixed, value)
        parts = fixed.split(":")
        account = parts[4] if key == "aws:sourcearn" and len(parts) > 5 else fixed
        if key == "aws:sourcearn" and parts[2:3] == ["s3"] and "*" in ":".join(parts[5:6]):
            context = ((key, (fixed.replace("*", "any"),)),)
            yield Source(f"any-account-via:{value}", "any-account-via", caller, context)
        if (
            key.startswith("aws:source")
            and re.fullmatch(r"[0-9]{12}", account)
            and account != owner
        ):
            caller_there = Outside("service", account, value)
            yield Source(f"account:{account}", "account-via-service", caller_there)


def _fixed(statement: Statement, owner: str, world: IamWorld) -> Iterator[Fixed]:
    """Keys with the values that positive operators of a statement name, as far as known."""
    for test in statement.conditions:
        if "not" not in test.operator and test.operator != "null":
            for value in test.values:
                known = written_out(value, owner, world, statement.variables)
                if known is not None:
                    yield test.key.lower(), known
