"""Each flip changes what it says it touches. Runs over the fixed world, one thing at a time."""

from __future__ import annotations

import pytest

from mapper.demo.world.facts import Thing
from tests.demo.conftest import Built
from tests.demo.looking import look

# The worlds are built once in each worker that needs them.
pytestmark = pytest.mark.xdist_group("demo-worlds")

FLIPPED = (
    "alice", "quarantine-migration-admin", "dev-web-alb", "dev-intranet-alb",
    "shared-deploy-hub", "dev-job-runner", "prod-datadog-integration",
    "shared-partner-reports", "shared-partner-archive", "security-breakglass",
    "security-pipeline", "security-contractor", "security-release-bot", "security-build-bot",
    "prod-bastion", "prod-batch", "prod-ledger", "prod-worker", "prod-idle", "prod-reporter",
    "prod-console", "prod-edge", "prod-crawler", "shared-relay", "prod-broker",
    "prod-metrics", "dev-legacy-clb", "dev-backoffice-clb", "prod-downloads-444444",
    "prod-exports-444444", "security-evidence-222222", "dev-assets-555555", "dev-uploads-555555",
    "shared-partner-drop-333333", "shared-partner-old-333333", "dev-orders",
    "dev-alerts", "prod-news", "prod-billing", "shared-exchange-key",
    "shared-volumes-key", "shared-partner-api", "shared-ledger-db",
    "dev-webhook", "dev-preview", "prod-resize", "prod-scan", "shared-base-image",
    "shared-toolbox", "shared-golden-image", "shared-appliance-image",
    "prod-appdata", "prod-handover", "prod-warehouse", "prod-orders-export",
    "prod-orders-nightly", "prod-ledger-audit", "prod-ledger-weekly", "shared-core-tgw",
    "shared-lab-tgw", "prod-audit-trail-444444", "prod-invoices-444444",
    "prod-contracts-444444",
)  # fmt: skip


def test_every_thing_that_can_be_flipped_is_flipped_here(fixed: Built) -> None:
    able = {thing.name for thing in fixed.world.things if thing.flip is not None}
    assert able == set(FLIPPED)


@pytest.mark.parametrize("name", FLIPPED)
def test_a_flip_changes_what_it_touches(fixed: Built, name: str) -> None:
    world = fixed.world
    thing = world.thing(name)
    before = [look(world, touch) for touch in thing.touches]
    world.flip(name)
    after = [look(world, touch) for touch in thing.touches]
    assert after != before
    _check(fixed, thing)


def _check(fixed: Built, thing: Thing) -> None:
    """For one thing of each kind: the control itself, as the API shows it."""
    clients = fixed.world.clients
    touch = thing.touches[0]
    if thing.name == "prod-idle":
        ec2 = clients(touch.account_id, "ec2", touch.region)
        states = {
            instance["State"]["Name"]
            for group in ec2.describe_instances()["Reservations"]
            for instance in group["Instances"]
        }
        assert states == {"running"}
    elif thing.name == "dev-intranet-alb":
        elb = clients(touch.account_id, "elbv2", touch.region)
        (balancer,) = elb.describe_load_balancers(Names=[thing.name])["LoadBalancers"]
        assert balancer["Scheme"] == "internet-facing"
        targets = {row.id for row in fixed.world.expected() if row.thing == thing.name}
        assert balancer["LoadBalancerArn"] in targets
        listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])
        assert len(listeners["Listeners"]) == 1
    elif thing.name == "security-pipeline":
        role = clients(touch.account_id, "iam").get_role(RoleName=thing.name)["Role"]
        assert "PermissionsBoundary" not in role
    elif thing.name == "prod-warehouse":
        ec2 = clients(touch.account_id, "ec2", touch.region)
        assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    elif thing.name == "dev-preview":
        policy = clients(touch.account_id, "lambda", touch.region).get_policy(
            FunctionName=thing.name
        )["Policy"]
        assert "lambda:FunctionUrlAuthType" in policy
        assert "lambda:InvokedViaFunctionUrl" in policy


def test_what_has_no_control_says_so(fixed: Built) -> None:
    with pytest.raises(KeyError, match="no control"):
        fixed.world.flip("mapper-assessor")
