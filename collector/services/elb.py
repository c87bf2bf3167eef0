"""Elastic Load Balancing, classic."""

from collector.declare import Batch, FollowUp, Item, ListCall, Paginator, ResourceType, Scope

_NAME = {"LoadBalancerName": Item("LoadBalancerName")}

TYPES = (
    ResourceType(
        id="elb:load-balancer",
        client="elb",
        scope=Scope.REGIONAL,
        arn="arn:{partition}:elasticloadbalancing:{region}:{account}"
        ":loadbalancer/{LoadBalancerName}",
        lists=(
            ListCall(
                operation="describe_load_balancers",
                result="LoadBalancerDescriptions",
                paging=Paginator(400),
            ),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_tags",
                params={"LoadBalancerNames": [Item("LoadBalancerName")]},
                result="TagDescriptions",
                batch=Batch(size=20, match=("LoadBalancerName", "LoadBalancerName")),
            ),
            FollowUp(operation="describe_load_balancer_attributes", params=_NAME),
            FollowUp(operation="describe_instance_health", params=_NAME, result="InstanceStates"),
            FollowUp(
                operation="describe_load_balancer_policies",
                params=_NAME,
                result="PolicyDescriptions",
            ),
        ),
    ),
)
