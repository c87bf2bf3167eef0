"""The callers that a statement of a resource policy may admit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.iam import callers
from graph.iam.document import Statement
from graph.iam.principal import named
from graph.iam.request import FRESH_ACCOUNT
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL, IamWorld, Outside, outside_account


@dataclass(frozen=True)
class Source:
    """A caller to try, with the context that makes it that caller."""

    id: str
    kind: str
    caller: Outside
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()


def sources(statement: Statement, owner: str, world: IamWorld) -> Iterator[Source]:
    """The sources that an Allow may admit; each is then tried against the whole policy."""
    pairs = statement.principals
    if pairs is None:
        pairs = () if statement.not_principals is None else (("AWS", "*"),)
    for kind, value in pairs:
        entry = named(kind, value)
        if entry.kind == "everyone":
            yield from _everyone(statement, owner, world)
        elif entry.kind == "account":
            yield _account(entry.account)
        elif entry.kind in ("user", "role", "session", "federated-user"):
            yield Source(value, "principal", outside_account(entry.account, value))
        elif entry.kind == "service":
            yield from _service(statement, value, owner)
        elif entry.kind in ("federated", "everyone-federated"):
            yield Source(f"federated:{value}", "federated", Outside("federated", arn=value))
        elif entry.kind == "canonical":
            yield Source(f"canonical:{value}", "canonical-user", Outside("canonical", arn=value))


def _account(account: str) -> Source:
    return Source(f"account:{account}", "account", outside_account(account))


def _everyone(statement: Statement, owner: str, world: IamWorld) -> Iterator[Source]:
    """Everyone, and whom the conditions single out."""
    yield Source("internet", "internet", ANONYMOUS)
    yield Source("any-aws-principal", "any-aws-principal", ANY_AWS_PRINCIPAL)
    for key, value in _fixed(statement):
        yield from _singled_out_principal(key, value)
        if key == "aws:userid":
            yield from _by_unique_id(world, value)
        if key in ("aws:sourcevpc", "aws:sourcevpce"):
            kind = key.removeprefix("aws:source")
            yield Source(value, kind, ANONYMOUS, ((key, (value,)),))
            yield Source(value, kind, ANY_AWS_PRINCIPAL, ((key, (value,)),))
        elif key in _ENDPOINT_OWNERS:
            yield from _by_endpoint(key, value)
        elif key in ("aws:sourceaccount", "aws:sourceowner", "aws:sourcearn"):
            yield from _via_any_service(key, value)
        elif key == "aws:principalservicename":
            yield from _service(statement, value, owner)
        elif key == "aws:principalisawsservice" and value.lower() == "true":
            yield Source("service:any", "service", Outside("service", arn="any-service"))


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
        return
    context = ((key, (value.replace("*", "any"),)),)
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
    """The collected user or role whose unique id ``aws:userid`` fixes.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    unique_id, colon, session = value.partition(":")
    found = callers.by_unique_id(world, unique_id)
    if found is not None:
        wild = any(char in session for char in "*?")
        known = f"{unique_id}{colon}{'any' if wild else session}"
        caller = outside_account(found.account, found.arn)
        yield Source(found.arn, "principal", caller, (("aws:userid", (known,)),))


def _arn_source(value: str, owner: str) -> Source:
    """A principal that ``aws:PrincipalArn`` fixes; a pattern stands for its account."""
    if "*" in value or "?" in value:
        return _account(owner)
    return Source(value, "principal", outside_account(owner, value))


def _organization(org: str, path: str) -> Source:
    context = (("aws:PrincipalOrgID", (org,)), ("aws:PrincipalOrgPaths", (path,)))
    below = path.removesuffix("any/").rstrip("/")
    return Source(f"org:{below}", "org", outside_account(FRESH_ACCOUNT), context)


def _via_any_service(key: str, value: str) -> Iterator[Source]:
    """``Principal *`` with a source key: services that act for that account or resource."""
    parts = value.split(":")
    owner = value if key != "aws:sourcearn" else (parts[4] if len(parts) > 5 else "")
    if re.fullmatch(r"[0-9]{12}", owner):
        context = ((key, (value.replace("*", "any"),)),)
        caller = Outside("service", owner, "any-service.amazonaws.com")
        yield Source(f"account:{owner}", "account-via-service", caller, context)
    elif key == "aws:sourcearn" and len(parts) > 5:
        service = f"{parts[2]}.amazonaws.com"
        open_owner = "*" in owner or "*" in parts[5] if parts[2] == "s3" else "*" in owner
        caller = Outside("service", FRESH_ACCOUNT if open_owner else "", service)
        context = ((key, (value.replace("*", "any"),)),)
        kind = "any-account-via" if open_owner else "service"
        yield Source(f"{kind}:{service}", kind, caller, context)


def _service(statement: Statement, value: str, owner: str) -> Iterator[Source]:
    """A service, and on whose behalf it may come."""
    yield Source(f"service:{value}", "service", Outside("service", arn=value))
    caller = Outside("service", FRESH_ACCOUNT, value)
    yield Source(f"any-account-via:{value}", "any-account-via", caller)
    for key, fixed in _fixed(statement):
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


def _fixed(statement: Statement) -> Iterator[tuple[str, str]]:
    """Keys with the values that positive operators of a statement name."""
    for test in statement.conditions:
        if "not" not in test.operator and test.operator != "null":
            for value in test.values:
                yield test.key.lower(), value
