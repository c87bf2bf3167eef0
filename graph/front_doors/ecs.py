"""ECS: tasks on the account's machines, services whose tasks get public addresses, gateways.

* host ports: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-networkmode.html
* public addresses: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from collector.snapshot import Item
from graph.front_doors.behind import interface_reaches, passed_on
from graph.front_doors.declare import FrontDoor, Lock, asks_for, passes, sleeps, stops, unread
from graph.front_doors.sight import BOTH, Sight, member, rows, strings
from graph.network import ports
from graph.network.balancers import internet_to_targets
from graph.network.internet import internet_to_interface
from graph.network.prefixes import Family
from graph.network.reach import Reach, each_way
from graph.network.spans import NOTHING, Spans, union
from graph.verdict import Verdict

_TEST = "tests/front_doors/test_ecs.py"
_IN_VPC = frozenset({"ec2:subnet", "ec2:route-table", "ec2:security-group", "ec2:network-acl"})
_FAMILIES = {
    "ipv4": (Family.IPV4,),
    "dualstack": BOTH,
    "dualstack-without-public-ipv4": (Family.IPV6,),
}
_MACHINES = "ecs:container-instance"
_UP = ("RUNNING", "ACTIVATING", "PENDING", "PROVISIONING")
_GATEWAY_UP = ("ACTIVE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_FAILED")


def _described(item: Item, operation: str) -> Mapping[str, Any] | None:
    call = item.call(operation)
    return call.value if call.known and isinstance(call.value, Mapping) else None


# Tasks.


def _task(sight: Sight, item: Item) -> Iterator[Reach]:
    """A task by its own interface (awsvpc), or by host ports of the machine it runs on."""
    task = _described(item, "describe_tasks")
    if task is None:
        lock = unread("interface", item.id, sight.gap(item, "describe_tasks"))
        yield from sight.reached(item, "ecs", (lock,), opened=ports.ALL)
        return
    own = _interfaces(task)
    known = [
        sight.network.interfaces[one]
        for one in (sight.node(short, item) for short in own)
        if one in sight.network.interfaces
    ]
    if known:
        # The interface's own answer; it names the task, to which it belongs.
        for interface in known:
            for one in internet_to_interface(sight.network, interface):
                yield replace(one, target=item.id)
    elif own:
        gap = f"ec2.describe_network_interfaces({', '.join(own)})"
        lock = unread("interface", item.id, gap)
        yield from sight.reached(item, "ecs", (lock,), opened=ports.ALL)
    else:
        yield from _on_machine(sight, item, task)


def _interfaces(task: Mapping[str, Any]) -> list[str]:
    return [
        str(detail.get("value"))
        for attached in rows(task.get("attachments"))
        for detail in rows(attached.get("details"))
        if detail.get("name") == "networkInterfaceId" and isinstance(detail.get("value"), str)
    ]


def _on_machine(sight: Sight, item: Item, task: Mapping[str, Any]) -> Iterator[Reach]:
    """Bridge and host mode: the machine's interfaces and load balancers, on the task's ports."""
    opened = _host_ports(task)
    state = _task_state(item, task)
    machine = task.get("containerInstanceArn")
    if not machine:
        gap = sight.gap(item, "describe_tasks(attachments)")
        lock = unread("interface", item.id, gap)
        yield from sight.reached(item, "ecs", (state, lock), opened=ports.ALL)
        return
    if not opened:
        lock = stops("host port", item.id, "No container of the task has a port on its machine.")
        yield from sight.reached(item, "ecs", (state, lock), opened=ports.ALL)
        return
    instance = _instance(sight, str(machine))
    lock = passes("host port", item.id, f"It has {', '.join(ports.names(opened))} of its machine.")
    if instance is None:
        gap = f"ecs.describe_container_instances({machine})@{item.account_id}/{item.region}"
        lock = unread("machine", item.id, gap)
        yield from sight.reached(item, "ecs", (state, lock), opened=opened)
        return
    ways = _ways(sight, instance, opened)
    for front in sight.reached(item, "ecs", (lock, state), opened=opened):
        for way in each_way(ways):
            through = passed_on(front, replace(way, target=item.id), (*way.via, instance))
            yield replace(
                through,
                family=way.family,
                mechanism=way.mechanism,
                answer=through.answer.because(_why(through, instance)),
            )


def _why(through: Reach, instance: str) -> str:
    if through.verdict in (Verdict.YES, Verdict.CONDITIONAL):
        terms = ", ".join(through.answer.conditions)
        return f"{instance} is reached on the task's ports{f', if {terms}' if terms else ''}."
    return through.answer.why


def _task_state(item: Item, task: Mapping[str, Any]) -> Lock:
    told = task.get("lastStatus")
    status = told if isinstance(told, str) and told else "RUNNING"
    text = f"The task is {status.lower()}."
    return (passes if status in _UP else sleeps)("state", item.id, text)


def _host_ports(task: Mapping[str, Any]) -> Spans:
    """Ports of the machine that are a container's."""
    found = [
        _port(
            str(binding.get("protocol") or "tcp"),
            binding.get("hostPort"),
            binding.get("hostPortRange"),
        )
        for container in rows(task.get("containers"))
        for binding in rows(container.get("networkBindings"))
    ]
    return union(found)


def _port(protocol: str, port: Any, several: Any) -> Spans:
    first = last = port if isinstance(port, int) else -1
    if isinstance(several, str):
        ends = several.split("-")
        if len(ends) == 2 and all(end.isdecimal() and len(end) < 6 for end in ends):
            first, last = int(ends[0]), int(ends[1])
    if not 0 <= first <= last <= 65535:
        return NOTHING
    return ports.span(ports.UDP if protocol == "udp" else ports.TCP, first, last)


def _instance(sight: Sight, machine: str) -> str | None:
    """The instance under a container instance; ``None`` if it is not in the snapshot."""
    line = sight.once(
        ("machines of ECS",), lambda: {line.id: line for line in sight.items(_MACHINES)}
    ).get(machine)
    if line is None:
        return None
    short = member(line.call("describe_container_instances").value, "ec2InstanceId")
    node = sight.node(short, line) if isinstance(short, str) else ""
    return node if node in sight.network.instances else None


def _ways(sight: Sight, instance: str, opened: Spans) -> list[Reach]:
    """Reaches to some ports of an instance; ``via`` the load balancers before it."""
    world = sight.network
    found = []
    for one in world.instances[instance].interfaces:
        if one in world.interfaces:
            for family in Family:
                if family is Family.IPV4 or world.interfaces[one].ipv6:
                    found += interface_reaches(
                        world, world.interfaces[one], family, opened, f"ecs/{family}"
                    )
    for way in _balanced(sight).get(instance, ()):
        common = way.port_set & opened
        if common:
            found.append(
                replace(
                    way, mechanism=f"ecs/{way.family}", ports=ports.names(common), port_set=common
                )
            )
    return found


def _balanced(sight: Sight) -> Mapping[str, list[Reach]]:
    """What load balancers let through to each instance; worked out once."""
    return sight.once(("ways through load balancers",), lambda: _through_balancers(sight))


def _through_balancers(sight: Sight) -> Mapping[str, list[Reach]]:
    found: dict[str, list[Reach]] = {}
    for balancer in sight.network.facts.load_balancers:
        for way in internet_to_targets(sight.network, balancer):
            if way.target in sight.network.instances and way.verdict is not Verdict.NO:
                found.setdefault(way.target, []).append(way)
    return found


# Services.


def _service(sight: Sight, item: Item) -> Iterator[Reach]:
    """A service whose tasks get public addresses: whichever task runs next is reached too."""
    service = _described(item, "describe_services")
    if service is None:
        lock = unread("public address", item.id, sight.gap(item, "describe_services"))
        yield from sight.reached(item, "ecs-service", (lock,), opened=ports.ALL)
        return
    network = member(service, "networkConfiguration", "awsvpcConfiguration")
    yield from _over_ipv6(sight, item, service, network)
    address = _address(sight, item, network)
    if address.step.result == "fail":
        yield from sight.reached(item, "ecs-service", (address,), opened=ports.ALL)
        return
    yield from sight.placed(
        item,
        "ecs-service",
        (address, _service_state(item, service)),
        subnets=strings(member(network, "subnets")),
        groups=strings(member(network, "securityGroups")) or ["default security group"],
        opened=ports.ALL,
    )


def _over_ipv6(
    sight: Sight, item: Item, service: Mapping[str, Any], network: Any
) -> Iterator[Reach]:
    """Tasks in subnets with IPv6 get such addresses, whatever assignPublicIp says.

    In dual-stack subnets if the account's setting dualStackIPv6 is on, which is not collected.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
    """
    known = sight.network.subnets
    nodes = [sight.node(one, item) for one in strings(member(network, "subnets"))]
    six = [
        one
        for one in nodes
        if one in known and set(known[one].ipv6_cidrs) - set(known[one].private_ipv6)
    ]
    text = "Tasks get IPv6 addresses in this subnet if the account's dualStackIPv6 is on."
    for subnet in six:
        lock = asks_for("address", item.id, text, "context:dualStackIPv6")
        if not known[subnet].cidr:
            lock = passes("address", item.id, "Tasks in an IPv6-only subnet get IPv6 addresses.")
        yield from sight.placed(
            item,
            "ecs-service",
            (lock, _service_state(item, service)),
            subnets=[subnet],
            groups=strings(member(network, "securityGroups")) or ["default security group"],
            opened=ports.ALL,
            families=(Family.IPV6,),
        )


def _address(sight: Sight, item: Item, network: Any) -> Lock:
    name = "public address"
    pointer = "/calls/describe_services/value/networkConfiguration"
    (ref,) = sight.refs(item, pointer)
    if not isinstance(network, Mapping):
        text = "Its tasks have no interfaces of their own: they are reached by their machines."
        return stops(name, item.id, text, ref)
    # Left out is DISABLED (AwsVpcConfiguration in the API reference).
    if network.get("assignPublicIp") == "ENABLED":
        return passes(name, item.id, "Its tasks get public addresses (assignPublicIp).", ref)
    return stops(name, item.id, "Its tasks get no public addresses (assignPublicIp).", ref)


def _service_state(item: Item, service: Mapping[str, Any]) -> Lock:
    if service.get("status") not in (None, "ACTIVE"):
        return sleeps("state", item.id, f"The service is {str(service['status']).lower()}.")
    if service.get("desiredCount") == 0 and not service.get("runningCount"):
        return sleeps("state", item.id, "The service runs no tasks now.")
    return passes("state", item.id, "The service is active.")


# Gateways.


def _gateway(sight: Sight, item: Item) -> Iterator[Reach]:
    """A load balancer that ECS keeps in the customer's subnets, and the services behind it."""
    gateway = member(_described(item, "describe_gateway"), "gateway")
    shared = member(gateway, "configuration", "hostSharedAlb")
    network = member(shared, "networkConfiguration")
    locks = (_access(sight, item, gateway), _scheme(sight, item, shared), _state(item, gateway))
    group = member(network, "inboundSecurityGroup")
    number = member(shared, "port")
    usual = 80 if member(shared, "protocol") == "HTTP" else 443
    opened = _port("tcp", number if isinstance(number, int) else usual, None) or ports.tcp(usual)
    routes = item.call("list_gateway_routes")
    behind = [
        str(one["serviceArn"])
        for one in rows(routes.value)
        if one.get("serviceArn") and one.get("status") != "CREATE_FAILED"
    ]
    for target in ("", *dict.fromkeys(behind)):
        yield from sight.placed(
            item,
            "ecs-gateway",
            locks,
            subnets=strings(member(network, "subnets")),
            groups=[group] if isinstance(group, str) and group else ["inbound security group"],
            opened=opened,
            families=_FAMILIES.get(str(member(network, "ipAddressType") or "ipv4"), BOTH),
            target=target,
            via=(item.id,) if target else (),
            guards=_guards(shared),
        )


def _access(sight: Sight, item: Item, gateway: Any) -> Lock:
    told = member(gateway, "accessType")
    (ref,) = sight.refs(item, "/calls/describe_gateway/value/gateway/accessType")
    if told == "PUBLIC":
        return passes("access type", item.id, "The gateway is public.", ref)
    if told == "PRIVATE":
        return stops("access type", item.id, "The gateway is private.", ref)
    return unread("access type", item.id, sight.gap(item, "describe_gateway"), ref)


def _scheme(sight: Sight, item: Item, shared: Any) -> Lock:
    told = member(shared, "scheme")
    (ref,) = sight.refs(item, "/calls/describe_gateway/value/gateway/configuration")
    if told == "internet-facing":
        return passes("scheme", item.id, "Its load balancer is internet-facing.", ref)
    if told == "internal":
        return stops("scheme", item.id, "Its load balancer is internal.", ref)
    return unread("scheme", item.id, sight.gap(item, "describe_gateway"), ref)


def _state(item: Item, gateway: Any) -> Lock:
    told = member(gateway, "status") or item.item.get("status") or "ACTIVE"
    text = f"The gateway is {str(told).lower()}."
    return (passes if told in _GATEWAY_UP else sleeps)("state", item.id, text)


def _guards(shared: Any) -> tuple[str, ...]:
    acl = member(shared, "webACLArn")
    return (f"waf {acl}",) if isinstance(acl, str) and acl else ()


DOORS = (
    FrontDoor(
        type_id="ecs:task",
        mechanism="ecs",
        title="ECS tasks",
        rule="A task with an interface of its own (awsvpc) is reached as that interface is "
        "(mechanism eni). A task in bridge or host mode is reached on its host ports where its "
        "machine is: by an interface of the machine, or through a load balancer.",
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-networkmode.html",
        judge=_task,
        test=_TEST,
        needs=frozenset({_MACHINES, "ec2:instance", "ec2:network-interface", *_IN_VPC}),
    ),
    FrontDoor(
        type_id="ecs:service",
        mechanism="ecs-service",
        title="ECS services",
        rule="Its tasks get public addresses (assignPublicIp is ENABLED; in a subnet with IPv6 "
        "such addresses, under the condition of the account's dualStackIPv6), and a subnet, its "
        "route table and network ACL, and the security groups admit the internet. A service "
        "without tasks is dormant. Behind load balancers its tasks are reached as their targets.",
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
        judge=_service,
        test=_TEST,
        needs=_IN_VPC,
    ),
    FrontDoor(
        type_id="ecs:gateway",
        mechanism="ecs-gateway",
        title="ECS gateways",
        rule="accessType is PUBLIC, the scheme of the shared load balancer is internet-facing, and "
        "its subnets and inbound security group admit the internet to its port. The services of "
        "its routes stand behind it.",
        source="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/Welcome.html",
        judge=_gateway,
        test=_TEST,
        needs=_IN_VPC,
    ),
)
"""Declarations of this service."""
