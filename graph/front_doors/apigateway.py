"""REST APIs of API Gateway.

* endpoints: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-endpoint-types.html
* access: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import CallResult, Item
from graph.front_doors.api_calls import Behind, Entry, Operation, Way, api_reaches, unseen_domains
from graph.front_doors.api_policy import (
    Cuts,
    execute_arn,
    explicit_ways,
    method_cuts,
    signed_ways,
    undenied_ways,
)
from graph.front_doors.cognito import self_sign_up, sign_up
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, stops, unread
from graph.front_doors.firewalls import WAF_TYPES, narrowing_of
from graph.front_doors.integrations import (
    Caller,
    endpoint,
    function_behind,
    port_of,
)
from graph.front_doors.sight import BOTH, Sight, member, rows
from graph.front_doors.vpc_links import balancers_behind, link_lock
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.network.web_acls import Narrowing, either

_METHODS, _STAGES, _AUTHORIZERS = "get_resources", "get_stages", "get_authorizers"
_VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Method:
    verb: str
    path: str
    detail: Mapping[str, Any]

    @property
    def integration(self) -> Mapping[str, Any]:
        found = member(self.detail, "methodIntegration")
        return found if isinstance(found, Mapping) else {}

    @property
    def asks(self) -> tuple[str, str, bool]:
        """Authorization type, authorizer, and whether an API key is asked for."""
        kind, authorizer = (self.detail.get(k) for k in ("authorizationType", "authorizerId"))
        key = self.detail.get("apiKeyRequired") is True
        return (str(kind or ""), str(authorizer or ""), key)

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


def _rest_api(sight: Sight, item: Item) -> Iterator[Reach]:
    entry = Entry(
        "apigateway",
        (
            endpoint_type(sight, item),
            _default_name(sight, item),
            stage_lock(sight, item, None),
            _endpoint(sight, item),
        ),
        families_of(item.item.get("endpointConfiguration")),
        guards=stage_guards(item, None),
        web_acls=stage_web_acls(sight, item, None),
    )
    yield from api_reaches(sight, item, entry, rest_operations(sight, item))
    private = entry.locks[0].step.result == "fail"
    if item.item.get("disableExecuteApiEndpoint") is True and not private:
        yield from unseen_domains(sight, item)


def families_of(endpoint: object) -> tuple[Family, ...]:
    """Families of an ``endpointConfiguration``; IPv4 alone by default."""
    return BOTH if member(endpoint, "ipAddressType") == "dualstack" else (Family.IPV4,)


def endpoint_type(sight: Sight, item: Item) -> Lock:
    """EDGE (the default) and REGIONAL endpoints are public, PRIVATE ones only for endpoints."""
    name = "endpoint type"
    (ref,) = sight.refs(item, "/item/endpointConfiguration/types")
    types = member(item.item.get("endpointConfiguration"), "types")
    if types is None:
        return passes(name, item.id, "The endpoint is EDGE, the default.", ref)
    if not isinstance(types, list) or not types:
        listed = "get_rest_apis" if item.type == "apigateway:rest-api" else "get_domain_names"
        return unread(name, item.id, sight.gap(item, listed), ref)
    if all(one == "PRIVATE" for one in types):
        text = "The endpoint is PRIVATE: only interface VPC endpoints lead to it."
        return stops(name, item.id, text, ref)
    return passes(name, item.id, f"The endpoint is {', '.join(map(str, types))}.", ref)


def _default_name(sight: Sight, item: Item) -> Lock:
    (ref,) = sight.refs(item, "/item/disableExecuteApiEndpoint")
    if item.item.get("disableExecuteApiEndpoint") is True:
        text = "The default endpoint is disabled (disableExecuteApiEndpoint)."
        return stops("default endpoint", item.id, text, ref)
    return passes("default endpoint", item.id, "The default endpoint is on.", ref)


def _endpoint(sight: Sight, item: Item) -> Lock:
    suffix = "amazonaws.com.cn" if item.id.startswith("arn:aws-cn:") else "amazonaws.com"
    api = item.id.rpartition("/")[2]
    stages = [str(one.get("stageName")) for one in rows(item.call(_STAGES).value)]
    shown = ", ".join(f"/{one}" for one in stages[:_SHOWN])
    return endpoint(sight, item, f"https://{api}.execute-api.{item.region}.{suffix} {shown}")


def stage_lock(sight: Sight, item: Item, stage: str | None) -> Lock:
    """Something is deployed; ``stage``: the one that a domain leads to."""
    name, call = "stage", item.call(_STAGES)
    (ref,) = sight.refs(item, f"/calls/{_STAGES}/value")
    if not call.known or not isinstance(call.value, list | None):
        return unread(name, item.id, sight.gap(item, _STAGES), ref)
    stages = [str(one.get("stageName")) for one in rows(call.value)]
    if not stages:
        return stops(name, item.id, "No stage is deployed.", ref)
    if stage is not None and stage not in stages:
        return stops(name, item.id, f"The stage {stage} does not exist.", ref)
    text = f"Deployed: {', '.join(stages[:_SHOWN] if stage is None else [stage])}."
    return passes(name, item.id, text, ref)


def stage_guards(item: Item, stage: str | None) -> tuple[str, ...]:
    """Web ACLs, if each way to the API passes one."""
    acls = _web_acls(item, stage)
    if not all(acls):
        return ()
    return tuple(sorted({f"waf {one}" for one in acls}))


def stage_web_acls(sight: Sight, item: Item, stage: str | None) -> tuple[Narrowing, ...]:
    """The web ACLs that narrow the callers, if each way to the API passes such a one."""
    found = [narrowing_of(sight, one) for one in _web_acls(item, stage)]
    if not found or not all(found):
        return ()
    return (either([one for (one,) in found]),)


def _web_acls(item: Item, stage: str | None) -> list[str]:
    """The web ACL of each stage that callers get to; empty where it has none."""
    found = [
        one.get("webAclArn")
        for one in rows(item.call(_STAGES).value)
        if stage is None or one.get("stageName") == stage
    ]
    return [one if isinstance(one, str) else "" for one in found]


def rest_operations(sight: Sight, item: Item, stage: str | None = None) -> list[Operation]:
    """What callers may call: methods that let in alike, with what they lead to.

    The methods are those of the API's present configuration; a stage may hold an older one.
    Methods that API Gateway answers by itself (MOCK, e.g. for CORS) count only where there are
    no others.

    Args:
        sight: what is known.
        item: the API's line.
        stage: the only one that the callers get to; by default they choose.
    """
    key = ("front doors", "operations", item.type, item.account_id, item.id, stage)
    return sight.once(key, lambda: _operations(sight, item, stage))


def _operations(sight: Sight, item: Item, stage: str | None) -> list[Operation]:
    call = item.call(_METHODS)
    found = list(_methods(call))
    if not found:
        return [Operation((Way((_no_methods(sight, item, call),)),))]
    real = [one for one in found if one.integration.get("type") != "MOCK"]
    called = real or found
    stages = _stages(item) if stage is None else [stage]
    groups: dict[tuple[tuple[str, str, bool], Cuts], list[_Method]] = defaultdict(list)
    about = method_cuts(item, stages, [(one.verb, one.path) for one in called])
    for one, cut in zip(called, about, strict=True):
        groups[one.asks, cut].append(one)
    return [
        Operation(
            _with(_roles_used(methods), _ways(sight, item, asks, cut, methods)),
            tuple(_behind(sight, item, methods)),
        )
        for (asks, cut), methods in sorted(groups.items())
    ]


def _stages(item: Item) -> list[str]:
    """Names of the deployed stages; none where they were not read."""
    found = [one.get("stageName") for one in rows(item.call(_STAGES).value)]
    return [one for one in found if isinstance(one, str) and one]


def _roles_used(methods: list[_Method]) -> tuple[Lock, ...]:
    """Evidence: with whose credentials callers make API Gateway call other services.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-integration-types.html
    """
    found = {
        role: method
        for method in methods
        if isinstance(role := method.integration.get("credentials"), str)
        and role
        and method.integration.get("type") in ("AWS", "AWS_PROXY")
    }
    return tuple(
        passes("integration", role, f"{method} calls {_service(method)} as {role}.")
        for role, method in list(found.items())[:_SHOWN]
    )


def _service(method: _Method) -> str:
    """The service of ``arn:aws:apigateway:region:<service>:path|action/...``."""
    parts = str(method.integration.get("uri")).split(":")
    return parts[4] if len(parts) > 5 and parts[2] == "apigateway" else "a service"


def _with(more: tuple[Lock, ...], ways: tuple[Way, ...]) -> tuple[Way, ...]:
    return tuple(Way((*way.locks, *more), way.source, way.admitted) for way in ways)


def _methods(call: CallResult) -> Iterator[_Method]:
    for resource in rows(call.value):
        methods = resource.get("resourceMethods")
        for verb, detail in methods.items() if isinstance(methods, Mapping) else ():
            known = detail if isinstance(detail, Mapping) else {}
            yield _Method(str(verb), str(resource.get("path") or "/"), known)


def _no_methods(sight: Sight, item: Item, call: CallResult) -> Lock:
    """A stage cannot be deployed without methods: it holds others than the present ones."""
    operation = "get_export" if call.known else _METHODS
    return unread("method", item.id, sight.gap(item, operation))


def _ways(
    sight: Sight, item: Item, asks: tuple[str, str, bool], about: Cuts, methods: list[_Method]
) -> tuple[Way, ...]:
    kind, authorizer, key = asks
    shown = ", ".join(map(str, methods[:_SHOWN]))
    more = f" and {len(methods) - _SHOWN} more" if len(methods) > _SHOWN else ""
    what = f"{shown}{more}" + (" (with an API key, which only meters callers)" if key else "")
    refs = sight.refs(item, f"/calls/{_METHODS}/value")
    name = "authorization"
    if kind == "NONE":
        lock = passes(name, item.id, f"Nothing is asked for by {what}.", *refs)
        return _each(explicit_ways(sight, item, about), lock)
    if kind == "AWS_IAM":
        text = f"A signed request is asked for by {what}."
        return _each(
            signed_ways(sight, item, about), asks_for(name, item.id, text, "authn:sigv4", *refs)
        )
    if kind == "COGNITO_USER_POOLS":
        text = f"A token of a Cognito user pool is asked for by {what}."
        lock = asks_for(name, item.id, text, "authn:cognito", *refs)
        allowed = explicit_ways(sight, item, about)
        return (*_each(allowed, lock), *_signed_up(sight, item, authorizer, allowed, what))
    if kind == "CUSTOM":
        jwt = member(_authorizer(item, authorizer), "type") == "JWT"
        term = "authn:jwt" if jwt else "authn:lambda-authorizer"
        text = f"{'A JWT' if jwt else 'A Lambda authorizer'} decides on {what}."
        return _each(undenied_ways(sight, item, about), asks_for(name, item.id, text, term, *refs))
    return (Way((unread(name, item.id, sight.gap(item, f"get_method {shown}")),)),)


def _each(ways: tuple[Way, ...], lock: Lock) -> tuple[Way, ...]:
    return tuple(Way((lock, *way.locks), way.source, way.admitted) for way in ways)


def _authorizer(item: Item, authorizer: str) -> Mapping[str, Any]:
    found = rows(item.call(_AUTHORIZERS).value)
    return next((one for one in found if one.get("id") == authorizer), {})


def _signed_up(
    sight: Sight, item: Item, authorizer: str, allowed: tuple[Way, ...], what: str
) -> Iterator[Way]:
    """Whoever registers with a user pool whose tokens an authorizer takes."""
    arns = _authorizer(item, authorizer).get("providerARNs")
    for arn in arns if isinstance(arns, list) else ():
        pool = str(arn).rpartition("/")[2]
        joined = sign_up(sight, pool)
        for way in allowed if joined is not None and all_open(allowed) else ():
            if way.admitted is None:
                text = f"Users of {pool} may call {what}."
                lock = passes("authorization", item.id, text)
                yield Way((lock, *way.locks, *(joined or ())), self_sign_up(pool))


def all_open(ways: tuple[Way, ...]) -> bool:
    """Whether no lock of any way is closed."""
    return not any(lock.step.result == "fail" for way in ways for lock in way.locks)


def _behind(sight: Sight, item: Item, methods: list[_Method]) -> Iterator[Behind]:
    by_target: dict[tuple[str, str], list[_Method]] = defaultdict(list)
    for one in methods:
        uri, role = one.integration.get("uri"), one.integration.get("credentials")
        if isinstance(uri, str) and one.integration.get("type") in ("AWS", "AWS_PROXY"):
            by_target[uri, role if isinstance(role, str) else ""].append(one)
    for (uri, role), some in sorted(by_target.items()):
        yield from function_behind(sight, uri, _caller(item, some), role)
    links = [one for one in methods if one.integration.get("connectionType") == "VPC_LINK"]
    for integration in {repr(_linked(one)): one.integration for one in links}.values():
        yield from _through_link(sight, item, integration)


def _linked(method: _Method) -> tuple[object, ...]:
    found = method.integration
    return (
        found.get("connectionId"),
        found.get("integrationTarget"),
        str(port_of(found.get("uri"))),
    )


def _caller(item: Item, methods: list[_Method]) -> Caller:
    base = execute_arn(item)
    stages = [str(one.get("stageName")) for one in rows(item.call(_STAGES).value)] or ["any"]
    sources = tuple(
        f"{base}/{stages[0]}/{verb}{one.path}"
        for one in methods
        for verb in (_VERBS if one.verb == "ANY" else (one.verb,))
    )
    return Caller("apigateway.amazonaws.com", item.account_id, sources)


def _through_link(sight: Sight, item: Item, integration: Mapping[str, Any]) -> Iterator[Behind]:
    link_id = str(integration.get("connectionId") or "")
    opened = port_of(integration.get("uri"))
    place = (item.account_id, item.region, link_id)
    link = sight.by_member("apigateway:vpc-link", "id").get(place)
    if link is not None:
        arns = link.item.get("targetArns")
        locks = (link_lock(link, link.item.get("status")),)
        yield from balancers_behind(sight, arns if isinstance(arns, list) else (), opened, *locks)
        return
    link = sight.by_member("apigatewayv2:vpc-link", "VpcLinkId").get(place)
    if link is None:
        lock = unread("VPC link", link_id or item.id, sight.gap(item, f"get_vpc_link {link_id}"))
    else:
        lock = link_lock(link, link.item.get("VpcLinkStatus"))
    target = integration.get("integrationTarget")
    yield from balancers_behind(sight, (target,), opened, lock, link=link)


DOORS = (
    FrontDoor(
        type_id="apigateway:rest-api",
        mechanism="apigateway",
        title="REST APIs (API Gateway)",
        rule="The endpoint is EDGE or REGIONAL (a PRIVATE one is for VPC endpoints only), a stage "
        "is deployed, and the default endpoint is on (else see its domains). Then each method "
        "decides: NONE is open to whom the resource policy, if there is one, allows; AWS_IAM asks "
        "for a signed request that the policy does not deny (and is open to every AWS principal "
        "where the policy allows them); a Lambda authorizer or a JWT where the policy does not "
        "deny; a token of a Cognito user pool where the policy allows, and whoever may register "
        "with the pool gets one. The policy is weighed for each method and stage. API keys only "
        "meter. A web ACL that blocks all but fixed ranges or a secret header narrows the callers. "
        "The strongest method counts; those that API Gateway answers itself (MOCK) only where "
        "there are no others. Behind it stand functions whose policy lets API Gateway invoke them, "
        "and behind VPC links load balancers with their targets and what is registered with a "
        "service of Cloud Map; the roles with which it calls other services stand in the "
        "evidence. Methods are those of the present configuration, which a stage may not have.",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html",
        judge=_rest_api,
        test="tests/front_doors/test_apigateway.py",
        needs=frozenset(
            {
                "apigateway:vpc-link",
                "apigatewayv2:vpc-link",
                "cloudmap:service",
                "cognito:user-pool",
                "lambda:function",
            }
            | WAF_TYPES
        ),
    ),
)
