"""A small organisation as graph records: three accounts, a vendor, an unknown account.

Accounts: 1111 prod, 2222 dev, 3333 security (all of the organisation); 4644 is Datadog's (a
known vendor), 9999 nobody knows.

* internet -> alb -> i-web -> web-role -> (assume) hop-role in 3333 -> admin of 3333
* i-open is open itself, has an unconnected role; i-stopped is open but stopped
* i-maybe is unknown: its route table was not read
* vendor-role is trusted by Datadog without, vendor-safe with an ExternalId
* carol (dev) is admin of dev; dave (dev) escalates to admin of dev; erin (dev) runs commands on a
  set of machines, one of which carries an admin role; frank (prod) writes himself admin of prod
* ci-role is trusted by GitHub without a subject, deploy-role by the whole organisation and by an
  account of it that is closed; iot drives thing-role for whoever asks
* the topic's policy names a deleted role and an account that cannot exist
* bucket is public to read, topic open to any AWS principal to write, image to any account
"""

from __future__ import annotations

from graph.records import Node, Relationship

PROD, DEV, SEC = "111111111111", "222222222222", "333333333333"
VENDOR, NOBODY = "464622532012", "999999999999"
CLOSED = "444444444444"


def arn(service: str, account: str, rest: str, region: str = "eu-west-1") -> str:
    place = "" if service == "iam" else region
    return f"arn:aws:{service}:{place}:{account}:{rest}"


ALB = arn("elasticloadbalancing", PROD, "loadbalancer/app/shop/1")
ZONE = "arn:aws:route53:::hostedzone/Z1"
I_WEB = arn("ec2", PROD, "instance/i-0web")
I_OPEN = arn("ec2", PROD, "instance/i-0open")
I_STOPPED = arn("ec2", DEV, "instance/i-0stopped")
I_MAYBE = arn("ec2", DEV, "instance/i-0maybe", "us-east-1")
I_INSIDE = arn("ec2", DEV, "instance/i-0inside")
DB = arn("rds", PROD, "db:orders")
WEB_ROLE = arn("iam", PROD, "role/web")
OPEN_ROLE = arn("iam", PROD, "role/open")
HOP_ROLE = arn("iam", SEC, "role/hop")
SEC_ADMIN = arn("iam", SEC, "role/sec-admin")
VENDOR_ROLE = arn("iam", PROD, "role/vendor")
VENDOR_SAFE = arn("iam", PROD, "role/vendor-safe")
ANY_ROLE = arn("iam", DEV, "role/any")
CI_ROLE = arn("iam", PROD, "role/ci")
DEPLOY_ROLE = arn("iam", PROD, "role/deploy")
THING_ROLE = arn("iam", PROD, "role/thing")
GITHUB = arn("iam", PROD, "oidc-provider/token.actions.githubusercontent.com")
OPEN_KEY = arn("kms", PROD, "key/open")
CAROL = arn("iam", DEV, "user/carol")
DAVE = arn("iam", DEV, "user/dave")
ERIN = arn("iam", DEV, "user/erin")
FRANK = arn("iam", PROD, "user/frank")
MACHINES = "resource-set:machines"
BUCKET = "arn:aws:s3:::shop-assets"
TOPIC = arn("sns", PROD, "orders")
TRAIL = arn("cloudtrail", PROD, "trail/main")
CENTRAL = arn("logs", SEC, "destination:central")
ELSEWHERE = "arn:aws:s3:::elsewhere"
HOOKS = "address:hooks.example.com"
IMAGE = arn("ec2", DEV, "image/ami-0golden")
KEY = arn("kms", PROD, "key/1")
ADMIN_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
DEPLOY_POLICY = arn("iam", PROD, "policy/deploy")
GROUP = arn("iam", PROD, "group/ops")
SCP = f"arn:aws:organizations::{SEC}:policy/o-1/service_control_policy/p-FullAWSAccess"
STALE = "policy-document:stale"
FULL, DEPLOY, ALMOST, BROKEN = (f"policy-document:{n}" for n in ("full", "dep", "almost", "broken"))
CACHE = arn("elasticache", PROD, "cluster:cache")
VPC_A, VPC_B = arn("ec2", PROD, "vpc/vpc-a"), arn("ec2", DEV, "vpc/vpc-b")


def _node(
    node_id: str, labels: str, kind: str | None, account: str | None, **props: object
) -> Node:
    region = None if account is None or ":iam:" in node_id or ":s3:" in node_id else "eu-west-1"
    if ":us-east-1:" in node_id:
        region = "us-east-1"
    name = node_id.rpartition("/")[2].rpartition(":")[2]
    base = {
        "name": name,
        "resource_type": kind,
        "account_id": account,
        "region": region,
        "tags": [],
    }
    return Node(node_id, tuple(labels.split()), base | props)  # type: ignore[arg-type]


def _document(node_id: str, statements: int | None, **props: object) -> Node:
    known = {"statement_count": statements, "allows_everything": False, "broken": False}
    kind = "Mapper::PolicyDocument"
    return _node(node_id, "PolicyDocument", kind, None, **known | props)


def statement(document: str, index: int) -> str:
    return f"policy-statement:{document.partition(':')[2]}/{index}"


def _statement(document: str, index: int, **props: object) -> Node:
    node_id = statement(document, index)
    lists = (props.get("actions"), props.get("not_actions"))
    written = sum(len(found) for found in lists if isinstance(found, list))
    known = {
        "index": index,
        "effect": "Allow",
        "allows_everything": False,
        "action_count": written,
        "condition_count": 0,
    }
    return _node(node_id, "PolicyStatement", "Mapper::PolicyStatement", None, **known | props)


def _carried(holder: str, document: str, kind: str, name: str) -> Relationship:
    return Relationship(
        "HAS_DOCUMENT", holder, document, f"{kind} {name}", {"kind": kind, "name": name}
    )


def _named(end: str, name: str, *, is_public: bool) -> Relationship:
    return Relationship("RESOLVES_TO", ZONE, end, name, {"name": name, "is_public": is_public})


def nodes() -> list[Node]:
    imds_v1 = {"http_tokens": "optional", "http_endpoint": "enabled"}
    imds_v2 = {"http_tokens": "required", "http_endpoint": "enabled"}
    ec2, role = "AWS::EC2::Instance", "AWS::IAM::Role"
    return [
        _node("internet", "Internet Source", None, None),
        _node("any-aws-principal", "AnyAWSPrincipal Source", None, None),
        _node("any-aws-account", "AnyAWSAccount Source", None, None),
        _node("cidr:198.51.100.0/24", "ExternalCidr Source", None, None),
        _node("service:ec2.amazonaws.com", "AWSService Source", None, None),
        _node("service:iot.amazonaws.com", "AWSService Source", None, None),
        _node("org:o-ours", "Organization Source", None, None),
        _node(GITHUB, "OIDCProvider FederatedProvider Source", "AWS::IAM::OIDCProvider", PROD),
        _node(
            f"account:{VENDOR}",
            "ExternalAccount Source",
            None,
            VENDOR,
            vendor="Datadog",
            vendor_kind="vendor",
        ),
        _node(f"account:{NOBODY}", "ExternalAccount Source", None, NOBODY),
        _node(TRAIL, "CloudTrail", "AWS::CloudTrail::Trail", PROD),
        _node(CENTRAL, "LogDestination", "AWS::Logs::Destination", SEC),
        _node(ELSEWHERE, "OtherResource", "Mapper::OtherResource", None),
        _node(HOOKS, "OutsideAddress", "Mapper::OutsideAddress", None),
        *(
            _node(f"account:{a}", "AWSAccount", "AWS::Organizations::Account", a, name=n)
            for a, n in ((PROD, "prod"), (DEV, "dev"), (SEC, "security"))
        ),
        _node(
            f"account:{CLOSED}",
            "AWSAccount",
            "AWS::Organizations::Account",
            CLOSED,
            name="old",
            status="SUSPENDED",
        ),
        _node(
            "disagreement:1",
            "Disagreement",
            "Mapper::Disagreement",
            PROD,
            tool="Reachability Analyzer",
            analysis="nia-1",
            question="igw-1 to i-0open on tcp/22",
            theirs="not reachable",
            their_reason="ENI_SG_RULES_MISMATCH",
            analysed_at="2026-11-01T00:00:00Z",
            ours="yes",
            our_reason="tcp/22 is open to the internet over IPv4.",
        ),
        _node(
            "disagreement:2",
            "Disagreement",
            "Mapper::Disagreement",
            PROD,
            tool="IAM Access Analyzer",
            analysis="f-1",
            question=f"{NOBODY} to {KEY}",
            theirs="external access, archived",
            their_reason=f"kms:Decrypt for {NOBODY}; not public",
            analysed_at="2026-11-01T00:00:00Z",
            ours="no",
            our_reason=f"Nothing that was read lets {NOBODY} in.",
        ),
        _node(
            ALB,
            "LoadBalancer",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            PROD,
            name="shop",
            dns_name="shop-1.eu-west-1.elb.amazonaws.com",
            dns_names=["shop-1.eu-west-1.elb.amazonaws.com", "www.shop.example"],
        ),
        _node(ZONE, "HostedZone", "AWS::Route53::HostedZone", PROD, region=None),
        _node("target:web", "NetworkTarget", None, PROD),
        _node("target:open", "NetworkTarget", None, PROD),
        _node("target:stopped", "NetworkTarget", None, DEV),
        _node("target:maybe", "NetworkTarget", None, DEV),
        _node("target:db", "NetworkTarget", None, PROD),
        _node(I_WEB, "EC2Instance", ec2, PROD, **imds_v1, http_put_response_hop_limit=2),
        _node(
            I_OPEN,
            "EC2Instance",
            ec2,
            PROD,
            **imds_v2,
            http_put_response_hop_limit=1,
            public_ips=["203.0.113.10"],
            ipv6_addresses=["2001:db8::10"],
        ),
        _node(I_STOPPED, "EC2Instance", ec2, DEV, **imds_v2, http_put_response_hop_limit=1),
        _node(I_MAYBE, "EC2Instance", ec2, DEV),
        _node(I_INSIDE, "EC2Instance", ec2, DEV, **imds_v1, http_put_response_hop_limit=1),
        _node(DB, "RDSDBInstance", "AWS::RDS::DBInstance", PROD),
        *(
            _node(r, "IAMRole Principal", role, r.split(":")[4])
            for r in (
                WEB_ROLE,
                OPEN_ROLE,
                HOP_ROLE,
                SEC_ADMIN,
                VENDOR_ROLE,
                VENDOR_SAFE,
                ANY_ROLE,
                CI_ROLE,
                DEPLOY_ROLE,
                THING_ROLE,
            )
        ),
        _node(CAROL, "IAMUser Principal", "AWS::IAM::User", DEV),
        _node(DAVE, "IAMUser Principal", "AWS::IAM::User", DEV),
        _node(ERIN, "IAMUser Principal", "AWS::IAM::User", DEV),
        _node(FRANK, "IAMUser Principal", "AWS::IAM::User", PROD),
        _node(MACHINES, "ResourceSet", "Mapper::ResourceSet", DEV, region=None, member_count=70),
        _node(BUCKET, "S3Bucket", "AWS::S3::Bucket", PROD, region="eu-west-1"),
        _node(TOPIC, "SNSTopic", "AWS::SNS::Topic", PROD),
        _node(IMAGE, "EC2Image", "AWS::EC2::Image", DEV),
        _node(KEY, "KMSKey", "AWS::KMS::Key", PROD),
        _node(OPEN_KEY, "KMSKey", "AWS::KMS::Key", PROD),
        _node(ADMIN_POLICY, "IAMPolicy", "AWS::IAM::ManagedPolicy", None),
        _node(DEPLOY_POLICY, "IAMPolicy", "AWS::IAM::ManagedPolicy", PROD),
        _node(GROUP, "IAMGroup", "AWS::IAM::Group", PROD),
        _node(SCP, "OrganizationPolicy", "AWS::Organizations::Policy", SEC),
        _document(FULL, 1, allows_everything=True),
        _document(DEPLOY, 3),
        _document(ALMOST, 1),
        _document(BROKEN, None, broken=True, broken_reason="not JSON"),
        _document(STALE, 1),
        _statement(
            STALE, 0, principals=["AWS=AROAAAAAAAAAAAAAAAAAA", "AWS=arn:aws:iam::12:root", "*"]
        ),
        _statement(FULL, 0, actions=["*"], resources=["*"], allows_everything=True),
        _statement(
            DEPLOY,
            0,
            sid="Pass",
            actions=["ec2:RunInstances", "iam:PassRole"],
            resources=[arn("iam", PROD, "role/app-*")],
            conditions=["StringEquals iam:PassedToService=ec2.amazonaws.com"],
            condition_count=1,
        ),
        _statement(DEPLOY, 1, effect="Deny", actions=["iam:Pass*"], resources=["*"]),
        _statement(DEPLOY, 2, actions=["s3:Get*"], resources=["*"]),
        _statement(ALMOST, 0, not_actions=["organizations:*"], resources=["*"]),
        _node(VPC_A, "EC2VPC", "AWS::EC2::VPC", PROD),
        _node(CACHE, "ElastiCacheCluster", "AWS::ElastiCache::CacheCluster", PROD),
        _node(VPC_B, "EC2VPC", "AWS::EC2::VPC", DEV),
    ]


def walked(
    kind: str,
    start: str,
    end: str,
    mechanism: str = "",
    verdict: str = "yes",
    conditions: tuple[str, ...] = (),
    **props: object,
) -> Relationship:
    base: dict[str, object] = {
        "verdict": verdict,
        "definite": verdict == "yes",
        "possible": verdict in ("yes", "conditional"),
        "why": f"{kind} {mechanism} is {verdict}.",
        "conditions": list(conditions),
        "evidence": [f"{start} to {end}"],
        "assumes": [],
        "guards": [],
        "mechanism": mechanism,
    }
    return Relationship(kind, start, end, mechanism or kind, base | props)  # type: ignore[arg-type]


def reach(end: str, mechanism: str, *ports: str, **more: object) -> Relationship:
    start = str(more.pop("source", "internet"))
    return walked(
        "CAN_REACH",
        start,
        end,
        mechanism,
        family=mechanism.rpartition("/")[2],
        ports=list(ports),
        other_ports=[],
        **more,  # type: ignore[arg-type]
    )


def linked(
    start: str, end: str, kind: str, *things: str, sure: int | None = None, verdict: str = "yes"
) -> Relationship:
    """What one account has of another, as the derivation sums it up."""
    count = len(things) if sure is None else sure
    made = walked("LINKED_TO", start, f"account:{end}", "", verdict)
    props = made.props | {"kind": kind, "count": len(things), "definite_count": count}
    props |= {"possible_count": count, "examples": list(things)}
    del props["mechanism"]
    return Relationship("LINKED_TO", made.start, made.end, kind, props)


def flow(kind: str, start: str, end: str, setting: str, **more: object) -> Relationship:
    """A setting that names where data goes, as the inventory reads it."""
    props = {"setting": setting, "carries": "its data", "active": True, "owner_account_id": None}
    props |= {"says": f"{start} sends its data to {end}.", **more}
    return Relationship(kind, start, end, setting, props)


def relationships() -> list[Relationship]:
    return [
        reach(ALB, "alb/ipv4", "tcp/443"),
        walked("TARGETS", ALB, I_WEB, "alb"),
        reach("target:open", "eni/ipv4", "tcp/22"),
        walked("TARGETS", "target:open", I_OPEN, "eni"),
        reach("target:stopped", "eni/ipv4", "tcp/3389"),
        walked("TARGETS", "target:stopped", I_STOPPED, "eni", "dormant"),
        reach(
            "target:maybe",
            "eni/ipv4",
            "tcp/22",
            verdict="unknown",
            conditions=("not_collected:ec2.describe_route_tables",),
        ),
        walked("TARGETS", "target:maybe", I_MAYBE, "eni"),
        reach("target:db", "eni/ipv4", "tcp/5432", source="cidr:198.51.100.0/24"),
        walked("TARGETS", "target:db", DB, "eni"),
        walked("HAS_ROLE", I_WEB, WEB_ROLE),
        walked("HAS_ROLE", I_OPEN, OPEN_ROLE),
        walked("HAS_ROLE", I_INSIDE, ANY_ROLE),
        walked("CAN_ASSUME", WEB_ROLE, HOP_ROLE, "sts:AssumeRole"),
        walked(
            "CAN_ASSUME",
            HOP_ROLE,
            SEC_ADMIN,
            "sts:AssumeRole",
            "conditional",
            ("context:aws:MultiFactorAuthPresent=true",),
        ),
        walked("HAS_ADMIN", SEC_ADMIN, f"account:{SEC}", "", techniques=["full"], limits=[]),
        walked("HAS_ADMIN", CAROL, f"account:{DEV}", "", techniques=["full"], limits=[]),
        walked("CAN_ESCALATE_TO", DAVE, ANY_ROLE, "iam:PassRole", technique="iam:PassRole"),
        walked("CAN_EXECUTE_ON", ERIN, MACHINES, "ssm:StartSession", technique="ssm-001"),
        walked("TARGETS", MACHINES, I_INSIDE, "member"),
        walked(
            "CAN_ESCALATE_TO", FRANK, f"account:{PROD}", "iam:PutUserPolicy", technique="iam-007"
        ),
        walked("HAS_ADMIN", ANY_ROLE, f"account:{DEV}", "", techniques=["full"], limits=[]),
        walked(
            "CAN_ASSUME",
            f"account:{VENDOR}",
            VENDOR_ROLE,
            "sts:AssumeRole",
            guards=["account vendor: Datadog's.", "external-id not-required: None is asked for."],
        ),
        walked(
            "CAN_ASSUME",
            GITHUB,
            CI_ROLE,
            "sts:AssumeRoleWithWebIdentity",
            guards=["subject open: Any organisation of GitHub Actions passes."],
        ),
        walked("CAN_ASSUME", "org:o-ours", DEPLOY_ROLE, "sts:AssumeRole"),
        walked("CAN_ASSUME", f"account:{CLOSED}", DEPLOY_ROLE, "sts:AssumeRole"),
        walked(
            "CAN_ASSUME",
            "service:iot.amazonaws.com",
            THING_ROLE,
            "sts:AssumeRole",
            guards=["source not-fixed: Nothing fixes for whom it acts."],
        ),
        walked(
            "CAN_ASSUME",
            f"account:{VENDOR}",
            VENDOR_SAFE,
            "sts:AssumeRole",
            "conditional",
            ("secret:sts:ExternalId",),
            guards=["account vendor: Datadog's.", "external-id shared: Another account knows it."],
        ),
        walked("CAN_ASSUME", f"account:{NOBODY}", OPEN_ROLE, "sts:AssumeRole"),
        walked("CAN_ASSUME", "service:ec2.amazonaws.com", WEB_ROLE, "sts:AssumeRole"),
        walked("CAN_ASSUME", "any-aws-principal", ANY_ROLE, "sts:AssumeRole"),
        walked(
            "CAN_ACCESS",
            "internet",
            BUCKET,
            "bucket-policy",
            level="read",
            actions=["s3:GetObject"],
        ),
        walked(
            "CAN_ACCESS",
            "any-aws-principal",
            TOPIC,
            "topic-policy",
            level="write",
            actions=["sns:Publish"],
        ),
        walked(
            "CAN_ACCESS", "any-aws-account", IMAGE, "launch-permission", level="read", actions=[]
        ),
        walked(
            "CAN_ACCESS",
            f"account:{NOBODY}",
            KEY,
            "key-policy",
            level="write",
            actions=["kms:Decrypt"],
        ),
        walked(
            "CAN_ACCESS",
            VENDOR_ROLE,
            BUCKET,
            "iam",
            level="write",
            actions=["s3:GetObject", "s3:PutObject"],
        ),
        walked(
            "CAN_ACCESS",
            "any-aws-principal",
            OPEN_KEY,
            "key-policy",
            level="write",
            actions=["kms:Decrypt"],
        ),
        Relationship("SHARED_WITH", KEY, f"account:{NOBODY}", "key-policy", {}),
        Relationship("SHARED_WITH", IMAGE, f"account:{VENDOR}", "launch-permission", {}),
        Relationship("PEERED_WITH", VPC_A, VPC_B, "pcx-1", {}),
        flow("REPLICATES_TO", BUCKET, ELSEWHERE, "s3-replication"),
        flow("LOGS_TO", TRAIL, CENTRAL, "cloudtrail-log-group"),
        flow("SENDS_TO", TOPIC, HOOKS, "sns-subscription"),
        _named(ALB, "www.shop.example", is_public=True),
        _named(I_INSIDE, "shop.internal", is_public=False),
        Relationship(
            "OPEN_TO",
            CACHE,
            VPC_A,
            "tcp/11211",
            {"verdict": "yes", "why": "open", "ports": ["tcp/11211"], "conditions": []},
        ),
        linked(f"account:{VENDOR}", PROD, "trust", VENDOR_ROLE, VENDOR_SAFE, sure=1),
        linked(f"account:{NOBODY}", PROD, "trust", OPEN_ROLE),
        linked(f"account:{NOBODY}", PROD, "data", KEY),
        linked(f"account:{VENDOR}", DEV, "data", IMAGE),
        linked(f"account:{PROD}", SEC, "trust", HOP_ROLE),
        linked(f"account:{SEC}", PROD, "management", "o-ours"),
        linked(f"account:{PROD}", DEV, "network", "pcx-1", sure=0, verdict="dormant"),
        linked("org:o-ours", PROD, "trust", DEPLOY_ROLE),
        Relationship("CONCERNS", "disagreement:1", I_OPEN, "CONCERNS", {}),
        Relationship("CONCERNS", "disagreement:2", KEY, "CONCERNS", {}),
        Relationship("MEMBER_OF", CAROL, GROUP, "member", {}),
        Relationship("HAS_POLICY", SEC_ADMIN, ADMIN_POLICY, "attached", {}),
        Relationship("HAS_POLICY", GROUP, ADMIN_POLICY, "attached", {}),
        Relationship("HAS_POLICY", WEB_ROLE, DEPLOY_POLICY, "attached", {}),
        _carried(ADMIN_POLICY, FULL, "managed", "AdministratorAccess"),
        _carried(DAVE, FULL, "inline", "mine"),
        _carried(SCP, FULL, "organization", "FullAWSAccess"),
        _carried(DEPLOY_POLICY, DEPLOY, "managed", "deploy"),
        _carried(HOP_ROLE, ALMOST, "inline", "almost"),
        _carried(TOPIC, STALE, "resource", "other policy of orders"),
        _carried(TOPIC, BROKEN, "resource", "policy of orders"),
        *(
            Relationship("HAS_STATEMENT", found, statement(found, index), "has", {})
            for found, index in (
                (STALE, 0),
                (FULL, 0),
                (DEPLOY, 0),
                (DEPLOY, 1),
                (DEPLOY, 2),
                (ALMOST, 0),
            )
        ),
    ]
