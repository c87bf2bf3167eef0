"""IAM Access Analyzer: a second opinion on who reaches what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph.schema.convert import count, texts
from graph.schema.declare import NodeType, Property
from graph.schema.path import ShapeError


def _public(values: Sequence[Any]) -> list[str]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummary.html"""
    if not all(isinstance(value, Mapping) for value in values):
        raise ShapeError("a finding is not an object")
    return texts(
        [
            value["resource"]
            for value in values
            if value.get("isPublic") is True
            and value.get("status") == "ACTIVE"
            and value.get("resource")
        ]
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="aa:analyzer",
        label="AccessAnalyzer",
        resource_type="AWS::AccessAnalyzer::Analyzer",
        category="admin",
        description="An analyzer of external, internal or unused access.",
        arn="arn:{partition}:access-analyzer:{region}:{account}:analyzer/{id}",
        name="name",
        resource_id="name",
        tags="tags",
        properties=(
            Property("analyzer_type", "type", "ACCOUNT, ORGANIZATION, ..._UNUSED_ACCESS, ..."),
            Property("status", "status", "E.g. ACTIVE."),
            Property(
                "open_findings",
                "@list_findings/[status=ACTIVE]|@list_findings_v2/[status=ACTIVE]",
                "How many findings are active.",
                count,
                absent=0,
            ),
            Property(
                "public_resources",
                "@list_findings/*",
                "Resources that it calls public.",
                _public,
                absent=[],
            ),
            Property(
                "archive_rules",
                "@list_archive_rules/*/ruleName",
                "Rules that archive findings by themselves.",
                texts,
                absent=[],
            ),
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
        ),
    ),
)
