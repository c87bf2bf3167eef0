"""EC2: what instances are launched from: launch templates, configurations, key pairs, groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph.schema.account import of_region
from graph.schema.convert import one_of, present, text, texts, truth, whole
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.kms import encrypted_with
from graph.schema.links import received

_VERSION = "@describe_launch_template_versions/*"
_DATA = f"{_VERSION}/LaunchTemplateData"
_EC2 = "arn:{partition}:ec2:{region}:{account}:"


def _split(values: Sequence[Any]) -> list[str]:
    """Ids that AWS writes as one text with commas."""
    joined = text(values) or ""
    return sorted({part.strip() for part in joined.split(",") if part.strip()})


DECLARATIONS = (
    NodeType(
        snapshot_type="ec2:launch-template",
        label="LaunchTemplate",
        resource_type="AWS::EC2::LaunchTemplate",
        category="compute",
        description="What instances are launched with; its default and its latest version.",
        arn=_EC2 + "launch-template/{id}",
        id_prefix="lt-",
        name="LaunchTemplateName",
        resource_id="LaunchTemplateId",
        properties=(
            Property("default_version", "DefaultVersionNumber", "Number of the default.", whole),
            Property("latest_version", "LatestVersionNumber", "Number of the latest.", whole),
            Property("created_by", "CreatedBy", "Who made it."),
            Property(
                "http_tokens",
                f"{_DATA}/MetadataOptions/HttpTokens",
                "required: IMDSv2 only; optional: IMDSv1 too (of any of the two versions).",
                texts,
                absent=[],
            ),
            Property("image_ids", f"{_DATA}/ImageId", "Images.", texts, absent=[]),
            Property("key_names", f"{_DATA}/KeyName", "Key pairs for SSH.", texts, absent=[]),
            Property(
                "instance_profiles",
                f"{_DATA}/IamInstanceProfile/Arn|{_DATA}/IamInstanceProfile/Name",
                "Instance profiles.",
                texts,
                absent=[],
            ),
            Property(
                "security_group_ids",
                f"{_DATA}/SecurityGroupIds/*|{_DATA}/NetworkInterfaces/*/Groups/*",
                "Security groups.",
                texts,
                absent=[],
            ),
            Property(
                "associate_public_ip_address",
                f"{_DATA}/NetworkInterfaces/*/AssociatePublicIpAddress",
                "Whether a version asks for a public address; absent: the subnet decides.",
                one_of("true"),
            ),
            Property(
                "has_user_data",
                f"{_DATA}/UserData",
                "Whether a version carries user data.",
                present,
                absent=False,
            ),
            Property("create_time", "CreateTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="autoscaling:launch-configuration",
        label="LaunchConfiguration",
        resource_type="AWS::AutoScaling::LaunchConfiguration",
        category="compute",
        description="What an older Auto Scaling group launches its instances with.",
        name="LaunchConfigurationName",
        resource_id="LaunchConfigurationName",
        properties=(
            Property("image_id", "ImageId", "The image."),
            Property("key_name", "KeyName", "The key pair for SSH."),
            Property("instance_profile", "IamInstanceProfile", "Name or ARN of the profile."),
            Property(
                "security_group_ids", "SecurityGroups/*", "Security groups.", texts, absent=[]
            ),
            Property(
                "associate_public_ip_address",
                "AssociatePublicIpAddress",
                "Whether instances get a public address; absent: the subnet decides.",
                truth,
            ),
            Property(
                "http_tokens", "MetadataOptions/HttpTokens", "required: IMDSv2 only; else both."
            ),
            Property(
                "has_user_data",
                "UserData",
                "Whether it carries user data.",
                present,
                absent=False,
            ),
            Property("created_time", "CreatedTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="autoscaling:group",
        label="AutoScalingGroup",
        resource_type="AWS::AutoScaling::AutoScalingGroup",
        category="compute",
        description="A group of instances whose number AWS keeps.",
        name="AutoScalingGroupName",
        resource_id="AutoScalingGroupName",
        properties=(
            Property(
                "launch_template_ids",
                "LaunchTemplate/LaunchTemplateId"
                "|MixedInstancesPolicy/LaunchTemplate/LaunchTemplateSpecification/LaunchTemplateId",
                "The template of its instances.",
                texts,
                absent=[],
            ),
            Property("launch_configuration", "LaunchConfigurationName", "Or the configuration."),
            Property("instance_ids", "Instances/*/InstanceId", "Its instances.", texts, absent=[]),
            Property("target_group_arns", "TargetGroupARNs/*", "Target groups.", texts, absent=[]),
            Property(
                "load_balancer_names", "LoadBalancerNames/*", "Classic ones.", texts, absent=[]
            ),
            Property("subnet_ids", "VPCZoneIdentifier", "Its subnets.", _split, absent=[]),
            Property("min_size", "MinSize", "Fewest instances.", whole),
            Property("max_size", "MaxSize", "Most instances.", whole),
            Property("desired_capacity", "DesiredCapacity", "Wanted instances.", whole),
            Property(
                "service_linked_role_arn", "ServiceLinkedRoleARN", "The role that launches them."
            ),
            Property("created_time", "CreatedTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="ec2:key-pair",
        label="KeyPair",
        resource_type="AWS::EC2::KeyPair",
        category="identity",
        description="A public key for SSH or for the first password of Windows.",
        arn=_EC2 + "key-pair/{id}",
        name="KeyName",
        resource_id="KeyName",
        properties=(
            Property("key_pair_id", "KeyPairId", "AWS's id of it."),
            Property("key_type", "KeyType", "rsa or ed25519."),
            Property("key_fingerprint", "KeyFingerprint", "Its fingerprint."),
            Property("create_time", "CreateTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="ec2:volume",
        label="EBSVolume",
        resource_type="AWS::EC2::Volume",
        category="data",
        description="An EBS volume.",
        arn=_EC2 + "volume/{id}",
        id_prefix="vol-",
        resource_id="VolumeId",
        properties=(
            Property("state", "State", "in-use, available, ..."),
            Property("encrypted", "Encrypted", "Whether its data is encrypted.", truth),
            Property("kms_key_id", "KmsKeyId", "The key that encrypts it."),
            Property("snapshot_id", "SnapshotId", "The snapshot that it was made from."),
            Property("size", "Size", "In GiB.", whole),
            Property(
                "attached_instance_ids",
                "Attachments/*/InstanceId",
                "Instances that it is attached to.",
                texts,
                absent=[],
            ),
            Property("create_time", "CreateTime", "When it was made (ISO 8601)."),
        ),
        links=(encrypted_with("KmsKeyId"),),
    ),
    NodeType(
        snapshot_type="ec2:fpga-image",
        label="FPGAImage",
        resource_type="AWS::EC2::FpgaImage",
        cloudformation=False,
        category="data",
        description="An Amazon FPGA image.",
        arn="arn:{partition}:ec2:{region}::fpga-image/{id}",
        id_prefix="afi-",
        name="Name",
        resource_id="FpgaImageId",
        owner="OwnerId",
        properties=(
            Property("state", "State/Code", "E.g. available."),
            Property("public", "Public", "Whether AWS marks it as public.", truth),
            Property(
                "shared_with_all",
                "@describe_fpga_image_attribute/FpgaImageAttribute/LoadPermissions/*/Group",
                "Whether every account may load it.",
                one_of("all"),
                absent=False,
            ),
            Property(
                "shared_account_ids",
                "@describe_fpga_image_attribute/FpgaImageAttribute/LoadPermissions/*/UserId",
                "Accounts that may load it.",
                texts,
                absent=[],
            ),
            Property("create_time", "CreateTime", "When it was made (ISO 8601)."),
        ),
        links=(
            received(
                "@describe_fpga_image_attribute/FpgaImageAttribute/LoadPermissions/*/UserId",
                "The receiver may load it.",
            ),
        ),
    ),
    Setting(
        snapshot_type="ec2:imds-default",
        label="Region",
        describes=of_region,
        description="How new instances' metadata service answers if nobody says otherwise.",
        properties=(
            Property(
                "imds_default_http_tokens",
                "@get_instance_metadata_defaults/AccountLevel/HttpTokens",
                "required: new instances answer IMDSv2 only; absent: no default is set.",
            ),
            Property(
                "imds_default_http_put_response_hop_limit",
                "@get_instance_metadata_defaults/AccountLevel/HttpPutResponseHopLimit",
                "How far their tokens travel.",
                whole,
            ),
            Property(
                "imds_default_http_tokens_enforced",
                "@get_instance_metadata_defaults/AccountLevel/HttpTokensEnforced",
                "Whether launches that ask for IMDSv1 fail.",
            ),
        ),
    ),
)
