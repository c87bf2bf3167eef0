"""Cloud9: development environments."""

from __future__ import annotations

from graph.schema.convert import texts
from graph.schema.declare import NodeType, Property

_CALL = "@describe_environments"
_MEMBERS = "@describe_environment_memberships"

DECLARATIONS = (
    NodeType(
        snapshot_type="cloud9:env",
        label="Cloud9Environment",
        resource_type="AWS::Cloud9::EnvironmentEC2",
        category="compute",
        description="A machine with an editor, which its members use with the owner's rights.",
        arn="arn:{partition}:cloud9:{region}:{account}:environment:{id}",
        name=f"{_CALL}/name",
        resource_id="id",
        properties=(
            Property("status", f"{_CALL}/lifecycle/status", "E.g. CREATED."),
            Property("environment_type", f"{_CALL}/type", "ec2 or ssh."),
            Property("connection_type", f"{_CALL}/connectionType", "CONNECT_SSH or CONNECT_SSM."),
            Property("owner_arn", f"{_CALL}/ownerArn", "Whose it is."),
            Property(
                "managed_credentials_status",
                f"{_CALL}/managedCredentialsStatus",
                "Whether it gets its owner's rights for a time.",
            ),
            Property("member_arns", f"{_MEMBERS}/*/userArn", "Who may enter it.", texts, absent=[]),
            Property(
                "write_member_arns",
                f"{_MEMBERS}/[permissions=read-write]/userArn",
                "Who may also type in it.",
                texts,
                absent=[],
            ),
        ),
    ),
)
