"""Elastic Load Balancing, classic."""

from collector.declare import Batch, FollowUp, Item, Limit, ListCall, Paginator, ResourceType, Scope

# The bucket of this version's actions that change nothing.
LIMITS = {
    "elb": (
        Limit(
            rate=10,
            burst=40,
            source="https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html",
        ),
    )
}

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
