"""Elastic Load Balancing v2: application, network and gateway load balancers, target groups."""

from collector.declare import (
    Batch,
    Depth,
    FollowUp,
    Item,
    Limit,
    ListCall,
    Paginator,
    ResourceType,
    Scope,
    When,
)

# The bucket of this version's actions that change nothing.
LIMITS = {
    "elbv2": (
        Limit(
            rate=10,
            burst=40,
            source="https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html",
        ),
    )
}

PAGES = Paginator(400)


def _tags(arn: str) -> FollowUp:
    return FollowUp(
        operation="describe_tags",
        params={"ResourceArns": [Item(arn)]},
        result="TagDescriptions",
        batch=Batch(size=20, match=("ResourceArn", arn)),
    )


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
            _tags("LoadBalancerArn"),
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
                    # Beside the default certificate, which the listener names itself.
                    FollowUp(
                        operation="describe_listener_certificates",
                        params={"ListenerArn": Item("ListenerArn")},
                        key=("ListenerArn",),
                        result="Certificates",
                        paging=PAGES,
                        when=(When("Protocol", is_one_of=("HTTPS", "TLS")),),
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
            _tags("TargetGroupArn"),
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
    ResourceType(
        id="elbv2:trust-store",
        client="elbv2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn="{TrustStoreArn}",
        lists=(ListCall(operation="describe_trust_stores", result="TrustStores", paging=PAGES),),
        follow_ups=(
            _tags("TrustStoreArn"),
            FollowUp(
                operation="describe_trust_store_associations",
                params={"TrustStoreArn": Item("TrustStoreArn")},
                result="TrustStoreAssociations",
                paging=PAGES,
            ),
        ),
    ),
)
