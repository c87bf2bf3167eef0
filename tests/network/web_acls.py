"""Web ACLs and IP sets in small worlds."""

from __future__ import annotations

from typing import Any

from network.aws_shapes import Json, Lab
from snapshot_files import ACCOUNT, REGION

ACL = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/shop/0123"
OFFICE = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/ipset/office/1"
RANGE = "52.1.2.0/24"
BY_OFFICE: Json = {"IPSetReferenceStatement": {"ARN": OFFICE}}
SECRET = "secret:http-header/x-edge"
ADDRESSES = [RANGE]
GROUP = f"arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/rulegroup/own/g1"


def by_header(name: str = "x-edge", how: str = "EXACTLY") -> Json:
    field = {"SingleHeader": {"Name": name}}
    return {"ByteMatchStatement": {"FieldToMatch": field, "PositionalConstraint": how}}


def without(statement: Json) -> Json:
    return {"NotStatement": {"Statement": statement}}


def rule(statement: Json, action: str = "Allow", priority: int = 1, name: str = "r") -> Json:
    told = {"Name": name, "Priority": priority, "Statement": statement}
    return {**told, "Action": {action: {}}}


def of_group(priority: int = 1, override: str = "None", **more: Any) -> Json:
    """A rule that refers to the account's own group of rules."""
    statement = {"RuleGroupReferenceStatement": {"ARN": GROUP, **more}}
    told = {"Name": "own", "Priority": priority, "Statement": statement}
    return {**told, "OverrideAction": {override: {}}}


def managed(name: str, vendor: str = "AWS", priority: int = 1, **more: Any) -> Json:
    """A rule that refers to a group that AWS or somebody else keeps."""
    statement = {"ManagedRuleGroupStatement": {"VendorName": vendor, "Name": name, **more}}
    told = {"Name": name, "Priority": priority, "Statement": statement}
    return {**told, "OverrideAction": {"None": {}}}


def rule_group(lab: Lab, rules: Any) -> Lab:
    """The account's own group; its rules, or what stands in their place."""
    lab.add(
        "wafv2:rule-group",
        GROUP,
        GROUP,
        {"ARN": GROUP, "Name": "own", "Id": "g1"},
        get_rule_group=rules if isinstance(rules, type) else {"RuleGroup": {"Rules": rules}},
    )
    return lab


def web_acl(
    lab: Lab,
    before: str = "",
    kind: str = "APPLICATION_LOAD_BALANCER",
    *,
    rules: Any = None,
    default: str = "Block",
    addresses: Any = None,
    acl: str = ACL,
    told: Any = None,
) -> Lab:
    """A web ACL that blocks all but the office's range, before a resource if one is named."""
    found = {
        "ARN": acl,
        "DefaultAction": {default: {}},
        "Rules": [rule(BY_OFFICE)] if rules is None else rules,
    }
    listed = {f"list_resources_for_web_acl(ResourceType={kind})": [before]} if before else {}
    lab.answered.add("wafv2.list_web_acls")
    lab.add(
        "wafv2:web-acl",
        acl,
        acl,
        {"ARN": acl, "Name": "shop", "Id": "0123"},
        get_web_acl={"WebACL": found} if told is None else told,
        **listed,
    )
    value = {"IPSet": {"ARN": OFFICE, "Addresses": ADDRESSES if addresses is None else addresses}}
    lab.add(
        "wafv2:ip-set",
        OFFICE,
        OFFICE,
        {"ARN": OFFICE, "Name": "office", "Id": "1"},
        get_ip_set=addresses if isinstance(addresses, type) else value,
    )
    return lab
