"""What a preflight finds out, asked of moto's server through a front that refuses."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from aws_server import Front, Request, ec2_error
from collector.actions import needed_by
from collector.collect import collect
from collector.declare import After, Limit, OnePage, Paginator, Token
from collector.denial import Denial
from collector.estimate import estimate
from collector.job import jobs_of
from collector.outcome import Outcome
from collector.parameters import filled_in
from collector.patience import Patience
from collector.preflight import preflight
from collector.preflight_result import Answer, Checked, Preflight
from collector.request import CollectError, CollectRequest
from collector.services import TYPES
from collector.snapshot.ledger import Status
from collector.trying import judged, small, tries_of
from tests.collector.gatekeeper import (
    ACCOUNT,
    ALLOWED,
    BY_SCP,
    DENIED,
    ROLE,
    SESSION,
    USER,
    Gatekeeper,
    because,
)

QUICK = Patience(first=0.01, longest=0.01)
NARROW = CollectRequest(services=("kms", "sns"), regions=("us-east-1",), patience=QUICK)


@pytest.fixture
def gate(front: Front) -> Gatekeeper:
    front.rule = Gatekeeper()
    return front.rule


def look(request: CollectRequest = NARROW) -> Preflight:
    return preflight(request)[1]


def answers(found: Preflight) -> dict[str, Answer]:
    return {".".join(answer.operation): answer for answer in found.answers}


def only(found: Preflight) -> Checked:
    (account,) = found.accounts
    return account


# The simulator


def test_what_the_simulator_says_is_taken_over(gate: Gatekeeper) -> None:
    gate.simulate = lambda action, _: DENIED if action == "kms:GetKeyPolicy" else ALLOWED
    found = answers(look())
    assert found["kms.get_key_policy"].answer == "denied"
    assert found["kms.get_key_policy"].denial == Denial("identity_policy", explicit=False)
    assert {a.answer for name, a in found.items() if name != "kms.get_key_policy"} == {"allowed"}
    assert all(a.source == "simulated" for name, a in found.items() if name != "kms.list_keys")


def test_its_twin_allows_everything(gate: Gatekeeper) -> None:
    gate.simulate = lambda *_: ALLOWED
    assert {answer.answer for answer in look().answers} == {"allowed"}


@pytest.mark.parametrize(
    ("verdict", "answer", "denial"),
    [
        ({"decision": "allowed", "scp": True, "boundary": True}, "allowed", Denial()),
        ({"decision": "explicitDeny"}, "denied", Denial("identity_policy", True)),
        ({"decision": "implicitDeny", "scp": False}, "denied", Denial("scp", False)),
        ({"decision": "explicitDeny", "scp": False}, "denied", Denial("scp", True)),
        ({"decision": "implicitDeny", "boundary": False}, "denied", Denial("boundary", False)),
        (
            {"decision": "implicitDeny", "scp": True, "boundary": True},
            "denied",
            Denial("identity_policy", False),
        ),
        ({"decision": "explicitDeny", "missing": ["aws:sourceip"]}, "unknown", Denial()),
    ],
)
def test_who_denies_is_told(
    gate: Gatekeeper, verdict: dict[str, Any], answer: str, denial: Denial
) -> None:
    gate.simulate = lambda action, _: verdict if action == "kms:GetKeyPolicy" else ALLOWED
    made = answers(look())["kms.get_key_policy"]
    assert (made.answer, made.denial) == (answer, denial)
    if answer == "unknown":
        assert "aws:sourceip" in made.message


def test_what_depends_on_the_request_is_tried_where_it_can_be(gate: Gatekeeper) -> None:
    gate.simulate = lambda *_: {"decision": "implicitDeny", "missing": ["aws:sourceip"]}
    found = answers(look())
    assert (found["sns.list_topics"].answer, found["sns.list_topics"].source) == (
        "allowed",
        "tried",
    )
    assert found["kms.get_key_policy"].answer == "unknown"


def test_the_simulation_is_about_an_open_region_and_encrypted(gate: Gatekeeper) -> None:
    gate.simulate = lambda *_: ALLOWED
    look()
    asked = gate.asked[0]
    entries = {
        asked[f"ContextEntries.member.{n}.ContextKeyName"]: asked[
            f"ContextEntries.member.{n}.ContextKeyValues.member.1"
        ]
        for n in (1, 2, 3)
    }
    assert entries["aws:RequestedRegion"] == "us-east-1"
    assert entries["aws:SecureTransport"] == "true"


def test_every_permission_is_asked_about_once_in_few_calls(gate: Gatekeeper) -> None:
    gate.simulate = lambda *_: ALLOWED
    look(CollectRequest(regions=("us-east-1",), services=("ec2", "iam", "s3", "kms", "rds")))
    names = [
        value
        for asked in gate.asked
        for key, value in asked.items()
        if key.startswith("ActionNames")
    ]
    assert max(Counter(names).values()) == 1
    assert len(gate.asked) == -(-len(names) // 100)


def test_an_action_that_iam_does_not_know_spoils_nothing_else(
    gate: Gatekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collector import actions

    table = dict(actions.operation_actions())
    table["kms", "get_key_policy"] = actions.Needed(("unknown:Action",), "Read")
    monkeypatch.setattr(actions, "operation_actions", lambda: table)
    gate.simulate = lambda *_: ALLOWED
    found = answers(look())
    assert found["kms.get_key_policy"].answer == "not tried"
    assert found["sns.get_topic_attributes"].answer == "allowed"


def test_api_gateway_is_simulated_by_path(gate: Gatekeeper) -> None:
    def simulate(_: str, resource: str) -> Any:
        return ALLOWED if resource.endswith("/stages") else DENIED

    if "apigateway" not in {declared.client for declared in TYPES.values()}:
        pytest.skip("API Gateway is not declared")
    gate.simulate = simulate
    gate.refuse = lambda request: because("x:Y") if request.service == "apigateway" else None
    found = answers(look(CollectRequest(services=("apigateway",), regions=("us-east-1",))))
    assert found["apigateway.get_stages"].answer == "allowed"
    assert found["apigateway.get_rest_apis"].answer == "denied"
    arns = [v for asked in gate.asked for k, v in asked.items() if k.startswith("ResourceArns")]
    assert arns
    assert not any("*" in arn for arn in arns)
    assert "arn:aws:apigateway:us-east-1::/restapis/example/stages" in arns


# Whose policies


@pytest.mark.parametrize(
    ("arn", "role", "simulated"),
    [
        (USER, "", USER),
        (SESSION, ROLE, ROLE),
        (SESSION, "", f"arn:aws:iam::{ACCOUNT}:role/auditor"),
        (f"arn:aws:iam::{ACCOUNT}:root", "", ""),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/bob", "", ""),
    ],
)
def test_the_policies_of_the_role_behind_a_session_are_simulated(
    gate: Gatekeeper, arn: str, role: str, simulated: str
) -> None:
    gate.arn, gate.role, gate.simulate = arn, role, lambda *_: ALLOWED
    account = only(look())
    assert account.simulated_as == simulated
    assert {asked["PolicySourceArn"] for asked in gate.asked} == ({simulated} - {""})
    assert account.ground.is_root == arn.endswith(":root")
    # Where nothing can be simulated it is tried.
    assert answers(look())["sns.list_topics"].answer == "allowed"


# Trying


def test_without_the_simulator_one_call_is_made_for_each_operation(
    gate: Gatekeeper, front: Front
) -> None:
    gate.refuse = lambda request: because("kms:ListKeys") if request.service == "kms" else None
    found = answers(look())
    assert found["kms.list_keys"].answer == "denied"
    assert found["kms.list_keys"].source == "tried"
    assert found["kms.list_keys"].denial == Denial("identity_policy", explicit=False)
    assert found["sns.list_topics"].answer == "allowed"
    assert found["kms.get_key_policy"].answer == "not tried"
    tried = [r.operation for r in front.asked if r.service in ("kms", "sns")]
    assert max(Counter(tried).values()) == 1


def test_denied_is_not_concluded_from_other_troubles(gate: Gatekeeper) -> None:
    gate.refuse = lambda request: (
        ec2_error("InternalError", "ow", 500) if request.service == "kms" else None
    )
    assert answers(look())["kms.list_keys"].answer == "unknown"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.OK, "allowed"),
        (Status.EMPTY, "allowed"),
        (Status.ABSENT, "allowed"),
        (Status.DENIED, "denied"),
        (Status.REGION_DENIED, "denied"),
        (Status.THROTTLED, "unknown"),
        (Status.UNREACHABLE, "unknown"),
        (Status.NOT_SUPPORTED, "unknown"),
        (Status.NOT_ENABLED, "unknown"),
        (Status.ERROR, "unknown"),
        (Status.EXPIRED, "unknown"),
    ],
)
def test_only_an_answer_or_a_refusal_says_something(status: Status, expected: str) -> None:
    assert judged(ACCOUNT, ("a", "b"), Outcome(status), "us-east-1").answer == expected


def test_a_simulation_that_aws_contradicts_is_not_believed(gate: Gatekeeper) -> None:
    """A session policy: the simulator does not see it."""
    gate.simulate = lambda *_: ALLOWED
    gate.refuse = lambda request: (
        because("kms:ListKeys", "session policy") if request.service in ("kms", "sns") else None
    )
    account = only(look())
    found = {".".join(a.operation): a for a in account.answers}
    assert account.contradicted
    assert found["kms.list_keys"].answer == "denied"
    assert found["sns.list_topics"].answer == "denied"
    assert found["sns.list_topics"].denial.by == "session_policy"
    assert found["kms.get_key_policy"].answer == "not tried"


def test_every_try_needs_nothing_that_is_not_known() -> None:
    jobs = jobs_of(ACCOUNT, "aws", "us-east-1", ["us-east-1"], list(TYPES), True)
    tries = tries_of(jobs)
    listed = {
        (declared.client, call.operation)
        for declared in TYPES.values()
        if not declared.listed_for and not declared.each_of
        for call in declared.lists
    }
    assert listed <= set(tries)
    for one in tries.values():
        job = jobs[0]
        params = filled_in(one.call.params, {}, {}, job)
        assert None not in params.values(), one.operation


@pytest.mark.parametrize(
    ("paging", "expected"),
    [
        (Paginator(1000), Paginator(20)),
        (Paginator(5), Paginator(5)),
        (Paginator(), Paginator()),
        (Token("A", "B", ("Max", 100)), Token("A", "B", ("Max", 20))),
        (Token("A", "B"), Token("A", "B")),
        (After("A", "More", "Id", ("Limit", 100)), After("A", "More", "Id", ("Limit", 20))),
        (After("A", "More"), After("A", "More")),
        (OnePage(), OnePage()),
    ],
)
def test_a_small_page_is_asked_for_where_a_size_is_sent(paging: Any, expected: Any) -> None:
    assert small(paging) == expected


# Regions and accounts


def test_a_region_that_the_organisation_closes_is_told(gate: Gatekeeper) -> None:
    request = CollectRequest(services=("ec2:vpc",), regions=("us-east-1", "eu-west-1", "eu-west-2"))

    def refuse(asked: Request) -> str | None:
        if asked.operation != "DescribeVpcs":
            return None
        return {"eu-west-1": BY_SCP, "eu-west-2": because("ec2:DescribeVpcs")}.get(asked.region)

    gate.refuse = refuse
    states = {state.name: state.state for state in only(look(request)).regions}
    assert states == {"us-east-1": "open", "eu-west-1": "closed", "eu-west-2": "unknown"}
    gate.refuse = lambda _: None
    assert {state.state for state in only(look(request)).regions} == {"open"}


def test_what_is_open_is_tried_in_an_open_region(gate: Gatekeeper) -> None:
    request = CollectRequest(services=("ec2:vpc", "sns"), regions=("eu-west-1", "us-east-1"))
    gate.refuse = lambda asked: BY_SCP if asked.region == "eu-west-1" else None
    found = answers(look(request))
    assert found["ec2.describe_vpcs"].answer == "allowed"
    assert found["sns.list_topics"].region == "us-east-1"


def test_every_account_is_looked_at_and_the_one_that_is_shut_is_named(
    gate: Gatekeeper, world
) -> None:
    request = CollectRequest(organisation=True, services=("sns",), regions=("us-east-1",))
    gate.arn = USER
    seen, found = preflight(request)
    assert {account.ground.account_id for account in found.accounts} == {ACCOUNT, world.prod}
    assert all(answer.answer != "denied" for answer in found.answers)
    gate.refuse = lambda asked: (
        because("sts:AssumeRole") if asked.operation == "AssumeRole" else None
    )
    seen, found = preflight(request)
    assert {account.ground.account_id for account in found.accounts} == {ACCOUNT}
    assert {account.account_id for account in seen.left_out} == {world.prod}


def test_nothing_can_be_collected_only_when_everything_is_denied(gate: Gatekeeper) -> None:
    gate.refuse = lambda asked: because("x:Y") if asked.service in ("kms", "sns") else None
    assert look().nothing_can_be_collected
    gate.refuse = lambda asked: because("x:Y") if asked.service == "kms" else None
    assert not look().nothing_can_be_collected


def test_a_network_that_goes_away_is_said(gate: Gatekeeper, front: Front) -> None:
    """The front closes every connection without an answer once it was asked for keys."""
    gone: list[Request] = []

    def rule(request: Request) -> Any:
        if gone or request.service == "kms":
            gone.append(request)
            raise ConnectionAbortedError
        return gate(request)

    front.rule = rule
    request = CollectRequest(services=("kms",), patience=QUICK)
    with pytest.raises(CollectError, match="cannot be reached any more"):
        look(request)
    front.rule = gate
    assert [state.state for state in only(look()).regions] == ["open"]


# How much


def test_the_estimate_is_what_an_empty_account_costs(
    gate: Gatekeeper, front: Front, tmp_path
) -> None:
    """Every call that a collection makes there, but for those that look around."""
    region = "eu-north-1"
    request = CollectRequest(
        services=("sns", "sqs", "rds", "secretsmanager"),
        regions=(region,),
        path=tmp_path / "snapshot",
        redaction_key=b"k" * 32,
    )
    made = look(request).estimate
    front.asked.clear()
    result = collect(request)
    asked = [r for r in front.asked if r.region == region]
    assert made.calls == len(asked) <= result.calls
    assert made.seconds > 0
    assert made.latency


def test_a_published_limit_may_decide_how_long_it_takes() -> None:
    jobs = jobs_of(ACCOUNT, "aws", "us-east-1", ["us-east-1"], ["sns:topic", "sqs:queue"], True)
    free = estimate(jobs, [0.1], 16, {})
    assert free.held_up_by == ""
    slow = {"sns": (Limit(rate=0.01, burst=1, source="x"),)}
    held = estimate(jobs, [0.1], 16, slow)
    assert held.held_up_by == "sns"
    assert held.seconds == pytest.approx(100)
    assert held.calls == free.calls


def test_the_median_of_what_was_measured_counts() -> None:
    jobs = jobs_of(ACCOUNT, "aws", "us-east-1", ["us-east-1"], ["sns:topic"], True)
    assert estimate(jobs, [0.1, 9.0, 0.2], 1, {}).latency == 0.2
    assert estimate(jobs, [], 1, {}).latency is None


def test_a_preflight_only_reads(gate: Gatekeeper, front: Front) -> None:
    gate.simulate = None
    look(CollectRequest(regions=("us-east-1",), services=("iam", "ec2", "s3", "kms")))
    assert "GenerateCredentialReport" not in {r.operation for r in front.asked}
    assert needed_by("iam", "generate_credential_report")
