"""Where each scenario stands: which account, region, names, address ranges and ports.

Without a seed the documented placement; with one, another, drawn from that seed alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_SHORT = {"shared-services": "shared"}

# Accounts that appear only in trusts and shares. Datadog's is public:
# https://docs.datadoghq.com/integrations/guide/aws-manual-setup/
VENDOR_ACCOUNT = "464622532012"
UNKNOWN_ACCOUNT = "999988887777"

ROLES = ("management", "security", "shared-services", "prod", "dev")
MEMBERS = ROLES[1:]
_FIXED_ACCOUNTS = {
    "management": "111111111111",
    "security": "222222222222",
    "shared-services": "333333333333",
    "prod": "444444444444",
    "dev": "555555555555",
}
_FIXED_REGIONS = ("eu-west-1", "us-east-1", "eu-central-1")

# Scenario -> (account, index into the regions): the documented placement.
_FIXED_PLACES = {
    "web-front": ("dev", 0),
    "hub": ("shared-services", 0),
    "crown": ("prod", 0),
    "open-ipv4": ("prod", 0),
    "open-ipv6": ("prod", 1),
    "peering": ("shared-services", 0),
    "peering-far": ("prod", 0),
    "nlb": ("prod", 1),
    "clb": ("dev", 1),
    "vendor": ("prod", 0),
    "unknown-trust": ("shared-services", 0),
    "admins": ("security", 0),
    "scp": ("prod", 0),
    "escalation": ("security", 0),
    "bucket": ("prod", 0),
    "bucket-guarded": ("security", 0),
    "bucket-acl": ("dev", 1),
    "bucket-shared": ("shared-services", 0),
    "queue": ("dev", 0),
    "topic": ("prod", 1),
    "key": ("shared-services", 0),
    "secret": ("shared-services", 1),
    "function": ("dev", 0),
    "function-policy": ("prod", 1),
    "image": ("shared-services", 0),
    "snapshot": ("prod", 2),
    "snapshot-locked": ("prod", 1),
    "rds": ("prod", 0),
    "repository": ("shared-services", 0),
    "share": ("shared-services", 2),
    "flow": ("prod", 0),
    "flow-archive": ("security", 0),
}
# Scenarios whose account has a part to play that another cannot.
_BOUND = {
    "web-front": 0, "hub": 1, "crown": 2, "admins": 3, "escalation": 3, "scp": 2, "flow": 2,
    "flow-archive": 3,
}  # fmt: skip

_WORDS = (
    "aurora", "basalt", "cedar", "delta", "ember", "fjord", "garnet", "harbor", "indigo",
    "juniper", "kestrel", "lagoon", "maple", "nimbus", "onyx", "prairie", "quartz", "raven",
    "sierra", "tundra", "umber", "violet", "willow", "yarrow", "zephyr",
)  # fmt: skip


@dataclass
class Plan:
    """A placement.

    Attributes:
        seed: ``None`` for the documented one.
        accounts: role in the organisation -> account id.
        regions: the three that are used, the home region first.
        word: put into names so that two seeds name things differently; empty without a seed.
    """

    seed: int | None
    accounts: Mapping[str, str]
    regions: tuple[str, ...]
    word: str
    _places: Mapping[str, tuple[str, int]]
    _ranges: Iterator[int]
    _ports: random.Random | None
    dice: random.Random = field(default_factory=random.Random)

    def account(self, scenario: str) -> str:
        """Account id of a scenario."""
        return self.accounts[self._places[scenario][0]]

    def role(self, scenario: str) -> str:
        """The part of a scenario's account in the organisation, e.g. ``prod``."""
        return self._places[scenario][0]

    def region(self, scenario: str) -> str:
        """Region of a scenario."""
        return self.regions[self._places[scenario][1]]

    def name(self, scenario: str, what: str) -> str:
        """``prod-bastion``: the account's part, the seed's word, what it is.

        Never longer than the 32 characters that a load balancer's name may have.
        """
        part = _SHORT.get(self.role(scenario), self.role(scenario))
        return "-".join(text for text in (part, self.word, what) if text)

    def port(self, usual: int) -> int:
        """The usual port, or with a seed any other above 1023."""
        return usual if self._ports is None else self._ports.randrange(1024, 49151)

    def network(self) -> str:
        """First two numbers of a /16 that no other VPC of the world has."""
        return f"10.{next(self._ranges)}"


def fixed_plan() -> Plan:
    """The documented placement."""
    return Plan(
        seed=None,
        accounts=_FIXED_ACCOUNTS,
        regions=_FIXED_REGIONS,
        word="",
        _places=_FIXED_PLACES,
        _ranges=iter(range(10, 256)),
        _ports=None,
        dice=random.Random(7),  # noqa: S311  # places neighbours, keeps no secret
    )


def seeded_plan(seed: int, usable_regions: list[str]) -> Plan:
    """Another placement, a function of the seed alone.

    Args:
        seed: any integer.
        usable_regions: regions that every account has; at least three.
    """
    dice = random.Random(seed)  # noqa: S311  # places scenarios, keeps no secret
    drawn = dice.sample(range(100_000_000_000, 999_999_999_999), len(ROLES))
    members = list(MEMBERS)
    dice.shuffle(members)
    places: dict[str, tuple[str, int]] = {}
    for scenario in _FIXED_PLACES:
        bound = _BOUND.get(scenario)
        role = dice.choice(members) if bound is None else members[bound]
        places[scenario] = (role, dice.randrange(3))
    places["peering-far"] = _elsewhere(dice, members, places["peering"])
    places["bucket-guarded"] = (members[3], 0)  # its account blocks public access as a whole
    for scenario in ("bucket", "bucket-acl"):
        places[scenario] = (dice.choice(members[:3]), places[scenario][1])
    role, index = places["snapshot"]
    places["snapshot-locked"] = (role, (index + 1) % 3)
    ranges = list(range(1, 256))
    dice.shuffle(ranges)
    return Plan(
        seed=seed,
        accounts={role: str(number) for role, number in zip(ROLES, drawn, strict=True)},
        regions=tuple(dice.sample(sorted(usable_regions), 3)),
        word=dice.choice(_WORDS),
        _places=places,
        _ranges=iter(ranges),
        _ports=random.Random(seed + 1),  # noqa: S311
        dice=dice,
    )


def _elsewhere(dice: random.Random, members: list[str], place: tuple[str, int]) -> tuple[str, int]:
    others = [role for role in members if role != place[0]]
    return dice.choice(others), place[1]
