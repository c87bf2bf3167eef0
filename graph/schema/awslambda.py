"""Lambda: functions, their versions, layers and event sources; web functions."""

from __future__ import annotations

from collector.snapshot import Item
from graph.schema.convert import one_of, present, texts, whole
from graph.schema.declare import NodeType, Property, Reference, Setting
from graph.schema.kms import encrypted_with
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_URLS = "@list_function_url_configs/*"
_ENDPOINTS = "@list_web_function_endpoints/*"


def _function(line: Item) -> Reference:
    return Reference(id=line.id, label="LambdaFunction")


DECLARATIONS = (
    NodeType(
        snapshot_type="lambda:function",
        label="LambdaFunction",
        resource_type="AWS::Lambda::Function",
        category="compute",
        description="A Lambda function.",
        arn="arn:{partition}:lambda:{region}:{account}:function:{id}",
        name="FunctionName",
        resource_id="FunctionName",
        properties=(
            Property("role_arn", "Role", "The execution role."),
            Property("runtime", "Runtime", "E.g. python3.13; none for container images."),
            Property("package_type", "PackageType", "Zip or Image."),
            Property("state", "State", "E.g. Active."),
            Property("last_modified", "LastModified", "When it last changed (ISO 8601)."),
            Property("kms_key_id", "KMSKeyArn", "The key that encrypts its environment."),
            Property("layers", "Layers/*/Arn", "Layer versions it uses.", texts, absent=[]),
            Property(
                "function_urls",
                f"{_URLS}/FunctionUrl|@get_function_url_config/FunctionUrl",
                "Its URLs.",
                texts,
                absent=[],
            ),
            Property(
                "url_without_authentication",
                f"{_URLS}/AuthType|@get_function_url_config/AuthType",
                "Whether a URL asks for no signature; the policy must allow it too.",
                one_of("NONE"),
                absent=False,
            ),
            Property(
                "has_policy",
                "@get_policy/Policy",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
        ),
        links=(
            in_vpc("VpcConfig/VpcId"),
            in_subnet("VpcConfig/SubnetIds/*"),
            has_security_group("VpcConfig/SecurityGroupIds/*"),
            encrypted_with("KMSKeyArn"),
        ),
    ),
    NodeType(
        snapshot_type="lambda:function-version",
        label="LambdaVersion",
        resource_type="AWS::Lambda::Version",
        category="compute",
        description="A published version of a function, with the role and environment it had.",
        # No arn: its form begins as the function's, which would not be told from it.
        name="FunctionName",
        resource_id="Version",
        properties=(
            Property("version", "Version", "Its number."),
            Property("role_arn", "Role", "The execution role."),
            Property("runtime", "Runtime", "E.g. python3.13; none for container images."),
            Property("last_modified", "LastModified", "When it last changed (ISO 8601)."),
            Property("kms_key_id", "KMSKeyArn", "The key that encrypts its environment."),
            Property("layers", "Layers/*/Arn", "Layer versions it uses.", texts, absent=[]),
            Property(
                "has_policy",
                "@get_policy/Policy",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
        ),
        links=(encrypted_with("KMSKeyArn"),),
    ),
    Setting(
        snapshot_type="lambda:function-setting",
        label="LambdaFunction",
        describes=_function,
        description="Its reserved concurrency and who has to have signed its code.",
        properties=(
            Property(
                "reserved_concurrent_executions",
                "@get_function_concurrency/ReservedConcurrentExecutions",
                "Most that run at a time; 0: nobody can call it.",
                whole,
            ),
            Property(
                "code_signing_config_arn",
                "@get_function_code_signing_config/CodeSigningConfigArn",
                "Which signatures its code needs; none: any code is taken.",
            ),
        ),
    ),
    NodeType(
        snapshot_type="lambda:layer",
        label="LambdaLayer",
        resource_type="AWS::Lambda::Layer",
        cloudformation=False,
        category="compute",
        description="A layer: code that functions share, in versions.",
        arn="arn:{partition}:lambda:{region}:{account}:layer:{id}",
        name="LayerName",
        resource_id="LayerName",
        properties=(
            Property(
                "latest_version_arn",
                "LatestMatchingVersion/LayerVersionArn",
                "The newest version.",
            ),
            Property("created_date", "LatestMatchingVersion/CreatedDate", "When that was made."),
            Property(
                "version_arns",
                "@list_layer_versions/*/LayerVersionArn",
                "Its versions.",
                texts,
                absent=[],
            ),
            Property(
                "has_policy",
                "@get_layer_version_policy(*)/Policy",
                "Whether a version has a policy, so that others may use it.",
                present,
                absent=False,
            ),
        ),
    ),
    NodeType(
        snapshot_type="lambda:event-source",
        label="LambdaEventSourceMapping",
        resource_type="AWS::Lambda::EventSourceMapping",
        category="compute",
        description="A stream or queue that a function is called for.",
        arn="arn:{partition}:lambda:{region}:{account}:event-source-mapping:{id}",
        resource_id="UUID",
        properties=(
            Property("function_arn", "FunctionArn", "The function (with its alias)."),
            Property("event_source_arn", "EventSourceArn", "The stream or queue."),
            Property("state", "State", "E.g. Enabled."),
            Property("topics", "Topics/*", "Kafka topics.", texts, absent=[]),
            Property("last_modified", "LastModified", "When it last changed (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="lambda-web:function",
        label="LambdaWebFunction",
        resource_type="AWS::LambdaWeb::Function",
        cloudformation=False,
        category="compute",
        description="A web function: answers at HTTPS endpoints of its own.",
        name="functionName",
        resource_id="functionName",
        properties=(
            Property("state", "state", "E.g. Active."),
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
            Property(
                "endpoint_types",
                f"{_ENDPOINTS}/endpointType",
                "HomeRegion, MultiRegion or PerRegion.",
                texts,
                absent=[],
            ),
            Property("dns_names", f"{_ENDPOINTS}/domainName", "Its host names.", texts, absent=[]),
            Property(
                "endpoint_without_iam",
                f"{_ENDPOINTS}/authType",
                "Whether an endpoint leaves it to the application who may call it.",
                one_of("ApplicationManaged"),
                absent=False,
            ),
            Property(
                "has_policy",
                "@get_resource_policy/policy",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
        ),
    ),
)
