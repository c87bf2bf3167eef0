"""Whether load balancers' lists can be read: where one cannot, the call counts as not made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph.network.ec2_shapes import Json, integer, text

_PROTOCOLS = ("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC", "GENEVE")
_TARGETS = ("instance", "ip", "lambda", "alb")


def listener_is_readable(item: Json, kind: str) -> bool:
    """A member of ``describe_listeners``; a gateway load balancer's has no port."""
    told = item.get("Protocol") in _PROTOCOLS and _is_port(item.get("Port"))
    return told or kind == "gateway"


def default_is_readable(item: Json, rules: list[Json] | None) -> bool:
    """Whether the rules of a listener, or its own default actions, tell what else happens."""
    if rules is not None and "DefaultActions" not in item:
        return True
    told = any(one.get("Priority") == "default" for one in rules or ())
    return told or _actions(item.get("DefaultActions"))


def rule_is_readable(item: Json) -> bool:
    """A member of ``describe_rules``."""
    priority, conditions = item.get("Priority"), item.get("Conditions")
    if priority != "default" and integer(priority) is None:
        return False
    if not isinstance(conditions, list) and not (conditions is None and priority == "default"):
        return False
    fields = (isinstance(one, Mapping) and text(one.get("Field")) for one in conditions or ())
    return all(fields) and _actions(item.get("Actions"))


def _actions(listed: Any) -> bool:
    return isinstance(listed, list) and bool(listed) and all(map(_action, listed))


def _action(one: Any) -> bool:
    if not isinstance(one, Mapping) or not text(one.get("Type")):
        return False
    if one["Type"] != "forward":
        return True
    config = one.get("ForwardConfig")
    if config is None:
        return bool(text(one.get("TargetGroupArn")))
    groups = config.get("TargetGroups") if isinstance(config, Mapping) else None
    return isinstance(groups, list) and all(
        isinstance(group, Mapping) and text(group.get("TargetGroupArn")) for group in groups
    )


def health_is_readable(group: Json, item: Json) -> bool:
    """A member of ``describe_target_health`` of a target group."""
    target, kind = item.get("Target"), group.get("TargetType", "instance")
    if not isinstance(target, Mapping) or not text(target.get("Id")) or kind not in _TARGETS:
        return False
    port = target.get("Port", group.get("Port"))
    return kind == "lambda" or _is_port(port)


def _is_port(value: Any) -> bool:
    number = integer(value)
    return number is not None and 0 <= number < 65536
