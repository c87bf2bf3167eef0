"""Transfer Family servers, users and web apps; DataSync; Storage Gateway."""

from __future__ import annotations

from graph.schema.declare import NodeType, Property
from graph.schema.usual import created, endpoint, groups, many, policy, role, status, subnets
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_SERVER = "@describe_server/Server"
_DETAILS = f"{_SERVER}/EndpointDetails"
_APP = "@describe_web_app/WebApp"
_TASK = "@describe_task"

DECLARATIONS = (
    NodeType(
        snapshot_type="transfer:server",
        label="TransferServer",
        resource_type="AWS::Transfer::Server",
        category="data",
        description="An SFTP, FTPS, FTP or AS2 server before S3 or EFS.",
        arn="arn:{partition}:transfer:{region}:{account}:server/{id}",
        resource_id="ServerId",
        tags=f"{_SERVER}/Tags",
        properties=(
            status("State", "ONLINE"),
            Property("storage", "Domain", "S3 or EFS."),
            Property("endpoint_type", "EndpointType", "PUBLIC, VPC or VPC_ENDPOINT."),
            many("protocols", f"{_SERVER}/Protocols/*", "SFTP, FTPS, FTP, AS2."),
            Property(
                "identity_provider_type",
                "IdentityProviderType",
                "SERVICE_MANAGED (keys), AWS_LAMBDA, API_GATEWAY, AWS_DIRECTORY_SERVICE.",
            ),
            Property(
                "identity_provider_function",
                f"{_SERVER}/IdentityProviderDetails/Function",
                "The function that checks passwords.",
            ),
            Property(
                "identity_provider_url",
                f"{_SERVER}/IdentityProviderDetails/Url",
                "The API that checks passwords.",
            ),
            Property("security_policy", f"{_SERVER}/SecurityPolicyName", "Which ciphers it takes."),
            role("LoggingRole", "The role that writes its log."),
            many("allocation_ids", f"{_DETAILS}/AddressAllocationIds/*", "Its elastic addresses."),
            Property("vpc_endpoint_id", f"{_DETAILS}/VpcEndpointId", "The endpoint in EC2."),
            groups(f"{_DETAILS}/SecurityGroupIds/*"),
            subnets(f"{_DETAILS}/SubnetIds/*"),
        ),
        links=(
            in_vpc(f"{_DETAILS}/VpcId"),
            in_subnet(f"{_DETAILS}/SubnetIds/*"),
            has_security_group(f"{_DETAILS}/SecurityGroupIds/*"),
        ),
    ),
    NodeType(
        snapshot_type="transfer:user",
        label="TransferUser",
        resource_type="AWS::Transfer::User",
        category="identity",
        description="Who signs in to a server, and the role that reads files for them.",
        arn="arn:{partition}:transfer:{region}:{account}:user/{id}",
        name="UserName",
        tags="@describe_user/User/Tags",
        properties=(
            Property("server_id", "ServerId", "Where the user signs in."),
            role("Role", "The role that reads and writes files for the user."),
            Property("home_directory", "HomeDirectory", "Where the user starts."),
            Property(
                "home_directory_type", "HomeDirectoryType", "LOGICAL: sees mapped paths only."
            ),
            policy("@describe_user/User/Policy"),
            many("ssh_key_ids", "@describe_user/User/SshPublicKeys/*/SshPublicKeyId", "Its keys."),
        ),
    ),
    NodeType(
        snapshot_type="transfer:web-app",
        label="TransferWebApp",
        resource_type="AWS::Transfer::WebApp",
        category="data",
        description="A web page that shows files of S3 to users of Identity Center.",
        arn="arn:{partition}:transfer:{region}:{account}:webapp/{id}",
        resource_id="WebAppId",
        tags=f"{_APP}/Tags",
        properties=(
            endpoint("AccessEndpoint|WebAppEndpoint"),
            Property("endpoint_type", "EndpointType", "PUBLIC or VPC."),
            role(f"{_APP}/DescribedIdentityProviderDetails/IdentityCenterConfig/Role"),
            Property(
                "vpc_endpoint_id",
                f"{_APP}/DescribedEndpointDetails/Vpc/VpcEndpointId",
                "The endpoint in EC2.",
            ),
            subnets(f"{_APP}/DescribedEndpointDetails/Vpc/SubnetIds/*"),
        ),
        links=(
            in_vpc(f"{_APP}/DescribedEndpointDetails/Vpc/VpcId"),
            in_subnet(f"{_APP}/DescribedEndpointDetails/Vpc/SubnetIds/*"),
        ),
    ),
    NodeType(
        snapshot_type="datasync:task",
        label="DataSyncTask",
        resource_type="AWS::DataSync::Task",
        category="data",
        description="Copies files from one location to another.",
        arn="arn:{partition}:datasync:{region}:{account}:task/{id}",
        name="Name",
        properties=(
            status("Status", "AVAILABLE"),
            Property("source_location_arn", f"{_TASK}/SourceLocationArn", "From where."),
            Property("destination_location_arn", f"{_TASK}/DestinationLocationArn", "To where."),
            created(f"{_TASK}/CreationTime"),
        ),
    ),
    NodeType(
        snapshot_type="datasync:location",
        label="DataSyncLocation",
        resource_type="AWS::DataSync::Location",
        cloudformation=False,
        category="data",
        description="Where a task copies from or to: a bucket, a file server, another cloud.",
        arn="arn:{partition}:datasync:{region}:{account}:location/{id}",
        properties=(Property("location_uri", "LocationUri", "E.g. s3://eu-west-1.bucket/."),),
    ),
    NodeType(
        snapshot_type="storagegateway:gateway",
        label="StorageGateway",
        resource_type="AWS::StorageGateway::Gateway",
        cloudformation=False,
        category="data",
        description="A machine, mostly on premises, that serves storage of AWS.",
        arn="arn:{partition}:storagegateway:{region}:{account}:gateway/{id}",
        name="GatewayName",
        resource_id="GatewayId",
        properties=(
            status("GatewayOperationalState", "ACTIVE"),
            Property("gateway_type", "GatewayType", "FILE_S3, CACHED, VTL, ..."),
            Property("host_environment", "HostEnvironment", "VMWARE, EC2, ..."),
            Property("instance_id", "Ec2InstanceId", "The instance that it runs on."),
        ),
    ),
    NodeType(
        snapshot_type="storagegateway:file-share",
        label="StorageGatewayFileShare",
        resource_type="AWS::StorageGateway::FileShare",
        cloudformation=False,
        category="data",
        description="A file share that a gateway serves.",
        arn="arn:{partition}:storagegateway:{region}:{account}:share/{id}",
        resource_id="FileShareId",
        properties=(
            status("FileShareStatus", "AVAILABLE"),
            Property("share_type", "FileShareType", "NFS or SMB."),
            Property("gateway_arn", "GatewayARN", "What serves it."),
        ),
    ),
)
