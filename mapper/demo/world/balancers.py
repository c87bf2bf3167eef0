"""Load balancers before instances: an ALB, an NLB and a classic one, each with a decoy."""

from __future__ import annotations

from collections.abc import Sequence

from mapper.demo.clients import Clients
from mapper.demo.world.facts import Fact, Reaches, Thing, Touch
from mapper.demo.world.stage import (
    EVERYWHERE_V4,
    Flip,
    Site,
    Stage,
    Subnet,
    admits,
    flip_call,
    tag_list,
)

_ALB = (
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
    "application-load-balancers.html"
)
_SCHEME = (
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/"
    "how-elastic-load-balancing-works.html"
)
_NLB = (
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/"
    "edit-target-group-attributes.html"
)
_CLB = (
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-vpc-security-groups.html"
)


def _touch(site: Site, *services: str) -> tuple[Touch, ...]:
    return (Touch(site.account_id, site.region, services),)


def _front(
    arn: str, machines: Sequence[str], kind: str, port: int, verdict: str
) -> tuple[Reaches, ...]:
    """A front door and the instances behind it, all with one verdict."""
    door = Reaches(arn, kind, verdict, (f"tcp/{port}",))
    return (door, *(Reaches(machine, kind, verdict, via=(arn,)) for machine in machines))


def _balancer(
    stage: Stage, name: str, subnets: Sequence[Subnet], scenario: str, **more: object
) -> str:
    site = subnets[0].site
    return str(
        stage.clients(site.account_id, "elbv2", site.region).create_load_balancer(
            Name=name,
            Subnets=[subnet.id for subnet in subnets],
            Tags=tag_list(name, scenario),
            **more,
        )["LoadBalancers"][0]["LoadBalancerArn"]
    )


def _targets(stage: Stage, site: Site, name: str, protocol: str, port: int, ids: list[str]) -> str:
    elb = stage.clients(site.account_id, "elbv2", site.region)
    group = elb.create_target_group(
        Name=name, Protocol=protocol, Port=port, VpcId=site.vpc, TargetType="instance"
    )["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": id_} for id_ in ids])
    return str(group)


def _listen(stage: Stage, site: Site, balancer: str, protocol: str, port: int, group: str) -> None:
    stage.clients(site.account_id, "elbv2", site.region).create_listener(
        LoadBalancerArn=balancer,
        Protocol=protocol,
        Port=port,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )


def web_front(stage: Stage) -> list[str]:
    """An internet-facing ALB before two instances, and an internal one before a third.

    Returns:
        ARNs of the two instances behind the open one; their role is the chain's start.
    """
    scenario = "web-front"
    site, plan = stage.site(scenario), stage.plan
    http, app = plan.port(80), plan.port(8080)

    def named(what: str) -> str:
        return plan.name(scenario, what)

    public = [stage.public_subnet(site, named(f"public-{zone}"), zone) for zone in "ab"]
    private = [stage.subnet(site, named(f"app-{zone}"), zone) for zone in "ab"]
    door = stage.group(site, named("web-alb-sg"), admits(http, EVERYWHERE_V4))
    inner = stage.group(site, named("web-sg"), admits(app, door))
    profile = {"IamInstanceProfile": {"Name": named("web-role")}}
    machines = [
        stage.instance(subnet, named(f"web-{number}"), scenario, inner, **profile)
        for number, subnet in enumerate(private, start=1)
    ]
    alb = _balancer(
        stage, named("web-alb"), public, scenario,
        SecurityGroups=[door], Scheme="internet-facing", Type="application",
    )  # fmt: skip
    group = _targets(stage, site, named("web"), "HTTP", app, [id_ for id_, _ in machines])
    _listen(stage, site, alb, "HTTP", http, group)
    arns = [arn for _, arn in machines]
    stage.add(
        scenario,
        Thing(
            named("web-alb"), "planted", "network", _ALB,
            "its security group admits 0.0.0.0/0",
            facts=(
                *_front(alb, arns, "alb/ipv4", http, "yes"),
                stage.front(site, alb, door, *arns),
            ),
            flip=flip_call(
                site.account_id, "ec2", site.region, "revoke_security_group_ingress",
                GroupId=door, IpPermissions=[admits(http, EVERYWHERE_V4)],
            ),
            touches=_touch(site, "ec2", "elbv2"),
        ),
        _internal(stage, site, public, private[0]),
    )  # fmt: skip
    return arns


def _internal(stage: Stage, site: Site, public: list[Subnet], private: Subnet) -> Thing:
    scenario = "web-front"
    http, app = stage.plan.port(80), stage.plan.port(8080)

    def named(what: str) -> str:
        return stage.plan.name(scenario, what)

    door = stage.group(site, named("intranet-alb-sg"), admits(http, EVERYWHERE_V4))
    inner = stage.group(site, named("intranet-sg"), admits(app, door))
    id_, arn = stage.instance(private, named("intranet"), scenario, inner)
    name = named("intranet-alb")
    more = {"SecurityGroups": [door], "Type": "application"}
    alb = _balancer(stage, name, public, scenario, Scheme="internal", **more)
    group = _targets(stage, site, named("intranet"), "HTTP", app, [id_])
    _listen(stage, site, alb, "HTTP", http, group)

    def face_the_internet(clients: Clients) -> None:
        """A scheme cannot be changed: the same balancer is made anew, with the other scheme."""
        elb = clients(site.account_id, "elbv2", site.region)
        elb.delete_load_balancer(LoadBalancerArn=alb)
        anew = elb.create_load_balancer(
            Name=name,
            Subnets=[subnet.id for subnet in public],
            Tags=tag_list(name, scenario),
            Scheme="internet-facing",
            **more,
        )["LoadBalancers"][0]["LoadBalancerArn"]
        elb.create_listener(
            LoadBalancerArn=anew,
            Protocol="HTTP",
            Port=http,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )

    return Thing(
        name, "decoy", "network", _SCHEME, "its scheme is internal",
        facts=(inside := stage.front(site, alb, door, arn),),
        flipped=(*_front(alb, [arn], "alb/ipv4", http, "yes"), inside),
        flip=face_the_internet,
        touches=_touch(site, "ec2", "elbv2"),
    )  # fmt: skip


def nlb(stage: Stage) -> None:
    """An NLB without security groups before two instances; one admits only the VPC.

    Instance targets see the client's own address, so their security group decides.
    """
    scenario = "nlb"
    site, plan = stage.site(scenario), stage.plan

    def named(what: str) -> str:
        return plan.name(scenario, what)

    public = [stage.public_subnet(site, named(f"nlb-{zone}"), zone) for zone in "ab"]
    private = stage.subnet(site, named("nlb-targets"))
    arn = _balancer(
        stage, named("tcp-nlb"), public, scenario, Scheme="internet-facing", Type="network"
    )
    ports: list[int] = []
    things: list[Thing] = []
    for what, part, usual in (("broker", "planted", 1883), ("metrics", "decoy", 9090)):
        port = plan.port(usual)
        while port in ports:
            port = plan.port(usual)
        ports.append(port)
        source = EVERYWHERE_V4 if part == "planted" else f"{site.cidr16}.0.0/16"
        group = stage.group(site, named(what + "-sg"), admits(port, source))
        id_, machine = stage.instance(private, named(what), scenario, group)
        # Shut, the decoy's group still admits the VPC.
        behind, kept = stage.front(site, arn, "", machine), part == "decoy"
        shut: tuple[Fact, ...] = (stage.beside(machine, admits=kept), *((behind,) if kept else ()))
        listening = _targets(stage, site, named(what), "TCP", port, [id_])
        _listen(stage, site, arn, "TCP", port, listening)
        verb = "revoke" if part == "planted" else "authorize"
        open_: tuple[Fact, ...] = (
            Reaches(machine, "nlb/ipv4", "yes", via=(arn,)), stage.beside(machine), behind,
        )  # fmt: skip
        closed: tuple[Fact, ...] = (Reaches(machine, "nlb/ipv4", "no", via=(arn,)), *shut)
        things.append(
            Thing(
                named(what), part, "network", _NLB,
                "its security group admits "
                + ("0.0.0.0/0" if part == "planted" else "the VPC only"),
                facts=open_ if part == "planted" else closed,
                flipped=closed if part == "planted" else open_,
                flip=flip_call(
                    site.account_id, "ec2", site.region, f"{verb}_security_group_ingress",
                    GroupId=group, IpPermissions=[admits(port, EVERYWHERE_V4)],
                ),
                touches=_touch(site, "ec2"),
            )
        )  # fmt: skip
    door = Reaches(arn, "nlb/ipv4", "yes", tuple(f"tcp/{port}" for port in sorted(ports)))
    facts = (door, stage.front(site, arn, ""))
    stage.add(scenario, Thing(named("tcp-nlb"), "planted", "network", _NLB, facts=facts), *things)


def clb(stage: Stage) -> None:
    """Two classic load balancers, one of whose security groups admits a private range only."""
    scenario = "clb"
    site, plan = stage.site(scenario), stage.plan
    http, app = plan.port(80), plan.port(8080)

    def named(what: str) -> str:
        return plan.name(scenario, what)

    public = stage.public_subnet(site, named("clb-public"))
    private = stage.subnet(site, named("clb-app"))
    things: list[Thing] = []
    for what, part, source in (
        ("legacy", "planted", EVERYWHERE_V4),
        ("backoffice", "decoy", "10.0.0.0/8"),
    ):
        door = stage.group(site, named(what + "-clb-sg"), admits(http, source))
        inner = stage.group(site, named(what + "-sg"), admits(app, door))
        id_, machine = stage.instance(private, named(what), scenario, inner)
        name = named(what + "-clb")
        elb = stage.clients(site.account_id, "elb", site.region)
        elb.create_load_balancer(
            LoadBalancerName=name,
            Listeners=[
                {
                    "Protocol": "HTTP",
                    "LoadBalancerPort": http,
                    "InstanceProtocol": "HTTP",
                    "InstancePort": app,
                }
            ],
            Subnets=[public.id],
            SecurityGroups=[door],
            Scheme="internet-facing",
            Tags=tag_list(name, scenario),
        )
        elb.register_instances_with_load_balancer(
            LoadBalancerName=name, Instances=[{"InstanceId": id_}]
        )
        arn = f"arn:aws:elasticloadbalancing:{site.region}:{site.account_id}:loadbalancer/{name}"
        reached = _front(arn, [machine], "clb/ipv4", http, "yes")
        inside = stage.front(site, arn, door, machine)
        things.append(
            Thing(
                name, part, "network", _CLB, f"its security group admits {source}",
                facts=(*reached, inside) if part == "planted" else (inside,),
                flipped=() if part == "planted" else (*reached, inside),
                flip=_regroup(site, door, http, part),
                touches=_touch(site, "ec2"),
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def _regroup(site: Site, group: str, port: int, part: str) -> Flip:
    verb = "revoke" if part == "planted" else "authorize"
    return flip_call(
        site.account_id, "ec2", site.region, f"{verb}_security_group_ingress",
        GroupId=group, IpPermissions=[admits(port, EVERYWHERE_V4)],
    )  # fmt: skip
