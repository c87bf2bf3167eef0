"""One file of account details -> recorded calls.

Some files join the lists of several accounts: each row goes to the account of its ARN, policies of
AWS to every account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.corpora.recorded_calls import MEMBERS, RecordedCalls

AWS = "aws"
"""Stands in the ARN of policies of AWS where an account's id would."""


def convert(details: Mapping[str, Sequence[Any]], root: Path) -> None:
    """Write the recorded calls of account details."""
    calls = RecordedCalls(root)
    accounts = {_owner(row) for member in MEMBERS for row in details[member]} - {AWS}
    for account in sorted(accounts):
        held = {
            member: [row for row in details[member] if _owner(row) in (account, AWS)]
            for member in MEMBERS
        }
        calls.account_details(account, held)


def _owner(row: Mapping[str, Any]) -> str:
    return str(row["Arn"]).split(":")[4]
