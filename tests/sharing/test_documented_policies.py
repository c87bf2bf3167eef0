"""Policies of keys, queues, topics, functions and secrets that AWS documents: who can do what.

The policies are ours, with the meaning of those on the pages that each case names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from graph.iam.document import parse
from graph.iam.evaluate import evaluate
from graph.iam.from_snapshot import from_snapshot
from graph.iam.request import Request
from graph.iam.world import IamWorld, Policy, outside_account
from graph.judgement import Judgement
from graph.sharing import access_judgements
from snapshot_files import ACCOUNT, REGION, Absent, line, write_snapshot

DOCS = "https://docs.aws.amazon.com/"
SQS = (
    DOCS + "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html"
)
SNS = DOCS + "sns/latest/dg/sns-access-policy-use-cases.html"
SNS_TO_SQS = DOCS + "sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html"
KMS = DOCS + "kms/latest/developerguide/key-policy-default.html"
KMS_SERVICES = DOCS + "kms/latest/developerguide/conditions-kms.html"
KMS_OUTSIDE = DOCS + "kms/latest/developerguide/key-policy-modifying-external-accounts.html"
LAMBDA = DOCS + "lambda/latest/dg/access-control-resource-based.html"
LAMBDA_URL = DOCS + "lambda/latest/dg/urls-auth.html"
SECRETS = DOCS + "secretsmanager/latest/userguide/auth-and-access_examples.html"
DEPUTY = DOCS + "IAM/latest/UserGuide/confused-deputy.html"

OTHER, THIRD = "999988887777", "444455556666"
ORG = "o-aa111bb222"
USER = f"arn:aws:iam::{OTHER}:user/username1"
ROLE = f"arn:aws:iam::{OTHER}:role/role1"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:MyTopic"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0000"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:my-function"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf"

# Where each service keeps the policy, and who is meant by everyone.
TYPES = {
    "sqs": ("sqs:queue", QUEUE, "get_queue_attributes", ("Attributes", "Policy")),
    "sns": ("sns:topic", TOPIC, "get_topic_attributes", ("Attributes", "Policy")),
    "kms": ("kms:key", KEY, "get_key_policy", ("Policy",)),
    "lambda": ("lambda:function", FUNCTION, "get_policy", ("Policy",)),
    "secretsmanager": ("secretsmanager:secret", SECRET, "get_resource_policy", ("ResourcePolicy",)),
}
BESIDE: dict[str, dict[str, Any]] = {
    "kms": {"list_grants": [], "describe_key": {"KeyMetadata": {"KeyState": "Enabled"}}},
    "lambda": {"list_function_url_configs": []},
}


def row(action: str | list[str], principal: Any, effect: str = "Allow", **when: Any) -> Any:
    """A statement about the resource of the action's service."""
    first = action if isinstance(action, str) else action[0]
    resource = "*" if first.startswith("kms") else TYPES[first.partition(":")[0].lower()][1]
    told = {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource}
    return told | ({"Condition": when} if when else {})


def aws(*principals: str) -> dict[str, list[str]]:
    """A principal element of accounts and their principals."""
    return {"AWS": list(principals)}


def service(name: str) -> dict[str, str]:
    """A principal element of a service."""
    return {"Service": f"{name}.amazonaws.com"}


@dataclass(frozen=True)
class Example:
    """A documented case: its statements, whom they admit, and some guards in words.

    Attributes:
        of: the service.
        url: where AWS says what the policy does.
        rows: statements of that meaning.
        admitted: verdict of each source from outside.
        guards: stable words of guards of some sources.
    """

    of: str
    url: str
    rows: tuple[Any, ...]
    admitted: dict[str, str] = field(default_factory=dict)
    guards: dict[str, tuple[str, ...]] = field(default_factory=dict)


OWN_ROOT = row("kms:*", aws(f"arn:aws:iam::{ACCOUNT}:root"))
USES = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
FOR_SERVICES = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
OWN_TOPIC = {"ArnEquals": {"aws:SourceArn": TOPIC}}
OUTER_TOPIC = {"ArnEquals": {"aws:SourceArn": TOPIC.replace(ACCOUNT, OTHER)}}
OWN_ALARMS = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*"
PAST = {
    "DateGreaterThan": {"aws:CurrentTime": "2009-01-31T12:00:00Z"},
    "DateLessThan": {"aws:CurrentTime": "2009-01-31T15:00:00Z"},
}
THROUGH_URL = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}

CASES = {
    # Queues
    "one action for one account": Example(
        "sqs",
        SQS,
        (row("sqs:SendMessage", aws(OTHER)),),
        {f"account:{OTHER}": "yes"},
        {f"account:{OTHER}": ("account unknown", "delegated whole-account")},
    ),
    "everything for two accounts": Example(
        "sqs",
        SQS,
        (row("sqs:*", aws(OTHER, THIRD)),),
        {f"account:{OTHER}": "yes", f"account:{THIRD}": "yes"},
    ),
    "everything for a role and a user": Example(
        "sqs", SQS, (row("sqs:*", aws(ROLE, USER)),), {ROLE: "yes", USER: "yes"}
    ),
    "one action for all users": Example(
        "sqs", SQS, (row("sqs:ReceiveMessage", "*"),), {"internet": "yes"}
    ),
    "everything for all users in a range": Example(
        "sqs",
        SQS,
        (row("sqs:*", "*", IpAddress={"aws:SourceIp": "54.240.143.0/24"}),),
        {"cidr:54.240.143.0/24": "yes"},
    ),
    "a range but one address, another range is blocked": Example(
        "sqs",
        SQS,
        (
            row(
                "sqs:SendMessage",
                "*",
                IpAddress={"aws:SourceIp": "54.240.143.0/24"},
                NotIpAddress={"aws:SourceIp": "54.240.143.188/32"},
            ),
            row("sqs:*", "*", "Deny", IpAddress={"aws:SourceIp": "12.148.72.0/23"}),
        ),
        {"cidr:54.240.143.0/24": "yes"},
    ),
    "messages of one's own topic": Example(
        "sqs",
        SNS_TO_SQS,
        (row("sqs:SendMessage", service("sns"), **OWN_TOPIC),),
        {"service:sns.amazonaws.com": "conditional"},
        {"service:sns.amazonaws.com": ("source fixed",)},
    ),
    "messages of another account's topic": Example(
        "sqs",
        SNS_TO_SQS,
        (row("sqs:SendMessage", service("sns"), **OUTER_TOPIC),),
        {"service:sns.amazonaws.com": "conditional", f"account:{OTHER}": "yes"},
    ),
    "messages of anybody's topic": Example(
        "sqs",
        DEPUTY,
        (row("sqs:SendMessage", service("sns")),),
        {"service:sns.amazonaws.com": "yes", "any-account-via:sns.amazonaws.com": "yes"},
        {"service:sns.amazonaws.com": ("source not-fixed",)},
    ),
    # Topics
    "an account publishes": Example(
        "sns", SNS, (row("sns:Publish", aws(OTHER)),), {f"account:{OTHER}": "yes"}
    ),
    "an account subscribes over HTTPS, as it likes": Example(
        "sns",
        SNS,
        (row("sns:Subscribe", aws(OTHER), StringEquals={"sns:Protocol": "https"}),),
        {f"account:{OTHER}": "yes"},
    ),
    "buckets of another account publish": Example(
        "sns",
        SNS,
        (row("sns:Publish", service("s3"), StringEquals={"AWS:SourceAccount": OTHER}),),
        {"service:s3.amazonaws.com": "conditional", f"account:{OTHER}": "yes"},
        {"service:s3.amazonaws.com": ("source fixed",)},
    ),
    "one bucket of another account publishes": Example(
        "sns",
        DOCS + "AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html",
        (
            row(
                "sns:Publish",
                service("s3"),
                StringEquals={"aws:SourceAccount": OTHER},
                ArnLike={"aws:SourceArn": "arn:aws:s3:::amzn-s3-demo-bucket"},
            ),
        ),
        {"service:s3.amazonaws.com": "conditional", f"account:{OTHER}": "conditional"},
    ),
    "mail of another account publishes": Example(
        "sns",
        SNS,
        (row("SNS:Publish", service("ses"), StringEquals={"aws:SourceOwner": OTHER}),),
        {"service:ses.amazonaws.com": "conditional", f"account:{OTHER}": "yes"},
    ),
    "an organisation publishes": Example(
        "sns",
        SNS,
        (row("SNS:Publish", {"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": ORG}),),
        {f"org:{ORG}": "yes"},
        {f"org:{ORG}": ("organisation fixed",)},
    ),
    "alarms of another account publish": Example(
        "sns",
        SNS,
        (
            row(
                "SNS:Publish",
                {"AWS": "*"},
                ArnLike={"aws:SourceArn": OWN_ALARMS.replace(ACCOUNT, OTHER)},
            ),
        ),
        {f"account:{OTHER}": "yes"},
    ),
    "alarms of one's own account publish": Example(
        "sns",
        SNS,
        (row("SNS:Publish", {"AWS": "*"}, ArnLike={"aws:SourceArn": OWN_ALARMS}),),
    ),
    "a Deny of other endpoints grants nothing": Example(
        "sns",
        SNS,
        (row("SNS:Publish", "*", "Deny", StringNotEquals={"aws:sourceVpce": "vpce-1ab2c34d"}),),
    ),
    "what the console makes": Example(
        "sns",
        SNS,
        (
            row(
                ["SNS:Publish", "SNS:Subscribe", "SNS:SetTopicAttributes"],
                {"AWS": "*"},
                StringEquals={"AWS:SourceOwner": ACCOUNT},
            ),
        ),
    ),
    # Keys
    "the default key policy": Example("kms", KMS, (OWN_ROOT,)),
    "users of another account": Example(
        "kms",
        KMS_OUTSIDE,
        (OWN_ROOT, row(USES, aws(f"arn:aws:iam::{OTHER}:root"))),
        {f"account:{OTHER}": "yes"},
        {f"account:{OTHER}": ("delegated whole-account",)},
    ),
    "a role of another account for its services": Example(
        "kms",
        KMS_OUTSIDE,
        (OWN_ROOT, row("kms:CreateGrant", aws(ROLE), **FOR_SERVICES)),
        {ROLE: "conditional"},
    ),
    "a managed key's policy: anybody of the account, through a service": Example(
        "kms",
        KMS_SERVICES,
        (
            row(
                USES,
                {"AWS": "*"},
                StringEquals={
                    "kms:CallerAccount": ACCOUNT,
                    "kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com",
                },
            ),
        ),
    ),
    "its twin for the callers of another account": Example(
        "kms",
        KMS_SERVICES,
        (
            row(
                USES,
                {"AWS": "*"},
                StringEquals={
                    "kms:CallerAccount": OTHER,
                    "kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com",
                },
            ),
        ),
        {f"account:{OTHER}": "conditional"},
    ),
    "its twin without the account": Example(
        "kms",
        KMS_SERVICES,
        (
            row(
                USES,
                {"AWS": "*"},
                StringEquals={"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"},
            ),
        ),
        {"any-aws-principal": "conditional"},
    ),
    "everyone, signed": Example(
        "kms", KMS, (row("kms:Decrypt", "*"),), {"any-aws-principal": "yes"}
    ),
    # Functions
    "another account invokes": Example(
        "lambda",
        LAMBDA,
        (row("lambda:InvokeFunction", aws(f"arn:aws:iam::{OTHER}:root")),),
        {f"account:{OTHER}": "yes"},
    ),
    "an organisation invokes": Example(
        "lambda",
        LAMBDA,
        (row("lambda:InvokeFunction", "*", StringEquals={"aws:PrincipalOrgID": ORG}),),
        {f"org:{ORG}": "yes"},
    ),
    "one's own bucket invokes": Example(
        "lambda",
        LAMBDA,
        (
            row(
                "lambda:InvokeFunction",
                service("s3"),
                StringEquals={"AWS:SourceAccount": ACCOUNT},
                ArnLike={"AWS:SourceArn": "arn:aws:s3:::amzn-s3-demo-bucket"},
            ),
        ),
        {"service:s3.amazonaws.com": "conditional"},
    ),
    "anybody's bucket invokes": Example(
        "lambda",
        LAMBDA,
        (row("lambda:InvokeFunction", service("s3")),),
        {"service:s3.amazonaws.com": "yes", "any-account-via:s3.amazonaws.com": "yes"},
    ),
    "a policy for a URL that is not there": Example(
        "lambda", LAMBDA_URL, (row("lambda:InvokeFunctionUrl", "*", **THROUGH_URL),)
    ),
    # Secrets
    "a user of another account reads": Example(
        "secretsmanager",
        SECRETS,
        (row("secretsmanager:GetSecretValue", aws(USER)),),
        {USER: "yes"},
    ),
    "a role reads the current version": Example(
        "secretsmanager",
        SECRETS,
        (
            row(
                "secretsmanager:GetSecretValue",
                aws(ROLE),
                **{"ForAnyValue:StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}},
            ),
        ),
        {ROLE: "conditional"},
    ),
    "the own account through one endpoint": Example(
        "secretsmanager",
        SECRETS,
        (
            row("secretsmanager:GetSecretValue", aws(ACCOUNT)),
            row(
                "secretsmanager:GetSecretValue",
                "*",
                "Deny",
                StringNotEquals={"aws:sourceVpce": "vpce-1ab2c34d"},
            ),
        ),
    ),
    "a service for one's own account": Example(
        "secretsmanager",
        SECRETS,
        (
            row(
                "secretsmanager:GetSecretValue",
                service("events"),
                ArnLike={"aws:sourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:*"},
                StringEquals={"aws:sourceAccount": ACCOUNT},
            ),
        ),
        {"service:events.amazonaws.com": "conditional"},
    ),
}


def judged(folder: Path, of: str, rows: tuple[Any, ...]) -> list[Judgement]:
    """What a resource with a policy of some statements gives, ``no`` left out."""
    type_id, own, call, path = TYPES[of]
    value: Any = json.dumps({"Version": "2012-10-17", "Statement": list(rows)})
    for name in reversed(path):
        value = {name: value}
    calls = BESIDE.get(of, {}) | {call: value if rows else Absent}
    snapshot = write_snapshot(folder, {(ACCOUNT, REGION, type_id): [line(own, {}, **calls)]})
    found = access_judgements(snapshot, from_snapshot(snapshot))
    return [one for one in found if str(one.answer.verdict) != "no"]


def admitted(found: list[Judgement]) -> dict[str, str]:
    """The strongest verdict by source."""
    strongest: dict[str, str] = {}
    for one in sorted(found, key=lambda one: one.answer.verdict.rank):
        strongest[one.source] = str(one.answer.verdict)
    return strongest


@pytest.mark.parametrize("name", CASES)
def test_who_gets_in_by_a_documented_policy(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    found = judged(tmp_path, case.of, case.rows)
    assert admitted(found) == case.admitted
    for source, words in case.guards.items():
        told = {
            text.partition(":")[0]
            for one in found
            if one.source == source
            for text in one.answer.guards
        }
        assert told >= set(words)


def test_a_permission_for_all_users_that_is_over_is_none_for_sure(tmp_path: Path) -> None:
    """The guide's hours of 2009: whether time has run out is not the policy's to say alone."""
    found = admitted(judged(tmp_path, "sqs", (row("sqs:ReceiveMessage", "*", **PAST),)))
    assert "yes" not in found.values()
    opened = row("sqs:ReceiveMessage", "*", DateGreaterThan=PAST["DateGreaterThan"])
    assert admitted(judged(tmp_path / "twin", "sqs", (opened,)))["internet"] != "no"


def test_what_aws_refuses_to_share_is_not_told_of_an_outside_account(tmp_path: Path) -> None:
    """The guide names actions of queues that no other account gets, whatever the policy says."""
    asked = [f"sqs:{name}" for name in ("SendMessage", "DeleteQueue", "SetQueueAttributes")]
    (told,) = judged(tmp_path, "sqs", (row(asked, aws(OTHER)),))
    assert told.actions == ("sqs:SendMessage",)
    assert judged(tmp_path / "twin", "sqs", (row(asked[1:], aws(OTHER)),)) == []


@pytest.mark.parametrize(("account", "verdict"), [(ACCOUNT, "yes"), (OTHER, "no")])
def test_the_queues_own_account_may(account: str, verdict: str) -> None:
    everything = row("sqs:*", aws(account))
    policy = Policy("queue policy", parse({"Version": "2012-10-17", "Statement": [everything]}))
    request = Request(
        outside_account(account), "sqs:DeleteQueue", QUEUE, ACCOUNT, resource_policy=policy
    )
    assert evaluate(IamWorld(), request).verdict == verdict
