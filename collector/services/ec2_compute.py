"""EC2: instances, images, snapshots, and the account's guards against sharing them."""

from collector.declare import (
    Account,
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
        ),
    ),
)
