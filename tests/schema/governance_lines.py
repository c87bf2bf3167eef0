"""Lines of identity, governance, builds, data and billing; one of every type."""

from __future__ import annotations

from typing import Any

from tests.schema.aws_lines import (
    KEY,
    MANAGEMENT,
    ORG,
    PROD,
    SG,
    SHARED,
    SUBNET,
    VPC,
    WEST,
    Lines,
    iam,
    line,
    ok,
)

_HERE = f"{PROD}/{WEST}"
CENTER = "arn:aws:sso:::instance/ssoins-7223abcd0123efgh"
Rows = dict[tuple[str, str], list[dict[str, Any]]]


def arn(service: str, resource: str, region: str = WEST) -> str:
    return f"arn:aws:{service}:{region}:{PROD}:{resource}"


def lines() -> Lines:
    """The lines of every file."""
    found = (
        _identity() | _watching() | _data() | _learning() | _building() | _offering() | _paying()
    )
    by_file: Lines = {(PROD, place, type_id): rows for (place, type_id), rows in found.items()}
    return by_file | _organisation()


def _organisation() -> Lines:
    invitation = f"{ORG}:handshake/o-abc/invite/h-1"
    handshake = {"Id": "h-1", "State": "OPEN", "Action": "INVITE"}
    return {
        (SHARED, "global", "org:management-policy"): [
            line(
                f"{ORG}:policy/o-abc/tag_policy/p-2",
                {"Id": "p-2", "Name": "tags", "Type": "TAG_POLICY"},
                list_targets_for_policy=ok([{"TargetId": PROD, "Arn": "x", "Type": "ACCOUNT"}]),
            )
        ],
        (SHARED, "global", "org:effective-policy"): [
            line(f"{ORG}:account/o-abc/{PROD}", {"Id": PROD})
        ],
        (PROD, "global", "org:handshake"): [line(invitation, handshake)],
        (SHARED, "global", "org:organization-handshake"): [line(invitation, handshake)],
        (SHARED, "global", "iam:org-root-features"): [
            line(
                SHARED,
                list_organizations_features=ok(
                    {"OrganizationId": "o-abc", "EnabledFeatures": ["RootSessions"]}
                ),
            )
        ],
        (SHARED, "global", "tagging:compliance"): [
            line(SHARED, get_compliance_summary=ok([{"NonCompliantResources": 3}]))
        ],
        (SHARED, WEST, "gd:organization-admin"): [
            line(
                f"{SHARED}/{WEST}",
                list_organization_admin_accounts=ok([{"AdminAccountId": MANAGEMENT}]),
            )
        ],
        (SHARED, WEST, "sso:application"): [
            line("arn:aws:sso::444455556666:application/ssoins-1/apl-1", {"Name": "shop"})
        ],
        (SHARED, WEST, "sso:trusted-token-issuer"): [
            line("arn:aws:sso::444455556666:trustedTokenIssuer/ssoins-1/tti-1", {"Name": "okta"})
        ],
    }


def _identity() -> Rows:
    anchor = arn("rolesanywhere", "crl/crl-1")
    return {
        ("global", "iam:user-credentials"): [
            line(iam("user", "ann"), list_access_keys=ok([{"AccessKeyId": "AKIA1"}]))
        ],
        ("global", "iam:last-accessed"): [line(iam("role", "service/app"))],
        ("global", "iam:password-policy"): [line(PROD)],
        ("global", "iam:virtual-mfa"): [line(iam("mfa", "root-account-mfa-device"))],
        ("global", "iam:server-certificate"): [
            line(iam("server-certificate", "old"), {"ServerCertificateName": "old"})
        ],
        ("global", "aws:account-contact"): [line(PROD)],
        ("global", "aws:region-opt-status"): [
            line(WEST, {"RegionOptStatus": "ENABLED_BY_DEFAULT"})
        ],
        (WEST, "iam:roles-anywhere-crl"): [line(anchor, {"crlId": "crl-1", "name": "lost"})],
    }


def _watching() -> Rows:
    return {
        (WEST, "cloudtrail:trail"): [
            line(arn("cloudtrail", "trail/main"), {"Name": "main", "KmsKeyId": KEY})
        ],
        (WEST, "cloudtrail:event-data-store"): [line(arn("cloudtrail", "eventdatastore/lake"))],
        (WEST, "cloudtrail:channel"): [line(arn("cloudtrail", "channel/in"))],
        (WEST, "aa:analyzer"): [line(arn("access-analyzer", "analyzer/outside"))],
        (WEST, "gd:detector"): [line(arn("guardduty", "detector/d-1"))],
        (WEST, "sh:hub"): [line(_HERE, describe_hub=ok({"HubArn": arn("securityhub", "hub/x")}))],
        (WEST, "macie:session"): [line(_HERE)],
        (WEST, "inspector2:status"): [line(_HERE)],
        (WEST, "detective:graph"): [line(arn("detective", "graph:g-1"))],
        (WEST, "config:recorder"): [line(arn("config", "configuration-recorder/default/r-1"))],
        (WEST, "config:aggregator"): [line(arn("config", "config-aggregator/a-1"))],
        (WEST, "config:aggregation-authorization"): [
            line(arn("config", f"aggregation-authorization/{SHARED}/us-east-1"))
        ],
        (WEST, "config:rule"): [line(arn("config", "config-rule/rule-1"))],
        (WEST, "logs:group"): [
            line(arn("logs", "log-group:web"), {"logGroupName": "web", "kmsKeyId": KEY})
        ],
        (WEST, "logs:destination"): [line(arn("logs", "destination:central"))],
        (WEST, "logs:delivery"): [
            line(arn("logs", "delivery:d-1"), {"id": "d-1", "deliverySourceName": "edge"})
        ],
        (WEST, "logs:delivery-destination"): [
            line(arn("logs", "delivery-destination:central"), {"name": "central"})
        ],
        (WEST, "logs:account-settings"): [
            line(
                _HERE,
                describe_resource_policies=ok([{"policyName": "dns", "policyDocument": "{}"}]),
            )
        ],
        (WEST, "cw:alarm"): [
            line(arn("cloudwatch", "alarm:root-used"), {"AlarmName": "root-used"})
        ],
        (WEST, "cw:composite-alarm"): [line(arn("cloudwatch", "alarm:all"), {"AlarmName": "all"})],
        (WEST, "oam:sink"): [line(arn("oam", "sink/s-1"), {"Id": "s-1", "Name": "central"})],
        (WEST, "oam:link"): [line(arn("oam", "link/l-1"), {"Id": "l-1", "Label": "prod"})],
        (WEST, "amp:workspace"): [line(arn("aps", "workspace/ws-1"), {"alias": "metrics"})],
    }


def _data() -> Rows:
    connection = {
        "Name": "orders-db",
        "PhysicalConnectionRequirements": {"SubnetId": SUBNET, "SecurityGroupIdList": [SG]},
    }
    cluster = {"Ec2InstanceAttributes": {"Ec2SubnetId": SUBNET}}
    airflow = {"NetworkConfiguration": {"SubnetIds": [SUBNET], "SecurityGroupIds": [SG]}}
    return {
        (WEST, "glue:catalog"): [line(_HERE, get_resource_policy=ok({"PolicyInJson": "{}"}))],
        (WEST, "glue:database"): [line(arn("glue", "database/sales"), {"Name": "sales"})],
        (WEST, "glue:table"): [line(arn("glue", "table/sales/orders"), {"Name": "orders"})],
        (WEST, "glue:connection"): [line(arn("glue", "connection/orders-db"), connection)],
        (WEST, "glue:job"): [line(arn("glue", "job/nightly"), {"Name": "nightly"})],
        (WEST, "glue:dev-endpoint"): [
            line(arn("glue", "devEndpoint/dev"), {"EndpointName": "dev", "VpcId": VPC})
        ],
        (WEST, "glue:crawler"): [line(arn("glue", "crawler/reader"), {"Name": "reader"})],
        (WEST, "glue:session"): [line(arn("glue", "session/se-1"), {"Id": "se-1"})],
        (WEST, "lakeformation:permissions"): [line(_HERE)],
        (WEST, "emr:cluster"): [
            line(
                arn("elasticmapreduce", "cluster/j-1"),
                {"Id": "j-1", "Name": "hadoop"},
                describe_cluster=ok({"Cluster": cluster}),
            )
        ],
        (WEST, "emr:studio"): [line(arn("elasticmapreduce", "studio/es-1"), {"VpcId": VPC})],
        (WEST, "emr:block-public-access"): [line(_HERE)],
        (WEST, "emr-serverless:app"): [line(arn("emr-serverless", "/applications/app-1"))],
        (WEST, "mwaa:environment"): [
            line(
                arn("airflow", "environment/flows"),
                {"Name": "flows"},
                get_environment=ok({"Environment": airflow}),
            )
        ],
        (WEST, "ds:directory"): [
            line(
                arn("ds", "directory/d-9"),
                {"DirectoryId": "d-9", "Name": "corp.example", "VpcSettings": {"VpcId": VPC}},
            )
        ],
        (WEST, "quicksight:account"): [line(_HERE)],
        (WEST, "quicksight:dashboard"): [line(arn("quicksight", "dashboard/db-1"))],
    }


def _learning() -> Rows:
    network = {"vpcConfig": {"subnets": [SUBNET], "securityGroups": [SG]}}
    return {
        (WEST, "sagemaker:notebook"): [
            line(
                arn("sagemaker", "notebook-instance/notes"),
                describe_notebook_instance=ok({"SubnetId": SUBNET, "SecurityGroups": [SG]}),
            )
        ],
        (WEST, "sagemaker:domain"): [line(arn("sagemaker", "domain/d-studio"))],
        (WEST, "sagemaker:user-profile"): [line(arn("sagemaker", "user-profile/d-studio/ann"))],
        (WEST, "sagemaker:lifecycle-config"): [
            line(arn("sagemaker", "notebook-instance-lifecycle-config/setup"))
        ],
        (WEST, "sagemaker:endpoint"): [line(arn("sagemaker", "endpoint/score"))],
        (WEST, "sagemaker:endpoint-config"): [line(arn("sagemaker", "endpoint-config/score-1"))],
        (WEST, "sagemaker:model"): [line(arn("sagemaker", "model/scorer"))],
        (WEST, "sagemaker:model-package-group"): [
            line(arn("sagemaker", "model-package-group/scorers"))
        ],
        (WEST, "agentcore:runtime"): [line(arn("bedrock-agentcore", "runtime/helper"))],
        (WEST, "agentcore:gateway"): [line(arn("bedrock-agentcore", "gateway/tools"))],
        (WEST, "agentcore:code-interpreter"): [
            line(arn("bedrock-agentcore", "code-interpreter-custom/python"))
        ],
        (WEST, "agentcore:browser"): [
            line(
                arn("bedrock-agentcore", "browser-custom/surf"),
                get_browser=ok({"networkConfiguration": network}),
            )
        ],
        (WEST, "bedrock:agent"): [line(arn("bedrock", "agent/AG1"), {"agentName": "desk"})],
        (WEST, "bedrock:knowledge-base"): [line(arn("bedrock", "knowledge-base/KB1"))],
        (WEST, "bedrock:model"): [line(arn("bedrock", "custom-model/tuned"))],
        (WEST, "bedrock:guardrail"): [line(arn("bedrock", "guardrail/gr-1"))],
        (WEST, "bedrock:invocation-logging"): [line(_HERE)],
    }


def _building() -> Rows:
    project = {"vpcConfig": {"vpcId": VPC, "subnets": [SUBNET], "securityGroupIds": [SG]}}
    return {
        (WEST, "codebuild:project"): [
            line(
                arn("codebuild", "project/build"),
                {"name": "build"},
                batch_get_projects=ok(project),
                get_resource_policy=ok({"policy": "{}"}),
            )
        ],
        (WEST, "codebuild:source-credential"): [line(arn("codebuild", "token/github"))],
        (WEST, "codebuild:report-group"): [line(arn("codebuild", "report-group/tests"))],
        (WEST, "codeartifact:domain"): [
            line(arn("codeartifact", "domain/acme"), {"name": "acme", "encryptionKey": KEY})
        ],
        (WEST, "codeartifact:repository"): [line(arn("codeartifact", "repository/acme/npm"))],
        (WEST, "codepipeline:pipeline"): [line(arn("codepipeline", "release"))],
        (WEST, "codepipeline:webhook"): [line(arn("codepipeline", "webhook:push"))],
        (WEST, "codecommit:repository"): [line(arn("codecommit", "code"))],
        (WEST, "codedeploy:application"): [
            line(arn("codedeploy", "application:shop"), {"applicationName": "shop"})
        ],
        (WEST, "codedeploy:deployment-group"): [
            line(
                arn("codedeploy", "deploymentgroup:shop/prod"),
                {"applicationName": "shop", "deploymentGroupName": "prod"},
                batch_get_deployment_groups=ok({"ec2TagFilters": [{"Key": "app"}]}),
            )
        ],
        (WEST, "codeconnections:connection"): [line(arn("codeconnections", "connection/c-1"))],
        (WEST, "cloudformation:stack"): [
            line(arn("cloudformation", "stack/base/st-1"), {"StackName": "base"})
        ],
        (WEST, "cloudformation:stack-set"): [
            line(arn("cloudformation", "stackset/guard:ss-1"), {"StackSetName": "guard"})
        ],
    }


def _offering() -> Rows:
    tagged = [{"Key": "team", "Value": "web"}]
    return {
        (WEST, "serverlessrepo:application"): [
            line(
                arn("serverlessrepo", "applications/resizer"),
                get_application_policy=ok({"Statements": [{"Principals": ["*"]}]}),
            )
        ],
        (WEST, "servicecatalog:portfolio"): [line(arn("catalog", "portfolio/port-1"))],
        (WEST, "servicecatalog:accepted-share"): [
            line(f"arn:aws:catalog:{WEST}:{SHARED}:portfolio/port-2", {"DisplayName": "Base"})
        ],
        (WEST, "tagging:resources"): [
            line(arn("ground-station", "antenna/x-1"), {"Tags": tagged}),
        ],
        (WEST, "resource-explorer:index"): [line(arn("resource-explorer-2", "index/i-1"))],
        (WEST, "resource-explorer:view"): [line(arn("resource-explorer-2", "view/all/v-1"))],
        (WEST, "resource-explorer:resource"): [
            line(arn("ground-station", "antenna/x-2"), {"OwningAccountId": PROD}),
        ],
    }


def _paying() -> Rows:
    return {
        ("global", "budgets:budget"): [line(arn("budgets", "budget/month", ""))],
        ("global", "budgets:action"): [line(arn("budgets", "budget/month/action/ba-1", ""))],
        ("global", "ce:usage"): [line(PROD, get_cost_and_usage=ok([USAGE]))],
        ("global", "ce:anomaly-monitor"): [line(arn("ce", "anomalymonitor/m-1", ""))],
        ("global", "ce:anomaly-subscription"): [line(arn("ce", "anomalysubscription/su-1", ""))],
    }


USAGE = {
    "Groups": [
        {"Keys": ["eu-west-1", "AWS Lambda"]},
        {"Keys": ["us-east-1", "AWS Lambda"]},
    ]
}

NODES = """
catalog GlueDataCatalog
resource-policies LogsResourcePolicies
central LogDeliveryDestination
d-1 LogDelivery
outside AccessAnalyzer
flows AirflowEnvironment
ws-1 PrometheusWorkspace
surf AgentBrowser
python AgentCodeInterpreter
tools AgentGateway
helper AgentRuntime
AG1 BedrockAgent
tuned BedrockCustomModel
gr-1 BedrockGuardrail
KB1 BedrockKnowledgeBase
month Budget
ba-1 BudgetAction
port-1 ServiceCatalogPortfolio
port-2 ServiceCatalogPortfolio
m-1 CostAnomalyMonitor
su-1 CostAnomalySubscription
st-1 CloudFormationStack
ss-1 StackSet
in CloudTrailChannel
lake EventDataStore
main CloudTrail
all CompositeAlarm
root-used CloudWatchAlarm
acme CodeArtifactDomain
npm CodeArtifactRepository
build CodeBuildProject
tests CodeBuildReportGroup
github CodeBuildSourceCredential
code CodeCommitRepository
c-1 CodeConnection
shop CodeDeployApplication
prod CodeDeployDeploymentGroup
release CodePipeline
push CodePipelineWebhook
us-east-1 ConfigAggregationAuthorization
a-1 ConfigAggregator
rule-1 ConfigRule
r-1 ConfigRecorder
g-1 DetectiveGraph
d-9 Directory
j-1 EMRCluster
es-1 EMRStudio
app-1 EMRServerlessApplication
orders-db GlueConnection
reader GlueCrawler
sales GlueDatabase
dev GlueDevEndpoint
nightly GlueJob
se-1 GlueSession
orders GlueTable
x-1 TaggedResource
x-2 IndexedResource
d-1 GuardDutyDetector
root-account-mfa-device VirtualMFADevice
old ServerCertificate
central LogDestination
web LogGroup
l-1 ObservabilityLink
s-1 ObservabilitySink
h-1 Handshake
p-2 ManagementPolicy
db-1 QuickSightDashboard
i-1 ResourceExplorerIndex
v-1 ResourceExplorerView
crl-1 RolesAnywhereCRL
d-studio SageMakerDomain
score-1 SageMakerEndpointConfig
score SageMakerEndpoint
scorers SageMakerModelPackageGroup
scorer SageMakerModel
setup SageMakerLifecycleConfig
notes SageMakerNotebook
ann SageMakerUserProfile
resizer ServerlessApplication
apl-1 IdentityCenterApplication
tti-1 TrustedTokenIssuer
region:444455556666/eu-west-1 Region -
"""
RELATIONSHIPS = """
APPLIES_TO p-2 account:111122223333
ENCRYPTED_WITH main 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH acme 11111111-2222-3333-4444-555555555555
ENCRYPTED_WITH web 11111111-2222-3333-4444-555555555555
HAS_SECURITY_GROUP flows sg-A
HAS_SECURITY_GROUP surf sg-A
HAS_SECURITY_GROUP build sg-A
HAS_SECURITY_GROUP orders-db sg-A
HAS_SECURITY_GROUP notes sg-A
IN_SUBNET flows subnet-A
IN_SUBNET surf subnet-A
IN_SUBNET build subnet-A
IN_SUBNET j-1 subnet-A
IN_SUBNET orders-db subnet-A
IN_SUBNET notes subnet-A
IN_VPC build vpc-A
IN_VPC d-9 vpc-A
IN_VPC es-1 vpc-A
IN_VPC dev vpc-A
"""
CLOUDFORMATION = {
    "AWS::APS::Workspace",
    "AWS::AccessAnalyzer::Analyzer",
    "AWS::Bedrock::Agent",
    "AWS::Bedrock::Guardrail",
    "AWS::Bedrock::KnowledgeBase",
    "AWS::BedrockAgentCore::BrowserCustom",
    "AWS::BedrockAgentCore::CodeInterpreterCustom",
    "AWS::BedrockAgentCore::Gateway",
    "AWS::BedrockAgentCore::Runtime",
    "AWS::Budgets::Budget",
    "AWS::Budgets::BudgetsAction",
    "AWS::CE::AnomalyMonitor",
    "AWS::CE::AnomalySubscription",
    "AWS::CloudFormation::Stack",
    "AWS::CloudFormation::StackSet",
    "AWS::CloudTrail::Channel",
    "AWS::CloudTrail::EventDataStore",
    "AWS::CloudTrail::Trail",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CodeArtifact::Domain",
    "AWS::CodeArtifact::Repository",
    "AWS::CodeBuild::Project",
    "AWS::CodeBuild::ReportGroup",
    "AWS::CodeBuild::SourceCredential",
    "AWS::CodeCommit::Repository",
    "AWS::CodeConnections::Connection",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CodePipeline::Pipeline",
    "AWS::CodePipeline::Webhook",
    "AWS::Config::AggregationAuthorization",
    "AWS::Config::ConfigRule",
    "AWS::Config::ConfigurationAggregator",
    "AWS::Config::ConfigurationRecorder",
    "AWS::Detective::Graph",
    "AWS::EMR::Cluster",
    "AWS::EMR::Studio",
    "AWS::EMRServerless::Application",
    "AWS::Glue::Connection",
    "AWS::Glue::Crawler",
    "AWS::Glue::Database",
    "AWS::Glue::DevEndpoint",
    "AWS::Glue::Job",
    "AWS::Glue::Table",
    "AWS::GuardDuty::Detector",
    "AWS::IAM::ServerCertificate",
    "AWS::IAM::VirtualMFADevice",
    "AWS::Logs::Delivery",
    "AWS::Logs::DeliveryDestination",
    "AWS::Logs::Destination",
    "AWS::Logs::LogGroup",
    "AWS::Logs::ResourcePolicy",
    "AWS::MWAA::Environment",
    "AWS::Oam::Link",
    "AWS::Oam::Sink",
    "AWS::QuickSight::Dashboard",
    "AWS::ResourceExplorer2::Index",
    "AWS::ResourceExplorer2::View",
    "AWS::RolesAnywhere::CRL",
    "AWS::SSO::Application",
    "AWS::SageMaker::Domain",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
    "AWS::SageMaker::ModelPackageGroup",
    "AWS::SageMaker::NotebookInstance",
    "AWS::SageMaker::NotebookInstanceLifecycleConfig",
    "AWS::SageMaker::UserProfile",
    "AWS::ServiceCatalog::Portfolio",
}
