"""S3 Block Public Access at its levels, in the order in which a reader looks.

S3 applies the most restrictive combination of what stands at the organisation or the account, the
bucket and the access point. An organisation's S3 policy takes the account's place.

* https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
* https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3.html
* https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collector.snapshot import CallResult, Item, Snapshot, Status
from graph.evidence import Ref, Step
from graph.iam.s3_from_snapshot import OrganisationBlock, organisation_blocks
from graph.verdict import Answer, Verdict, condition

RESTRICT = "RestrictPublicBuckets"
IGNORE = "IgnorePublicAcls"


@dataclass(frozen=True, slots=True)
class Setting:
    """The four flags at one level.

    Attributes:
        level: whose they are, e.g. ``bucket``.
        flags: by AWS's names; empty if none is set; ``None`` if they were not read.
        ref: where they stand.
        missing: the call that would say it.
    """

    level: str
    flags: Mapping[str, Any] | None
    ref: Ref | None = None
    missing: str = ""

    def step(self, subject: str, name: str) -> Step:
        """What this level says of one flag."""
        refs = (self.ref,) if self.ref else ()
        if self.flags is None:
            text = f"Whether the {self.level} sets {name} was not read."
            return Step(name, subject, "unknown", text, refs)
        if self.flags.get(name):
            text = f"The {self.level}'s Block Public Access sets {name}."
            return Step(name, subject, "fail", text, refs)
        return Step(name, subject, "pass", f"The {self.level} does not set {name}.", refs)


class Blocks:
    """The settings of every account of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._accounts = {item.account_id: item for item in snapshot.items("s3:account-bpa")}
        self._organisation = organisation_blocks(snapshot)

    def account(self, account_id: str) -> tuple[Setting, ...]:
        """What stands above the buckets and access points of an account."""
        above = self._organisation.get(account_id)
        return (account_setting(account_id, self._accounts.get(account_id), above),)


def account_setting(
    account_id: str, line: Item | None, above: OrganisationBlock | None = None
) -> Setting:
    """An account's setting, or the organisation's in its place.

    Args:
        account_id: whose it is.
        line: its line of ``s3:account-bpa``.
        above: the S3 policy in effect there.
    """
    if above is not None:
        flags = dict.fromkeys((RESTRICT, IGNORE), above.on)
        return Setting("organisation", flags, above.ref)
    call = line.call("get_public_access_block") if line else CallResult(Status.NOT_ATTEMPTED)
    region = line.region if line else "global"
    return _read("account", "s3control", call, line, f"@{account_id}/{region}")


def bucket_setting(item: Item) -> Setting:
    """A bucket's own setting."""
    call = item.call("get_public_access_block")
    return _read("bucket", "s3", call, item, f"@{item.account_id}/{item.region}")


def _read(level: str, client: str, call: CallResult, line: Item | None, place: str) -> Setting:
    value = (call.value or {}) if call.status is Status.OK else {}
    inner = value.get("PublicAccessBlockConfiguration", value) if _is_object(value) else None
    missing = f"{client}.get_public_access_block{place}"
    if not call.known or not _is_object(inner):
        return Setting(level, None, missing=missing)
    ref = Ref.to(line, "/calls/get_public_access_block/value") if line else None
    return Setting(level, inner, ref, missing)


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def flag(settings: Iterable[Setting], name: str) -> bool | None:
    """Whether a flag is in force: at any level; ``None`` if an unread level decides it."""
    rows = list(settings)
    if any(row.flags.get(name) for row in rows if row.flags is not None):
        return True
    return None if any(row.flags is None for row in rows) else False


def flag_answer(subject: str, settings: Iterable[Setting], name: str) -> Answer:
    """What a flag leaves of a grant that it takes away when on: one step a level.

    Args:
        subject: the bucket or access point.
        settings: every level above it, the widest first.
        name: AWS's name of the flag.
    """
    rows = list(settings)
    steps = tuple(row.step(subject, name) for row in rows)
    on = flag(rows, name)
    if on is False:
        levels = " nor on the ".join(row.level for row in rows)
        text = f"{name} is set neither on the {levels}."
        return Answer(Verdict.YES, why=text, evidence=(text,), steps=steps)
    wanted = "fail" if on else "unknown"
    text = next(step.text for step in steps if step.result == wanted)
    if on:
        return Answer(Verdict.NO, why=text, evidence=(text,), steps=steps)
    missing = tuple(condition("not_collected", row.missing) for row in rows if row.flags is None)
    return Answer(Verdict.CONDITIONAL, text, missing, evidence=(text,), steps=steps)
