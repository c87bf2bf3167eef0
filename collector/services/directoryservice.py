"""Directory Service: directories, whom they are shared with, and what they trust."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope, When

# No other type can be shared or have trusts.
# https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_directory_sharing.html
_MICROSOFT = (When("Type", is_one_of=("MicrosoftAD",)),)

TYPES = (
    ResourceType(
        id="ds:directory",
        client="ds",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ds:{region}:{account}:directory/{DirectoryId}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_directories",
                result="DirectoryDescriptions",
                paging=Paginator(),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_shared_directories",
                params={"OwnerDirectoryId": Item("DirectoryId")},
                result="SharedDirectories",
                paging=Paginator(),
                when=_MICROSOFT,
            ),
            FollowUp(
                operation="describe_trusts",
                params={"DirectoryId": Item("DirectoryId")},
                result="Trusts",
                paging=Paginator(),
                when=_MICROSOFT,
            ),
        ),
        redact=(
            "RadiusSettings.SharedSecret",
            "OwnerDirectoryDescription.RadiusSettings.SharedSecret",
        ),
        scan=("ShareNotes", "describe_shared_directories:[].ShareNotes"),
    ),
)
"""Declarations of this service."""
