"""Glue: the data catalogue, and what runs with a role to fill it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph.schema.account import of_region
from graph.schema.convert import count, present, texts, truth
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.path import ShapeError
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_SETTINGS = "@get_data_catalog_encryption_settings/DataCatalogEncryptionSettings"
_AT_REST = f"{_SETTINGS}/EncryptionAtRest"


def _keys(values: Sequence[Any]) -> list[str]:
    """The names of a map's members; their values may be redacted."""
    if not isinstance(values[0], Mapping):
        raise ShapeError("an object is expected")
    return sorted(str(name) for name in values[0])


def _arguments(path: str) -> Property:
    return Property("argument_names", path, "Names of its arguments.", _keys, absent=[])


DECLARATIONS = (
    Setting(
        snapshot_type="glue:catalog",
        label="Region",
        describes=of_region,
        description="The data catalogue of the region.",
        properties=(
            Property(
                "glue_catalog_has_policy",
                "@get_resource_policy/PolicyInJson",
                "Whether the data catalogue has a resource policy.",
                present,
                absent=False,
            ),
            Property(
                "glue_resource_policies",
                "@get_resource_policies/*",
                "How many resource policies the data catalogue has, those of RAM included.",
                count,
                absent=0,
            ),
            Property(
                "glue_catalog_encryption_mode",
                f"{_AT_REST}/CatalogEncryptionMode",
                "DISABLED, SSE-KMS or SSE-KMS-WITH-SERVICE-ROLE.",
            ),
            Property(
                "glue_catalog_kms_key_id",
                f"{_AT_REST}/SseAwsKmsKeyId",
                "The key that encrypts the data catalogue.",
            ),
            Property(
                "glue_connection_passwords_encrypted",
                f"{_SETTINGS}/ConnectionPasswordEncryption/ReturnConnectionPasswordEncrypted",
                "Whether passwords of connections leave the catalogue encrypted only.",
                truth,
            ),
        ),
    ),
    NodeType(
        snapshot_type="glue:database",
        label="GlueDatabase",
        resource_type="AWS::Glue::Database",
        category="data",
        description="A database of the data catalogue.",
        arn="arn:{partition}:glue:{region}:{account}:database/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("location_uri", "LocationUri", "Where its data lies."),
            Property(
                "target_catalog_id",
                "TargetDatabase/CatalogId",
                "The account whose database it links to.",
            ),
            Property("target_database", "TargetDatabase/DatabaseName", "The database it links to."),
            Property("create_time", "CreateTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="glue:table",
        label="GlueTable",
        resource_type="AWS::Glue::Table",
        category="data",
        description="A table of the data catalogue.",
        arn="arn:{partition}:glue:{region}:{account}:table/{id}",
        name="Name",
        properties=(
            Property("database_name", "DatabaseName", "Its database."),
            Property("location", "StorageDescriptor/Location", "Where its data lies."),
            Property("table_type", "TableType", "E.g. EXTERNAL_TABLE."),
            Property(
                "registered_with_lake_formation",
                "IsRegisteredWithLakeFormation",
                "Whether Lake Formation's grants decide about its data.",
                truth,
            ),
            Property("create_time", "CreateTime", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="glue:connection",
        label="GlueConnection",
        resource_type="AWS::Glue::Connection",
        category="secrets",
        description="How Glue reaches a data store, with the credentials for it.",
        arn="arn:{partition}:glue:{region}:{account}:connection/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("connection_type", "ConnectionType", "E.g. JDBC."),
            Property("jdbc_url", "ConnectionProperties/JDBC_CONNECTION_URL", "What it leads to."),
            Property(
                "secret_id",
                "ConnectionProperties/SECRET_ID|AuthenticationConfiguration/SecretArn",
                "The secret with its credentials.",
            ),
            Property("last_updated_by", "LastUpdatedBy", "Who changed it last."),
        ),
        links=(
            in_subnet("PhysicalConnectionRequirements/SubnetId"),
            has_security_group("PhysicalConnectionRequirements/SecurityGroupIdList/*"),
        ),
    ),
    NodeType(
        snapshot_type="glue:job",
        label="GlueJob",
        resource_type="AWS::Glue::Job",
        category="compute",
        description="A job that runs a script with a role.",
        arn="arn:{partition}:glue:{region}:{account}:job/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("role_arn", "Role", "The role that it runs with, an ARN or a name."),
            Property("script_location", "Command/ScriptLocation", "The script that it runs."),
            Property("glue_version", "GlueVersion", "The version of Glue."),
            Property(
                "connections", "Connections/Connections/*", "Its connections.", texts, absent=[]
            ),
            _arguments("DefaultArguments"),
            Property("created_on", "CreatedOn", "When it was made (ISO 8601)."),
        ),
    ),
    NodeType(
        snapshot_type="glue:dev-endpoint",
        label="GlueDevEndpoint",
        resource_type="AWS::Glue::DevEndpoint",
        category="compute",
        description="A machine for writing jobs, entered by SSH, with a role.",
        arn="arn:{partition}:glue:{region}:{account}:devEndpoint/{id}",
        name="EndpointName",
        resource_id="EndpointName",
        properties=(
            Property("role_arn", "RoleArn", "The role that it runs with."),
            Property("public_address", "PublicAddress", "Its public host name."),
            Property("private_address", "PrivateAddress", "Its private address."),
            Property("status", "Status", "E.g. READY."),
            Property(
                "public_keys",
                "PublicKeys/*|PublicKey",
                "How many SSH keys open it; null: none is named.",
                count,
            ),
            _arguments("Arguments"),
        ),
        links=(
            in_vpc("VpcId"),
            in_subnet("SubnetId"),
            has_security_group("SecurityGroupIds/*"),
        ),
    ),
    NodeType(
        snapshot_type="glue:crawler",
        label="GlueCrawler",
        resource_type="AWS::Glue::Crawler",
        category="compute",
        description="What reads data stores with a role to describe them in the catalogue.",
        arn="arn:{partition}:glue:{region}:{account}:crawler/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            Property("role_arn", "Role", "The role that it runs with, an ARN or a name."),
            Property("database_name", "DatabaseName", "The database that it fills."),
            Property(
                "s3_targets", "Targets/S3Targets/*/Path", "S3 paths it reads.", texts, absent=[]
            ),
            Property(
                "jdbc_connections",
                "Targets/JdbcTargets/*/ConnectionName",
                "Connections it reads through.",
                texts,
                absent=[],
            ),
        ),
    ),
    NodeType(
        snapshot_type="glue:session",
        label="GlueSession",
        resource_type="AWS::Glue::Session",
        cloudformation=False,
        category="compute",
        description="An interactive session that runs statements with a role.",
        arn="arn:{partition}:glue:{region}:{account}:session/{id}",
        name="Id",
        resource_id="Id",
        properties=(
            Property("role_arn", "Role", "The role that it runs with."),
            Property("status", "Status", "E.g. READY."),
            Property("created_on", "CreatedOn", "When it was made (ISO 8601)."),
        ),
    ),
)
