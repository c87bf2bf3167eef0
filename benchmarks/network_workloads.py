"""What stands in a VPC of the synthetic organisation: load balancers, databases, machines."""

from __future__ import annotations

from network_plan import ZONES, VpcPlan

from graph.network import ports
from graph.network.facts import (
    Action,
    Address,
    DbInstance,
    Endpoint,
    Instance,
    Interface,
    Listener,
    ListenerRule,
    LoadBalancer,
    NatGateway,
    RuleCondition,
    Target,
    TargetGroup,
)

_LAST = 1 << 30


def applications(size: int) -> int:
    """How many applications, with a security group each, a VPC of so many interfaces has."""
    return 2 + size // 60


def fill(vpc: VpcPlan, size: int) -> None:
    """Add about so many interfaces and what they belong to."""
    fixed = _balancers(vpc) + _plumbing(vpc) + _databases(vpc)
    _machines(vpc, max(6, size - fixed))
    _targets(vpc)


def _interface(
    vpc: VpcPlan,
    tier: str,
    zone: int,
    groups: tuple[str, ...],
    *,
    public: bool = False,
    owner: str = "",
    kind: str = "interface",
    description: str = "",
) -> Interface:
    """Add an interface to a subnet."""
    address = Address(vpc.address(tier, zone), vpc.public() if public else "")
    dual = vpc.dual_stack and kind == "interface" and tier != "data"
    made = Interface(
        id=vpc.arn("network-interface", f"eni-{vpc.next('eni')}"),
        account_id=vpc.account,
        region=vpc.region,
        vpc=vpc.id,
        subnet=vpc.subnet(tier, zone),
        groups=tuple(sorted(vpc.group(name) for name in groups)) or None,
        addresses=(address,),
        ipv6=(vpc.ipv6(tier),) if dual else (),
        kind=kind,
        owner=owner,
        owner_kind="instance" if owner else "",
        description=description,
    )
    vpc.into["interfaces"].append(made)
    return made


def _balancers(vpc: VpcPlan) -> int:
    """A public application load balancer, one behind CloudFront, an internal network one."""
    count = 0
    for name, kind, tier, group in (
        ("shop", "application", "public", "alb"),
        ("cdn", "application", "public", "edge"),
        ("internal", "network", "app", ""),
    ):
        word = {"application": "app", "network": "net"}[kind]
        short = f"{word}/{name}/{vpc.number:016x}"
        arn = f"arn:aws:elasticloadbalancing:{vpc.region}:{vpc.account}:loadbalancer/{short}"
        vpc.names[name] = arn
        for zone in range(3):
            _interface(
                vpc, tier, zone, (group,) if group else (), public=tier == "public",
                kind="interface" if kind == "application" else "network_load_balancer",
                description=f"ELB {short}",
            )  # fmt: skip
            count += 1
        listeners = [_listener(vpc, name, n, p) for n, p in enumerate(_LISTENS[name])]
        vpc.into["load_balancers"].append(
            LoadBalancer(
                arn, kind, *vpc.at, vpc.id,
                internet_facing=tier == "public",
                ip_address_type="dualstack" if vpc.dual_stack and tier == "public" else "ipv4",
                subnets=tuple(vpc.subnet(tier, zone) for zone in range(3)),
                groups=(vpc.group(group),) if group else None,
                listeners=tuple(listeners),
                cross_zone=kind == "application",
                deny_igw_v6=tier != "public",
            )
        )  # fmt: skip
    return count


_LISTENS = {"shop": (80, 443), "cdn": (443,), "internal": (5000,)}
_FORWARDS = {"shop": ("web", "nodes"), "cdn": ("app",), "internal": ("app",)}


def _group_arn(vpc: VpcPlan, name: str) -> str:
    short = f"{name}/{vpc.number:016x}"
    return f"arn:aws:elasticloadbalancing:{vpc.region}:{vpc.account}:targetgroup/{short}"


def _listener(vpc: VpcPlan, balancer: str, number: int, port: int) -> Listener:
    arn = f"{vpc.names[balancer].replace(':loadbalancer/', ':listener/')}/{number:016x}"
    rules = [
        ListenerRule(
            f"{arn}/{n:04x}".replace(":listener/", ":listener-rule/"),
            n + 1,
            (RuleCondition("path-pattern", (f"/{name}/*",)),),
            (Action("forward", (_group_arn(vpc, f"{balancer}-{name}"),)),),
        )
        for n, name in enumerate(_FORWARDS[balancer][:-1])
    ]
    last = Action("forward", (_group_arn(vpc, f"{balancer}-{_FORWARDS[balancer][-1]}"),))
    return Listener(arn, ports.tcp(port), (*rules, ListenerRule(arn, _LAST, (), (last,))))


def _plumbing(vpc: VpcPlan) -> int:
    """NAT gateways, endpoints and functions."""
    for zone in range(3):
        made = _interface(vpc, "public", zone, (), public=True, kind="nat_gateway")
        nat = vpc.arn("natgateway", f"nat-{ZONES[zone]}")
        vpc.into["nat_gateways"].append(NatGateway(nat, (made.id,)))
    storage = vpc.arn("vpc-endpoint", "vpce-s3")
    vpc.into["endpoints"].append(Endpoint(storage, "Gateway", vpc.id))
    for name in ("ssm", "ecr"):
        found = [
            _interface(vpc, "app", zone, ("endpoints",), kind="vpc_endpoint") for zone in range(3)
        ]
        vpc.into["endpoints"].append(
            Endpoint(
                vpc.arn("vpc-endpoint", f"vpce-{name}"), "Interface", vpc.id,
                tuple(one.subnet for one in found), tuple(one.id for one in found),
            )
        )  # fmt: skip
    for n in range(3):
        _interface(vpc, "app", n, ("lambda",), kind="lambda", description="AWS Lambda VPC ENI")
    return 12


def _databases(vpc: VpcPlan) -> int:
    for n, name in enumerate(("orders", "users")):
        public = n == 0 and vpc.number % 10 == 4
        tier = "public" if public else "data"
        _interface(vpc, tier, n, ("data",), public=public, description="RDSNetworkInterface")
        vpc.into["databases"].append(
            DbInstance(
                f"arn:aws:rds:{vpc.region}:{vpc.account}:db:{name}-{vpc.number}",
                "postgres",
                public=public,
                port=5432,
                account_id=vpc.account,
                region=vpc.region,
                vpc=vpc.id,
                zone=f"{vpc.region}{ZONES[n]}",
                subnets=tuple(vpc.subnet(tier, zone) for zone in range(3)),
                groups=(vpc.group("data"),),
            )
        )
    return 2


def _machines(vpc: VpcPlan, count: int) -> None:
    """Instances until the VPC is full: bastion, old machines, web servers, nodes, the rest."""
    legacy, web, nodes = 1 + count // 25, 1 + count // 16, count * 2 // 5
    _instance(vpc, "public", ("bastion",), public=True, elastic=True)
    for _ in range(legacy):
        _instance(vpc, "public", ("legacy", "default"), public=True)
    for _ in range(web):
        _instance(vpc, "public", ("web",), public=vpc.number % 3 == 0, role="web")
    for _ in range(nodes // 2):
        _instance(vpc, "app", ("nodes",), interfaces=2, role="nodes")
    apps = applications(count)
    for n in range(max(1, count - 1 - legacy - web - nodes // 2 * 2)):
        _instance(vpc, "app", (f"app{n % apps}",), role="app")


def _instance(
    vpc: VpcPlan,
    tier: str,
    groups: tuple[str, ...],
    *,
    public: bool = False,
    elastic: bool = False,
    interfaces: int = 1,
    role: str = "",
) -> None:
    arn = vpc.arn("instance", f"i-{vpc.next('instance')}")
    zone = vpc.chance.randrange(3)
    stopped = not elastic and vpc.chance.random() < 0.03
    found = [
        _interface(
            vpc, tier, zone, groups, public=public and not stopped and n == 0, owner=arn
        )
        for n in range(interfaces)
    ]  # fmt: skip
    vpc.into["instances"].append(
        Instance(arn, "stopped" if stopped else "running", tuple(one.id for one in found))
    )
    if role:
        vpc.into[f"{role}@{vpc.number}"].append((arn, found[0].addresses[0].private, stopped))


def _targets(vpc: VpcPlan, most: int = 25) -> None:
    """Target groups of instances; those of the applications by address."""
    for balancer, roles in _FORWARDS.items():
        for role in roles:
            kind = "ip" if role == "app" else "instance"
            listed = vpc.into.get(f"{role}@{vpc.number}", [])[:most]
            found = [
                Target(address if kind == "ip" else arn, 8080, "unused" if stopped else "healthy")
                for arn, address, stopped in listed
            ]
            protocol = "TCP" if balancer == "internal" else "HTTP"
            vpc.into["target_groups"].append(
                TargetGroup(
                    _group_arn(vpc, f"{balancer}-{role}"), kind, protocol, 8080, vpc.id,
                    tuple(found), preserve_client_ip=None,
                )
            )  # fmt: skip
    for role in ("web", "nodes", "app"):
        vpc.into.pop(f"{role}@{vpc.number}", None)


__all__ = ["applications", "fill"]
