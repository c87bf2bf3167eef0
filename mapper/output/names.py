"""Names of nodes, accounts and rows as a reader knows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from queries.answers.parties import Parties
    from queries.answers.row import Row

SHORT_KEY = 8
_SHORT_ID = re.compile(r"[a-z]+-[0-9a-f]{6,}")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(?:\d{12}|aws)?:[^\s,;()]*[^\s,;().]")


def short_name(node_id: str) -> str:
    """The part of an id that a reader knows: ``i-0abc``, ``role/web``, ``111122223333``."""
    if node_id.startswith("arn:") and node_id.count(":") >= 5:
        _, _, service, _, _, resource = node_id.split(":", 5)
        if service == "iam" or "/" not in resource:
            return resource
        kind, _, rest = resource.partition("/")
        if kind == "loadbalancer":
            parts = rest.split("/")
            return parts[-2] if len(parts) >= 3 else rest
        return rest
    return node_id.removeprefix("account:")


def short_ids(text: str) -> str:
    """A sentence with the last part of each ARN only."""
    return _ARN.sub(lambda match: short_name(match.group()), text)


def kind_words(resource_type: str) -> str:
    """CloudFormation's type as a reader says it: ``DB snapshot``, ``Load balancer``."""
    last = resource_type.rpartition("::")[2]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", last)
    first, *others = words.split(" ")
    return " ".join((first, *(word if word.isupper() else word.lower() for word in others)))


def account_name(account_id: str | None, parties: Parties) -> str:
    """An account's name, else its id; empty for none."""
    return parties.name(account_id) or account_id or ""


def bare_name(node_id: str) -> str:
    """A node's name: roles and users without path and kind."""
    short = short_name(node_id)
    return short.rpartition("/")[2] if short.startswith(("role/", "user/")) else short


def thing_words(row: Row) -> str:
    """A row's name and type, with AWS's short id where the name alone does not find it again."""
    short = short_name(row.id).rpartition("/")[2]
    kind = (row.resource_type or "").rpartition("::")[2]
    name = row.name or short
    detail = f"{kind} {short}" if _SHORT_ID.fullmatch(short) and name != short else kind
    return f"{name} ({detail.strip()})" if detail.strip() else name


def place_words(row: Row, parties: Parties) -> str:
    """A row's account, and its region if it has one."""
    account = account_name(row.account_id, parties)
    return f"{account} {row.region}" if row.region and row.region != "global" else account
