"""Build the simulated organisation on the demo's own server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mapper.demo.clients import GLOBAL_REGION, MEMBER_ROLE, Clients
from mapper.demo.server import DemoError, control, isolated_environment
from mapper.demo.world.account_truth import account_links_of
from mapper.demo.world.attack_truth import expected_attacks
from mapper.demo.world.balancers import clb, nlb, web_front
from mapper.demo.world.buckets import buckets
from mapper.demo.world.copies import database_snapshots, images, shares, volume_snapshots
from mapper.demo.world.facts import CAPABILITIES_BUILT, Thing
from mapper.demo.world.flows import flows
from mapper.demo.world.functions import functions
from mapper.demo.world.identity import admins, chain, escalation, outsiders, prepare_chain
from mapper.demo.world.inventory import inventory
from mapper.demo.world.neighbours import dress_default_vpcs, neighbours, touch_everything
from mapper.demo.world.open_machines import open_ipv4, open_ipv6, peering
from mapper.demo.world.organization import COLLECTOR_ROLE, baseline, organization
from mapper.demo.world.plan import fixed_plan, seeded_plan
from mapper.demo.world.sharing import keys, queues, repositories, secrets, topics
from mapper.demo.world.stage import Stage
from mapper.demo.world.truth import ExpectedRow, expected_rows, peerings_of


@dataclass(frozen=True)
class World:
    """A built organisation: who to be, what stands in it, what is true of it.

    Attributes:
        endpoint: where its AWS answers.
        seed: what it was placed by; ``None`` for the documented placement.
        management: account id of the management account.
        accounts: account id -> name, management first.
        home_region: the first of the regions used.
        regions_used: where scenarios and neighbours stand.
        regions: every region that is usable in every account.
        access_key, secret_key, session_token: dummy keys that act as the management account's
            role ``mapper-assessor``.
        member_role: the role to assume in the other accounts.
        organization_id: ``o-...``.
        things: everything planted, every decoy.
    """

    endpoint: str
    seed: int | None
    management: str
    accounts: Mapping[str, str]
    home_region: str
    regions_used: tuple[str, ...]
    regions: tuple[str, ...]
    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(repr=False)
    member_role: str
    organization_id: str
    things: tuple[Thing, ...] = field(repr=False)
    clients: Clients = field(repr=False)

    def thing(self, name: str) -> Thing:
        """The thing of that name.

        Raises:
            KeyError: if there is none.
        """
        for thing in self.things:
            if thing.name == name:
                return thing
        raise KeyError(name)

    def flip(self, name: str) -> None:
        """Flip the one control of a thing, once and for good, through the AWS API.

        Raises:
            KeyError: if there is no such thing, or it has no control to flip.
        """
        flip = self.thing(name).flip
        if flip is None:
            raise KeyError(f"{name} has no control to flip")
        flip(self.clients)

    def expected(self) -> list[ExpectedRow]:
        """Every row that is true of the world as built, from the declarations alone."""
        return expected_rows(self.things)

    def expected_json(self) -> dict[str, Any]:
        """What ``expected.json`` holds."""
        return {
            "seed": self.seed,
            "management": self.management,
            "accounts": dict(self.accounts),
            "organization": self.organization_id,
            "regions_used": list(self.regions_used),
            "capabilities_built": sorted(CAPABILITIES_BUILT),
            "things": [_thing_json(thing) for thing in self.things],
            "rows": [row.as_json() for row in self.expected()],
            "relationships": peerings_of(self.things),
            "account_links": account_links_of(self.things, self.management, self.accounts),
            **expected_attacks(self.things),
        }

    def write_expected(self, path: Path) -> None:
        """Write ``expected.json``."""
        text = json.dumps(self.expected_json(), indent=1, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")


def _thing_json(thing: Thing) -> dict[str, Any]:
    return {
        "scenario": thing.scenario,
        "name": thing.name,
        "part": thing.part,
        "capability": thing.capability,
        "page": thing.page,
        "control": thing.control,
        "can_flip": thing.flip is not None,
        "touches": [
            {"account_id": one.account_id, "region": one.region, "services": list(one.services)}
            for one in thing.touches
        ],
    }


def build(endpoint: str, seed: int | None = None, size: int = 1) -> World:
    """Fill a fresh demo server with the organisation.

    Args:
        endpoint: a server that this process started with :func:`mapper.demo.start_server`; any
            other address is refused.
        seed: places the scenarios elsewhere, under other names; ``None`` is the documented
            placement.
        size: how many harmless neighbours of each kind every member account gets.

    Raises:
        DemoError: if the endpoint is not such a server, or it refuses what the builder asks.
        ValueError: if ``size`` is negative.
    """
    if size < 0:
        raise ValueError("the size of the world cannot be negative")
    clients = Clients(endpoint)
    try:
        return _build(clients, seed, size)
    except (BotoCoreError, ClientError) as error:
        raise DemoError(
            f"the demo's AWS server did not take what the builder asked: {error}"
        ) from error


def _build(clients: Clients, seed: int | None, size: int) -> World:
    endpoint = clients.endpoint
    control(endpoint, "seed", {"seed": 0 if seed is None else seed})
    regions = _usable_regions(clients)
    plan = fixed_plan() if seed is None else seeded_plan(seed, regions)
    control(endpoint, "accounts", list(plan.accounts.values()))
    stage = Stage(clients, plan)
    organization(stage)
    baseline(stage)
    roles = prepare_chain(stage)
    machines = web_front(stage)
    chain(stage, roles, machines)
    for scenario in (
        outsiders, admins, escalation, open_ipv4, open_ipv6, peering, nlb, clb, buckets, queues,
        topics, keys, secrets, functions, repositories, images, volume_snapshots,
        database_snapshots, shares, flows,
    ):  # fmt: skip
        scenario(stage)
    neighbours(stage, size)
    dress_default_vpcs(stage)
    touch_everything(stage, regions)
    inventory(stage, regions)
    control(endpoint, "freeze", None)
    management = plan.accounts["management"]
    keys_ = clients.credentials(management, COLLECTOR_ROLE, fresh=True)
    return World(
        endpoint=endpoint,
        seed=seed,
        management=management,
        accounts={number: role for role, number in plan.accounts.items()},
        home_region=plan.regions[0],
        regions_used=plan.regions,
        regions=tuple(regions),
        access_key=keys_.access_key,
        secret_key=keys_.secret_key,
        session_token=keys_.token or "",
        member_role=MEMBER_ROLE,
        organization_id=stage.organization_id,
        things=tuple(stage.things),
        clients=clients,
    )


def _usable_regions(clients: Clients) -> list[str]:
    """The regions of the ordinary partition that need no opting in.

    Asked with an account that the world does not have: moto makes default VPCs at first sight.
    """
    rows = clients("000000000000", "ec2", GLOBAL_REGION).describe_regions()["Regions"]
    return sorted(
        row["RegionName"]
        for row in rows
        if row["OptInStatus"] != "not-opted-in"
        and not row["RegionName"].startswith(("cn-", "us-gov-"))
    )


def demo_environment(world: World) -> dict[str, str]:
    """An environment in which boto3 finds the world and nothing else.

    For the collectors' own process: the endpoint, the assessor's dummy keys, the home region; no
    other ``AWS_*`` variable and no AWS file.
    """
    environment = isolated_environment()
    environment.update(
        AWS_ENDPOINT_URL=world.endpoint,
        AWS_ACCESS_KEY_ID=world.access_key,
        AWS_SECRET_ACCESS_KEY=world.secret_key,
        AWS_SESSION_TOKEN=world.session_token,
        AWS_REGION=world.home_region,
        AWS_DEFAULT_REGION=world.home_region,
    )
    return environment
