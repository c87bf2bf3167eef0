"""A snapshot's load balancers, listeners and target groups as facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from collector.snapshot import Item, Snapshot
from graph.network import service_shapes
from graph.network.ec2_shapes import text
from graph.network.facts import Listener, LoadBalancer, TargetGroup
from graph.network.items_from_snapshot import at, named, whole_list
from graph.network.readable import (
    default_is_readable,
    health_is_readable,
    listener_is_readable,
    rule_is_readable,
)
from graph.network.views_from_snapshot import Views
from graph.network.web_acls_from_snapshot import WebAcls


class LoadBalancerReader:
    """Reads one snapshot's load balancers; notes where they are."""

    def __init__(self, snapshot: Snapshot, views: Views, places: set[tuple[str, str]]) -> None:
        """Args: the snapshot, the ids in it, and the (account, region) pairs met so far."""
        self._snapshot, self._near, self._places = snapshot, views.near, places
        self._web_acls = WebAcls(snapshot)

    def classic(self) -> Iterator[LoadBalancer]:
        """Classic load balancers."""
        for item in self._snapshot.items("elb:load-balancer"):
            self._places.add((item.account_id, item.region))
            health = item.call("describe_instance_health")
            attributes = item.call("describe_load_balancer_attributes")
            yield service_shapes.classic_load_balancer(
                item.id,
                item.account_id,
                item.region,
                item.item,
                whole_list(health, "InstanceStates"),
                attributes.value if attributes.known else None,
                self._near(item),
                at(item),
            )

    def load_balancers(self) -> Iterator[LoadBalancer]:
        """The others, with their listeners and web ACLs."""
        for item in self._snapshot.items("elbv2:load-balancer"):
            self._places.add((item.account_id, item.region))
            attributes = item.call("describe_load_balancer_attributes")
            made = service_shapes.load_balancer(
                item.id,
                item.account_id,
                item.region,
                item.item,
                attributes.value if attributes.known else None,
                self._near(item),
                at(item),
            )
            if made.kind == "application":
                place = (item.account_id, item.region)
                guards = self._web_acls.guards("APPLICATION_LOAD_BALANCER", item.id, *place)
                narrowed = self._web_acls.before("APPLICATION_LOAD_BALANCER", item.id)
                made = replace(made, guards=guards, web_acls=narrowed)
            yield with_listeners(made, self._listeners(item), named(item, "describe_listeners"))

    def _listeners(self, item: Item) -> tuple[Listener, ...] | None:
        listeners = whole_list(item.call("describe_listeners"), "Listeners")
        if listeners is None or not all(
            listener_is_readable(one, text(item.item.get("Type"))) for one in listeners
        ):
            return None
        found = []
        for number, one in enumerate(listeners):
            name = f"describe_rules(ListenerArn={text(one.get('ListenerArn'))})"
            rules = whole_list(item.call(name), "Rules")
            layer7 = item.item.get("Type", "application") == "application"
            listed = rules if rules is not None and all(map(rule_is_readable, rules)) else None
            missing = "" if listed is not None or not layer7 else named(item, name)
            if not default_is_readable(one, listed):
                return None
            found.append(
                service_shapes.listener(one, listed, missing, self._near(item), at(item), number)
            )
        return tuple(found)

    def target_groups(self) -> Iterator[TargetGroup]:
        """Target groups, with their targets' health."""
        for item in self._snapshot.items("elbv2:target-group"):
            self._places.add((item.account_id, item.region))
            health = whole_list(item.call("describe_target_health"), "TargetHealthDescriptions")
            if not all(health_is_readable(item.item, one) for one in health or ()):
                health = None
            attributes = item.call("describe_target_group_attributes")
            yield service_shapes.target_group(
                item.id,
                item.item,
                health,
                attributes.value if attributes.known else None,
                () if health is not None else (named(item, "describe_target_health"),),
                self._near(item),
                at(item),
            )


def with_listeners(
    made: LoadBalancer, listeners: tuple[Listener, ...] | None, call: str
) -> LoadBalancer:
    """The load balancer with its listeners, or with the name of the call that is missing."""
    return replace(made, listeners=listeners, missing=() if listeners is not None else (call,))


__all__ = ["LoadBalancerReader", "with_listeners"]
