"""Every class of callers that a resource policy admits, each with its actions and its answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from graph.iam import callers, patterns, rules
from graph.iam.document import Document, Statement
from graph.iam.principal import named, service_name
from graph.iam.request import FRESH_ACCOUNT, Request, Side
from graph.iam.resource_policy import PolicySource, as_policy, covered_by, forms, weigh
from graph.iam.world import (
    ANONYMOUS,
    ANY_AWS_PRINCIPAL,
    IamWorld,
    Outside,
    Policy,
    outside_account,
)
from graph.verdict import Answer, Verdict, any_of, condition


@dataclass(frozen=True, slots=True)
class Grant:
    """A class of callers and what it may do.

    Attributes:
        source_id: ``internet``, ``any-aws-principal``, ``any-account-via:<service principal>``,
            ``org:<id>`` (with the OU path after it, if one is fixed), ``account:<id>``,
            ``cidr:<range>``, a VPC or VPC endpoint id, a principal's ARN,
            ``service:<service principal>`` (``service:any``: whichever),
            ``federated:<provider>``, ``canonical:<id>``.
        source_kind: ``internet``, ``any-aws-principal``, ``any-account-via``, ``org``,
            ``account``, ``account-via-service``, ``cidr``, ``vpc``, ``vpce``, ``principal``,
            ``service``, ``federated``, ``canonical-user``, ``unknown`` (the policy was not read).
        actions: as the policy writes them, sorted.
        answer: never ``no``.
        resources: patterns within the resource, as the policy writes them, sorted.
    """

    source_id: str
    source_kind: str
    actions: tuple[str, ...]
    answer: Answer
    resources: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Source:
    """A caller to try, with the context that makes it that caller."""

    id: str
    kind: str
    caller: Outside
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(slots=True)
class _Found:
    """Answers per (source, verdict, conditions), with the actions and resources they hold for."""

    rows: dict[tuple[str, str, Verdict, tuple[str, ...]], list[tuple[str, str, Answer]]] = field(
        default_factory=dict
    )

    def add(self, source_id: str, kind: str, action: str, resource: str, answer: Answer) -> None:
        if answer.verdict is Verdict.NO:
            return
        key = (source_id, kind, answer.verdict, answer.conditions)
        self.rows.setdefault(key, []).append((action, resource, answer))


def grants(
    policy: PolicySource,
    service: str,
    resource_arn: str = "",
    resource_account: str = "",
    world: IamWorld | None = None,
    context: Mapping[str, tuple[str, ...]] | None = None,
    actions: Iterable[str] | None = None,
) -> list[Grant]:
    """List every source class that a policy admits.

    Args:
        policy: the policy in any form; see :data:`graph.iam.resource_policy.PolicySource`.
        service: the resource's service prefix, e.g. ``sqs``.
        resource_arn: the resource that carries it.
        resource_account: its owner; principals of that account are listed too.
        world: brings organisations and resource control policies.
        context: known keys, e.g. ``{"lambda:FunctionUrlAuthType": ("NONE",)}``.
        actions: ask for these alone; by default for each action that an Allow names.

    Returns:
        Grants by source; one per source and answer. A policy that was not collected or cannot be
        read gives one of kind ``unknown`` for ``internet``.
    """
    source = as_policy(policy)
    if source is None:
        return []
    if isinstance(source, Side) or not isinstance(source.document, Document):
        return [_unread(source, service, resource_arn, resource_account)]
    here = world or IamWorld()
    wanted = None if actions is None else tuple(actions)
    found = _Found()
    for statement in source.document.statements:
        if statement.is_deny:
            continue
        for caller in _sources(statement, resource_account, here):
            for action, target in _asked(statement, service, resource_arn, wanted):
                _try(found, here, source, caller, action, target, resource_account, context or {})
    return _merged(found, service)


def _unread(policy: Policy | Side, service: str, arn: str, account: str) -> Grant:
    caller = ANONYMOUS if rules.accepts_anonymous(f"{service}:*") else ANY_AWS_PRINCIPAL
    request = Request(caller, f"{service}:*", arn or "*", account)
    answer = weigh(IamWorld(), request, policy).answer
    return Grant("internet", "unknown", (f"{service}:*",), answer, (arn,) if arn else ())


def _asked(
    statement: Statement, service: str, arn: str, wanted: tuple[str, ...] | None
) -> Iterator[tuple[str, str]]:
    """Pairs of an action and a resource to ask for: those of the Allow, within the resource."""
    names = wanted if wanted is not None else statement.action_names or (f"{service}:*",)
    for name in names:
        if statement.touches(patterns.action_glob(name)):
            for target in _targets(statement, forms(service, arn, name) if arn else ["*"]):
                yield name, target


def _targets(statement: Statement, within: list[str]) -> list[str]:
    """What an Allow names within the resource: its own patterns where they stay inside."""
    if statement.resources is None:
        return within
    return sorted(
        {
            entry if covered_by(entry, form) else form
            for entry in statement.resources
            for form in within
            if patterns.written_resource(entry).intersects(patterns.wild(form))
        }
    )


def _try(
    found: _Found,
    world: IamWorld,
    policy: Policy,
    source: _Source,
    action: str,
    target: str,
    account: str,
    context: Mapping[str, tuple[str, ...]],
) -> None:
    if source.id == "internet" and not rules.accepts_anonymous(action.lower()):
        if not any(char in action for char in "*?"):
            return
        # A pattern may hold an action that takes unsigned callers (a function URL).
        action = _anonymous_part(action)
        if not action:
            return
    request = Request(
        source.caller,
        action,
        target,
        account,
        {**context, **dict(source.context)},
        pattern=any(char in target for char in "*?"),
    )
    narrowed = weigh(world, request, policy)
    answer = narrowed.answer
    if source.kind == "any-account-via":
        answer = _deputy(answer, source.caller.arn)
    found.add(source.id, source.kind, action, target, answer)
    for network, ranged in narrowed.ranges:
        if source.id == "any-aws-principal":
            ranged = _signed(ranged)
        found.add(f"cidr:{network}", "cidr", action, target, ranged)


def _anonymous_part(action: str) -> str:
    """The unsigned action within a pattern such as ``lambda:*``; empty if there is none."""
    glob = patterns.action_glob(action)
    own = rules.data("resource_services.json")["anonymous_by_own_rule"]["names"]
    return next((name for name in own if patterns.covers(glob, patterns.action_glob(name))), "")


def _signed(answer: Answer) -> Answer:
    """From a range and with a signature: AWS checks the signature in front."""
    if answer.verdict.rank < Verdict.CONDITIONAL.rank:
        return answer
    conditions = tuple(sorted({*answer.conditions, condition("authn", "sigv4")}))
    return Answer(
        Verdict.CONDITIONAL, answer.why, conditions, evidence=answer.evidence, steps=answer.steps
    )


def _deputy(answer: Answer, service: str) -> Answer:
    """Of a service that is not known to act for other accounts that is a condition."""
    if answer.verdict is Verdict.NO or rules.service_is(
        "acts_for_other_accounts", service_name(service)
    ):
        return answer
    note = condition("context", f"{service} acts for other accounts")
    conditions = tuple(sorted({*answer.conditions, note}))
    verdict = min(answer.verdict, Verdict.CONDITIONAL, key=lambda one: one.rank)
    return Answer(verdict, answer.why, conditions, evidence=answer.evidence, steps=answer.steps)


def _sources(statement: Statement, owner: str, world: IamWorld) -> Iterator[_Source]:
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
            yield _Source(value, "principal", outside_account(entry.account, value))
        elif entry.kind == "service":
            yield from _service(statement, value, owner)
        elif entry.kind in ("federated", "everyone-federated"):
            yield _Source(f"federated:{value}", "federated", Outside("federated", arn=value))
        elif entry.kind == "canonical":
            yield _Source(f"canonical:{value}", "canonical-user", Outside("canonical", arn=value))


def _account(account: str) -> _Source:
    return _Source(f"account:{account}", "account", outside_account(account))


def _everyone(statement: Statement, owner: str, world: IamWorld) -> Iterator[_Source]:
    """Everyone, and whom the conditions single out."""
    yield _Source("internet", "internet", ANONYMOUS)
    yield _Source("any-aws-principal", "any-aws-principal", ANY_AWS_PRINCIPAL)
    for key, value in _fixed(statement):
        yield from _singled_out_principal(key, value)
        if key == "aws:userid":
            yield from _by_unique_id(world, value)
        if key in ("aws:sourcevpc", "aws:sourcevpce"):
            kind = key.removeprefix("aws:source")
            yield _Source(value, kind, ANONYMOUS, ((key, (value,)),))
            yield _Source(value, kind, ANY_AWS_PRINCIPAL, ((key, (value,)),))
        elif key in ("aws:sourceaccount", "aws:sourceowner", "aws:sourcearn"):
            yield from _via_any_service(key, value)
        elif key == "aws:principalservicename":
            yield from _service(statement, value, owner)
        elif key == "aws:principalisawsservice" and value.lower() == "true":
            yield _Source("service:any", "service", Outside("service", arn="any-service"))


def _singled_out_principal(key: str, value: str) -> Iterator[_Source]:
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


def _some_account(key: str, value: str) -> _Source:
    """Account ids are given at random: whoever tries often enough gets one that a pattern fits."""
    one = value.replace("?", "0")
    context = ((key, (one.replace("*", "0" * max(0, 13 - len(one)), 1).replace("*", ""),)),)
    return _Source("any-aws-principal", "any-aws-principal", ANY_AWS_PRINCIPAL, context)


def _by_unique_id(world: IamWorld, value: str) -> Iterator[_Source]:
    """The collected user or role whose unique id ``aws:userid`` fixes.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    unique_id, colon, session = value.partition(":")
    found = callers.by_unique_id(world, unique_id)
    if found is not None:
        wild = any(char in session for char in "*?")
        known = f"{unique_id}{colon}{'any' if wild else session}"
        caller = outside_account(found.account, found.arn)
        yield _Source(found.arn, "principal", caller, (("aws:userid", (known,)),))


def _arn_source(value: str, owner: str) -> _Source:
    """A principal that ``aws:PrincipalArn`` fixes; a pattern stands for its account."""
    if "*" in value or "?" in value:
        return _account(owner)
    return _Source(value, "principal", outside_account(owner, value))


def _organization(org: str, path: str) -> _Source:
    context = (("aws:PrincipalOrgID", (org,)), ("aws:PrincipalOrgPaths", (path,)))
    below = path.removesuffix("any/").rstrip("/")
    return _Source(f"org:{below}", "org", outside_account(FRESH_ACCOUNT), context)


def _via_any_service(key: str, value: str) -> Iterator[_Source]:
    """``Principal *`` with a source key: services that act for that account or resource."""
    parts = value.split(":")
    owner = value if key != "aws:sourcearn" else (parts[4] if len(parts) > 5 else "")
    if re.fullmatch(r"[0-9]{12}", owner):
        context = ((key, (value.replace("*", "any"),)),)
        caller = Outside("service", owner, "any-service.amazonaws.com")
        yield _Source(f"account:{owner}", "account-via-service", caller, context)
    elif key == "aws:sourcearn" and len(parts) > 5:
        service = f"{parts[2]}.amazonaws.com"
        open_owner = "*" in owner or "*" in parts[5] if parts[2] == "s3" else "*" in owner
        caller = Outside("service", FRESH_ACCOUNT if open_owner else "", service)
        context = ((key, (value.replace("*", "any"),)),)
        kind = "any-account-via" if open_owner else "service"
        yield _Source(f"{kind}:{service}", kind, caller, context)


def _service(statement: Statement, value: str, owner: str) -> Iterator[_Source]:
    """A service, and on whose behalf it may come."""
    yield _Source(f"service:{value}", "service", Outside("service", arn=value))
    caller = Outside("service", FRESH_ACCOUNT, value)
    yield _Source(f"any-account-via:{value}", "any-account-via", caller)
    for key, fixed in _fixed(statement):
        parts = fixed.split(":")
        account = parts[4] if key == "aws:sourcearn" and len(parts) > 5 else fixed
        if key == "aws:sourcearn" and parts[2:3] == ["s3"] and "*" in ":".join(parts[5:6]):
            context = ((key, (fixed.replace("*", "any"),)),)
            yield _Source(f"any-account-via:{value}", "any-account-via", caller, context)
        if (
            key.startswith("aws:source")
            and re.fullmatch(r"[0-9]{12}", account)
            and account != owner
        ):
            caller_there = Outside("service", account, value)
            yield _Source(f"account:{account}", "account-via-service", caller_there)


def _fixed(statement: Statement) -> Iterator[tuple[str, str]]:
    """Keys with the values that positive operators of a statement name."""
    for test in statement.conditions:
        if "not" not in test.operator and test.operator != "null":
            for value in test.values:
                yield test.key.lower(), value


def _merged(found: _Found, service: str) -> list[Grant]:
    """One grant per source and answer; a signed caller's is left out where an unsigned one's is
    as strong."""
    open_to_all = {
        (action, resource)
        for (source_id, _, verdict, _), rows in found.rows.items()
        if source_id == "internet" and verdict is Verdict.YES
        for action, resource, _ in rows
    }
    result = []
    for (source_id, kind, _, _), rows in sorted(found.rows.items(), key=lambda row: row[0]):
        kept = [
            row
            for row in rows
            if kind not in ("any-aws-principal", "cidr") or row[:2] not in open_to_all
        ]
        if kept:
            result.append(
                Grant(
                    source_id,
                    kind,
                    tuple(sorted({action for action, _, _ in kept})),
                    any_of(answer for _, _, answer in kept),
                    tuple(sorted({resource for _, resource, _ in kept})),
                )
            )
    return result
