"""SageMaker: notebooks and Studio, where people work with a role, and deployed models."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_PAGES = Paginator(100)

TYPES = (
    ResourceType(
        id="sagemaker:notebook",
        client="sagemaker",
        scope=Scope.REGIONAL,
        arn="{NotebookInstanceArn}",
        lists=(
            ListCall(
                operation="list_notebook_instances", result="NotebookInstances", paging=_PAGES
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_notebook_instance",
                params={"NotebookInstanceName": Item("NotebookInstanceName")},
            ),
        ),
    ),
    ResourceType(
        id="sagemaker:domain",
        client="sagemaker",
        scope=Scope.REGIONAL,
        arn="{DomainArn}",
        lists=(ListCall(operation="list_domains", result="Domains", paging=_PAGES),),
        follow_ups=(FollowUp(operation="describe_domain", params={"DomainId": Item("DomainId")}),),
    ),
    ResourceType(
        id="sagemaker:user-profile",
        client="sagemaker",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:sagemaker:{region}:{account}:user-profile/{DomainId}/{UserProfileName}",
        lists=(ListCall(operation="list_user_profiles", result="UserProfiles", paging=_PAGES),),
        follow_ups=(
            FollowUp(
                operation="describe_user_profile",
                params={
                    "DomainId": Item("DomainId"),
                    "UserProfileName": Item("UserProfileName"),
                },
            ),
        ),
    ),
    # The scripts run as root with the notebook's role.
    ResourceType(
        id="sagemaker:lifecycle-config",
        client="sagemaker",
        scope=Scope.REGIONAL,
        arn="{NotebookInstanceLifecycleConfigArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_notebook_instance_lifecycle_configs",
                result="NotebookInstanceLifecycleConfigs",
                paging=_PAGES,
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_notebook_instance_lifecycle_config",
                params={
                    "NotebookInstanceLifecycleConfigName": Item(
                        "NotebookInstanceLifecycleConfigName"
                    )
                },
            ),
        ),
        scan=(
            "describe_notebook_instance_lifecycle_config:OnCreate[].Content",
            "describe_notebook_instance_lifecycle_config:OnStart[].Content",
        ),
    ),
    ResourceType(
        id="sagemaker:endpoint",
        client="sagemaker",
        scope=Scope.REGIONAL,
        arn="{EndpointArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_endpoints", result="Endpoints", paging=_PAGES),),
        follow_ups=(
            FollowUp(operation="describe_endpoint", params={"EndpointName": Item("EndpointName")}),
        ),
    ),
    ResourceType(
        id="sagemaker:endpoint-config",
        client="sagemaker",
        scope=Scope.REGIONAL,
        arn="{EndpointConfigArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(operation="list_endpoint_configs", result="EndpointConfigs", paging=_PAGES),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_endpoint_config",
                params={"EndpointConfigName": Item("EndpointConfigName")},
            ),
        ),
    ),
    ResourceType(
        id="sagemaker:model",
        client="sagemaker",
        scope=Scope.REGIONAL,
        arn="{ModelArn}",
        depth=Depth.FULL,
        lists=(ListCall(operation="list_models", result="Models", paging=_PAGES),),
        follow_ups=(FollowUp(operation="describe_model", params={"ModelName": Item("ModelName")}),),
        redact=(
            "describe_model:PrimaryContainer.Environment.*",
            "describe_model:Containers[].Environment.*",
            "describe_model:DeploymentRecommendation.RealTimeInferenceRecommendations[].Environment.*",
        ),
    ),
    ResourceType(
        id="sagemaker:model-package-group",
        client="sagemaker",
        scope=Scope.REGIONAL,
        arn="{ModelPackageGroupArn}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_model_package_groups",
                result="ModelPackageGroupSummaryList",
                paging=_PAGES,
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="get_model_package_group_policy",
                params={"ModelPackageGroupName": Item("ModelPackageGroupName")},
                absent=("ValidationException:Cannot find",),
            ),
        ),
    ),
)
"""Declarations of this service."""
