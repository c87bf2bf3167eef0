"""Elastic Load Balancing v2: application, network and gateway load balancers, target groups."""

from collector.declare import FollowUp, Item, ListCall, Paginator, ResourceType, Scope

PAGES = Paginator(400)

TYPES = (
    ResourceType(
        id="elbv2:load-balancer",
        client="elbv2",
        scope=Scope.REGIONAL,
        arn="{LoadBalancerArn}",
        lists=(
            ListCall(operation="describe_load_balancers", result="LoadBalancers", paging=PAGES),
        ),
        follow_ups=(
            FollowUp(
                operation="describe_load_balancer_attributes",
                params={"LoadBalancerArn": Item("LoadBalancerArn")},
                result="Attributes",
            ),
            FollowUp(
                operation="describe_listeners",
                params={"LoadBalancerArn": Item("LoadBalancerArn")},
                result="Listeners",
                paging=PAGES,
                then=(
                    FollowUp(
                        operation="describe_rules",
                        params={"ListenerArn": Item("ListenerArn")},
                        key=("ListenerArn",),
                        result="Rules",
                        paging=PAGES,
                    ),
                ),
            ),
        ),
        redact=(
            "describe_listeners:[].DefaultActions[].AuthenticateOidcConfig.ClientSecret",
            "describe_rules:[].Actions[].AuthenticateOidcConfig.ClientSecret",
        ),
    ),
    ResourceType(
        id="elbv2:target-group",
        client="elbv2",
        scope=Scope.REGIONAL,
        arn="{TargetGroupArn}",
        lists=(ListCall(operation="describe_target_groups", result="TargetGroups", paging=PAGES),),
        follow_ups=(
            FollowUp(
                operation="describe_target_health",
                params={"TargetGroupArn": Item("TargetGroupArn")},
                result="TargetHealthDescriptions",
            ),
            FollowUp(
                operation="describe_target_group_attributes",
                params={"TargetGroupArn": Item("TargetGroupArn")},
                result="Attributes",
            ),
        ),
    ),
)
