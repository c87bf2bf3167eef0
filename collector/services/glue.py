"""Glue: the data catalogue with its policies, and what runs with a role to fill it."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    Token,
)

_PAGES = Paginator(1000)

# Connection properties that are passwords, plain or encrypted.
# https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog-connections-connections.html
_PASSWORDS = (
    "PASSWORD",
    "ENCRYPTED_PASSWORD",
    "KAFKA_CLIENT_KEYSTORE_PASSWORD",
    "ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD",
    "KAFKA_CLIENT_KEY_PASSWORD",
    "ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD",
    "KAFKA_SASL_PLAIN_PASSWORD",
    "ENCRYPTED_KAFKA_SASL_PLAIN_PASSWORD",
    "KAFKA_SASL_SCRAM_PASSWORD",
    "ENCRYPTED_KAFKA_SASL_SCRAM_PASSWORD",
)

TYPES = (
    ResourceType(
        id="glue:catalog",
        client="glue",
        scope=Scope.REGIONAL,
        follow_ups=(
            # The catalogue's own policy. The list below does not say which of its elements that
            # is, and leaves it out where the caller may not use the catalogue's key.
            # https://docs.aws.amazon.com/glue/latest/webapi/API_GetResourcePolicies.html
            FollowUp(operation="get_resource_policy", absent=("EntityNotFoundException",)),
            FollowUp(
                operation="get_resource_policies",
                result="GetResourcePoliciesResponseList",
                paging=_PAGES,
            ),
            FollowUp(operation="get_data_catalog_encryption_settings"),
        ),
    ),
    ResourceType(
        id="glue:database",
        client="glue",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:glue:{region}:{CatalogId|account}:database/{Name}",
        lists=(ListCall(operation="get_databases", result="DatabaseList", paging=Paginator(100)),),
        scan=("Parameters.*",),
    ),
    # A database that links to another account's lists the tables of that one: they carry its
    # catalogue's id.
    ResourceType(
        id="glue:table",
        client="glue",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:glue:{region}:{CatalogId|account}:table/{DatabaseName}/{Name}",
        listed_for="glue:database",
        lists=(
            ListCall(
                operation="get_tables",
                params={"DatabaseName": Item("Name")},
                result="TableList",
                paging=Paginator(100),
            ),
        ),
        scan=(
            "Parameters.*",
            "StorageDescriptor.Parameters.*",
            "StorageDescriptor.SerdeInfo.Parameters.*",
            "StorageDescriptor.Columns[].Parameters.*",
            "PartitionKeys[].Parameters.*",
            "ViewOriginalText",
            "ViewExpandedText",
        ),
    ),
    ResourceType(
        id="glue:connection",
        client="glue",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:glue:{region}:{account}:connection/{Name}",
        lists=(
            ListCall(
                operation="get_connections",
                params={"HidePassword": True},
                result="ConnectionList",
                paging=_PAGES,
            ),
        ),
        redact=tuple(f"ConnectionProperties.{name}" for name in _PASSWORDS),
        scan=(
            "ConnectionProperties.*",
            "SparkProperties.*",
            "AthenaProperties.*",
            "PythonProperties.*",
            "AuthenticationConfiguration",
        ),
    ),
    ResourceType(
        id="glue:job",
        client="glue",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:glue:{region}:{account}:job/{Name}",
        lists=(ListCall(operation="get_jobs", result="Jobs", paging=_PAGES),),
        redact=(
            "DefaultArguments.*",
            "NonOverridableArguments.*",
            "CodeGenConfigurationNodes.*",
            "SourceControlDetails.AuthToken",
        ),
    ),
    ResourceType(
        id="glue:dev-endpoint",
        client="glue",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:glue:{region}:{account}:devEndpoint/{EndpointName}",
        lists=(ListCall(operation="get_dev_endpoints", result="DevEndpoints", paging=_PAGES),),
        redact=("Arguments.*",),
    ),
    ResourceType(
        id="glue:crawler",
        client="glue",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:glue:{region}:{account}:crawler/{Name}",
        lists=(ListCall(operation="get_crawlers", result="Crawlers", paging=_PAGES),),
        scan=("Configuration",),
    ),
    ResourceType(
        id="glue:session",
        client="glue",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:glue:{region}:{account}:session/{Id}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_sessions",
                result="Sessions",
                paging=Token("NextToken", "NextToken", ("MaxResults", 1000)),
            ),
        ),
        redact=("DefaultArguments.*",),
    ),
)
"""Declarations of this service."""
