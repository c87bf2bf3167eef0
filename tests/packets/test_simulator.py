"""Each rule of the simulator in a tiny world, and a twin of it that differs in one control."""

from __future__ import annotations

from pathlib import Path

import pytest

from packets.simulator import (
    ICMP,
    ICMPV6,
    INTERNET,
    RULES,
    TCP,
    UDP,
    Packet,
    Result,
    send_from_interface,
    send_from_internet,
)
from packets.world import (
    HERE,
    Json,
    Undecided,
    Where,
    World,
    acl_entry,
    add_acl,
    add_eigw,
    add_exclusion,
    add_group,
    add_igw,
    add_interface,
    add_nat,
    add_peering,
    add_prefix_list,
    add_subnet,
    add_table,
    add_tgw,
    add_tgw_peering,
    add_tgw_table,
    add_tgw_vpc,
    add_vpc,
    permission,
    route,
    set_bpa,
    tgw_route,
)

CLIENT = "81.2.69.160"
CLIENT6 = "2a02:8000::1"
PUBLIC = "52.0.0.1"
WEB6 = "2600:1f18:1:100::10"


def tcp(source: str, destination: str, port: int = 22, *, back: int = 50000) -> Packet:
    return Packet(TCP, source, destination, source_port=back, destination_port=port)


def ping(source: str, destination: str) -> Packet:
    return Packet(ICMP, source, destination, icmp_type=8, icmp_code=0)


def public_world(
    *, routes: list[Json] | None = None, ingress: list[Json] | None = None, gateway: bool = True
) -> World:
    """One VPC, one public subnet, one instance with a public address; everything open."""
    world = World()
    add_vpc(world, "vpc-a", "10.0.0.0/16", "2600:1f18:1::/56")
    add_subnet(world, "vpc-a", "subnet-web", "10.0.1.0/24", "2600:1f18:1:100::/64")
    add_subnet(world, "vpc-a", "subnet-two", "10.0.2.0/24")
    if gateway:
        add_igw(world, "vpc-a", "igw-a")
    if routes is None:
        routes = [route("0.0.0.0/0", "igw-a"), route("::/0", "igw-a")]
    add_table(world, "vpc-a", "rtb-web", routes, subnets=("subnet-web",))
    anywhere = [permission("-1", None, "0.0.0.0/0", "::/0")]
    add_group(world, "vpc-a", "sg-web", anywhere if ingress is None else ingress)
    add_interface(
        world,
        "subnet-web",
        "eni-web",
        "10.0.1.10",
        WEB6,
        groups=("sg-web",),
        public=PUBLIC,
        instance="i-web",
    )
    return world


def knock(world: World, packet: Packet | None = None) -> Result:
    return send_from_internet(world, packet or tcp(CLIENT, PUBLIC))


def assert_open(result: Result) -> None:
    assert result.replied, (result.request, result.reply)


def assert_dropped(result: Result, rule: str) -> None:
    assert result.request.rule == rule, result.request
    assert not result.delivered


def assert_no_reply(result: Result, rule: str) -> None:
    assert result.delivered, result.request
    assert result.reply is not None
    assert result.reply.rule == rule, result.reply
    assert not result.replied


def the_table(world: World, table_id: str) -> Json:
    return world.need("RouteTables", "RouteTableId", table_id)


def test_every_rule_has_a_test() -> None:
    text = Path(__file__).read_text()
    assert [rule for rule in RULES if f'"{rule}"' not in text] == []


# ------------------------------------------------------------------ internet to an interface


def test_public_address_route_groups_and_acls_let_a_packet_in_and_its_reply_out() -> None:
    result = knock(public_world())
    assert_open(result)
    assert result.request.arrived == "eni-web"
    assert result.request.packet.destination == "10.0.1.10"
    assert result.reply is not None
    assert result.reply.packet.source == PUBLIC


def test_an_address_nobody_has() -> None:
    assert_dropped(knock(public_world(), tcp(CLIENT, "52.0.0.2")), "address.none")


def test_an_address_nobody_has_ipv6() -> None:
    assert_dropped(knock(public_world(), tcp(CLIENT6, "2600:1f18:1:100::11")), "address.none")


def test_a_private_source_does_not_come_from_the_internet() -> None:
    assert_dropped(knock(public_world(), tcp("10.9.9.9", PUBLIC)), "address.not_public_source")


def test_a_public_address_on_a_secondary_private_address() -> None:
    world = public_world()
    web = world.interface("eni-web")
    web["PrivateIpAddresses"].append(
        {
            "PrivateIpAddress": "10.0.1.11",
            "Primary": False,
            "Association": {"PublicIp": "52.0.0.9", "IpOwnerId": HERE[0]},
        }
    )
    result = knock(world, tcp(CLIENT, "52.0.0.9"))
    assert_open(result)
    assert result.request.packet.destination == "10.0.1.11"


def test_ipv6_is_reached_by_the_address_itself() -> None:
    assert_open(knock(public_world(), tcp(CLIENT6, WEB6)))


def test_ipv6_of_a_private_block_is_not_advertised() -> None:
    world = public_world()
    world.subnet("subnet-web")["Ipv6CidrBlockAssociationSet"][0]["Ipv6AddressAttribute"] = "private"
    assert_dropped(knock(world, tcp(CLIENT6, WEB6)), "address.private_ipv6")


def test_unique_local_ipv6_is_not_on_the_internet() -> None:
    world = public_world()
    world.interface("eni-web")["Ipv6Addresses"] = [{"Ipv6Address": "fd00::10"}]
    assert_dropped(knock(world, tcp(CLIENT6, "fd00::10")), "address.private_ipv6")


@pytest.mark.parametrize("packet", [tcp(CLIENT, PUBLIC), tcp(CLIENT6, WEB6)])
def test_deny_all_igw_traffic(packet: Packet) -> None:
    world = public_world()
    world.interface("eni-web")["DenyAllIgwTraffic"] = True
    assert_dropped(knock(world, packet), "igw.deny_all")


def test_no_internet_gateway_attached() -> None:
    assert_dropped(knock(public_world(gateway=False)), "igw.none")


def test_a_detached_internet_gateway_whose_route_remains() -> None:
    world = public_world()
    world.place(HERE)["InternetGateways"][0]["Attachments"] = []
    assert_dropped(knock(world), "igw.none")


def test_internet_gateways_not_collected() -> None:
    world = public_world(gateway=False)
    del world.place(HERE)["InternetGateways"]
    with pytest.raises(Undecided):
        knock(world)


@pytest.mark.parametrize("state", ["stopped", "stopping", "pending", "terminated"])
def test_an_instance_that_does_not_run(state: str) -> None:
    world = public_world()
    world.place(HERE)["Instances"][0]["State"]["Name"] = state
    assert_dropped(knock(world), "interface.not_running")


def test_an_interface_not_attached() -> None:
    world = public_world()
    world.interface("eni-web")["Status"] = "available"
    assert_dropped(knock(world), "interface.not_in_use")


@pytest.mark.parametrize("kind", ["lambda", "transit_gateway", "gateway_load_balancer_endpoint"])
def test_interfaces_that_take_nothing_in(kind: str) -> None:
    world = public_world()
    world.interface("eni-web")["InterfaceType"] = kind
    assert_dropped(knock(world), "interface.never_inbound")


def test_an_interface_endpoint_serves_its_vpc_and_the_internet_by_elastic_ips_only() -> None:
    world = public_world()
    world.interface("eni-web")["InterfaceType"] = "vpc_endpoint"
    assert_open(knock(world))
    assert_dropped(knock(world, tcp(CLIENT6, WEB6)), "interface.never_inbound")
    add_interface(world, "subnet-two", "eni-two", "10.0.2.10", groups=("sg-web",))
    assert_open(send_from_interface(world, "eni-two", tcp("10.0.2.10", "10.0.1.10", 443)))


# ------------------------------------------------------------------ routes


def test_no_route_back() -> None:
    assert_no_reply(knock(public_world(routes=[])), "route.none")


def test_ipv4_and_ipv6_routes_are_independent() -> None:
    world = public_world(routes=[route("::/0", "igw-a")])
    assert_no_reply(knock(world), "route.none")
    assert_open(knock(world, tcp(CLIENT6, WEB6)))


def test_two_halves_make_a_default_route() -> None:
    halves = [route("0.0.0.0/1", "igw-a"), route("128.0.0.0/1", "igw-a")]
    world = public_world(routes=halves)
    assert_open(knock(world))
    assert_open(knock(world, tcp("200.1.1.1", PUBLIC)))
    assert_no_reply(knock(public_world(routes=halves[:1]), tcp("200.1.1.1", PUBLIC)), "route.none")


def test_a_blackhole_drops() -> None:
    world = public_world(routes=[route("0.0.0.0/0", "igw-a", state="blackhole")])
    assert_no_reply(knock(world), "route.blackhole")


def test_a_more_specific_blackhole_wins_over_the_default_route() -> None:
    hole = route("81.2.69.160/32", "pcx-gone", state="blackhole")
    world = public_world(routes=[route("0.0.0.0/0", "igw-a"), hole])
    assert_no_reply(knock(world), "route.blackhole")
    assert_open(knock(world, tcp("81.2.69.161", PUBLIC)))


def test_longest_prefix_wins_whatever_the_order() -> None:
    world = public_world(routes=[route("81.2.69.0/24", "igw-a"), route("0.0.0.0/0", "nat-a")])
    assert_open(knock(world))
    assert_no_reply(knock(world, tcp("81.2.70.1", PUBLIC)), "reply.asymmetric")


@pytest.mark.parametrize("target", ["nat-a", "tgw-a", "pcx-a", "vgw-a", "eigw-a"])
def test_a_reply_by_another_way_than_the_internet_gateway_is_none(target: str) -> None:
    destination = "::/0" if target == "eigw-a" else "0.0.0.0/0"
    packet = tcp(CLIENT6, WEB6) if target == "eigw-a" else tcp(CLIENT, PUBLIC)
    assert_no_reply(
        knock(public_world(routes=[route(destination, target)]), packet), "reply.asymmetric"
    )


def test_a_static_route_wins_over_a_propagated_one_of_the_same_prefix() -> None:
    propagated = route("0.0.0.0/0", "vgw-a", origin="EnableVgwRoutePropagation")
    assert_open(knock(public_world(routes=[propagated, route("0.0.0.0/0", "igw-a")])))
    assert_no_reply(knock(public_world(routes=[propagated])), "reply.asymmetric")


def test_a_more_specific_propagated_route_wins_over_a_static_one() -> None:
    propagated = route("81.2.69.0/24", "vgw-a", origin="EnableVgwRoutePropagation")
    world = public_world(routes=[propagated, route("0.0.0.0/0", "igw-a")])
    assert_no_reply(knock(world), "reply.asymmetric")


def test_the_local_route_wins_over_a_more_specific_propagated_route() -> None:
    more_specific = route("10.0.2.0/24", "vgw-a", origin="EnableVgwRoutePropagation")
    world = public_world(routes=[more_specific])
    add_interface(world, "subnet-two", "eni-two", "10.0.2.10", groups=("sg-web",))
    packet = tcp("10.0.1.10", "10.0.2.10")
    assert_open(send_from_interface(world, "eni-web", packet))
    more_specific["Origin"] = "CreateRoute"
    with pytest.raises(Undecided, match="vgw-a"):
        send_from_interface(world, "eni-web", packet)


def test_a_prefix_list_as_destination() -> None:
    world = public_world(routes=[route("pl-a", "igw-a")])
    add_prefix_list(world, "pl-a", "81.2.69.0/24", "5.0.0.0/8")
    assert_open(knock(world))
    assert_no_reply(knock(world, tcp("81.2.70.1", PUBLIC)), "route.none")


def test_a_static_route_wins_over_a_prefix_list_of_the_same_prefix() -> None:
    world = public_world(routes=[route("pl-a", "nat-a"), route("81.2.69.0/24", "igw-a")])
    add_prefix_list(world, "pl-a", "81.2.69.0/24")
    assert_open(knock(world))
    world.place(HERE)["ManagedPrefixListEntries"]["pl-a"] = [{"Cidr": "81.2.69.128/25"}]
    assert_no_reply(knock(world), "reply.asymmetric")


def test_a_prefix_list_wins_over_a_propagated_route_of_the_same_prefix() -> None:
    propagated = route("81.2.69.0/24", "vgw-a", origin="EnableVgwRoutePropagation")
    world = public_world(routes=[propagated, route("pl-a", "igw-a")])
    add_prefix_list(world, "pl-a", "81.2.69.0/24")
    assert_open(knock(world))


def test_two_prefix_lists_of_the_same_prefix_are_a_matter_of_chance() -> None:
    world = public_world(routes=[route("pl-a", "igw-a"), route("pl-b", "nat-a")])
    add_prefix_list(world, "pl-a", "81.2.69.0/24")
    add_prefix_list(world, "pl-b", "81.2.69.0/24")
    with pytest.raises(Undecided):
        knock(world)


def test_a_prefix_list_not_collected() -> None:
    with pytest.raises(Undecided):
        knock(public_world(routes=[route("0.0.0.0/0", "igw-a"), route("pl-a", "nat-a")]))


def test_reserved_destinations_are_not_forwarded() -> None:
    packet = tcp("10.0.1.10", "169.254.169.254", 80)
    assert_dropped(send_from_interface(public_world(), "eni-web", packet), "route.reserved")


def test_a_gateway_endpoint_leads_to_its_service_only() -> None:
    world = public_world(routes=[route("0.0.0.0/0", "igw-a"), route("pl-s3", "vpce-s3")])
    add_prefix_list(world, "pl-s3", "81.2.69.0/24")
    packet = tcp("10.0.1.10", CLIENT, 443)
    assert_dropped(send_from_interface(world, "eni-web", packet), "route.gateway_endpoint")
    assert_open(send_from_interface(world, "eni-web", tcp("10.0.1.10", "81.2.70.1", 443)))


def test_a_subnet_without_an_association_uses_the_main_table() -> None:
    world = public_world()
    the_table(world, "rtb-web")["Associations"] = []
    assert_no_reply(knock(world), "route.none")
    the_table(world, "rtb-main-a")["Routes"].append(route("0.0.0.0/0", "igw-a"))
    assert_open(knock(world))


def test_an_explicit_private_table_beside_an_open_main_table() -> None:
    world = public_world(routes=[])
    the_table(world, "rtb-main-a")["Routes"].append(route("0.0.0.0/0", "igw-a"))
    assert_no_reply(knock(world), "route.none")


def test_two_main_tables_are_undecided() -> None:
    world = public_world()
    main = the_table(world, "rtb-main-a")["Associations"][0]
    the_table(world, "rtb-web")["Associations"] = [dict(main)]
    with pytest.raises(Undecided):
        knock(world)


def test_route_tables_not_collected() -> None:
    world = public_world()
    del world.place(HERE)["RouteTables"]
    with pytest.raises(Undecided):
        knock(world)


# ------------------------------------------------------------------ edge tables, appliances


def edge_world(*, check: bool = False, target: str = "eni-fw") -> World:
    """The internet gateway's table sends the web subnet's traffic to a firewall, and back."""
    world = public_world(routes=[route("0.0.0.0/0", "eni-fw")])
    add_table(world, "vpc-a", "rtb-edge", [route("10.0.1.0/24", target)], gateway="igw-a")
    the_table(world, "rtb-main-a")["Routes"].append(route("0.0.0.0/0", "igw-a"))
    add_interface(
        world,
        "subnet-two",
        "eni-fw",
        "10.0.2.5",
        groups=("sg-web",),
        public="52.0.0.5",
        instance="i-fw",
        check=check,
    )
    return world


def test_an_edge_table_leads_over_the_appliance_and_back() -> None:
    result = knock(edge_world())
    assert_open(result)
    assert result.request.through == ("eni-fw",)


def test_an_edge_table_that_is_local_changes_nothing() -> None:
    world = public_world()
    add_table(world, "vpc-a", "rtb-edge", [], gateway="igw-a")
    assert_open(knock(world))


def test_an_appliance_with_source_dest_check() -> None:
    result = knock(edge_world(check=True))
    assert_dropped(result, "interface.source_dest_check")
    assert result.request.hops[-1].startswith("eni-fw: receives")


def test_an_appliance_at_the_gateway_needs_a_public_address() -> None:
    world = edge_world()
    appliance = world.interface("eni-fw")
    del appliance["Association"]
    del appliance["PrivateIpAddresses"][0]["Association"]
    assert_dropped(knock(world), "interface.appliance_not_public")


def test_a_reply_past_the_appliance_is_asymmetric() -> None:
    world = edge_world()
    the_table(world, "rtb-web")["Routes"][-1] = route("0.0.0.0/0", "igw-a")
    assert_no_reply(knock(world), "reply.asymmetric")


def test_a_blackhole_in_the_edge_table() -> None:
    world = edge_world()
    the_table(world, "rtb-edge")["Routes"][-1]["State"] = "blackhole"
    assert_dropped(knock(world), "route.blackhole")


def test_an_edge_table_to_a_gateway_load_balancer_endpoint_is_undecided() -> None:
    with pytest.raises(Undecided):
        knock(edge_world(target="vpce-fw"))


def test_the_appliances_groups_count_both_ways() -> None:
    world = edge_world()
    world.interface("eni-fw")["Groups"] = [{"GroupId": "sg-fw", "GroupName": "sg-fw"}]
    group = add_group(world, "vpc-a", "sg-fw", [permission("tcp", (22, 22), "0.0.0.0/0")], [])
    assert_dropped(knock(world), "group.outbound")
    group["IpPermissionsEgress"] = [permission("tcp", (22, 22), "10.0.1.0/24")]
    assert_open(knock(world))
    group["IpPermissions"] = []
    assert_dropped(knock(world), "group.inbound")


def east_west_world() -> World:
    """Web to database in the same VPC, both ways over a firewall in a third subnet."""
    world = public_world(routes=[route("10.0.2.0/24", "eni-fw")])
    add_subnet(world, "vpc-a", "subnet-fw", "10.0.3.0/24")
    add_table(world, "vpc-a", "rtb-two", [route("10.0.1.0/24", "eni-fw")], subnets=("subnet-two",))
    add_interface(world, "subnet-two", "eni-db", "10.0.2.10", groups=("sg-db",))
    add_interface(world, "subnet-fw", "eni-fw", "10.0.3.5", groups=("sg-web",), check=False)
    add_group(world, "vpc-a", "sg-db", [permission("tcp", (3306, 3306), "10.0.1.0/24")])
    return world


def test_traffic_between_subnets_over_an_appliance() -> None:
    world = east_west_world()
    packet = tcp("10.0.1.10", "10.0.2.10", 3306)
    result = send_from_interface(world, "eni-web", packet)
    assert_open(result)
    assert result.request.through == ("eni-fw",)
    world.interface("eni-fw")["SourceDestCheck"] = True
    assert_dropped(send_from_interface(world, "eni-web", packet), "interface.source_dest_check")


def two_armed_world(*, check: bool = False) -> World:
    """The same, but the firewall has an interface in either subnet's way: one for each side."""
    world = east_west_world()
    world.interface("eni-fw")["Attachment"]["InstanceId"] = "i-fw"
    world.place(world.home("vpc-a"))["Instances"].append(
        {"InstanceId": "i-fw", "State": {"Name": "running"}}
    )
    add_subnet(world, "vpc-a", "subnet-far", "10.0.4.0/24")
    add_interface(
        world, "subnet-far", "eni-far", "10.0.4.5", groups=("sg-web",), instance="i-fw", check=check
    )
    the_table(world, "rtb-two")["Routes"][-1] = route("10.0.1.0/24", "eni-far")
    return world


def test_an_appliance_may_send_on_by_its_other_interface() -> None:
    packet = tcp("10.0.1.10", "10.0.2.10", 3306)
    result = send_from_interface(two_armed_world(), "eni-web", packet, far_side=True)
    assert_open(result)
    assert any(hop.startswith("eni-far: sends") for hop in result.request.hops)
    checked = send_from_interface(two_armed_world(check=True), "eni-web", packet, far_side=True)
    assert_dropped(checked, "interface.source_dest_check")


def test_the_other_interface_is_the_same_appliance() -> None:
    """A reply by another interface of the machine is not asymmetric; by another machine it is."""
    packet = tcp("10.0.1.10", "10.0.2.10", 3306)
    world = two_armed_world()
    assert_open(send_from_interface(world, "eni-web", packet))
    world.interface("eni-far")["Attachment"]["InstanceId"] = "i-other"
    world.place(world.home("vpc-a"))["Instances"].append(
        {"InstanceId": "i-other", "State": {"Name": "running"}}
    )
    assert_no_reply(send_from_interface(world, "eni-web", packet), "reply.asymmetric")


def test_a_group_reference_does_not_count_behind_an_appliance() -> None:
    world = east_west_world()
    group = world.need("SecurityGroups", "GroupId", "sg-db")
    group["IpPermissions"] = [permission("tcp", (3306, 3306), "sg-web")]
    packet = tcp("10.0.1.10", "10.0.2.10", 3306)
    assert_dropped(send_from_interface(world, "eni-web", packet), "group.inbound")
    for table_id in ("rtb-web", "rtb-two"):
        the_table(world, table_id)["Routes"].pop()
    assert_open(send_from_interface(world, "eni-web", packet))


def test_an_outbound_reference_over_an_appliance_is_undecided() -> None:
    world = east_west_world()
    group = world.need("SecurityGroups", "GroupId", "sg-web")
    group["IpPermissionsEgress"] = [permission("-1", None, "sg-db")]
    with pytest.raises(Undecided):
        send_from_interface(world, "eni-web", tcp("10.0.1.10", "10.0.2.10", 3306))


def test_routes_in_a_circle() -> None:
    world = east_west_world()
    add_table(world, "vpc-a", "rtb-fw", [route("10.0.2.0/24", "eni-fw")], subnets=("subnet-fw",))
    packet = tcp("10.0.1.10", "10.0.2.10", 3306)
    # Within its own subnet the appliance would send to itself for ever.
    assert_dropped(send_from_interface(world, "eni-web", packet), "route.loop")


def test_a_sender_with_source_check_sends_from_its_own_address_only() -> None:
    world = public_world()
    add_interface(world, "subnet-two", "eni-two", "10.0.2.10", groups=("sg-web",))
    packet = tcp("10.0.1.77", "10.0.2.10")
    assert_dropped(send_from_interface(world, "eni-web", packet), "interface.source_dest_check")


# ------------------------------------------------------------------ network ACLs


def acl_world(*entries: Json) -> World:
    world = public_world()
    add_acl(world, "vpc-a", "acl-web", list(entries), subnets=("subnet-web",))
    return world


ALL_IN = acl_entry(100, "allow", False, "0.0.0.0/0")
ALL_OUT = acl_entry(100, "allow", True, "0.0.0.0/0")


def test_acl_lower_number_wins_whatever_the_order_in_the_list() -> None:
    deny = acl_entry(90, "deny", False, "0.0.0.0/0", protocol=6, ports=(22, 22))
    assert_dropped(knock(acl_world(ALL_IN, deny, ALL_OUT)), "acl.inbound")
    deny["RuleNumber"] = 110
    assert_open(knock(acl_world(ALL_IN, deny, ALL_OUT)))


def test_acl_without_a_matching_rule_denies() -> None:
    only = acl_entry(100, "allow", False, "0.0.0.0/0", protocol=6, ports=(80, 80))
    world = acl_world(only, ALL_OUT)
    assert_dropped(knock(world), "acl.inbound")
    assert_open(knock(world, tcp(CLIENT, PUBLIC, 80)))
    acl = world.need("NetworkAcls", "NetworkAclId", "acl-web")
    acl["Entries"] = [each for each in acl["Entries"] if each["RuleNumber"] < 32767]
    assert_dropped(knock(world), "acl.inbound")


def test_acl_is_stateless_the_reply_goes_to_the_clients_port() -> None:
    out = acl_entry(100, "allow", True, "0.0.0.0/0", protocol=6, ports=(32768, 65535))
    world = acl_world(ALL_IN, out)
    assert_open(knock(world, tcp(CLIENT, PUBLIC, back=32768)))
    assert_no_reply(knock(world, tcp(CLIENT, PUBLIC, back=32767)), "acl.outbound")
    out["PortRange"] = {"From": 22, "To": 22}
    assert_no_reply(knock(world), "acl.outbound")


def test_acl_sees_the_clients_address_in_both_directions() -> None:
    world = acl_world(
        acl_entry(100, "allow", False, "81.2.69.0/24"),
        acl_entry(100, "allow", True, "81.2.69.0/25"),
    )
    assert_dropped(knock(world, tcp("81.2.70.1", PUBLIC)), "acl.inbound")
    assert_no_reply(knock(world), "acl.outbound")
    assert_open(knock(world, tcp("81.2.69.1", PUBLIC)))


def test_acl_ipv4_rules_do_not_apply_to_ipv6() -> None:
    assert_dropped(knock(acl_world(ALL_IN, ALL_OUT), tcp(CLIENT6, WEB6)), "acl.inbound")
    both = [acl_entry(101, "allow", egress, "::/0") for egress in (False, True)]
    assert_open(knock(acl_world(*both), tcp(CLIENT6, WEB6)))


@pytest.mark.parametrize(("protocol", "passes"), [(6, True), (17, False), (-1, True), (50, False)])
def test_acl_protocols(protocol: int, passes: bool) -> None:
    ports = (0, 65535) if protocol in (6, 17) else None
    entry = acl_entry(100, "allow", False, "0.0.0.0/0", protocol=protocol, ports=ports)
    result = knock(acl_world(entry, ALL_OUT))
    if passes:
        assert_open(result)
    else:
        assert_dropped(result, "acl.inbound")


def test_acl_other_protocols_have_no_ports() -> None:
    entry = acl_entry(100, "allow", False, "0.0.0.0/0", protocol=50, ports=(22, 22))
    assert_open(knock(acl_world(entry, ALL_OUT), Packet(50, CLIENT, PUBLIC)))


@pytest.mark.parametrize(
    ("icmp", "passes"), [((8, 0), True), ((8, -1), True), ((-1, -1), True), ((0, 0), False)]
)
def test_acl_icmp_type_and_code(icmp: tuple[int, int], passes: bool) -> None:
    entry = acl_entry(100, "allow", False, "0.0.0.0/0", protocol=1, icmp=icmp)
    result = knock(acl_world(entry, ALL_OUT), ping(CLIENT, PUBLIC))
    if passes:
        assert_open(result)
    else:
        assert_dropped(result, "acl.inbound")


def test_acl_the_echo_reply_has_its_own_type() -> None:
    request = acl_entry(100, "allow", True, "0.0.0.0/0", protocol=1, icmp=(8, 0))
    assert_no_reply(knock(acl_world(ALL_IN, request), ping(CLIENT, PUBLIC)), "acl.outbound")
    answer = acl_entry(100, "allow", True, "0.0.0.0/0", protocol=1, icmp=(0, 0))
    assert_open(knock(acl_world(ALL_IN, answer), ping(CLIENT, PUBLIC)))


def test_acl_icmpv6_type_and_code() -> None:
    entry = acl_entry(100, "allow", False, "::/0", protocol=58, icmp=(128, 0))
    world = acl_world(entry, acl_entry(101, "allow", True, "::/0"))
    packet = Packet(ICMPV6, CLIENT6, WEB6, icmp_type=128, icmp_code=0)
    assert_open(knock(world, packet))
    entry["IcmpTypeCode"] = {"Type": 135, "Code": 0}
    assert_dropped(knock(world, packet), "acl.inbound")


def test_an_icmp_message_that_nobody_answers_is_one_way() -> None:
    result = knock(public_world(), Packet(ICMP, CLIENT, PUBLIC, icmp_type=3, icmp_code=4))
    assert result.delivered
    assert result.reply is None


def test_acl_rule_without_its_ports_is_undecided() -> None:
    with pytest.raises(Undecided):
        knock(acl_world(acl_entry(100, "allow", False, "0.0.0.0/0", protocol=6), ALL_OUT))


def test_acl_not_collected() -> None:
    world = public_world()
    del world.place(HERE)["NetworkAcls"]
    with pytest.raises(Undecided):
        knock(world)


def test_acl_does_not_apply_inside_a_subnet() -> None:
    world = acl_world()
    add_interface(world, "subnet-web", "eni-near", "10.0.1.20", groups=("sg-web",))
    add_interface(world, "subnet-two", "eni-far", "10.0.2.20", groups=("sg-web",))
    near = tcp("10.0.1.20", "10.0.1.10")
    assert_open(send_from_interface(world, "eni-near", near))
    far = tcp("10.0.2.20", "10.0.1.10")
    assert_dropped(send_from_interface(world, "eni-far", far), "acl.inbound")


# ------------------------------------------------------------------ security groups


@pytest.mark.parametrize(("port", "passes"), [(21, False), (22, True), (23, True), (24, False)])
def test_group_ports(port: int, passes: bool) -> None:
    world = public_world(ingress=[permission("tcp", (22, 23), "0.0.0.0/0")])
    result = knock(world, tcp(CLIENT, PUBLIC, port))
    if passes:
        assert_open(result)
    else:
        assert_dropped(result, "group.inbound")


@pytest.mark.parametrize(
    ("protocol", "ports", "passes"),
    [
        ("tcp", (22, 22), True),
        ("6", (22, 22), True),
        ("udp", (22, 22), False),
        ("-1", None, True),
        ("50", None, False),
        ("icmp", (-1, -1), False),
        ("tcp", (0, 0), False),
        ("tcp", (0, 65535), True),
    ],
)
def test_group_protocols(protocol: str, ports: tuple[int, int] | None, passes: bool) -> None:
    result = knock(public_world(ingress=[permission(protocol, ports, "0.0.0.0/0")]))
    if passes:
        assert_open(result)
    else:
        assert_dropped(result, "group.inbound")


def test_group_other_protocols_have_no_ports() -> None:
    world = public_world(ingress=[permission("50", (1, 1), "0.0.0.0/0")])
    assert_open(knock(world, Packet(50, CLIENT, PUBLIC)))
    assert_dropped(knock(world), "group.inbound")


@pytest.mark.parametrize(
    ("icmp", "passes"), [((8, 0), True), ((8, -1), True), ((-1, -1), True), ((0, -1), False)]
)
def test_group_icmp(icmp: tuple[int, int], passes: bool) -> None:
    world = public_world(ingress=[permission("icmp", icmp, "0.0.0.0/0")])
    result = knock(world, ping(CLIENT, PUBLIC))
    if passes:
        assert_open(result)
    else:
        assert_dropped(result, "group.inbound")


def test_group_icmpv6_without_types_is_all_of_it() -> None:
    world = public_world(ingress=[permission("icmpv6", None, "::/0")])
    assert_open(knock(world, Packet(ICMPV6, CLIENT6, WEB6, icmp_type=128, icmp_code=0)))


def test_group_sources() -> None:
    world = public_world(ingress=[permission("tcp", (22, 22), "81.2.69.160/31")])
    assert_open(knock(world))
    assert_open(knock(world, tcp("81.2.69.161", PUBLIC)))
    assert_dropped(knock(world, tcp("81.2.69.159", PUBLIC)), "group.inbound")
    assert_dropped(knock(world, tcp("81.2.69.162", PUBLIC)), "group.inbound")
    assert_dropped(knock(world, tcp(CLIENT6, WEB6)), "group.inbound")


def test_group_source_prefix_list() -> None:
    world = public_world(ingress=[permission("tcp", (22, 22), "pl-a")])
    with pytest.raises(Undecided):
        knock(world)
    add_prefix_list(world, "pl-a", "81.2.69.0/24")
    assert_open(knock(world))
    assert_dropped(knock(world, tcp("81.2.70.0", PUBLIC)), "group.inbound")


def test_an_unknown_prefix_list_beside_a_rule_that_admits() -> None:
    rules = [permission("tcp", (22, 22), "pl-a"), permission("tcp", (22, 22), "81.0.0.0/8")]
    assert_open(knock(public_world(ingress=rules)))


def test_the_rules_of_several_groups_add_up() -> None:
    world = public_world(ingress=[])
    add_group(world, "vpc-a", "sg-more", [permission("tcp", (22, 22), "0.0.0.0/0")])
    assert_dropped(knock(world), "group.inbound")
    world.interface("eni-web")["Groups"].append({"GroupId": "sg-more", "GroupName": "sg-more"})
    assert_open(knock(world))


def test_groups_are_stateful_the_reply_needs_no_rule() -> None:
    world = public_world()
    world.need("SecurityGroups", "GroupId", "sg-web")["IpPermissionsEgress"] = []
    assert_open(knock(world))
    packet = tcp("10.0.1.10", CLIENT, 443)
    assert_dropped(send_from_interface(world, "eni-web", packet), "group.outbound")


def test_an_answer_to_what_the_interface_sent_needs_no_inbound_rule() -> None:
    world = public_world(ingress=[])
    assert_open(send_from_interface(world, "eni-web", tcp("10.0.1.10", CLIENT, 443)))
    assert_dropped(knock(world), "group.inbound")


def test_a_group_not_collected() -> None:
    world = public_world()
    world.interface("eni-web")["Groups"] = [{"GroupId": "sg-gone", "GroupName": "x"}]
    with pytest.raises(Undecided):
        knock(world)


@pytest.mark.parametrize("kind", ["network_load_balancer", "interface"])
def test_interfaces_without_groups(kind: str) -> None:
    world = public_world()
    world.interface("eni-web").update(InterfaceType=kind, Groups=[])
    if kind == "network_load_balancer":
        assert_open(knock(world))
    else:
        with pytest.raises(Undecided):
            knock(world)


def test_a_group_as_source_in_the_same_vpc() -> None:
    world = public_world(ingress=[permission("tcp", (22, 22), "sg-admin")])
    add_group(world, "vpc-a", "sg-admin", [])
    add_group(world, "vpc-a", "sg-other", [])
    add_interface(world, "subnet-two", "eni-admin", "10.0.2.10", groups=("sg-admin",))
    add_interface(world, "subnet-two", "eni-other", "10.0.2.11", groups=("sg-other",))
    assert_open(send_from_interface(world, "eni-admin", tcp("10.0.2.10", "10.0.1.10")))
    packet = tcp("10.0.2.11", "10.0.1.10")
    assert_dropped(send_from_interface(world, "eni-other", packet), "group.inbound")
    assert_dropped(knock(world), "group.inbound")


def test_a_group_as_source_means_private_addresses() -> None:
    world = public_world(ingress=[permission("tcp", (22, 22), "sg-admin")])
    add_group(world, "vpc-a", "sg-admin", [])
    add_interface(
        world, "subnet-two", "eni-admin", "10.0.2.10", groups=("sg-admin",), public="52.0.0.7"
    )
    the_table(world, "rtb-main-a")["Routes"].append(route("0.0.0.0/0", "igw-a"))
    packet = tcp("10.0.2.10", PUBLIC)
    assert_dropped(send_from_interface(world, "eni-admin", packet), "group.inbound")
    world.need("SecurityGroups", "GroupId", "sg-web")["IpPermissions"] = [
        permission("tcp", (22, 22), "52.0.0.7/32")
    ]
    assert_open(send_from_interface(world, "eni-admin", packet))


def test_a_group_as_destination() -> None:
    world = public_world()
    add_group(world, "vpc-a", "sg-admin", [], [permission("tcp", (22, 22), "sg-web")])
    add_interface(world, "subnet-two", "eni-admin", "10.0.2.10", groups=("sg-admin",))
    packet = tcp("10.0.2.10", "10.0.1.10")
    assert_open(send_from_interface(world, "eni-admin", packet))
    world.interface("eni-web")["Groups"] = []
    assert_dropped(send_from_interface(world, "eni-admin", packet), "group.outbound")


# ------------------------------------------------------------------ Block Public Access


@pytest.mark.parametrize(
    ("mode", "exclusion", "resource", "passes"),
    [
        ("off", None, "", True),
        ("block-ingress", None, "", False),
        ("block-bidirectional", None, "", False),
        ("block-ingress", "allow-bidirectional", "subnet-web", True),
        ("block-bidirectional", "allow-bidirectional", "subnet-web", True),
        ("block-bidirectional", "allow-bidirectional", "vpc-a", True),
        ("block-bidirectional", "allow-bidirectional", "subnet-two", False),
        ("block-bidirectional", "allow-egress", "subnet-web", False),
        ("block-ingress", "allow-egress", "subnet-web", False),
    ],
)
def test_bpa_inbound(mode: str, exclusion: str | None, resource: str, passes: bool) -> None:
    world = public_world()
    set_bpa(world, mode)
    if exclusion is not None:
        add_exclusion(world, "vpcbpa-exclude-1", resource, exclusion)
    result = knock(world)
    if passes:
        assert_open(result)
    else:
        assert_dropped(result, "bpa.blocked")


@pytest.mark.parametrize(
    ("mode", "exclusion", "passes"),
    [
        ("block-ingress", None, False),
        ("block-bidirectional", None, False),
        ("block-bidirectional", "allow-egress", False),
        ("block-bidirectional", "allow-bidirectional", True),
        ("block-ingress", "allow-bidirectional", True),
        ("block-ingress", "allow-egress", False),
    ],
)
def test_bpa_outbound_by_the_internet_gateway(
    mode: str, exclusion: str | None, passes: bool
) -> None:
    world = public_world()
    set_bpa(world, mode)
    if exclusion is not None:
        add_exclusion(world, "vpcbpa-exclude-1", "subnet-web", exclusion)
    result = send_from_interface(world, "eni-web", tcp("10.0.1.10", CLIENT, 443))
    if passes:
        assert_open(result)
    else:
        assert_dropped(result, "bpa.blocked")


@pytest.mark.parametrize(
    ("mode", "exclusion", "passes"),
    [
        ("block-ingress", None, True),
        ("block-bidirectional", None, False),
        ("block-bidirectional", "subnet-nat", True),
        ("block-bidirectional", "subnet-app", False),
    ],
)
def test_bpa_and_nat_gateways(mode: str, exclusion: str | None, passes: bool) -> None:
    world = nat_world()
    set_bpa(world, mode)
    if exclusion is not None:
        add_exclusion(world, "vpcbpa-exclude-1", exclusion, "allow-egress")
    result = send_from_interface(world, "eni-app", tcp("10.0.1.10", CLIENT, 443))
    if passes:
        assert_open(result)
    else:
        assert_dropped(result, "bpa.blocked")


@pytest.mark.parametrize(
    ("mode", "exclusion", "passes"),
    [
        ("block-ingress", None, True),
        ("block-bidirectional", None, False),
        ("block-bidirectional", "allow-egress", True),
        ("block-bidirectional", "allow-bidirectional", True),
    ],
)
def test_bpa_and_egress_only_gateways(mode: str, exclusion: str | None, passes: bool) -> None:
    world = public_world(routes=[route("::/0", "eigw-a")])
    add_eigw(world, "vpc-a", "eigw-a")
    set_bpa(world, mode)
    if exclusion is not None:
        add_exclusion(world, "vpcbpa-exclude-1", "subnet-web", exclusion)
    result = send_from_interface(world, "eni-web", tcp(WEB6, CLIENT6, 443))
    if passes:
        assert_open(result)
    else:
        assert_dropped(result, "bpa.blocked")


@pytest.mark.parametrize("state", ["delete-complete", "create-failed", "disable-complete"])
def test_bpa_exclusions_that_are_not_in_force(state: str) -> None:
    world = public_world()
    set_bpa(world, "block-ingress")
    add_exclusion(world, "vpcbpa-exclude-1", "vpc-a", "allow-bidirectional")["State"] = state
    assert_dropped(knock(world), "bpa.blocked")


def test_bpa_being_changed_or_not_collected() -> None:
    world = public_world()
    set_bpa(world, "block-ingress")
    exclusion = add_exclusion(world, "vpcbpa-exclude-1", "vpc-a", "allow-bidirectional")
    exclusion["State"] = "create-in-progress"
    with pytest.raises(Undecided):
        knock(world)
    del world.place(HERE)["VpcBlockPublicAccessOptions"]
    with pytest.raises(Undecided):
        knock(world)


def test_bpa_of_the_appliances_subnet_counts() -> None:
    world = edge_world()
    set_bpa(world, "block-bidirectional")
    add_exclusion(world, "vpcbpa-exclude-1", "subnet-web", "allow-bidirectional")
    assert_dropped(knock(world), "bpa.blocked")
    add_exclusion(world, "vpcbpa-exclude-2", "subnet-two", "allow-bidirectional")
    world.place(HERE)["VpcBlockPublicAccessExclusions"].pop(0)
    assert_open(knock(world))


def test_bpa_does_not_touch_traffic_inside() -> None:
    world = public_world()
    add_interface(world, "subnet-two", "eni-two", "10.0.2.10", groups=("sg-web",))
    set_bpa(world, "block-bidirectional")
    assert_open(send_from_interface(world, "eni-two", tcp("10.0.2.10", "10.0.1.10")))


def test_bpa_of_the_owner_of_a_shared_subnet_counts() -> None:
    other: Where = ("222222222222", HERE[1])
    world = public_world()
    world.place(other)["Subnets"].append(world.subnet("subnet-web"))
    world.place(other)["Vpcs"].append(world.vpc("vpc-a"))
    add_group(world, "vpc-a", "sg-theirs", [permission("-1", None, "0.0.0.0/0")], where=other)
    add_interface(
        world,
        "subnet-web",
        "eni-theirs",
        "10.0.1.30",
        groups=("sg-theirs",),
        public="52.0.0.30",
        where=other,
    )
    packet = tcp(CLIENT, "52.0.0.30")
    set_bpa(world, "block-ingress", where=other)
    assert_open(knock(world, packet))
    set_bpa(world, "block-ingress", where=HERE)
    assert_dropped(knock(world, packet), "bpa.blocked")


# ------------------------------------------------------------------ an interface to the internet


def test_out_by_the_internet_gateway_with_an_own_public_address() -> None:
    result = send_from_interface(public_world(), "eni-web", tcp("10.0.1.10", CLIENT, 443))
    assert_open(result)
    assert result.request.arrived == INTERNET
    assert result.request.packet.source == PUBLIC


def test_out_by_the_internet_gateway_without_a_public_address() -> None:
    world = public_world()
    add_interface(world, "subnet-web", "eni-plain", "10.0.1.20", groups=("sg-web",))
    packet = tcp("10.0.1.20", CLIENT, 443)
    assert_dropped(send_from_interface(world, "eni-plain", packet), "igw.no_public_address")


def test_private_destinations_are_not_on_the_internet() -> None:
    packet = tcp("10.0.1.10", "192.168.0.1", 443)
    assert_dropped(send_from_interface(public_world(), "eni-web", packet), "route.none")


def test_out_by_an_egress_only_gateway() -> None:
    world = public_world(routes=[route("::/0", "eigw-a")])
    gateway = add_eigw(world, "vpc-a", "eigw-a")
    packet = tcp(WEB6, CLIENT6, 443)
    assert_open(send_from_interface(world, "eni-web", packet))
    gateway["Attachments"] = []
    assert_dropped(send_from_interface(world, "eni-web", packet), "eigw.none")


def test_an_egress_only_gateway_lets_nobody_in() -> None:
    world = public_world(routes=[route("::/0", "eigw-a")], gateway=False)
    add_eigw(world, "vpc-a", "eigw-a")
    assert_dropped(knock(world, tcp(CLIENT6, WEB6)), "igw.none")


def test_an_egress_only_gateway_is_for_ipv6() -> None:
    world = public_world(routes=[route("0.0.0.0/0", "eigw-a")])
    add_eigw(world, "vpc-a", "eigw-a")
    packet = tcp("10.0.1.10", CLIENT, 443)
    assert_dropped(send_from_interface(world, "eni-web", packet), "eigw.ipv4")


def nat_world(*, public: str | None = "52.0.0.99") -> World:
    """A private subnet whose internet traffic goes by a NAT gateway in a public subnet."""
    world = World()
    add_vpc(world, "vpc-a", "10.0.0.0/16")
    add_subnet(world, "vpc-a", "subnet-app", "10.0.1.0/24")
    add_subnet(world, "vpc-a", "subnet-nat", "10.0.9.0/24")
    add_igw(world, "vpc-a", "igw-a")
    add_nat(world, "subnet-nat", "nat-a", "10.0.9.9", public)
    add_table(world, "vpc-a", "rtb-app", [route("0.0.0.0/0", "nat-a")], subnets=("subnet-app",))
    add_table(world, "vpc-a", "rtb-nat", [route("0.0.0.0/0", "igw-a")], subnets=("subnet-nat",))
    add_group(world, "vpc-a", "sg-app", [])
    add_interface(world, "subnet-app", "eni-app", "10.0.1.10", groups=("sg-app",))
    return world


APP_OUT = tcp("10.0.1.10", CLIENT, 443)


def test_out_by_a_nat_gateway() -> None:
    result = send_from_interface(nat_world(), "eni-app", APP_OUT, nat_port=2000)
    assert_open(result)
    assert result.request.packet == tcp("52.0.0.99", CLIENT, 443, back=2000)


def test_a_nat_gateway_takes_nothing_unsolicited() -> None:
    assert_dropped(knock(nat_world(), tcp(CLIENT, "52.0.0.99")), "nat.unsolicited")


def test_a_nat_gateways_subnet_needs_the_internet_gateway() -> None:
    world = nat_world()
    the_table(world, "rtb-nat")["Routes"].pop()
    assert_dropped(send_from_interface(world, "eni-app", APP_OUT), "route.none")


def test_a_private_nat_gateway_and_the_internet() -> None:
    result = send_from_interface(nat_world(public=None), "eni-app", APP_OUT)
    assert_dropped(result, "nat.private_to_igw")


@pytest.mark.parametrize("state", ["pending", "failed", "deleting", "deleted"])
def test_a_nat_gateway_not_available(state: str) -> None:
    world = nat_world()
    world.place(HERE)["NatGateways"][0]["State"] = state
    assert_dropped(send_from_interface(world, "eni-app", APP_OUT), "nat.not_available")


def test_a_nat_gateway_passes_tcp_udp_and_icmp_only() -> None:
    world = nat_world()
    assert_open(send_from_interface(world, "eni-app", ping("10.0.1.10", CLIENT)))
    packet = Packet(50, "10.0.1.10", CLIENT)
    assert_dropped(send_from_interface(world, "eni-app", packet), "nat.protocol")


def test_the_acl_of_the_nat_gateways_subnet_sees_four_crossings() -> None:
    app, server = "10.0.1.0/24", "81.2.69.0/24"
    https = (443, 443)
    needed = [
        acl_entry(1, "allow", False, app, protocol=6, ports=https),
        acl_entry(2, "allow", True, server, protocol=6, ports=https),
        acl_entry(3, "allow", False, server, protocol=6, ports=(1024, 65535)),
        acl_entry(4, "allow", True, app, protocol=6, ports=(50000, 50000)),
    ]
    world = nat_world()
    add_acl(world, "vpc-a", "acl-nat", needed, subnets=("subnet-nat",))
    assert_open(send_from_interface(world, "eni-app", APP_OUT, nat_port=1024))
    assert not send_from_interface(world, "eni-app", APP_OUT, nat_port=1023).replied
    for number in range(4):
        world = nat_world()
        rest = needed[:number] + needed[number + 1 :]
        add_acl(world, "vpc-a", "acl-nat", rest, subnets=("subnet-nat",))
        assert not send_from_interface(world, "eni-app", APP_OUT).replied


def test_a_nat_instance_may_translate_or_not() -> None:
    world = nat_world()
    add_interface(
        world,
        "subnet-nat",
        "eni-box",
        "10.0.9.8",
        groups=("sg-box",),
        public="52.0.0.8",
        check=False,
    )
    add_group(world, "vpc-a", "sg-box", [permission("-1", None, "10.0.0.0/8")])
    the_table(world, "rtb-app")["Routes"][-1] = route("0.0.0.0/0", "eni-box")
    with pytest.raises(Undecided):
        send_from_interface(world, "eni-app", APP_OUT)
    world.interface("eni-box")["SourceDestCheck"] = True
    result = send_from_interface(world, "eni-app", APP_OUT)
    assert_dropped(result, "interface.source_dest_check")


def test_out_to_a_network_that_is_not_in_the_data() -> None:
    world = nat_world()
    the_table(world, "rtb-app")["Routes"][-1] = route("0.0.0.0/0", "vgw-a")
    with pytest.raises(Undecided):
        send_from_interface(world, "eni-app", APP_OUT)


def test_a_reply_that_a_nat_gateway_would_translate_is_none() -> None:
    # The way there is direct, the way back goes by the NAT gateway.
    world = nat_world()
    world.need("SecurityGroups", "GroupId", "sg-app")["IpPermissions"] = [
        permission("-1", None, "10.0.0.0/8")
    ]
    add_interface(world, "subnet-nat", "eni-near", "10.0.9.20", groups=("sg-app",))
    packet = tcp("10.0.9.20", "10.0.1.10")
    assert_open(send_from_interface(world, "eni-near", packet))
    the_table(world, "rtb-app")["Routes"].append(route("10.0.9.0/24", "nat-a"))
    result = send_from_interface(world, "eni-near", packet)
    assert_no_reply(result, "reply.not_the_same_addresses")
    assert result.reply is not None
    assert result.reply.place == "nat-a"


# ------------------------------------------------------------------ inside a VPC


def test_local_traffic_between_subnets() -> None:
    world = public_world()
    add_interface(world, "subnet-two", "eni-two", "10.0.2.10", groups=("sg-web",))
    assert_open(send_from_interface(world, "eni-two", tcp("10.0.2.10", "10.0.1.10")))
    packet = tcp("10.0.2.10", "10.0.1.99")
    assert_dropped(send_from_interface(world, "eni-two", packet), "local.no_interface")


def test_a_stopped_instance_sends_nothing() -> None:
    world = public_world()
    world.place(HERE)["Instances"][0]["State"]["Name"] = "stopped"
    packet = tcp("10.0.1.10", CLIENT, 443)
    assert_dropped(send_from_interface(world, "eni-web", packet), "interface.not_running")


def test_instances_not_collected() -> None:
    world = public_world()
    del world.place(HERE)["Instances"]
    with pytest.raises(Undecided):
        knock(world)


# ------------------------------------------------------------------ peering

FAR: Where = ("333333333333", "us-east-1")
NEAR: Where = ("333333333333", HERE[1])


def peered_world(where: Where = NEAR) -> World:
    """VPC a here and VPC b there, peered, with routes both ways."""
    world = World()
    add_vpc(world, "vpc-a", "10.1.0.0/16")
    add_vpc(world, "vpc-b", "10.2.0.0/16", where=where)
    for name, number, other in (("a", 1, 2), ("b", 2, 1)):
        add_subnet(world, f"vpc-{name}", f"subnet-{name}", f"10.{number}.1.0/24")
        link = [route(f"10.{other}.0.0/16", "pcx-ab")]
        add_table(world, f"vpc-{name}", f"rtb-{name}", link, subnets=(f"subnet-{name}",))
        anywhere = [permission("-1", None, "0.0.0.0/0")]
        add_group(world, f"vpc-{name}", f"sg-{name}", anywhere)
        add_interface(
            world,
            f"subnet-{name}",
            f"eni-{name}",
            f"10.{number}.1.10",
            groups=(f"sg-{name}",),
        )
    add_peering(world, "pcx-ab", "vpc-a", "vpc-b")
    return world


A_TO_B = tcp("10.1.1.10", "10.2.1.10")


def a_to_b(world: World) -> Result:
    return send_from_interface(world, "eni-a", A_TO_B)


@pytest.mark.parametrize("where", [NEAR, FAR])
def test_peering(where: Where) -> None:
    assert_open(a_to_b(peered_world(where)))


@pytest.mark.parametrize("state", ["pending-acceptance", "deleted", "rejected", "expired"])
def test_peering_not_active(state: str) -> None:
    world = peered_world()
    world.place(HERE)["VpcPeeringConnections"][0]["Status"]["Code"] = state
    assert_dropped(a_to_b(world), "peering.not_active")


def test_peering_needs_routes_on_both_sides() -> None:
    world = peered_world()
    the_table(world, "rtb-b")["Routes"].pop()
    assert_no_reply(a_to_b(world), "route.none")
    the_table(world, "rtb-a")["Routes"].pop()
    assert_dropped(a_to_b(world), "route.none")


def test_peering_does_not_lead_on_to_the_internet() -> None:
    world = peered_world()
    add_igw(world, "vpc-b", "igw-b")
    the_table(world, "rtb-b")["Routes"].append(route("0.0.0.0/0", "igw-b"))
    the_table(world, "rtb-a")["Routes"].append(route("0.0.0.0/0", "pcx-ab"))
    packet = tcp("10.1.1.10", CLIENT, 443)
    assert_dropped(send_from_interface(world, "eni-a", packet), "peering.transitive")


def test_peering_does_not_lead_on_to_a_third_vpc() -> None:
    world = peered_world()
    add_vpc(world, "vpc-c", "10.3.0.0/16")
    add_subnet(world, "vpc-c", "subnet-c", "10.3.1.0/24")
    add_group(world, "vpc-c", "sg-c", [permission("-1", None, "0.0.0.0/0")])
    add_interface(world, "subnet-c", "eni-c", "10.3.1.10", groups=("sg-c",))
    add_peering(world, "pcx-bc", "vpc-b", "vpc-c")
    the_table(world, "rtb-b")["Routes"].append(route("10.3.0.0/16", "pcx-bc"))
    the_table(world, "rtb-a")["Routes"].append(route("10.3.0.0/16", "pcx-ab"))
    packet = tcp("10.1.1.10", "10.3.1.10")
    assert_dropped(send_from_interface(world, "eni-a", packet), "peering.transitive")


def test_peering_carries_only_what_its_own_vpc_sends() -> None:
    # A transit gateway leads into VPC a, whose table leads on over the peering.
    world = peered_world()
    add_vpc(world, "vpc-c", "10.3.0.0/16")
    add_subnet(world, "vpc-c", "subnet-c", "10.3.1.0/24")
    add_table(world, "vpc-c", "rtb-c", [route("0.0.0.0/0", "tgw-x")], subnets=("subnet-c",))
    add_group(world, "vpc-c", "sg-c", [])
    add_interface(world, "subnet-c", "eni-c", "10.3.1.10", groups=("sg-c",))
    add_tgw(world, "tgw-x")
    add_tgw_vpc(world, "tgw-attach-a", "tgw-x", ("subnet-a",))
    add_tgw_vpc(world, "tgw-attach-c", "tgw-x", ("subnet-c",))
    to_a = [tgw_route("0.0.0.0/0", "tgw-attach-a")]
    add_tgw_table(world, "tgw-x", "tgw-rtb-x", ("tgw-attach-a", "tgw-attach-c"), to_a)
    packet = tcp("10.3.1.10", "10.2.1.10")
    assert_dropped(send_from_interface(world, "eni-c", packet), "peering.transitive")
    # ... and not either what comes from an address that its own VPC has too.
    add_interface(world, "subnet-c", "eni-d", "10.1.1.99", groups=("sg-c",))
    world.place(HERE)["SecurityGroups"][-1]["IpPermissionsEgress"] = [
        permission("-1", None, "0.0.0.0/0")
    ]
    packet = tcp("10.1.1.99", "10.2.1.10")
    assert_dropped(send_from_interface(world, "eni-d", packet), "peering.transitive")


def test_peering_to_an_account_not_collected() -> None:
    world = peered_world()
    del world.places[NEAR]
    with pytest.raises(Undecided):
        a_to_b(world)


def test_the_acls_of_both_ends_count() -> None:
    for vpc, rule in (("a", "acl.outbound"), ("b", "acl.inbound")):
        world = peered_world()
        entries = [acl_entry(100, "allow", rule == "acl.inbound", "0.0.0.0/0")]
        add_acl(world, f"vpc-{vpc}", "acl-x", entries, subnets=(f"subnet-{vpc}",))
        assert_dropped(a_to_b(world), rule)


@pytest.mark.parametrize(("where", "passes"), [(NEAR, True), (FAR, False)])
def test_a_group_of_a_peered_vpc_counts_in_the_same_region(where: Where, passes: bool) -> None:
    world = peered_world(where)
    group = world.need("SecurityGroups", "GroupId", "sg-b")
    group["IpPermissions"] = [permission("tcp", (22, 22), "sg-a", peer={"VpcId": "vpc-a"})]
    if passes:
        assert_open(a_to_b(world))
    else:
        assert_dropped(a_to_b(world), "group.inbound")


@pytest.mark.parametrize(("where", "passes"), [(NEAR, True), (FAR, False)])
def test_a_group_of_a_peered_vpc_as_destination(where: Where, passes: bool) -> None:
    world = peered_world(where)
    group = world.need("SecurityGroups", "GroupId", "sg-a")
    group["IpPermissionsEgress"] = [permission("tcp", (22, 22), "sg-b")]
    if passes:
        assert_open(a_to_b(world))
    else:
        assert_dropped(a_to_b(world), "group.outbound")


def test_a_reference_to_a_deleted_group_admits_nobody() -> None:
    world = peered_world()
    group = world.need("SecurityGroups", "GroupId", "sg-b")
    group["IpPermissions"] = [permission("tcp", (22, 22), "sg-deleted")]
    assert_dropped(a_to_b(world), "group.inbound")


# ------------------------------------------------------------------ transit gateways


def tgw_world(*, referencing: tuple[bool, bool, bool] = (False, False, False)) -> World:
    """VPC a and VPC b attached to one transit gateway; tables with static and propagated routes."""
    world = World()
    add_tgw(world, "tgw-x", referencing=referencing[0])
    for number, name in ((1, "a"), (2, "b")):
        add_vpc(world, f"vpc-{name}", f"10.{number}.0.0/16")
        add_subnet(world, f"vpc-{name}", f"subnet-{name}", f"10.{number}.1.0/24")
        add_subnet(world, f"vpc-{name}", f"subnet-{name}-tgw", f"10.{number}.9.0/28")
        default = [route("0.0.0.0/0", "tgw-x")]
        add_table(world, f"vpc-{name}", f"rtb-{name}", default, subnets=(f"subnet-{name}",))
        add_group(world, f"vpc-{name}", f"sg-{name}", [permission("-1", None, "0.0.0.0/0")])
        add_interface(
            world,
            f"subnet-{name}",
            f"eni-{name}",
            f"10.{number}.1.10",
            groups=(f"sg-{name}",),
        )
        add_tgw_vpc(
            world,
            f"tgw-attach-{name}",
            "tgw-x",
            (f"subnet-{name}-tgw",),
            referencing=referencing[number],
        )
    routes = [
        tgw_route("10.1.0.0/16", "tgw-attach-a", kind="propagated"),
        tgw_route("10.2.0.0/16", "tgw-attach-b", kind="propagated"),
    ]
    add_tgw_table(world, "tgw-x", "tgw-rtb-x", ("tgw-attach-a", "tgw-attach-b"), routes)
    return world


def tgw_routes(world: World, table_id: str = "tgw-rtb-x") -> list[Json]:
    return world.entries("TransitGatewayRoutes", table_id)


def test_transit_gateway() -> None:
    assert_open(a_to_b(tgw_world()))


def test_transit_gateway_not_attached() -> None:
    world = tgw_world()
    world.place(HERE)["TransitGatewayVpcAttachments"][1]["State"] = "deleting"
    assert_dropped(a_to_b(world), "tgw.not_attached")
    world.place(HERE)["TransitGatewayVpcAttachments"].pop(0)
    assert_dropped(a_to_b(world), "tgw.not_attached")


def test_transit_gateway_needs_an_attachment_in_the_senders_zone() -> None:
    world = tgw_world()
    world.subnet("subnet-a").update(AvailabilityZoneId="eu-west-1-az2")
    assert_dropped(a_to_b(world), "tgw.zone")


def test_transit_gateway_without_an_association() -> None:
    world = tgw_world()
    world.place(HERE)["TransitGatewayRouteTableAssociations"]["tgw-rtb-x"].pop(0)
    assert_dropped(a_to_b(world), "tgw.not_associated")


def test_transit_gateway_without_propagation() -> None:
    world = tgw_world()
    tgw_routes(world).pop(0)
    assert_no_reply(a_to_b(world), "tgw.no_route")
    tgw_routes(world).pop(0)
    assert_dropped(a_to_b(world), "tgw.no_route")


def test_transit_gateway_blackhole() -> None:
    world = tgw_world()
    tgw_routes(world).append(tgw_route("10.2.1.0/24", None))
    assert_dropped(a_to_b(world), "tgw.blackhole")
    tgw_routes(world)[-1]["DestinationCidrBlock"] = "10.2.0.0/15"
    assert_open(a_to_b(world))


def test_transit_gateway_static_wins_over_propagated() -> None:
    world = tgw_world()
    tgw_routes(world).append(tgw_route("10.2.0.0/16", None))
    assert_dropped(a_to_b(world), "tgw.blackhole")


def test_transit_gateway_the_association_of_the_source_chooses_the_table() -> None:
    world = tgw_world()
    place = world.place(HERE)
    place["TransitGatewayRouteTableAssociations"]["tgw-rtb-x"].pop(0)
    add_tgw_table(world, "tgw-x", "tgw-rtb-y", ("tgw-attach-a",), [])
    assert_dropped(a_to_b(world), "tgw.no_route")
    tgw_routes(world, "tgw-rtb-y").append(tgw_route("10.2.0.0/16", "tgw-attach-b"))
    assert_open(a_to_b(world))


def test_transit_gateway_tables_not_collected() -> None:
    world = tgw_world()
    for name in ("TransitGatewayRouteTables", "TransitGatewayRoutes"):
        del world.place(HERE)[name]
    with pytest.raises(Undecided):
        a_to_b(world)


def test_transit_gateway_to_a_vpn_is_undecided() -> None:
    world = tgw_world()
    tgw_routes(world)[1]["TransitGatewayAttachments"][0]["ResourceType"] = "vpn"
    with pytest.raises(Undecided):
        a_to_b(world)


def test_transit_gateway_ipv6_support() -> None:
    world = tgw_world()
    for name, block in (("a", "2600:1f18:a::"), ("b", "2600:1f18:b::")):
        world.interface(f"eni-{name}")["Ipv6Addresses"] = [{"Ipv6Address": f"{block}10"}]
        the_table(world, f"rtb-{name}")["Routes"].append(route("::/0", "tgw-x"))
        the_table(world, f"rtb-main-{name}")["Routes"].append(route(f"{block}/56", "local"))
        tgw_routes(world).append(tgw_route(f"{block}/56", f"tgw-attach-{name}"))
        world.need("SecurityGroups", "GroupId", f"sg-{name}")["IpPermissions"] = [
            permission("-1", None, "::/0")
        ]
    packet = tcp("2600:1f18:a::10", "2600:1f18:b::10")
    assert_open(send_from_interface(world, "eni-a", packet))
    for attachment in world.place(HERE)["TransitGatewayVpcAttachments"]:
        attachment["Options"]["Ipv6Support"] = "disable"
    assert_dropped(send_from_interface(world, "eni-a", packet), "tgw.ipv6")


def only_direction(egress: bool) -> list[Json]:
    return [acl_entry(100, "allow", egress, "0.0.0.0/0")]


def test_transit_gateway_acls_of_its_own_subnets() -> None:
    # Towards the gateway the inbound rules of its subnet count, its outbound rules do not; out of
    # the gateway the outbound rules count, the inbound rules do not.
    world = tgw_world()
    add_acl(world, "vpc-a", "acl-a", only_direction(False), subnets=("subnet-a-tgw",))
    assert a_to_b(world).delivered
    add_acl(world, "vpc-a", "acl-a2", only_direction(True), subnets=("subnet-a-tgw",))
    assert_dropped(a_to_b(world), "acl.inbound")
    world = tgw_world()
    add_acl(world, "vpc-b", "acl-b", only_direction(True), subnets=("subnet-b-tgw",))
    assert a_to_b(world).delivered
    add_acl(world, "vpc-b", "acl-b2", only_direction(False), subnets=("subnet-b-tgw",))
    assert_dropped(a_to_b(world), "acl.outbound")


def test_transit_gateway_acls_when_it_shares_the_receivers_subnet() -> None:
    world = tgw_world()
    attachment = world.place(HERE)["TransitGatewayVpcAttachments"][1]
    attachment["SubnetIds"] = ["subnet-b"]
    add_acl(world, "vpc-b", "acl-b", [], subnets=("subnet-b",))
    assert a_to_b(world).delivered
    attachment["SubnetIds"] = ["subnet-b-tgw"]
    assert_dropped(a_to_b(world), "acl.inbound")


@pytest.mark.parametrize(
    ("referencing", "passes"),
    [
        ((True, True, True), True),
        ((False, True, True), False),
        ((True, False, True), False),
        ((True, True, False), False),
    ],
)
def test_group_references_over_a_transit_gateway(
    referencing: tuple[bool, bool, bool], passes: bool
) -> None:
    world = tgw_world(referencing=referencing)
    group = world.need("SecurityGroups", "GroupId", "sg-b")
    group["IpPermissions"] = [permission("tcp", (22, 22), "sg-a")]
    if passes:
        assert_open(a_to_b(world))
    else:
        assert_dropped(a_to_b(world), "group.inbound")


def test_no_outbound_group_references_over_a_transit_gateway() -> None:
    world = tgw_world(referencing=(True, True, True))
    group = world.need("SecurityGroups", "GroupId", "sg-a")
    group["IpPermissionsEgress"] = [permission("tcp", (22, 22), "sg-b")]
    assert_dropped(a_to_b(world), "group.outbound")


def test_a_random_zone_is_undecided_where_the_subnets_differ() -> None:
    world = tgw_world()
    add_subnet(world, "vpc-b", "subnet-b-tgw2", "10.2.9.16/28", zone="b")
    add_table(world, "vpc-b", "rtb-b-tgw2", [], subnets=("subnet-b-tgw2",))
    attachment = world.place(HERE)["TransitGatewayVpcAttachments"][1]
    attachment["SubnetIds"].append("subnet-b-tgw2")
    assert_open(a_to_b(world))
    attachment["Options"]["ApplianceModeSupport"] = "enable"
    with pytest.raises(Undecided):
        a_to_b(world)


def test_an_egress_vpc_behind_a_transit_gateway() -> None:
    world = tgw_world()
    add_igw(world, "vpc-b", "igw-b")
    add_subnet(world, "vpc-b", "subnet-b-nat", "10.2.8.0/24")
    add_nat(world, "subnet-b-nat", "nat-b", "10.2.8.8", "52.0.0.98")
    ways = [route("0.0.0.0/0", "igw-b"), route("10.0.0.0/8", "tgw-x")]
    add_table(world, "vpc-b", "rtb-b-nat", ways, subnets=("subnet-b-nat",))
    to_nat = [route("0.0.0.0/0", "nat-b")]
    add_table(world, "vpc-b", "rtb-b-tgw", to_nat, subnets=("subnet-b-tgw",))
    tgw_routes(world).append(tgw_route("0.0.0.0/0", "tgw-attach-b"))
    packet = tcp("10.1.1.10", CLIENT, 443)
    assert_open(send_from_interface(world, "eni-a", packet))
    the_table(world, "rtb-b-nat")["Routes"].pop()
    assert_no_reply(send_from_interface(world, "eni-a", packet), "igw.no_public_address")


def peered_gateways() -> World:
    """VPC a on a gateway here, VPC b on a gateway in another region, the gateways peered."""
    world = World()
    for number, name, where in ((1, "a", HERE), (2, "b", FAR)):
        add_tgw(world, f"tgw-{name}", where=where, referencing=True)
        add_vpc(world, f"vpc-{name}", f"10.{number}.0.0/16", where=where)
        add_subnet(world, f"vpc-{name}", f"subnet-{name}", f"10.{number}.1.0/24")
        default = [route("0.0.0.0/0", f"tgw-{name}")]
        add_table(world, f"vpc-{name}", f"rtb-{name}", default, subnets=(f"subnet-{name}",))
        add_group(world, f"vpc-{name}", f"sg-{name}", [permission("-1", None, "0.0.0.0/0")])
        add_interface(
            world,
            f"subnet-{name}",
            f"eni-{name}",
            f"10.{number}.1.10",
            groups=(f"sg-{name}",),
        )
        add_tgw_vpc(
            world, f"tgw-attach-{name}", f"tgw-{name}", (f"subnet-{name}",), referencing=True
        )
    add_tgw_peering(world, "tgw-attach-p", "tgw-a", "tgw-b")
    for number, name, other in ((1, "a", 2), (2, "b", 1)):
        routes = [
            tgw_route(f"10.{number}.0.0/16", f"tgw-attach-{name}", kind="propagated"),
            tgw_route(f"10.{other}.0.0/16", "tgw-attach-p", resource="peering"),
        ]
        attachments = (f"tgw-attach-{name}", "tgw-attach-p")
        add_tgw_table(world, f"tgw-{name}", f"tgw-rtb-{name}", attachments, routes)
    return world


def test_peered_transit_gateways() -> None:
    world = peered_gateways()
    assert_open(a_to_b(world))
    tgw_routes(world, "tgw-rtb-b").pop()
    assert_no_reply(a_to_b(world), "tgw.no_route")


def test_peered_transit_gateways_the_peering_must_be_associated_there() -> None:
    world = peered_gateways()
    world.place(FAR)["TransitGatewayRouteTableAssociations"]["tgw-rtb-b"].pop()
    assert_dropped(a_to_b(world), "tgw.not_associated")


def test_peered_transit_gateways_not_accepted() -> None:
    world = peered_gateways()
    world.place(HERE)["TransitGatewayPeeringAttachments"][0]["State"] = "pendingAcceptance"
    assert_dropped(a_to_b(world), "tgw.peering_not_available")


def test_no_group_references_over_peered_transit_gateways() -> None:
    world = peered_gateways()
    group = world.need("SecurityGroups", "GroupId", "sg-b")
    group["IpPermissions"] = [permission("tcp", (22, 22), "sg-a")]
    assert_dropped(a_to_b(world), "group.inbound")


# ------------------------------------------------------------------ public addresses inside


def test_one_instance_to_another_by_its_public_address() -> None:
    world = public_world()
    add_interface(
        world, "subnet-web", "eni-two", "10.0.1.20", groups=("sg-web",), public="52.0.0.20"
    )
    result = send_from_interface(world, "eni-two", tcp("10.0.1.20", PUBLIC))
    assert_open(result)
    assert result.request.packet.source == "52.0.0.20"
    assert result.request.arrived == "eni-web"


def test_udp_is_answered_like_tcp() -> None:
    packet = Packet(UDP, CLIENT, PUBLIC, source_port=50000, destination_port=53)
    assert_open(knock(public_world(), packet))
    assert_no_reply(knock(public_world(routes=[]), packet), "route.none")


# ------------------------------------------------------------------ what the data lack


@pytest.mark.parametrize(
    "name", ["NetworkInterfaces", "Vpcs", "Subnets", "SecurityGroups", "NetworkAcls"]
)
def test_a_list_that_was_not_collected(name: str) -> None:
    world = public_world()
    assert_dropped(knock(world, tcp(CLIENT, "52.0.0.2")), "address.none")
    del world.place(HERE)[name]
    with pytest.raises(Undecided):
        knock(world)


def test_interfaces_not_collected_in_another_account() -> None:
    world = public_world()
    del world.place(("222222222222", HERE[1]))["NetworkInterfaces"]
    assert_open(knock(world))
    for packet in (tcp(CLIENT, "52.0.0.2"), tcp(CLIENT6, "2600:1f18:9::1")):
        with pytest.raises(Undecided):
            knock(world, packet)
    with pytest.raises(Undecided):
        send_from_interface(world, "eni-web", tcp("10.0.1.10", "10.0.1.99"))


@pytest.mark.parametrize("key", ["SourceDestCheck", "InterfaceType", "Status", "Groups"])
def test_a_member_of_an_interface_that_is_missing(key: str) -> None:
    world = public_world()
    add_interface(world, "subnet-two", "eni-two", "10.0.2.10", groups=("sg-web",))
    del world.interface("eni-web")[key]
    with pytest.raises(Undecided, match="eni-web"):
        # Here and back: what the way in does not need, the way out does.
        knock(world)


def test_an_appliance_whose_checking_is_not_known() -> None:
    world = edge_world()
    del world.interface("eni-fw")["SourceDestCheck"]
    with pytest.raises(Undecided, match="eni-fw"):
        knock(world)


def test_exclusions_not_collected_or_of_both_modes() -> None:
    world = public_world()
    set_bpa(world, "block-bidirectional")
    add_exclusion(world, "vpcbpa-exclude-1", "vpc-a", "allow-bidirectional")
    assert_open(knock(world))
    add_exclusion(world, "vpcbpa-exclude-2", "subnet-web", "allow-egress")
    with pytest.raises(Undecided):
        knock(world)
    del world.place(HERE)["VpcBlockPublicAccessExclusions"]
    with pytest.raises(Undecided):
        knock(world)


@pytest.mark.parametrize(
    "change", [{"State": "update-in-progress"}, {"InternetGatewayBlockMode": "block-new"}]
)
def test_a_bpa_state_that_decides_nothing(change: Json) -> None:
    world = public_world()
    world.place(HERE)["VpcBlockPublicAccessOptions"].update(change)
    with pytest.raises(Undecided):
        knock(world)


@pytest.mark.parametrize(
    "rule",
    [
        permission("tcp", None, "0.0.0.0/0"),
        permission("tcp", (80, 22), "0.0.0.0/0"),
        permission("tcp", (-1, -1), "0.0.0.0/0"),
        permission("tcp", (0, 70000), "0.0.0.0/0"),
    ],
)
def test_group_rules_with_nonsense_ports(rule: Json) -> None:
    with pytest.raises(Undecided):
        knock(public_world(ingress=[rule]))
    assert_open(knock(public_world(ingress=[rule, permission("tcp", (22, 22), "0.0.0.0/0")])))


def test_icmp_rules_without_their_type() -> None:
    with pytest.raises(Undecided):
        knock(public_world(ingress=[permission("icmp", None, "0.0.0.0/0")]), ping(CLIENT, PUBLIC))
    entry = acl_entry(100, "allow", False, "0.0.0.0/0", protocol=1)
    with pytest.raises(Undecided):
        knock(acl_world(entry, ALL_OUT), ping(CLIENT, PUBLIC))


def test_routes_that_decide_nothing() -> None:
    pending = route("0.0.0.0/0", "igw-a", state="pending")
    without = route("0.0.0.0/0", "igw-a")
    del without["GatewayId"]
    for routes in ([pending], [without]):
        with pytest.raises(Undecided):
            knock(public_world(routes=routes))
    filtered = route("81.2.69.0/24", "vgw-a", state="filtered")
    assert_open(knock(public_world(routes=[filtered, route("0.0.0.0/0", "igw-a")])))


def test_two_propagated_routes_to_one_destination() -> None:
    one = route("0.0.0.0/0", "igw-a", origin="Advertisement")
    two = route("0.0.0.0/0", "igw-a", origin="Advertisement", state="blackhole")
    with pytest.raises(Undecided):
        knock(public_world(routes=[one, two]))


def test_a_prefix_lists_entry_inside_the_vpc() -> None:
    world = public_world(routes=[route("pl-a", "eni-two")])
    add_prefix_list(world, "pl-a", "10.0.2.0/24")
    add_interface(world, "subnet-two", "eni-two", "10.0.2.10", groups=("sg-web",))
    with pytest.raises(Undecided):
        send_from_interface(world, "eni-web", tcp("10.0.1.10", "10.0.2.10"))


def test_routes_to_what_stands_elsewhere() -> None:
    # An internet gateway of another VPC, a peering of other VPCs.
    world = peered_world()
    add_vpc(world, "vpc-c", "10.3.0.0/16")
    add_igw(world, "vpc-a", "igw-a")
    add_igw(world, "vpc-c", "igw-c")
    add_peering(world, "pcx-bc", "vpc-b", "vpc-c")
    packet = tcp("10.1.1.10", CLIENT, 443)
    the_table(world, "rtb-a")["Routes"].append(route("0.0.0.0/0", "igw-c"))
    assert_dropped(send_from_interface(world, "eni-a", packet), "igw.none")
    the_table(world, "rtb-a")["Routes"][-1] = route("0.0.0.0/0", "pcx-bc")
    assert_dropped(send_from_interface(world, "eni-a", packet), "peering.not_active")


def test_the_edge_table_knows_local_and_appliances_only() -> None:
    assert_dropped(knock(edge_world(target="nat-a")), "route.none")


@pytest.mark.parametrize("gateway", ["igw-a", "eigw-a"])
def test_unique_local_ipv6_does_not_leave(gateway: str) -> None:
    world = public_world(routes=[route("::/0", gateway)])
    add_eigw(world, "vpc-a", "eigw-a")
    world.interface("eni-web")["Ipv6Addresses"] = [{"Ipv6Address": "fd00::10"}]
    result = send_from_interface(world, "eni-web", tcp("fd00::10", CLIENT6, 443))
    assert_dropped(result, "address.private_ipv6")


@pytest.mark.parametrize("gateway", ["igw-a", "eigw-a"])
def test_a_foreign_source_does_not_leave(gateway: str) -> None:
    world = public_world(routes=[route("::/0", gateway)])
    add_eigw(world, "vpc-a", "eigw-a")
    world.interface("eni-web")["SourceDestCheck"] = False
    result = send_from_interface(world, "eni-web", tcp("2600:1f18:9::1", CLIENT6, 443))
    assert_dropped(result, "igw.no_public_address")


def test_ipv6_and_nat_gateways() -> None:
    world = public_world(routes=[route("::/0", "nat-a")])
    nat = add_nat(world, "subnet-two", "nat-a", "10.0.2.9", "52.0.0.99")
    result = send_from_interface(world, "eni-web", tcp(WEB6, CLIENT6, 443))
    assert_dropped(result, "nat.protocol")
    with pytest.raises(Undecided, match="NAT64"):
        send_from_interface(world, "eni-web", tcp(WEB6, "64:ff9b::5102:45a0", 443))
    nat["AvailabilityMode"] = "regional"
    with pytest.raises(Undecided, match="regional"):
        send_from_interface(world, "eni-web", tcp(WEB6, CLIENT6, 443))


def test_a_nat_gateway_before_a_peering_is_undecided() -> None:
    world = peered_world()
    add_subnet(world, "vpc-a", "subnet-a-nat", "10.1.9.0/24")
    add_nat(world, "subnet-a-nat", "nat-a", "10.1.9.9", None)
    link = [route("10.2.0.0/16", "pcx-ab")]
    add_table(world, "vpc-a", "rtb-a-nat", link, subnets=("subnet-a-nat",))
    the_table(world, "rtb-a")["Routes"][-1] = route("10.2.0.0/16", "nat-a")
    with pytest.raises(Undecided, match="NAT gateway may send over a peering"):
        a_to_b(world)


def test_a_private_nat_gateway_before_a_transit_gateway() -> None:
    world = tgw_world()
    add_nat(world, "subnet-a-tgw", "nat-a", "10.1.9.9", None)
    default = [route("0.0.0.0/0", "tgw-x")]
    add_table(world, "vpc-a", "rtb-a-nat", default, subnets=("subnet-a-tgw",))
    the_table(world, "rtb-a")["Routes"][-1] = route("0.0.0.0/0", "nat-a")
    result = a_to_b(world)
    assert_open(result)
    assert result.request.packet.source == "10.1.9.9"


def test_transit_gateway_attachments_not_collected() -> None:
    world = tgw_world()
    del world.place(HERE)["TransitGatewayVpcAttachments"]
    with pytest.raises(Undecided):
        a_to_b(world)


def test_transit_gateway_tables_of_an_owner_not_collected() -> None:
    world = tgw_world()
    place = world.place(HERE)
    place["TransitGateways"][0]["OwnerId"] = "999999999999"
    for name in ("TransitGatewayRouteTables", "TransitGatewayRoutes"):
        place[name] = type(place[name])()
    with pytest.raises(Undecided, match="owner"):
        a_to_b(world)


def test_transit_gateway_routes_that_decide_nothing() -> None:
    world = tgw_world()
    tgw_routes(world)[1]["TransitGatewayAttachments"].append(
        {"TransitGatewayAttachmentId": "tgw-attach-vpn", "ResourceType": "vpn"}
    )
    with pytest.raises(Undecided):
        a_to_b(world)
    tgw_routes(world)[1]["TransitGatewayAttachments"].pop()
    assert_open(a_to_b(world))
    twice = tgw_route("10.2.0.0/16", "tgw-attach-a", kind="propagated")
    tgw_routes(world).append(twice)
    with pytest.raises(Undecided):
        a_to_b(world)


def test_the_attachment_at_the_far_end_must_be_available() -> None:
    world = tgw_world()
    world.place(HERE)["TransitGatewayVpcAttachments"][1]["State"] = "failed"
    result = a_to_b(world)
    assert_dropped(result, "tgw.not_attached")
    assert result.request.place == "tgw-attach-b"
    world = tgw_world()
    world.place(HERE)["TransitGatewayVpcAttachments"][0]["State"] = "failed"
    assert a_to_b(world).request.place == "tgw-attach-a"


def test_a_table_of_a_place_that_was_not_collected() -> None:
    # A participant sees the shared VPC and subnet, not the owner's tables.
    world = public_world()
    place = world.places.pop(HERE)
    place["RouteTables"] = []
    world.places["222222222222", HERE[1]] = place
    with pytest.raises(Undecided):
        knock(world)


def test_a_gateway_does_not_take_one_vpcs_sender_for_anothers() -> None:
    """A sender in VPC c comes over a transit gateway; an interface of VPC a has its address."""
    world = peered_world()
    add_igw(world, "vpc-a", "igw-a")
    the_table(world, "rtb-a")["Routes"].append(route("0.0.0.0/0", "igw-a"))
    add_interface(world, "subnet-a", "eni-a2", "10.1.1.99", groups=("sg-a",), public="52.0.0.77")
    packet = tcp("10.1.1.99", CLIENT, 443)
    assert send_from_interface(world, "eni-a2", packet).delivered
    add_vpc(world, "vpc-c", "10.1.0.0/16")
    add_subnet(world, "vpc-c", "subnet-c", "10.1.1.0/24")
    add_table(world, "vpc-c", "rtb-c", [route("0.0.0.0/0", "tgw-x")], subnets=("subnet-c",))
    add_group(world, "vpc-c", "sg-c", [])
    add_interface(world, "subnet-c", "eni-c", "10.1.1.99", groups=("sg-c",))
    add_tgw(world, "tgw-x")
    add_tgw_vpc(world, "tgw-attach-a", "tgw-x", ("subnet-a",))
    add_tgw_vpc(world, "tgw-attach-c", "tgw-x", ("subnet-c",))
    to_a = [tgw_route("0.0.0.0/0", "tgw-attach-a")]
    add_tgw_table(world, "tgw-x", "tgw-rtb-x", ("tgw-attach-a", "tgw-attach-c"), to_a)
    assert_dropped(send_from_interface(world, "eni-c", packet), "igw.no_public_address")
