"""EC2: instances and what they start from: images, disks, templates, keys; the account's guards."""

from collector.declare import (
    Account,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    When,
)

PAGES = Paginator(1000)

TYPES = (
    ResourceType(
        id="ec2:instance",
        client="ec2",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ec2:{region}:{account}:instance/{InstanceId}",
        lists=(
            ListCall(
                operation="describe_instances",
                result="Reservations[].Instances[]",
                paging=PAGES,
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_instance_attribute",
                params={"InstanceId": Item("InstanceId"), "Attribute": "userData"},
            ),
        ),
        redact=("describe_instance_attribute:UserData.Value",),
    ),
    # Images and snapshots have no account in their ARN.
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    ResourceType(
        id="ec2:image",
        client="ec2",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ec2:{region}::image/{ImageId}",
        lists=(
            ListCall(
                operation="describe_images",
                params={"Owners": ["self"]},
                result="Images",
                paging=PAGES,
            ),
        ),
        keep=(When("OwnerId", is_one_of=(Account(),)),),
        follow_ups=(
            FollowUp(
                operation="describe_image_attribute",
                params={"ImageId": Item("ImageId"), "Attribute": "launchPermission"},
            ),
        ),
    ),
    ResourceType(
        id="ec2:snapshot",
        client="ec2",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ec2:{region}::snapshot/{SnapshotId}",
        lists=(
            ListCall(
                operation="describe_snapshots",
                params={"OwnerIds": ["self"]},
                result="Snapshots",
                paging=PAGES,
            ),
        ),
        keep=(When("OwnerId", is_one_of=(Account(),)),),
        follow_ups=(
            FollowUp(
                operation="describe_snapshot_attribute",
                params={
                    "SnapshotId": Item("SnapshotId"),
                    "Attribute": "createVolumePermission",
                },
            ),
        ),
    ),
    ResourceType(
        id="ec2:account-guards",
        client="ec2",
        scope=Scope.REGIONAL,
        follow_ups=(
            FollowUp(operation="get_snapshot_block_public_access_state"),
            FollowUp(operation="get_image_block_public_access_state"),
            FollowUp(operation="get_ebs_encryption_by_default"),
            FollowUp(operation="get_ebs_default_kms_key_id"),
            FollowUp(operation="get_allowed_images_settings"),
            FollowUp(operation="get_serial_console_access_status"),
        ),
    ),
    ResourceType(
        id="ec2:volume",
        client="ec2",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ec2:{region}:{account}:volume/{VolumeId}",
        lists=(ListCall(operation="describe_volumes", result="Volumes", paging=PAGES),),
    ),
    ResourceType(
        id="ec2:imds-default",
        client="ec2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        follow_ups=(FollowUp(operation="get_instance_metadata_defaults"),),
    ),
    ResourceType(
        id="ec2:launch-template",
        client="ec2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:ec2:{region}:{account}:launch-template/{LaunchTemplateId}",
        lists=(
            ListCall(
                operation="describe_launch_templates",
                result="LaunchTemplates",
                paging=Paginator(200),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_launch_template_versions",
                params={
                    "LaunchTemplateId": Item("LaunchTemplateId"),
                    "Versions": ["$Latest", "$Default"],
                },
                result="LaunchTemplateVersions",
                paging=Paginator(200),
            ),
        ),
        redact=("describe_launch_template_versions:[].LaunchTemplateData.UserData",),
    ),
    ResourceType(
        id="ec2:key-pair",
        client="ec2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:ec2:{region}:{account}:key-pair/{KeyName}",
        lists=(ListCall(operation="describe_key_pairs", result="KeyPairs"),),
    ),
    ResourceType(
        id="ec2:fpga-image",
        client="ec2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:ec2:{region}::fpga-image/{FpgaImageId}",
        lists=(
            ListCall(
                operation="describe_fpga_images",
                params={"Owners": ["self"]},
                result="FpgaImages",
                paging=PAGES,
            ),
        ),
        keep=(When("OwnerId", is_one_of=(Account(),)),),
        follow_ups=(
            FollowUp(
                operation="describe_fpga_image_attribute",
                params={"FpgaImageId": Item("FpgaImageId"), "Attribute": "loadPermission"},
            ),
        ),
    ),
)
