"""An organisation in which every question of the library has an answer."""

from __future__ import annotations

from derivation.aws_world import (
    DEV,
    EC2,
    FULL,
    LAMBDA,
    PROD,
    VENDOR,
    World,
    allow,
    iam,
    trusting,
)
from network.aws_shapes import Lab, arn, exposed
from network.aws_shapes import allow as opened
from network.test_load_balancers import balancer, referring, target, target_group
from snapshot_files import REGION, Denied

OLD = "555566667777"
DATADOG = "464622532012"


def organisation() -> World:
    """Prod with an open machine, a load balancer and public data; dev, which prod's machine rules.

    The machine's role is admin of dev by a chain; a user is admin of prod; a vendor is trusted
    without ExternalId; four developers may assume one role; one queue's policy was not read.
    """
    world = World(lab=exposed())
    _network(world)
    world.organisation(prod=PROD, dev=DEV, former=OLD)
    for account in (PROD, DEV):
        caller = {"Account": account}
        world.add("aws:account", account, {}, account=account, get_caller_identity=caller)
    _identity(world)
    world.bucket("open", allow("s3:GetObject", "arn:aws:s3:::open/*", Principal="*"))
    shared = {"AWS": [VENDOR, DEV]}
    world.bucket("shared", allow("s3:PutObject", "arn:aws:s3:::shared/*", Principal=shared))
    queue = f"arn:aws:sqs:{REGION}:{PROD}:jobs"
    world.add("sqs:queue", queue, {}, region=REGION, get_queue_attributes=Denied)
    _flows(world)
    _findings(world)
    _access_analyzer(world)
    function = f"arn:aws:lambda:{REGION}:{PROD}:function:hello"
    item = {"FunctionName": "hello", "FunctionArn": function, "Role": iam("role", "hello")}
    world.add("lambda:function", function, item, region=REGION)
    _escalation(world)
    return world


def _escalation(world: World) -> None:
    """Somebody may run commands on the machine, and somebody may change the function."""
    world.user("operator", allow("ssm:StartSession"))
    world.user("developer", allow("lambda:UpdateFunctionCode"))


def _findings(world: World) -> None:
    """What is wrong with trusts: a role, or a key, for each of the library's findings."""
    former = next(name for name in world.lines[PROD, "global", "org:account"] if OLD in name)
    world.item(former)["Status"] = "SUSPENDED"
    world.role("once", [trusting({"AWS": OLD})])
    world.role("left-over", [trusting({"AWS": ["AROAAAAAAAAAAAAAAAAAA", PROD]})])
    world.role("mistyped", [trusting({"AWS": "000000000000"})])
    world.role("monitoring", [trusting({"AWS": DATADOG})])
    world.role("things", [trusting({"Service": "iot.amazonaws.com"})])
    github = {"Federated": iam("oidc-provider", "token.actions.githubusercontent.com")}
    world.role("builds", [trusting(github, "sts:AssumeRoleWithWebIdentity")])
    for name, vendor in (("first", VENDOR), ("second", DATADOG)):
        secret = {"StringEquals": {"sts:ExternalId": "one-for-all"}}
        world.role(name, [trusting({"AWS": vendor}, Condition=secret)])
    key = f"arn:aws:kms:{REGION}:{PROD}:key/k"
    text = {"Version": "2012-10-17", "Statement": [allow("kms:Decrypt", Principal="*")]}
    read = {"get_key_policy": {"Policy": text}, "list_grants": []}
    world.add("kms:key", key, {"KeyId": "k"}, region=REGION, **read)


def _access_analyzer(world: World) -> None:
    """One finding that we have as well; one, archived, of what the bucket's policy lets nobody."""
    analyzer = f"arn:aws:access-analyzer:{REGION}:{PROD}:analyzer/outside"
    item = {"arn": analyzer, "name": "outside", "type": "ACCOUNT", "status": "ACTIVE"}
    finding = {"action": ["s3:PutObject"], "condition": {}, "isPublic": False}
    finding |= {"resource": "arn:aws:s3:::shared", "analyzedAt": "2026-11-01T00:00:00Z"}
    findings = [
        finding | {"id": "f-1", "principal": {"AWS": VENDOR}, "status": "ACTIVE"},
        finding | {"id": "f-2", "principal": {"AWS": OLD}, "status": "ARCHIVED"},
    ]
    world.add("aa:analyzer", analyzer, item, region=REGION, list_findings=findings)


def _flows(world: World) -> None:
    """A trail writes to dev's bucket, a topic to a host; snapshots are shared with a vendor."""
    world.bucket("archive", account=DEV)
    trail = f"arn:aws:cloudtrail:{REGION}:{PROD}:trail/main"
    world.add("cloudtrail:trail", trail, {"Name": "main", "S3BucketName": "archive"}, region=REGION)
    topic = f"arn:aws:sns:{REGION}:{PROD}:news"
    hook = {"Protocol": "https", "Endpoint": "https://hooks.example.com/", "SubscriptionArn": topic}
    world.add("sns:topic", topic, {}, region=REGION, list_subscriptions_by_topic=[hook])
    shares = {"Schedules": [{"ShareRules": [{"TargetAccounts": [VENDOR]}]}]}
    policy = {"Policy": {"State": "ENABLED", "PolicyDetails": shares}}
    daily = f"arn:aws:dlm:{REGION}:{PROD}:policy/daily"
    world.add("dlm:policy", daily, {}, region=REGION, get_lifecycle_policy=policy)


def _network(world: World) -> None:
    lab = world.lab
    lab.item("i-web")["IamInstanceProfile"] = {"Arn": iam("instance-profile", "web")}
    lab.item("i-web")["MetadataOptions"] = {"HttpEndpoint": "enabled", "HttpTokens": "optional"}
    lab.group("sg-lb", [opened("tcp/443"), opened("tcp/8443", "203.0.113.0/24")])
    lab.group("sg-back", [referring("sg-lb", 8080)])
    lab.eni("eni-back", "subnet-a", ("sg-back",), private="10.0.0.30", instance="i-back")
    lab.instance("i-back", ("eni-back",))
    balancer(lab, DNSName="front.elb.example")
    target_group(lab, targets=[target("i-back")])
    for number in (2, 3):
        eni = f"eni-{number}"
        lab.eni(
            eni,
            "subnet-a",
            ("sg-web",),
            private=f"10.0.0.2{number}",
            public=f"198.51.100.2{number}",
            instance=f"i-{number}",
        )
        lab.instance(f"i-{number}", (eni,), "running" if number == 2 else "stopped")
    _second_opinion(lab)
    _open_service(lab)
    _names(lab)
    lab.vpc("vpc-dev", "10.9.0.0/16", DEV)
    sides = {
        "RequesterVpcInfo": {"VpcId": "vpc-1", "OwnerId": PROD, "CidrBlock": "10.0.0.0/16"},
        "AccepterVpcInfo": {"VpcId": "vpc-dev", "OwnerId": DEV, "CidrBlock": "10.9.0.0/16"},
    }
    item = {"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"}, **sides}
    lab.add("ec2:vpc-peering", "pcx-1", arn("vpc-peering-connection", "pcx-1"), item)


def _names(lab: Lab) -> None:
    """A name that everybody can look up leads to the load balancer."""
    named = {"Name": "www.example.com.", "Type": "CNAME"}
    named |= {"ResourceRecords": [{"Value": "front.elb.example"}]}
    item = {"Id": "/hostedzone/Z1", "Name": "example.com.", "Config": {"PrivateZone": False}}
    zone = "arn:aws:route53:::hostedzone/Z1"
    lab.add("route53:zone", "Z1", zone, item, list_resource_record_sets=[named])


def _second_opinion(lab: Lab) -> None:
    """Reachability Analyzer said that nobody comes in where we say that anyone does."""
    asked = {"NetworkInsightsPathId": "nip-1", "Source": "igw-1", "Destination": "i-web"}
    asked |= {"Protocol": "tcp", "DestinationPort": 22}
    lab.add("ec2:network-insights-path", "nip-1", arn("network-insights-path", "nip-1"), asked)
    answer = {
        "NetworkInsightsAnalysisId": "nia-1",
        "NetworkInsightsPathId": "nip-1",
        "Status": "succeeded",
        "StartDate": "2026-11-01T00:00:00Z",
        "NetworkPathFound": False,
        "Explanations": [{"ExplanationCode": "ENI_SG_RULES_MISMATCH"}],
    }
    analysis = arn("network-insights-analysis", "nia-1")
    lab.add("ec2:network-insights-analysis", "nia-1", analysis, answer)


def _open_service(lab: Lab) -> None:
    """A cache without a login whose group admits the whole VPC."""
    lab.group("sg-cache", [opened("-1", "10.0.0.0/16")])
    cache = {"CacheClusterId": "cache", "Engine": "memcached"}
    cache |= {"SecurityGroups": [{"SecurityGroupId": "sg-cache"}]}
    node = arn("cluster", "cache", service="elasticache").replace("cluster/", "cluster:")
    lab.add("elasticache:cluster", "cache", node, cache)


def _identity(world: World) -> None:
    deploy = iam("role", "deploy", DEV)
    web = world.role("web", [EC2], allow("sts:AssumeRole", deploy))
    world.profile("web", web)
    world.role("deploy", [trusting({"AWS": web})], FULL, account=DEV)
    world.role("hello", [LAMBDA])
    world.role("ordinary", [EC2], account=DEV)
    world.role("vendor", [trusting({"AWS": VENDOR})], allow("s3:Get*"))
    secret = {"StringEquals": {"sts:ExternalId": "s"}}
    world.role("careful", [trusting({"AWS": VENDOR}, Condition=secret)])
    reader = world.role("reader", [trusting({"AWS": DEV})])
    for number in range(5):
        world.user(f"dev{number}", allow("sts:AssumeRole", reader), account=DEV)
    group = iam("group", "nobody")
    damaged = [{"PolicyName": "damaged", "PolicyDocument": "{"}]
    item = {"Arn": group, "GroupName": "nobody", "GroupPolicyList": damaged}
    world.add("iam:group", group, item)
    world.user("boss", FULL)
    world.user("ann", allow("s3:*"))
