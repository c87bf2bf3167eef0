"""Make ``graph/guards/known-accounts.json`` anew: accounts whose owner is publicly known.

    python scripts/update_known_accounts.py LIST.json

``LIST.json`` is a public list as ``{"accounts": [{"name", "type", "accounts", "source", "via"}]}``,
the shape of fwdcloudsec/known_aws_accounts (``type`` ``aws``: an account of an AWS service).
``scripts/aws_service_accounts.json`` adds what AWS's own pages name. The first source of an
account wins; the output is sorted, so that two runs give the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OUT = HERE.parent / "graph" / "guards" / "known-accounts.json"
ADDED = HERE / "aws_service_accounts.json"
ORIGINS = {
    "known_aws_accounts": {
        "url": "https://github.com/fwdcloudsec/known_aws_accounts",
        "version": "commit c2922af",
        "date": "2025-09-17",
        "licence": "Apache-2.0",
    },
    "cloudmapper": {
        "url": "https://github.com/duo-labs/cloudmapper/blob/main/vendor_accounts.yaml",
        "version": "as known_aws_accounts holds it",
        "date": "2025-09-17",
        "licence": "BSD-3-Clause, Copyright 2018 Duo Security",
    },
    "aws": {
        "url": "https://docs.aws.amazon.com",
        "version": "each row's page",
        "date": "2026-11",
        "licence": "facts from the page",
    },
}
_ACCOUNT = re.compile(r"[0-9]{12}")
Row = dict[str, str]


def rows_of_list(owners: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """One row an account of a public list.

    Raises:
        ValueError: an account's id is not 12 digits.
    """
    for owner in owners:
        origin = owner.get("via") or "known_aws_accounts"
        pages = owner.get("source") or [ORIGINS[origin]["url"]]
        for account in owner["accounts"]:
            if not _ACCOUNT.fullmatch(account):
                raise ValueError(f"{owner['name']}: {account!r} is no account id")
            yield {
                "account_id": account,
                "name": owner["name"],
                "kind": "aws-service" if owner.get("type") == "aws" else "vendor",
                "source": pages[0],
                "date": ORIGINS[origin]["date"],
                "origin": origin,
            }


def rows_of_aws(services: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """One row an account that AWS's own pages name."""
    for service in services:
        for account in sorted(set(service["accounts"].values())):
            yield {
                "account_id": account,
                "name": service["name"],
                "kind": "aws-service",
                "source": service["page"],
                "date": ORIGINS["aws"]["date"],
                "origin": "aws",
            }


def document(listed: Iterable[Row], added: Iterable[Row]) -> str:
    """The file's text: one line an account, sorted by id."""
    by_id: dict[str, Row] = {}
    for row in (*listed, *added):
        by_id.setdefault(row["account_id"], row)
    about = (
        "AWS accounts whose owner is publicly known. kind aws-service: an account of an AWS "
        "service, not a vendor. Made by scripts/update_known_accounts.py."
    )
    lines = [json.dumps(by_id[key], ensure_ascii=False) for key in sorted(by_id)]
    head = json.dumps({"about": about, "origins": ORIGINS}, indent=1, ensure_ascii=False)
    body = ",\n  ".join(lines)
    return f'{head[:-2]},\n "accounts": [\n  {body}\n ]\n}}\n'


def main() -> None:
    """Write the file."""
    listed = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["accounts"]
    added = json.loads(ADDED.read_text(encoding="utf-8"))["services"]
    OUT.write_text(document(rows_of_list(listed), rows_of_aws(added)), encoding="utf-8")


if __name__ == "__main__":
    main()
