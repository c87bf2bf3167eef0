"""Groups answer as their members do, and their number grows with members and rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.derivation.between import between_part
from graph.network.between.groups import lateral
from graph.network.between.owners import is_sender, takes_nothing
from graph.network.between.pair import interface_to_interface
from graph.network.reach import Reach
from graph.network.world import NetworkWorld
from graph.records import Node, Relationship
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, arn, entry, open_acl
from network.between.lab import JoinedLab, attachment, gateway, peered, side, transit
from network.between.test_peering_and_local import appliance, from_group, neighbours
from network.between.test_transit_gateway import inspected, two_gateways

Told = tuple[str, str, str]
Said = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
Answered = dict[Told, Said]


def by_pairs(world: NetworkWorld) -> Answered:
    """What the engine says of every pair of interfaces, one by one."""
    found = {}
    for source in world.facts.interfaces:
        for target in world.facts.interfaces:
            if source.id == target.id or not is_sender(world, source):
                continue
            if takes_nothing(world, target):
                continue
            for one in interface_to_interface(world, source, target):
                if one.verdict is not Verdict.NO:
                    found[source.id, target.id, one.mechanism] = told(one)
    return found


def told(reach: Reach) -> Said:
    return str(reach.verdict), reach.ports, reach.other_ports, reach.answer.conditions


def by_graph(world: NetworkWorld) -> Answered:
    """What walking the relationships says."""
    _, relationships = between_part(world)
    into: dict[str, list[Relationship]] = {}
    targets: dict[str, set[str]] = {}
    for one in relationships:
        if one.type == "IN_GROUP":
            into.setdefault(one.end, []).append(one)
        if one.type == "TARGETS":
            targets.setdefault(one.start, set()).add(str(one.props["interface"]))

    def members(node: str) -> set[str]:
        return {
            interface
            for one in into[node]
            for interface in (
                {str(one.props["interface"])} if "interface" in one.props else members(one.start)
            )
        }

    found: Answered = {}
    for one in relationships:
        if one.type == "CAN_REACH" and one.start in into:
            for source in members(one.start):
                for target in targets[one.end] - {source}:
                    key = (source, target, str(one.props["mechanism"]))
                    assert key not in found
                    found[key] = (
                        str(one.props["verdict"]),
                        *(texts(one, name) for name in ("ports", "other_ports", "conditions")),
                    )
    return found


def texts(one: Relationship, name: str) -> tuple[str, ...]:
    listed = one.props[name]
    assert isinstance(listed, list)
    return tuple(map(str, listed))


def stopped() -> Lab:
    lab = neighbours()
    lab.item("eni-a")["Attachment"] = {"InstanceId": "i-a"}
    lab.instance("i-a", ("eni-a",), "stopped")
    return lab


def crowd() -> JoinedLab:
    """Several machines of each side, some alike and some apart in one control."""
    lab = transit()
    for number in range(3):
        for letter, net in (("a", 1), ("b", 2)):
            name = f"eni-{letter}{number}"
            address = f"10.{net}.1.2{number}"
            lab.eni(
                name, f"subnet-{letter}", (f"sg-{letter}",), private=address, vpc=f"vpc-{letter}"
            )
    lab.group("sg-x", [allow("tcp/443", "10.1.1.20/32"), from_group("sg-b", 8080)], "vpc-b")
    lab.eni("eni-x", "subnet-b", ("sg-x",), private="10.2.1.99", vpc="vpc-b")
    lab.subnet("subnet-c", "vpc-b", "10.2.5.0/24")
    lab.acl(
        "acl-c", "vpc-b", [entry(1, protocol="6", ports=(0, 1023)), *open_acl()[2:]], ("subnet-c",)
    )
    lab.eni("eni-c", "subnet-c", ("sg-b", "sg-x"), private="10.2.5.5", vpc="vpc-b")
    lab.item("sg-a")["IpPermissionsEgress"] = [allow("tcp/1-500", "10.2.0.0/16")]
    return lab


WORLDS = {
    "neighbours": neighbours,
    "appliance": appliance,
    "peered": peered,
    "transit": transit,
    "inspected": inspected,
    "two gateways": two_gateways,
    "stopped": stopped,
    "crowd": crowd,
}


@pytest.mark.parametrize("name", WORLDS)
def test_groups_say_what_pairs_say(name: str, tmp_path: Path) -> None:
    world = WORLDS[name]().build(tmp_path)
    expected = by_pairs(world)
    assert expected
    assert by_graph(world) == expected


def test_what_has_the_same_part_in_everything_is_one_node(tmp_path: Path) -> None:
    """Two subnets behind one table and one network ACL send and are reached alike."""
    lab = neighbours()
    lab.subnet("subnet-c", "vpc-a", "10.1.3.0/24")
    lab.item("acl-b")["Associations"].append({"SubnetId": "subnet-c"})
    lab.eni("eni-c", "subnet-c", ("sg-b",), private="10.1.3.10", vpc="vpc-a")
    assert sizes(lab, tmp_path / "a") == [1, 2]
    part = [entry(1, protocol="6", ports=(0, 1023)), *open_acl()[2:]]
    lab.item("acl-b")["Associations"].pop()
    lab.acl("acl-c", "vpc-a", open_acl(), ("subnet-c",))
    assert sizes(lab, tmp_path / "b") == [1, 2]
    lab.item("acl-c")["Entries"] = part
    lab.item("sg-b")["IpPermissions"].append(from_group("sg-a", 8080))
    assert sizes(lab, tmp_path / "c") == [1, 1, 1]


def sizes(lab: Lab, folder: Path) -> list[int]:
    nodes = between_part(lab.build(folder))[0]
    return sorted(int(str(node.props["member_count"])) for node in nodes if targeted(node))


def targeted(node: Node) -> bool:
    return "NetworkTarget" in node.labels


def test_a_lock_takes_the_relationship_away(tmp_path: Path) -> None:
    lab = peered()
    world = lab.build(tmp_path / "open")
    pair = (arn("network-interface", "eni-a"), arn("network-interface", "eni-b"), "peering/ipv4")
    assert pair in by_graph(world)
    lab.item("rtb-b")["Routes"].pop()
    assert pair not in by_graph(lab.build(tmp_path / "closed"))


def test_order_changes_nothing(tmp_path: Path) -> None:
    lab, other = crowd(), crowd()
    other.lines = {key: dict(reversed(found.items())) for key, found in other.lines.items()}
    for item in other.lines.values():
        for one in item.values():
            one["item"].get("IpPermissions", []).reverse()
    first = between_part(lab.build(tmp_path / "a"))
    again = between_part(other.build(tmp_path / "b"))
    assert [node.id for node in first[0]] == [node.id for node in again[0]]
    assert sorted(map(repr, first[1])) == sorted(map(repr, again[1]))


def grown(vpcs: int, members: int) -> JoinedLab:
    """VPCs on one transit gateway, each with members of two tiers."""
    lab = JoinedLab()
    gateway(lab, "tgw-1")
    for number in range(vpcs):
        letter = f"v{number}"
        side(lab, letter, number + 1, [])
        attachment(lab, f"tgw-attach-{letter}", "tgw-1", f"vpc-{letter}", (f"subnet-{letter}",))
        lab.group(f"sg-d{letter}", [from_group(f"sg-{letter}", 5432)], f"vpc-{letter}")
        for member in range(members):
            for group, host in ((f"sg-{letter}", member + 20), (f"sg-d{letter}", member + 120)):
                name = f"eni-{letter}-{host}"
                address = f"10.{number + 1}.1.{host}"
                lab.eni(name, f"subnet-{letter}", (group,), private=address, vpc=f"vpc-{letter}")
    return lab


def test_relationships_grow_with_members_not_with_pairs(tmp_path: Path) -> None:
    def counted(vpcs: int, members: int) -> tuple[int, int]:
        world = grown(vpcs, members).build(tmp_path / f"{vpcs}-{members}")
        return len(world.facts.interfaces), len(between_part(world)[1])

    few, many = counted(3, 10), counted(3, 40)
    assert many[1] - few[1] == 2 * (many[0] - few[0])
    more = counted(9, 10)
    assert more[1] <= 3 * few[1]


def test_what_does_not_send_is_in_no_range(tmp_path: Path) -> None:
    lab = neighbours()
    lab.item("eni-a")["InterfaceType"] = "nat_gateway"
    found = lateral(lab.build(tmp_path))
    assert arn("network-interface", "eni-a") not in {
        interface for one in found.ranges.values() for _, interface in one.members
    }


def unreadable(members: int) -> Lab:
    """Machines of one kind of whose security groups a part cannot be read."""
    lab = neighbours()
    lab.item("sg-b")["IpPermissions"] = [from_group("sg-a", 22)]
    for number in range(members):
        name = f"eni-n{number}"
        lab.eni(name, "subnet-a", ("sg-a", "sg-b"), private=f"10.1.1.{number + 50}", vpc="vpc-a")
        lab.item(name)["Groups"].append({})
    return lab


def test_unreadable_groups_make_one_class_not_one_each(tmp_path: Path) -> None:
    """What is not known of many is one class, in doubt; its members still have their names."""

    def made(members: int) -> tuple[int, int]:
        lab = unreadable(members)
        nodes, relationships = between_part(lab.build(tmp_path / str(members)))
        return len(nodes), sum(one.type == "CAN_REACH" for one in relationships)

    assert made(4) == made(12)


def test_members_of_an_unreadable_class_are_reached_in_doubt(tmp_path: Path) -> None:
    world = unreadable(2).build(tmp_path / "unread")
    pair = (arn("network-interface", "eni-n0"), arn("network-interface", "eni-n1"), "local/ipv4")
    verdict, _, others, _ = by_graph(world)[pair]
    assert "unknown" in f"{verdict} {others}"
    found = interface_to_interface(world, *(world.interfaces[name] for name in pair[:2]))
    told = " ".join(step.text for one in found for step in one.answer.steps)
    assert "security groups of arn" in told
    assert "interfaces in" not in told
    read = unreadable(2)
    for name in ("eni-n0", "eni-n1"):
        read.item(name)["Groups"].pop()
    known = by_graph(read.build(tmp_path / "read"))
    assert not any("security groups of" in term for one in known.values() for term in one[3])
