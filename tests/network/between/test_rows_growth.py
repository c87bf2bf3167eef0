"""Ways that look alike are judged once: what is judged does not grow with pairs of VPCs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graph.derivation.between import between_part
from graph.network import ports
from graph.network.between import places
from network.between.hub_world import HUB, HubWorld

Make = Callable[[int], HubWorld]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[[HubWorld], int]:
    """Count what is judged of a world, which still happens."""
    real, calls = places.Hop, [0]

    def counting(*given: Any) -> Any:
        calls[0] += 1
        return real(*given)

    monkeypatch.setattr(places, "Hop", counting)

    def count(lab: HubWorld) -> int:
        calls[0] = 0
        between_part(lab.build())
        return calls[0]

    return count


def by_own_gateways(vpcs: int) -> HubWorld:
    """VPCs that send IPv6 out by their own gateways, and IPv4 nowhere."""
    lab = HubWorld()
    for number in range(1, vpcs + 1):
        lab.vpc(number, {"::/0": f"igw-{number}"})
        lab.internet_gateway(number)
        lab.machine(number, 1, six=True)
        lab.attach(number, 1)
    return lab


def with_locks(vpcs: int) -> HubWorld:
    """VPCs with two subnets that have network ACLs of their own, which say the same."""
    lab = HubWorld()
    numbers = range(1, vpcs + 1)
    for number in numbers:
        lab.vpc(number, *({"10.0.0.0/8": HUB},) * 3)
        for subnet in (1, 2):
            lab.machine(number, subnet)
            lab.lock(number, subnet, ports.tcp(22))
        lab.attach(number, 3)
    lab.hub_table(numbers, known=numbers)
    return lab


def grown(judged: Callable[[HubWorld], int], make: Make) -> list[int]:
    """How much more is judged of three more VPCs, and of three more again."""
    few, more, many = (judged(make(number)) for number in (2, 5, 8))
    return [more - few, many - more]


def test_what_leads_nowhere_private_is_not_judged(judged: Callable[[HubWorld], int]) -> None:
    """Only each machine with itself, by either family."""
    assert grown(judged, by_own_gateways) == [3 * 2, 3 * 2]


def test_what_network_acls_say_is_judged_once_for_all_vpcs(
    judged: Callable[[HubWorld], int],
) -> None:
    """Only each of a VPC's two machines with itself."""
    assert grown(judged, with_locks) == [3 * 2, 3 * 2]
