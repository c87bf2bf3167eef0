"""Lines of machines, containers, and what joins networks to others; one or two of every type."""

from __future__ import annotations

from tests.schema.aws_lines import ENI, KEY, PROD, SG, SUBNET, VPC, WEST, Lines, ec2, line, ok

NUMBER = "0c0c0c0c0c0c0c0c1"
GATEWAY = "11111111-1111-1111-1111-111111111111"
_CONTAINER = {"image": "web:1", "environment": [{"name": "A", "value": {"redacted": {}}}]}


def arn(service: str, resource: str, region: str = WEST) -> str:
    return f"arn:aws:{service}:{region}:{PROD}:{resource}"


CLUSTER = arn("ecs", "cluster/web")
SHARE = arn("ram", "resource-share/aaaa").replace(PROD, "444455556666")
RULE = "rslvr-rr-0c0c0c0c"


def lines() -> Lines:
    """The lines of every file."""
    found = _launched() | _remote() | _edge() | _containers() | _lattice() | _names() | _long_tail()
    return {(PROD, place, type_id): rows for (place, type_id), rows in found.items()}


def _launched() -> dict[tuple[str, str], list[dict[str, object]]]:
    template = {"ImageId": "ami-1", "UserData": {"redacted": {"length": 3}}}
    group = {
        "AutoScalingGroupName": "web",
        "VPCZoneIdentifier": f"{SUBNET},subnet-2",
        "LaunchTemplate": {"LaunchTemplateId": f"lt-{NUMBER}"},
    }
    return {
        (WEST, "ec2:volume"): [
            line(ec2("volume", f"vol-{NUMBER}"), {"VolumeId": f"vol-{NUMBER}", "KmsKeyId": KEY})
        ],
        (WEST, "ec2:launch-template"): [
            line(
                ec2("launch-template", f"lt-{NUMBER}"),
                {"LaunchTemplateId": f"lt-{NUMBER}", "LaunchTemplateName": "web"},
                describe_launch_template_versions=ok([{"LaunchTemplateData": template}]),
            )
        ],
        (WEST, "ec2:key-pair"): [line(ec2("key-pair", "admin"), {"KeyName": "admin"})],
        (WEST, "ec2:fpga-image"): [
            line(f"arn:aws:ec2:{WEST}::fpga-image/afi-{NUMBER}", {"FpgaImageId": f"afi-{NUMBER}"})
        ],
        (WEST, "ec2:imds-default"): [
            line(
                f"{PROD}/{WEST}",
                get_instance_metadata_defaults=ok({"AccountLevel": {"HttpTokens": "required"}}),
            )
        ],
        (WEST, "autoscaling:group"): [
            line(arn("autoscaling", "autoScalingGroup:u:autoScalingGroupName/web"), group)
        ],
        (WEST, "autoscaling:launch-configuration"): [
            line(
                arn("autoscaling", "launchConfiguration:u:launchConfigurationName/old"),
                {"LaunchConfigurationName": "old"},
            )
        ],
        (WEST, "ssm:managed-instance"): [
            line(arn("ssm", "managed-instance/mi-1"), {"InstanceId": "mi-1", "Name": "rack"}),
        ],
    }


def _remote() -> dict[tuple[str, str], list[dict[str, object]]]:
    def of(name: str, kind: str, prefix: str, member: str, **more: object) -> tuple[str, dict]:  # type: ignore[type-arg]
        return f"ec2:{name}", line(
            ec2(kind, f"{prefix}-{NUMBER}"), {member: f"{prefix}-{NUMBER}"} | more
        )

    placed = {"VpcId": VPC, "SecurityGroupIds": [SG]}
    rows = [
        of("vpn", "vpn-connection", "vpn", "VpnConnectionId"),
        of("vpn-gateway", "vpn-gateway", "vgw", "VpnGatewayId"),
        of("customer-gateway", "customer-gateway", "cgw", "CustomerGatewayId"),
        of("client-vpn", "client-vpn-endpoint", "cvpn-endpoint", "ClientVpnEndpointId", **placed),
        of(
            "instance-connect-endpoint",
            "instance-connect-endpoint",
            "eice",
            "InstanceConnectEndpointId",
            SubnetId=SUBNET,
            **placed,
        ),
        of("verified-access", "verified-access-endpoint", "vae", "VerifiedAccessEndpointId"),
        of("verified-access-group", "verified-access-group", "vagr", "VerifiedAccessGroupId"),
        of(
            "verified-access-instance",
            "verified-access-instance",
            "vai",
            "VerifiedAccessInstanceId",
        ),
        of(
            "verified-access-trust-provider",
            "verified-access-trust-provider",
            "vatp",
            "VerifiedAccessTrustProviderId",
        ),
    ]
    return {(WEST, type_id): [row] for type_id, row in rows}


def _edge() -> dict[tuple[str, str], list[dict[str, object]]]:
    insights = "NetworkInsights"
    return {
        (WEST, "ec2:carrier-gateway"): [
            line(
                ec2("carrier-gateway", f"cagw-{NUMBER}"),
                {"CarrierGatewayId": f"cagw-{NUMBER}", "VpcId": VPC},
            )
        ],
        (WEST, "ec2:local-gateway"): [
            line(ec2("local-gateway", f"lgw-{NUMBER}"), {"LocalGatewayId": f"lgw-{NUMBER}"})
        ],
        (WEST, "ec2:local-gateway-route-table"): [
            line(
                ec2("local-gateway-route-table", f"lgw-rtb-{NUMBER}"),
                {"LocalGatewayRouteTableId": f"lgw-rtb-{NUMBER}"},
            )
        ],
        (WEST, "ec2:local-gateway-virtual-interface"): [
            line(
                ec2("local-gateway-virtual-interface", f"lgw-vif-{NUMBER}"),
                {"LocalGatewayVirtualInterfaceId": f"lgw-vif-{NUMBER}"},
            )
        ],
        (WEST, "ec2:network-insights"): [
            line(
                ec2("network-insights-access-scope", "nis-1"), {f"{insights}AccessScopeId": "nis-1"}
            )
        ],
        (WEST, "ec2:network-insights-access-scope-analysis"): [
            line(ec2("network-insights-access-scope-analysis", "nisa-1"), {"Status": "succeeded"})
        ],
        (WEST, "ec2:network-insights-path"): [
            line(ec2("network-insights-path", "nip-1"), {f"{insights}PathId": "nip-1"})
        ],
        (WEST, "ec2:network-insights-analysis"): [
            line(ec2("network-insights-analysis", "nia-1"), {f"{insights}AnalysisId": "nia-1"})
        ],
        (WEST, "ec2:flow-log"): [
            line(ec2("vpc-flow-log", f"fl-{NUMBER}"), {"FlowLogId": f"fl-{NUMBER}"})
        ],
        (WEST, "ec2:security-group-rule"): [
            line(
                ec2("security-group-rule", f"sgr-{NUMBER}"),
                {"SecurityGroupRuleId": f"sgr-{NUMBER}"},
            )
        ],
        (WEST, "ec2:vpc-endpoint-connection"): [
            line(
                "vpce-svc-0a0a0a0a0a0a0a0a1/vpce-9",
                {"ServiceId": "vpce-svc-0a0a0a0a0a0a0a0a1", "VpcEndpointId": "vpce-9"},
            )
        ],
        (WEST, "ec2:address-attribute"): [
            line(
                ec2("elastic-ip", "eipalloc-0a0a0a0a0a0a0a0a1"),
                {"AllocationId": "eipalloc-0a0a0a0a0a0a0a0a1", "PtrRecord": "mail.example.com."},
            )
        ],
        (WEST, "ec2:transit-gateway-connect"): [
            line(
                ec2("transit-gateway-attachment", "tgw-attach-0a0a0a0a0a0a0a0a1"),
                {"TransitGatewayAttachmentId": "tgw-attach-0a0a0a0a0a0a0a0a1"},
            )
        ],
        (WEST, "ec2:transit-gateway-multicast-domain"): [
            line(
                ec2("transit-gateway-multicast-domain", f"tgw-mcast-domain-{NUMBER}"),
                {"TransitGatewayMulticastDomainId": f"tgw-mcast-domain-{NUMBER}"},
            )
        ],
        ("global", "dx:gateway"): [
            line(
                arn("directconnect", f"dx-gateway/{GATEWAY}", ""),
                {"directConnectGatewayName": "line"},
            )
        ],
        (WEST, "dx:connection"): [
            line(arn("directconnect", "dxcon-1").replace(":dxcon", ":dxcon/dxcon"), {})
        ],
        (WEST, "dx:virtual-interface"): [line(arn("directconnect", "dxvif/dxvif-1"), {})],
    }


def _containers() -> dict[tuple[str, str], list[dict[str, object]]]:
    awsvpc = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [SG]}}
    details = [
        {"name": "subnetId", "value": SUBNET},
        {"name": "networkInterfaceId", "value": ENI},
    ]
    host = {"networkConfiguration": {"inboundSecurityGroup": SG, "subnets": [SUBNET]}}
    return {
        (WEST, "ecs:cluster"): [
            line(CLUSTER, {"clusterArn": CLUSTER}, describe_clusters=ok({"clusterName": "web"}))
        ],
        (WEST, "ecs:service"): [
            line(
                arn("ecs", "service/web/front"),
                {"clusterArn": CLUSTER},
                describe_services=ok({"networkConfiguration": awsvpc}),
            )
        ],
        (WEST, "ecs:task"): [
            line(
                arn("ecs", "task/web/0123"),
                {"clusterArn": CLUSTER},
                describe_tasks=ok({"attachments": [{"details": details}]}),
            )
        ],
        (WEST, "ecs:task-definition"): [
            line(
                arn("ecs", "task-definition/web:7"),
                {"taskDefinitionArn": arn("ecs", "task-definition/web:7")},
                describe_task_definition=ok(
                    {
                        "taskDefinition": {
                            "taskRoleArn": arn("iam", "role/web", ""),
                            "containerDefinitions": [
                                {"name": "web", "image": "nginx", "privileged": True},
                                {"name": "log", "image": "fluent", "privileged": False},
                            ],
                        },
                        "tags": [{"key": "team", "value": "web"}],
                    }
                ),
            )
        ],
        (WEST, "ecs:container-instance"): [
            line(arn("ecs", "container-instance/web/4567"), {"clusterArn": CLUSTER})
        ],
        (WEST, "ecs:account-settings"): [
            line(
                f"{PROD}/{WEST}",
                list_account_settings=ok([{"name": "containerInsights", "value": "enabled"}]),
            )
        ],
        (WEST, "ecs:gateway"): [
            line(
                arn("ecs", "gateway/edge"),
                {"name": "edge"},
                describe_gateway=ok({"gateway": {"configuration": {"hostSharedAlb": host}}}),
            )
        ],
        ("global", "ecr-public:repository"): [
            line(arn("ecr-public", "repository/tool", ""), {"repositoryName": "tool"})
        ],
        ("global", "ecr-public:registry"): [
            line(arn("ecr-public", f"registry/{PROD}", ""), {"aliases": [{"name": "me"}]})
        ],
        (WEST, "batch:environment"): [
            line(
                arn("batch", "compute-environment/spot"),
                {"computeResources": {"subnets": [SUBNET], "securityGroupIds": [SG]}},
            )
        ],
        (WEST, "batch:job-queue"): [line(arn("batch", "job-queue/nightly"), {"state": "ENABLED"})],
        (WEST, "batch:job-definition"): [
            line(arn("batch", "job-definition/report:3"), {"containerProperties": _CONTAINER})
        ],
    }


def _lattice() -> dict[tuple[str, str], list[dict[str, object]]]:
    gateway = {"vpcIdentifier": VPC, "subnetIds": [SUBNET], "securityGroupIds": [SG]}
    firewall = {"VpcId": VPC, "SubnetMappings": [{"SubnetId": SUBNET}]}
    return {
        (WEST, "vpc-lattice:service"): [line(arn("vpc-lattice", "service/svc-1"), {"name": "pay"})],
        (WEST, "vpc-lattice:service-network"): [
            line(arn("vpc-lattice", "servicenetwork/sn-1"), {})
        ],
        (WEST, "vpc-lattice:target-group"): [
            line(arn("vpc-lattice", "targetgroup/tg-1"), {"vpcIdentifier": VPC})
        ],
        (WEST, "vpc-lattice:resource-configuration"): [
            line(arn("vpc-lattice", "resourceconfiguration/rcfg-1"), {})
        ],
        (WEST, "vpc-lattice:resource-gateway"): [
            line(arn("vpc-lattice", "resourcegateway/rgw-1"), gateway)
        ],
        (WEST, "network-firewall:firewall"): [
            line(
                arn("network-firewall", "firewall/edge-fw"),
                {"FirewallName": "edge-fw"},
                describe_firewall=ok({"Firewall": firewall}),
            )
        ],
        (WEST, "network-firewall:firewall-policy"): [
            line(arn("network-firewall", "firewall-policy/strict"), {"Name": "strict"})
        ],
        (WEST, "network-firewall:rule-group"): [
            line(arn("network-firewall", "stateful-rulegroup/block"), {"Name": "block"})
        ],
        ("global", "networkmanager:core-network"): [
            line(arn("networkmanager", "core-network/core-network-1", ""), {})
        ],
        ("global", "networkmanager:global-network"): [
            line(arn("networkmanager", "global-network/global-network-1", ""), {})
        ],
        ("global", "networkmanager:attachment"): [
            line(arn("networkmanager", "attachment/attachment-1", ""), {})
        ],
        (WEST, "elbv2:trust-store"): [
            line(arn("elasticloadbalancing", "truststore/clients/e1"), {"Name": "clients"})
        ],
        (WEST, "ram:received-resource"): [
            line(f"{SHARE}/x", {"resourceShareArn": SHARE, "arn": ec2("subnet", SUBNET)})
        ],
        (WEST, "ram:invitation"): [
            line(
                SHARE.replace("resource-share/", "resource-share-invitation/"),
                {"resourceShareArn": SHARE, "status": "ACCEPTED"},
            )
        ],
    }


def _names() -> dict[tuple[str, str], list[dict[str, object]]]:
    service = "route53resolver"
    endpoint = {"HostVPCId": VPC, "SecurityGroupIds": [SG], "Direction": "INBOUND"}
    return {
        (WEST, f"{service}:endpoint"): [
            line(arn(service, "resolver-endpoint/rslvr-in-1"), endpoint)
        ],
        (WEST, f"{service}:rule"): [line(arn(service, f"resolver-rule/{RULE}"), {"Id": RULE})],
        (WEST, f"{service}:firewall-rule-group"): [
            line(arn(service, "firewall-rule-group/rslvr-frg-1"), {})
        ],
        (WEST, f"{service}:query-log"): [
            line(arn(service, "resolver-query-log-config/rqlc-1"), {})
        ],
        (WEST, f"{service}:rule-association"): [
            line(f"{RULE}/{VPC}", {"ResolverRuleId": RULE, "VPCId": VPC})
        ],
        (WEST, f"{service}:firewall-rule-group-association"): [
            line(
                arn(service, "firewall-rule-group-association/rslvr-frgassoc-1"),
                {"FirewallRuleGroupId": "rslvr-frg-1", "VpcId": VPC},
            )
        ],
        (WEST, f"{service}:query-log-association"): [
            line(f"rqlc-1/{VPC}", {"ResolverQueryLogConfigId": "rqlc-1", "ResourceId": VPC})
        ],
        ("global", "route53globalresolver:resolver"): [
            line(arn("route53globalresolver", "global-resolver/gr-1", ""), {"name": "anycast"})
        ],
    }


def _long_tail() -> dict[tuple[str, str], list[dict[str, object]]]:
    placed = {"subnetIds": [SUBNET], "securityGroupIds": [SG]}
    return {
        (WEST, "m2:environment"): [
            line(
                arn("m2", "env/m2env"),
                {"name": "mainframe"},
                get_environment=ok({"vpcId": VPC, "publiclyAccessible": True, **placed}),
            )
        ],
        (WEST, "imagebuilder:image"): [line(arn("imagebuilder", "image/base/1.0.0"), {})],
        (WEST, "imagebuilder:component"): [line(arn("imagebuilder", "component/patch/2.0.0"), {})],
        (WEST, "imagebuilder:image-recipe"): [
            line(arn("imagebuilder", "image-recipe/base/3.0.0"), {})
        ],
        (WEST, "workspaces:workspace"): [
            line(arn("workspaces", "workspace/ws-1"), {"SubnetId": SUBNET})
        ],
        (WEST, "workspaces:directory"): [
            line(
                arn("workspaces", "directory/d-1"),
                {"SubnetIds": [SUBNET], "WorkspaceSecurityGroupId": SG},
            )
        ],
        (WEST, "workspaces:ip-group"): [line(arn("workspaces", "workspaceipgroup/wsipg-1"), {})],
        (WEST, "appstream:fleet"): [
            line(
                arn("appstream", "fleet/cad"),
                {"VpcConfig": {"SubnetIds": [SUBNET], "SecurityGroupIds": [SG]}},
            )
        ],
        (WEST, "appstream:stack"): [line(arn("appstream", "stack/cad-stack"), {})],
        (WEST, "gamelift:fleet"): [line(arn("gamelift", "fleet/fleet-1"), {})],
        (WEST, "grafana:workspace"): [
            line(
                arn("grafana", "/workspaces/g-dash"),
                {"name": "dash"},
                describe_workspace=ok({"workspace": {"vpcConfiguration": placed}}),
            )
        ],
        (WEST, "cloud9:env"): [line(arn("cloud9", "environment:c9"), {"id": "c9"})],
    }


NODES = """
cad AppStreamFleet
cad-stack AppStreamStack
web AutoScalingGroup
old LaunchConfiguration
spot BatchComputeEnvironment
3 BatchJobDefinition
nightly BatchJobQueue
c9 Cloud9Environment
11111111-1111-1111-1111-111111111111 DirectConnectGateway
dxcon-1 DirectConnectConnection
dxvif-1 DirectConnectVirtualInterface
cagw-C CarrierGateway
cvpn-endpoint-C ClientVPNEndpoint
cgw-C CustomerGateway
eice-C InstanceConnectEndpoint
admin KeyPair
lt-C LaunchTemplate
lgw-rtb-C LocalGatewayRouteTable
lgw-vif-C LocalGatewayVirtualInterface
lgw-C LocalGateway
nisa-1 NetworkInsightsAccessScopeAnalysis
nis-1 NetworkInsightsAccessScope
nia-1 NetworkInsightsAnalysis
nip-1 NetworkInsightsPath
sgr-C SecurityGroupRule
tgw-mcast-domain-C TransitGatewayMulticastDomain
vae-C VerifiedAccessEndpoint
vagr-C VerifiedAccessGroup
vai-C VerifiedAccessInstance
vatp-C VerifiedAccessTrustProvider
vol-C EBSVolume
fl-C FlowLog
vpn-C VPNConnection
vgw-C VPNGateway
afi-C FPGAImage
tool ECRPublicRepository
web ECSCluster
4567 ECSContainerInstance
edge ECSGateway
front ECSService
0123 ECSTask
7 ECSTaskDefinition
e1 LoadBalancerTrustStore
fleet-1 GameLiftFleet
g-dash GrafanaWorkspace
2.0.0 ImageBuilderComponent
3.0.0 ImageBuilderRecipe
1.0.0 ImageBuilderImage
m2env MainframeEnvironment
strict NetworkFirewallPolicy
edge-fw NetworkFirewall
block NetworkFirewallRuleGroup
attachment-1 CoreNetworkAttachment
core-network-1 CoreNetwork
global-network-1 GlobalNetwork
gr-1 GlobalResolver
rslvr-frg-1 DNSFirewallRuleGroup
rslvr-in-1 ResolverEndpoint
rqlc-1 ResolverQueryLogConfig
rslvr-rr-0c0c0c0c ResolverRule
mi-1 ManagedInstance
rcfg-1 LatticeResourceConfiguration
rgw-1 LatticeResourceGateway
svc-1 LatticeService
sn-1 LatticeServiceNetwork
tg-1 LatticeTargetGroup
d-1 WorkSpacesDirectory
ws-1 WorkSpace
wsipg-1 WorkSpacesIPGroup
"""

RELATIONSHIPS = """
ENCRYPTED_WITH vol-C 11111111-2222-3333-4444-555555555555
HAS_SECURITY_GROUP cad sg-A
HAS_SECURITY_GROUP spot sg-A
HAS_SECURITY_GROUP cvpn-endpoint-C sg-A
HAS_SECURITY_GROUP eice-C sg-A
HAS_SECURITY_GROUP edge sg-A
HAS_SECURITY_GROUP front sg-A
HAS_SECURITY_GROUP g-dash sg-A
HAS_SECURITY_GROUP m2env sg-A
HAS_SECURITY_GROUP rslvr-in-1 sg-A
HAS_SECURITY_GROUP rgw-1 sg-A
HAS_SECURITY_GROUP d-1 sg-A
IN_SUBNET cad subnet-A
IN_SUBNET spot subnet-A
IN_SUBNET eice-C subnet-A
IN_SUBNET edge subnet-A
IN_SUBNET front subnet-A
IN_SUBNET 0123 subnet-A
IN_SUBNET g-dash subnet-A
IN_SUBNET m2env subnet-A
IN_SUBNET edge-fw subnet-A
IN_SUBNET rgw-1 subnet-A
IN_SUBNET d-1 subnet-A
IN_SUBNET ws-1 subnet-A
IN_VPC cagw-C vpc-A
IN_VPC cvpn-endpoint-C vpc-A
IN_VPC eice-C vpc-A
IN_VPC m2env vpc-A
IN_VPC edge-fw vpc-A
IN_VPC rslvr-in-1 vpc-A
IN_VPC rgw-1 vpc-A
IN_VPC tg-1 vpc-A
"""

# From CloudFormation's resource type reference.
CLOUDFORMATION = {
    "AWS::AppStream::Fleet",
    "AWS::AppStream::Stack",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::Batch::ComputeEnvironment",
    "AWS::Batch::JobDefinition",
    "AWS::Batch::JobQueue",
    "AWS::Cloud9::EnvironmentEC2",
    "AWS::DirectConnect::Connection",
    "AWS::DirectConnect::DirectConnectGateway",
    "AWS::ECS::TaskDefinition",
    "AWS::EC2::CarrierGateway",
    "AWS::EC2::ClientVpnEndpoint",
    "AWS::EC2::CustomerGateway",
    "AWS::EC2::FlowLog",
    "AWS::EC2::InstanceConnectEndpoint",
    "AWS::EC2::KeyPair",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::LocalGatewayRouteTable",
    "AWS::EC2::LocalGatewayVirtualInterface",
    "AWS::EC2::NetworkInsightsAccessScope",
    "AWS::EC2::NetworkInsightsAccessScopeAnalysis",
    "AWS::EC2::NetworkInsightsAnalysis",
    "AWS::EC2::NetworkInsightsPath",
    "AWS::EC2::TransitGatewayMulticastDomain",
    "AWS::EC2::VPNConnection",
    "AWS::EC2::VPNGateway",
    "AWS::EC2::VerifiedAccessEndpoint",
    "AWS::EC2::VerifiedAccessGroup",
    "AWS::EC2::VerifiedAccessInstance",
    "AWS::EC2::VerifiedAccessTrustProvider",
    "AWS::EC2::Volume",
    "AWS::ECR::PublicRepository",
    "AWS::ECS::Cluster",
    "AWS::ECS::Service",
    "AWS::ElasticLoadBalancingV2::TrustStore",
    "AWS::GameLift::Fleet",
    "AWS::Grafana::Workspace",
    "AWS::ImageBuilder::Component",
    "AWS::ImageBuilder::Image",
    "AWS::ImageBuilder::ImageRecipe",
    "AWS::M2::Environment",
    "AWS::NetworkFirewall::Firewall",
    "AWS::NetworkFirewall::FirewallPolicy",
    "AWS::NetworkFirewall::RuleGroup",
    "AWS::NetworkManager::CoreNetwork",
    "AWS::NetworkManager::GlobalNetwork",
    "AWS::Route53GlobalResolver::GlobalResolver",
    "AWS::Route53Resolver::FirewallRuleGroup",
    "AWS::Route53Resolver::ResolverEndpoint",
    "AWS::Route53Resolver::ResolverQueryLoggingConfig",
    "AWS::Route53Resolver::ResolverRule",
    "AWS::VpcLattice::ResourceConfiguration",
    "AWS::VpcLattice::ResourceGateway",
    "AWS::VpcLattice::Service",
    "AWS::VpcLattice::ServiceNetwork",
    "AWS::VpcLattice::TargetGroup",
    "AWS::WorkSpaces::Workspace",
}
