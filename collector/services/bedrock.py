"""Bedrock: agents, knowledge bases, models, guardrails, and AgentCore's runtimes and gateways."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    LineId,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
)

_RUNTIME = {"agentRuntimeId": Item("agentRuntimeId")}

TYPES = (
    ResourceType(
        id="agentcore:runtime",
        client="bedrock-agentcore-control",
        scope=Scope.REGIONAL,
        arn="{agentRuntimeArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_agent_runtimes", result="agentRuntimes", paging=Paginator(100)
            ),
        ),
        follow_ups=(
            FollowUp(operation="get_agent_runtime", params=_RUNTIME),
            FollowUp(
                operation="get_resource_policy", params={"resourceArn": Item("agentRuntimeArn")}
            ),
        ),
        redact=("get_agent_runtime:environmentVariables.*",),
    ),
    ResourceType(
        id="agentcore:gateway",
        client="bedrock-agentcore-control",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:bedrock-agentcore:{region}:{account}:gateway/{gatewayId}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_gateways", result="items", paging=Paginator(100)),),
        follow_ups=(
            FollowUp(operation="get_gateway", params={"gatewayIdentifier": Item("gatewayId")}),
            FollowUp(operation="get_resource_policy", params={"resourceArn": LineId()}),
        ),
    ),
    ResourceType(
        id="bedrock:agent",
        client="bedrock-agent",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:bedrock:{region}:{account}:agent/{agentId}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_agents", result="agentSummaries", paging=Paginator(1000)),),
        follow_ups=(
            FollowUp(operation="get_agent", params={"agentId": Item("agentId")}),
            FollowUp(
                operation="list_agent_action_groups",
                # The version that is worked on; those that were published are copies of it.
                # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_ListAgentActionGroups.html
                params={"agentId": Item("agentId"), "agentVersion": "DRAFT"},
                result="actionGroupSummaries",
                paging=Paginator(1000),
            ),
        ),
        scan=(
            "get_agent:agent.instruction",
            "get_agent:agent.promptOverrideConfiguration.promptConfigurations[].basePromptTemplate",
        ),
    ),
    ResourceType(
        id="bedrock:knowledge-base",
        client="bedrock-agent",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:bedrock:{region}:{account}:knowledge-base/{knowledgeBaseId}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_knowledge_bases",
                result="knowledgeBaseSummaries",
                paging=Paginator(1000),
            ),
        ),
    ),
    ResourceType(
        id="bedrock:model",
        client="bedrock",
        scope=Scope.REGIONAL,
        arn="{modelArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_custom_models", result="modelSummaries", paging=Paginator(1000)
            ),
        ),
        follow_ups=(
            FollowUp(operation="get_custom_model", params={"modelIdentifier": Item("modelArn")}),
        ),
    ),
    ResourceType(
        id="bedrock:guardrail",
        client="bedrock",
        scope=Scope.REGIONAL,
        arn="{arn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_guardrails", result="guardrails", paging=Paginator(1000)),),
    ),
    ResourceType(
        id="bedrock:invocation-logging",
        client="bedrock",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(FollowUp(operation="get_model_invocation_logging_configuration"),),
    ),
)
"""Declarations of these services."""
