"""Data services that may ask nobody for a login: ElastiCache, MemoryDB, EFS, OpenSearch.

What a service asks for is in ``data/open-services.json``, each with AWS's page. DAX is not among
them: its clients sign with credentials of IAM.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref
from graph.network.between.facts import DataService
from graph.network.ec2_shapes import Ids, integer, rows, text, texts
from graph.network.views_from_snapshot import Near

_DATA = Path(__file__).parent / "data" / "open-services.json"


@cache
def _facts() -> Mapping[str, Any]:
    services: Mapping[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))["services"]
    return services


def data_services(snapshot: Snapshot, near: Near) -> Iterator[DataService]:
    """Every service of these kinds that has security groups.

    Raises:
        collector.snapshot.SnapshotError: a file cannot be read.
    """
    replicas = {
        text(item.item.get("ReplicationGroupId")): item
        for item in snapshot.items("elasticache:replication-group")
    }
    for item in snapshot.items("elasticache:cluster"):
        yield _cache(item, replicas, near(item))
    for item in snapshot.items("memorydb:cluster"):
        yield _memory(item, near(item))
    for item in snapshot.items("efs:file-system"):
        yield _files(item, near(item))
    for item in snapshot.items("opensearch:domain"):
        made = _search(item, near(item))
        if made is not None:
            yield made


def _groups(listed: Any, member: str, ids: Ids) -> tuple[str, ...]:
    return tuple(sorted({ids(g) for one in rows(listed) if (g := text(one.get(member)))}))


def _cache(item: Item, replicas: Mapping[str, Item], ids: Ids) -> DataService:
    facts, told = _facts()["elasticache:cluster"], item.item
    engine = text(told.get("Engine")) or "redis"
    name = text(told.get("ReplicationGroupId"))
    replica = replicas.get(name)
    missing = ""
    login: bool | None = told.get("AuthTokenEnabled") is True
    if engine in facts["never_asks"]:
        login = False
    elif replica is not None:
        own = replica.item
        login = login or own.get("AuthTokenEnabled") is True or bool(own.get("UserGroupIds"))
    elif name and not login:
        login = None
        place = f"{item.account_id}/{item.region}"
        missing = f"elasticache.describe_replication_groups({name})@{place}"
    listed = [told.get("ConfigurationEndpoint"), *(n.get("Endpoint") for n in _nodes(told))]
    ports = [integer(one.get("Port")) for one in listed if isinstance(one, Mapping)]
    return DataService(
        id=item.id,
        port=next((p for p in ports if p), facts["ports"].get(engine, 6379)),
        groups=_groups(told.get("SecurityGroups"), "SecurityGroupId", ids),
        login=login,
        why=facts["why_never"] if engine in facts["never_asks"] else facts["why"],
        missing=missing,
        refs=(Ref.to(item, "/item"),),
    )


def _nodes(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return rows(told.get("CacheNodes"))


def _memory(item: Item, ids: Ids) -> DataService:
    facts, told = _facts()["memorydb:cluster"], item.item
    endpoint = told.get("ClusterEndpoint")
    port = integer(endpoint.get("Port")) if isinstance(endpoint, Mapping) else None
    return DataService(
        id=item.id,
        port=port or facts["port"],
        groups=_groups(told.get("SecurityGroups"), "SecurityGroupId", ids),
        login=text(told.get("ACLName")) != "open-access",
        why=facts["why"],
        refs=(Ref.to(item, "/item"),),
    )


def _files(item: Item, ids: Ids) -> DataService:
    facts = _facts()["efs:file-system"]
    policy = item.call("describe_file_system_policy")
    groups: set[str] = set()
    for _, call in item.calls_of("describe_mount_target_security_groups"):
        value = call.value
        listed = value.get("SecurityGroups") if isinstance(value, Mapping) else value
        groups |= {ids(one) for one in texts(listed)}
    call_name = "efs.describe_file_system_policy"
    missing = f"{call_name}({item.id})@{item.account_id}/{item.region}"
    written = bool(policy.value) if policy.known else None
    return DataService(
        id=item.id,
        port=facts["port"],
        groups=tuple(sorted(groups)),
        login=written,
        why=facts["why"],
        missing="" if policy.known else missing,
        refs=(Ref.to(item, "/calls/describe_file_system_policy"),),
    )


def _search(item: Item, ids: Ids) -> DataService | None:
    facts = _facts()["opensearch:domain"]
    call = item.call("describe_domains")
    told = call.value
    if isinstance(told, list):
        told = next((one for one in told if isinstance(one, Mapping)), {})
    if not isinstance(told, Mapping) or not isinstance(told.get("VPCOptions"), Mapping):
        return None
    groups = told["VPCOptions"].get("SecurityGroupIds")
    advanced = told.get("AdvancedSecurityOptions")
    guarded = isinstance(advanced, Mapping) and advanced.get("Enabled") is True
    return DataService(
        id=item.id,
        port=facts["port"],
        groups=tuple(sorted(ids(one) for one in texts(groups))),
        login=guarded or not _for_everyone(told.get("AccessPolicies")),
        why=facts["why"],
        refs=(Ref.to(item, "/calls/describe_domains/value"),),
    )


def _for_everyone(policy: Any) -> bool:
    """Whether a statement allows everyone without condition."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else policy
    except (ValueError, RecursionError):
        return False
    if not isinstance(document, Mapping):
        return False
    listed = document.get("Statement")
    statements = rows([listed] if isinstance(listed, Mapping) else listed)
    return any(
        one.get("Effect") == "Allow"
        and not one.get("Condition")
        and _everyone(one.get("Principal"))
        for one in statements
    )


def _everyone(principal: Any) -> bool:
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    return named == "*" or (isinstance(named, list) and "*" in named)
