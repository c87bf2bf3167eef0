"""Step N2: VPC Block Public Access (VPC user guide, "Block public access to VPCs and subnets").

Both modes stop what comes in from the internet; only an ``allow-bidirectional`` exclusion of the
subnet or its VPC opens it again. The settings of the account that owns the subnet count.
"""

from __future__ import annotations

from graph.evidence import Ref, Step
from graph.network.facts import Subnet
from graph.network.world import NetworkWorld

_NAME = "VPC block public access"
_OPTIONS = "ec2.describe_vpc_block_public_access_options"
_EXCLUSIONS = "ec2.describe_vpc_block_public_access_exclusions"


def block_public_access_step(world: NetworkWorld, subnet: Subnet) -> Step:
    """N2 for a subnet."""
    account = world.block_public_access.get((subnet.account_id, subnet.region))
    mode, told_by, refs = _mode(world, subnet)
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


def _mode(world: NetworkWorld, subnet: Subnet) -> tuple[str | None, str, tuple[Ref, ...]]:
    """The mode in force for a subnet, what tells it, and where that stands."""
    account = world.block_public_access.get((subnet.account_id, subnet.region))
    vpc = world.vpcs.get(subnet.vpc)
    if subnet.block_mode is not None:
        return subnet.block_mode, "subnet", subnet.refs
    mode = account.mode if account else None
    if mode is None and vpc is not None and vpc.block_mode is not None:
        return vpc.block_mode, "VPC", vpc.refs
    return mode, "account", account.refs if account else ()


def is_excluded(world: NetworkWorld, subnet: Subnet) -> bool:
    """Whether N2 passes for a subnet only as it, or its VPC, is an exclusion."""
    step = block_public_access_step(world, subnet)
    account = world.block_public_access.get((subnet.account_id, subnet.region))
    exclusions = account.exclusions if account and account.exclusions else ()
    named = any(one in (subnet.id, subnet.vpc) for one, _ in exclusions)
    modes = {_mode(world, subnet)[0], account.mode if account else None}
    return step.result == "pass" and named and bool(modes - {None, "off"})
