"""The engine's facts about services and keys, read from its data files."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from graph.iam import catalogue
from graph.iam.facts import Absent, Fact, Unknown


@cache
def data(name: str) -> Any:
    """A data file of this package, e.g. ``resource_services.json``."""
    return json.loads(resources.files("graph.iam").joinpath(name).read_text(encoding="utf-8"))


@cache
def _keys(group: str) -> tuple[frozenset[str], tuple[str, ...]]:
    rows = data("context_keys.json")[group]["keys"]
    return frozenset(rows), tuple(row for row in rows if row.endswith("/"))


def key_is(group: str, key: str) -> bool:
    """Whether a key (lower case) belongs to a group of ``context_keys.json``."""
    exact, below = _keys(group)
    return key in exact or any(key.startswith(prefix) for prefix in below)


def fact_by_class(key: str) -> Fact:
    """What is known of a key from its class alone."""
    if key_is("chosen_by_the_caller", key):
        return Unknown("chosen")
    if key_is("secret", key):
        return Unknown("secret")
    if key_is("only_in_calls_of_services", key):
        return Absent()
    return Unknown()


@cache
def _services(group: str) -> frozenset[str]:
    return frozenset(data("resource_services.json")[group]["services"])


def service_is(group: str, service: str) -> bool:
    """Whether a service belongs to a group of ``resource_services.json``."""
    return service in _services(group)


def is_global(service: str) -> bool:
    """Whether a service has one endpoint for the whole partition."""
    return service in data("context_keys.json")["global_services"]["services"]


def rcp_applies(action: str) -> bool:
    """Whether resource control policies apply to an action (lower case)."""
    skipped = data("resource_services.json")["rcp"]["not_for_actions"]
    return action not in skipped and service_is("rcp", action.partition(":")[0])


def may_have_resource_policy(action: str) -> bool:
    """Whether a resource policy may take part in an action (lower case).

    ``True`` for a service that the catalogue does not know.
    """
    prefixes = data("resource_services.json")["no_resource_policy_for_actions"]["prefixes"]
    if action.startswith(tuple(prefixes)):
        return False
    service = action.partition(":")[0]
    if service_is("policies_are_shares", service):
        return False
    return service_is("with_resource_policy", service) or catalogue.service_name(service) is None


def accepts_anonymous(action: str) -> bool:
    """Whether an unsigned caller can reach an action (lower case) at all."""
    service = action.partition(":")[0]
    if service_is("anonymous", service) or service_is("anonymous_by_own_rule", service):
        return True
    names = data("resource_services.json")["anonymous_by_own_rule"]["names"]
    return action in {name.lower() for name in names}


def needs_no_permission(action: str) -> bool:
    """Whether AWS answers an action (lower case) to every signed caller, a Deny or not."""
    return action in data("resource_services.json")["needs_no_permission"]["names"]


def root_is_not_locked_out(action: str) -> bool:
    """Whether no Deny of a resource's own policy stops its root user (action in lower case)."""
    return action in data("resource_services.json")["root_despite_its_policy"]["names"]


def is_object_action(action: str) -> bool:
    """Whether an S3 action (lower case) is authorised against objects, not against the bucket.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    name = action.partition(":")[2]
    if name in ("abortmultipartupload", "listmultipartuploadparts", "bypassgovernanceretention"):
        return True
    return "object" in name and not any(part in name for part in ("bucket", "accesspoint"))


def _carrier_of_another_kind(arn: str, service: str, resource: str) -> str:
    """The carrier of the policy where it is no prefix of the resource; else the ARN itself."""
    rows = data("resource_services.json")["policy_of_another_kind"]["services"].get(service, ())
    for row in rows:
        if resource.startswith(row["begins"]):
            pieces = resource.removeprefix(row["begins"]).split("/")
            named = pieces[: row["parts"]]
            if len(pieces) <= row["parts"]:
                if "default" not in row:
                    return arn
                named = [row["default"]]
            return f"{arn.removesuffix(resource)}{row['carrier']}{'/'.join(named)}"
    return arn


def policy_holder(arn: str) -> str:
    """The resource whose policy is that of an ARN below it; the ARN itself if there is none."""
    parts = arn.split(":", 5)
    service = parts[2] if len(parts) == 6 else ""
    row = data("resource_services.json")["policy_covers_below"]["services"].get(service)
    if row is None:
        return _carrier_of_another_kind(arn, service, parts[-1])
    pieces = parts[5].split("/", row["parts"])
    if "holder" in row:
        below = parts[5].startswith(row.get("below", ""))
        return ":".join((*parts[:5], row["holder"])) if below else arn
    if len(pieces) <= row["parts"] or not pieces[-1].startswith(row.get("below", "")):
        return arn
    return ":".join((*parts[:5], "/".join(pieces[:-1])))
