"""Route 53 Domains: registered domain names."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PEOPLE = ("AdminContact", "RegistrantContact", "TechContact", "BillingContact")
_PERSONAL = (
    "FirstName",
    "LastName",
    "OrganizationName",
    "AddressLine1",
    "AddressLine2",
    "City",
    "State",
    "CountryCode",
    "ZipCode",
    "PhoneNumber",
    "Email",
    "Fax",
    "ExtraParams[].Value",
)

TYPES = (
    ResourceType(
        id="route53domains:domain",
        client="route53domains",
        scope=Scope.GLOBAL,
        # https://docs.aws.amazon.com/general/latest/gr/r53.html
        asked_in="us-east-1",
        # The service's actions know no resources, so AWS publishes no form; this is the usual one.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53domains.html
        arn="arn:{partition}:route53domains:::domain/{DomainName}",
        lists=(ListCall(operation="list_domains", result="Domains", paging=Paginator(100)),),
        follow_ups=(
            FollowUp(operation="get_domain_detail", params={"DomainName": Item("DomainName")}),
        ),
        # People: their hashes tell where the same person stands.
        redact=(
            *(f"get_domain_detail:{who}.{what}" for who in _PEOPLE for what in _PERSONAL),
            "get_domain_detail:AbuseContactEmail",
            "get_domain_detail:AbuseContactPhone",
        ),
    ),
)
"""Declarations of this service."""
