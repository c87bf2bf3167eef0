"""Which data services without a login every address of their VPC reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graph.network import ports, prefixes
from graph.network.between.facts import DataService
from graph.network.filters import group_rules
from graph.network.prefixes import Family
from graph.network.spans import NOTHING, Spans, union
from graph.network.world import NetworkWorld
from graph.verdict import Answer, Verdict, condition


@dataclass(frozen=True, slots=True)
class OpenService:
    """A service, the VPC it is open to, its port and what is known of that."""

    service: DataService
    vpc: str
    port: str
    answer: Answer


def open_services(world: NetworkWorld) -> Iterator[OpenService]:
    """Services open to the whole VPC, and those of which it is not known; the closed left out.

    A service is open where its security groups together admit every IPv4 address of the VPC on
    its port and it asks nobody for a login.
    """
    for service in world.facts.joints.data_services:
        known = [g for name in service.groups if (g := world.security_groups.get(name))]
        vpcs = sorted({group.vpc for group in known if group.vpc})
        if service.login is True or not vpcs:
            continue
        answer = _answer(world, service, vpcs[0])
        if answer.verdict is not Verdict.NO:
            yield OpenService(service, vpcs[0], f"tcp/{service.port}", answer)


def _answer(world: NetworkWorld, service: DataService, vpc_id: str) -> Answer:
    vpc = world.vpcs.get(vpc_id)
    group = world.security_groups[next(g for g in service.groups if g in world.security_groups)]
    found = group_rules(world, service.groups, group.account_id, group.region)
    wanted = ports.tcp(service.port)
    admitted: list[Spans] = []
    gaps = [*found.missing, *([service.missing] if service.missing else [])]
    if vpc is None:
        gaps.append(world.gap("ec2.describe_vpcs", group.account_id, group.region) or vpc_id)
    for rule in found.rules:
        if rule.ports is None or not rule.ports.covers(wanted):
            continue
        listed = world.prefix_lists.get(rule.prefix_list)
        cidrs = (rule.cidr,) if rule.cidr else (listed.cidrs or ()) if listed else ()
        admitted.append(prefixes.of(cidrs, Family.IPV4))
    whole = prefixes.of(vpc.cidrs, Family.IPV4) if vpc else NOTHING
    everybody = bool(whole) and union(admitted).covers(whole)
    if not everybody and not found.missing and vpc is not None:
        return Answer(Verdict.NO)
    if gaps or service.login is None:
        terms = tuple(condition("not_collected", one) for one in dict.fromkeys(gaps))
        return Answer(Verdict.UNKNOWN, f"Not collected: {', '.join(gaps)}.", terms)
    text = f"tcp/{service.port} of {service.id} is open to all of {vpc_id}: {service.why}."
    return Answer(Verdict.YES, text, evidence=(text,))
