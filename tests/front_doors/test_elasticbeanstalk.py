"""Elastic Beanstalk environments, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from network.test_load_balancers import ALB, balancer, target_group
from snapshot_files import ACCOUNT, REGION, Denied

ENVIRONMENT = f"arn:aws:elasticbeanstalk:{REGION}:{ACCOUNT}:environment/shop/shop-prod"
CLASSIC = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/awseb-1"
DOOR = "elasticbeanstalk/ipv4"


def environment(
    lab: Lab,
    balancers: tuple[str, ...] = (),
    instances: tuple[str, ...] = (),
    told: Any = None,
    **item: Any,
) -> Lab:
    resources = {
        "LoadBalancers": [{"Name": name} for name in balancers],
        "Instances": [{"Id": name} for name in instances],
    }
    shape = {"Status": "Ready", "Tier": {"Name": "WebServer"}, "CNAME": "shop.example"}
    calls = {"EnvironmentResources": resources} if told is None else told
    lab.add(
        "elasticbeanstalk:env",
        "env",
        ENVIRONMENT,
        {**shape, **item},
        describe_environment_resources=calls,
    )
    return lab


def balanced(scheme: str = "internet-facing", **item: Any) -> Lab:
    lab = exposed([allow("tcp/8080", "10.0.0.0/16")])
    lab.group("sg-lb", [allow("tcp/443")])
    balancer(lab, ALB, Scheme=scheme)
    target_group(lab)
    return environment(lab, (ALB,), ("i-web",), **item)


def test_it_is_reached_through_its_load_balancer(tmp_path: Path) -> None:
    reach = one(balanced(), tmp_path, ENVIRONMENT, DOOR)
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/443",))
    assert any(ALB in text for text in reach.answer.evidence)
    assert any("shop.example" in text for text in reach.answer.evidence)


def test_behind_an_internal_load_balancer_it_is_not(tmp_path: Path) -> None:
    reach = one(balanced("internal"), tmp_path, ENVIRONMENT, DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["address"])


def test_without_one_it_is_reached_as_its_instance(tmp_path: Path) -> None:
    lab = environment(exposed([allow("tcp/80")]), instances=("i-web",))
    reach = one(lab, tmp_path / "a", ENVIRONMENT, DOOR)
    assert (reach.verdict, reach.ports, reach.via) == (Verdict.YES, ("tcp/80",), ())
    closed = environment(exposed([allow("tcp/80", "10.0.0.0/8")]), instances=("i-web",))
    assert one(closed, tmp_path / "b", ENVIRONMENT, DOOR).verdict is Verdict.NO


def test_a_stopped_instance_is_dormant(tmp_path: Path) -> None:
    lab = environment(exposed([allow("tcp/80")]), instances=("i-web",))
    lab.item("i-web")["State"] = {"Name": "stopped"}
    assert one(lab, tmp_path, ENVIRONMENT, DOOR).verdict is Verdict.DORMANT


@pytest.mark.parametrize(
    ("change", "lock"),
    [({"Tier": {"Name": "Worker"}}, "tier"), ({"Status": "Terminated"}, "state")],
)
def test_a_closed_lock_closes_it(tmp_path: Path, change: dict[str, Any], lock: str) -> None:
    reach = one(balanced(**change), tmp_path, ENVIRONMENT, DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, [lock])
    assert reach.ports == ()


def test_an_environment_that_is_launched_is_dormant(tmp_path: Path) -> None:
    assert one(balanced(Status="Launching"), tmp_path, ENVIRONMENT, DOOR).verdict is Verdict.DORMANT


def test_an_environment_without_resources_is_not_reached(tmp_path: Path) -> None:
    reach = one(environment(Lab()), tmp_path, ENVIRONMENT, DOOR)
    assert (reach.verdict, failing(reach)) == (Verdict.NO, ["resources"])


@pytest.mark.parametrize(
    ("balancers", "instances", "told"),
    [((), (), Denied), ((ALB,), (), None), (("awseb-1",), (), None), ((), ("i-gone",), None)],
)
def test_what_was_not_read_is_unknown(
    tmp_path: Path, balancers: tuple[str, ...], instances: tuple[str, ...], told: Any
) -> None:
    lab = environment(Lab(), balancers, instances, told)
    assert one(lab, tmp_path, ENVIRONMENT, DOOR).verdict is Verdict.UNKNOWN


def test_a_classic_load_balancer_is_found_by_its_name(tmp_path: Path) -> None:
    lab = exposed()
    lab.group("sg-lb", [allow("tcp/80")])
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    item = {
        "LoadBalancerName": "awseb-1",
        "Scheme": "internet-facing",
        "VPCId": "vpc-1",
        "Subnets": ["subnet-a"],
        "SecurityGroups": ["sg-lb"],
        "ListenerDescriptions": [{"Listener": listener}],
        "Instances": [],
    }
    lab.add("elb:load-balancer", "awseb-1", CLASSIC, item)
    reach = one(environment(lab, ("awseb-1",)), tmp_path, ENVIRONMENT, DOOR)
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/80",))
