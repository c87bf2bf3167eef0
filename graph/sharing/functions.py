"""Lambda functions: the policy of the function and of each alias, and function URLs.

* function policies: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
* URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html. Since October 2025 a new URL
  needs both ``lambda:InvokeFunctionUrl`` and ``lambda:InvokeFunction``; accounts that had URLs
  before were granted an exception, which no API shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.iam.document import BrokenPolicy, parse
from graph.iam.grants import Grant
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.sharing.policies import (
    PolicyPlace,
    judge_policy,
    outside,
    policy_grants,
    refused,
    unread,
)
from graph.verdict import Answer, Verdict, all_of, any_of, condition

FUNCTION = PolicyPlace(
    "lambda:function",
    "lambda",
    "function-policy",
    "lambda",
    "get_policy",
    ("Policy",),
    "any-aws-principal",
    "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
)
INVOKE_URL = "lambda:invokefunctionurl"


def function_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Judge every function: its policies (per qualifier) and its URLs."""
    for item in snapshot.items(FUNCTION.type_id):
        for name, call in _policies(item):
            pointer = f"/calls/{name.replace('/', '~1')}/value"
            yield from judge_policy(FUNCTION, item, _without_url_statements(call), pointer, world)
        yield from url_judgements(item, world)


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
    return actions == [INVOKE_URL] or _only_through_url(statement)


def url_judgements(item: Item, world: IamWorld) -> Iterator[Judgement]:
    """Judge the URLs of one function; a ``no`` from the internet if it has none."""
    listed = item.call("list_function_url_configs")
    if not listed.known:
        single = item.call("get_function_url_config")
        listed = single if single.known else listed
    if not listed.known:
        why = f"Whether the function has a URL was not read ({listed.status})."
        answer = unread("lambda.list_function_url_configs", item, why)
        yield outside(item, "internet", "function-url", answer)
        return
    configs = _configs(listed)
    if not configs:
        answer = refused(item.id, "function URL", "The function has no URL.")
        yield outside(item, "internet", "function-url", answer)
        return
    for config in configs:
        yield from _url(item, config, world)


def _url(item: Item, config: Mapping[str, Any], world: IamWorld) -> Iterator[Judgement]:
    qualifier = str(config.get("FunctionArn", item.id)).removeprefix(item.id).lstrip(":")
    name = f"get_policy(Qualifier={qualifier})" if qualifier else "get_policy"
    open_to_all = config.get("AuthType") == "NONE"
    source = "internet" if open_to_all else "any-aws-principal"
    actions = ("lambda:InvokeFunctionUrl",)
    call = item.call(name)
    if not call.known:
        answer = unread(
            "lambda.get_policy", item, f"The URL's policy was not read ({call.status})."
        )
        yield outside(item, source, "function-url", answer, actions)
        return
    document = _document(call)
    ref = Ref.to(item, f"/calls/{name.replace('/', '~1')}/value/Policy")
    broken = _unreadable(call, document)
    if broken:
        why = f"The URL's policy cannot be read ({broken}), so who it admits is not known."
        answer = unread("lambda.get_policy", item, why)
        yield outside(item, source, "function-url", answer, actions)
        return
    auth = str(config.get("AuthType"))
    text = f"The function URL {config.get('FunctionUrl', '')} has authentication {auth}."
    url_step = Answer(
        Verdict.YES,
        why=text,
        evidence=(text,),
        steps=(Step("function URL", item.id, "pass", text),),
    )
    if document is None:
        why = "The function has a URL but no policy that lets anyone invoke it."
        closed = all_of((url_step, refused(item.id, "function policy", why, ref)))
        yield outside(item, source, "function-url", closed, actions)
        return
    by_source = _grants_by_source(item, document, auth, ref, world)
    if source not in by_source:
        why = f"No statement lets {source} invoke the URL with authentication {auth}."
        answer = all_of((url_step, refused(item.id, "function policy", why, ref)))
        yield outside(item, source, "function-url", answer, actions)
    for grantee, (for_url, for_function) in by_source.items():
        parts = [url_step, for_url, _second_statement(item, for_function, ref)]
        if not open_to_all:
            parts.append(_signed(item))
        yield outside(item, grantee, "function-url", all_of(parts), actions)


def _signed(item: Item) -> Answer:
    """A URL with IAM authentication admits only signed requests."""
    text = "The URL asks for a signed request."
    return Answer(
        Verdict.CONDITIONAL,
        why=text,
        conditions=(condition("authn", "sigv4"),),
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


def _grants_by_source(
    item: Item, document: dict[str, Any], auth: str, ref: Ref, world: IamWorld
) -> dict[str, tuple[Answer, Answer]]:
    """For each source: may it invoke the URL, and may it invoke the function through the URL.

    ``lambda:FunctionUrlAuthType`` is the URL's own setting and ``lambda:InvokedViaFunctionUrl``
    is true for every call through it, so both keys are known.
    """
    context = {
        "lambda:FunctionUrlAuthType": (auth,),
        "lambda:InvokedViaFunctionUrl": ("true",),
    }
    plain = {**document, "Statement": [_with_conditions(r) for r in _statements(document)]}
    urls, functions = (
        policy_grants("lambda", item, plain, ref, world, context, (action,))
        for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
    )
    everyone = "internet" if auth == "NONE" else "any-aws-principal"
    by_url, by_function = (_by_caller(found, everyone) for found in (urls, functions))
    return {
        source: (any_of(answers), any_of(by_function.get(source, ())))
        for source, answers in by_url.items()
    }


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


def _configs(call: CallResult) -> list[Mapping[str, Any]]:
    if call.status is not Status.OK:
        return []
    value = call.value
    if isinstance(value, Mapping):
        value = value.get("FunctionUrlConfigs", [value] if "AuthType" in value else [])
    return [row for row in value or [] if isinstance(row, Mapping)]


def _document(call: CallResult) -> dict[str, Any] | None:
    text = (call.value or {}).get("Policy") if call.status is Status.OK else None
    if not text:
        return None
    try:
        document = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _unreadable(call: CallResult, document: dict[str, Any] | None) -> str:
    """Why a policy that is there cannot be read; empty if it can, or if there is none."""
    text = (call.value or {}).get("Policy") if call.status is Status.OK else None
    parsed = parse(text if document is None else document) if text else None
    return parsed.reason if isinstance(parsed, BrokenPolicy) else ""


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [row for row in _as_list(document.get("Statement")) if isinstance(row, dict)]


def _as_list(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
