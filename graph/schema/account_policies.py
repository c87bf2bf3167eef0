"""Policies of a whole account in a region: of its registry, data catalogue, log groups, traces.

AWS gives them no ARN of their own but that of what they speak of; there is a node where there is
such a policy. What else the same lines say stands with the region.
"""

from __future__ import annotations

from collections.abc import Callable

from collector.snapshot import Item
from graph.schema.declare import NodeType
from graph.schema.links import partition_of
from graph.schema.path import look
from graph.schema.usual import many

_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


def _where(arn: str, *policies: str) -> Callable[[Item], str | None]:
    """The node's id on a line that holds one of the policies."""

    def find(line: Item) -> str | None:
        if not any(look(path, line).values for path in policies):
            return None
        regional = (name for prefix, name in _PARTITIONS if line.region.startswith(prefix))
        partition = next(regional, partition_of(line))
        return arn.format(partition=partition, region=line.region, account=line.account_id)

    return find


_GLUE = "arn:{partition}:glue:{region}:{account}:catalog"
_ECR = "arn:{partition}:ecr:{region}:{account}:registry"
_LOGS = "arn:{partition}:logs:{region}:{account}:resource-policies"
_XRAY = "arn:{partition}:xray:{region}:{account}:resource-policies"

DECLARATIONS = (
    NodeType(
        snapshot_type="glue:catalog",
        label="GlueDataCatalog",
        resource_type="AWS::Glue::DataCatalog",
        cloudformation=False,
        category="data",
        description="The data catalogue of a region, where it has a policy: all databases, tables.",
        arn=_GLUE,
        node_id=_where(
            _GLUE, "@get_resource_policy/PolicyInJson", "@get_resource_policies/*/PolicyInJson"
        ),
    ),
    NodeType(
        snapshot_type="ecr:registry",
        label="ECRRegistry",
        resource_type="AWS::ECR::Registry",
        cloudformation=False,
        category="data",
        description="The private registry of a region, where it has a policy.",
        arn=_ECR,
        node_id=_where(_ECR, "@get_registry_policy/policyText"),
    ),
    NodeType(
        snapshot_type="logs:account-settings",
        label="LogsResourcePolicies",
        resource_type="AWS::Logs::ResourcePolicy",
        category="policy",
        description="Who else may use the log groups of a region: its resource policies together.",
        arn=_LOGS,
        node_id=_where(_LOGS, "@describe_resource_policies/*/policyDocument"),
        properties=(
            many("policy_names", "@describe_resource_policies/*/policyName", "Their names."),
        ),
    ),
    NodeType(
        snapshot_type="xray:policy",
        label="XRayResourcePolicies",
        resource_type="AWS::XRay::ResourcePolicy",
        category="policy",
        description="Who else may use the traces of a region: its resource policies together.",
        arn=_XRAY,
        node_id=_where(_XRAY, "@list_resource_policies/*/PolicyDocument"),
        properties=(many("policy_names", "@list_resource_policies/*/PolicyName", "Their names."),),
    ),
)
