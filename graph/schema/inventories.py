"""What the lists over all services name beside the types that are collected."""

from __future__ import annotations

from collector.snapshot import Item
from graph.schema.account import of_account
from graph.schema.convert import texts, whole
from graph.schema.declare import NodeType, Property, Setting


def _of_no_other_type(line: Item) -> str | None:
    """A resource that a declared type describes is that type's node."""
    from graph.schema.registry import REGISTRY  # it is built from this module's declarations

    return None if REGISTRY.of_arn(line.id) else line.id


DECLARATIONS = (
    NodeType(
        snapshot_type="tagging:resources",
        label="TaggedResource",
        resource_type="AWS::ResourceGroupsTagging::Resource",
        cloudformation=False,
        category="data",
        description="A resource of a type that is not collected, known by its tags.",
        node_id=_of_no_other_type,
        properties=(
            Property(
                "compliance_missing_tags",
                "ComplianceDetails/MissingTagKeys/*",
                "Tags that the tag policy asks for.",
                texts,
                absent=[],
            ),
        ),
    ),
    Setting(
        snapshot_type="tagging:compliance",
        label="AWSAccount",
        describes=of_account,
        description="How the organisation keeps to its tag policies.",
        properties=(
            Property(
                "tag_policy_violations",
                "@get_compliance_summary/*/NonCompliantResources",
                "How many resources of the organisation break its tag policies.",
                whole,
            ),
        ),
    ),
    NodeType(
        snapshot_type="resource-explorer:index",
        label="ResourceExplorerIndex",
        resource_type="AWS::ResourceExplorer2::Index",
        category="admin",
        description="What Resource Explorer knows of a region, or of all.",
        arn="arn:{partition}:resource-explorer-2:{region}:{account}:index/{id}",
        properties=(Property("index_type", "Type", "LOCAL or AGGREGATOR."),),
    ),
    NodeType(
        snapshot_type="resource-explorer:view",
        label="ResourceExplorerView",
        resource_type="AWS::ResourceExplorer2::View",
        category="admin",
        description="A part of an index that can be searched.",
        arn="arn:{partition}:resource-explorer-2:{region}:{account}:view/{id}",
    ),
    NodeType(
        snapshot_type="resource-explorer:resource",
        label="IndexedResource",
        resource_type="AWS::ResourceExplorer2::Resource",
        cloudformation=False,
        category="data",
        description="A resource of a type that is not collected, known by Resource Explorer.",
        node_id=_of_no_other_type,
        owner="OwningAccountId",
        tags="Properties/[Name=tags]/Data",
        properties=(
            Property("cloudformation_type", "CfnResourceType", "CloudFormation's name for it."),
            Property("service_type", "ResourceType", "Resource Explorer's name, as ec2:volume."),
            Property("last_reported_at", "LastReportedAt", "When it was last seen (ISO 8601)."),
        ),
    ),
)
