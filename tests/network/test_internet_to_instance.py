"""The internet and one instance: each case with its twin, which differs in one control."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graph.network.internet import internet_to_interface
from graph.network.prefixes import Family
from graph.network.reach import Reach
from graph.verdict import Verdict
from network.aws_shapes import ENI, INSTANCE, Lab, allow, arn, entry, exposed, open_acl
from snapshot_files import ACCOUNT, Denied

Build = Callable[[Lab], list[Reach]]


@pytest.fixture
def judge(tmp_path: Path) -> Build:
    count = iter(range(100))

    def run(lab: Lab, eni: str = ENI) -> list[Reach]:
        world = lab.build(tmp_path / str(next(count)))
        return internet_to_interface(world, world.interfaces[eni])

    return run


def over(found: list[Reach], family: Family = Family.IPV4) -> Reach:
    (one,) = [reach for reach in found if reach.family is family]
    return one


def failing(reach: Reach) -> list[str]:
    return [step.name for step in reach.answer.steps if step.result == "fail"]


def test_open_instance_is_reached_with_the_whole_proof(judge: Build) -> None:
    reach = over(judge(exposed()))
    assert (reach.source, reach.target, reach.via) == ("internet", INSTANCE, (ENI,))
    assert reach.verdict is Verdict.YES
    assert reach.ports == ("tcp/22",)
    assert reach.mechanism == "eni/ipv4"
    assert reach.answer.conditions == ()
    assert [step.name for step in reach.answer.steps] == [
        "address",
        "VPC block public access",
        "internet gateway",
        "return route",
        "ingress routing",
        "network ACL in",
        "network ACL out",
        "security group",
        "state",
        "inspection",
        "listener",
    ]
    assert any(ref.pointer == "/item/Routes/1" for s in reach.answer.steps for ref in s.refs)


def test_no_route_to_the_gateway_is_no(judge: Build) -> None:
    lab = exposed()
    lab.item("rtb-main")["Routes"].pop(1)
    reach = over(judge(lab))
    assert reach.verdict is Verdict.NO
    assert failing(reach) == ["return route"]
    assert "no IPv4 route" in reach.answer.why


def test_subnet_without_association_uses_the_main_table_and_an_explicit_one_wins(
    judge: Build,
) -> None:
    lab = exposed()
    assert over(judge(lab)).verdict is Verdict.YES
    lab.table("rtb-private", "vpc-1", [lab.item("rtb-main")["Routes"][0]], subnets=("subnet-a",))
    assert failing(over(judge(lab))) == ["return route"]


def test_blackhole_route_drops(judge: Build) -> None:
    lab = exposed()
    lab.item("rtb-main")["Routes"][1]["State"] = "blackhole"
    reach = over(judge(lab))
    assert failing(reach) == ["return route"]
    (step,) = [s for s in reach.answer.steps if s.result == "fail"]
    assert step.code == "BAD_STATE_ROUTE"


def test_two_halves_are_the_whole_and_one_half_is_broad(judge: Build) -> None:
    lab = exposed()
    routes = lab.item("rtb-main")["Routes"]
    routes[1]["DestinationCidrBlock"] = "0.0.0.0/1"
    routes.append(dict(routes[1], DestinationCidrBlock="128.0.0.0/1"))
    assert over(judge(lab)).source == "internet"
    routes.pop()
    reach = over(judge(lab))
    assert (reach.source, reach.verdict, reach.broad) == ("cidr:0.0.0.0/1", Verdict.YES, True)


def test_narrow_route_beside_a_nat_gateway_leaves_that_range_only(judge: Build) -> None:
    lab = exposed()
    routes = lab.item("rtb-main")["Routes"]
    routes[1] = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
    assert failing(over(judge(lab))) == ["return route"]
    routes.append(
        {"DestinationCidrBlock": "203.0.113.0/24", "GatewayId": "igw-1", "State": "active"}
    )
    reach = over(judge(lab))
    assert (reach.source, reach.broad) == ("cidr:203.0.113.0/24", False)
    assert reach.verdict is Verdict.YES


def test_acl_deny_above_an_allow_closes_the_port_and_below_it_does_not(judge: Build) -> None:
    lab = exposed([allow("tcp/22"), allow("tcp/80")])
    entries = lab.item("acl-1")["Entries"]
    entries.append(entry(50, "deny", protocol="6", ports=(22, 22)))
    assert over(judge(lab)).ports == ("tcp/80",)
    entries[-1]["RuleNumber"] = 150
    assert over(judge(lab)).ports == ("tcp/22", "tcp/80")


@pytest.mark.parametrize(
    ("ports", "verdict", "conditions"),
    [
        ((443, 443), Verdict.NO, ()),
        ((32768, 65535), Verdict.CONDITIONAL, ("ports:client-port=32768-65535",)),
        ((1024, 65535), Verdict.YES, ()),
    ],
)
def test_replies_need_the_clients_ports(
    judge: Build, ports: tuple[int, int], verdict: Verdict, conditions: tuple[str, ...]
) -> None:
    lab = exposed()
    lab.item("acl-1")["Entries"] = [
        entry(100),
        entry(100, egress=True, protocol="6", ports=ports),
    ]
    reach = over(judge(lab))
    assert (reach.verdict, reach.answer.conditions) == (verdict, conditions)
    assert failing(reach) == (["network ACL out"] if verdict is Verdict.NO else [])


def test_udp_without_a_reply_is_one_way(judge: Build) -> None:
    lab = exposed([allow("udp/161")])
    assert over(judge(lab)).verdict is Verdict.YES
    lab.item("acl-1")["Entries"] = [entry(100)]
    reach = over(judge(lab))
    assert (reach.verdict, reach.answer.conditions) == (Verdict.CONDITIONAL, ("ports:one-way",))


def test_customer_prefix_list_opens_what_it_holds(judge: Build) -> None:
    lab = exposed(
        [
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "PrefixListIds": [{"PrefixListId": "pl-1"}],
            }
        ]
    )
    lab.prefix_list("pl-1", ["0.0.0.0/0"])
    assert over(judge(lab)).source == "internet"
    twin = lab.twin()
    twin.prefix_list("pl-1", ["203.0.113.0/24"])
    assert over(judge(twin)).source == "cidr:203.0.113.0/24"
    twin.prefix_list("pl-1", Denied)
    reach = over(judge(twin))
    assert reach.verdict is Verdict.UNKNOWN
    assert "get_managed_prefix_list_entries" in reach.answer.conditions[0]


@pytest.mark.parametrize("entries", [["130.176.0.0/16"], Denied])
def test_cloudfront_list_is_any_customer_of_cloudfront(judge: Build, entries: object) -> None:
    lab = exposed(
        [
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "PrefixListIds": [{"PrefixListId": "pl-cf"}],
            }
        ]
    )
    name = "com.amazonaws.global.cloudfront.origin-facing"
    lab.prefix_list("pl-cf", entries, title=name, owner="AWS")
    reach = over(judge(lab))
    assert (reach.source, reach.verdict) == ("any-customer-of:cloudfront", Verdict.YES)
    lab.prefix_list("pl-cf", ["130.176.0.0/16"], title=name, owner=ACCOUNT)
    assert over(judge(lab)).source == "cidr:130.176.0.0/16"


def v6(lab: Lab, address: str = "2001:db8::10") -> Lab:
    lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2001:db8::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    lab.item("eni-web")["Ipv6Addresses"] = [{"Ipv6Address": address}]
    return lab


def test_ipv6_is_judged_on_its_own(judge: Build) -> None:
    lab = v6(exposed([allow("tcp/22", "::/0")]))
    found = judge(lab)
    assert over(found, Family.IPV6).verdict is Verdict.YES
    assert over(found, Family.IPV6).mechanism == "eni/ipv6"
    assert failing(over(found)) == ["security group"]


def test_egress_only_gateway_takes_nothing_in(judge: Build) -> None:
    lab = v6(exposed([allow("tcp/22", "::/0")]))
    route = lab.item("rtb-main")["Routes"][2]
    del route["GatewayId"]
    route["EgressOnlyInternetGatewayId"] = "eigw-1"
    assert failing(over(judge(lab), Family.IPV6)) == ["return route"]


def test_deny_all_igw_traffic_and_private_ipv6_are_no_address(judge: Build) -> None:
    lab = v6(exposed([allow("tcp/22", "::/0")]))
    lab.item("eni-web")["DenyAllIgwTraffic"] = True
    assert failing(over(judge(lab), Family.IPV6)) == ["address"]
    lab.item("eni-web")["DenyAllIgwTraffic"] = False
    assert over(judge(lab), Family.IPV6).verdict is Verdict.YES
    block = lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"][0]
    block["Ipv6AddressAttribute"] = "private"
    assert failing(over(judge(lab), Family.IPV6)) == ["address"]
    assert failing(over(judge(v6(exposed([allow("tcp/22", "::/0")]), "fd00::1")), Family.IPV6)) == [
        "address"
    ]


def test_moto_subnet_ipv6_state_as_text_counts_as_associated(judge: Build) -> None:
    lab = v6(exposed([allow("tcp/22", "::/0")]))
    block = lab.item("subnet-a")["Ipv6CidrBlockAssociationSet"][0]
    block["Ipv6CidrBlockState"] = {"State": {"State": "associated"}}
    assert over(judge(lab), Family.IPV6).verdict is Verdict.YES


def test_elastic_ip_on_a_second_address_and_told_by_describe_addresses(judge: Build) -> None:
    lab = exposed()
    item = lab.item("eni-web")
    del item["Association"]
    item["PrivateIpAddresses"] = [
        {"PrivateIpAddress": "10.0.0.10"},
        {"PrivateIpAddress": "10.0.0.11", "Association": {"PublicIp": "198.51.100.8"}},
    ]
    lab.instance("i-web", ("eni-web",))
    assert over(judge(lab)).verdict is Verdict.YES
    del item["PrivateIpAddresses"][1]["Association"]
    lab.instance("i-web", ("eni-web",))
    assert failing(over(judge(lab))) == ["address"]
    lab.add(
        "ec2:address",
        "eip",
        arn("elastic-ip", "eipalloc-1"),
        {
            "PublicIp": "198.51.100.8",
            "NetworkInterfaceId": "eni-web",
            "PrivateIpAddress": "10.0.0.11",
        },
    )
    assert over(judge(lab)).verdict is Verdict.YES


def test_stopped_instance_with_an_elastic_ip_is_dormant(judge: Build) -> None:
    lab = exposed()
    lab.item("i-web")["State"]["Name"] = "stopped"
    reach = over(judge(lab))
    assert (reach.verdict, reach.ports) == (Verdict.DORMANT, ("tcp/22",))
    lab.item("i-web")["State"]["Name"] = "terminated"
    assert failing(over(judge(lab))) == ["state"]


def test_stopped_instance_without_address_sleeps_only_where_the_subnet_gives_one(
    judge: Build,
) -> None:
    lab = exposed()
    item = lab.item("eni-web")
    del item["Association"], item["PrivateIpAddresses"][0]["Association"]
    lab.instance("i-web", ("eni-web",), "stopped")
    assert over(judge(lab)).verdict is Verdict.UNKNOWN
    lab.item("subnet-a")["MapPublicIpOnLaunch"] = True
    assert over(judge(lab)).verdict is Verdict.DORMANT
    lab.eni("eni-2", "subnet-a", ("sg-web",), private="10.0.0.11", instance="i-web")
    lab.instance("i-web", ("eni-web", "eni-2"), "stopped")
    assert failing(over(judge(lab))) == ["address"]


@pytest.mark.parametrize("mode", ["block-ingress", "block-bidirectional"])
def test_vpc_block_public_access(judge: Build, mode: str) -> None:
    lab = exposed()
    lab.block_public_access(mode)
    assert failing(over(judge(lab))) == ["VPC block public access"]
    excluded = {
        "ResourceArn": arn("subnet", "subnet-a"),
        "InternetGatewayExclusionMode": "allow-bidirectional",
        "State": "create-complete",
    }
    lab.block_public_access(mode, [excluded])
    assert over(judge(lab)).verdict is Verdict.YES
    lab.block_public_access(mode, [excluded | {"InternetGatewayExclusionMode": "allow-egress"}])
    assert failing(over(judge(lab))) == ["VPC block public access"]
    lab.block_public_access(mode, [excluded | {"State": "delete-complete"}])
    assert failing(over(judge(lab))) == ["VPC block public access"]
    lab.block_public_access(mode, Denied)
    assert over(judge(lab)).verdict is Verdict.UNKNOWN


def test_subnets_own_block_mode_is_the_effective_one(judge: Build) -> None:
    lab = exposed()
    lab.item("subnet-a")["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": "block-ingress"}
    assert failing(over(judge(lab))) == ["VPC block public access"]
    lab.item("subnet-a")["BlockPublicAccessStates"] = {"InternetGatewayBlockMode": "off"}
    lab.deny("ec2.describe_vpc_block_public_access_options")
    assert over(judge(lab)).verdict is Verdict.YES


def test_nat_gateway_address_is_never_reached(judge: Build) -> None:
    lab = exposed()
    assert over(judge(lab)).verdict is Verdict.YES
    lab.add(
        "ec2:nat-gateway",
        "nat-1",
        arn("natgateway", "nat-1"),
        {"NatGatewayId": "nat-1", "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-web"}]},
    )
    assert failing(over(judge(lab))) == ["address"]


DENIALS = {
    "ec2.describe_network_acls": "acl-1",
    "ec2.describe_route_tables": "rtb-main",
    "ec2.describe_internet_gateways": "igw-1",
    "ec2.describe_security_groups": "sg-web",
    "ec2.describe_subnets": "subnet-a",
    "ec2.describe_instances": "i-web",
    "ec2.describe_vpc_block_public_access_options": "",
}


@pytest.mark.parametrize("operation", DENIALS)
def test_what_was_denied_is_unknown_and_named(judge: Build, operation: str) -> None:
    lab = exposed()
    lab.deny(operation)
    lab.remove(DENIALS[operation])
    reach = over(judge(lab))
    assert reach.verdict is Verdict.UNKNOWN
    assert any(
        operation in text and c.startswith("not_collected:")
        for c in reach.answer.conditions
        for text in [c]
    )


def test_a_closed_lock_that_was_seen_is_no_whatever_is_missing(judge: Build) -> None:
    lab = exposed([])
    lab.deny("ec2.describe_network_acls")
    lab.remove("acl-1")
    assert failing(over(judge(lab))) == ["security group"]


def test_interfaces_denied_fall_back_on_the_instances_view(judge: Build) -> None:
    lab = exposed()
    lab.deny("ec2.describe_network_interfaces")
    lab.remove("eni-web")
    reach = over(judge(lab))
    assert (reach.target, reach.verdict) == (INSTANCE, Verdict.YES)


@pytest.mark.parametrize(
    ("permission", "ports"),
    [
        (allow("50"), ("protocol/50",)),
        (allow("tcp/0"), ("tcp/0",)),
        (allow("icmp"), ("icmp",)),
        (allow("-1"), ("all",)),
        (
            {
                "IpProtocol": "icmp",
                "FromPort": 8,
                "ToPort": -1,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            },
            ("icmp/8",),
        ),
    ],
)
def test_protocols_without_ports_are_not_tcp(
    judge: Build, permission: dict[str, object], ports: tuple[str, ...]
) -> None:
    reach = over(judge(exposed([permission])))
    assert (reach.verdict, reach.ports) == (Verdict.YES, ports)
    if ports == ("icmp",):
        assert "ping only" in reach.answer.why


def test_acl_for_tcp_says_nothing_of_icmp(judge: Build) -> None:
    lab = exposed([allow("icmp"), allow("tcp/22")])
    lab.item("acl-1")["Entries"] = [
        entry(100, protocol="6", ports=(22, 22)),
        entry(100, egress=True),
    ]
    assert over(judge(lab)).ports == ("tcp/22",)
    lab.item("acl-1")["Entries"][0] = entry(100)
    assert over(judge(lab)).ports == ("tcp/22", "icmp")


def test_gateway_table_to_a_firewall_is_inspection(judge: Build) -> None:
    lab = exposed()
    lab.table(
        "rtb-edge",
        "vpc-1",
        [{"DestinationCidrBlock": "10.0.0.0/24", "GatewayId": "local", "State": "active"}],
        gateways=("igw-1",),
    )
    assert over(judge(lab)).verdict is Verdict.YES
    edge = lab.item("rtb-edge")["Routes"][0]
    edge["GatewayId"] = "vpce-fw"
    reach = over(judge(lab))
    assert (reach.verdict, reach.answer.conditions) == (
        Verdict.CONDITIONAL,
        ("inspection:vpce-fw",),
    )
    edge["State"] = "blackhole"
    assert failing(over(judge(lab))) == ["ingress routing"]


def firewalled() -> Lab:
    """The documented ingress design: gateway -> firewall endpoint -> subnet, and back."""
    lab = exposed()
    lab.subnet("subnet-fw", "vpc-1", "10.0.9.0/24")
    lab.acl("acl-fw", "vpc-1", open_acl(), ("subnet-fw",))
    routes = lab.item("rtb-main")["Routes"]
    lab.table("rtb-fw", "vpc-1", [dict(one) for one in routes[:2]], subnets=("subnet-fw",))
    routes[1]["GatewayId"] = "vpce-fw"
    endpoint = {
        "VpcEndpointId": "vpce-fw",
        "VpcId": "vpc-1",
        "VpcEndpointType": "GatewayLoadBalancer",
        "SubnetIds": ["subnet-fw"],
    }
    lab.add("ec2:vpc-endpoint", "vpce-fw", arn("vpc-endpoint", "vpce-fw"), endpoint)
    lab.table(
        "rtb-edge",
        "vpc-1",
        [{"DestinationCidrBlock": "10.0.0.0/24", "GatewayId": "vpce-fw", "State": "active"}],
        gateways=("igw-1",),
    )
    return lab


def test_replies_through_a_firewall_subnet_are_inspection_not_no(judge: Build) -> None:
    lab = firewalled()
    reach = over(judge(lab))
    assert reach.verdict is Verdict.CONDITIONAL
    assert reach.answer.conditions == (f"inspection:{arn('vpc-endpoint', 'vpce-fw')}",)
    lab.item("rtb-fw")["Routes"].pop()
    assert failing(over(judge(lab))) == ["return route"]
    lab = firewalled()
    lab.deny("ec2.describe_vpc_endpoints")
    lab.remove("vpce-fw")
    assert over(judge(lab)).verdict is Verdict.UNKNOWN


def test_detached_gateway_closes_although_the_route_remains(judge: Build) -> None:
    lab = exposed()
    lab.item("igw-1")["Attachments"] = []
    assert failing(over(judge(lab))) == ["internet gateway", "return route"]


def test_two_groups_add_up(judge: Build) -> None:
    lab = exposed([])
    lab.group("sg-more", [allow("tcp/443")])
    assert failing(over(judge(lab))) == ["security group"]
    lab.item("eni-web")["Groups"].append({"GroupId": "sg-more"})
    assert over(judge(lab)).ports == ("tcp/443",)


def test_group_that_is_not_in_the_snapshot_is_unknown_beside_what_is_known(judge: Build) -> None:
    lab = exposed()
    lab.item("eni-web")["Groups"].append({"GroupId": "sg-elsewhere"})
    reach = over(judge(lab))
    assert (reach.verdict, reach.ports) == (Verdict.YES, ("tcp/22",))
    assert all(other.endswith("=unknown") for other in reach.other_ports)
    assert reach.other_ports


def test_private_sources_are_not_the_internet(judge: Build) -> None:
    lab = exposed([allow("tcp/22", "10.0.0.0/8")])
    assert failing(over(judge(lab))) == ["security group"]
    lab.item("sg-web")["IpPermissions"] = [allow("tcp/22", "8.0.0.0/8")]
    assert over(judge(lab)).source == "cidr:8.0.0.0/8"


def test_two_locks_are_both_told(judge: Build) -> None:
    lab = exposed([])
    lab.item("rtb-main")["Routes"].pop(1)
    lab.item("acl-1")["Entries"] = [entry(100, egress=True)]
    reach = over(judge(lab))
    assert failing(reach) == ["return route", "network ACL in", "security group"]
    assert len(reach.answer.evidence) == 3
    assert reach.answer.why == reach.answer.evidence[0]


def test_shared_subnet_takes_the_owners_acl(judge: Build) -> None:
    owner = "444455556666"
    lab = exposed()
    lab.vpc("vpc-s", "10.9.0.0/16", owner)
    lab.subnet("subnet-s", "vpc-s", "10.9.0.0/24", account=owner)
    lab.subnet("subnet-s", "vpc-s", "10.9.0.0/24", account=owner, seen_by=ACCOUNT)
    gateway = {
        "InternetGatewayId": "igw-s",
        "Attachments": [{"VpcId": "vpc-s", "State": "available"}],
        "OwnerId": owner,
    }
    lab.add(
        "ec2:internet-gateway", "igw-s", arn("internet-gateway", "igw-s", owner), gateway, owner
    )
    lab.table(
        "rtb-s",
        "vpc-s",
        [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-s", "State": "active"}],
        main=True,
        account=owner,
    )
    lab.acl("acl-s", "vpc-s", open_acl(), ("subnet-s",), account=owner)
    lab.eni(
        "eni-s", "subnet-s", ("sg-web",), public="198.51.100.9", vpc="vpc-s", private="10.9.0.4"
    )
    node = arn("network-interface", "eni-s")
    assert over(judge(lab, node)).verdict is Verdict.YES
    twin = lab.twin()
    twin.item("acl-s")["Entries"] = []
    assert failing(over(judge(twin, node))) == ["network ACL in", "network ACL out"]
    for name in ("acl-s", "rtb-s", "igw-s"):
        lab.remove(name)
    lab.lines = {key: found for key, found in lab.lines.items() if key[0] == ACCOUNT}
    reach = over(judge(lab, node))
    assert reach.verdict is Verdict.UNKNOWN
    assert any(owner in condition for condition in reach.answer.conditions)


def test_unreadable_rules_are_unknown_never_a_crash(judge: Build) -> None:
    lab = exposed([allow("tcp/22", "not-an-address")])
    assert over(judge(lab)).verdict is Verdict.UNKNOWN
    lab = exposed(
        [{"IpProtocol": "tcp", "FromPort": 9, "ToPort": 3, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    assert over(judge(lab)).verdict is Verdict.UNKNOWN
    lab = exposed()
    lab.table("rtb-second", "vpc-1", [], main=True)
    assert over(judge(lab)).verdict is Verdict.UNKNOWN
    lab = exposed()
    lab.item("acl-1")["Entries"].append(entry(50, "deny", cidr="999.0.0.0/0"))
    assert over(judge(lab)).verdict is Verdict.UNKNOWN


def test_interface_without_a_known_owner_is_itself_the_target(judge: Build) -> None:
    lab = exposed()
    del lab.item("eni-web")["Attachment"]
    lab.remove("i-web")
    reach = over(judge(lab))
    assert (reach.target, reach.via, reach.verdict) == (ENI, (ENI,), Verdict.YES)
    lab.item("eni-web")["Status"] = "available"
    assert over(judge(lab)).verdict is Verdict.DORMANT


def test_holes_in_the_internet_are_told(judge: Build) -> None:
    lab = exposed()
    assert not any("Every address but" in text for text in over(judge(lab)).answer.evidence)
    lab.item("rtb-main")["Routes"].append(
        {"DestinationCidrBlock": "203.0.113.0/24", "TransitGatewayId": "tgw-1", "State": "active"}
    )
    reach = over(judge(lab))
    assert (reach.source, reach.verdict) == ("internet", Verdict.YES)
    assert "Every address but 203.0.113.0/24." in reach.answer.evidence
