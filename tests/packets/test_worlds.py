"""The random worlds have AWS's shapes, and a good share of their packets gets through."""

from __future__ import annotations

from collections import Counter
from typing import Any

import botocore.session
from hypothesis import HealthCheck, given, settings

from packets.simulator import RULES
from packets.world import LISTS, Undecided, World
from packets.worlds import interesting_packets, run, worlds

RELAXED = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

SHAPES = {
    "Vpcs": "Vpc",
    "NetworkAcls": "NetworkAcl",
    "NetworkInterfaces": "NetworkInterface",
    "NatGateways": "NatGateway",
    "Instances": "Instance",
}

EC2 = botocore.session.get_session().get_service_model("ec2")


def assert_shaped(value: Any, shape: Any, path: str) -> None:
    """Every member is one that AWS's model of the answer has, with a value of its type."""
    if shape.type_name == "structure":
        for key, inner in value.items():
            assert key in shape.members, f"{path}.{key}"
            assert_shaped(inner, shape.members[key], f"{path}.{key}")
    elif shape.type_name == "list":
        for number, inner in enumerate(value):
            assert_shaped(inner, shape.member, f"{path}[{number}]")
    else:
        types = {"string": str, "integer": int, "boolean": bool}
        assert isinstance(value, types.get(shape.type_name, object)), path


@RELAXED
@given(worlds())
def test_worlds_have_the_shapes_of_aws(world: World) -> None:
    for name in LISTS:
        shape = EC2.shape_for(SHAPES.get(name, name[:-1]))
        for _, item in world.every(name):
            assert_shaped(item, shape, name)
    maps = {
        "TransitGatewayRouteTableAssociations": "TransitGatewayRouteTableAssociation",
        "TransitGatewayRoutes": "TransitGatewayRoute",
        "ManagedPrefixListEntries": "PrefixListEntry",
    }
    for place in world.places.values():
        options = place["VpcBlockPublicAccessOptions"]
        assert_shaped(options, EC2.shape_for("VpcBlockPublicAccessOptions"), "options")
        for name, shape_name in maps.items():
            for items in place[name].values():
                for item in items:
                    assert_shaped(item, EC2.shape_for(shape_name), name)


def test_a_good_share_of_packets_gets_through() -> None:
    seen: Counter[str] = Counter()

    @settings(RELAXED, derandomize=True)
    @given(worlds())
    def walk(world: World) -> None:
        for probe in interesting_packets(world, limit=60):
            try:
                result = run(world, probe)
            except Undecided:
                seen["undecided"] += 1
                continue
            seen["all"] += 1
            seen["internet" if probe.sender is None else "interface"] += 1
            if result.replied:
                seen["replied"] += 1
                seen["replied internet" if probe.sender is None else "replied interface"] += 1
            assert result.delivered or result.request.rule in RULES

    walk()
    assert seen["replied internet"] > seen["internet"] / 10, seen
    assert seen["replied interface"] > seen["interface"] / 10, seen
    assert seen["undecided"] < seen["all"] / 3, seen


@RELAXED
@given(worlds())
def test_the_same_world_gives_the_same_packets(world: World) -> None:
    assert interesting_packets(world, limit=20) == interesting_packets(world, limit=20)
