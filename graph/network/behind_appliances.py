"""Step N2 for what stands behind an appliance that a gateway's route table names.

The appliance's subnet exchanges packets with the gateway: "If you are routing incoming and outgoing
traffic through an appliance ... that subnet needs to be an exclusion" (VPC user guide, "VPC BPA
basics"). Whether the subnet behind it must be one too AWS does not say.
"""

from __future__ import annotations

from dataclasses import replace

from graph.evidence import Step
from graph.network.block_public_access import block_public_access_step
from graph.network.facts import Subnet
from graph.network.prefixes import Family
from graph.network.routes import inspecting_subnets
from graph.network.world import NetworkWorld
from graph.verdict import condition

BEHIND = condition("context", "block-public-access")


def admitted_step(world: NetworkWorld, subnet: Subnet, family: Family) -> Step:
    """N2 for a subnet; ``conditional`` where only an appliance before it is let in."""
    step = block_public_access_step(world, subnet)
    if step.result != "fail":
        return step
    for place in inspecting_subnets(world, subnet, family):
        before = block_public_access_step(world, place)
        if before.result == "pass":
            text = (
                f"{step.text.partition(';')[0]}; packets come in by {place.id}, where it lets "
                f"them. Whether it then stops them before {subnet.id} AWS does not say ({BEHIND})."
            )
            return replace(step, result="conditional", text=text)
    return step
