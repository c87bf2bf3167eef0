"""EKS clusters, who may enter them, and the roles of their pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collector.snapshot import Item
from graph.schema.cognito import gives_role
from graph.schema.convert import texts, truth
from graph.schema.declare import Edge, Link, NodeType, Property, Reference
from graph.schema.kms import encrypted_with
from graph.schema.links import each, named, partition_of, text_or_none
from graph.schema.path import ShapeError, look
from graph.schema.vpc import has_security_group, in_subnet, in_vpc

_CLUSTER = "@describe_cluster/cluster"
_NETWORK = f"{_CLUSTER}/resourcesVpcConfig"
_NODES = "@describe_nodegroup(*)/nodegroup"
_ISSUER = f"{_CLUSTER}/identity/oidc/issuer"


def _pod_role(line: Item, association: Mapping[str, object]) -> Iterator[Edge]:
    """https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html"""
    if association.get("roleArn"):
        namespace, account = association.get("namespace"), association.get("serviceAccount")
        yield Edge(
            named(association["roleArn"], "IAMRole"),
            discriminator=f"{namespace}/{account}",
            props={"namespace": text_or_none(namespace), "service_account": text_or_none(account)},
        )


def _entries(line: Item) -> Iterator[Edge]:
    """https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html"""
    policies = {
        arguments: result.value for arguments, result in line.calls_of(_POLICIES) if result.value
    }
    for arguments, result in line.calls_of("describe_access_entry"):
        if not result.known or not result.value:
            continue
        entry = result.value.get("accessEntry") if isinstance(result.value, Mapping) else None
        if not isinstance(entry, Mapping):
            raise ShapeError("an access entry is not an object")
        yield Edge(
            named(entry.get("principalArn")),
            props={
                "entry_type": text_or_none(entry.get("type")),
                "kubernetes_groups": _strings(entry.get("kubernetesGroups")),
                "access_policies": _policy_names(policies.get(arguments)),
            },
        )


_POLICIES = "list_associated_access_policies"


def _strings(value: object) -> list[str]:
    return sorted(str(one) for one in value) if isinstance(value, list) else []


def _policy_names(value: object) -> list[str]:
    """The policies, with their namespaces where they do not hold in the whole cluster."""
    found = []
    for policy in value if isinstance(value, list) else ():
        if not isinstance(policy, Mapping):
            raise ShapeError("an access policy is not an object")
        scope = policy.get("accessScope")
        where = _strings(scope.get("namespaces")) if isinstance(scope, Mapping) else []
        name = str(policy.get("policyArn")).rpartition("/")[2]
        found.append(f"{name} in {', '.join(where)}" if where else name)
    return sorted(found)


def _issued_for(line: Item) -> Iterator[Edge]:
    """The provider through which the cluster's service accounts assume roles.

    https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
    """
    for issuer in look(_ISSUER, line).values:
        host = str(issuer).removeprefix("https://")
        arn = f"arn:{partition_of(line)}:iam::{line.account_id}:oidc-provider/{host}"
        yield Edge(Reference(id=arn, label="OIDCProvider", must_exist=True))


DECLARATIONS = (
    NodeType(
        snapshot_type="eks:cluster",
        label="EKSCluster",
        resource_type="AWS::EKS::Cluster",
        category="compute",
        description="A Kubernetes cluster.",
        arn="arn:{partition}:eks:{region}:{account}:cluster/{id}",
        name="name",
        resource_id="name",
        tags=f"{_CLUSTER}/tags",
        properties=(
            Property("status", f"{_CLUSTER}/status", "E.g. ACTIVE."),
            Property("version", f"{_CLUSTER}/version", "The version of Kubernetes."),
            Property("endpoint", f"{_CLUSTER}/endpoint", "The URL of its API."),
            Property(
                "endpoint_public_access",
                f"{_NETWORK}/endpointPublicAccess",
                "Whether its API is on the internet; it asks for IAM all the same.",
                truth,
            ),
            Property(
                "public_access_cidrs",
                f"{_NETWORK}/publicAccessCidrs/*",
                "Addresses that reach the public API.",
                texts,
                absent=[],
            ),
            Property("role_arn", f"{_CLUSTER}/roleArn", "The role of the control plane."),
            Property("oidc_issuer", _ISSUER, "Who issues its service accounts' tokens."),
            Property(
                "authentication_mode",
                f"{_CLUSTER}/accessConfig/authenticationMode",
                "API, API_AND_CONFIG_MAP or CONFIG_MAP (then access entries do not count).",
            ),
            Property(
                "node_role_arns",
                f"{_NODES}/nodeRole",
                "Roles of its managed nodes.",
                texts,
                absent=[],
            ),
            Property(
                "node_ssh_keys",
                f"{_NODES}/remoteAccess/ec2SshKey",
                "Key pairs that open SSH to managed nodes.",
                texts,
                absent=[],
            ),
            Property(
                "node_ssh_source_security_groups",
                f"{_NODES}/remoteAccess/sourceSecurityGroups/*",
                "Groups from which SSH is let in; with a key pair and no group, the internet.",
                texts,
                absent=[],
            ),
            Property(
                "node_launch_template_ids",
                f"{_NODES}/launchTemplate/id",
                "Launch templates of managed nodes.",
                texts,
                absent=[],
            ),
            Property(
                "pod_execution_role_arns",
                "@describe_fargate_profile(*)/fargateProfile/podExecutionRoleArn",
                "Roles that start its pods on Fargate.",
                texts,
                absent=[],
            ),
            Property(
                "identity_provider_configs",
                "@list_identity_provider_configs/*/name",
                "Outside OIDC providers whose users it admits.",
                texts,
                absent=[],
            ),
            Property("addons", "@list_addons/*", "Add-ons.", texts, absent=[]),
        ),
        links=(
            in_vpc(f"{_NETWORK}/vpcId"),
            in_subnet(f"{_NETWORK}/subnetIds/*"),
            has_security_group(f"{_NETWORK}/securityGroupIds/*"),
            encrypted_with(f"{_CLUSTER}/encryptionConfig/*/provider/keyArn"),
            gives_role(
                "Pods of the service account get the role's credentials, if it trusts EKS.",
                each("@describe_pod_identity_association(*)/association", _pod_role),
                ("namespace", "The Kubernetes namespace."),
                ("service_account", "The Kubernetes service account."),
            ),
            Link(
                "ADMITS",
                ("IAMRole", "IAMUser"),
                "An access entry lets the principal into the cluster.",
                _entries,
                properties=(
                    ("entry_type", "STANDARD, or the kind of node."),
                    ("kubernetes_groups", "Its groups inside the cluster."),
                    ("access_policies", "EKS access policies it has, with their namespaces."),
                ),
            ),
            Link(
                "ISSUES_TOKENS_FOR",
                ("OIDCProvider",),
                "Roles that trust the provider trust the cluster's service accounts.",
                _issued_for,
            ),
        ),
    ),
)
