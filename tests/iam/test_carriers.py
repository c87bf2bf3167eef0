"""ARNs that differ from the ARN of what carries their policy: never a ``no`` for want of it."""

import pytest

from graph.iam import rules
from graph.iam.evaluate import decide
from graph.iam.policy_places import places
from graph.iam.request import Request
from graph.iam.resource_side import policy_of
from graph.iam.world import outside_account
from tests.iam.worlds import A, B, allow, grant, member, policy, user, world

EU = f"eu-west-1:{A}"
GROUP = f"arn:aws:logs:{EU}:log-group:/aws/app"
CARRIED = [
    ("schemas:DescribeSchema", f"arn:aws:schemas:{EU}:schema/shapes/one", "registry/shapes"),
    (
        "sagemaker:DescribeModelPackage",
        f"arn:aws:sagemaker:{EU}:model-package/churn/3",
        "model-package-group/churn",
    ),
    (
        "codeartifact:GetPackageVersionAsset",
        f"arn:aws:codeartifact:{EU}:package/corp/npm/npm//left-pad",
        "repository/corp/npm",
    ),
    ("kafka-cluster:ReadData", f"arn:aws:kafka:{EU}:topic/main/uuid/orders", "cluster/main/uuid"),
    ("kafka-cluster:Connect", f"arn:aws:kafka:{EU}:cluster/main/uuid", "cluster/main/uuid"),
    ("events:PutRule", f"arn:aws:events:{EU}:rule/orders/all", "event-bus/orders"),
    ("events:PutRule", f"arn:aws:events:{EU}:rule/all", "event-bus/default"),
    ("logs:PutLogEvents", f"{GROUP}:log-stream:one", "resource-policies"),
    ("logs:CreateLogStream", GROUP, "resource-policies"),
]
IDS = [f"{action}-{carrier}" for action, _, carrier in CARRIED]


def verdict(action, resource, **facts):
    here = world(accounts=[member(A)], shares_read=frozenset({f"{A}/eu-west-1"}), **facts)
    return str(decide(here, Request(outside_account(B), action, resource)).answer.verdict)


def carrier_of(resource, rest):
    return ":".join((*resource.split(":", 5)[:5], rest))


@pytest.mark.parametrize(("action", "resource", "rest"), CARRIED, ids=IDS)
def test_the_carriers_policy_decides(action, resource, rest):
    carrier = carrier_of(resource, rest)
    named = f"{GROUP}:*" if resource.startswith(GROUP) else resource
    given = {carrier: policy(grant({"AWS": B}, action, named))}
    assert verdict(action, resource, resource_policies=given) == "yes"
    assert verdict(action, resource, resource_policies={carrier: None}) == "no"
    other = {carrier: policy(grant({"AWS": B}, action, f"{named}x"))}
    assert verdict(action, resource, resource_policies=other) == "no"


@pytest.mark.parametrize(("action", "resource", "rest"), CARRIED, ids=IDS)
def test_a_carrier_that_was_not_read_is_no_no(action, resource, rest):
    assert verdict(action, resource) == "unknown"
    assert verdict(action, resource, resource_policies={f"{resource}else": None}) == "unknown"


def test_a_model_package_without_a_group_has_nobodys_policy():
    alone = f"arn:aws:sagemaker:{EU}:model-package/alone"
    assert rules.policy_holder(alone) == alone


@pytest.mark.parametrize(
    ("action", "named", "expected"),
    [
        ("logs:FilterLogEvents", f"{GROUP}:*", "yes"),
        ("logs:FilterLogEvents", f"arn:aws:logs:{EU}:log-group:*", "yes"),
        ("logs:FilterLogEvents", GROUP, "no"),
        ("logs:FilterLogEvents", f"{GROUP}-other:*", "no"),
        ("logs:TagResource", GROUP, "yes"),
        ("logs:TagResource", f"{GROUP}:*", "no"),
    ],
)
def test_policies_name_a_log_group_with_a_star_behind_its_name(action, named, expected):
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html."""
    caller = user(allow(action, named))
    asked = Request(caller, action, GROUP)
    here = world(caller, resource_policies={f"arn:aws:logs:{EU}:resource-policies": None})
    assert str(decide(here, asked).answer.verdict) == expected


@pytest.mark.parametrize("service", sorted({place.service for place in places()}))
def test_every_service_whose_policies_are_read_may_have_one(service):
    assert rules.may_have_resource_policy(f"{service}:anything") or rules.service_is(
        "policies_are_shares", service
    )


@pytest.mark.parametrize("service", sorted({place.service for place in places()}))
def test_a_resource_that_is_on_no_line_has_no_policy_that_is_known(service):
    if rules.service_is("policies_are_shares", service):
        return
    arn = f"arn:aws:{service}:{EU}:key/one"
    found = policy_of(world(), Request(outside_account(B), f"{service}:Anything", arn))
    assert found is not None
