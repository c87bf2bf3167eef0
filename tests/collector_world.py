"""A small world of two accounts in moto's server, and what tests of the collector share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3

from aws_server import MotoServer

KEY = b"0123456789abcdef0123456789abcdef"
REGIONS = ("us-east-1", "eu-west-1")
SERVICES = (
    "iam",
    "aws",
    "org",
    "s3",
    "ec2",
    "elb",
    "elbv2",
    "rds",
    "lambda",
    "kms",
    "secretsmanager",
    "sns",
    "sqs",
    "ecr",
    "ram",
)
"""What the world has something of, with the organisation's and the account's own."""
PLANTED = {
    "lambda": "lambda-hunter2-Zx81",
    "user data": "userdata-hunter2-Qy72",
    "oidc": "oidc-hunter2-Wv63",
}
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}


class World:
    """Two accounts of one organisation: management and prod."""

    def __init__(self, server: MotoServer) -> None:
        self.server = server
        self.management = "123456789012"
        organizations = self.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        self.root = organizations.list_roots()["Roots"][0]["Id"]
        made = organizations.create_account(AccountName="prod", Email="prod@example.com")
        self.prod = made["CreateAccountStatus"]["AccountId"]
        unit = organizations.create_organizational_unit(ParentId=self.root, Name="workloads")
        inner = organizations.create_organizational_unit(
            ParentId=unit["OrganizationalUnit"]["Id"], Name="production"
        )
        organizations.move_account(
            AccountId=self.prod,
            SourceParentId=self.root,
            DestinationParentId=inner["OrganizationalUnit"]["Id"],
        )
        self._fill_management()
        self._fill_prod()
        for account in (self.management, self.prod):
            for region in REGIONS:
                self.client("ec2", region, account).describe_vpcs()
                self.client("kms", region, account).list_aliases()

    def client(self, service: str, region: str = "us-east-1", account: str = "") -> Any:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        if account and account != self.management:
            given = self.client("sts").assume_role(
                RoleArn=f"arn:aws:iam::{account}:role/builder", RoleSessionName="build"
            )["Credentials"]
            keys = {
                "aws_access_key_id": given["AccessKeyId"],
                "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"],
            }
        return boto3.client(service, region_name=region, endpoint_url=self.server.url, **keys)

    def _fill_management(self) -> None:
        self.client("iam").create_user(UserName="alice")
        self.client("iam").create_group(GroupName="readers")
        self.client("s3").create_bucket(Bucket="org-logs")

    def _fill_prod(self) -> None:
        s3 = self.client("s3", account=self.prod)
        s3.create_bucket(
            Bucket="prod.data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        s3.put_bucket_policy(Bucket="prod.data", Policy='{"Version":"2012-10-17","Statement":[]}')
        ec2 = self.client("ec2", "eu-west-1", self.prod)
        vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.1.{n}.0/24", AvailabilityZone=f"eu-west-1{'ab'[n]}"
            )["Subnet"]["SubnetId"]
            for n in (0, 1)
        ]
        ec2.run_instances(
            ImageId="ami-12345678",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnets[0],
            UserData=f"#!/bin/sh\nexport DB_PASSWORD={PLANTED['user data']}\n",
        )
        elbv2 = self.client("elbv2", "eu-west-1", self.prod)
        balancer = elbv2.create_load_balancer(Name="web", Subnets=subnets, Scheme="internal")
        arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
        acm = self.client("acm", "eu-west-1", self.prod)
        certificate = acm.request_certificate(DomainName="example.com")["CertificateArn"]
        elbv2.create_listener(
            LoadBalancerArn=arn,
            Protocol="HTTPS",
            Port=443,
            Certificates=[{"CertificateArn": certificate}],
            DefaultActions=[
                {
                    "Type": "authenticate-oidc",
                    "Order": 1,
                    "AuthenticateOidcConfig": {
                        "Issuer": "https://id.example.com",
                        "AuthorizationEndpoint": "https://id.example.com/a",
                        "TokenEndpoint": "https://id.example.com/t",
                        "UserInfoEndpoint": "https://id.example.com/u",
                        "ClientId": "mapper",
                        "ClientSecret": PLANTED["oidc"],
                    },
                },
                {
                    "Type": "fixed-response",
                    "Order": 2,
                    "FixedResponseConfig": {"StatusCode": "200"},
                },
            ],
        )
        self._add_function()
        kms = self.client("kms", "eu-west-1", self.prod)
        kms.create_key(Description="data")
        self.client("sqs", "eu-west-1", self.prod).create_queue(QueueName="orders")

    def _add_function(self) -> None:
        role = self.client("iam", account=self.prod).create_role(
            RoleName="fn",
            AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
            '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
        )["Role"]["Arn"]
        self.client("lambda", "eu-west-1", self.prod).create_function(
            FunctionName="checkout",
            Runtime="python3.12",
            Role=role,
            Handler="a.b",
            Code={"ZipFile": b"PK\x05\x06" + b"\0" * 18},
            Environment={"Variables": {"API_TOKEN": PLANTED["lambda"], "MODE": "live"}},
        )


def contents(snapshot: Path) -> dict[str, bytes]:
    """Every file of a snapshot but the manifest."""
    return {
        path.relative_to(snapshot).as_posix(): path.read_bytes()
        for path in sorted(snapshot.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def contents_of_run(snapshot: Path) -> dict[str, bytes]:
    """The same without who assumed which role: moto makes up the id of a role that does not exist
    anew for each session."""
    return {
        file: data
        for file, data in contents(snapshot).items()
        if not file.endswith("/global/aws/account.jsonl")
    }
