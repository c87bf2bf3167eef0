"""VPC Block Public Access of each account and region, from a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref
from graph.network.ec2_shapes import BLOCK_MODES, Ids, text
from graph.network.facts import BlockPublicAccess

_OPTIONS = "describe_vpc_block_public_access_options"
_EXCLUSIONS = "describe_vpc_block_public_access_exclusions"

# Exclusions in these states are not, or no longer, in force (EC2 API reference,
# VpcBlockPublicAccessExclusion.State).
_NO_EXCLUSION = ("create-in-progress", "create-failed", "delete-complete", "disable-complete")
_EXCLUSION_MODES = ("allow-bidirectional", "allow-egress")


def block_public_access(
    snapshot: Snapshot, near: Callable[[Item], Ids]
) -> Iterator[BlockPublicAccess]:
    """The settings; what was not read, or cannot be read, is ``None``.

    Raises:
        SnapshotError: a file of the snapshot cannot be read.
    """
    for item in snapshot.items("ec2:vpc-bpa"):
        yield BlockPublicAccess(
            item.account_id,
            item.region,
            _mode(item.call(_OPTIONS)),
            _exclusions(item.call(_EXCLUSIONS), near(item)),
            (Ref.to(item, f"/calls/{_OPTIONS}/value"),),
        )


def _mode(call: CallResult) -> str | None:
    if call.status is Status.NOT_SUPPORTED:
        return "off"
    told = call.value if call.known else None
    inner = told.get("VpcBlockPublicAccessOptions", told) if isinstance(told, Mapping) else {}
    mode = inner.get("InternetGatewayBlockMode") if isinstance(inner, Mapping) else None
    return mode if mode in BLOCK_MODES else None


def _exclusions(call: CallResult, ids: Ids) -> tuple[tuple[str, str], ...] | None:
    """(VPC or subnet, mode) of what is excluded; one that cannot be read may be any."""
    if call.status is Status.NOT_SUPPORTED:
        return ()
    told = call.value if call.known else None
    if isinstance(told, Mapping):
        told = told.get("VpcBlockPublicAccessExclusions")
    if not isinstance(told, list) or not all(map(_readable, told)):
        return None
    return tuple(
        (ids(one["ResourceArn"].rpartition("/")[2]), one["InternetGatewayExclusionMode"])
        for one in told
        if one.get("State") not in _NO_EXCLUSION
    )


def _readable(one: Any) -> bool:
    return (
        isinstance(one, Mapping)
        and bool(text(one.get("ResourceArn")))
        and one.get("InternetGatewayExclusionMode") in _EXCLUSION_MODES
    )
