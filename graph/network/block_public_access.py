"""Step N2: VPC Block Public Access (VPC user guide, "Block public access to VPCs and subnets").

Both modes stop what comes in from the internet; only an ``allow-bidirectional`` exclusion of the
subnet or its VPC opens it again. The settings of the account that owns the subnet count.
"""

from __future__ import annotations

from graph.evidence import Step
from graph.network.facts import Subnet
from graph.network.world import NetworkWorld

_NAME = "VPC block public access"
_OPTIONS = "ec2.describe_vpc_block_public_access_options"
_EXCLUSIONS = "ec2.describe_vpc_block_public_access_exclusions"


def block_public_access_step(world: NetworkWorld, subnet: Subnet) -> Step:
    """N2 for a subnet."""
    account = world.block_public_access.get((subnet.account_id, subnet.region))
    vpc = world.vpcs.get(subnet.vpc)
    refs = account.refs if account else ()
    mode, told_by = account.mode if account else None, "account"
    if subnet.block_mode is not None:
        mode, told_by, refs = subnet.block_mode, "subnet", subnet.refs
    elif mode is None and vpc is not None and vpc.block_mode is not None:
        mode, told_by, refs = vpc.block_mode, "VPC", vpc.refs
    if mode is None:
        gap = world.gap(_OPTIONS, subnet.account_id, subnet.region)
        if account is not None or gap:
            gap = gap or f"{_OPTIONS}@{subnet.account_id}/{subnet.region}"
            return Step(_NAME, subnet.id, "unknown", f"Not collected: {gap}.")
        return Step(_NAME, subnet.id, "pass", "VPC Block Public Access is not in use.")
    if mode == "off":
        return Step(_NAME, subnet.id, "pass", f"VPC Block Public Access is off ({told_by}).", refs)
    if account is None or account.exclusions is None:
        gap = world.gap(_EXCLUSIONS, subnet.account_id, subnet.region)
        if account is not None or gap:
            gap = gap or f"{_EXCLUSIONS}@{subnet.account_id}/{subnet.region}"
            text = f"VPC Block Public Access is in mode {mode}; exclusions not collected: {gap}."
            return Step(_NAME, subnet.id, "unknown", text, refs)
    exclusions = account.exclusions if account and account.exclusions else ()
    for resource, allowed in exclusions:
        if resource in (subnet.id, subnet.vpc) and allowed == "allow-bidirectional":
            text = (
                f"VPC Block Public Access is in mode {mode}, but {resource} is excluded "
                "(allow-bidirectional)."
            )
            return Step(_NAME, subnet.id, "pass", text, refs)
    text = f"VPC Block Public Access is {mode}; nothing comes in from the internet."
    return Step(_NAME, subnet.id, "fail", text, refs)
