"""What stands behind an API: functions, load balancers behind a link into a VPC.

* functions: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
* links: https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from collector.snapshot import Item, Status
from graph.evidence import Ref, Step
from graph.front_doors.api_calls import Behind
from graph.front_doors.declare import Lock, passes, sleeps, stops, unread
from graph.front_doors.dns import host_names, names_of
from graph.front_doors.sight import HTTPS, Sight, member
from graph.iam.document import parse
from graph.iam.request import Request
from graph.iam.resource_policy import weigh
from graph.iam.world import Outside, Policy
from graph.network import ports, prefixes
from graph.network.doors import groups_of
from graph.network.facts import Interface, LoadBalancer, Subnet
from graph.network.hops import Sender, group_step
from graph.network.prefixes import Family
from graph.network.spans import Spans, union
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


def balancers_behind(
    sight: Sight,
    arns: Iterable[object],
    opened: Spans | None,
    *locks: Lock,
    link: Item | None = None,
) -> Iterator[Behind]:
    """Load balancers by their ARNs or their listeners' ARNs, behind a link.

    Args:
        sight: what is known.
        arns: of load balancers or of listeners.
        opened: the port that the integration names; ``None``: those of the listener.
        locks: of the link.
        link: one with interfaces in subnets, which the load balancer's groups must admit.
    """
    for arn in arns:
        if not isinstance(arn, str) or ":elasticloadbalancing:" not in arn:
            continue
        node = arn
        if ":listener/" in arn:
            node = arn.replace(":listener/", ":loadbalancer/").rpartition("/")[0]
        balancer = sight.network.load_balancers.get(node)
        there = opened
        if balancer is not None and there is None:
            listeners = [one for one in balancer.listeners or () if one.id == arn]
            there = union(one.ports for one in listeners or balancer.listeners or ()) or None
        there = HTTPS if there is None else there
        more = (_admission(sight, link, balancer, there),) if link and balancer else ()
        yield Behind(node, (*locks, *more), balancer, there)


def _admission(sight: Sight, link: Item, balancer: LoadBalancer, opened: Spans) -> Lock:
    """The load balancer's security groups admit the link's interfaces in some subnet."""
    name, groups = "security group in", groups_of(balancer)
    if groups is None:
        return passes(name, balancer.id, "No security group is attached.")
    steps = [
        group_step(
            sight.network,
            Sender(
                subnet, prefixes.of([subnet.cidr], Family.IPV4), _own_groups(sight, link), link.id
            ),
            Interface(balancer.id, balancer.account_id, balancer.region, groups=groups),
            opened,
            Family.IPV4,
        )
        for subnet in _subnets(sight, link)
    ]
    best = {step.result: step for step in steps}
    for result in ("pass", "conditional"):
        if result in best:
            return passes(name, balancer.id, best[result].text, *best[result].refs)
    if "fail" in best and len(best) == 1:
        return stops(name, balancer.id, best["fail"].text, *best["fail"].refs)
    unknown = best.get("unknown")
    gap = unknown.text.partition("ollected: ")[2].rstrip(".") if unknown else ""
    return unread(name, balancer.id, gap or f"subnets of {link.id}")


def _own_groups(sight: Sight, link: Item) -> tuple[str, ...]:
    listed = link.item.get("SecurityGroupIds")
    return tuple(sight.node(str(one)) for one in (listed if isinstance(listed, list) else ()))


def _subnets(sight: Sight, link: Item) -> list[Subnet]:
    listed = link.item.get("SubnetIds")
    found = (
        sight.network.subnets.get(sight.node(str(one)))
        for one in (listed if isinstance(listed, list) else ())
    )
    return [one for one in found if one is not None and one.cidr]


def link_lock(link: Item, status: object) -> Lock:
    """The state of a link into a VPC."""
    text = f"The VPC link is {str(status or 'AVAILABLE').lower()}."
    if status in ("AVAILABLE", None):
        return passes("VPC link", link.id, text)
    if status in ("FAILED", "DELETING"):
        return stops("VPC link", link.id, text)
    return sleeps("VPC link", link.id, text)


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
        return passes("endpoint", item.id, "Its host name was not told.")
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    text = f"Callers use {', '.join(names[:_MOST])}{more}."
    return Lock(Step("endpoint", item.id, "pass", text, hosts=host_names(names)))
