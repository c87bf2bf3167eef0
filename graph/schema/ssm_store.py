"""Systems Manager: parameters, documents, associations."""

from __future__ import annotations

from collector.snapshot import Item
from graph.schema.account import of_region
from graph.schema.convert import one_of, present, texts
from graph.schema.declare import NodeType, Property, Reference, Setting
from graph.schema.kms import encrypted_with
from graph.schema.links import received
from graph.schema.usual import created, many

_PARAMETER, _DOCUMENT = "SSMParameter", "SSMDocument"


def _parameter(line: Item) -> Reference:
    return Reference(id=line.id, label=_PARAMETER)


def _document(line: Item) -> Reference:
    return Reference(id=line.id, label=_DOCUMENT)


DECLARATIONS = (
    NodeType(
        snapshot_type="ssm:parameter",
        label=_PARAMETER,
        resource_type="AWS::SSM::Parameter",
        category="secrets",
        description="A parameter; its value is not read unless that is asked for by name.",
        arn="arn:{partition}:ssm:{region}:{account}:parameter/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("parameter_type", "Type", "String, StringList or SecureString."),
            Property("tier", "Tier", "Only an Advanced one can be shared."),
            Property("kms_key_id", "KeyId", "The key that encrypts a SecureString."),
            Property("last_modified", "LastModifiedDate", "When it last changed (ISO 8601)."),
            Property("last_modified_user", "LastModifiedUser", "Who changed it."),
            Property(
                "has_policy",
                "@get_resource_policies/*/Policy",
                "Whether it has a resource policy; null: not asked, it cannot be shared.",
                present,
                absent=False,
            ),
        ),
        links=(encrypted_with("KeyId"),),
    ),
    Setting(
        snapshot_type="ssm:parameter-value",
        label=_PARAMETER,
        describes=_parameter,
        description="What its value looks like, where it was read.",
        properties=(
            Property(
                "secrets_in_value",
                "@get_parameters/Value/redacted/hits/*",
                "Kinds of secrets in the plain value.",
                texts,
                absent=[],
            ),
        ),
    ),
    NodeType(
        snapshot_type="ssm:document",
        label=_DOCUMENT,
        resource_type="AWS::SSM::Document",
        category="compute",
        description="What Systems Manager runs on instances or does in the account.",
        arn="arn:{partition}:ssm:{region}:{account}:document/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("document_type", "DocumentType", "E.g. Command, Automation."),
            Property("document_version", "DocumentVersion", "Its default version."),
            Property(
                "shared_with_all",
                "@describe_document_permission/*",
                "Whether every account may read and run it.",
                one_of("all", "All"),
                absent=False,
            ),
            many("shared_with", "@describe_document_permission/*", "Accounts that may, or all."),
            created("CreatedDate"),
        ),
        links=(received("@describe_document_permission/*", "The receiver may read and run it."),),
    ),
    Setting(
        snapshot_type="ssm:document-content",
        label=_DOCUMENT,
        describes=_document,
        description="What it does; the text stays in the snapshot.",
        properties=(Property("document_status", "@get_document/Status", "E.g. Active."),),
    ),
    Setting(
        snapshot_type="ssm:setting",
        label="Region",
        describes=of_region,
        description="Whether documents can be shared with everyone.",
        properties=(
            Property(
                "ssm_document_public_sharing",
                "@get_service_setting/ServiceSetting/SettingValue",
                "Disable: no document can be shared with everyone.",
            ),
        ),
    ),
    NodeType(
        snapshot_type="ssm:association",
        label="SSMAssociation",
        resource_type="AWS::SSM::Association",
        category="compute",
        description="A document that is run on instances, once or on a schedule.",
        arn="arn:{partition}:ssm:{region}:{account}:association/{id}",
        name="AssociationName|Name",
        resource_id="AssociationId",
        properties=(
            Property("document_name", "Name", "The document."),
            many("targets", "Targets/*/Values/*", "Instances, tags or groups that it is run on."),
            Property("schedule_expression", "ScheduleExpression", "When."),
        ),
    ),
)
