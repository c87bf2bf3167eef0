"""Keys outside of KMS: custom key stores and CloudHSM."""

from __future__ import annotations

from graph.schema.declare import NodeType, Property
from graph.schema.usual import created, many, policy, status, subnets
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_PROXY = "XksProxyConfiguration"

DECLARATIONS = (
    NodeType(
        snapshot_type="kms:custom-key-store",
        label="CustomKeyStore",
        resource_type="AWS::KMS::CustomKeyStore",
        cloudformation=False,
        category="secrets",
        description="Where keys of KMS live that are not KMS's own.",
        name="CustomKeyStoreName",
        resource_id="CustomKeyStoreId",
        properties=(
            status("ConnectionState", "CONNECTED"),
            Property("store_type", "CustomKeyStoreType", "AWS_CLOUDHSM or EXTERNAL_KEY_STORE."),
            Property("cluster_id", "CloudHsmClusterId", "The cluster of CloudHSM."),
            Property(
                "proxy_connectivity",
                f"{_PROXY}/Connectivity",
                "PUBLIC_ENDPOINT: KMS reaches the proxy through the internet.",
            ),
            Property("proxy_address", f"{_PROXY}/UriEndpoint", "Where the proxy answers."),
            Property(
                "proxy_endpoint_service",
                f"{_PROXY}/VpcEndpointServiceName",
                "The endpoint service before the proxy.",
            ),
            created("CreationDate"),
        ),
    ),
    NodeType(
        snapshot_type="cloudhsm:cluster",
        label="CloudHSMCluster",
        resource_type="AWS::CloudHSM::Cluster",
        cloudformation=False,
        category="secrets",
        description="Hardware security modules.",
        arn="arn:{partition}:cloudhsm:{region}:{account}:cluster/{id}",
        resource_id="ClusterId",
        tags="TagList",
        properties=(
            status("State", "ACTIVE"),
            many("hsm_addresses", "Hsms/*/EniIp", "Addresses of its modules."),
            many("network_interface_ids", "Hsms/*/EniId", "Its network interfaces."),
            Property("security_group_id", "SecurityGroup", "Its security group."),
            subnets("Hsms/*/SubnetId"),
            created("CreateTimestamp"),
        ),
        links=(
            in_vpc(),
            in_subnet("Hsms/*/SubnetId"),
            has_security_group("SecurityGroup"),
        ),
    ),
    NodeType(
        snapshot_type="cloudhsm:backup",
        label="CloudHSMBackup",
        resource_type="AWS::CloudHSM::Backup",
        cloudformation=False,
        category="secrets",
        description="A backup of a cluster, with its keys.",
        arn="arn:{partition}:cloudhsm:{region}:{account}:backup/{id}",
        resource_id="BackupId",
        tags="TagList",
        properties=(
            status("BackupState", "READY"),
            Property("cluster_id", "ClusterId", "What it is a backup of."),
            policy("@get_resource_policy/Policy"),
            created("CreateTimestamp"),
        ),
    ),
)
