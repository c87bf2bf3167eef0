"""Models that the tests draw: an organisation as an assessor meets it, and small ones."""

from __future__ import annotations

from viz.model import (
    Category,
    Container,
    LinkKind,
    MapAccount,
    MapLink,
    MapModel,
    MapNode,
    MapPath,
    Severity,
    Step,
    Verdict,
)

ACCOUNTS = (
    MapAccount("111111111111", "management"),
    MapAccount("222222222222", "security"),
    MapAccount("333333333333", "shared-services"),
    MapAccount("444444444444", "prod"),
    MapAccount("555555555555", "dev"),
)
NAMES = {account.id: account.name for account in ACCOUNTS}
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2")


class Organisation:
    """Collects nodes and links; keys are short names, ids are ARNs."""

    def __init__(self) -> None:
        self.nodes: dict[str, MapNode] = {}
        self.links: list[MapLink] = []

    def add(
        self,
        key: str,
        kind: str,
        category: Category,
        account: str = "",
        region: str = "",
        vpc: str = "",
        subnet: str = "",
        severity: Severity | None = None,
        subtitle: str = "",
        evidence: tuple[str, ...] = (),
        tags: tuple[str, ...] = (),
    ) -> None:
        parents: list[Container] = []
        if account:
            parents.append(
                Container(f"account:{account}", f"{NAMES[account]} {account}", "account")
            )
        if region:
            parents.append(Container(f"{account}/{region}", region, "region"))
        if vpc:
            parents.append(Container(f"{account}/{region}/{vpc}", vpc, "vpc"))
        if subnet:
            parents.append(Container(f"{account}/{region}/{vpc}/{subnet}", subnet, "subnet"))
        service = kind.lower().replace(" ", "-")
        node_id = f"arn:aws:{service}:{region}:{account}:{service}/{key}" if account else key
        self.nodes[key] = MapNode(
            id=node_id,
            name=key,
            kind=kind,
            category=category,
            account_id=account,
            account_name=NAMES.get(account, ""),
            region=region,
            parents=tuple(parents),
            severity=severity,
            subtitle=subtitle,
            tags=tags,
            facts=(("state", "active"),),
            evidence=evidence,
        )

    def link(
        self,
        source: str,
        target: str,
        relationship: str,
        kind: LinkKind,
        label: str = "",
        verdict: Verdict = "yes",
        why: str = "",
    ) -> None:
        self.links.append(
            MapLink(
                self.nodes[source].id,
                self.nodes[target].id,
                relationship,
                kind,
                verdict,
                label,
                why or f"{target} can be reached from {source}.",
                (f"{source} leads to {target}.",),
            )
        )

    def path(
        self,
        title: str,
        severity: Severity,
        verdict: Verdict,
        steps: list[tuple[str, str]],
        fix: str | None,
    ) -> MapPath:
        return MapPath(
            title,
            severity,
            verdict,
            tuple(Step(self.nodes[key].id, text) for key, text in steps),
            fix,
        )


def organisation() -> MapModel:
    """Five accounts, three regions, about 150 nodes, eight paths."""
    world = Organisation()
    _edge(world)
    _crown_jewels(world)
    _bystanders(world)
    _reach(world)
    return MapModel(
        title="What the internet reaches",
        subtitle="Example Corp, 5 accounts",
        generated="2026-11-22T05:00:00Z",
        snapshot_id="2026-11-22T04-58-11Z-o-example",
        accounts=ACCOUNTS,
        nodes=tuple(world.nodes.values()),
        links=tuple(world.links),
        paths=_paths(world),
        notes=(
            "dev 555555555555 in us-east-1: ec2 DescribeNetworkAcls was denied; reach through "
            "network ACLs there is unknown.",
            "Service control policies could not be read; verdicts are computed without them.",
        ),
        totals=(("resources", 1204), ("regions swept", 85)),
    )


PROD, DEV, SHARED, SECURITY, MANAGEMENT = (
    "444444444444",
    "555555555555",
    "333333333333",
    "222222222222",
    "111111111111",
)


def _edge(world: Organisation) -> None:
    add = world.add
    add("internet", "Internet", "source", subtitle="0.0.0.0/0, ::/0")
    add("any AWS principal", "Any AWS principal", "source", subtitle="every AWS account")
    add("acme-monitoring", "External account", "source", subtitle="vendor 999988887777")
    web = {"account": PROD, "region": "eu-west-1", "vpc": "vpc-prod 10.0.0.0/16"}
    public = {**web, "subnet": "public-a 10.0.0.0/24"}
    add("web-public-alb", "Load balancer", "network", **public, subtitle="ALB tcp/443 · prod")
    evidence = (
        "The route table of public-a leads 0.0.0.0/0 to an attached internet gateway.",
        "Security group web-sg admits tcp/443 from 0.0.0.0/0.",
        "The network ACL lets tcp/443 in and tcp/1024-65535 out.",
    )
    add(
        "web-01",
        "Instance",
        "compute",
        **public,
        severity="critical",
        subtitle="IMDSv1 · web-role",
        evidence=evidence,
        tags=("Name=web-01", "env=prod"),
    )
    add("web-02", "Instance", "compute", **public, severity="critical", subtitle="IMDSv1")
    add("orders-url", "Function URL", "network", PROD, "eu-west-1", severity="high")
    add("orders-handler", "Lambda function", "compute", PROD, "eu-west-1", severity="medium")
    lab = {"account": DEV, "region": "us-east-1", "vpc": "vpc-lab 10.9.0.0/16"}
    add("jumpbox", "Instance", "compute", **lab, severity="critical", subtitle="tcp/22 from all")
    add("ipv6-only", "Instance", "compute", **lab, severity="high", subtitle="tcp/22 on IPv6")
    add("ci-runner", "Instance", "compute", **lab, severity="high", subtitle="peered with prod")
    add("stopped-bastion", "Instance", "compute", **lab, severity="low", subtitle="stopped")


def _crown_jewels(world: Organisation) -> None:
    add = world.add
    for name, severity in (("web-instance-role", "high"), ("orders-lambda-role", "medium")):
        add(name, "Role", "identity", PROD, severity=severity)  # type: ignore[arg-type]
    add("jumpbox-role", "Role", "identity", DEV, severity="high")
    add("ci-deploy-role", "Role", "identity", DEV, severity="critical")
    add("OrganizationAccountAccessRole", "Role", "identity", PROD, severity="critical")
    add("vendor-monitoring-readonly-role", "Role", "identity", SECURITY, severity="medium")
    add("lambda-deployer", "Role", "identity", PROD, severity="critical")
    add("policy-editor", "Role", "identity", DEV, severity="high")
    add("admin of prod", "Administrator", "admin", PROD, severity="critical")
    add("admin of dev", "Administrator", "admin", DEV, severity="critical")
    add("customer-exports", "S3 bucket", "data", PROD, "eu-west-1", severity="critical")
    add("static-assets", "S3 bucket", "data", PROD, "eu-west-1", severity="info")
    add("orders-db", "RDS database", "data", PROD, "eu-west-1", severity="high")
    add("prod/db/master", "Secret", "secrets", PROD, "eu-west-1", severity="critical")
    add("customer-data-key", "KMS key", "secrets", PROD, "eu-west-1", severity="high")
    add("golden-image-2024", "AMI", "data", SHARED, "us-east-1", severity="medium")
    add("billing-events", "SNS topic", "data", MANAGEMENT, "us-east-1", severity="medium")
    add("ingest-queue", "SQS queue", "data", SHARED, "ap-southeast-2", severity="medium")


def _bystanders(world: Organisation) -> None:
    for account in (PROD, DEV, SHARED):
        for region in REGIONS:
            short = f"{NAMES[account]}-{region.split('-')[1]}"
            vpc = "vpc-prod 10.0.0.0/16" if (account, region) == (PROD, "eu-west-1") else ""
            vpc = vpc or f"vpc-{short} 10.2.0.0/16"
            for number in range(3):
                world.add(
                    f"app-{short}-{number}",
                    "Instance",
                    "compute",
                    account,
                    region,
                    vpc,
                    "private-b 10.0.2.0/24",
                )
            for number in range(2):
                world.add(f"sg-{short}-{number}", "Security group", "network", account, region, vpc)
            world.add(f"logs-{short}", "S3 bucket", "data", account, region)
            world.add(f"fn-{short}", "Lambda function", "compute", account, region)
    for account in NAMES:
        for number in range(7):
            world.add(f"{NAMES[account]}-role-{number}", "Role", "identity", account)
        world.add(f"{NAMES[account]}-ops", "User", "identity", account)
        world.add(f"{NAMES[account]}-baseline", "Policy", "policy", account)


def _reach(world: Organisation) -> None:
    link = world.link
    link("internet", "web-public-alb", "CAN_REACH", "network", "tcp/443")
    link("web-public-alb", "web-01", "TARGETS", "network", "tcp/8080")
    link("web-public-alb", "web-02", "TARGETS", "network", "tcp/8080")
    link("internet", "orders-url", "CAN_REACH", "network", "https")
    link("orders-url", "orders-handler", "TARGETS", "network")
    link("internet", "jumpbox", "CAN_REACH", "network", "tcp/22")
    link("internet", "ipv6-only", "CAN_REACH", "network", "tcp/22 on IPv6")
    link("internet", "stopped-bastion", "CAN_REACH", "network", "tcp/22", "dormant")
    link("jumpbox", "ci-runner", "CAN_REACH", "network", "all")
    link("web-01", "web-instance-role", "HAS_ROLE", "assume", "instance profile")
    link("web-02", "web-instance-role", "HAS_ROLE", "assume", "instance profile")
    link("orders-handler", "orders-lambda-role", "HAS_ROLE", "assume")
    link("jumpbox", "jumpbox-role", "HAS_ROLE", "assume")
    link("ci-runner", "ci-deploy-role", "HAS_ROLE", "assume")
    link("web-instance-role", "lambda-deployer", "CAN_ASSUME", "assume", "sts:AssumeRole")
    link("ci-deploy-role", "OrganizationAccountAccessRole", "CAN_ASSUME", "assume")
    link("jumpbox-role", "policy-editor", "CAN_ASSUME", "assume", "", "conditional")
    link("acme-monitoring", "vendor-monitoring-readonly-role", "CAN_ASSUME", "assume")
    link("lambda-deployer", "admin of prod", "CAN_ESCALATE_TO", "escalation", "iam:PassRole")
    link("OrganizationAccountAccessRole", "admin of prod", "HAS_ADMIN", "admin")
    link("policy-editor", "admin of dev", "CAN_ESCALATE_TO", "escalation", "", "conditional")
    link("web-instance-role", "customer-exports", "CAN_ACCESS", "data", "read")
    link("orders-lambda-role", "orders-db", "CAN_ACCESS", "data", "", "unknown")
    link("orders-lambda-role", "prod/db/master", "CAN_ACCESS", "data", "read")
    link("admin of prod", "customer-data-key", "CONTROLS", "admin")
    link("internet", "static-assets", "CAN_ACCESS", "data", "read")
    link("any AWS principal", "golden-image-2024", "CAN_ACCESS", "data", "read")
    link("any AWS principal", "ingest-queue", "CAN_ACCESS", "data", "write")
    link("any AWS principal", "billing-events", "CAN_ACCESS", "data", "", "conditional")
    for account in (PROD, DEV, SHARED):
        short = f"{NAMES[account]}-west"
        link(f"app-{short}-0", f"sg-{short}-0", "HAS_SECURITY_GROUP", "config")
        link(f"app-{short}-1", f"{NAMES[account]}-role-1", "HAS_ROLE", "assume")


def _paths(world: Organisation) -> tuple[MapPath, ...]:
    start = ("internet", "The attacker is anywhere.")
    web = [start, ("web-public-alb", "The listener answers tcp/443 to everyone.")]
    return (
        world.path(
            "Public web server to admin of prod",
            "critical",
            "yes",
            [
                *web,
                ("web-01", "The balancer forwards to its target on tcp/8080."),
                ("web-instance-role", "IMDSv1 gives out the role's credentials."),
                ("lambda-deployer", "Its trust policy names the web role."),
                ("admin of prod", "iam:PassRole and lambda:CreateFunction run code as an admin."),
            ],
            "Require IMDSv2 on web-01 and remove sts:AssumeRole on lambda-deployer.",
        ),
        world.path(
            "Dev jumpbox to admin of prod, across accounts",
            "critical",
            "yes",
            [
                start,
                ("jumpbox", "tcp/22 is open to 0.0.0.0/0."),
                ("ci-runner", "The security group admits the whole VPC."),
                ("ci-deploy-role", "The instance profile carries the role."),
                ("OrganizationAccountAccessRole", "It trusts the dev account as a whole."),
                ("admin of prod", "AdministratorAccess is attached."),
            ],
            "Narrow the trust of OrganizationAccountAccessRole to the management account.",
        ),
        world.path(
            "Public web server to customer exports",
            "high",
            "yes",
            [
                *web,
                ("web-02", "The balancer forwards to its target on tcp/8080."),
                ("web-instance-role", "IMDSv1 gives out the role's credentials."),
                ("customer-exports", "s3:GetObject on the whole bucket."),
            ],
            "Scope s3:GetObject to the static prefix.",
        ),
        world.path(
            "Jumpbox to admin of dev",
            "high",
            "conditional",
            [
                start,
                ("jumpbox", "tcp/22 is open to 0.0.0.0/0."),
                ("jumpbox-role", "The instance profile carries the role."),
                ("policy-editor", "The trust policy demands an ExternalId."),
                ("admin of dev", "iam:CreatePolicyVersion on its own policy."),
            ],
            None,
        ),
        world.path(
            "Unauthenticated function to the database secret",
            "medium",
            "yes",
            [
                start,
                ("orders-url", "AuthType NONE and a public function policy."),
                ("orders-handler", "The URL runs the function."),
                ("orders-lambda-role", "The function runs as this role."),
                ("prod/db/master", "secretsmanager:GetSecretValue."),
            ],
            None,
        ),
        world.path("IPv6-only instance is open", "high", "yes", [start, ("ipv6-only", "")], None),
        world.path(
            "Shared image for every account",
            "medium",
            "yes",
            [
                ("any AWS principal", "Any account of AWS will do."),
                ("golden-image-2024", "Launch permission: all."),
            ],
            None,
        ),
        world.path(
            "Vendor reads the security account",
            "medium",
            "yes",
            [
                ("acme-monitoring", "A vendor's account."),
                ("vendor-monitoring-readonly-role", "No ExternalId is demanded."),
            ],
            None,
        ),
    )


def tiny(**changes: str) -> MapModel:
    """Two nodes, one link, one path; ``changes`` replace fields of the second node."""
    parent = Container("account:1", "one 1", "account")
    target = {"id": "arn:1", "name": "server", "kind": "Instance"} | changes
    nodes = (
        MapNode("internet", "internet", "Internet", "source"),
        MapNode(category="compute", parents=(parent,), severity="high", **target),  # type: ignore[arg-type]
    )
    return MapModel(
        title="Tiny",
        nodes=nodes,
        links=(MapLink("internet", target["id"], "CAN_REACH", "network", "yes", "tcp/22"),),
        paths=(MapPath("Open", "high", "yes", (Step("internet", ""), Step(target["id"], ""))),),
    )
