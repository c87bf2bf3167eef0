"""MWAA: Airflow environments, whose web server can be public and whose role is usually rich."""

from collector.declare import Depth, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

TYPES = (
    ResourceType(
        id="mwaa:environment",
        client="mwaa",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:airflow:{region}:{account}:environment/{Name}",
        depth=Depth.FULL,
        lists=(
            ListCall(
                operation="list_environments",
                result="Environments",
                paging=Paginator(25),
                wrap="Name",
            ),
        ),
        follow_ups=(FollowUp(operation="get_environment", params={"Name": Item("Name")}),),
        redact=("get_environment:Environment.AirflowConfigurationOptions.*",),
    ),
)
"""Declarations of this service."""
