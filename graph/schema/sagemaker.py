"""SageMaker: notebooks, Studio, and deployed models."""

from __future__ import annotations

from graph.schema.convert import present, texts, truth
from graph.schema.declare import NodeType, Property
from graph.schema.kms import encrypted_with
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_NOTEBOOK = "@describe_notebook_instance"
_DOMAIN = "@describe_domain"
_PROFILE = "@describe_user_profile"
_CONFIG = "@describe_endpoint_config"
_MODEL = "@describe_model"
_SCRIPTS = "@describe_notebook_instance_lifecycle_config"
_CREATED = Property("creation_time", "CreationTime", "When it was made (ISO 8601).")

DECLARATIONS = (
    NodeType(
        snapshot_type="sagemaker:notebook",
        label="SageMakerNotebook",
        resource_type="AWS::SageMaker::NotebookInstance",
        category="compute",
        description="A notebook instance, with a role that whoever opens it has.",
        arn="arn:{partition}:sagemaker:{region}:{account}:notebook-instance/{id}",
        name="NotebookInstanceName",
        resource_id="NotebookInstanceName",
        properties=(
            Property("status", "NotebookInstanceStatus", "E.g. InService."),
            Property("url", "Url", "Its host name; a presigned URL from IAM opens it."),
            Property("role_arn", f"{_NOTEBOOK}/RoleArn", "The role that it runs with."),
            Property(
                "direct_internet_access",
                f"{_NOTEBOOK}/DirectInternetAccess",
                "Enabled or Disabled: whether it has a way to the internet beside its subnet.",
            ),
            Property("root_access", f"{_NOTEBOOK}/RootAccess", "Whether users are root in it."),
            Property(
                "minimum_imds_version",
                f"{_NOTEBOOK}/InstanceMetadataServiceConfiguration"
                "/MinimumInstanceMetadataServiceVersion",
                "1 or 2: the instance metadata service that it asks for.",
            ),
            Property(
                "lifecycle_config",
                "NotebookInstanceLifecycleConfigName",
                "The scripts that run as root when it starts.",
            ),
            Property("kms_key_id", f"{_NOTEBOOK}/KmsKeyId", "The key that encrypts its disk."),
            _CREATED,
        ),
        links=(
            in_subnet(f"{_NOTEBOOK}/SubnetId"),
            has_security_group(f"{_NOTEBOOK}/SecurityGroups/*"),
            encrypted_with(f"{_NOTEBOOK}/KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="sagemaker:domain",
        label="SageMakerDomain",
        resource_type="AWS::SageMaker::Domain",
        category="compute",
        description="A domain of SageMaker Studio.",
        arn="arn:{partition}:sagemaker:{region}:{account}:domain/{id}",
        name="DomainName",
        resource_id="DomainId",
        properties=(
            Property("status", "Status", "E.g. InService."),
            Property("url", "Url", "Its URL."),
            Property("auth_mode", f"{_DOMAIN}/AuthMode", "SSO or IAM."),
            Property(
                "app_network_access_type",
                f"{_DOMAIN}/AppNetworkAccessType",
                "PublicInternetOnly or VpcOnly.",
            ),
            Property(
                "role_arn",
                f"{_DOMAIN}/DefaultUserSettings/ExecutionRole",
                "The role of users who have none of their own.",
            ),
            Property("kms_key_id", f"{_DOMAIN}/KmsKeyId", "The key that encrypts its storage."),
            _CREATED,
        ),
        links=(
            in_vpc(f"{_DOMAIN}/VpcId"),
            in_subnet(f"{_DOMAIN}/SubnetIds/*"),
            has_security_group(f"{_DOMAIN}/DefaultUserSettings/SecurityGroups/*"),
            encrypted_with(f"{_DOMAIN}/KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="sagemaker:user-profile",
        label="SageMakerUserProfile",
        resource_type="AWS::SageMaker::UserProfile",
        category="identity",
        description="A user of a domain of SageMaker Studio.",
        arn="arn:{partition}:sagemaker:{region}:{account}:user-profile/{id}",
        name="UserProfileName",
        properties=(
            Property("domain_id", "DomainId", "Its domain."),
            Property("status", "Status", "E.g. InService."),
            Property(
                "role_arn",
                f"{_PROFILE}/UserSettings/ExecutionRole",
                "The role that its notebooks have; none: the domain's.",
            ),
            _CREATED,
        ),
    ),
    NodeType(
        snapshot_type="sagemaker:lifecycle-config",
        label="SageMakerLifecycleConfig",
        resource_type="AWS::SageMaker::NotebookInstanceLifecycleConfig",
        category="compute",
        description="Scripts that run as root in notebook instances.",
        arn="arn:{partition}:sagemaker:{region}:{account}:notebook-instance-lifecycle-config/{id}",
        name="NotebookInstanceLifecycleConfigName",
        resource_id="NotebookInstanceLifecycleConfigName",
        properties=(
            Property(
                "runs_on_create",
                f"{_SCRIPTS}/OnCreate/*",
                "Whether a script runs when a notebook is made.",
                present,
                absent=False,
            ),
            Property(
                "runs_on_start",
                f"{_SCRIPTS}/OnStart/*",
                "Whether a script runs at every start.",
                present,
                absent=False,
            ),
            _CREATED,
        ),
    ),
    NodeType(
        snapshot_type="sagemaker:endpoint",
        label="SageMakerEndpoint",
        resource_type="AWS::SageMaker::Endpoint",
        category="compute",
        description="A deployed model that answers calls signed by IAM.",
        arn="arn:{partition}:sagemaker:{region}:{account}:endpoint/{id}",
        name="EndpointName",
        resource_id="EndpointName",
        properties=(
            Property("status", "EndpointStatus", "E.g. InService."),
            Property(
                "endpoint_config", "@describe_endpoint/EndpointConfigName", "What it is made from."
            ),
            Property(
                "data_capture_uri",
                "@describe_endpoint/DataCaptureConfig/DestinationS3Uri",
                "Where requests and answers are written.",
            ),
            _CREATED,
        ),
    ),
    NodeType(
        snapshot_type="sagemaker:endpoint-config",
        label="SageMakerEndpointConfig",
        resource_type="AWS::SageMaker::EndpointConfig",
        category="compute",
        description="Which models an endpoint runs, and how.",
        arn="arn:{partition}:sagemaker:{region}:{account}:endpoint-config/{id}",
        name="EndpointConfigName",
        resource_id="EndpointConfigName",
        properties=(
            Property(
                "model_names",
                f"{_CONFIG}/ProductionVariants/*/ModelName",
                "The models.",
                texts,
                absent=[],
            ),
            Property("role_arn", f"{_CONFIG}/ExecutionRoleArn", "Its role, where it has one."),
            Property("kms_key_id", f"{_CONFIG}/KmsKeyId", "The key that encrypts its disks."),
            _CREATED,
        ),
        links=(
            in_subnet(f"{_CONFIG}/VpcConfig/Subnets/*"),
            has_security_group(f"{_CONFIG}/VpcConfig/SecurityGroupIds/*"),
            encrypted_with(f"{_CONFIG}/KmsKeyId"),
        ),
    ),
    NodeType(
        snapshot_type="sagemaker:model",
        label="SageMakerModel",
        resource_type="AWS::SageMaker::Model",
        category="compute",
        description="A model: containers, their data, and the role that they run with.",
        arn="arn:{partition}:sagemaker:{region}:{account}:model/{id}",
        name="ModelName",
        resource_id="ModelName",
        properties=(
            Property("role_arn", f"{_MODEL}/ExecutionRoleArn", "The role that it runs with."),
            Property("image", f"{_MODEL}/PrimaryContainer/Image", "The image of its container."),
            Property(
                "container_images",
                f"{_MODEL}/Containers/*/Image",
                "The images of its containers, where it has several.",
                texts,
                absent=[],
            ),
            Property(
                "model_data_url",
                f"{_MODEL}/PrimaryContainer/ModelDataUrl",
                "Where its data lies; who can write there runs code with the role.",
            ),
            Property(
                "network_isolation",
                f"{_MODEL}/EnableNetworkIsolation",
                "Whether its containers have no network.",
                truth,
            ),
            _CREATED,
        ),
        links=(
            in_subnet(f"{_MODEL}/VpcConfig/Subnets/*"),
            has_security_group(f"{_MODEL}/VpcConfig/SecurityGroupIds/*"),
        ),
    ),
    NodeType(
        snapshot_type="sagemaker:model-package-group",
        label="SageMakerModelPackageGroup",
        resource_type="AWS::SageMaker::ModelPackageGroup",
        category="data",
        description="A group of model versions, which a policy can share.",
        arn="arn:{partition}:sagemaker:{region}:{account}:model-package-group/{id}",
        name="ModelPackageGroupName",
        resource_id="ModelPackageGroupName",
        properties=(
            Property(
                "has_policy",
                "@get_model_package_group_policy/ResourcePolicy",
                "Whether it has a resource policy.",
                present,
                absent=False,
            ),
            _CREATED,
        ),
    ),
)
