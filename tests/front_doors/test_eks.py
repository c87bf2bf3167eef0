"""EKS clusters: the API and remote access to managed nodes, each case with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors.door_lab import failing, judged, one
from graph.verdict import Verdict
from network.aws_shapes import Lab, allow, exposed
from snapshot_files import ACCOUNT, REGION, Absent, Denied

CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/prod"
ENDPOINT = "https://ABC.gr7.eu-west-1.eks.amazonaws.com"


def cluster(lab: Lab | None = None, status: str = "ACTIVE", **config: Any) -> Lab:
    lab = lab or Lab()
    calls = {
        key: config.pop(key)
        for key in list(config)
        if key.startswith(("describe", "list")) or key == "nodes"
    }
    family = config.pop("ipFamily", "ipv4")
    endpoint = config.pop("endpoint", ENDPOINT)
    told = {
        "name": "prod",
        "status": status,
        "endpoint": endpoint,
        "kubernetesNetworkConfig": {"ipFamily": family},
        "resourcesVpcConfig": {"endpointPublicAccess": True} | config,
    }
    nodes = calls.pop("nodes", {})
    named = {f"describe_nodegroup(nodegroupName={name})": value for name, value in nodes.items()}
    made = {"describe_cluster": {"cluster": told}, "list_nodegroups": sorted(nodes)}
    lab.add("eks:cluster", "prod", CLUSTER, {"name": "prod"}, **(made | named | calls))
    return lab


def test_a_public_api_asks_for_iam(tmp_path: Path) -> None:
    reach = one(cluster(), tmp_path, CLUSTER, "eks/ipv4")
    assert reach.verdict is Verdict.CONDITIONAL
    assert reach.answer.conditions == ("authn:iam",)
    assert reach.ports == ("tcp/443",)
    assert any("abc.gr7" in text for text in reach.answer.evidence)


def test_a_private_api_is_not_reached(tmp_path: Path) -> None:
    reach = one(cluster(endpointPublicAccess=False), tmp_path, CLUSTER, "eks/ipv4")
    assert reach.verdict is Verdict.NO
    assert failing(reach) == ["public endpoint"]


def test_a_closed_api_is_no_even_of_a_failed_cluster(tmp_path: Path) -> None:
    lab = cluster(endpointPublicAccess=False, status="FAILED")
    assert one(lab, tmp_path, CLUSTER, "eks/ipv4").verdict is Verdict.NO


def test_a_cluster_that_is_not_up_is_dormant(tmp_path: Path) -> None:
    reach = one(cluster(status="CREATING"), tmp_path, CLUSTER, "eks/ipv4")
    assert reach.verdict is Verdict.DORMANT


def test_what_was_not_read_is_unknown(tmp_path: Path) -> None:
    reach = one(cluster(describe_cluster=Denied), tmp_path, CLUSTER, "eks/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
    assert any("describe_cluster" in term for term in reach.answer.conditions)


@pytest.mark.parametrize(
    ("cidrs", "sources"),
    [
        (["0.0.0.0/0"], {"internet"}),
        ([], {"internet"}),
        (["203.0.113.0/24"], {"cidr:203.0.113.0/24"}),
    ],
)
def test_ranges_narrow_the_source(tmp_path: Path, cidrs: list[str], sources: set[str]) -> None:
    found = judged(cluster(publicAccessCidrs=cidrs), tmp_path)
    assert {r.source for r in found if r.mechanism == "eks/ipv4"} == sources


@pytest.mark.parametrize(
    ("family", "endpoint", "families"),
    [
        ("ipv6", "https://ABC.eks-cluster.eu-west-1.api.aws", {"ipv4", "ipv6"}),
        ("ipv6", ENDPOINT, {"ipv4"}),
        ("ipv4", ENDPOINT, {"ipv4"}),
    ],
)
def test_new_clusters_of_ipv6_are_dual_stack(
    tmp_path: Path, family: str, endpoint: str, families: set[str]
) -> None:
    found = judged(cluster(ipFamily=family, endpoint=endpoint), tmp_path)
    assert {str(r.family) for r in found if r.mechanism.startswith("eks/")} == families


def nodes(remote: dict[str, Any], **more: Any) -> dict[str, Any]:
    group = {
        "nodegroupName": "workers",
        "subnets": ["subnet-a"],
        "amiType": "AL2023_x86_64_STANDARD",
        "scalingConfig": {"desiredSize": 2},
        "remoteAccess": remote,
        "resources": {"remoteAccessSecurityGroup": "sg-web"},
    }
    return {"workers": {"nodegroup": group | more}}


KEY = {"ec2SshKey": "ops"}


def public(permissions: list[dict[str, Any]] | None = None) -> Lab:
    lab = exposed(permissions)
    lab.item("subnet-a")["MapPublicIpOnLaunch"] = True
    return lab


def test_a_key_without_source_groups_opens_ssh(tmp_path: Path) -> None:
    reach = one(cluster(public(), nodes=nodes(KEY)), tmp_path, CLUSTER, "eks-nodes/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/22",))


@pytest.mark.parametrize("remote", [{}, KEY | {"sourceSecurityGroups": ["sg-1"]}])
def test_without_a_key_or_with_source_groups_it_does_not(
    tmp_path: Path, remote: dict[str, Any]
) -> None:
    reach = one(cluster(public(), nodes=nodes(remote)), tmp_path, CLUSTER, "eks-nodes/ipv4")
    assert reach.verdict is Verdict.NO
    assert failing(reach) == ["ssh key"]


def test_windows_nodes_open_rdp(tmp_path: Path) -> None:
    lab = cluster(public([allow("tcp/3389")]), nodes=nodes(KEY, amiType="WINDOWS_CORE_2022_x86_64"))
    reach = one(lab, tmp_path, CLUSTER, "eks-nodes/ipv4")
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/3389",))


def test_nodes_without_public_addresses_are_not_reached(tmp_path: Path) -> None:
    reach = one(cluster(exposed(), nodes=nodes(KEY)), tmp_path, CLUSTER, "eks-nodes/ipv4")
    assert failing(reach) == ["address"]


def test_a_remote_access_group_that_was_closed_by_hand_closes(tmp_path: Path) -> None:
    lab = cluster(public([allow("tcp/22", "10.0.0.0/8")]), nodes=nodes(KEY))
    reach = one(lab, tmp_path, CLUSTER, "eks-nodes/ipv4")
    assert failing(reach) == ["security group"]


def test_a_group_scaled_to_nothing_is_dormant(tmp_path: Path) -> None:
    lab = cluster(public(), nodes=nodes(KEY, scalingConfig={"desiredSize": 0}))
    assert one(lab, tmp_path, CLUSTER, "eks-nodes/ipv4").verdict is Verdict.DORMANT


@pytest.mark.parametrize(("value", "verdict"), [(Denied, "unknown"), (Absent, "no")])
def test_node_groups_that_were_not_read_are_unknown(
    tmp_path: Path, value: Any, verdict: str
) -> None:
    reach = one(cluster(list_nodegroups=value), tmp_path, CLUSTER, "eks-nodes/ipv4")
    assert reach.verdict == verdict


def test_a_node_group_that_was_not_read_is_unknown(tmp_path: Path) -> None:
    reach = one(cluster(nodes={"workers": Denied}), tmp_path, CLUSTER, "eks-nodes/ipv4")
    assert reach.verdict is Verdict.UNKNOWN
