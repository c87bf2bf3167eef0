"""Names and addresses in one VPC of the synthetic organisation."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

HUB = "100000000001"
"""The account that owns the transit gateways."""
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "ap-southeast-2")
ZONES = "abc"
TIERS = ("public", "app", "data")
SIX = {"public": "10", "app": "20", "data": "30"}
"""The fourth group of a tier's IPv6 addresses."""


@dataclass
class VpcPlan:
    """One VPC while it is filled."""

    number: int
    chance: random.Random
    into: dict[str, list[Any]]
    names: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def account(self) -> str:
        return str(100_000_000_001 + self.number // 4)

    @property
    def region(self) -> str:
        return REGIONS[(self.number // 4 + self.number % 2) % len(REGIONS)]

    @property
    def at(self) -> tuple[str, str]:
        return self.account, self.region

    @property
    def block(self) -> str:
        return f"10.{self.number % 250}"

    @property
    def block6(self) -> str:
        return f"2600:1f{self.number % 250:02x}:{self.number // 250:x}"

    @property
    def id(self) -> str:
        return self.arn("vpc", "vpc")

    @property
    def dual_stack(self) -> bool:
        return self.number % 4 == 1

    def arn(self, kind: str, name: str, service: str = "ec2") -> str:
        short = f"{name}-{self.number:08x}"
        return f"arn:aws:{service}:{self.region}:{self.account}:{kind}/{short}"

    def subnet(self, tier: str, zone: int) -> str:
        return self.arn("subnet", f"subnet-{tier}{ZONES[zone]}")

    def group(self, name: str) -> str:
        return self.arn("security-group", f"sg-{name}")

    def next(self, kind: str) -> int:
        self.counts[kind] += 1
        return self.counts[kind]

    def address(self, tier: str, zone: int) -> str:
        """The next private address of a subnet."""
        start = {"public": 0, "app": 16, "data": 128}[tier] + 16 * zone
        at = self.next(f"{tier}{zone}") + 9
        return f"{self.block}.{start + at // 250}.{at % 250 + 4}"

    def public(self) -> str:
        at = self.next("public") + 1000 * self.number
        return f"{52 + at // 16_000_000}.{at // 62_500 % 250}.{at // 250 % 250}.{at % 250 + 1}"

    def ipv6(self, tier: str) -> str:
        return f"{self.block6}:{SIX[tier]}::{self.next('six'):x}"
