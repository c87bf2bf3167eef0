"""What stands behind an API: functions; load balancers stand behind ``vpc_links``.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from collector.snapshot import Item, Status
from graph.evidence import Ref, Step
from graph.front_doors.api_calls import Behind
from graph.front_doors.declare import Lock, passes, stops, unread
from graph.front_doors.dns import cut_note, host_names, names_of
from graph.front_doors.sight import Sight, member
from graph.iam.document import parse
from graph.iam.request import Request
from graph.iam.resource_policy import weigh
from graph.iam.world import Outside, Policy
from graph.network import ports
from graph.network.spans import Spans
from graph.verdict import Answer, Verdict, any_of

_FUNCTION = re.compile(
    r"(arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+)(?::([^/]*))?(?=/|$)"
)
_MOST = 20
"""Calls of one function that are weighed one by one; names that are shown."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A service that invokes functions: its principal, and the ARNs for which it does."""

    service: str
    account: str
    sources: tuple[str, ...]


def function_behind(sight: Sight, uri: object, caller: Caller, role: object = None) -> list[Behind]:
    """The function that a text names, with what must let the service invoke it.

    Args:
        sight: what is known.
        uri: an ARN of the function, of an alias or version, or one that holds it
            (``arn:aws:apigateway:<region>:lambda:path/.../<function ARN>/invocations``).
        caller: who invokes it.
        role: the role with which the service calls; its policies then decide, not the function's.
    """
    found = _FUNCTION.search(uri) if isinstance(uri, str) else None
    if found is None:
        return []
    arn, qualifier = found.group(1), found.group(2) or ""
    qualifier = "" if qualifier == "$LATEST" else qualifier
    if isinstance(role, str) and role:
        text = f"It is invoked with the credentials of {role}; whether they suffice is not judged."
        return [Behind(arn, (passes("role", role, text),))]
    return [Behind(arn, (_invocation(sight, arn, qualifier, caller),))]


def _invocation(sight: Sight, arn: str, qualifier: str, caller: Caller) -> Lock:
    name = "function policy"
    item = functions(sight).get(arn)
    if "$" in qualifier:
        return unread(name, arn, f"the alias that {qualifier} stands for")
    call_name = f"get_policy(Qualifier={qualifier})" if qualifier else "get_policy"
    if item is None:
        return unread(name, arn, f"lambda.get_policy({arn})")
    call = item.call(call_name)
    (ref,) = sight.refs(item, f"/calls/{call_name.replace('/', '~1')}/value/Policy")
    text = member(call.value, "Policy") if call.status is Status.OK else None
    if not call.known or (call.status is Status.OK and not text):
        return unread(name, arn, sight.gap(item, "get_policy"), ref)
    if call.status is not Status.OK:
        return stops(name, arn, "The function has no policy that lets the service invoke it.", ref)
    policy = _policy(sight, text, ref)
    answer = _allowed(sight, item, arn + (f":{qualifier}" if qualifier else ""), policy, caller)
    if answer.verdict is Verdict.YES:
        return passes(name, arn, f"The function's policy lets {caller.service} invoke it.", ref)
    if answer.verdict is Verdict.NO:
        text = f"The function's policy does not let {caller.service} invoke it."
        return stops(name, arn, text, ref)
    return lock_of(name, arn, answer, "The function's policy lets the service invoke it.", ref)


def _policy(sight: Sight, text: object, ref: Ref) -> Policy:
    """A function's policy, read once however many APIs lead to it."""
    key = ("front doors", "function policy", ref)
    return sight.once(key, lambda: Policy("resource policy", parse(text), ref=ref))


def _allowed(sight: Sight, item: Item, arn: str, policy: Policy, caller: Caller) -> Answer:
    """For one of its calls; without a known source if none of them passes.

    What API Gateway sends as ``aws:SourceArn`` names the stage, method and path of the call.
    """
    service = Outside("service", caller.account, caller.service)
    world = sight.identities

    def asked(context: dict[str, tuple[str, ...]]) -> Answer:
        request = Request(service, "lambda:InvokeFunction", arn, item.account_id, context)
        return weigh(world, request, policy).answer

    known = any_of(asked({"aws:SourceArn": (one,)}) for one in caller.sources[:_MOST])
    return known if known.verdict is Verdict.YES else asked({})


def lock_of(name: str, subject: str, answer: Answer, text: str, *refs: Ref) -> Lock:
    """An engine's answer as a lock; its verdict is not ``no``."""
    results = {Verdict.YES: "pass", Verdict.UNKNOWN: "unknown"}
    result = results.get(answer.verdict, "conditional")
    if answer.verdict is Verdict.UNKNOWN:
        missing = [c.partition(":")[2] for c in answer.conditions] or [name]
        text = f"Not collected: {', '.join(missing)}."
    elif answer.conditions:
        text = f"{text.rstrip('.')}, if {', '.join(answer.conditions)}."
    step = Step(name, subject, result, text, refs)
    return Lock(step, answer.conditions, answer.verdict is Verdict.DORMANT)


def functions(sight: Sight) -> Mapping[str, Item]:
    """Functions by ARN."""
    key = ("front doors", "functions")
    return sight.once(key, lambda: {one.id: one for one in sight.items("lambda:function")})


def port_of(uri: object) -> Spans | None:
    """The port that a URL names; ``None`` for what is none."""
    if not isinstance(uri, str):
        return None
    try:
        parts = urlsplit(uri)
        number = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    return ports.tcp(number or (443 if parts.scheme == "https" else 80))


def endpoint(sight: Sight, item: Item, *own: object) -> Lock:
    """Under which names callers find it: AWS's own, and those of the collected public zones."""
    known = [one.strip() for one in own if isinstance(one, str) and one.strip()]
    names = list(dict.fromkeys((*known, *names_of(sight).get(item.id, ()))))
    if not names:
        return passes("endpoint", item.id, f"Its host name was not told.{cut_note(sight)}")
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    text = f"Callers use {', '.join(names[:_MOST])}{more}.{cut_note(sight)}"
    return Lock(Step("endpoint", item.id, "pass", text, hosts=host_names(names)))
