"""GameLift: fleets of game servers."""

from __future__ import annotations

from graph.schema.convert import texts
from graph.schema.declare import NodeType, Property

_PORTS = "@describe_fleet_port_settings/InboundPermissions/*"

DECLARATIONS = (
    NodeType(
        snapshot_type="gamelift:fleet",
        label="GameLiftFleet",
        resource_type="AWS::GameLift::Fleet",
        category="compute",
        description="Game servers on the internet.",
        arn="arn:{partition}:gamelift:{region}:{account}:fleet/{id}",
        name="Name",
        resource_id="FleetId",
        properties=(
            Property("status", "Status", "E.g. ACTIVE."),
            Property("compute_type", "ComputeType", "EC2 or ANYWHERE."),
            Property("role_arn", "InstanceRoleArn", "The role that its servers get."),
            Property(
                "instance_role_credentials_provider",
                "InstanceRoleCredentialsProvider",
                "SHARED_CREDENTIAL_FILE: every process of a server can read them.",
            ),
            Property("inbound_cidrs", f"{_PORTS}/IpRange", "Who may connect.", texts, absent=[]),
            Property("inbound_from_ports", f"{_PORTS}/FromPort", "First ports.", texts, absent=[]),
            Property("creation_time", "CreationTime", "When it was made (ISO 8601)."),
        ),
    ),
)
