"""WAF: web ACLs, what they stand in front of, the addresses and groups of rules they refer to."""

from collector.declare import Depth, FollowUp, Item, ListCall, ResourceType, Scope, Token

_LOGICAL = ("AndStatement.Statements[]", "OrStatement.Statements[]", "NotStatement.Statement")
_OUTER = ("RateBasedStatement.ScopeDownStatement", "ManagedRuleGroupStatement.ScopeDownStatement")
_ACTIONS = ("Allow", "Count", "Captcha", "Challenge")
_DEPTH = 3
"""Levels of logical statements in which texts are looked for; AWS's own console writes one."""


def _statements() -> list[str]:
    """Paths of a rule's statement and of those nested in it.

    https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements.html
    """
    found = ["Statement", *(f"Statement.{outer}" for outer in _OUTER)]
    level = found
    for _ in range(_DEPTH):
        level = [f"{path}.{logical}" for path in level for logical in _LOGICAL]
        found += level
    return found


# A rule may compare a header with a secret that the caller has to know, or send one on.
_IN_RULES = (
    *(f"Rules[].{statement}.ByteMatchStatement.SearchString" for statement in _statements()),
    *(f"Rules[].Action.{a}.CustomRequestHandling.InsertHeaders[].Value" for a in _ACTIONS),
)
_SECRET = (
    *(f"get_web_acl:WebACL.{path}" for path in _IN_RULES),
    "get_web_acl:WebACL.DefaultAction.Allow.CustomRequestHandling.InsertHeaders[].Value",
)


# https://docs.aws.amazon.com/waf/latest/APIReference/API_GetLoggingConfiguration.html
_LOGGED = FollowUp(
    operation="get_logging_configuration",
    params={"ResourceArn": Item("ARN")},
    # A web ACL that logs nowhere.
    absent=("WAFNonexistentItemException",),
)


def _protects(kind: str) -> FollowUp:
    return FollowUp(
        operation="list_resources_for_web_acl",
        params={"WebACLArn": Item("ARN"), "ResourceType": kind},
        key=("ResourceType",),
        result="ResourceArns",
        # What a region has no such resources for is no valid parameter there.
        not_supported=("WAFInvalidParameterException",),
    )


def _of_scope(
    type_id: str,
    waf_scope: str,
    operation: str,
    result: str,
    follow_ups: tuple[FollowUp, ...],
    *,
    redact: tuple[str, ...] = (),
    scan: tuple[str, ...] = (),
) -> ResourceType:
    """What AWS WAF lists apart for CloudFront and for regions, then tells one by one.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_ListWebACLs.html
    """
    is_global = waf_scope == "CLOUDFRONT"
    return ResourceType(
        id=type_id,
        client="wafv2",
        scope=Scope.GLOBAL if is_global else Scope.REGIONAL,
        asked_in="us-east-1" if is_global else "",
        depth=Depth.FULL,
        arn="{ARN}",
        lists=(
            ListCall(
                operation=operation,
                params={"Scope": waf_scope},
                result=result,
                paging=Token("NextMarker", "NextMarker", ("Limit", 100)),
            ),
        ),
        follow_ups=follow_ups,
        redact=redact,
        scan=scan,
    )


def _one(operation: str, waf_scope: str) -> FollowUp:
    return FollowUp(
        operation=operation,
        params={"Name": Item("Name"), "Id": Item("Id"), "Scope": waf_scope},
    )


def _web_acl(type_id: str, waf_scope: str, kinds: tuple[str, ...]) -> ResourceType:
    return _of_scope(
        type_id,
        waf_scope,
        "list_web_acls",
        "WebACLs",
        (_one("get_web_acl", waf_scope), *(_protects(kind) for kind in kinds), _LOGGED),
        redact=_SECRET,
        scan=("get_web_acl:WebACL",),
    )


def _ip_set(type_id: str, waf_scope: str) -> ResourceType:
    """Addresses to which rules refer.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_GetIPSet.html
    """
    one = _one("get_ip_set", waf_scope)
    return _of_scope(type_id, waf_scope, "list_ip_sets", "IPSets", (one,))


def _rule_group(type_id: str, waf_scope: str) -> ResourceType:
    """Rules to which web ACLs refer.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_GetRuleGroup.html
    """
    return _of_scope(
        type_id,
        waf_scope,
        "list_rule_groups",
        "RuleGroups",
        (_one("get_rule_group", waf_scope),),
        redact=tuple(f"get_rule_group:RuleGroup.{path}" for path in _IN_RULES),
        scan=("get_rule_group:RuleGroup",),
    )


TYPES = (
    _web_acl(
        "wafv2:web-acl",
        "REGIONAL",
        (
            "APPLICATION_LOAD_BALANCER",
            "API_GATEWAY",
            "APPSYNC",
            "COGNITO_USER_POOL",
            "APP_RUNNER_SERVICE",
            "VERIFIED_ACCESS_INSTANCE",
            "AGENTCORE_GATEWAY",
        ),
    ),
    # Which web ACL a distribution has stands with the distribution.
    _web_acl("wafv2:cloudfront-web-acl", "CLOUDFRONT", ("AMPLIFY",)),
    _ip_set("wafv2:ip-set", "REGIONAL"),
    _ip_set("wafv2:cloudfront-ip-set", "CLOUDFRONT"),
    _rule_group("wafv2:rule-group", "REGIONAL"),
    _rule_group("wafv2:cloudfront-rule-group", "CLOUDFRONT"),
)
"""Declarations of this service."""
