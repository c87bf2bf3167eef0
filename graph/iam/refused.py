"""Calls that AWS refuses whatever the policies say."""

from __future__ import annotations

from graph.iam import rules
from graph.iam.request import Request
from graph.iam.world import IamWorld, Principal


def by_aws(world: IamWorld, request: Request) -> str:
    """Why AWS refuses a request before any policy; empty if it does not.

    Roles under ``/aws-service-role/`` and ``/aws-reserved/`` are AWS's own to edit, those of
    Identity Center to pass too, AWS managed policies cannot be changed, a root user cannot assume
    roles, a service-linked role is assumed by its service alone, an identity provider vouches for
    roles of its own account, a bucket without ACLs takes none, and some actions are for a
    resource's own account alone.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    action = request.action.lower()
    caller = request.principal
    listed = rules.data("refused.json")
    if action in listed["writes_to_roles_of_aws"] and _is_reserved(request.resource):
        return "AWS keeps service-linked and Identity Center roles to itself."
    if action in listed["writes_to_identity_center_roles"] and _CENTER in request.resource:
        return "AWS keeps Identity Center roles to itself."
    if (
        action in listed["writes_to_aws_managed_policies"]
        and ":iam::aws:policy/" in request.resource
    ):
        return "AWS managed policies cannot be changed."
    if action.startswith("sts:assumerole"):
        target = world.principals.get(request.resource)
        if target is not None and target.service_linked and caller.kind != "service":
            return "Only its service assumes a service-linked role."
        if isinstance(caller, Principal) and caller.kind == "root":
            return "A root user cannot assume roles."
        if ":federated-user/" in getattr(caller, "arn", ""):
            # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
            return "A federated user cannot assume roles."
        if caller.kind == "federated":
            return _foreign_provider(request)
    return _of_acls(world, request, action) or _by_service(request, action)


def _of_acls(world: IamWorld, request: Request, action: str) -> str:
    """Why S3 sets no ACL; empty if it does.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html
    """
    if action not in rules.data("refused.json")["writes_of_acls"]["actions"]:
        return ""
    bucket = world.buckets.get(request.resource.partition("/")[0])
    if bucket is None or bucket.acls_enabled is not False:
        return ""
    return "Object Ownership (BucketOwnerEnforced) turns ACLs off: S3 refuses to set them."


def _by_service(request: Request, action: str) -> str:
    listed = rules.data("refused.json")["of_its_own_account"]
    if any(action in row["actions"] for row in listed) and _across_accounts(request):
        return f"{request.service} lets no other account do {request.action}."
    if request.principal.kind == "anonymous" and not rules.accepts_anonymous(action):
        return f"{request.service} accepts signed requests only."
    return ""


def _foreign_provider(request: Request) -> str:
    """Why a provider's tokens are worth nothing for a role: it must be of the role's account.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp.html
    """
    provider, role = (arn.split(":", 5) for arn in (request.principal.arn, request.resource))
    if len(provider) < 6 or len(role) < 6 or not role[4].isdigit() or provider[4] == role[4]:
        return ""
    return f"A role of {role[4]} cannot trust an identity provider of {provider[4]}."


def _across_accounts(request: Request) -> bool:
    """Whether a caller who is no service belongs to another account than the resource.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-limitations-of-custom-policies.html
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
    """
    caller = request.principal
    parts = request.resource.split(":", 5)
    owner = request.resource_account or (parts[4] if len(parts) > 5 else "")
    outside = caller.kind != "service" and getattr(caller, "account", "") != owner
    return outside and len(owner) == 12 and owner.isdigit()


def _is_reserved(arn: str) -> bool:
    return ":role/aws-service-role/" in arn or _CENTER in arn


_CENTER = ":role/aws-reserved/"
