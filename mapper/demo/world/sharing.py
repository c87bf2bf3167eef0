"""Queues, topics, keys, secrets and repositories: open to everybody, and nearly so."""

from __future__ import annotations

import json
from typing import Any

from mapper.demo.world.facts import (
    ANY_PRINCIPAL,
    INTERNET,
    Accesses,
    Admits,
    Fact,
    Thing,
    Touch,
)
from mapper.demo.world.stage import Stage, document, flip_call

_QUEUE = (
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
    "sqs-basic-examples-of-sqs-policies.html"
)
_TOPIC = "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html"
_KEY = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html"
_KEY_VIA = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
_SHARED = (
    "https://docs.aws.amazon.com/secretsmanager/latest/userguide/"
    "auth-and-access_examples_cross.html"
)  # a page
_REPOSITORY = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html"


def everybody(
    actions: list[str], resource: str | list[str], condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    """An Allow statement for Principal ``*``, under a condition or none."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": actions,
        "Resource": resource,
    }
    if condition:
        statement["Condition"] = condition
    return statement


def queues(stage: Stage) -> None:
    """A queue for everybody, and one for everybody's messages from one topic of the account."""
    scenario = "queue"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    sqs = stage.clients(account, "sqs", region)
    things = []
    for what, part in (("orders", "planted"), ("alerts", "decoy")):
        name = stage.plan.name(scenario, what)
        arn = f"arn:aws:sqs:{region}:{account}:{name}"
        topic = f"arn:aws:sns:{region}:{account}:{name}"
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        narrow = {"ArnEquals": {"aws:SourceArn": topic}}
        actions = ["sqs:SendMessage", "sqs:ReceiveMessage"]
        wide, tight = document(everybody(actions, arn)), document(everybody(actions, arn, narrow))
        now, then = (wide, tight) if part == "planted" else (tight, wide)
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": now})
        stage.keep(account, arn, "data")
        things.append(
            _policy_thing(
                stage, scenario, name, part, _QUEUE, "aws:SourceArn names a topic of the account",
                Accesses(INTERNET, arn, "queue-policy", "yes"), "sqs", "set_queue_attributes",
                admits=(Admits(arn, account, "everybody"),),
                QueueUrl=url, Attributes={"Policy": then},
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def _policy_thing(
    stage: Stage, scenario: str, name: str, part: str, page: str, narrowing: str, open_: Fact,
    service: str, operation: str, closed: tuple[Fact, ...] = (), admits: tuple[Fact, ...] = (),
    **arguments: Any,
) -> Thing:  # fmt: skip
    """A thing whose flip is one call; ``narrowing`` is the control that the decoy has.

    ``open_`` and ``admits`` are true without that control, ``closed`` with it.
    """
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    planted = part == "planted"
    return Thing(
        name, part, "sharing", page, narrowing if not planted else f"no such control: {narrowing}",
        facts=(open_, *admits) if planted else closed,
        flipped=closed if planted else (open_, *admits),
        flip=flip_call(account, service, region, operation, **arguments),
        touches=(Touch(account, region, (service,)),),
    )  # fmt: skip


def topics(stage: Stage) -> None:
    """A topic for everybody, and one with the policy that SNS gives by default."""
    scenario = "topic"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    sns = stage.clients(account, "sns", region)
    actions = ["SNS:Publish", "SNS:Subscribe"]
    own = {"StringEquals": {"AWS:SourceOwner": account}}
    things = []
    for what, part in (("news", "planted"), ("billing", "decoy")):
        name = stage.plan.name(scenario, what)
        arn = sns.create_topic(Name=name)["TopicArn"]
        stage.keep(account, arn, "data")
        wide, tight = document(everybody(actions, arn)), document(everybody(actions, arn, own))
        if part == "planted":
            sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=wide)
        things.append(
            _policy_thing(
                stage, scenario, name, part, _TOPIC, "AWS:SourceOwner is the own account",
                Accesses(INTERNET, arn, "topic-policy", "yes"), "sns", "set_topic_attributes",
                admits=(Admits(arn, account, "everybody"),),
                TopicArn=arn, AttributeName="Policy",
                AttributeValue=tight if part == "planted" else wide,
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def _key(stage: Stage, scenario: str, name: str, *statements: dict[str, Any]) -> tuple[str, str]:
    """A KMS key whose policy also lets its own account administer it; returns id and ARN."""
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    kms = stage.clients(account, "kms", region)
    key = kms.create_key(
        Description=name,
        Policy=key_policy(account, *statements),
        Tags=[{"TagKey": "Name", "TagValue": name}],
    )["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key["KeyId"])
    stage.keep(account, key["Arn"], "data")
    return key["KeyId"], key["Arn"]


def key_policy(account: str, *statements: dict[str, Any]) -> str:
    """A key policy: the account's own statement and these."""
    own = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return document(own, *statements)


def keys(stage: Stage) -> None:
    """A key for every AWS principal, and one in the pattern that AWS's own keys have."""
    scenario = "key"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"]
    only = {
        "StringEquals": {
            "kms:CallerAccount": account,
            "kms:ViaService": f"ec2.{region}.amazonaws.com",
        }
    }
    wide, tight = everybody(actions, "*"), everybody(actions, "*", only)
    things = []
    for what, part in (("exchange-key", "planted"), ("volumes-key", "decoy")):
        name = stage.plan.name(scenario, what)
        now, then = (wide, tight) if part == "planted" else (tight, wide)
        id_, arn = _key(stage, scenario, name, now)
        things.append(
            _policy_thing(
                stage, scenario, name, part, _KEY if part == "planted" else _KEY_VIA,
                "kms:CallerAccount is the own account", Accesses(
                    ANY_PRINCIPAL, arn, "key-policy", "yes"
                ), "kms", "put_key_policy",
                closed=(Admits(arn, account, "own", "conditional", ("context",)),),
                admits=(Admits(arn, account, "everybody"),),
                KeyId=id_, PolicyName="default", Policy=key_policy(account, then),
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def secrets(stage: Stage) -> None:
    """A secret for every AWS principal, and one that only one VPC endpoint may read.

    A secret is only read by another account if its key lets that account decrypt; both are
    under a key that does, which is a row of its own.
    """
    scenario = "secret"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    client = stage.clients(account, "secretsmanager", region)
    key_name = stage.plan.name(scenario, "secrets-key")
    key, key_arn = _key(stage, scenario, key_name, everybody(["kms:Decrypt"], "*"))
    stage.add(
        scenario,
        Thing(
            key_name, "planted", "sharing", _KEY, "its policy lets every principal decrypt",
            facts=(
                Accesses(ANY_PRINCIPAL, key_arn, "key-policy", "yes"),
                Admits(key_arn, account, "everybody"),
            ),
        ),
    )  # fmt: skip
    endpoint = {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}}
    actions = ["secretsmanager:GetSecretValue"]
    wide, tight = (document(everybody(actions, "*", one)) for one in (None, endpoint))
    things = []
    for what, part in (("partner-api", "planted"), ("ledger-db", "decoy")):
        name = stage.plan.name(scenario, what)
        arn = client.create_secret(
            Name=name,
            SecretString=json.dumps({"note": "a demo keeps no secret"}),
            KmsKeyId=key,
            ClientRequestToken=stage.token(),
        )["ARN"]
        stage.keep(account, arn, "data")
        now, then = (wide, tight) if part == "planted" else (tight, wide)
        client.put_resource_policy(SecretId=arn, ResourcePolicy=now)
        things.append(
            _policy_thing(
                stage, scenario, name, part, _SHARED, "aws:SourceVpce names one endpoint",
                Accesses(ANY_PRINCIPAL, arn, "secret-policy", "yes"), "secretsmanager",
                "put_resource_policy",
                closed=(Admits(arn, account, "everybody", "conditional", ("context",)),),
                admits=(Admits(arn, account, "everybody"),), SecretId=arn, ResourcePolicy=then,
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def repositories(stage: Stage) -> None:
    """A repository that every AWS principal may pull from, and one for the organisation."""
    scenario = "repository"
    account, region = stage.plan.account(scenario), stage.plan.region(scenario)
    ecr = stage.clients(account, "ecr", region)
    inside = {"StringEquals": {"aws:PrincipalOrgID": stage.organization_id}}
    things = []
    for what, part in (("base-image", "planted"), ("toolbox", "decoy")):
        name = stage.plan.name(scenario, what)
        arn = ecr.create_repository(repositoryName=name)["repository"]["repositoryArn"]
        wide, tight = (json.dumps(_pulls(condition)) for condition in (None, inside))
        now, then = (wide, tight) if part == "planted" else (tight, wide)
        ecr.set_repository_policy(repositoryName=name, policyText=now)
        stage.keep(account, arn, "data")
        organization = f"org:{stage.organization_id}"
        things.append(
            _policy_thing(
                stage, scenario, name, part, _REPOSITORY, "aws:PrincipalOrgID is the own one",
                Accesses(ANY_PRINCIPAL, arn, "repository-policy", "yes"), "ecr",
                "set_repository_policy",
                closed=(
                    Accesses(organization, arn, "repository-policy", "yes"),
                    Admits(arn, account, "organization"),
                ),
                admits=(Admits(arn, account, "everybody"),),
                repositoryName=name, policyText=then,
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def _pulls(condition: dict[str, Any] | None) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": "Pull",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}
