"""AWS Organizations: the tree, its accounts and its policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item, Status
from graph.schema.convert import present, tags, texts, truth
from graph.schema.declare import Edge, ExtraLabel, Link, NodeType, Property, Reference, Setting
from graph.schema.links import account, both, each
from graph.schema.path import ShapeError, look

_CONTAINED = ("OrganizationalUnit", "AWSAccount")
_PARENT = "The root or unit holds the unit or account."


def _organization_node(line: Item) -> str | None:
    """``None`` for an account in no organisation, or where nobody may ask."""
    found = look("@describe_organization/Organization/Id", line).values
    if found:
        return f"org:{found[0]}"
    return "" if line.call("describe_organization").status is Status.OK else None


def _member(line: Item) -> Reference | None:
    found = look("Id", line).values
    return account(str(found[0])) if found else None


def _children(line: Item, child: Mapping[str, Any]) -> Iterator[Edge]:
    arn = child.get("Arn")
    if isinstance(arn, str) and ":ou/" in arn:
        yield Edge(Reference(id=arn, label="OrganizationalUnit"))
    elif child.get("Id"):
        yield Edge(account(str(child["Id"])))


_CONTAINS = Link(
    "PARENT_OF",
    _CONTAINED,
    _PARENT,
    both(
        each("@list_organizational_units_for_parent/*", _children),
        each("@list_accounts_for_parent/*", _children),
    ),
)


def _parents(line: Item, parent: Mapping[str, Any]) -> Iterator[Edge]:
    parts = line.id.split("/")
    found = look("Id", line).values
    if len(parts) < 2 or not found:
        raise ShapeError("the account's ARN names no organisation")
    kind = "root" if parent.get("Type") == "ROOT" else "ou"
    prefix = parts[0].rsplit(":", 1)[0]
    yield Edge(
        start=Reference(
            id=f"{prefix}:{kind}/{parts[1]}/{parent.get('Id')}",
            label="OrganizationRoot" if kind == "root" else "OrganizationalUnit",
        ),
        end=account(str(found[0])),
    )


def _roots(line: Item) -> Iterator[Edge]:
    organization = line.id.split("/")[1:2]
    if organization:
        yield Edge(
            start=Reference(id=f"org:{organization[0]}", label="Organization"),
            end=Reference(id=line.id, label="OrganizationRoot"),
        )


def _targets(line: Item, target: Mapping[str, Any]) -> Iterator[Edge]:
    if target.get("Type") == "ACCOUNT":
        yield Edge(account(str(target.get("TargetId"))))
    elif isinstance(target.get("Arn"), str):
        yield Edge(Reference(id=target["Arn"]))


def _delegated(line: Item) -> Reference | None:
    found = look("Id", line).values
    return account(str(found[0])) if found else None


def _policy_label(kind: str, label: str, description: str) -> ExtraLabel:
    return ExtraLabel(label, description, "policy_type", kind)


def _of_root(line: Item) -> Reference | None:
    organization = line.id.split("/")[1:2]
    return Reference(id=f"org:{organization[0]}", label="Organization") if organization else None


_APPLIES = Link(
    "APPLIES_TO",
    ("OrganizationRoot", "OrganizationalUnit", "AWSAccount"),
    "The policy is attached to the root, unit or account.",
    each("@list_targets_for_policy/*", _targets),
)
_HANDSHAKE = (
    Property("state", "State", "E.g. OPEN."),
    Property("action", "Action", "INVITE, ENABLE_ALL_FEATURES, ..."),
    Property("requested_timestamp", "RequestedTimestamp", "When it was sent (ISO 8601)."),
    Property("expiration_timestamp", "ExpirationTimestamp", "When it expires (ISO 8601)."),
    Property(
        "organization_parties",
        "Parties/[Type=ORGANIZATION]/Id",
        "Organisations that take part.",
        texts,
        absent=[],
    ),
    Property(
        "account_parties",
        "Parties/[Type=ACCOUNT]/Id",
        "Accounts that take part.",
        texts,
        absent=[],
    ),
)

DECLARATIONS = (
    NodeType(
        snapshot_type="org:organization",
        label="Organization",
        resource_type="AWS::Organizations::Organization",
        category="account",
        description="An organisation; as a source of access: every principal in it.",
        node_id=_organization_node,
        name="@describe_organization/Organization/Id",
        resource_id="@describe_organization/Organization/Id",
        owner="@describe_organization/Organization/MasterAccountId",
        extra_labels=(ExtraLabel("Source", "A policy can name the whole organisation."),),
        properties=(
            Property(
                "management_account_id",
                "@describe_organization/Organization/MasterAccountId",
                "The management account, which no SCP restricts.",
            ),
            Property(
                "feature_set",
                "@describe_organization/Organization/FeatureSet",
                "ALL or CONSOLIDATED_BILLING (then there are no organisation policies).",
            ),
        ),
    ),
    NodeType(
        snapshot_type="org:root",
        label="OrganizationRoot",
        resource_type="AWS::Organizations::Root",
        cloudformation=False,
        category="account",
        description="The root of an organisation's tree.",
        arn="arn:{partition}:organizations::{account}:root/{id}",
        name="Name",
        resource_id="Id",
        properties=(
            Property(
                "policy_types",
                "PolicyTypes/[Status=ENABLED]/Type",
                "Types of organisation policy that are enabled.",
                texts,
                absent=[],
            ),
        ),
        links=(
            Link(
                "PARENT_OF",
                ("OrganizationRoot",),
                "The organisation's tree begins at the root.",
                _roots,
                start="Organization",
            ),
            _CONTAINS,
        ),
    ),
    NodeType(
        snapshot_type="org:organizational-unit",
        label="OrganizationalUnit",
        resource_type="AWS::Organizations::OrganizationalUnit",
        category="account",
        description="An organisational unit.",
        arn="arn:{partition}:organizations::{account}:ou/{id}",
        name="Name",
        resource_id="Id",
        links=(_CONTAINS,),
    ),
    Setting(
        snapshot_type="org:account",
        label="AWSAccount",
        describes=_member,
        description="The account as its organisation lists it.",
        properties=(
            Property("name", "Name", "The account's name in the organisation."),
            Property("arn", "Arn", "The account's ARN in the organisation."),
            Property("email", "Email", "The root user's e-mail address."),
            Property("status", "State|Status", "ACTIVE, SUSPENDED or PENDING_CLOSURE."),
            Property("joined_method", "JoinedMethod", "INVITED or CREATED."),
            Property("joined_timestamp", "JoinedTimestamp", "When it joined (ISO 8601)."),
            Property(
                "organization_tags",
                "@list_tags_for_resource/*",
                "Tags that the organisation gave the account.",
                tags,
                absent=[],
            ),
        ),
        links=(
            Link(
                "PARENT_OF",
                ("AWSAccount",),
                _PARENT,
                each("@list_parents/*", _parents),
                start="OrganizationalUnit",
            ),
        ),
    ),
    NodeType(
        snapshot_type="org:policy",
        label="OrganizationPolicy",
        resource_type="AWS::Organizations::Policy",
        category="policy",
        description="An organisation policy of any type.",
        arn="arn:{partition}:organizations::{account}:policy/{id}",
        name="Name",
        resource_id="Id",
        extra_labels=(
            _policy_label(
                "SERVICE_CONTROL_POLICY",
                "ServiceControlPolicy",
                "Caps what principals of the accounts may do.",
            ),
            _policy_label(
                "RESOURCE_CONTROL_POLICY",
                "ResourceControlPolicy",
                "Caps what anyone may do to resources of the accounts.",
            ),
        ),
        properties=(
            Property("policy_type", "Type", "E.g. SERVICE_CONTROL_POLICY."),
            Property("aws_managed", "AwsManaged", "Whether AWS wrote it.", truth),
            Property("policy_description", "Description", "Its author's description."),
        ),
        links=(_APPLIES,),
    ),
    Setting(
        snapshot_type="org:delegated-admin",
        label="AWSAccount",
        describes=_delegated,
        description="Services that the account administers for the organisation.",
        properties=(
            Property(
                "delegated_services",
                "@list_delegated_services_for_account/*/ServicePrincipal",
                "Services that this account administers for the whole organisation.",
                texts,
                absent=[],
            ),
        ),
    ),
    Setting(
        snapshot_type="org:root",
        label="Organization",
        describes=_of_root,
        description="What holds in the whole organisation.",
        properties=(
            Property(
                "has_resource_policy",
                "@describe_resource_policy/ResourcePolicy/Content",
                "Whether a policy delegates the organisation's management to members.",
                present,
                absent=False,
            ),
            Property(
                "trusted_services",
                "@list_aws_service_access_for_organization/*/ServicePrincipal",
                "Services that may act in every account.",
                texts,
                absent=[],
            ),
        ),
    ),
    Setting(
        snapshot_type="org:effective-policy",
        label="AWSAccount",
        describes=_member,
        description="What AWS enforces in the account for the organisation.",
        properties=tuple(
            Property(
                f"has_effective_{name}_policy",
                f"@describe_effective_policy(PolicyType={kind})/EffectivePolicy/PolicyContent",
                f"Whether a policy of type {kind} is in effect.",
                present,
                absent=False,
            )
            for name, kind in (("ec2", "DECLARATIVE_POLICY_EC2"), ("s3", "S3_POLICY"))
        ),
    ),
    NodeType(
        snapshot_type="org:management-policy",
        label="ManagementPolicy",
        resource_type="AWS::Organizations::ManagementPolicy",
        cloudformation=False,
        category="policy",
        description="A policy on tags, backups, AI services, chat or Security Hub.",
        name="Name",
        resource_id="Id",
        properties=(
            Property("policy_type", "Type", "E.g. TAG_POLICY."),
            Property("policy_description", "Description", "Its author's description."),
        ),
        links=(_APPLIES,),
    ),
    NodeType(
        snapshot_type="org:handshake",
        label="Handshake",
        resource_type="AWS::Organizations::Handshake",
        cloudformation=False,
        category="account",
        description="An invitation to an organisation, or a request of it.",
        arn="arn:{partition}:organizations::{account}:handshake/{id}",
        resource_id="Id",
        properties=_HANDSHAKE,
    ),
    Setting(
        snapshot_type="org:organization-handshake",
        label="Handshake",
        describes=lambda line: Reference(id=line.id, label="Handshake"),
        description="A handshake as the organisation sees it.",
        proves=True,
        properties=_HANDSHAKE,
    ),
)
