"""``CAN_REACH`` and ``TARGETS``: groups of interfaces and front doors, each case with its twin."""

from __future__ import annotations

from derivation import aws_world
from derivation.aws_world import Derive, World
from graph.derive import Derivation
from graph.records import Relationship
from network.aws_shapes import INSTANCE, Lab, allow, arn, exposed
from network.test_load_balancers import (
    ALB,
    GROUP,
    NLB,
    balancer,
    forward,
    listener,
    referring,
    target,
    target_group,
)

ENI = arn("network-interface", "eni-web")
SECOND = arn("network-interface", "eni-2")
MACHINE = arn("instance", "i-2")
OFFICE = "203.0.113.0/24"


def two_machines(state: str = "running") -> Lab:
    lab = exposed()
    lab.eni(
        "eni-2",
        "subnet-a",
        ("sg-web",),
        private="10.0.0.22",
        public="198.51.100.22",
        instance="i-2",
    )
    lab.instance("i-2", ("eni-2",), state)
    return lab


def of(lab: Lab) -> World:
    return World(lab=lab)


def walked(
    derivation: Derivation, kind: str, start: str | None = None, end: str | None = None
) -> list[Relationship]:
    """Relationships of a type, but for private reach, which has groups of its own."""
    private = ("network-group:", "private-target:")
    found = aws_world.walked(derivation, kind, start, end)
    inside = (one for one in found if str(one.props.get("source", "")).startswith(private))
    left = {id(one) for one in inside}
    return [one for one in found if not one.start.startswith(private) and id(one) not in left]


def verdicts(derivation: Derivation, kind: str) -> dict[tuple[str, str], str]:
    """The verdict of each by its ends."""
    return {(r.start, r.end): str(r.props["verdict"]) for r in walked(derivation, kind)}


def groups(derivation: Derivation) -> dict[str, set[str]]:
    """Members by the id of their group."""
    found: dict[str, set[str]] = {}
    for one in walked(derivation, "TARGETS"):
        if one.start.startswith("network-target:"):
            found.setdefault(one.start, set()).add(one.end)
    return found


def told(derivation: Derivation, kind: str, end: str | None = None) -> str:
    return " ".join(
        " ".join([str(one.props["why"]), *one.props["evidence"], *one.props["conditions"]])  # type: ignore[misc]
        for one in walked(derivation, kind, end=end)
    )


def test_a_group_is_reached_once_and_leads_to_each_member(derived: Derive) -> None:
    derivation = derived(of(two_machines()))
    ((group, members),) = groups(derivation).items()
    assert members == {INSTANCE, MACHINE}
    (reach,) = walked(derivation, "CAN_REACH")
    assert (reach.start, reach.end, reach.key) == ("internet", group, "eni/ipv4")
    assert (reach.props["family"], reach.props["ports"]) == ("ipv4", ["tcp/22"])
    (node,) = [node for node in derivation.nodes if node.id == group]
    assert node.props["member_count"] == 2


def test_a_closed_group_is_not_drawn(derived: Derive) -> None:
    lab = two_machines()
    lab.group("sg-web", [allow(cidr="10.0.0.0/8")])
    derivation = derived(of(lab))
    assert walked(derivation, "CAN_REACH") == walked(derivation, "TARGETS") == []
    assert {str(j.answer.verdict) for j in derivation.judgements if j.question == "reach"} == {"no"}


def test_a_member_that_stops_leaves_the_group(derived: Derive) -> None:
    derivation = derived(of(two_machines("stopped")))
    assert sorted(map(sorted, groups(derivation).values())) == sorted([[INSTANCE], [MACHINE]])
    assert sorted(verdicts(derivation, "CAN_REACH").values()) == ["dormant", "yes"]


def no_names_across(derivation: Derivation) -> None:
    first, second = (ENI, "198.51.100.7"), (SECOND, "198.51.100.22")
    steps = told(derivation, "CAN_REACH")
    assert not [name for name in (*first, *second) if name in steps]
    for end, own, others in ((INSTANCE, first, second), (MACHINE, second, first)):
        path = told(derivation, "TARGETS", end)
        assert own[0] in path
        assert not [name for name in others if name in path]


def test_what_names_one_member_stands_on_its_own_step(derived: Derive) -> None:
    derivation = derived(of(two_machines()))
    no_names_across(derivation)
    assert "198.51.100.7" in told(derivation, "TARGETS", INSTANCE)
    assert "Instance is running." in told(derivation, "CAN_REACH")


def test_why_a_member_is_not_in_service_stands_on_its_own_step(derived: Derive) -> None:
    """Two interfaces that are attached to nothing: each sentence names its own."""
    lab = two_machines()
    for name in ("i-web", "i-2"):
        lab.remove(name)
    for name in ("eni-web", "eni-2"):
        del lab.item(name)["Attachment"]
        lab.item(name)["Status"] = "available"
    derivation = derived(of(lab))
    assert set(verdicts(derivation, "CAN_REACH").values()) == {"dormant"}
    assert list(groups(derivation).values()) == [{ENI, SECOND}]
    steps = told(derivation, "CAN_REACH")
    assert (ENI in steps, SECOND in steps) == (False, False)
    assert f"{ENI} is attached to nothing." in told(derivation, "TARGETS", ENI)
    assert f"{ENI} is attached to nothing." not in told(derivation, "TARGETS", SECOND)


def test_what_was_not_collected_of_one_member_is_not_said_of_another(derived: Derive) -> None:
    """Two interfaces of machines that no answer held: two gaps, so two paths."""
    lab = two_machines()
    for name in ("i-web", "i-2"):
        lab.remove(name)
    derivation = derived(of(lab))
    assert set(verdicts(derivation, "CAN_REACH").values()) == {"unknown"}
    assert len(groups(derivation)) == 2
    for group, (owner,) in groups(derivation).items():
        (reach,) = walked(derivation, "CAN_REACH", end=group)
        (named,) = reach.props["conditions"]  # type: ignore[misc]
        assert owner in named
    nodes = {node.id for node in derivation.nodes}
    assert all(owner in nodes for owners in groups(derivation).values() for owner in owners)


def test_a_balancers_own_interface_is_no_member(derived: Derive) -> None:
    lab = exposed()
    lab.group("sg-lb", [allow("tcp/443")])
    balancer(lab)
    target_group(lab)
    lab.eni(
        "eni-0",
        "subnet-a",
        ("sg-web",),
        private="10.0.0.5",
        public="198.51.100.5",
        Description="ELB app/front/1",
    )
    before = derived(of(lab))
    assert list(groups(before).values()) == [{INSTANCE}]
    lab.item("eni-0")["Description"] = "mine"
    after = derived(of(lab))
    assert arn("network-interface", "eni-0") in set.union(*groups(after).values())


def test_a_machine_without_a_known_interface_is_reached_directly(derived: Derive) -> None:
    lab = two_machines()
    lab.remove("eni-2")
    lab.item("i-2")["NetworkInterfaces"] = []
    derivation = derived(of(lab))
    (reach,) = walked(derivation, "CAN_REACH", end=MACHINE)
    assert (reach.start, reach.props["verdict"]) == ("internet", "unknown")
    assert reach.props["conditions"] == [
        f"not_collected:ec2.describe_network_interfaces({MACHINE})"
    ]
    assert walked(derived(of(two_machines())), "CAN_REACH", end=MACHINE) == []


# Front doors.


def two_doors() -> Lab:
    """Listener 443 for everyone forwards to the first machine, 8443 for an office to the second."""
    lab = exposed([])
    lab.group("sg-lb", [allow("tcp/443"), allow("tcp/8443", OFFICE)])
    lab.group("sg-back", [referring("sg-lb", 8080), referring("sg-lb", 9090)])
    lab.item("eni-web")["Groups"] = [{"GroupId": "sg-back"}]
    lab.eni("eni-2", "subnet-a", ("sg-back",), private="10.0.0.22", instance="i-2")
    lab.instance("i-2", ("eni-2",))
    inner = f"{GROUP}-inner"
    balancer(lab, listeners=[listener(1, 443), listener(2, 8443, actions=[forward(inner)])])
    target_group(lab)
    target_group(lab, inner, [target("i-2", 9090)], port=9090)
    return lab


def behind(derivation: Derivation, door: str = ALB) -> dict[tuple[str, str], list[str]]:
    return {
        (str(one.props["source"]), one.end): one.props["ports"]  # type: ignore[misc]
        for one in walked(derivation, "TARGETS", door)
    }


def test_a_range_does_not_inherit_what_another_listener_serves(derived: Derive) -> None:
    derivation = derived(of(two_doors()))
    office = f"cidr:{OFFICE}"
    found = behind(derivation)
    assert found["internet", INSTANCE] == ["tcp/8080"]
    assert ("internet", MACHINE) not in found
    assert found[office, MACHINE] == ["tcp/9090"]
    assert found.get((office, INSTANCE), ["tcp/8080"]) == ["tcp/8080"]
    ports = {one.start: one.props["ports"] for one in walked(derivation, "CAN_REACH", end=ALB)}
    assert ports["internet"] == ["tcp/443"]
    assert "tcp/8443" in ports[office]  # type: ignore[operator]


def test_the_same_door_open_to_all_leads_all_to_both(derived: Derive) -> None:
    lab = two_doors()
    lab.group("sg-lb", [allow("tcp/443"), allow("tcp/8443")])
    assert behind(derived(of(lab))) == {
        ("internet", INSTANCE): ["tcp/8080"],
        ("internet", MACHINE): ["tcp/9090"],
    }


def entered(derivation: Derivation, door: str = ALB) -> dict[str, object]:
    return {one.end: one.props["door_ports"] for one in walked(derivation, "TARGETS", door)}


def test_each_target_tells_the_ports_of_the_door_that_lead_to_it(derived: Derive) -> None:
    lab = two_doors()
    lab.group("sg-lb", [allow("tcp/443"), allow("tcp/8443")])
    assert entered(derived(of(lab))) == {INSTANCE: ["tcp/443"], MACHINE: ["tcp/8443"]}
    balancer(lab, listeners=[listener(1, 443), listener(2, 8443)])
    assert entered(derived(of(lab))) == {INSTANCE: ["tcp/443", "tcp/8443"]}


def test_behind_two_doors_the_ports_are_those_of_the_first(derived: Derive) -> None:
    lab = chain()
    inner = f"{GROUP}-alb"
    balancer(lab, NLB, [listener(3, 8000, "TCP", [forward(inner)])])
    found = derived(of(lab))
    assert entered(found, NLB)[ALB] == ["tcp/8000"]
    assert entered(found)[INSTANCE] == ["tcp/8000"]


def test_targets_tell_source_and_family(derived: Derive) -> None:
    steps = walked(derived(of(two_doors())), "TARGETS", ALB)
    assert {one.key for one in steps} == {f"{one.props['source']}|ipv4" for one in steps}
    assert {one.props["family"] for one in steps} == {"ipv4"}
    assert {one.props["mechanism"] for one in steps} == {"alb"}


def chain() -> Lab:
    """The internet -> NLB -> ALB -> the first machine."""
    lab = two_doors()
    inner = f"{GROUP}-alb"
    lab.group("sg-lb", [allow("tcp/443")])
    balancer(lab, Scheme="internal")
    balancer(lab, NLB, [listener(3, 443, "TCP", [forward(inner)])])
    target_group(lab, inner, [target(ALB, 443)], kind="alb", protocol="TCP", port=443)
    return lab


def test_a_chain_of_two_doors_is_walked_door_by_door(derived: Derive) -> None:
    derivation = derived(of(chain()))
    assert {(one.start, one.end) for one in walked(derivation, "CAN_REACH")} == {("internet", NLB)}
    assert ("internet", ALB) in behind(derivation, NLB)
    assert behind(derivation)["internet", INSTANCE] == ["tcp/8080"]
    assert INSTANCE not in {end for _, end in behind(derivation, NLB)}


def test_an_inner_door_that_takes_nothing_ends_the_chain(derived: Derive) -> None:
    lab = chain()
    lab.group("sg-lb", [])
    derivation = derived(of(lab))
    assert ("internet", INSTANCE) not in behind(derivation)
    assert ("internet", ALB) not in behind(derivation, NLB)


def test_a_target_that_was_not_found_still_has_a_node(derived: Derive) -> None:
    """What stands at an address is not known: the step must not be lost for want of an end."""
    lab = exposed()
    lab.group("sg-lb", [allow("tcp/443")])
    balancer(lab)
    target_group(lab, targets=[target("10.0.9.9")], kind="ip")
    derivation = derived(of(lab))
    nodes = {node.id: node for node in derivation.nodes}
    (end,) = {one.end for one in walked(derivation, "TARGETS", ALB)}
    assert end.endswith("10.0.9.9")
    assert verdicts(derivation, "TARGETS")[ALB, end] == "unknown"
    assert nodes[end].props["collected"] is False
