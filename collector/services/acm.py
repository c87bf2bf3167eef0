"""Certificate Manager and its private certificate authorities."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    When,
)

# Without these the service lists RSA keys of 1024 and 2048 bits only, and leaves out what came
# over ACME.
# https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html
_EVERY_KEY = [
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
]

_EVERY_ORIGIN = ["AWS_MANAGED", "ACME", "CUSTOMER_PROVIDED"]

TYPES = (
    ResourceType(
        id="acm:certificate",
        client="acm",
        scope=Scope.REGIONAL,
        arn="{CertificateArn}",
        lists=(
            ListCall(
                operation="list_certificates",
                params={
                    "Includes": {"keyTypes": _EVERY_KEY},
                    "CertificateKeyPairOrigins": _EVERY_ORIGIN,
                },
                result="CertificateSummaryList",
                paging=Paginator(1000),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_certificate",
                params={"CertificateArn": Item("CertificateArn")},
            ),
        ),
    ),
    ResourceType(
        id="acm-pca:ca",
        client="acm-pca",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{Arn}",
        lists=(
            ListCall(
                operation="list_certificate_authorities",
                result="CertificateAuthorities",
                paging=Paginator(1000),
            ),
        ),
        # What was deleted can be restored for a while, but answers nothing.
        # https://docs.aws.amazon.com/privateca/latest/userguide/PCADeleteCA.html
        follow_ups=(
            FollowUp(
                operation="get_policy",
                params={"ResourceArn": Item("Arn")},
                when=(When("Status", is_none_of=("CREATING", "DELETED")),),
            ),
            FollowUp(
                operation="list_permissions",
                params={"CertificateAuthorityArn": Item("Arn")},
                result="Permissions",
                paging=Paginator(1000),
                when=(When("Status", is_none_of=("CREATING", "DELETED")),),
            ),
        ),
    ),
)
"""Declarations of these services."""
