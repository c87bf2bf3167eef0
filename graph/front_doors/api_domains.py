"""Custom domains of API Gateway: doors of their own, and the APIs behind them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-mode.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import CallResult, Item
from graph.front_doors.api_calls import DOMAIN, Entry, api_reaches
from graph.front_doors.apigateway import (
    endpoint_type,
    families_of,
    rest_operations,
    stage_guards,
    stage_lock,
    stage_web_acls,
)
from graph.front_doors.apigatewayv2 import http_operations, http_stage_lock
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, stops, unread
from graph.front_doors.integrations import endpoint
from graph.front_doors.sight import BOTH, Sight, member, rows
from graph.network.prefixes import Family
from graph.network.reach import Reach

_PATHS, _MAPPINGS, _RULES = "get_base_path_mappings", "get_api_mappings", "list_routing_rules"
_RULES_ONLY, _MIXED = "ROUTING_RULE_ONLY", "ROUTING_RULE_THEN"
# https://docs.aws.amazon.com/apigateway/latest/api/API_DomainName.html (domainNameStatus)
_NOT_YET = ("PENDING", "FAILED", "PENDING_OWNERSHIP_VERIFICATION")


@dataclass(frozen=True, slots=True)
class _Domain:
    """A domain as one of the two versions of the API tells it."""

    item: Item
    names: tuple[Any, ...]
    families: tuple[Family, ...]
    locks: tuple[Lock, ...]
    leads: tuple[tuple[str, str | None], ...]
    lead_lock: Lock


def _rest_domain(sight: Sight, item: Item) -> Iterator[Reach]:
    shape = item.item
    calls = [] if shape.get("routingMode") == _RULES_ONLY else [_PATHS]
    leads = tuple(
        (str(one.get("restApiId")), _stage(one.get("stage")))
        for one in rows(item.call(_PATHS).value)
        if calls
    )
    domain = _Domain(
        item,
        (shape.get("domainName"),),
        families_of(shape.get("endpointConfiguration")),
        (
            endpoint_type(sight, item),
            _mutual_tls(sight, item, shape.get("mutualTlsAuthentication"), "truststoreUri"),
            _status(item, (shape.get("domainNameStatus"),)),
        ),
        leads,
        _leads_on(sight, item, leads, calls),
    )
    yield from _reaches(sight, domain)


def _http_domain(sight: Sight, item: Item) -> Iterator[Reach]:
    shape = item.item
    mode = str(shape.get("RoutingMode") or "")
    calls = [] if mode == _RULES_ONLY else [_MAPPINGS]
    calls += [_RULES] if mode == _RULES_ONLY or mode.startswith(_MIXED) else []
    leads = tuple(_of_mappings(item, calls))
    settings = rows(shape.get("DomainNameConfigurations"))
    dual = any(one.get("IpAddressType") == "dualstack" for one in settings)
    domain = _Domain(
        item,
        (shape.get("DomainName"),),
        BOTH if dual else (Family.IPV4,),
        (
            _mutual_tls(sight, item, shape.get("MutualTlsAuthentication"), "TruststoreUri"),
            _status(item, tuple(one.get("DomainNameStatus") for one in settings)),
        ),
        leads,
        _leads_on(sight, item, leads, calls),
    )
    yield from _reaches(sight, domain)


def _of_mappings(item: Item, calls: list[str]) -> Iterator[tuple[str, str | None]]:
    if _MAPPINGS in calls:
        for one in rows(item.call(_MAPPINGS).value):
            yield str(one.get("ApiId")), _stage(one.get("Stage"))
    for rule in rows(item.call(_RULES).value) if _RULES in calls else ():
        for action in rows(rule.get("Actions")):
            found = member(action, "InvokeApi")
            if isinstance(found, Mapping):
                yield str(found.get("ApiId")), _stage(found.get("Stage"))


def _stage(value: object) -> str | None:
    """The stage of a mapping; without one the caller names it in the path."""
    return value if isinstance(value, str) and value not in ("", "(none)") else None


def _mutual_tls(sight: Sight, item: Item, value: object, store: str) -> Lock:
    name = "mutual TLS"
    if member(value, store):
        (ref,) = sight.refs(item, "/item")
        text = f"Callers show a certificate that {member(value, store)} vouches for."
        return asks_for(name, item.id, text, "authn:mtls", ref)
    return passes(name, item.id, "No certificate is asked for.")


def _status(item: Item, states: tuple[Any, ...]) -> Lock:
    known = [one for one in states if isinstance(one, str) and one]
    if known and all(one in _NOT_YET for one in known):
        text = f"The domain's setup is {known[0]}; whether it answers meanwhile is not told."
        return asks_for("state", item.id, text, f"context:domain-status={known[0]}")
    return passes("state", item.id, "The domain is available.")


def _leads_on(
    sight: Sight,
    item: Item,
    leads: tuple[tuple[str, str | None], ...],
    calls: list[str],
) -> Lock:
    """Whether anything is mapped.

    Routing rules and mappings of HTTP APIs are told by version 2 of the API alone, on a line of
    their own.
    """
    name = "mapping"
    if leads:
        apis = sorted({api for api, _ in leads})
        return passes(name, item.id, f"It leads to {', '.join(apis[:5])}.")
    unknown = [call for call in calls if not _read(item.call(call))]
    if unknown:
        return unread(name, item.id, sight.gap(item, unknown[0]))
    place = (item.account_id, item.region, str(item.item.get("domainName")))
    first_version = item.type == "apigateway:domain"
    if first_version and place not in sight.by_member("apigatewayv2:domain", "DomainName"):
        return unread(name, item.id, f"apigatewayv2.{_MAPPINGS}({item.id})")
    return stops(name, item.id, "Nothing is mapped to the domain.")


def _read(call: CallResult) -> bool:
    return call.known and isinstance(call.value, list | None)


def _reaches(sight: Sight, domain: _Domain) -> Iterator[Reach]:
    item = domain.item
    common = (*domain.locks, endpoint(sight, item, *domain.names))
    yield from sight.reached(item, DOMAIN, (*common, domain.lead_lock), families=domain.families)
    place = (item.account_id, item.region)
    for api, stage in dict.fromkeys(domain.leads):
        rest = sight.by_member("apigateway:rest-api", "id").get((*place, api))
        http = sight.by_member("apigatewayv2:api", "ApiId").get((*place, api))
        if rest is not None:
            locks = (*common, endpoint_type(sight, rest), stage_lock(sight, rest, stage))
            guards, acls = stage_guards(rest, stage), stage_web_acls(sight, rest, stage)
            entry = Entry(DOMAIN, locks, domain.families, (item.id,), guards, acls)
            yield from api_reaches(sight, rest, entry, rest_operations(sight, rest, stage))
        elif http is not None:
            locks = (*common, http_stage_lock(sight, http, stage))
            entry = Entry(DOMAIN, locks, domain.families, (item.id,))
            yield from api_reaches(sight, http, entry, http_operations(sight, http))


def _private_domain(sight: Sight, item: Item) -> Iterator[Reach]:
    text = "The domain is private: only VPC endpoints that were given access lead to it."
    lock = stops("endpoint type", item.id, text, *sight.refs(item, "/item/domainNameId"))
    yield from sight.reached(
        item, DOMAIN, (lock, endpoint(sight, item, item.item.get("domainName")))
    )


_RULE = (
    "The domain is EDGE or REGIONAL and a base path mapping, an API mapping or a routing rule (by "
    "its routing mode) leads to an API. Mutual TLS is a condition. An API behind it is judged as "
    "under its own name, with the stage that the mapping names, but not by whether its default "
    "endpoint is on."
)
_PAGE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html"
_TEST = "tests/front_doors/test_api_domains.py"
_NEEDS = frozenset(
    {
        "apigateway:rest-api",
        "apigateway:vpc-link",
        "apigatewayv2:api",
        "apigatewayv2:vpc-link",
        "cloudmap:service",
        "cognito:user-pool",
        "lambda:function",
    }
)

DOORS = (
    FrontDoor(
        "apigateway:domain",
        DOMAIN,
        "Custom domains of REST APIs",
        _RULE,
        _PAGE,
        _rest_domain,
        _TEST,
        _NEEDS,
    ),
    FrontDoor(
        "apigatewayv2:domain",
        DOMAIN,
        "Custom domains of HTTP and WebSocket APIs",
        _RULE,
        _PAGE,
        _http_domain,
        _TEST,
        _NEEDS,
    ),
    FrontDoor(
        "apigateway:private-domain",
        DOMAIN,
        "Private custom domains of REST APIs",
        "Never: a private domain answers to VPC endpoints that were given access.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-custom-domains.html",
        _private_domain,
        _TEST,
    ),
)
