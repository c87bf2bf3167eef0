"""Declarations of data stores, from recorded answers to nodes; each control with its twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aws_server import Front
from collector.collect import collect
from collector.job import GLOBAL, jobs_of
from collector.request import CollectRequest
from collector.snapshot import Item, Snapshot, Status
from collector_world import KEY as REDACTION_KEY
from collector_world import World
from graph.inventory import Inventory, inventory
from graph.records import Node
from recording_files import ACCOUNT, REGION, Recording

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
OTHER = "777766665555"
SECRET = "hunter2-Zx81-Qy72"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def error(code: str, message: str = "words") -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}}


@pytest.fixture
def raw(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


def loaded(raw: Recording) -> Snapshot:
    snapshot, result = raw.load()
    assert result.warnings == ()
    return snapshot


def only(snapshot: Snapshot, type_id: str) -> Item:
    (item,) = snapshot.items(type_id)
    return item


def by_end(snapshot: Snapshot, type_id: str) -> dict[str, Item]:
    """Items by the last part of their ids."""
    return {item.id.replace("/", ":").rpartition(":")[2]: item for item in snapshot.items(type_id)}


def status(snapshot: Snapshot, client: str, operation: str, place: str = REGION) -> Status:
    return snapshot.status(ACCOUNT, place, client, operation)


def nodes(snapshot: Snapshot) -> Inventory:
    result = inventory(snapshot)
    assert result.problems == ()
    return result


def props(snapshot: Snapshot, node_id: str) -> dict[str, Any]:
    found: Node = next(node for node in nodes(snapshot).nodes if node.id == node_id)
    return dict(found.props)


def region_props(snapshot: Snapshot) -> dict[str, Any]:
    return props(snapshot, f"region:{ACCOUNT}/{REGION}")


# OpenSearch


def test_domains_are_described_together_and_each_gets_its_own(raw: Recording) -> None:
    raw.put(
        "opensearch.list_domain_names",
        {"DomainNames": [{"DomainName": "open"}, {"DomainName": "inside"}]},
    )
    raw.put(
        "opensearch.describe_domains",
        {
            "DomainStatusList": [
                {
                    "DomainName": "inside",
                    "Endpoints": {"vpc": "vpc-inside.es.example"},
                    "VPCOptions": {"VPCId": "vpc-1", "SecurityGroupIds": ["sg-1"]},
                    "AdvancedSecurityOptions": {"Enabled": True, "AnonymousAuthEnabled": False},
                },
                {"DomainName": "open", "Endpoint": "open.es.example", "AccessPolicies": "{}"},
            ]
        },
    )
    for name in ("open", "inside"):
        raw.follow("opensearch.list_vpc_endpoint_access", name, {"AuthorizedPrincipalList": []})
    snapshot = loaded(raw)
    opened = props(snapshot, arn("es", "domain/open"))
    inside = props(snapshot, arn("es", "domain/inside"))
    assert (opened["endpoint_address"], opened["vpc_id"]) == ("open.es.example", None)
    assert (opened["has_policy"], inside["has_policy"]) == (True, False)
    assert inside["endpoint_address"] is None
    assert inside["vpc_endpoint_addresses"] == ["vpc-inside.es.example"]
    assert inside["security_group_ids"] == ["sg-1"]
    assert inside["anonymous_access"] is False


def test_a_domain_that_the_answer_leaves_out_is_not_taken_for_another(raw: Recording) -> None:
    raw.put("opensearch.list_domain_names", {"DomainNames": [{"DomainName": "gone"}]})
    raw.put(
        "opensearch.describe_domains",
        {"DomainStatusList": [{"DomainName": "open", "Endpoint": "open.es.example"}]},
    )
    domain = only(raw.load()[0], "opensearch:domain")
    assert domain.call("describe_domains").status is Status.ERROR
    assert domain.call("describe_domains").value is None


def test_a_domain_without_endpoints_in_other_accounts(raw: Recording) -> None:
    names = {"DomainNames": [{"DomainName": "old"}, {"DomainName": "new"}]}
    raw.put("opensearch.list_domain_names", names)
    raw.follow("opensearch.list_vpc_endpoint_access", "old", error("DisabledOperationException"))
    principal = {"PrincipalType": "AWS_ACCOUNT", "Principal": OTHER}
    raw.follow(
        "opensearch.list_vpc_endpoint_access", "new", {"AuthorizedPrincipalList": [principal]}
    )
    snapshot, _ = raw.load()
    found = by_end(snapshot, "opensearch:domain")
    assert found["old"].call("list_vpc_endpoint_access").status is Status.NOT_SUPPORTED
    assert found["new"].call("list_vpc_endpoint_access").status is Status.OK
    assert props(snapshot, found["new"].id)["vpc_endpoint_principals"] == [OTHER]


def _network_policy(raw: Recording, name: str, rule: dict[str, Any]) -> str:
    raw.put(
        "opensearchserverless.list_security_policies.network",
        {"securityPolicySummaries": [{"type": "network", "name": name}]},
    )
    raw.put(
        "opensearchserverless.list_security_policies.encryption",
        {"securityPolicySummaries": [{"type": "encryption", "name": name}]},
    )
    raw.follow(
        "opensearchserverless.get_security_policy",
        f"network,{name}",
        {"securityPolicyDetail": {"type": "network", "name": name, "policy": [rule]}},
    )
    raw.follow(
        "opensearchserverless.get_security_policy",
        f"encryption,{name}",
        {"securityPolicyDetail": {"type": "encryption", "name": name, "policy": {"Rules": []}}},
    )
    return f"aoss-policy:{ACCOUNT}/{REGION}"


def test_a_network_policy_that_opens_collections(raw: Recording) -> None:
    prefix = _network_policy(raw, "p", {"Rules": [], "AllowFromPublic": True})
    snapshot = loaded(raw)
    assert props(snapshot, f"{prefix}/network/p")["allow_from_public"] is True
    assert props(snapshot, f"{prefix}/encryption/p")["allow_from_public"] is None


def test_its_twin_that_opens_them_to_an_endpoint(raw: Recording) -> None:
    rule = {"Rules": [], "AllowFromPublic": False, "SourceVPCEs": ["vpce-1"]}
    prefix = _network_policy(raw, "p", rule)
    found = props(loaded(raw), f"{prefix}/network/p")
    assert (found["allow_from_public"], found["source_vpc_endpoints"]) == (False, ["vpce-1"])


# Tables and files


def test_a_table_has_the_arn_of_its_name(raw: Recording) -> None:
    raw.put("dynamodb.list_tables", {"TableNames": ["orders", "carts"]})
    described = {"TableStatus": "ACTIVE", "SSEDescription": {"KMSMasterKeyArn": KEY}}
    raw.follow("dynamodb.describe_table", "orders", {"Table": described})
    raw.follow("dynamodb.describe_table", "carts", {"Table": {"TableStatus": "ACTIVE"}})
    snapshot, _ = raw.load()
    assert props(snapshot, arn("dynamodb", "table/orders"))["kms_key_id"] == KEY
    assert props(snapshot, arn("dynamodb", "table/carts"))["kms_key_id"] is None


def _file_system(raw: Recording, policy: dict[str, Any]) -> Snapshot:
    raw.put(
        "efs.describe_file_systems",
        {
            "FileSystems": [
                {
                    "FileSystemId": "fs-1",
                    "FileSystemArn": arn("elasticfilesystem", "file-system/fs-1"),
                    "OwnerId": ACCOUNT,
                }
            ]
        },
    )
    targets = [{"MountTargetId": f"fsmt-{n}", "SubnetId": f"subnet-{n}"} for n in (1, 2)]
    raw.follow("efs.describe_mount_targets", "fs-1", {"MountTargets": targets})
    for number in (1, 2):
        raw.follow(
            "efs.describe_mount_target_security_groups",
            f"fsmt-{number}",
            {"SecurityGroups": [f"sg-{number}"]},
        )
    raw.follow("efs.describe_file_system_policy", "fs-1", policy)
    raw.follow("efs.describe_backup_policy", "fs-1", {"BackupPolicy": {"Status": "DISABLED"}})
    return loaded(raw)


def test_a_file_system_has_the_groups_of_all_its_mount_targets(raw: Recording) -> None:
    snapshot = _file_system(raw, {"FileSystemId": "fs-1", "Policy": "{}"})
    found = props(snapshot, arn("elasticfilesystem", "file-system/fs-1"))
    assert found["security_group_ids"] == ["sg-1", "sg-2"]
    assert found["subnet_ids"] == ["subnet-1", "subnet-2"]
    assert found["has_policy"] is True


@pytest.mark.parametrize(
    ("code", "has_policy"), [("PolicyNotFound", False), ("AccessDeniedException", None)]
)
def test_no_policy_is_a_fact_and_a_refusal_is_none(
    raw: Recording, code: str, has_policy: bool | None
) -> None:
    snapshot = _file_system(raw, error(code))
    found = props(snapshot, arn("elasticfilesystem", "file-system/fs-1"))
    assert found["has_policy"] is has_policy


def test_a_replication_is_a_setting_of_its_source(raw: Recording) -> None:
    raw.put(
        "efs.describe_replication_configurations",
        {
            "Replications": [
                {
                    "SourceFileSystemArn": arn("elasticfilesystem", "file-system/fs-1"),
                    "Destinations": [{"Region": "us-east-1", "OwnerId": OTHER}],
                }
            ]
        },
    )
    snapshot = _file_system(raw, error("PolicyNotFound"))
    found = props(snapshot, arn("elasticfilesystem", "file-system/fs-1"))
    assert found["replica_owners"] == [OTHER]


# Backups


def _vault(raw: Recording) -> None:
    raw.put(
        "backup.list_backup_vaults",
        {
            "BackupVaultList": [
                {"BackupVaultName": "main", "BackupVaultArn": arn("backup", "backup-vault:main")}
            ]
        },
    )


def test_recovery_points_are_nodes_where_no_other_service_lists_them(raw: Recording) -> None:
    _vault(raw)
    points = [
        {"RecoveryPointArn": arn("backup", "recovery-point:1"), "ResourceType": "EFS"},
        {"RecoveryPointArn": f"arn:aws:ec2:{REGION}::snapshot/snap-1", "ResourceType": "EBS"},
        {"RecoveryPointArn": arn("rds", "snapshot:awsbackup:job-1"), "ResourceType": "RDS"},
    ]
    raw.follow("backup.list_recovery_points_by_backup_vault", "main", {"RecoveryPoints": points})
    snapshot, _ = raw.load()
    assert len(list(snapshot.items("backup:recovery-point"))) == 3
    found = {node.id for node in nodes(snapshot).nodes if "RecoveryPoint" in node.labels}
    assert found == {points[0]["RecoveryPointArn"], points[2]["RecoveryPointArn"]}


def test_recovery_points_are_asked_for_where_there_is_a_vault(raw: Recording) -> None:
    raw.put("backup.list_backup_vaults", {"BackupVaultList": []})
    snapshot = loaded(raw)
    assert [r.operation for r in snapshot.gaps("backup:recovery-point")] == []


def test_a_plan_with_its_rules_and_selections(raw: Recording) -> None:
    plan = arn("backup", "backup-plan:p-1")
    raw.put(
        "backup.list_backup_plans",
        {"BackupPlansList": [{"BackupPlanId": "p-1", "BackupPlanArn": plan}]},
    )
    safe = f"arn:aws:backup:us-east-1:{OTHER}:backup-vault:safe"
    rule = {
        "RuleName": "daily",
        "TargetBackupVaultName": "main",
        "CopyActions": [{"DestinationBackupVaultArn": safe}],
        "RecoveryPointTags": {"note": SECRET},
    }
    raw.follow("backup.get_backup_plan", "p-1", {"BackupPlan": {"Rules": [rule]}})
    raw.follow(
        "backup.list_backup_selections",
        "p-1",
        {"BackupSelectionsList": [{"SelectionId": "s-1", "IamRoleArn": ROLE}]},
    )
    raw.follow(
        "backup.get_backup_selection",
        "p-1,s-1",
        {"BackupSelection": {"Resources": ["arn:aws:s3:::*"]}},
    )
    snapshot = loaded(raw)
    held = only(snapshot, "backup:plan").call("get_backup_plan").value["BackupPlan"]["Rules"][0]
    assert held["RuleName"] == "daily"
    assert held["RecoveryPointTags"]["note"]["redacted"]["length"] == len(SECRET)
    found = props(snapshot, plan)
    assert (found["copy_vault_arns"], found["role_arns"]) == ([safe], [ROLE])
    assert found["selected_resources"] == ["arn:aws:s3:::*"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidRequestException", Status.NOT_ENABLED),
        ("AccessDeniedException", Status.DENIED),
    ],
)
def test_settings_across_accounts_are_of_an_organisation(
    raw: Recording, code: str, expected: Status
) -> None:
    raw.put("backup.describe_global_settings", error(code), GLOBAL)
    raw.put("backup.describe_region_settings", {"ResourceTypeOptInPreference": {}})
    snapshot, _ = raw.load()
    assert status(snapshot, "backup", "describe_global_settings", GLOBAL) is expected


def test_what_backup_may_back_up_is_a_fact_of_the_region(raw: Recording) -> None:
    raw.put("ec2.describe_regions", {"Regions": [{"RegionName": REGION}]}, GLOBAL)
    raw.put(
        "backup.describe_region_settings",
        {"ResourceTypeOptInPreference": {"EFS": True, "S3": False}},
    )
    raw.put(
        "backup.list_protected_resources",
        {
            "Results": [
                {"ResourceArn": arn("dynamodb", f"table/{n}"), "ResourceType": "DynamoDB"}
                for n in (1, 2)
            ]
        },
    )
    found = region_props(loaded(raw))
    assert found["backup_opted_in_types"] == ["EFS"]
    assert found["backed_up_types"] == ["DynamoDB"]


# Warehouses


def test_only_manual_snapshots_are_kept(raw: Recording) -> None:
    shots = [
        {
            "SnapshotIdentifier": name,
            "ClusterIdentifier": "dwh",
            "SnapshotType": kind,
            "OwnerAccount": ACCOUNT,
            "AccountsWithRestoreAccess": [{"AccountId": OTHER}],
        }
        for name, kind in (("friday", "manual"), ("rs:nightly", "automated"))
    ]
    raw.put("redshift.describe_cluster_snapshots", {"Snapshots": shots})
    snapshot = loaded(raw)
    kept = only(snapshot, "redshift:snapshot")
    assert kept.id == arn("redshift", "snapshot:dwh/friday")
    assert props(snapshot, kept.id)["restore_accounts"] == [OTHER]


@pytest.mark.parametrize(("state", "shared"), [("ACTIVE", True), ("DEAUTHORIZED", False)])
def test_a_share_is_one_once_it_is_granted(raw: Recording, state: str, shared: bool) -> None:
    share = arn("redshift", "datashare:1111/sales")
    raw.put(
        "redshift.describe_data_shares",
        {
            "DataShares": [
                {
                    "DataShareArn": share,
                    "DataShareAssociations": [{"ConsumerIdentifier": OTHER, "Status": state}],
                }
            ]
        },
    )
    assert props(loaded(raw), share)["is_shared"] is shared


def test_a_cluster_and_who_may_make_endpoints_to_it(raw: Recording) -> None:
    namespace = arn("redshift", "namespace:1")
    clusters = [
        {"ClusterIdentifier": "dwh", "ClusterNamespaceArn": namespace},
        {
            "ClusterIdentifier": "old",
            "PendingModifiedValues": {"MasterUserPassword": SECRET, "NodeType": "ra3.large"},
        },
    ]
    raw.put("redshift.describe_clusters", {"Clusters": clusters})
    for name, grantees in (("dwh", [OTHER]), ("old", [])):
        raw.follow("redshift.describe_logging_status", name, {"LoggingEnabled": True})
        raw.follow(
            "redshift.describe_endpoint_authorization",
            name,
            {"EndpointAuthorizationList": [{"Grantee": grantee} for grantee in grantees]},
        )
    raw.follow("redshift.get_resource_policy", namespace, {"ResourcePolicy": {"Policy": "{}"}})
    snapshot = loaded(raw)
    new, old = (props(snapshot, arn("redshift", f"cluster:{name}")) for name in ("dwh", "old"))
    assert (new["endpoint_grantees"], old["endpoint_grantees"]) == ([OTHER], [])
    assert (new["has_policy"], old["has_policy"]) == (True, None)
    pending = by_end(snapshot, "redshift:cluster")["old"].item["PendingModifiedValues"]
    assert pending["NodeType"] == "ra3.large"
    assert pending["MasterUserPassword"]["redacted"]["length"] == len(SECRET)


# Caches


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ServiceLinkedRoleNotFoundFault", Status.NOT_ENABLED),
        ("AccessDenied", Status.DENIED),
    ],
)
def test_an_account_without_caches_has_no_users_of_them(
    raw: Recording, code: str, expected: Status
) -> None:
    raw.put("elasticache.describe_users", error(code))
    raw.put("memorydb.describe_clusters", error(code))
    snapshot, _ = raw.load()
    assert status(snapshot, "elasticache", "describe_users") is expected
    assert status(snapshot, "memorydb", "describe_clusters") is expected


@pytest.mark.parametrize(("kind", "expected"), [("no-password", True), ("password", False)])
def test_a_user_of_a_cache_without_a_password(raw: Recording, kind: str, expected: bool) -> None:
    user = arn("elasticache", "user:default")
    raw.put(
        "elasticache.describe_users",
        {
            "Users": [
                {
                    "ARN": user,
                    "UserId": "default",
                    "AccessString": "on ~* +@all",
                    "Authentication": {"Type": kind},
                }
            ]
        },
    )
    found = props(loaded(raw), user)
    assert found["no_password_required"] is expected
    assert found["access_string"] == "on ~* +@all"


# Transfer


def test_users_are_listed_for_each_server_and_know_it(raw: Recording) -> None:
    servers = [{"ServerId": f"s-{n}", "Arn": arn("transfer", f"server/s-{n}")} for n in (1, 2)]
    raw.put("transfer.list_servers", {"Servers": servers})
    for number in (1, 2):
        server, user = f"s-{number}", f"u-{number}"
        raw.follow("transfer.describe_server", server, {"Server": {"Protocols": ["SFTP"]}})
        item = {"UserName": user, "Arn": arn("transfer", f"user/{server}/{user}"), "Role": ROLE}
        raw.follow("transfer.list_users", server, {"ServerId": server, "Users": [item]})
        policy = {"Policy": "{}"} if number == 1 else {}
        raw.follow("transfer.describe_user", f"{server},{user}", {"User": policy})
    snapshot = loaded(raw)
    first, second = (props(snapshot, arn("transfer", f"user/s-{n}/u-{n}")) for n in (1, 2))
    assert (first["server_id"], second["server_id"]) == ("s-1", "s-2")
    assert (first["has_policy"], second["has_policy"]) == (True, False)
    assert first["role_arn"] == ROLE


# Lightsail


def test_environments_of_containers_are_hidden_and_their_images_are_not(raw: Recording) -> None:
    container = {
        "image": "nginx:latest",
        "command": ["serve", "--port", "80"],
        "environment": {"DB_PASSWORD": SECRET},
        "ports": {"80": "HTTP"},
    }
    raw.put(
        "lightsail.get_container_services",
        {
            "containerServices": [
                {
                    "arn": arn("lightsail", "ContainerService/c"),
                    "containerServiceName": "api",
                    "publicDomainNames": {"cert": ["api.example.com"]},
                    "currentDeployment": {"containers": {"web": container}},
                }
            ]
        },
    )
    snapshot = loaded(raw)
    item = only(snapshot, "lightsail:container-service").item
    held = item["currentDeployment"]["containers"]["web"]
    assert (held["image"], held["ports"]) == ("nginx:latest", {"80": "HTTP"})
    assert held["command"] == ["serve", "--port", "80"]
    assert SECRET not in str(item)
    assert held["environment"]["DB_PASSWORD"]["redacted"]["length"] == len(SECRET)
    found = props(snapshot, arn("lightsail", "ContainerService/c"))
    assert found["custom_domains"] == ["api.example.com"]


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        ({"cidrs": ["0.0.0.0/0"]}, ["tcp/22-22"]),
        ({"ipv6Cidrs": ["::/0"]}, ["tcp/22-22"]),
        ({"cidrs": ["198.51.100.7/32"]}, []),
        ({"cidrs": ["0.0.0.0/0"], "accessDirection": "outbound"}, []),
    ],
)
def test_what_a_lightsail_firewall_opens(
    raw: Recording, opened: dict[str, Any], expected: list[str]
) -> None:
    port = {"fromPort": 22, "toPort": 22, "protocol": "tcp"} | opened
    instance = arn("lightsail", "Instance/i")
    raw.put(
        "lightsail.get_instances",
        {"instances": [{"arn": instance, "name": "i", "networking": {"ports": [port]}}]},
    )
    assert props(loaded(raw), instance)["ports_open_to_everyone"] == expected


@pytest.mark.parametrize(
    ("type_id", "partition", "asked"),
    [
        ("lightsail:distribution", "aws", "us-east-1"),
        ("lightsail:domain", "aws", "us-east-1"),
        ("s3:mrap", "aws", "us-west-2"),
        ("s3:mrap", "aws-cn", "home"),
    ],
)
def test_what_one_region_answers_for_all(type_id: str, partition: str, asked: str) -> None:
    (job,) = jobs_of(ACCOUNT, partition, "home", ["home", "else"], [type_id], True)
    assert (job.place, job.region) == (GLOBAL, asked)


# S3


@pytest.mark.parametrize("is_public", [True, False])
def test_a_multi_region_access_point(raw: Recording, is_public: bool) -> None:
    raw.put(
        "s3control.list_multi_region_access_points",
        {"AccessPoints": [{"Name": "all", "Alias": "all.mrap", "Regions": [{"Bucket": "b"}]}]},
        GLOBAL,
    )
    for kind, answer in (
        ("policy", {"Policy": {"Established": {"Policy": "{}"}}}),
        ("policy_status", {"Established": {"IsPublic": is_public}}),
    ):
        raw.follow(f"s3control.get_multi_region_access_point_{kind}", "all", answer, GLOBAL)
    found = props(loaded(raw), f"arn:aws:s3::{ACCOUNT}:accesspoint/all.mrap")
    assert (found["policy_is_public"], found["buckets"]) == (is_public, ["b"])


def _grants(raw: Recording, *instances: str) -> Snapshot:
    raw.put(
        "s3control.list_access_grants_instances",
        {"AccessGrantsInstancesList": [{"AccessGrantsInstanceArn": each} for each in instances]},
    )
    raw.put(
        "s3control.list_access_grants",
        {
            "AccessGrantsList": [
                {
                    "AccessGrantArn": arn("s3", "access-grants/default/grant/g"),
                    "Grantee": {"GranteeType": "IAM", "GranteeIdentifier": ROLE},
                    "Permission": "READWRITE",
                }
            ]
        },
    )
    return raw.load()[0]


def test_grants_are_asked_for_where_there_is_an_instance(raw: Recording) -> None:
    snapshot = _grants(raw, arn("s3", "access-grants/default"))
    found = props(snapshot, arn("s3", "access-grants/default/grant/g"))
    assert (found["grantee"], found["permission"]) == (ROLE, "READWRITE")


def test_and_not_where_there_is_none(raw: Recording) -> None:
    snapshot = _grants(raw)
    assert list(snapshot.items("s3:access-grant")) == []
    assert snapshot.gaps("s3:access-grant") == []


def test_where_a_bucket_copies_its_objects(raw: Recording) -> None:
    raw.put("s3.list_buckets", {"Buckets": [{"Name": "a"}, {"Name": "b"}]}, GLOBAL)
    copied = {"Role": ROLE, "Rules": [{"Destination": {"Bucket": "arn:aws:s3:::copy"}}]}
    raw.follow("s3.get_bucket_replication", "a", {"ReplicationConfiguration": copied}, GLOBAL)
    raw.follow(
        "s3.get_bucket_replication",
        "b",
        error("ReplicationConfigurationNotFoundError"),
        GLOBAL,
    )
    raw.follow(
        "s3.get_object_lock_configuration",
        "b",
        error("ObjectLockConfigurationNotFoundError"),
        GLOBAL,
    )
    snapshot, _ = raw.load()
    first, second = (props(snapshot, f"arn:aws:s3:::{name}") for name in "ab")
    assert first["replicates_to"] == ["arn:aws:s3:::copy"]
    assert (second["replicates_to"], second["object_lock"]) == ([], None)
    lock = by_end(snapshot, "s3:bucket")["b"].call("get_object_lock_configuration")
    assert lock.status is Status.ABSENT


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("NoLongerSupportedException", Status.NOT_ENABLED),
        ("AccessDeniedException", Status.DENIED),
    ],
)
def test_an_account_that_never_had_vaults(raw: Recording, code: str, expected: Status) -> None:
    raw.put("glacier.list_vaults", error(code))
    assert status(raw.load()[0], "glacier", "list_vaults") is expected


# Databases


def test_keyspaces_of_aws_are_left_out(raw: Recording) -> None:
    spaces = [
        {"keyspaceName": name, "resourceArn": arn("cassandra", f"/keyspace/{name}/")}
        for name in ("system", "system_schema", "shop")
    ]
    raw.put("keyspaces.list_keyspaces", {"keyspaces": spaces})
    table = {"tableName": "carts", "resourceArn": arn("cassandra", "/keyspace/shop/table/carts")}
    raw.follow("keyspaces.list_tables", "shop", {"tables": [table]})
    snapshot = loaded(raw)
    assert only(snapshot, "keyspaces:keyspace").item["keyspaceName"] == "shop"
    assert only(snapshot, "keyspaces:table").id == table["resourceArn"]


def test_only_custom_endpoints_of_clusters_are_kept(raw: Recording) -> None:
    custom = arn("rds", "cluster-endpoint:reports")
    raw.put(
        "rds.describe_db_cluster_endpoints",
        {
            "DBClusterEndpoints": [
                {"DBClusterIdentifier": "c", "EndpointType": "READER", "Endpoint": "ro.example"},
                {
                    "DBClusterEndpointArn": custom,
                    "DBClusterEndpointIdentifier": "reports",
                    "EndpointType": "CUSTOM",
                    "Endpoint": "reports.example",
                },
            ]
        },
    )
    snapshot = loaded(raw)
    assert only(snapshot, "rds:db-cluster-endpoint").id == custom
    assert props(snapshot, custom)["endpoint_address"] == "reports.example"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ([{"ParameterName": "rds.force_ssl", "ParameterValue": "1"}], "1"),
        ([{"ParameterName": "rds.force_ssl", "ParameterValue": "0"}], "0"),
        ([{"ParameterName": "log_statement", "ParameterValue": "all"}], None),
    ],
)
def test_whether_clients_have_to_speak_tls(
    raw: Recording, parameters: list[dict[str, str]], expected: str | None
) -> None:
    group = arn("rds", "pg:strict")
    raw.put(
        "rds.describe_db_parameter_groups",
        {"DBParameterGroups": [{"DBParameterGroupName": "strict", "DBParameterGroupArn": group}]},
    )
    raw.follow("rds.describe_db_parameters", "strict", {"Parameters": parameters})
    assert props(loaded(raw), group)["force_ssl"] == expected


def test_who_reaches_an_influx_database_is_said_by_the_second_call(raw: Recording) -> None:
    items = [
        {"id": name, "name": name, "arn": arn("timestream-influxdb", f"db-instance/{name}")}
        for name in ("open", "shut")
    ]
    raw.put("timestream-influxdb.list_db_instances", {"items": items})
    for name in ("open", "shut"):
        raw.follow(
            "timestream-influxdb.get_db_instance",
            name,
            {"id": name, "publiclyAccessible": name == "open", "vpcSecurityGroupIds": ["sg-1"]},
        )
    snapshot = loaded(raw)
    found = [props(snapshot, item["arn"])["publicly_accessible"] for item in items]
    assert found == [True, False]


def test_passwords_of_migrations_are_hidden_and_hosts_are_not(raw: Recording) -> None:
    endpoint = arn("dms", "endpoint:E")
    raw.put(
        "dms.describe_endpoints",
        {
            "Endpoints": [
                {
                    "EndpointArn": endpoint,
                    "EndpointIdentifier": "from",
                    "ServerName": "db.example.com",
                    "ExtraConnectionAttributes": "parallelLoadThreads=1",
                    "OracleSettings": {"Password": SECRET, "AsmPassword": SECRET, "Port": 1521},
                }
            ]
        },
    )
    snapshot = loaded(raw)
    item = only(snapshot, "dms:endpoint").item
    assert SECRET not in str(item)
    assert item["OracleSettings"]["Port"] == 1521
    assert item["ExtraConnectionAttributes"] == "parallelLoadThreads=1"
    assert props(snapshot, endpoint)["endpoint_address"] == "db.example.com"


# Keys, rules


def test_keys_outside_of_kms_say_how_they_are_reached(raw: Recording) -> None:
    stores = [
        {
            "CustomKeyStoreId": f"cks-{connectivity}",
            "CustomKeyStoreName": connectivity,
            "XksProxyConfiguration": {"Connectivity": connectivity, "AccessKeyId": SECRET},
        }
        for connectivity in ("PUBLIC_ENDPOINT", "VPC_ENDPOINT_SERVICE")
    ]
    raw.put("kms.describe_custom_key_stores", {"CustomKeyStores": stores})
    raw.put(
        "cloudhsmv2.describe_clusters",
        {"Clusters": [{"ClusterId": "cluster-1", "PreCoPassword": SECRET, "State": "ACTIVE"}]},
    )
    snapshot = loaded(raw)
    found = [props(snapshot, store["CustomKeyStoreId"])["proxy_connectivity"] for store in stores]
    assert found == ["PUBLIC_ENDPOINT", "VPC_ENDPOINT_SERVICE"]
    assert only(snapshot, "cloudhsm:cluster").item["State"] == "ACTIVE"
    for type_id in ("kms:custom-key-store", "cloudhsm:cluster"):
        assert not [item for item in snapshot.items(type_id) if SECRET in str(item.item)]


def test_a_rule_of_the_recycle_bin_says_what_it_keeps(raw: Recording) -> None:
    for kind, rules in (("EBS_SNAPSHOT", ["a"]), ("EC2_IMAGE", ["b"]), ("EBS_VOLUME", [])):
        raw.put(
            f"rbin.list_rules.{kind}",
            {"Rules": [{"Identifier": n, "RuleArn": arn("rbin", f"rule/{n}")} for n in rules]},
        )
        for name in rules:
            raw.follow("rbin.get_rule", name, {"Identifier": name, "ResourceType": kind})
    snapshot = loaded(raw)
    kept = {name: props(snapshot, arn("rbin", f"rule/{name}"))["kept_type"] for name in "ab"}
    assert kept == {"a": "EBS_SNAPSHOT", "b": "EC2_IMAGE"}


def test_where_snapshots_of_a_lifecycle_policy_go(raw: Recording) -> None:
    raw.put(
        "dlm.get_lifecycle_policies",
        {"Policies": [{"PolicyId": "p-1"}, {"PolicyId": "p-2"}]},
    )
    rules = [{"TargetAccounts": [OTHER]}]
    for policy, schedules in (("p-1", [{"ShareRules": rules}]), ("p-2", [{"Name": "own"}])):
        details = {"PolicyDetails": {"Schedules": schedules}}
        raw.follow("dlm.get_lifecycle_policy", policy, {"Policy": details})
    snapshot = loaded(raw)
    found = [
        props(snapshot, arn("dlm", f"policy/{name}"))["shared_with_accounts"]
        for name in ("p-1", "p-2")
    ]
    assert found == [[OTHER], []]


def test_the_region_knows_whether_lightsail_is_peered(raw: Recording) -> None:
    raw.put("ec2.describe_regions", {"Regions": [{"RegionName": REGION}]}, GLOBAL)
    raw.put("lightsail.is_vpc_peered", {"isPeered": True})
    assert region_props(loaded(raw))["lightsail_vpc_peered"] is True


def test_its_twin_that_was_not_allowed_to_ask(raw: Recording) -> None:
    raw.put("ec2.describe_regions", {"Regions": [{"RegionName": REGION}]}, GLOBAL)
    raw.put("lightsail.is_vpc_peered", error("AccessDeniedException"))
    assert region_props(loaded(raw))["lightsail_vpc_peered"] is None


# Live, against moto


def test_six_domains_are_described_with_two_calls(
    front: Front, world: World, tmp_path: Path
) -> None:
    names = [f"domain-{number}" for number in range(6)]
    search = world.client("opensearch", REGION, world.management)
    for name in names:
        search.create_domain(DomainName=name)
    tables = world.client("dynamodb", REGION, world.management)
    for name in ("orders", "carts"):
        tables.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    result = collect(
        CollectRequest(
            regions=(REGION,),
            services=("opensearch:domain", "dynamodb:table"),
            snapshots=tmp_path,
            redaction_key=REDACTION_KEY,
            workers=4,
        )
    )
    snapshot = Snapshot.open(result.path)
    found = {
        item.item["DomainName"]: item.call("describe_domains").value["DomainName"]
        for item in snapshot.items("opensearch:domain")
    }
    assert found == {name: name for name in names}
    asked = [r for r in front.asked if r.path.endswith("/opensearch/domain-info")]
    assert len(asked) == 2
    described = {
        item.id: item.call("describe_table").value["Table"]["TableArn"]
        for item in snapshot.items("dynamodb:table")
    }
    assert described.keys() == set(described.values())
    assert len(described) == 2
