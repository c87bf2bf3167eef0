"""What holds of the doors at the edge whatever is missing or out of shape."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from front_doors import test_cloudfront_storage as storage
from front_doors import test_cloudfront_vpc as vpc
from front_doors import test_ecs as ecs
from front_doors import test_eks as eks
from front_doors import test_globalaccelerator as ga
from front_doors.distributions import LB, custom, distribution, s3_origin
from front_doors.door_lab import judged
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed

WORLDS: dict[str, Callable[[], Lab]] = {
    "bucket behind CloudFront": lambda: distribution(storage.bucket(storage.to_us()), s3_origin()),
    "load balancer behind CloudFront": lambda: distribution(vpc.balanced(), custom()),
    "VPC origin": lambda: vpc.vpc_origin(vpc.private(), LB),
    "accelerator": lambda: ga.accelerator(ga.hidden(), ga.endpoint("i-web")),
    "accelerator before a load balancer": lambda: ga.accelerator(vpc.private(), ga.endpoint(LB)),
    "API of a cluster": lambda: eks.cluster(eks.public(), nodes=eks.nodes(eks.KEY)),
    "task on a machine": lambda: ecs.on_machine(exposed([allow("tcp/8080")]), ecs.binding(8080)),
    "service": ecs.service,
    "gateway": ecs.gateway,
}


def answers(found: list[Reach]) -> dict[tuple[str, str], Verdict]:
    best: dict[tuple[str, str], Verdict] = {}
    for one in found:
        key = (one.target, one.mechanism)
        best[key] = max(best.get(key, Verdict.NO), one.verdict, key=lambda verdict: verdict.rank)
    return best


def calls(lab: Lab) -> Iterator[tuple[tuple[str, str, str], str, str]]:
    for key, lines in lab.lines.items():
        for name, line in lines.items():
            for call in line["calls"]:
                yield key, name, call


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_a_call_that_was_denied_closes_nothing(tmp_path: Path, world: Callable[[], Lab]) -> None:
    before = answers(judged(world(), tmp_path / "whole"))
    assert any(verdict is not Verdict.NO for verdict in before.values())
    for number, (key, name, call) in enumerate(list(calls(world()))):
        lab = world()
        lab.lines[key][name]["calls"][call] = {"status": "denied", "error": "AccessDenied"}
        after = answers(judged(lab, tmp_path / str(number)))
        for asked, verdict in before.items():
            if verdict is not Verdict.NO:
                assert after.get(asked) is not Verdict.NO, (call, asked)


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_a_list_that_was_denied_closes_nothing(tmp_path: Path, world: Callable[[], Lab]) -> None:
    """Groups, subnets, gateways and ACLs that were not read."""
    before = answers(judged(world(), tmp_path / "whole"))
    listed = {
        "ec2:security-group": "ec2.describe_security_groups",
        "ec2:subnet": "ec2.describe_subnets",
        "ec2:internet-gateway": "ec2.describe_internet_gateways",
        "ec2:network-acl": "ec2.describe_network_acls",
    }
    for kind, operation in listed.items():
        lab = world()
        lab.lines = {key: lines for key, lines in lab.lines.items() if key[2] != kind}
        lab.deny(operation)
        after = answers(judged(lab, tmp_path / kind.replace(":", "-")))
        for asked, verdict in before.items():
            if verdict is not Verdict.NO:
                assert after.get(asked) is not Verdict.NO, (kind, asked)


HOSTILE: list[Any] = [None, "", "x", 0, -1, True, [], {}, [None], [[]], {"x": None}, "\x00", 1.5]


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from paths(inner, (*path, number))


def put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_no_shape_of_data_ends_it(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    lab = data.draw(st.sampled_from(list(WORLDS.values())))()
    edge = ("cloudfront:", "globalaccelerator:", "ecs:", "eks:", "s3:", "elbv2:")
    places = [
        (key, name, part, where)
        for key, lines in lab.lines.items()
        if key[2].startswith(edge)
        for name, line in lines.items()
        for part, values in (
            ("item", line["item"]),
            ("calls", {call: told["value"] for call, told in line["calls"].items()}),
        )
        for where in paths(values)
    ]
    for key, name, part, where in data.draw(st.lists(st.sampled_from(places), max_size=3)):
        line, new = lab.lines[key][name], copy.deepcopy(data.draw(st.sampled_from(HOSTILE)))
        try:
            put(line[part], where if part == "item" else (where[0], "value", *where[1:]), new)
        except (KeyError, IndexError, TypeError):
            continue  # What stood around it is gone already.
    for reach in judged(lab, tmp_path_factory.mktemp("hostile")):
        assert isinstance(reach.verdict, Verdict)
