"""Account Management: whom AWS writes to, and which regions are being switched on or off."""

from collector.declare import (
    Depth,
    FollowUp,
    Limit,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
)

_SOURCE = "https://docs.aws.amazon.com/accounts/latest/reference/quotas.html"

LIMITS = {
    "account": (
        Limit(
            operations=("get_alternate_contact", "get_contact_information"),
            rate=10,
            burst=15,
            each=True,
            source=_SOURCE,
        ),
        Limit(operations=("list_regions",), rate=5, burst=5, source=_SOURCE),
    )
}

TYPES = (
    # Without an account id the calls answer for the caller's own account.
    ResourceType(
        id="aws:account-contact",
        client="account",
        scope=Scope.GLOBAL,
        depth=Depth.FULL,
        follow_ups=(
            FollowUp(operation="get_contact_information"),
            *(
                FollowUp(
                    operation="get_alternate_contact",
                    params={"AlternateContactType": kind},
                    key=("AlternateContactType",),
                )
                for kind in ("BILLING", "OPERATIONS", "SECURITY")
            ),
        ),
        # Who the people are is no matter of an assessment; that they are named, and where mail
        # and web site lead, is.
        redact=(
            "get_contact_information:ContactInformation.FullName",
            "get_contact_information:ContactInformation.AddressLine1",
            "get_contact_information:ContactInformation.AddressLine2",
            "get_contact_information:ContactInformation.AddressLine3",
            "get_contact_information:ContactInformation.City",
            "get_contact_information:ContactInformation.StateOrRegion",
            "get_contact_information:ContactInformation.DistrictOrCounty",
            "get_contact_information:ContactInformation.PostalCode",
            "get_contact_information:ContactInformation.PhoneNumber",
            "get_alternate_contact:AlternateContact.Name",
            "get_alternate_contact:AlternateContact.Title",
            "get_alternate_contact:AlternateContact.PhoneNumber",
        ),
    ),
    # ec2:DescribeRegions does not know the states ENABLING and DISABLING.
    ResourceType(
        id="aws:region-opt-status",
        client="account",
        scope=Scope.GLOBAL,
        arn="{RegionName}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_regions", result="Regions", paging=Paginator(50)),),
    ),
)
"""Declarations of this service."""
