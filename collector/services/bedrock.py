"""Bedrock: agents, knowledge bases, models, guardrails; what AgentCore runs agents and tools on."""

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


def _tool(name: str, operation: str, member: str) -> ResourceType:
    """A tool that agents use; AWS's own, without a role, are everyone's."""
    return ResourceType(
        id=f"agentcore:{name}",
        client="bedrock-agentcore-control",
        scope=Scope.REGIONAL,
        arn=f"{{{member}Arn}}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation=f"list_{operation}s",
                params={"type": "CUSTOM"},
                result=f"{member}Summaries",
                paging=Paginator(100),
            ),
        ),
        follow_ups=(
            FollowUp(operation=f"get_{operation}", params={f"{member}Id": Item(f"{member}Id")}),
        ),
    )


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
    _tool("code-interpreter", "code_interpreter", "codeInterpreter"),
    _tool("browser", "browser", "browser"),
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
