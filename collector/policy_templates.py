"""A read-only role for an assessor in another account, as CloudFormation or Terraform.

The role has AWS's own reading policies and one of what they lack. It is entered from one account,
by whoever gives the ExternalId.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from collector.actions import Permission
from collector.policy_documents import (
    ATTACHED_LIMIT,
    INLINE_LIMIT,
    MANAGED_LIMIT,
    VERSION,
    Document,
    documents,
    lacking,
    reading_policies,
    size_of,
)

ROLE_NAME = "mapper-read-only"
SESSION_SECONDS = 3600
"""The shortest that a role may have; chained sessions, as of an organisation, never last longer."""

_ACCOUNT = re.compile(r"[0-9]{12}")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)

_CFN_BEGINNING = "arn:${AWS::Partition}:"


class TemplateError(ValueError):
    """A role cannot be made as it was asked for; one sentence."""


@dataclass(frozen=True, slots=True)
class AssessorRole:
    """The role that a template makes.

    Attributes:
        trusted_account: the account of the assessor, twelve digits.
        external_id: what has to be given to enter.
        permissions: what is needed beside AWS's reading policies.
        name: of the role.

    Raises:
        TemplateError: IAM would not take one of them.
    """

    trusted_account: str
    external_id: str
    permissions: frozenset[Permission]
    name: str = ROLE_NAME

    def __post_init__(self) -> None:
        if not _ACCOUNT.fullmatch(self.trusted_account):
            raise TemplateError(f"{self.trusted_account!r} is no account: it has twelve digits.")
        if not _EXTERNAL_ID.fullmatch(self.external_id):
            raise TemplateError(
                f"{self.external_id!r} is no ExternalId: 2 to 1224 of letters, digits and "
                "+=,.@:/-_ are."
            )
        if not _ROLE_NAME.fullmatch(self.name):
            raise TemplateError(
                f"{self.name!r} is no name of a role: 1 to 64 of letters, digits and +=,.@-_ are."
            )

    @property
    def description(self) -> str:
        """What the role is, for its owner."""
        return (
            "Reads configuration for a security assessment with mapper: SecurityAudit, "
            "ViewOnlyAccess and the reads that they lack. Changes nothing."
        )

    def inline(self, beginning: str) -> list[Document]:
        """What AWS's policies lack, as inline policies; none where they would not all fit."""
        whole = documents(self.permissions, INLINE_LIMIT, beginning)
        return whole if sum(map(size_of, whole)) <= INLINE_LIMIT else []

    def managed(self, beginning: str) -> list[Document]:
        """The same as managed policies.

        Raises:
            TemplateError: they are more than a role can have.
        """
        parts = documents(self.permissions, MANAGED_LIMIT, beginning)
        if len(parts) + len(reading_policies()) > ATTACHED_LIMIT:
            raise TemplateError(
                f"What is needed makes {len(parts)} policies; a role has at most {ATTACHED_LIMIT}. "
                "Ask for fewer services."
            )
        return parts


def assessor_role(
    needed: Iterable[Permission],
    trusted_account: str,
    external_id: str | None = None,
    name: str = ROLE_NAME,
) -> AssessorRole:
    """The role for what a collection needs; an ExternalId is made where none is given.

    Entering further accounts is left out: the assessor's own account allows that.
    """
    delta = lacking(needed, [policy.document for policy in reading_policies()])
    return AssessorRole(
        trusted_account,
        external_id or f"mapper-{secrets.token_urlsafe(24)}",
        frozenset(p for p in delta if p.action != "sts:AssumeRole"),
        name,
    )


# CloudFormation


def cloudformation(role: AssessorRole) -> str:
    """A template that makes the role in one account. Names it: needs CAPABILITY_NAMED_IAM."""
    return _text(one_account(role))


def cloudformation_stack_set(role: AssessorRole) -> str:
    """A template for the management account (or a delegated administrator) that makes the role in
    every account, now and later.

    A service-managed StackSet never reaches the management account, so the template makes the
    role there itself.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs.html
    """
    inner = one_account(role)
    here = {
        name: {**resource, "Condition": "InManagementAccount"}
        for name, resource in inner["Resources"].items()
    }
    template = {
        **inner,
        "Description": f"{role.name} in every account of the organisation, for mapper.",
        "Parameters": {
            **inner["Parameters"],
            "OrganizationRootId": {
                "Type": "String",
                "AllowedPattern": "^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$",
                "Description": "The organisation's root (r-...) or one organisational unit.",
            },
            "CallAs": {
                "Type": "String",
                "Default": "SELF",
                "AllowedValues": ["SELF", "DELEGATED_ADMIN"],
                "Description": "SELF in the management account.",
            },
        },
        "Conditions": {"InManagementAccount": {"Fn::Equals": [{"Ref": "CallAs"}, "SELF"]}},
        "Resources": {**here, "StackSet": _stack_set(role, inner)},
        "Outputs": {"StackSetId": {"Value": {"Ref": "StackSet"}}},
    }
    return _text(template)


def _text(template: dict[str, Any]) -> str:
    return json.dumps(template, indent=2) + "\n"


def one_account(role: AssessorRole) -> dict[str, Any]:
    """The CloudFormation template of one account, as values."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{role.name}: a read-only role for a security assessment with mapper.",
        "Parameters": {
            "TrustedAccountId": {
                "Type": "String",
                "Default": role.trusted_account,
                "AllowedPattern": "^[0-9]{12}$",
                "Description": "The assessor's account.",
            },
            "ExternalId": {
                "Type": "String",
                "Default": role.external_id,
                "MinLength": 2,
                "MaxLength": 1224,
                "Description": "What the assessor has to give to enter.",
            },
        },
        "Resources": _role_resources(role),
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }


def _role_resources(role: AssessorRole) -> dict[str, Any]:
    inline = role.inline(_CFN_BEGINNING)
    managed = [] if inline else role.managed(_CFN_BEGINNING)
    names = [f"Reads{number}" for number in range(1, len(managed) + 1)]
    properties: dict[str, Any] = {
        "RoleName": role.name,
        "Description": role.description,
        "MaxSessionDuration": SESSION_SECONDS,
        "AssumeRolePolicyDocument": trust_policy(
            _sub("arn:${AWS::Partition}:iam::${TrustedAccountId}:root"), {"Ref": "ExternalId"}
        ),
        "ManagedPolicyArns": [
            *(_sub(policy.arn(_CFN_BEGINNING)) for policy in reading_policies()),
            *({"Ref": name} for name in names),
        ],
    }
    if inline:
        properties["Policies"] = [
            {"PolicyName": policy_name(role, number), "PolicyDocument": _with_partition(document)}
            for number, document in enumerate(inline, 1)
        ]
    policies = {
        name: {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": policy_name(role, number),
                "Description": role.description,
                "PolicyDocument": _with_partition(document),
            },
        }
        for number, (name, document) in enumerate(zip(names, managed, strict=True), 1)
    }
    return {**policies, "Role": {"Type": "AWS::IAM::Role", "Properties": properties}}


def policy_name(role: AssessorRole, number: int) -> str:
    """The name of the policy of that number."""
    return f"{role.name}-{number}"


def trust_policy(principal: Any, external_id: Any) -> Document:
    """Who may enter; both values may be expressions of the template's language."""
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
            }
        ],
    }


def _sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


def _with_partition(document: Document) -> Document:
    """The document with its ARNs as CloudFormation's functions."""
    statements = [
        statement
        if isinstance(statement["Resource"], str)
        else {**statement, "Resource": [_sub(arn) for arn in statement["Resource"]]}
        for statement in document["Statement"]
    ]
    return {**document, "Statement": statements}


def _stack_set(role: AssessorRole, inner: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudFormation::StackSet",
        "Properties": {
            "StackSetName": role.name,
            "Description": role.description,
            "PermissionModel": "SERVICE_MANAGED",
            "CallAs": {"Ref": "CallAs"},
            "AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False},
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "OperationPreferences": {
                "MaxConcurrentPercentage": 100,
                "FailureTolerancePercentage": 100,
            },
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": {"Ref": name}}
                for name in ("TrustedAccountId", "ExternalId")
            ],
            "StackInstancesGroup": [
                {
                    "DeploymentTargets": {"OrganizationalUnitIds": [{"Ref": "OrganizationRootId"}]},
                    # IAM is global: one region is enough.
                    "Regions": [{"Ref": "AWS::Region"}],
                }
            ],
            "TemplateBody": json.dumps(inner, separators=(",", ":")),
        },
    }
