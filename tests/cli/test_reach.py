"""``mapper reach``: who is meant, what is answered, and how it ends."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import mapper.schema as schema_package
from network.aws_shapes import IGW_V4, Lab, allow, arn
from network.between.lab import JoinedLab, peered
from network.test_load_balancers import GROUP, balancer, forward, listener, target, target_group
from snapshot_files import ACCOUNT

SCHEMA = json.loads(
    (Path(next(iter(schema_package.__path__))) / "mapper-1.schema.json").read_text()
)
A, B = arn("instance", "i-a"), arn("instance", "i-b")
DATABASE = f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:orders"


@pytest.fixture
def lab() -> JoinedLab:
    """Two machines in peered VPCs, a database beside the second, a public address for the first."""
    made = peered()
    for letter in "ab":
        made.item(f"eni-{letter}")["Attachment"] = {"InstanceId": f"i-{letter}"}
        made.instance(f"i-{letter}", (f"eni-{letter}",))
        made.item(f"i-{letter}")["Tags"] = [{"Key": "Name", "Value": f"machine-{letter}"}]
    own = {"PublicIp": "198.51.100.7"}
    made.item("eni-a")["PrivateIpAddresses"][0]["Association"] = own
    made.item("eni-a")["Association"] = own
    gateway = {"InternetGatewayId": "igw-1", "OwnerId": ACCOUNT}
    gateway["Attachments"] = [{"VpcId": "vpc-a", "State": "available"}]  # type: ignore[assignment]
    made.add("ec2:internet-gateway", "igw-1", arn("internet-gateway", "igw-1"), gateway)
    made.item("rtb-a")["Routes"].append(dict(IGW_V4))
    made.group("sg-db", [allow("tcp/5432", "10.0.0.0/8")], "vpc-b")
    item = {
        "DBInstanceIdentifier": "orders",
        "Engine": "postgres",
        "DBInstanceStatus": "available",
        "Endpoint": {"Address": "orders.abc.eu-west-1.rds.amazonaws.com", "Port": 5432},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db", "Status": "active"}],
        "DBSubnetGroup": {"VpcId": "vpc-b", "Subnets": [{"SubnetIdentifier": "subnet-b"}]},
    }
    made.add("rds:db-instance", "orders", DATABASE, item)
    return made


@pytest.fixture
def reach(
    lab: JoinedLab, tmp_path: Path, mapper: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    count = iter(range(100))
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))

    def call(*arguments: object, of: Lab = lab) -> Any:
        folder = tmp_path / str(next(count))
        of.build(folder)
        return mapper("reach", *arguments, "--snapshot", folder, "-q")

    return call


def row(outcome: Any) -> dict[str, Any]:
    made = outcome.json
    jsonschema.validate(made, SCHEMA)
    (only,) = made["rows"]
    return dict(only)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("i-a", "i-b"),
        (A, B),
        ("machine-a", "machine-b"),
        ("Machine-A", "eni-b"),
        ("10.1.1.10", "10.2.1.10"),
        ("198.51.100.7", "i-b"),
    ],
)
def test_names_ids_arns_and_addresses(reach: Any, source: str, target: str) -> None:
    found = row(reach(source, target, "--format", "json"))
    assert (found["verdict"], found["ports"], found["mechanism"]) == (
        "yes",
        ["tcp/22"],
        "peering/ipv4",
    )
    assert found["steps"][0]["name"] == "sender's state"
    assert all(step["result"] == "pass" for step in found["steps"])


def test_ports_that_are_asked_for(reach: Any) -> None:
    assert row(reach("i-a", "i-b", "--port", "22", "--format", "json"))["verdict"] == "yes"
    refused = row(reach("i-a", "i-b", "--port", "udp/22,tcp/80", "--format", "json"))
    assert (refused["verdict"], refused["ports"]) == ("no", [])
    assert "security group in" in [s["name"] for s in refused["steps"] if s["result"] == "fail"]


def test_a_database_listens_on_its_port(reach: Any, lab: JoinedLab) -> None:
    found = row(reach("i-a", "orders", "--format", "json"))
    assert (found["id"], found["verdict"], found["ports"]) == (DATABASE, "yes", ["tcp/5432"])
    lab.item("sg-db")["IpPermissions"] = [allow("tcp/22", "10.0.0.0/8")]
    assert row(reach("i-a", "orders", "--format", "json"))["verdict"] == "no"


def test_out_to_the_internet(reach: Any, lab: JoinedLab) -> None:
    found = row(reach("i-a", "internet", "--port", "443", "--format", "json"))
    assert (found["id"], found["verdict"], found["ports"]) == (
        "internet",
        "yes",
        ["tcp/443", "udp/443"],
    )
    assert row(reach("i-a", "203.0.113.9", "--format", "json"))["verdict"] == "yes"
    assert row(reach("i-b", "internet", "--format", "json"))["verdict"] == "no"


def test_in_from_the_internet(reach: Any, lab: JoinedLab) -> None:
    assert row(reach("internet", "i-a", "--format", "json"))["verdict"] == "no"
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22")]
    assert row(reach("internet", "i-a", "--format", "json"))["ports"] == ["tcp/22"]
    assert row(reach("internet", "i-a", "--port", "80", "--format", "json"))["verdict"] == "no"


def test_the_steps_are_printed_in_order(reach: Any, lab: JoinedLab) -> None:
    text = reach("i-a", "i-b").out
    assert text.startswith("i-a to i-b\n")
    marks = [line[2] for line in text.splitlines() if line[2:4].strip() in tuple("+x?~")]
    assert marks
    assert set(marks) == {"+"}
    lab.item("rtb-b")["Routes"].pop()
    refused = reach("i-a", "i-b").out
    assert "  x reply route: Route table rtb-b of subnet-b has no route to 10.1.1.10." in refused
    whole = reach("i-a", "i-b", "-v").out
    assert "accounts/111122223333/eu-west-1/ec2/route-table.jsonl#" in whole


def test_the_best_answer_leads(reach: Any, lab: JoinedLab) -> None:
    """IPv4 is closed on the way back, IPv6 is open; beside its twin with both closed."""
    assert "\nAnswer: yes: tcp/22 by peering/ipv4.\n" in reach("i-a", "i-b").out
    lab.item("vpc-b")["Ipv6CidrBlockAssociationSet"] = []
    for letter, six in (("a", "2001:db8:a::10"), ("b", "2001:db8:b::10")):
        lab.item(f"eni-{letter}")["Ipv6Addresses"] = [{"Ipv6Address": six}]
        routes = lab.item("rtb-b" if letter == "a" else "rtb-a")["Routes"]
        routes.append(
            {
                "DestinationIpv6CidrBlock": f"{six}/128",
                "VpcPeeringConnectionId": "pcx-1",
                "State": "active",
            }
        )
    six_rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    lab.item("sg-b")["IpPermissions"] = [{**six_rule, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]
    found = [one["verdict"] for one in reach("i-a", "i-b", "--format", "json").json["rows"]]
    text = reach("i-a", "i-b").out
    assert found[-1] == "no"
    assert f"\nAnswer: {found[0]}: " in text
    assert "no: ipv4" in text.splitlines()[1]
    lab.item("sg-b")["IpPermissions"] = []
    assert reach("i-a", "i-b").out.splitlines()[1] == "Answer: no: ipv4, ipv6."


def test_of_equal_ways_the_private_one_leads(reach: Any, lab: JoinedLab) -> None:
    """A neighbour that has a public address too; beside its twin that has none."""
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22")]

    def ways(public: str) -> list[str]:
        lab.eni("eni-c", "subnet-a", ("sg-a",), private="10.1.1.11", public=public, vpc="vpc-a")
        lab.item("eni-c")["Attachment"] = {"InstanceId": "i-c"}
        lab.instance("i-c", ("eni-c",))
        found = reach("i-c", "i-a", "--format", "json").json["rows"]
        return [row["mechanism"] for row in found if row["verdict"] == "yes"]

    assert ways("198.51.100.8") == ["local/ipv4", "internet/ipv4"]
    assert ways("") == ["local/ipv4"]


def test_other_formats(reach: Any) -> None:
    lines = reach("i-a", "i-b", "--format", "csv").out.splitlines()
    assert lines[0].startswith("key,id,name,")
    assert len(lines) == 2
    assert reach("i-a", "i-b", "--format", "md").out.startswith("    i-a to i-b")


def test_exit_codes(reach: Any, lab: JoinedLab) -> None:
    assert reach("i-a", "i-b").code == 0
    assert reach("i-a", "i-b", "--fail-on", "yes").code == 3
    assert reach("i-b", "internet", "--fail-on", "unknown").code == 0
    unknown = reach("i-z", "i-b")
    assert (unknown.code, "The nearest names" in unknown.err) == (2, True)
    assert reach("internet", "internet").code == 2
    assert reach("i-a", "i-b", "--port", "ssh").code == 2
    assert reach("i-a", "10.9.9.9").code == 2
    lab.item("i-b")["Tags"] = lab.item("i-a")["Tags"]
    several = reach("machine-a", "i-b")
    assert several.code == 2
    assert A in several.err
    assert B in several.err


def test_gaps_are_named(reach: Any, lab: JoinedLab) -> None:
    lab.deny("ec2.describe_network_acls")
    lab.remove("acl-a")
    lab.remove("acl-b")
    found = row(reach("i-a", "i-b", "--format", "json"))
    assert found["verdict"] == "unknown"
    assert any("describe_network_acls" in one for one in found["conditions"])
    assert "? network ACL out: Not collected" in reach("i-a", "i-b").out


def test_a_change_is_tried(reach: Any, tmp_path: Path) -> None:
    file = f"accounts/{ACCOUNT}/eu-west-1/ec2/security-group.jsonl"
    change = [{"op": "remove", "file": file, "id": arn("security-group", "sg-b")}]
    overlay = tmp_path / "change.json"
    overlay.write_text(json.dumps(change))
    found = row(reach("i-a", "i-b", "--what-if", overlay, "--format", "json"))
    assert found["verdict"] == "unknown"


def test_by_the_internet(reach: Any, lab: JoinedLab) -> None:
    """No private way, but the target's public address is open to the sender's."""
    lab.item("pcx-1")["Status"] = {"Code": "deleted"}
    assert row(reach("i-b", "i-a", "--format", "json"))["verdict"] == "no"
    own = {"PublicIp": "198.51.100.8"}
    lab.item("eni-b")["PrivateIpAddresses"][0]["Association"] = own
    item = {"InternetGatewayId": "igw-2", "OwnerId": ACCOUNT}
    item["Attachments"] = [{"VpcId": "vpc-b", "State": "available"}]  # type: ignore[assignment]
    lab.add("ec2:internet-gateway", "igw-2", arn("internet-gateway", "igw-2"), item)
    lab.item("rtb-b")["Routes"].append(dict(IGW_V4, GatewayId="igw-2"))
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22", "198.51.100.8/32")]
    found = row(reach("i-b", "i-a", "--format", "json"))
    assert (found["verdict"], found["ports"], found["mechanism"]) == (
        "yes",
        ["tcp/22"],
        "internet/ipv4",
    )
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22", "198.51.100.9/32")]
    assert row(reach("i-b", "i-a", "--format", "json"))["verdict"] == "no"


BALANCER = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/app/web/1"


@pytest.fixture
def fronted(lab: JoinedLab) -> JoinedLab:
    """A public load balancer without interfaces in the second VPC, which nothing joins."""
    lab.item("pcx-1")["Status"] = {"Code": "deleted"}
    item = {"InternetGatewayId": "igw-2", "OwnerId": ACCOUNT}
    item["Attachments"] = [{"VpcId": "vpc-b", "State": "available"}]  # type: ignore[assignment]
    lab.add("ec2:internet-gateway", "igw-2", arn("internet-gateway", "igw-2"), item)
    lab.item("rtb-b")["Routes"].append(dict(IGW_V4, GatewayId="igw-2"))
    lab.group("sg-web", [allow("tcp/80")], "vpc-b")
    served = [listener(80, 80, "HTTP", [{"Type": "fixed-response"}])]
    more = {"LoadBalancerName": "web", "VpcId": "vpc-b", "SecurityGroups": ["sg-web"]}
    balancer(lab, BALANCER, served, subnets=("subnet-b",), **more)
    return lab


def test_by_the_internet_to_a_load_balancer_that_shows_no_address(
    reach: Any, fronted: JoinedLab
) -> None:
    """Each verdict beside its twin: the sender's way out, the scheme, who is let in, the port."""
    found = row(reach("i-a", "web", "--format", "json"))
    told = (found["verdict"], found["ports"], found["mechanism"])
    assert told == ("yes", ["tcp/80"], "internet/ipv4")
    other = row(reach("i-a", "web", "--port", "81", "--format", "json"))
    failed = [step for step in other["steps"] if step["result"] == "fail"]
    assert (other["verdict"], bool(failed)) == ("no", True)
    fronted.item("sg-web")["IpPermissions"] = [allow("tcp/80", "198.51.100.7/32")]
    assert row(reach("i-a", "web", "--format", "json"))["verdict"] == "yes"
    fronted.item("sg-web")["IpPermissions"] = [allow("tcp/80", "198.51.100.9/32")]
    refused = row(reach("i-a", "web", "--format", "json"))
    failed = [step["name"] for step in refused["steps"] if step["result"] == "fail"]
    assert (refused["verdict"], failed) == ("no", ["sender's address"])
    fronted.item("sg-web")["IpPermissions"] = [allow("tcp/80")]
    fronted.item(BALANCER)["Scheme"] = "internal"
    assert row(reach("i-a", "web", "--format", "json"))["verdict"] == "no"
    fronted.item(BALANCER)["Scheme"] = "internet-facing"
    fronted.item("rtb-a")["Routes"].pop()
    assert row(reach("i-a", "web", "--format", "json"))["verdict"] == "no"


@pytest.fixture
def serving(fronted: JoinedLab) -> JoinedLab:
    """Port 80 leads to port 8080 of a machine, port 90 to nothing."""
    served = [
        listener(80, 80, "HTTP", [forward()]),
        listener(90, 90, "HTTP", [{"Type": "fixed-response"}]),
    ]
    more = {"VpcId": "vpc-b", "SecurityGroups": ["sg-web"], "DNSName": "web.example.com"}
    balancer(fronted, BALANCER, served, subnets=("subnet-b",), **more)
    target_group(fronted, GROUP, [target("i-b")])
    fronted.item(GROUP)["VpcId"] = "vpc-b"
    fronted.item("sg-web")["IpPermissions"] = [allow("tcp/80"), allow("tcp/90")]
    fronted.item("sg-b")["IpPermissions"] = [allow("tcp/8080", "10.2.0.0/16")]
    return fronted


@pytest.mark.parametrize(
    ("port", "verdict"), [("80", "yes"), ("8080", "yes"), ("90", "no"), ("8081", "no")]
)
def test_behind_a_load_balancer_either_port_is_meant(
    reach: Any, serving: JoinedLab, port: str, verdict: str
) -> None:
    found = row(reach("internet", "i-b", "--port", port, "--format", "json"))
    assert found["verdict"] == verdict
    assert found["opens"] == (["tcp/80 > tcp/8080"] if verdict == "yes" else [])
    failed = [step["name"] for step in found["steps"] if step["result"] == "fail"]
    assert bool(failed) == (verdict == "no")


def test_public_keeps_what_the_port_of_the_door_leads_to(
    serving: JoinedLab, tmp_path: Path, mapper: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    serving.build(tmp_path / "snapshot")

    def ask(port: str, form: str) -> Any:
        return mapper(
            "public", "--port", port, "--format", form, "--snapshot", tmp_path / "snapshot", "-q"
        )

    for port, there in (("80", True), ("8080", True), ("8081", False)):
        made = ask(port, "json").json
        jsonschema.validate(made, SCHEMA)
        found = {one["id"]: one for one in made["rows"]}
        assert (B in found) == there
    kept = {one["id"]: one for one in ask("8080", "json").json["rows"]}[B]
    assert (kept["ports"], kept["door_ports"]) == (["tcp/8080"], ["tcp/80"])
    assert (kept["ways"], kept["way_ports"]) == ([[BALANCER]], [["tcp/80"]])
    assert "tcp/80 > tcp/8080" in html.unescape(ask("8080", "md").out).replace("\\", "")
    assert ask("8080", "targets").out == "web.example.com:80\n"
    assert ask("90", "targets").out == "web.example.com:90\n"
    assert ask("8081", "targets").out == ""


def test_by_the_internet_to_a_database(reach: Any, fronted: JoinedLab) -> None:
    fronted.item("sg-db")["IpPermissions"] = [allow("tcp/5432")]
    assert row(reach("i-a", "orders", "--format", "json"))["verdict"] == "unknown"
    fronted.item("orders")["PubliclyAccessible"] = False
    assert row(reach("i-a", "orders", "--format", "json"))["verdict"] == "no"
    fronted.item("orders")["PubliclyAccessible"] = True
    found = row(reach("i-a", "orders", "--format", "json"))
    assert (found["verdict"], found["ports"]) == ("yes", ["tcp/5432"])


def test_from_premises(reach: Any, lab: JoinedLab) -> None:
    assert row(reach("on-prem", "i-b", "--format", "json"))["verdict"] == "no"
    without = reach("on-prem", "i-b").out
    assert "No VPN or Direct Connect leads from premises to anything in this snapshot." in without
    assert "lock" not in without
    lab.item("rtb-b")["Routes"].append(
        {"DestinationCidrBlock": "10.200.0.0/16", "GatewayId": "vgw-1", "State": "active"}
    )
    found = row(reach("on-prem:vgw-1", "i-b", "--format", "json"))
    assert (found["source"], found["verdict"]) == ("on-prem:vgw-1", "unknown")
    item = {"VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "State": "available"}
    lab.add("ec2:vpn", "vpn-1", arn("vpn-connection", "vpn-1"), item)
    found = row(reach("on-prem:vgw-1", "i-b", "--format", "json"))
    assert (found["source"], found["verdict"]) == ("on-prem:vgw-1", "yes")
    other = reach("on-prem", "i-a").out
    assert "One lock holds: reply route." in other


@pytest.fixture
def joined_by_vpn(lab: JoinedLab) -> JoinedLab:
    """Replies of the second machine to 10.200.0.0/16 go to a virtual private gateway."""
    lab.item("rtb-b")["Routes"].append(
        {"DestinationCidrBlock": "10.200.0.0/16", "GatewayId": "vgw-1", "State": "active"}
    )
    item = {"VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "State": "available"}
    lab.add("ec2:vpn", "vpn-1", arn("vpn-connection", "vpn-1"), item)
    return lab


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("10.200.0.0/16", "yes"),
        ("10.200.7.7", "yes"),
        ("10.201.0.0/16", "no"),
        ("10.201.7.7", "no"),
    ],
)
def test_private_addresses_may_be_those_of_premises(
    reach: Any, joined_by_vpn: JoinedLab, source: str, verdict: str
) -> None:
    assert row(reach(source, "i-b", "--format", "json"))["verdict"] == verdict


@pytest.mark.parametrize("cidr", ["", "10.200.9.0/24"])
def test_a_vpc_in_the_range_hides_no_premises(
    reach: Any, joined_by_vpn: JoinedLab, cidr: str
) -> None:
    """An interface elsewhere has an address in the range, or none has."""
    if cidr:
        joined_by_vpn.vpc("vpc-d", cidr)
        joined_by_vpn.subnet("subnet-d", "vpc-d", cidr)
        joined_by_vpn.eni("eni-d", "subnet-d", (), private="10.200.9.7", vpc="vpc-d")
    found = reach("10.200.0.0/16", "i-b", "--format", "json").json["rows"]
    assert [one["verdict"] for one in found] == ["yes"]
    assert "on-prem" in json.dumps(found)


@pytest.mark.parametrize(
    ("place", "code"), [("vgw-1", 0), ("10.200.0.0/16", 2), ("vgw-2", 2), ("", 2)]
)
def test_a_way_from_premises_that_is_none_is_refused(
    reach: Any, joined_by_vpn: JoinedLab, place: str, code: int
) -> None:
    outcome = reach(f"on-prem:{place}", "i-b")
    assert outcome.code == code
    assert ("Known: on-prem:vgw-1" in outcome.err) is bool(code)


def test_hostile_names_reach_no_terminal(reach: Any, lab: JoinedLab) -> None:
    lab.item("i-a")["Tags"] = [{"Key": "Name", "Value": "evil\x1b[31m\u202e"}]
    outcome = reach("evil\x1b[31m\u202e", "i-b")
    assert outcome.code == 0
    assert "\x1b" not in outcome.out


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        (("internet", "2600::/16"), "FROM and TO are both on the outside"),
        (("machine-a", A), f"FROM and TO are the same thing, {A}"),
        (("10.9.0.0/16", "i-a"), "What comes from networks on premises: mapper reach on-prem TO."),
    ],
)
def test_questions_without_an_answer_say_what_to_ask(
    reach: Any, ends: tuple[str, str], told: str
) -> None:
    outcome = reach(*ends)
    assert outcome.code == 2
    assert told in outcome.err
