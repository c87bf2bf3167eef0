"""EC2: instances, images, snapshots and the guards of an account's region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item
from graph.schema.account import of_region
from graph.schema.convert import one_of, texts, truth, whole
from graph.schema.declare import Edge, Link, NodeType, Property, Setting
from graph.schema.kms import encrypted_with
from graph.schema.links import at, each, receiver
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_INTERFACES = "NetworkInterfaces/*"


def _permitted(line: Item, permission: Mapping[str, Any]) -> Iterator[Edge]:
    """A launch or volume permission names an account, an organisation or a unit."""
    for member in ("UserId", "OrganizationArn", "OrganizationalUnitArn"):
        if permission.get(member) and (end := receiver(permission[member])):
            yield Edge(end)


def _shared(operation: str, member: str) -> Link:
    return Link(
        "SHARED_WITH",
        ("AWSAccount", "ExternalAccount", "Organization", "OrganizationalUnit"),
        "The receiver may use it.",
        each(f"@{operation}/{member}/*", _permitted),
    )


def _public(operation: str, member: str, what: str) -> Property:
    return Property(
        "shared_with_all",
        f"@{operation}/{member}/*/Group",
        f"Whether its permissions name every account ({what}).",
        one_of("all"),
        absent=False,
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="ec2:instance",
        label="EC2Instance",
        resource_type="AWS::EC2::Instance",
        category="compute",
        description="An EC2 instance.",
        arn="arn:{partition}:ec2:{region}:{account}:instance/{id}",
        id_prefix="i-",
        resource_id="InstanceId",
        properties=(
            Property("state", "State/Name", "running, stopped, ..."),
            Property("instance_type", "InstanceType", "E.g. t3.micro."),
            Property("image_id", "ImageId", "The AMI that it was launched from."),
            Property("launch_time", "LaunchTime", "When it was last started (ISO 8601)."),
            Property("key_name", "KeyName", "The key pair for SSH."),
            Property("platform", "PlatformDetails|Platform", "Operating system."),
            Property("public_dns_name", "PublicDnsName", "Public host name."),
            Property(
                "private_ips",
                f"{_INTERFACES}/PrivateIpAddresses/*/PrivateIpAddress|PrivateIpAddress",
                "Private IPv4 addresses.",
                texts,
                absent=[],
            ),
            Property(
                "public_ips",
                f"{_INTERFACES}/PrivateIpAddresses/*/Association/PublicIp|PublicIpAddress",
                "Public IPv4 addresses.",
                texts,
                absent=[],
            ),
            Property(
                "ipv6_addresses",
                f"{_INTERFACES}/Ipv6Addresses/*/Ipv6Address",
                "IPv6 addresses.",
                texts,
                absent=[],
            ),
            Property(
                "http_tokens",
                "MetadataOptions/HttpTokens",
                "required: the metadata service answers IMDSv2 only; optional: IMDSv1 too.",
            ),
            Property(
                "http_endpoint",
                "MetadataOptions/HttpEndpoint",
                "Whether the metadata service answers (enabled, disabled).",
            ),
            Property(
                "http_put_response_hop_limit",
                "MetadataOptions/HttpPutResponseHopLimit",
                "How many hops the metadata token travels; above 1 containers get it.",
                whole,
            ),
            Property(
                "iam_instance_profile_arn",
                "IamInstanceProfile/Arn",
                "The instance profile that carries its role.",
            ),
            Property(
                "source_dest_check",
                "SourceDestCheck",
                "False where it forwards others' traffic.",
                truth,
            ),
        ),
        links=(
            in_vpc(),
            in_subnet(),
            has_security_group(f"SecurityGroups/*/GroupId|{_INTERFACES}/Groups/*/GroupId"),
            Link(
                "HAS_INTERFACE",
                ("NetworkInterface",),
                "The instance uses the interface.",
                at(f"{_INTERFACES}/NetworkInterfaceId", "NetworkInterface"),
            ),
            Link(
                "HAS_INSTANCE_PROFILE",
                ("InstanceProfile",),
                "The instance gets its credentials through the profile.",
                at("IamInstanceProfile/Arn", "InstanceProfile"),
            ),
            Link(
                "USES_IMAGE",
                ("AMI",),
                "The instance was launched from the image.",
                at("ImageId", "AMI"),
            ),
        ),
    ),
    NodeType(
        snapshot_type="ec2:image",
        label="AMI",
        resource_type="AWS::EC2::Image",
        cloudformation=False,
        category="data",
        description="An Amazon machine image.",
        arn="arn:{partition}:ec2:{region}::image/{id}",
        id_prefix="ami-",
        name="Name",
        resource_id="ImageId",
        owner="OwnerId",
        properties=(
            Property("state", "State", "E.g. available."),
            Property("public", "Public", "Whether AWS marks it as public.", truth),
            _public("describe_image_attribute", "LaunchPermissions", "a public image"),
            Property("creation_date", "CreationDate", "When it was made (ISO 8601)."),
            Property("image_description", "Description", "Its author's description."),
            Property("imds_support", "ImdsSupport", "v2.0: instances start with IMDSv2 only."),
        ),
        links=(
            Link(
                "CONTAINS",
                ("EBSSnapshot",),
                "The image holds the snapshot's data.",
                at("BlockDeviceMappings/*/Ebs/SnapshotId", "EBSSnapshot"),
            ),
            _shared("describe_image_attribute", "LaunchPermissions"),
        ),
    ),
    NodeType(
        snapshot_type="ec2:snapshot",
        label="EBSSnapshot",
        resource_type="AWS::EC2::Snapshot",
        cloudformation=False,
        category="data",
        description="A snapshot of an EBS volume.",
        arn="arn:{partition}:ec2:{region}::snapshot/{id}",
        id_prefix="snap-",
        resource_id="SnapshotId",
        owner="OwnerId",
        properties=(
            Property("state", "State", "E.g. completed."),
            Property("encrypted", "Encrypted", "Whether its data is encrypted.", truth),
            Property("kms_key_id", "KmsKeyId", "The key that encrypts it."),
            Property("volume_id", "VolumeId", "The volume it was taken of."),
            Property("volume_size", "VolumeSize", "Size of the volume, in GiB.", whole),
            Property("start_time", "StartTime", "When it was taken (ISO 8601)."),
            Property("snapshot_description", "Description", "Its author's description."),
            _public("describe_snapshot_attribute", "CreateVolumePermissions", "a public snapshot"),
        ),
        links=(
            encrypted_with("KmsKeyId"),
            _shared("describe_snapshot_attribute", "CreateVolumePermissions"),
        ),
    ),
    Setting(
        snapshot_type="ec2:account-guards",
        label="Region",
        describes=of_region,
        description="What the account forbids in the region for all its images and snapshots.",
        properties=(
            Property(
                "snapshot_block_public_access_state",
                "@get_snapshot_block_public_access_state/State",
                "block-all-sharing, block-new-sharing or unblocked.",
            ),
            Property(
                "image_block_public_access_state",
                "@get_image_block_public_access_state/ImageBlockPublicAccessState",
                "block-new-sharing or unblocked.",
            ),
            Property(
                "ebs_encryption_by_default",
                "@get_ebs_encryption_by_default/EbsEncryptionByDefault",
                "Whether new volumes are encrypted, whatever is asked.",
                truth,
            ),
            Property(
                "ebs_default_kms_key_id",
                "@get_ebs_default_kms_key_id/KmsKeyId",
                "The key that does it.",
            ),
            Property(
                "allowed_images_state",
                "@get_allowed_images_settings/State",
                "enabled: only images of chosen providers start; else disabled or audit-mode.",
            ),
            Property(
                "serial_console_access_enabled",
                "@get_serial_console_access_status/SerialConsoleAccessEnabled",
                "Whether instances' serial consoles can be opened.",
                truth,
            ),
        ),
    ),
)
