"""Who is asking, which accounts and regions there are: answers that have to agree."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_wire.requests import Request, access_key_of
from aws_wire.responses import WireError

ACCOUNT = "111122223333"
REGIONS = ("us-east-1", "eu-west-1", "eu-central-1")
USER = "assessor"


@dataclass(slots=True)
class Estate:
    """The accounts of an organisation and the regions that each has enabled.

    Attributes:
        accounts: ids; the first manages the organisation.
        suspended: ids among them that are suspended.
        regions: enabled in every account.
        disabled: regions that the partition has and no account has opted in to.
        session_seconds: how long an assumed role's session lasts.
    """

    accounts: tuple[str, ...] = (ACCOUNT,)
    suspended: tuple[str, ...] = ()
    regions: tuple[str, ...] = REGIONS
    disabled: tuple[str, ...] = ()
    partition: str = "aws"
    session_seconds: int = 3600
    _serial: Any = field(default_factory=itertools.count)

    @property
    def management(self) -> str:
        """The account that manages the organisation."""
        return self.accounts[0]

    def answer(self, request: Request) -> Mapping[str, Any] | WireError | None:
        """The answer to a question about accounts and regions; ``None`` for all else."""
        special = _SPECIAL.get(request.name)
        return special(self, request) if special else None


def _caller(estate: Estate, request: Request) -> dict[str, Any]:
    account = request.account
    arn = f"arn:{estate.partition}:iam::{account}:user/{USER}"
    if request.access_key.startswith("ASIA"):
        arn = f"arn:{estate.partition}:sts::{account}:assumed-role/audit/mapper"
    return {"UserId": f"AIDA{account}0000", "Account": account, "Arn": arn}


def _assumed(estate: Estate, request: Request) -> dict[str, Any] | WireError:
    arn = str(request.params.get("RoleArn", ""))
    parts = arn.split(":")
    if len(parts) < 6 or parts[4] not in estate.accounts or parts[4] in estate.suspended:
        words = f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        return WireError("AccessDenied", words, 403)
    serial = next(estate._serial)
    ends = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=estate.session_seconds)
    name = arn.rpartition("/")[2]
    return {
        "Credentials": {
            "AccessKeyId": access_key_of(parts[4], temporary=True, serial=serial),
            "SecretAccessKey": "wire",
            "SessionToken": f"session-{serial}",
            "Expiration": ends,
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"AROA{parts[4]}0000:mapper",
            "Arn": f"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{name}/mapper",
        },
    }


def _regions(estate: Estate, request: Request) -> dict[str, Any]:
    rows = [(name, "opt-in-not-required") for name in estate.regions]
    rows += [(name, "not-opted-in") for name in estate.disabled]
    return {
        "Regions": [
            {
                "RegionName": name,
                "OptInStatus": state,
                "Endpoint": f"ec2.{name}.amazonaws.com",
            }
            for name, state in rows
        ]
    }


def _list_regions(estate: Estate, request: Request) -> dict[str, Any]:
    rows = [(name, "ENABLED_BY_DEFAULT") for name in estate.regions]
    rows += [(name, "DISABLED") for name in estate.disabled]
    return {"Regions": [{"RegionName": name, "RegionOptStatus": state} for name, state in rows]}


def _account_row(estate: Estate, account: str) -> dict[str, Any]:
    return {
        "Id": account,
        "Arn": f"arn:{estate.partition}:organizations::{estate.management}:account/o-wire000000/"
        f"{account}",
        "Name": f"account-{account}",
        "Email": f"owner-{account}@example.com",
        "Status": "SUSPENDED" if account in estate.suspended else "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": "2026-01-02T03:04:05Z",
    }


def _accounts(estate: Estate, request: Request) -> dict[str, Any]:
    return {"Accounts": [_account_row(estate, account) for account in estate.accounts]}


def _organisation(estate: Estate, request: Request) -> dict[str, Any]:
    managed = f"arn:{estate.partition}:organizations::{estate.management}:"
    return {
        "Organization": {
            "Id": "o-wire000000",
            "Arn": f"{managed}organization/o-wire000000",
            "FeatureSet": "ALL",
            "MasterAccountArn": f"{managed}account/o-wire000000/{estate.management}",
            "MasterAccountId": estate.management,
            "MasterAccountEmail": f"owner-{estate.management}@example.com",
        }
    }


_SPECIAL: Mapping[str, Callable[[Estate, Request], Mapping[str, Any] | WireError]] = {
    "sts.get_caller_identity": _caller,
    "sts.assume_role": _assumed,
    "ec2.describe_regions": _regions,
    "account.list_regions": _list_regions,
    "organizations.list_accounts": _accounts,
    "organizations.describe_organization": _organisation,
}

ANSWERED = frozenset(tuple(name.split(".")) for name in _SPECIAL)
"""``(client, operation)`` of what the estate answers, in an empty account too."""
