"""Harmless neighbours: what every real account is full of, and no answer lists."""

from __future__ import annotations

from mapper.demo.clients import GLOBAL_REGION
from mapper.demo.world.buckets import ALL_BLOCKED
from mapper.demo.world.plan import MEMBERS
from mapper.demo.world.stage import (
    EVERYWHERE_V4,
    Site,
    Stage,
    admits,
    tag_list,
    trusts_service,
)

_SERVICES = ("ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com")
_WORK = ("billing", "catalog", "checkout", "search", "reports", "mail", "audit", "stock")


def neighbours(stage: Stage, size: int) -> None:
    """Put ``size`` instances, roles, buckets and security groups into every member account.

    The number varies by one or two where the world has a seed.
    """
    plan = stage.plan
    for role in MEMBERS:
        account = plan.accounts[role]
        count = size if plan.seed is None else max(1, size + plan.dice.randrange(-1, 2))
        if size == 0:
            continue
        region = plan.regions[plan.dice.randrange(3)]
        site = stage.new_site(account, region, "-".join(filter(None, (role, plan.word, "apps"))))
        _machines(stage, site, role, count)
        for number in range(count):
            _role(stage, account, role, number)
            _bucket(stage, account, role, number)


def _name(stage: Stage, role: str, number: int) -> str:
    what = _WORK[number % len(_WORK)]
    extra = f"-{number // len(_WORK) + 1}" if number >= len(_WORK) else ""
    return "-".join(filter(None, (role, stage.plan.word, what + extra)))


def _machines(stage: Stage, site: Site, role: str, count: int) -> None:
    """Private instances; groups open to their own VPC, and one open to all that nothing uses."""
    subnet = stage.subnet(site, f"{role}-apps-private")
    for number in range(count):
        name = _name(stage, role, number)
        group = stage.group(site, name + "-sg", admits(443, f"{site.cidr16}.0.0/16"))
        stage.instance(subnet, name, "neighbour", group)
    stage.group(site, f"{role}-unused-sg", admits(443, EVERYWHERE_V4))


def _role(stage: Stage, account: str, role: str, number: int) -> None:
    name = _name(stage, role, number) + "-role"
    service = _SERVICES[number % len(_SERVICES)]
    stage.role(account, name, trusts_service(service), "neighbour")
    own = f"arn:aws:s3:::{name}-data/*"
    stage.may(account, name, {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": own})


def _bucket(stage: Stage, account: str, role: str, number: int) -> None:
    name = f"{_name(stage, role, number)}-data-{account[-6:]}"
    s3 = stage.clients(account, "s3", GLOBAL_REGION)
    s3.create_bucket(Bucket=name)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=ALL_BLOCKED)
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    stage.keep(account, f"arn:aws:s3:::{name}", "data")
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(name, "neighbour")})


def dress_default_vpcs(stage: Stage) -> None:
    """Give the default VPCs of the used regions what AWS gives and moto does not.

    An internet gateway, a default route to it, and the default group's rule for itself
    (https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html). Nothing
    stands in them.
    """
    for account in stage.plan.accounts.values():
        for region in stage.plan.regions:
            ec2 = stage.clients(account, "ec2", region)
            default = [{"Name": "isDefault", "Values": ["true"]}]
            vpc = ec2.describe_vpcs(Filters=default)["Vpcs"][0]["VpcId"]
            inside = [{"Name": "vpc-id", "Values": [vpc]}]
            gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
            (table,) = ec2.describe_route_tables(Filters=inside)["RouteTables"]
            ec2.create_route(
                RouteTableId=table["RouteTableId"],
                DestinationCidrBlock=EVERYWHERE_V4,
                GatewayId=gateway,
            )
            (group,) = ec2.describe_security_groups(Filters=inside)["SecurityGroups"]
            itself = {"UserIdGroupPairs": [{"GroupId": group["GroupId"]}], "IpProtocol": "-1"}
            ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[itself])


def touch_everything(stage: Stage, regions: list[str]) -> None:
    """Look once into every region of every account, in order.

    moto makes default VPCs and AWS's key aliases at first sight: were collectors that run in
    parallel the first to look, their ids would differ from run to run.
    """
    for account in stage.plan.accounts.values():
        for region in regions:
            stage.clients(account, "ec2", region).describe_vpcs()
            stage.clients(account, "kms", region).list_aliases()
        stage.iam(account).generate_credential_report()
