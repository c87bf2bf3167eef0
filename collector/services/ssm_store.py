"""Systems Manager: parameters without their values, documents, associations, a setting."""

from collector.declare import (
    Batch,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
    When,
)

_PAGES = Paginator(50)

TYPES = (
    ResourceType(
        id="ssm:parameter",
        client="ssm",
        scope=Scope.REGIONAL,
        arn="{ARN}",
        lists=(ListCall(operation="describe_parameters", result="Parameters", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="get_resource_policies",
                params={"ResourceArn": Item("ARN")},
                result="Policies",
                paging=_PAGES,
                # Only such a parameter can be shared.
                # https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html
                when=(When("Tier", is_none_of=("Standard",)),),
            ),
        ),
    ),
    ResourceType(
        id="ssm:parameter-value",
        client="ssm",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        opt_in="it reads the values of plain String parameters (of SecureString ones never), to "
        "see which of them are secrets; they are redacted before they are written",
        arn="{ARN}",
        each_of=("ssm:parameter",),
        carry=("ARN", "Name", "Type"),
        keep=(When("Type", is_one_of=("String",)),),
        follow_ups=(
            FollowUp(
                operation="get_parameters",
                params={"Names": [Item("Name")], "WithDecryption": False},
                result="Parameters",
                batch=Batch(size=10, match=("Name", "Name")),
            ),
        ),
        redact=("get_parameters:Value",),
    ),
    ResourceType(
        id="ssm:document",
        client="ssm",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:ssm:{region}:{account}:document/{Name}",
        lists=(
            ListCall(
                operation="list_documents",
                params={"Filters": [{"Key": "Owner", "Values": ["Self"]}]},
                result="DocumentIdentifiers",
                paging=_PAGES,
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_document_permission",
                params={"Name": Item("Name"), "PermissionType": "Share"},
                result="AccountIds",
                paging=Token("NextToken", "NextToken", ("MaxResults", 200)),
            ),
        ),
    ),
    ResourceType(
        id="ssm:document-content",
        client="ssm",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:ssm:{region}:{account}:document/{Name}",
        each_of=("ssm:document",),
        carry=("Name",),
        follow_ups=(FollowUp(operation="get_document", params={"Name": Item("Name")}),),
        # The addresses of attachments are signed.
        redact=("get_document:AttachmentsContent[].Url",),
        scan=("get_document:Content",),
    ),
    ResourceType(
        id="ssm:setting",
        client="ssm",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-ssm-sharing.html
        follow_ups=(
            FollowUp(
                operation="get_service_setting",
                params={"SettingId": "/ssm/documents/console/public-sharing-permission"},
            ),
        ),
    ),
    ResourceType(
        id="ssm:association",
        client="ssm",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:ssm:{region}:{account}:association/{AssociationId}",
        lists=(ListCall(operation="list_associations", result="Associations", paging=_PAGES),),
    ),
)
"""Declarations of this service."""
