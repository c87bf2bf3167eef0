"""Configuration items in one form, whichever call or file gave them.

https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationItem.html
https://docs.aws.amazon.com/config/latest/APIReference/API_BaseConfigurationItem.html
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.utils import parse_timestamp

from collector.aws_config_files import Page
from collector.recording import is_deep
from collector.request import CollectError

GLOBAL = "global"
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
_TYPE = re.compile(r"[A-Za-z0-9]{1,64}(::[A-Za-z0-9]{1,64}){1,3}")
_GONE = frozenset({"ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded"})
_NO_ACCOUNT = "an item has no account id of twelve digits"
_QUERY = (
    "Let the query select accountId, awsRegion, resourceType, resourceId, "
    "configurationItemCaptureTime, configurationItemStatus, configuration, "
    "supplementaryConfiguration, tags"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigItem:
    """What Config recorded of one resource at one time.

    Attributes:
        region: a region's name or ``global``.
        type: Config's name, ``AWS::EC2::Instance``.
        captured: when, in UTC.
        state: Config's number of the state: the higher of two of one time is the later.
        gone: whether the resource was deleted, or is not recorded.
        queried: whether a query gave it: what is not there may just not have been selected.
        tags: ``None``: it does not say.
    """

    account_id: str
    region: str
    type: str
    id: str
    captured: dt.datetime
    state: int
    gone: bool
    queried: bool
    configuration: Mapping[str, Any] | None
    supplementary: Mapping[str, Any]
    tags: Mapping[str, str] | None


def item_of(page: Page, held: Any) -> ConfigItem:
    """An item in one form.

    Raises:
        CollectError: it does not say whose, where, what or when it is.
    """
    if isinstance(held, str):
        held = _decoded(held)
    if not isinstance(held, dict):
        raise _broken(page, "an item is no object")
    members = {key.lower(): value for key, value in held.items()}
    account = str(members.get("awsaccountid") or members.get("accountid") or "")
    region = str(members.get("awsregion") or "")
    kind = str(members.get("resourcetype") or "")
    name = members.get("resourceid")
    if not _ACCOUNT.fullmatch(account):
        raise _broken(page, _NO_ACCOUNT)
    if not (_REGION.fullmatch(region) or region == GLOBAL):
        raise _broken(page, "an item has no region")
    if not _TYPE.fullmatch(kind):
        raise _broken(page, "an item has no resource type")
    if not isinstance(name, str) or not name:
        raise _broken(page, f"an item of {kind} has no resource id")
    return ConfigItem(
        account_id=account,
        region=region,
        type=kind,
        id=name,
        captured=_time(page, kind, members.get("configurationitemcapturetime")),
        state=_number(members.get("configurationstateid")),
        gone=members.get("configurationitemstatus") in _GONE,
        queried=page.query,
        configuration=_object(members.get("configuration")),
        supplementary=_object(members.get("supplementaryconfiguration")) or {},
        tags=_tags(members.get("tags")),
    )


def check_selected(page: Page) -> None:
    """Refuse a query that selected single members: what it left out would seem not to be there.

    Raises:
        CollectError: it did.
    """
    single = [name for name in page.selected if name.lower().startswith("configuration.")]
    if single:
        raise CollectError(
            f"{page.file} holds a query that selected {single[0]}, not the whole configuration. "
            f"{_QUERY}.",
            2,
        )


def _broken(page: Page, why: str) -> CollectError:
    remedy = _QUERY if page.query else "Fetch it again, or leave the file out"
    return CollectError(f"{page.file} cannot be used: {why}. {remedy}.", 2)


def _decoded(value: str) -> Any:
    """What a text holds as JSON; the text itself if it is none."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return value if is_deep(found) else found


def _object(value: Any) -> Mapping[str, Any] | None:
    found = _decoded(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else None


def supplementary_value(value: Any) -> Any:
    """A part of the supplementary configuration: calls of the API give each as a text of JSON."""
    return _decoded(value) if isinstance(value, str) else value


def _time(page: Page, kind: str, value: Any) -> dt.datetime:
    if value is not None and not isinstance(value, bool):
        try:
            moment: dt.datetime = parse_timestamp(value)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=dt.UTC)
            return moment.astimezone(dt.UTC)
        except (ValueError, TypeError, OverflowError, OSError):
            pass
    raise _broken(page, f"an item of {kind} has no configurationItemCaptureTime")


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 30 else 0


def _tags(value: Any) -> Mapping[str, str] | None:
    """A map in snapshots, a list of ``key`` and ``value`` in queries' answers."""
    if isinstance(value, dict):
        return {str(key): str(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict) and isinstance(row.get("key"), str)]
        return {row["key"]: str(row.get("value") or "") for row in rows}
    return None
