"""Lambda web functions: functions that answer at HTTPS endpoints of their own.

https://docs.aws.amazon.com/lambda/latest/dg/web-functions-endpoint-access-control.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from collector.snapshot import Item, Status
from graph.evidence import Ref, Step
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.dns import host_names
from graph.front_doors.sight import Sight, member, rows
from graph.front_doors.signed import SIGV4, document_of, signed_callers
from graph.network.ec2_shapes import text
from graph.network.reach import Reach
from graph.sharing.policies import policy_grants
from graph.verdict import Verdict

_MECHANISM = "lambda-web"
_LIST, _GET, _POLICY = (
    "list_web_function_endpoints",
    "get_web_function_endpoint",
    "get_resource_policy",
)
_ACTION = "lambda:InvokeWebFunctionEndpoint"
_WIDE = ("internet", "any-aws-principal")


def _function(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_LIST)
    (ref,) = sight.refs(item, f"/calls/{_LIST}/value")
    told = [] if call.value is None and call.status is not Status.OK else call.value
    if not call.known or not isinstance(told, list):
        gap = unread("endpoint", item.id, sight.gap(item, _LIST), ref)
        yield from sight.reached(item, _MECHANISM, (gap,))
        return
    endpoints = [*rows(told), *_of_regions(item)]
    if not endpoints:
        closed = stops("endpoint", item.id, "It has no endpoint.", ref)
        yield from sight.reached(item, _MECHANISM, (closed,))
    for endpoint in endpoints:
        yield from _endpoint(sight, item, endpoint, ref)


def _of_regions(item: Item) -> Iterator[Mapping[str, Any]]:
    """Endpoints of single regions, with their own authentication and state."""
    for _, call in item.calls_of(_GET):
        found = member(call.value, "regionalEndpoints") if call.known else None
        for endpoint in found.values() if isinstance(found, Mapping) else ():
            if isinstance(endpoint, Mapping):
                yield {"endpointArn": member(call.value, "endpointArn"), **endpoint}


def _endpoint(sight: Sight, item: Item, endpoint: Mapping[str, Any], ref: Ref) -> Iterator[Reach]:
    name = text(endpoint.get("domainName")) or text(endpoint.get("endpointName"))
    auth = text(endpoint.get("authType"))
    gap = sight.gap(item, _LIST)
    told = Step(
        "endpoint", item.id, "pass", f"It answers at {name}.", (ref,), hosts=host_names([name])
    )
    shown = Lock(told)
    locks = (shown, _state(item, endpoint, gap, ref), *_throttle(item, endpoint, ref))
    if auth == "ApplicationManaged":
        words = "Lambda lets every request through; the function checks who calls."
        open_ = passes("authentication", item.id, words, ref)
        yield from sight.reached(item, _MECHANISM, (*locks, open_))
    elif auth == "IamAuth":
        yield from _signed(sight, item, endpoint, locks)
    else:
        unknown = unread("authentication", item.id, gap, ref)
        yield from sight.reached(item, _MECHANISM, (*locks, unknown))


def _state(item: Item, endpoint: Mapping[str, Any], gap: str, ref: Ref) -> Lock:
    state = text(endpoint.get("state"))
    if not state:
        return unread("state", item.id, gap, ref)
    make = passes if state == "Active" else sleeps
    return make("state", item.id, f"The endpoint is {state.lower()}.", ref)


def _throttle(item: Item, endpoint: Mapping[str, Any], ref: Ref) -> Iterator[Lock]:
    """A limit of zero turns every request away.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-webfunctionendpoint-throttleconfig.html
    """
    limit = member(endpoint, "throttleConfig", "rateLimit")
    if limit == 0 and not isinstance(limit, bool):
        yield sleeps("throttle", item.id, "Its rate limit is zero.", ref)


def _signed(
    sight: Sight, item: Item, endpoint: Mapping[str, Any], locks: tuple[Lock, ...]
) -> Iterator[Reach]:
    """IAM checks every request: identities of the account, and whom the policy names besides."""
    call = item.call(_POLICY)
    (ref,) = sight.refs(item, f"/calls/{_POLICY}/value/policy")
    try:
        document = document_of(member(call.value, "policy")) if call.known else None
    except ValueError as problem:
        gap = unread("resource policy", item.id, f"{sight.gap(item, _POLICY)}: {problem}", ref)
        yield from sight.reached(item, _MECHANISM, (*locks, gap))
        return
    reached = replace(item, id=text(endpoint.get("endpointArn")) or item.id)
    signed = signed_callers(sight, reached, document, (_ACTION,), ref)
    more = () if call.known else (_unknown_policy(sight, item, ref),)
    yield from sight.reached(
        item, _MECHANISM, (*locks, signed.lock, *signed.more, *more), admitted=signed.admitted
    )
    if document is None:
        return
    found = policy_grants("lambda", reached, document, ref, sight.identities, actions=(_ACTION,))
    for grant in found:
        if grant.source_kind in _WIDE:
            lock = asks_for("authentication", item.id, "Any AWS account may sign.", SIGV4, ref)
            terms = tuple(
                asks_for("resource policy", item.id, grant.answer.why, term, ref)
                for term in grant.answer.conditions
            )
            doubt: tuple[Lock, ...] = ()
            if grant.answer.verdict is Verdict.UNKNOWN:
                doubt = (unread("resource policy", item.id, sight.gap(item, _POLICY), ref),)
            yield from sight.reached(
                item, _MECHANISM, (*locks, lock, *terms, *doubt), source="any-aws-principal"
            )


def _unknown_policy(sight: Sight, item: Item, ref: Ref) -> Lock:
    """A policy that was not read can only take away from what the account's own may."""
    gap = sight.gap(item, _POLICY)
    return asks_for(
        "resource policy", item.id, f"Not collected: {gap}.", f"not_collected:{gap}", ref
    )


DOORS = (
    FrontDoor(
        type_id="lambda-web:function",
        mechanism=_MECHANISM,
        title="Lambda web functions",
        rule="It has an active endpoint (dormant with a rate limit of zero). ApplicationManaged: "
        "everybody. IamAuth: under the condition of a signed request (unless the resource policy "
        "denies all that do not come through a VPC); any AWS account if the policy lets it.",
        source="https://docs.aws.amazon.com/lambda/latest/dg/web-functions-endpoint-access-control.html",
        judge=_function,
        test="tests/front_doors/test_lambda_web.py",
        untold_families=True,
    ),
)
"""Declarations of this service."""
