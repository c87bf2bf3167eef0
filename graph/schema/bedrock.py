"""Bedrock: agents, knowledge bases, models, guardrails; AgentCore: runtimes, gateways, tools."""

from __future__ import annotations

from graph.schema.account import of_region
from graph.schema.convert import present, texts
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.kms import encrypted_with
from graph.schema.vpc import has_security_group, in_subnet

_RUNTIME = "@get_agent_runtime"
_NETWORK = f"{_RUNTIME}/networkConfiguration"
_GATEWAY = "@get_gateway"
_AGENT = "@get_agent/agent"
_LOGGING = "@get_model_invocation_logging_configuration/loggingConfig"


def _tool(kind: str, name: str, modes: str, description: str, *more: Property) -> NodeType:
    """A tool of AgentCore: ``kind`` as in its type and ARN, ``name`` as in CloudFormation."""
    got = f"@get_{kind.replace('-', '_')}"
    network = f"{got}/networkConfiguration"
    return NodeType(
        snapshot_type=f"agentcore:{kind}",
        label=f"Agent{name}",
        resource_type=f"AWS::BedrockAgentCore::{name}Custom",
        category="compute",
        description=description,
        arn=f"arn:{{partition}}:bedrock-agentcore:{{region}}:{{account}}:{kind}-custom/{{id}}",
        name="name",
        resource_id=f"{name[0].lower()}{name[1:]}Id",
        properties=(
            Property("status", "status", "E.g. READY."),
            Property("role_arn", f"{got}/executionRoleArn", "The role of its sessions, if any."),
            Property("network_mode", f"{network}/networkMode", f"{modes}: what it itself reaches."),
            *more,
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
        ),
        links=(
            in_subnet(f"{network}/vpcConfig/subnets/*"),
            has_security_group(f"{network}/vpcConfig/securityGroups/*"),
        ),
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="agentcore:runtime",
        label="AgentRuntime",
        resource_type="AWS::BedrockAgentCore::Runtime",
        category="compute",
        description="An agent that callers reach over the internet, with a role.",
        arn="arn:{partition}:bedrock-agentcore:{region}:{account}:runtime/{id}",
        name="agentRuntimeName",
        resource_id="agentRuntimeId",
        properties=(
            Property("status", "status", "E.g. READY."),
            Property("role_arn", f"{_RUNTIME}/roleArn", "The role that it runs with."),
            Property(
                "network_mode", f"{_NETWORK}/networkMode", "PUBLIC or VPC: what it itself reaches."
            ),
            Property(
                "jwt_discovery_url",
                f"{_RUNTIME}/authorizerConfiguration/customJWTAuthorizer/discoveryUrl",
                "Whose tokens it takes; none: calls are signed by IAM.",
            ),
            Property(
                "server_protocol",
                f"{_RUNTIME}/protocolConfiguration/serverProtocol",
                "HTTP, MCP or A2A.",
            ),
            Property(
                "image",
                f"{_RUNTIME}/agentRuntimeArtifact/containerConfiguration/containerUri",
                "The image of its container.",
            ),
            Property(
                "has_policy",
                "@get_resource_policy/policy",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
            Property("created_at", f"{_RUNTIME}/createdAt", "When it was made (ISO 8601)."),
        ),
        links=(
            in_subnet(f"{_NETWORK}/networkModeConfig/subnets/*"),
            has_security_group(f"{_NETWORK}/networkModeConfig/securityGroups/*"),
        ),
    ),
    NodeType(
        snapshot_type="agentcore:gateway",
        label="AgentGateway",
        resource_type="AWS::BedrockAgentCore::Gateway",
        category="compute",
        description="Offers APIs and functions as tools to agents.",
        arn="arn:{partition}:bedrock-agentcore:{region}:{account}:gateway/{id}",
        name="name",
        resource_id="gatewayId",
        properties=(
            Property("status", "status", "E.g. READY."),
            Property("url", f"{_GATEWAY}/gatewayUrl", "Its URL."),
            Property("role_arn", f"{_GATEWAY}/roleArn", "The role that it calls tools with."),
            Property(
                "authorizer_type", "authorizerType", "CUSTOM_JWT, AWS_IAM or NONE: who may call."
            ),
            Property("protocol_type", "protocolType", "E.g. MCP."),
            Property("web_acl_arn", f"{_GATEWAY}/webAclArn", "The web ACL before it."),
            Property("kms_key_id", f"{_GATEWAY}/kmsKeyArn", "The key that encrypts it."),
        ),
        links=(encrypted_with(f"{_GATEWAY}/kmsKeyArn"),),
    ),
    _tool(
        "code-interpreter",
        "CodeInterpreter",
        "PUBLIC, SANDBOX or VPC",
        "Sandboxes in which callers run code, with a role.",
    ),
    _tool(
        "browser",
        "Browser",
        "PUBLIC or VPC",
        "Browsers in the cloud that callers drive, with a role.",
        Property(
            "recording_bucket",
            "@get_browser/recording/s3Location/bucket",
            "The bucket that sessions are recorded to.",
        ),
    ),
    NodeType(
        snapshot_type="bedrock:agent",
        label="BedrockAgent",
        resource_type="AWS::Bedrock::Agent",
        category="compute",
        description="An agent of Bedrock.",
        arn="arn:{partition}:bedrock:{region}:{account}:agent/{id}",
        name="agentName",
        resource_id="agentId",
        properties=(
            Property("status", "agentStatus", "E.g. PREPARED."),
            Property("role_arn", f"{_AGENT}/agentResourceRoleArn", "The role that it works with."),
            Property("foundation_model", f"{_AGENT}/foundationModel", "The model it asks."),
            Property("kms_key_id", f"{_AGENT}/customerEncryptionKeyArn", "The key for its data."),
            Property(
                "action_groups",
                "@list_agent_action_groups/*/actionGroupName",
                "What it can call.",
                texts,
                absent=[],
            ),
        ),
        links=(encrypted_with(f"{_AGENT}/customerEncryptionKeyArn"),),
    ),
    NodeType(
        snapshot_type="bedrock:knowledge-base",
        label="BedrockKnowledgeBase",
        resource_type="AWS::Bedrock::KnowledgeBase",
        category="data",
        description="Documents that models are given to answer from.",
        arn="arn:{partition}:bedrock:{region}:{account}:knowledge-base/{id}",
        name="name",
        resource_id="knowledgeBaseId",
        properties=(
            Property("status", "status", "E.g. ACTIVE."),
            Property("updated_at", "updatedAt", "When it last changed (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="bedrock:model",
        label="BedrockCustomModel",
        resource_type="AWS::Bedrock::CustomModel",
        cloudformation=False,
        category="data",
        description="A model that was trained on the account's data.",
        arn="arn:{partition}:bedrock:{region}:{account}:custom-model/{id}",
        name="modelName",
        owner="ownerAccountId",
        properties=(
            Property("base_model_arn", "baseModelArn", "The model that it was made from."),
            Property("kms_key_id", "@get_custom_model/modelKmsKeyArn", "The key that encrypts it."),
            Property(
                "training_data_uri",
                "@get_custom_model/trainingDataConfig/s3Uri",
                "What it was trained on.",
            ),
            Property("creation_time", "creationTime", "When it was made (ISO 8601)."),
        ),
        links=(encrypted_with("@get_custom_model/modelKmsKeyArn"),),
    ),
    NodeType(
        snapshot_type="bedrock:guardrail",
        label="BedrockGuardrail",
        resource_type="AWS::Bedrock::Guardrail",
        category="policy",
        description="What models must not be asked or answer.",
        arn="arn:{partition}:bedrock:{region}:{account}:guardrail/{id}",
        name="name",
        resource_id="id",
        properties=(
            Property("status", "status", "E.g. READY."),
            Property("version", "version", "Its version."),
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
        ),
    ),
    Setting(
        snapshot_type="bedrock:invocation-logging",
        label="Region",
        describes=of_region,
        description="Whether questions to models and their answers are written down.",
        properties=(
            Property(
                "bedrock_log_group",
                f"{_LOGGING}/cloudWatchConfig/logGroupName",
                "The log group that model calls are written to.",
            ),
            Property(
                "bedrock_log_bucket",
                f"{_LOGGING}/s3Config/bucketName",
                "The bucket that model calls are written to.",
            ),
        ),
    ),
)
