"""Elastic Load Balancing, classic."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

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
            FollowUp(operation="describe_load_balancer_attributes", params=_NAME),
            FollowUp(operation="describe_instance_health", params=_NAME, result="InstanceStates"),
        ),
    ),
)
