"""Kinesis: data streams and their consumers, delivery streams, video streams."""

from collector.declare import (
    After,
    Depth,
    FollowUp,
    Item,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
)

_STREAM = {"StreamARN": Item("StreamARN")}
_DELIVERY = "describe_delivery_stream:DeliveryStreamDescription.Destinations[]"
_SNOWFLAKE = f"{_DELIVERY}.SnowflakeDestinationDescription"
_HTTP = f"{_DELIVERY}.HttpEndpointDestinationDescription"
_REDSHIFT = f"{_DELIVERY}.RedshiftDestinationDescription"

TYPES = (
    ResourceType(
        id="kinesis:stream",
        client="kinesis",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{StreamARN}",
        lists=(
            ListCall(operation="list_streams", result="StreamSummaries", paging=Paginator(1000)),
        ),
        follow_ups=(
            FollowUp(operation="describe_stream_summary", params=_STREAM),
            FollowUp(operation="get_resource_policy", params={"ResourceARN": Item("StreamARN")}),
        ),
    ),
    # A consumer has a policy of its own.
    # https://docs.aws.amazon.com/streams/latest/dev/resource-based-policy-examples.html
    ResourceType(
        id="kinesis:consumer",
        client="kinesis",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{ConsumerARN}",
        listed_for="kinesis:stream",
        carry=("StreamARN",),
        lists=(
            ListCall(
                operation="list_stream_consumers",
                params=_STREAM,
                result="Consumers",
                paging=Paginator(1000),
            ),
        ),
        follow_ups=(
            FollowUp(operation="get_resource_policy", params={"ResourceARN": Item("ConsumerARN")}),
        ),
    ),
    ResourceType(
        id="firehose:stream",
        client="firehose",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="arn:{partition}:firehose:{region}:{account}:deliverystream/{DeliveryStreamName}",
        lists=(
            ListCall(
                operation="list_delivery_streams",
                result="DeliveryStreamNames",
                wrap="DeliveryStreamName",
                paging=After(
                    "ExclusiveStartDeliveryStreamName",
                    "HasMoreDeliveryStreams",
                    limit=("Limit", 1000),
                ),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_delivery_stream",
                params={"DeliveryStreamName": Item("DeliveryStreamName")},
            ),
        ),
        redact=(
            f"{_DELIVERY}.SplunkDestinationDescription.HECToken",
            f"{_HTTP}.RequestConfiguration.CommonAttributes[].AttributeValue",
            f"{_REDSHIFT}.Username",
        ),
        scan=(
            f"{_REDSHIFT}.CopyCommand.CopyOptions",
            f"{_REDSHIFT}.ClusterJDBCURL",
            f"{_HTTP}.EndpointConfiguration.Url",
            f"{_HTTP}.RequestConfiguration.CommonAttributes[].AttributeName",
            *(
                f"{_SNOWFLAKE}.{member}"
                for member in (
                    "AccountUrl",
                    "User",
                    "Database",
                    "Schema",
                    "Table",
                    "MetaDataColumnName",
                    "ContentColumnName",
                    "SnowflakeRoleConfiguration.SnowflakeRole",
                    "SnowflakeVpcConfiguration.PrivateLinkVpceId",
                )
            ),
        ),
    ),
    ResourceType(
        id="kinesisvideo:stream",
        client="kinesisvideo",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{StreamARN}",
        lists=(
            ListCall(operation="list_streams", result="StreamInfoList", paging=Paginator(1000)),
        ),
    ),
)
"""Declarations of these services."""
