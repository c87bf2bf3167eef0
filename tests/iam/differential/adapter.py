"""The naive evaluator's worlds and requests, as the engine reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graph.iam import patterns
from graph.iam.account_details import AccountDetails, Row, principals
from graph.iam.callers import caller_of
from graph.iam.document import parse
from graph.iam.facts import Absent, AbsentOr, Fact, Known, Shaped, Unknown
from graph.iam.request import EVERY_KEY, Request, facts_of, owner_of
from graph.iam.resource_controls import Bucket, PublicAccessBlock
from graph.iam.world import Account, Caller, IamWorld, Policy, Principal
from tests.iam.naive import evaluator

Doc = dict[str, Any]
REGIONS = ("eu-west-1", "us-east-1")
OPEN = PublicAccessBlock()
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


# ---------------------------------------------------------------- the world


def iam_world(world: Doc) -> IamWorld:
    """The engine's world: account details through its reader, the organisation as a tree."""
    found: dict[str, Principal] = {}
    for account, data in world["accounts"].items():
        details = AccountDetails(
            account,
            users=[Row(row) for row in data["UserDetailList"]],
            groups=[Row(row) for row in data["GroupDetailList"]],
            roles=[Row(row) for row in data["RoleDetailList"]],
            policies=[Row(row) for row in data["Policies"]],
        )
        found.update((one.arn, one) for one in principals(details))
    rows = world["resources"]
    organization = world["organization"]
    buckets = [row["arn"] for row in rows if row["kind"] == "s3-bucket"]
    keys = [row["arn"] for row in rows if row["kind"] == "kms-key"]
    return IamWorld(
        principals=found,
        accounts=_accounts(world),
        resource_policies={row["arn"]: _resource_policy(row) for row in rows},
        resource_accounts={row["arn"]: row["account"] for row in rows},
        resource_tags={row["arn"]: tuple(row["tags"].items()) for row in rows},
        buckets={arn: Bucket(acls_enabled=False, acl=(), block=OPEN) for arn in buckets},
        public_access_blocks=dict.fromkeys(world["accounts"], OPEN),
        key_grants=dict.fromkeys(keys),
        shares_read=frozenset(f"{one}/{region}" for one in world["accounts"] for region in REGIONS),
        organization=organization["id"] if organization else "",
    )


def _resource_policy(row: Doc) -> Policy | None:
    return None if row["policy"] is None else Policy("resource policy", parse(row["policy"]))


def _accounts(world: Doc) -> dict[str, Account]:
    organization = world["organization"] or {"management": "", "parents": {}}
    ids = {*world["accounts"], *filter(str.isdigit, organization["parents"])}
    return {one: _account(world, one) for one in ids}


def _account(world: Doc, account: str) -> Account:
    organization = world["organization"]
    collected = account in world["accounts"]
    path: list[str] = []
    if organization:
        path = _path(organization, account)
    if not path:
        return Account(account, collected, "none", scp_levels=(), rcps=())
    scps = organization["scps"]
    rcps = [doc for level in path for doc in organization["rcps"].get(level, [])]
    return Account(
        id=account,
        collected=collected,
        membership="management" if account == organization["management"] else "member",
        organization=organization["id"],
        org_path="/".join([organization["id"], *path[:-1], ""]),
        scp_levels=tuple(_policies(scps.get(level, [])) for level in path) if scps else (),
        rcps=_policies(rcps),
    )


def _policies(docs: list[Doc]) -> tuple[Policy, ...]:
    return tuple(Policy("organisation policy", parse(doc)) for doc in docs)


def _path(organization: Doc, account: str) -> list[str]:
    """Ids from the root down to the account; empty for one outside the organisation."""
    path = [account]
    while path[0] != organization["root"]:
        above = organization["parents"].get(path[0])
        if above is None:
            return []
        path.insert(0, above)
    return path


# ---------------------------------------------------------------- the request


def engine_caller(world: Doc, here: IamWorld, request: Doc) -> Caller:
    """The caller; a federated user's session is that of the user of its name."""
    text = request["principal"]
    policies = [Policy("session policy", parse(doc)) for doc in request["session_policies"]]
    issuer = ""
    if ":federated-user/" in text:
        detail = evaluator.who_is(world, text).detail
        issuer = detail["Arn"] if detail else ""
    return caller_of(here, text, policies, issuer)


def engine_request(
    world: Doc, here: IamWorld, request: Doc, unknown: Doc, stated_only: bool = False
) -> Request:
    """The request with its whole context: stated, derived, unknown, and everything else absent.

    What the naive evaluator derives is left to the engine where the engine can know it, and
    stated where it cannot (session tags, tags that were not collected).
    """
    caller = engine_caller(world, here, request)
    plain = Request(caller, request["action"], request["resource"])
    derived = evaluator.build_case(world, {**request, "context": {}}, evaluator.CHOSEN).context
    context = {key.lower(): tuple(values) for key, values in request["context"].items() if values}
    open_keys = {key.lower() for key in unknown}
    absent = {key.lower() for key, values in request["context"].items() if not values}
    for key in set(mentioned(world, request)) - open_keys - set(context) - absent:
        if derivable(key):
            fact = fact_of(here, plain, key)
            if isinstance(fact, Unknown) or _open_shape(fact, caller):
                if key in derived:
                    context[key] = tuple(derived[key])
                else:
                    absent.add(key)
        else:
            absent.add(key)
    if stated_only:
        absent.add(EVERY_KEY)
    return Request(
        caller,
        request["action"],
        request["resource"],
        context=context,
        absent=frozenset(absent - open_keys),
    )


def _open_shape(fact: Fact, caller: Caller) -> bool:
    """A shape, but for the id of a role's session of any name."""
    return isinstance(fact, Shaped) and getattr(caller, "session_name", "") is not None


def fact_of(here: IamWorld, request: Request, key: str) -> Fact:
    """What the engine knows of a key by itself."""
    return facts_of(here, request, owner_of(here, request))(key)


DERIVED = {
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalisawsservice",
    "aws:principaltype",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:username",
    "aws:userid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "kms:calleraccount",
}


def derivable(key: str) -> bool:
    """Whether both evaluators work a key out of the world by themselves."""
    return key in DERIVED or key.startswith(("aws:principaltag/", "aws:resourcetag/"))


def mentioned(world: Doc, request: Doc) -> Iterator[str]:
    """Every context key (lower case) that some policy tests or replaces a variable with."""
    pending: list[Any] = [world, request["session_policies"]]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            blocks = value.get("Condition", {})
            yield from (key.lower() for block in blocks.values() for key in block)
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, str):
            bodies = (found[1] for found in _VARIABLE.finditer(value))
            yield from (one.partition(",")[0].strip().lower() for one in bodies if len(one) > 1)


# ---------------------------------------------------------------- unknown keys


def candidates(fact: Fact, values: list[Any]) -> list[Any]:
    """Of an unknown key's values those that what the engine knows of the key leaves possible."""
    if isinstance(fact, Known):
        return [list(fact.values)]
    if isinstance(fact, Absent):
        return [None]
    if isinstance(fact, Unknown):
        return [one for one in values if one is not None or fact.present is not True]
    if isinstance(fact, Shaped):
        fitting = [one for one in values if isinstance(one, str) and _fits(one, fact)]
        example = [fact.shape] if patterns.is_literal(fact.shape) else []
        return [*fitting, *example, *([None] if fact.may_be_absent else [])]
    if isinstance(fact, AbsentOr):
        return [None, fact.value]
    raise NotImplementedError(f"the generator leaves no key of this kind unknown: {fact}")


def _fits(value: str, fact: Shaped) -> bool:
    return patterns.matches(fact.shape, value)
