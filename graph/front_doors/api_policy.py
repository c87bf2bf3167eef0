"""Who a REST API's resource policy lets in, by what its methods ask for.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from collector.snapshot import Item
from graph.front_doors.api_calls import Way
from graph.front_doors.api_methods import Cut, concerning, cuts
from graph.front_doors.declare import Lock, stops
from graph.front_doors.integrations import lock_of
from graph.front_doors.sight import Sight
from graph.iam.document import parse
from graph.iam.grants import Grant, grants
from graph.iam.policies_from_snapshot import unescaped
from graph.iam.world import Policy
from graph.network.pieces import INTERNET
from graph.verdict import Answer, Verdict, any_of

_NAME = "resource policy"
_INVOKE = ("execute-api:Invoke",)
_ANY_AWS = "any-aws-principal"
_ELSEWHERE = dict.fromkeys(
    ("aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn", "aws:VpcSourceIp"), ("elsewhere",)
)


Cuts = tuple[Cut, ...]
"""Which of the policy's statements are about a method: one cut for each stage that differs."""
Asked = Callable[[Sight, Item, Cuts], tuple[Way, ...]]


def method_cuts(
    item: Item, stages: Sequence[str], methods: Sequence[tuple[str, str]]
) -> list[Cuts]:
    """Tell for each method (verb, path) which of the policy's statements are about it.

    Methods with the same cuts are let in alike. Where there is no policy, or it cannot be read,
    all are.
    """
    document = _document(item)
    if not isinstance(document, Mapping):
        return [()] * len(methods)
    return cuts(document, execute_arn(item), stages, methods)


def _once(sight: Sight, item: Item, about: Cuts, question: str, ask: Asked) -> tuple[Way, ...]:
    """A policy is weighed once for each question and cut, however many methods ask it."""
    key = ("front doors", question, item.file, item.id, about)
    return sight.once(key, lambda: ask(sight, item, about))


def explicit_ways(sight: Sight, item: Item, about: Cuts) -> tuple[Way, ...]:
    """Unsigned callers whom the policy has to allow (no authorization; Cognito user pools)."""
    return _once(sight, item, about, "explicit", _explicit_ways)


def _explicit_ways(sight: Sight, item: Item, about: Cuts) -> tuple[Way, ...]:
    documents = _documents(item, about)
    if not documents:
        return (Way(()),)
    return _ways(sight, item, _granted(sight, item, documents), "Its policy admits them.")


def undenied_ways(sight: Sight, item: Item, about: Cuts) -> tuple[Way, ...]:
    """Unsigned callers whom the policy does not deny (Lambda authorizers decide the rest)."""
    return _once(sight, item, about, "undenied", _undenied_ways)


def _undenied_ways(sight: Sight, item: Item, about: Cuts) -> tuple[Way, ...]:
    documents = _documents(item, about)
    if not documents:
        return (Way(()),)
    found = _granted(sight, item, [_with_allow(item, one, "*") for one in documents])
    return _ways(sight, item, found, "Its policy does not deny them.")


def signed_ways(sight: Sight, item: Item, about: Cuts) -> tuple[Way, ...]:
    """Signed callers: those of the own account need either side's leave, others both."""
    return _once(sight, item, about, "signed", _signed_ways)


def _signed_ways(sight: Sight, item: Item, about: Cuts) -> tuple[Way, ...]:
    documents = _documents(item, about)
    if not documents:
        return (Way(()),)
    found = list(undenied_ways(sight, item, about))
    if all(any(lock.step.result == "fail" for lock in way.locks) for way in found):
        found = _own_account(sight, item, documents) or found
    everyone = [
        one.answer
        for one in _granted(sight, item, documents)
        if one.source_id in (INTERNET, _ANY_AWS)
    ]
    if everyone:
        text = "Its policy admits principals of every account."
        found.append(Way((_lock(sight, item, any_of(everyone), text),), _ANY_AWS))
    return tuple(found)


def _own_account(
    sight: Sight, item: Item, documents: Sequence[Mapping[str, Any] | str]
) -> list[Way]:
    """A Deny of strangers does not keep out the owner's principals who call from the internet."""
    allowing = [_with_allow(item, one, item.account_id) for one in documents]
    own = [
        one.answer
        for one in _granted(sight, item, allowing, _ELSEWHERE)
        if one.source_id == f"account:{item.account_id}"
    ]
    text = "Its policy does not deny the account's own principals."
    return [Way((_lock(sight, item, any_of(own), text),))] if own else []


def _ways(sight: Sight, item: Item, found: list[Grant], text: str) -> tuple[Way, ...]:
    """One way for the internet, and one for each answer that address ranges get."""
    open_to_all = [one.answer for one in found if one.source_id == INTERNET]
    ways = [Way((_lock(sight, item, any_of(open_to_all), text),))] if open_to_all else []
    for answer, cidrs in _by_range(found).items():
        ways.append(Way((_lock(sight, item, answer, text),), admitted=cidrs))
    if not ways:
        (ref,) = sight.refs(item, "/item/policy")
        why = "The resource policy admits no unsigned caller from the internet."
        ways.append(Way((stops(_NAME, item.id, why, ref),)))
    return tuple(ways)


def _by_range(found: list[Grant]) -> dict[Answer, tuple[str, ...]]:
    """Address ranges by their best answer."""
    answers: dict[str, list[Answer]] = {}
    for one in found:
        if one.source_id.startswith("cidr:"):
            answers.setdefault(one.source_id.removeprefix("cidr:"), []).append(one.answer)
    alike: dict[tuple[Verdict, tuple[str, ...]], tuple[Answer, list[str]]] = {}
    for cidr, several in answers.items():
        best = any_of(several)
        alike.setdefault((best.verdict, best.conditions), (best, []))[1].append(cidr)
    return {answer: tuple(cidrs) for answer, cidrs in alike.values()}


def _lock(sight: Sight, item: Item, answer: Answer, text: str) -> Lock:
    return lock_of(_NAME, item.id, answer, text, *sight.refs(item, "/item/policy"))


def execute_arn(item: Item) -> str:
    """What a REST API's methods are called in policies, without stage, method and path."""
    partition = item.id.split(":")[1] if item.id.count(":") > 1 else "aws"
    api = item.id.rpartition("/")[2]
    return f"arn:{partition}:execute-api:{item.region}:{item.account_id}:{api}"


def _granted(
    sight: Sight,
    item: Item,
    documents: Iterable[Mapping[str, Any] | str],
    context: Mapping[str, tuple[str, ...]] | None = None,
) -> list[Grant]:
    (ref,) = sight.refs(item, "/item/policy")
    return [
        one
        for document in documents
        for one in grants(
            Policy(_NAME, parse(document), ref=ref),
            "execute-api",
            execute_arn(item),
            item.account_id,
            sight.identities,
            context,
            _INVOKE,
        )
    ]


def _documents(item: Item, about: Cuts) -> list[Mapping[str, Any] | str]:
    """The policy as it stands for a method, once for each cut; none where there is no policy."""
    document = _document(item)
    if document is None:
        return []
    if isinstance(document, str) or not about:
        return [document]
    return [concerning(document, execute_arn(item), cut) for cut in about]


def _document(item: Item) -> Mapping[str, Any] | str | None:
    """The policy; API Gateway gives it with its quotes escaped.

    ``None`` where there is none; text where it cannot be read.
    """
    text = item.item.get("policy")
    if isinstance(text, Mapping):
        return _whole(item, text)
    if not isinstance(text, str):
        return None if text is None else "unreadable"
    if not text:
        return None
    try:
        found = unescaped(text)
    except ValueError:
        return text
    return _whole(item, found) if isinstance(found, Mapping) else text


def _whole(item: Item, document: Mapping[str, Any]) -> dict[str, Any]:
    """The policy with resources written out: ``execute-api:/stage/GET/path`` is of this API.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
    """
    base = execute_arn(item)

    def written(value: object) -> object:
        if isinstance(value, str) and value.startswith("execute-api:/"):
            return base + value.removeprefix("execute-api:")
        return [written(one) for one in value] if isinstance(value, list) else value

    rows = document.get("Statement")
    found = [
        {
            key: written(value) if key in ("Resource", "NotResource") else value
            for key, value in row.items()
        }
        if isinstance(row, Mapping)
        else row
        for row in (rows if isinstance(rows, list) else [rows])
    ]
    return {**document, "Statement": found}


def _with_allow(
    item: Item, document: Mapping[str, Any] | str, principal: str
) -> Mapping[str, Any] | str:
    """The policy as it would be if it allowed what it does not deny."""
    if isinstance(document, str):
        return document
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list(_INVOKE),
        "Resource": f"{execute_arn(item)}/*",
    }
    return {**document, "Statement": [*document["Statement"], allow]}
