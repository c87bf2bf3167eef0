"""The external analyzers of IAM Access Analyzer that a snapshot holds.

Analyzers of unused and of internal access answer other questions than ours and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref
from graph.sharing.access_analyzer import ACTIVE, ARCHIVED, Analyzer, Finding

TYPE = "aa:analyzer"
_CALL = "list_findings"


def analyzers(snapshot: Snapshot) -> Iterator[Analyzer]:
    """Every external analyzer that is active and whose findings were read.

    One that is created, disabled or failed says nothing of today, and neither does one whose
    findings were refused.
    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_AnalyzerSummary.html
    """
    for item in snapshot.items(TYPE):
        kind = item.item.get("type")
        call = item.call(_CALL)
        if kind not in ("ACCOUNT", "ORGANIZATION") or not call.known:
            continue
        if item.item.get("status") != ACTIVE:
            continue
        yield Analyzer(
            arn=item.id,
            account_id=item.account_id,
            region=item.region,
            whole_organization=kind == "ORGANIZATION",
            analysed_at=_text(item.item.get("lastResourceAnalyzedAt")),
            findings=tuple(_findings(item, call.value)),
            ref=Ref.to(item, "/item"),
        )


def _findings(item: Item, value: Any) -> Iterator[Finding]:
    listed = value.get("findings") if isinstance(value, Mapping) else value
    for number, row in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(row, Mapping) or row.get("status") not in (ACTIVE, ARCHIVED):
            continue
        resource = _text(row.get("resource"))
        if resource:
            yield Finding(
                id=_text(row.get("id")) or f"{item.id}#{number}",
                resource=resource,
                principals=_pairs(row.get("principal")),
                actions=_texts(row.get("action")),
                conditions=_pairs(row.get("condition")),
                public=row.get("isPublic") is True,
                status=row["status"],
                analysed_at=_text(row.get("analyzedAt")) or _text(row.get("updatedAt")),
                restriction=_text(row.get("resourceControlPolicyRestriction")),
                sources=tuple(_sources(row.get("sources"))),
                error=_text(row.get("error")),
                ref=Ref.to(item, f"/calls/{_CALL}/value/{number}"),
            )


def _sources(value: Any) -> Iterator[str]:
    for row in value if isinstance(value, list) else ():
        if isinstance(row, Mapping) and _text(row.get("type")):
            detail = row.get("detail")
            arn = _text(detail.get("accessPointArn")) if isinstance(detail, Mapping) else ""
            yield f"{row['type']} {arn}".strip()


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    held = value if isinstance(value, Mapping) else {}
    pairs = ((key, one) for key, one in held.items() if isinstance(one, str) and one)
    return tuple(sorted(pairs))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
