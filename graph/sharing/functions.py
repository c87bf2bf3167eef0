"""Lambda functions: the policy of the function and of each alias, and function URLs.

* function policies: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
* URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html. Since October 2025 a new URL
  needs both ``lambda:InvokeFunctionUrl`` and ``lambda:InvokeFunction``; accounts that had URLs
  before were granted an exception for a time, which no API shows. With ``NONE`` the policy must
  let everybody in; with ``AWS_IAM`` identities of the account need no policy of the function.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.iam.document import BrokenPolicy, parse
from graph.iam.grants import Grant
from graph.iam.policy_places import places_of
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.own_account import Call as OwnCall
from graph.sharing.own_account import left_to_own
from graph.sharing.policies import (
    judge_policy,
    outside,
    policy_grants,
    refused,
    unread,
)
from graph.verdict import Answer, Verdict, all_of, any_of, condition

(FUNCTION,) = places_of("lambda:function")
SETTING = "lambda:function-setting"
URL = "function-url"
ACTIONS = ("lambda:InvokeFunctionUrl",)
INVOKE = "lambda:InvokeFunction"
SIGV4 = condition("authn", "sigv4")
LIST_URLS, READ_POLICY = "lambda.list_function_url_configs", "lambda.get_policy"


def function_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Judge every function: its policies (per qualifier) and its URLs."""
    off = switched_off(snapshot.items(SETTING))
    for item in snapshot.items(FUNCTION.type_id):
        for name, call in _policies(item):
            pointer = f"/calls/{name.replace('/', '~1')}/value"
            yield from judge_policy(FUNCTION, item, _without_url_statements(call), pointer, world)
        yield from url_judgements(item, world, off=item.id in off)


def switched_off(settings: Iterable[Item]) -> frozenset[str]:
    """Functions whose reserved concurrency is zero: every request to their URLs is turned away.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-throttling
    """
    return frozenset(
        one.id
        for one in settings
        if isinstance(value := one.call("get_function_concurrency").value, Mapping)
        and value.get("ReservedConcurrentExecutions") == 0
        and value.get("ReservedConcurrentExecutions") is not False
    )


def _policies(item: Item) -> Iterator[tuple[str, CallResult]]:
    yield "get_policy", item.call("get_policy")
    for arguments, call in item.calls_of("get_policy"):
        if arguments:
            yield f"get_policy({arguments})", call


def _without_url_statements(call: CallResult) -> CallResult:
    """The policy without the statements that serve only a function URL.

    Those are judged with the URL: alone they open nothing (a URL must exist and its
    authentication type must match).
    """
    document = _document(call)
    if document is None or isinstance(parse(document), BrokenPolicy):
        return call
    kept = [row for row in _statements(document) if not _only_for_url(row)]
    if not kept:
        return CallResult(Status.ABSENT)
    return CallResult(Status.OK, {"Policy": json.dumps({**document, "Statement": kept})})


def _only_for_url(statement: Mapping[str, Any]) -> bool:
    actions = [str(a).lower() for a in _as_list(statement.get("Action"))]
    return actions == [ACTIONS[0].lower()] or _only_through_url(statement)


def url_judgements(item: Item, world: IamWorld, *, off: bool = False) -> Iterator[Judgement]:
    """Judge the URLs of one function; a ``no`` from the internet if it has none.

    Args:
        item: the function's line.
        world: the IAM facts of the snapshot.
        off: its reserved concurrency is zero (:func:`switched_off`).
    """
    listed = item.call("list_function_url_configs")
    if not listed.known:
        single = item.call("get_function_url_config")
        listed = single if single.known else listed
    configs = _configs(listed) if listed.known else None
    if configs is None:
        told = listed.status if not listed.known else "its shape is not known"
        why = f"Whether the function has a URL was not read ({told})."
        answer = unread(LIST_URLS, item, why)
        yield outside(item, "internet", URL, answer)
    elif not configs:
        answer = refused(item.id, "function URL", "The function has no URL.")
        yield outside(item, "internet", URL, answer)
    for config in configs or ():
        for one in _url(item, config, world):
            yield replace(one, answer=all_of((one.answer, _asleep(item)))) if off else one


def _asleep(item: Item) -> Answer:
    text = "Its reserved concurrency is zero, so every request to the URL is turned away."
    step = Step("reserved concurrency", item.id, "conditional", text, code="BAD_STATE")
    return Answer(Verdict.DORMANT, why=text, evidence=(text,), steps=(step,))


def _url(item: Item, config: Mapping[str, Any], world: IamWorld) -> Iterator[Judgement]:
    auth = config.get("AuthType")
    if auth not in ("NONE", "AWS_IAM"):
        why = "The function has a URL, but what authentication it asks for was not read."
        yield outside(item, "internet", URL, unread(LIST_URLS, item, why), ACTIONS)
        return
    qualifier = str(config.get("FunctionArn", item.id)).removeprefix(item.id).lstrip(":")
    name = f"get_policy(Qualifier={qualifier})" if qualifier else "get_policy"
    call = item.call(name)
    document = _document(call)
    why = "" if call.known else f"The URL's policy was not read ({call.status})."
    if not why and (broken := _unreadable(call, document)):
        why = f"The URL's policy cannot be read ({broken}), so who it admits is not known."
    text = f"The function URL {config.get('FunctionUrl', '')} has authentication {auth}."
    shown = Answer(
        Verdict.YES,
        why=text,
        evidence=(text,),
        steps=(Step("function URL", item.id, "pass", text),),
    )
    ref = Ref.to(item, f"/calls/{name.replace('/', '~1')}/value/Policy")
    url = _Url(item, qualifier, auth, shown, ref, None if document is None else _plain(document))
    if auth == "AWS_IAM":
        yield from url.own_account(world, why)
    if why:
        source = "internet" if auth == "NONE" else "any-aws-principal"
        yield outside(item, source, URL, unread(READ_POLICY, item, why), ACTIONS)
    else:
        yield from url.outsiders(world)


@dataclass(frozen=True, slots=True)
class _Url:
    """One URL of a function, with the policy of its qualifier."""

    item: Item
    qualifier: str
    auth: str
    shown: Answer
    ref: Ref
    document: dict[str, Any] | None

    @property
    def context(self) -> dict[str, tuple[str, ...]]:
        """The URL's own setting, and what is true of every call through it."""
        return {
            "lambda:FunctionUrlAuthType": (self.auth,),
            "lambda:InvokedViaFunctionUrl": ("true",),
        }

    def own_account(self, world: IamWorld, unread_why: str) -> Iterator[Judgement]:
        """Identities of the account need no policy of the function: a signature is enough.

        A policy that was not read can only take that away.
        """
        called = f"{self.item.id}:{self.qualifier}" if self.qualifier else self.item.id
        item = replace(self.item, id=called)
        url, function = (
            left_to_own(
                world, item, self.document, OwnCall((action,), self.context, exact=True), self.ref
            )
            for action in (*ACTIONS, INVOKE)
        )
        parts = [self.shown, url.answer, _second_statement(self.item, function.answer, self.ref)]
        if unread_why:
            parts.append(_doubt(self.item, unread_why))
        parts.append(_signed(self.item))
        sources: tuple[str, ...] = ("internet",)
        if url.admitted is not None:
            sources = tuple(f"cidr:{one}" for one in url.admitted)
        for source in sources:
            yield outside(self.item, source, URL, all_of(parts), ACTIONS)

    def outsiders(self, world: IamWorld) -> Iterator[Judgement]:
        """Whom the policy names outside the account."""
        item, ref = self.item, self.ref
        source = "internet" if self.auth == "NONE" else "any-aws-principal"
        if self.document is None:
            why = "The function has a URL but no policy that lets anyone invoke it."
            closed = all_of((self.shown, refused(item.id, "function policy", why, ref)))
            yield outside(item, source, URL, closed, ACTIONS)
            return
        by_source = self._by_source(world, self.document, source)
        if source not in by_source:
            why = f"No statement lets {source} invoke the URL with authentication {self.auth}."
            answer = all_of((self.shown, refused(item.id, "function policy", why, ref)))
            yield outside(item, source, URL, answer, ACTIONS)
        for grantee, (for_url, for_function) in by_source.items():
            parts = [self.shown, for_url, _second_statement(item, for_function, ref)]
            if self.auth != "NONE":
                parts.append(_signed(item))
            yield outside(item, grantee, URL, all_of(parts), ACTIONS)

    def _by_source(
        self, world: IamWorld, document: dict[str, Any], everyone: str
    ) -> dict[str, tuple[Answer, Answer]]:
        """For each source: may it invoke the URL, and may it invoke the function through it."""
        urls, functions = (
            policy_grants("lambda", self.item, document, self.ref, world, self.context, (action,))
            for action in (*ACTIONS, INVOKE)
        )
        by_url, by_function = (_by_caller(found, everyone) for found in (urls, functions))
        return {
            source: (any_of(answers), any_of(by_function.get(source, ())))
            for source, answers in by_url.items()
        }


def _doubt(item: Item, why: str) -> Answer:
    """A policy that was not read, where it can only take away."""
    gap = condition("not_collected", f"{READ_POLICY}@{item.account_id}/{item.region}")
    step = Step("function policy", item.id, "conditional", why)
    return Answer(Verdict.CONDITIONAL, why=why, conditions=(gap,), evidence=(why,), steps=(step,))


def _signed(item: Item) -> Answer:
    """A URL with IAM authentication admits only signed requests."""
    text = "The URL asks for a signed request."
    return Answer(
        Verdict.CONDITIONAL,
        why=text,
        conditions=(SIGV4,),
        evidence=(text,),
        steps=(Step("authentication", item.id, "conditional", text),),
    )


def _second_statement(item: Item, granted: Answer, ref: Ref) -> Answer:
    """``lambda:InvokeFunction`` through the URL, needed since October 2025."""
    if granted.verdict is not Verdict.NO:
        return granted
    text = (
        "Only lambda:InvokeFunctionUrl is granted. That suffices where the account keeps AWS's "
        "exception for function URLs made before October 2025; otherwise lambda:InvokeFunction "
        "is needed too."
    )
    return Answer(
        Verdict.CONDITIONAL,
        why=text,
        conditions=(condition("context", "lambda:FunctionUrlException", "granted"),),
        evidence=(text,),
        steps=(Step("function policy", item.id, "conditional", text, (ref,)),),
    )


def _by_caller(found: Iterable[Grant], everyone: str) -> dict[str, list[Answer]]:
    """Answers by source; what everyone is granted goes to those whom the URL lets knock.

    A call through an open URL is unsigned, one through a signed URL never is, whichever of the
    two classes the action itself admits.
    """
    answers: dict[str, list[Answer]] = {}
    for grant in found:
        wide = grant.source_id in ("internet", "any-aws-principal")
        answers.setdefault(everyone if wide else grant.source_id, []).append(grant.answer)
    return answers


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "Statement": [_with_conditions(row) for row in _statements(document)]}


def _with_conditions(statement: Mapping[str, Any]) -> dict[str, Any]:
    """The statement with the two keys in its condition.

    Some tools store them beside the statement's members, where AWS puts them in a condition.
    """
    row = dict(statement)
    block = dict(row.get("Condition") or {})
    for operator, name in (
        ("StringEquals", "FunctionUrlAuthType"),
        ("Bool", "InvokedViaFunctionUrl"),
    ):
        if name in row:
            value = str(row.pop(name))
            block[operator] = {**dict(block.get(operator) or {}), f"lambda:{name}": value}
    return row | ({"Condition": block} if block else {})


def _only_through_url(statement: Mapping[str, Any]) -> bool:
    """Whether a direct call, which lacks ``lambda:InvokedViaFunctionUrl``, fails the condition."""
    if str(statement.get("InvokedViaFunctionUrl", "")).lower() == "true":
        return True
    for operator, block in dict(statement.get("Condition") or {}).items():
        # BoolIfExists passes without the key, so it does not limit the statement to the URL.
        for name, value in dict(block).items() if str(operator).lower() == "bool" else ():
            if str(name).lower() == "lambda:invokedviafunctionurl":
                return {str(one).lower() for one in _as_list(value)} == {"true"}
    return False


def _configs(call: CallResult) -> list[Mapping[str, Any]] | None:
    """The URLs that a call lists; ``None`` if its answer has another shape."""
    value = call.value if call.status is Status.OK else []
    if isinstance(value, Mapping):
        told = {"AuthType", "FunctionUrl", "FunctionArn"} & value.keys()
        value = value.get("FunctionUrlConfigs", [value] if told else [])
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        return None if value else []
    return value


def _text(call: CallResult) -> Any:
    """The policy as the call gave it; what has another shape is kept, for it cannot be read."""
    if call.status is not Status.OK:
        return None
    return call.value.get("Policy") if isinstance(call.value, Mapping) else call.value


def _document(call: CallResult) -> dict[str, Any] | None:
    text = _text(call)
    if not text:
        return None
    try:
        document = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _unreadable(call: CallResult, document: dict[str, Any] | None) -> str:
    """Why a policy that is there cannot be read; empty if it can, or if there is none."""
    text = _text(call)
    parsed = parse(text if document is None else document) if text else None
    return parsed.reason if isinstance(parsed, BrokenPolicy) else ""


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [row for row in _as_list(document.get("Statement")) if isinstance(row, dict)]


def _as_list(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
