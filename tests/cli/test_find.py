"""``mapper find``: whose is it, where, is it exposed?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from recording_files import ACCOUNT, Recording
from tests.cli.conftest import Outcome
from tests.cli.test_answers import VALIDATOR

INSTANCE = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0aaaaaaaaaaaaaaaa"
EVERYBODY = {
    "IpProtocol": "tcp",
    "FromPort": 22,
    "ToPort": 22,
    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
}
NOBODY = EVERYBODY | {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}


def recorded(folder: Path, permission: dict) -> Path:
    """A machine with a public address behind one security group."""
    record = Recording(folder)
    vpc, subnet, group = "vpc-0aaaaaaaaaaaaaaaa", "subnet-0aaaaaaaaaaaaaaaa", "sg-0aaaaaaaaaaaaaaaa"
    interface = {
        "NetworkInterfaceId": "eni-0aaaaaaaaaaaaaaaa",
        "InterfaceType": "interface",
        "Status": "in-use",
        "OwnerId": ACCOUNT,
        "VpcId": vpc,
        "SubnetId": subnet,
        "PrivateIpAddress": "10.0.1.15",
        "PrivateIpAddresses": [
            {
                "PrivateIpAddress": "10.0.1.15",
                "Primary": True,
                "Association": {"PublicIp": "203.0.113.7"},
            }
        ],
        "Association": {"PublicIp": "203.0.113.7"},
        "Attachment": {"InstanceId": "i-0aaaaaaaaaaaaaaaa", "Status": "attached"},
        "Groups": [{"GroupId": group}],
    }
    machine = {
        "InstanceId": "i-0aaaaaaaaaaaaaaaa",
        "State": {"Name": "running"},
        "VpcId": vpc,
        "SubnetId": subnet,
        "PublicIpAddress": "203.0.113.7",
        "NetworkInterfaces": [interface],
        "SecurityGroups": [{"GroupId": group}],
        "Tags": [
            {"Key": "Name", "Value": "\x1b[31mbastion"},
            {"Key": "Owner", "Value": "payments"},
        ],
    }
    acl = {"Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0", "RuleNumber": 100}
    route = {
        "DestinationCidrBlock": "0.0.0.0/0",
        "GatewayId": "igw-0aaaaaaaaaaaaaaaa",
        "State": "active",
    }
    answers = {
        "describe_instances": {"Reservations": [{"Instances": [machine]}]},
        "describe_network_interfaces": {"NetworkInterfaces": [interface]},
        "describe_vpcs": {"Vpcs": [{"VpcId": vpc, "OwnerId": ACCOUNT, "CidrBlock": "10.0.0.0/16"}]},
        "describe_subnets": {
            "Subnets": [
                {
                    "SubnetId": subnet,
                    "VpcId": vpc,
                    "OwnerId": ACCOUNT,
                    "AvailabilityZone": "eu-west-1a",
                    "CidrBlock": "10.0.1.0/24",
                }
            ]
        },
        "describe_security_groups": {
            "SecurityGroups": [
                {"GroupId": group, "OwnerId": ACCOUNT, "VpcId": vpc, "IpPermissions": [permission]}
            ]
        },
        "describe_network_acls": {
            "NetworkAcls": [
                {
                    "NetworkAclId": "acl-0aaaaaaaaaaaaaaaa",
                    "VpcId": vpc,
                    "OwnerId": ACCOUNT,
                    "Associations": [{"SubnetId": subnet}],
                    "Entries": [{**acl, "Egress": True}, {**acl, "Egress": False}],
                }
            ]
        },
        "describe_route_tables": {
            "RouteTables": [
                {
                    "RouteTableId": "rtb-0aaaaaaaaaaaaaaaa",
                    "VpcId": vpc,
                    "OwnerId": ACCOUNT,
                    "Associations": [{"Main": True}],
                    "Routes": [route],
                }
            ]
        },
        "describe_internet_gateways": {
            "InternetGateways": [
                {
                    "InternetGatewayId": "igw-0aaaaaaaaaaaaaaaa",
                    "OwnerId": ACCOUNT,
                    "Attachments": [{"VpcId": vpc, "State": "available"}],
                }
            ]
        },
        "describe_addresses": {
            "Addresses": [
                {
                    "PublicIp": "203.0.113.7",
                    "AllocationId": "eipalloc-0aaaaaaaaaaaaaaaa",
                    "InstanceId": "i-0aaaaaaaaaaaaaaaa",
                }
            ]
        },
        "describe_vpc_block_public_access_options": {
            "VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}
        },
        "describe_vpc_block_public_access_exclusions": {"VpcBlockPublicAccessExclusions": []},
        "describe_security_group_vpc_associations": {"SecurityGroupVpcAssociations": []},
        "describe_managed_prefix_lists": {"PrefixLists": []},
    }
    for operation, answer in answers.items():
        record.put(f"ec2.{operation}", answer)
    record.follow("ec2.describe_instance_attribute", "i-0aaaaaaaaaaaaaaaa", {"UserData": {}})
    record.load()
    return record.into


@pytest.fixture
def look(
    tmp_path: Path, mapper: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Outcome]:
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)

    def call(text: str, *more: str, permission: dict = EVERYBODY) -> Outcome:
        folder = tmp_path / str(permission["IpRanges"][0]["CidrIp"]).partition("/")[0]
        path = folder / "snapshot"
        if not path.exists():
            recorded(folder, permission)
        return mapper("find", text, "-q", "--snapshot", path, *more)

    return call


@pytest.mark.parametrize("text", ["203.0.113.7", "10.0.1.99", "Owner=payments", "i-0aaa", "none"])
def test_json_is_as_the_schema_says(look: Callable[..., Outcome], text: str) -> None:
    VALIDATOR.validate(look(text, "--format", "json").json)


def by_type(outcome: Outcome) -> dict[str, dict]:
    return {row["resource_type"]: row for row in outcome.json["rows"]}


def test_an_exposed_address_is_the_machines_and_so_are_its_interface_and_elastic_address(
    look: Callable[..., Outcome],
) -> None:
    rows = by_type(look("203.0.113.7", "--format", "json"))
    machine = rows["AWS::EC2::Instance"]
    assert machine["id"] == INSTANCE
    assert machine["verdict"] == "yes"
    assert machine["account_id"] == ACCOUNT
    assert {"pointer": "/item/PublicIpAddress", "value": "203.0.113.7", "how": "same"}.items() <= (
        machine["places"][0].items()
    )
    assert rows["AWS::EC2::EIP"]["verdict"] == "yes"
    assert rows["AWS::EC2::NetworkInterface"]["verdict"] == "yes"
    assert machine["public"]


def test_the_same_address_behind_a_closed_group_is_not_exposed(
    look: Callable[..., Outcome],
) -> None:
    rows = by_type(look("203.0.113.7", "--format", "json", permission=NOBODY))
    assert rows["AWS::EC2::Instance"]["verdict"] == "no"
    assert rows["AWS::EC2::EIP"]["verdict"] == "no"
    assert rows["AWS::EC2::Instance"]["judged"] is True
    assert rows["AWS::EC2::Instance"]["public"] == []


def test_an_unassigned_address_lies_in_its_subnet_and_vpc(look: Callable[..., Outcome]) -> None:
    rows = by_type(look("10.0.1.99", "--format", "json"))
    assert set(rows) == {"AWS::EC2::Subnet", "AWS::EC2::VPC"}
    assert {row["match"] for row in rows.values()} == {"range"}
    assert {row["judged"] for row in rows.values()} == {False}
    assert {row["verdict"] for row in rows.values()} == {"unknown"}


def test_a_table_names_the_key_to_explain_and_holds_no_control_characters(
    look: Callable[..., Outcome],
) -> None:
    outcome = look("Owner=payments")
    assert "found in 1 resource" in outcome.out
    assert "mapper explain" in outcome.out
    assert "\x1b" not in outcome.out


def test_what_is_not_found_says_what_could_not_be_read(look: Callable[..., Outcome]) -> None:
    outcome = look("nothing.example.org")
    assert outcome.code == 0
    assert "found nowhere" in outcome.out
    assert re.search(r"could not be read cannot be found: \d+ gaps", outcome.out)
    whole = json.loads(look("nothing.example.org", "--format", "json").out)
    assert whole["rows"] == []
    assert whole["coverage"]["complete"] is False


def test_an_access_key_says_whose_it_is_though_nobody_holds_it(
    look: Callable[..., Outcome],
) -> None:
    assert "belongs to account 029608264753" in look("ASIAQNZGKIQY56JQ7WML").out


def test_an_empty_text_is_wrong_usage(look: Callable[..., Outcome]) -> None:
    outcome = look("  ")
    assert outcome.code == 2
    assert "TEXT is empty" in outcome.err
