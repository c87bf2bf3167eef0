"""AppSync: GraphQL APIs and event APIs.

* modes: https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
* visibility: https://docs.aws.amazon.com/appsync/latest/devguide/using-private-apis.html
* events: https://docs.aws.amazon.com/appsync/latest/eventapi/configure-event-api-auth.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from collector.snapshot import Item
from graph.front_doors.api_calls import Behind, Entry, Operation, Way, api_reaches
from graph.front_doors.cognito import self_sign_up, sign_up
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.firewalls import WAF_TYPES, narrowing_of
from graph.front_doors.integrations import Caller, endpoint, function_behind
from graph.front_doors.sight import Sight, member, rows
from graph.network.reach import Reach

_KEYS, _SOURCES = "list_api_keys", "list_data_sources"
_AUTHN = {
    "AWS_IAM": ("authn:sigv4", "A signed request is asked for."),
    "AMAZON_COGNITO_USER_POOLS": ("authn:cognito", "A token of a Cognito user pool is asked for."),
    "OPENID_CONNECT": ("authn:jwt", "A token of an OpenID Connect provider is asked for."),
    "AWS_LAMBDA": ("authn:lambda-authorizer", "A Lambda authorizer decides."),
}


def _graphql(sight: Sight, item: Item) -> Iterator[Reach]:
    shape = item.item
    uris = shape.get("uris")
    names = list(uris.values()) if isinstance(uris, Mapping) else []
    entry = Entry(
        "appsync",
        (_visibility(sight, item), endpoint(sight, item, *names)),
        guards=_guards(item),
        web_acls=narrowing_of(sight, item.item.get("wafWebAclArn")),
    )
    first = Operation(_ways(sight, item, shape, ""), tuple(_functions(sight, item)))
    further = [
        Operation(_ways(sight, item, one, "additional "), tuple(_opened(sight, item)))
        for one in rows(shape.get("additionalAuthenticationProviders"))
    ]
    yield from api_reaches(sight, item, entry, [first, *further])


def _visibility(sight: Sight, item: Item) -> Lock:
    (ref,) = sight.refs(item, "/item/visibility")
    found = item.item.get("visibility")
    if found == "PRIVATE":
        text = "The API is PRIVATE: only interface VPC endpoints lead to it."
        return stops("visibility", item.id, text, ref)
    if found in (None, "GLOBAL"):
        return passes("visibility", item.id, "The API is GLOBAL.", ref)
    return unread("visibility", item.id, sight.gap(item, "list_graphql_apis"), ref)


def _guards(item: Item) -> tuple[str, ...]:
    acl = item.item.get("wafWebAclArn")
    return (f"waf {acl}",) if isinstance(acl, str) and acl else ()


def _ways(sight: Sight, item: Item, mode: Mapping[str, Any], word: str) -> tuple[Way, ...]:
    name = "authentication"
    kind = str(mode.get("authenticationType", mode.get("authType")))
    if kind == "API_KEY":
        return (Way((_key(sight, item, word),)),)
    if kind not in _AUTHN:
        return (Way((unread(name, item.id, sight.gap(item, "get_graphql_api")),)),)
    term, text = _AUTHN[kind]
    ways = [Way((asks_for(name, item.id, f"{text[:-1]} ({word}{kind}).", term),))]
    pool = member(mode, "userPoolConfig", "userPoolId") or member(
        mode, "cognitoConfig", "userPoolId"
    )
    joined = sign_up(sight, str(pool)) if kind == "AMAZON_COGNITO_USER_POOLS" else None
    if joined is not None:
        text = f"Users of {pool} may call it."
        if member(mode, "userPoolConfig", "defaultAction") == "DENY":
            lock = asks_for(name, item.id, text, "context:field that the schema opens to a group")
        else:
            lock = passes(name, item.id, text)
        ways.append(Way((lock, *joined), self_sign_up(str(pool))))
    return tuple(ways)


def _key(sight: Sight, item: Item, word: str) -> Lock:
    """A key is no login: every client of the API carries it."""
    name, call = "authentication", item.call(_KEYS)
    (ref,) = sight.refs(item, f"/calls/{_KEYS}/value")
    if not call.known or not isinstance(call.value, list | None):
        return unread(name, item.id, sight.gap(item, _KEYS), ref)
    now = _seconds(sight.snapshot.manifest.get("finished"))
    keys = rows(call.value)
    if not keys:
        return sleeps("state", item.id, f"It asks for an API key ({word}mode), but has none.", ref)
    if all(_expired(one, now) for one in keys):
        return sleeps("state", item.id, "Every API key has expired.", ref)
    text = f"An API key is asked for ({word}mode), which every client carries."
    return passes(name, item.id, text, ref)


def _seconds(text: object) -> float | None:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except (ValueError, OverflowError):
        return None


def _expired(key: Mapping[str, Any], now: float | None) -> bool:
    until = key.get("expires")
    known = isinstance(until, int | float) and not isinstance(until, bool)
    return known and now is not None and float(until or 0) < now


def _functions(sight: Sight, item: Item) -> Iterator[Behind]:
    for source in rows(item.call(_SOURCES).value):
        if source.get("type") == "AWS_LAMBDA":
            uri = member(source, "lambdaConfig", "lambdaFunctionArn")
            caller = Caller("appsync.amazonaws.com", item.account_id, ())
            yield from function_behind(sight, uri, caller, source.get("serviceRoleArn"))


def _opened(sight: Sight, item: Item) -> Iterator[Behind]:
    """Callers by an additional mode see only fields that the schema opens to it."""
    for one in _functions(sight, item):
        text = "The schema must open a field to this mode (a directive)."
        lock = asks_for("schema", item.id, text, "context:schema directive")
        yield Behind(one.id, (*one.locks, lock))


def _events(sight: Sight, item: Item) -> Iterator[Reach]:
    dns = item.item.get("dns")
    names = list(dns.values()) if isinstance(dns, Mapping) else []
    entry = Entry(
        "appsync-events",
        (endpoint(sight, item, *names),),
        guards=_guards(item),
        web_acls=narrowing_of(sight, item.item.get("wafWebAclArn")),
    )
    providers = rows(member(item.item, "eventConfig", "authProviders"))
    ways = [Operation(_ways(sight, item, one, "")) for one in providers]
    if not ways:
        lock = unread("authentication", item.id, sight.gap(item, "get_api"))
        ways = [Operation((Way((lock,)),))]
    yield from api_reaches(sight, item, entry, ways)


DOORS = (
    FrontDoor(
        type_id="appsync:api",
        mechanism="appsync",
        title="GraphQL APIs (AppSync)",
        rule="The visibility is GLOBAL, the default (PRIVATE ones are for VPC endpoints only). "
        "Then the strongest mode of authentication counts: a valid API key opens it to everyone, "
        "since every client carries it (without a valid key: dormant); IAM, OpenID Connect, "
        "Cognito and Lambda are conditions, and whoever may register with the Cognito user pool "
        "gets a token. Behind it stand the functions of its data sources; under an additional mode "
        "only if the schema opens a field to it.",
        source="https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html",
        judge=_graphql,
        test="tests/front_doors/test_appsync.py",
        needs=WAF_TYPES | {"cognito:user-pool", "lambda:function"},
        untold_families=True,
    ),
    FrontDoor(
        type_id="appsync:event-api",
        mechanism="appsync-events",
        title="Event APIs (AppSync)",
        rule="Always on the internet. The strongest of its authorization providers counts, as for "
        "GraphQL APIs.",
        source="https://docs.aws.amazon.com/appsync/latest/eventapi/configure-event-api-auth.html",
        judge=_events,
        test="tests/front_doors/test_appsync.py",
        needs=WAF_TYPES | {"cognito:user-pool"},
        untold_families=True,
    ),
)
