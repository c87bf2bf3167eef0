"""A line of every type whose policy alone decides, as AWS's calls answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from snapshot_files import ACCOUNT, REGION, Absent, Denied, line

VENDOR = "999988887777"
ORGANISATION = "o-a1b2c3d4e5"
SETTINGS = f"{ACCOUNT}/{REGION}"


def arn(service: str, rest: str, region: str = REGION, account: str = ACCOUNT) -> str:
    """An ARN of the account under test."""
    return f"arn:aws:{service}:{region}:{account}:{rest}"


def statement(action: str, resource: Any, principal: Any, **more: Any) -> dict[str, Any]:
    """An Allow."""
    row = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return row | more


def text(*statements: dict[str, Any]) -> str:
    """A policy as most calls give it."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@dataclass(frozen=True)
class Shape:
    """How a type's policy comes.

    Attributes:
        type_id: snapshot type.
        id: of the line.
        call: name of the follow-up call as it stands on the line; empty: it is on the item.
        wrap: a policy's text as that call's value (or as the item).
        action, resource: what AWS's example policies for the type allow, and on what.
        mechanism: the judgement's mechanism.
        gap: what a denied call is called.
        widest: who could come at all.
        target: the node that is judged; default the line's.
        item: the line's own members.
        beside: further calls of the line.
        public: the verdict for everyone where the policy admits everyone; empty where a front
            door judges everyone.
        network: whether callers have to reach it beside.
        region: where it is collected.
    """

    type_id: str
    id: str
    call: str
    wrap: Callable[[str], Any]
    action: str
    resource: Any
    mechanism: str
    gap: str
    widest: str = "any-aws-principal"
    target: str = ""
    item: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    public: str = "yes"
    network: bool = False
    region: str = REGION

    @property
    def blocked(self) -> bool:
        """Whether Block Public Access is always on for the type."""
        return self.type_id.startswith(("s3:directory", "s3tables:", "s3vectors:"))

    @property
    def judged(self) -> str:
        return self.target or self.id

    def line(self, given: Any) -> dict[str, Any]:
        """The line with a policy's text, ``Denied`` or ``Absent``."""
        plain = given is Denied or given is Absent
        value = given if plain else self.wrap(given)
        if not self.call:
            return line(self.id, self.item | ({} if plain else value), **self.beside)
        calls = {**self.beside, self.call: value}
        made: dict[str, Any] = line(self.id, self.item)
        made["calls"] = {
            name: line("x", {}, call=answer)["calls"]["call"] for name, answer in calls.items()
        }
        return made

    def allow(self, principal: Any, **more: Any) -> dict[str, Any]:
        """An Allow of the type's action."""
        return statement(self.action, self.resource, principal, **more)


def _under(*names: str) -> Callable[[str], Any]:
    def wrap(given: str) -> Any:
        value: Any = given
        for name in reversed(names):
            value = {name: value}
        return value

    return wrap


def _row(policy: str, name: str, **more: str) -> Callable[[str], Any]:
    return lambda given: [{name: "one", policy: given, **more}]


_TABLE = arn("dynamodb", "table/orders")
_STREAM = f"{_TABLE}/stream/2026-01-01T00:00:00.000"
_DESCRIBED = {"describe_table": {"Table": {"TableArn": _TABLE, "LatestStreamArn": _STREAM}}}
_LAYER = arn("lambda", "layer:shared")
_SECRET = arn("secretsmanager", "secret:db-AbCdEf")
_IMAGE = arn("imagebuilder", "image/base/1.0.0")
_COMPONENT = arn("imagebuilder", "component/agent/1.0.0")
_CORE = f"arn:aws:networkmanager::{ACCOUNT}:core-network/core-network-1"
_ROOT = f"arn:aws:organizations::{ACCOUNT}:root/o-1/r-1"


def _simple(
    type_id: str,
    service: str,
    rest: str,
    call: str,
    path: tuple[str, ...],
    action: str,
    mechanism: str,
    client: str,
    **more: Any,
) -> Shape:
    own = more.pop("id", arn(service, rest))
    return Shape(
        type_id,
        own,
        call,
        _under(*path),
        action,
        more.pop("resource", own),
        mechanism,
        f"{client}.{call.partition('(')[0]}",
        **more,
    )


def _many(rows: tuple[tuple[Any, ...], ...]) -> tuple[Shape, ...]:
    return tuple(_simple(*row[:8], **(row[8] if len(row) > 8 else {})) for row in rows)


# Type, service and rest of the ARN, call, members, action, mechanism, client.
_PLAIN = _many(
    (
        ("sqs:queue", "sqs", "orders", "get_queue_attributes", ("Attributes", "Policy"),
         "sqs:SendMessage", "queue-policy", "sqs", {"widest": "internet"}),
        ("sns:topic", "sns", "news", "get_topic_attributes", ("Attributes", "Policy"),
         "sns:Publish", "topic-policy", "sns", {"widest": "internet"}),
        ("secretsmanager:secret", "secretsmanager", "secret:db-AbCdEf", "get_resource_policy",
         ("ResourcePolicy",), "secretsmanager:GetSecretValue", "secret-policy", "secretsmanager"),
        ("lambda:function-version", "lambda", "function:hello:3", "get_policy", ("Policy",),
         "lambda:InvokeFunction", "function-policy", "lambda"),
        ("ecr:repository", "ecr", "repository/app", "get_repository_policy", ("policyText",),
         "ecr:BatchGetImage", "repository-policy", "ecr"),
        ("ecr-public:repository", "ecr-public", "repository/app", "get_repository_policy",
         ("policyText",), "ecr-public:PutImage", "repository-policy", "ecr-public"),
        ("kinesis:stream", "kinesis", "stream/clicks", "get_resource_policy", ("Policy",),
         "kinesis:GetRecords", "stream-policy", "kinesis"),
        ("kinesis:consumer", "kinesis", "stream/clicks/consumer/c:1", "get_resource_policy",
         ("Policy",), "kinesis:SubscribeToShard", "consumer-policy", "kinesis"),
        ("efs:file-system", "elasticfilesystem", "file-system/fs-1", "describe_file_system_policy",
         ("Policy",), "elasticfilesystem:ClientMount", "file-system-policy", "efs",
         {"widest": "internet", "public": "conditional", "network": True}),
        ("events:bus", "events", "event-bus/main", "describe_event_bus", ("Policy",),
         "events:PutEvents", "event-bus-policy", "events"),
        ("eventbridgev2:bus", "events", "event-bus/next", "get_resource_policy",
         ("PolicyDocument",), "events:PutEvents", "event-bus-policy", "eventbridgev2"),
        ("schemas:registry", "schemas", "registry/shapes", "get_resource_policy", ("Policy",),
         "schemas:DescribeSchema", "registry-policy", "schemas",
         {"resource": arn("schemas", "schema/shapes*")}),
        ("backup:vault", "backup", "backup-vault:main", "get_backup_vault_access_policy",
         ("Policy",), "backup:CopyIntoBackupVault", "vault-policy", "backup", {"resource": "*"}),
        ("codeartifact:domain", "codeartifact", "domain/corp", "get_domain_permissions_policy",
         ("policy", "document"), "codeartifact:GetAuthorizationToken", "domain-policy",
         "codeartifact", {"resource": "*"}),
        ("codeartifact:repository", "codeartifact", "repository/corp/npm",
         "get_repository_permissions_policy", ("policy", "document"),
         "codeartifact:ReadFromRepository", "repository-policy", "codeartifact",
         {"resource": "*"}),
        ("glacier:vault", "glacier", "vaults/old", "get_vault_access_policy",
         ("policy", "Policy"), "glacier:InitiateJob", "vault-policy", "glacier",
         {"beside": {"get_vault_lock": Absent}}),
        ("acm-pca:ca", "acm-pca", "certificate-authority/1", "get_policy", ("Policy",),
         "acm-pca:IssueCertificate", "ca-policy", "acm-pca",
         {"beside": {"list_permissions": []}}),
        ("kafka:cluster", "kafka", "cluster/main/1", "get_cluster_policy", ("Policy",),
         "kafka:CreateVpcConnection", "cluster-policy", "kafka"),
        ("opensearch:domain", "es", "domain/logs", "describe_domains", ("AccessPolicies",),
         "es:ESHttpGet", "access-policy", "opensearch",
         {"resource": arn("es", "domain/logs/*"), "widest": "internet", "public": ""}),
        ("s3:directory-bucket", "s3express", "bucket/fast--euw1-az1--x-s3", "get_bucket_policy",
         ("Policy",), "s3express:CreateSession", "bucket-policy", "s3", {"public": ""}),
        ("s3:access-grants", "s3", "access-grants/default",
         "get_access_grants_instance_resource_policy", ("Policy",), "s3:GetDataAccess",
         "access-grants-policy", "s3control"),
        ("s3tables:bucket", "s3tables", "bucket/lake", "get_table_bucket_policy",
         ("resourcePolicy",), "s3tables:GetTableData", "table-bucket-policy", "s3tables",
         {"resource": arn("s3tables", "bucket/lake/table/*"), "public": ""}),
        ("s3tables:table", "s3tables", "bucket/lake/table/t-1", "get_table_policy",
         ("resourcePolicy",), "s3tables:GetTableData", "table-policy", "s3tables",
         {"public": ""}),
        ("s3vectors:bucket", "s3vectors", "bucket/vectors", "get_vector_bucket_policy",
         ("policy",), "s3vectors:QueryVectors", "vector-bucket-policy", "s3vectors",
         {"resource": arn("s3vectors", "bucket/vectors/index/*"), "public": ""}),
        ("vpc-lattice:service", "vpc-lattice", "service/svc-1", "get_auth_policy", ("policy",),
         "vpc-lattice-svcs:Invoke", "auth-policy", "vpc-lattice",
         {"resource": "*", "widest": "internet", "public": "conditional", "network": True,
          "item": {"authType": "AWS_IAM"}, "beside": {"get_resource_policy": Absent}}),
        ("vpc-lattice:service-network", "vpc-lattice", "servicenetwork/sn-1", "get_auth_policy",
         ("policy",), "vpc-lattice-svcs:Invoke", "auth-policy", "vpc-lattice",
         {"resource": "*", "widest": "internet", "public": "conditional", "network": True,
          "item": {"authType": "AWS_IAM"}, "beside": {"get_resource_policy": Absent}}),
        ("vpc-lattice:resource-configuration", "vpc-lattice", "resourceconfiguration/rcfg-1",
         "get_resource_policy", ("policy",), "vpc-lattice:CreateServiceNetworkResourceAssociation",
         "resource-policy", "vpc-lattice"),
        ("network-firewall:firewall", "network-firewall", "firewall/edge",
         "describe_resource_policy", ("Policy",), "network-firewall:AssociateFirewallPolicy",
         "resource-policy", "network-firewall"),
        ("network-firewall:firewall-policy", "network-firewall", "firewall-policy/edge",
         "describe_resource_policy", ("Policy",), "network-firewall:CreateFirewall",
         "resource-policy", "network-firewall"),
        ("network-firewall:rule-group", "network-firewall", "stateful-rulegroup/edge",
         "describe_resource_policy", ("Policy",), "network-firewall:CreateFirewallPolicy",
         "resource-policy", "network-firewall"),
        ("cloudtrail:event-data-store", "cloudtrail", "eventdatastore/1", "get_resource_policy",
         ("ResourcePolicy",), "cloudtrail:GetQueryResults", "event-data-store-policy",
         "cloudtrail"),
        ("cloudtrail:channel", "cloudtrail", "channel/1", "get_resource_policy",
         ("ResourcePolicy",), "cloudtrail-data:PutAuditEvents", "channel-policy", "cloudtrail"),
        ("oam:sink", "oam", "sink/1", "get_sink_policy", ("Policy",), "oam:CreateLink",
         "sink-policy", "oam"),
        ("mediastore:container", "mediastore", "container/live", "get_container_policy",
         ("Policy",), "mediastore:GetObject", "container-policy", "mediastore",
         {"resource": arn("mediastore", "container/live/*"), "widest": "internet"}),
        ("dsql:cluster", "dsql", "cluster/abc", "get_cluster_policy", ("policy",),
         "dsql:DbConnect", "cluster-policy", "dsql"),
        ("redshift:cluster", "redshift", "cluster:dwh", "get_resource_policy",
         ("ResourcePolicy", "Policy"), "redshift:CreateInboundIntegration", "namespace-policy",
         "redshift", {"resource": arn("redshift", "namespace:1234"),
                      "item": {"ClusterNamespaceArn": arn("redshift", "namespace:1234")}}),
        ("redshift-serverless:snapshot", "redshift-serverless", "snapshot/1",
         "get_resource_policy", ("resourcePolicy", "policy"),
         "redshift-serverless:RestoreFromSnapshot", "snapshot-policy", "redshift-serverless"),
        ("agentcore:runtime", "bedrock-agentcore", "runtime/agent-1", "get_resource_policy",
         ("policy",), "bedrock-agentcore:InvokeAgentRuntime", "runtime-policy",
         "bedrock-agentcore-control"),
        ("agentcore:gateway", "bedrock-agentcore", "gateway/tools-1", "get_resource_policy",
         ("policy",), "bedrock-agentcore:InvokeGateway", "gateway-policy",
         "bedrock-agentcore-control"),
        ("codebuild:project", "codebuild", "project/build", "get_resource_policy", ("policy",),
         "codebuild:BatchGetProjects", "project-policy", "codebuild"),
        ("codebuild:report-group", "codebuild", "report-group/tests", "get_resource_policy",
         ("policy",), "codebuild:BatchGetReportGroups", "report-group-policy", "codebuild"),
        ("amp:workspace", "aps", "workspace/ws-1", "describe_resource_policy",
         ("policyDocument",), "aps:RemoteWrite", "workspace-policy", "amp"),
        ("cloudhsm:backup", "cloudhsm", "backup/backup-1", "get_resource_policy", ("Policy",),
         "cloudhsm:CreateCluster", "backup-policy", "cloudhsmv2"),
        ("sagemaker:model-package-group", "sagemaker", "model-package-group/churn",
         "get_model_package_group_policy", ("ResourcePolicy",), "sagemaker:DescribeModelPackage",
         "model-package-group-policy", "sagemaker",
         {"resource": arn("sagemaker", "model-package/churn/*")}),
        ("route53resolver:rule", "route53resolver", "resolver-rule/rslvr-rr-1",
         "get_resolver_rule_policy", ("ResolverRulePolicy",),
         "route53resolver:AssociateResolverRule", "resolver-rule-policy", "route53resolver"),
        ("networkmanager:core-network", "networkmanager", "", "get_resource_policy",
         ("PolicyDocument",), "networkmanager:CreateVpcAttachment", "core-network-policy",
         "networkmanager", {"id": _CORE, "region": "global"}),
        ("org:root", "organizations", "", "describe_resource_policy",
         ("ResourcePolicy", "Content"), "organizations:CreatePolicy", "delegation-policy",
         "organizations", {"id": _ROOT, "region": "global", "resource": "*", "widest": "org:o-1"}),
    )
)  # fmt: skip

_OTHERS = (
    Shape("dynamodb:table", _TABLE, "get_resource_policy", _under("Policy"), "dynamodb:GetItem",
          [_TABLE, f"{_TABLE}/index/*"], "table-policy", "dynamodb.get_resource_policy",
          beside=_DESCRIBED),
    Shape("dynamodb:table", _TABLE, f"get_resource_policy(ResourceArn={_STREAM})",
          _under("Policy"), "dynamodb:GetRecords", _STREAM, "stream-policy",
          "dynamodb.get_resource_policy", beside=_DESCRIBED | {"get_resource_policy": Absent}),
    Shape("secretsmanager:extra-policies", _SECRET, "get_resource_policy(PolicyName=beside)",
          _under("ResourcePolicy"), "secretsmanager:GetSecretValue", "*", "secret-policy",
          "secretsmanager.get_resource_policy",
          beside={"list_resource_policies": [{"PolicyName": "beside"}]}),
    Shape("lambda:layer", _LAYER, "get_layer_version_policy(VersionNumber=1)", _under("Policy"),
          "lambda:GetLayerVersion", f"{_LAYER}:1", "layer-policy",
          "lambda.get_layer_version_policy", beside={"list_layer_versions": [{"Version": 1}]}),
    Shape("imagebuilder:image", _IMAGE, f"get_image_policy(imageArn={_IMAGE}/1)",
          _under("policy"), "imagebuilder:GetImage", f"{_IMAGE}/1", "image-policy",
          "imagebuilder.get_image_policy",
          beside={"list_image_build_versions": [{"arn": f"{_IMAGE}/1"}]}),
    Shape("imagebuilder:component", _COMPONENT,
          f"get_component_policy(componentArn={_COMPONENT}/1)", _under("policy"),
          "imagebuilder:GetComponent", f"{_COMPONENT}/1", "component-policy",
          "imagebuilder.get_component_policy",
          beside={"list_component_build_versions": [{"arn": f"{_COMPONENT}/1"}]}),
    Shape("ecr:registry", SETTINGS, "get_registry_policy", _under("policyText"),
          "ecr:ReplicateImage", arn("ecr", "repository/*"), "registry-policy",
          "ecr.get_registry_policy", target=arn("ecr", "registry")),
    Shape("glue:catalog", SETTINGS, "get_resource_policy", _under("PolicyInJson"),
          "glue:GetTable", [arn("glue", "catalog"), arn("glue", "table/sales/*")],
          "catalog-policy", "glue.get_resource_policy", target=arn("glue", "catalog")),
    Shape("glue:catalog", SETTINGS, "get_resource_policies", _row("PolicyInJson", "PolicyHash"),
          "glue:GetDatabase", arn("glue", "*"), "catalog-policy", "",
          target=arn("glue", "catalog"), beside={"get_resource_policy": Absent}),
    Shape("logs:account-settings", SETTINGS, "describe_resource_policies",
          _row("policyDocument", "policyName"), "logs:PutLogEvents",
          arn("logs", "log-group:*"), "logs-resource-policy", "logs.describe_resource_policies",
          target=arn("logs", "resource-policies")),
    Shape("logs:destination", arn("logs", "destination:central"), "", _under("accessPolicy"),
          "logs:PutSubscriptionFilter", arn("logs", "destination:central"),
          "destination-policy", "", item={"destinationName": "central"}),
    Shape("apigateway:rest-api", "arn:aws:apigateway:eu-west-1::/restapis/a1b2", "",
          lambda given: {"policy": json.dumps(given)[1:-1]}, "execute-api:Invoke",
          "execute-api:/prod/GET/*", "api-policy", "", widest="internet", public=""),
    Shape("ses:identity", arn("ses", "identity/example.com"), "get_email_identity",
          lambda given: {"Policies": {"sending": given}}, "ses:SendEmail",
          arn("ses", "identity/example.com"), "identity-policy", "sesv2.get_email_identity"),
    Shape("glacier:vault", arn("glacier", "vaults/old"), "get_vault_lock", _under("Policy"),
          "glacier:InitiateJob", arn("glacier", "vaults/old"), "vault-policy",
          "glacier.get_vault_lock", beside={"get_vault_access_policy": Absent}),
    Shape("xray:policy", SETTINGS, "list_resource_policies",
          _row("PolicyDocument", "PolicyName"), "xray:PutTraceSegments", "*",
          "xray-resource-policy", "xray.list_resource_policies",
          target=arn("xray", "resource-policies")),
    Shape("ssm:parameter", arn("ssm", "parameter/config"), "get_resource_policies",
          _row("Policy", "PolicyId"), "ssm:GetParameter", arn("ssm", "parameter/config"),
          "parameter-policy", "ssm.get_resource_policies"),
    *(
        Shape(type_id, arn("vpc-lattice", rest), "get_resource_policy", _under("policy"),
              action, arn("vpc-lattice", rest), "resource-policy",
              "vpc-lattice.get_resource_policy", item={"authType": "AWS_IAM"},
              beside={"get_auth_policy": Absent})
        for type_id, rest, action in (
            ("vpc-lattice:service", "service/svc-1",
             "vpc-lattice:CreateServiceNetworkServiceAssociation"),
            ("vpc-lattice:service-network", "servicenetwork/sn-1",
             "vpc-lattice:CreateServiceNetworkVpcAssociation"),
        )
    ),
)  # fmt: skip

SHAPES = (*_PLAIN, *_OTHERS)
