"""Load balancers and databases as ends: their ports, their places, and what they send to."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.network import ports
from graph.network.between.ends import end_of
from graph.network.between.every_way import every_way
from graph.network.between.many import many_to_many
from graph.network.reach import Reach
from graph.network.spans import Spans
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, allow, arn
from network.between.test_private_link_and_on_prem import linked
from network.test_databases import DB, database
from network.test_load_balancers import ALB, NLB, balancer, behind_alb, target_group
from snapshot_files import REGION

APP = arn("instance", "i-app")


def best(lab: Lab, folder: Path, source: str, target: str, only: Spans = ports.ALL) -> Reach:
    world = lab.build(folder)
    start, goal = end_of(world, source), end_of(world, target)
    assert start is not None
    assert goal is not None
    return max(every_way(world, start, goal, only), key=lambda one: one.verdict.rank)


def app(egress: str, eni: str = "") -> Lab:
    """A machine that may send to part of a database's subnet, whose interface may show."""
    lab = database(("subnet-b",), PubliclyAccessible=False, AvailabilityZone=f"{REGION}b")
    lab.group("sg-app", [])
    lab.item("sg-app")["IpPermissionsEgress"] = [allow("tcp/5432", egress)]
    lab.item("sg-db")["IpPermissions"] = [allow("tcp/5432", "10.0.0.0/16")]
    lab.eni("eni-app", "subnet-a", ("sg-app",), private="10.0.0.50", instance="i-app")
    lab.instance("i-app", ("eni-app",))
    if eni:
        lab.eni(
            "eni-db",
            "subnet-b",
            ("sg-db",),
            private=eni,
            RequesterManaged=True,
            Description="RDSNetworkInterface",
            Attachment={"InstanceOwnerId": "amazon-rds", "Status": "attached"},
        )
    return lab


UPPER, LOWER, WHOLE = "10.0.2.128/25", "10.0.2.0/25", "10.0.2.0/24"


@pytest.mark.parametrize(
    ("egress", "eni", "verdict"),
    [
        (UPPER, "10.0.2.200", Verdict.YES),
        (LOWER, "10.0.2.200", Verdict.NO),
        (UPPER, "", Verdict.UNKNOWN),
        (LOWER, "", Verdict.UNKNOWN),
        (WHOLE, "", Verdict.YES),
        ("10.0.3.0/24", "", Verdict.NO),
    ],
)
def test_a_database_stands_at_its_own_address(
    egress: str, eni: str, verdict: Verdict, tmp_path: Path
) -> None:
    found = best(app(egress, eni), tmp_path, APP, DB)
    assert found.verdict is verdict
    if verdict is Verdict.UNKNOWN:
        assert any("describe_network_interfaces" in one for one in found.answer.conditions)


def test_of_two_databases_interfaces_either_may_be_ones_own(tmp_path: Path) -> None:
    def two(egress: str) -> Lab:
        lab = app(egress, "10.0.2.200")
        first = lab.item("eni-db")
        lab.eni("eni-db2", "subnet-b", ("sg-db",), private="10.0.2.20")
        seen = ("RequesterManaged", "Description", "Attachment")
        lab.item("eni-db2").update({key: first[key] for key in seen})
        (line,) = next(
            list(found.values()) for key, found in lab.lines.items() if key[2] == "rds:db-instance"
        )
        lab.add("rds:db-instance", "other", f"{DB}-2", dict(line["item"]))
        return lab

    assert best(two(UPPER), tmp_path / "0", APP, DB).verdict is Verdict.UNKNOWN
    assert best(two(WHOLE), tmp_path / "1", APP, DB).verdict is Verdict.YES


def inside(egress: str) -> Lab:
    """An internal load balancer whose interfaces were not collected."""
    lab = app(egress)
    lab.item("sg-app")["IpPermissionsEgress"] = [allow("tcp/443", egress)]
    lab.group("sg-lb", [allow("tcp/443", "10.0.0.0/8")])
    balancer(lab, Scheme="internal", subnets=("subnet-b",))
    target_group(lab)
    return lab


def test_a_load_balancer_may_have_any_address_of_its_subnet(tmp_path: Path) -> None:
    assert best(inside(UPPER), tmp_path / "0", APP, ALB).verdict is Verdict.UNKNOWN
    assert best(inside(WHOLE), tmp_path / "1", APP, ALB).verdict is Verdict.YES


def test_a_load_balancer_is_reached_on_its_listeners_ports_only(tmp_path: Path) -> None:
    lab = linked()
    lab.item("sg-b")["IpPermissions"] = [allow("-1", "0.0.0.0/0")]
    lab.eni("eni-c", "subnet-b", ("sg-b",), private="10.2.1.30", vpc="vpc-b")
    start = arn("network-interface", "eni-c")
    heard = best(lab, tmp_path / "0", start, NLB, ports.tcp(443))
    assert (heard.verdict, heard.ports) == (Verdict.YES, ("tcp/443",))
    other = best(lab, tmp_path / "1", start, NLB, ports.tcp(22))
    assert (other.verdict, other.ports) == (Verdict.NO, ())
    assert other.answer.steps[-1].name == "listener"
    assert not other.port_set


def test_a_load_balancer_connects_to_its_targets_only(tmp_path: Path) -> None:
    lab = behind_alb()
    lab.item("sg-web")["IpPermissions"] = [allow("-1", "0.0.0.0/0")]
    lab.eni("eni-near", "subnet-a", ("sg-web",), private="10.0.0.77", instance="i-near")
    lab.instance("i-near", ("eni-near",))
    near = arn("instance", "i-near")
    assert best(lab, tmp_path / "0", ALB, INSTANCE).verdict is Verdict.YES
    assert best(lab, tmp_path / "0", ALB, INSTANCE, ports.tcp(22)).verdict is Verdict.NO
    closed = best(lab, tmp_path / "0", ALB, near)
    assert closed.verdict is Verdict.NO
    assert closed.answer.steps[-1].name == "target"
    world = lab.build(tmp_path / "1")
    ends = [end_of(world, name) for name in (ALB, INSTANCE, near)]
    known = [one for one in ends if one is not None]
    many = many_to_many(
        world, known[:1], known[1:], lambda one, other: every_way(world, one, other)
    )
    assert [one.targets for one in many.openings] == [(INSTANCE,)]


def test_what_a_load_balancer_serves_and_was_not_read_may_be_anything(tmp_path: Path) -> None:
    lab = behind_alb()
    (line,) = next(
        list(found.values()) for key, found in lab.lines.items() if key[2] == "elbv2:target-group"
    )
    line["calls"]["describe_target_health"] = {"status": "denied"}
    assert best(lab, tmp_path, ALB, INSTANCE).verdict is Verdict.UNKNOWN
