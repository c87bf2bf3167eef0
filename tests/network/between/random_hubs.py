"""Random hubs of few and small VPCs, alike but for a few things that groups must keep apart."""

from __future__ import annotations

import random

from graph.network import ports
from graph.network.facts import Peering, Rule
from graph.network.world import NetworkWorld
from network.between.hub_world import HUB, HubWorld

VPCS, SUBNETS = (1, 2, 3, 4), (1, 2, 3)
ALL = "10.0.0.0/8"


class RandomHub:
    """Draws a world: the last VPC may inspect what the others send."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.lab = chance, HubWorld()
        self.inspects, self.six = self.often(), self.often()

    def often(self, part: float = 0.5) -> bool:
        return self.chance.random() < part

    def world(self) -> NetworkWorld:
        for number in VPCS:
            self.vpc(number)
        for number in VPCS:
            self.lab.attach(number, *(self.held() or (1,)))
        if self.often(0.3):
            self.lab.add("peerings", Peering("pcx-1", "vpc-1", "vpc-2", active=True))
        others = VPCS[:-1]
        if self.inspects and self.often(0.8):
            self.lab.hub_table(
                others, {f"10.{n}.0.0/16": 4 for n in others if self.often(0.7)}, (4,)
            )
            self.lab.hub_table((4,), known=VPCS)
        else:
            stray = {f"10.{n}.0.0/16": self.chance.choice(VPCS) for n in VPCS if self.often(0.1)}
            self.lab.hub_table(VPCS, stray, [n for n in VPCS if f"10.{n}.0.0/16" not in stray])
        return self.lab.build()

    def held(self) -> tuple[int, ...]:
        return tuple(one for one in SUBNETS if self.often(0.6))

    def vpc(self, number: int) -> None:
        zones = "aaa" if self.often() else "aab"
        self.lab.vpc(number, *(self.ways(number, subnet) for subnet in SUBNETS), zones=zones)
        for subnet in SUBNETS:
            self.lab.machine(number, subnet, 10, six=self.six, deny_igw=self.often(0.2))
            if subnet > 1 and self.often(0.2):
                self.lab.lock(number, subnet, ports.tcp(22), egress=self.often())
        self.lab.machine(number, 1, 11, six=self.six, deny_igw=self.often(0.3))
        if self.often(0.8):
            self.lab.internet_gateway(number)
        # What stands between: it leads on by the third subnet, or by the second one too.
        self.lab.nat(number, 3)
        forwards = {"forwards": True, "owner": f"i-{number}"}
        self.lab.machine(number, 3, 5, id=f"eni-f{number}", **forwards)
        if self.often(0.4):
            self.lab.machine(number, 2, 5, id=f"eni-g{number}", **forwards)
        if self.often(0.4):
            self.lab.admits(number, *self.rules())

    def rules(self) -> list[Rule]:
        """Machines, NAT gateways and appliances by their addresses."""
        found = [f"10.{n}.{m}.{host}/32" for n in VPCS for m, host in ((1, 10), (3, 6), (3, 5))]
        rules = [Rule(ports.tcp(80), cidr=cidr) for cidr in self.chance.sample(found, 4)]
        return [*rules, Rule(ports.tcp(22), cidr="10.1.1.11/32"), Rule(ports.tcp(22), cidr="::/0")]

    def ways(self, number: int, subnet: int) -> dict[str, str]:
        found = {ALL: HUB}
        middle = self.chance.choice((f"nat-{number}", f"eni-f{number}"))
        if subnet < 3 and self.often(0.8 if self.inspects and number == 4 else 0.3):
            found = {ALL: middle}
        elif self.often(0.3):
            parts = [(n, m) for n in VPCS for m in SUBNETS]
            some = self.chance.sample(parts, 6)
            found = {f"10.{n}.{m}.0/24": HUB for n, m in some if n != number or self.often(0.3)}
        elif self.often(0.15):
            found[ALL] = f"igw-{number}"
        if number < 3 and self.often(0.1):
            found[f"10.{3 - number}.0.0/16"] = "pcx-1"
        if self.often(0.6):
            found["2600::/12"] = HUB
        if self.often(0.7):
            found["::/0"] = f"igw-{number}"
        return found


def random_hub(chance: random.Random) -> NetworkWorld:
    """Draw a hub."""
    return RandomHub(chance).world()
