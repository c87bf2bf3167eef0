"""WorkSpaces: desktops, their directories, and the address groups that may connect."""

from __future__ import annotations

from graph.schema.convert import texts, truth
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.vpc import has_security_group, in_subnet

_ARN = "arn:{partition}:workspaces:{region}:{account}:"
_ACCESS = "WorkspaceAccessProperties"

DECLARATIONS = (
    NodeType(
        snapshot_type="workspaces:workspace",
        label="WorkSpace",
        resource_type="AWS::WorkSpaces::Workspace",
        category="compute",
        description="A person's desktop.",
        arn=_ARN + "workspace/{id}",
        id_prefix="ws-",
        name="WorkspaceName|ComputerName",
        resource_id="WorkspaceId",
        properties=(
            Property("state", "State", "E.g. AVAILABLE."),
            Property("user_name", "UserName", "Whose it is."),
            Property("directory_id", "DirectoryId", "Who knows the person."),
            Property("private_ips", "IpAddress", "Private IPv4 address.", texts, absent=[]),
            Property(
                "root_volume_encrypted",
                "RootVolumeEncryptionEnabled",
                "Whether its first disk is encrypted.",
                truth,
            ),
            Property(
                "user_volume_encrypted",
                "UserVolumeEncryptionEnabled",
                "Whether its second disk is encrypted.",
                truth,
            ),
        ),
        links=(in_subnet(), encrypted_with("VolumeEncryptionKey")),
    ),
    NodeType(
        snapshot_type="workspaces:directory",
        label="WorkSpacesDirectory",
        resource_type="AWS::WorkSpaces::Directory",
        cloudformation=False,
        category="identity",
        description="A directory whose people have desktops, and how they may connect.",
        arn=_ARN + "directory/{id}",
        name="DirectoryName",
        resource_id="DirectoryId",
        properties=(
            Property("state", "State", "E.g. REGISTERED."),
            Property("directory_type", "DirectoryType", "SIMPLE_AD, AD_CONNECTOR, ..."),
            Property("role_arn", "IamRoleId", "The role that WorkSpaces has."),
            Property(
                "instance_role_arn",
                "WorkspaceCreationProperties/InstanceIamRoleArn",
                "The role that desktops get.",
            ),
            Property(
                "enable_internet_access",
                "WorkspaceCreationProperties/EnableInternetAccess",
                "Whether desktops get public addresses.",
                truth,
            ),
            Property(
                "user_enabled_as_local_administrator",
                "WorkspaceCreationProperties/UserEnabledAsLocalAdministrator",
                "Whether people administer their desktops.",
                truth,
            ),
            Property(
                "ip_group_ids",
                "ipGroupIds/*",
                "Address groups that may connect; none: every address may.",
                texts,
                absent=[],
            ),
            Property("web_access", f"{_ACCESS}/DeviceTypeWeb", "Whether a browser may connect."),
            Property("saml_status", "SamlProperties/Status", "Whether people sign in by SAML."),
        ),
        links=(
            in_subnet("SubnetIds/*"),
            has_security_group("WorkspaceSecurityGroupId"),
        ),
    ),
    NodeType(
        snapshot_type="workspaces:ip-group",
        label="WorkSpacesIPGroup",
        resource_type="AWS::WorkSpaces::IpGroup",
        cloudformation=False,
        category="network",
        description="Addresses from which desktops may be connected to.",
        arn=_ARN + "workspaceipgroup/{id}",
        id_prefix="wsipg-",
        name="groupName",
        resource_id="groupId",
        properties=(
            Property("cidr_blocks", "userRules/*/ipRule", "The addresses.", texts, absent=[]),
            Property("group_description", "groupDesc", "Its author's description."),
        ),
    ),
)
