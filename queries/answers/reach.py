"""Rows of ``reach``: who reaches what over the network, ``no`` included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph.evidence import Step
from graph.network.between.many import Opening
from graph.network.reach import Reach
from queries.answers.row import Row, distinct, row_key

NEEDS = (
    "ec2:vpc",
    "ec2:subnet",
    "ec2:route-table",
    "ec2:internet-gateway",
    "ec2:egress-only-igw",
    "ec2:nat-gateway",
    "ec2:network-acl",
    "ec2:security-group",
    "ec2:network-interface",
    "ec2:address",
    "ec2:instance",
    "ec2:vpc-peering",
    "ec2:vpc-endpoint",
    "ec2:vpc-endpoint-connection",
    "ec2:vpc-endpoint-service",
    "ec2:prefix-list",
    "ec2:vpc-bpa",
    "ec2:transit-gateway",
    "ec2:transit-gateway-attachment",
    "ec2:transit-gateway-vpc-attachment",
    "ec2:transit-gateway-peering-attachment",
    "ec2:transit-gateway-route-table",
    "ec2:vpn",
    "ec2:vpn-gateway",
    "dx:gateway",
    "dx:virtual-interface",
    "ecs:task",
    "elb:load-balancer",
    "elbv2:load-balancer",
    "elbv2:target-group",
    "rds:db-instance",
    "vpc-lattice:resource-configuration",
    "vpc-lattice:resource-gateway",
    "vpc-lattice:service-network",
    "vpc-lattice:target-group",
)
"""Snapshot types without which an answer may differ."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What a row says of the thing reached."""

    name: str | None = None
    resource_type: str | None = None
    account_id: str | None = None
    region: str | None = None


def reach_rows(found: Iterable[Reach], things: Mapping[str, Thing]) -> list[Row]:
    """Rows in the order of the results.

    Args:
        found: what the engine judged.
        things: by node id, of both ends.
    """
    return [_row(one, things) for one in found]


def group_rows(openings: Iterable[Opening], things: Mapping[str, Thing]) -> list[Row]:
    """Rows of groups that reach groups: of the first pair, with the ids of all.

    Args:
        openings: as they were found.
        things: by node id, of every end.
    """
    return [_group_row(one, things) for one in openings]


def _group_row(one: Opening, things: Mapping[str, Thing]) -> Row:
    row = _row(one.reach, things)
    known = [things.get(name, Thing()) for name in (*one.sources, *one.targets)]
    own = {
        **row.own,
        "sources": list(one.sources),
        "targets": list(one.targets),
        "pairs": one.pairs,
    }
    return replace(
        row,
        own=own,
        accounts=distinct([thing.account_id for thing in known]),
        regions=distinct([thing.region for thing in known]),
    )


def _row(one: Reach, things: Mapping[str, Thing]) -> Row:
    thing = things.get(one.target, Thing())
    source = things.get(one.source, Thing())
    return Row(
        key=row_key("reach", one.target, one.source, one.mechanism, ""),
        id=one.target,
        name=thing.name,
        resource_type=thing.resource_type,
        account_id=thing.account_id,
        region=thing.region,
        answer=one.answer,
        own={
            "source": one.source,
            "mechanism": one.mechanism,
            "family": str(one.family),
            "ports": list(one.ports),
            "other_ports": list(one.other_ports),
            "opens": list(one.opens),
            "via": list(one.via),
            "steps": [step_json(step) for step in one.answer.steps],
        },
        accounts=distinct([thing.account_id, source.account_id]),
        regions=distinct([thing.region, source.region]),
    )


def step_json(step: Step) -> dict[str, Any]:
    """A step of a proof as JSON."""
    return {
        "name": step.name,
        "subject": step.subject,
        "result": step.result,
        "text": step.text,
        "code": step.code or None,
        "opens": list(step.opens),
        "refs": [{"file": ref.file, "id": ref.id, "pointer": ref.pointer} for ref in step.refs],
    }
