"""AppStream 2.0: fleets of streaming instances, and stacks."""

from __future__ import annotations

from graph.schema.convert import texts, truth
from graph.schema.declare import NodeType, Property
from graph.schema.vpc import has_security_group, in_subnet

_ARN = "arn:{partition}:appstream:{region}:{account}:"
_CREATED = Property("created_time", "CreatedTime", "When it was made (ISO 8601).")

DECLARATIONS = (
    NodeType(
        snapshot_type="appstream:fleet",
        label="AppStreamFleet",
        resource_type="AWS::AppStream::Fleet",
        category="compute",
        description="Machines whose applications are streamed to people.",
        arn=_ARN + "fleet/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("state", "State", "E.g. RUNNING."),
            Property("fleet_type", "FleetType", "ALWAYS_ON, ON_DEMAND or ELASTIC."),
            Property("role_arn", "IamRoleArn", "The role that its machines get."),
            Property("image_arn", "ImageArn", "The image."),
            Property(
                "enable_default_internet_access",
                "EnableDefaultInternetAccess",
                "Whether its machines get public addresses.",
                truth,
            ),
            Property("disable_imdsv1", "DisableIMDSV1", "Whether they answer IMDSv2 only.", truth),
            _CREATED,
        ),
        links=(
            in_subnet("VpcConfig/SubnetIds/*"),
            has_security_group("VpcConfig/SecurityGroupIds/*"),
        ),
    ),
    NodeType(
        snapshot_type="appstream:stack",
        label="AppStreamStack",
        resource_type="AWS::AppStream::Stack",
        category="compute",
        description="How people are given a fleet.",
        arn=_ARN + "stack/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("redirect_url", "RedirectURL", "Where people go afterwards."),
            Property(
                "vpc_endpoint_ids",
                "AccessEndpoints/*/VpceId",
                "Endpoints through which alone it is reached; none: over the internet.",
                texts,
                absent=[],
            ),
            Property(
                "embed_host_domains",
                "EmbedHostDomains/*",
                "Sites that may embed it.",
                texts,
                absent=[],
            ),
            _CREATED,
        ),
    ),
)
