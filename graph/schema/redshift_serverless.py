"""Redshift Serverless: workgroups, namespaces, endpoints and snapshots."""

from __future__ import annotations

from graph.schema.declare import Link, NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.links import shared_with
from graph.schema.usual import (
    created,
    endpoint,
    flag,
    groups,
    key,
    many,
    policy,
    port,
    public,
    roles,
    status,
    subnets,
    version,
)
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_ARN = "arn:{partition}:redshift-serverless:{region}:{account}:"

DECLARATIONS = (
    NodeType(
        snapshot_type="redshift-serverless:workgroup",
        label="RedshiftServerlessWorkgroup",
        resource_type="AWS::RedshiftServerless::Workgroup",
        category="data",
        description="The compute of a serverless data warehouse, and its address.",
        arn=_ARN + "workgroup/{id}",
        name="workgroupName",
        properties=(
            status("status", "AVAILABLE"),
            version("workgroupVersion"),
            Property("namespace_name", "namespaceName", "The data that it reads."),
            endpoint("endpoint/address"),
            port("endpoint/port"),
            public("publiclyAccessible"),
            flag("enhanced_vpc_routing", "enhancedVpcRouting", "Whether it loads through its VPC."),
            many("cross_account_vpcs", "crossAccountVpcs/*", "Other accounts' VPCs let in."),
            Property("custom_domain", "customDomainName", "Its own host name."),
            groups("securityGroupIds/*"),
            subnets("subnetIds/*"),
            created("creationDate"),
        ),
        links=(in_subnet("subnetIds/*"), has_security_group("securityGroupIds/*")),
    ),
    NodeType(
        snapshot_type="redshift-serverless:namespace",
        label="RedshiftServerlessNamespace",
        resource_type="AWS::RedshiftServerless::Namespace",
        category="data",
        description="The data of a serverless data warehouse.",
        arn=_ARN + "namespace/{id}",
        name="namespaceName",
        properties=(
            status("status", "AVAILABLE"),
            key("kmsKeyId"),
            roles("iamRoles/*"),
            Property("default_role_arn", "defaultIamRoleArn", "The role used unless told."),
            Property("secret_arn", "adminPasswordSecretArn", "The administrator's password."),
            many("log_exports", "logExports/*", "Kinds of logs that are kept."),
            created("creationDate"),
        ),
        links=(encrypted_with("kmsKeyId"),),
    ),
    NodeType(
        snapshot_type="redshift-serverless:endpoint-access",
        label="RedshiftServerlessEndpoint",
        resource_type="AWS::RedshiftServerless::EndpointAccess",
        cloudformation=False,
        category="network",
        description="A way from a VPC into a workgroup.",
        arn=_ARN + "managedvpcendpoint/{id}",
        name="endpointName",
        properties=(
            status("endpointStatus", "ACTIVE"),
            endpoint("address"),
            port("port"),
            Property("workgroup_name", "workgroupName", "Where it leads."),
            Property("vpc_endpoint_id", "vpcEndpoint/vpcEndpointId", "The endpoint in EC2."),
            groups("vpcSecurityGroups/*/vpcSecurityGroupId"),
            subnets("subnetIds/*"),
            created("endpointCreateTime"),
        ),
        links=(
            in_vpc("vpcEndpoint/vpcId"),
            in_subnet("subnetIds/*"),
            has_security_group("vpcSecurityGroups/*/vpcSecurityGroupId"),
        ),
    ),
    NodeType(
        snapshot_type="redshift-serverless:snapshot",
        label="RedshiftServerlessSnapshot",
        resource_type="AWS::RedshiftServerless::Snapshot",
        category="data",
        description="A snapshot of a namespace.",
        arn=_ARN + "snapshot/{id}",
        name="snapshotName",
        owner="ownerAccount",
        properties=(
            status("status", "AVAILABLE"),
            Property("namespace_arn", "namespaceArn", "What it is a snapshot of."),
            key("kmsKeyId"),
            many(
                "restore_accounts",
                "accountsWithRestoreAccess/*",
                "Accounts that may restore it to a namespace.",
            ),
            many(
                "provisioned_restore_accounts",
                "accountsWithProvisionedRestoreAccess/*",
                "Accounts that may restore it to a cluster.",
            ),
            policy("@get_resource_policy/resourcePolicy/policy"),
            created("snapshotCreateTime"),
        ),
        links=(
            Link(
                "SHARED_WITH",
                ("AWSAccount", "ExternalAccount"),
                "The receiver may restore it.",
                shared_with("accountsWithRestoreAccess/*"),
            ),
            encrypted_with("kmsKeyId"),
        ),
    ),
)
