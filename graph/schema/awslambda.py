"""Lambda functions."""

from __future__ import annotations

from graph.schema.convert import one_of, present, texts
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_URLS = "@list_function_url_configs/*"

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
)
