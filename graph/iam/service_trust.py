"""Whether a role's trust policy admits an AWS service that acts for an account's own resource."""

from __future__ import annotations

from graph.iam import rules
from graph.iam.assumption import ASSUME, SAML, WEB_IDENTITY
from graph.iam.request import Request, Side
from graph.iam.resource_policy import weigh
from graph.iam.world import IamWorld, Outside, Principal
from graph.verdict import Answer, Verdict, condition


def trusts_service(world: IamWorld, role: str, service: str, account: str) -> Answer:
    """Judge the trust of a role for a service.

    ``*`` as principal admits services too: they are principals, and AWS made
    ``aws:PrincipalIsAWSService`` to tell them apart from the others that ``*`` covers.
    The account is never another one, but whether a service says for whom it asks is documented of
    some services alone: of others a condition on ``aws:SourceArn`` or ``aws:SourceAccount`` stays.

    Args:
        world: the IAM facts.
        role: ARN; one that was not collected is ``unknown``.
        service: service principal, e.g. ``ec2.amazonaws.com``.
        account: of the resource for which the service acts.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    https://aws.amazon.com/blogs/security/iam-makes-it-easier-to-manage-permissions-for-aws-services-accessing-resources/
    """
    known = world.principals.get(role)
    if known is None:
        text = f"{role} was not collected, so whether it trusts {service} is not known."
        gap = condition("not_collected", "iam:role", role)
        return Answer(Verdict.UNKNOWN, why=text, conditions=(gap,), evidence=(text,))
    told, untold = (
        weigh(
            world,
            Request(Outside("service", known_account, service), ASSUME, role, known.account),
            known.trust or Side.NOT_COLLECTED,
        ).answer
        for known_account in (account, "")
    )
    return told if told.verdict is Verdict.NO or _says_for_whom(service) else untold


def _says_for_whom(service: str) -> bool:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html."""
    return service in rules.data("service_sessions.json")["say_for_whom"]["services"]


def trusts_provider(world: IamWorld, role: Principal, provider: str) -> Answer:
    """Judge the trust of a role for whom an identity provider vouches for.

    Args:
        world: the IAM facts.
        role: of a collected account.
        provider: as the trust policy names it: an ARN, or a host such as
            ``cognito-identity.amazonaws.com``.
    """
    action = SAML if ":saml-provider/" in provider else WEB_IDENTITY
    request = Request(Outside("federated", arn=provider), action, role.arn, role.account)
    return weigh(world, request, role.trust or Side.NOT_COLLECTED).answer
