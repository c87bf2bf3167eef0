"""IAM Roles Anywhere: trust anchors and profiles."""

from __future__ import annotations

from graph.schema.cognito import gives_role
from graph.schema.convert import present, texts, truth, whole
from graph.schema.declare import ExtraLabel, NodeType, Property
from graph.schema.links import at

DECLARATIONS = (
    NodeType(
        snapshot_type="iam:roles-anywhere-trust-anchor",
        label="TrustAnchor",
        resource_type="AWS::RolesAnywhere::TrustAnchor",
        category="identity",
        description="A certificate authority whose certificates IAM Roles Anywhere believes.",
        arn="arn:{partition}:rolesanywhere:{region}:{account}:trust-anchor/{id}",
        name="name",
        resource_id="trustAnchorId",
        extra_labels=(
            ExtraLabel("FederatedProvider", "Whoever holds a certificate of the trust anchor."),
            ExtraLabel("Source", "Roles can trust the trust anchor."),
        ),
        properties=(
            Property("enabled", "enabled", "Whether it is in use.", truth),
            Property(
                "source_type",
                "source/sourceType",
                "AWS_ACM_PCA, CERTIFICATE_BUNDLE or SELF_SIGNED_REPOSITORY.",
            ),
            Property(
                "acm_pca_arn", "source/sourceData/acmPcaArn", "The private CA, if it is AWS's."
            ),
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="iam:roles-anywhere-profile",
        label="RolesAnywhereProfile",
        resource_type="AWS::RolesAnywhere::Profile",
        category="identity",
        description="Which roles IAM Roles Anywhere hands out, and within which bounds.",
        arn="arn:{partition}:rolesanywhere:{region}:{account}:profile/{id}",
        name="name",
        resource_id="profileId",
        properties=(
            Property("enabled", "enabled", "Whether it is in use.", truth),
            Property(
                "has_session_policy",
                "sessionPolicy",
                "Whether a session policy bounds the sessions.",
                present,
                absent=False,
            ),
            Property(
                "managed_policy_arns",
                "managedPolicyArns/*",
                "Managed policies that bound the sessions.",
                texts,
                absent=[],
            ),
            Property(
                "accept_role_session_name",
                "acceptRoleSessionName",
                "Whether the caller names the session.",
                truth,
            ),
            Property("duration_seconds", "durationSeconds", "How long a session lasts.", whole),
        ),
        links=(
            gives_role(
                "The profile lists the role, which must trust rolesanywhere.amazonaws.com too.",
                at("roleArns/*", "IAMRole"),
            ),
        ),
    ),
    NodeType(
        snapshot_type="iam:roles-anywhere-crl",
        label="RolesAnywhereCRL",
        resource_type="AWS::RolesAnywhere::CRL",
        category="identity",
        description="Certificates of a trust anchor that are no longer believed.",
        arn="arn:{partition}:rolesanywhere:{region}:{account}:crl/{id}",
        name="name",
        resource_id="crlId",
        properties=(
            Property("enabled", "enabled", "Whether it is in use.", truth),
            Property("trust_anchor_arn", "trustAnchorArn", "The trust anchor."),
            Property("updated_at", "updatedAt", "When it last changed (ISO 8601)."),
        ),
    ),
)
