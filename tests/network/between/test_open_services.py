"""Data services without a login that the whole VPC reaches; each with its twin."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.derivation.between import between_part
from graph.network.between.open_services import open_services
from graph.records import Node
from graph.store import LoadStamp, Store
from network.aws_shapes import Lab, allow, arn
from network.between.lab import JoinedLab, side
from queries.runner import run_query
from snapshot_files import ACCOUNT, Absent, Denied
from tests.engines import neo4j_server, store

__all__ = ["neo4j_server", "store"]

NAMES = {
    name: f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{rest}"
    for name, service, rest in (
        ("cache", "elasticache", "cluster:cache"),
        ("memory", "memorydb", "cluster/memory"),
        ("files", "elasticfilesystem", "file-system/fs-1"),
        ("search", "es", "domain/search"),
    )
}
EVERYONE = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*"}]}
DOMAIN = {"DomainName": "search", "VPCOptions": {"VPCId": "vpc-a", "SecurityGroupIds": ["sg-d"]}}


def world() -> JoinedLab:
    lab = JoinedLab()
    side(lab, "a", 1, [])
    lab.group("sg-d", [allow("-1", "10.1.0.0/17"), allow("-1", "10.1.128.0/17")], "vpc-a")
    own = [{"SecurityGroupId": "sg-d"}]
    cache = {"CacheClusterId": "cache", "Engine": "memcached", "SecurityGroups": own}
    lab.add("elasticache:cluster", "cache", NAMES["cache"], cache)
    memory = {"Name": "memory", "ACLName": "open-access", "SecurityGroups": own}
    lab.add("memorydb:cluster", "memory", NAMES["memory"], memory)
    files(lab, Absent)
    search(lab, DOMAIN | {"AccessPolicies": json.dumps(EVERYONE)})
    return lab


def files(lab: Lab, policy: Any) -> None:
    calls = {
        "describe_file_system_policy": policy,
        "describe_mount_target_security_groups(MountTargetId=fsmt-1)": ["sg-d"],
    }
    lab.add("efs:file-system", "files", NAMES["files"], {"FileSystemId": "fs-1"}, **calls)


def search(lab: Lab, domain: dict[str, Any]) -> None:
    lab.add("opensearch:domain", "search", NAMES["search"], {}, describe_domains=[domain])


def told(lab: Lab, folder: Path) -> dict[str, tuple[str, str]]:
    found = open_services(lab.build(folder))
    return {one.service.id: (one.port, str(one.answer.verdict)) for one in found}


def test_services_without_a_login_are_open_to_the_vpc(tmp_path: Path) -> None:
    assert told(world(), tmp_path) == {
        NAMES["cache"]: ("tcp/11211", "yes"),
        NAMES["memory"]: ("tcp/6379", "yes"),
        NAMES["files"]: ("tcp/2049", "yes"),
        NAMES["search"]: ("tcp/443", "yes"),
    }


def redis(**more: Any) -> Callable[[Lab], None]:
    return lambda lab: lab.item("cache").update(Engine="redis", **more)


def in_replica(lab: Lab) -> None:
    redis(ReplicationGroupId="rg")(lab)
    item = {"ReplicationGroupId": "rg", "UserGroupIds": ["people"]}
    lab.add("elasticache:replication-group", "rg", f"{NAMES['cache']}-rg", item)


def guarded(lab: Lab) -> None:
    search(
        lab,
        DOMAIN
        | {"AccessPolicies": json.dumps(EVERYONE), "AdvancedSecurityOptions": {"Enabled": True}},
    )


TWINS: list[tuple[str, Callable[[Lab], Any], str]] = [
    ("cache", redis(), "yes"),
    ("cache", redis(AuthTokenEnabled=True), ""),
    ("cache", redis(ReplicationGroupId="rg"), "unknown"),
    ("cache", in_replica, ""),
    ("memory", lambda lab: lab.item("memory").update(ACLName="people"), ""),
    ("files", lambda lab: files(lab, {"Policy": "{}"}), ""),
    ("files", lambda lab: files(lab, Denied), "unknown"),
    ("search", guarded, ""),
    ("search", lambda lab: search(lab, DOMAIN | {"AccessPolicies": "{}"}), ""),
    ("cache", lambda lab: lab.item("sg-d")["IpPermissions"].pop(), ""),
]


@pytest.mark.parametrize(("name", "change", "verdict"), TWINS)
def test_each_lock(tmp_path: Path, name: str, change: Callable[[Lab], Any], verdict: str) -> None:
    lab = world()
    change(lab)
    assert told(lab, tmp_path).get(NAMES[name], ("", ""))[1] == verdict


def test_the_query_lists_them_on_each_store(store: Store, tmp_path: Path) -> None:
    _, found = between_part(world().build(tmp_path))
    kept = [one for one in found if one.type == "OPEN_TO"]
    ends = {end for one in kept for end in (one.start, one.end)}
    nodes = [Node(end, ("OtherResource",), {"name": end, "resource_type": "x"}) for end in ends]
    stamp = LoadStamp("s", "organisation o-1", "test", "2026-11-22T04:40:00Z", (ACCOUNT,))
    store.load(nodes, kept, stamp)
    rows = run_query(store, "open-to-the-vpc", {})
    assert sorted(rows["id"]) == sorted(NAMES.values())
    assert set(rows["vpc"]) == {arn("vpc", "vpc-a")}
    assert set(rows["verdict"]) == {"yes"}
