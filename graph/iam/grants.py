"""Every class of callers that a resource policy admits, each with its actions and its answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graph.iam import catalogue, patterns, rules
from graph.iam.document import Document, Statement
from graph.iam.grant_sources import ANY_SERVICE, Context, Source, left_by_denies, sources
from graph.iam.large_policies import WHOLE, Parts, is_large
from graph.iam.principal import NO_ACCOUNT, service_name
from graph.iam.request import Request, Side
from graph.iam.resource_policy import PolicySource, as_policy, covered_by, forms, weigh
from graph.iam.world import (
    ANONYMOUS,
    ANY_AWS_PRINCIPAL,
    IamWorld,
    Outside,
    Policy,
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
        actions: as the policy writes them, in the reference's case, sorted.
        answer: never ``no``.
        resources: patterns within the resource, as the policy writes them, sorted.
        caller: one caller of the class, whose answer it is.
        context: what makes that caller one of the class.
    """

    source_id: str
    source_kind: str
    actions: tuple[str, ...]
    answer: Answer
    resources: tuple[str, ...] = ()
    caller: Outside | None = None
    context: Context = ()


@dataclass(slots=True)
class _Found:
    """Answers per (source, verdict, conditions), with the actions and resources they hold for."""

    rows: dict[tuple[str, str, Verdict, tuple[str, ...]], list[tuple[str, str, Answer]]] = field(
        default_factory=dict
    )
    asked: dict[tuple[str, str, Verdict, tuple[str, ...]], Source] = field(default_factory=dict)

    def add(
        self, source: Source, named: tuple[str, str], action: str, resource: str, answer: Answer
    ) -> None:
        """An answer of a source, under the id and kind of the class that it stands for."""
        if answer.verdict is Verdict.NO:
            return
        key = (*named, answer.verdict, answer.conditions)
        self.asked.setdefault(key, source)
        self.rows.setdefault(key, []).append((action, resource, answer))


def grants(
    policy: PolicySource,
    service: str,
    resource_arn: str = "",
    resource_account: str = "",
    world: IamWorld | None = None,
    context: Mapping[str, tuple[str, ...]] | None = None,
    actions: Iterable[str] | None = None,
    within: tuple[str, ...] = (),
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
        within: patterns of what the policy decides about; by default the resource and what
            stands below it.

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
    asked = _Asked(here, resource_account, context or {})
    document = source.document
    parts = Parts(source, document) if is_large(document) else None
    denies = any(row.is_deny for row in document.statements)
    left = left_by_denies(document) if denies else ()
    for statement in parts.allows() if parts else _allows(document):
        pairs = tuple(_asked(statement, service, resource_arn, wanted, within))
        asked.begin(parts is not None)
        unsplit = _is_told_together(statement) and denies
        for caller in sources(statement, resource_account, here, left):
            if _is_nobodys(caller, here):
                continue
            if caller.left_by_deny and not asked.may_ask(pairs):
                break
            held, whole = parts.policy_for(statement, caller.caller) if parts else (source, True)
            for action, target in pairs:
                asked.ask(held, caller, action, target, whole and not unsplit)
    return _merged(asked.found)


def _is_nobodys(source: Source, world: IamWorld) -> bool:
    """Whether a source is of the account id that no account has, but in simulations."""
    account = source.caller.account or source.id.removeprefix("account:")
    return account == NO_ACCOUNT and account not in world.accounts


def _allows(document: Document) -> Iterator[Statement]:
    return (row for row in document.statements if not row.is_deny)


def _unread(policy: Policy | Side, service: str, arn: str, account: str) -> Grant:
    caller = ANONYMOUS if rules.accepts_anonymous(f"{service}:*") else ANY_AWS_PRINCIPAL
    request = Request(caller, f"{service}:*", arn or "*", account)
    answer = weigh(IamWorld(), request, policy).answer
    return Grant("internet", "unknown", (f"{service}:*",), answer, (arn,) if arn else ())


def _asked(
    statement: Statement,
    service: str,
    arn: str,
    wanted: tuple[str, ...] | None,
    within: tuple[str, ...],
) -> Iterator[tuple[str, str]]:
    """Pairs of an action and a resource to ask for: those of the Allow, within the resource."""
    written = dict.fromkeys(map(catalogue.spelled, statement.action_names))
    names = wanted if wanted is not None else written or (f"{service}:*",)
    for name in names:
        if statement.touches(patterns.action_glob(name)):
            about = list(within) or (forms(service, arn, name) if arn else ["*"])
            for target in _targets(statement, about):
                yield name, target


def _is_told_together(statement: Statement) -> bool:
    """Whether an Allow names more resources than are asked for one by one."""
    return len(statement.resources or ()) > WHOLE


def _targets(statement: Statement, within: list[str]) -> list[str]:
    """What an Allow names within the resource: its own patterns where they stay inside."""
    if statement.resources is None:
        return within
    if _is_told_together(statement):
        wanted = [patterns.written_resource(entry) for entry in statement.resources]
        return [form for form in within if any(e.intersects(patterns.wild(form)) for e in wanted)]
    return sorted(
        {
            entry if covered_by(entry, form) else form
            for entry in statement.resources
            for form in within
            if patterns.written_resource(entry).intersects(patterns.wild(form))
        }
    )


_OPEN = ("internet", "any-aws-principal")
LEFT_BY_DENIES = 2_000
"""Up to so many questions about callers whom Denies leave are asked of one policy."""


@dataclass(slots=True)
class _Asked:
    """The questions of one policy, each asked once, and what was found."""

    world: IamWorld
    account: str
    context: Mapping[str, tuple[str, ...]]
    found: _Found = field(default_factory=_Found)
    seen: set[tuple[Source, str, str]] = field(default_factory=set)

    open_to_all: set[tuple[str, str]] = field(default_factory=set)
    left: int = LEFT_BY_DENIES

    def may_ask(self, pairs: Sequence[tuple[str, str]]) -> bool:
        """Whether one more source that a Deny leaves is weighed; else one row stands for them."""
        if self.left > 0:
            self.left -= len(pairs)
            return True
        for action, target in pairs:
            if (action, target) not in self.open_to_all:
                conditions = (condition("context", "one of those whom a Deny leaves"),)
                why = "The policy's Denies leave more callers than are gone through one by one."
                answer = Answer(Verdict.CONDITIONAL, why, conditions, evidence=(why,))
                anybody = Source("any-aws-principal", "any-aws-principal", ANY_AWS_PRINCIPAL)
                self._add(anybody, (anybody.id, anybody.kind), action, target, answer, whole=True)
        return False

    def begin(self, alone: bool) -> None:
        """The next statement; ``alone``: its questions are not those of the ones before."""
        if alone:
            self.seen.clear()

    def ask(self, policy: Policy, source: Source, action: str, target: str, whole: bool) -> None:
        """Weigh a caller against a policy; ``whole``: every Deny is in it."""
        if source.id == "internet" and not rules.accepts_anonymous(action.lower()):
            # A pattern may hold an action that takes unsigned callers (a function URL).
            action = _anonymous_part(action) if any(char in action for char in "*?") else ""
        question = (source, action, target)
        if not action or question in self.seen:
            return
        self.seen.add(question)
        if source.left_by_deny and (action, target) in self.open_to_all:
            return
        request = Request(
            source.caller,
            action,
            target,
            self.account,
            {**self.context, **dict(source.context)},
            pattern=any(char in target for char in "*?"),
        )
        narrowed = weigh(self.world, request, policy)
        answer = narrowed.answer
        if source.kind == "any-account-via":
            answer = _deputy(answer, source.caller.arn)
        if source.unseen:
            answer = _of_unseen(answer, source.unseen)
        if source.id in _OPEN and whole and answer.verdict is Verdict.YES:
            self.open_to_all.add((action, target))
        self._add(source, (source.id, source.kind), action, target, answer, whole)
        for network, ranged in narrowed.ranges:
            if source.id == "any-aws-principal":
                ranged = _signed(ranged)
            self._add(source, (f"cidr:{network}", "cidr"), action, target, ranged, whole)

    def _add(
        self,
        source: Source,
        named: tuple[str, str],
        action: str,
        target: str,
        answer: Answer,
        whole: bool,
    ) -> None:
        self.found.add(source, named, action, target, answer if whole else _unless_denied(answer))


def _of_unseen(answer: Answer, unique_id: str) -> Answer:
    """A principal by a unique id that nothing in the snapshot has: in no account that was read.

    It may be deleted, or live in an account that was not collected.
    """
    if answer.verdict is Verdict.NO:
        return answer
    text = f"{unique_id}, whom it names, is no principal that was collected: elsewhere or deleted."
    missing = condition("not_collected", "principal", unique_id)
    return replace(
        answer,
        verdict=Verdict.UNKNOWN,
        why=text,
        conditions=tuple(sorted({*answer.conditions, missing})),
        evidence=(*answer.evidence, text),
    )


def _unless_denied(answer: Answer) -> Answer:
    """What Denies that were too many to weigh leave open."""
    if answer.verdict.rank < Verdict.CONDITIONAL.rank:
        return answer
    note = condition("context", "no Deny of a policy with too many of them")
    conditions = tuple(sorted({*answer.conditions, note}))
    return replace(answer, verdict=Verdict.CONDITIONAL, conditions=conditions)


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
    if (
        answer.verdict is Verdict.NO
        or service == ANY_SERVICE
        or rules.service_is("acts_for_other_accounts", service_name(service))
    ):
        return answer
    note = condition("context", f"{service} acts for other accounts")
    conditions = tuple(sorted({*answer.conditions, note}))
    verdict = min(answer.verdict, Verdict.CONDITIONAL, key=lambda one: one.rank)
    return Answer(verdict, answer.why, conditions, evidence=answer.evidence, steps=answer.steps)


def _merged(found: _Found) -> list[Grant]:
    """One grant per source and answer; a signed caller's is left out where an unsigned one's is
    as strong."""
    open_to_all = {
        (action, resource)
        for (source_id, _, verdict, _), rows in found.rows.items()
        if source_id == "internet" and verdict is Verdict.YES
        for action, resource, _ in rows
    }
    result = []
    for key, rows in sorted(found.rows.items(), key=lambda row: row[0]):
        source_id, kind, _, _ = key
        asked = found.asked[key]
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
                    asked.caller,
                    asked.context,
                )
            )
    return result
