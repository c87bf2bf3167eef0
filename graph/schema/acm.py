"""Certificates and private certificate authorities."""

from __future__ import annotations

from graph.schema.convert import present
from graph.schema.declare import NodeType, Property
from graph.schema.usual import created, many, status

_CERTIFICATE = "@describe_certificate/Certificate"

DECLARATIONS = (
    NodeType(
        snapshot_type="acm:certificate",
        label="Certificate",
        resource_type="AWS::CertificateManager::Certificate",
        category="secrets",
        description="A TLS certificate with its private key.",
        arn="arn:{partition}:acm:{region}:{account}:certificate/{id}",
        name="DomainName",
        properties=(
            status("Status", "ISSUED"),
            Property("certificate_type", "Type", "IMPORTED, AMAZON_ISSUED or PRIVATE."),
            Property("key_algorithm", "KeyAlgorithm", "E.g. RSA-2048."),
            Property("not_after", "NotAfter", "Until when it holds (ISO 8601)."),
            Property("renewal_eligibility", "RenewalEligibility", "Whether AWS renews it."),
            many(
                "domain_names",
                f"{_CERTIFICATE}/SubjectAlternativeNames/*|SubjectAlternativeNameSummaries/*",
                "Host names that it is for.",
            ),
            many("in_use_by", f"{_CERTIFICATE}/InUseBy/*", "What answers with it."),
            Property(
                "export_option",
                f"{_CERTIFICATE}/Options/Export|ExportOption",
                "ENABLED: its key can be taken out.",
            ),
            many(
                "validation_methods",
                f"{_CERTIFICATE}/DomainValidationOptions/*/ValidationMethod",
                "How the owner of the name was asked.",
            ),
            created("CreatedAt"),
        ),
    ),
    NodeType(
        snapshot_type="acm-pca:ca",
        label="PrivateCertificateAuthority",
        resource_type="AWS::ACMPCA::CertificateAuthority",
        category="secrets",
        description="A private certificate authority.",
        arn="arn:{partition}:acm-pca:{region}:{account}:certificate-authority/{id}",
        name="CertificateAuthorityConfiguration/Subject/CommonName",
        owner="OwnerAccount",
        properties=(
            status("Status", "ACTIVE"),
            Property("ca_type", "Type", "ROOT or SUBORDINATE."),
            Property("usage_mode", "UsageMode", "E.g. SHORT_LIVED_CERTIFICATE."),
            Property("not_after", "NotAfter", "Until when it holds (ISO 8601)."),
            created("CreatedAt"),
            Property(
                "has_policy",
                "@get_policy/Policy",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
            many("permitted_services", "@list_permissions/*/Principal", "Services that may issue."),
        ),
    ),
)
