"""A condition on the VPC or endpoint that any of them fits: everybody has one of their own.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties
"""

import pytest

from graph.iam.resource_policy import resource_policy_access
from graph.iam.world import ANONYMOUS, ANY_AWS_PRINCIPAL
from tests.iam.worlds import A, B, doc, forbid, grant

QUEUE = f"arn:aws:sqs:eu-west-1:{A}:jobs"
SEND = "sqs:SendMessage"
ORG = "o-abcdefghij"
PATTERNS = [
    ("StringLike", "aws:SourceVpce", "*", "vpce-*", "vpce-0a1b2c3d4e5f60718"),
    ("StringLike", "aws:SourceVpc", "vpc-*", "vpc-?*", "vpc-0a1b2c3d4e5f60718"),
    ("ArnLike", "aws:SourceVpcArn", "arn:aws:ec2:*:*:vpc/*", "*", f"arn:aws:ec2:*:{A}:vpc/*"),
    ("StringLike", "aws:VpceAccount", "*", "????????????", B),
    ("StringLike", "aws:VpceOrgID", "o-*", "*", ORG),
    ("ForAnyValue:StringLike", "aws:VpceOrgPaths", "o-*/*", "*", f"{ORG}/*"),
]
CALLERS = [ANONYMOUS, ANY_AWS_PRINCIPAL]


def through(*statements, caller):
    answer = resource_policy_access(doc(*statements), caller, [SEND], QUEUE, A)
    return str(answer.verdict)


def asked(operator, key, value, kind=grant):
    return kind("*", SEND, QUEUE, Condition={operator: {key: value}})


@pytest.mark.parametrize("caller", CALLERS, ids=["unsigned", "signed"])
@pytest.mark.parametrize(("operator", "key", "wide", "also", "own"), PATTERNS)
def test_a_pattern_of_every_endpoint_is_met_by_ones_own(caller, operator, key, wide, also, own):
    assert through(asked(operator, key, wide), caller=caller) == "yes"
    assert through(asked(operator, key, also), caller=caller) == "yes"
    assert through(asked(operator, key, own), caller=caller) == "no"


@pytest.mark.parametrize("caller", CALLERS, ids=["unsigned", "signed"])
@pytest.mark.parametrize(("operator", "key", "wide", "also", "own"), PATTERNS)
def test_a_deny_of_every_endpoint_is_met_without_one(caller, operator, key, wide, also, own):
    everyone = grant("*", SEND, QUEUE)
    assert through(everyone, asked(operator, key, wide, forbid), caller=caller) == "yes"
    assert through(everyone, asked(operator, key, own, forbid), caller=caller) == "yes"
    only_own = asked(operator.replace("Like", "NotLike"), key, own, forbid)
    if ":" not in operator:
        assert through(everyone, only_own, caller=caller) == "no"
