"""Organizations: the tree, the accounts, the policies and where they hang.

All but ``describe_organization`` answer only in the management account or to a delegated
administrator, so they are asked once, with the credentials that listed the accounts.
"""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

# Policy types that can take rights away or that AWS enforces on resources. The page size is the
# API's maximum. https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPolicies.html
POLICY_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "DECLARATIVE_POLICY_EC2")
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
        follow_ups=CHILDREN,
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
        ),
    ),
    ResourceType(
        id="org:policy",
        client="organizations",
        scope=Scope.ORGANISATION,
        arn="{Arn}",
        lists=tuple(
            ListCall(
                operation="list_policies",
                params={"Filter": policy_type},
                result="Policies",
                paging=PAGES,
                # A partition that does not know the type refuses the enumeration's value.
                not_supported=("InvalidInputException",),
            )
            for policy_type in POLICY_TYPES
        ),
        follow_ups=(
            FollowUp(operation="describe_policy", params={"PolicyId": Item("Id")}),
            FollowUp(
                operation="list_targets_for_policy",
                params={"PolicyId": Item("Id")},
                result="Targets",
                paging=PAGES,
            ),
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
)
