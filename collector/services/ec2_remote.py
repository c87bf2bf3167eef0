"""EC2: ways into a VPC from outside it: VPN, Client VPN, instance connect, Verified Access."""

from collector.declare import (
    Depth,
    FollowUp,
    Item,
    ListCall,
    OnePage,
    Paginator,
    Paging,
    ResourceType,
    Scope,
)

PAGES = Paginator(1000)
_ARN = "arn:{partition}:ec2:{region}:{account}:"
_CLIENT_VPN = {"ClientVpnEndpointId": Item("ClientVpnEndpointId")}


def _listed(
    name: str,
    operation: str,
    result: str,
    arn: str,
    paging: Paging = PAGES,
    follow_ups: tuple[FollowUp, ...] = (),
    redact: tuple[str, ...] = (),
) -> ResourceType:
    return ResourceType(
        id=f"ec2:{name}",
        client="ec2",
        scope=Scope.REGIONAL,
        depth=Depth.FULL,
        arn=arn,
        lists=(ListCall(operation=operation, result=result, paging=paging),),
        follow_ups=follow_ups,
        redact=redact,
    )


def _of_client_vpn(operation: str, result: str) -> FollowUp:
    return FollowUp(operation=operation, params=_CLIENT_VPN, result=result, paging=PAGES)


TYPES = (
    _listed(
        "vpn",
        "describe_vpn_connections",
        "VpnConnections",
        _ARN + "vpn-connection/{VpnConnectionId}",
        OnePage(),
        # The configuration for the customer's device repeats the shared keys.
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConnection.html
        redact=("CustomerGatewayConfiguration", "Options.TunnelOptions[].PreSharedKey"),
    ),
    _listed(
        "vpn-gateway",
        "describe_vpn_gateways",
        "VpnGateways",
        _ARN + "vpn-gateway/{VpnGatewayId}",
        OnePage(),
    ),
    _listed(
        "customer-gateway",
        "describe_customer_gateways",
        "CustomerGateways",
        _ARN + "customer-gateway/{CustomerGatewayId}",
        OnePage(),
    ),
    _listed(
        "client-vpn",
        "describe_client_vpn_endpoints",
        "ClientVpnEndpoints",
        _ARN + "client-vpn-endpoint/{ClientVpnEndpointId}",
        follow_ups=(
            _of_client_vpn("describe_client_vpn_authorization_rules", "AuthorizationRules"),
            _of_client_vpn("describe_client_vpn_routes", "Routes"),
            _of_client_vpn("describe_client_vpn_target_networks", "ClientVpnTargetNetworks"),
        ),
    ),
    _listed(
        "instance-connect-endpoint",
        "describe_instance_connect_endpoints",
        "InstanceConnectEndpoints",
        "{InstanceConnectEndpointArn}",
        Paginator(50),
    ),
    _listed(
        "verified-access",
        "describe_verified_access_endpoints",
        "VerifiedAccessEndpoints",
        _ARN + "verified-access-endpoint/{VerifiedAccessEndpointId}",
        follow_ups=(
            FollowUp(
                operation="get_verified_access_endpoint_policy",
                params={"VerifiedAccessEndpointId": Item("VerifiedAccessEndpointId")},
            ),
        ),
    ),
    _listed(
        "verified-access-group",
        "describe_verified_access_groups",
        "VerifiedAccessGroups",
        "{VerifiedAccessGroupArn}",
        follow_ups=(
            FollowUp(
                operation="get_verified_access_group_policy",
                params={"VerifiedAccessGroupId": Item("VerifiedAccessGroupId")},
            ),
        ),
    ),
    _listed(
        "verified-access-instance",
        "describe_verified_access_instances",
        "VerifiedAccessInstances",
        _ARN + "verified-access-instance/{VerifiedAccessInstanceId}",
        Paginator(200),
    ),
    _listed(
        "verified-access-trust-provider",
        "describe_verified_access_trust_providers",
        "VerifiedAccessTrustProviders",
        _ARN + "verified-access-trust-provider/{VerifiedAccessTrustProviderId}",
        Paginator(200),
        redact=("OidcOptions.ClientSecret",),
    ),
)
