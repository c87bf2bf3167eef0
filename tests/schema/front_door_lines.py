"""Front doors, events, streams and names as AWS-shaped snapshot lines, one of every type."""

from __future__ import annotations

from typing import Any

from tests.schema.aws_lines import FUNCTION, PROD, SG, SUBNET, VPC, WEST, Line, Lines, line, ok

GLOBAL = "global"
SECRET = f"arn:aws:secretsmanager:{WEST}:{PROD}:secret:db-AbCdEf"
PARAMETER = f"arn:aws:ssm:{WEST}:{PROD}:parameter/app/url"
DOCUMENT = f"arn:aws:ssm:{WEST}:{PROD}:document/restart"
ZONE = "arn:aws:route53:::hostedzone/Z1"
GATEWAY = f"arn:aws:apigateway:{WEST}::"
DOMAIN = f"{GATEWAY}/domainnames/api.example.com"


def _regional(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{WEST}:{PROD}:{resource}"


def _edge(service: str, resource: str) -> str:
    return f"arn:aws:{service}::{PROD}:{resource}"


def _named(line_id: str, **item: Any) -> Line:
    return line(line_id, {"Name": line_id.replace("/", ":").rpartition(":")[2]} | item)


def lines() -> Lines:
    """The lines of every file."""
    here = _gateways() | _functions() | _events() | _streams() | _applications() | _settings()
    found = {(PROD, WEST, type_id): rows for type_id, rows in here.items()}
    return found | {(PROD, GLOBAL, type_id): rows for type_id, rows in _at_the_edge().items()}


def _gateways() -> dict[str, list[Line]]:
    private = _regional("apigateway", "/domainnames/internal.example.com+p1")
    return {
        "apigateway:rest-api": [line(f"{GATEWAY}/restapis/rest1", {"id": "rest1", "name": "shop"})],
        "apigateway:domain": [line(DOMAIN, {"domainName": "api.example.com"})],
        "apigateway:private-domain": [
            line(private, {"domainName": "internal.example.com", "domainNameId": "p1"})
        ],
        "apigateway:domain-access-association": [
            line(_regional("apigateway", "/domainnameaccessassociations/domainname/d/vpcesource/v"))
        ],
        "apigateway:misc": [line(f"{PROD}/{WEST}", get_account=ok({"cloudwatchRoleArn": "r"}))],
        "apigateway:vpc-link": [line(f"{GATEWAY}/vpclinks/link1", {"id": "link1"})],
        "apigateway:api-key": [line(f"{GATEWAY}/apikeys/key1", {"id": "key1"})],
        "apigateway:usage-plan": [line(f"{GATEWAY}/usageplans/plan1", {"id": "plan1"})],
        "apigateway:client-certificate": [
            line(f"{GATEWAY}/clientcertificates/cc1", {"clientCertificateId": "cc1"})
        ],
        "apigatewayv2:api": [line(f"{GATEWAY}/apis/http1", {"ApiId": "http1", "Name": "orders"})],
        "apigatewayv2:domain": [
            line(DOMAIN, {"DomainName": "api.example.com"}, get_api_mappings=ok([{"ApiId": "h"}]))
        ],
        "apigatewayv2:vpc-link": [
            line(
                f"{GATEWAY}/vpclinks/link2",
                {"VpcLinkId": "link2", "SubnetIds": [SUBNET], "SecurityGroupIds": [SG]},
            )
        ],
        "wafv2:web-acl": [_named(_regional("wafv2", "regional/webacl/shield/w1"), Id="w1")],
        "wafv2:ip-set": [_named(_regional("wafv2", "regional/ipset/office/s1"), Id="s1")],
        "wafv2:rule-group": [_named(_regional("wafv2", "regional/rulegroup/own/g1"), Id="g1")],
        "acm:certificate": [
            line(_regional("acm", "certificate/cert1"), {"DomainName": "example.com"})
        ],
        "acm-pca:ca": [line(_regional("acm-pca", "certificate-authority/ca1"))],
        "cognito:user-pool": [_named(_regional("cognito-idp", f"userpool/{WEST}_a"), Id="a")],
    }


def _functions() -> dict[str, list[Line]]:
    return {
        "lambda:function-version": [
            line(f"{FUNCTION}:7", {"FunctionName": "hello", "Version": "7"})
        ],
        "lambda:function-setting": [
            line(FUNCTION, get_function_concurrency=ok({"ReservedConcurrentExecutions": 0}))
        ],
        "lambda:layer": [line(_regional("lambda", "layer:tools"), {"LayerName": "tools"})],
        "lambda:event-source": [
            line(_regional("lambda", "event-source-mapping:uuid-1"), {"UUID": "uuid-1"})
        ],
        "lambda-web:function": [
            line(_regional("lambda-web", "function/site-fn"), {"functionName": "site-fn"})
        ],
        "ssm:parameter": [line(PARAMETER, {"Name": "/app/url", "Type": "String"})],
        "ssm:parameter-value": [
            line(PARAMETER, get_parameters=ok({"Value": {"redacted": {"hits": ["url"]}}}))
        ],
        "ssm:document": [_named(DOCUMENT)],
        "ssm:document-content": [line(DOCUMENT, get_document=ok({"Status": "Active"}))],
        "ssm:association": [
            line(_regional("ssm", "association/as1"), {"Name": "restart", "AssociationId": "as1"})
        ],
        "secretsmanager:extra-policies": [
            line(SECRET, list_resource_policies=ok([{"PolicyName": "default"}]))
        ],
        "secretsmanager:replication": [line(SECRET, describe_secret=ok({"Name": "db"}))],
    }


def _events() -> dict[str, list[Line]]:
    return {
        "events:bus": [_named(_regional("events", "event-bus/central"))],
        "events:rule": [_named(_regional("events", "rule/central/on-login"))],
        "events:archive": [line(_regional("events", "archive/kept"), {"ArchiveName": "kept"})],
        "events:api-destination": [_named(_regional("events", "api-destination/pager/1"))],
        "events:connection": [_named(_regional("events", "connection/pager-login/2"))],
        "events:endpoint": [_named(_regional("events", "endpoint/both"))],
        "eventbridgev2:bus": [_named(_regional("events", "event-bus-v2/second"))],
        "scheduler:schedule": [_named(_regional("scheduler", "schedule/default/nightly"))],
        "pipes:pipe": [_named(_regional("pipes", "pipe/orders-out"))],
        "schemas:registry": [
            line(_regional("schemas", "registry/shapes"), {"RegistryName": "shapes"})
        ],
        "stepfunctions:state-machine": [
            line(_regional("states", "stateMachine:billing"), {"name": "billing"})
        ],
        "stepfunctions:activity": [
            line(_regional("states", "activity:by-hand"), {"name": "by-hand"})
        ],
    }


def _streams() -> dict[str, list[Line]]:
    kafka = {
        "ClusterName": "log",
        "Provisioned": {
            "BrokerNodeGroupInfo": {"ClientSubnets": [SUBNET], "SecurityGroups": [SG]},
        },
    }
    broker = {"SubnetIds": [SUBNET], "SecurityGroups": [SG], "PubliclyAccessible": True}
    return {
        "mq:broker": [
            line(
                _regional("mq", "broker:work:b-1"),
                {"BrokerName": "work", "BrokerId": "b-1"},
                describe_broker=ok(broker),
            )
        ],
        "kafka:cluster": [line(_regional("kafka", "cluster/log/k1"), kafka)],
        "kafka:vpc-connection": [line(_regional("kafka", "vpc-connection/log/v1"), {"VpcId": VPC})],
        "kinesis:stream": [line(_regional("kinesis", "stream/clicks"), {"StreamName": "clicks"})],
        "kinesis:consumer": [
            line(_regional("kinesis", "stream/clicks/consumer/c:9"), {"ConsumerName": "c"})
        ],
        "firehose:stream": [line(_regional("firehose", "deliverystream/to-lake"))],
        "kinesisvideo:stream": [line(_regional("kinesisvideo", "stream/door/1600000000"))],
        "ses:identity": [line(_regional("ses", "identity/example.com"))],
        "ses:configuration-set": [
            line(_regional("ses", "configuration-set/mail"), {"ConfigurationSetName": "mail"})
        ],
        "mediastore:container": [_named(_regional("mediastore", "container/films"))],
        "iot:policy": [line(_regional("iot", "policy/sensors"), {"policyName": "sensors"})],
        "iot:certificate": [line(_regional("iot", "cert/abc"), {"certificateId": "abc"})],
        "iot:role-alias": [line(_regional("iot", "rolealias/uploads"), {"roleAlias": "uploads"})],
    }


def _applications() -> dict[str, list[Line]]:
    return {
        "appsync:api": [line(_regional("appsync", "apis/graph1"), {"apiId": "graph1"})],
        "appsync:event-api": [line(_regional("appsync", "apis/chat1"), {"apiId": "chat1"})],
        "appsync:domain": [
            line(_regional("appsync", "domainnames/g.example.com"), {"domainName": "g.example.com"})
        ],
        "apprunner:service": [line(_regional("apprunner", "service/web/run1"))],
        "apprunner:vpc-ingress-connection": [
            line(_regional("apprunner", "vpcingressconnection/in/1/in1"))
        ],
        "apprunner:vpc-connector": [
            line(
                _regional("apprunner", "vpcconnector/out/1/out1"),
                {"Subnets": [SUBNET], "SecurityGroups": [SG]},
            )
        ],
        "elasticbeanstalk:env": [line(_regional("elasticbeanstalk", "environment/app/bean1"))],
        "elasticbeanstalk:application": [line(_regional("elasticbeanstalk", "application/bean"))],
        "amplify:app": [line(_regional("amplify", "apps/amp1"), {"appId": "amp1"})],
        "cloudmap:namespace": [_named(_regional("servicediscovery", "namespace/ns-1"))],
        "cloudmap:service": [_named(_regional("servicediscovery", "service/srv-1"))],
    }


def _settings() -> dict[str, list[Line]]:
    setting = {"ServiceSetting": {"SettingValue": "Disable"}}
    return {
        "ssm:setting": [line(f"{PROD}/{WEST}", get_service_setting=ok(setting))],
        "xray:policy": [
            line(
                f"{PROD}/{WEST}",
                list_resource_policies=ok([{"PolicyName": "traces", "PolicyDocument": "{}"}]),
            )
        ],
        "iot:endpoint": [
            line(f"{PROD}/{WEST}", describe_endpoint=ok({"endpointAddress": "x-ats.iot"}))
        ],
    }


def _at_the_edge() -> dict[str, list[Line]]:
    return {
        "globalaccelerator:accelerator": [
            _named(_edge("globalaccelerator", "accelerator/acc-std"))
        ],
        "globalaccelerator:custom-routing-accelerator": [
            _named(_edge("globalaccelerator", "accelerator/acc-custom"))
        ],
        "globalaccelerator:cross-account-attachment": [
            _named(_edge("globalaccelerator", "attachment/lent"))
        ],
        "cloudfront:distribution": [
            line(_edge("cloudfront", "distribution/E1"), {"DomainName": "d1.cloudfront.net"})
        ],
        "cloudfront:vpc-origin": [_named(_edge("cloudfront", "vpcorigin/vo_1"))],
        "cloudfront:origin-access-control": [
            _named(_edge("cloudfront", "origin-access-control/OAC1"))
        ],
        "cloudfront:origin-access-identity": [
            line(_edge("cloudfront", "origin-access-identity/OAI1"), {"Id": "OAI1"})
        ],
        "cloudfront:function": [_named(_edge("cloudfront", "function/rewrite"))],
        "cloudfront:key-group": [
            line(_edge("cloudfront", "key-group/kg-1"), {"KeyGroup": {"Id": "kg-1"}})
        ],
        "wafv2:cloudfront-web-acl": [
            _named(
                f"arn:aws:wafv2:us-east-1:{PROD}:global/webacl/edge/w2",
                Id="w2",
            )
        ],
        "wafv2:cloudfront-ip-set": [
            _named(f"arn:aws:wafv2:us-east-1:{PROD}:global/ipset/office/s2", Id="s2")
        ],
        "wafv2:cloudfront-rule-group": [
            _named(f"arn:aws:wafv2:us-east-1:{PROD}:global/rulegroup/own/g2", Id="g2")
        ],
        "shield:subscription": [line(PROD, describe_subscription=ok({"Subscription": {}}))],
        "shield:protection": [_named(_edge("shield", "protection/prot-1"))],
        "route53:zone": [_named(ZONE)],
        "route53:dnssec": [line(ZONE, {"Id": "/hostedzone/Z1"}, get_dnssec=ok({"Status": {}}))],
        "route53:query-logging-config": [
            line(
                "arn:aws:route53:::queryloggingconfig/q1",
                {"HostedZoneId": "Z1", "CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:1:l"},
            )
        ],
        "route53:health-check": [line("arn:aws:route53:::healthcheck/h-1", {"Id": "h-1"})],
        "route53domains:domain": [
            line("arn:aws:route53domains:::domain/example.org", {"DomainName": "example.org"})
        ],
    }


NODES = """
resource-policies XRayResourcePolicies
mail SESConfigurationSet
rest1 RestApi
api.example.com APIGatewayDomain
internal.example.com+p1 APIGatewayPrivateDomain
v APIGatewayDomainAccessAssociation
link1 APIGatewayVpcLink
key1 APIGatewayKey
plan1 APIGatewayUsagePlan
cc1 APIGatewayClientCertificate
http1 HttpApi
link2 HttpApiVpcLink
w1 WebACL
s1 IPSet
g1 WebACLRuleGroup
cert1 Certificate
ca1 PrivateCertificateAuthority
eu-west-1_a CognitoUserPool
7 LambdaVersion
tools LambdaLayer
uuid-1 LambdaEventSourceMapping
site-fn LambdaWebFunction
url SSMParameter
restart SSMDocument
as1 SSMAssociation
central EventBus
on-login EventRule
kept EventArchive
1 EventApiDestination
2 EventConnection
both EventGlobalEndpoint
second EventBusV2
nightly Schedule
orders-out EventPipe
shapes SchemaRegistry
billing StateMachine
by-hand StepFunctionsActivity
b-1 MQBroker
k1 KafkaCluster
v1 KafkaVpcConnection
clicks KinesisStream
9 KinesisConsumer
to-lake FirehoseStream
1600000000 VideoStream
example.com EmailIdentity
films MediaStoreContainer
sensors IoTPolicy
abc IoTCertificate
uploads IoTRoleAlias
graph1 GraphQLApi
chat1 EventApi
g.example.com AppSyncDomain
run1 AppRunnerService
in1 AppRunnerVpcIngressConnection
out1 AppRunnerVpcConnector
bean1 BeanstalkEnvironment
bean BeanstalkApplication
amp1 AmplifyApp
ns-1 CloudMapNamespace
srv-1 CloudMapService
acc-std GlobalAccelerator
acc-custom CustomRoutingAccelerator
lent CrossAccountAttachment
E1 CloudFrontDistribution
vo_1 CloudFrontVpcOrigin
OAC1 CloudFrontOriginAccessControl
OAI1 CloudFrontOriginAccessIdentity
rewrite CloudFrontFunction
kg-1 CloudFrontKeyGroup
w2 CloudFrontWebACL
s2 CloudFrontIPSet
g2 CloudFrontRuleGroup
prot-1 ShieldProtection
Z1 HostedZone
h-1 Route53HealthCheck
example.org RegisteredDomain
"""

RELATIONSHIPS = """
IN_SUBNET link2 subnet-A
HAS_SECURITY_GROUP link2 sg-A
IN_SUBNET b-1 subnet-A
HAS_SECURITY_GROUP b-1 sg-A
IN_SUBNET k1 subnet-A
HAS_SECURITY_GROUP k1 sg-A
IN_VPC v1 vpc-A
IN_SUBNET out1 subnet-A
HAS_SECURITY_GROUP out1 sg-A
"""

CLOUDFORMATION = {
    "AWS::ACMPCA::CertificateAuthority",
    "AWS::AmazonMQ::Broker",
    "AWS::Amplify::App",
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::ClientCertificate",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::DomainNameAccessAssociation",
    "AWS::ApiGateway::DomainNameV2",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::VpcLink",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::VpcLink",
    "AWS::AppRunner::Service",
    "AWS::AppRunner::VpcConnector",
    "AWS::AppRunner::VpcIngressConnection",
    "AWS::AppSync::Api",
    "AWS::AppSync::DomainName",
    "AWS::AppSync::GraphQLApi",
    "AWS::CertificateManager::Certificate",
    "AWS::CloudFront::CloudFrontOriginAccessIdentity",
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::KeyGroup",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::VpcOrigin",
    "AWS::Cognito::UserPool",
    "AWS::ElasticBeanstalk::Application",
    "AWS::ElasticBeanstalk::Environment",
    "AWS::EventSchemas::Registry",
    "AWS::Events::ApiDestination",
    "AWS::Events::Archive",
    "AWS::Events::Connection",
    "AWS::Events::Endpoint",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::GlobalAccelerator::Accelerator",
    "AWS::GlobalAccelerator::CrossAccountAttachment",
    "AWS::IoT::Certificate",
    "AWS::IoT::Policy",
    "AWS::IoT::RoleAlias",
    "AWS::Kinesis::Stream",
    "AWS::Kinesis::StreamConsumer",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::KinesisVideo::Stream",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Version",
    "AWS::MSK::Cluster",
    "AWS::MSK::VpcConnection",
    "AWS::MediaStore::Container",
    "AWS::Pipes::Pipe",
    "AWS::Route53::HealthCheck",
    "AWS::Route53::HostedZone",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::EmailIdentity",
    "AWS::SSM::Association",
    "AWS::SSM::Document",
    "AWS::SSM::Parameter",
    "AWS::Scheduler::Schedule",
    "AWS::ServiceDiscovery::Service",
    "AWS::Shield::Protection",
    "AWS::StepFunctions::Activity",
    "AWS::StepFunctions::StateMachine",
    "AWS::WAFv2::IPSet",
    "AWS::WAFv2::RuleGroup",
    "AWS::WAFv2::WebACL",
    "AWS::XRay::ResourcePolicy",
}
"""CloudFormation's own names, from its resource type reference."""
