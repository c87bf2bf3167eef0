"""S3's side of a snapshot: access points of both kinds, and the organisation's S3 policy.

* https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3_syntax.html
* https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultiRegionAccessPoints.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref
from graph.iam.resource_controls import AccessPoint, PublicAccessBlock

_EFFECTIVE = "describe_effective_policy(PolicyType=S3_POLICY)"


@dataclass(frozen=True, slots=True)
class OrganisationBlock:
    """What the organisation's S3 policy sets in one account: all four settings, or none.

    It overrides the account's own settings; buckets and access points keep theirs.

    Attributes:
        on: ``True`` for ``all``, ``False`` for ``none``.
        ref: where the effective policy stands.
    """

    on: bool
    ref: Ref

    @property
    def block(self) -> PublicAccessBlock:
        """The two settings that act on calls."""
        return PublicAccessBlock(self.on, self.on)


def organisation_blocks(snapshot: Snapshot) -> dict[str, OrganisationBlock]:
    """Accounts in which an S3 policy is in effect.

    An account that is not named has none, or what was read of it says neither of the two values:
    its own settings, which AWS gives as they are in effect, decide.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html
    """
    found = {}
    for item in snapshot.items("org:effective-policy"):
        call = item.call(_EFFECTIVE)
        text = members(call, "EffectivePolicy").get("PolicyContent")
        on = {"all": True, "none": False}.get(_assigned(text))
        account = str(item.item.get("Id") or item.id.rpartition("/")[2])
        if on is not None:
            ref = Ref.to(item, f"/calls/{_EFFECTIVE}/value/EffectivePolicy/PolicyContent")
            found[account] = OrganisationBlock(on, ref)
    return found


def _assigned(content: Any) -> str:
    """The value of the one setting; an effective policy has it with or without ``@@assign``."""
    try:
        value = json.loads(content) if isinstance(content, str) else content
    except (ValueError, RecursionError):
        return ""
    for step in ("s3_attributes", "public_access_block_configuration"):
        value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping):
        value = value.get("@@assign")
    return value if isinstance(value, str) else ""


def members(call: CallResult, *path: str) -> Mapping[str, Any]:
    """An object of a response; a step that is not there is skipped, since some are unwrapped."""
    value = call.value if call.status is Status.OK else None
    for step in path:
        value = value.get(step, value) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def access_point(item: Item, accounts: Mapping[str, str]) -> AccessPoint:
    """An access point of one bucket.

    Args:
        item: a line of ``s3:access-point``.
        accounts: owners of collected buckets, by ARN.
    """
    call = item.call("get_access_point")
    more = {**item.item, **members(call)}
    vpc = more.get("VpcConfiguration")
    bucket = _bucket_arn(item, more.get("Bucket"))
    return AccessPoint(
        bucket,
        str(more.get("BucketAccountId") or accounts.get(bucket, "")),
        str(vpc.get("VpcId") or "") if isinstance(vpc, Mapping) else "",
        _block(more.get("PublicAccessBlockConfiguration")),
        _word(members(item.call("get_access_point_policy_status"), "PolicyStatus")),
    )


def multi_region(item: Item, accounts: Mapping[str, str]) -> AccessPoint:
    """A Multi-Region access point: several buckets, to one of which S3 routes each call.

    Args:
        item: a line of ``s3:mrap``.
        accounts: owners of collected buckets, by ARN.
    """
    regions = item.item.get("Regions")
    rows = [row for row in (regions if isinstance(regions, list) else ()) if _is_object(row)]
    buckets = []
    for row in rows:
        arn = _bucket_arn(item, row.get("Bucket"))
        buckets.append((arn, str(row.get("BucketAccountId") or accounts.get(arn, ""))))
    first, owner = buckets[0] if buckets else (_bucket_arn(item, ""), "")
    status = item.call("get_multi_region_access_point_policy_status")
    return AccessPoint(
        first,
        owner,
        block=_block(item.item.get("PublicAccessBlock")),
        called_public=_word(members(status, "Established")),
        others=tuple(buckets[1:]),
    )


def _bucket_arn(item: Item, name: Any) -> str:
    return f"arn:{item.id.split(':')[1]}:s3:::{name or ''}"


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _block(value: Any) -> PublicAccessBlock | None:
    if not isinstance(value, Mapping):
        return None
    return PublicAccessBlock(
        bool(value.get("IgnorePublicAcls")), bool(value.get("RestrictPublicBuckets"))
    )


def _word(status: Mapping[str, Any]) -> bool | None:
    return bool(status["IsPublic"]) if "IsPublic" in status else None
