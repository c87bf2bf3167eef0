"""Streams and brokers: Kinesis, Firehose, Managed Kafka, Amazon MQ, and mail."""

from __future__ import annotations

from graph.schema.convert import filled, names, present, texts
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.usual import created, engine, flag, groups, key, many, public, status, subnets
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_BROKER = "@describe_broker"
_NODES = "Provisioned/BrokerNodeGroupInfo"
_KAFKA_SUBNETS = f"{_NODES}/ClientSubnets/*|Serverless/VpcConfigs/*/SubnetIds/*"
_KAFKA_GROUPS = f"{_NODES}/SecurityGroups/*|Serverless/VpcConfigs/*/SecurityGroupIds/*"
_KAFKA_KEY = "Provisioned/EncryptionInfo/EncryptionAtRest/DataVolumeKMSKeyId"
_LOGIN = "Provisioned/ClientAuthentication"
_BOOTSTRAP = "@get_bootstrap_brokers"
_PUBLIC = "|".join(
    f"{_BOOTSTRAP}/BootstrapBrokerStringPublic{kind}" for kind in ("Tls", "SaslScram", "SaslIam")
)
_STREAM = "@describe_stream_summary/StreamDescriptionSummary"
_DELIVERY = "@describe_delivery_stream/DeliveryStreamDescription"
_BUCKETS = "|".join(
    f"{_DELIVERY}/Destinations/*/{kind}/BucketARN"
    for kind in ("ExtendedS3DestinationDescription", "S3DestinationDescription")
)
_IDENTITY = "@get_email_identity"


def _kinesis_policy() -> Property:
    return Property(
        "has_policy",
        "@get_resource_policy/Policy",
        "Whether it has a resource policy.",
        filled,
        absent=False,
    )


DECLARATIONS = (
    NodeType(
        snapshot_type="mq:broker",
        label="MQBroker",
        resource_type="AWS::AmazonMQ::Broker",
        category="data",
        description="A broker of ActiveMQ or RabbitMQ.",
        arn="arn:{partition}:mq:{region}:{account}:broker:{id}",
        name="BrokerName",
        resource_id="BrokerId",
        tags=f"{_BROKER}/Tags",
        properties=(
            status("BrokerState", "RUNNING"),
            engine("EngineType", "ACTIVEMQ"),
            Property("engine_version", f"{_BROKER}/EngineVersion", "The version of its engine."),
            public(f"{_BROKER}/PubliclyAccessible", "Whether its endpoints are on the internet."),
            many("endpoints", f"{_BROKER}/BrokerInstances/*/Endpoints/*", "Its URLs."),
            many("console_urls", f"{_BROKER}/BrokerInstances/*/ConsoleURL", "Of its web pages."),
            many("ip_addresses", f"{_BROKER}/BrokerInstances/*/IpAddress", "Its addresses."),
            Property(
                "authentication_strategy", f"{_BROKER}/AuthenticationStrategy", "SIMPLE or LDAP."
            ),
            key(f"{_BROKER}/EncryptionOptions/KmsKeyId"),
            subnets(f"{_BROKER}/SubnetIds/*"),
            groups(f"{_BROKER}/SecurityGroups/*"),
            created("Created"),
        ),
        links=(
            in_subnet(f"{_BROKER}/SubnetIds/*"),
            has_security_group(f"{_BROKER}/SecurityGroups/*"),
            encrypted_with(f"{_BROKER}/EncryptionOptions/KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="kafka:cluster",
        label="KafkaCluster",
        resource_type="AWS::MSK::Cluster",
        category="data",
        description="A Kafka cluster.",
        arn="arn:{partition}:kafka:{region}:{account}:cluster/{id}",
        name="ClusterName",
        resource_id="ClusterName",
        properties=(
            Property("cluster_type", "ClusterType", "PROVISIONED or SERVERLESS."),
            status("State", "ACTIVE"),
            Property(
                "public_access",
                f"{_NODES}/ConnectivityInfo/PublicAccess/Type",
                "SERVICE_PROVIDED_EIPS: its brokers have addresses on the internet.",
            ),
            flag(
                "unauthenticated_access",
                f"{_LOGIN}/Unauthenticated/Enabled",
                "Whether it takes clients that show nothing.",
            ),
            flag("iam_authentication", f"{_LOGIN}/Sasl/Iam/Enabled", "Whether it takes IAM."),
            Property(
                "client_broker_encryption",
                "Provisioned/EncryptionInfo/EncryptionInTransit/ClientBroker",
                "TLS, TLS_PLAINTEXT or PLAINTEXT.",
            ),
            many("public_brokers", _PUBLIC, "Host names and ports on the internet."),
            many(
                "scram_secret_arns", "@list_scram_secrets/*", "Secrets with its users' passwords."
            ),
            many(
                "client_connection_owners",
                "@list_client_vpc_connections/*/Owner",
                "Accounts that have connections to it.",
            ),
            Property(
                "has_policy",
                "@get_cluster_policy/Policy",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
            key(_KAFKA_KEY),
            subnets(_KAFKA_SUBNETS),
            groups(_KAFKA_GROUPS),
            created("CreationTime"),
        ),
        links=(
            in_subnet(_KAFKA_SUBNETS),
            has_security_group(_KAFKA_GROUPS),
            encrypted_with(_KAFKA_KEY),
        ),
    ),
    NodeType(
        snapshot_type="kafka:vpc-connection",
        label="KafkaVpcConnection",
        resource_type="AWS::MSK::VpcConnection",
        category="network",
        description="A connection from a VPC to a cluster, which may be another account's.",
        arn="arn:{partition}:kafka:{region}:{account}:vpc-connection/{id}",
        properties=(
            Property("target_cluster_arn", "TargetClusterArn", "The cluster."),
            Property("authentication", "Authentication", "E.g. SASL_IAM."),
            status("State", "AVAILABLE"),
            created("CreationTime"),
        ),
        links=(in_vpc(),),
    ),
    NodeType(
        snapshot_type="kinesis:stream",
        label="KinesisStream",
        resource_type="AWS::Kinesis::Stream",
        category="data",
        description="A data stream.",
        arn="arn:{partition}:kinesis:{region}:{account}:stream/{id}",
        name="StreamName",
        resource_id="StreamName",
        properties=(
            status("StreamStatus", "ACTIVE"),
            Property("encryption_type", f"{_STREAM}/EncryptionType", "KMS or NONE."),
            key(f"{_STREAM}/KeyId"),
            _kinesis_policy(),
            created("StreamCreationTimestamp"),
        ),
        links=(encrypted_with(f"{_STREAM}/KeyId"),),
    ),
    NodeType(
        snapshot_type="kinesis:consumer",
        label="KinesisConsumer",
        resource_type="AWS::Kinesis::StreamConsumer",
        category="data",
        description="A registered reader of a data stream.",
        # No arn: it begins as its stream's.
        name="ConsumerName",
        resource_id="ConsumerName",
        properties=(
            Property("stream_arn", "StreamARN", "The stream."),
            status("ConsumerStatus", "ACTIVE"),
            _kinesis_policy(),
            created("ConsumerCreationTimestamp"),
        ),
    ),
    NodeType(
        snapshot_type="firehose:stream",
        label="FirehoseStream",
        resource_type="AWS::KinesisFirehose::DeliveryStream",
        category="data",
        description="Delivers records to buckets, warehouses or addresses.",
        arn="arn:{partition}:firehose:{region}:{account}:deliverystream/{id}",
        name="DeliveryStreamName",
        resource_id="DeliveryStreamName",
        properties=(
            status(f"{_DELIVERY}/DeliveryStreamStatus", "ACTIVE"),
            Property("stream_type", f"{_DELIVERY}/DeliveryStreamType", "E.g. DirectPut."),
            many("bucket_arns", _BUCKETS, "Buckets that it delivers to."),
            many(
                "role_arns",
                f"{_DELIVERY}/Destinations/*/ExtendedS3DestinationDescription/RoleARN",
                "The roles that it acts with.",
            ),
            Property(
                "http_endpoint",
                f"{_DELIVERY}/Destinations/*/HttpEndpointDestinationDescription"
                "/EndpointConfiguration/Url",
                "An address that it delivers to.",
            ),
            key(f"{_DELIVERY}/DeliveryStreamEncryptionConfiguration/KeyARN"),
            created(f"{_DELIVERY}/CreateTimestamp"),
        ),
        links=(encrypted_with(f"{_DELIVERY}/DeliveryStreamEncryptionConfiguration/KeyARN"),),
    ),
    NodeType(
        snapshot_type="kinesisvideo:stream",
        label="VideoStream",
        resource_type="AWS::KinesisVideo::Stream",
        category="data",
        description="A video stream.",
        arn="arn:{partition}:kinesisvideo:{region}:{account}:stream/{id}",
        name="StreamName",
        resource_id="StreamName",
        properties=(status("Status", "ACTIVE"), key("KmsKeyId"), created("CreationTime")),
        links=(encrypted_with("KmsKeyId"),),
    ),
    NodeType(
        snapshot_type="ses:identity",
        label="EmailIdentity",
        resource_type="AWS::SES::EmailIdentity",
        category="identity",
        description="An address or domain that mail is sent from.",
        arn="arn:{partition}:ses:{region}:{account}:identity/{id}",
        name="IdentityName",
        resource_id="IdentityName",
        tags=f"{_IDENTITY}/Tags",
        properties=(
            Property("identity_type", "IdentityType", "EMAIL_ADDRESS, DOMAIN, ..."),
            flag("sending_enabled", "SendingEnabled", "Whether mail can be sent."),
            Property("verification_status", "VerificationStatus", "E.g. SUCCESS."),
            Property("dkim_status", f"{_IDENTITY}/DkimAttributes/Status", "E.g. SUCCESS."),
            Property(
                "policies", f"{_IDENTITY}/Policies", "Names of its policies.", names, absent=[]
            ),
            Property(
                "has_policy",
                f"{_IDENTITY}/Policies",
                "Whether a policy lets others send as it.",
                filled,
                absent=False,
            ),
        ),
    ),
    NodeType(
        snapshot_type="ses:configuration-set",
        label="SESConfigurationSet",
        resource_type="AWS::SES::ConfigurationSet",
        category="data",
        description="How mail is sent, and where what becomes of it is reported.",
        arn="arn:{partition}:ses:{region}:{account}:configuration-set/{id}",
        name="ConfigurationSetName",
        resource_id="ConfigurationSetName",
        properties=(
            many(
                "event_destinations",
                "@get_configuration_set_event_destinations/*/Name",
                "Names of where its events go.",
            ),
        ),
    ),
    NodeType(
        snapshot_type="mediastore:container",
        label="MediaStoreContainer",
        resource_type="AWS::MediaStore::Container",
        category="data",
        description="A container of media files.",
        arn="arn:{partition}:mediastore:{region}:{account}:container/{id}",
        name="Name",
        resource_id="Name",
        properties=(
            status("Status", "ACTIVE"),
            Property("endpoint_address", "Endpoint", "Under which name it answers."),
            Property(
                "has_policy",
                "@get_container_policy/Policy",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
            created("CreationTime"),
        ),
    ),
    NodeType(
        snapshot_type="iot:policy",
        label="IoTPolicy",
        resource_type="AWS::IoT::Policy",
        category="policy",
        description="What devices may do.",
        arn="arn:{partition}:iot:{region}:{account}:policy/{id}",
        name="policyName",
        resource_id="policyName",
        properties=(
            Property(
                "targets",
                "@list_targets_for_policy/*",
                "Certificates, identities and groups that have it.",
                texts,
                absent=[],
            ),
            created("@get_policy/creationDate"),
        ),
    ),
    NodeType(
        snapshot_type="iot:certificate",
        label="IoTCertificate",
        resource_type="AWS::IoT::Certificate",
        category="identity",
        description="A device's certificate.",
        arn="arn:{partition}:iot:{region}:{account}:cert/{id}",
        resource_id="certificateId",
        properties=(status("status", "ACTIVE"), created("creationDate")),
    ),
    NodeType(
        snapshot_type="iot:role-alias",
        label="IoTRoleAlias",
        resource_type="AWS::IoT::RoleAlias",
        category="identity",
        description="A name under which devices get a role's credentials.",
        arn="arn:{partition}:iot:{region}:{account}:rolealias/{id}",
        name="roleAlias",
        resource_id="roleAlias",
    ),
)
