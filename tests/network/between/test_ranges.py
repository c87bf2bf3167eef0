"""Ranges of the internet as an end: what comes from their hosts, what goes to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graph.network import ports
from graph.network.between.ends import End
from graph.network.between.ranges import end_to_range, range_to_end
from graph.network.reach import Reach
from network.aws_shapes import allow, entry
from network.between.lab import A, JoinedLab
from network.between.test_egress import direct

Ask = Callable[..., list[Reach]]
RANGE = "198.51.100.0/24"


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    count = iter(range(100))

    def run(lab: JoinedLab, cidr: str, *, out: bool = False) -> list[Reach]:
        world = lab.build(tmp_path / str(next(count)))
        end = End(A, (world.interfaces[A],))
        if out:
            return end_to_range(world, end, cidr, ports.ALL)
        return range_to_end(world, cidr, end, ports.ALL)

    return run


@pytest.mark.parametrize(
    ("let_in", "verdict", "conditions"),
    [
        ("0.0.0.0/0", "yes", ()),
        (RANGE, "yes", ()),
        ("198.51.0.0/16", "yes", ()),
        ("198.51.100.0/25", "conditional", ("source:198.51.100.0/25",)),
        ("203.0.113.0/24", "no", ()),
        ("10.0.0.0/8", "no", ()),
    ],
)
def test_from_a_range(ask: Ask, let_in: str, verdict: str, conditions: tuple[str, ...]) -> None:
    lab = direct()
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22", let_in)]
    (found,) = ask(lab, RANGE)
    assert (str(found.verdict), found.answer.conditions) == (verdict, conditions)
    assert (found.source, found.ports) == (f"cidr:{RANGE}", () if verdict == "no" else ("tcp/22",))
    failed = [step.name for step in found.answer.steps if step.result == "fail"]
    assert bool(failed) == (verdict == "no")


@pytest.mark.parametrize(
    ("kept_out", "verdict"), [("203.0.113.0/24", "yes"), ("198.51.100.0/25", "conditional")]
)
def test_a_range_that_is_not_kept_out_gets_in(ask: Ask, kept_out: str, verdict: str) -> None:
    lab = direct()
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22", "0.0.0.0/0")]
    lab.item("acl-a")["Entries"].append(entry(1, "deny", cidr=kept_out))
    (found,) = ask(lab, RANGE)
    assert str(found.verdict) == verdict
    assert bool(found.answer.conditions) == (verdict == "conditional")


@pytest.mark.parametrize("let_in", ["0.0.0.0/0", "128.0.0.0/1"])
@pytest.mark.parametrize(
    ("kept_out", "verdict"),
    [
        ("203.0.113.0/24", "yes"),
        ("198.51.100.0/25", "conditional"),
        ("198.51.100.0/24", "no"),
        ("198.51.0.0/16", "no"),
    ],
)
def test_a_broad_range_lets_in_what_is_not_denied(
    ask: Ask, let_in: str, kept_out: str, verdict: str
) -> None:
    lab = direct()
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22", let_in)]
    lab.item("acl-a")["Entries"].append(entry(1, "deny", cidr=kept_out))
    (found,) = ask(lab, RANGE)
    assert str(found.verdict) == verdict
    assert (RANGE in found.answer.why) is (verdict == "no")


def test_a_range_denied_for_some_ports_gets_in_by_others(ask: Ask) -> None:
    lab = direct()
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22", "0.0.0.0/0"), allow("tcp/80", "0.0.0.0/0")]
    lab.item("acl-a")["Entries"].append(
        entry(1, "deny", protocol="6", ports=(22, 22), cidr="198.51.0.0/16")
    )
    (found,) = ask(lab, RANGE)
    assert (str(found.verdict), found.answer.conditions) == (
        "conditional",
        ("context:sender-not-excepted",),
    )


@pytest.mark.parametrize(
    ("second", "port", "told"),
    [
        ("198.51.100.128/25", "tcp/22", [("yes", "tcp/22", ())]),
        (
            "198.51.100.128/26",
            "tcp/22",
            [
                ("conditional", "tcp/22", ("source:198.51.100.0/25",)),
                ("conditional", "tcp/22", ("source:198.51.100.128/26",)),
            ],
        ),
        (
            "198.51.100.128/25",
            "tcp/22-23",
            [
                ("yes", "tcp/22", ()),
                ("conditional", "tcp/23", ("source:198.51.100.128/25",)),
            ],
        ),
    ],
)
def test_rules_that_make_up_a_range_are_as_good_as_one(
    ask: Ask, second: str, port: str, told: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    lab = direct()
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22", "198.51.100.0/25"), allow(port, second)]
    found = ask(lab, RANGE)
    made = [(str(one.verdict), *one.ports, one.answer.conditions) for one in found]
    assert made == told


def test_weaker_ports_of_rules_that_make_up_a_range_are_told(ask: Ask) -> None:
    """The network ACL lets replies over TCP out only."""
    lab = direct()
    halves = ("198.51.100.0/25", "198.51.100.128/25")
    lab.item("sg-a")["IpPermissions"] = [
        allow(port, half) for half in halves for port in ("tcp/22", "udp/53")
    ]
    assert [str(one.verdict) for one in ask(lab, RANGE)] == ["yes"]
    out = [entry(1, egress=True, protocol="6", ports=(0, 65535)), entry(2, "deny", egress=True)]
    lab.item("acl-a")["Entries"] = [entry(100), *out]
    told = {name for one in ask(lab, RANGE) for name in (*one.ports, *one.other_ports)}
    assert "tcp/22" in told
    assert any(name.startswith("udp/53=") for name in told)


def test_of_several_rules_those_for_the_range_count(ask: Ask) -> None:
    lab = direct()
    rules = [allow("tcp/22", "203.0.113.0/24"), allow("tcp/443", RANGE)]
    lab.item("sg-a")["IpPermissions"] = rules
    (found,) = ask(lab, RANGE)
    assert (str(found.verdict), found.ports) == ("yes", ("tcp/443",))
    lab.item("sg-a")["IpPermissions"] = rules[:1]
    assert str(ask(lab, RANGE)[0].verdict) == "no"


def test_to_a_range(ask: Ask) -> None:
    """All of it, a part of it, none of it."""
    lab = direct()
    (found,) = ask(lab, RANGE, out=True)
    assert (str(found.verdict), found.target, found.ports) == ("yes", f"cidr:{RANGE}", ("all",))
    lab.item("sg-a")["IpPermissionsEgress"] = [allow("tcp/443", "198.51.100.0/25")]
    (found,) = ask(lab, RANGE, out=True)
    assert (str(found.verdict), found.target) == ("yes", "cidr:198.51.100.0/25")
    assert found.ports == ("tcp/443",)
    lab.item("sg-a")["IpPermissionsEgress"] = [allow("tcp/443", "203.0.113.0/24")]
    (found,) = ask(lab, RANGE, out=True)
    assert (str(found.verdict), found.target, found.ports) == ("no", f"cidr:{RANGE}", ())
    assert any(step.result == "fail" for step in found.answer.steps)


def test_a_route_for_a_part_of_the_range(ask: Ask) -> None:
    lab = direct()
    route = {"DestinationCidrBlock": "198.51.100.128/25", "NatGatewayId": "", "State": "blackhole"}
    lab.item("rtb-a")["Routes"].append({**route, "VpcPeeringConnectionId": "pcx-9"})
    (found,) = ask(lab, RANGE, out=True)
    assert (str(found.verdict), found.target) == ("yes", "cidr:198.51.100.0/25")
