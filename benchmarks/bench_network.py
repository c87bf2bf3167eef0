"""Cost of the internet's reach by number of interfaces: CPU seconds, microseconds per ENI.

Run: ``python benchmarks/bench_network.py [ENIs ...]`` (default 1000 4000 16000). The world grows by
VPCs of 40 interfaces, so groups grow with interfaces; the cost per interface should stay flat.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from graph.network import ports
from graph.network.exposure import internet_reach
from graph.network.facts import (
    Acl,
    AclEntry,
    Action,
    Address,
    Facts,
    Instance,
    Interface,
    InternetGateway,
    Listener,
    ListenerRule,
    LoadBalancer,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Target,
    TargetGroup,
    Vpc,
)
from graph.network.groups import interface_groups
from graph.network.internet import internet_to_interface
from graph.network.world import NetworkWorld

PER_VPC = 40


def rules(number: int) -> tuple[Rule, ...]:
    """A group of fifteen rules: offices, a few ports, one open to all."""
    offices = [f"203.0.{number % 200}.{16 * n}/28" for n in range(10)]
    found = [Rule(ports.tcp(22), cidr=office) for office in offices]
    found += [Rule(ports.tcp(p), cidr="10.0.0.0/8") for p in (80, 443, 8080, 9090)]
    return (*found, Rule(ports.tcp(443), cidr="0.0.0.0/0"))


def entries() -> tuple[AclEntry, ...]:
    """A network ACL of ten entries."""
    denied = tuple(
        AclEntry(10 + n, False, False, ports.tcp(3000 + n), f"198.51.{n}.0/24") for n in range(8)
    )
    return (
        *denied,
        AclEntry(100, False, True, ports.ALL, "0.0.0.0/0"),
        AclEntry(100, True, True, ports.ALL, "0.0.0.0/0"),
    )


def vpc(number: int, into: dict[str, list[object]]) -> None:
    """Two public and two private subnets, forty instances, a load balancer before ten."""
    name, at = f"vpc-{number}", ("1", "r")
    into["vpcs"].append(Vpc(name, *at, ("10.0.0.0/16",)))
    into["internet_gateways"].append(InternetGateway(f"igw-{number}", (name,)))
    subnets = [f"subnet-{number}-{n}" for n in range(4)]
    for n, subnet in enumerate(subnets):
        into["subnets"].append(Subnet(subnet, name, *at, "ab"[n % 2], f"10.0.{n}.0/24"))
    out = Route(f"igw-{number}", "internet_gateway", cidr="0.0.0.0/0")
    nat = Route(f"nat-{number}", "nat_gateway", cidr="0.0.0.0/0")
    into["route_tables"] += [
        RouteTable(f"rtb-{number}-a", name, *at, (out,), tuple(subnets[:2])),
        RouteTable(f"rtb-{number}-b", name, *at, (nat,), tuple(subnets[2:]), main=True),
    ]
    into["acls"].append(Acl(f"acl-{number}", name, entries(), tuple(subnets), default=True))
    groups = [f"sg-{number}-{n}" for n in range(4)]
    front = f"sg-{number}-lb"
    for group in groups:
        own = (*rules(number), Rule(ports.tcp(8080), group=front))
        into["security_groups"].append(SecurityGroup(group, *at, name, own, ()))
    out_all = (Rule(ports.ALL, cidr="0.0.0.0/0"),)
    into["security_groups"].append(SecurityGroup(front, *at, name, rules(number), out_all))
    for n in range(PER_VPC):
        private, public = f"10.0.{n % 4}.{10 + n}", f"8.{number % 200}.{number // 200}.{n}"
        address = Address(private, public if n % 4 < 2 else "")
        into["interfaces"].append(
            Interface(
                f"eni-{number}-{n}", *at, name, subnets[n % 4], (groups[n // 10],), (address,),
                owner=f"i-{number}-{n}", owner_kind="instance",
            )
        )  # fmt: skip
        into["instances"].append(Instance(f"i-{number}-{n}", "running", (f"eni-{number}-{n}",)))
    forward = ListenerRule("rule", 1, (), (Action("forward", (f"tg-{number}",)),))
    listener = Listener(f"listener-{number}", ports.tcp(443), (forward,))
    into["load_balancers"].append(
        LoadBalancer(
            f"lb-{number}", "application", *at, name,
            subnets=tuple(subnets[:2]), groups=(front,), listeners=(listener,),
        )
    )  # fmt: skip
    targets = tuple(Target(f"i-{number}-{n}", 8080, "healthy") for n in range(10))
    into["target_groups"].append(
        TargetGroup(f"tg-{number}", "instance", "HTTP", 8080, name, targets)
    )


def world(enis: int) -> NetworkWorld:
    """A world of about this many interfaces."""
    into: dict[str, list[object]] = {
        name: []
        for name in (
            "vpcs", "internet_gateways", "subnets", "route_tables", "acls", "security_groups",
            "interfaces", "instances", "load_balancers", "target_groups",
        )
    }  # fmt: skip
    for number in range(max(1, enis // PER_VPC)):
        vpc(number, into)
    return NetworkWorld(Facts(**{name: tuple(found) for name, found in into.items()}))  # type: ignore[arg-type]


def naive_loop(made: NetworkWorld, sample: int) -> float:
    """Seconds for each interface when nothing is shared between interfaces."""
    some = made.facts.interfaces[:sample]
    began = time.process_time()
    for interface in some:
        internet_to_interface(NetworkWorld(made.facts), interface)
    return (time.process_time() - began) / len(some)


def main(sizes: list[int]) -> None:
    """Print one line for each size."""
    print("   ENIs  groups  results  seconds  us/ENI  groups s  one answer ms  peak MiB")
    for size in sizes:
        made = world(size)
        enis = len(made.facts.interfaces)
        began = time.process_time()
        found = internet_reach(made)
        spent = time.process_time() - began
        fresh = world(size)
        began = time.process_time()
        groups = interface_groups(fresh)
        grouping = time.process_time() - began
        fresh = world(size)
        _ = fresh.subnets, fresh.internet_gateways, fresh.edge_tables, fresh._tables, fresh._acls
        began = time.process_time()
        internet_to_interface(fresh, fresh.facts.interfaces[-1])
        single = (time.process_time() - began) * 1000
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{enis:7d} {len(groups):7d} {len(found):8d} {spent:8.2f} {spent / enis * 1e6:7.0f}"
            f" {grouping:9.2f} {single:14.2f} {peak:9.0f}"
        )
    made = world(min(sizes))
    print(f"naive loop, every interface on its own: {naive_loop(made, 20) * 1e6:.0f} us/ENI")


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [1000, 4000, 16000])
