"""Interfaces that the internet reaches alike share one group."""

from __future__ import annotations

from pathlib import Path

from graph.network.groups import InterfaceGroup, interface_groups
from graph.network.internet import internet_to_interface
from graph.network.world import NetworkWorld
from network.aws_shapes import Lab, arn, exposed


def twins() -> Lab:
    """Two machines alike, and one that is stopped."""
    lab = exposed()
    for number, state in ((2, "running"), (3, "stopped")):
        lab.eni(
            f"eni-{number}",
            "subnet-a",
            ("sg-web",),
            private=f"10.0.0.2{number}",
            public=f"198.51.100.2{number}",
            instance=f"i-{number}",
        )
        lab.instance(f"i-{number}", (f"eni-{number}",), state)
    return lab


def by_member(world: NetworkWorld) -> dict[str, InterfaceGroup]:
    return {i: group for group in interface_groups(world) for i in group.interfaces}


def eni(name: str) -> str:
    return arn("network-interface", name)


def test_like_interfaces_share_a_group_and_a_state_splits_them(tmp_path: Path) -> None:
    groups = by_member(twins().build(tmp_path))
    assert groups[eni("eni-web")] == groups[eni("eni-2")]
    assert groups[eni("eni-web")].members == (arn("instance", "i-2"), arn("instance", "i-web"))
    assert groups[eni("eni-3")].id != groups[eni("eni-web")].id
    assert (groups[eni("eni-3")].state, groups[eni("eni-web")].state) == ("dormant", "yes")
    assert (groups[eni("eni-web")].public_v4, groups[eni("eni-web")].public_v6) == (True, False)


def test_each_control_splits_a_group(tmp_path: Path) -> None:
    changes = {
        "security group": lambda lab: lab.item("eni-2").update(Groups=[]),
        "address": lambda lab: lab.eni(
            "eni-2", "subnet-a", ("sg-web",), private="10.0.0.22", instance="i-2"
        ),
        "table": lambda lab: (
            lab.subnet("subnet-x", "vpc-1", "10.0.5.0/24"),
            lab.table("rtb-x", "vpc-1", [], subnets=("subnet-x",)),
            lab.item("eni-2").update(SubnetId="subnet-x"),
        ),
        "acl": lambda lab: (
            lab.subnet("subnet-x", "vpc-1", "10.0.5.0/24"),
            lab.acl("acl-x", "vpc-1", [], ("subnet-x",)),
            lab.item("eni-2").update(SubnetId="subnet-x"),
        ),
    }
    for number, (name, change) in enumerate(changes.items()):
        lab = twins()
        change(lab)
        if name == "address":
            lab.instance("i-2", ("eni-2",))
        groups = by_member(lab.build(tmp_path / str(number)))
        assert groups[eni("eni-2")].id != groups[eni("eni-web")].id, name


def test_group_ids_are_stable_and_every_interface_is_in_one_group(tmp_path: Path) -> None:
    first = interface_groups(twins().build(tmp_path / "a"))
    again = interface_groups(twins().build(tmp_path / "b"))
    assert [group.id for group in first] == [group.id for group in again]
    listed = [i for group in first for i in group.interfaces]
    assert sorted(listed) == sorted(set(listed))
    assert len(listed) == 3


def test_members_of_a_group_get_the_same_answer(tmp_path: Path) -> None:
    world = twins().build(tmp_path)
    told = {
        group.id: [
            [(r.source, r.verdict, r.ports) for r in internet_to_interface(world, member)]
            for name in group.interfaces
            for member in [world.interfaces[name]]
        ]
        for group in interface_groups(world)
    }
    assert max(map(len, told.values())) > 1
    for answers in told.values():
        assert all(one == answers[0] for one in answers)
