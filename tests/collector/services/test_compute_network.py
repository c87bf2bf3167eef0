"""Compute, containers and networks: what is asked, what is left out, what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aws_server import Front
from collector.collect import collect
from collector.request import CollectRequest
from collector.snapshot import Item, Snapshot, Status
from collector_world import KEY, World
from graph.inventory import inventory
from graph.records import Node
from recording_files import ACCOUNT, REGION, Recording

OTHER = "444455556666"
SECRET = "hunter2-Tango-9917-vX"
CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/web"
SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/web/front"
TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/web/0123"
LB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/a/1"


@pytest.fixture
def raw(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


def only(snapshot: Snapshot, type_id: str) -> Item:
    (item,) = snapshot.items(type_id)
    return item


def arns(snapshot: Snapshot, type_id: str) -> list[str]:
    return [item.id for item in snapshot.items(type_id)]


def node(snapshot: Snapshot, label: str) -> Node:
    found = inventory(snapshot)
    assert found.problems == ()
    (wanted,) = (n for n in found.nodes if label in n.labels and n.props.get("collected"))
    return wanted


def written(raw: Recording) -> str:
    return "".join(path.read_text() for path in sorted(raw.into.rglob("*.jsonl")))


# ECS: lists of ARNs per cluster, described many at a time


def put_cluster(raw: Recording) -> None:
    raw.put("ecs.list_clusters", {"clusterArns": [CLUSTER]})
    cluster = {"clusterArn": CLUSTER, "clusterName": "web", "status": "ACTIVE"}
    raw.follow("ecs.describe_clusters", CLUSTER, {"clusters": [cluster]})


def put_service(raw: Recording, answer: dict[str, Any]) -> None:
    raw.follow("ecs.list_services", CLUSTER, {"serviceArns": [SERVICE]})
    raw.follow("ecs.describe_services", SERVICE, answer)


def test_a_service_is_listed_in_its_cluster_and_described(raw: Recording) -> None:
    put_cluster(raw)
    network = {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"}
    answer = {"serviceArn": SERVICE, "networkConfiguration": {"awsvpcConfiguration": network}}
    put_service(raw, {"services": [answer | {"enableExecuteCommand": True}], "failures": []})
    snapshot, _ = raw.load()
    assert only(snapshot, "ecs:service").item == {"serviceArn": SERVICE, "clusterArn": CLUSTER}
    found = node(snapshot, "ECSService")
    assert found.props["assign_public_ip"] == "ENABLED"
    assert found.props["enable_execute_command"] is True
    assert found.props["cluster_arn"] == CLUSTER
    assert node(snapshot, "ECSCluster").props["status"] == "ACTIVE"


def test_twin_a_service_that_is_listed_and_not_described_is_a_gap(raw: Recording) -> None:
    put_cluster(raw)
    failure = {"arn": SERVICE, "reason": "MISSING"}
    put_service(raw, {"services": [], "failures": [failure]})
    snapshot, _ = raw.load()
    assert only(snapshot, "ecs:service").call("describe_services").status is Status.ERROR
    assert node(snapshot, "ECSService").props["assign_public_ip"] is None


def test_environment_that_overrides_a_task_is_redacted(raw: Recording) -> None:
    put_cluster(raw)
    raw.follow("ecs.list_tasks", CLUSTER, {"taskArns": [TASK]})
    override = {
        "name": "app",
        "command": ["run", f"--password={SECRET}"],
        "environment": [{"name": "DB_PASSWORD", "value": SECRET}],
    }
    details = [{"name": "networkInterfaceId", "value": "eni-1"}]
    task = {
        "taskArn": TASK,
        "overrides": {"containerOverrides": [override], "taskRoleArn": "arn:aws:iam::1:role/x"},
        "attachments": [{"type": "ElasticNetworkInterface", "details": details}],
    }
    raw.follow("ecs.describe_tasks", TASK, {"tasks": [task]})
    snapshot, _ = raw.load()
    kept = only(snapshot, "ecs:task").call("describe_tasks").value["overrides"]
    assert kept["containerOverrides"][0]["environment"][0]["name"] == "DB_PASSWORD"
    assert kept["containerOverrides"][0]["command"][0] == "run"
    assert SECRET not in written(raw)
    found = node(snapshot, "ECSTask")
    assert found.props["network_interface_ids"] == ["eni-1"]
    assert found.props["task_role_arn"] == "arn:aws:iam::1:role/x"


def test_ten_services_are_described_with_one_call(
    front: Front, world: World, tmp_path: Path
) -> None:
    ecs = world.client("ecs", "eu-west-1", world.management)
    ecs.register_task_definition(
        family="app", containerDefinitions=[{"name": "app", "image": "web:1", "memory": 64}]
    )
    made = ecs.create_cluster(clusterName="batched")["cluster"]["clusterArn"]
    for number in range(11):
        ecs.create_service(cluster=made, serviceName=f"s{number}", taskDefinition="app")
    result = collect(
        CollectRequest(
            regions=("eu-west-1",),
            services=("ecs",),
            snapshots=tmp_path,
            redaction_key=KEY,
            workers=4,
        )
    )
    snapshot = Snapshot.open(result.path)
    services = list(snapshot.items("ecs:service"))
    assert len(services) == 11
    assert {s.call("describe_services").value["serviceArn"] for s in services} == {
        s.id for s in services
    }
    asked = [r.operation for r in front.asked if r.operation.endswith("DescribeServices")]
    assert len(asked) == 2


# EKS: names that are described one by one


@pytest.fixture
def eks(raw: Recording) -> Recording:
    raw.put("eks.list_clusters", {"clusters": ["main"]})
    raw.follow("eks.list_nodegroups", "main", {"nodegroups": ["blue"]})
    raw.follow("eks.list_fargate_profiles", "main", {"fargateProfileNames": ["jobs"]})
    profile = {"podExecutionRoleArn": "arn:aws:iam::1:role/pods"}
    raw.follow("eks.describe_fargate_profile", "main,jobs", {"fargateProfile": profile})
    return raw


@pytest.mark.parametrize(
    ("remote", "keys", "groups"),
    [
        ({"ec2SshKey": "ops", "sourceSecurityGroups": ["sg-1"]}, ["ops"], ["sg-1"]),
        ({"ec2SshKey": "ops"}, ["ops"], []),
        (None, [], []),
    ],
    ids=["from a group", "from everywhere", "not at all"],
)
def test_how_nodes_of_a_cluster_let_ssh_in(
    eks: Recording, remote: dict[str, Any] | None, keys: list[str], groups: list[str]
) -> None:
    group = {
        "nodeRole": "arn:aws:iam::1:role/nodes",
        **({"remoteAccess": remote} if remote else {}),
    }
    eks.follow("eks.describe_nodegroup", "main,blue", {"nodegroup": group})
    snapshot, _ = eks.load()
    found = node(snapshot, "EKSCluster").props
    assert (found["node_ssh_keys"], found["node_ssh_source_security_groups"]) == (keys, groups)
    assert found["node_role_arns"] == ["arn:aws:iam::1:role/nodes"]
    assert found["pod_execution_role_arns"] == ["arn:aws:iam::1:role/pods"]


def test_twin_a_nodegroup_that_was_not_read_says_nothing(eks: Recording) -> None:
    denied = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
    eks.follow("eks.describe_nodegroup", "main,blue", denied)
    snapshot, _ = eks.load()
    assert node(snapshot, "EKSCluster").props["node_role_arns"] is None


# Load balancers


@pytest.mark.parametrize(("protocol", "asked"), [("HTTPS", True), ("TLS", True), ("HTTP", False)])
def test_further_certificates_are_those_of_listeners_with_tls(
    raw: Recording, protocol: str, asked: bool
) -> None:
    listener = LB.replace("loadbalancer", "listener") + "/2"
    balancer = {"LoadBalancerArn": LB, "LoadBalancerName": "a"}
    raw.put("elbv2.describe_load_balancers", {"LoadBalancers": [balancer]})
    answer = {"Listeners": [{"ListenerArn": listener, "Protocol": protocol, "Port": 443}]}
    raw.follow("elbv2.describe_listeners", LB, answer)
    shown = {"Certificates": [{"CertificateArn": "arn:aws:acm:x:1:certificate/sni"}]}
    raw.follow("elbv2.describe_listener_certificates", listener, shown)
    tags = {"TagDescriptions": [{"ResourceArn": LB, "Tags": [{"Key": "team", "Value": "web"}]}]}
    raw.follow("elbv2.describe_tags", LB, tags)
    snapshot, _ = raw.load()
    found = node(snapshot, "LoadBalancer")
    expected = ["arn:aws:acm:x:1:certificate/sni"] if asked else []
    assert found.props["certificate_arns"] == expected
    assert found.props["tags"] == ["team=web"]


def test_a_classic_load_balancer_shows_its_tls_policies(raw: Recording) -> None:
    raw.put(
        "elb.describe_load_balancers", {"LoadBalancerDescriptions": [{"LoadBalancerName": "c"}]}
    )
    policies = [
        {"PolicyName": "ELBSecurityPolicy-2016-08", "PolicyTypeName": "SSLNegotiationPolicyType"},
        {"PolicyName": "sticky", "PolicyTypeName": "LBCookieStickinessPolicyType"},
    ]
    raw.follow("elb.describe_load_balancer_policies", "c", {"PolicyDescriptions": policies})
    snapshot, _ = raw.load()
    found = node(snapshot, "ClassicLoadBalancer").props
    assert found["ssl_policies"] == ["ELBSecurityPolicy-2016-08"]


# EC2


def test_a_launch_template_keeps_its_structure_without_its_user_data(raw: Recording) -> None:
    raw.put("ec2.describe_launch_templates", {"LaunchTemplates": [{"LaunchTemplateId": "lt-1"}]})
    data = {
        "ImageId": "ami-1",
        "UserData": SECRET,
        "MetadataOptions": {"HttpTokens": "optional"},
        "NetworkInterfaces": [{"AssociatePublicIpAddress": True, "Groups": ["sg-1"]}],
    }
    versions = {"LaunchTemplateVersions": [{"VersionNumber": 2, "LaunchTemplateData": data}]}
    raw.follow("ec2.describe_launch_template_versions", "lt-1", versions)
    snapshot, _ = raw.load()
    assert SECRET not in written(raw)
    found = node(snapshot, "LaunchTemplate").props
    assert (found["image_ids"], found["security_group_ids"]) == (["ami-1"], ["sg-1"])
    assert found["associate_public_ip_address"] is True
    assert found["has_user_data"] is True


def test_twin_a_launch_template_without_user_data(raw: Recording) -> None:
    raw.put("ec2.describe_launch_templates", {"LaunchTemplates": [{"LaunchTemplateId": "lt-1"}]})
    versions = {"LaunchTemplateVersions": [{"LaunchTemplateData": {"ImageId": "ami-1"}}]}
    raw.follow("ec2.describe_launch_template_versions", "lt-1", versions)
    snapshot, _ = raw.load()
    assert node(snapshot, "LaunchTemplate").props["has_user_data"] is False


def test_the_keys_of_a_vpn_stay_out(raw: Recording) -> None:
    connection = {
        "VpnConnectionId": "vpn-1",
        "CustomerGatewayConfiguration": f"<vpn><pre_shared_key>{SECRET}</pre_shared_key></vpn>",
        "Options": {"TunnelOptions": [{"OutsideIpAddress": "192.0.2.1", "PreSharedKey": SECRET}]},
    }
    raw.put("ec2.describe_vpn_connections", {"VpnConnections": [connection]})
    snapshot, _ = raw.load()
    assert SECRET not in written(raw)
    assert node(snapshot, "VPNConnection").props["outside_ip_addresses"] == ["192.0.2.1"]


@pytest.mark.parametrize(("all_groups", "expected"), [(True, True), (False, False)])
def test_whom_a_client_vpn_lets_on(raw: Recording, all_groups: bool, expected: bool) -> None:
    endpoint = {"ClientVpnEndpointId": "cvpn-endpoint-1", "VpnPort": 443, "DnsName": "x"}
    raw.put("ec2.describe_client_vpn_endpoints", {"ClientVpnEndpoints": [endpoint]})
    rules = [{"DestinationCidr": "10.0.0.0/16", "AccessAll": all_groups}]
    answer = {"AuthorizationRules": rules}
    raw.follow("ec2.describe_client_vpn_authorization_rules", "cvpn-endpoint-1", answer)
    snapshot, _ = raw.load()
    found = node(snapshot, "ClientVPNEndpoint").props
    assert found["authorizes_all_groups"] is expected
    assert found["authorized_cidrs"] == ["10.0.0.0/16"]


@pytest.mark.parametrize(("owner", "kept"), [(ACCOUNT, 1), (OTHER, 0)])
def test_only_own_fpga_images_are_kept(raw: Recording, owner: str, kept: int) -> None:
    image = {"FpgaImageId": "afi-1", "OwnerId": owner}
    raw.put("ec2.describe_fpga_images", {"FpgaImages": [image]})
    snapshot, _ = raw.load()
    assert len(arns(snapshot, "ec2:fpga-image")) == kept


def test_the_attributes_of_a_vpc_stand_side_by_side(raw: Recording) -> None:
    raw.put("ec2.describe_vpcs", {"Vpcs": [{"VpcId": "vpc-1", "OwnerId": ACCOUNT}]})
    support = {"EnableDnsSupport": {"Value": True}}
    names = {"EnableDnsHostnames": {"Value": False}}
    raw.follow("ec2.describe_vpc_attribute", "vpc-1,enableDnsSupport", support)
    raw.follow("ec2.describe_vpc_attribute", "vpc-1,enableDnsHostnames", names)
    snapshot, _ = raw.load()
    found = node(snapshot, "VPC").props
    assert (found["enable_dns_support"], found["enable_dns_hostnames"]) == (True, False)


def test_what_a_region_forbids_and_presumes(raw: Recording) -> None:
    raw.put("ec2.get_ebs_encryption_by_default", {"EbsEncryptionByDefault": True})
    raw.put("ec2.get_serial_console_access_status", {"SerialConsoleAccessEnabled": False})
    level = {"AccountLevel": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}}
    raw.put("ec2.get_instance_metadata_defaults", level)
    snapshot, _ = raw.load()
    (region,) = (n for n in inventory(snapshot).nodes if n.labels[0] == "Region")
    assert region.props["ebs_encryption_by_default"] is True
    assert region.props["serial_console_access_enabled"] is False
    assert region.props["imds_default_http_tokens"] == "required"


def test_who_is_connected_to_an_endpoint_service(raw: Recording) -> None:
    service = {"ServiceId": "vpce-svc-1", "ServiceName": "svc"}
    raw.put(
        "ec2.describe_vpc_endpoint_service_configurations", {"ServiceConfigurations": [service]}
    )
    connections = [
        {"ServiceId": "vpce-svc-1", "VpcEndpointId": f"vpce-{n}", "VpcEndpointOwner": owner}
        for n, owner in ((1, OTHER), (2, ACCOUNT))
    ]
    raw.put("ec2.describe_vpc_endpoint_connections", {"VpcEndpointConnections": connections})
    snapshot, _ = raw.load()
    found = node(snapshot, "VPCEndpointService").props
    assert found["connected_endpoint_ids"] == ["vpce-1", "vpce-2"]
    assert found["connected_account_ids"] == [ACCOUNT, OTHER]


@pytest.mark.parametrize(
    ("machine", "label"), [("i-0a0a0a0a", "EC2Instance"), ("mi-0a0a0a0a", "ManagedInstance")]
)
def test_what_systems_manager_knows_of_a_machine(raw: Recording, machine: str, label: str) -> None:
    raw.put(
        "ec2.describe_instances", {"Reservations": [{"Instances": [{"InstanceId": "i-0a0a0a0a"}]}]}
    )
    known = {"InstanceId": machine, "PingStatus": "Online", "IPAddress": "10.0.0.9"}
    raw.put("ssm.describe_instance_information", {"InstanceInformationList": [known]})
    snapshot, _ = raw.load()
    found = node(snapshot, label)
    assert found.props["ssm_ping_status"] == "Online"
    assert found.props["ssm_ip_address"] == "10.0.0.9"
    nodes = {n.labels[0] for n in inventory(snapshot).nodes}
    assert ("ManagedInstance" in nodes) is machine.startswith("mi-")


def test_an_auto_scaling_group_lists_its_subnets(raw: Recording) -> None:
    group = {
        "AutoScalingGroupName": "web",
        "AutoScalingGroupARN": "arn:aws:autoscaling:x:1:autoScalingGroup:u:web",
        "VPCZoneIdentifier": "subnet-2, subnet-1,",
        "MixedInstancesPolicy": {
            "LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1"}}
        },
    }
    raw.put("autoscaling.describe_auto_scaling_groups", {"AutoScalingGroups": [group]})
    snapshot, _ = raw.load()
    found = node(snapshot, "AutoScalingGroup").props
    assert found["subnet_ids"] == ["subnet-1", "subnet-2"]
    assert found["launch_template_ids"] == ["lt-1"]


# Networks between accounts


@pytest.mark.parametrize(
    ("kind", "share", "kept", "asked"),
    [
        ("FORWARD", "SHARED_BY_ME", True, True),
        ("FORWARD", "NOT_SHARED", True, False),
        ("FORWARD", "SHARED_WITH_ME", True, False),
        ("RECURSIVE", "NOT_SHARED", False, False),
    ],
)
def test_rules_of_the_resolver(
    raw: Recording, kind: str, share: str, kept: bool, asked: bool
) -> None:
    arn = f"arn:aws:route53resolver:{REGION}:{ACCOUNT}:resolver-rule/rslvr-rr-1"
    rule = {"Id": "rslvr-rr-1", "Arn": arn, "RuleType": kind, "ShareStatus": share}
    raw.put("route53resolver.list_resolver_rules", {"ResolverRules": [rule]})
    raw.follow("route53resolver.get_resolver_rule_policy", arn, {"ResolverRulePolicy": "{}"})
    snapshot, _ = raw.load()
    assert arns(snapshot, "route53resolver:rule") == ([arn] if kept else [])
    if kept:
        call = only(snapshot, "route53resolver:rule").call("get_resolver_rule_policy")
        assert call.known is asked


def test_what_holds_in_a_vpc_stands_at_the_vpc(raw: Recording) -> None:
    raw.put("ec2.describe_vpcs", {"Vpcs": [{"VpcId": "vpc-1", "OwnerId": ACCOUNT}]})
    rules = [
        {"ResolverRuleId": rule, "VPCId": "vpc-1"}
        for rule in ("rslvr-rr-1", "rslvr-autodefined-rr-internet-resolver")
    ]
    raw.put("route53resolver.list_resolver_rule_associations", {"ResolverRuleAssociations": rules})
    logs = [{"ResolverQueryLogConfigId": "rqlc-1", "ResourceId": "vpc-1"}]
    raw.put(
        "route53resolver.list_resolver_query_log_config_associations",
        {"ResolverQueryLogConfigAssociations": logs},
    )
    snapshot, _ = raw.load()
    found = node(snapshot, "VPC").props
    assert found["resolver_rule_ids"] == ["rslvr-rr-1"]
    assert found["query_log_config_ids"] == ["rqlc-1"]


@pytest.mark.parametrize(("owner", "asked"), [(ACCOUNT, True), (OTHER, False)])
def test_the_policy_of_a_core_network_is_its_owners(
    raw: Recording, owner: str, asked: bool
) -> None:
    arn = f"arn:aws:networkmanager::{owner}:core-network/core-network-1"
    network = {"CoreNetworkId": "core-network-1", "CoreNetworkArn": arn, "OwnerAccountId": owner}
    raw.put("networkmanager.list_core_networks", {"CoreNetworks": [network]}, "global")
    answer = {"CoreNetworkPolicy": {"PolicyDocument": "{}"}}
    raw.follow("networkmanager.get_core_network_policy", "core-network-1", answer, "global")
    snapshot, _ = raw.load()
    found = only(snapshot, "networkmanager:core-network")
    assert found.region == "global"
    assert found.call("get_core_network_policy").known is asked


def test_a_direct_connect_gateway_has_no_region_and_its_lines_no_keys(raw: Recording) -> None:
    gateway = {"directConnectGatewayId": "g-1", "ownerAccount": ACCOUNT}
    raw.put("directconnect.describe_direct_connect_gateways", {"directConnectGateways": [gateway]})
    associated = {"id": "tgw-1", "ownerAccount": OTHER}
    answer = {"directConnectGatewayAssociations": [{"associatedGateway": associated}]}
    raw.follow("directconnect.describe_direct_connect_gateway_associations", "g-1", answer)
    interface = {
        "virtualInterfaceId": "dxvif-1",
        "ownerAccount": ACCOUNT,
        "authKey": SECRET,
        "customerRouterConfig": f"<key>{SECRET}</key>",
        "bgpPeers": [{"authKey": SECRET, "asn": 65000}],
    }
    raw.put("directconnect.describe_virtual_interfaces", {"virtualInterfaces": [interface]})
    snapshot, _ = raw.load()
    assert arns(snapshot, "dx:gateway") == [f"arn:aws:directconnect::{ACCOUNT}:dx-gateway/g-1"]
    assert node(snapshot, "DirectConnectGateway").props["associated_account_ids"] == [OTHER]
    assert SECRET not in written(raw)


@pytest.mark.parametrize(("managed", "kept"), [(False, 1), (True, 0)])
def test_what_aws_made_in_vpc_lattice_is_left_out(raw: Recording, managed: bool, kept: int) -> None:
    arn = f"arn:aws:vpc-lattice:{REGION}:{ACCOUNT}:resourceconfiguration/rcfg-1"
    answer = {"items": [{"id": "rcfg-1", "arn": arn, "amazonManaged": managed}]}
    raw.put("vpc-lattice.list_resource_configurations", answer)
    snapshot, _ = raw.load()
    assert len(arns(snapshot, "vpc-lattice:resource-configuration")) == kept


def test_the_rules_of_a_lattice_service_stand_by_listener(raw: Recording) -> None:
    arn = f"arn:aws:vpc-lattice:{REGION}:{ACCOUNT}:service/svc-1"
    listener = f"{arn}/listener/listener-1"
    raw.put("vpc-lattice.list_services", {"items": [{"id": "svc-1", "arn": arn, "name": "pay"}]})
    raw.follow("vpc-lattice.get_service", arn, {"arn": arn, "authType": "NONE"})
    answer = {"items": [{"arn": listener, "port": 443, "protocol": "HTTPS"}]}
    raw.follow("vpc-lattice.list_listeners", arn, answer)
    raw.follow("vpc-lattice.list_rules", f"{arn},{listener}", {"items": [{"name": "r"}]})
    absent = {"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}
    raw.follow("vpc-lattice.get_auth_policy", arn, absent)
    snapshot, _ = raw.load()
    rules = only(snapshot, "vpc-lattice:service").call(f"list_rules(listenerIdentifier={listener})")
    assert rules.value == [{"name": "r"}]
    found = node(snapshot, "LatticeService").props
    assert (found["auth_type"], found["has_auth_policy"]) == ("NONE", False)
    assert found["has_resource_policy"] is None


def test_what_other_accounts_share_is_listed(raw: Recording) -> None:
    share = f"arn:aws:ram:{REGION}:{OTHER}:resource-share/s-1"
    shares = {"resourceShares": [{"resourceShareArn": share, "owningAccountId": OTHER}]}
    raw.put("ram.get_resource_shares.OTHER-ACCOUNTS", shares)
    raw.put("ram.get_resource_shares.SELF", {"resourceShares": []})
    resource = {"arn": f"arn:aws:ec2:{REGION}:{OTHER}:subnet/subnet-1", "resourceShareArn": share}
    raw.put("ram.list_resources", {"resources": [resource]})
    snapshot, _ = raw.load()
    assert not only(snapshot, "ram:share").call("list_resource_share_permissions").known
    assert node(snapshot, "ResourceShare").props["received_resource_arns"] == [resource["arn"]]


def test_twin_what_receivers_may_do_is_known_of_own_shares(raw: Recording) -> None:
    share = f"arn:aws:ram:{REGION}:{ACCOUNT}:resource-share/s-1"
    shares = {"resourceShares": [{"resourceShareArn": share, "owningAccountId": ACCOUNT}]}
    raw.put("ram.get_resource_shares.SELF", shares)
    raw.put("ram.get_resource_shares.OTHER-ACCOUNTS", {"resourceShares": []})
    answer = {"permissions": [{"arn": "arn:aws:ram::aws:permission/Default"}]}
    raw.follow("ram.list_resource_share_permissions", share, answer)
    snapshot, _ = raw.load()
    found = node(snapshot, "ResourceShare").props
    assert found["permission_arns"] == ["arn:aws:ram::aws:permission/Default"]


# The long tail


def test_a_public_repository_is_asked_once_for_all_regions(raw: Recording) -> None:
    arn = f"arn:aws:ecr-public::{ACCOUNT}:repository/tool"
    repository = {"repositoryArn": arn, "repositoryName": "tool", "registryId": ACCOUNT}
    raw.put("ecr-public.describe_repositories", {"repositories": [repository]}, "global")
    absent = {"Error": {"Code": "RepositoryPolicyNotFoundException", "Message": "none"}}
    raw.follow("ecr-public.get_repository_policy", "tool", absent, "global")
    snapshot, _ = raw.load()
    found = node(snapshot, "ECRPublicRepository")
    assert (found.id, found.props["region"]) == (arn, "global")
    assert found.props["has_policy"] is False


def test_images_leave_the_account_by_replication(raw: Recording) -> None:
    rules = [{"destinations": [{"region": "us-east-1", "registryId": OTHER}]}]
    raw.put("ecr.describe_registry", {"replicationConfiguration": {"rules": rules}})
    snapshot, _ = raw.load()
    (region,) = (n for n in inventory(snapshot).nodes if n.labels[0] == "Region")
    assert region.props["ecr_replication_destinations"] == [OTHER]


@pytest.mark.parametrize(
    "definition",
    [
        {"containerProperties": {"environment": [{"name": "K", "value": SECRET}], "image": "i:1"}},
        {
            "nodeProperties": {
                "nodeRangeProperties": [
                    {"container": {"environment": [{"name": "K", "value": SECRET}], "image": "i:1"}}
                ]
            }
        },
        {
            "ecsProperties": {
                "taskProperties": [
                    {
                        "containers": [
                            {"environment": [{"name": "K", "value": SECRET}], "image": "i:1"}
                        ]
                    }
                ]
            }
        },
        {"parameters": {"token": SECRET}, "containerProperties": {"image": "i:1"}},
        {
            "eksProperties": {
                "podProperties": {"initContainers": [{"env": [{"name": "K", "value": SECRET}]}]}
            },
            "containerProperties": {"image": "i:1"},
        },
    ],
    ids=["container", "nodes", "task", "parameters", "pod"],
)
def test_what_a_job_is_told_is_redacted(raw: Recording, definition: dict[str, Any]) -> None:
    arn = f"arn:aws:batch:{REGION}:{ACCOUNT}:job-definition/report:3"
    raw.put(
        "batch.describe_job_definitions",
        {"jobDefinitions": [{"jobDefinitionArn": arn, **definition}]},
    )
    snapshot, _ = raw.load()
    assert SECRET not in written(raw)
    found = node(snapshot, "BatchJobDefinition").props
    assert (found["images"], found["privileged"]) == (["i:1"], False)


@pytest.mark.parametrize(("kind", "asked"), [("EC2", True), ("ANYWHERE", False)])
def test_ports_are_asked_of_fleets_that_have_them(raw: Recording, kind: str, asked: bool) -> None:
    arn = f"arn:aws:gamelift:{REGION}:{ACCOUNT}:fleet/fleet-1"
    fleet = {"FleetId": "fleet-1", "FleetArn": arn, "ComputeType": kind}
    raw.put("gamelift.describe_fleet_attributes", {"FleetAttributes": [fleet]})
    ports = [{"FromPort": 7000, "ToPort": 7100, "IpRange": "0.0.0.0/0", "Protocol": "UDP"}]
    raw.follow("gamelift.describe_fleet_port_settings", "fleet-1", {"InboundPermissions": ports})
    snapshot, _ = raw.load()
    assert only(snapshot, "gamelift:fleet").call("describe_fleet_port_settings").known is asked
    expected = ["0.0.0.0/0"] if asked else None
    assert node(snapshot, "GameLiftFleet").props["inbound_cidrs"] == expected


def test_who_may_type_in_an_environment(raw: Recording) -> None:
    raw.put("cloud9.list_environments", {"environmentIds": ["e1"]})
    environment = {"id": "e1", "name": "dev", "connectionType": "CONNECT_SSM"}
    raw.follow("cloud9.describe_environments", "e1", {"environments": [environment]})
    members = [
        {"userArn": "arn:aws:iam::1:user/a", "permissions": "read-write"},
        {"userArn": "arn:aws:iam::1:user/b", "permissions": "read-only"},
    ]
    raw.follow("cloud9.describe_environment_memberships", "e1", {"memberships": members})
    snapshot, _ = raw.load()
    found = node(snapshot, "Cloud9Environment").props
    assert found["name"] == "dev"
    assert found["member_arns"] == ["arn:aws:iam::1:user/a", "arn:aws:iam::1:user/b"]
    assert found["write_member_arns"] == ["arn:aws:iam::1:user/a"]


def test_the_token_of_a_grafana_workspace_stays_out(raw: Recording) -> None:
    workspace = {"id": "g-1", "name": "dash", "grafanaToken": SECRET, "endpoint": "g-1.example"}
    raw.put("grafana.list_workspaces", {"workspaces": [workspace]})
    raw.follow(
        "grafana.describe_workspace",
        "g-1",
        {"workspace": {**workspace, "accountAccessType": "ORGANIZATION", "tags": {}}},
    )
    snapshot, _ = raw.load()
    assert SECRET not in written(raw)
    found = node(snapshot, "GrafanaWorkspace").props
    assert (found["name"], found["account_access_type"]) == ("dash", "ORGANIZATION")


def test_a_firewall_is_placed_by_its_description(raw: Recording) -> None:
    arn = f"arn:aws:network-firewall:{REGION}:{ACCOUNT}:firewall/fw"
    raw.put(
        "network-firewall.list_firewalls",
        {"Firewalls": [{"FirewallName": "fw", "FirewallArn": arn}]},
    )
    described = {"VpcId": "vpc-0f0f0f0f", "SubnetMappings": [{"SubnetId": "subnet-0f0f0f0f"}]}
    raw.follow("network-firewall.describe_firewall", arn, {"Firewall": described})
    absent = {"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}
    raw.follow("network-firewall.describe_resource_policy", arn, absent)
    snapshot, _ = raw.load()
    found = inventory(snapshot)
    assert {(r.type, r.end.rpartition("/")[2]) for r in found.relationships if r.start == arn} == {
        ("IN_VPC", "vpc-0f0f0f0f"),
        ("IN_SUBNET", "subnet-0f0f0f0f"),
    }
    assert node(snapshot, "NetworkFirewall").props["has_resource_policy"] is False


def test_the_policy_of_an_image_is_that_of_its_builds(raw: Recording) -> None:
    version = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}:image/base/1.0.0"
    build = f"{version}/2"
    raw.put("imagebuilder.list_images", {"imageVersionList": [{"arn": version, "name": "base"}]})
    answer = {"imageSummaryList": [{"arn": build}]}
    raw.follow("imagebuilder.list_image_build_versions", version, answer)
    raw.follow("imagebuilder.get_image_policy", build, {"policy": "{}"})
    snapshot, _ = raw.load()
    image = only(snapshot, "imagebuilder:image")
    assert image.call(f"get_image_policy(imageArn={build})").value == {"policy": "{}"}
    assert node(snapshot, "ImageBuilderImage").props["has_policy"] is True


def test_twin_a_build_without_a_policy(raw: Recording) -> None:
    version = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}:image/base/1.0.0"
    raw.put("imagebuilder.list_images", {"imageVersionList": [{"arn": version, "name": "base"}]})
    answer = {"imageSummaryList": [{"arn": f"{version}/2"}]}
    raw.follow("imagebuilder.list_image_build_versions", version, answer)
    absent = {"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}
    raw.follow("imagebuilder.get_image_policy", f"{version}/2", absent)
    snapshot, _ = raw.load()
    assert node(snapshot, "ImageBuilderImage").props["has_policy"] is False


@pytest.mark.parametrize(
    ("service", "operation", "code", "expected"),
    [
        ("ecs", "list_gateways", "UnsupportedFeatureException", Status.NOT_SUPPORTED),
        ("ecs", "list_gateways", "InvalidParameterException", Status.ERROR),
        (
            "ecr-public",
            "describe_repositories",
            "UnsupportedCommandException",
            Status.NOT_SUPPORTED,
        ),
        ("ecr-public", "describe_repositories", "InvalidParameterException", Status.ERROR),
    ],
)
def test_what_is_not_offered_is_no_gap(
    raw: Recording, service: str, operation: str, code: str, expected: Status
) -> None:
    place = "global" if service == "ecr-public" else REGION
    raw.put(f"{service}.{operation}", {"Error": {"Code": code, "Message": "words"}}, place)
    snapshot, _ = raw.load()
    assert snapshot.status(ACCOUNT, place, service, operation) is expected
