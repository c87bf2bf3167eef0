"""HTTP and WebSocket APIs of API Gateway.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import Item
from graph.front_doors.api_calls import Behind, Entry, Operation, Way, api_reaches, unseen_domains
from graph.front_doors.api_policy import execute_arn
from graph.front_doors.cognito import self_sign_up, sign_up
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.integrations import (
    Caller,
    endpoint,
    function_behind,
)
from graph.front_doors.sight import BOTH, Sight, member, rows
from graph.front_doors.vpc_links import balancers_behind, link_lock
from graph.network.prefixes import Family
from graph.network.reach import Reach

_ROUTES, _INTEGRATIONS, _STAGES = "get_routes", "get_integrations", "get_stages"
_AUTHORIZERS = "get_authorizers"
_COGNITO_ISSUER = re.compile(r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/([\w-]+)/?")
_SHOWN = 5
_VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class _Route:
    key: str
    detail: Mapping[str, Any]
    integration: Mapping[str, Any] | None

    def __str__(self) -> str:
        return self.key


def _api(sight: Sight, item: Item) -> Iterator[Reach]:
    entry = Entry(
        "apigatewayv2",
        (
            _default_name(sight, item),
            http_stage_lock(sight, item, None),
            endpoint(sight, item, item.item.get("ApiEndpoint")),
        ),
        http_families(item),
    )
    yield from api_reaches(sight, item, entry, http_operations(sight, item))
    if item.item.get("DisableExecuteApiEndpoint") is True:
        yield from unseen_domains(sight, item)


def http_families(item: Item) -> tuple[Family, ...]:
    """IPv4 alone by default."""
    return BOTH if item.item.get("IpAddressType") == "dualstack" else (Family.IPV4,)


def _default_name(sight: Sight, item: Item) -> Lock:
    (ref,) = sight.refs(item, "/item/DisableExecuteApiEndpoint")
    if item.item.get("DisableExecuteApiEndpoint") is True:
        text = "The default endpoint is disabled (DisableExecuteApiEndpoint)."
        return stops("default endpoint", item.id, text, ref)
    return passes("default endpoint", item.id, "The default endpoint is on.", ref)


def http_stage_lock(sight: Sight, item: Item, stage: str | None) -> Lock:
    """Something is deployed; ``stage``: the one that a domain leads to."""
    name, call = "stage", item.call(_STAGES)
    (ref,) = sight.refs(item, f"/calls/{_STAGES}/value")
    if not call.known or not isinstance(call.value, list | None):
        return unread(name, item.id, sight.gap(item, _STAGES), ref)
    stages = rows(call.value)
    if stage is not None:
        stages = [one for one in stages if one.get("StageName") == stage]
    if not stages:
        text = "No stage exists." if stage is None else f"The stage {stage} does not exist."
        return stops(name, item.id, text, ref)
    names = ", ".join(str(one.get("StageName")) for one in stages[:_SHOWN])
    if not any(one.get("DeploymentId") or one.get("AutoDeploy") for one in stages):
        return sleeps(name, item.id, f"Nothing is deployed on {names}.", ref)
    return passes(name, item.id, f"Deployed: {names}.", ref)


def http_operations(sight: Sight, item: Item) -> list[Operation]:
    """What callers may call: routes that ask for the same, with what they lead to.

    Of a WebSocket API ``$connect`` alone is authorised; an API without it takes everyone.
    """
    key = ("front doors", "operations", item.type, item.account_id, item.id)
    return sight.once(key, lambda: _operations(sight, item))


def _operations(sight: Sight, item: Item) -> list[Operation]:
    call = item.call(_ROUTES)
    if not call.known or not isinstance(call.value, list | None):
        return _closed(unread("route", item.id, sight.gap(item, _ROUTES)))
    integrations = {
        str(one.get("IntegrationId")): one for one in rows(item.call(_INTEGRATIONS).value)
    }
    found = [_route(one, integrations) for one in rows(call.value)]
    if not found:
        return _closed(_no_routes(sight, item))
    real = [one for one in found if (one.integration or {}).get("IntegrationType") != "MOCK"]
    groups: dict[tuple[str, str], list[_Route]] = defaultdict(list)
    if item.item.get("ProtocolType") == "WEBSOCKET":
        first = next((one for one in found if one.key == "$connect"), None)
        groups[_asks(first.detail) if first else ("NONE", "")] = real or found
    else:
        for one in real or found:
            groups[_asks(one.detail)].append(one)
    return [
        Operation(
            _with(_roles_used(routes), _ways(sight, item, asks, routes)),
            tuple(_behind(sight, item, routes)),
        )
        for asks, routes in sorted(groups.items())
    ]


def _roles_used(routes: list[_Route]) -> tuple[Lock, ...]:
    """Evidence: with whose credentials callers make API Gateway call other services.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services.html
    """
    found: dict[str, str] = {}
    for route in routes:
        told = route.integration or {}
        role, service = told.get("CredentialsArn"), told.get("IntegrationSubtype")
        if isinstance(role, str) and role and isinstance(service, str):
            found.setdefault(role, f"{route} calls {service} as {role}.")
    return tuple(passes("integration", role, text) for role, text in list(found.items())[:_SHOWN])


def _with(more: tuple[Lock, ...], ways: tuple[Way, ...]) -> tuple[Way, ...]:
    return tuple(Way((*way.locks, *more), way.source, way.admitted) for way in ways)


def _closed(lock: Lock) -> list[Operation]:
    return [Operation((Way((lock,)),))]


def _no_routes(sight: Sight, item: Item) -> Lock:
    """A stage that is not deployed by itself may hold the routes of an older configuration."""
    stages = rows(item.call(_STAGES).value)
    if all(one.get("AutoDeploy") is True for one in stages):
        return stops("route", item.id, "It has no routes.")
    return unread("route", item.id, sight.gap(item, "export_api"))


def _route(detail: Mapping[str, Any], integrations: Mapping[str, Mapping[str, Any]]) -> _Route:
    target = str(detail.get("Target") or "").removeprefix("integrations/")
    return _Route(str(detail.get("RouteKey")), detail, integrations.get(target))


def _asks(detail: Mapping[str, Any]) -> tuple[str, str]:
    kind, authorizer = detail.get("AuthorizationType"), detail.get("AuthorizerId")
    return (str(kind or "NONE"), str(authorizer or ""))


def _ways(sight: Sight, item: Item, asks: tuple[str, str], routes: list[_Route]) -> tuple[Way, ...]:
    kind, authorizer = asks
    shown = ", ".join(map(str, routes[:_SHOWN]))
    what = shown + (f" and {len(routes) - _SHOWN} more" if len(routes) > _SHOWN else "")
    (ref,) = sight.refs(item, f"/calls/{_ROUTES}/value")
    name = "authorization"
    if kind == "NONE":
        return (Way((passes(name, item.id, f"Nothing is asked for by {what}.", ref),)),)
    if kind == "AWS_IAM":
        text = f"A signed request is asked for by {what}."
        return (Way((asks_for(name, item.id, text, "authn:sigv4", ref),)),)
    if kind == "CUSTOM":
        text = f"A Lambda authorizer decides on {what}."
        return (Way((asks_for(name, item.id, text, "authn:lambda-authorizer", ref),)),)
    if kind == "JWT":
        text = f"A JWT is asked for by {what}."
        first = Way((asks_for(name, item.id, text, "authn:jwt", ref),))
        return (first, *_signed_up(sight, item, authorizer, routes))
    return (Way((unread(name, item.id, sight.gap(item, f"get_route {shown}")),)),)


def _signed_up(sight: Sight, item: Item, authorizer: str, routes: list[_Route]) -> Iterator[Way]:
    """Whoever registers with the user pool whose tokens an authorizer takes.

    Scopes that a route asks for are those that the pool's client may hand out.
    """
    found = rows(item.call(_AUTHORIZERS).value)
    detail = next((one for one in found if one.get("AuthorizerId") == authorizer), {})
    issuer = _COGNITO_ISSUER.fullmatch(str(member(detail, "JwtConfiguration", "Issuer")))
    joined = sign_up(sight, issuer.group(1)) if issuer else None
    if issuer is None or joined is None:
        return
    pool = issuer.group(1)
    first = passes("authorization", item.id, f"Users of {pool} may call it.")
    scoped = [one for one in routes if one.detail.get("AuthorizationScopes")]
    if len(scoped) == len(routes):
        text = "Every route asks for a scope that the pool's client has to give."
        first = asks_for("authorization", item.id, text, "context:oauth scope")
    yield Way((first, *joined), self_sign_up(pool))


def _behind(sight: Sight, item: Item, routes: list[_Route]) -> Iterator[Behind]:
    by_integration: dict[str, tuple[Mapping[str, Any], list[_Route]]] = {}
    for one in routes:
        if one.integration is not None:
            key = str(one.integration.get("IntegrationId"))
            by_integration.setdefault(key, (one.integration, []))[1].append(one)
    for _, (integration, some) in sorted(by_integration.items()):
        uri, role = integration.get("IntegrationUri"), integration.get("CredentialsArn")
        if integration.get("ConnectionType") == "VPC_LINK":
            yield from _through_link(sight, item, integration, uri)
        elif integration.get("IntegrationType") in ("AWS", "AWS_PROXY"):
            yield from function_behind(sight, uri, _caller(item, some), role)


def _through_link(
    sight: Sight, item: Item, integration: Mapping[str, Any], uri: object
) -> Iterator[Behind]:
    link_id = str(integration.get("ConnectionId") or "")
    place = (item.account_id, item.region, link_id)
    link = sight.by_member("apigatewayv2:vpc-link", "VpcLinkId").get(place)
    if link is None:
        lock = unread("VPC link", link_id or item.id, sight.gap(item, f"get_vpc_link {link_id}"))
    else:
        lock = link_lock(link, link.item.get("VpcLinkStatus"))
    yield from balancers_behind(sight, (uri,), None, lock, link=link)


def _caller(item: Item, routes: list[_Route]) -> Caller:
    """Sources as ``api/stage/GET/path``, for a WebSocket ``api/stage/$connect``."""
    base = execute_arn(item)
    stages = [str(one.get("StageName")) for one in rows(item.call(_STAGES).value)] or ["any"]
    sources = tuple(
        f"{base}/{stages[0]}/{verb}{path or route.key}"
        for route in routes
        for verb, path in [_split(route.key)]
        for verb in (_VERBS if verb == "ANY" else (verb,))
    )
    return Caller("apigateway.amazonaws.com", item.account_id, sources)


def _split(key: str) -> tuple[str, str]:
    """``GET /items`` as (``GET``, ``/items``); ``$default`` as (empty, empty)."""
    verb, space, path = key.partition(" ")
    return (verb, path) if space else ("", "")


DOORS = (
    FrontDoor(
        type_id="apigatewayv2:api",
        mechanism="apigatewayv2",
        title="HTTP and WebSocket APIs (API Gateway)",
        rule="The default endpoint is on (else see its domains) and a stage is deployed. Then each "
        "route decides, of a WebSocket API $connect alone: NONE is open, AWS_IAM asks for a signed "
        "request, CUSTOM for a Lambda authorizer's leave, JWT for a token, which whoever may "
        "register with the Cognito user pool that issues it gets. The strongest route counts; "
        "there are no resource policies. Behind it stand functions whose policy lets API Gateway "
        "invoke them, and behind VPC links load balancers with their targets and what is "
        "registered with a service of Cloud Map.",
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html",
        judge=_api,
        test="tests/front_doors/test_apigatewayv2.py",
        needs=frozenset(
            {"apigatewayv2:vpc-link", "cloudmap:service", "cognito:user-pool", "lambda:function"}
        ),
    ),
)
