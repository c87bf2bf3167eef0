"""Database Migration Service: replication instances and the databases that they connect."""

from collector.declare import Depth, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)

_PASSWORDS = (
    "MongoDbSettings.Password",
    "KafkaSettings.SslClientKeyPassword",
    "KafkaSettings.SaslPassword",
    "RedshiftSettings.Password",
    "PostgreSQLSettings.Password",
    "MySQLSettings.Password",
    "OracleSettings.AsmPassword",
    "OracleSettings.Password",
    "OracleSettings.SecurityDbEncryption",
    "SybaseSettings.Password",
    "MicrosoftSQLServerSettings.Password",
    "IBMDb2Settings.Password",
    "DocDbSettings.Password",
    "RedisSettings.AuthPassword",
    "GcpMySQLSettings.Password",
)
_SCRIPTS = tuple(
    f"{engine}Settings.AfterConnectScript"
    for engine in ("Redshift", "PostgreSQL", "MySQL", "GcpMySQL")
)

TYPES = (
    ResourceType(
        id="dms:replication-instance",
        client="dms",
        scope=Scope.REGIONAL,
        arn="{ReplicationInstanceArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_replication_instances",
                result="ReplicationInstances",
                paging=_PAGES,
            ),
        ),
        scan=("KerberosAuthenticationSettings.Krb5FileContents",),
    ),
    ResourceType(
        id="dms:endpoint",
        client="dms",
        scope=Scope.REGIONAL,
        arn="{EndpointArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="describe_endpoints", result="Endpoints", paging=_PAGES),),
        redact=_PASSWORDS,
        scan=("ExtraConnectionAttributes", *_SCRIPTS),
    ),
    ResourceType(
        id="dms:subnet-group",
        client="dms",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:dms:{region}:{account}:subgrp:{ReplicationSubnetGroupIdentifier}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="describe_replication_subnet_groups",
                result="ReplicationSubnetGroups",
                paging=_PAGES,
            ),
        ),
    ),
)
"""Declarations of this service."""
