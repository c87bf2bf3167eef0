"""Elastic Beanstalk environments: reached as their load balancer or their instance is.

https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features-managing-env-types.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from collector.snapshot import Item
from graph.front_doors.declare import FrontDoor, Lock, passes, sleeps, stops, unread
from graph.front_doors.integrations import endpoint
from graph.front_doors.sight import Sight, member, rows
from graph.network.doors import internet_to_balancer
from graph.network.facts import Instance, LoadBalancer
from graph.network.internet import internet_to_interface, unseen_interfaces
from graph.network.reach import Reach, merge
from graph.network.spans import NOTHING
from graph.verdict import Answer, Verdict, all_of

_CALL = "describe_environment_resources"
_MECHANISM = "elasticbeanstalk"
_STATES = ("Ready", "Updating", "Aborting", "LinkingFrom", "LinkingTo")


def _environment(sight: Sight, item: Item) -> Iterator[Reach]:
    locks = (_tier(sight, item), _state(item))
    own = endpoint(sight, item, item.item.get("CNAME"), item.item.get("EndpointURL"))
    call = item.call(_CALL)
    resources = member(call.value, "EnvironmentResources")
    (ref,) = sight.refs(item, f"/calls/{_CALL}/value")
    balancers = [str(one.get("Name")) for one in rows(member(resources, "LoadBalancers"))]
    instances = [str(one.get("Id")) for one in rows(member(resources, "Instances"))]
    if not isinstance(resources, Mapping):
        lock = unread("resources", item.id, sight.gap(item, _CALL), ref)
        yield from sight.reached(item, _MECHANISM, (*locks, lock))
        return
    if not balancers and not instances:
        text = "The environment has neither a load balancer nor an instance."
        yield from sight.reached(item, _MECHANISM, (*locks, stops("resources", item.id, text, ref)))
        return
    found: list[Reach] = []
    for name in balancers:
        found += _by_balancer(sight, item, name, (*locks, own))
    for name in instances if not balancers else ():
        found += _by_instance(sight, item, name, (*locks, own))
    yield from merge(found)


def _tier(sight: Sight, item: Item) -> Lock:
    (ref,) = sight.refs(item, "/item/Tier")
    if member(item.item, "Tier", "Name") == "Worker":
        return stops("tier", item.id, "A worker takes its work from a queue.", ref)
    return passes("tier", item.id, "The environment serves web requests.", ref)


def _state(item: Item) -> Lock:
    status = str(item.item.get("Status") or "Ready")
    text = f"The environment is {status.lower()}."
    if status == "Terminated":
        return stops("state", item.id, text)
    return passes("state", item.id, text) if status in _STATES else sleeps("state", item.id, text)


def _by_balancer(sight: Sight, item: Item, name: str, locks: tuple[Lock, ...]) -> Iterator[Reach]:
    balancer = _balancer(sight, item, name)
    if balancer is None:
        kind = "elbv2" if name.startswith("arn:") else "elb"
        gap = f"{kind}.describe_load_balancers({name})"
        yield from sight.reached(item, _MECHANISM, (*locks, unread("load balancer", name, gap)))
        return
    text = f"Its load balancer is {balancer.id}."
    front = (*locks, passes("load balancer", balancer.id, text))
    for reach in internet_to_balancer(sight.network, balancer):
        yield from _as_its_own(sight, item, front, reach)


def _balancer(sight: Sight, item: Item, name: str) -> LoadBalancer | None:
    """By ARN, or a classic one by its name."""
    known = sight.network.load_balancers
    if name.startswith("arn:"):
        return known.get(name)
    partition = item.id.split(":")[1] if item.id.count(":") > 1 else "aws"
    place = f"{item.region}:{item.account_id}"
    return known.get(f"arn:{partition}:elasticloadbalancing:{place}:loadbalancer/{name}")


def _by_instance(sight: Sight, item: Item, name: str, locks: tuple[Lock, ...]) -> Iterator[Reach]:
    instance = sight.network.instances.get(sight.node(name, item))
    if instance is None:
        gap = f"ec2.describe_instances({name})"
        yield from sight.reached(item, _MECHANISM, (*locks, unread("instance", name, gap)))
        return
    front = (*locks, passes("instance", instance.id, f"Its instance is {instance.id}."))
    for reach in _instance_reaches(sight, instance):
        yield from _as_its_own(sight, item, front, reach)


def _instance_reaches(sight: Sight, instance: Instance) -> Iterator[Reach]:
    yield from unseen_interfaces(sight.network, instance)
    for short in instance.interfaces:
        interface = sight.network.interfaces.get(short)
        if interface is not None:
            yield from internet_to_interface(sight.network, interface)


def _as_its_own(sight: Sight, item: Item, locks: tuple[Lock, ...], reach: Reach) -> Iterator[Reach]:
    """The reach to what serves the environment, told as the environment's."""
    (front,) = sight.reached(item, _MECHANISM, locks, families=(reach.family,))
    both = all_of((front.answer, reach.answer))
    own = replace(
        reach,
        target=item.id,
        mechanism=front.mechanism,
        via=(),
        answer=_led(both, front.answer, reach.answer),
    )
    if both.verdict is not Verdict.NO:
        yield own
    else:
        yield replace(front, answer=own.answer, ports=(), other_ports=(), port_set=NOTHING)


def _led(both: Answer, front: Answer, reach: Answer) -> Answer:
    """The weaker part's reason leads; of equals the server's, which names the ports."""
    return both.because(reach.why if reach.verdict.rank <= front.verdict.rank else front.why)


DOORS = (
    FrontDoor(
        type_id="elasticbeanstalk:env",
        mechanism=_MECHANISM,
        title="Elastic Beanstalk environments",
        rule="It is no worker, and the internet reaches one of its load balancers, or, without "
        "any, one of its instances, as these are judged themselves.",
        source="https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features-managing-env-types.html",
        judge=_environment,
        test="tests/front_doors/test_elasticbeanstalk.py",
        needs=frozenset({"ec2:instance", "elbv2:load-balancer", "elb:load-balancer"}),
    ),
)
