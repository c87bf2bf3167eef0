"""CloudFormation: stacks with what they made, and stack sets."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    # Exports are the outputs that have an ExportName.
    ResourceType(
        id="cloudformation:stack",
        client="cloudformation",
        scope=Scope.REGIONAL,
        arn="{StackId}",
        depth=Depth.FULL,
        lists=(ListCall(operation="describe_stacks", result="Stacks", paging=Paginator()),),
        follow_ups=(
            FollowUp(
                operation="list_stack_resources",
                params={"StackName": Item("StackId")},
                result="StackResourceSummaries",
                paging=Paginator(),
            ),
            FollowUp(operation="get_template", params={"StackName": Item("StackId")}),
        ),
        redact=("Parameters[].ParameterValue", "Parameters[].ResolvedValue"),
        scan=("Outputs[].OutputValue", "get_template:TemplateBody"),
    ),
    ResourceType(
        id="cloudformation:stack-set",
        client="cloudformation",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:cloudformation:{region}:{account}:stackset/{StackSetId}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_stack_sets",
                params={"Status": "ACTIVE"},
                result="Summaries",
                paging=Paginator(100),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="list_stack_instances",
                params={"StackSetName": Item("StackSetName")},
                result="Summaries",
                paging=Paginator(100),
            ),
            FollowUp(operation="describe_stack_set", params={"StackSetName": Item("StackSetName")}),
        ),
        redact=(
            "describe_stack_set:StackSet.Parameters[].ParameterValue",
            "describe_stack_set:StackSet.Parameters[].ResolvedValue",
        ),
        scan=("describe_stack_set:StackSet.TemplateBody",),
    ),
)
"""Declarations of this service."""
