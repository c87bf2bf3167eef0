"""Managed Kafka clusters, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, one
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION, Denied

CLUSTER = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/log/k1"
PUBLIC = {"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}}
STRINGS = {
    "BootstrapBrokerStringSaslIam": "b-1.example.com:9098",
    "BootstrapBrokerStringPublicSaslIam": "b-1-public.example.com:9198,b-2-public.example.com:9198",
}


def cluster(
    access: Any = None, *, brokers: Any = None, without: tuple[str, ...] = (), **more: Any
) -> Lab:
    lab = exposed()
    lab.group("sg-kafka", [allow("tcp/9000-9999"), allow("tcp/9000-9999", "::/0")])
    nodes = {
        "ClientSubnets": ["subnet-a"],
        "SecurityGroups": ["sg-kafka"],
        "ConnectivityInfo": PUBLIC if access is None else access,
    }
    nodes = {key: value for key, value in nodes.items() if key not in without}
    item = {
        "ClusterType": "PROVISIONED",
        "State": "ACTIVE",
        "Provisioned": {"BrokerNodeGroupInfo": nodes},
    } | more
    told = STRINGS if brokers is None else brokers
    lab.add("kafka:cluster", "k1", CLUSTER, item, get_bootstrap_brokers=told)
    return lab


def reach(lab: Lab, folder: Path, family: str = "ipv4") -> Reach:
    return one(lab, folder, CLUSTER, f"msk/{family}")


def test_a_public_cluster_is_reached_on_the_ports_of_its_public_strings(tmp_path: Path) -> None:
    found = reach(cluster(), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.YES, ("tcp/9198",))


def test_without_the_strings_every_public_port_counts(tmp_path: Path) -> None:
    found = reach(cluster(brokers=Denied), tmp_path)
    assert (found.verdict, found.ports) == (Verdict.YES, ("tcp/9194", "tcp/9196", "tcp/9198"))


@pytest.mark.parametrize(
    ("lab", "step"),
    [
        (cluster({"PublicAccess": {"Type": "DISABLED"}}), "address"),
        (cluster(without=("ConnectivityInfo",), brokers={}), "address"),
        (cluster(without=("ConnectivityInfo",), brokers=Denied), "address"),
        (cluster(ClusterType="SERVERLESS"), "address"),
    ],
    ids=["disabled", "default", "no strings", "serverless"],
)
def test_without_public_access_it_is_closed(tmp_path: Path, lab: Lab, step: str) -> None:
    found = reach(lab, tmp_path)
    assert found.verdict is Verdict.NO
    assert failing(found) == [step]


def test_public_names_tell_what_the_cluster_does_not(tmp_path: Path) -> None:
    assert reach(cluster(without=("ConnectivityInfo",)), tmp_path).verdict is Verdict.YES


def test_the_security_group_must_admit_a_public_port(tmp_path: Path) -> None:
    lab = cluster()
    lab.item("sg-kafka")["IpPermissions"] = [allow("tcp/9098")]
    assert reach(lab, tmp_path).verdict is Verdict.NO


@pytest.mark.parametrize(
    ("lab", "verdict"),
    [
        (cluster({"PublicAccess": {"Type": "ELSE"}}), Verdict.UNKNOWN),
        (cluster({"PublicAccess": {}}), Verdict.UNKNOWN),
        (cluster("x"), Verdict.UNKNOWN),
        (cluster(without=("SecurityGroups",)), Verdict.UNKNOWN),
        (cluster(without=("ClientSubnets",)), Verdict.UNKNOWN),
        (cluster(Provisioned=None), Verdict.UNKNOWN),
        (cluster(State="DELETING"), Verdict.DORMANT),
    ],
    ids=["type", "no type", "shape", "groups", "subnets", "brokers", "deleting"],
)
def test_other_locks(tmp_path: Path, lab: Lab, verdict: Verdict) -> None:
    assert reach(lab, tmp_path).verdict is verdict


def test_a_dual_stack_cluster_may_be_reached_over_ipv6(tmp_path: Path) -> None:
    found = reach(cluster(PUBLIC | {"NetworkType": "DUAL"}), tmp_path, "ipv6")
    assert (found.verdict, found.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("context:public-ipv6",),
    )
