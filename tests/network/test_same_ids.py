"""Worlds side by side: the same ids elsewhere change nothing and hide nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from graph.network.between.ends import end_of
from graph.network.exposure import internet_reach
from graph.verdict import Verdict
from network.aws_shapes import ENI, IGW_V4, INSTANCE, LOCAL, Lab, allow, arn, exposed, open_acl
from network.test_load_balancers import CLB
from snapshot_files import ACCOUNT, REGION, Denied

OTHER = "999988887777"
ELSEWHERE = "us-east-1"


class TwoRegions(Lab):
    """A lab whose calls were answered in a second region too."""

    def ledger(self) -> Any:
        for row in super().ledger():
            yield row
            yield row | {"region": ELSEWHERE}


def beside(lab: Lab, old: str, new: str) -> Lab:
    """The lab and a copy of it, in which an account or a region is another one."""
    made = TwoRegions({key: dict(rows) for key, rows in lab.lines.items()})
    for (account, region, kind), rows in lab.lines.items():
        place = (account.replace(old, new), region.replace(old, new), kind)
        made.lines[place] = json.loads(json.dumps(rows).replace(old, new))
    return made


def told(lab: Lab, folder: Path) -> set[tuple[object, ...]]:
    found = internet_reach(lab.build(folder))
    return {
        (r.target, r.mechanism, r.source, r.verdict, r.ports, r.answer.conditions) for r in found
    }


def moved(rows: Iterable[tuple[object, ...]], old: str, new: str) -> set[tuple[object, ...]]:
    return {(str(target).replace(old, new), *rest) for target, *rest in rows}


@pytest.mark.parametrize(("old", "new"), [(ACCOUNT, OTHER), (REGION, ELSEWHERE)])
@pytest.mark.parametrize("ports", ["tcp/22", ""])
def test_the_same_ids_in_another_place_are_another_world(
    tmp_path: Path, old: str, new: str, ports: str
) -> None:
    lab = exposed([allow(ports)] if ports else [])
    alone = told(lab, tmp_path / "alone")
    assert {row[3] for row in alone} == {Verdict.YES if ports else Verdict.NO}
    both = told(beside(lab, old, new), tmp_path / "both")
    assert both == alone | moved(alone, old, new)


def test_what_is_closed_in_one_of_two_worlds_stays_closed(tmp_path: Path) -> None:
    lab = beside(exposed(), ACCOUNT, OTHER)
    group = lab.lines[OTHER, REGION, "ec2:security-group"]["sg-web"]
    group["item"]["IpPermissions"] = []
    found = {row[0]: row[3] for row in told(lab, tmp_path)}
    assert found == {INSTANCE: Verdict.YES, INSTANCE.replace(ACCOUNT, OTHER): Verdict.NO}


def test_an_id_that_two_places_know_and_the_line_is_in_neither_is_not_known(
    tmp_path: Path,
) -> None:
    lab = beside(exposed(), ACCOUNT, OTHER)
    third = "444455556666"
    lab.lines[third, REGION, "ec2:network-interface"] = json.loads(
        json.dumps(lab.lines[ACCOUNT, REGION, "ec2:network-interface"]).replace(ACCOUNT, third)
    )
    world = lab.build(tmp_path)
    assert world.interfaces[ENI].subnet == arn("subnet", "subnet-a")
    assert world.interfaces[ENI.replace(ACCOUNT, third)].subnet == "subnet-a"


LIST = f"arn:aws:ec2:{REGION}:aws:prefix-list/pl-x"


def listed(*refused: str, told_by: tuple[str, ...] = (ACCOUNT, OTHER)) -> Lab:
    """A rule for an AWS-owned list that two accounts see, its entries refused to some."""
    lab = exposed([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                    "PrefixListIds": [{"PrefixListId": "pl-x"}]}])  # fmt: skip
    item = {"PrefixListId": "pl-x", "PrefixListName": "com.amazonaws.x", "OwnerId": "AWS"}
    for account in told_by:
        entries: Any = Denied if account in refused else [{"Cidr": "3.2.16.0/24"}]
        lab.add("ec2:prefix-list", "pl-x", LIST, item, account,
                get_managed_prefix_list_entries=entries)  # fmt: skip
    return lab


@pytest.mark.parametrize("refused", [(), (ACCOUNT,), (OTHER,)])
def test_one_account_that_reads_a_shared_list_is_enough(
    tmp_path: Path, refused: tuple[str, ...]
) -> None:
    expected = told(listed(told_by=(ACCOUNT,)), tmp_path / "alone")
    assert told(listed(*refused), tmp_path / "both") == expected
    assert {row[2:4] for row in expected} == {("cidr:3.2.16.0/24", Verdict.YES)}


def test_a_list_that_no_account_reads_is_not_known(tmp_path: Path) -> None:
    found = told(listed(ACCOUNT, OTHER), tmp_path)
    assert {row[3] for row in found} == {Verdict.UNKNOWN}


def two_classic(name: str, owner: str = ACCOUNT) -> Lab:
    """A load balancer's interface in one account, a classic load balancer in another (or it)."""
    lab = exposed()
    item = {"LoadBalancerName": name, "Scheme": "internet-facing", "VPCId": "vpc-1",
            "Subnets": ["subnet-a"], "SecurityGroups": ["sg-web"],
            "ListenerDescriptions": [], "Instances": []}  # fmt: skip
    node = CLB.rpartition("/")[0].replace(ACCOUNT, owner) + f"/{name}"
    lab.add("elb:load-balancer", name, node, item, owner)
    lab.vpc("vpc-b", "10.0.0.0/16", OTHER)
    lab.subnet("subnet-b", "vpc-b", "10.0.0.0/24", account=OTHER)
    lab.table("rtb-b", "vpc-b", [dict(LOCAL), {**IGW_V4, "GatewayId": "igw-b"}], main=True,
              account=OTHER)  # fmt: skip
    gateway = {"InternetGatewayId": "igw-b", "OwnerId": OTHER,
               "Attachments": [{"VpcId": "vpc-b", "State": "available"}]}  # fmt: skip
    lab.add(
        "ec2:internet-gateway", "igw-b", arn("internet-gateway", "igw-b", OTHER), gateway, OTHER
    )
    lab.acl("acl-b", "vpc-b", open_acl(), ("subnet-b",), OTHER)
    lab.group("sg-b", [allow("tcp/443")], "vpc-b", OTHER)
    lab.eni("eni-b", "subnet-b", ("sg-b",), private="10.0.0.40", public="198.51.100.40",
            vpc="vpc-b", account=OTHER, Description="ELB old")  # fmt: skip
    return lab


def test_a_balancer_of_the_same_name_in_another_account_hides_no_interface(
    tmp_path: Path,
) -> None:
    theirs = arn("network-interface", "eni-b", OTHER)

    def seen(lab: Lab, folder: str) -> bool:
        return theirs in {row[0] for row in told(lab, tmp_path / folder)}

    assert seen(two_classic("other"), "a")
    assert seen(two_classic("old"), "b")
    assert not seen(two_classic("old", OTHER), "c")


def test_a_balancer_sends_by_its_own_accounts_interfaces(tmp_path: Path) -> None:
    lab = two_classic("old")
    lab.eni("eni-own", "subnet-a", ("sg-web",), private="10.0.0.77", Description="ELB old")
    world = lab.build(tmp_path)
    end = end_of(world, CLB.rpartition("/")[0] + "/old")
    assert end is not None
    assert [one.id for one in end.interfaces] == [arn("network-interface", "eni-own")]


@pytest.mark.parametrize(("refused", "seen"), [(False, False), (True, True)])
def test_a_databases_interface_is_judged_where_databases_may_be_missing(
    tmp_path: Path, refused: bool, seen: bool
) -> None:
    lab = exposed()
    lab.eni("eni-db", "subnet-a", ("sg-web",), private="10.0.0.50", public="198.51.100.50",
            Description="RDSNetworkInterface")  # fmt: skip
    node = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:one"
    lab.add("rds:db-instance", "one", node, {
        "DBInstanceIdentifier": "one", "Engine": "postgres", "PubliclyAccessible": True,
        "Endpoint": {"Port": 22}, "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-web"}],
        "DBSubnetGroup": {"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-a"}]},
    })  # fmt: skip
    if refused:
        lab.deny("rds.describe_db_instances")
    targets = {row[0] for row in told(lab, tmp_path)}
    assert node in targets
    assert (arn("network-interface", "eni-db") in targets) is seen
