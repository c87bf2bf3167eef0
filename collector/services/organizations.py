"""Organizations: the tree, the accounts, the policies and where they hang.

All but ``describe_organization`` answer only in the management account or to a delegated
administrator, so they are asked once, with the credentials that listed the accounts.
"""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

# Policy types that can take rights away or that AWS enforces on resources, and the others. The
# page size is the API's maximum.
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPolicies.html
POLICY_TYPES = (
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "S3_POLICY",
)
OTHER_POLICY_TYPES = (
    "TAG_POLICY",
    "BACKUP_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "CHATBOT_POLICY",
    "SECURITYHUB_POLICY",
)
PAGES = Paginator(20)

CHILDREN = (
    FollowUp(
        operation="list_organizational_units_for_parent",
        params={"ParentId": Item("Id")},
        result="OrganizationalUnits",
        paging=PAGES,
        discovers="org:organizational-unit",
    ),
    FollowUp(
        operation="list_accounts_for_parent",
        params={"ParentId": Item("Id")},
        result="Accounts",
        paging=PAGES,
    ),
)


# A partition that does not know a type refuses the enumeration's value; the same code is for other
# faults of a request. The oldest type is everywhere.
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPolicies.html#API_ListPolicies_Errors
_NO_SUCH_TYPE = (
    "InvalidInputException:You specified an invalid value",
    "InvalidInputException:You specified an invalid policy type",
)


def _no_such_type(policy_type: str) -> tuple[str, ...]:
    return () if policy_type == "SERVICE_CONTROL_POLICY" else _NO_SUCH_TYPE


def _policies(policy_types: tuple[str, ...]) -> tuple[ListCall, ...]:
    return tuple(
        ListCall(
            operation="list_policies",
            params={"Filter": policy_type},
            result="Policies",
            paging=PAGES,
            not_supported=_no_such_type(policy_type),
        )
        for policy_type in policy_types
    )


_OF_POLICY = (
    FollowUp(operation="describe_policy", params={"PolicyId": Item("Id")}),
    FollowUp(
        operation="list_targets_for_policy",
        params={"PolicyId": Item("Id")},
        result="Targets",
        paging=PAGES,
    ),
)

TYPES = (
    ResourceType(
        id="org:organization",
        client="organizations",
        scope=Scope.GLOBAL,
        follow_ups=(FollowUp(operation="describe_organization"),),
    ),
    ResourceType(
        id="org:root",
        client="organizations",
        scope=Scope.ORGANISATION,
        arn="{Arn}",
        lists=(ListCall(operation="list_roots", result="Roots", paging=PAGES),),
        follow_ups=(
            *CHILDREN,
            # One of each in an organisation, which the root's ARN names.
            FollowUp(operation="describe_resource_policy"),
            FollowUp(
                operation="list_aws_service_access_for_organization",
                result="EnabledServicePrincipals",
                paging=PAGES,
            ),
        ),
    ),
    ResourceType(
        id="org:organizational-unit",
        client="organizations",
        scope=Scope.ORGANISATION,
        arn="{Arn}",
        discovered_by="org:root",
        follow_ups=CHILDREN,
    ),
    ResourceType(
        id="org:account",
        client="organizations",
        scope=Scope.ORGANISATION,
        arn="{Arn}",
        lists=(ListCall(operation="list_accounts", result="Accounts", paging=PAGES),),
        follow_ups=(
            FollowUp(
                operation="list_parents",
                params={"ChildId": Item("Id")},
                result="Parents",
                paging=PAGES,
            ),
            FollowUp(
                operation="list_tags_for_resource",
                params={"ResourceId": Item("Id")},
                result="Tags",
                paging=Paginator(),
            ),
        ),
    ),
    ResourceType(
        id="org:policy",
        client="organizations",
        scope=Scope.ORGANISATION,
        arn="{Arn}",
        lists=_policies(POLICY_TYPES),
        follow_ups=_OF_POLICY,
    ),
    # They say how to tag, to back up, ...: nobody gains or loses access by them.
    ResourceType(
        id="org:management-policy",
        client="organizations",
        scope=Scope.ORGANISATION,
        arn="{Arn}",
        depth=Depth.FULL,
        lists=_policies(OTHER_POLICY_TYPES),
        follow_ups=_OF_POLICY,
    ),
    # What AWS enforces in an account after inheritance; the engine works out the other types.
    ResourceType(
        id="org:effective-policy",
        client="organizations",
        scope=Scope.ORGANISATION,
        arn="{Arn}",
        depth=Depth.FULL,
        each_of=("org:account",),
        carry=("Arn", "Id"),
        follow_ups=tuple(
            FollowUp(
                operation="describe_effective_policy",
                params={"PolicyType": policy_type, "TargetId": Item("Id")},
                key=("PolicyType",),
                not_supported=_no_such_type(policy_type),
            )
            for policy_type in ("DECLARATIVE_POLICY_EC2", "S3_POLICY")
        ),
    ),
    ResourceType(
        id="org:delegated-admin",
        client="organizations",
        scope=Scope.ORGANISATION,
        arn="{Arn}",
        lists=(
            ListCall(
                operation="list_delegated_administrators",
                result="DelegatedAdministrators",
                paging=PAGES,
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="list_delegated_services_for_account",
                params={"AccountId": Item("Id")},
                result="DelegatedServices",
                paging=PAGES,
            ),
        ),
    ),
    ResourceType(
        id="org:handshake",
        client="organizations",
        scope=Scope.GLOBAL,
        arn="{Arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(operation="list_handshakes_for_account", result="Handshakes", paging=PAGES),
        ),
    ),
    ResourceType(
        id="org:organization-handshake",
        client="organizations",
        scope=Scope.ORGANISATION,
        arn="{Arn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_handshakes_for_organization", result="Handshakes", paging=PAGES
            ),
        ),
    ),
)
"""Declarations of this service."""
