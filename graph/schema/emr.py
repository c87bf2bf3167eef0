"""EMR clusters and studios, EMR Serverless, and Airflow environments."""

from __future__ import annotations

from graph.schema.account import of_region
from graph.schema.convert import texts, truth
from graph.schema.declare import NodeType, Property, Setting
from graph.schema.kms import encrypted_with
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_CLUSTER = "@describe_cluster/Cluster"
_NETWORK = f"{_CLUSTER}/Ec2InstanceAttributes"
_APP = "@get_application/application"
_AIRFLOW = "@get_environment/Environment"

DECLARATIONS = (
    NodeType(
        snapshot_type="emr:cluster",
        label="EMRCluster",
        resource_type="AWS::EMR::Cluster",
        category="compute",
        description="A cluster of Elastic MapReduce that is running.",
        arn="arn:{partition}:elasticmapreduce:{region}:{account}:cluster/{id}",
        name="Name",
        resource_id="Id",
        tags=f"{_CLUSTER}/Tags",
        properties=(
            Property("status", "Status/State", "E.g. WAITING."),
            Property("release_label", f"{_CLUSTER}/ReleaseLabel", "The release of EMR."),
            Property(
                "master_public_dns_name",
                f"{_CLUSTER}/MasterPublicDnsName",
                "Host name of the primary node.",
            ),
            Property(
                "public_ip_addresses",
                "@list_instances/*/PublicIpAddress",
                "Public addresses of its running nodes.",
                texts,
                absent=[],
            ),
            Property("role_arn", f"{_CLUSTER}/ServiceRole", "EMR's role, an ARN or a name."),
            Property(
                "instance_profile",
                f"{_NETWORK}/IamInstanceProfile",
                "The instance profile of its nodes.",
            ),
            Property(
                "security_configuration",
                f"{_CLUSTER}/SecurityConfiguration",
                "The settings for encryption and authentication.",
            ),
            Property("log_uri", f"{_CLUSTER}/LogUri", "Where its logs are written."),
            Property("ec2_key_name", f"{_NETWORK}/Ec2KeyName", "The SSH key that opens its nodes."),
        ),
        links=(
            in_subnet(f"{_NETWORK}/Ec2SubnetId"),
            has_security_group(f"{_NETWORK}/EmrManagedMasterSecurityGroup"),
        ),
    ),
    NodeType(
        snapshot_type="emr:studio",
        label="EMRStudio",
        resource_type="AWS::EMR::Studio",
        category="compute",
        description="Notebooks for EMR in the browser.",
        arn="arn:{partition}:elasticmapreduce:{region}:{account}:studio/{id}",
        name="Name",
        resource_id="StudioId",
        properties=(
            Property("url", "Url", "Its URL."),
            Property("auth_mode", "AuthMode", "IAM or SSO."),
            Property("creation_time", "CreationTime", "When it was made (ISO 8601)."),
        ),
        links=(in_vpc("VpcId"),),
    ),
    Setting(
        snapshot_type="emr:block-public-access",
        label="Region",
        describes=of_region,
        description="Whether clusters with open security groups can be started.",
        properties=(
            Property(
                "emr_block_public_access",
                "@get_block_public_access_configuration/BlockPublicAccessConfiguration"
                "/BlockPublicSecurityGroupRules",
                "Whether EMR refuses clusters whose groups admit everyone.",
                truth,
            ),
        ),
    ),
    NodeType(
        snapshot_type="emr-serverless:app",
        label="EMRServerlessApplication",
        resource_type="AWS::EMRServerless::Application",
        category="compute",
        description="An application of EMR Serverless.",
        arn="arn:{partition}:emr-serverless:{region}:{account}:/applications/{id}",
        name="name",
        resource_id="id",
        tags=f"{_APP}/tags",
        properties=(
            Property("state", "state", "E.g. STARTED."),
            Property("release_label", "releaseLabel", "The release of EMR."),
            Property("application_type", "type", "SPARK or HIVE."),
            Property(
                "livy_endpoint_enabled",
                f"{_APP}/interactiveConfiguration/livyEndpointEnabled",
                "Whether it has an endpoint for interactive sessions.",
                truth,
            ),
            Property("created_at", "createdAt", "When it was made (ISO 8601)."),
        ),
        links=(
            in_subnet(f"{_APP}/networkConfiguration/subnetIds/*"),
            has_security_group(f"{_APP}/networkConfiguration/securityGroupIds/*"),
        ),
    ),
    NodeType(
        snapshot_type="mwaa:environment",
        label="AirflowEnvironment",
        resource_type="AWS::MWAA::Environment",
        category="compute",
        description="An environment of Amazon Managed Workflows for Apache Airflow.",
        arn="arn:{partition}:airflow:{region}:{account}:environment/{id}",
        name="Name",
        resource_id="Name",
        tags=f"{_AIRFLOW}/Tags",
        properties=(
            Property("status", f"{_AIRFLOW}/Status", "E.g. AVAILABLE."),
            Property(
                "webserver_access_mode",
                f"{_AIRFLOW}/WebserverAccessMode",
                "PUBLIC_ONLY: its web server is on the internet, behind IAM.",
            ),
            Property("webserver_url", f"{_AIRFLOW}/WebserverUrl", "Host name of its web server."),
            Property("role_arn", f"{_AIRFLOW}/ExecutionRoleArn", "The role that workflows have."),
            Property("airflow_version", f"{_AIRFLOW}/AirflowVersion", "The version of Airflow."),
            Property(
                "source_bucket_arn",
                f"{_AIRFLOW}/SourceBucketArn",
                "Where workflows lie; who can write there runs code with the role.",
            ),
            Property("kms_key_id", f"{_AIRFLOW}/KmsKey", "The key that encrypts it."),
            Property("created_at", f"{_AIRFLOW}/CreatedAt", "When it was made (ISO 8601)."),
        ),
        links=(
            in_subnet(f"{_AIRFLOW}/NetworkConfiguration/SubnetIds/*"),
            has_security_group(f"{_AIRFLOW}/NetworkConfiguration/SecurityGroupIds/*"),
            encrypted_with(f"{_AIRFLOW}/KmsKey"),
        ),
    ),
)
