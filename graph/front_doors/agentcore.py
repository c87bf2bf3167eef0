"""Bedrock AgentCore: gateways (MCP servers) and agent runtimes.

* https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-inbound-auth.html
* https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_GetAgentRuntime.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, unread
from graph.front_doors.sight import Sight, member
from graph.front_doors.signed import SIGV4, document_of
from graph.network.ec2_shapes import text
from graph.network.reach import Reach
from graph.sharing.policies import policy_grants
from graph.verdict import Verdict

_GATEWAY, _RUNTIME, _POLICY = "get_gateway", "get_agent_runtime", "get_resource_policy"
_SERVICE, _INVOKE = "bedrock-agentcore", "bedrock-agentcore:InvokeGateway"
_JWT = "authn:jwt"
_WIDE = ("internet", "any-aws-principal")


# Gateways


def _gateway(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_GATEWAY)
    told = call.value if call.known else None
    kind = text(member(told, "authorizerType")) or text(item.item.get("authorizerType"))
    status = text(member(told, "status")) or text(item.item.get("status"))
    working = ("READY", "UPDATING", "UPDATE_UNSUCCESSFUL")
    locks = (_state(sight, item, _GATEWAY, status, working), _authorizer(sight, item, kind))
    policy = () if kind == "AWS_IAM" else _policy(sight, item)
    yield from sight.reached(item, "agentcore-gateway", (*locks, *policy))


def _authorizer(sight: Sight, item: Item, kind: str) -> Lock:
    name = "authorizer"
    (ref,) = sight.refs(item, f"/calls/{_GATEWAY}/value/authorizerType")
    if kind == "NONE":
        return passes(name, item.id, "It authorises nobody (authorizerType is NONE).", ref)
    if kind == "AWS_IAM":
        return asks_for(name, item.id, "It answers signed requests that IAM allows.", SIGV4, ref)
    if kind in ("CUSTOM_JWT", "AUTHENTICATE_ONLY"):
        return asks_for(name, item.id, f"It asks for a bearer token ({kind}).", _JWT, ref)
    return unread(name, item.id, sight.gap(item, _GATEWAY), ref)


def _policy(sight: Sight, item: Item) -> tuple[Lock, ...]:
    """A resource policy may take away from callers whom IAM does not know: they are everybody."""
    name, call = "resource policy", item.call(_POLICY)
    (ref,) = sight.refs(item, f"/calls/{_POLICY}/value")
    gap = sight.gap(item, _POLICY)
    if not call.known:
        words = f"Not collected: {gap}."
        return (asks_for(name, item.id, words, f"not_collected:{gap}", ref),)
    try:
        document = document_of(member(call.value, "policy"))
    except ValueError as problem:
        return (unread(name, item.id, f"{gap}: {problem}", ref),)
    if document is None:
        return (passes(name, item.id, "It has no resource policy.", ref),)
    found = policy_grants(_SERVICE, item, document, ref, sight.identities, actions=(_INVOKE,))
    wide = [grant.answer for grant in found if grant.source_kind in _WIDE]
    if not wide:
        words = (
            "Its resource policy names callers; whether it binds those without a signature, AWS "
            "does not say."
        )
        return (asks_for(name, item.id, words, "context:resource-policy", ref),)
    best = max(wide, key=lambda answer: answer.verdict.rank)
    if best.verdict is Verdict.UNKNOWN:
        return (unread(name, item.id, gap, ref),)
    asked = tuple(asks_for(name, item.id, best.why, term, ref) for term in best.conditions)
    return asked or (passes(name, item.id, "Its resource policy lets everybody in.", ref),)


# Runtimes


def _runtime(sight: Sight, item: Item) -> Iterator[Reach]:
    call = item.call(_RUNTIME)
    told = call.value if call.known else None
    status = text(member(told, "status")) or text(item.item.get("status"))
    working = ("READY", "UPDATING", "UPDATE_FAILED")
    locks = (_state(sight, item, _RUNTIME, status, working), _inbound(item, told))
    yield from sight.reached(item, "agentcore-runtime", locks)


def _inbound(item: Item, told: object) -> Lock:
    """Without a JWT authorizer, AWS asks for a signature; there is no third way in."""
    name = "authorizer"
    if not isinstance(told, Mapping) or not told:
        words = "It asks for a bearer token or a signature."
        return asks_for(name, item.id, words, "authn:jwt-or-sigv4")
    if told.get("authorizerConfiguration"):
        return asks_for(name, item.id, "It asks for a bearer token.", _JWT)
    return asks_for(name, item.id, "It answers signed requests that IAM allows.", SIGV4)


def _state(sight: Sight, item: Item, call: str, status: str, working: tuple[str, ...]) -> Lock:
    (ref,) = sight.refs(item, "/item/status")
    if not status:
        return unread("state", item.id, sight.gap(item, call), ref)
    make = passes if status in working else sleeps
    return make("state", item.id, f"It is {status.lower()}.", ref)


_TEST = "tests/front_doors/test_agentcore.py"
_API = "https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_GetAgentRuntime.html"

DOORS = (
    FrontDoor(
        type_id="agentcore:gateway",
        mechanism="agentcore-gateway",
        title="AgentCore gateways",
        rule="It is ready and its authorizerType is NONE; with CUSTOM_JWT, AUTHENTICATE_ONLY or "
        "AWS_IAM under the condition of a token or a signature. A resource policy that does not "
        "let everybody in is a further condition: AWS does not say whether it binds callers "
        "without a signature.",
        source="https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-inbound-auth.html",
        judge=_gateway,
        test=_TEST,
        untold_families=True,
    ),
    FrontDoor(
        type_id="agentcore:runtime",
        mechanism="agentcore-runtime",
        title="AgentCore runtimes",
        rule="It is ready; always under the condition of a bearer token (with an "
        "authorizerConfiguration) or a signed request. Its network mode is about what it reaches.",
        source=_API,
        judge=_runtime,
        test=_TEST,
        untold_families=True,
    ),
)
"""Declarations of this service."""
