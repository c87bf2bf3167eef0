"""Wrong verdicts that an independent review found, each with its twin."""

import pytest

from graph.iam.evaluate import decide
from graph.iam.request import Request
from tests.iam.worlds import A, allow, deny, user, world

RUN = "ec2:RunInstances"
INSTANCES = "arn:aws:ec2:*:*:instance/*"
TYPES = ("instance", "subnet", "volume", "network-interface", "security-group")
EVERY_TYPE = [*(f"arn:aws:ec2:*:*:{kind}/*" for kind in TYPES), "arn:aws:ec2:*::image/*"]


def verdict(caller, action, resource, *others, context=None, pattern=False, **facts):
    here = world(*(one for one in (caller, *others) if hasattr(one, "policies")), **facts)
    request = Request(caller, action, resource, context=context or {}, pattern=pattern)
    return str(decide(here, request).answer.verdict)


# Calls that need several types of resources: "*" is as any of them


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow(RUN)], "yes"),
        ([allow(RUN, INSTANCES)], "no"),
        ([allow(RUN, EVERY_TYPE)], "yes"),
        ([allow(RUN, EVERY_TYPE[:-1])], "no"),
        ([allow(RUN), deny(RUN, "arn:aws:ec2:*:*:subnet/*")], "no"),
        ([allow(RUN), deny(RUN, "arn:aws:ec2:*:*:snapshot/*")], "yes"),
        ([allow(RUN), {"Effect": "Deny", "Action": RUN, "NotResource": INSTANCES}], "no"),
    ],
)
def test_a_call_of_several_types_on_any_resource(statements, expected):
    alice = user(*statements)
    assert verdict(alice, RUN, "*") == expected
    instance = f"arn:aws:ec2:eu-west-1:{A}:instance/*"
    assert verdict(alice, RUN, instance, pattern=True) == expected
