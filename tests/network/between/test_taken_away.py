"""Whatever was not collected is told: no way that exists turns into a firm ``no`` without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.services import TYPES
from collector.snapshot import Snapshot
from graph.verdict import Verdict
from mapper.errors import WrongUsageError
from mapper.reaching import Reacher
from network.aws_shapes import Lab, allow
from network.between import test_lattice as lattice
from network.between.lab import peered, transit
from network.between.test_appliances import to_the_other_vpc
from network.between.test_egress import by_egress_only, central, direct, dual, translated
from network.between.test_peering_and_local import from_group, ingress, neighbours
from network.between.test_private_link_and_on_prem import linked, premises
from network.between.test_private_rules import by_vpn
from queries.answers.reach import NEEDS
from snapshot_files import ACCOUNT, write_snapshot

DATABASE = f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:orders"


def by_list() -> Lab:
    """A peering whose routes and rules name prefix lists."""
    lab = peered()
    lab.prefix_list("pl-1", ["10.2.0.0/16"])
    lab.prefix_list("pl-2", ["10.1.0.0/16"])
    for letter, name in (("a", "pl-1"), ("b", "pl-2")):
        way = {"DestinationPrefixListId": name, "VpcPeeringConnectionId": "pcx-1"}
        lab.item(f"rtb-{letter}")["Routes"][-1] = way | {"State": "active"}
    rule = allow("tcp/22", "192.0.2.0/24") | {"PrefixListIds": [{"PrefixListId": "pl-2"}]}
    lab.item("sg-b")["IpPermissions"] = [rule]
    return lab


def by_group() -> Lab:
    lab = peered()
    ingress("sg-b", from_group("sg-a"))(lab)
    return lab


def to_database() -> Lab:
    lab = peered()
    lab.group("sg-db", [allow("tcp/5432", "10.0.0.0/8")], "vpc-b")
    item = {
        "DBInstanceIdentifier": "orders",
        "DBInstanceStatus": "available",
        "Endpoint": {"Address": "orders.example.com", "Port": 5432},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db", "Status": "active"}],
        "DBSubnetGroup": {"VpcId": "vpc-b", "Subnets": [{"SubnetIdentifier": "subnet-b"}]},
    }
    lab.add("rds:db-instance", "orders", DATABASE, item)
    return lab


def to_link_by_address() -> Lab:
    """The service's load balancer sends to an address, and the question names an interface."""
    lab = linked()
    group = next(name for name in _names(lab) if ":targetgroup/" in name)
    lab.item(group)["TargetType"] = "ip"
    for found in lab.lines.values():
        if group in found:
            targets = found[group]["calls"]["describe_target_health"]["value"]
            targets[0]["Target"]["Id"] = "10.2.1.10"
    return lab


def egress_only() -> Lab:
    lab = dual()
    by_egress_only(lab)
    return lab


def by_lattice_service() -> Lab:
    """The sender's VPC is associated with a network whose service has the target."""
    lab = lattice.served(lattice.network(lattice.apart()))
    told = {"arn": f"{lattice.GROUP}-other", "serviceArns": [lattice.SERVICE]}
    other = f"{lattice.GROUP}-other"
    lab.add("vpc-lattice:target-group", "tg-2", other, told, list_targets=[{"id": "i-other"}])
    return lab


def by_lattice_endpoint() -> Lab:
    """An endpoint leads to a resource whose gateway stands in the target's VPC."""
    return lattice.resource(lattice.by_resource(lattice.apart()))


def by_lattice_network_endpoint() -> Lab:
    """An endpoint leads to a network with that resource and a service of the target."""
    lab = lattice.network(lattice.apart(), "vpc-c", resources=(lattice.RESOURCE,))
    return lattice.served(lattice.resource(lattice.by_network(lab)))


def _names(lab: Lab) -> Iterator[str]:
    yield from (name for found in lab.lines.values() for name in found)


WORLDS: dict[str, tuple[Callable[[], Lab], str, str]] = {
    "local": (neighbours, "eni-a", "eni-b"),
    "peering": (peered, "eni-a", "eni-b"),
    "prefix lists": (by_list, "eni-a", "eni-b"),
    "groups": (by_group, "eni-a", "eni-b"),
    "transit gateway": (transit, "eni-a", "eni-b"),
    "appliance": (to_the_other_vpc, "eni-a", "eni-b"),
    "database": (to_database, "eni-a", "orders"),
    "private link": (linked, "eni-a", "i-b"),
    "private link to an address": (to_link_by_address, "eni-a", "eni-b"),
    "lattice service": (by_lattice_service, "eni-a", "i-b"),
    "lattice resource": (by_lattice_endpoint, "eni-a", "i-b"),
    "lattice network by an endpoint": (by_lattice_network_endpoint, "eni-a", "i-b"),
    "vpn": (premises, "on-prem", "eni-b"),
    "vpn by its gateway": (premises, "on-prem:vgw-1", "eni-b"),
    "vpn over a transit gateway": (by_vpn, "on-prem", "eni-b"),
    "internet gateway": (direct, "eni-a", "internet"),
    "nat gateway": (translated, "eni-a", "internet"),
    "nat gateway elsewhere": (central, "eni-a", "203.0.113.9"),
    "egress-only gateway": (egress_only, "eni-a", "internet"),
}


def asked(lab: Lab, folder: Path, source: str, target: str) -> list[Any] | None:
    """The results; ``None`` where one of the ends is not in the snapshot any more."""
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    snapshot = write_snapshot(folder, rows, list(lab.ledger()))
    try:
        return list(Reacher(snapshot).answer(source, target).found)
    except WrongUsageError:
        return None


def best(found: list[Any]) -> Verdict:
    return max((one.verdict for one in found), key=lambda verdict: verdict.rank)


def listings(type_id: str) -> Iterator[str]:
    declared = TYPES[type_id]
    yield from (f"{declared.client}.{call.operation}" for call in declared.lists)


def without_type(lab: Lab) -> Iterator[tuple[str, Lab]]:
    """The lab without the lines of one type, whose listing was denied."""
    for account, region, type_id in list(lab.lines):
        made = lab.twin()
        del made.lines[account, region, type_id]
        # The account stays one that was asked.
        made.lines.setdefault((account, region, "ec2:key-pair"), {})
        for name in listings(type_id):
            made.deny(name, account)
        yield f"{type_id} of {account}", made


def without_line(lab: Lab) -> Iterator[tuple[str, Lab]]:
    """The lab without one line of a listing that was not whole."""
    for (account, _, type_id), found in list(lab.lines.items()):
        for name in list(found) if len(found) > 1 else []:
            made = lab.twin()
            made.remove(name)
            for operation in listings(type_id):
                made.deny(operation, account)
            yield f"{type_id} {name}", made


def without_call(lab: Lab) -> Iterator[tuple[str, Lab]]:
    """The lab with one call about one line denied."""
    for key, found in lab.lines.items():
        for name, line in found.items():
            for call in line["calls"]:
                made = lab.twin()
                denied = {"status": "denied", "error": "AccessDenied: not authorised"}
                made.lines[key][name]["calls"][call] = denied
                yield f"{call} of {name}", made


@pytest.mark.parametrize("taken", [without_type, without_line, without_call])
@pytest.mark.parametrize("name", WORLDS)
def test_what_was_not_collected_makes_no_firm_no(
    tmp_path: Path, name: str, taken: Callable[[Lab], Iterator[tuple[str, Lab]]]
) -> None:
    build, source, target = WORLDS[name]
    whole = asked(build(), tmp_path / "whole", source, target)
    assert whole is not None
    assert best(whole) is not Verdict.NO
    wrong = []
    for number, (what, lab) in enumerate(taken(build())):
        found = asked(lab, tmp_path / str(number), source, target)
        if found is None:
            continue
        if best(found) is Verdict.NO:
            wrong.append(f"{what}: {found[0].answer.why}")
        for one in found:
            gaps = [term for term in one.answer.conditions if term.startswith("not_collected:")]
            if one.verdict is Verdict.UNKNOWN and not gaps:
                wrong.append(f"{what}: unknown, and nothing says why")
    assert not wrong, "\n".join(wrong)


# Facts of other answers: who asks for no login, web ACLs in front of public load balancers.
NOT_OF_REACH = {
    "efs:file-system",
    "elasticache:cluster",
    "elasticache:replication-group",
    "memorydb:cluster",
    "opensearch:domain",
    "wafv2:web-acl",
}


def test_an_answer_needs_every_type_that_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: set[str] = set()
    items = Snapshot.items

    def noting(snapshot: Snapshot, type_id: str, *rest: Any) -> Any:
        read.add(type_id)
        return items(snapshot, type_id, *rest)

    monkeypatch.setattr(Snapshot, "items", noting)
    linked().build(tmp_path)
    assert read - NOT_OF_REACH == set(NEEDS)
    assert read >= NOT_OF_REACH
